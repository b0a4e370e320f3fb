"""Which crossing a walk on roads takes through the barrier between two units (R23)."""

from __future__ import annotations

import numpy as np
import shapely

from geo.network.access import AccessPoints
from geo.network.barriers import CROSSING_REACH_M, Barriers, Crossings
from geo.network.route_description import Route, find_routes
from geo.rules import NeighbourRules


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


def _crossing_on_route(way: Route, barrier: shapely.Geometry, ids: np.ndarray, tree: shapely.STRtree) -> str | None:
    met = shapely.intersection(way.shape, barrier)
    if met.is_empty:
        return None
    near = tree.query(met, predicate="dwithin", distance=CROSSING_REACH_M)
    if len(near):
        away = np.round(shapely.distance(tree.geometries[near], met), 3)
        return str(ids[near[np.lexsort((near, away))[0]]])
    for stretch in way.stretches:
        if stretch.road_id is not None and stretch.shape.intersects(barrier):
            return f"road:{stretch.road_id}"
    return None
