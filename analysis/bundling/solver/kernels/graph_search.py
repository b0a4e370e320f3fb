"""Searches over a graph in compressed sparse rows, compiled."""

from __future__ import annotations

import numpy as np

from analysis.bundling.solver.kernels.jit import entry


@entry
def mark_reachable(
    indptr: np.ndarray, indices: np.ndarray, start: int, excluded: np.ndarray, seen: np.ndarray, stack: np.ndarray
) -> None:
    """Mark in `seen` the units reached from one over others that are not excluded.

    Parameters
    ----------
    indptr, indices
        CSR adjacency.
    start
        Where the search begins, excluded or not.
    excluded
        (n,) bool: units that may not be passed.
    seen
        (n,) bool, changed: whether each is reached.
    stack
        (n,) int64: room for the search.
    """
    seen[:] = False
    seen[start] = True
    stack[0] = start
    top = 1
    while top > 0:
        top -= 1
        unit = stack[top]
        for e in range(indptr[unit], indptr[unit + 1]):
            i = indices[e]
            if not seen[i] and not excluded[i]:
                seen[i] = True
                stack[top] = i
                top += 1


@entry
def label_pieces(
    indptr: np.ndarray, indices: np.ndarray, anchors: np.ndarray, labels: np.ndarray, piece: np.ndarray
) -> int:
    """Number the connected pieces of every area; the first m are those that hold the anchors.

    Parameters
    ----------
    indptr, indices
        CSR adjacency.
    anchors
        (m,) int64.
    labels
        (n,) int64, −1 = left over.
    piece
        (n,) int64, −1 everywhere; changed: number of each unit's piece, −1 where it is left over.

    Returns
    -------
    How many numbers there are.
    """
    n, m = len(labels), len(anchors)
    stack = np.empty(n, dtype=np.int64)
    n_pieces = m
    for k in range(m + n):
        start = anchors[k] if k < m else k - m
        label = labels[start]
        if (label != k) if k < m else (label < 0 or piece[start] >= 0):  # a closed anchor; one that is numbered
            continue
        number = k if k < m else n_pieces
        n_pieces = max(n_pieces, number + 1)
        piece[start] = number
        stack[0] = start
        top = 1
        while top > 0:
            top -= 1
            unit = stack[top]
            for e in range(indptr[unit], indptr[unit + 1]):
                i = indices[e]
                if labels[i] == label and piece[i] < 0:
                    piece[i] = number
                    stack[top] = i
                    top += 1
    return n_pieces
