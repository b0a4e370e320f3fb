"""Mode "area": why a unit is led by whom, or by nobody, and in which other areas it could be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis.bundling.document.read import OpenPlan
from analysis.bundling.document.wording import Wording
from analysis.bundling.evaluation.feasibility import anchor_index, area_faults, neighbours
from analysis.bundling.explain.alternatives import (
    Alternative,
    RuleObstacle,
    describe_lock_obstacle,
    find_closing_locks,
    find_holding_locks,
    measure_change,
)
from analysis.bundling.led_areas.leader_options import (
    LeaderObstacle,
    LeaderOption,
    list_leader_options,
    measure_room,
    offer_leader,
)
from analysis.bundling.model.plan import Plan
from geo.messages import Sentence, load_catalogue

say = load_catalogue(__file__)


def describe_role(opened: OpenPlan, unit: int) -> str:
    """What a unit in an area is: "absorbed" (led), "anchor" (leads somebody), "unled" or "member".

    Parameters
    ----------
    opened
        Of mode "area".
    unit
        Position of a unit in an area.
    """
    leader_of, asks = _leaders(opened.plan), opened.problem.asks_leader
    if leader_of[unit] >= 0:
        return "absorbed"
    if unit in leader_of:
        return "anchor"
    return "unled" if asks is not None and asks[unit] else "member"


def explain_place(wording: Wording, unit: int) -> list[Sentence]:
    """Why a unit is led by whom it is, or by nobody: every anchor of its area with the figures.

    Parameters
    ----------
    wording
        Of a plan of mode "area".
    unit
        Position of a unit in an area.
    """
    role = describe_role(wording.opened, unit)
    if role == "anchor":
        return [_leads(wording, unit)]
    if role == "absorbed":
        return _led(wording, unit)
    return _unled(wording, unit) if role == "unled" else []


def find_places(wording: Wording, unit: int) -> tuple[Alternative, ...]:
    """Areas of its neighbours that a unit could be in, led by the nearest there that could.

    Allowed ones first, the best first; of others all that forbids them.

    Parameters
    ----------
    wording
        Of a plan of mode "area".
    unit
        Position of a unit of the problem.
    """
    opened = wording.opened
    problem, plan = opened.problem, opened.plan
    around = plan.area_of[neighbours(problem, unit)]
    found = [_place(wording, unit, area) for area in np.unique(around[around >= 0]) if area != plan.area_of[unit]]
    return tuple(sorted(found, key=lambda o: (len(o.obstacles), o.score is None, o.score or (), o.area_id or "~")))


def _place(wording: Wording, unit: int, area: int) -> Alternative:
    opened = wording.opened
    problem, plan, home = opened.problem, opened.plan, int(opened.plan.area_of[unit])
    after = plan.moved([unit], area)
    leader = offer_leader(problem, after, unit, opened.placed)
    if leader >= 0:
        leader_of = _leaders(after).copy()
        leader_of[unit] = leader
        after = after.assign_leaders(leader_of)
    touched = [int(area)] if home < 0 else [home, int(area)]
    then = Wording(replace(opened, plan=after))
    obstacles = [
        RuleObstacle(
            fault.rule_id,
            fault.value,
            fault.limit,
            say("obstacle.after", area=wording.area(fault.area), fault=then.fault(fault)),
        )
        for number in touched
        for fault in area_faults(problem, after, number)
    ]
    obstacles += [describe_lock_obstacle(wording, number) for number in find_holding_locks(opened, unit)]
    obstacles += find_closing_locks(wording, unit, int(area))
    return Alternative(
        opened.area_ids[int(area)],
        str(problem.unit_ids[leader]) if leader >= 0 else None,
        wording.area(int(area)),
        tuple(obstacles),
        *measure_change(problem, plan, after, touched),
    )


def _leaders(plan: Plan) -> np.ndarray:
    return np.full(len(plan.area_of), -1) if plan.leader_of is None else plan.leader_of


def _leads(wording: Wording, anchor: int) -> Sentence:
    problem, plan = wording.opened.problem, wording.opened.plan
    led = np.flatnonzero(_leaders(plan) == anchor)
    return say(
        "led.leads",
        n=len(led),
        households=int(problem.households[led].sum()),
        used=int(problem.load[led].sum()),
        capacity=int(problem.capacity[anchor_index(problem, anchor)]),
    )


def _led(wording: Wording, unit: int) -> list[Sentence]:
    """Its leader, the next one of its area and the level that decides, and what keeps the others from it."""
    problem, plan, placed = wording.opened.problem, wording.opened.plan, wording.opened.placed
    leader = int(_leaders(plan)[unit])
    options = list_leader_options(problem, plan, unit, placed)
    own = next(option for option in options if option.anchor == leader)
    room = int(measure_room(problem, plan)[0][anchor_index(problem, leader)])
    walk = own.walk_m or problem.walk_cap
    found = [
        say(
            "led.by",
            anchor=wording.unit(leader),
            walk=walk,
            radius=problem.rules.radius_m,
            load=int(problem.load[unit]),
            room=room,
        )
    ]
    others = [option for option in options if option.anchor != leader]
    free = [option for option in others if not option.obstacles]
    if free:
        found.append(_next_leader(wording, unit, walk, free[0]))
    elif others:
        found += [_describe_option(wording, option) for option in others]
    else:
        found.append(say("led.only"))
    return found


def _next_leader(wording: Wording, unit: int, walk: int, other: LeaderOption) -> Sentence:
    """The next leader, by all that would change: walking, and households led by old communities."""
    problem, plan = wording.opened.problem, wording.opened.plan
    households, is_old = int(problem.households[unit]), problem.is_old
    leader = int(_leaders(plan)[unit])
    metres = households * ((other.walk_m or problem.walk_cap) - walk)
    old = 0 if is_old is None else households * (int(is_old[other.anchor]) - int(is_old[leader]))
    values = {"anchor": wording.unit(other.anchor), "walk": other.walk_m, "metres": metres}
    if not old:
        return say("led.other", **values)
    leader_of = _leaders(plan).copy()
    leader_of[unit] = other.anchor
    changes = measure_change(problem, plan, plan.assign_leaders(leader_of), [int(plan.area_of[unit])])
    named = changes[2]
    level = "households_led_by_old" if "new_leads_old" in named and _comes_first(named) else "household_metres"
    return say("led.other_old", **values, old=old, level=say(f"level.{level}"))


def _comes_first(changes: dict[str, int]) -> bool:
    """Whether being led by old communities is named before walking."""
    names = tuple(changes)
    return "walking" not in names or names.index("new_leads_old") < names.index("walking")


def _unled(wording: Wording, unit: int) -> list[Sentence]:
    """Every anchor of its area and what keeps it from leading the unit."""
    opened = wording.opened
    options = list_leader_options(opened.problem, opened.plan, unit, opened.placed)
    if not options:
        return [say("led.no_anchor")]
    return [_describe_option(wording, option) for option in options]


def _describe_option(wording: Wording, option: LeaderOption) -> Sentence:
    anchor = wording.unit(option.anchor)
    if not option.obstacles:
        return say("led.free", anchor=anchor, walk=option.walk_m)
    why = Sentence.join([_describe_obstacle(wording, one) for one in option.obstacles], ("; ", "; "))
    return say("led.blocked", anchor=anchor, why=why)


def _describe_obstacle(wording: Wording, one: LeaderObstacle) -> Sentence:
    if one.kind == "lock":
        return say("leader.lock", rule=one.rule)
    if one.kind == "walk" and one.value is None:
        return say("leader.walk_unknown", cap=wording.opened.problem.walk_cap, limit=one.limit)
    if one.kind == "walk":
        return say("leader.walk", metres=one.value, limit=one.limit)
    return say(f"leader.{one.kind}", value=one.value, limit=max(one.limit, 0))
