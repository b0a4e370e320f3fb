"""The 15-minute circle: households within a walk of every service asked for (三(六)30)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from analysis.figures.facts import Facts
from analysis.figures.figure import Basis
from analysis.figures.indicator import Tally
from analysis.figures.tally import build_unit_rate
from analysis.indicators.catalogue import declare
from geo.network.barriers import make_lines, select_hard_barriers


def measure_service_walks(
    units: gpd.GeoDataFrame,
    points: gpd.GeoDataFrame,
    walks: pd.DataFrame,
    barriers: gpd.GeoDataFrame,
    *,
    kinds: Sequence[str],
    limit_m: float,
    detour_factor: float,
    hard_kinds: tuple[str, ...],
) -> pd.DataFrame:
    """How far every unit walks to the nearest service of each kind.

    Where the dataset knows the walk between the unit and the unit a service stands in, that walk
    counts; otherwise the straight line × detour, if it meets no hard barrier. Units without a
    place reach nothing.

    Parameters
    ----------
    units, points
        The layers `units` (n rows) and `service_points`, metric CRS.
    walks
        The layer `walks`, metres between units; may be empty.
    barriers
        The layer `barriers`; those of `hard_kinds` stop a straight line.
    kinds
        Kinds of services asked for.
    limit_m
        Longest walk that counts, metres.

    Returns
    -------
    DataFrame with the index of `units`, one column a kind: metres, missing = none within the limit.
    """
    places = np.asarray(units.geometry.representative_point(), dtype=object)
    ids = units["unit_id"].to_numpy(object)
    stops = select_hard_barriers(barriers, hard_kinds)
    out = {}
    points = _place_points(points, units)
    for kind in kinds:
        own = points[(points["kind"] == kind) & points.geometry.notna()]
        spots, hosts = np.asarray(own.geometry, dtype=object), own["unit_id"].to_numpy(object)
        which, at, metres = _straight_walks(places, spots, limit_m, detour_factor)
        lines = make_lines(_xy(places[which]), _xy(spots[at]))
        metres = np.where(stops.intersects(lines), np.inf, metres)
        known = _known_walks(ids[which], hosts[at], walks)
        metres = np.where(np.isnan(known), metres, known)
        nearest = np.full(len(units), np.inf)
        np.minimum.at(nearest, which, metres)
        out[kind] = np.where(nearest <= limit_m, nearest, np.nan)
    return pd.DataFrame(out, index=units.index)


def tally_life_circle(facts: Facts, basis: Basis) -> Tally:
    """T30: households with every service asked for within the walk ÷ households.

    Always by households, whatever the basis of the card. A kind of which the city has not one
    service on file is a gap of the data, not a city without shops.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    basis
        Of the card; not used, for this figure counts by itself.
    """
    units, policy = facts.units, facts.policy
    kinds = tuple(policy.value("life_circle.kinds"))
    points = _place_points(gpd.GeoDataFrame(facts.layer("service_points")), gpd.GeoDataFrame(facts.layers["units"]))
    lacking = tuple(k for k in kinds if not ((points["kind"] == k) & points.geometry.notna()).any())
    needs = tuple(f"service_points.kind={kind}" for kind in lacking)
    shapes = facts.layers["units"]
    if lacking or "geometry" not in shapes:
        reached = placed = np.zeros(len(units), dtype=bool)
    else:
        table = measure_service_walks(
            gpd.GeoDataFrame(shapes),
            points,
            facts.layer("walks"),
            gpd.GeoDataFrame(facts.layer("barriers")),
            kinds=kinds,
            limit_m=60
            * float(policy.value("life_circle.minutes"))
            * float(policy.value("life_circle.metres_per_second")),
            detour_factor=float(policy.value("neighbour.detour_factor")),
            hard_kinds=tuple(policy.value("neighbour.hard_kinds")),
        )
        reached = table.notna().all(axis=1).to_numpy()
        placed = shapes["geometry"].notna().to_numpy()
    tally = build_unit_rate(units, "households", scope=np.ones(len(units), dtype=bool), known=placed, hit=reached)
    return replace(tally, needs=needs)


def _place_points(points: gpd.GeoDataFrame, units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Services with those that only name their unit, as a ledger's column does, at the unit's point."""
    lost = points.geometry.isna() & points["unit_id"].notna()
    if not lost.any() or "geometry" not in units:
        return points
    spots = pd.Series(units.geometry.representative_point().to_numpy(), index=units["unit_id"])
    places = points.geometry.to_numpy().astype(object)
    places[lost.to_numpy()] = points.loc[lost, "unit_id"].map(spots).to_numpy(dtype=object)
    places[pd.isna(places)] = None
    return points.set_geometry(gpd.GeoSeries(places, index=points.index, crs=points.crs))


def _straight_walks(
    places: NDArray[np.object_], points: NDArray[np.object_], limit_m: float, detour_factor: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Positions of places and points within the limit, and straight line × detour, metres."""
    placed = np.flatnonzero(~shapely.is_missing(places))
    if not len(placed) or not len(points):
        none = np.empty(0, dtype=np.intp)
        return none, none, np.empty(0)
    from_, to = cKDTree(_xy(places[placed])), cKDTree(_xy(points))
    near = from_.sparse_distance_matrix(to, limit_m / detour_factor, output_type="coo_matrix")
    order = np.lexsort((near.col, near.row))
    which = placed[near.row[order]]
    return which, near.col[order].astype(np.intp), near.data[order] * detour_factor


def _known_walks(units: NDArray[np.object_], hosts: NDArray[np.object_], walks: pd.DataFrame) -> NDArray[np.float64]:
    """The dataset's walk of each pair of units, NaN where it knows none."""
    if walks.empty or not len(units):
        return np.full(len(units), np.nan)
    stray = pd.isna(hosts)
    own, other = units.astype(str), np.where(stray, "", hosts).astype(str)
    first = own < other
    asked = pd.MultiIndex.from_arrays([np.where(first, own, other), np.where(first, other, own)])
    known = walks.set_index(["unit_a", "unit_b"])["walk_m"].reindex(asked)
    return np.where(stray, np.nan, known.to_numpy(np.float64))


def _xy(points: NDArray[np.object_]) -> NDArray[np.float64]:
    return np.asarray(shapely.get_coordinates(points), dtype=np.float64)


LIFE_CIRCLE = declare("life_circle_15min_rate", tally_life_circle)
