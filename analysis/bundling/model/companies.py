"""How much floor area each company may take on: a share of what it manages already (R15)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.bundling.model.eligibility import company_of
from analysis.bundling.model.rules import PlanRules
from geo.findings import Finding
from geo.messages import load_catalogue

say = load_catalogue(__file__)

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


def _notes(found: Companies, *, n_unknown: int) -> tuple[Finding, ...]:
    n_without = int((found.of_anchor == NO_COMPANY).sum())
    n_summed = int((~found.is_recorded).sum())
    notes = []
    if n_summed:
        notes.append(
            Finding(
                "info",
                "plan.company_area_summed",
                *say("finding.company_area_summed", n_summed=n_summed),
                layer="companies",
                column="managed_area_m2",
            )
        )
    if n_without:
        notes.append(
            Finding(
                "warning",
                "plan.company_unknown",
                *say("finding.company_unknown", n_without=n_without, n_unknown=n_unknown),
                layer="companies",
                column="managed_area_m2",
            )
        )
    return tuple(notes)
