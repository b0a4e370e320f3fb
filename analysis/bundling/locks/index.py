"""Planners' locks on the positions of a problem: what each asks of its units, and which none can meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Literal

import numpy as np

from analysis.bundling.evaluation.feasibility import find_leader_obstacles, plan_faults
from analysis.bundling.locks.locks import LEADER_KINDS, Lock, LockError
from analysis.bundling.model.plan import LEFT_OVER, Plan
from analysis.bundling.model.problem import Problem
from geo.messages import load_catalogue

say = load_catalogue(__file__)


@dataclass(frozen=True)
class PairConstraint:
    """A lock between two units.

    Parameters
    ----------
    a, b
        Positions; the second may be an anchor.
    kind
        "together": in one area or both in none; "joined": `a` is where `b` is, or in none when
        that cannot be; "apart": never in one area.
    number
        Of the lock it comes from.
    """

    a: int
    b: int
    kind: Literal["together", "joined", "apart"]
    number: int


@dataclass(frozen=True, eq=False)
class KeptArea:
    """An area that stays as it is: members (ascending, anchor included), anchor (−1 none).

    In mode "area" with `led`, positions of a unit and of who leads it (−1 = nobody); None = leaders may change.
    """

    members: np.ndarray
    anchor: int
    number: int
    led: tuple[tuple[int, int], ...] | None = None


@dataclass(frozen=True, eq=False)
class IndexedLocks:
    """Locks on the positions of a problem.

    Parameters
    ----------
    pair_constraints
        Between two units.
    kept
        Areas that stay.
    void
        Locks no plan can meet, by number, each with the rules its area breaks; none where it asks for
        units the problem does not decide about, or for what other locks forbid. They are neither
        among `pair_constraints` nor `kept`.
    held
        Units that are therefore in no area, by position, each with the number of the lock.
    led_by, not_led_by
        Positions of a unit and of the anchor that leads it (−1 = nobody may), or does not, mode "area".
        Where a lock of the first kind cannot be met nobody else leads the unit either.
    leads_nobody
        Positions of anchors that lead nobody, mode "area".
    """

    pair_constraints: tuple[PairConstraint, ...] = ()
    kept: tuple[KeptArea, ...] = ()
    void: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    held: Mapping[int, int] = field(default_factory=dict)
    led_by: tuple[tuple[int, int], ...] = ()
    not_led_by: tuple[tuple[int, int], ...] = ()
    leads_nobody: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything is locked that plans must heed."""
        of_leaders = self.led_by or self.not_led_by or self.leads_nobody
        return bool(self.pair_constraints or self.kept or self.held or of_leaders)


NO_LOCKS = IndexedLocks()


def index_locks(problem: Problem, locks: Sequence[Lock]) -> IndexedLocks:
    """Locks on the positions of a problem; their numbers are their places in `locks`.

    Locks are hard: one that no plan can meet holds the units it speaks of out of every area, and so
    on for locks that ask for these. Anchors are held only with an area that was to stay, or where
    they are locked to another anchor. Locks of kind "out" are not among them: see
    :func:`presolve.exclude_locked_out`.

    Parameters
    ----------
    problem
        The problem.
    locks
        Their numbers are their places here.

    Raises
    ------
    LockError
        If one says who leads whom and the problem's mode has no leaders inside areas.
    """
    _refuse_leader_locks(problem, locks)
    position = {str(unit): i for i, unit in enumerate(problem.unit_ids)}
    pair_constraints: list[PairConstraint] = []
    kept: dict[tuple[bytes, int], KeptArea] = {}  # an area that two locks keep is there once
    void: dict[int, tuple[str, ...]] = {}
    held: dict[int, int] = {}
    for number, lock in enumerate(locks):
        if lock.kind in LEADER_KINDS:
            continue
        found = _index_lock(problem, position, lock, number)
        if isinstance(found, PairConstraint):
            pair_constraints.append(found)
        elif isinstance(found, KeptArea):
            kept.setdefault((found.members.tobytes(), found.anchor), found)
        elif found is not None:
            void[number] = ()
            held |= dict.fromkeys(found, number)
    if problem.rules.mode != "area":
        return _drop_conflicting(problem, pair_constraints, list(kept.values()), void, held)
    leading = _index_leader_locks(problem, position, locks, list(kept.values()))
    void |= leading.void
    pair_constraints += leading.pair_constraints
    found_locks = _drop_conflicting(problem, pair_constraints, list(kept.values()), void, held)
    of_kept = [pair for area in found_locks.kept for pair in area.led or ()]
    return replace(
        found_locks,
        led_by=(*leading.led_by, *of_kept),
        not_led_by=leading.not_led_by,
        leads_nobody=leading.leads_nobody,
    )


def _index_lock(
    problem: Problem, position: Mapping[str, int], lock: Lock, number: int
) -> PairConstraint | KeptArea | list[int] | None:
    """What a lock asks of positions: a constraint or an area; whom it holds out where it cannot be met."""
    if lock.kind == "out":
        return None
    others = [lock.with_unit_id] if lock.with_unit_id else []
    places = [position.get(unit, -1) for unit in (*lock.unit_ids, *others)]
    own = [place for place in places[: len(lock.unit_ids)] if place >= 0]
    is_all_there = -1 not in places
    if lock.kind == "area_kept" and problem.rules.mode == "area":
        led = _kept_leaders(lock, position, own)
        is_led = led is None or all(unit >= 0 for unit, _ in led)
        return KeptArea(np.array(sorted(places)), -1, number, led) if is_all_there and is_led else own
    if lock.kind == "area_kept":
        anchor = position.get(lock.anchor_unit_id or "", -1)
        is_led = lock.anchor_unit_id is None or anchor in own
        return KeptArea(np.array(sorted(places)), anchor, number) if is_all_there and is_led else own
    if lock.kind == "apart":
        return PairConstraint(places[0], places[1], "apart", number) if is_all_there else None
    if is_all_there:
        return _constraint(problem, places[0], places[1], lock.kind, number) or own
    return [place for place in own if problem.is_target[place] or problem.rules.mode == "area"]


def _drop_conflicting(
    problem: Problem,
    pair_constraints: Sequence[PairConstraint],
    kept: Sequence[KeptArea],
    void: Mapping[int, tuple[str, ...]],
    held: Mapping[int, int],
) -> IndexedLocks:
    """The locks without those that rules or other locks forbid, all that these ask for held out."""
    asked = [
        (constraint.number, end, other)
        for constraint in pair_constraints
        for end, other in ((constraint.a, constraint.b), (constraint.b, constraint.a))
        if constraint.kind == "together" or (constraint.kind == "joined" and end == constraint.a)
    ]
    separated = [constraint for constraint in pair_constraints if constraint.kind == "apart"]
    void, held = dict(void), dict(held)
    broken = _violated_rules(problem, kept)
    lost = set(broken)
    while True:
        at = {unit: area.number for area in kept for unit in area.members.tolist()}
        lost |= {at[unit] for unit in held if unit in at}
        lost |= {at[end] for _, end, other in asked if end in at and at.get(other) != at[end]}
        lost |= {
            at[constraint.a]
            for constraint in separated
            if constraint.a in at and at[constraint.a] == at.get(constraint.b)
        }
        gone = {
            end: number
            for number, end, other in asked
            if (other in held or other in at) and end not in held and end not in at
        }
        if not lost and not gone:
            break
        gone |= {u: area.number for area in kept if area.number in lost for u in area.members.tolist()}
        void |= {number: broken.get(number, ()) for number in (*lost, *gone.values())}
        held = gone | held
        kept, lost = [area for area in kept if area.number not in lost], set()
    void = dict.fromkeys((number for number, end, _ in asked if end in held), ()) | void
    left = tuple(constraint for constraint in pair_constraints if constraint.number not in void)
    return IndexedLocks(left, tuple(kept), void, held)


def _violated_rules(problem: Problem, kept: Sequence[KeptArea]) -> dict[int, tuple[str, ...]]:
    """Rules that areas break as they are to stay, by number of the lock; () for areas that overlap."""
    times = np.zeros(problem.n_units, dtype=np.int64)
    for area in kept:
        times[area.members] += 1
    single = [area for area in kept if (times[area.members] == 1).all()]
    area_of = np.full(problem.n_units, LEFT_OVER)
    for k, area in enumerate(single):
        area_of[area.members] = k
    anchors = np.array([area.anchor for area in single], dtype=np.int64)
    broken: dict[int, tuple[str, ...]] = {area.number: () for area in kept if (times[area.members] > 1).any()}
    for fault in plan_faults(problem, _kept_plan(problem, area_of, anchors, single)):
        area = single[fault.area]
        if fault.rule == "reach" and area.led is None and all(_could_be_led(problem, u, area) for u in fault.units):
            continue  # whoever is led may be farther away; the search tells
        broken[area.number] = tuple(dict.fromkeys((*broken.get(area.number, ()), fault.rule)))
    return broken


def _kept_plan(problem: Problem, area_of: np.ndarray, anchors: np.ndarray, kept: Sequence[KeptArea]) -> Plan:
    """The areas kept, with the leaders that locks name."""
    if problem.rules.mode != "area":
        return Plan(area_of, anchors)
    leader_of = np.full(problem.n_units, -1, dtype=np.int64)
    for area in kept:
        for unit, leader in area.led or ():
            leader_of[unit] = leader
    return Plan(area_of, anchors, leader_of)


def _could_be_led(problem: Problem, unit: int, area: KeptArea) -> bool:
    """Whether some anchor of a kept area is near and large enough to lead a unit of it."""
    anchors = area.members[np.isin(area.members, problem.anchors)]
    return any(not find_leader_obstacles(problem, unit, int(anchor)) for anchor in anchors)


def _kept_leaders(
    lock: Lock, position: Mapping[str, int], members: Sequence[int]
) -> tuple[tuple[int, int], ...] | None:
    """The leaders that a kept area has, −1 = nobody; an anchor that it was known by leads all others.

    None where the lock leaves leaders open; a unit of −1 says that it names one that is not in the area.
    """
    led = None if lock.led is None else dict(lock.led)
    if led is None and lock.anchor_unit_id is not None:
        led = {unit: lock.anchor_unit_id for unit in lock.unit_ids if unit != lock.anchor_unit_id}
    if led is None:
        return None
    inside = set(members)
    named = [(position.get(unit, -1), position.get(leader, -1)) for unit, leader in sorted(led.items())]
    if any(unit not in inside or leader not in inside for unit, leader in named):
        return ((-1, -1),)
    others = sorted(inside - {unit for unit, _ in named})
    return (*named, *((unit, -1) for unit in others))


@dataclass(frozen=True)
class _LeaderLocks:
    """Locks of who leads whom, on positions."""

    pair_constraints: tuple[PairConstraint, ...]
    void: Mapping[int, tuple[str, ...]]
    led_by: tuple[tuple[int, int], ...]
    not_led_by: tuple[tuple[int, int], ...]
    leads_nobody: frozenset[int]


def _index_leader_locks(
    problem: Problem, position: Mapping[str, int], locks: Sequence[Lock], kept: Sequence[KeptArea]
) -> _LeaderLocks:
    """Who leads whom as locks of those kinds and areas that are kept say, without what cannot be met."""
    idle = frozenset(position[lock.unit_ids[0]] for lock in _of_kind(locks, "leads_nobody", position))
    never = tuple(_ends(lock, position) for lock in _of_kind(locks, "not_led_by", position))
    parted = {frozenset(position.get(unit, -1) for unit in lock.unit_ids) for lock in locks if lock.kind == "apart"}
    fixed = {unit: leader for area in kept for unit, leader in area.led or ()}
    wanted = [
        (number, *_ends(lock, position))
        for number, lock in enumerate(locks)
        if lock.kind == "led_by"  # a unit that is not planned for has no place
    ]
    void: dict[int, tuple[str, ...]] = {}
    for number, unit, anchor in wanted:
        is_there = min(unit, anchor) >= 0
        is_barred = (unit, anchor) in never or anchor in idle or frozenset((unit, anchor)) in parted
        rules = find_leader_obstacles(problem, unit, anchor) if is_there else ()
        if not is_there or rules or is_barred or fixed.get(unit, anchor) != anchor:
            void[number] = rules
    for (one, unit, anchor), (two, other, leader) in combinations(wanted, 2):
        if unit == other and anchor != leader:
            void |= dict.fromkeys((one, two), ())
    return _LeaderLocks(
        tuple(PairConstraint(unit, anchor, "joined", number) for number, unit, anchor in wanted if number not in void),
        void,
        tuple((unit, anchor) for _, unit, anchor in wanted if unit >= 0),
        tuple(pair for pair in never if min(pair) >= 0),
        idle,
    )


def _of_kind(locks: Sequence[Lock], kind: str, position: Mapping[str, int]) -> list[Lock]:
    """Locks of a kind whose unit is planned for."""
    return [lock for lock in locks if lock.kind == kind and lock.unit_ids[0] in position]


def _ends(lock: Lock, position: Mapping[str, int]) -> tuple[int, int]:
    """Positions of a lock's unit and of the anchor it names, −1 where it is not planned for."""
    return position.get(lock.unit_ids[0], -1), position.get(lock.with_unit_id or "", -1)


def _refuse_leader_locks(problem: Problem, locks: Sequence[Lock]) -> None:
    mode = problem.rules.mode
    found = [lock for lock in locks if lock.kind in LEADER_KINDS or lock.led is not None]
    if not found or mode == "area":
        return
    kinds = ", ".join(dict.fromkeys(lock.kind if lock.led is None else "led" for lock in found))
    raise LockError(*say("error.leader_locks", kinds=kinds, mode=mode, n=len(found)))


def is_pair_satisfied(constraint: PairConstraint, plan: Plan) -> bool:
    """Whether a plan obeys a lock between two units.

    Parameters
    ----------
    constraint
        Between two units.
    plan
        A plan over the same positions.
    """
    a, b = int(plan.area_of[constraint.a]), int(plan.area_of[constraint.b])
    if constraint.kind == "apart":
        return a != b or a < 0
    return a == b and (a >= 0 or constraint.kind == "together")


def _constraint(problem: Problem, a: int, b: int, kind: str, number: int) -> PairConstraint | None:
    """A constraint whose first unit is a target; None between two anchors, which no area holds but in mode "area"."""
    if problem.rules.mode == "area" and a != b:
        return PairConstraint(a, b, "joined" if kind == "in_area" else "together", number)
    if not problem.is_target[a]:
        a, b = b, a
    if not problem.is_target[a] or a == b:
        return None
    is_joined = kind == "in_area" or not problem.is_target[b]
    return PairConstraint(a, b, "joined" if is_joined else "together", number)
