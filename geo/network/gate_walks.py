"""The walk from gate to gate of adjacent units, and the crossing it takes (R22, R23)."""

from __future__ import annotations

import numpy as np
import shapely

from geo.network.access import AccessPoints
from geo.network.barriers import CROSSING_REACH_M, Barriers, Crossings
from geo.network.entry_lines import TOUCH_M, entry_lines
from geo.network.routing import Route, find_routes
from geo.network.shortest_paths import measure_road_walks
from geo.rules import NeighbourRules


def measure_gate_walks(
    access: AccessPoints,
    shapes: np.ndarray,
    a: np.ndarray,
    b: np.ndarray,
    is_stopped: np.ndarray,
    rules: NeighbourRules,
) -> tuple[np.ndarray, np.ndarray]:
    """How far it is on roads from each unit's gates to the other's.

    Two units without known gates and without a road or a barrier between share an alley: one goes
    straight from one into the other, and no road is asked.

    Parameters
    ----------
    access
        Where the units step onto the network.
    shapes
        (n,) polygons of the units.
    a, b
        (k,) positions of the pairs' units.
    is_stopped
        (k,) whether a barrier stands between the two.
    rules
        `detour_factor` and `walk_limit_m` are used.

    Returns
    -------
    (k,) metres, infinite beyond the limit, NaN for pairs that do not go by road; (k,) whether the
    pair goes by road.
    """
    has_road, has_gate = access.has_road(len(shapes)), access.has_gate(len(shapes))
    by_road = has_road[a] & has_road[b]
    alley = np.flatnonzero(by_road & ~is_stopped & ~has_gate[a] & ~has_gate[b])
    by_road[alley] = _has_road_between(access, shapes[a[alley]], shapes[b[alley]])
    asked = np.flatnonzero(by_road)
    start, end, metres = measure_road_walks(
        access, access.access_m * rules.detour_factor, len(shapes), rules.walk_limit_m, units=a[asked]
    )
    found = start.astype(np.int64) * len(shapes) + end
    wanted = a[asked].astype(np.int64) * len(shapes) + b[asked]
    walk_m = np.full(len(a), np.nan)
    walk_m[asked] = np.inf
    _, of_found, of_wanted = np.intersect1d(found, wanted, return_indices=True)
    walk_m[asked[of_wanted]] = np.round(metres[of_found], 3)
    return walk_m, by_road


def find_crossings_used(
    access: AccessPoints,
    barriers: Barriers,
    crossings: Crossings,
    a: np.ndarray,
    b: np.ndarray,
    barrier: np.ndarray,
    rules: NeighbourRules,
) -> np.ndarray:
    """The crossing by which each pair's walk from gate to gate passes a barrier.

    Parameters
    ----------
    access, barriers, crossings
        Of the map.
    a, b
        (k,) positions of units that reach each other on roads.
    barrier
        (k,) position of the barrier that stands between them.
    rules
        `detour_factor` and `walk_limit_m` are used.

    Returns
    -------
    (k,) id of the crossing nearest to where the walk passes the barrier, the smaller id where
    equally near; "road:" and the id of the road where no crossing is known there (an unmarked
    bridge); None where the walk goes round the barrier's end.
    """
    found = np.full(len(a), None, dtype=object)
    tree = shapely.STRtree(crossings.points)
    ways = find_routes(
        access, None, np.stack([a, b], axis=1), detour_factor=rules.detour_factor, limit_m=rules.walk_limit_m
    )
    for k, way in enumerate(ways):
        if way is not None:
            found[k] = _crossing_on_route(way, barriers.shapes[barrier[k]], crossings.ids, tree)
    return found


def _has_road_between(access: AccessPoints, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(k,) whether one crosses a road on the way straight from one unit into the other."""
    crosses = np.zeros(len(a), dtype=bool)
    gap_m = shapely.distance(a, b)
    detached = np.flatnonzero(gap_m > TOUCH_M)
    lines = entry_lines(a[detached], b[detached], gap_m[detached])
    crosses[detached[access.footways.ground_tree.query(lines, predicate="intersects")[0]]] = True
    return crosses


def _crossing_on_route(way: Route, barrier: shapely.Geometry, ids: np.ndarray, tree: shapely.STRtree) -> str | None:
    crossing = shapely.intersection(way.shape, barrier)
    if crossing.is_empty:
        return None
    near = tree.query(crossing, predicate="dwithin", distance=CROSSING_REACH_M)
    if len(near):
        away = np.round(shapely.distance(tree.geometries[near], crossing), 3)
        return str(ids[near[np.lexsort((near, away))[0]]])
    for segment in way.segments:
        if segment.road_id is not None and segment.shape.intersects(barrier):
            return f"road:{segment.road_id}"
    return None
