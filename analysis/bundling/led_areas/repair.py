"""The repair of a plan of any mode: areas with leaders inside are mended, others reassigned."""

from __future__ import annotations

import numpy as np

from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.led_areas.mend import mend_areas
from analysis.bundling.locks.index import NO_LOCKS, IndexedLocks, is_pair_satisfied
from analysis.bundling.model.plan import LEFT_OVER, Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.reassign.assignment_mip import SolveLimits
from analysis.bundling.reassign.repair import Move, Repair, repair


def repair_plan(
    problem: Problem, plan: Plan, locks: IndexedLocks = NO_LOCKS, *, effort: SolveLimits | None = None
) -> Repair:
    """A small change that makes a plan keep every rule; see `reassign.repair.repair` and `mend.mend_areas`.

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
    leaders = np.full(problem.n_units, LEFT_OVER) if after.leader_of is None else after.leader_of
    unmet = {b.number for b in locks.pair_constraints if not is_pair_satisfied(b, after)}
    unmet |= set(locks.void)
    return Repair(after, tuple(moves), tuple(sorted(unmet)), not moves and np.array_equal(leaders, _leaders_of(plan)))


def _leaders_of(plan: Plan) -> np.ndarray:
    return np.full(len(plan.area_of), LEFT_OVER) if plan.leader_of is None else plan.leader_of
