"""A benchmark instance becomes an assignment with a bound, by the search and the bounds of the planning solver."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.bundling.benchmark.decomposition import (
    Decomposition,
    build_assignment,
    decompose,
    find_outside_units,
    rounding_error,
)
from analysis.bundling.benchmark.instance import Instance, evaluate_assignment
from analysis.bundling.benchmark.levels import (
    Level,
    PartBounds,
    StreetBound,
    bound_streets,
    build_levels,
    evaluate_labels,
    has_levels,
    total_bound,
)
from analysis.bundling.model.score import Score
from analysis.bundling.solve.left_over_bounds import (
    GoesOn,
    SecondsLeft,
    bound_parts,
    fractional_knapsack_left_over,
    lagrangian_left_over,
)
from analysis.bundling.solve.result import Status
from analysis.bundling.solver.base.budget import Progress, SearchBudget, Stop
from analysis.bundling.solver.base.evaluate import evaluate
from analysis.bundling.solver.base.progress import heartbeat
from analysis.bundling.solver.base.subproblem import Stage, reachable_units
from analysis.bundling.solver.construct import construct
from analysis.bundling.solver.exact.subproblem_bound import SubproblemBound, bound_subproblem, is_bounded_by_columns
from analysis.bundling.solver.parallel import search_parts
from analysis.bundling.solver.search import compile_kernels

TIE = 1e-8
"""A bound this close to the objective, relatively, meets it: published values are no rounder."""

SEARCH_SHARE, SEARCH_SHARE_CHOOSING, SEARCH_SHARE_SMALL = 0.7, 0.9, 0.55
"""Share of the seconds spent on plans; the rest is for the bound. Where leads are chosen, the gap is
seldom one that a proof closes; where everyone must have one of many small areas, what its columns put
together is often the better plan."""

PRIOR_BOUND_SHARE = 0.1
"""Share of the seconds spent on a bound before the search, where it may end near it."""

LONG_S, LATER_SHARE = 100.0, 0.1
"""Seconds after which plans of leads that must serve all are seldom better, and the share of those after
it that the search still has: the rest is the proof's."""

LEVEL_SHARE = 0.1
"""Share of the time of the bounds that what must be left over may use."""


@dataclass(frozen=True, eq=False)
class Assignment:
    """What is found for an instance.

    Parameters
    ----------
    assignment
        (n,) −1 = in no area, else the lead's position (problem 1) or a label (problem 2).
    objective
        What it costs in the instance's own measure.
    bound
        No assignment costs less.
    method
        How the bound was found.
    status
        "optimal": proven; "infeasible": not every unit that must have an area has one, or their
        number is not the one asked for; "feasible" otherwise.
    n_left
        Units in no area.
    levels
        Where leads take units in and some may be left over: the households left over, and the
        metres walked by the others, each with what no assignment can do better than.
    streets
        See `levels.streets_of`.
    seconds, rounds
        Time of search and bound, compiling not counted, and rounds done.
    why_stopped
        See `solve.Result`.
    """

    assignment: np.ndarray
    objective: float
    bound: float
    method: str
    status: Status
    n_left: int
    levels: tuple[Level, ...]
    streets: tuple[StreetBound, ...]
    seconds: float
    rounds: int
    why_stopped: str


def solve_instance(
    instance: Instance,
    *,
    seed: int = 0,
    stop: Stop,
    on_progress: Callable[[Progress], None] | None = None,
    workers: int = 1,
) -> Assignment:
    """The best assignment found within the budget, and what no assignment can do better than.

    Parameters
    ----------
    instance
        What must be decided.
    seed, stop, on_progress, workers
        As in `solve.solve`.
    """
    decomposition = decompose(instance)
    stage: Stage = "lead" if instance.problem == 1 else "whole"
    is_choosing = any(part.may_close for part in decomposition.parts)
    share = SEARCH_SHARE_CHOOSING if is_choosing else SEARCH_SHARE
    serves_all = decomposition.objective.left_over_m is None
    if serves_all and decomposition.parts and all(is_bounded_by_columns(part) for part in decomposition.parts):
        share = SEARCH_SHARE_SMALL
    if serves_all and instance.problem == 1 and not is_choosing:
        share = scale_search_share(share, stop.seconds)
    outside = Score(int(instance.weight[find_outside_units(decomposition)].sum()), 0, 0)
    nothing = Score(int(instance.weight.sum()), 0, 0)
    stream = np.random.SeedSequence(seed)
    with heartbeat(on_progress, Progress(0.0, 0, stage, 0, 0, nothing)) as tell:
        compile_kernels((stage,))
        watch = SearchBudget(stop, tell, workers, share=share)

        def searched(labels: list[np.ndarray]) -> list[np.ndarray]:
            return search_parts(
                decomposition.parts, labels, decomposition.objective, stream, watch, around=outside, workers=workers
            )

        labels = [construct(part) for part in decomposition.parts]
        if stop.gap is not None:
            at_hand, method, labels = _bound_all_parts(decomposition, labels, watch, workers, PRIOR_BOUND_SHARE)
            watch.stop_when(_gap_test(decomposition, total_bound(decomposition, at_hand), stop.gap))
        labels = searched(labels)
        if watch.within_gap:
            least = at_hand
        else:
            least, method, labels = _bound_all_parts(decomposition, labels, watch, workers)
            is_open = total_bound(decomposition, least) < evaluate_labels(
                decomposition, labels, build_assignment(decomposition, labels)
            )
            if is_open and not is_choosing and watch.use_remaining_time():
                labels = searched(labels)
    assignment = build_assignment(decomposition, labels)
    is_complete = _is_complete(instance, assignment)
    objective, bound = evaluate_labels(decomposition, labels, assignment), total_bound(decomposition, least)
    status: Status = "feasible" if is_complete else "infeasible"
    if is_complete and bound >= objective - TIE * abs(objective):
        # the instance's own measure: pairs' costs were rounded
        bound, status = min(objective, evaluate_assignment(instance, assignment)), "optimal"
    return Assignment(
        assignment=assignment,
        objective=objective,
        bound=bound,
        method=method,
        status=status,
        n_left=int((assignment < 0).sum()),
        levels=build_levels(decomposition, assignment, least, objective, bound),
        streets=bound_streets(decomposition, labels, assignment, least, is_complete=is_complete),
        seconds=watch.seconds,
        rounds=watch.rounds,
        why_stopped=watch.why_stopped,
    )


def infeasible_assignment(instance: Instance) -> Assignment:
    """What is handed back where arithmetic proves that there is no complete assignment: nobody has an area."""
    nobody = np.full(instance.n_units, -1, dtype=np.int64)
    return Assignment(
        assignment=nobody,
        objective=float(instance.penalty_m * instance.weight.sum()),
        bound=0.0,
        method="arithmetic",
        status="infeasible",
        n_left=instance.n_units,
        levels=(),
        streets=(),
        seconds=0.0,
        rounds=0,
        why_stopped="nothing to search",
    )


def scale_search_share(share: float, seconds: float | None) -> float:
    """The share of the seconds spent on plans, from that of a short run.

    Examples
    --------
    >>> scale_search_share(0.7, 60.0), round(scale_search_share(0.7, 600.0), 3)
    (0.7, 0.2)
    """
    if seconds is None or seconds <= LONG_S:
        return share
    return (share * LONG_S + LATER_SHARE * (seconds - LONG_S)) / seconds


def _gap_test(decomposition: Decomposition, bound: float, gap: float) -> Callable[[Sequence[np.ndarray], Score], bool]:
    """Tells of labels whether all that must have an area have one, at a cost near the bound."""

    def is_near(labels: Sequence[np.ndarray], _: Score) -> bool:
        assignment = build_assignment(decomposition, list(labels))
        cost = evaluate_labels(decomposition, list(labels), assignment)
        return _is_complete(decomposition.instance, assignment) and cost - bound <= gap * cost

    return is_near


def _is_complete(instance: Instance, assignment: np.ndarray) -> bool:
    """Whether all that must have an area have one, in as many areas as are asked for."""
    left = assignment < 0
    n_areas = len(np.unique(assignment[~left]))
    return (instance.penalty_m > 0 or not left.any()) and instance.k in (0, n_areas)


def _bound_all_parts(
    decomposition: Decomposition, labels: list[np.ndarray], watch: SearchBudget, workers: int, share: float = 1.0
) -> tuple[PartBounds, str, list[np.ndarray]]:
    """What is proven of every part, how the costs were, and labels no worse.

    `share` of the time left is what it may take.
    """
    left = _bound_left_over(decomposition, labels, watch, workers, share)
    cost, method, labels = _bound_cost(decomposition, labels, watch, workers, share)
    return PartBounds(cost, left), method, labels


def _bound_left_over(
    decomposition: Decomposition, labels: list[np.ndarray], watch: SearchBudget, workers: int, share: float
) -> np.ndarray:
    """(p,) weight that every assignment leaves over in each part; 0 where there are no levels."""
    if not has_levels(decomposition.instance):
        return np.zeros(len(decomposition.parts), dtype=np.int64)

    def least(k: int, goes_on: GoesOn, seconds_left: SecondsLeft) -> int:
        part, inside = decomposition.parts[k], reachable_units(decomposition.parts[k])
        stuck = int(part.households[~inside].sum())
        counted = fractional_knapsack_left_over(part, inside)
        if stuck + counted >= part.households[labels[k] < 0].sum():
            return stuck + counted
        return stuck + max(counted, lagrangian_left_over(part, inside, goes_on, seconds_left)[0])

    found = bound_parts(
        decomposition.parts, least, lambda of: watch.bound_budget(share * of), of=LEVEL_SHARE, workers=workers
    )
    return np.array(found, dtype=np.int64)


def _bound_cost(
    decomposition: Decomposition, labels: list[np.ndarray], watch: SearchBudget, workers: int, share: float
) -> tuple[np.ndarray, str, list[np.ndarray]]:
    """(p,) lower bounds in the instance's measure, how they were found, and labels no worse."""
    instance, objective = decomposition.instance, decomposition.objective
    are_pairs_edges = instance.contiguous or instance.objective != "cut_edges"
    price = np.inf if objective.left_over_m is None else float(objective.left_over_m)

    def bound(k: int, goes_on: GoesOn, seconds_left: SecondsLeft) -> SubproblemBound:
        if not are_pairs_edges:  # the search cuts pairs of near units, not the instance's edges
            return SubproblemBound(float(objective.area_m * decomposition.parts[k].k), "counting", labels[k])
        worth = evaluate(decomposition.parts[k], labels[k])
        known = float(worth.key(objective)[1])
        is_served = np.isfinite(price) or not worth.left_over_households
        return bound_subproblem(
            decomposition.parts[k],
            labels[k],
            left_over=price,
            area=float(objective.area_m),
            aim=float(known if is_served else 3 * known + 1),
            goes_on=goes_on,
            seconds_left=seconds_left,
            workers=workers if len(decomposition.parts) == 1 else 1,
        )

    some = bound_parts(
        decomposition.parts, bound, lambda part_share: watch.bound_budget(share * part_share), workers=workers
    )
    better = [
        found.labels if evaluate(part, found.labels).key(objective) < evaluate(part, one).key(objective) else one
        for part, one, found in zip(decomposition.parts, labels, some, strict=True)
    ]
    cost = np.array([found.cost for found in some], dtype=float)
    # Costs are whole numbers; the sum of a part's prices is off by rounding at most.
    cost = np.ceil(cost - 1e-9 * np.abs(cost) - 1e-6) / decomposition.scale
    cost -= [rounding_error(decomposition, part) for part in decomposition.parts]
    return cost, " + ".join(sorted({found.method for found in some})), better
