"""Shortest paths on the footway network: one sparse matrix, searched by Dijkstra's algorithm tile by tile (R22, R26).

Units hang on the network as nodes of their own. Time and memory grow with the map, not with its square.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from geo.network.access import AccessPoints

TILE_M = 1500.0
"""Side of the tiles from which shortest paths are searched together."""


CELLS_AT_ONCE = 4_000_000
"""Distances held in memory at once: from some nodes to all around, 32 MB."""


_MIN_EDGE_M = 1e-6  # scipy reads a length of 0 as no edge at all


ShortestPaths = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Start, end and metres of every path, sorted: (k,), (k,) and (k,)."""


def build_graph_matrix(rows: np.ndarray, columns: np.ndarray, metres: np.ndarray, n: int) -> csr_array:
    """The weighted adjacency matrix of a directed graph; of parallel edges the shortest counts.

    Parameters
    ----------
    rows, columns, metres
        (k,) start and end node of each edge, and its length.
    n
        Number of nodes.

    Returns
    -------
    (n, n) sparse matrix of metres, in CSR form.

    Examples
    --------
    >>> build_graph_matrix(np.array([0, 0]), np.array([1, 1]), np.array([9.0, 4.0]), 2).toarray().tolist()
    [[0.0, 4.0], [0.0, 0.0]]
    """
    order = np.lexsort((metres, columns, rows))
    rows, columns, metres = rows[order], columns[order], metres[order]
    first = np.ones(len(rows), dtype=bool)
    first[1:] = (np.diff(rows) != 0) | (np.diff(columns) != 0)
    indptr = np.searchsorted(rows[first], np.arange(n + 1))
    lengths = np.maximum(metres[first], _MIN_EDGE_M)
    return csr_array((lengths, columns[first], indptr), shape=(n, n))


def find_shortest_paths(
    matrix: csr_array,
    xy: np.ndarray,
    sources: np.ndarray,
    around: np.ndarray,
    is_target: np.ndarray,
    limit_m: float,
    *,
    tile_m: float = TILE_M,
    cells_at_once: int = CELLS_AT_ONCE,
) -> ShortestPaths:
    """The shortest path from each source to every target within a limit (Dijkstra).

    Sources are taken tile by tile with the part of the network around them: time and memory grow
    with the network, not with its square. The result does not depend on the tiles: a path within
    the limit stays in the surroundings of its source.

    Parameters
    ----------
    matrix
        (n, n) sparse, metres; no edge is shorter than the straight line.
    xy
        (p, 2) coordinates of the first p nodes, metric CRS; the other n − p have none: they are
        sources with edges out of them, or targets with edges into them, never passed.
    sources
        (s,) nodes to start at.
    around
        (s, 4) box that holds the first nodes with coordinates each source leads to.
    is_target
        (n,) bool.
    limit_m
        Longest path, metres.
    tile_m, cells_at_once
        Bound the memory; they change no result.

    Returns
    -------
    Start, end and metres of every path, sorted; a node has no path to itself.
    """
    if not len(sources):
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp), np.empty(0)
    tree = cKDTree(xy.reshape(-1, 2))
    tile = np.floor(around[:, :2] / tile_m).astype(np.int64)
    _, of_tile = np.unique(tile, axis=0, return_inverse=True)
    order = np.argsort(of_tile, kind="stable")
    found = []
    for part in np.split(order, np.flatnonzero(np.diff(of_tile[order])) + 1):
        near = find_nodes_around(tree, around[part, :2].min(axis=0), around[part, 2:].max(axis=0), limit_m)
        nodes = np.unique(np.concatenate([near, sources[part]]))
        ahead = np.unique(matrix[nodes].indices)
        nodes = np.union1d(nodes, ahead[is_target[ahead]])
        local = matrix[nodes][:, nodes]
        ends = np.flatnonzero(is_target[nodes])
        step = max(1, cells_at_once // len(nodes))
        for some in np.split(sources[part], np.arange(step, len(part), step)):
            metres = dijkstra(local, indices=np.searchsorted(nodes, some), limit=limit_m)[:, ends]
            which, end = np.nonzero(np.isfinite(metres))
            found.append((some[which], nodes[ends[end]], metres[which, end]))
    start, end, metres = (np.concatenate(column) for column in zip(*found, strict=True))
    is_other = start != end
    order = np.lexsort((end[is_other], start[is_other]))
    return start[is_other][order], end[is_other][order], metres[is_other][order]


def find_nodes_around(tree: cKDTree, low: np.ndarray, high: np.ndarray, limit_m: float) -> np.ndarray:
    """Nodes that a path of at most a limit can pass when it starts in a box, sorted.

    Parameters
    ----------
    tree
        Of the nodes' coordinates, metric CRS.
    low, high
        (2,) corners of the box.
    limit_m
        Longest path, metres.
    """
    radius = (high - low).max() / 2 + limit_m + 1.0
    near = tree.query_ball_point((low + high) / 2, radius, p=np.inf)
    return np.sort(np.array(near, dtype=np.intp))


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
    matrix, n = build_routing_matrix(access, leg_m, n_units), len(access.footways.xy)
    begin = np.unique(access.unit) if units is None else np.intersect1d(units, access.unit)
    around = np.concatenate([np.full((n_units, 2), np.inf), np.full((n_units, 2), -np.inf)], axis=1)
    ends = access.footways.xy[access.footways.ends[access.edge]].reshape(-1, 2, 2)
    np.minimum.at(around[:, :2], access.unit, ends.min(axis=1))
    np.maximum.at(around[:, 2:], access.unit, ends.max(axis=1))
    is_target = np.arange(n + 2 * n_units) >= n + n_units
    start, end, metres = find_shortest_paths(
        matrix,
        access.footways.xy,
        n + begin,
        around[begin],
        is_target,
        limit_m,
        tile_m=tile_m,
        cells_at_once=cells_at_once,
    )
    is_other = start - n != end - n - n_units
    return start[is_other] - n, end[is_other] - n - n_units, metres[is_other]


def build_routing_matrix(access: AccessPoints, leg_m: np.ndarray, n_units: int) -> csr_array:
    """The network's n nodes, then each unit as a source, then each unit as a target.

    Parameters
    ----------
    access
        Of the map.
    leg_m
        (k,) metres from where a walk begins in the unit to the road, for each access.
    n_units
        Number of units.

    Returns
    -------
    (n + 2 n_units, n + 2 n_units) sparse matrix of metres.
    """
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
    is_other = access.unit[i] != access.unit[j]
    return i[is_other], j[is_other]
