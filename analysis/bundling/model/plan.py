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
    leader_of
        (n,) int: unit position of the anchor that leads each unit, −1 = none; only in mode "area",
        where an area may have several leaders inside. None = as `anchor_of` says.
    """

    area_of: np.ndarray
    anchor_of: np.ndarray
    leader_of: np.ndarray | None = None

    def __post_init__(self) -> None:
        for name in ("area_of", "anchor_of", "leader_of"):
            if getattr(self, name) is None:
                continue
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
        return Plan(area_of, self.anchor_of, self._leaders_within(area_of))

    def assign_leaders(self, leader_of: np.ndarray) -> Plan:
        """The same areas with other leaders inside; a leader in another area leads nobody.

        Parameters
        ----------
        leader_of
            (n,) position of the leader of each unit, −1 = none.

        Examples
        --------
        >>> Plan(np.array([0, 0, 1]), np.array([-1, -1])).assign_leaders(np.array([1, -1, 1])).leader_of
        array([ 1, -1, -1])
        """
        plan = Plan(self.area_of, self.anchor_of, leader_of)
        return Plan(self.area_of, self.anchor_of, plan._leaders_within(self.area_of))

    def without_empty_areas(self) -> Plan:
        """The plan with the areas that have a unit, numbered from 0 in their order.

        Examples
        --------
        >>> Plan(np.array([1, 1, -1]), np.array([-1, -1])).without_empty_areas().area_of
        array([ 0,  0, -1])
        """
        numbers = np.unique(self.area_of[self.area_of >= 0])
        area_of = np.where(self.area_of >= 0, np.searchsorted(numbers, self.area_of), LEFT_OVER)
        return Plan(area_of, self.anchor_of[numbers], self.leader_of)

    def _leaders_within(self, area_of: np.ndarray) -> np.ndarray | None:
        """The leaders that are in the area of who they lead; None where areas have no leaders inside."""
        if self.leader_of is None:
            return None
        is_led = (self.leader_of >= 0) & (area_of >= 0) & (area_of[self.leader_of] == area_of)
        return np.where(is_led, self.leader_of, LEFT_OVER)
