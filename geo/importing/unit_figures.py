"""Figures of units: reported, else estimated from buildings, else from land area; courtyards as one unit."""

from __future__ import annotations

import hashlib
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.admin.jurisdictions import CODES, NAMES
from geo.importing.unit_sites import BuildingSites, to_floats
from geo.rules import UnitRules
from geo.values.years import earliest_bounds, estimate_year, year_bounds


def stable_id(kind: str, name: str | None, street: str | None, x: float | None, y: float | None) -> str:
    """An id for something without a code: the same kind, name, street and place give the same id.

    Parameters
    ----------
    kind
        "community" (prefix "c"), "single_building" (prefix "b"), or any other word, whose first
        letter is the prefix.
    name, street
        Name, and code or name of the street; None or NaN where unknown. Outer blanks do not count.
    x, y
        Place in the metric CRS, metres, rounded to 1 m; None or NaN where unknown.

    Returns
    -------
    The prefix and 12 hexadecimal digits.

    Examples
    --------
    >>> stable_id("community", "红星小区", "150203001", 401707.2, 4501466.4)
    'c6868db83d0d4'
    >>> stable_id("community", " 红星小区 ", "150203001", 401707.4, 4501466.0)
    'c6868db83d0d4'
    """
    parts = [kind]
    parts += [text.strip() if isinstance(text, str) else "" for text in (name, street)]
    parts += ["" if v is None or math.isnan(v) else str(round(v)) for v in (x, y)]
    prefix = "b" if kind == "single_building" else kind[:1]
    return prefix + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:12]


def community_units(
    communities: gpd.GeoDataFrame,
    shapes: np.ndarray,
    quality: np.ndarray,
    member_of: np.ndarray,
    own: np.ndarray,
    sites: BuildingSites,
    rules: UnitRules,
) -> pd.DataFrame:
    """Units of the communities, with figures reported or estimated.

    Parameters
    ----------
    communities
        n rows, the layer.
    shapes, quality
        (n,) shape and `geom_quality` of each.
    member_of
        (m,) position of the community of each building, −1 = none.
    own
        (n,) polygons as imported, m² of land where the table states none; None where there is none.
    sites
        Of the buildings.
    rules
        Factors of the estimates.
    """
    n = len(communities)
    used = sites.is_dwelling & (member_of >= 0)
    where = member_of[used]
    floor_area = sites.floor_area_m2[used]
    homes = sites.households[used]
    homes = np.where(np.isnan(homes), floor_area / rules.m2_per_household, homes)
    counted = np.bincount(where[~np.isnan(sites.households[used])], minlength=n) > 0
    land = to_floats(communities["land_area_m2"])
    land = np.where(np.isnan(land) & ~shapely.is_missing(own), shapely.area(own), land)
    reported_homes = to_floats(communities["households"])
    floor_area, floor_quality = _first_known(
        to_floats(communities["floor_area_m2"]),
        _sum_by(where, floor_area, n),
        reported_homes * rules.m2_per_household,
        land * rules.floor_area_ratio,
    )
    households, homes_quality = _first_known(
        reported_homes, np.where(counted, _sum_by(where, homes, n), np.nan), floor_area / rules.m2_per_household
    )
    year, first, last, year_quality = _community_years(
        communities, *earliest_bounds(sites.built_from[used], sites.built_to[used], where, n)
    )
    return pd.DataFrame(communities.drop(columns=["geometry"])).assign(
        kind=np.where(
            communities["community_type"].eq("single_building").fillna(False).to_numpy(bool)
            | communities["stated_single"].eq(True).fillna(False).to_numpy(bool),
            "single_building",
            "community",
        ),
        geom_quality=quality,
        floor_area_m2=np.round(floor_area, 1),
        floor_area_m2_quality=_keep_stated_quality(floor_quality, communities["floor_area_m2_quality"]),
        households=np.maximum(np.round(households), 1),
        households_quality=_keep_stated_quality(homes_quality, communities["households_quality"]),
        built_year=year,
        built_year_from=first,
        built_year_to=last,
        built_year_quality=year_quality,
        geometry=shapes,
    )


def _community_years(
    communities: gpd.GeoDataFrame, first_of_buildings: np.ndarray, last_of_buildings: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Year, its bounds and its quality: the community's own, else that of its first building.

    Buildings also tell where the community's own year is an open interval that theirs lies in.
    """
    year = to_floats(communities["built_year"])
    first, last = to_floats(communities["built_year_from"]), to_floats(communities["built_year_to"])
    first, last = (np.where(np.isnan(first) & np.isnan(last), year, bound) for bound in (first, last))
    known = ~(np.isnan(first_of_buildings) & np.isnan(last_of_buildings))
    inside = ~(first_of_buildings < first) & ~(last_of_buildings > last)
    inside &= ~(~np.isnan(first) & np.isnan(first_of_buildings))
    inside &= ~(~np.isnan(last) & np.isnan(last_of_buildings))
    by_buildings = np.isnan(year) & known & inside
    first = np.where(by_buildings, first_of_buildings, first)
    last = np.where(by_buildings, last_of_buildings, last)
    guess = np.where(by_buildings, estimate_year(first, last), year)
    quality = np.where(by_buildings, "estimated", "reported").astype(object)
    quality = np.where(np.isnan(guess), "missing", quality)
    return guess, first, last, _keep_stated_quality(quality, communities["built_year_quality"])


def _keep_stated_quality(quality: np.ndarray, written: pd.Series) -> np.ndarray:
    """Reported figures are estimates where what was written was one ("约120"), or were surveyed."""
    own = written.to_numpy(dtype=object)
    is_own = (quality == "reported") & np.isin(own, ("estimated", "surveyed"))
    return np.where(is_own, own, quality)


def single_building_units(
    buildings: gpd.GeoDataFrame,
    chosen: np.ndarray,
    sites: BuildingSites,
    rules: UnitRules,
    communities: gpd.GeoDataFrame,
) -> pd.DataFrame:
    """Units of one building each.

    Parameters
    ----------
    buildings
        m rows, the layer.
    chosen
        (k,) positions of the buildings that are units.
    sites
        Of the buildings.
    rules
        Factors of the estimates.
    communities
        The layer: no unit takes an id of theirs.
    """
    rows = pd.DataFrame(buildings.drop(columns=["geometry"])).iloc[chosen]
    shape = sites.shape[chosen]
    is_polygon = ~np.isnan(sites.footprint_m2[chosen])
    floor_area, floor_quality = _first_known(
        to_floats(rows["floor_area_m2"]), sites.floor_area_m2[chosen], sites.households[chosen] * rules.m2_per_household
    )
    households, homes_quality = _first_known(sites.households[chosen], floor_area / rules.m2_per_household)
    year = to_floats(rows["built_year"])
    year_quality = _keep_stated_quality(np.where(np.isnan(year), "missing", "reported"), rows["built_year_quality"])
    first, last = to_floats(rows["built_year_from"]), to_floats(rows["built_year_to"])
    first, last = (np.where(np.isnan(first) & np.isnan(last), year, bound) for bound in (first, last))
    unit_ids = rows["building_id"].to_numpy(dtype=object)
    taken = np.isin(unit_ids, communities["unit_id"].to_numpy(dtype=object))
    unit_ids[taken] = [stable_id("single_building", i, None, None, None) for i in unit_ids[taken]]
    short = "单体楼 " + rows["building_id"].str.split("-").str[-1].str[-8:]
    discs = shapely.buffer(shape, rules.point_radius_m, quad_segs=8)
    return pd.DataFrame(
        {
            "unit_id": unit_ids,
            "kind": "single_building",
            "name": rows["name"].fillna(short).to_numpy(dtype=object),
            "geom_quality": np.select(
                [is_polygon, ~shapely.is_missing(shape)], ["digitised", "buffered_point"], default="missing"
            ),
            "community_type": "single_building",
            "building_count": 1,
            "management_mode": rows["management_mode"].to_numpy(dtype=object),
            "property_unit": rows["property_unit"].to_numpy(dtype=object),
            "address": rows["address"].to_numpy(dtype=object),
            **{column: rows[column].to_numpy(dtype=object) for column in (*CODES, *NAMES)},
            "floor_area_m2": np.round(floor_area, 1),
            "floor_area_m2_quality": _keep_stated_quality(floor_quality, rows["floor_area_m2_quality"]),
            "households": np.maximum(np.round(households), 1),
            "households_quality": _keep_stated_quality(homes_quality, rows["households_quality"]),
            "built_year": year,
            "built_year_from": first,
            "built_year_to": last,
            "built_year_quality": year_quality,
            "geometry": np.where(is_polygon, shape, discs),
        }
    )


def merge_courtyards(singles: pd.DataFrame, yards: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
    """Single buildings of one yard made one unit; and the unit id of each building.

    Parameters
    ----------
    singles
        (k,) units of one building each.
    yards
        (k,) number of the yard, −1 = stands alone.

    Returns
    -------
    The units, those of yards with `building_count` and sums of their buildings' figures (missing
    where one is missing, estimated where one is); the year is that of the first building. What all
    buildings do not share (management, owner) is missing.
    """
    own_ids = singles["unit_id"].to_numpy(dtype=object) if len(singles) else np.empty(0, object)
    inside = np.flatnonzero(yards >= 0)
    if not len(inside):
        return singles, own_ids
    order = inside[np.lexsort((own_ids[inside], yards[inside]))]
    first, counts = np.unique(yards[order], return_index=True, return_counts=True)[1:]
    own_ids = own_ids.copy()
    own_ids[order] = np.repeat(own_ids[order[first]], counts)
    together = _courtyard_units(singles.iloc[order], first, counts)
    return pd.concat([singles[yards < 0], together], ignore_index=True), own_ids


def _courtyard_units(members: pd.DataFrame, first: np.ndarray, counts: np.ndarray) -> pd.DataFrame:
    """One row for each yard; its buildings stand together, by id, from `first` on."""
    units = members.iloc[first].copy()
    shapes = np.split(members["geometry"].to_numpy(dtype=object), first[1:])
    units["geometry"] = np.array([shapely.union_all(own) for own in shapes], dtype=object)
    units["name"] = [f"{name} 等{n}栋" for name, n in zip(units["name"], counts, strict=True)]
    units["building_count"] = counts
    for column in ("management_mode", "property_unit"):
        values = members[column].to_numpy(dtype=object)
        differs = values != np.repeat(values[first], counts)
        units[column] = units[column].mask(np.logical_or.reduceat(differs, first))
    for column in ("floor_area_m2", "households"):
        units[column] = np.add.reduceat(to_floats(members[column]), first)
        doubt = members[f"{column}_quality"].map(_QUALITY_RANK).to_numpy()
        units[f"{column}_quality"] = np.array(list(_QUALITY_RANK))[np.maximum.reduceat(doubt, first)]
    bounds = earliest_bounds(*year_bounds(members), np.repeat(np.arange(len(first)), counts), len(first))
    guessed = members["built_year_quality"].eq("estimated").to_numpy()
    year = estimate_year(*bounds)
    units["built_year"], units["built_year_from"], units["built_year_to"] = year, *bounds
    is_guess = np.logical_or.reduceat(guessed, first) | (bounds[0] != bounds[1])
    units["built_year_quality"] = np.where(np.isnan(year), "missing", np.where(is_guess, "estimated", "reported"))
    is_point = members["geom_quality"].ne("digitised").to_numpy()
    units["geom_quality"] = np.where(np.logical_or.reduceat(is_point, first), "buffered_point", "digitised")
    return units


_QUALITY_RANK = {"surveyed": 0, "reported": 1, "estimated": 2, "missing": 3}
"""A sum is as doubtful as the most doubtful of what it adds."""


def _first_known(reported: np.ndarray, *estimates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first value that is not NaN, and whether it is reported, estimated or missing."""
    value = reported
    for estimate in estimates:
        value = np.where(np.isnan(value), estimate, value)
    quality = np.select([~np.isnan(reported), ~np.isnan(value)], ["reported", "estimated"], default="missing")
    return value, quality


def _sum_by(position: np.ndarray, values: np.ndarray, n: int) -> np.ndarray:
    """(n,) mean of the known values × number of rows, which is their sum when all are known."""
    known = ~np.isnan(values)
    total = np.bincount(position[known], weights=values[known], minlength=n)
    n_known = np.bincount(position[known], minlength=n)
    n_rows = np.bincount(position, minlength=n)
    with np.errstate(invalid="ignore"):
        return np.where(n_known == n_rows, np.where(n_known > 0, total, np.nan), total / n_known * n_rows)
