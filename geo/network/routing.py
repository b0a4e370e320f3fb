"""Shortest walks between units on the network, from all of them at once (R22, R26)."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from geo.network.access import AccessPoints
from geo.network.shortest_paths import CELLS_AT_ONCE, TILE_M, ShortestPaths, build_graph_matrix, find_shortest_paths


def measure_road_walks(
    access: AccessPoints,
    leg_m: np.ndarray,
    n_units: int,
    limit_m: float,
    *,
    units: np.ndarray | None = None,
    tile_m: float = TILE_M,
    cells_at_once: int = CELLS_AT_ONCE,
) -> ShortestPaths:
    """The shortest walk on roads from units to all others within a limit.

    A walk leaves a unit over one of its accesses, follows the network and enters the other unit
    over one of its accesses; it leads through no third unit. The shortest in one direction is the
    shortest in the other.

    Parameters
    ----------
    access
        Of the map.
    leg_m
        (k,) metres from where a walk begins in the unit to the road, for each access.
    n_units
        Number of units.
    limit_m
        Longest walk, metres.
    units
        Positions of the units to begin at; all when not given.
    tile_m, cells_at_once
        Bound the memory; they change no result.

    Returns
    -------
    Positions of both units and metres, sorted; a unit has no walk to itself.
    """
    ways, n = build_routing_matrix(access, leg_m, n_units), len(access.footways.xy)
    begin = np.unique(access.unit) if units is None else np.intersect1d(units, access.unit)
    around = np.concatenate([np.full((n_units, 2), np.inf), np.full((n_units, 2), -np.inf)], axis=1)
    ends = access.footways.xy[access.footways.ends[access.edge]].reshape(-1, 2, 2)
    np.minimum.at(around[:, :2], access.unit, ends.min(axis=1))
    np.maximum.at(around[:, 2:], access.unit, ends.max(axis=1))
    is_target = np.arange(n + 2 * n_units) >= n + n_units
    start, end, metres = find_shortest_paths(
        ways,
        access.footways.xy,
        n + begin,
        around[begin],
        is_target,
        limit_m,
        tile_m=tile_m,
        cells_at_once=cells_at_once,
    )
    apart = start - n != end - n - n_units
    return start[apart] - n, end[apart] - n - n_units, metres[apart]


def build_routing_matrix(access: AccessPoints, leg_m: np.ndarray, n_units: int) -> csr_array:
    """The network's n nodes, then each unit as what one leaves, then each as what one enters."""
    footways = access.footways
    n, (a, b) = len(footways.xy), footways.ends.T
    out, into = n + access.unit, n + n_units + access.unit
    head, tail = footways.ends[access.edge].T
    to_head = leg_m + access.at_m
    to_tail = leg_m + footways.length_m[access.edge] - access.at_m
    i, j = _pairs_on_one_edge(access)
    along = leg_m[i] + np.abs(access.at_m[i] - access.at_m[j]) + leg_m[j]
    both = footways.length_m
    return build_graph_matrix(
        np.concatenate([a, b, out, out, head, tail, out[i]]),
        np.concatenate([b, a, head, tail, into, into, into[j]]),
        np.concatenate([both, both, to_head, to_tail, to_head, to_tail, along]),
        n + 2 * n_units,
    )


def _pairs_on_one_edge(access: AccessPoints) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of accesses of two units to one edge, both ways round."""
    order = np.argsort(access.edge, kind="stable")
    edge = access.edge[order]
    first, last = np.searchsorted(edge, edge), np.searchsorted(edge, edge, side="right")
    count = last - first
    i = np.repeat(np.arange(len(edge)), count)
    j = np.arange(len(i)) - np.repeat(np.cumsum(count) - count, count) + first[i]
    i, j = order[i], order[j]
    apart = access.unit[i] != access.unit[j]
    return i[apart], j[apart]
