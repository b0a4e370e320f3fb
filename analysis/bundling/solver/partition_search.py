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

ANNEALED_SHARE = 0.3
"""Share of a part's budget for one annealing, after which the best choice of all areas met is taken."""


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

    Annealed cycle by cycle; of all areas met the best choice is taken (set partitioning, `SolutionPool`); and
    again from the start. Neighbouring areas divided anew in the best way brought nothing (decision 0047).

    Parameters
    ----------
    part
        Of stage "whole".
    labels
        (n,) int: a sound start, see `construct`.
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
    if budget.spend(0, labels) >= 1:
        return labels
    costs = PlanCosts(_left_over_cost(part, objective), float(objective.area_m))
    pool = SolutionPool(part, costs)
    best, is_first = labels, True
    while budget.share < 1:
        phase = budget.phase(budget.share + ANNEALED_SHARE, None if is_first else best)
        found = drop_infeasible_areas(part, anneal_whole(part, labels, objective, rng, phase, pool.add))
        choice = pool.solve_set_partitioning(has_time=has_time.share(CHOICE_SHARE, CHOICE_SECONDS))
        best = min(best, found, choice, key=lambda one: evaluate(part, one).key(objective))
        budget.spend(1, best)
        is_first = False
    met += pool.areas
    return best


def _left_over_cost(part: Subproblem, objective: Objective) -> float:
    """Price of a household left over where areas are chosen; dear where nobody is to be."""
    if objective.left_over_m is not None:
        return float(objective.left_over_m)
    if part.measure == "cut":  # a usual unit costs as much as all edges
        return len(part.indices) / max(1.0, float(part.households.mean()))
    return LEFT_PRICE * cost_scales(part)[0]
