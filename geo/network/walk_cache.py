"""Known ways between the places of units, before a network is made of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class WalkDistances:
    """Some ways between places.

    Parameters
    ----------
    pairs
        (k, 2) positions i < j of two places.
    metres
        (k,) length of each way.
    """

    pairs: np.ndarray
    metres: np.ndarray

    @classmethod
    def none(cls) -> WalkDistances:
        """No way at all."""
        return cls(np.empty((0, 2), dtype=np.intp), np.empty(0))

    def chosen(self, which: np.ndarray) -> WalkDistances:
        """Some of them, by position or mask."""
        return WalkDistances(self.pairs[which], self.metres[which])
