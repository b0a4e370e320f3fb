"""Set partitioning: every element in exactly one of the columns chosen, one column an anchor at most."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csc_array

from analysis.bundling.solver.models.mip import INFINITY, MipModel


def membership(elements: Sequence[np.ndarray], anchors: Sequence[int], shape: tuple[int, int]) -> csc_array:
    """Which rows each column is in: its elements, then its anchor; last one column of each element alone.

    Parameters
    ----------
    elements
        Of each column, (k,) int: its elements, 0..n-1.
    anchors
        Of each column, 0..m-1.
    shape
        (n, m): number of elements and of anchors.

    Returns
    -------
    (n + m, columns + n) float: 1 where a column is in a row. The last n columns leave one element
    each in no column.

    Examples
    --------
    >>> membership([np.array([0, 1])], [0], (2, 1)).toarray()
    array([[1., 1., 0.],
           [1., 0., 1.],
           [1., 0., 0.]])
    """
    n, m = shape
    places = np.arange(len(elements) + n)
    of_anchor = n + np.array(anchors, dtype=np.int64)
    row = np.concatenate([*elements, of_anchor, np.arange(n)])
    column = np.concatenate([np.repeat(places[: len(elements)], [len(one) for one in elements]), places])
    return csc_array((np.ones(len(row)), (row, column)), shape=(n + m, len(places)))


def set_partitioning_model(
    cost: np.ndarray, members: csc_array, n_elements: int, *, is_whole: np.ndarray, upper: np.ndarray | None = None
) -> MipModel:
    """The integer programme, or its linear relaxation.

    Parameters
    ----------
    cost
        (c,) float, of each column.
    members
        (r, c) as of `membership`, any of its columns.
    n_elements
        Rows that exactly one column covers; each of the others is covered at most once.
    is_whole
        (c,) bool: columns taken whole or not at all.
    upper
        (c,) float: how much of each column may be taken; None = 1 of each.
    """
    model = MipModel(cost, np.ones(len(cost)) if upper is None else upper, is_whole)
    lower = np.where(np.arange(members.shape[0]) < n_elements, 1.0, -INFINITY)
    model.add_matrix(members.tocsr(), lower, np.ones(members.shape[0]))
    return model
