"""Small groups of mode "mixed" solved to the end: areas with an anchor and without one are listed together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256

import numpy as np

from analysis.bundling.model.problem import Problem
from analysis.bundling.solver.base.digest import digest_parts
from analysis.bundling.solver.base.subproblem import Subproblem, group_units, split_lead, split_whole
from analysis.bundling.solver.base.work_log import ENDLESS
from analysis.bundling.solver.exact.connected_sets import list_masks, unpack_masks
from analysis.bundling.solver.exact.listed_areas import list_areas, measure_areas
from analysis.bundling.solver.models.mip import INFINITY, LinearRow, MipModel, MipSolution
from analysis.bundling.solver.models.set_partitioning import membership, set_partitioning_model

MOST_UNITS = 60
"""Units of a group beyond which it is not begun with."""

MOST_SETS = 5_000
"""Connected sets looked at in a group."""

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


def solve_groups(problem: Problem, *, area_m: int = 0) -> tuple[ListedGroup, ...]:
    """The best plans of those groups of a problem whose areas can all be listed, without a clock.

    A group is a connected component, anchors among it (`group_units`). What companies may take on (R15) is not
    asked: capacities are what holds.

    Parameters
    ----------
    problem
        Of mode "mixed", measured in walks.
    area_m
        Household-metres that each area costs.

    Returns
    -------
    In order of their first unit; groups of nobody who asks for an area are left out.
    """
    leads = {int(part.units[0]): part for part in split_lead(problem)}
    wholes: dict[int, list[Subproblem]] = {}
    groups = [units for units in group_units(problem) if problem.is_target[units].any() and len(units) <= MOST_UNITS]
    group_of = np.full(problem.n_units, -1, dtype=np.int64)
    for number, units in enumerate(groups):
        group_of[units] = number
    for part in split_whole(problem, np.flatnonzero(problem.is_target)):
        wholes.setdefault(int(group_of[part.units[0]]), []).append(part)
    found = []
    for number, units in enumerate(groups):
        asking = problem.households[units] * problem.is_target[units]
        group = _Group(units, asking, leads.get(int(units[0])), tuple(wholes.get(number, ())))
        if (solved := _solve(_Keyed(_digest(group), group), area_m)) is not None:
            anchor_of = np.where(solved.anchor_of >= 0, units[solved.anchor_of], -1)
            found.append(replace(solved, units=units, anchor_of=anchor_of))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class _Group:
    """Units with what they ask for (households of targets), and the parts of both stages that they make up."""

    units: np.ndarray
    asking: np.ndarray
    lead: Subproblem | None
    wholes: tuple[Subproblem, ...]


@dataclass(frozen=True)
class _Keyed:
    """A group, known by what its solution depends on."""

    digest: bytes
    group: _Group = field(compare=False)


def _digest(group: _Group) -> bytes:
    parts = group.wholes if group.lead is None else (group.lead, *group.wholes)
    digest = sha256(digest_parts(parts) + np.ascontiguousarray(group.asking).tobytes())
    for part in parts:  # which unit of the group each of theirs is
        digest.update(np.searchsorted(group.units, part.units).astype(np.int64).tobytes() + b"|")
    return digest.digest()


@dataclass(frozen=True, eq=False)
class _Areas:
    """s areas that may be: who is in each (anchors apart), its anchor (−1 = none), household-metres."""

    is_in: np.ndarray
    anchor: np.ndarray
    metres: np.ndarray


@lru_cache(maxsize=2048)
def _solve(keyed: _Keyed, area_m: int) -> ListedGroup | None:
    """The group in its own positions."""
    group = keyed.group
    areas = _list_areas(group)
    if areas is None:
        return None
    unled = np.where(areas.anchor < 0, areas.is_in @ group.asking, 0).astype(float)
    levels = _Levels(group, areas, unled, areas.metres + area_m)
    return levels.solve()


def _list_areas(group: _Group) -> _Areas | None:
    """Every area that an anchor may lead, and every one within the bounds; None where they are too many."""
    n, room = len(group.units), MOST_SETS
    is_in, anchor, metres = [np.zeros((0, n), dtype=bool)], [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
    lead = group.lead
    for k, place in enumerate([] if lead is None else lead.anchors.tolist()):
        assert lead is not None
        load = lead.load.copy()
        load[place] = 0
        masks = list_masks(
            lead.adjacency, load[None, :], lead.capacity[k : k + 1], room, root=place, among=lead.cost[k] >= 0
        )
        if masks is None:
            return None
        room -= len(masks)
        found = unpack_masks(masks, n)
        found[:, place] = False
        found = found[found.any(axis=1)]
        is_in.append(found)
        anchor.append(np.full(len(found), place))
        metres.append(found @ np.maximum(lead.cost[k], 0).astype(float))
    for part in group.wholes:
        listed = list_areas(part, room)
        if listed is None:
            return None
        room -= len(listed)
        found = np.zeros((len(listed), n), dtype=bool)
        found[:, np.searchsorted(group.units, part.units)] = listed
        is_in.append(found)
        anchor.append(np.full(len(found), -1))
        metres.append(measure_areas(part, listed))
    return _Areas(np.concatenate(is_in), np.concatenate(anchor), np.concatenate(metres))


@dataclass(frozen=True, eq=False)
class _Levels:
    """The choice of areas: households left over, then those in areas without an anchor, then the cost.

    Parameters
    ----------
    group, areas
        What there is.
    unled, cost
        (s,) of each area.
    """

    group: _Group
    areas: _Areas
    unled: np.ndarray
    cost: np.ndarray

    def solve(self) -> ListedGroup:
        """The levels' least values, and the plan that has them.

        Relaxations mostly tell the first two: whole areas do as well. Where they do not, each level is an integer
        programme of its own.
        """
        left = _round_up(self._choose(0, (), relax=True).bound)
        unled = _round_up(self._choose(1, (left,), relax=True).bound)
        best = self._choose(2, (left, unled))
        if best.is_proven and best.values is None:
            fewest = self._choose(0, ())
            left = max(left, _round_up(fewest.bound))
            if not _is_solved(fewest):
                return ListedGroup(self.group.units, left, 0, 0.0)
            fewest = self._choose(1, (left,))
            unled = _round_up(fewest.bound)
            if not _is_solved(fewest):
                return ListedGroup(self.group.units, left, unled, 0.0)
            best = self._choose(2, (left, unled))
        if not _is_solved(best) or best.values is None:
            return ListedGroup(self.group.units, left, unled, 0.0)
        chosen = np.flatnonzero(best.values[: len(self.cost)] > 0.5)
        area_of = np.full(len(self.group.units), -1, dtype=np.int64)
        for number, k in enumerate(chosen.tolist()):
            area_of[self.areas.is_in[k]] = number
            if self.areas.anchor[k] >= 0:
                area_of[self.areas.anchor[k]] = number
        cost = float(self.cost[chosen].sum())
        return ListedGroup(self.group.units, left, unled, cost, area_of, self.areas.anchor[chosen])

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
        """Every unit in one area or left over, every anchor with one area at most."""
        n = len(self.group.units)
        members = [np.flatnonzero(row) for row in self.areas.is_in]
        rows = membership(members, np.where(self.areas.anchor < 0, n, self.areas.anchor).tolist(), (n, n + 1))
        return set_partitioning_model(cost, rows[: 2 * n], n, is_whole=np.full(len(cost), is_whole))


def _is_solved(found: MipSolution) -> bool:
    return found.is_proven and found.values is not None


def _round_up(households: float) -> int:
    """The least whole number that a bound proves; none of no plan."""
    return int(np.ceil(households - 1e-6)) if np.isfinite(households) else 0
