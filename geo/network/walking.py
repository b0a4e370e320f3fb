"""Walking distances between the places of units: on roads, else straight lines × detour factor (R26)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree

from geo.network.access import AccessPoints
from geo.network.barriers import Barriers, Crossings, make_lines, point_coordinates
from geo.network.shortest_paths import build_graph_matrix, find_shortest_paths, measure_road_walks
from geo.rules import NeighbourRules

_LINES_AT_ONCE = 100_000  # about 60 MB of lines and tree results


@dataclass(frozen=True, eq=False)
class WalkDistances:
    """Walking distances between some pairs of places.

    Parameters
    ----------
    pairs
        (k, 2) positions i < j of two places.
    metres
        (k,) length of each walk.
    is_estimated
        (k,) bool: straight line × detour factor, no road.
    """

    pairs: np.ndarray
    metres: np.ndarray
    is_estimated: np.ndarray

    @classmethod
    def estimate(cls, pairs: np.ndarray, metres: np.ndarray) -> WalkDistances:
        """Walks that no road tells: (k, 2) positions and (k,) metres.

        Parameters
        ----------
        pairs
            (k, 2) positions of units.
        metres
            (k,) length of each walk.
        """
        return cls(pairs, metres, np.ones(len(pairs), dtype=bool))

    @classmethod
    def none(cls) -> WalkDistances:
        """No walk at all."""
        return cls.estimate(np.empty((0, 2), dtype=np.intp), np.empty(0))

    @classmethod
    def join(cls, parts: Sequence[WalkDistances]) -> WalkDistances:
        """Several tables as one, in their order."""
        names = ("pairs", "metres", "is_estimated")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def select(self, which: np.ndarray) -> WalkDistances:
        """Some of them, by position or mask."""
        return WalkDistances(self.pairs[which], self.metres[which], self.is_estimated[which])


def measure_walks(
    places: np.ndarray,
    barriers: Barriers,
    crossings: Crossings,
    access: AccessPoints,
    rules: NeighbourRules,
    *,
    neighbour_walks: WalkDistances | None = None,
) -> WalkDistances:
    """Walking distance between all places that are near enough.

    Units that step onto the road network walk on it: to a gate or the outline, along the roads,
    and in again; off the roads each stretch is straight × detour factor. Where neighbours have a
    shorter walk straight from one into the other (`neighbour_walks`), they take it. A unit that
    reaches no road has its walks estimated by :func:`estimate_walks`. Borders of streets do not
    matter: one may walk across them.

    Parameters
    ----------
    places
        (n,) points, metric CRS; missing where a unit has no place.
    barriers, crossings
        Of the map.
    access
        Where the units step onto the network.
    rules
        `walk_limit_m` and `detour_factor` are used.
    neighbour_walks
        Ways straight from a unit into its neighbour, or from one to the other over a crossing.
    """
    neighbour_walks = neighbour_walks or WalkDistances.none()
    has_road = access.has_road(len(places))
    every = WalkDistances.join(
        [
            _measure_road_walks(places, access, rules),
            neighbour_walks.select(has_road[neighbour_walks.pairs].all(axis=1)),
            _estimate_off_road_walks(places, barriers, crossings, rules, neighbour_walks, has_road),
        ]
    )
    pairs, metres = every.pairs, every.metres.round(3)
    order = np.lexsort((every.is_estimated, metres, pairs[:, 1], pairs[:, 0]))
    order = order[metres[order] <= rules.walk_limit_m]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(pairs[order], axis=0) != 0).any(axis=1)
    kept = order[first]
    return WalkDistances(pairs[kept], metres[kept], every.is_estimated[kept])


def estimate_walks(
    places: np.ndarray,
    barriers: Barriers,
    crossings: Crossings,
    rules: NeighbourRules,
    *,
    neighbour_walks: WalkDistances | None = None,
    lines_at_once: int = _LINES_AT_ONCE,
) -> WalkDistances:
    """Walking distance between all places that are near enough, where no road is known.

    Straight line × detour factor where it meets no hard barrier; else the shortest way over other
    places and crossings (from head to head), each stretch straight and free, or a door.

    Parameters
    ----------
    places
        (n,) points, metric CRS; missing where a unit has no place.
    barriers, crossings
        Of the map.
    rules
        `walk_limit_m` and `detour_factor` are used.
    neighbour_walks
        Ways between places whose straight line may not be free.
    lines_at_once
        Bounds the memory; the result does not depend on it.

    Returns
    -------
    The walks up to `walk_limit_m`, each pair once, metres rounded to 1 mm.

    Examples
    --------
    >>> from geo.network.barriers import find_serving_crossings, select_hard_barriers
    >>> import geopandas as gpd
    >>> none = select_hard_barriers(gpd.GeoDataFrame(), ())
    >>> walks = estimate_walks(
    ...     shapely.points([(0, 0), (300, 400), (5000, 0)]),
    ...     none, find_serving_crossings(gpd.GeoDataFrame(), none), NeighbourRules(),
    ... )
    >>> walks.pairs.tolist(), walks.metres.tolist()
    ([[0, 1]], [650.0])
    """
    placed = np.flatnonzero(~(shapely.is_missing(places) | shapely.is_empty(places)))
    n = len(placed)
    heads = shapely.get_coordinates(crossings.heads.ravel())
    xy = np.concatenate([shapely.get_coordinates(places[placed]), heads])
    pairs = _near_pairs(xy, rules.walk_limit_m / rules.detour_factor + 0.001)
    metres = _line_m(xy, pairs) * rules.detour_factor
    free = _unobstructed(xy, pairs, barriers, lines_at_once)
    asked = ~free & (pairs[:, 1] < n)
    if asked.any():
        across = n + np.arange(len(heads)).reshape(-1, 2)
        neighbour_walks = neighbour_walks or WalkDistances.none()
        links = WalkDistances.estimate(
            np.concatenate([pairs[free], across, np.searchsorted(placed, neighbour_walks.pairs)]),
            np.concatenate([metres[free], _line_m(xy, across) * rules.detour_factor, neighbour_walks.metres]),
        )
        metres[asked] = _detours_m(xy, links, pairs[asked], n, rules.walk_limit_m)
    metres = np.round(metres, 3)
    kept = (metres <= rules.walk_limit_m) & (pairs[:, 1] < n) & (free | asked)
    return WalkDistances.estimate(placed[pairs[kept]], metres[kept])


def _measure_road_walks(places: np.ndarray, access: AccessPoints, rules: NeighbourRules) -> WalkDistances:
    """Walks between units that step onto the network."""
    legs_m = access.legs_m(point_coordinates(places)) * rules.detour_factor
    a, b, metres = measure_road_walks(access, legs_m, len(places), rules.walk_limit_m + 0.001)
    once = a < b
    return WalkDistances(np.stack([a[once], b[once]], axis=1), metres[once], np.zeros(once.sum(), dtype=bool))


def _estimate_off_road_walks(
    places: np.ndarray,
    barriers: Barriers,
    crossings: Crossings,
    rules: NeighbourRules,
    neighbour_walks: WalkDistances,
    has_road: np.ndarray,
) -> WalkDistances:
    """Walks of the units that reach no road; what is too far from all of them is not looked at."""
    placed = ~(shapely.is_missing(places) | shapely.is_empty(places))
    asked = placed & ~has_road
    if not asked.any():
        return WalkDistances.none()
    xy = point_coordinates(places)
    near = np.flatnonzero(placed)
    away, _ = cKDTree(xy[asked]).query(xy[near])
    near = near[away <= rules.walk_limit_m]
    inside = np.isin(neighbour_walks.pairs, near).all(axis=1)
    among = WalkDistances.estimate(np.searchsorted(near, neighbour_walks.pairs[inside]), neighbour_walks.metres[inside])
    found = estimate_walks(places[near], barriers, crossings, rules, neighbour_walks=among)
    pairs = near[found.pairs]
    return WalkDistances.estimate(pairs, found.metres).select(asked[pairs].any(axis=1))


def _line_m(xy: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """(k,) straight distances between pairs of points, metres."""
    return np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)


def _near_pairs(xy: np.ndarray, radius_m: float) -> np.ndarray:
    """(k, 2) positions i < j of points within a radius, sorted."""
    if len(xy) < 2:
        return np.empty((0, 2), dtype=np.intp)
    pairs = cKDTree(xy).query_pairs(radius_m, output_type="ndarray")
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def _unobstructed(xy: np.ndarray, pairs: np.ndarray, barriers: Barriers, lines_at_once: int) -> np.ndarray:
    """Whether the straight line of each pair meets no hard barrier."""
    free = np.ones(len(pairs), dtype=bool)
    if not len(barriers.ids):
        return free
    for start in range(0, len(pairs), lines_at_once):
        part = slice(start, start + lines_at_once)
        free[part] = ~barriers.intersects(make_lines(*xy[pairs[part]].swapaxes(0, 1)))
    return free


def _detours_m(xy: np.ndarray, links: WalkDistances, pairs: np.ndarray, n_places: int, limit_m: float) -> np.ndarray:
    """(k,) length of the shortest path of each pair over the links; infinite beyond the limit."""
    rows, columns = links.pairs.ravel(order="F"), links.pairs[:, ::-1].ravel(order="F")
    network = build_graph_matrix(rows, columns, np.tile(links.metres, 2), len(xy))
    sources = np.unique(pairs[:, 0])
    is_place = np.arange(len(xy)) < n_places
    around = np.tile(xy[sources], 2)
    start, end, found = find_shortest_paths(network, xy, sources, around, is_place, limit_m + 0.001)
    length = np.full(len(pairs), np.inf)
    wanted, known = (at.astype(np.int64) * len(xy) + to for at, to in (pairs.T, (start, end)))
    _, of_pair, of_found = np.intersect1d(wanted, known, return_indices=True)
    length[of_pair] = found[of_found]
    return length
