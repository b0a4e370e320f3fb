"""The driver of mode "area": parts are searched, leaders assigned over all of them, the plan bounded."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from analysis.bundling.evaluation.feasibility import area_faults, plan_faults
from analysis.bundling.evaluation.score import find_unled, metres_of_area, score
from analysis.bundling.led_areas.bounds import certify_led_areas
from analysis.bundling.led_areas.choice import choose_of_small
from analysis.bundling.led_areas.insertion import insert_unplaced
from analysis.bundling.led_areas.leaders import assign_leaders
from analysis.bundling.led_areas.part import LedAreaPart, place_labels, split_led_areas
from analysis.bundling.led_areas.search import compile_kernels, measure_led_areas, search_led_areas
from analysis.bundling.locks.index import NO_LOCKS, IndexedLocks, PairConstraint, is_pair_satisfied
from analysis.bundling.model.plan import LEFT_OVER, Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.score import Score
from analysis.bundling.solve.incumbents import objective_key
from analysis.bundling.solve.result import Result, determine_status
from analysis.bundling.solver.base.budget import Progress, SearchBudget
from analysis.bundling.solver.base.policy import POLICIES
from analysis.bundling.solver.base.progress import heartbeat
from analysis.bundling.solver.base.stop import Stop
from analysis.bundling.solver.base.work_log import WorkLog

logger = logging.getLogger(__name__)

PASSES = 2
"""Times the parts are searched: again once it is known what companies leave each anchor (R15)."""


def solve_led_areas(
    problem: Problem,
    locks: IndexedLocks = NO_LOCKS,
    *,
    start: Plan | None = None,
    seed: int = 0,
    stop: Stop,
    on_progress: Callable[[Progress], None] | None = None,
    workers: int = 1,
    log: WorkLog | None = None,
) -> Result:
    """The best plan of mode "area" found within the budget.

    Every part (a component of neighbours behind a wall) is annealed by itself, with each anchor's whole
    capacity. Leaders are then assigned exactly over all areas, for companies (R15) couple the streets. Where
    that leaves somebody without a leader, the parts are searched again with what each anchor has then. Where
    there are few areas to choose from altogether, the best choice of them and of leaders is made exactly. The
    same problem, seed and rounds give the same plan, for any number of workers.

    Parameters
    ----------
    problem
        Of mode "area".
    locks
        What is settled, on the problem.
    start
        A plan that the answer is no worse than, where it keeps all rules.
    seed, stop, on_progress, workers, log
        As in `solve.solve`.

    Returns
    -------
    Result with a plan that keeps every rule; an empty one where no area is possible.
    """
    with heartbeat(on_progress, _first_progress(problem)) as tell:
        parts = split_led_areas(problem, problem.capacity, locks)
        compile_kernels()
        watch = SearchBudget(stop, POLICIES["plan_areas"], tell, workers, measure=measure_led_areas, log=log)
        best = complete_plan(problem, np.full(problem.n_units, LEFT_OVER), locks)
        if start is not None:
            best = _better(problem, best, _begun(problem, start, locks), locks)
        for number, stream in enumerate(np.random.SeedSequence(seed).spawn(PASSES)):
            if number and not _is_held_by_companies(problem, best):
                break
            later = 0 if number or problem.companies is None else problem.n_units
            labels = [_labels_on(part, best) for part in parts]
            found = search_led_areas(
                parts,
                labels,
                stream,
                watch,
                around=_around(problem, best, parts),
                plan_of=partial(_draft, problem, parts, locks),
                n_later=later,
                workers=workers,
            )
            best = _better(problem, best, _draft(problem, parts, locks, found), locks)
            parts = split_led_areas(problem, _capacities_left(problem, best), locks)
        small = choose_of_small(problem, locks)
        best = best if small is None else _better(problem, best, small, locks)
        best = insert_unplaced(problem, best, locks)
        best = _better(problem, best, complete_plan(problem, best.area_of, locks), locks)
        bound = certify_led_areas(problem, best, watch.limit())
        best_score = score(problem, best)
        logger.info(
            "solved in %.1f s: %d areas, %d households left over (at least %d), %d without a leader (at least %d)",
            watch.seconds,
            best.n_areas,
            best_score.left_over_households,
            bound.left_over_households,
            best_score.unled_households,
            bound.unled_households,
        )
        return Result(
            plan=best,
            score=best_score,
            bound=bound,
            status=determine_status(problem, best, bound),
            seed=seed,
            seconds=watch.seconds,
            rounds=watch.rounds,
            why_stopped=watch.why_stopped,
            clock=watch.log.record,
        )


def complete_plan(problem: Problem, area_of: np.ndarray, locks: IndexedLocks = NO_LOCKS) -> Plan:
    """A plan of areas with the best leaders inside, without areas that break a rule.

    Parameters
    ----------
    problem
        Of mode "area".
    area_of
        (n,) int: area of each unit, −1 = none.
    locks
        Areas that stay are put in; units held out are taken out.
    """
    area_of = np.array(area_of, dtype=np.int64)
    area_of[list(locks.held)] = LEFT_OVER
    for kept in locks.kept:
        area_of[kept.members] = area_of.max(initial=-1) + 1
    n_areas = int(area_of.max(initial=-1)) + 1
    plan = Plan(area_of, np.full(n_areas, -1), np.full(problem.n_units, -1)).without_empty_areas()
    while True:
        plan = plan.assign_leaders(assign_leaders(problem, plan.area_of, locks))
        sound = _without_broken_pairs(problem, _without_faults(problem, plan, locks), locks)
        if sound is plan:
            return plan
        plan = sound


def _begun(problem: Problem, start: Plan, locks: IndexedLocks) -> Plan:
    """The plan begun with, with its own leaders where these keep every rule and lock and are no worse."""
    again = complete_plan(problem, start.area_of, locks)
    if start.leader_of is None or not np.array_equal(again.area_of >= 0, start.area_of >= 0):
        return again
    same = start.without_empty_areas()
    kept = {int(same.area_of[area.members[0]]) for area in locks.kept}
    keeps_areas = all(len(same.members(int(same.area_of[k.members[0]]))) == len(k.members) for k in locks.kept)
    is_sound = keeps_areas and len(kept) == len(locks.kept) and not plan_faults(problem, same)
    return _better(problem, again, same, locks) if is_sound and not _lock_faults(same, locks) else again


def _lock_faults(plan: Plan, locks: IndexedLocks) -> int:
    """Locks between units that a plan does not meet; those that nothing could meet are not among them."""
    pairs = sum(
        not is_pair_satisfied(one, plan) or (one.kind == "joined" and plan.area_of[one.a] < 0)
        for one in locks.pair_constraints
    )
    leaders = np.full(len(plan.area_of), -1) if plan.leader_of is None else plan.leader_of
    barred = sum(leaders[unit] == anchor for unit, anchor in locks.not_led_by)
    barred += sum(anchor in locks.leads_nobody for anchor in leaders[leaders >= 0].tolist())
    return int(pairs + barred + sum(leaders[unit] != anchor for unit, anchor in locks.led_by))


def _without_broken_pairs(problem: Problem, plan: Plan, locks: IndexedLocks) -> Plan:
    """The plan in which no two units break a lock between them: who is to be elsewhere is in no area."""
    while broken := next((one for one in locks.pair_constraints if not _is_obeyed(one, plan)), None):
        ends = [broken.a] if broken.kind == "joined" else [broken.a, broken.b]
        if broken.kind == "apart":
            ends = [min(ends, key=lambda unit: (len(_taken_out(problem, plan, unit)), problem.households[unit]))]
        for unit in ends:
            if plan.area_of[unit] >= 0:
                plan = plan.moved(_taken_out(problem, plan, unit), LEFT_OVER)
        plan = plan.without_empty_areas()
    return plan


def _is_obeyed(constraint: PairConstraint, plan: Plan) -> bool:
    """Whether a plan heeds a lock between two units; one of kind "joined" does with its first unit in no area."""
    is_out = constraint.kind == "joined" and plan.area_of[constraint.a] < 0
    return is_out or is_pair_satisfied(constraint, plan)


def _taken_out(problem: Problem, plan: Plan, unit: int) -> np.ndarray:
    """Who leaves its area when a unit does: itself, or all where the rest would break a rule."""
    area = int(plan.area_of[unit])
    rest = plan.moved([unit], LEFT_OVER)
    is_sound = len(rest.members(area)) and not area_faults(problem, rest, area)
    return np.array([unit]) if is_sound else plan.members(area)


def _without_faults(problem: Problem, plan: Plan, locks: IndexedLocks = NO_LOCKS) -> Plan:
    """The plan without members too far from the middle that nobody leads; areas still at fault are taken apart."""
    area_of = plan.area_of.copy()
    kept = {int(plan.area_of[area.members[0]]) for area in locks.kept}
    for area in range(plan.n_areas):
        faults = area_faults(problem, plan, area)
        if not faults:
            continue
        far = [unit for fault in faults if fault.rule == "reach" for unit in fault.units]
        without = plan.moved(far, LEFT_OVER)
        is_mended = far and area not in kept and len(without.members(area)) and not area_faults(problem, without, area)
        area_of[far if is_mended else plan.members(area)] = LEFT_OVER
    if np.array_equal(area_of, plan.area_of):
        return plan
    return Plan(area_of, plan.anchor_of, np.full(problem.n_units, -1)).without_empty_areas()


def _first_progress(problem: Problem) -> Progress:
    """What is reported before there is a plan: no unit is in an area."""
    nothing = Plan(np.full(problem.n_units, -1), np.zeros(0), np.full(problem.n_units, -1))
    return Progress(0.0, 0, "area", 0, 0, score(problem, nothing), lambda: nothing)


def _draft(problem: Problem, parts: Sequence[LedAreaPart], locks: IndexedLocks, labels: Sequence[np.ndarray]) -> Plan:
    """The plan of labels of all parts."""
    return complete_plan(problem, place_labels(zip(parts, labels, strict=True), problem.n_units), locks)


def _labels_on(part: LedAreaPart, plan: Plan) -> np.ndarray:
    """(n,) labels of a part's units in a plan, numbered from 0."""
    labels = plan.area_of[part.units]
    is_in = labels >= 0
    numbers = np.cumsum(np.bincount(labels[is_in], minlength=max(plan.n_areas, 1)) > 0) - 1
    return np.where(is_in, numbers[labels], LEFT_OVER)


def _around(problem: Problem, plan: Plan, parts: Sequence[LedAreaPart]) -> Score:
    """What the parts do not decide: areas that stay, and units in none."""
    outside = np.ones(problem.n_units, dtype=bool)
    for part in parts:
        outside[part.units] = False
    areas = [area for area in range(plan.n_areas) if outside[plan.members(area)].all()]
    left, unled = outside & problem.is_target & (plan.area_of < 0), outside & find_unled(problem, plan)
    return Score(
        int(problem.households[left].sum()),
        sum(metres_of_area(problem, plan, area) for area in areas),
        len(areas),
        unled_households=int(problem.households[unled].sum()),
    )


def _better(problem: Problem, plan: Plan, other: Plan, locks: IndexedLocks = NO_LOCKS) -> Plan:
    """The better of two plans, the one that meets more locks first; the first of equals."""

    def key(one: Plan) -> tuple[float, ...]:
        return (_lock_faults(one, locks), *objective_key(problem, one))

    return other if key(other) < key(plan) else plan


def _is_held_by_companies(problem: Problem, plan: Plan) -> bool:
    """Whether somebody is without a leader and some company has nothing more to give."""
    return problem.companies is not None and bool(score(problem, plan).unled_households)


def _capacities_left(problem: Problem, plan: Plan) -> np.ndarray:
    """(m,) m²: what each anchor leads, and of what its company has left as much as it could lead besides."""
    companies = problem.companies
    if companies is None or plan.leader_of is None:
        return problem.capacity
    number = np.full(problem.n_units, -1, dtype=np.int64)
    number[problem.anchors] = np.arange(len(problem.anchors))
    led = np.flatnonzero(plan.leader_of >= 0)
    used = np.bincount(number[plan.leader_of[led]], problem.load[led], len(problem.anchors)).astype(np.int64)
    found = problem.capacity.copy()
    for company, allowance in enumerate(companies.allowance.tolist()):
        mine = np.flatnonzero(companies.of_anchor == company)
        found[mine] = np.minimum(problem.capacity[mine], used[mine] + max(0, allowance - int(used[mine].sum())))
    return found
