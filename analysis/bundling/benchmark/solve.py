"""A benchmark instance becomes an assignment with a bound, by the search and the bounds of the planning solver."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

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
    evaluate_total,
    has_levels,
    total_bound,
)
from analysis.bundling.model.score import Score
from analysis.bundling.solve.left_over_bounds import fractional_knapsack_left_over, lagrangian_left_over
from analysis.bundling.solve.result import Status
from analysis.bundling.solver.base.bound_limits import BoundLimits, scale_budget
from analysis.bundling.solver.base.budget import Progress, SearchBudget
from analysis.bundling.solver.base.evaluate import evaluate
from analysis.bundling.solver.base.policy import POLICIES, BudgetPolicy
from analysis.bundling.solver.base.stop import Stop
from analysis.bundling.solver.base.subproblem import Measure, Stage, Subproblem, reachable_units
from analysis.bundling.solver.base.trace import Trace, TracePoint
from analysis.bundling.solver.base.work_log import ENDLESS
from analysis.bundling.solver.construct import construct
from analysis.bundling.solver.driver import GapTest, search_and_bound
from analysis.bundling.solver.exact.listed_areas import MOST_SETS, MOST_SETS_UNTIMED, ListedSolution, solve_by_listing
from analysis.bundling.solver.exact.subproblem_bound import SubproblemBound, bound_subproblem, is_bounded_by_columns
from analysis.bundling.solver.parallel import bound_parts, search_parts
from analysis.bundling.solver.solution_pool import AnchorArea

TIE = 1e-8
"""A bound this close to the objective, relatively, meets it: published values are no rounder."""


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
    trace
        The best cost and the best bound over the time of the run; empty where nothing was searched.
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
    trace: tuple[TracePoint, ...] = ()


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
    trace = Trace()
    met: list[list[AnchorArea]] = [[] for _ in decomposition.parts]
    task = _InstanceSearch(decomposition, np.random.SeedSequence(seed), trace, met)
    found = search_and_bound(task, _choose_policy(decomposition), stop=stop, on_progress=on_progress, workers=workers)
    labels, least = found.solution, found.bound
    assignment = build_assignment(decomposition, labels)
    is_complete = _is_complete(instance, assignment)
    objective, bound = evaluate_labels(decomposition, labels, assignment), total_bound(decomposition, least)
    status: Status = "feasible" if is_complete else "infeasible"
    if is_complete and bound >= objective - TIE * abs(objective):
        # the instance's own measure: pairs' costs were rounded
        bound, status = min(objective, evaluate_assignment(instance, assignment)), "optimal"
    trace.note(found.seconds, cost=objective if is_complete else None, bound=bound)
    return Assignment(
        assignment=assignment,
        objective=objective,
        bound=bound,
        method=least.method,
        status=status,
        n_left=int((assignment < 0).sum()),
        levels=build_levels(decomposition, assignment, least, objective, bound),
        streets=bound_streets(decomposition, labels, assignment, least, is_complete=is_complete),
        seconds=found.seconds,
        rounds=found.rounds,
        why_stopped=found.why_stopped,
        trace=trace.points,
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


def _choose_policy(decomposition: Decomposition) -> BudgetPolicy:
    """How the seconds are shared."""
    if any(part.may_close for part in decomposition.parts):
        return POLICIES["instance_choice"]
    if decomposition.instance.objective == "cut_edges":
        return POLICIES["instance_cut"]
    is_small = bool(decomposition.parts) and all(is_bounded_by_columns(part) for part in decomposition.parts)
    if decomposition.instance.problem != 1:
        return POLICIES["instance_partition" if is_small else "instance"]
    if decomposition.objective.left_over_m is not None:
        return POLICIES["instance"]
    return POLICIES["instance_small" if is_small else "instance_all"]


def _is_complete(instance: Instance, assignment: np.ndarray) -> bool:
    """Whether all that must have an area have one, in as many areas as are asked for."""
    left = assignment < 0
    n_areas = len(np.unique(assignment[~left]))
    return (instance.penalty_m > 0 or not left.any()) and instance.k in (0, n_areas)


def _round_up(cost: float) -> float:
    """The least whole number of units of cost that a part's bound allows; prices are off by rounding at most."""
    return float(np.ceil(cost - 1e-9 * abs(cost) - 1e-6))


Labels = list[np.ndarray]


@dataclass(frozen=True, eq=False)
class _InstanceSearch:
    """An instance as the driver sees it (`driver.SearchTask`): solutions are (n,) labels of every part.

    Parameters
    ----------
    decomposition, stream
        What is searched, and where random numbers come from.
    trace
        What was known when.
    met
        Of each part, where its search leaves the small areas it met for the proof.
    """

    decomposition: Decomposition
    stream: np.random.SeedSequence
    trace: Trace
    met: Sequence[list[AnchorArea]]

    @property
    def stages(self) -> tuple[Stage, ...]:
        return ("lead",) if self.decomposition.instance.problem == 1 else ("whole",)

    @property
    def is_bounded(self) -> bool:
        return False

    @property
    def measure(self) -> Measure:
        return "cut" if self.decomposition.instance.objective == "cut_edges" else "walk"

    @property
    def sizes(self) -> list[int]:
        return [part.n_units for part in self.decomposition.parts]

    def initial_progress(self) -> Progress:
        nothing = Score(int(self.decomposition.instance.weight.sum()), 0, 0)
        return Progress(0.0, 0, self.stages[0], 0, 0, nothing)

    def construct(self) -> Labels:
        self.trace.begin()  # kernels are compiled by now
        return [construct(part) for part in self.decomposition.parts]

    def bound_before(self, solution: Labels, budget: SearchBudget) -> tuple[Labels, PartBounds]:
        return self._bound(solution, budget, budget.policy.prior_bounds)

    def gap_test(self, prior: PartBounds, gap: float) -> GapTest:
        bound = total_bound(self.decomposition, prior)

        def is_near(labels: Sequence[np.ndarray], _: Score) -> bool:
            assignment = build_assignment(self.decomposition, list(labels))
            cost = evaluate_labels(self.decomposition, list(labels), assignment)
            return _is_complete(self.decomposition.instance, assignment) and cost - bound <= gap * cost

        return is_near

    def search(self, solution: Labels, budget: SearchBudget, bound: PartBounds | None = None) -> Labels:
        outside = find_outside_units(self.decomposition)
        budget.watch(lambda labels, total: self._note_cost(labels, total, budget))
        return search_parts(
            self.decomposition.parts,
            solution,
            self.decomposition.objective,
            self.stream,
            budget,
            around=Score(int(self.decomposition.instance.weight[outside].sum()), 0, 0),
            is_open=None if bound is None else bound.is_open.tolist(),
            met=None if budget.is_concurrent else self.met,  # the proof beside it reads them
        )

    def bound(self, solution: Labels, budget: SearchBudget, prior: PartBounds | None) -> tuple[Labels, PartBounds]:
        if prior is not None and budget.within_gap:
            return solution, prior
        return self._bound(solution, budget, 1.0)

    def choose_better(self, one: Labels, other: Labels) -> Labels:
        parts, objective = self.decomposition.parts, self.decomposition.objective
        return [
            a if evaluate(part, a).key(objective) <= evaluate(part, b).key(objective) else b
            for part, a, b in zip(parts, one, other, strict=True)
        ]

    def is_open(self, solution: Labels, bound: PartBounds) -> bool:
        cost = evaluate_labels(self.decomposition, solution, build_assignment(self.decomposition, solution))
        return bool(bound.is_open.any()) and total_bound(self.decomposition, bound) < cost

    def bound_again(
        self, before: Labels, solution: Labels, bound: PartBounds, budget: SearchBudget
    ) -> tuple[Labels, PartBounds]:
        """The same: what is bounded are all labels of a part, whatever others leave over."""
        return solution, bound

    def _bound(self, labels: Labels, budget: SearchBudget, share: float) -> tuple[Labels, PartBounds]:
        """What is proven of every part in a share of the time left, and labels no worse."""
        left = self._bound_left_over(labels, budget, share)
        decomposition = self.decomposition
        proven = np.zeros(len(labels))
        beside = total_bound(decomposition, PartBounds(proven, left, np.ones(len(labels), dtype=bool), ""))
        error = [rounding_error(decomposition, part) for part in decomposition.parts]

        def note(k: int, cost: float) -> None:
            proven[k] = _round_up(cost) / decomposition.scale - error[k]
            self.trace.note(budget.seconds, bound=beside + float(proven.sum()))

        def bound(k: int, limits: BoundLimits) -> SubproblemBound:
            found = self._bound_cost(k, labels[k], replace(limits, on_bound=partial(note, k)))
            note(k, found.cost)
            return found

        found = bound_parts(
            decomposition.parts, bound, scale_budget(budget.bound_budget, share), workers=budget.workers
        )
        better = self.choose_better(labels, [one.labels for one in found])
        is_open = [
            _round_up(one.cost) < self._known_cost(part, best)
            for part, best, one in zip(decomposition.parts, better, found, strict=True)
        ]
        method = " + ".join(sorted({one.method for one in found}))
        return better, PartBounds(proven, left, np.array(is_open, dtype=bool), method)

    def _note_cost(self, labels: Sequence[np.ndarray], total: Score, budget: SearchBudget) -> None:
        """Trace what the best labels so far cost, once they are complete."""
        decomposition, instance = self.decomposition, self.decomposition.instance
        left = total.left_over_households
        if (left and not instance.penalty_m) or instance.k not in (0, total.n_areas):
            return
        if instance.objective == "cut_edges":
            cost = evaluate_labels(decomposition, labels, build_assignment(decomposition, list(labels)))
        else:
            cost = evaluate_total(decomposition, total, float(left))
        self.trace.note(budget.seconds, cost=cost)

    def _bound_left_over(self, labels: Labels, budget: SearchBudget, share: float) -> np.ndarray:
        """(p,) weight that every assignment leaves over in each part; 0 where there are no levels."""
        parts = self.decomposition.parts
        if not has_levels(self.decomposition.instance):
            return np.zeros(len(parts), dtype=np.int64)

        def least(k: int, limits: BoundLimits) -> int:
            part, inside = parts[k], reachable_units(parts[k])
            stuck = int(part.households[~inside].sum())
            counted = fractional_knapsack_left_over(part, inside)
            if stuck + counted >= part.households[labels[k] < 0].sum():
                return stuck + counted
            return stuck + max(counted, lagrangian_left_over(part, inside, limits)[0])

        found = bound_parts(
            parts, least, scale_budget(budget.bound_budget, share), of=budget.policy.left_over, workers=budget.workers
        )
        return np.array(found, dtype=np.int64)

    def _bound_cost(self, k: int, labels: np.ndarray, limits: BoundLimits) -> SubproblemBound:
        """What no labels of a part cost less than, in its own unit of cost."""
        instance, objective = self.decomposition.instance, self.decomposition.objective
        part, area = self.decomposition.parts[k], float(objective.area_m)
        if instance.objective == "cut_edges" and not instance.contiguous:
            # the search cuts pairs of near units, not the instance's edges
            return SubproblemBound(area * part.k, "counting", labels)
        price = np.inf if objective.left_over_m is None else float(objective.left_over_m)
        listed = self._solve_by_listing(part, price, area, limits)
        if listed is not None and np.isfinite(listed.cost):
            return SubproblemBound(listed.cost, "all areas listed", labels if listed.labels is None else listed.labels)
        aim = self._known_cost(part, labels)
        if not np.isfinite(aim):
            aim = 3 * float(evaluate(part, labels).key(objective)[1]) + 1
        return bound_subproblem(part, labels, left_over=price, area=area, aim=aim, limits=limits, met=self.met[k])

    def _solve_by_listing(
        self, part: Subproblem, price: float, area: float, limits: BoundLimits
    ) -> ListedSolution | None:
        """The best plan of a small part; None where it is too large for that, or the objective another."""
        is_timed = limits.has_time()
        most, has_time = (MOST_SETS, limits.has_time) if is_timed else (MOST_SETS_UNTIMED, ENDLESS)
        return solve_by_listing(part, left_over=price, area=area, has_time=has_time, most_sets=most)

    def _known_cost(self, part: Subproblem, labels: np.ndarray) -> float:
        """What labels cost in the part's own unit; ∞ where they leave over whom they must not."""
        objective = self.decomposition.objective
        worth = evaluate(part, labels)
        if objective.left_over_m is None and worth.left_over_households:
            return float("inf")
        return float(worth.key(objective)[1])
