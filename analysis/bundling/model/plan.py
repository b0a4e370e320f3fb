"""The decision: which unit belongs to which area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEFT_OVER = -1


@dataclass(frozen=True, eq=False)
class Plan:
    """An assignment of the n units of a problem to areas; immutable.

    Parameters
    ----------
    area_of
        (n,) int: area number 0..k-1 of each unit, −1 = left over.
    anchor_of
        (k,) int: unit position of the anchor of each area, −1 = the area has none.
    """

    area_of: np.ndarray
    anchor_of: np.ndarray

    def __post_init__(self) -> None:
        for name in ("area_of", "anchor_of"):
            values = np.array(getattr(self, name), dtype=np.int64)
            values.flags.writeable = False
            object.__setattr__(self, name, values)

    @property
    def n_areas(self) -> int:
        """Number of areas."""
        return len(self.anchor_of)

    def members(self, area: int) -> np.ndarray:
        """Positions of the units of an area, ascending.

        Examples
        --------
        >>> Plan(np.array([0, -1, 0]), np.array([-1])).members(0)
        array([0, 2])
        """
        return np.flatnonzero(self.area_of == area)

    def moved(self, units: np.ndarray | list[int], area: int) -> Plan:
        """A new plan in which `units` belong to `area` (−1 = left over).

        Parameters
        ----------
        units
            Positions of the units that move.
        area
            Number of the area they belong to then, −1 = left over.

        Examples
        --------
        >>> Plan(np.array([0, 1]), np.array([-1, -1])).moved([0], 1).area_of
        array([1, 1])
        """
        area_of = self.area_of.copy()
        area_of[units] = area
        return Plan(area_of, self.anchor_of)

    def without_empty_areas(self) -> Plan:
        """The plan with the areas that have a unit, numbered from 0 in their order.

        Examples
        --------
        >>> Plan(np.array([1, 1, -1]), np.array([-1, -1])).without_empty_areas().area_of
        array([ 0,  0, -1])
        """
        numbers = np.unique(self.area_of[self.area_of >= 0])
        area_of = np.where(self.area_of >= 0, np.searchsorted(numbers, self.area_of), LEFT_OVER)
        return Plan(area_of, self.anchor_of[numbers])
