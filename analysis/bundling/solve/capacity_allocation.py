"""A company's allowance is allocated among its anchors (R15), so that streets are solved apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.solver.base.subproblem import Subproblem, split_lead
from analysis.bundling.solver.construct import construct

MAX_PASSES = 4
"""Times that what companies have left is given out, at most."""


def initial_allocation(problem: Problem, plan: Plan | None = None) -> np.ndarray:
    """(m,) int, m²: the most each anchor may take in, so that no company takes on too much.

    Where a company's anchors could use more than its allowance, each has a part of it as large as
    what it takes in in the plan at hand, or in a quickly constructed one which knows no such limit; what is
    left then is parted by what they could use besides.

    Parameters
    ----------
    problem
        With the capacities that hold without R15.
    plan
        A sound plan, which keeps to the shares then.
    """
    companies, shares = problem.companies, problem.capacity.copy()
    if companies is None:
        return shares
    wants, could = _measure_demand(problem)
    if plan is not None:
        wants = _measure_use(problem, plan)
        could = np.maximum(could, wants)
    for company, allowance in enumerate(companies.allowance.tolist()):
        mine = np.flatnonzero(companies.of_anchor == company)
        if could[mine].sum() > allowance:
            first = _allocate_proportionally(wants[mine], allowance)
            shares[mine] = first + _allocate_proportionally(could[mine] - first, allowance - int(first.sum()))
    return shares


def reallocate_unused(problem: Problem, plan: Plan, shares: np.ndarray) -> np.ndarray | None:
    """The shares once what companies have left is given to anchors that their share held back.

    Of a company's anchors the one comes first that most households left over could go to if its
    share were larger. All others of the company keep what they use.

    Parameters
    ----------
    problem
        With the capacities that hold without R15.
    plan
        What was made of `shares`.
    shares
        (m,) int, m².

    Returns
    -------
    None where there is nothing to give, or nobody to take it.
    """
    companies = problem.companies
    if companies is None:
        return None
    used = _measure_use(problem, plan)
    people, could = _measure_shortage(problem, plan, used, shares)
    found = shares.copy()
    for company, allowance in enumerate(companies.allowance.tolist()):
        mine = np.flatnonzero(companies.of_anchor == company)
        left = int(allowance - used[mine].sum())
        waiting = mine[(could[mine] > 0) & (used[mine] + left > shares[mine])]
        if not len(waiting):
            continue
        found[mine] = used[mine]
        for k in waiting[np.argsort(-people[waiting], kind="stable")].tolist():
            given = min(left, int(could[k]))
            found[k] += given
            left -= given
    return found if (found > shares).any() else None


def select_parts(parts: Sequence[Subproblem], units: np.ndarray) -> tuple[Subproblem, ...]:
    """The parts that hold at least one of the units, by position in the problem.

    Parameters
    ----------
    parts
        Subproblems of the problem.
    units
        (k,) positions of units in the problem.
    """
    return tuple(part for part in parts if np.isin(part.units, units).any())


def _measure_demand(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """(m,) m² each anchor takes in in a constructed plan, and m² it could take in at most."""
    wants, could = np.zeros_like(problem.capacity), np.zeros_like(problem.capacity)
    for part in split_lead(problem):
        anchors = np.searchsorted(problem.anchors, part.units[part.anchors])
        labels = construct(part)
        taken = np.bincount(labels[labels >= 0], part.load[labels >= 0], len(anchors))
        wants[anchors] = taken.astype(np.int64) - part.load[part.anchors]
        could[anchors] = np.minimum(part.capacity, (part.cost >= 0) @ part.load)
    return wants, could


def _measure_use(problem: Problem, plan: Plan) -> np.ndarray:
    """(m,) m² each anchor takes in."""
    used = np.zeros_like(problem.capacity)
    for area in np.flatnonzero(plan.anchor_of >= 0).tolist():
        anchor = plan.anchor_of[area]
        k = np.searchsorted(problem.anchors, anchor)
        used[k] = problem.load[plan.members(area)].sum() - problem.load[anchor]
    return used


def _measure_shortage(
    problem: Problem, plan: Plan, used: np.ndarray, shares: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Households left over, and m², that each anchor could take in were its share larger, (m,) each."""
    people, could = np.zeros_like(problem.capacity), np.zeros_like(problem.capacity)
    for part in split_lead(problem):
        anchors = np.searchsorted(problem.anchors, part.units[part.anchors])
        left = problem.is_target[part.units] & (plan.area_of[part.units] < 0)
        room = part.capacity - used[anchors]
        held = (part.cost >= 0) & left & (part.load <= room[:, None])
        held &= part.load > (shares - used)[anchors][:, None]
        people[anchors] = held @ part.households
        could[anchors] = np.minimum(room, held @ part.load)
    return people, could


def _allocate_proportionally(wants: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers as large as wanted, or parts of the total in proportion where that is less.

    Examples
    --------
    >>> _allocate_proportionally(np.array([10, 30]), 20), _allocate_proportionally(np.array([10, 30]), 50)
    (array([ 5, 15]), array([10, 30]))
    """
    if wants.sum() <= total:
        return wants
    return (wants * (total / wants.sum())).astype(np.int64)
