"""Whether a plan is so near to what no plan can better that its search may end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from analysis.bundling.model.objectives import objectives_of
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.score import Score
from analysis.bundling.solve.left_over_bound import BoundBudget, city_left_over_bound, left_over_by_jurisdiction
from analysis.bundling.solve.metres_bound import metres_bound_function


@dataclass(frozen=True, eq=False)
class GapCriterion:
    """Bounds made before a search.

    Parameters
    ----------
    left_over
        Households that every plan leaves over behind each wall, by its label.
    least_left_over
        The same of all of them together.
    metres
        From the households a plan may leave over to household-metres it then walks at least, each area
        counting `area_m` of them; None = nothing is claimed.
    area_m
        Household-metres an area costs.
    """

    left_over: dict[int, int]
    least_left_over: int
    metres: Callable[[int], int] | None
    area_m: int = 0

    def within_gap(self, worth: Score, gap: float) -> bool:
        """Whether (value − bound) is no more than a share of the value, at both levels."""
        if worth.left_over_households - self.least_left_over > gap * worth.left_over_households:
            return False
        metres = 0 if self.metres is None else self.metres(worth.left_over_households)
        cost = worth.household_metres + self.area_m * worth.n_areas
        return cost - metres <= gap * cost


def build_gap_criterion(problem: Problem, budget: BoundBudget, *, workers: int = 1) -> GapCriterion:
    """Bounds of every plan of a problem.

    Parameters
    ----------
    problem
        What must be decided.
    budget, workers
        See `bound.over_parts`.
    """
    left_over = left_over_by_jurisdiction(problem, budget, workers=workers)
    least = max(sum(left_over.values()), city_left_over_bound(problem))
    area_m = objectives_of(problem.rules).area_price_m or 0
    metres = metres_bound_function(problem, budget, area_m=area_m, workers=workers)
    return GapCriterion(left_over, least, metres, area_m)
