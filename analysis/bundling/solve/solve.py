"""A planning problem is solved: decomposed by streets and stages, searched, polished and certified."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from analysis.bundling.evaluation.score import score
from analysis.bundling.model.objectives import objectives_of
from analysis.bundling.model.plan import LEFT_OVER, Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.score import Score
from analysis.bundling.solve.area_count import allocate_area_count, fix_area_counts
from analysis.bundling.solve.capacity_allocation import MAX_PASSES, initial_allocation, reallocate_unused, select_parts
from analysis.bundling.solve.certify import certify, certify_again
from analysis.bundling.solve.incumbents import objective_key
from analysis.bundling.solve.local_search import polish
from analysis.bundling.solve.metres_bounds import GapCriterion, build_gap_criterion, split_by_anchor
from analysis.bundling.solve.plan_labels import add_areas, label_part, remove_areas
from analysis.bundling.solve.result import Certificate, Result, determine_status
from analysis.bundling.solve.single_moves import insert_left_over
from analysis.bundling.solver.base.bound_limits import scale_budget
from analysis.bundling.solver.base.budget import Progress, SearchBudget
from analysis.bundling.solver.base.evaluate import evaluate
from analysis.bundling.solver.base.policy import POLICIES
from analysis.bundling.solver.base.stop import Stop
from analysis.bundling.solver.base.subproblem import Measure, Stage, Subproblem, group_units, split_lead, split_whole
from analysis.bundling.solver.base.work_log import WorkLog
from analysis.bundling.solver.construct import construct
from analysis.bundling.solver.driver import GapTest, search_and_bound
from analysis.bundling.solver.exact.listed_groups import ListedGroup, solve_groups
from analysis.bundling.solver.parallel import search_parts

logger = logging.getLogger(__name__)

STAGES: dict[str, tuple[Stage, ...]] = {"lead": ("lead",), "whole": ("whole",), "mixed": ("lead", "whole")}


def solve(
    problem: Problem,
    *,
    seed: int = 0,
    stop: Stop,
    on_progress: Callable[[Progress], None] | None = None,
    workers: int = 1,
    log: WorkLog | None = None,
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
    on_progress, workers
        See `driver.search_and_bound`.
    log
        Of the run that this is a part of; None = a new one.

    Returns
    -------
    Result with a sound plan; an empty one where no area is possible.
    """
    policy = POLICIES["plan_mixed" if problem.rules.mode == "mixed" else "plan"]
    if not objectives_of(problem.rules).is_walking:
        policy = POLICIES["plan_by_objectives"]
    task = _PlanSearch.of(problem, seed)
    log = WorkLog(stop.clock, stop.is_asked) if log is None else log
    found = search_and_bound(task, policy, stop=stop, on_progress=on_progress, workers=workers, log=log)
    plan, bound = found.solution, found.bound
    worth = score(problem, plan)
    logger.info(
        "solved in %.1f s: %d areas, %d households left over (at least %d), %d household-metres",
        found.seconds,
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
        seconds=found.seconds,
        rounds=found.rounds,
        why_stopped=found.why_stopped,
        clock=log.record,
    )


def initial_progress(problem: Problem) -> Progress:
    """What is told before there is a first plan: no unit is in an area."""
    plan = _no_areas(problem)
    return Progress(0.0, 0, STAGES[problem.rules.mode][0], 0, 0, score(problem, plan), lambda: plan)


def require_area_count(problem: Problem, plan: Plan) -> Plan:
    """The plan, or none at all where another number of areas is asked for than it has.

    Parameters
    ----------
    problem, plan
        Any plan of the problem.
    """
    if problem.rules.areas in (None, plan.n_areas):
        return plan
    return _no_areas(problem)


def _no_areas(problem: Problem) -> Plan:
    return Plan(np.full(problem.n_units, -1), np.zeros(0, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class _PlanSearch:
    """A problem as the driver sees it (`driver.SearchTask`): solutions are plans, bounds are certificates.

    Parameters
    ----------
    problem
        What must be decided.
    streams
        Where the seeds of each stage's parts come from.
    """

    problem: Problem
    streams: Mapping[Stage, np.random.SeedSequence]

    @classmethod
    def of(cls, problem: Problem, seed: int) -> _PlanSearch:
        lead, whole = np.random.SeedSequence(seed).spawn(2)
        return cls(problem, {"lead": lead, "whole": whole})

    @property
    def stages(self) -> tuple[Stage, ...]:
        return STAGES[self.problem.rules.mode]

    @property
    def is_bounded(self) -> bool:
        return bool(self.problem.rules.bounds)

    @property
    def measure(self) -> Measure:
        return "walk"

    @cached_property
    def listed(self) -> tuple[ListedGroup, ...]:
        """Groups whose best plan is known from listing all their areas; mode "mixed"."""
        return _solve_listed_groups(self.problem)

    @property
    def sizes(self) -> list[int]:
        return [len(units) for units in group_units(self.problem)]

    def initial_progress(self) -> Progress:
        return initial_progress(self.problem)

    def construct(self) -> Plan:
        """No areas: each stage constructs those of its parts, which depend on the stage before."""
        return _no_areas(self.problem)

    def bound_before(self, solution: Plan, budget: SearchBudget) -> tuple[Plan, GapCriterion]:
        limits = scale_budget(budget.bound_budget, budget.policy.prior_bounds)
        return solution, build_gap_criterion(self.problem, limits, workers=budget.workers)

    def gap_test(self, prior: GapCriterion, gap: float) -> GapTest:
        return lambda _, worth: prior.within_gap(worth, gap)

    def search(self, solution: Plan, budget: SearchBudget, bound: Certificate | None = None) -> Plan:
        problem, aims = self.problem, objectives_of(self.problem.rules)
        is_polished = len(self.stages) > 1 or not aims.is_walking  # units go between led areas and others, too
        share = budget.policy.plans
        if solution.n_areas:
            best, share = score(problem, solution), 1.0
            budget.keep_best(
                best,
                lambda: solution,
                lambda worth: not is_polished and worth.key(problem.objective) < best.key(problem.objective),
            )
        plan = _StageSearch(problem, self.streams, budget, solution, bound, self.listed).run(self.stages)
        if is_polished:
            plan = polish(problem, plan, aims, budget.limit(share))
        plan = insert_left_over(problem, plan)
        return self.choose_better(solution, plan) if solution.n_areas else plan

    def choose_better(self, one: Plan, other: Plan) -> Plan:
        return one if objective_key(self.problem, one) <= objective_key(self.problem, other) else other

    def bound(self, solution: Plan, budget: SearchBudget, prior: GapCriterion | None) -> tuple[Plan, Certificate]:
        return certify(self.problem, solution, budget, prior)

    def is_open(self, solution: Plan, bound: Certificate) -> bool:
        if bound.left_over_households == self.problem.households[self.problem.is_target].sum():
            return False
        return determine_status(self.problem, solution, bound) != "optimal"

    def bound_again(
        self, before: Plan, solution: Plan, bound: Certificate, budget: SearchBudget
    ) -> tuple[Plan, Certificate]:
        return certify_again(self.problem, before, bound, solution, budget)


@dataclass(frozen=True, eq=False)
class _StageSearch:
    """The search of one stage after the other.

    Parameters
    ----------
    problem, streams, budget
        What must be decided, and with what.
    before
        The plan at hand; without areas in a first search.
    bound
        In a second search, of the plan at hand: what it proves best is left as it is.
    listed
        Groups whose best plan is known; they are not searched.
    """

    problem: Problem
    streams: Mapping[Stage, np.random.SeedSequence]
    budget: SearchBudget
    before: Plan
    bound: Certificate | None
    listed: tuple[ListedGroup, ...]

    @cached_property
    def _is_listed(self) -> np.ndarray:
        """(n,) bool: units of those groups."""
        found = np.zeros(self.problem.n_units, dtype=bool)
        for group in self.listed:
            found[group.units] = True
        return found

    def run(self, stages: tuple[Stage, ...]) -> Plan:
        """The plan after every stage."""
        plan = _place_groups(split_by_anchor(self.before)[0], self.listed)
        if "lead" in stages:
            plan = self._search_lead(plan, is_last=len(stages) == 1)
        if "whole" in stages:
            plan = self._search_whole(plan)
        return require_area_count(self.problem, plan)

    def _search_lead(self, plan: Plan, *, is_last: bool) -> Plan:
        """The plan with anchors' areas, searched again where a company's unused share helps (R15)."""
        problem, is_second = self.problem, self.before.n_areas > 0
        shares = initial_allocation(problem, plan if is_second else None)
        parts = self._searched(split_lead(replace(problem, capacity=shares)))
        labels = [label_part(part, plan) if is_second else construct(part) for part in parts]
        held_back = select_parts(parts, problem.anchors[shares < problem.capacity])
        plan = self._search_parts(plan, parts, labels, n_later=sum(part.n_units for part in held_back), is_last=is_last)
        for _ in range(MAX_PASSES):
            larger = reallocate_unused(problem, plan, shares)
            if larger is None:
                break
            parts = self._searched(split_lead(replace(problem, capacity=larger)))
            parts = select_parts(parts, problem.anchors[larger > shares])
            labels, shares = [label_part(part, plan) for part in parts], larger
            plan = self._search_parts(plan, parts, labels, is_last=is_last)
        return plan

    def _search_whole(self, plan: Plan) -> Plan:
        """The plan with areas of targets that no anchor has taken in."""
        number = self.problem.rules.areas
        parts = self._searched(_split_rest(self.problem, plan))
        if self.before.n_areas:
            plan = _keep_unanchored(self.before, plan)
            labels = [label_part(part, plan) for part in parts]
            if number is None:
                labels = [self._better(part, one, construct(part)) for part, one in zip(parts, labels, strict=True)]
            else:
                parts, labels = fix_area_counts(parts, labels)
            return self._search_parts(plan, parts, labels)
        labels = [construct(part) for part in parts]
        if number is not None:
            limit = self.budget.search_limit()
            goes_on = self.budget.limit() if limit.is_endless else limit  # it ends when somebody asks for that, too
            parts, labels = allocate_area_count(self.problem, parts, number, self.streams["whole"], goes_on)
        return self._search_parts(plan, parts, labels)

    def _searched(self, parts: Sequence[Subproblem]) -> tuple[Subproblem, ...]:
        """The parts whose best areas are not known."""
        return tuple(part for part in parts if not self._is_listed[part.units[0]])

    def _better(self, part: Subproblem, labels: np.ndarray, other: np.ndarray) -> np.ndarray:
        objective = self.problem.objective
        return other if evaluate(part, other).key(objective) < evaluate(part, labels).key(objective) else labels

    @cached_property
    def _proven(self) -> set[int]:
        """Jurisdictions in which no plan is better, by label."""
        if self.bound is None or objectives_of(self.problem.rules).counting != ("walking",):
            return set()
        return {
            one.wall
            for one in self.bound.streets
            if one.left_over_households == one.least_left_over
            and one.household_metres == one.least_metres
            and not one.unled_households
        }

    def _search_parts(
        self,
        plan: Plan,
        parts: Sequence[Subproblem],
        labels: list[np.ndarray],
        *,
        n_later: int = 0,
        is_last: bool = True,
    ) -> Plan:
        """The plan with the areas found in parts of one stage, no worse than `labels`."""
        if not parts:
            return plan
        plan = remove_areas(plan, parts)
        if not is_last:
            later = self._searched(_split_rest(self.problem, add_areas(plan, parts, labels)))
            n_later += sum(part.n_units for part in later)
        labels = search_parts(
            parts,
            labels,
            self.problem.objective,
            self.streams[parts[0].stage],
            self.budget,
            around=_score_around(self.problem, plan, parts),
            n_later=n_later,
            plan_of=partial(add_areas, plan, parts),
            is_open=[int(self.problem.jurisdiction[part.units[0]]) not in self._proven for part in parts],
        )
        return add_areas(plan, parts, labels)


def _solve_listed_groups(problem: Problem) -> tuple[ListedGroup, ...]:
    """Best plans of groups that can be listed, those that a company couples (R15) together.

    Only where plans are measured in walks, and in areas at a price, besides the levels that come before.
    """
    aims = objectives_of(problem.rules)
    is_measured = aims.counting == ("walking",) or (
        aims.area_price_m is not None and set(aims.counting) <= {"walking", "areas"}
    )
    if problem.rules.mode != "mixed" or not is_measured or problem.move_m or problem.rules.areas is not None:
        return ()
    groups = solve_groups(problem, area_m=aims.area_price_m or 0, by_company=True)
    return tuple(group for group in groups if group.is_proven)


def _place_groups(plan: Plan, groups: Sequence[ListedGroup]) -> Plan:
    """The plan with the best areas of some groups."""
    area_of, anchor_of = plan.area_of.copy(), [plan.anchor_of]
    n_areas = plan.n_areas
    for group in groups:
        assert group.area_of is not None
        area_of[group.units] = np.where(group.area_of >= 0, group.area_of + n_areas, LEFT_OVER)
        anchor_of.append(group.anchor_of)
        n_areas += len(group.anchor_of)
    return Plan(area_of, np.concatenate(anchor_of)).without_empty_areas()


def _keep_unanchored(before: Plan, plan: Plan) -> Plan:
    """The plan with those areas without an anchor of another that lost nobody to it."""
    others = split_by_anchor(before)[1]
    lost = np.unique(others.area_of[(others.area_of >= 0) & (plan.area_of >= 0)])
    kept = np.where(np.isin(others.area_of, lost), LEFT_OVER, others.area_of)
    area_of = np.where(kept >= 0, kept + plan.n_areas, plan.area_of)
    return Plan(area_of, np.concatenate([plan.anchor_of, others.anchor_of])).without_empty_areas()


def _split_rest(problem: Problem, plan: Plan) -> tuple[Subproblem, ...]:
    """Parts among the targets no area has yet."""
    return split_whole(problem, np.flatnonzero(problem.is_target & (plan.area_of < 0)))


def _score_around(problem: Problem, plan: Plan, parts: Sequence[Subproblem]) -> Score:
    """Score of all that the parts do not decide: areas made before, units outside every part."""
    before = score(problem, plan)
    inside = sum(int(part.households.sum()) for part in parts)
    return Score(before.left_over_households - inside, before.household_metres, before.n_areas)
