"""Walking distances between places, straight or round what stands in the way (R26)."""

from __future__ import annotations

import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from geo.barriers import Barriers, Crossings, lines_between
from geo.rules import NeighbourRules

Ways = tuple[np.ndarray, np.ndarray]
"""(k, 2) positions i < j of two points and (k,) metres between them."""

_LINES_AT_ONCE = 100_000  # about 60 MB of lines and tree results
_CELLS_AT_ONCE = 4_000_000  # distances from some sources to all places: 32 MB


def walking_distances(
    places: np.ndarray,
    barriers: Barriers,
    crossings: Crossings,
    rules: NeighbourRules,
    *,
    known_ways: Ways | None = None,
    lines_at_once: int = _LINES_AT_ONCE,
) -> csr_array:
    """Walking distance between all places that are near enough, metres rounded to 1 mm.

    Straight line × detour factor where it meets no hard barrier; else the shortest way over other
    places and crossings (from head to head), each stretch straight and free. Borders of streets do
    not matter: one may walk across them.

    Parameters
    ----------
    places
        (n,) points, metric CRS; missing where a unit has no place.
    barriers, crossings
        Of the map.
    rules
        `walk_limit_m` and `detour_factor` are used.
    known_ways
        (k, 2) positions i < j and (k,) metres: ways between places whose straight line is not
        free, each pair once.
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
    n = len(placed)
    heads = shapely.get_coordinates(crossings.heads.ravel())
    xy = np.concatenate([shapely.get_coordinates(places[placed]), heads])
    pairs = _near_pairs(xy, rules.walk_limit_m / rules.detour_factor + 0.001)
    metres = _line_m(xy, pairs) * rules.detour_factor
    free = _free_lines(xy, pairs, barriers, lines_at_once)
    if not free.all():
        across = n + np.arange(len(heads)).reshape(-1, 2)
        network = _network(
            len(xy),
            (pairs[free], metres[free]),
            (across, _line_m(xy, across) * rules.detour_factor),
            _among(placed, known_ways),
        )
        metres[~free] = np.inf
        asked = ~free & (pairs[:, 1] < n)
        metres[asked] = _ways_round(network, pairs[asked], rules.walk_limit_m)
    metres = np.round(metres, 3)
    kept = (metres <= rules.walk_limit_m) & (pairs[:, 1] < n)
    a, b = placed[pairs[kept]].T
    return _symmetric(a, b, metres[kept], len(places))


def _line_m(xy: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """(k,) straight distances between pairs of points, metres."""
    return np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)


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


def _among(placed: np.ndarray, known_ways: Ways | None) -> Ways:
    """Known ways as positions among the placed."""
    if known_ways is None:
        return np.empty((0, 2), dtype=np.intp), np.empty(0)
    return np.searchsorted(placed, known_ways[0]), known_ways[1]


def _network(n: int, *ways: Ways) -> csr_array:
    """All ways between n points, each once: heads that see each other are a way in two lists."""
    links = np.concatenate([pairs for pairs, _ in ways])
    links, first = np.unique(links, axis=0, return_index=True)
    metres = np.concatenate([metres for _, metres in ways])[first]
    return _symmetric(links[:, 0], links[:, 1], metres, n)


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
