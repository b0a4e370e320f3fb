"""Which units are neighbours: an immutable graph in compressed sparse rows, and searches over it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components


@dataclass(frozen=True, eq=False)
class Adjacency:
    """Neighbours of n units; every edge stands in both rows.

    Parameters
    ----------
    indptr, indices
        (n + 1,) and (e,) int: CSR, the neighbours of unit i are `indices[indptr[i] : indptr[i + 1]]`.

    Examples
    --------
    >>> path = Adjacency(np.array([0, 1, 3, 4]), np.array([1, 0, 2, 1]))
    >>> path.row(1), path.sources
    (array([0, 2]), array([0, 1, 1, 2]))
    >>> path.pieces([0, 2])
    [[0], [2]]
    """

    indptr: np.ndarray
    indices: np.ndarray

    @classmethod
    def from_edges(cls, n_units: int, edges: np.ndarray) -> Adjacency:
        """Neighbours by the edges between them; the neighbours of each unit are ascending.

        Parameters
        ----------
        n_units
            Number of units.
        edges
            (e, 2) int, each pair once, in any order.

        Examples
        --------
        >>> Adjacency.from_edges(3, np.array([[2, 1], [0, 1]])).row(1)
        array([0, 2])
        """
        row, column = np.concatenate([edges, edges[:, ::-1]]).T
        order = np.lexsort((column, row))
        counts = np.bincount(row, minlength=n_units)
        return cls(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), column[order])

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.indptr) - 1

    def row(self, unit: int) -> np.ndarray:
        """Positions of the neighbours of one unit."""
        return self.indices[self.indptr[unit] : self.indptr[unit + 1]]

    @cached_property
    def sources(self) -> np.ndarray:
        """(e,) the unit each directed edge leaves; it ends at `indices`."""
        return np.repeat(np.arange(self.n_units), np.diff(self.indptr))

    @cached_property
    def matrix(self) -> csr_array:
        """(n, n) sparse, 1.0 for each edge."""
        return csr_array((np.ones(len(self.indices)), self.indices, self.indptr), shape=(self.n_units,) * 2)

    @cached_property
    def components(self) -> np.ndarray:
        """(n,) int: number of each unit's connected component, from 0."""
        return connected_components(self.matrix, directed=False)[1]

    @cached_property
    def groups(self) -> list[np.ndarray]:
        """The connected components, each ascending, by first unit."""
        if not self.n_units:
            return []
        order = np.argsort(self.components, kind="stable")
        groups = np.split(order, np.cumsum(np.bincount(self.components))[:-1])
        return sorted(groups, key=lambda units: int(units[0]))

    def only(self, is_kept: np.ndarray) -> Adjacency:
        """The same units with some of the edges.

        Parameters
        ----------
        is_kept
            (e,) bool of each directed edge, alike for both directions of a pair.

        Examples
        --------
        >>> path = Adjacency(np.array([0, 1, 3, 4]), np.array([1, 0, 2, 1]))
        >>> path.only(path.sources + path.indices > 1).components
        array([0, 1, 1], dtype=int32)
        """
        counts = np.bincount(self.sources[is_kept], minlength=self.n_units)
        return Adjacency(np.concatenate([[0], np.cumsum(counts)]), self.indices[is_kept])

    def reach(self, start: int, mask: np.ndarray) -> np.ndarray:
        """Units reached from one over allowed ones.

        Parameters
        ----------
        start
            Where the search begins, allowed or not.
        mask
            (n,) bool: units that may be passed.

        Returns
        -------
        (n,) bool, `start` included.

        Examples
        --------
        >>> path = Adjacency(np.array([0, 1, 3, 4]), np.array([1, 0, 2, 1]))
        >>> path.reach(0, np.array([True, True, False]))
        array([ True,  True, False])
        """
        reached = np.zeros(self.n_units, dtype=bool)
        reached[start] = True
        stack = [start]
        while stack:
            for unit in self.row(stack.pop()).tolist():
                if mask[unit] and not reached[unit]:
                    reached[unit] = True
                    stack.append(unit)
        return reached

    def pieces(self, members: Iterable[int]) -> list[list[int]]:
        """Connected pieces of some units, over these units alone; each ascending, by first unit."""
        left, found = {int(unit) for unit in members}, []
        for start in sorted(left):
            if start not in left:
                continue
            left.discard(start)
            piece, stack = [start], [start]
            while stack:
                for unit in self.row(stack.pop()).tolist():
                    if unit in left:
                        left.discard(unit)
                        piece.append(unit)
                        stack.append(unit)
            found.append(sorted(piece))
        return found
