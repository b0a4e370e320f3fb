"""Buildings as sites: where they are, which community or courtyard they belong to, shapes of communities."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array

from geo.names import name_key
from geo.network.barriers import Barriers, make_lines
from geo.rules import UnitRules
from geo.values.years import year_bounds

BUILDING_CLASSES = ("inside", "single", "non_residential", "ancillary", "unclear")
"""Where a building ends: in a community; a unit of its own or of its yard; not a dwelling; too small
to be one outside every community; or unclear (use unknown, or its community is not in the data)."""


@dataclass(frozen=True, eq=False)
class BuildingSites:
    """What is measured of m buildings; NaN and None where unknown."""

    shape: np.ndarray  # (m,) geometry: valid polygon or point
    point: np.ndarray  # (m,) representative point
    footprint_m2: np.ndarray  # (m,) NaN for points
    floor_area_m2: np.ndarray  # (m,) reported, else footprint × floors
    households: np.ndarray  # (m,) reported
    built_from: np.ndarray  # (m,) earliest year it may have been built
    built_to: np.ndarray  # (m,) latest; NaN = open or unknown, as above
    is_dwelling: np.ndarray  # (m,) counted in the figures of its community


def measure_buildings(buildings: gpd.GeoDataFrame, rules: UnitRules) -> BuildingSites:
    """Footprint, floor area and years of each building.

    Parameters
    ----------
    buildings
        m rows, the layer in a metric CRS.
    rules
        `storey_count` and `min_single_building_m2` are used.
    """
    polygon = valid_polygons(buildings["geometry"])
    given = buildings["geometry"].to_numpy()
    is_polygon = ~shapely.is_missing(polygon)
    shape = np.where(is_polygon, polygon, inner_points(given))
    footprint = np.where(is_polygon, shapely.area(shape), np.nan)
    floors = to_floats(buildings["floors_above"])
    reported = to_floats(buildings["floor_area_m2"])
    estimate = footprint * np.where(np.isnan(floors), rules.storey_count, floors)
    use = buildings["use"].fillna("unknown").to_numpy(dtype=object)
    is_shed = (use == "unknown") & (footprint < rules.min_single_building_m2)
    return BuildingSites(
        shape=shape,
        point=inner_points(shape),
        footprint_m2=footprint,
        floor_area_m2=np.where(np.isnan(reported), estimate, reported),
        households=to_floats(buildings["households"]),
        built_from=year_bounds(buildings)[0],
        built_to=year_bounds(buildings)[1],
        is_dwelling=(use != "non_residential") & ~is_shed,
    )


def valid_polygons(geometry: gpd.GeoSeries) -> np.ndarray:
    """Valid polygons, on the millimetre grid where they had to be repaired; None for the rest."""
    shapes = geometry.to_numpy().copy()
    shapes[~np.isin(shapely.get_type_id(shapes), (3, 6)) | shapely.is_empty(shapes)] = None
    broken = ~shapely.is_missing(shapes) & ~shapely.is_valid(shapes)
    if broken.any():
        repaired = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
        repaired = shapely.set_precision(repaired, 0.001)
        shapes[broken] = mask_geometries(repaired, shapely.area(repaired) > 0)
    return shapes


def inner_points(geometry: np.ndarray) -> np.ndarray:
    """A point on each geometry; None where there is no geometry."""
    points = shapely.point_on_surface(geometry)
    return mask_geometries(points, ~shapely.is_empty(points))


def mask_geometries(geometry: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """The geometries, None where they are not kept.

    Parameters
    ----------
    geometry
        (n,) geometries.
    keep
        (n,) bool.
    """
    kept = geometry.astype(object)
    kept[~keep] = None
    return kept


def to_floats(column: pd.Series) -> np.ndarray:
    """(n,) floats, NaN where a value is missing."""
    return column.astype("Float64").to_numpy(dtype=float, na_value=np.nan)


def find_by_code(codes: pd.Series, communities: gpd.GeoDataFrame) -> np.ndarray:
    """Position of the community each code names, −1 where none.

    `unit_id` comes before external code, and that before a name that one community alone bears.

    Parameters
    ----------
    codes
        (n,) as written in the table of buildings.
    communities
        The layer.
    """
    if communities.empty:
        return np.full(len(codes), -1)
    names = communities["name"].mask(communities["name"].duplicated(keep=False))
    named = pd.concat([communities["unit_id"], communities["external_code"], names])
    position = pd.Series(np.tile(np.arange(len(communities)), 3), index=named.to_numpy())
    position = position[position.index.notna() & ~position.index.duplicated()]
    keys = _name_keys(names)
    by_key = pd.Series(np.arange(len(communities)), index=keys.to_numpy())
    by_key = by_key[by_key.index.notna() & ~by_key.index.duplicated(keep=False)]
    found = codes.map(position)
    return found.fillna(_name_keys(codes.mask(found.notna())).map(by_key)).fillna(-1).to_numpy(dtype=int)


def _name_keys(names: pd.Series) -> pd.Series:
    """The key of each name; each name is read once, however many buildings bear it."""
    return names.map({name: name_key(name) for name in names.dropna().unique()})


def find_smallest_containing(points: np.ndarray, polygons: np.ndarray) -> np.ndarray:
    """Position of the smallest polygon each point lies in, −1 where none; the first wins a tie.

    Parameters
    ----------
    points
        (n,) points, None without a place.
    polygons
        (k,) polygons of one CRS with the points; None without one.
    """
    winner = np.full(len(points), -1)
    polygon, point = shapely.STRtree(points).query(polygons, predicate="intersects")
    order = np.lexsort((polygon, shapely.area(polygons)[polygon], point))
    inside, first = np.unique(point[order], return_index=True)
    winner[inside] = polygon[order][first]
    return winner


def assign_to_nearest_point(
    coded: np.ndarray,
    communities: gpd.GeoDataFrame,
    own: np.ndarray,
    buildings: gpd.GeoDataFrame,
    sites: BuildingSites,
    rules: UnitRules,
) -> np.ndarray:
    """`coded`, with free residential buildings given to the community whose point is nearest.

    Only communities without a polygon take part, and none that a building names.

    Parameters
    ----------
    coded
        (m,) position of the community each building names, −1 = none.
    communities, buildings
        The layers, one metric CRS.
    own
        (k,) polygons of the communities, None where they have none.
    sites
        Of the buildings.
    rules
        `point_reach_m` is used.
    """
    drawn_by = coded.copy()
    points = mask_geometries(inner_points(communities["geometry"].to_numpy()), shapely.is_missing(own))
    points[np.unique(coded[coded >= 0])] = None
    takers = np.flatnonzero(~shapely.is_missing(points))
    lived_in = buildings["use"].isin(("residential", "mixed")).to_numpy()
    is_free = lived_in & (coded < 0) & (find_smallest_containing(sites.point, own) < 0)
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


def assign_communities(
    communities: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    own: np.ndarray,
    coded: np.ndarray,
    shapes: np.ndarray,
    quality: np.ndarray,
    sites: BuildingSites,
) -> np.ndarray:
    """Position of the community of each building, −1 where none: by code, place, earlier id.

    Parameters
    ----------
    communities, buildings
        The layers, one metric CRS.
    own
        (k,) polygons of the communities, None where they have none.
    coded
        (m,) position of the community each building names or is nearest to, −1 = none.
    shapes, quality
        (k,) from :func:`community_shapes`.
    sites
        Of the buildings.
    """
    drawn = mask_geometries(shapes, quality != "buffered_point")  # a disc encloses nothing real
    placed = find_smallest_containing(sites.point, drawn)
    member_of = np.where(coded >= 0, coded, placed)
    earlier = find_by_code(buildings["unit_id"], communities)
    no_polygon = np.append(shapely.is_missing(own), False)  # [-1]: no earlier community
    usable = (earlier >= 0) & (shapely.is_missing(sites.point) | no_polygon[earlier])
    return np.where((member_of < 0) & usable, earlier, member_of)


def classify_buildings(
    buildings: gpd.GeoDataFrame, member_of: np.ndarray, sites: BuildingSites, rules: UnitRules
) -> np.ndarray:
    """One of `BUILDING_CLASSES` for each building.

    Parameters
    ----------
    buildings
        m rows, the layer.
    member_of
        (m,) position of its community, −1 = none.
    sites
        Of the buildings.
    rules
        `min_single_building_m2` is used.
    """
    use = buildings["use"].fillna("unknown").to_numpy(dtype=object)
    lived_in = pd.Series(use).isin(("residential", "mixed")).to_numpy()
    small = sites.footprint_m2 < rules.min_single_building_m2
    elsewhere = shapely.is_missing(sites.point) & buildings["community_code"].notna().to_numpy()
    return np.select(
        [member_of >= 0, use == "non_residential", lived_in & small, lived_in & ~elsewhere],
        ["inside", "non_residential", "ancillary", "single"],
        default="unclear",
    ).astype(object)


def community_shapes(
    communities: gpd.GeoDataFrame, own: np.ndarray, coded: np.ndarray, sites: BuildingSites, rules: UnitRules
) -> tuple[np.ndarray, np.ndarray]:
    """Shape and `geom_quality` of each community: its polygon, else hull, else disc, else None.

    Parameters
    ----------
    communities
        k rows, the layer in a metric CRS.
    own
        (k,) their polygons, None where they have none.
    coded
        (m,) position of the community each building names or is nearest to, −1 = none.
    sites
        Of the buildings.
    rules
        `point_radius_m` is used.

    Returns
    -------
    (k,) geometries and (k,) qualities.
    """
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
    point = inner_points(communities["geometry"].to_numpy())
    point = np.where(shapely.is_missing(point), inner_points(hulls), point)
    discs = shapely.buffer(point, rules.point_radius_m, quad_segs=8)
    shapes = np.select([has_own, has_hull], [own, hulls], default=discs)
    is_kept = communities["geom_quality"].isin(["surveyed", "convex_hull", "estimated_cell"])
    kept = communities["geom_quality"].where(is_kept, "digitised")
    quality = np.select(
        [has_own, has_hull, ~shapely.is_missing(discs)],
        [kept.to_numpy(dtype=object), "convex_hull", "buffered_point"],
        default="missing",
    )
    return shapes, quality


def _dense_ranks(positions: np.ndarray) -> np.ndarray:
    """0, 1, 2 … for the distinct values of a sorted array."""
    return np.unique(positions, return_inverse=True)[1]


def cluster_courtyards(shapes: np.ndarray, streets: np.ndarray, barriers: Barriers, rules: UnitRules) -> np.ndarray:
    """Which buildings stand round one yard (DBSCAN on the gaps between them).

    Two buildings count as near when the gap between them is at most `yard_gap_m`, they are not
    known to be in different streets, and the shortest line between them meets no hard barrier. Around
    a building with at least `yard_min_buildings` near ones, itself counted, they are one yard
    (Ester et al. 1996).

    Parameters
    ----------
    shapes
        (k,) polygons or points, metric CRS; None without a place.
    streets
        (k,) street codes, missing where unknown.
    barriers
        The hard barriers.
    rules
        `yard_gap_m` (0 = every building stands alone) and `yard_min_buildings` are used.

    Returns
    -------
    (k,) number of the yard, in the order of the first building of each; −1 for a building that
    stands alone.

    Examples
    --------
    >>> blocks = shapely.box([0, 60, 500], 0, [40, 100, 540], 12)
    >>> nothing = Barriers(*(np.empty(0, dtype=object),) * 3)
    >>> cluster_courtyards(blocks, np.array(["s"] * 3), nothing, UnitRules(yard_gap_m=25)).tolist()
    [0, 0, -1]
    """
    alone = np.full(len(shapes), -1)
    if rules.yard_gap_m <= 0 or not len(shapes):
        return alone
    a, b = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=rules.yard_gap_m)
    a, b = a[a < b], b[a < b]
    known = pd.notna(streets)
    is_elsewhere = known[a] & known[b] & (streets[a] != streets[b])
    a, b = a[~is_elsewhere], b[~is_elsewhere]
    ends = shapely.get_coordinates(shapely.shortest_line(shapes[a], shapes[b])).reshape(-1, 2, 2)
    free = ~barriers.intersects(make_lines(ends[:, 0], ends[:, 1]))
    a, b = a[free], b[free]
    if not len(a):
        return alone
    from sklearn.cluster import DBSCAN  # takes a second to import

    near_m = np.maximum(shapely.distance(shapes[a], shapes[b]), 1e-3)  # 0 would read as no entry
    both = (np.concatenate([a, b]), np.concatenate([b, a]))
    gaps = csr_array((np.tile(near_m, 2), both), shape=(len(shapes), len(shapes)))
    found = DBSCAN(eps=rules.yard_gap_m, min_samples=rules.yard_min_buildings, metric="precomputed").fit(gaps)
    return np.asarray(found.labels_)
