"""Solving with locks: presolve, search, repair to the locks; a plan to start from is never made worse."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.locks.index import IndexedLocks, index_locks, is_pair_satisfied
from analysis.bundling.locks.locks import Lock
from analysis.bundling.locks.presolve import PresolvedProblem, presolve
from analysis.bundling.model.objectives import objectives_of
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.reassign.assignment_mip import SolveLimits
from analysis.bundling.reassign.repair import repair
from analysis.bundling.solve.certify import certify_quickly, transfer_certificate
from analysis.bundling.solve.incumbents import objective_key
from analysis.bundling.solve.local_search import polish
from analysis.bundling.solve.result import Result, replace_plan
from analysis.bundling.solve.single_moves import insert_left_over
from analysis.bundling.solve.solve import initial_progress, require_area_count, solve
from analysis.bundling.solver.base.budget import Progress
from analysis.bundling.solver.base.policy import POLICIES
from analysis.bundling.solver.base.progress import heartbeat
from analysis.bundling.solver.base.stop import Stop
from analysis.bundling.solver.base.work_log import TimeLimit, WorkLog


def solve_with_locks(
    problem: Problem,
    locks: Sequence[Lock] = (),
    *,
    start: Plan | None = None,
    seed: int = 0,
    stop: Stop,
    on_progress: Callable[[Progress], None] | None = None,
    workers: int = 1,
    log: WorkLog | None = None,
) -> Result:
    """The best plan found that obeys the locks, and is no worse than one at hand.

    Parameters
    ----------
    problem
        Without the units that locks keep out (`reduced.locked_out`).
    locks
        What is settled. One that the rules do not allow leaves its units over.
    start
        A plan of the problem's units; made sound first where it is not.
    seed, stop, on_progress, workers, log
        As for `solve.solve`.

    Returns
    -------
    Result of the whole problem. Its bounds hold for every plan, locks or none; with locks they are
    those of a few steps.
    """
    log = WorkLog(stop.clock, stop.is_asked) if log is None else log
    with heartbeat(on_progress, initial_progress(problem)) as tell:
        placed = index_locks(problem, locks)
        result = _search(problem, placed, seed, stop, tell, workers, log)
        if start is None:
            return replace(result, clock=log.record)
        at_hand = _repair_to_locks(problem, start, placed, _repair_effort(stop, log))
        if not placed and not objectives_of(problem.rules).is_walking:
            at_hand = polish(problem, at_hand, objectives_of(problem.rules), _limit(stop, log, POLICIES["plan"].start))
        at_hand = require_area_count(problem, insert_left_over(problem, at_hand, placed))
        if objective_key(problem, at_hand) < objective_key(problem, result.plan):
            bound = transfer_certificate(problem, result.plan, result.bound, at_hand)
            result = replace_plan(problem, result, at_hand, bound)
        return replace(result, clock=log.record)


def _search(
    problem: Problem,
    placed: IndexedLocks,
    seed: int,
    stop: Stop,
    on_progress: Callable[[Progress], None] | None,
    workers: int,
    log: WorkLog,
) -> Result:
    """The best plan found that obeys the locks."""
    if not placed:
        return solve(problem, seed=seed, stop=stop, on_progress=on_progress, workers=workers, log=log)
    reduced = presolve(problem, placed)

    def tell(told: Progress) -> None:
        if on_progress is not None:
            make = told.plan
            on_progress(
                replace(
                    told,
                    plan=None
                    if make is None
                    else lambda: _repair_to_locks(problem, reduced.expand(make()), placed, SolveLimits()),
                )
            )

    found = solve(_reduce_area_count(reduced), seed=seed, stop=stop, on_progress=tell, workers=workers, log=log)
    plan = _repair_to_locks(problem, reduced.expand(found.plan), placed, _repair_effort(stop, log))
    plan = require_area_count(problem, insert_left_over(problem, plan, placed))
    has_time = _limit(stop, log, POLICIES["plan"].quick_bounds)
    return replace_plan(problem, found, plan, certify_quickly(problem, plan, has_time=has_time))


def _reduce_area_count(reduced: PresolvedProblem) -> Problem:
    """The smaller problem, with the number of areas that are asked for besides those kept."""
    problem, number = reduced.problem, reduced.whole.rules.areas
    if number is None:
        return problem
    return replace(problem, rules=replace(problem.rules, areas=max(0, number - len(reduced.kept))))


def _limit(stop: Stop, log: WorkLog, share: float) -> TimeLimit:
    """A share of all seconds from now on, besides those of the search."""
    end = log.seconds + share * (math.inf if stop.seconds is None else stop.seconds)
    return log.limit(0, lambda: end - log.seconds)


def _repair_effort(stop: Stop, log: WorkLog) -> SolveLimits:
    """A repair of a run by seconds is given its usual seconds, one by rounds none; recorded either way."""
    usual = SolveLimits()
    end = log.seconds + (math.inf if stop.seconds is None else usual.seconds)
    return replace(usual, has_time=log.limit(0, lambda: end - log.seconds))


def _repair_to_locks(problem: Problem, plan: Plan, placed: IndexedLocks, effort: SolveLimits) -> Plan:
    """The plan, repaired where it breaks a rule or a lock."""
    areas = {(frozenset(plan.members(k).tolist()), int(plan.anchor_of[k])) for k in range(plan.n_areas)}
    is_kept = all((frozenset(k.members.tolist()), k.anchor) in areas for k in placed.kept)
    is_bound = all(is_pair_satisfied(constraint, plan) for constraint in placed.pair_constraints)
    is_out = all(plan.area_of[unit] < 0 for unit in placed.held)
    if is_kept and is_bound and is_out and not plan_faults(problem, plan):
        return plan
    return repair(problem, plan, placed, effort=effort).plan.without_empty_areas()
