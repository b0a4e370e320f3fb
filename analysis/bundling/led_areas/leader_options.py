"""Who of an area could lead a unit of it, and what keeps the others from it, with the figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.bundling.evaluation.company_allowance import floor_area_taken
from analysis.bundling.evaluation.feasibility import anchor_index, walks_from
from analysis.bundling.locks.index import NO_LOCKS, IndexedLocks
from analysis.bundling.model.plan import LEFT_OVER, Plan
from analysis.bundling.model.problem import Problem


@dataclass(frozen=True)
class LeaderObstacle:
    """What keeps an anchor from leading a unit.

    Parameters
    ----------
    kind
        "walk" (R26), "size" (R13, one unit), "room" (R13, all it leads), "company" (R15) or "lock".
    rule
        Its rule id.
    value, limit
        Metres for "walk", None = beyond all known walks; else m² of the unit and the most it may have. 0 of
        a lock.
    """

    kind: str
    rule: str
    value: float | None
    limit: float


@dataclass(frozen=True)
class LeaderOption:
    """An anchor of a unit's area as its leader, all others led as they are.

    Parameters
    ----------
    anchor
        Its position.
    walk_m
        On foot from the unit, None = beyond all known walks.
    obstacles
        All that keeps it from leading the unit; empty where it could.
    """

    anchor: int
    walk_m: int | None
    obstacles: tuple[LeaderObstacle, ...]


def list_leader_options(
    problem: Problem, plan: Plan, unit: int, locks: IndexedLocks = NO_LOCKS
) -> tuple[LeaderOption, ...]:
    """Every anchor of a unit's area: those that could lead it first, the nearest first.

    Parameters
    ----------
    problem, plan
        Of mode "area".
    unit
        Position of a unit that asks for a leader and is in an area; who leads it now is asked as if it did not.
    locks
        What is settled of who leads whom.
    """
    members = plan.members(int(plan.area_of[unit]))
    anchors = members[np.isin(members, problem.anchors)]
    alone = plan.assign_leaders(np.where(np.arange(problem.n_units) == unit, LEFT_OVER, _leaders(plan)))
    room, allowance = measure_room(problem, alone)
    walks = walks_from(problem, unit, anchors)
    found = [
        LeaderOption(
            int(anchor), int(walk) or None, _obstacles(problem, unit, int(anchor), int(walk), room, allowance, locks)
        )
        for anchor, walk in zip(anchors, walks, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (len(one.obstacles), one.walk_m or problem.walk_cap, one.anchor)))


def offer_leader(problem: Problem, plan: Plan, unit: int, locks: IndexedLocks = NO_LOCKS) -> int:
    """The nearest anchor of a unit's area that could lead it, all others led as they are; −1 = none.

    Parameters
    ----------
    problem, plan
        Of mode "area".
    unit
        Position of a unit.
    locks
        What is settled of who leads whom.
    """
    asks = problem.asks_leader is not None and bool(problem.asks_leader[unit])
    if plan.area_of[unit] < 0 or not asks:
        return LEFT_OVER
    free = [one for one in list_leader_options(problem, plan, unit, locks) if not one.obstacles]
    return free[0].anchor if free else LEFT_OVER


def measure_room(problem: Problem, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    """(m,) m² that each anchor may lead besides, and (m,) what its company may; much where none is held.

    Parameters
    ----------
    problem, plan
        Of mode "area".
    """
    number = np.full(problem.n_units, -1, dtype=np.int64)
    number[problem.anchors] = np.arange(len(problem.anchors))
    leader_of = _leaders(plan)
    led = np.flatnonzero((leader_of >= 0) & (number[leader_of] >= 0))
    used = np.bincount(number[leader_of[led]], problem.load[led], len(problem.anchors)).astype(np.int64)
    much = np.iinfo(np.int64).max
    if problem.companies is None:
        return problem.capacity - used, np.full(len(used), much)
    left = problem.companies.allowance - floor_area_taken(problem, plan)
    return problem.capacity - used, np.append(left, much)[problem.companies.of_anchor]


def _leaders(plan: Plan) -> np.ndarray:
    return np.full(len(plan.area_of), LEFT_OVER) if plan.leader_of is None else plan.leader_of


def _obstacles(
    problem: Problem, unit: int, anchor: int, walk: int, room: np.ndarray, allowance: np.ndarray, locks: IndexedLocks
) -> tuple[LeaderObstacle, ...]:
    k, load, radius = anchor_index(problem, anchor), int(problem.load[unit]), problem.rules.radius_m
    found = []
    if walk == 0 or walk > radius:
        found.append(LeaderObstacle("walk", "R26", float(walk) or None, radius))
    largest = int(min(problem.largest[k], problem.capacity[k]))
    if load > largest:
        found.append(LeaderObstacle("size", "R13", load, largest))
    elif load > room[k]:
        found.append(LeaderObstacle("room", "R13", load, int(room[k])))
    if load > allowance[k]:
        found.append(LeaderObstacle("company", "R15", load, int(allowance[k])))
    if (unit, anchor) in locks.not_led_by:
        found.append(LeaderObstacle("lock", "L07", 0, 0))
    if anchor in locks.leads_nobody:
        found.append(LeaderObstacle("lock", "L08", 0, 0))
    if any(led == unit and leader != anchor for led, leader in locks.led_by):
        found.append(LeaderObstacle("lock", "L06", 0, 0))
    return tuple(found)
