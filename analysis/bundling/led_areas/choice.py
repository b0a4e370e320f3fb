"""The best choice among listed areas and of leaders inside them, proven: level after level of a set-packing model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array

from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.led_areas.leaders import find_pairs, leading_rows
from analysis.bundling.led_areas.listing import (
    MEASURED,
    MOST_UNITS,
    ListedAreas,
    is_beyond_reach,
    keep_area,
    list_areas,
    measure_areas,
    walks_to_middles,
)
from analysis.bundling.led_areas.part import split_led_areas
from analysis.bundling.locks.index import NO_LOCKS, IndexedLocks
from analysis.bundling.model.objectives import ObjectiveSpec, objectives_of
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.solver.models.mip import INFINITY, LinearRow, MipModel

NODES = 500
"""Of branch and bound, for each level."""

MOST_CHOICES = 600
"""Connected sets of units up to which a whole problem is chosen from: mostly less than a second."""

TOLERANCE = 1e-6
"""Of a bound, as a share of what the columns cost."""


@dataclass(frozen=True, eq=False)
class Choice:
    """A choice of areas and of leaders.

    Parameters
    ----------
    plan
        Of the problem; units that are not listed are in no area.
    is_proven
        Whether no choice is better, by locks met, households left over, not led, and then the objectives.
    """

    plan: Plan
    is_proven: bool


def choose_of_small(problem: Problem, locks: IndexedLocks = NO_LOCKS) -> Plan | None:
    """The best plan of a problem that has few areas to choose from, without a clock.

    Parameters
    ----------
    problem
        Of mode "area".
    locks
        What is settled.

    Returns
    -------
    None where there are more than `MOST_CHOICES`, an objective is no sum over areas, or nothing was found.
    """
    parts = split_led_areas(problem, problem.capacity, locks)
    if sum(part.n_units for part in parts) > MOST_UNITS or not can_choose(problem):
        return None
    listed, n_left = [keep_area(problem, kept.members) for kept in locks.kept], MOST_CHOICES
    for part in parts:
        found = list_areas(problem, part.units, locks, most_sets=n_left)
        if found is None:
            return None
        listed.append(found)
        n_left -= found.n_areas
    choice = choose_areas(problem, listed, locks) if listed else None
    return None if choice is None or plan_faults(problem, choice.plan) else choice.plan


def can_choose(problem: Problem) -> bool:
    """Whether every objective that counts is a sum over areas and over who is led.

    Parameters
    ----------
    problem
        Of mode "area".
    """
    return set(objectives_of(problem.rules).counting) <= set(MEASURED)


def choose_areas(problem: Problem, listed: Sequence[ListedAreas], locks: IndexedLocks = NO_LOCKS) -> Choice | None:
    """The best choice of areas that share no unit, with leaders within R13, R15 and R26.

    Parameters
    ----------
    problem
        Of mode "area", for which `can_choose` holds.
    listed
        Areas of units that share none with each other.
    locks
        What is settled.

    Returns
    -------
    None where nothing was found.
    """
    return _AreaChoice(problem, listed, locks).choose()


class _AreaChoice:
    """t_k: area k is there. y_p: unit u of pair p is led by its anchor. z_uc: u is led in an area around the middle c.

    Σ_a y_ua = Σ_c z_uc, z_uc ≤ Σ_{k around c with u} t_k (equal where u is beyond reach of c), and y_ua is at most the
    areas that hold both. Whoever is not led walks to the middle of its area.
    """

    def __init__(self, problem: Problem, listed: Sequence[ListedAreas], locks: IndexedLocks) -> None:
        self._problem, self._listed, self._locks = problem, listed, locks
        group_of = np.full(problem.n_units, -1, dtype=np.int64)
        for number, one in enumerate(listed):
            group_of[one.units] = number
        self._pairs = find_pairs(problem, group_of, locks)
        sizes = [one.n_areas for one in listed]
        self._first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self._area, self._unit = self._memberships()
        n_areas, n_pairs = int(self._first[-1]), len(self._pairs.unit)
        self._pair = n_areas + np.arange(n_pairs)
        self._middle = np.concatenate(
            [np.zeros(0, dtype=np.int64), *(one.units[one.middle] for one in listed)]
        )  # (s,) position of each area's middle
        is_asking = np.zeros(problem.n_units, dtype=bool)
        is_asking[self._pairs.unit] = True
        asks = is_asking[self._unit]
        places = np.column_stack([self._unit[asks], self._middle[self._area[asks]]])
        self._around, self._around_of = np.unique(places, axis=0, return_inverse=True)
        self._around_of = self._around_of.reshape(-1)
        self._around_area = self._area[asks]
        self._led_at = n_areas + n_pairs + np.arange(len(self._around))
        self._n_columns = n_areas + n_pairs + len(self._around)
        whole = np.arange(self._n_columns) < n_areas + n_pairs
        self._model = MipModel(np.zeros(self._n_columns), np.ones(self._n_columns), whole)
        self._add_areas()
        self._add_leading()
        self._best: np.ndarray | None = None

    # --- rows ---------------------------------------------------------------------------------------

    def _memberships(self) -> tuple[np.ndarray, np.ndarray]:
        """Areas and positions of their members, one entry for each."""
        areas, units = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        for first, one in zip(self._first[:-1].tolist(), self._listed, strict=True):
            row, column = np.nonzero(one.is_in)
            areas.append(first + row)
            units.append(one.units[column])
        return np.concatenate(areas), np.concatenate(units)

    def _add_areas(self) -> None:
        """No unit is in two areas; those that stay are there."""
        units, row = np.unique(self._unit, return_inverse=True)
        self._add(row, self._area, np.ones(len(row)), np.full(len(units), -INFINITY), np.ones(len(units)))
        kept = [int(k) for k, one in zip(self._first[:-1].tolist(), self._listed, strict=True) if one.is_kept]
        self._model.add([LinearRow([k], [1.0], 1.0, 1.0) for k in kept])

    def _add_leading(self) -> None:
        problem, pairs, none = self._problem, self._pairs, np.zeros(len(self._around))
        if not len(pairs.unit):
            return
        matrix, most = leading_rows(problem, pairs)
        row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        self._add(row, self._pair[matrix.indices], matrix.data, np.full(len(most), -INFINITY), most)
        # led by an anchor = led around a middle
        units, by_pair = np.unique(pairs.unit, return_inverse=True)
        by_middle = np.searchsorted(units, self._around[:, 0])
        self._add(
            np.concatenate([by_pair, by_middle]),
            np.concatenate([self._pair, self._led_at]),
            np.concatenate([np.ones(len(by_pair)), -np.ones(len(by_middle))]),
            np.zeros(len(units)),
            np.zeros(len(units)),
        )
        # around a middle only in an area around it; always where it is beyond reach
        self._add(
            np.concatenate([np.arange(len(self._around)), self._around_of]),
            np.concatenate([self._led_at, self._around_area]),
            np.concatenate([np.ones(len(self._around)), -np.ones(len(self._around_of))]),
            np.where(self._is_far(), 0.0, -INFINITY),
            none,
        )
        is_member = csr_array(
            coo_array((np.ones(len(self._area)), (self._unit, self._area)), (problem.n_units, int(self._first[-1])))
        )
        both = is_member[pairs.unit].multiply(is_member[problem.anchors[pairs.anchor]]).tocoo()
        self._add(
            np.concatenate([np.arange(len(pairs.unit)), both.coords[0]]),
            np.concatenate([self._pair, both.coords[1]]),
            np.concatenate([np.ones(len(pairs.unit)), -np.ones(both.nnz)]),
            np.full(len(pairs.unit), -INFINITY),
            np.zeros(len(pairs.unit)),
        )

    def _is_far(self) -> np.ndarray:
        """(r,) bool: whether a unit is beyond reach of a middle that it may be around."""
        found = np.zeros(len(self._around), dtype=bool)
        for one in self._listed:
            here = np.flatnonzero(np.isin(self._around[:, 0], one.units))
            unit, middle = (np.searchsorted(one.units, self._around[here, k]) for k in (0, 1))
            found[here] = is_beyond_reach(self._problem, one.units)[unit, middle]
        return found

    def _add(
        self, row: np.ndarray, column: np.ndarray, value: np.ndarray, lower: np.ndarray, upper: np.ndarray
    ) -> None:
        matrix = csr_array(coo_array((value, (row, column)), shape=(len(lower), self._n_columns)))
        self._model.add_matrix(matrix, lower, upper)

    # --- levels -------------------------------------------------------------------------------------

    def choose(self) -> Choice | None:
        """The best choice, level by level."""
        is_proven = True
        if self._locks.pair_constraints or self._locks.led_by:
            is_proven &= self._settle(self._locks_met())
        for cost in (self._left_over(), self._unled(), *self._objectives(objectives_of(self._problem.rules))):
            is_proven &= self._settle(cost)
        return None if self._best is None else Choice(self._plan(self._best), is_proven)

    def _objectives(self, aims: ObjectiveSpec) -> list[np.ndarray]:
        costs = {name: self._measure(name) for name in aims.counting}
        if aims.weights is None:
            return [costs[name] for name in aims.names]
        weight = dict(zip(aims.names, aims.weights, strict=True))
        return [np.asarray(sum(weight[name] * cost for name, cost in costs.items()) + np.zeros(self._n_columns))]

    def _left_over(self) -> np.ndarray:
        asks = self._problem.is_target[self._unit]
        return self._per_area(np.where(asks, -self._problem.households[self._unit], 0))

    def _unled(self) -> np.ndarray:
        return self._not_led() + self._per_area(np.where(self._asks_leader(), self._problem.households[self._unit], 0))

    def _not_led(self) -> np.ndarray:
        cost = np.zeros(self._n_columns)
        cost[self._pair] = -self._problem.households[self._pairs.unit]
        return cost

    def _asks_leader(self) -> np.ndarray:
        asks = self._problem.asks_leader
        return np.zeros(len(self._unit), dtype=bool) if asks is None else asks[self._unit]

    def _locks_met(self) -> np.ndarray:
        """Less for each lock met: of a unit that is to be where another is, and of one that is to be led."""
        n = np.bincount(
            [one.a for one in self._locks.pair_constraints if one.kind == "joined"], minlength=self._problem.n_units
        )
        cost = self._per_area(-n[self._unit])
        wanted = set(self._locks.led_by)
        at = zip(self._pairs.unit.tolist(), self._problem.anchors[self._pairs.anchor].tolist(), strict=True)
        cost[self._pair] -= [float(pair in wanted) for pair in at]
        return cost

    def _measure(self, name: str) -> np.ndarray:
        """What each column adds to an objective."""
        problem, pairs, cost = self._problem, self._pairs, np.zeros(self._n_columns)
        for first, one in zip(self._first[:-1].tolist(), self._listed, strict=True):
            cost[first : first + one.n_areas] = measure_areas(problem, one, name)
        households = problem.households[pairs.unit]
        if name == "walking":
            cost[self._pair] = pairs.cost
            cost[self._led_at] = -self._walks_saved()
        elif name == "new_leads_old" and problem.is_old is not None:
            cost[self._pair] = households * problem.is_old[problem.anchors[pairs.anchor]]
        elif name == "preferences" and problem.preferences is not None and len(pairs.unit):
            anchors, row = np.unique(problem.anchors[pairs.anchor], return_inverse=True)
            units, column = np.unique(pairs.unit, return_inverse=True)
            against = problem.preferences.households_against(anchors, units, problem.households[units])
            cost[self._pair] = against[row, column]
        return cost

    def _walks_saved(self) -> np.ndarray:
        """(r,) household-metres to a middle that a unit led around it does not walk."""
        found = np.zeros(len(self._around))
        for one in self._listed:
            here = np.flatnonzero(np.isin(self._around[:, 0], one.units))
            unit, middle = (np.searchsorted(one.units, self._around[here, k]) for k in (0, 1))
            found[here] = walks_to_middles(self._problem, one)[unit, middle]
        return found

    def _per_area(self, of_members: np.ndarray) -> np.ndarray:
        cost = np.zeros(self._n_columns)
        n = int(self._first[-1])
        cost[:n] = np.bincount(self._area, of_members, n)
        return cost

    # --- solving ------------------------------------------------------------------------------------

    def _settle(self, cost: np.ndarray) -> bool:
        """Minimise a level and hold every later one to what was found; whether it is proven."""
        if not cost.any() and self._best is not None:
            return True
        scale = self._set_cost(cost)
        found = self._model.solve(start=self._best, nodes=NODES)
        if found.values is None:
            return False
        self._best = np.rint(found.values)
        most = float(cost @ self._best)
        room = 0.5 if np.array_equal(cost, np.rint(cost)) else TOLERANCE * scale
        used = np.flatnonzero(cost)
        if len(used):
            self._model.add([LinearRow(used, cost[used] / scale, -INFINITY, (most + room) / scale)])
        return found.is_proven

    def _set_cost(self, cost: np.ndarray) -> float:
        scale = max(1.0, float(np.median(np.abs(cost[cost != 0])))) if cost.any() else 1.0
        self._model.set_cost(np.arange(self._n_columns), cost / scale)
        return scale

    def _plan(self, values: np.ndarray) -> Plan:
        problem = self._problem
        area_of, leader_of = (np.full(problem.n_units, -1, dtype=np.int64) for _ in range(2))
        chosen = np.flatnonzero(values[: int(self._first[-1])] > 0.5)
        for number, k in enumerate(chosen.tolist()):
            area_of[self._unit[self._area == k]] = number
        led = values[self._pair] > 0.5
        leader_of[self._pairs.unit[led]] = problem.anchors[self._pairs.anchor[led]]
        return Plan(area_of, np.full(len(chosen), -1), leader_of)
