"""Walks inside each area by the layer of walks, and the medoid they tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.bundling.verify.base.context import CheckContext
from analysis.bundling.verify.base.schema import AreaPart


@dataclass(frozen=True, eq=False)
class AreaWalks:
    """Walks between the n members of an area.

    Parameters
    ----------
    members
        Ids of units that exist, ascending.
    metres
        (n, n) whole metres, at least 1; the limit of walks where none is in the layer, 0 from a unit to
        itself.
    households
        (n,) households of each; 0 where missing.
    """

    members: list[str]
    metres: np.ndarray
    households: np.ndarray

    @property
    def costs(self) -> np.ndarray:
        """(n,) household-metres of all members to each of them."""
        return np.asarray(self.metres @ self.households)

    @property
    def medoid(self) -> str | None:
        """The member nearest to all, the first of several; None in an area of units that do not exist."""
        return self.members[int(self.costs.argmin())] if self.members else None

    def household_metres(self, area: AreaPart) -> float:
        """Household-metres to who leads each member: the anchor of all, or its own; to the medoid for others.

        Parameters
        ----------
        area
            Whose walks these are.
        """
        if not self.members:
            return 0.0
        at = {unit: i for i, unit in enumerate(self.members)}
        if area.anchor_unit_id in at:
            return float(self.costs[at[area.anchor_unit_id]])
        centre = np.full(len(self.members), int(self.costs.argmin()))
        for unit, leader in area.led.items():
            if unit in at and leader in at:
                centre[at[unit]] = at[leader]
        return float(self.metres[np.arange(len(centre)), centre] @ self.households)


def read_area_walks(context: CheckContext) -> list[AreaWalks]:
    """Walks inside each area of a plan, of the layer whose bytes the plan names.

    Parameters
    ----------
    context
        The plan and its tables.
    """
    walks = context.dataset.layer("walks")[["unit_a", "unit_b", "walk_m"]]
    area_of = {unit: k for k, area in enumerate(context.plan.areas) for unit in context.members(area)}
    of_a, of_b = walks["unit_a"].map(area_of), walks["unit_b"].map(area_of)
    inside: dict[int, list[tuple[str, str, float]]] = {}
    within = walks.assign(area=of_a)[of_a == of_b]
    for a, b, metres, k in within.itertuples(index=False):
        inside.setdefault(k, []).append((a, b, metres))
    return [_walks_within(context, area, inside.get(k, [])) for k, area in enumerate(context.plan.areas)]


def _walks_within(context: CheckContext, area: AreaPart, walks: list[tuple[str, str, float]]) -> AreaWalks:
    members = sorted(context.members(area))
    at = {unit: position for position, unit in enumerate(members)}
    metres = np.full((len(members), len(members)), float(int(context.plan.rules.walk_limit_m)))
    for a, b, walk in walks:
        metres[at[a], at[b]] = metres[at[b], at[a]] = max(round(walk), 1)
    np.fill_diagonal(metres, 0.0)
    return AreaWalks(members, metres, np.nan_to_num(context.figure(members, "households")))
