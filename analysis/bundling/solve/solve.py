"""The driver: construct every part, search each for its share of the budget, then certify the plan."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from analysis.bundling.evaluation.score import score
from analysis.bundling.model.objectives import objectives_of
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.score import Score
from analysis.bundling.solve.area_count import allocate_area_count
from analysis.bundling.solve.capacity_allocation import MAX_PASSES, initial_allocation, reallocate_unused, select_parts
from analysis.bundling.solve.certify import certify
from analysis.bundling.solve.local_search import polish
from analysis.bundling.solve.metres_bounds import GapCriterion, build_gap_criterion
from analysis.bundling.solve.plan_labels import add_areas, label_part, remove_areas
from analysis.bundling.solve.result import Result, determine_status
from analysis.bundling.solve.single_moves import insert_left_over
from analysis.bundling.solver.base.budget import Progress, SearchBudget, Stop, time_left
from analysis.bundling.solver.base.progress import heartbeat
from analysis.bundling.solver.base.subproblem import Stage, Subproblem, split_lead, split_whole
from analysis.bundling.solver.construct import construct
from analysis.bundling.solver.parallel import search_parts
from analysis.bundling.solver.search import compile_kernels

logger = logging.getLogger(__name__)

SEARCH_SHARE = 0.9
"""Share of the seconds spent on plans; the rest is for the bounds."""
PRIOR_BOUND_SHARE = 0.1
"""Share spent on bounds before the search, where it may end near them."""
UNPOLISHED_SHARE = 0.5
"""Share spent before `polish` begins, where objectives besides walking are named."""

STAGES: dict[str, tuple[Stage, ...]] = {"lead": ("lead",), "whole": ("whole",), "mixed": ("lead", "whole")}


def solve(
    problem: Problem,
    *,
    seed: int = 0,
    stop: Stop,
    on_progress: Callable[[Progress], None] | None = None,
    workers: int = 1,
) -> Result:
    """The best plan found within the budget.

    Each stage constructs a first plan of all its parts before it searches any of them, so that
    there is always a complete answer. Every part has its own stream of random numbers: the same
    problem, seed and rounds give the same plan. In mode "mixed" anchors first take in what they
    can; what they leave over is grouped into areas without an anchor.

    What companies may take on (R15) couples the streets: each anchor has a share of it while the
    streets are searched apart; what is not used is given to anchors it held back, and their parts
    alone are searched again.

    Parameters
    ----------
    problem
        What must be decided.
    seed
        Any whole number ≥ 0.
    stop
        Budget and question; see `StopAfter`.
    on_progress
        Called at least twice a second from beginning to end, and at the end of each part; from
        several threads, one at a time.
    workers
        Parts searched at a time; it changes the time, not the plan.

    Returns
    -------
    Result with a sound plan; an empty one where no area is possible.
    """
    stages = STAGES[problem.rules.mode]
    aims = objectives_of(problem.rules)
    is_mixed = problem.rules.mode == "mixed"
    share = SEARCH_SHARE - 0.05 * is_mixed if aims.is_walking else UNPOLISHED_SHARE
    with heartbeat(on_progress, initial_progress(problem)) as tell:
        compile_kernels(stages, is_bounded=bool(problem.rules.bounds))
        watch = SearchBudget(stop, tell, workers, share=share)
        criterion = _build_criterion(problem, stop, watch, workers)
        plan = _search(problem, stages, seed, watch, stop, workers)
        if is_mixed or not aims.is_walking:  # units go between led areas and others, too
            plan = polish(problem, plan, aims, time_left(watch, stop, share=SEARCH_SHARE))
        plan = insert_left_over(problem, plan)
        return _result(problem, plan, seed, stop, watch, workers, criterion)


def initial_progress(problem: Problem) -> Progress:
    """What is told before there is a first plan: no unit is in an area."""
    plan = _no_areas(problem)
    return Progress(0.0, 0, STAGES[problem.rules.mode][0], 0, 0, score(problem, plan), lambda: plan)


def _build_criterion(problem: Problem, stop: Stop, watch: SearchBudget, workers: int) -> GapCriterion | None:
    """Bounds that the search may end near, by walking; None where nobody asks for that."""
    gap = stop.gap
    if gap is None or not objectives_of(problem.rules).is_walking:
        return None
    found = build_gap_criterion(problem, lambda share: watch.bound_budget(PRIOR_BOUND_SHARE * share), workers=workers)
    watch.stop_when(lambda _, worth: found.within_gap(worth, gap))
    return found


def _no_areas(problem: Problem) -> Plan:
    return Plan(np.full(problem.n_units, -1), np.zeros(0, dtype=np.int64))


def _search(
    problem: Problem, stages: tuple[Stage, ...], seed: int, watch: SearchBudget, stop: Stop, workers: int
) -> Plan:
    """The plan after every stage."""
    plan = _no_areas(problem)
    for stage, stream in zip(("lead", "whole"), np.random.SeedSequence(seed).spawn(2), strict=True):
        if stage not in stages:
            continue
        more = _StageSearch(stream, watch, workers, rest=stage != stages[-1])
        if stage == "lead":
            plan = _search_lead(problem, plan, more)
        else:
            parts = _split_rest(problem, plan)
            labels = [construct(part) for part in parts]
            if problem.rules.areas is not None:
                parts, labels = allocate_area_count(
                    problem, parts, problem.rules.areas, stream, lambda: watch.seconds_left > 0 and not stop.is_asked()
                )
            plan = _search_stage(problem, plan, parts, labels, more)
    return require_area_count(problem, plan)


def require_area_count(problem: Problem, plan: Plan) -> Plan:
    """The plan, or none at all where another number of areas is asked for than it has."""
    if problem.rules.areas in (None, plan.n_areas):
        return plan
    return _no_areas(problem)


@dataclass(frozen=True, eq=False)
class _StageSearch:
    """What the search of a stage needs besides the problem; `rest`: another stage comes after it."""

    stream: np.random.SeedSequence
    watch: SearchBudget
    workers: int
    rest: bool
    n_again: int = 0


def _search_lead(problem: Problem, plan: Plan, more: _StageSearch) -> Plan:
    """The plan with anchors' areas, searched again where a company's unused share helps (R15)."""
    shares = initial_allocation(problem)
    parts = split_lead(replace(problem, capacity=shares))
    cut = select_parts(parts, problem.anchors[shares < problem.capacity])
    again = replace(more, n_again=sum(part.n_units for part in cut))
    plan = _search_stage(problem, plan, parts, [construct(part) for part in parts], again)
    for _ in range(MAX_PASSES):
        larger = reallocate_unused(problem, plan, shares)
        if larger is None:
            break
        parts = split_lead(replace(problem, capacity=larger))
        parts = select_parts(parts, problem.anchors[larger > shares])
        labels, shares = [label_part(part, plan) for part in parts], larger
        plan = _search_stage(problem, remove_areas(plan, parts), parts, labels, more)
    return plan


def _search_stage(
    problem: Problem, plan: Plan, parts: Sequence[Subproblem], labels: list[np.ndarray], more: _StageSearch
) -> Plan:
    """The plan with the areas found in parts of one stage, no worse than `labels`."""
    n_later = more.n_again
    if more.rest:
        later = _split_rest(problem, add_areas(plan, parts, labels))
        n_later += sum(part.n_units for part in later)
    labels = search_parts(
        parts,
        labels,
        problem.objective,
        more.stream,
        more.watch,
        around=_score_around(problem, plan, parts),
        n_later=n_later,
        workers=more.workers,
        plan_of=partial(add_areas, plan, parts),
    )
    return add_areas(plan, parts, labels)


def _split_rest(problem: Problem, plan: Plan) -> tuple[Subproblem, ...]:
    """Parts among the targets no area has yet."""
    return split_whole(problem, np.flatnonzero(problem.is_target & (plan.area_of < 0)))


def _score_around(problem: Problem, plan: Plan, parts: Sequence[Subproblem]) -> Score:
    """Score of all that the parts do not decide: areas made before, units outside every part."""
    before = score(problem, plan)
    inside = sum(int(part.households.sum()) for part in parts)
    return Score(before.left_over_households - inside, before.household_metres, before.n_areas)


def _result(
    problem: Problem,
    plan: Plan,
    seed: int,
    stop: Stop,
    watch: SearchBudget,
    workers: int,
    criterion: GapCriterion | None,
) -> Result:
    plan, bound = certify(problem, plan, stop, watch, workers, criterion)
    worth = score(problem, plan)
    logger.info(
        "solved in %.1f s: %d areas, %d households left over (at least %d), %d household-metres",
        watch.seconds,
        plan.n_areas,
        worth.left_over_households,
        bound.left_over_households,
        worth.household_metres,
    )
    return Result(
        plan=plan,
        score=worth,
        bound=bound,
        status=determine_status(problem, plan, bound),
        seed=seed,
        seconds=watch.seconds,
        rounds=watch.rounds,
        why_stopped=watch.why_stopped,
    )
