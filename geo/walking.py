"""Walking distances between places, straight or round what stands in the way (R26)."""

from __future__ import annotations

import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from geo.barriers import Barriers, Crossings, free_legs, lines_between, points_at
from geo.rules import NeighbourRules

_LINES_AT_ONCE = 100_000  # about 60 MB of lines and tree results
_CELLS_AT_ONCE = 4_000_000  # distances from some sources to all places: 32 MB


def walking_distances(
    places: np.ndarray,
    barriers: Barriers,
    crossings: Crossings,
    rules: NeighbourRules,
    *,
    known_ways: tuple[np.ndarray, np.ndarray] | None = None,
    lines_at_once: int = _LINES_AT_ONCE,
) -> csr_array:
    """Walking distance between all places that are near enough, metres rounded to 1 mm.

    Straight line × detour factor where it meets no hard barrier; else the shortest way over other
    places and crossings, each stretch straight and free (:func:`geo.barriers.free_legs`). Streets'
    borders do not matter: one may walk across them.

    Parameters
    ----------
    places
        (n,) points, metric CRS; missing where a unit has no place.
    barriers, crossings
        Of the map.
    rules
        `walk_limit_m` and `detour_factor` are used.
    known_ways
        (k, 2) positions and (k,) metres: ways between places whose straight line is not free, each
        pair once.
    lines_at_once
        Bounds the memory; the result does not depend on it.

    Returns
    -------
    (n, n) symmetric; no entry = farther than `walk_limit_m`. The diagonal is empty.

    Examples
    --------
    >>> from geo.barriers import hard_barriers, serving_crossings
    >>> import geopandas as gpd
    >>> none = hard_barriers(gpd.GeoDataFrame(), ())
    >>> walks = walking_distances(
    ...     shapely.points([(0, 0), (300, 400), (5000, 0)]),
    ...     none, serving_crossings(gpd.GeoDataFrame(), none), NeighbourRules(),
    ... )
    >>> walks.toarray().tolist()
    [[0.0, 650.0, 0.0], [650.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    placed = np.flatnonzero(~(shapely.is_missing(places) | shapely.is_empty(places)))
    xy = shapely.get_coordinates(places[placed])
    pairs = _near_pairs(xy, rules.walk_limit_m / rules.detour_factor + 0.001)
    metres = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T) * rules.detour_factor
    free = _free_lines(xy, pairs, barriers, lines_at_once)
    if not free.all():
        ways = _with_known_ways(pairs[free], metres[free], known_ways, placed)
        network = _network(xy, *ways, barriers, crossings, rules)
        metres[~free] = _ways_round(network, pairs[~free], rules.walk_limit_m)
    metres = np.round(metres, 3)
    kept = metres <= rules.walk_limit_m
    a, b = placed[pairs[kept]].T
    return _symmetric(a, b, metres[kept], len(places))


def _near_pairs(xy: np.ndarray, radius_m: float) -> np.ndarray:
    """(k, 2) positions i < j of points within a radius, sorted."""
    if len(xy) < 2:
        return np.empty((0, 2), dtype=np.intp)
    pairs = cKDTree(xy).query_pairs(radius_m, output_type="ndarray")
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def _free_lines(
    xy: np.ndarray, pairs: np.ndarray, barriers: Barriers, lines_at_once: int
) -> np.ndarray:
    """Whether the straight line of each pair meets no hard barrier."""
    free = np.ones(len(pairs), dtype=bool)
    if not len(barriers.ids):
        return free
    for start in range(0, len(pairs), lines_at_once):
        part = slice(start, start + lines_at_once)
        free[part] = ~barriers.stops(lines_between(*xy[pairs[part]].swapaxes(0, 1)))
    return free


def _with_known_ways(
    pairs: np.ndarray,
    metres: np.ndarray,
    known_ways: tuple[np.ndarray, np.ndarray] | None,
    placed: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """The free lines and the known ways together, as positions among the placed."""
    if known_ways is None:
        return pairs, metres
    also, also_metres = known_ways
    return (
        np.concatenate([pairs, np.searchsorted(placed, also)]),
        np.concatenate([metres, also_metres]),
    )


def _network(
    xy: np.ndarray,
    pairs: np.ndarray,
    metres: np.ndarray,
    barriers: Barriers,
    crossings: Crossings,
    rules: NeighbourRules,
) -> csr_array:
    """Free stretches between places (first) and crossings (after them), metres."""
    n = len(xy)
    to_places = _crossing_to_place(xy, barriers, crossings, rules)
    to_crossings = _crossing_to_crossing(barriers, crossings, rules)
    links = np.concatenate([pairs, to_places + np.array([n, 0]), to_crossings + n])
    points = np.concatenate([xy, shapely.get_coordinates(crossings.points)])
    ends = points[links[len(pairs) :]]
    more = np.hypot(*(ends[:, 0] - ends[:, 1]).T) * rules.detour_factor
    return _symmetric(links[:, 0], links[:, 1], np.concatenate([metres, more]), len(points))


def _crossing_to_place(
    xy: np.ndarray, barriers: Barriers, crossings: Crossings, rules: NeighbourRules
) -> np.ndarray:
    """(k, 2) crossing, place: the free legs within the limit."""
    radius_m = rules.walk_limit_m / rules.detour_factor
    at = shapely.get_coordinates(crossings.points)
    if not len(at):
        return np.empty((0, 2), dtype=np.intp)
    near = cKDTree(at).sparse_distance_matrix(cKDTree(xy), radius_m, output_type="ndarray")
    pairs = np.stack([near["i"], near["j"]], axis=1)
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    return pairs[free_legs(barriers, crossings, pairs[:, 0], points_at(xy[pairs[:, 1]]))]


def _crossing_to_crossing(
    barriers: Barriers, crossings: Crossings, rules: NeighbourRules
) -> np.ndarray:
    """(k, 2) crossings i < j from which one gets straight to the middle between them."""
    at = shapely.get_coordinates(crossings.points)
    pairs = _near_pairs(at, rules.walk_limit_m / rules.detour_factor)
    middle = points_at(at[pairs].mean(axis=1))
    free = free_legs(barriers, crossings, pairs[:, 0], middle) & free_legs(
        barriers, crossings, pairs[:, 1], middle
    )
    return pairs[free]


def _ways_round(network: csr_array, pairs: np.ndarray, limit_m: float) -> np.ndarray:
    """(k,) length of the shortest way of each pair; infinite beyond the limit."""
    metres = np.full(len(pairs), np.inf)
    sources, of_pair = np.unique(pairs[:, 0], return_inverse=True)
    step = max(1, _CELLS_AT_ONCE // network.shape[0])
    for start in range(0, len(sources), step):
        reached = dijkstra(network, indices=sources[start : start + step], limit=limit_m + 0.001)
        mine = np.flatnonzero((of_pair >= start) & (of_pair < start + step))
        metres[mine] = reached[of_pair[mine] - start, pairs[mine, 1]]
    return metres


def _symmetric(a: np.ndarray, b: np.ndarray, values: np.ndarray, n: int) -> csr_array:
    """(n, n) sparse with each value at (a, b) and (b, a)."""
    rows, columns = np.concatenate([a, b]), np.concatenate([b, a])
    both = np.concatenate([values, values])
    return csr_array(coo_array((both, (rows, columns)), shape=(n, n)))
