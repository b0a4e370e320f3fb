"""How much floor area each company may take on: a share of what it manages already (R15)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.bundling.model.eligibility import company_of
from analysis.bundling.model.rules import PlanRules
from geo.findings import Finding

if TYPE_CHECKING:
    from analysis.bundling.model.plan import Plan
    from analysis.bundling.model.problem import Problem

NO_COMPANY = -1


@dataclass(frozen=True, eq=False)
class Companies:
    """The c companies of a problem's m anchors, as far as the rule can be applied to them.

    Parameters
    ----------
    ids
        (c,) text.
    of_anchor
        (m,) int: company of each anchor, −1 = none that is known, or one whose managed area is not.
    managed_m2
        (c,) float, what it manages at present.
    is_recorded
        (c,) bool: its managed area is the company's own figure; False = summed from the units it
        serves.
    allowance
        (c,) int, m²: the largest sum of `CellProblem.load` its anchors may take in, all together.
    """

    ids: np.ndarray
    of_anchor: np.ndarray
    managed_m2: np.ndarray
    is_recorded: np.ndarray
    allowance: np.ndarray

    def among(self, anchors: np.ndarray) -> Companies:
        """The same for some of the anchors, a (m,) bool."""
        return replace(self, of_anchor=self.of_anchor[anchors])

    def less(self, taken: np.ndarray) -> Companies:
        """The same once (c,) m² are taken in."""
        return replace(self, allowance=np.maximum(self.allowance - taken, 0))


def build_companies(
    units: pd.DataFrame, contracts: pd.DataFrame | None, companies: pd.DataFrame, rules: PlanRules, anchors: np.ndarray
) -> tuple[Companies | None, tuple[Finding, ...]]:
    """The companies of the anchors, and what a reader should know of the figures behind them.

    What a company manages is its own figure where the companies' layer has one; else the floor
    area of all units it serves, where all of them are known. A company of which neither is known
    is held to nothing: what is missing is not zero.

    Parameters
    ----------
    units, contracts, companies
        Layers, as for `eligibility.assign_roles`.
    rules
        `company_growth` None = the rule is not in force.
    anchors
        (m,) positions among the units.

    Returns
    -------
    None where the rule is not in force or can be applied to nobody.
    """
    if rules.company_growth is None or not len(anchors):
        return None, ()
    serves = company_of(units, contracts)
    of_anchor = serves.iloc[anchors].to_numpy(object)
    names = np.array(sorted({str(name) for name in of_anchor if pd.notna(name)}), dtype=object)
    floor = units["floor_area_m2"].astype("float64")
    whole = floor.groupby(serves).agg(lambda areas: areas.sum(skipna=False))
    own = companies.drop_duplicates("company_id").set_index("company_id")["managed_area_m2"]
    recorded = own.reindex(names).astype("float64").to_numpy()
    summed = whole.reindex(names).astype("float64").to_numpy()
    managed = np.where(np.isnan(recorded), summed, recorded)
    known = ~np.isnan(managed)
    place = {name: k for k, name in enumerate(names[known])}
    found = Companies(
        ids=names[known],
        of_anchor=np.array([place.get(name, NO_COMPANY) for name in of_anchor], dtype=np.int64),
        managed_m2=managed[known],
        is_recorded=~np.isnan(recorded[known]),
        allowance=np.floor(rules.company_growth * rules.company_years * managed[known] + 1e-6).astype(np.int64),
    )
    return (found if known.any() else None), _notes(found, n_unknown=int((~known).sum()))


def floor_area_taken(problem: Problem, plan: Plan, *, but: Collection[int] = frozenset()) -> np.ndarray:
    """(c,) int, m² that the anchors of each company take in; empty where the rule is not in force.

    `but`: positions of anchors that are not counted.

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
    areas = np.flatnonzero(plan.anchor_of >= 0)
    anchors = plan.anchor_of[areas]
    own = np.where(plan.area_of[anchors] == areas, problem.load[anchors], 0)
    company, is_held = company_of[anchors], company_of[anchors] != NO_COMPANY
    taken = np.zeros(len(companies.ids), dtype=np.int64)
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


def _notes(found: Companies, *, n_unknown: int) -> tuple[Finding, ...]:
    nobody = int((found.of_anchor == NO_COMPANY).sum())
    n_summed = int((~found.is_recorded).sum())
    notes = []
    if n_summed:
        notes.append(
            Finding(
                "info",
                "plan.company_area_summed",
                f"{n_summed} 家牵头企业没有在管面积, 按其在本数据中服务的单元建筑面积合计 (R15); 请核实。",
                f"{n_summed} companies of anchors have no managed area of their own: the floor area of the "
                "units they serve in these data is taken instead (R15); verify.",
                layer="companies",
                column="managed_area_m2",
            )
        )
    if nobody:
        notes.append(
            Finding(
                "warning",
                "plan.company_unknown",
                f"{nobody} 个牵头小区的企业或其在管面积未知 (面积未知的企业 {n_unknown} 家), "
                "对它们无法核对企业承接上限 (R15)。",
                f"The company of {nobody} anchors, or what it manages, is not known ({n_unknown} companies "
                "without an area): they cannot be held to the limit of companies (R15).",
                layer="companies",
                column="managed_area_m2",
            )
        )
    return tuple(notes)
