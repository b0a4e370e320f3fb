"""Walking distances between the places of units: on roads, else straight or round barriers (R26)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree

from geo.network.access import AccessPoints
from geo.network.barriers import Barriers, Crossings, make_lines
from geo.network.routing import measure_road_walks
from geo.network.shortest_paths import build_graph_matrix, find_shortest_paths
from geo.network.walk_cache import WalkDistances
from geo.rules import NeighbourRules

_LINES_AT_ONCE = 100_000  # about 60 MB of lines and tree results


@dataclass(frozen=True, eq=False)
class StoredWalks:
    """The walks between places within a limit, each pair once, sorted.

    Parameters
    ----------
    pairs
        (k, 2) positions i < j of two places.
    metres
        (k,) length of each, rounded to 1 mm.
    is_estimated
        (k,) bool: the road network did not tell it.
    """

    pairs: np.ndarray
    metres: np.ndarray
    is_estimated: np.ndarray


def measure_walks(
    places: np.ndarray,
    barriers: Barriers,
    crossings: Crossings,
    access: AccessPoints,
    rules: NeighbourRules,
    *,
    doors: WalkDistances | None = None,
) -> StoredWalks:
    """Walking distance between all places that are near enough.

    Units that step onto the road network walk on it: to a gate or the outline, along the roads,
    and in again; off the roads each stretch is straight × detour factor. Where neighbours have a
    way straight from one into the other (`doors`) that is shorter, they take it. A unit that
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
    doors
        Ways straight from a unit into its neighbour, or from one to the other over a crossing.
    """
    doors = doors or WalkDistances.none()
    has_road = access.has_road(len(places))
    guessed = [
        doors.chosen(has_road[doors.pairs].all(axis=1)),
        _estimate_off_road_walks(places, barriers, crossings, rules, doors, has_road),
    ]
    roads = _measure_road_walks(places, access, rules)
    pairs = np.concatenate([roads.pairs, *(ways.pairs for ways in guessed)])
    metres = np.concatenate([roads.metres, *(ways.metres for ways in guessed)]).round(3)
    is_estimated = np.arange(len(metres)) >= len(roads.metres)
    order = np.lexsort((is_estimated, metres, pairs[:, 1], pairs[:, 0]))
    order = order[metres[order] <= rules.walk_limit_m]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(pairs[order], axis=0) != 0).any(axis=1)
    kept = order[first]
    return StoredWalks(pairs[kept], metres[kept], is_estimated[kept])


def access_legs_m(access: AccessPoints, places: np.ndarray) -> np.ndarray:
    """(k,) straight metres from the place of the unit over its door to the road, for each access."""
    x, y = shapely.get_x(places), shapely.get_y(places)
    inside = np.hypot(x[access.unit] - access.doors[:, 0], y[access.unit] - access.doors[:, 1])
    return np.asarray(inside + access.piece_m)


def estimate_walks(
    places: np.ndarray,
    barriers: Barriers,
    crossings: Crossings,
    rules: NeighbourRules,
    *,
    doors: WalkDistances | None = None,
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
    doors
        Ways between places whose straight line may not be free.
    lines_at_once
        Bounds the memory; the result does not depend on it.

    Returns
    -------
    The walks up to `walk_limit_m`, each pair once, metres rounded to 1 mm.

    Examples
    --------
    >>> from geo.network.barriers import hard_barriers, serving_crossings
    >>> import geopandas as gpd
    >>> none = hard_barriers(gpd.GeoDataFrame(), ())
    >>> walks = straight_walks(
    ...     shapely.points([(0, 0), (300, 400), (5000, 0)]),
    ...     none, serving_crossings(gpd.GeoDataFrame(), none), NeighbourRules(),
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
        doors = doors or WalkDistances.none()
        known = WalkDistances(np.searchsorted(placed, doors.pairs), doors.metres)
        links = (
            WalkDistances(pairs[free], metres[free]),
            WalkDistances(across, _line_m(xy, across) * rules.detour_factor),
            known,
        )
        metres[asked] = _detours_m(xy, links, pairs[asked], n, rules.walk_limit_m)
    metres = np.round(metres, 3)
    kept = (metres <= rules.walk_limit_m) & (pairs[:, 1] < n) & (free | asked)
    return WalkDistances(placed[pairs[kept]], metres[kept])


def _measure_road_walks(places: np.ndarray, access: AccessPoints, rules: NeighbourRules) -> WalkDistances:
    """Walks between units that step onto the network."""
    legs_m = access_legs_m(access, places) * rules.detour_factor
    a, b, metres = measure_road_walks(access, legs_m, len(places), rules.walk_limit_m + 0.001)
    once = a < b
    return WalkDistances(np.stack([a[once], b[once]], axis=1), metres[once])


def _estimate_off_road_walks(
    places: np.ndarray,
    barriers: Barriers,
    crossings: Crossings,
    rules: NeighbourRules,
    doors: WalkDistances,
    has_road: np.ndarray,
) -> WalkDistances:
    """Walks of the units that reach no road; what is too far from all of them is not looked at."""
    placed = ~(shapely.is_missing(places) | shapely.is_empty(places))
    asked = placed & ~has_road
    if not asked.any():
        return WalkDistances.none()
    x, y = shapely.get_x(places), shapely.get_y(places)
    xy = np.stack([x, y], axis=1)
    near = np.flatnonzero(placed)
    away, _ = cKDTree(xy[asked]).query(xy[near])
    near = near[away <= rules.walk_limit_m]
    inside = np.isin(doors.pairs, near).all(axis=1)
    among = WalkDistances(np.searchsorted(near, doors.pairs[inside]), doors.metres[inside])
    found = estimate_walks(places[near], barriers, crossings, rules, doors=among)
    pairs = near[found.pairs]
    return WalkDistances(pairs, found.metres).chosen(asked[pairs].any(axis=1))


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
        free[part] = ~barriers.stops(make_lines(*xy[pairs[part]].swapaxes(0, 1)))
    return free


def _detours_m(
    xy: np.ndarray, links: tuple[WalkDistances, ...], pairs: np.ndarray, n_places: int, limit_m: float
) -> np.ndarray:
    """(k,) length of the shortest way of each pair; infinite beyond the limit."""
    both = np.concatenate([ways.pairs for ways in links])
    metres = np.concatenate([ways.metres for ways in links])
    network = build_graph_matrix(both.ravel(order="F"), both[:, ::-1].ravel(order="F"), np.tile(metres, 2), len(xy))
    sources = np.unique(pairs[:, 0])
    is_place = np.arange(len(xy)) < n_places
    around = np.tile(xy[sources], 2)
    start, end, found = find_shortest_paths(network, xy, sources, around, is_place, limit_m + 0.001)
    length = np.full(len(pairs), np.inf)
    wanted, known = (at.astype(np.int64) * len(xy) + to for at, to in (pairs.T, (start, end)))
    _, of_pair, of_found = np.intersect1d(wanted, known, return_indices=True)
    length[of_pair] = found[of_found]
    return length
