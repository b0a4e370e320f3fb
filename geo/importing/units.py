"""Communities and buildings become units, the things planners decide about."""

from __future__ import annotations

import hashlib
import logging
import math
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.admin import jurisdiction_findings
from geo.admin.jurisdictions import CODES, NAMES, impute_admin_codes, is_district_code
from geo.admin.place_codes import normalise_code, street_core
from geo.findings import Finding
from geo.importing.courtyards import cluster_courtyards
from geo.names import name_key
from geo.network.barriers import select_hard_barriers
from geo.rules import UnitRules
from geo.storage.layer_frames import shape_layer
from geo.validation import unit_findings
from geo.validation.stated_status import mark_old_units
from geo.values.years import earliest_bounds, estimate_year, year_bounds

logger = logging.getLogger(__name__)

BUILDING_CLASSES = ("inside", "single", "non_residential", "ancillary", "unclear")
"""Where a building ends: in a community; a unit of its own or of its yard; not a dwelling; too small
to be one outside every community; or unclear (use unknown, or its community is not in the data)."""


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

    With `yard_gap_m` buildings that share a yard (:func:`geo.importing.courtyards.cluster_courtyards`) are one
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
    own = _polygons(communities["geometry"])
    sites = _measure_buildings(buildings, rules)
    coded = _find_by_code(buildings["community_code"], communities)
    drawn_by = _assign_to_nearest_point(coded, communities, own, buildings, sites, rules)
    shapes, quality = _community_shapes(communities, own, drawn_by, sites, rules)
    member_of = _assign_communities(communities, buildings, own, drawn_by, shapes, quality, sites)
    places = _classify_buildings(buildings, member_of, sites, rules)

    whole = _community_units(communities, shapes, quality, member_of, own, sites, rules)
    chosen = np.flatnonzero(places == "single")
    singles = _single_units(buildings, chosen, sites, rules, communities)
    walls = shape_layer("barriers", pd.DataFrame() if barriers is None else barriers, metric_crs)
    yards = cluster_courtyards(
        sites.shape[chosen],
        _streets_of_buildings(buildings.iloc[chosen], sites.point[chosen], streets),
        select_hard_barriers(gpd.GeoDataFrame(walls), rules.barrier_kinds),
        rules,
    )
    alone, own_ids = _merge_courtyards(singles, yards)
    units = pd.concat([whole, alone], ignore_index=True) if len(alone) else whole
    nothing = pd.DataFrame()
    quarters = shape_layer("neighbourhoods", nothing if neighbourhoods is None else neighbourhoods, metric_crs)
    outer = shape_layer("boundary", nothing if boundary is None else boundary, metric_crs)
    points = _points(units["geometry"].to_numpy(dtype=object))
    street_at = _find_streets(points, streets)
    district_at = _find_districts(points, gpd.GeoDataFrame(outer))
    units = _fill_jurisdiction(units, streets, street_at, district_at)
    units = _fill_neighbourhood(units, gpd.GeoDataFrame(quarters))
    units, two_codes = impute_admin_codes(units, streets, quarters, outer, district_at.tolist())
    of_walls = jurisdiction_findings.find_jurisdiction_conflicts(units, streets, street_at, two_codes)
    units = mark_old_units(units, rules)
    units = shape_layer("units", gpd.GeoDataFrame(units, crs=metric_crs), metric_crs)

    buildings = _set_unit_ids(buildings, communities, member_of, places, own_ids)
    within = _smallest_containing(_mask(sites.point, coded >= 0), own)
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


# --- buildings as sites: where they are, how large, whether anyone lives there ------------------


@dataclass(frozen=True, eq=False)
class _BuildingSites:
    """What is measured of m buildings; NaN and None where unknown."""

    shape: np.ndarray  # (m,) geometry: valid polygon or point
    point: np.ndarray  # (m,) representative point
    footprint_m2: np.ndarray  # (m,) NaN for points
    floor_area_m2: np.ndarray  # (m,) reported, else footprint × floors
    households: np.ndarray  # (m,) reported
    built_from: np.ndarray  # (m,) earliest year it may have been built
    built_to: np.ndarray  # (m,) latest; NaN = open or unknown, as above
    is_dwelling: np.ndarray  # (m,) counted in the figures of its community


def _measure_buildings(buildings: gpd.GeoDataFrame, rules: UnitRules) -> _BuildingSites:
    polygon = _polygons(buildings["geometry"])
    given = buildings["geometry"].to_numpy()
    is_polygon = ~shapely.is_missing(polygon)
    shape = np.where(is_polygon, polygon, _points(given))
    footprint = np.where(is_polygon, shapely.area(shape), np.nan)
    floors = _floats(buildings["floors_above"])
    reported = _floats(buildings["floor_area_m2"])
    estimate = footprint * np.where(np.isnan(floors), rules.storey_count, floors)
    use = buildings["use"].fillna("unknown").to_numpy(dtype=object)
    is_shed = (use == "unknown") & (footprint < rules.min_single_building_m2)
    return _BuildingSites(
        shape=shape,
        point=_points(shape),
        footprint_m2=footprint,
        floor_area_m2=np.where(np.isnan(reported), estimate, reported),
        households=_floats(buildings["households"]),
        built_from=year_bounds(buildings)[0],
        built_to=year_bounds(buildings)[1],
        is_dwelling=(use != "non_residential") & ~is_shed,
    )


def _polygons(geometry: gpd.GeoSeries) -> np.ndarray:
    """Valid polygons, on the millimetre grid where they had to be repaired; None for the rest."""
    shapes = geometry.to_numpy().copy()
    shapes[~np.isin(shapely.get_type_id(shapes), (3, 6)) | shapely.is_empty(shapes)] = None
    broken = ~shapely.is_missing(shapes) & ~shapely.is_valid(shapes)
    if broken.any():
        repaired = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
        repaired = shapely.set_precision(repaired, 0.001)
        shapes[broken] = _mask(repaired, shapely.area(repaired) > 0)
    return shapes


def _points(geometry: np.ndarray) -> np.ndarray:
    """A point on each geometry; None where there is no geometry."""
    points = shapely.point_on_surface(geometry)
    return _mask(points, ~shapely.is_empty(points))


def _mask(geometry: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """The geometries, None where they are not kept."""
    kept = geometry.astype(object)
    kept[~keep] = None
    return kept


def _floats(column: pd.Series) -> np.ndarray:
    return column.astype("Float64").to_numpy(dtype=float, na_value=np.nan)


# --- joining buildings to communities -----------------------------------------------------------


def _find_by_code(codes: pd.Series, communities: gpd.GeoDataFrame) -> np.ndarray:
    """Position of the community each code names, −1 where none.

    `unit_id` comes before external code, and that before a name that one community alone bears.
    """
    if communities.empty:
        return np.full(len(codes), -1)
    names = communities["name"].mask(communities["name"].duplicated(keep=False))
    named = pd.concat([communities["unit_id"], communities["external_code"], names])
    position = pd.Series(np.tile(np.arange(len(communities)), 3), index=named.to_numpy())
    position = position[position.index.notna() & ~position.index.duplicated()]
    keys = names.map(name_key)
    by_key = pd.Series(np.arange(len(communities)), index=keys.to_numpy())
    by_key = by_key[by_key.index.notna() & ~by_key.index.duplicated(keep=False)]
    found = codes.map(position)
    return found.fillna(codes.map(name_key).map(by_key)).fillna(-1).to_numpy(dtype=int)


def _smallest_containing(points: np.ndarray, polygons: np.ndarray) -> np.ndarray:
    """Position of the smallest polygon each point lies in, −1 where none; the first wins a tie."""
    winner = np.full(len(points), -1)
    polygon, point = shapely.STRtree(points).query(polygons, predicate="intersects")
    order = np.lexsort((polygon, shapely.area(polygons)[polygon], point))
    inside, first = np.unique(point[order], return_index=True)
    winner[inside] = polygon[order][first]
    return winner


def _assign_to_nearest_point(
    coded: np.ndarray,
    communities: gpd.GeoDataFrame,
    own: np.ndarray,
    buildings: gpd.GeoDataFrame,
    sites: _BuildingSites,
    rules: UnitRules,
) -> np.ndarray:
    """`coded`, with free residential buildings given to the community whose point is nearest.

    Only communities without a polygon take part, and none that a building names.
    """
    drawn_by = coded.copy()
    points = _mask(_points(communities["geometry"].to_numpy()), shapely.is_missing(own))
    points[np.unique(coded[coded >= 0])] = None
    takers = np.flatnonzero(~shapely.is_missing(points))
    lived_in = buildings["use"].isin(("residential", "mixed")).to_numpy()
    is_free = lived_in & (coded < 0) & (_smallest_containing(sites.point, own) < 0)
    is_free &= ~shapely.is_missing(sites.shape)
    free = np.flatnonzero(is_free)
    if not len(takers) or not len(free) or rules.point_reach_m <= 0:
        return drawn_by
    which, taker = shapely.STRtree(points[takers]).query_nearest(
        sites.shape[free], max_distance=rules.point_reach_m, all_matches=True
    )
    order = np.lexsort((taker, which))  # of equally near ones the first
    of_building, first = np.unique(which[order], return_index=True)
    drawn_by[free[of_building]] = takers[taker[order][first]]
    return drawn_by


def _assign_communities(
    communities: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    own: np.ndarray,
    coded: np.ndarray,
    shapes: np.ndarray,
    quality: np.ndarray,
    sites: _BuildingSites,
) -> np.ndarray:
    """Position of the community of each building, −1 where none: by code, place, earlier id."""
    drawn = _mask(shapes, quality != "buffered_point")  # a disc encloses nothing real
    placed = _smallest_containing(sites.point, drawn)
    member_of = np.where(coded >= 0, coded, placed)
    earlier = _find_by_code(buildings["unit_id"], communities)
    no_polygon = np.append(shapely.is_missing(own), False)  # [-1]: no earlier community
    usable = (earlier >= 0) & (shapely.is_missing(sites.point) | no_polygon[earlier])
    return np.where((member_of < 0) & usable, earlier, member_of)


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


def _classify_buildings(
    buildings: gpd.GeoDataFrame, member_of: np.ndarray, sites: _BuildingSites, rules: UnitRules
) -> np.ndarray:
    """One of `BUILDING_CLASSES` for each building."""
    use = buildings["use"].fillna("unknown").to_numpy(dtype=object)
    lived_in = pd.Series(use).isin(("residential", "mixed")).to_numpy()
    small = sites.footprint_m2 < rules.min_single_building_m2
    elsewhere = shapely.is_missing(sites.point) & buildings["community_code"].notna().to_numpy()
    return np.select(
        [member_of >= 0, use == "non_residential", lived_in & small, lived_in & ~elsewhere],
        ["inside", "non_residential", "ancillary", "single"],
        default="unclear",
    ).astype(object)


# --- shapes of communities ----------------------------------------------------------------------


def _community_shapes(
    communities: gpd.GeoDataFrame, own: np.ndarray, coded: np.ndarray, sites: _BuildingSites, rules: UnitRules
) -> tuple[np.ndarray, np.ndarray]:
    """Shape and `geom_quality` of each community: its polygon, else hull, else disc, else None."""
    n = len(communities)
    has_own = ~shapely.is_missing(own)
    hulls = np.full(n, None, dtype=object)
    used = np.flatnonzero((coded >= 0) & ~shapely.is_missing(sites.shape))
    used = used[~has_own[coded[used]]]
    used = used[np.argsort(coded[used], kind="stable")]
    if used.size:
        lots = shapely.geometrycollections(sites.shape[used], indices=_dense_ranks(coded[used]))
        hulls[np.unique(coded[used])] = shapely.convex_hull(lots)
    has_hull = ~shapely.is_missing(hulls) & (shapely.area(hulls) > 0)
    point = _points(communities["geometry"].to_numpy())
    point = np.where(shapely.is_missing(point), _points(hulls), point)
    discs = shapely.buffer(point, rules.point_radius_m, quad_segs=8)
    shapes = np.select([has_own, has_hull], [own, hulls], default=discs)
    kept = communities["geom_quality"].where(communities["geom_quality"].isin(["surveyed", "convex_hull"]), "digitised")
    quality = np.select(
        [has_own, has_hull, ~shapely.is_missing(discs)],
        [kept.to_numpy(dtype=object), "convex_hull", "buffered_point"],
        default="missing",
    )
    return shapes, quality


def _dense_ranks(positions: np.ndarray) -> np.ndarray:
    """0, 1, 2 … for the distinct values of a sorted array."""
    return np.unique(positions, return_inverse=True)[1]


# --- units and their figures --------------------------------------------------------------------


def _community_units(
    communities: gpd.GeoDataFrame,
    shapes: np.ndarray,
    quality: np.ndarray,
    member_of: np.ndarray,
    own: np.ndarray,
    sites: _BuildingSites,
    rules: UnitRules,
) -> pd.DataFrame:
    n = len(communities)
    used = sites.is_dwelling & (member_of >= 0)
    where = member_of[used]
    floor_area = sites.floor_area_m2[used]
    homes = sites.households[used]
    homes = np.where(np.isnan(homes), floor_area / rules.m2_per_household, homes)
    counted = np.bincount(where[~np.isnan(sites.households[used])], minlength=n) > 0
    land = _floats(communities["land_area_m2"])
    land = np.where(np.isnan(land) & ~shapely.is_missing(own), shapely.area(own), land)
    reported_homes = _floats(communities["households"])
    floor_area, floor_quality = _first_known(
        _floats(communities["floor_area_m2"]),
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
    year = _floats(communities["built_year"])
    first, last = _floats(communities["built_year_from"]), _floats(communities["built_year_to"])
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


def _single_units(
    buildings: gpd.GeoDataFrame,
    chosen: np.ndarray,
    sites: _BuildingSites,
    rules: UnitRules,
    communities: gpd.GeoDataFrame,
) -> pd.DataFrame:
    rows = pd.DataFrame(buildings.drop(columns=["geometry"])).iloc[chosen]
    shape = sites.shape[chosen]
    is_polygon = ~np.isnan(sites.footprint_m2[chosen])
    floor_area, floor_quality = _first_known(
        _floats(rows["floor_area_m2"]), sites.floor_area_m2[chosen], sites.households[chosen] * rules.m2_per_household
    )
    households, homes_quality = _first_known(sites.households[chosen], floor_area / rules.m2_per_household)
    year = _floats(rows["built_year"])
    year_quality = _keep_stated_quality(np.where(np.isnan(year), "missing", "reported"), rows["built_year_quality"])
    first, last = _floats(rows["built_year_from"]), _floats(rows["built_year_to"])
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


def _merge_courtyards(singles: pd.DataFrame, yards: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
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
        units[column] = np.add.reduceat(_floats(members[column]), first)
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
    within = _smallest_containing(points, _polygons(outlines["geometry"]))
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
    within = _smallest_containing(points, _polygons(streets["geometry"]))
    codes = [*streets["street_code"], None]  # [-1]: in no street
    return np.array(codes, dtype=object)[within]


def _fill_neighbourhood(units: pd.DataFrame, neighbourhoods: gpd.GeoDataFrame) -> pd.DataFrame:
    """Fill missing neighbourhood codes by place, where the neighbourhood is of the unit's street."""
    if not len(neighbourhoods):
        return units
    points = _points(units["geometry"].to_numpy(dtype=object))
    within = _smallest_containing(points, _polygons(neighbourhoods["geometry"]))
    codes = [*neighbourhoods["neighbourhood_code"], None]  # [-1]: in none
    by_place = pd.Series(np.array(codes, dtype=object)[within], index=units.index, dtype="str")
    street_of = neighbourhoods.set_index("neighbourhood_code")["street_code"]
    # A statistical code of 12 digits begins with the 9 digits of its street.
    street = by_place.map(street_of).astype("str").fillna(by_place.str[:9])
    fits = street.eq(units["street_code"]) | units["street_code"].isna()
    filled = units["neighbourhood_code"].astype("str").fillna(by_place.where(fits))
    return units.assign(neighbourhood_code=filled)
