"""Which units are neighbours, why, and why not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import csr_array


@dataclass(frozen=True, eq=False)
class Graph:
    """Neighbours of n units, in the order of the `units` layer.

    Parameters
    ----------
    unit_ids
        (n,) text: the id of each position.
    indptr, indices
        CSR adjacency of the allowed pairs, both directions; neighbours sorted by position.
    gap_m, walk_m
        (2e,) metres for each entry of `indices`: polygon gap, and walk from gate to gate.
    walks
        (n, n) sparse, symmetric: walking distance in metres between units up to the limit
        (place to place: R26, costs). No entry = farther than the limit. The diagonal is empty.
    pairs
        Every candidate pair with its fate: the `edges` layer.
    """

    unit_ids: np.ndarray
    indptr: np.ndarray
    indices: np.ndarray
    gap_m: np.ndarray
    walk_m: np.ndarray
    walks: csr_array
    pairs: pd.DataFrame

    @property
    def n_units(self) -> int:
        """Number of units, those without a place included."""
        return len(self.unit_ids)

    @property
    def n_edges(self) -> int:
        """Number of allowed pairs."""
        return len(self.indices) // 2
