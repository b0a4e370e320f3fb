"""What a plan document says of leaders inside areas: who leads whom, who runs an area, and who is led by nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.bundling.document.reasons import UNLED_REASONS
from analysis.bundling.document.tables import DatasetTables
from analysis.bundling.evaluation.feasibility import anchor_index, walks_from
from analysis.bundling.evaluation.objective_values import group_led, sizes_outside_preferred
from analysis.bundling.evaluation.score import find_unled
from analysis.bundling.led_areas.leader_options import measure_room
from analysis.bundling.led_areas.part import leading_costs
from analysis.bundling.locks.index import NO_LOCKS, IndexedLocks
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem


def describe_area(problem: Problem, plan: Plan, area: int, tables: DatasetTables) -> dict[str, Any]:
    """What an entry of `areas` has besides in mode "area"; nothing in others.

    The operator is the company with the most floor area inside, the first by id of equals [A].

    Parameters
    ----------
    problem, plan
        What was asked and what was decided.
    area
        Number of an area of the plan.
    tables
        What the dataset says of the units.
    """
    if plan.leader_of is None:
        return {}
    ids = problem.unit_ids.astype(str)
    members = plan.members(area)
    led = {ids[unit]: ids[anchor] for anchor, units in group_led(plan, area).items() for unit in units.tolist()}
    floor_m2 = _floor_area_by_company(tables, ids[members].tolist())
    operator = min(floor_m2, key=lambda company: (-floor_m2[company], company), default=None)
    grounds = problem.load if problem.grounds_m2 is None else problem.grounds_m2[:, 0]
    oversize = {int(members[np.argmax(size.weight[members])]) for size in problem.sizes if size.is_oversize(members)}
    return {
        "anchor_unit_ids": sorted(set(led.values())),
        "led": dict(sorted(led.items())),
        "operator": operator,
        "company_ids": sorted(floor_m2),
        "oversize_unit_ids": sorted(ids[unit] for unit in oversize),
        "outside_preferred": list(sizes_outside_preferred(problem.rules, len(members), float(grounds[members].sum()))),
    }


def _floor_area_by_company(tables: DatasetTables, ids: Sequence[str]) -> dict[str, float]:
    """m² that each company serves among some units."""
    places = [tables.position[unit] for unit in ids]
    found: dict[str, float] = {}
    for place in places:
        company = tables.company_ids[place]
        if company is not None:
            found[company] = found.get(company, 0.0) + float(np.nan_to_num(tables.floor_area_m2[place]))
    return found


def list_unled(
    problem: Problem, plan: Plan, locks: IndexedLocks = NO_LOCKS, *, management_known: bool = True
) -> list[dict[str, Any]]:
    """The `unled` of a plan: targets in an area that nobody leads, and why, by unit id.

    The first of these that holds is given: no mode of management is known, no anchor in the area, none near
    enough (R26), none large enough (R13), a lock, none with room left (R13), none whose company may take on
    more (R15).

    Parameters
    ----------
    problem, plan
        Of mode "area".
    locks
        What is settled of who leads whom.
    management_known
        Whether any unit of the dataset has a known management mode.
    """
    room, allowance = measure_room(problem, plan)
    rows = []
    for unit in np.flatnonzero(find_unled(problem, plan)).tolist():
        key = _reason_unled(problem, plan, unit, room, allowance, locks) if management_known else "no_anchor_known"
        rows.append({"unit_id": str(problem.unit_ids[unit]), "reason": key, "rules": list(UNLED_REASONS[key].rules)})
    return sorted(rows, key=lambda row: row["unit_id"])


def _reason_unled(
    problem: Problem, plan: Plan, unit: int, room: np.ndarray, allowance: np.ndarray, locks: IndexedLocks
) -> str:
    members = plan.members(int(plan.area_of[unit]))
    anchors = members[np.isin(members, problem.anchors)]
    if not len(anchors):
        return "no_anchor_in_area"
    walk = walks_from(problem, unit, anchors)
    near = anchors[(walk > 0) & (walk <= problem.rules.radius_m)]
    if not len(near):
        return "beyond_radius"
    numbers = np.array([anchor_index(problem, int(anchor)) for anchor in near])
    load = problem.load[unit]
    large = numbers[np.minimum(problem.largest[numbers], problem.capacity[numbers]) >= load]
    if not len(large):
        return "anchor_too_small"
    cost = leading_costs(problem, large, np.array([unit]), locks)
    free = large[cost[:, 0] >= 0]
    if not len(free):
        return "lock_forbids_leader"
    roomy = free[room[free] >= load]
    if not len(roomy):
        return "anchor_full"
    return "company_full" if (allowance[roomy] < load).all() else "could_be_led"
