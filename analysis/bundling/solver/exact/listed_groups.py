"""Small groups of mode "mixed" solved to the end: areas with an anchor and without one are listed together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analysis.bundling.model.problem import Problem
from analysis.bundling.solver.base.digest import digest_parts
from analysis.bundling.solver.base.subproblem import Subproblem, group_units, split_lead, split_whole
from analysis.bundling.solver.base.work_log import ENDLESS
from analysis.bundling.solver.exact.connected_sets import list_masks, unpack_masks
from analysis.bundling.solver.exact.listed_areas import list_areas, measure_areas
from analysis.bundling.solver.models.mip import INFINITY, LinearRow, MipModel, MipSolution
from analysis.bundling.solver.models.set_partitioning import membership, set_partitioning_model

MOST_UNITS, MOST_SETS = 60, 5_000
"""Units of a group, and connected sets among them, beyond which it is not listed."""

MOST_COUPLED = 20_000
"""Sets of groups that companies couple."""

NODES = 5_000
"""Of branch and bound, for each choice."""


@dataclass(frozen=True, eq=False)
class ListedGroup:
    """What no plan of a group can do better, level after level, and the best plan.

    Parameters
    ----------
    units
        (n,) positions in the problem, ascending.
    left_over
        Households that every plan leaves over.
    unled
        Households in areas without an anchor, of every plan that leaves no more over.
    cost
        Household-metres, and areas at their price, of every plan that is no worse at both.
    area_of
        (n,) the areas of the best plan, −1 = left over; None where none is proven best.
    anchor_of
        (k,) positions of their anchors, −1 = none.
    """

    units: np.ndarray
    left_over: int
    unled: int
    cost: float
    area_of: np.ndarray | None = None
    anchor_of: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @property
    def is_proven(self) -> bool:
        """Whether no plan of the group is better than its own."""
        return self.area_of is not None


def solve_groups(
    problem: Problem, *, area_m: int = 0, by_company: bool = False, spare_m2: int = 0
) -> tuple[ListedGroup, ...]:
    """The best plans of those groups of a problem whose areas can all be listed, without a clock.

    A group is a connected component, anchors among it (`group_units`).

    Parameters
    ----------
    problem
        Of mode "mixed", measured in walks.
    area_m
        Household-metres that each area costs.
    by_company
        Whether companies are held to what they may take on (R15): groups that one couples, as their anchors could use
        more than that, are then one. False: capacities are all that holds.
    spare_m2
        m² that companies may take on besides.

    Returns
    -------
    In order of their first unit; groups of nobody who asks for an area are left out.
    """
    groups: Sequence[_Group] = _read_groups(problem)
    rooms = np.zeros(0, dtype=np.int64)
    if by_company and problem.companies is not None:
        groups, rooms = _couple(problem, groups), problem.companies.allowance + spare_m2
    found = []
    for group in groups:
        if (solved := _solve(_Keyed.of(group, rooms), area_m)) is not None:
            anchor_of = np.where(solved.anchor_of >= 0, group.units[solved.anchor_of], -1)
            found.append(replace(solved, units=group.units, anchor_of=anchor_of))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class _Group:
    """Units with what they ask for (households of targets), and the parts of both stages that they make up.

    `company`: (n,) of anchors that a company couples with others of it, −1 = none.
    """

    units: np.ndarray
    asking: np.ndarray
    leads: tuple[Subproblem, ...]
    wholes: tuple[Subproblem, ...]
    company: np.ndarray
    most_sets: int = MOST_SETS

    @property
    def parts(self) -> tuple[Subproblem, ...]:
        return (*self.leads, *self.wholes)


@dataclass(frozen=True)
class _Keyed:
    """A group, known by what its solution depends on; `rooms`: m² that each company may take on."""

    digest: bytes
    group: _Group = field(compare=False)
    rooms: np.ndarray = field(compare=False)

    @classmethod
    def of(cls, group: _Group, rooms: np.ndarray) -> _Keyed:
        digest = sha256(digest_parts(group.parts))
        places = [np.searchsorted(group.units, part.units) for part in group.parts]
        for array in (group.asking, group.company, *places, rooms[np.unique(group.company[group.company >= 0])]):
            digest.update(repr(array.shape).encode() + np.ascontiguousarray(array, dtype=np.int64).tobytes())
        return cls(digest.digest(), group, rooms)


@lru_cache(maxsize=4)  # the same problem is asked about again and again
def _lead_parts(problem: Problem) -> tuple[Subproblem, ...]:
    return split_lead(problem)


@lru_cache(maxsize=4)
def _read_groups(problem: Problem) -> tuple[_Group, ...]:
    """Groups of few units with somebody who asks for an area."""
    leads = {int(part.units[0]): part for part in _lead_parts(problem)}
    wholes: dict[int, list[Subproblem]] = {}
    groups = [units for units in group_units(problem) if problem.is_target[units].any() and len(units) <= MOST_UNITS]
    group_of = np.full(problem.n_units, -1, dtype=np.int64)
    for number, units in enumerate(groups):
        group_of[units] = number
    for part in split_whole(problem, np.flatnonzero(problem.is_target)):
        wholes.setdefault(int(group_of[part.units[0]]), []).append(part)
    return tuple(
        _Group(
            units,
            problem.households[units] * problem.is_target[units],
            tuple(lead for lead in [leads.get(int(units[0]))] if lead is not None),
            tuple(wholes.get(number, ())),
            np.full(len(units), -1),
        )
        for number, units in enumerate(groups)
    )


def find_short_companies(problem: Problem) -> np.ndarray:
    """(c,) bool: companies whose anchors could take in more than it may take on (R15).

    Parameters
    ----------
    problem
        With companies.
    """
    companies = problem.companies
    if companies is None:
        return np.zeros(0, dtype=bool)
    could = np.zeros(len(companies.ids), dtype=np.int64)
    for part in _lead_parts(problem):
        of = companies.of_anchor[np.searchsorted(problem.anchors, part.units[part.anchors])]
        uses = np.minimum(part.capacity, (part.cost >= 0) @ part.load)
        np.add.at(could, of[of >= 0], uses[of >= 0])
    return could > companies.allowance


def _couple(problem: Problem, groups: Sequence[_Group]) -> list[_Group]:
    """The groups, those with anchors of one short company made one; without those that a group not listed couples."""
    assert problem.companies is not None
    is_short = np.append(find_short_companies(problem), False)
    company = np.full(problem.n_units, -1, dtype=np.int64)
    for part in _lead_parts(problem):
        able = part.units[part.anchors[(part.cost >= 0).any(axis=1)]]
        of = problem.companies.of_anchor[np.searchsorted(problem.anchors, able)]
        company[able] = np.where(is_short[of], of, -1)
    n, groups = len(groups), [replace(group, company=company[group.units]) for group in groups]
    elsewhere = company.copy()
    for group in groups:
        elsewhere[group.units] = -1
    is_open = np.isin(np.arange(len(is_short)), elsewhere[elsewhere >= 0])
    pairs = np.array(
        [(k, n + c) for k, group in enumerate(groups) for c in np.unique(group.company[group.company >= 0]).tolist()],
        dtype=np.int64,
    ).reshape(-1, 2)
    size = n + len(is_short)
    label = connected_components(coo_array((np.ones(len(pairs)), tuple(pairs.T)), shape=(size, size)), directed=False)[
        1
    ]
    is_out = np.isin(label[:n], label[n:][is_open])
    found = []
    for one in np.unique(label[:n][~is_out]).tolist():
        members = [groups[k] for k in np.flatnonzero(label[:n] == one).tolist()]
        found.append(members[0] if len(members) == 1 else _merge(members))
    return sorted(found, key=lambda group: int(group.units[0]))


def _merge(groups: Sequence[_Group]) -> _Group:
    units = np.concatenate([group.units for group in groups])
    order = np.argsort(units)
    return _Group(
        units[order],
        np.concatenate([group.asking for group in groups])[order],
        tuple(lead for group in groups for lead in group.leads),
        tuple(part for group in groups for part in group.wholes),
        np.concatenate([group.company for group in groups])[order],
        MOST_COUPLED,
    )


@dataclass(frozen=True, eq=False)
class _Areas:
    """s areas that may be: who is in each (anchors apart), its anchor (−1 = none), household-metres, m² taken in."""

    is_in: np.ndarray
    anchor: np.ndarray
    metres: np.ndarray
    load: np.ndarray


@lru_cache(maxsize=4096)
def _solve(keyed: _Keyed, area_m: int) -> ListedGroup | None:
    """The group in its own positions."""
    group = keyed.group
    areas = _list_areas(group)
    if areas is None:
        return None
    unled = np.where(areas.anchor < 0, areas.is_in @ group.asking, 0).astype(float)
    return _Levels(group, areas, unled, areas.metres + area_m, keyed.rooms).solve()


def _list_areas(group: _Group) -> _Areas | None:
    """Every area that an anchor may lead, and every one within the bounds; None where they are too many."""
    n, room = len(group.units), group.most_sets
    none = np.zeros(0)
    found = [_Areas(np.zeros((0, n), dtype=bool), none.astype(np.int64), none, none)]
    for lead in group.leads:
        places = np.searchsorted(group.units, lead.units)
        for k, own in enumerate(lead.anchors.tolist()):
            load = lead.load.copy()
            load[own] = 0
            masks = list_masks(
                lead.adjacency, load[None, :], lead.capacity[k : k + 1], room, root=own, among=lead.cost[k] >= 0
            )
            if masks is None:
                return None
            room -= len(masks)
            inside = unpack_masks(masks, lead.n_units)
            inside[:, own] = False
            inside = inside[inside.any(axis=1)]
            is_in = np.zeros((len(inside), n), dtype=bool)
            is_in[:, places] = inside
            metres = inside @ np.maximum(lead.cost[k], 0).astype(float)
            found.append(_Areas(is_in, np.full(len(inside), places[own]), metres, inside @ load.astype(float)))
    for part in group.wholes:
        listed = list_areas(part, room)
        if listed is None:
            return None
        room -= len(listed)
        is_in = np.zeros((len(listed), n), dtype=bool)
        is_in[:, np.searchsorted(group.units, part.units)] = listed
        nobody = np.full(len(listed), -1)
        found.append(_Areas(is_in, nobody, measure_areas(part, listed), np.zeros(len(listed))))
    return _Areas(
        np.concatenate([one.is_in for one in found]),
        np.concatenate([one.anchor for one in found]),
        np.concatenate([one.metres for one in found]),
        np.concatenate([one.load for one in found]),
    )


@dataclass(frozen=True, eq=False)
class _Levels:
    """The choice of areas: households left over, then those in areas without an anchor, then the cost.

    Parameters
    ----------
    group, areas
        What there is.
    unled, cost
        (s,) of each area.
    rooms
        m² that each company may take on.
    """

    group: _Group
    areas: _Areas
    unled: np.ndarray
    cost: np.ndarray
    rooms: np.ndarray

    def solve(self) -> ListedGroup:
        """The levels' least values, and the plan that has them.

        Relaxations mostly tell the first two: whole areas do as well. Where they do not, each level is an integer
        programme of its own.
        """
        units = self.group.units
        left = _round_up(self._choose(0, (), relax=True).bound)
        unled = _round_up(self._choose(1, (left,), relax=True).bound)
        best = self._choose(2, (left, unled))
        if best.is_proven and best.values is None:
            fewest = self._choose(0, ())
            left = max(left, _round_up(fewest.bound))
            if not _is_solved(fewest):
                return ListedGroup(units, left, 0, 0.0)
            fewest = self._choose(1, (left,))
            unled = _round_up(fewest.bound)
            if not _is_solved(fewest):
                return ListedGroup(units, left, unled, 0.0)
            best = self._choose(2, (left, unled))
        if not _is_solved(best) or best.values is None:
            return ListedGroup(units, left, unled, 0.0)
        chosen = np.flatnonzero(best.values[: len(self.cost)] > 0.5)
        area_of = np.full(len(units), -1, dtype=np.int64)
        for number, k in enumerate(chosen.tolist()):
            area_of[self.areas.is_in[k]] = number
            if self.areas.anchor[k] >= 0:
                area_of[self.areas.anchor[k]] = number
        return ListedGroup(units, left, unled, float(self.cost[chosen].sum()), area_of, self.areas.anchor[chosen])

    def _choose(self, level: int, most: tuple[int, ...], *, relax: bool = False) -> MipSolution:
        """The choice with the least of a level (0 left over, 1 unled, 2 cost), no more than `most` of those before."""
        n, n_sets, asking = len(self.group.units), len(self.cost), self.group.asking.astype(float)
        nothing = np.zeros(n)
        values = [
            np.concatenate([np.zeros(n_sets), asking]),
            np.concatenate([self.unled, nothing]),
            np.concatenate([self.cost, nothing]),
        ]
        scale = max(1.0, float(values[level].max(initial=0.0)))
        model = self._model(values[level] / scale, is_whole=not relax)
        columns = np.arange(n_sets + n)
        for value, limit in zip(values, most, strict=False):
            model.add([LinearRow(columns, value, -INFINITY, limit + 0.5)])
        found = model.solve(has_time=ENDLESS, nodes=NODES)
        return replace(found, bound=found.bound * scale)

    def _model(self, cost: np.ndarray, *, is_whole: bool) -> MipModel:
        """Every unit in one area or left over, every anchor with one area, companies within what they may take on."""
        n, areas = len(self.group.units), self.areas
        members = [np.flatnonzero(row) for row in areas.is_in]
        at = np.where(areas.anchor < 0, n, areas.anchor)
        rows = membership(members, at.tolist(), (n, n + 1))
        model = set_partitioning_model(cost, rows[: 2 * n], n, is_whole=np.full(len(cost), is_whole))
        of = np.where(areas.anchor < 0, -1, self.group.company[areas.anchor])
        for company in np.unique(of[of >= 0]).tolist():
            taken = np.flatnonzero(of == company)
            model.add([LinearRow(taken, areas.load[taken], -INFINITY, float(self.rooms[company]))])
        return model


def _is_solved(found: MipSolution) -> bool:
    return found.is_proven and found.values is not None


def _round_up(households: float) -> int:
    """The least whole number that a bound proves; none of no plan."""
    return int(np.ceil(households - 1e-6)) if np.isfinite(households) else 0
