"""Communities and buildings become units, the things planners decide about."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.admin import jurisdiction_findings
from geo.admin.jurisdictions import CODES, impute_admin_codes, is_district_code
from geo.admin.place_codes import normalise_code, street_core
from geo.findings import Finding
from geo.importing.unit_figures import community_units, merge_courtyards, single_building_units
from geo.importing.unit_sites import (
    assign_communities,
    assign_to_nearest_point,
    classify_buildings,
    cluster_courtyards,
    community_shapes,
    find_by_code,
    find_smallest_containing,
    inner_points,
    mask_geometries,
    measure_buildings,
    valid_polygons,
)
from geo.network.barriers import select_hard_barriers
from geo.rules import UnitRules
from geo.storage.layer_frames import shape_layer
from geo.validation import unit_findings
from geo.validation.stated_status import mark_old_units

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class UnitsResult:
    """Units, and where every building ended.

    Parameters
    ----------
    units
        n rows, the `units` layer in the metric CRS, sorted by `unit_id`.
    buildings
        m rows, the `buildings` layer in the metric CRS with `unit_id` set for buildings that are
        in a community or a unit of their own, missing for the others.
    findings
        What was doubtful, estimated or left unclear.
    places
        (m,) one of `BUILDING_CLASSES` for each building, indexed by `building_id`.
    """

    units: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    findings: tuple[Finding, ...]
    places: pd.Series


def build_units(
    communities: pd.DataFrame,
    buildings: pd.DataFrame,
    streets: pd.DataFrame,
    rules: UnitRules,
    metric_crs: str,
    neighbourhoods: pd.DataFrame | None = None,
    barriers: pd.DataFrame | None = None,
    boundary: pd.DataFrame | None = None,
) -> UnitsResult:
    """Make one unit of each community and of each residential building in no community.

    A building belongs to the community its `community_code` names (a community's `unit_id`,
    `external_code` or name that no other bears), else to the smallest community shape its
    representative point lies in, else, if residential, to the nearest community that is known only
    as a point, that no building names, and that is at most `point_reach_m` away. Its
    `unit_id` is derived here; an earlier value counts only where nothing else tells, that is for
    communities without a polygon and for buildings without a place.

    With `yard_gap_m` buildings that share a yard (:func:`geo.importing.unit_sites.cluster_courtyards`) are one
    unit of kind "single_building"; it has the smallest id of its buildings, which carry it as their `unit_id`.

    Codes of district, street and neighbourhood are those given, else those of the place, else those of
    the names, made from these where nothing else gives one (:mod:`geo.admin.jurisdictions`).

    Figures are the table's ("reported"), else estimated from the buildings, else from land area
    ("estimated"), else missing. Overlapping, nested and giant polygons are reported, not changed.

    Parameters
    ----------
    communities, buildings, streets
        Layers as imported (`geo.schema.LAYERS`), in any CRS; frames without a CRS are taken to be
        in `metric_crs`. Any of them may be empty.
    rules
        Thresholds and factors of the estimates.
    metric_crs
        CRS of the result, metres.
    neighbourhoods
        Layer as imported; with it units without a neighbourhood get that of their place.
    barriers
        Layer as imported; with it no yard lies on both sides of a hard barrier.
    boundary
        Layer as imported; with it units without a district get that of their place.

    Returns
    -------
    Units, buildings with their `unit_id`, findings, and the place of each building.

    Notes
    -----
    Earliest building year = year of a community (R02). Households = Σ of the buildings' own
    counts where there are any, else floor area ÷ m² per household.

    Examples
    --------
    >>> import shapely
    >>> yard = gpd.GeoDataFrame(
    ...     {"unit_id": ["c1"], "name": ["红星小区"], "geom_quality": ["digitised"]},
    ...     geometry=[shapely.box(0, 0, 100, 100)], crs="EPSG:4546")
    >>> blocks = gpd.GeoDataFrame(
    ...     {"building_id": ["b1", "b2"], "use": ["residential"] * 2, "floors_above": [6, 4]},
    ...     geometry=[shapely.box(10, 10, 60, 22), shapely.box(300, 0, 340, 10)], crs="EPSG:4546")
    >>> result = build_units(yard, blocks, pd.DataFrame(), UnitRules(), "EPSG:4546")
    >>> result.units[["unit_id", "kind", "floor_area_m2", "households"]].values.tolist()
    [['b2', 'single_building', 1600.0, 20], ['c1', 'community', 3600.0, 45]]
    """
    communities = shape_layer("communities", communities, metric_crs)
    buildings = shape_layer("buildings", buildings, metric_crs)
    streets = shape_layer("streets", streets, metric_crs)
    own = valid_polygons(communities["geometry"])
    sites = measure_buildings(buildings, rules)
    coded = find_by_code(buildings["community_code"], communities)
    drawn_by = assign_to_nearest_point(coded, communities, own, buildings, sites, rules)
    shapes, quality = community_shapes(communities, own, drawn_by, sites, rules)
    member_of = assign_communities(communities, buildings, own, drawn_by, shapes, quality, sites)
    places = classify_buildings(buildings, member_of, sites, rules)

    whole = community_units(communities, shapes, quality, member_of, own, sites, rules)
    chosen = np.flatnonzero(places == "single")
    singles = single_building_units(buildings, chosen, sites, rules, communities)
    walls = shape_layer("barriers", pd.DataFrame() if barriers is None else barriers, metric_crs)
    yards = cluster_courtyards(
        sites.shape[chosen],
        _streets_of_buildings(buildings.iloc[chosen], sites.point[chosen], streets),
        select_hard_barriers(gpd.GeoDataFrame(walls), rules.barrier_kinds),
        rules,
    )
    alone, own_ids = merge_courtyards(singles, yards)
    units = pd.concat([whole, alone], ignore_index=True) if len(alone) else whole
    nothing = pd.DataFrame()
    quarters = shape_layer("neighbourhoods", nothing if neighbourhoods is None else neighbourhoods, metric_crs)
    outer = shape_layer("boundary", nothing if boundary is None else boundary, metric_crs)
    points = inner_points(units["geometry"].to_numpy(dtype=object))
    street_at = _find_streets(points, streets)
    district_at = _find_districts(points, gpd.GeoDataFrame(outer))
    units = _fill_jurisdiction(units, streets, street_at, district_at)
    units = _fill_neighbourhood(units, gpd.GeoDataFrame(quarters))
    units, two_codes = impute_admin_codes(units, streets, quarters, outer, district_at.tolist())
    of_walls = jurisdiction_findings.find_jurisdiction_conflicts(units, streets, street_at, two_codes)
    units = mark_old_units(units, rules)
    units = shape_layer("units", gpd.GeoDataFrame(units, crs=metric_crs), metric_crs)

    buildings = _set_unit_ids(buildings, communities, member_of, places, own_ids)
    within = find_smallest_containing(mask_geometries(sites.point, coded >= 0), own)
    findings = (
        *unit_findings.find_overlaps(communities, own),
        *unit_findings.find_giants(communities, shapes),
        *unit_findings.find_estimated_shapes(communities, quality),
        *unit_findings.find_code_conflicts(buildings, communities, coded, within),
        *unit_findings.count_building_classes(buildings, places),
        *unit_findings.find_courtyards(buildings, alone),
        *unit_findings.count_estimates(units),
        *unit_findings.find_uncertain_years(units, rules.old_until_year),
        *of_walls,
    )
    logger.info(
        "%d units: %d communities, %d single buildings; %d buildings",
        len(units),
        len(whole),
        len(alone),
        len(buildings),
    )
    return UnitsResult(
        units,
        buildings,
        findings,
        pd.Series(places, index=pd.Index(buildings["building_id"]), name="place", dtype="str"),
    )


def _set_unit_ids(
    buildings: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    member_of: np.ndarray,
    places: np.ndarray,
    own_ids: np.ndarray,
) -> gpd.GeoDataFrame:
    """The buildings with the id of their unit, missing for those that end in none."""
    unit_ids = np.full(len(buildings), None, dtype=object)
    joined = member_of >= 0
    unit_ids[joined] = communities["unit_id"].to_numpy(dtype=object)[member_of[joined]]
    unit_ids[places == "single"] = own_ids
    return buildings.assign(unit_id=pd.Series(unit_ids, dtype="str"))


def _fill_jurisdiction(
    units: pd.DataFrame, streets: gpd.GeoDataFrame, street_at: np.ndarray, district_at: np.ndarray
) -> pd.DataFrame:
    """Fill missing street codes by place, and missing district codes from the street.

    The district of the place counts where neither district nor street is named.
    """
    units = units.assign(**{c: units[c].astype("str") for c in CODES if c in units})
    units["street_code"] = units["street_code"].map(normalise_code).astype("str")
    units["district_code"] = units["district_code"].map(normalise_code).astype("str")
    street = units["street_code"].fillna(pd.Series(street_at, index=units.index, dtype="str"))
    of_street = street.map(streets.set_index("street_code")["district_code"]).astype("str")
    # A statistical code of 9 digits begins with the 6 digits of its district.
    by_digits = street.where(street.str.fullmatch(r"\d{9}").eq(True)).str[:6]
    district = units["district_code"].fillna(of_street).fillna(by_digits)
    nameless = units["district_name"].isna() & units["street_name"].isna()
    by_place = pd.Series(district_at, index=units.index, dtype="str").where(nameless)
    return units.assign(street_code=street, district_code=district.fillna(by_place))


def _find_districts(points: np.ndarray, boundary: gpd.GeoDataFrame) -> np.ndarray:
    """(n,) code of the district whose outline each point lies in, None where in none."""
    outlines = boundary[boundary["district_code"].map(is_district_code).astype(bool)]
    within = find_smallest_containing(points, valid_polygons(outlines["geometry"]))
    return np.array([*outlines["district_code"], None], dtype=object)[within]


def _streets_of_buildings(buildings: pd.DataFrame, points: np.ndarray, streets: gpd.GeoDataFrame) -> np.ndarray:
    """(k,) what tells the streets of buildings apart: a code or a name; missing where unknown."""
    by_place = pd.Series(_find_streets(points, streets), index=buildings.index, dtype="str")
    named = buildings["street_name"].map(street_core)
    named = named.where(named != "")
    given = buildings["street_code"].astype("str")
    return given.fillna(by_place).fillna(named).to_numpy(dtype=object)


def _find_streets(points: np.ndarray, streets: gpd.GeoDataFrame) -> np.ndarray:
    """(n,) code of the street each point lies in, None where in none."""
    within = find_smallest_containing(points, valid_polygons(streets["geometry"]))
    codes = [*streets["street_code"], None]  # [-1]: in no street
    return np.array(codes, dtype=object)[within]


def _fill_neighbourhood(units: pd.DataFrame, neighbourhoods: gpd.GeoDataFrame) -> pd.DataFrame:
    """Fill missing neighbourhood codes by place, where the neighbourhood is of the unit's street."""
    if not len(neighbourhoods):
        return units
    points = inner_points(units["geometry"].to_numpy(dtype=object))
    within = find_smallest_containing(points, valid_polygons(neighbourhoods["geometry"]))
    codes = [*neighbourhoods["neighbourhood_code"], None]  # [-1]: in none
    by_place = pd.Series(np.array(codes, dtype=object)[within], index=units.index, dtype="str")
    street_of = neighbourhoods.set_index("neighbourhood_code")["street_code"]
    # A statistical code of 12 digits begins with the 9 digits of its street.
    street = by_place.map(street_of).astype("str").fillna(by_place.str[:9])
    fits = street.eq(units["street_code"]) | units["street_code"].isna()
    filled = units["neighbourhood_code"].astype("str").fillna(by_place.where(fits))
    return units.assign(neighbourhood_code=filled)
