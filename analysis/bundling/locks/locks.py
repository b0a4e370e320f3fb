"""Planners' locks: read, checked, and put onto the positions of a problem."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from analysis.bundling.evaluation.feasibility import find_leader_obstacles, plan_faults
from analysis.bundling.model.plan import LEFT_OVER, Plan
from analysis.bundling.model.problem import Problem
from geo.errors import PlanningError
from geo.messages import load_catalogue

say = load_catalogue(__file__)

RULE_OF: Mapping[str, str] = MappingProxyType(
    {
        "in_area": "L01",
        "area_kept": "L02",
        "together": "L03",
        "apart": "L04",
        "out": "L05",
        "led_by": "L06",
        "not_led_by": "L07",
        "leads_nobody": "L08",
    }
)
"""Rule id of each kind of lock."""

LEADER_KINDS = ("led_by", "not_led_by", "leads_nobody")
"""Kinds that settle who leads whom inside an area: mode "area" only."""

WITH_ANOTHER = ("in_area", "led_by", "not_led_by")
"""Kinds that name a second unit apart from their own."""


class LockError(PlanningError, ValueError):
    """Locks are malformed or name what is not there; all faults are named together."""


@dataclass(frozen=True)
class Lock:
    """One thing that is settled.

    Parameters
    ----------
    kind
        "in_area": the unit is in the area of `with_unit_id`; "area_kept": the units are an area,
        and nobody else is in it; "together", "apart": the two units; "out": the unit is in no area;
        "led_by", "not_led_by": the anchor `with_unit_id` leads the unit, or does not; "leads_nobody": the
        unit leads none.
    unit_ids
        The units it is about.
    with_unit_id
        "in_area": the anchor of the area, or the hub of one without: what the area is known by,
        for numbers of areas change from plan to plan. "led_by", "not_led_by": the anchor.
    anchor_unit_id
        "area_kept": its anchor, None where it has none.
    note
        Why, in the planner's words.
    led
        "area_kept" in mode "area": who leads whom inside, as pairs of a unit and its leader, and nobody
        else is led; None = leaders may change.
    """

    kind: str
    unit_ids: tuple[str, ...]
    with_unit_id: str | None = None
    anchor_unit_id: str | None = None
    note: str | None = None
    led: tuple[tuple[str, str], ...] | None = None

    @property
    def rule(self) -> str:
        """Its rule id, L01-L08."""
        return RULE_OF[self.kind]


def read_locks(raw: Any, *, known: Iterable[str], document: Mapping[str, Any] | None = None) -> tuple[Lock, ...]:
    """Locks of a file or of a plan, each once, in their order.

    Parameters
    ----------
    raw
        A list of objects, or an object with such a list under "locks". Each has a `kind` and
        `unit_ids` (or `unit_id`); "in_area" names the area by `with_unit_id` or `area_id`,
        "area_kept" by `area_id` or by its units and `anchor_unit_id`; `led` of "area_kept" maps units to
        their leaders, or is true for those of the area named.
    known
        Ids of all units of the dataset.
    document
        The plan whose `area_id`s are meant; without one they cannot be used.

    Raises
    ------
    LockError
        With up to five of the faults in one sentence.

    Examples
    --------
    >>> read_locks([{"kind": "out", "unit_id": "a"}], known=["a"])
    (Lock(kind='out', unit_ids=('a',), with_unit_id=None, anchor_unit_id=None, note=None, led=None),)
    """
    rows = raw.get("locks") if isinstance(raw, Mapping) else raw
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise _lock_error(["no list of locks"])
    areas = {area["area_id"]: area for area in document["areas"]} if document else {}
    ids, faults, locks = set(known), [], []
    for k, row in enumerate(rows):
        found = _read_lock(row, ids, areas)
        if isinstance(found, str):
            faults.append(f"locks[{k}]: {found}")
        else:
            locks.append(found)
    if faults:
        raise _lock_error(faults)
    return tuple(dict.fromkeys(locks))


def lock_documents(locks: Iterable[Lock]) -> list[dict[str, Any]]:
    """The `locks` of PLAN.json."""
    return [
        {
            "kind": lock.kind,
            "unit_ids": list(lock.unit_ids),
            **({"with_unit_id": lock.with_unit_id} if lock.kind in WITH_ANOTHER else {}),
            **({"anchor_unit_id": lock.anchor_unit_id} if lock.kind == "area_kept" else {}),
            **({} if lock.led is None else {"led": dict(lock.led)}),
            **({"note": lock.note} if lock.note else {}),
        }
        for lock in locks
    ]


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


def areas_by_units(area_of: Mapping[str, int], leads: Sequence[str | None]) -> set[tuple[frozenset[str], str | None]]:
    """Areas as their units and anchor, from the area of each unit by id and the anchor of each area.

    Parameters
    ----------
    area_of
        Area number of each unit id.
    leads
        Unit id of the anchor of each area, None = it has none.
    """
    members: dict[int, list[str]] = {}
    for unit, area in area_of.items():
        members.setdefault(area, []).append(unit)
    return {(frozenset(units), leads[area]) for area, units in members.items()}


def is_lock_satisfied(
    lock: Lock,
    area_of: Mapping[str, int],
    areas: Container[tuple[frozenset[str], str | None]],
    leader_of: Mapping[str, str] | None = None,
) -> bool:
    """Whether a plan, told by unit ids, is as a lock asks; `areas` as of :func:`areas_by_units`.

    Parameters
    ----------
    lock
        The lock.
    area_of
        Area number of each unit id that is in one.
    areas
        As of `areas_by_units`.
    leader_of
        Who leads each unit that is led, where areas have leaders inside; None in other modes.

    Examples
    --------
    >>> lock = Lock("together", ("a", "b"))
    >>> [is_lock_satisfied(lock, of, ()) for of in ({"a": 0, "b": 0}, {"a": 0}, {})]
    [True, False, True]
    """
    if lock.kind in LEADER_KINDS:
        return _is_leader_lock_satisfied(lock, leader_of or {})
    if lock.kind == "area_kept" and leader_of is not None:
        return (frozenset(lock.unit_ids), None) in areas and _keeps_leaders(lock, leader_of)
    if lock.kind == "area_kept":
        return (frozenset(lock.unit_ids), lock.anchor_unit_id) in areas
    if lock.kind == "out":
        return not any(unit in area_of for unit in lock.unit_ids)
    one, other = (*lock.unit_ids, lock.with_unit_id or "")[:2]
    is_same = area_of.get(one) == area_of.get(other)
    if lock.kind == "apart":
        return not is_same or one not in area_of
    return is_same and (one in area_of or lock.kind == "together")


def _is_leader_lock_satisfied(lock: Lock, leader_of: Mapping[str, str]) -> bool:
    if lock.kind == "leads_nobody":
        return not any(leader in lock.unit_ids for leader in leader_of.values())
    return (leader_of.get(lock.unit_ids[0]) == lock.with_unit_id) == (lock.kind == "led_by")


def _keeps_leaders(lock: Lock, leader_of: Mapping[str, str]) -> bool:
    """Whether leaders inside a kept area are as the lock tells, where it does."""
    now = {unit: leader_of[unit] for unit in lock.unit_ids if unit in leader_of}
    if lock.led is not None:
        return now == dict(lock.led)
    return lock.anchor_unit_id is None or lock.anchor_unit_id in now.values()


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


def _read_lock(row: Any, known: set[str], areas: Mapping[str, Mapping[str, Any]]) -> Lock | str:
    """A lock, or what is wrong with it."""
    if not isinstance(row, Mapping) or row.get("kind") not in RULE_OF:
        return f"kind must be one of {', '.join(RULE_OF)}"
    kind, area = row["kind"], areas.get(row.get("area_id", ""))
    if "area_id" in row and area is None and not ("with_unit_id" in row or "unit_ids" in row):
        return f"there is no area {row['area_id']} in the plan it is read with"
    units = row.get("unit_ids", [row["unit_id"]] if "unit_id" in row else [])
    if kind == "area_kept" and area is not None and not units:
        units = area["unit_ids"]
    if not isinstance(units, Sequence) or isinstance(units, str):
        return "unit_ids is no list"
    anchor = row.get("anchor_unit_id", area["anchor_unit_id"] if area else None)
    with_unit = row.get("with_unit_id")
    if kind == "in_area" and with_unit is None and area is not None:
        with_unit = _area_representative(area, units)
    led = row.get("led") if kind == "area_kept" else None
    if led is True:
        led = None if area is None else area.get("led")
    if led is not None and not isinstance(led, Mapping):
        return "led is no map of units to their leaders"
    inside = [*led, *led.values()] if led else []
    named = [*units, *(unit for unit in (with_unit, anchor) if unit is not None), *inside]
    fault = _lock_fault(kind, list(units), with_unit, named, known)
    if fault:
        return fault
    ids = tuple(dict.fromkeys(str(unit) for unit in units))
    return Lock(
        kind,
        ids if kind == "in_area" else tuple(sorted(ids)),
        str(with_unit) if kind in WITH_ANOTHER else None,
        str(anchor) if kind == "area_kept" and anchor is not None else None,
        str(row["note"]) if row.get("note") else None,
        None if led is None else tuple(sorted((str(unit), str(leader)) for unit, leader in led.items())),
    )


def _lock_fault(kind: str, units: list[Any], with_unit: Any, named: list[Any], known: set[str]) -> str | None:
    missing = [str(unit) for unit in named if str(unit) not in known]
    if missing:
        return f"no unit {', '.join(missing[:3])}"
    wanted = 2 if kind in ("together", "apart") else None if kind == "area_kept" else 1
    if wanted is not None and len(set(units)) != wanted:
        return f"{kind} needs {wanted} unit{'s' if wanted > 1 else ''}, not {len(set(units))}"
    if kind == "area_kept" and not units:
        return "area_kept needs units or an area_id"
    if kind == "in_area" and (with_unit is None or with_unit in units):
        return "in_area needs with_unit_id or area_id, another unit than its own"
    if kind in ("led_by", "not_led_by") and (with_unit is None or with_unit in units):
        return f"{kind} needs with_unit_id, the anchor, another unit than its own"
    return None


def _area_representative(area: Mapping[str, Any], units: Sequence[str]) -> str | None:
    """What an area is known by: its anchor, else its first unit that is not the locked one."""
    if area["anchor_unit_id"] is not None:
        return str(area["anchor_unit_id"])
    return next((unit for unit in area["unit_ids"] if unit not in units), None)


def _lock_error(faults: list[str]) -> LockError:
    shown = "; ".join(faults[:5])
    return LockError(*say("error.faults", n=len(faults), shown=shown))
