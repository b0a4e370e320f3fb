"""The smallest change that makes a plan edited by hand keep every rule again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from analysis.bundling.evaluation.company_allowance import allowance_at_anchors, company_of_anchor
from analysis.bundling.evaluation.feasibility import (
    Fault,
    anchor_index,
    find_connected_pieces,
    main_piece,
    max_areas_of,
    may_take,
    neighbours,
    plan_faults,
)
from analysis.bundling.locks.index import NO_LOCKS, IndexedLocks, KeptArea, is_pair_satisfied
from analysis.bundling.locks.presolve import exclude_units
from analysis.bundling.model.plan import LEFT_OVER, Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.reassign.assignment_mip import AreaSlot, Reassignment, ReassignmentTask, SolveLimits, reassign

RINGS = (1, 2, 4)
"""How far from the faults changes are looked for, in areas and in units, one after the other."""
MAX_NEW_AREAS = 2
"""Areas without an anchor that a repair may found."""
SMALL = 400
"""Pairs of a unit and a place that are few enough to look at all of them at once."""
_GONE = -2  # home of a unit that cannot stay: every place is a move


@dataclass(frozen=True)
class Move:
    """One unit that changes its area.

    Parameters
    ----------
    unit
        Position in the problem.
    source, target
        Numbers of areas in the plan given and in the plan made, −1 = none.
    fault
        The broken rule that makes the unit move, or makes room for one that must; None where only
        a lock asks for it.
    lock
        Number of the lock that asks for it, None for none.
    """

    unit: int
    source: int
    target: int
    fault: Fault | None
    lock: int | None = None


@dataclass(frozen=True, eq=False)
class Repair:
    """A plan that keeps the rules, and how it differs from the one given.

    Parameters
    ----------
    plan
        Areas of the plan given keep their numbers, also when they end with no unit; new ones come
        after them.
    moves
        In the order of the units. An anchor is never moved: it leads or is idle.
    unmet
        Numbers of the locks that cannot be met together with the rules.
    is_proven
        No repair moves fewer units, nor as few at less cost, that founds at most `MAX_NEW_AREAS` areas and gives an
        area only what its former members reach.
    """

    plan: Plan
    moves: tuple[Move, ...]
    unmet: tuple[int, ...]
    is_proven: bool


def repair(
    problem: Problem, plan: Plan, locks: IndexedLocks = NO_LOCKS, *, effort: SolveLimits | None = None
) -> Repair:
    """The fewest units moved, then fewest households left over, then least cost.

    The cost is walking with the price of each area, as the search goes by it (`CellProblem.objective`), and
    of neighbours that are parted, where outlines are to be short.
    Only the surroundings of what is broken are looked at, as far as it takes: a repair of m moves
    changes nothing farther than m areas away.

    Parameters
    ----------
    problem
        What the plan must keep.
    plan
        Any plan of its units, however broken.
    locks
        Obeyed wherever the rules let them be; the rules are never bent.

    Returns
    -------
    Repair whose plan breaks no rule.
    """
    start = _RepairStart.of(problem, plan, locks)
    if not len(start.seeds):
        return _unchanged_repair(start)
    best, effort = _remove_violations(start), (effort or SolveLimits()).begin()
    for ring in RINGS:
        neighbourhood = _neighbourhood(start, ring)
        answer = reassign(neighbourhood.task, effort=effort)
        if answer is None:
            break
        found = _apply_reassignment(start, neighbourhood, answer)
        best = found if _is_better(found, best) else best
        given_up = len(best.unmet) > len(locks.void)
        is_enough = neighbourhood.is_all or (len(best.moves) <= ring and not given_up)
        best = replace(best, is_proven=answer.is_proven and is_enough)
        if is_enough or not answer.is_proven:
            break
    return best


@dataclass(frozen=True, eq=False)
class _RepairStart:
    """The plan as it was given, and as it is once nothing impossible is left in it.

    `problem` has no place for the units that locks hold out, and `before` is where each target was.
    `area_of` and `anchor_of` are the plan without members that may be in no area and with the
    areas that locks keep; `home` is where each unit would stay (−1 nowhere, −2 it cannot).
    """

    problem: Problem
    given: Plan
    before: np.ndarray
    locks: IndexedLocks
    area_of: np.ndarray
    anchor_of: np.ndarray
    home: np.ndarray
    frozen: frozenset[int]
    faults: tuple[Fault, ...]
    seeds: np.ndarray

    @classmethod
    def of(cls, problem: Problem, plan: Plan, locks: IndexedLocks) -> _RepairStart:
        area_of, anchor_of = plan.area_of.copy(), plan.anchor_of.copy()
        faults = plan_faults(problem, plan)
        before = np.where(problem.is_target, area_of, LEFT_OVER)
        problem = exclude_units(problem, locks.held)
        _demote_anchors(problem, area_of, anchor_of)
        home = np.where(problem.is_target, area_of, LEFT_OVER)
        anchor_of, frozen = _restore_kept(locks, area_of, anchor_of)
        kept = np.isin(area_of, sorted(frozen)) & (area_of >= 0)
        lost = (home >= 0) & (np.isin(home, sorted(frozen)) | kept) & (home != area_of)
        home[lost] = _GONE
        if problem.rules.mode == "lead":
            home[np.isin(home, np.flatnonzero(anchor_of < 0))] = _GONE
        draft = cls(problem, plan, before, locks, area_of, anchor_of, home, frozen, faults, seeds=area_of)
        return replace(draft, seeds=_seeds(draft))

    def present(self) -> Plan:
        """The plan without what is impossible in it."""
        return Plan(self.area_of, self.anchor_of)


def _demote_anchors(problem: Problem, area_of: np.ndarray, anchor_of: np.ndarray) -> None:
    """Areas whose anchor may not lead have none; who is no target, or leads nobody, is in no area."""
    for area, anchor in enumerate(anchor_of.tolist()):
        leads = problem.rules.mode != "whole" and anchor in problem.anchors
        if anchor >= 0 and not (leads and area_of[anchor] == area):
            anchor_of[area] = -1
    led = np.flatnonzero(anchor_of >= 0)
    stays = problem.is_target.copy()
    stays[anchor_of[led]] = True
    area_of[~stays] = LEFT_OVER
    alone = led[[np.count_nonzero(area_of == area) < 2 for area in led]]
    area_of[anchor_of[alone]] = LEFT_OVER


def _restore_kept(locks: IndexedLocks, area_of: np.ndarray, anchor_of: np.ndarray) -> tuple[np.ndarray, frozenset[int]]:
    """Put the areas that locks keep back as they were."""
    frozen = set()
    for kept in locks.kept:
        number, anchor_of = _area_for(kept, area_of, anchor_of)
        area_of[area_of == number] = LEFT_OVER
        area_of[kept.members] = number
        frozen.add(number)
    return anchor_of, frozenset(frozen)


def _area_for(kept: KeptArea, area_of: np.ndarray, anchor_of: np.ndarray) -> tuple[int, np.ndarray]:
    """The area a kept one was: its anchor's, else the one with most of its members, else new."""
    if kept.anchor >= 0:
        led = np.flatnonzero(anchor_of == kept.anchor)
        if len(led):
            return int(led[0]), anchor_of
    else:
        there = area_of[kept.members]
        there = there[(there >= 0) & (anchor_of[there] < 0)]
        if len(there):
            return int(np.bincount(there).argmax()), anchor_of
    return len(anchor_of), np.append(anchor_of, kept.anchor)


def _seeds(start: _RepairStart) -> np.ndarray:
    """(n,) bool positions that something is wrong with, by index."""
    problem = start.problem
    present = start.present()
    wrong = start.home == _GONE
    areas = {fault.area for fault in plan_faults(problem, present)}
    wrong |= np.isin(present.area_of, sorted(areas)) & (present.area_of >= 0)
    for constraint in start.locks.pair_constraints:
        if not is_pair_satisfied(constraint, present):
            wrong[[constraint.a, constraint.b]] = True
    return np.flatnonzero(wrong)


@dataclass(frozen=True, eq=False)
class _Neighbourhood:
    """A task, and the area of the plan that each of its slots is (−1 = a new one).

    `is_all` says that nothing that could help was kept out of it.
    """

    task: ReassignmentTask
    areas: tuple[int, ...]
    is_all: bool


def _neighbourhood(start: _RepairStart, ring: int) -> _Neighbourhood:
    """The units and areas within `ring` steps of what is broken."""
    problem = start.problem
    near, everything = _within(start, ring), _within(start, problem.n_units)
    is_near = np.zeros(problem.n_units, dtype=bool)
    is_near[near] = True
    frozen = np.isin(start.area_of, sorted(start.frozen)) & (start.area_of >= 0)
    free = np.flatnonzero(is_near & problem.is_target & ~frozen)
    slots, areas = _slots(start, is_near & ~frozen)
    is_small = ring >= RINGS[-1] or len(free) * len(slots) <= SMALL
    is_all = len(near) == len(everything) and is_small
    steps = problem.n_units if is_all else ring
    hops = np.zeros((problem.n_units, len(slots)), dtype=bool)
    for s, (slot, area) in enumerate(zip(slots, areas, strict=True)):
        hops[:, s] = _hops(start, slot, area, steps)
    place = {area: s for s, area in enumerate(areas) if area >= 0}
    home = np.array([place.get(int(h), int(h) if h < 0 else _GONE) for h in start.home[free]], dtype=np.int64)
    may = np.zeros((len(free), len(slots)), dtype=bool)
    for s, slot in enumerate(slots):
        allowed = (
            may_take(problem, slot.anchor, free)
            if slot.anchor >= 0
            else np.all([size.fits(size.weight[free]) for size in problem.sizes], axis=0)
        )
        may[:, s] = allowed & (hops[free, s] | (home == s))
    pair_constraints = tuple(b for b in start.locks.pair_constraints if is_near[b.a] or is_near[b.b])
    allowance = allowance_at_anchors(problem, start.present(), {slot.anchor for slot in slots})
    task = ReassignmentTask(problem, free, slots, may, home, pair_constraints, allowance)
    return _Neighbourhood(task, areas, is_all)


def _within(start: _RepairStart, ring: int) -> np.ndarray:
    """Units within so many steps of the seeds; an area is one step, and so is a unit in none."""
    problem, area_of = start.problem, start.area_of
    partners: dict[int, list[int]] = {}
    for constraint in start.locks.pair_constraints:
        partners.setdefault(constraint.a, []).append(constraint.b)
        partners.setdefault(constraint.b, []).append(constraint.a)
    members = _members(area_of)
    seen: set[int] = set()

    def close(units: Iterable[int]) -> list[int]:
        stack, new = list(units), []
        while stack:
            unit = stack.pop()
            if unit in seen:
                continue
            seen.add(unit)
            new.append(unit)
            stack += members.get(int(area_of[unit]), [])
            stack += partners.get(unit, [])
        return new

    front = close(start.seeds.tolist())
    homes = {int(start.given.area_of[unit]) for unit in front} - {LEFT_OVER}
    front += close(i for area in sorted(homes) for i in members.get(area, []))
    for _ in range(ring):
        front = close(int(j) for unit in front for j in neighbours(problem, unit))
        if not front:
            break
    return np.array(sorted(seen), dtype=np.int64)


def _members(area_of: np.ndarray) -> dict[int, list[int]]:
    members: dict[int, list[int]] = {}
    for unit in np.flatnonzero(area_of >= 0).tolist():
        members.setdefault(int(area_of[unit]), []).append(unit)
    return members


def _slots(start: _RepairStart, is_near: np.ndarray) -> tuple[tuple[AreaSlot, ...], tuple[int, ...]]:
    """Areas near, anchors near that lead nothing yet, and areas that may be founded."""
    problem, rules = start.problem, start.problem.rules
    none = np.zeros(0, dtype=np.int64)
    there = np.unique(start.area_of[is_near & (start.area_of >= 0)])
    pairs: list[tuple[AreaSlot, int]] = []
    for area in there.tolist():
        anchor = int(start.anchor_of[area])
        if anchor >= 0:
            pairs.append((AreaSlot(anchor, np.array([anchor])), area))
        elif rules.mode != "lead":
            pairs.append((AreaSlot(-1, none), area))
    idle = [a for a in problem.anchors.tolist() if is_near[a] and start.area_of[a] < 0]
    pairs += [(AreaSlot(anchor, np.array([anchor])), -1) for anchor in idle]
    if rules.mode != "lead":
        n_new = min(MAX_NEW_AREAS, max_areas_of(problem, is_near & problem.is_target))
        pairs += [(AreaSlot(-1, none), -1)] * n_new
    slots, areas = zip(*pairs, strict=True) if pairs else ((), ())
    return tuple(slots), tuple(areas)


def _hops(start: _RepairStart, slot: AreaSlot, area: int, ring: int) -> np.ndarray:
    """(n,) bool: units within so many steps of a slot over units that could come along."""
    problem = start.problem
    if area < 0 and slot.anchor < 0:
        return np.ones(problem.n_units, dtype=bool)
    begin = np.flatnonzero(start.area_of == area) if area >= 0 else slot.fixed
    reached = np.zeros(problem.n_units, dtype=bool)
    reached[begin] = True
    front = begin.tolist()
    for _ in range(ring):
        around = {int(j) for unit in front for j in neighbours(problem, unit)}
        front = [j for j in sorted(around) if not reached[j] and problem.is_target[j]]
        reached[front] = True
    return reached


def _apply_reassignment(start: _RepairStart, neighbourhood: _Neighbourhood, answer: Reassignment) -> Repair:
    """The plan with the units where the answer puts them."""
    task = neighbourhood.task
    area_of, anchor_of = start.area_of.copy(), start.anchor_of.tolist()
    area_of[task.free] = LEFT_OVER
    for s, (slot, area) in enumerate(zip(task.slots, neighbourhood.areas, strict=True)):
        members = task.free[answer.place == s]
        if area < 0 and len(members):
            area = _new_area(anchor_of, slot.anchor)
        if area >= 0:
            area_of[slot.fixed] = area if len(members) else LEFT_OVER
            area_of[members] = area
    plan = Plan(area_of, np.array(anchor_of, dtype=np.int64))
    return Repair(plan, _moves(start, plan), _unmet(start, plan), answer.is_proven)


def _new_area(anchor_of: list[int], anchor: int) -> int:
    """The number of an area that comes to be: the one its anchor had before, else the next."""
    if anchor >= 0 and anchor in anchor_of:
        return anchor_of.index(anchor)
    anchor_of.append(anchor)
    return len(anchor_of) - 1


def _unmet(start: _RepairStart, plan: Plan) -> tuple[int, ...]:
    """Numbers of the locks a plan does not meet."""
    pair_constraints = (b.number for b in start.locks.pair_constraints if not is_pair_satisfied(b, plan))
    return tuple(sorted({*start.locks.void, *pair_constraints}))


def _moves(start: _RepairStart, plan: Plan) -> tuple[Move, ...]:
    after = np.where(start.problem.is_target, plan.area_of, LEFT_OVER)
    return tuple(
        _move(start, int(unit), int(start.before[unit]), int(after[unit]))
        for unit in np.flatnonzero(start.before != after)
    )


def _move(start: _RepairStart, unit: int, source: int, target: int) -> Move:
    """A move with its cause: what blames the unit itself, its area, or the area it comes to."""
    if unit in start.locks.held:
        return Move(unit, source, target, None, start.locks.held[unit])
    by_unit = [f for f in start.faults if f.area == source and unit in f.units]
    by_area = [f for f in start.faults if f.area == target >= 0]
    locks = [b.number for b in start.locks.pair_constraints if unit in (b.a, b.b)]
    locks += [k.number for k in start.locks.kept if unit in k.members]
    fault = min(by_unit, key=lambda f: len(f.units)) if by_unit else next(iter(by_area), None)
    return Move(unit, source, target, fault, locks[0] if locks and fault is None else None)


def _is_better(found: Repair, best: Repair) -> bool:
    """Whether more locks are met, or as many with fewer moves; a wider look wins a tie."""
    return (len(found.unmet), len(found.moves)) <= (len(best.unmet), len(best.moves))


def _remove_violations(start: _RepairStart) -> Repair:
    """What breaks a rule is left over, unit by unit: a sound plan at once, seldom the best."""
    problem, area_of = start.problem, start.area_of.copy()
    frozen = {int(start.anchor_of[area]) for area in start.frozen}
    anchors = set(problem.anchors.tolist()) - frozen
    left = allowance_at_anchors(problem, start.present(), anchors)
    for area in sorted(set(area_of[area_of >= 0].tolist()) - start.frozen):
        anchor = int(start.anchor_of[area])
        company = company_of_anchor(problem, anchor)
        spare = int(left[company]) if left is not None and company >= 0 else None
        keep = _sound_core(problem, np.flatnonzero(area_of == area), anchor, spare)
        if left is not None and company >= 0:
            left[company] -= problem.load[keep[keep != anchor]].sum()
        area_of[area_of == area] = LEFT_OVER
        area_of[keep if len(keep) > 1 or start.anchor_of[area] < 0 else keep[:0]] = area
    while (lost := _find_removals(start, Plan(area_of, start.anchor_of))).any():
        area_of[lost] = LEFT_OVER
    plan = Plan(area_of, start.anchor_of)
    return Repair(plan, _moves(start, plan), _unmet(start, plan), False)


def _find_removals(start: _RepairStart, plan: Plan) -> np.ndarray:
    """(n,) bool: units in an area that breaks a rule or leads nobody, or where a lock does not let them be."""
    bad = {fault.area for fault in plan_faults(start.problem, plan)}
    sizes = np.bincount(plan.area_of[plan.area_of >= 0], minlength=plan.n_areas)
    bad |= set(np.flatnonzero((plan.anchor_of >= 0) & (sizes == 1)).tolist())  # leads nobody
    lost = np.isin(plan.area_of, sorted(bad))
    for constraint in start.locks.pair_constraints:
        if not is_pair_satisfied(constraint, plan):  # an anchor stays; whom it is to be apart from goes
            lost[constraint.a if start.problem.is_target[constraint.a] else constraint.b] = True
            lost[constraint.b] |= constraint.kind == "together"
    return lost & (plan.area_of >= 0)


def _sound_core(problem: Problem, members: np.ndarray, anchor: int, spare: int | None) -> np.ndarray:
    """Members that are an area once those that break a rule are gone, lightest first; or nobody.

    `spare`: m² the anchor's company may still take on; None = any.
    """
    if anchor >= 0:
        members = members[may_take(problem, anchor, members) | (members == anchor)]
        room = int(problem.capacity[anchor_index(problem, anchor)])
        most = problem.load[anchor] + (room if spare is None else max(0, min(room, spare)))

    def fits() -> bool:
        if anchor >= 0:
            return bool(problem.load[members].sum() <= most)
        return all(size.fits(size.weight[members].sum()) for size in problem.sizes)

    while len(members):
        members = np.array(main_piece(problem, find_connected_pieces(problem, members), anchor))
        if fits():
            return members
        loose = members[members != anchor]
        members = np.setdiff1d(members, loose[np.argmin(problem.households[loose])])
    return members


def _unchanged_repair(start: _RepairStart) -> Repair:
    """Nothing was broken."""
    plan = start.present()
    return Repair(plan, _moves(start, plan), _unmet(start, plan), True)
