"""Where a unit left over could go by one move: into an area beside it, or into one it opens."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analysis.bundling.evaluation.company_allowance import company_of_anchor, floor_area_taken
from analysis.bundling.evaluation.feasibility import anchor_index, may_take, neighbours
from analysis.bundling.evaluation.objective_values import measure_area
from analysis.bundling.locks.index import NO_LOCKS, IndexedLocks, is_pair_satisfied
from analysis.bundling.model.objectives import ObjectiveSpec, objectives_of
from analysis.bundling.model.plan import LEFT_OVER, Plan
from analysis.bundling.model.problem import Problem

ALONE = -1
"""Anchor of an area that a unit opens by itself."""


@dataclass(frozen=True)
class Insertion:
    """Where one move takes a unit.

    Parameters
    ----------
    area
        Number of an area of the plan; that of the next new one where an area is opened.
    anchor
        Position of the anchor that opens an area with the unit, `ALONE` for none.
    """

    area: int
    anchor: int = ALONE


def insert_left_over(problem: Problem, plan: Plan, locks: IndexedLocks = NO_LOCKS) -> Plan:
    """The plan in which nobody is left over whom one move could place, every rule and lock kept.

    Units with most households first, each where the aims of the rules like it best; whoever is
    placed may be the way for a neighbour, which is then tried again. Nobody leaves an area, so no more
    households are left over, and areas stay as many as asked for.

    Parameters
    ----------
    problem, plan
        The plan breaks no rule.
    locks
        Obeyed as far as the plan obeys them.
    """
    if problem.rules.areas not in (None, plan.n_areas):
        return plan
    desk = SingleMoves(problem, plan, locks)
    waiting = [
        (-int(problem.households[unit]), unit)
        for unit in np.flatnonzero(problem.is_target & (plan.area_of < 0)).tolist()
    ]
    heapq.heapify(waiting)
    while waiting:
        _, unit = heapq.heappop(waiting)
        if desk.area_of[unit] >= 0:
            continue
        places = desk.places(unit)
        if not places:
            continue
        for other in desk.take(unit, desk.best(unit, places)):
            heapq.heappush(waiting, (-int(problem.households[other]), other))
    return desk.plan if desk.n_moves else plan


class SingleMoves:
    """A plan with what its areas hold, for asking about single units left over.

    Parameters
    ----------
    problem, plan
        Sound or not; an area that breaks a bound of size takes a unit in only where that mends it.
    locks
        What is settled.
    """

    def __init__(self, problem: Problem, plan: Plan, locks: IndexedLocks = NO_LOCKS) -> None:
        self.problem, self.locks = problem, locks
        self.area_of, self.anchor_of = plan.area_of.copy(), plan.anchor_of.tolist()
        self.n_moves = 0
        inside = plan.area_of >= 0
        of, n = plan.area_of[inside], plan.n_areas
        self._totals = [np.bincount(of, size.weight[inside], n).astype(np.int64).tolist() for size in problem.sizes]
        loads = np.bincount(of, problem.load[inside], n).astype(np.int64)
        led = plan.anchor_of >= 0
        loads[led] -= problem.load[plan.anchor_of[led]]
        self._loads = loads.tolist()
        self._taken = floor_area_taken(problem, plan)
        self._leads = np.zeros(problem.n_units, dtype=bool)
        self._leads[problem.anchors] = True
        kept = {unit for area in locks.kept for unit in area.members.tolist()}
        self._kept = {int(self.area_of[unit]) for unit in kept}
        self._out = kept | set(locks.held)
        self._pair_constraints = [
            constraint for constraint in locks.pair_constraints if not {constraint.a, constraint.b} & self._out
        ]

    @property
    def plan(self) -> Plan:
        """As it now is."""
        return Plan(self.area_of, np.array(self.anchor_of, dtype=np.int64))

    def places(self, unit: int) -> tuple[Insertion, ...]:
        """All places of a unit left over, areas first, each once."""
        if self.area_of[unit] >= 0 or not self.problem.is_target[unit]:
            return ()
        return tuple(place for place in self._places(unit) if not self.locks or self._locks_allow(unit, place))

    def best(self, unit: int, places: tuple[Insertion, ...]) -> Insertion:
        """The place that is best by the aims of the rules; the first of equals.

        Parameters
        ----------
        unit
            Position of the unit.
        places
            Where it may go, at least one.
        """
        if len(places) == 1:
            return places[0]
        aims = objectives_of(self.problem.rules)
        return min(places, key=lambda place: self._cost(aims, unit, place))

    def take(self, unit: int, place: Insertion) -> list[int]:
        """Put a unit somewhere; its neighbours and its anchor's that are still left over.

        Parameters
        ----------
        unit
            Position of the unit.
        place
            Where it goes.
        """
        problem, placed = self.problem, [unit]
        self.n_moves += 1
        if place.area == len(self.anchor_of):
            self.anchor_of.append(place.anchor)
            self._loads.append(0)
            for totals in self._totals:
                totals.append(0)
            if place.anchor >= 0:
                placed.append(place.anchor)
        for one in placed:
            self.area_of[one] = place.area
            for size, totals in zip(problem.sizes, self._totals, strict=True):
                totals[place.area] += int(size.weight[one])
        self._loads[place.area] += int(problem.load[unit])
        company = self._company(self.anchor_of[place.area])
        if company >= 0:
            self._taken[company] += problem.load[unit]
        beside = {j for one in placed for j in neighbours(problem, one).tolist()}
        return sorted(j for j in beside if self.area_of[j] < 0 and problem.is_target[j])

    def _places(self, unit: int) -> Iterator[Insertion]:
        problem = self.problem
        around = neighbours(problem, unit)
        for area in np.unique(self.area_of[around]).tolist():
            if area >= 0 and self._fits(unit, area):
                yield Insertion(area)
        if problem.rules.areas is not None:
            return
        new = len(self.anchor_of)
        if problem.rules.mode != "whole" and problem.households[unit]:
            for anchor in around[self._leads[around] & (self.area_of[around] < 0)].tolist():
                if self._may_lead(unit, anchor, 0):
                    yield Insertion(new, anchor)
        may_be_alone = problem.rules.mode != "lead" and problem.households[unit] > 0
        if may_be_alone and all(size.limit_broken(int(size.weight[unit])) is None for size in problem.sizes):
            yield Insertion(new)

    def _fits(self, unit: int, area: int) -> bool:
        anchor = self.anchor_of[area]
        if anchor >= 0:
            return bool(self._leads[anchor]) and self._may_lead(unit, anchor, self._loads[area])
        return all(
            size.limit_broken(totals[area] + int(size.weight[unit])) is None
            for size, totals in zip(self.problem.sizes, self._totals, strict=True)
        )

    def _may_lead(self, unit: int, anchor: int, taken: int) -> bool:
        problem, load = self.problem, int(self.problem.load[unit])
        room = int(problem.capacity[anchor_index(problem, anchor)]) - taken
        company = self._company(anchor)
        if load > room or not may_take(problem, anchor, np.array([unit]))[0]:
            return False
        most = None if problem.companies is None else problem.companies.allowance
        return company < 0 or most is None or self._taken[company] + load <= most[company]

    def _company(self, anchor: int) -> int:
        if anchor < 0 or self.problem.companies is None or not self._leads[anchor]:
            return -1
        return company_of_anchor(self.problem, anchor)

    def _locks_allow(self, unit: int, place: Insertion) -> bool:
        moved = {unit, place.anchor} - {ALONE}
        if moved & self._out or place.area in self._kept:
            return False
        concerned = [constraint for constraint in self._pair_constraints if moved & {constraint.a, constraint.b}]
        if not concerned:
            return True
        after = self._after(unit, place)
        return all(is_pair_satisfied(constraint, after) for constraint in concerned)

    def _after(self, unit: int, place: Insertion) -> Plan:
        area_of, anchor_of = self.area_of.copy(), list(self.anchor_of)
        if place.area == len(anchor_of):
            anchor_of.append(place.anchor)
        if place.anchor >= 0:
            area_of[place.anchor] = place.area
        area_of[unit] = place.area
        return Plan(area_of, np.array(anchor_of, dtype=np.int64))

    def _cost(self, aims: ObjectiveSpec, unit: int, place: Insertion) -> tuple[float, ...]:
        """What the move adds: households not led, then the aims that are sums over areas."""
        names = [name for name in aims.names if name != "closeness"]
        after = self._after(unit, place)
        then = measure_area(self.problem, after, place.area, names)
        now = dict.fromkeys(names, 0)
        if place.area < len(self.anchor_of):
            now = measure_area(self.problem, self.plan, place.area, names)
        change = {name: then[name] - now[name] for name in names} | (
            {"closeness": 0} if "closeness" in aims.names else {}
        )
        is_unled = after.anchor_of[place.area] == LEFT_OVER
        return aims.key((int(is_unled) if self.problem.rules.mode == "mixed" else 0,), change)
