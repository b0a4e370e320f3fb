"""What companies take in under a plan, and what their allowance leaves (R15)."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from analysis.bundling.model.companies import NO_COMPANY
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem


def floor_area_taken(problem: Problem, plan: Plan, *, but: Collection[int] = frozenset()) -> np.ndarray:
    """(c,) int, m² that the anchors of each company take in; empty where the rule is not in force.

    Parameters
    ----------
    problem
        The problem.
    plan
        A plan of the problem.
    but
        Positions of anchors that are not counted.
    """
    companies = problem.companies
    if companies is None:
        return np.zeros(0, dtype=np.int64)
    inside = plan.area_of >= 0
    loads = np.bincount(plan.area_of[inside], problem.load[inside], minlength=plan.n_areas)
    company_of = np.full(problem.n_units, NO_COMPANY)
    company_of[problem.anchors] = companies.of_anchor
    company_of[list(but)] = NO_COMPANY
    taken = np.zeros(len(companies.ids), dtype=np.int64)
    if plan.leader_of is not None:
        led = np.flatnonzero(plan.leader_of >= 0)
        led = led[company_of[plan.leader_of[led]] != NO_COMPANY]
        np.add.at(taken, company_of[plan.leader_of[led]], problem.load[led])
        return taken
    areas = np.flatnonzero(plan.anchor_of >= 0)
    anchors = plan.anchor_of[areas]
    own = np.where(plan.area_of[anchors] == areas, problem.load[anchors], 0)
    company, is_held = company_of[anchors], company_of[anchors] != NO_COMPANY
    np.add.at(taken, company[is_held], loads[areas[is_held]].astype(np.int64) - own[is_held])
    return taken


def company_of_anchor(problem: Problem, anchor: int) -> int:
    """Number of the company of an anchor, by its position; −1 where R15 does not hold it.

    Parameters
    ----------
    problem
        The problem.
    anchor
        Position of an anchor among the units.
    """
    companies = problem.companies
    if companies is None:
        return NO_COMPANY
    k = int(np.searchsorted(problem.anchors, anchor))
    is_anchor = k < len(problem.anchors) and problem.anchors[k] == anchor
    return int(companies.of_anchor[k]) if is_anchor else NO_COMPANY


def remaining_allowance(problem: Problem, plan: Plan, anchor: int) -> int | None:
    """m² that the company of an anchor may still take on; None where R15 does not hold it.

    Parameters
    ----------
    problem
        The problem.
    plan
        A plan of the problem.
    anchor
        Position of an anchor among the units.
    """
    company = company_of_anchor(problem, anchor)
    if company == NO_COMPANY or problem.companies is None:
        return None
    return int(problem.companies.allowance[company] - floor_area_taken(problem, plan)[company])


def allowance_at_anchors(problem: Problem, plan: Plan, anchors: Collection[int]) -> np.ndarray | None:
    """(c,) m² that companies may take in at some anchors, given what a plan has at all others.

    None where R15 is not in force.

    Parameters
    ----------
    problem
        The problem.
    plan
        A plan of the problem.
    anchors
        Positions of anchors whose areas are decided anew.
    """
    if problem.companies is None:
        return None
    return problem.companies.allowance - floor_area_taken(problem, plan, but=anchors)


def capacity_within_allowance(problem: Problem) -> np.ndarray:
    """(m,) int, m²: the capacity of each anchor, or its company's allowance where that is less."""
    companies = problem.companies
    if companies is None:
        return problem.capacity
    most = np.append(companies.allowance, np.iinfo(np.int64).max)
    return np.minimum(problem.capacity, most[companies.of_anchor])
