"""The score of a plan in raw quantities, and how its parts are traded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from analysis.bundling.model.plan import Plan
    from analysis.bundling.model.problem import Problem


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
        Σ households × walk to the anchor, or to the medoid of an area without one.
    n_areas
        Number of areas.
    opening_m
        Household-metres that opening the areas' anchors costs, where anchors have such a cost.
    """

    left_over_households: int
    household_metres: int
    n_areas: int
    opening_m: int = 0

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


def score(problem: Problem, plan: Plan) -> Score:
    """Score a plan from scratch.

    Parameters
    ----------
    problem, plan
        The plan's `area_of` has one entry for each of the problem's n units.

    Returns
    -------
    Score in households and household-metres. Walks beyond the limit count as the limit in areas
    without an anchor; members beyond the limit of their anchor make the plan unsound and count as
    the limit too.
    """
    metres = sum(area_metres(problem, plan.members(area), int(plan.anchor_of[area])) for area in range(plan.n_areas))
    left = problem.is_target & (plan.area_of < 0)
    return Score(int(problem.households[left].sum()), int(metres), plan.n_areas)


def score_by_jurisdiction(problem: Problem, plan: Plan) -> tuple[dict[int, int], dict[int, int]]:
    """Households left over, and household-metres, behind each wall by its label.

    Parameters
    ----------
    problem
        The problem.
    plan
        A plan of the problem.
    """
    left = dict.fromkeys(np.unique(problem.jurisdiction).tolist(), 0)
    metres = dict(left)
    for unit in np.flatnonzero(problem.is_target & (plan.area_of < 0)):
        left[int(problem.jurisdiction[unit])] += int(problem.households[unit])
    for area in range(plan.n_areas):
        members = plan.members(area)
        walked = area_metres(problem, members, int(plan.anchor_of[area]))
        metres[int(problem.jurisdiction[members[0]])] += walked
    return left, metres


def unanchored_by_jurisdiction(problem: Problem, plan: Plan) -> dict[int, int]:
    """Households in areas without an anchor behind each wall, by its label; 0 in other modes than "mixed".

    Parameters
    ----------
    problem
        The problem.
    plan
        A plan of the problem.
    """
    unled = dict.fromkeys(np.unique(problem.jurisdiction).tolist(), 0)
    if problem.rules.mode != "mixed":
        return unled
    is_unled = np.append(plan.anchor_of < 0, False)[plan.area_of]
    for unit in np.flatnonzero(problem.is_target & is_unled):
        unled[int(problem.jurisdiction[unit])] += int(problem.households[unit])
    return unled


def area_metres(problem: Problem, members: np.ndarray, anchor: int) -> int:
    """Household-metres of one area: to its anchor, or to its medoid when `anchor` is −1.

    Parameters
    ----------
    problem
        The problem.
    members
        (k,) positions of units.
    anchor
        Position of the anchor, −1 = the medoid counts.
    """
    households = problem.households[members]
    if anchor >= 0:
        return int(walk_matrix(problem, np.array([anchor]), members)[0] @ households)
    return int((walk_matrix(problem, members, members) @ households).min())


def medoid(problem: Problem, members: np.ndarray) -> int:
    """Position of the member everybody walks least to; the first of equals.

    Parameters
    ----------
    problem
        The problem.
    members
        (k,) positions of units.
    """
    costs = walk_matrix(problem, members, members) @ problem.households[members]
    return int(members[np.argmin(costs)])


def walk_matrix(problem: Problem, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """(r, c) int64 metres between units; the walking limit where a walk is beyond it.

    Parameters
    ----------
    problem
        The problem.
    rows
        (r,) positions.
    columns
        (c,) positions.
    """
    metres = problem.walks[rows][:, columns].toarray()
    metres[metres == 0] = problem.walk_cap
    metres[rows[:, None] == columns[None, :]] = 0
    return metres
