"""Local search by the objectives a planner named: moves, swaps and mergers, first improvement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from analysis.bundling.evaluation.company_allowance import floor_area_taken
from analysis.bundling.evaluation.feasibility import area_faults, neighbours
from analysis.bundling.evaluation.objective_values import (
    count_moved_units,
    count_posts,
    initial_areas,
    measure_area,
    primary_levels,
)
from analysis.bundling.model.objectives import ObjectiveSpec
from analysis.bundling.model.plan import LEFT_OVER, Plan
from analysis.bundling.model.problem import Problem

MAX_SWEEPS = 40
"""Times all moves are tried, at most; where no clock is read this and nothing else ends it."""


def polish(problem: Problem, plan: Plan, aims: ObjectiveSpec, goes_on: Callable[[], bool]) -> Plan:
    """A sound plan no worse by the aims: no move of a unit, swap of two, or merger helps any more.

    Descent over connected moves, every one judged by the aims themselves; what is found is a local
    optimum, nothing is proven.

    Parameters
    ----------
    problem, plan
        The plan breaks no rule.
    aims
        What counts after `objectives.primary_levels`.
    goes_on
        Asked before every unit.
    """
    desk = LocalSearch(problem, plan, aims)
    for _ in range(MAX_SWEEPS):
        n_before = desk.n_moves
        for unit in np.flatnonzero(problem.is_target).tolist():
            if not goes_on():
                return desk.plan.without_empty_areas()
            for moves in desk.proposals(unit):
                if desk.take(moves):
                    break
        if desk.n_moves == n_before:
            break
    return desk.plan.without_empty_areas()


class LocalSearch:
    """The plan at hand, with what each of its areas is worth by the aims that are sums of areas."""

    def __init__(self, problem: Problem, plan: Plan, aims: ObjectiveSpec) -> None:
        self.problem, self.plan, self.aims = problem, plan, aims
        self.n_moves = 0
        self._worth = {k: self._of_area(plan, k) for k in range(plan.n_areas)}
        self._start = initial_areas(problem) if "closeness" in aims.names else None
        units = np.arange(problem.n_units)
        self._alone = np.zeros(0, dtype=np.int64)
        if "staffing" in aims.names:
            self._alone = np.array([count_posts(problem, units[i : i + 1]) for i in units])

    def proposals(self, unit: int) -> Iterator[dict[int, int]]:
        """Moves of a unit to areas beside it, with a swap or all of its area where that may help."""
        area_of = self.plan.area_of
        home = int(area_of[unit])
        around = neighbours(self.problem, unit)
        beside = {int(area_of[j]) for j in around} - {home, LEFT_OVER}
        for area in sorted(beside):
            yield {unit: area}
        if home < 0:
            return
        for other in around.tolist():
            area = int(area_of[other])
            if area >= 0 and area != home and self.problem.is_target[other] and unit < other:
                yield {unit: area, other: home}
        members = self.plan.members(home)
        if int(members[0]) in (unit, int(self.plan.anchor_of[home])):
            for area in sorted(beside):
                joined = members[self.problem.is_target[members]]
                yield dict.fromkeys(joined.tolist(), area)

    def take(self, moves: Mapping[int, int]) -> bool:
        """Make the moves if the plan is then better and breaks no rule."""
        units = np.array(list(moves))
        area_of = self.plan.area_of.copy()
        touched = {int(area_of[unit]) for unit in moves} | set(moves.values())
        touched.discard(LEFT_OVER)
        area_of[units] = list(moves.values())
        for area in touched:  # an anchor that leads nobody has no area
            anchor = int(self.plan.anchor_of[area])
            if anchor >= 0 and (area_of == area).sum() == 1:
                area_of[anchor] = LEFT_OVER
        after = Plan(area_of, self.plan.anchor_of)
        if self.problem.rules.areas is not None and any(not (area_of == k).any() for k in touched):
            return False
        worth = {k: self._of_area(after, k) for k in touched}
        if not self._key(after, worth, touched) < self._key(self.plan, self._worth, touched):
            return False
        if any(area_faults(self.problem, after, k) for k in touched) or self._too_much(after):
            return False
        self.plan = after
        self._worth |= worth
        self.n_moves += 1
        return True

    def _key(self, plan: Plan, worth: Mapping[int, Mapping[str, int]], touched: set[int]) -> tuple[float, ...]:
        """What is compared: the sums of the areas touched, and what is told of all of the plan."""
        names = [name for name in self.aims.names if name != "closeness"]
        values = {name: sum(worth[k][name] for k in touched) for name in names}
        if "staffing" in values:
            values["staffing"] += int(self._alone[plan.area_of < 0].sum())
        if self._start is not None:
            values["closeness"] = count_moved_units(self._start, plan.area_of)
        return self.aims.key(primary_levels(self.problem, plan), values)

    def _of_area(self, plan: Plan, area: int) -> dict[str, int]:
        return measure_area(self.problem, plan, area, self.aims.names)

    def _too_much(self, plan: Plan) -> bool:
        companies = self.problem.companies
        if companies is None:
            return False
        return bool((floor_area_taken(self.problem, plan) > companies.allowance).any())
