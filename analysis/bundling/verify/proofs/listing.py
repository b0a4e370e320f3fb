"""Groups whose areas can all be listed: what no plan of them can better, behind each code and of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analysis.bundling.verify.base.listed_sets import MOST_MEMBERS, MOST_SETS, GroupMinimum, Lead, find_minimum
from analysis.bundling.verify.statements.planned_units import SHARE, PlannedUnits

MOST_COUPLED = 4 * MOST_SETS
"""Sets of groups that companies couple."""


@dataclass(frozen=True)
class ListedSum:
    """What every plan has at least.

    Parameters
    ----------
    left_over, unled
        Households in no area; in areas without an anchor, of plans that leave no more over.
    metres, cost
        Household-metres of plans that are no worse at both; the same with areas at their price.
    is_whole
        Whether all groups could be listed: of others it counts only whoever can be in no area.
    """

    left_over: float
    unled: float = 0.0
    metres: float = 0.0
    cost: float = 0.0
    is_whole: bool = True

    def plus(self, other: GroupMinimum | None) -> ListedSum:
        """With one group more; None = it could not be listed.

        Parameters
        ----------
        other
            What was found of it.
        """
        if other is None:
            return ListedSum(self.left_over, self.unled, self.metres, self.cost, is_whole=False)
        return ListedSum(
            self.left_over + other.left_over,
            self.unled + other.unled,
            self.metres + other.metres,
            self.cost + other.cost,
            self.is_whole,
        )


@dataclass(frozen=True)
class ListedBounds:
    """Sums behind each code, each group alone; and of all, groups that a company couples (R15) together."""

    by_code: dict[str, ListedSum]
    of_all: ListedSum


def list_groups(planned: PlannedUnits, area_m: float) -> ListedBounds:
    """Bounds of modes "whole" and "mixed" by listing the areas of every group.

    Parameters
    ----------
    planned
        Units, walks and limits as arrays; every unit has a code, and no permit joins streets.
    area_m
        Household-metres each area costs.
    """
    groups, nowhere = _find_groups(planned), _are_nowhere(planned)
    minima = [_find_minimum(planned, [members], area_m) for members in groups]
    for members, found in zip(groups, minima, strict=True):
        if found is not None:
            nowhere[members] = False
    by_code = {
        str(code): ListedSum(float(planned.households[nowhere & (planned.codes == code)].sum()))
        for code in np.unique(planned.codes.astype(str))
    }
    for members, found in zip(groups, minima, strict=True):
        code = str(planned.codes[members[0]])
        by_code[code] = by_code[code].plus(found)
    of_all = ListedSum(float(planned.households[nowhere].sum()))
    for coupled in _couple(planned, groups):
        found = minima[coupled[0]]
        if len(coupled) > 1:
            all_listed = all(minima[k] is not None for k in coupled)
            found = _find_minimum(planned, [groups[k] for k in coupled], area_m) if all_listed else None
        for one in [found] if found is not None or len(coupled) == 1 else [minima[k] for k in coupled]:
            of_all = of_all.plus(one)
        if found is None:
            of_all = of_all.plus(None)
    return ListedBounds(by_code, of_all)


def _are_nowhere(planned: PlannedUnits) -> np.ndarray:
    """(n,) bool: targets that no anchor reaches and no group without an anchor holds."""
    found = planned.targets & (planned.groups < 0)
    if planned.context.plan.mode == "mixed":
        for walk in planned.reach.values():
            found[list(walk)] = False
    return found


def _find_groups(planned: PlannedUnits) -> list[np.ndarray]:
    """Units that may share areas, by group; in mode "mixed" with anchors, which join nothing with each other."""
    label, asks = planned.groups, planned.groups >= 0
    if planned.context.plan.mode == "mixed":
        a, b = planned.pairs[planned.may_be].T
        inside, asks = planned.targets | planned.leads, planned.targets
        links = inside[a] & inside[b] & ~(planned.leads[a] & planned.leads[b])
        matrix = coo_array((np.ones(links.sum()), (a[links], b[links])), shape=(planned.n, planned.n))
        label = np.where(inside, connected_components(matrix, directed=False)[1], -1)
    return [np.flatnonzero(label == one) for one in np.unique(label[asks])]


def _couple(planned: PlannedUnits, groups: Sequence[np.ndarray]) -> list[list[int]]:
    """Numbers of groups, together where a company has anchors in them that could take in more than it may take on."""
    group_of = np.full(planned.n, -1)
    for number, members in enumerate(groups):
        group_of[members] = number
    uses: dict[str, list[tuple[int, float]]] = {}
    if planned.context.plan.mode == "mixed":
        for anchor in planned.anchors:
            company, units = planned.company_of[anchor], list(planned.reach[anchor])
            if company in planned.allowances and units:
                use = min(planned.room_m2(anchor), float(planned.floor_m2[units].sum()))
                uses.setdefault(company, []).append((int(group_of[anchor]), use))
    pairs = [
        (of[0][0], number)
        for company, of in uses.items()
        if sum(use for _, use in of) > planned.allowances[company]
        for number, _ in of
    ]
    row, column = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    links = coo_array((np.ones(len(row)), (row, column)), shape=(len(groups), len(groups)))
    label = connected_components(links, directed=False)[1] if len(groups) else np.zeros(0, dtype=np.int64)
    return [np.flatnonzero(label == one).tolist() for one in np.unique(label)]


def _find_minimum(planned: PlannedUnits, groups: Sequence[np.ndarray], area_m: float) -> GroupMinimum | None:
    """Of groups together; companies are held to what they may take on where there are several."""
    if any(len(one) > MOST_MEMBERS for one in groups):
        return None
    members = np.sort(np.concatenate(groups))
    place = {unit: k for k, unit in enumerate(members.tolist())}
    neighbours = [sorted(place[j] for j in planned.possible[i] if j in place) for i in place]
    weights = [(figures[members], least, most, rounding) for figures, least, most, rounding in planned.sizes]
    walks = planned.walks[members][:, members].toarray()
    walks[walks == 0] = planned.limit_m
    np.fill_diagonal(walks, 0.0)
    of_area = planned.area_of[members]
    leads = None
    if planned.context.plan.mode == "mixed":
        leads = [
            Lead(
                place[anchor],
                {place[unit]: metres for unit, metres in planned.reach[anchor].items() if unit in place},
                planned.floor_m2[members],
                planned.room_m2(anchor),
                planned.company_of[anchor],
            )
            for anchor in planned.anchors
            if anchor in place
        ]
    return find_minimum(
        neighbours,
        weights,
        np.where(planned.targets[members], planned.households[members], 0.0),
        walks,
        area_m=area_m,
        areas=[np.flatnonzero(of_area == k).tolist() for k in np.unique(of_area[of_area >= 0])],
        leads=leads,
        rooms_m2={company: room * (1 + SHARE) + 1e-6 for company, room in planned.allowances.items()},
        most_sets=MOST_SETS if len(groups) == 1 else MOST_COUPLED,
    )
