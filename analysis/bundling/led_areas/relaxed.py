"""What relaxing a rule would bring a plan of mode "area" at least: units placed and led with nobody moved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.led_areas.insertion import find_insertions
from analysis.bundling.led_areas.leader_options import measure_room
from analysis.bundling.led_areas.part import leading_costs
from analysis.bundling.locks.index import NO_LOCKS, IndexedLocks
from analysis.bundling.model.plan import LEFT_OVER, Plan
from analysis.bundling.model.problem import Problem

MOST_UNITS = 60
"""Units in no area, and units without a leader, that are tried: a count, not a clock."""


@dataclass(frozen=True)
class Gain:
    """What a plan has more of than another: units and households newly led, and newly in an area."""

    led_units: int
    led_households: int
    placed_units: int
    placed_households: int

    @property
    def households(self) -> int:
        """Households that are newly led, or newly in an area without being led."""
        return self.led_households + self.placed_households


def fill_led_areas(problem: Problem, plan: Plan, locks: IndexedLocks = NO_LOCKS) -> Plan:
    """The plan with units in no area added where that breaks no rule, then units led that nobody leads.

    Nobody moves and nobody's leader changes, so a plan that keeps every rule keeps them. Only the
    `MOST_UNITS` with most households of either kind are looked at.

    Parameters
    ----------
    problem
        Of mode "area".
    plan
        Without faults.
    locks
        What is settled.
    """
    for unit in _largest(problem, problem.is_target & (plan.area_of < 0)):
        plan = next(find_insertions(problem, plan, unit, locks), plan)
    asks = np.zeros(problem.n_units, dtype=bool) if problem.asks_leader is None else problem.asks_leader
    frozen = {int(plan.area_of[area.members[0]]) for area in locks.kept if area.led is not None}
    leaders = _leaders(plan).copy()
    room, allowance = measure_room(problem, plan)
    of_anchor = np.full(len(problem.anchors), -1) if problem.companies is None else problem.companies.of_anchor
    is_waiting = asks & (plan.area_of >= 0) & (leaders < 0) & ~np.isin(plan.area_of, sorted(frozen))
    number = np.arange(len(problem.anchors))
    for unit in _largest(problem, is_waiting):
        inside = number[plan.area_of[problem.anchors] == plan.area_of[unit]]
        load = problem.load[unit]
        cost = leading_costs(problem, inside, np.array([unit]), locks)[:, 0]
        may = [
            k
            for k, metres in zip(inside.tolist(), cost, strict=True)
            if metres >= 0 and load <= min(room[k], allowance[k])
        ]
        if may:
            chosen = min(may, key=lambda k: (int(cost[np.searchsorted(inside, k)]), k))
            leaders[unit] = problem.anchors[chosen]
            room[chosen] -= load
            if of_anchor[chosen] >= 0:
                allowance[of_anchor == of_anchor[chosen]] -= load
    return plan.assign_leaders(leaders)


def _largest(problem: Problem, among: np.ndarray) -> list[int]:
    """Positions of some units, most households first, at most `MOST_UNITS`."""
    units = np.flatnonzero(among)
    return units[np.argsort(-problem.households[units], kind="stable")][:MOST_UNITS].tolist()


def measure_gain(problem: Problem, before: Plan, after: Plan) -> Gain:
    """What one plan has more of than another of the same units.

    Parameters
    ----------
    problem
        Of mode "area".
    before, after
        Plans.
    """
    led = (_leaders(after) >= 0) & (_leaders(before) < 0)
    asks = problem.is_target if problem.asks_leader is None else problem.is_target | problem.asks_leader
    placed = asks & (after.area_of >= 0) & (before.area_of < 0) & ~led
    people = problem.households
    return Gain(int(led.sum()), int(people[led].sum()), int(placed.sum()), int(people[placed].sum()))


def carry_plan(problem: Problem, plan: Plan, other: Problem) -> Plan | None:
    """A plan on the units of another problem of the same dataset, where it keeps every rule.

    Parameters
    ----------
    problem, plan
        As solved.
    other
        Under other rules, with more units perhaps.

    Returns
    -------
    None where an area breaks a rule there: what it would bring then cannot be told.
    """
    place = {str(unit): i for i, unit in enumerate(other.unit_ids)}
    at = np.array([place.get(str(unit), -1) for unit in problem.unit_ids], dtype=np.int64)
    area_of, leader_of = (np.full(other.n_units, LEFT_OVER) for _ in range(2))
    there = np.flatnonzero(at >= 0)
    area_of[at[there]] = plan.area_of[there]
    leaders = _leaders(plan)
    led = there[leaders[there] >= 0]
    leader_of[at[led]] = at[leaders[led]]
    carried = Plan(area_of, np.full(plan.n_areas, LEFT_OVER)).assign_leaders(leader_of)
    return None if plan_faults(other, carried) else carried


def estimate_gains(
    problem: Problem,
    plan: Plan,
    relaxed: Sequence[Callable[[Problem], Problem]],
    locks_on: Callable[[Problem], IndexedLocks],
    *,
    goes_on: Callable[[], bool] = lambda: True,
) -> list[Gain | None]:
    """What each relaxation brings at least, beyond what could be had without it; None where none was tried.

    Parameters
    ----------
    problem, plan
        As solved.
    relaxed
        Each makes a relaxed problem.
    locks_on
        Puts the locks onto a problem.
    goes_on
        Asked before each; once it says no, nothing further is tried.
    """
    base = fill_led_areas(problem, plan, locks_on(problem))
    found: list[Gain | None] = []
    for relax in relaxed:
        if not goes_on():
            found.append(None)
            continue
        other = relax(problem)
        begun = carry_plan(problem, base, other)
        gain = None if begun is None else measure_gain(other, begun, fill_led_areas(other, begun, locks_on(other)))
        found.append(gain)
    return found


def _leaders(plan: Plan) -> np.ndarray:
    return np.full(len(plan.area_of), LEFT_OVER) if plan.leader_of is None else plan.leader_of
