"""Large neighbourhood search (Shaw 1998) of anchored areas: annealing for a start, then exact repair."""

from __future__ import annotations

import numpy as np

from analysis.bundling.model.score import Objective
from analysis.bundling.solver.annealing import anneal_lead, anneal_repeatedly, cost_scales, left_over_price
from analysis.bundling.solver.base.budget import BudgetShare, MapFunction
from analysis.bundling.solver.base.evaluate import drop_infeasible_areas, evaluate
from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.base.work_log import TimeLimit
from analysis.bundling.solver.exact.assignment_mip import PlanCosts, TransportRelaxation, solve_transport_relaxation
from analysis.bundling.solver.exact.columns.proof import has_small_areas
from analysis.bundling.solver.exact.lagrangian import LagrangianState, tighten_bound
from analysis.bundling.solver.exact.restricted_mip import GAP_SHARES, is_promising, solve_restricted_mip
from analysis.bundling.solver.facility_selection import (
    FacilitySelection,
    lead_always,
    neighbouring_selections,
    select_facilities,
)
from analysis.bundling.solver.lns_step import RepairOperator, RoundBudget, choose_repair, reoptimise_neighbourhoods
from analysis.bundling.solver.models.separators import Separator, disconnected_groups
from analysis.bundling.solver.neighbourhoods import draw_neighbourhoods, neighbourhood_subproblem
from analysis.bundling.solver.solution_pool import AnchorArea, SolutionPool

LEFT_PRICE = 1000.0
"""Price of a household left over where nobody is to be, in usual walks."""

ANNEALED_SHARE, ANNEALED_SHARE_LEAVING = 0.1, 0.2
"""Share of a part's budget that one annealing takes before groups of areas are solved exactly; the
second where not everyone can be served: who is left over is first a matter of annealing."""

WARM, HOT, MELTED = 0.2, 2.0, 10.0
"""How hot annealing begins, in usual walks: from a transportation relaxation that leaves hardly a unit open, from one
that leaves few, and from any other start (decision 0058)."""

MAX_OPEN_WARM, MAX_OPEN_HOT = 1 / 50, 1 / 20
"""Most units that the relaxation may leave open for that, as shares of all."""

POOLED_SHARE, POOLED_SHARE_LEAVING = 0.3, 0.4
"""The same of small areas, for many annealings whose areas are put together (decision 0020)."""

RESOLVED_SHARE = 0.1
"""Share of the budget for groups of small areas, before annealing begins anew; where not everyone can be
served."""

CHOICE_EVERY = 6
"""Shakes in a row that bring nothing, before the areas met are put together anew."""

CHOICE_SECONDS, CHOICE_SHARE = 3.0, 0.4
"""Limits of choosing among the areas met, where a clock is read."""

OPENED_SHARE, OPENED_SHARE_LATER = 0.2, 0.06
"""Share of the budget for a search while a choice of leads stands: the first, and each later one."""

MAX_PERTURBATIONS, MAX_PERTURBATIONS_LEFT_OVER = 24, 6
"""Shakes in a row that bring nothing before annealing begins anew; fewer, where somebody is left
over who is not to be."""

MAX_PERTURBATIONS_SELECTION = 8
"""Shakes in a row that bring nothing before a choice of leads has had its search."""

MODEL_EVERY = 6
"""Shakes in a row that bring nothing, before HiGHS looks for plans close to the bound again."""

ROUNDS_A_MODEL = 1_000
"""Rounds that it counts for."""

CHOOSING_SHARE = 0.3
"""Share of a part's seconds, where a clock is read, in which anchors are chosen at first."""

NEAR_RELAXATION = 1.02
"""Where a plan at hand costs less than this times the relaxation, choices of leads begin at its own."""

NEAR_BEST = 1.01
"""A choice of leads whose plan costs more than this times the best is given up."""


def large_neighbourhood_search(
    part: Subproblem,
    labels: np.ndarray,
    objective: Objective,
    rng: np.random.Generator,
    spent: BudgetShare,
    each: MapFunction,
    has_time: TimeLimit,
    met: list[AnchorArea],
) -> np.ndarray:
    """Anneal, then solve groups of areas until nothing is found any more; again while time lasts.

    Where everyone can be served, "again" means: some neighbouring areas are annealed anew and the
    groups around them solved, more of them the longer that brings nothing, and only then all.
    Where anchors may be closed, the next choice of leads is tried.

    See `search.improve_subproblem`.

    Parameters
    ----------
    part
        The subproblem.
    labels
        (n,) int: area of each unit, −1 = left over.
    objective
        What the best is judged by.
    rng
        The only source of randomness.
    spent
        Share of the budget spent, from rounds and labels; see `BudgetShare`.
    each
        `map`, or what does the same several at a time.
    has_time
        For the whole search; endless where no clock is read.
    met
        Areas met by the search are added to it, where areas are small.
    """
    budget = RoundBudget(spent)
    if budget.spend(0, labels) >= 1:
        return labels
    search = _Search(part, labels, objective, rng, budget, each, has_time)
    while budget.share < 1:
        search.iterate()
    met += search.pool.areas
    return search.best


class _Search:
    """The search of one part: the best labels, those it goes on from, and what is known of prices.

    Parameters
    ----------
    part, labels
        What is given, and a first sound plan.
    """

    def __init__(
        self,
        part: Subproblem,
        labels: np.ndarray,
        objective: Objective,
        rng: np.random.Generator,
        budget: RoundBudget,
        each: MapFunction,
        has_time: TimeLimit,
    ) -> None:
        self.part, self.objective, self.rng, self.budget = part, objective, rng, budget
        self.each, self.has_time = each, has_time
        metres, _ = cost_scales(part)
        price, _ = left_over_price(objective, metres)
        self.relaxation = solve_transport_relaxation(part, price, objective.area_m)
        if objective.left_over_m is None:  # nobody is left over to save metres or an opening
            price = max(LEFT_PRICE * metres, float(part.opening.max(initial=0)), float(objective.area_m))
        self.costs = PlanCosts(price, float(objective.area_m))
        start = LagrangianState(-np.inf, self.relaxation.prices, {}, np.zeros(part.cost.shape))
        self.state = tighten_bound(
            part, self.costs, start, aim=1.03 * self.relaxation.bound, rounds=4, steps=100, length=1.0
        )
        self.serves_all = objective.left_over_m is None and self.relaxation.left_over < 1e-6
        self.initial = self.best = self.now = labels
        self.best_key = self.now_key = evaluate(part, labels).key(objective)
        self.is_first = True
        self.n_failed = 0  # shakes of `now` in a row that did not make it better
        self.n_infeasible_shares = 0  # shares of `GAP_SHARES` below which there is no plan
        self.selections: list[FacilitySelection] = []
        self.searches: dict[bytes, _Search] = {}  # by the leads chosen
        self.expanded: set[bytes] = set()  # choices whose neighbours are listed
        self.chosen_first = np.arange(len(part.anchors))
        self.pool = SolutionPool(part, self.costs)
        self.is_pooled = len(part.anchors) > 1 and has_small_areas(part)
        self.cuts: dict[Separator, None] = {}
        self.proven_optimal: set[tuple[bytes, bytes]] = set()
        self.reoptimise = choose_repair(part, self.costs, lambda: self.state, self.relaxation, self.serves_all)

    def iterate(self) -> None:
        """Find other labels, solve groups of their areas, and keep what is best."""
        around = None
        is_perturbed = self._should_perturb()
        mip_labels = self._solve_restricted_mip() if self._should_solve_mip() else None
        if mip_labels is not None:
            candidate, is_perturbed = mip_labels, True
        elif self.part.may_close:
            candidate = self._search_selection()
        elif is_perturbed:
            candidate, around = self._perturb()
        else:
            candidate = self._anneal()
        if len(self.part.anchors) > 1 and not self._is_hopeless(candidate):
            take = self.pool.add if self.is_pooled else None
            operator = RepairOperator(
                self.reoptimise,
                self.each,
                self.has_time,
                self.serves_all,
                self.best,
                self.cuts,
                self.proven_optimal,
                take,
            )
            budget = self.budget
            if self.is_pooled and not self.serves_all:
                budget = RoundBudget(budget.phase(budget.share + RESOLVED_SHARE, self.best))
            candidate = reoptimise_neighbourhoods(
                self.part, candidate, self.objective, self.rng, budget, operator, around
            )
        self._keep(candidate, is_perturbed)
        if not is_perturbed or self.n_failed % CHOICE_EVERY == CHOICE_EVERY - 1:
            self._adopt_recombination()

    def _adopt_recombination(self) -> None:
        """Go on from the best plan that all areas met make, where it is better than all plans met."""
        if self.is_pooled:
            relaxation = self._recombine(self.pool)
            if evaluate(self.part, relaxation).key(self.objective) < self.best_key:
                self._keep(relaxation, True)

    def _should_perturb(self) -> bool:
        if self.is_first or not self.serves_all or self.part.may_close:
            return False
        most = MAX_PERTURBATIONS_LEFT_OVER if self.now_key[0] > 0 else MAX_PERTURBATIONS
        return len(self.part.anchors) > 3 and self.n_failed < most

    def _is_hopeless(self, candidate: np.ndarray) -> bool:
        """Whether nothing will come of a choice of leads: its plan is dear, or leaves people over."""
        if not self.part.may_close:
            return False
        left, cost = evaluate(self.part, candidate).key(self.objective)
        if self.serves_all and self.selections and left > 0:
            return True
        is_far = (left, cost) > (self.best_key[0], NEAR_BEST * self.best_key[1])
        return not self.is_first and is_far

    def _current_selection(self) -> np.ndarray:
        """The leads of the best plan; while none serves everyone, those chosen first."""
        if self.best_key[0] > 0:
            return self.chosen_first
        return np.unique(self.best[self.best >= 0])

    def _keep(self, candidate: np.ndarray, is_perturbed: bool) -> None:
        if self.is_pooled:
            self.pool.add(candidate)
        key = evaluate(self.part, candidate).key(self.objective)
        if not is_perturbed or key < self.now_key:
            self.now, self.now_key, self.n_failed = candidate, key, 0
        else:
            self.n_failed += 1
        is_better = key < self.best_key
        if is_better:
            self.best, self.best_key = candidate, key
        if (is_better or self.is_first) and self.serves_all and self.best_key[0] == 0:
            known = self.costs.of(self.part, self.best)
            self.state = tighten_bound(self.part, self.costs, self.state, aim=known, rounds=4, steps=60, length=0.3)
        self.is_first = False
        self.budget.spend(1, self.best)

    def _anneal(self) -> np.ndarray:
        """Labels annealed from the start; of small areas, the best choice of those of many plans."""
        shares = POOLED_SHARE, POOLED_SHARE_LEAVING
        if not self.is_pooled:
            shares = ANNEALED_SHARE, ANNEALED_SHARE_LEAVING
        end = self.budget.share + shares[0 if self.serves_all else 1]
        phase = self.budget.phase(end, None if self.is_first else self.best)
        start, hot = _repair_labels(self.part, self.initial, self.relaxation)
        if not self.is_pooled:
            return self._anneal_start(start, hot, phase, shares[0])
        fresh = SolutionPool(self.part, self.costs)
        anneal_repeatedly(self.part, start, self.objective, self.rng, phase, fresh.add, self.each)
        self.pool.merge(fresh)
        return self._recombine(fresh if self.serves_all else self.pool)

    def _anneal_start(self, start: np.ndarray, hot: float, phase: BudgetShare, more: float) -> np.ndarray:
        """Labels annealed from a start; a warm one hotter, for a further share, where somebody is left over in vain."""

        def anneal(phase: BudgetShare, hot: float) -> np.ndarray:
            is_warm = hot == WARM
            found = anneal_lead(self.part, start, self.objective, self.rng, phase, hot, is_cooled_once=is_warm)
            return drop_infeasible_areas(self.part, found)

        labels = anneal(phase, hot)
        if self.serves_all and hot == WARM and evaluate(self.part, labels).left_over_households:
            labels = anneal(self.budget.phase(self.budget.share + more, None if self.is_first else self.best), HOT)
        return labels

    def _recombine(self, pool: SolutionPool) -> np.ndarray:
        """The best plan that areas of a pool make."""
        return pool.solve_set_partitioning(has_time=self.has_time.share(CHOICE_SHARE, CHOICE_SECONDS))

    def _should_solve_mip(self) -> bool:
        """Whether HiGHS is to look for a plan between the bound of prices and the best known."""
        if self.is_first or not self.serves_all or self.best_key[0] > 0:
            return False
        is_due = self.n_failed % MODEL_EVERY == 0
        return is_due and is_promising(self.part, self.state, self.best_key[1])

    def _solve_restricted_mip(self) -> np.ndarray | None:
        """Labels by HiGHS; where they come apart the pieces are left over."""
        relaxation = solve_restricted_mip(
            self.part,
            self.costs,
            self.state,
            self.best_key[1],
            self.cuts,
            shares=GAP_SHARES[self.n_infeasible_shares :],
            has_time=self.has_time,
        )
        self.n_infeasible_shares += relaxation.n_infeasible_shares
        self.cuts.update(dict.fromkeys(relaxation.cuts))
        if self.budget.spend(ROUNDS_A_MODEL, self.best) >= 1 or relaxation.labels is None:
            return None
        return grow_labels(self.part, relaxation.labels)

    def _perturb(self) -> tuple[np.ndarray, np.ndarray | None]:
        """The labels with some neighbouring areas annealed anew from nothing.

        Also the units around, where groups begin; None (anywhere) while somebody is left over.
        """
        k = min(3 + self.n_failed // 2, len(self.part.anchors))
        served = np.flatnonzero(self.now >= 0)  # a unit no anchor takes in begins no group
        neighbourhood = draw_neighbourhoods(self.part, self.now, k, 1, self.rng, served)[0]
        inner, _ = neighbourhood_subproblem(self.part, self.now, neighbourhood)
        rounds = max(10, inner.n_units // 2)
        nobody = np.full(inner.n_units, -1, dtype=np.int64)
        nobody[inner.anchors] = np.arange(len(inner.anchors))
        relaxation = anneal_lead(inner, nobody, self.objective, self.rng, lambda done, _: done / rounds, 3.0)
        perturbed = self.now.copy()
        perturbed[neighbourhood.units] = np.append(neighbourhood.anchors, -1)[drop_infeasible_areas(inner, relaxation)]
        self.budget.spend(rounds, self.best)
        return perturbed, None if self.now_key[0] > 0 else neighbourhood.units

    def _next_selection(self) -> FacilitySelection | None:
        """A choice of leads that is not searched yet and may be better than the best plan known; None = none left.

        First those listed, then those one step away from the best.
        """
        if self.is_first and not self._is_near_relaxation():
            limit = self.has_time.share(CHOOSING_SHARE)
            self.selections = select_facilities(self.part, self.costs, has_time=limit, each=self.each)
        while True:
            while self.selections:
                selection, self.selections = self.selections[0], self.selections[1:]
                if selection.chosen.tobytes() not in self.searches and selection.bound < self._known_cost():
                    return selection
            leads = self._current_selection()
            if leads.tobytes() not in self.searches or leads.tobytes() in self.expanded:
                return None
            self.expanded.add(leads.tobytes())
            self.selections = neighbouring_selections(
                self.part, self.costs, leads, below=self._known_cost(), has_time=self.has_time.share(CHOOSING_SHARE)
            )

    def _known_cost(self) -> float:
        """Cost of the best plan; ∞ while it leaves somebody over who can be served."""
        return self.best_key[1] if self.best_key[0] == 0 or not self.serves_all else np.inf

    def _is_near_relaxation(self) -> bool:
        """Whether a plan at hand is so good that its leads are those to begin with."""
        return self.best_key[0] == 0 and self.best_key[1] < NEAR_RELAXATION * self.relaxation.bound

    def _search_selection(self) -> np.ndarray:
        """A plan of the next choice of leads, searched as if they always were open.

        The first choice has more time. Where no choice is left the search of the best one goes on.
        """
        budget, selection = self.budget, self._next_selection()
        chosen = self._current_selection() if selection is None else selection.chosen
        if self.is_first:
            self.chosen_first = chosen
        if budget.spend(1, self.best) >= 1:  # choosing takes time
            return self.best
        share = OPENED_SHARE if self.is_first else OPENED_SHARE_LATER
        inner = RoundBudget(budget.phase(budget.share + share, self.best))
        place = np.full(len(self.part.anchors) + 1, -1, dtype=np.int64)  # the last: left over
        place[chosen] = np.arange(len(chosen))
        start = place[self.best if selection is None else selection.labels]
        search = self.searches.get(chosen.tobytes())
        if search is None:
            free = lead_always(self.part, chosen)
            start = drop_infeasible_areas(free, grow_labels(free, start))
            search = _Search(free, start, self.objective, self.rng, inner, self.each, self.has_time)
            self.searches[chosen.tobytes()] = search
        else:
            search.resume(start, inner)
        most = np.inf if selection is None else MAX_PERTURBATIONS_SELECTION
        while inner.share < 1 and search.n_failed < most:
            search.iterate()
        return np.where(search.best >= 0, np.append(chosen, -1)[search.best], -1)

    def resume(self, labels: np.ndarray, budget: RoundBudget) -> None:
        """Go on from such labels, where they are better than the best, within a further budget.

        Parameters
        ----------
        labels
            (n,) int: area of each unit, −1 = left over.
        budget
            What may be spent.
        """
        self.budget = budget
        if evaluate(self.part, labels).key(self.objective) < self.best_key:
            self._keep(labels, True)
        self.n_failed = 0


def grow_labels(part: Subproblem, labels: np.ndarray) -> np.ndarray:
    """Labels in which what an anchor does not reach over its own units is left over.

    Parameters
    ----------
    part
        The subproblem.
    labels
        (n,) int: area of each unit, −1 = left over.
    """
    labels = labels.copy()
    labels[part.anchors] = np.arange(len(part.anchors))
    for _, neighbourhood in list(disconnected_groups(part, labels)):
        labels[neighbourhood] = -1
    return labels


def _repair_labels(part: Subproblem, labels: np.ndarray, relaxation: TransportRelaxation) -> tuple[np.ndarray, float]:
    """Where annealing begins, and how hot.

    Where the transportation relaxation serves almost everyone it is close to the best plan and
    must not be melted. Where capacity is short it says little of who is left over, and in small
    parts any start is as good as another.
    """
    n_open = int((relaxation.labels < 0).sum())
    if n_open > int(MAX_OPEN_HOT * part.n_units) or part.n_units < 1 / MAX_OPEN_HOT:
        return labels, MELTED
    return grow_labels(part, relaxation.labels), WARM if n_open <= MAX_OPEN_WARM * part.n_units else HOT
