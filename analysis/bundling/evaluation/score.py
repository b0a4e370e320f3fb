"""Score of a plan from scratch: households left over, household-metres, areas."""

from __future__ import annotations

import numpy as np

from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.score import Score


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
    metres = sum(metres_of_area(problem, plan, area) for area in range(plan.n_areas))
    left = problem.is_target & (plan.area_of < 0)
    unled = find_unled(problem, plan) if problem.rules.mode == "area" else np.zeros(problem.n_units, dtype=bool)
    return Score(
        int(problem.households[left].sum()),
        int(metres),
        plan.n_areas,
        unled_households=int(problem.households[unled].sum()),
    )


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
        metres[int(problem.jurisdiction[plan.members(area)[0]])] += metres_of_area(problem, plan, area)
    return left, metres


def unanchored_by_jurisdiction(problem: Problem, plan: Plan) -> dict[int, int]:
    """Households in areas without an anchor behind each wall, by its label; 0 in modes "lead" and "whole".

    In mode "area" those that ask for a leader, are in an area and have none.

    Parameters
    ----------
    problem
        The problem.
    plan
        A plan of the problem.
    """
    unled = dict.fromkeys(np.unique(problem.jurisdiction).tolist(), 0)
    if problem.rules.mode == "area":
        is_unled = find_unled(problem, plan)
    elif problem.rules.mode == "mixed":
        is_unled = problem.is_target & np.append(plan.anchor_of < 0, False)[plan.area_of]
    else:
        return unled
    for unit in np.flatnonzero(is_unled):
        unled[int(problem.jurisdiction[unit])] += int(problem.households[unit])
    return unled


def find_unled(problem: Problem, plan: Plan) -> np.ndarray:
    """(n,) bool: units in an area that ask for a leader and have none; mode "area".

    Parameters
    ----------
    problem
        The problem.
    plan
        A plan of the problem.
    """
    asks = np.zeros(problem.n_units, dtype=bool) if problem.asks_leader is None else problem.asks_leader
    is_led = np.zeros(problem.n_units, dtype=bool) if plan.leader_of is None else plan.leader_of >= 0
    return asks & (plan.area_of >= 0) & ~is_led


def metres_of_area(problem: Problem, plan: Plan, area: int) -> int:
    """Household-metres of one area of a plan: to its anchor, to leaders inside, or to its medoid.

    Parameters
    ----------
    problem
        The problem.
    plan
        A plan of the problem.
    area
        Number of an area of the plan that has a unit.
    """
    members = plan.members(area)
    if plan.leader_of is None:
        return area_metres(problem, members, int(plan.anchor_of[area]))
    leaders, households = plan.leader_of[members], problem.households[members]
    walks = walk_matrix(problem, members, members)
    to = np.where(leaders >= 0, np.searchsorted(members, leaders), (walks @ households).argmin())
    return int(walks[np.arange(len(members)), to] @ households)


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
    walks, places, of_column = problem.walks, columns, None
    if (np.diff(columns) <= 0).any():
        places, of_column = np.unique(columns, return_inverse=True)
    starts, counts = walks.indptr[rows], walks.indptr[rows + 1] - walks.indptr[rows]
    row = np.repeat(np.arange(len(rows)), counts)
    entry = np.arange(len(row)) + np.repeat(starts - np.cumsum(counts) + counts, counts)
    place = np.searchsorted(places, walks.indices[entry])
    is_in = place < len(places)
    is_in[is_in] = places[place[is_in]] == walks.indices[entry[is_in]]
    among = np.zeros((len(rows), len(places)), dtype=np.int64)
    among[row[is_in], place[is_in]] = walks.data[entry[is_in]]
    metres = among if of_column is None else among[:, of_column]
    metres[metres == 0] = problem.walk_cap
    metres[rows[:, None] == columns[None, :]] = 0
    return metres
