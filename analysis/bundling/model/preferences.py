"""Soft rules of anchors: credit, a newer community, a company nearby (R12, R14, R16)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array

from analysis.bundling.model.adjacency import Adjacency
from analysis.bundling.model.eligibility import CREDIT_BEST_FIRST, company_of
from analysis.bundling.model.rules import PlanRules
from geo.adjacency.graph import AdjacencyGraph
from geo.values.years import year_bounds

_UnitCompanyPairs = tuple[np.ndarray, np.ndarray]

PREFERENCES = ("R12", "R14", "R16")
"""The soft rules, in the order of what :meth:`Preferences.against` gives."""


@dataclass(frozen=True, eq=False)
class Preferences:
    """What tells of n units whether one leads another as preferred (R12, R14, R16).

    What is not known counts as not preferred: nobody can say that the preference is met.

    Parameters
    ----------
    is_rated
        (n,) bool: the company's credit is as good as preferred (R12).
    is_new
        (n,) bool: built after the years that count as old, or renewed (R14).
    year_from, year_to
        (n,) float: earliest and latest year it may have been built, NaN where open.
    company
        (n,) int: a number for each company, −1 where unknown.
    beside
        (n, companies) sparse bool: companies that serve a neighbour of each unit, or have a service
        point within the radius of an anchor from it, as the crow flies (R16).
    years_newer
        Years an anchor is to be newer by than who it leads (R14).
    price_m
        Household-metres that one household led against one preference costs in the search.
    """

    is_rated: np.ndarray
    is_new: np.ndarray
    year_from: np.ndarray
    year_to: np.ndarray
    company: np.ndarray
    beside: csr_array
    years_newer: int
    price_m: int = 0

    def against(self, anchors: np.ndarray, units: np.ndarray) -> np.ndarray:
        """Which preferences are not met where anchors lead units.

        Parameters
        ----------
        anchors, units
            (r,) and (c,) positions.

        Returns
        -------
        (3, r, c) bool, in the order of `PREFERENCES`.
        """
        shape = len(anchors), len(units)
        rated = np.broadcast_to(self.is_rated[anchors][:, None], shape)
        at_least = self.year_from[anchors][:, None] - self.year_to[units][None, :]
        by_years = at_least >= self.years_newer
        newer = self.is_new[anchors][:, None] & by_years  # no comparison with NaN is true
        company = self.company[anchors]
        serves = self.beside[units][:, np.maximum(company, 0)].toarray().T & (company >= 0)[:, None]
        return ~np.stack([rated, newer, serves])

    def households_against(self, anchors: np.ndarray, units: np.ndarray, households: np.ndarray) -> np.ndarray:
        """(r, c) int: households of each unit, once for each preference its anchor does not meet.

        Parameters
        ----------
        anchors
            (r,) positions.
        units
            (c,) positions.
        households
            (c,) int, of the units.
        """
        return self.against(anchors, units).sum(axis=0) * households[None, :]

    def among(self, keep: np.ndarray) -> Preferences:
        """Of some of the units alone, by (k,) positions."""
        return replace(
            self,
            is_rated=self.is_rated[keep],
            is_new=self.is_new[keep],
            year_from=self.year_from[keep],
            year_to=self.year_to[keep],
            company=self.company[keep],
            beside=csr_array(self.beside[keep]),
        )


def build_preferences(
    units: gpd.GeoDataFrame,
    contracts: pd.DataFrame | None,
    companies: pd.DataFrame,
    service_points: gpd.GeoDataFrame,
    graph: AdjacencyGraph,
    rules: PlanRules,
    *,
    price_m: int = 0,
) -> Preferences:
    """What the tables tell of every unit.

    Parameters
    ----------
    units, contracts, companies, service_points
        The layers, n units, in one metric CRS; contracts None when nothing is known of them.
    graph
        Neighbours of the n units, walls between streets or none.
    """
    company = company_of(units, contracts)
    credit = companies.set_index("company_id")["credit_rating"]
    good = CREDIT_BEST_FIRST[: CREDIT_BEST_FIRST.index(rules.preferred_credit) + 1]
    year_from, year_to = year_bounds(units)
    number, names = pd.factorize(company, use_na_sentinel=True)
    return Preferences(
        is_rated=_is_in(company.map(credit), good),
        is_new=(year_from > rules.old_until_year) | _is_in(units["renewal_status"], ("done",)),
        year_from=year_from,
        year_to=year_to,
        company=number.astype(np.int64),
        beside=_union_matrix(
            _serving_neighbours(graph, number),
            _service_points_within(units, service_points, pd.Index(names), rules.radius_m),
            (len(units), max(len(names), 1)),
        ),
        years_newer=rules.years_newer,
        price_m=price_m,
    )


def _is_in(values: pd.Series, wanted: Collection[str]) -> np.ndarray:
    return values.isin(list(wanted)).fillna(False).to_numpy(bool)


def _union_matrix(one: _UnitCompanyPairs, other: _UnitCompanyPairs, shape: tuple[int, int]) -> csr_array:
    """(n, companies) bool: pairs that are in either list."""
    row, column = (np.concatenate(both) for both in zip(one, other, strict=True))
    return csr_array(coo_array((np.ones(len(row), dtype=bool), (row, column)), shape=shape))


def _serving_neighbours(graph: AdjacencyGraph, number: np.ndarray) -> _UnitCompanyPairs:
    """Units with the companies of their neighbours."""
    served = number[graph.indices]
    row = Adjacency(graph.indptr, graph.indices).sources
    return row[served >= 0], served[served >= 0]


def _service_points_within(
    units: gpd.GeoDataFrame, points: gpd.GeoDataFrame, names: pd.Index, radius_m: float
) -> _UnitCompanyPairs:
    """Units with the companies that have a service point at most so far off."""
    number = names.get_indexer(points["company_id"])
    where = points.geometry[number >= 0]
    near, unit = units.sindex.query(where, predicate="dwithin", distance=radius_m)
    return unit, number[number >= 0][near]
