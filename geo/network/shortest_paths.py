"""Shortest ways in a large network that lies on the ground, found tile by tile."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

TILE_M = 1500.0
CELLS_AT_ONCE = 4_000_000  # distances from some nodes to all around: 32 MB
_LEAST_M = 1e-6  # scipy reads a length of 0 as no way at all

ShortestPaths = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Beginning, end and metres of every way, sorted."""


def build_graph_matrix(rows: np.ndarray, columns: np.ndarray, metres: np.ndarray, n: int) -> csr_array:
    """(n, n) sparse: of several ways from one node to another the shortest.

    Parameters
    ----------
    rows, columns, metres
        (k,) where each way begins and ends, and its length.
    n
        Number of nodes.
    """
    order = np.lexsort((metres, columns, rows))
    rows, columns, metres = rows[order], columns[order], metres[order]
    first = np.ones(len(rows), dtype=bool)
    first[1:] = (np.diff(rows) != 0) | (np.diff(columns) != 0)
    indptr = np.searchsorted(rows[first], np.arange(n + 1))
    lengths = np.maximum(metres[first], _LEAST_M)
    return csr_array((lengths, columns[first], indptr), shape=(n, n))


def find_shortest_paths(
    ways: csr_array,
    xy: np.ndarray,
    sources: np.ndarray,
    around: np.ndarray,
    is_target: np.ndarray,
    limit_m: float,
    *,
    tile_m: float = TILE_M,
    cells_at_once: int = CELLS_AT_ONCE,
) -> ShortestPaths:
    """The shortest way from each source to every target within a limit.

    Sources are taken tile by tile with the part of the network around them: time and memory grow
    with the network, not with its square. The result does not depend on the tiles: a way within
    the limit stays in the surroundings of where it begins.

    Parameters
    ----------
    ways
        (n, n) sparse, metres; no way is shorter than the straight line.
    xy
        (p, 2) coordinates of the first p nodes; the other n − p lie at no place: ways lead out of
        them as sources, or into them as targets, never through.
    sources
        (s,) nodes to begin at.
    around
        (s, 4) box that holds the first nodes with coordinates each source leads to.
    is_target
        (n,) bool.
    limit_m
        Longest way, metres.
    tile_m, cells_at_once
        Bound the memory.
    """
    if not len(sources):
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp), np.empty(0)
    tree = cKDTree(xy.reshape(-1, 2))
    tile = np.floor(around[:, :2] / tile_m).astype(np.int64)
    _, of_tile = np.unique(tile, axis=0, return_inverse=True)
    order = np.argsort(of_tile, kind="stable")
    found = []
    for part in np.split(order, np.flatnonzero(np.diff(of_tile[order])) + 1):
        low, high = around[part, :2].min(axis=0), around[part, 2:].max(axis=0)
        radius = (high - low).max() / 2 + limit_m + 1.0
        near = np.array(tree.query_ball_point((low + high) / 2, radius, p=np.inf), dtype=np.intp)
        nodes = np.unique(np.concatenate([near, sources[part]]))
        ahead = np.unique(ways[nodes].indices)
        nodes = np.union1d(nodes, ahead[is_target[ahead]])
        local = ways[nodes][:, nodes]
        ends = np.flatnonzero(is_target[nodes])
        step = max(1, cells_at_once // len(nodes))
        for some in np.split(sources[part], np.arange(step, len(part), step)):
            metres = dijkstra(local, indices=np.searchsorted(nodes, some), limit=limit_m)[:, ends]
            which, end = np.nonzero(np.isfinite(metres))
            found.append((some[which], nodes[ends[end]], metres[which, end]))
    start, end, metres = (np.concatenate(column) for column in zip(*found, strict=True))
    apart = start != end
    order = np.lexsort((end[apart], start[apart]))
    return start[apart][order], end[apart][order], metres[apart][order]
