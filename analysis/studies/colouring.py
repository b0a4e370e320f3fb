"""Colours of areas on a map: few, and never the same for neighbours."""

from __future__ import annotations

import heapq

import numpy as np
import shapely

OKABE_ITO: tuple[str, ...] = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
"""Seven colours that colour-blind readers can tell apart; grey is kept for what is left over."""


def colour_areas(n_areas: int, neighbour_pairs: np.ndarray, *, n_colours: int = len(OKABE_ITO)) -> np.ndarray:
    """A colour number for each area, so that neighbours differ and colours are used evenly.

    Areas are coloured in smallest-last order: whoever has the fewest neighbours left waits
    longest. On a flat map nobody then meets more than five coloured neighbours, so seven colours
    always do; of those free, the least used is taken.

    Parameters
    ----------
    n_areas
        Number of areas.
    neighbour_pairs
        (m, 2) int: pairs of area numbers 0..n_areas-1; order and repetition do not matter.
    n_colours
        How many colours there are.

    Returns
    -------
    (n_areas,) int array of 0..n_colours-1. Only where an area has neighbours in all colours at
    its turn (impossible on a flat map with six colours or more) does it repeat the one fewest
    of them have. The same input gives the same colours.

    Examples
    --------
    >>> colour_areas(3, np.array([[0, 1], [1, 2]]), n_colours=2)
    array([0, 1, 0])

    Notes
    -----
    Matula & Beck 1983, Smallest-last ordering and clustering and graph coloring algorithms.
    """
    neighbours = _neighbour_lists(n_areas, neighbour_pairs)
    colour = np.full(n_areas, -1, dtype=np.int64)
    used = np.zeros(n_colours, dtype=np.int64)
    for area in _smallest_last(neighbours):
        taken = colour[neighbours[area]]
        clashes = np.bincount(taken[taken >= 0], minlength=n_colours)
        choice = int(np.lexsort((np.arange(n_colours), used, clashes))[0])
        colour[area] = choice
        used[choice] += 1
    return colour


def find_adjacent_areas(geometry: np.ndarray, area_of: np.ndarray, *, gap_m: float) -> np.ndarray:
    """Pairs of areas that lie next to each other on the map.

    Parameters
    ----------
    geometry
        (n,) shapely geometries of units in a metric CRS; missing ones are passed over.
    area_of
        (n,) int: area number of each unit, −1 = none.
    gap_m
        Units at most this far apart make their areas neighbours, metres.

    Returns
    -------
    (m, 2) int array of area numbers, each pair once, smaller number first, sorted.

    Examples
    --------
    >>> squares = shapely.box([0, 10, 50], 0, [9, 19, 59], 9)
    >>> find_adjacent_areas(squares, np.array([0, 1, 2]), gap_m=5)
    array([[0, 1]])
    """
    placed = np.flatnonzero((area_of >= 0) & ~shapely.is_missing(geometry))
    tree = shapely.STRtree(geometry[placed])
    left, right = tree.query(geometry[placed], predicate="dwithin", distance=gap_m)
    pairs = np.column_stack([area_of[placed[left]], area_of[placed[right]]]).reshape(-1, 2)
    return np.unique(pairs[pairs[:, 0] < pairs[:, 1]], axis=0)


def _neighbour_lists(n_areas: int, pairs: np.ndarray) -> list[np.ndarray]:
    pairs = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    both = np.unique(np.vstack([pairs, pairs[:, ::-1]]), axis=0)
    starts = np.searchsorted(both[:, 0], np.arange(n_areas + 1))
    return [both[starts[k] : starts[k + 1], 1] for k in range(n_areas)]


def _smallest_last(neighbours: list[np.ndarray]) -> list[int]:
    """Areas in the order to colour them: the reverse of taking the least connected one away."""
    degree = [len(others) for others in neighbours]
    heap = [(degree[area], area) for area in range(len(neighbours))]
    heapq.heapify(heap)
    taken: list[int] = []
    gone = [False] * len(neighbours)
    while heap:
        known_degree, area = heapq.heappop(heap)
        if gone[area] or known_degree != degree[area]:
            continue
        gone[area] = True
        taken.append(area)
        for other in neighbours[area]:
            if not gone[other]:
                degree[other] -= 1
                heapq.heappush(heap, (degree[other], int(other)))
    return taken[::-1]
