"""A plan of any mode is repaired: areas with leaders inside by few moves, one after the other, others reassigned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from analysis.bundling.evaluation.company_allowance import company_of_anchor
from analysis.bundling.evaluation.feasibility import area_faults, find_leader_obstacles, plan_faults
from analysis.bundling.evaluation.objective_values import primary_levels
from analysis.bundling.evaluation.score import score
from analysis.bundling.led_areas.leader_options import measure_room, offer_leader
from analysis.bundling.locks.index import NO_LOCKS, IndexedLocks, PairConstraint, is_pair_satisfied
from analysis.bundling.model.plan import LEFT_OVER, Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.reassign.assignment_mip import SolveLimits
from analysis.bundling.reassign.repair import Move, Repair, repair

MOST_STEPS = 8
"""Units moved one by one in an area before other ways are taken."""


def mend_areas(problem: Problem, plan: Plan, locks: IndexedLocks = NO_LOCKS) -> Plan:
    """The plan with few units moved so that no area breaks a rule; areas keep their numbers.

    Areas that stay are put back first, units held out taken out, and leaders that may not lead lead nobody.
    Each area at fault is then mended in the way that moves fewest units: one by one, a piece at once, merged
    with one beside it, or taken apart. It is a heuristic: another change may be smaller.

    Parameters
    ----------
    problem
        Of mode "area".
    plan
        Any plan of its units.
    locks
        What is settled.
    """
    given = plan
    plan = _restored(problem, plan, locks)
    frozen = {int(plan.area_of[area.members[0]]) for area in locks.kept}
    plan = _without_bad_leaders(problem, plan, locks)
    for area in range(plan.n_areas):
        if len(plan.members(area)) and area_faults(problem, plan, area):
            plan = _mended(problem, plan, area, frozen, locks)
    plan = _without_broken_pairs(problem, plan, frozen, locks)
    return _led_again(problem, given, plan, locks)


def _restored(problem: Problem, plan: Plan, locks: IndexedLocks) -> Plan:
    """The plan with the areas that are kept as they were, and nobody in an area who is held out."""
    leaders = np.full(problem.n_units, LEFT_OVER) if plan.leader_of is None else plan.leader_of.copy()
    area_of, n_areas = plan.area_of.copy(), plan.n_areas
    for kept in locks.kept:
        homes = area_of[kept.members]
        homes = homes[homes >= 0]
        number = int(np.bincount(homes).argmax()) if len(homes) else n_areas
        n_areas = max(n_areas, number + 1)
        area_of[area_of == number] = LEFT_OVER
        area_of[kept.members] = number
    area_of[list(locks.held)] = LEFT_OVER
    return Plan(area_of, np.full(n_areas, LEFT_OVER), np.full(problem.n_units, LEFT_OVER)).assign_leaders(leaders)


def _without_bad_leaders(problem: Problem, plan: Plan, locks: IndexedLocks) -> Plan:
    """The plan in which only those lead who may, as much as they may; those with fewest households go first."""
    leaders = np.full(problem.n_units, LEFT_OVER) if plan.leader_of is None else plan.leader_of.copy()
    for unit, leader in locks.led_by:
        if leader < 0 or not find_leader_obstacles(problem, unit, leader):
            leaders[unit] = leader
    for unit in np.flatnonzero(leaders >= 0).tolist():
        leader = int(leaders[unit])
        is_barred = (unit, leader) in locks.not_led_by or leader in locks.leads_nobody
        if is_barred or leaders[leader] >= 0 or find_leader_obstacles(problem, unit, leader):
            leaders[unit] = LEFT_OVER
    plan = plan.assign_leaders(leaders)
    locked = {unit for unit, _ in locks.led_by}
    for unit in sorted(
        np.flatnonzero(_leaders(plan) >= 0).tolist(), key=lambda u: (u in locked, int(problem.households[u]), u)
    ):
        room, allowance = measure_room(problem, plan)
        anchor = int(_leaders(plan)[unit])
        k = int(np.searchsorted(problem.anchors, anchor))
        if room[k] < 0 or (allowance[k] < 0 and company_of_anchor(problem, anchor) >= 0):
            plan = _with_leader(plan, unit, LEFT_OVER)
    return plan


def _mended(problem: Problem, plan: Plan, area: int, frozen: set[int], locks: IndexedLocks) -> Plan:
    """The plan with one area mended, by the way that moves fewest units."""
    if area in frozen:
        return plan.moved(plan.members(area), LEFT_OVER)
    ways = [*_one_by_one(problem, plan, area, frozen, locks), *_at_once(problem, plan, area, frozen, locks)]
    sound = [after for after in ways if _severity(problem, after, _touched(plan, after)) == 0]
    return min(sound, key=lambda after: _cost(problem, plan, after))


def _one_by_one(problem: Problem, plan: Plan, area: int, frozen: set[int], locks: IndexedLocks) -> Iterator[Plan]:
    """The plan once single moves have mended an area, each the one that leaves least at fault."""
    begun = plan
    for _ in range(MOST_STEPS):
        members = plan.members(area)
        if not len(members):
            return
        around = _beside(problem, members)
        moves = [
            (unit, int(target))
            for unit in members.tolist()
            for target in (*np.unique(plan.area_of[problem.adjacency.row(unit)]), LEFT_OVER)
            if target != area and target not in frozen
        ]
        moves += [(unit, area) for unit in around.tolist() if plan.area_of[unit] not in frozen]
        moves = [move for move in dict.fromkeys(moves) if move[0] not in locks.held]
        found = [_moved(problem, plan, [unit], target, locks) for unit, target in moves]
        if not found:
            return
        now = _severity(problem, plan, range(plan.n_areas))
        best = min(
            found,
            key=lambda after: (
                _severity(problem, after, _touched(begun, after) | {area}),
                _cost(problem, begun, after),
            ),
        )
        if _severity(problem, best, range(best.n_areas)) >= now:
            return
        plan = best
        if not _severity(problem, plan, _touched(begun, plan) | {area}):
            yield plan
            return


def _at_once(problem: Problem, plan: Plan, area: int, frozen: set[int], locks: IndexedLocks) -> Iterator[Plan]:
    """An area merged with one beside it, its smaller pieces moved, or taken apart: always one that is sound."""
    members = plan.members(area)
    pieces = problem.adjacency.pieces(members.tolist())
    main = max(pieces, key=lambda piece: int(problem.households[piece].sum()))
    rest = np.setdiff1d(members, main)
    groups = [rest, np.array(main), members] if len(rest) else [members]
    beside = {int(plan.area_of[unit]) for unit in _beside(problem, members)} - frozen - {LEFT_OVER, area}
    for group in groups:
        for target in sorted(beside):
            yield _moved(problem, plan, group.tolist(), target, locks)
        if len(group) < len(members):
            yield _moved(problem, plan, group.tolist(), LEFT_OVER, locks)
    for target in sorted(beside):
        yield _moved(problem, plan, plan.members(target).tolist(), area, locks)
    yield plan.moved(members, LEFT_OVER)


def _moved(problem: Problem, plan: Plan, units: Sequence[int], target: int, locks: IndexedLocks) -> Plan:
    """The plan with units elsewhere; whoever has no leader then is led by the nearest who can."""
    after = plan.moved(np.array(units, dtype=np.int64), target)
    return _led_again(problem, plan, after, locks)


def _led_again(problem: Problem, before: Plan, after: Plan, locks: IndexedLocks) -> Plan:
    """The plan in which those who were led, or were in another area, have a leader where somebody can lead them."""
    was_led = _leaders(before) >= 0
    asks = was_led if problem.asks_leader is None else problem.asks_leader
    is_new = was_led | (before.area_of != after.area_of)
    for unit in np.flatnonzero(asks & is_new & (after.area_of >= 0) & (_leaders(after) < 0)).tolist():
        leader = offer_leader(problem, after, unit, locks)
        if leader >= 0:
            after = _with_leader(after, unit, leader)
    return after


def _without_broken_pairs(problem: Problem, plan: Plan, frozen: set[int], locks: IndexedLocks) -> Plan:
    """The plan in which no two units break a lock between them: joined where that is sound, else in no area."""
    for _ in range(2 * len(locks.pair_constraints) + 1):
        broken = next((one for one in locks.pair_constraints if not _is_obeyed(one, plan)), None)
        if broken is None:
            break
        plan = _parted(problem, plan, broken, frozen, locks)
    return plan


def _is_obeyed(constraint: PairConstraint, plan: Plan) -> bool:
    is_out = constraint.kind == "joined" and plan.area_of[constraint.a] < 0
    return is_out or is_pair_satisfied(constraint, plan)


def _parted(problem: Problem, plan: Plan, broken: PairConstraint, frozen: set[int], locks: IndexedLocks) -> Plan:
    """The plan with one lock between two units heeded."""
    ends = [broken.a] if broken.kind == "joined" else [broken.a, broken.b]
    if broken.kind != "apart":
        pairs = [(broken.a, broken.b), *([(broken.b, broken.a)] if broken.kind == "together" else [])]
        targets = [(unit, int(plan.area_of[other])) for unit, other in pairs]
        ways = [_moved(problem, plan, [u], t, locks) for u, t in targets if t >= 0 and t not in frozen]
        sound = [after for after in ways if not _severity(problem, after, _touched(plan, after))]
        if sound:
            return min(sound, key=lambda after: _cost(problem, plan, after))
    else:
        ends = [min(ends, key=lambda unit: (int(plan.area_of[unit]) in frozen, int(problem.households[unit])))]
    for unit in ends:
        home = int(plan.area_of[unit])
        if home >= 0:
            alone = plan.moved([unit], LEFT_OVER)
            is_sound = home not in frozen and not _severity(problem, alone, {home})
            plan = alone if is_sound else plan.moved(plan.members(home), LEFT_OVER)
    return plan


def _severity(problem: Problem, plan: Plan, areas: Sequence[int] | set[int] | range) -> float:
    """How much areas break the rules; 0 = not at all."""
    total = 0.0
    for area in areas:
        for fault in area_faults(problem, plan, area):
            over = abs((fault.value or 0) - (fault.limit or 0)) / max(fault.limit or 1, 1)
            total += 1 + (over if fault.rule == "R31" else len(fault.units) / (1 + problem.n_units))
    return total


def _touched(before: Plan, after: Plan) -> set[int]:
    changed = np.flatnonzero(before.area_of != after.area_of)
    return {int(area) for area in (*before.area_of[changed], *after.area_of[changed]) if area >= 0}


def _cost(problem: Problem, before: Plan, after: Plan) -> tuple[int, ...]:
    """What changes are compared by: units moved, then households left over and unled, then walking."""
    moved = int((before.area_of != after.area_of).sum())
    return (moved, *primary_levels(problem, after), score(problem, after.without_empty_areas()).household_metres)


def _beside(problem: Problem, members: np.ndarray) -> np.ndarray:
    """Units beside an area's members, ascending."""
    around = [problem.adjacency.row(int(unit)) for unit in members]
    return np.setdiff1d(np.concatenate([np.zeros(0, dtype=np.int64), *around]), members)


def _leaders(plan: Plan) -> np.ndarray:
    return np.full(len(plan.area_of), LEFT_OVER) if plan.leader_of is None else plan.leader_of


def _with_leader(plan: Plan, unit: int, leader: int) -> Plan:
    leaders = _leaders(plan).copy()
    leaders[unit] = leader
    return plan.assign_leaders(leaders)


def repair_plan(
    problem: Problem, plan: Plan, locks: IndexedLocks = NO_LOCKS, *, effort: SolveLimits | None = None
) -> Repair:
    """A small change that makes a plan keep every rule; see `reassign.repair.repair` and `mend_areas`.

    Parameters
    ----------
    problem
        What the plan must keep.
    plan
        Any plan of its units, however broken.
    locks
        Obeyed wherever the rules let them be.
    effort
        Limits of the search for the smallest change; mending takes no search.
    """
    if problem.rules.mode == "area":
        return _repair_led_areas(problem, plan, locks)
    return repair(problem, plan, locks, effort=effort)


def _repair_led_areas(problem: Problem, plan: Plan, locks: IndexedLocks) -> Repair:
    """The repair where areas have leaders inside; proven the smallest only where nothing had to move."""
    after = mend_areas(problem, plan, locks)
    faults = plan_faults(problem, plan)
    moves = []
    for unit in np.flatnonzero(after.area_of != plan.area_of).tolist():
        source, target = int(plan.area_of[unit]), int(after.area_of[unit])
        own = [f for f in faults if f.area == source and unit in f.units]
        own += [f for f in faults if f.area in (source, target)]
        asked = [b.number for b in locks.pair_constraints if unit in (b.a, b.b)]
        asked += [k.number for k in locks.kept if unit in k.members]
        lock = locks.held.get(unit, asked[0] if asked and not own else None)
        moves.append(Move(unit, source, target, own[0] if own and unit not in locks.held else None, lock))
    unmet = {b.number for b in locks.pair_constraints if not is_pair_satisfied(b, after)}
    unmet |= set(locks.void)
    return Repair(
        after, tuple(moves), tuple(sorted(unmet)), not moves and np.array_equal(_leaders(after), _leaders(plan))
    )
