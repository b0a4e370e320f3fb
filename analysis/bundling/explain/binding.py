"""What binds an area: the limits it stands at, and what parts it from the units beyond."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.bundling.document.read import OpenPlan
from analysis.bundling.document.wording import Wording, blocking_rule
from analysis.bundling.evaluation.company_allowance import company_of_anchor, floor_area_taken
from analysis.bundling.evaluation.feasibility import (
    anchor_index,
    find_leader_obstacles,
    may_take,
    neighbours,
    remaining_capacity,
    walks_from,
)
from analysis.bundling.evaluation.objective_values import group_led, sizes_outside_preferred
from analysis.bundling.evaluation.score import find_unled, medoid
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.sizes import Size
from geo.adjacency.edge_reasons import reason_text
from geo.errors import UnknownCodeError
from geo.messages import EMPTY, Sentence, load_catalogue

say = load_catalogue(__file__)


@dataclass(frozen=True)
class Binding:
    """One limit of an area: how far it is used, and whether it is what keeps the area as it is."""

    kind: str
    rule: str
    value: float
    limit: float | None
    is_binding: bool
    sentence: Sentence


@dataclass(frozen=True)
class AreaAccount:
    """What binds one area: capacity, company, radius, upper, lower, lock, number, street, barrier, distance."""

    area_id: str
    title: Sentence
    bindings: tuple[Binding, ...]


def explain_area(opened: OpenPlan, area_id: str) -> AreaAccount:
    """What binds an area.

    Parameters
    ----------
    opened
        The plan and its problem.
    area_id
        Of the area.

    Raises
    ------
    UnknownCodeError
        If the plan has no such area.
    """
    if area_id not in opened.area_ids:
        raise UnknownCodeError(*say("error.no_area", area_id=area_id))
    wording, area = Wording(opened), opened.area_ids.index(area_id)
    if opened.problem.rules.mode == "area":
        sizes = _led_area_bindings
    else:
        sizes = _lead_bindings if opened.plan.anchor_of[area] >= 0 else _whole_bindings
    bindings = (*sizes(wording, area), *_settled_bindings(wording, area), *_border_bindings(wording, area))
    return AreaAccount(area_id, wording.area(area), bindings)


def _lead_bindings(wording: Wording, area: int) -> list[Binding]:
    problem, plan = wording.opened.problem, wording.opened.plan
    anchor, members = int(plan.anchor_of[area]), plan.members(area)
    capacity = int(problem.capacity[anchor_index(problem, anchor)])
    room = remaining_capacity(problem, plan, area)
    free = _free_beside(problem, plan, members)
    could = free[may_take(problem, anchor, free)]
    least = int(problem.load[could].min()) if len(could) else None
    taken = members[members != anchor]
    walks = walks_from(problem, anchor, taken)
    ways = walks_from(problem, anchor, free)
    far = free[(ways == 0) | (ways > problem.rules.radius_m)]
    farthest, radius = int(walks.max(initial=0)), problem.rules.radius_m
    is_beyond = farthest > radius or bool((walks == 0).any()) or bool(len(far))
    rest = say("capacity.left", room=room) if room >= 0 else say("capacity.exceeded", over=-room)
    waits = EMPTY if least is None else say("capacity.waiting", least=least)
    return [
        Binding(
            "capacity",
            "R13",
            capacity - room,
            capacity,
            room < 0 or (least is not None and least > room),
            say("binding.capacity", capacity=capacity, used=capacity - room, rest=rest, waits=waits),
        ),
        *_company_binding(wording, anchor, could),
        Binding(
            "radius",
            "R26",
            farthest,
            radius,
            is_beyond,
            say("binding.radius", farthest=farthest, radius=radius, n_far=len(far)),
        ),
    ]


def _company_binding(wording: Wording, anchor: int, could: np.ndarray) -> list[Binding]:
    """R15, of all areas of the anchor's company; `could`: units next to the area it could take in."""
    problem, plan = wording.opened.problem, wording.opened.plan
    companies, k = problem.companies, company_of_anchor(problem, anchor)
    if companies is None or k < 0:
        return []
    taken, most = int(floor_area_taken(problem, plan)[k]), int(companies.allowance[k])
    is_binding = taken > most or bool((problem.load[could] > most - taken).any())
    name, managed = wording.company(anchor), float(companies.managed_m2[k])
    how = say("company.recorded") if companies.is_recorded[k] else say("company.by_units")
    return [
        Binding(
            "company",
            "R15",
            taken,
            most,
            is_binding,
            say("binding.company", name=name, managed=managed, taken=taken, most=most, how=how),
        )
    ]


def _whole_bindings(wording: Wording, area: int) -> list[Binding]:
    problem, plan = wording.opened.problem, wording.opened.plan
    members = plan.members(area)
    free = _free_beside(problem, plan, members)
    return [one for size in problem.sizes for one in _size_bindings(size, members, free)]


def _led_area_bindings(wording: Wording, area: int) -> list[Binding]:
    """Sizes, the preferred windows, the reach of members that nobody leads, and each leader's capacity."""
    problem, plan = wording.opened.problem, wording.opened.plan
    members, rules = plan.members(area), problem.rules
    found = _whole_bindings(wording, area)
    floor_m2 = problem.load[members].sum() if problem.grounds_m2 is None else problem.grounds_m2[members, 0].sum()
    windows = {
        "members": ("binding.window_members", len(members), rules.preferred_members),
        "floor_area": ("binding.window_floor", float(floor_m2), rules.preferred_floor_area_m2),
    }
    for name in sizes_outside_preferred(rules, len(members), float(floor_m2)):
        key, value, (least, most) = windows[name]
        limit = least if value < least else most
        found.append(Binding("window", "R31", value, limit, False, say(key, n=value, least=least, most=most)))
    return [*found, _reach_binding(wording, members), *_leader_bindings(wording, area)]


def _reach_binding(wording: Wording, members: np.ndarray) -> Binding:
    problem, plan = wording.opened.problem, wording.opened.plan
    hub, reach = medoid(problem, members), problem.rules.reach_m
    rest = members if plan.leader_of is None else members[plan.leader_of[members] < 0]
    farthest = int(walks_from(problem, hub, rest).max(initial=0))
    free = _free_beside(problem, plan, members)
    ways = walks_from(problem, hub, free)
    is_binding = farthest > reach or bool(((ways == 0) | (ways > reach)).any())
    sentence = say("binding.reach", hub=wording.unit(hub), farthest=farthest, reach=reach)
    return Binding("reach", "R26", farthest, reach, is_binding, sentence)


def _leader_bindings(wording: Wording, area: int) -> list[Binding]:
    """Capacity of each anchor that leads, and of its company; binding where somebody of the area waits for more."""
    problem, plan = wording.opened.problem, wording.opened.plan
    members = plan.members(area)
    unled = members[find_unled(problem, plan)[members]]
    found = []
    for anchor, led in group_led(plan, area).items():
        if anchor not in problem.anchors:
            continue
        capacity, used = int(problem.capacity[anchor_index(problem, anchor)]), int(problem.load[led].sum())
        could = np.array([u for u in unled if not find_leader_obstacles(problem, int(u), anchor)], dtype=np.int64)
        is_binding = used > capacity or bool((problem.load[could] > capacity - used).any())
        values = {"anchor": wording.unit(anchor), "n": len(led), "used": used, "capacity": capacity}
        if len(unled):
            least = int(problem.load[unled].min())
            sentence = say("binding.leader", **values, unled=len(unled), least=least)
        else:
            sentence = say("binding.leader_none", **values)
        found.append(Binding("capacity", "R13", used, capacity, is_binding, sentence))
        found += _company_binding(wording, anchor, could)
    return found


def _size_bindings(size: Size, members: np.ndarray, free: np.ndarray) -> list[Binding]:
    """The most and the least of one weight, as far as there are any."""
    total, lightest = int(size.weight[members].sum()), int(size.weight[members].min())
    found = []
    if size.upper is not None:
        above = total - size.upper
        is_full = bool(len(free)) and total + int(size.weight[free].min()) > size.upper
        found.append(
            Binding(
                "upper",
                "R31",
                total,
                size.upper,
                above > 0 or is_full,
                say(
                    "limit.upper_exceeded" if above > 0 else "limit.upper_kept",
                    total=total,
                    upper=size.upper,
                    distance=abs(above),
                    n_beside=len(free),
                    measure=size.measure,
                ),
            )
        )
    below = size.lower - total
    smallest = (
        EMPTY
        if size.name == "members"
        else say("limit.smallest", lightest=lightest, measure=Sentence(size.measure.zh, ""))
    )
    found.append(
        Binding(
            "lower",
            "R31",
            total,
            size.lower,
            total - lightest < size.lower,
            say(
                "limit.lower_missed" if below > 0 else "limit.lower_kept",
                lower=size.lower,
                distance=abs(below),
                measure=size.measure,
                smallest=smallest,
            ),
        )
    )
    return found


def _settled_bindings(wording: Wording, area: int) -> list[Binding]:
    """What is settled beforehand: that the area stays as it is, and how many areas there are."""
    opened = wording.opened
    entry, wanted = opened.document["areas"][area], opened.problem.rules.areas
    members, anchor = frozenset(entry["unit_ids"]), entry["anchor_unit_id"]
    found = []
    for lock in opened.locks:
        if lock.kind == "area_kept" and members.intersection(lock.unit_ids):
            is_so = members == set(lock.unit_ids) and anchor == lock.anchor_unit_id
            held = say("lock.kept" if is_so else "lock.changed", lock=wording.lock(lock))
            found.append(Binding("lock", lock.rule, len(members), len(lock.unit_ids), True, held))
    if wanted is not None:
        n_areas = opened.plan.n_areas
        found.append(
            Binding("number", "areas", n_areas, wanted, True, say("binding.number", wanted=wanted, n_areas=n_areas))
        )
    return found


def _free_beside(problem: Problem, plan: Plan, members: np.ndarray) -> np.ndarray:
    """Targets in no area next to an area's members, ascending."""
    around = np.unique(np.concatenate([neighbours(problem, int(i)) for i in members]))
    return around[problem.is_target[around] & (plan.area_of[around] < 0)]


def _border_bindings(wording: Wording, area: int) -> list[Binding]:
    """Streets, barriers and distances that part an area from units beyond, one entry each."""
    opened = wording.opened
    ids = set(opened.problem.unit_ids[opened.plan.members(area)].astype(str))
    pairs = opened.graph.pairs
    crosses = pairs["unit_a"].isin(ids) != pairs["unit_b"].isin(ids)
    rows = pairs[crosses & ~pairs["allowed"].astype(bool)]
    beyond = rows["unit_b"].where(rows["unit_a"].isin(ids), rows["unit_a"])
    people = opened.dataset.layer("units").set_index("unit_id")["households"]
    found = []
    for blocked_by, units in beyond.groupby(rows["blocked_by"].astype(str), sort=True):
        others = sorted(set(units))
        known = people.reindex(others).dropna()
        n_open = len(others) - len(known)
        unknown = say("binding.unknown", n_open=n_open) if n_open else EMPTY
        reason = reason_text(str(blocked_by))
        is_barrier = blocking_rule(str(blocked_by)) == "R23"
        kind = (
            "barrier"
            if is_barrier
            else ("street" if blocked_by in ("district", "street", "neighbourhood") else "distance")
        )
        found.append(
            Binding(
                kind,
                blocking_rule(str(blocked_by)),
                len(others),
                None,
                True,
                say("binding.border", n=len(others), households=int(known.sum()), reason=reason, unknown=unknown),
            )
        )
    return found
