"""Search of areas without an anchor: annealing, and the best choice of all areas met."""

from __future__ import annotations

import numpy as np

from analysis.bundling.model.score import Objective
from analysis.bundling.solver.annealing import anneal_whole, cost_scales
from analysis.bundling.solver.base.budget import BudgetShare
from analysis.bundling.solver.base.evaluate import drop_infeasible_areas, evaluate
from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.base.work_log import TimeLimit
from analysis.bundling.solver.exact.assignment_mip import PlanCosts
from analysis.bundling.solver.lns import CHOICE_SECONDS, CHOICE_SHARE, LEFT_PRICE
from analysis.bundling.solver.lns_step import RoundBudget
from analysis.bundling.solver.solution_pool import AnchorArea, SolutionPool

FEWEST_RESTARTS = 3
"""Annealings of a round a unit that a budget must hold before it is cut into them; a smaller one is annealed once."""

LAST_SHARE = 0.95
"""Share of the budget after which the areas met are put together for the last time."""


def search_partition(
    part: Subproblem,
    labels: np.ndarray,
    objective: Objective,
    rng: np.random.Generator,
    spent: BudgetShare,
    has_time: TimeLimit,
    met: list[AnchorArea],
) -> np.ndarray:
    """Better labels of a part of stage "whole" than those given, or the same.

    Annealed from a new start again and again, a round a unit each time, where the budget has room for that; of
    all areas met the best choice is taken (set partitioning, `SolutionPool`). Pairs and threes of neighbouring
    areas divided anew in the best way brought nothing (decision 0049).

    Parameters
    ----------
    part
        Of stage "whole".
    labels
        (n,) int: a sound start, see `construct`; one of another number of areas than is given is no plan.
    objective
        What the best is judged by.
    rng
        The only source of randomness.
    spent
        See `BudgetShare`.
    has_time
        For the whole search; endless where no clock is read.
    met
        Areas that the search met are added to it, with their medoids.

    Returns
    -------
    (n,) int64 sound labels, −1 = left over.
    """
    budget = RoundBudget(spent)
    is_sound = part.k in (0, len(np.unique(labels[labels >= 0])))
    best = labels if is_sound else np.full(part.n_units, -1, dtype=np.int64)
    if budget.spend(0, best) >= 1:
        return best
    costs = PlanCosts(_left_over_cost(part, objective), float(objective.area_m))
    pool, n_starts, is_last = SolutionPool(part, costs), 0, False
    while budget.share < 1:
        restart = _Restart(part.n_units, budget, None if n_starts == 0 else best)
        found = drop_infeasible_areas(part, anneal_whole(part, labels, objective, rng, restart, pool.add))
        best = min(best, found, key=lambda one: evaluate(part, one).key(objective))
        n_starts += 1
        if n_starts.bit_count() == 1 or (budget.share >= LAST_SHARE and not is_last):
            is_last = budget.share >= LAST_SHARE
            choice = pool.solve_set_partitioning(has_time=has_time.share(CHOICE_SHARE, CHOICE_SECONDS))
            best = min(best, choice, key=lambda one: evaluate(part, one).key(objective))
        budget.spend(0, best)  # a new best is told of; an annealing has counted its rounds
    met += pool.areas
    return best


class _Restart:
    """The budget of one annealing (`BudgetShare`): a round a unit, or all that is left where that is little.

    Parameters
    ----------
    length
        Rounds of a usual one.
    budget
        Of the whole search.
    best
        (n,) what is told of meanwhile; None = what the annealing finds.
    """

    def __init__(self, length: int, budget: RoundBudget, best: np.ndarray | None) -> None:
        self._length, self._budget, self._best = length, budget, best
        self._begin, self._before = budget.share, budget.rounds

    def __call__(self, rounds: int, labels: np.ndarray) -> float:
        """Share of it that is spent.

        Parameters
        ----------
        rounds
            Rounds of the annealing.
        labels
            (n,) the best it met.
        """
        budget = self._budget
        share = budget.spend(self._before + rounds - budget.rounds, labels if self._best is None else self._best)
        if share >= 1:
            return 1.0
        total = budget.rounds / share if share > 0 else 0.0
        of_the_rest = (share - self._begin) / (1 - self._begin)
        if total < FEWEST_RESTARTS * self._length or (1 - self._begin) * total < 2 * self._length:
            return of_the_rest
        return min(1.0, rounds / self._length)


def _left_over_cost(part: Subproblem, objective: Objective) -> float:
    """Price of a household left over where areas are chosen; dear where nobody is to be."""
    if objective.left_over_m is not None:
        return float(objective.left_over_m)
    if part.measure == "cut":  # a usual unit costs as much as all edges
        return len(part.indices) / max(1.0, float(part.households.mean()))
    return LEFT_PRICE * cost_scales(part)[0]
