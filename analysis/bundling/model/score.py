"""The score of a plan in raw quantities, and how its parts are traded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Objective:
    """How the parts of a score are traded.

    Parameters
    ----------
    left_over_m
        Household-metres one left-over household costs; None = left-over households come first,
        whatever the metres.
    area_m
        Household-metres an area costs, so that fewer areas are preferred; 0 = areas are free.
    """

    left_over_m: int | None = None
    area_m: int = 0


PEOPLE_FIRST = Objective()
"""Leave as few households over as possible, then let people walk as little as possible."""


@dataclass(frozen=True)
class Score:
    """What a plan is worth; smaller is better in every part.

    Parameters
    ----------
    left_over_households
        Households of targets in no area.
    household_metres
        Σ households × walk to the anchor, or to the medoid of an area without one; in mode "area"
        to the leader, or to the area's medoid for whoever is not led.
    n_areas
        Number of areas.
    opening_m
        Household-metres that opening the areas' anchors costs, where anchors have such a cost.
    unled_households
        Households of targets in an area without a leader, mode "area"; 0 in others.
    """

    left_over_households: int
    household_metres: int
    n_areas: int
    opening_m: int = 0
    unled_households: int = 0

    def key(self, objective: Objective) -> tuple[int, int]:
        """What plans are compared by under an objective: compare keys with `<`.

        Examples
        --------
        >>> Score(10, 500, 2).key(Objective())
        (10, 500)
        >>> Score(10, 500, 2).key(Objective(left_over_m=100, area_m=7))
        (0, 1514)
        """
        cost = self.household_metres + self.opening_m + objective.area_m * self.n_areas
        if objective.left_over_m is None:
            return self.left_over_households, cost
        return 0, cost + objective.left_over_m * self.left_over_households
