"""The ground of places known as points only: cells of an enclosed tessellation, capped (R22)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.findings import Finding
from geo.messages import load_catalogue
from geo.rules import UnitRules

say = load_catalogue(__file__)

WALL_HALF_WIDTH_M = 0.5
"""A line that parts cells counts as this wide on either side."""

_GRID_M = 0.01
_HALVINGS = 8  # of the span between the least and the largest radius: to a metre
_NARROW_M = 1.0  # no strip of ground narrower than twice this is anybody's


def draw_estimated_ground(
    units: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame, roads: gpd.GeoDataFrame, rules: UnitRules
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """The units, those known as points only on estimated ground instead of a disc.

    Barriers of every kind, roads that do not lie inside communities, and the outlines of the other
    units bound it. The size follows the floor area; how far it reaches where that is unknown, the rules.

    Parameters
    ----------
    units
        The `units` layer, metric CRS; `geom_quality` "buffered_point" marks discs.
    barriers, roads
        The layers of these names, same CRS; may be empty.
    rules
        `point_radius_m` and its values about cells are used.

    Returns
    -------
    Units in the same order, with `geom_quality` "estimated_cell" where the disc gave way, and what
    there is to tell. A point on a road, a barrier or another unit's ground keeps its disc.
    """
    shapes = units["geometry"].to_numpy().astype(object)
    discs = np.flatnonzero(units["geom_quality"].eq("buffered_point").to_numpy() & ~shapely.is_missing(shapes))
    if rules.cell_reach_m <= 0 or not len(discs):
        return units, []
    outlines = np.delete(shapes, discs)
    parts, owner = shapely.get_parts(shapes[discs], return_index=True)  # of merged units several
    of_part = units.iloc[discs[owner]]
    floor_m2 = of_part["floor_area_m2"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    land_m2 = floor_m2 / np.bincount(owner)[owner] / max(rules.cell_floor_area_ratio, 0.01)
    unsized_m = np.where(of_part["kind"].eq("single_building"), rules.point_radius_m, rules.cell_unsized_reach_m)
    reach_m = np.where(np.isnan(land_m2), np.minimum(unsized_m, rules.cell_reach_m), rules.cell_reach_m)
    walls = np.concatenate([_shapes(barriers), _shapes(_outer_roads(roads, rules)), outlines])
    cells = estimate_ground(
        shapely.centroid(parts), land_m2, walls, reach_m=reach_m, least_m=min(rules.point_radius_m, rules.cell_reach_m)
    )
    drawn = []
    for own in _split_groups(owner):
        known = cells[own][~shapely.is_missing(cells[own])]
        if len(known):
            drawn.append(discs[owner[own[0]]])
            shapes[drawn[-1]] = shapely.union_all(known)
    quality = units["geom_quality"].to_numpy(dtype=object).copy()
    quality[drawn] = "estimated_cell"
    told = say("finding.estimated_ground", n=len(drawn), n_disc=len(discs) - len(drawn))
    found = Finding("info", "units.estimated_ground", *told, layer="units", column="geom_quality")
    return gpd.GeoDataFrame(units.assign(geom_quality=quality, geometry=shapes), crs=units.crs), [found]


def estimate_ground(
    points: np.ndarray, land_m2: np.ndarray, walls: np.ndarray, *, reach_m: np.ndarray | float, least_m: float
) -> np.ndarray:
    """Share the ground between walls out among the points on it: each has what is nearest to it.

    What one reaches from each point within `reach_m` without passing a wall is cut out; pieces that
    run into each other are one ground, divided among its points (Voronoi). So no cell reaches over a
    wall, lies on ground a wall takes up, or overlaps another. Of its cell a point has what lies around
    it within the radius at which that is as large as it should be, but at least `least_m`.

    Parameters
    ----------
    points
        (k,) points, metric CRS.
    land_m2
        (k,) how much land each should have, m²; NaN where nothing tells.
    walls
        (m,) lines and polygons no cell lies on or reaches over: barriers, roads, outlines of others.
    reach_m
        (k,) how far from its point a cell reaches at most, metres.
    least_m
        How far it reaches at least where nothing stands in the way, metres.

    Returns
    -------
    (k,) polygons on the centimetre grid; None for a point on a wall, or too near to one to have ground.
    Points on one spot share one cell. Neither the order of the points nor that of the walls matters.

    Notes
    -----
    The enclosed tessellation of Fleischmann, Feliciotti, Romice & Porta (2020,
    doi:10.1016/j.compenvurbsys.2019.101441) on points, with a cap.

    Examples
    --------
    >>> road = np.array([shapely.LineString([(40, -900), (40, 900)])])
    >>> pair = shapely.points([(0, 0), (100, 0)])
    >>> cells = estimate_ground(pair, np.array([np.nan, 4000.0]), road, reach_m=90, least_m=30)
    >>> shapely.bounds(cells)[:, [0, 2]].round().tolist(), int(shapely.area(cells[1]).round(-2))
    ([[-90.0, 40.0], [64.0, 136.0]], 4000)
    """
    if not len(points):
        return np.empty(0, dtype=object)
    xy = np.round(shapely.get_coordinates(points) / _GRID_M) * _GRID_M
    spots, of_spot = np.unique(xy, axis=0, return_inverse=True)
    land, reach = np.zeros(len(spots)), np.zeros(len(spots))
    np.add.at(land, of_spot, land_m2)  # NaN where one is unknown
    np.maximum.at(reach, of_spot, reach_m)
    middles = np.asarray(shapely.points(spots), dtype=object)
    reached = _reach_around(middles, _arrange_walls(walls), np.maximum(reach, least_m))
    cells = _divide_ground(reached, middles, 2 * float(reach.max()))
    return _cap_size(cells, middles, land, np.maximum(reach, least_m), least_m)[of_spot]


def _shapes(layer: gpd.GeoDataFrame) -> np.ndarray:
    return layer["geometry"].to_numpy().astype(object) if len(layer) else np.empty(0, dtype=object)


def _outer_roads(roads: gpd.GeoDataFrame, rules: UnitRules) -> gpd.GeoDataFrame:
    """The roads communities end at: none inside them, none below the ground."""
    if not len(roads):
        return roads
    is_tunnel = roads["is_tunnel"].astype("boolean").fillna(value=False).to_numpy(dtype=bool)
    return roads[~roads["road_class"].isin(rules.inner_road_classes).to_numpy() & ~is_tunnel]


def _arrange_walls(walls: np.ndarray) -> np.ndarray:
    """The walls in an order of their own, lines as strips."""
    shapes = np.asarray(walls, dtype=object)
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    is_line = shapely.get_dimensions(shapes) < 2
    strips = np.where(is_line, shapely.buffer(shapes, WALL_HALF_WIDTH_M, quad_segs=2), shapes)
    return strips[np.argsort(shapely.to_wkb(strips), kind="stable")]


def _reach_around(middles: np.ndarray, walls: np.ndarray, reach_m: np.ndarray) -> np.ndarray:
    """(k,) what each point reaches within its metres without passing a wall; None on a wall."""
    ground = shapely.buffer(middles, reach_m, quad_segs=8)
    disc, wall = shapely.STRtree(walls).query(ground, predicate="intersects")
    for own in _split_groups(disc):
        at = disc[own[0]]
        ground[at] = shapely.difference(ground[at], shapely.union_all(walls[wall[own]], grid_size=_GRID_M))
    return _keep_around(ground, middles)


def _divide_ground(ground: np.ndarray, middles: np.ndarray, margin_m: float) -> np.ndarray:
    """(k,) of what each point reaches, what is nearer to it than to any other of the same ground."""
    a, b = shapely.STRtree(ground).query(ground, predicate="intersects")
    joined = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(len(ground), len(ground)))
    _, label = connected_components(joined, directed=False)
    nearest = ground.copy()
    for own in _split_groups(label):
        if len(own) > 1:
            spots = shapely.MultiPoint(middles[own])
            frame = shapely.box(*(np.array(spots.bounds) + np.array([-1, -1, 1, 1]) * margin_m))
            nearest[own] = shapely.get_parts(shapely.voronoi_polygons(spots, extend_to=frame, ordered=True))
    return _keep_around(shapely.intersection(ground, nearest), middles)


def _cap_size(
    cells: np.ndarray, middles: np.ndarray, land_m2: np.ndarray, reach_m: np.ndarray, least_m: float
) -> np.ndarray:
    """(k,) the cells, those larger than they should be within the radius at which they are not."""
    large = np.flatnonzero(shapely.area(cells) > land_m2)
    whole, middle, land = cells[large], middles[large], land_m2[large]
    low, high = np.full(len(large), least_m), reach_m[large]
    for _ in range(_HALVINGS):
        radius = (low + high) / 2
        fits = shapely.area(_within(whole, middle, radius)) <= land
        low, high = np.where(fits, radius, low), np.where(fits, high, radius)
    capped = cells.copy()
    capped[large] = _keep_around(_within(whole, middle, low), middle)
    return capped


def _within(cells: np.ndarray, middles: np.ndarray, radius_m: np.ndarray) -> np.ndarray:
    return np.asarray(shapely.intersection(cells, shapely.buffer(middles, radius_m, quad_segs=8)))


def _keep_around(shapes: np.ndarray, middles: np.ndarray) -> np.ndarray:
    """(k,) the piece of each shape that its point lies on, without narrow strips; None where there is none."""
    firm = shapely.buffer(shapely.buffer(shapes, -_NARROW_M, join_style="mitre"), _NARROW_M, join_style="mitre")
    tidy = shapely.intersection(firm, shapes, grid_size=_GRID_M)  # mitres may stand out
    pieces, owner = shapely.get_parts(tidy, return_index=True)
    own = shapely.distance(pieces, middles[owner]) <= _GRID_M
    kept = np.full(len(shapes), None, dtype=object)
    kept[owner[own]] = pieces[own]
    return kept


def _split_groups(labels: np.ndarray) -> list[np.ndarray]:
    """Positions of each label, ascending."""
    order = np.argsort(labels, kind="stable")
    ends = np.flatnonzero(np.diff(labels[order])) + 1
    return [group for group in np.split(order, ends) if len(group)]
