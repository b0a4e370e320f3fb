"""Units in no area that one move could place in a plan of mode "area"."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.bundling.evaluation.feasibility import area_faults, find_leader_obstacles, plan_faults
from analysis.bundling.locks.index import NO_LOCKS, IndexedLocks, is_pair_satisfied
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.solve.incumbents import objective_key


def find_insertions(problem: Problem, plan: Plan, unit: int, locks: IndexedLocks = NO_LOCKS) -> Iterator[Plan]:
    """Plans with a unit added to an area next to it, or alone in a new one, that break no rule and no lock.

    Parameters
    ----------
    problem
        Of mode "area".
    plan
        Without faults.
    unit
        Position of a unit in no area.
    locks
        What is settled.
    """
    kept = {int(plan.area_of[area.members[0]]) for area in locks.kept}
    leaders = dict(locks.led_by)
    if unit in locks.held:
        return
    adjacent_areas = plan.area_of[problem.adjacency.row(unit)]
    grown = Plan(plan.area_of, np.append(plan.anchor_of, -1), plan.leader_of)
    for area in (*np.unique(adjacent_areas[adjacent_areas >= 0]).tolist(), plan.n_areas):
        if area in kept:
            continue
        after = (grown if area == plan.n_areas else plan).moved([unit], area)
        leader = leaders.get(unit, -1)
        if leader >= 0 and not find_leader_obstacles(problem, unit, leader):
            after = _led(after, unit, leader)
        bound = (one for one in locks.pair_constraints if unit in (one.a, one.b))
        faults = plan_faults(problem, after) if leader >= 0 else area_faults(problem, after, area)
        if not faults and all(is_pair_satisfied(one, after) for one in bound):
            yield after


def _led(plan: Plan, unit: int, leader: int) -> Plan:
    """The plan with a unit led by an anchor of its area."""
    leader_of = np.full(len(plan.area_of), -1) if plan.leader_of is None else plan.leader_of.copy()
    leader_of[unit] = leader
    return plan.assign_leaders(leader_of)


def insert_unplaced(problem: Problem, plan: Plan, locks: IndexedLocks = NO_LOCKS) -> Plan:
    """The plan once no unit that asks for an area could be placed by one move; most households first.

    Parameters
    ----------
    problem
        Of mode "area".
    plan
        Without faults.
    locks
        What is settled.
    """
    is_wanted = problem.is_target.copy()
    is_wanted[[one.a for one in locks.pair_constraints if one.kind == "joined"]] = True
    waiting = np.flatnonzero(is_wanted & (plan.area_of < 0))
    is_placed = True
    while is_placed:
        is_placed = False
        for unit in waiting[np.argsort(-problem.households[waiting], kind="stable")].tolist():
            places = list(find_insertions(problem, plan, unit, locks))
            if places:
                plan, is_placed = min(places, key=lambda after: objective_key(problem, after)), True
        waiting = waiting[plan.area_of[waiting] < 0]
    return plan
