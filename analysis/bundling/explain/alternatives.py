"""Where else a unit could be, what that would change and what forbids it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.bundling.document.read import OpenPlan
from analysis.bundling.document.wording import Wording, blocking_rule
from analysis.bundling.evaluation.company_allowance import company_of_anchor, remaining_allowance
from analysis.bundling.evaluation.feasibility import (
    anchor_index,
    find_connected_pieces,
    neighbours,
    remaining_capacity,
    walks_from,
)
from analysis.bundling.evaluation.objective_values import count_moved_units, count_posts, measure_area, primary_levels
from analysis.bundling.model.objectives import LEVEL_OF, objectives_of
from analysis.bundling.model.plan import LEFT_OVER, Plan
from analysis.bundling.model.problem import Problem
from geo.adjacency.edge_reasons import reason_text
from geo.messages import Sentence, load_catalogue

say = load_catalogue(__file__)

MAX_FAR_ANCHORS = 3
"""Anchors without a neighbour of the unit that are looked at too, the nearest on foot."""

_DESCRIBED = ("compact", "border", "staffing", "closeness", "areas", "preferences", "window", "new_leads_old")
"""Objectives besides walking whose change is shown."""


@dataclass(frozen=True)
class RuleObstacle:
    """What keeps a unit from an area: the rule, the measured value, its limit, and both in words."""

    rule: str
    value: float | None
    limit: float | None
    sentence: Sentence


@dataclass(frozen=True)
class Alternative:
    """Another area a unit could be in.

    Parameters
    ----------
    area_id
        None for an area that its anchor would begin.
    anchor_unit_id
        None where the area has none.
    title
        Its name.
    obstacles
        All that forbids it; empty where the move is allowed as it stands.
    left_over_households
        Change of the households left over; None where an obstacle leaves it open.
    household_metres
        Change of the walking, metres × households, in both areas; None likewise.
    changes
        Change of each objective of the plan's rules, by name (`aims.LEVEL_OF`); empty likewise.
    score
        What alternatives are compared by: the change of `ObjectiveSpec.key`, as the search has it; negative
        is better. None likewise.
    """

    area_id: str | None
    anchor_unit_id: str | None
    title: Sentence
    obstacles: tuple[RuleObstacle, ...]
    left_over_households: int | None
    household_metres: int | None
    changes: Mapping[str, int]
    score: tuple[float, ...] | None

    @property
    def is_allowed(self) -> bool:
        """Whether nothing forbids it."""
        return not self.obstacles


def find_alternatives(wording: Wording, unit: int) -> tuple[Alternative, ...]:
    """Areas of its neighbours, of those it is refused as a neighbour of, and of anchors near.

    Parameters
    ----------
    wording
        The plan, its problem and the names of things.
    unit
        Position of the unit.
    """
    opened = wording.opened
    refused = _refused(opened, unit)
    home = int(opened.plan.area_of[unit])
    leaving = _leaving(wording, unit, home)
    areas, idle = _places(opened, unit, refused, home)
    found = [_other_area(wording, unit, area, refused, leaving) for area in areas]
    found += [_new_area(wording, unit, anchor, leaving) for anchor in idle]
    return tuple(
        sorted(
            found,
            key=lambda o: (len(o.obstacles), o.score is None, o.score or (), o.area_id or "~", o.anchor_unit_id or ""),
        )
    )


def _refused(opened: OpenPlan, unit: int) -> pd.DataFrame:
    """Pairs of the unit that are refused, with the position of the other unit (−1 = out of scope)."""
    pairs, unit_id = opened.graph.pairs, str(opened.problem.unit_ids[unit])
    is_a, is_b = pairs["unit_a"].eq(unit_id), pairs["unit_b"].eq(unit_id)
    rows = pairs[(is_a | is_b) & ~pairs["allowed"].astype(bool)]
    other = rows["unit_b"].where(rows["unit_a"].eq(unit_id), rows["unit_a"]).astype(str)
    position = {str(u): i for i, u in enumerate(opened.problem.unit_ids)}
    return rows.assign(other=[position.get(u, -1) for u in other])


def _places(opened: OpenPlan, unit: int, refused: pd.DataFrame, home: int) -> tuple[list[int], list[int]]:
    """Numbers of areas, and idle anchors, to look at."""
    problem, plan = opened.problem, opened.plan
    around = neighbours(problem, unit)
    across = np.array([i for i in refused["other"] if i >= 0], dtype=np.int64)
    near = np.concatenate([around, across])
    walk = walks_from(problem, unit, problem.anchors)
    in_reach = np.flatnonzero((walk > 0) & (walk <= problem.rules.radius_m))
    nearest = problem.anchors[in_reach[np.argsort(walk[in_reach], kind="stable")]]
    led = [a for a in nearest.tolist() if plan.area_of[a] >= 0][:MAX_FAR_ANCHORS]
    areas = {int(plan.area_of[i]) for i in (*near.tolist(), *led)} - {-1, home}
    is_idle = np.isin(around, problem.anchors) & (plan.area_of[around] < 0)
    return sorted(areas), sorted(around[is_idle].tolist())


def _leaving(wording: Wording, unit: int, home: int) -> tuple[RuleObstacle, ...]:
    """What keeps a unit from leaving its area: the rest comes apart or is too small; a lock."""
    opened = wording.opened
    problem, plan = opened.problem, opened.plan
    found = [describe_lock_obstacle(wording, number) for number in find_holding_locks(opened, unit)]
    if home < 0:
        return tuple(found)
    rest = plan.members(home)
    rest = rest[rest != unit]
    n_pieces = len(find_connected_pieces(problem, rest))
    if n_pieces > 1:
        found.append(RuleObstacle("R22", n_pieces, 1, say("obstacle.falls_apart", n_pieces=n_pieces)))
    for size in problem.sizes if plan.anchor_of[home] < 0 else ():
        left = int(size.weight[rest].sum())
        if left < size.lower:
            found.append(
                RuleObstacle(
                    "R31",
                    left,
                    size.lower,
                    say("obstacle.too_small", left=left, lower=size.lower, measure=size.measure),
                )
            )
    return tuple(found)


def find_holding_locks(opened: OpenPlan, unit: int) -> list[int]:
    """Numbers of the locks that hold a unit where it is, or out of every area.

    Parameters
    ----------
    opened
        The plan.
    unit
        Position of a unit.
    """
    held = opened.placed.held
    pair_constraints = [
        b.number
        for b in opened.placed.pair_constraints
        if b.kind != "apart" and (unit == b.a or (unit == b.b and b.kind == "together"))
    ]
    kept = [kept.number for kept in opened.placed.kept if unit in kept.members]
    return [*pair_constraints, *kept, *([held[unit]] if unit in held else [])]


def describe_lock_obstacle(wording: Wording, number: int) -> RuleObstacle:
    """A lock as an obstacle.

    Parameters
    ----------
    wording
        Of the plan.
    number
        Of the lock.
    """
    lock = wording.opened.locks[number]
    return RuleObstacle(lock.rule, None, None, wording.lock(lock))


def _other_area(
    wording: Wording, unit: int, area: int, refused: pd.DataFrame, leaving: tuple[RuleObstacle, ...]
) -> Alternative:
    opened = wording.opened
    anchor = int(opened.plan.anchor_of[area])
    obstacles = [*_apart_from(wording, unit, area, refused), *find_closing_locks(wording, unit, area)]
    fits = _fits_anchor if anchor >= 0 else _fits_bounds
    obstacles += fits(wording, unit, area)
    return Alternative(
        opened.area_ids[area],
        str(opened.problem.unit_ids[anchor]) if anchor >= 0 else None,
        wording.area(area),
        (*obstacles, *leaving),
        *_change(opened.problem, opened.plan, unit, area, anchor),
    )


def _new_area(wording: Wording, unit: int, anchor: int, leaving: tuple[RuleObstacle, ...]) -> Alternative:
    """An anchor next to the unit that leads nobody yet."""
    problem, plan = wording.opened.problem, wording.opened.plan
    obstacles = [*_size_obstacles(wording, unit, anchor, int(problem.capacity[anchor_index(problem, anchor)]))]
    name = wording.unit(anchor)
    return Alternative(
        None,
        str(problem.unit_ids[anchor]),
        say("area.new", name=name),
        (*obstacles, *leaving),
        *_change(problem, plan, unit, plan.n_areas, anchor),
    )


def _apart_from(wording: Wording, unit: int, area: int, refused: pd.DataFrame) -> list[RuleObstacle]:
    """Why no member of an area is a neighbour; nothing where one is."""
    problem, plan = wording.opened.problem, wording.opened.plan
    if (plan.area_of[neighbours(problem, unit)] == area).any():
        return []
    rows = refused[[i >= 0 and plan.area_of[i] == area for i in refused["other"]]]
    if not len(rows) and problem.jurisdiction[unit] != problem.jurisdiction[plan.members(area)[0]]:
        return [RuleObstacle("R20", None, None, say("obstacle.other_street"))]
    if not len(rows):
        return [RuleObstacle("R22", None, problem.rules.gap_m, say("obstacle.no_neighbour", gap_m=problem.rules.gap_m))]
    row = rows.sort_values(["gap_m", "unit_a", "unit_b"]).iloc[0]
    measures = {name: _number(row[name]) for name in ("gap_m", "facing_m", "walk_m")}
    reason = reason_text(str(row["blocked_by"]), measures)
    other = wording.unit(int(row["other"]))
    kind = str(row["blocked_by"]).split(">")[0].split("<")[0]
    return [
        RuleObstacle(
            blocking_rule(str(row["blocked_by"])),
            measures.get(f"{kind}_m"),
            None,
            say("obstacle.blocked", other=other, reason=reason),
        )
    ]


def find_closing_locks(wording: Wording, unit: int, area: int) -> list[RuleObstacle]:
    """Locks that keep a unit out of an area.

    Parameters
    ----------
    wording
        Of the plan.
    unit
        Position of a unit.
    area
        Number of an area of the plan.
    """
    opened = wording.opened
    members = set(opened.plan.members(area).tolist())
    numbers = [k.number for k in opened.placed.kept if members == set(k.members.tolist())]
    numbers += [
        b.number
        for b in opened.placed.pair_constraints
        if b.kind == "apart" and ((b.a == unit and b.b in members) or (b.b == unit and b.a in members))
    ]
    return [describe_lock_obstacle(wording, number) for number in numbers]


def _fits_anchor(wording: Wording, unit: int, area: int) -> list[RuleObstacle]:
    opened = wording.opened
    room = remaining_capacity(opened.problem, opened.plan, area)
    return _size_obstacles(wording, unit, int(opened.plan.anchor_of[area]), room)


def _size_obstacles(wording: Wording, unit: int, anchor: int, room: int) -> list[RuleObstacle]:
    """R26, R13 and R15 of a unit with an anchor that has so much room left."""
    problem = wording.opened.problem
    walk = int(walks_from(problem, anchor, np.array([unit]))[0])
    radius, load = problem.rules.radius_m, int(problem.load[unit])
    largest = int(problem.largest[anchor_index(problem, anchor)])
    found = []
    if walk == 0 or walk > radius:
        shown = f"{walk}" if walk else f">{problem.walk_cap}"
        found.append(
            RuleObstacle(
                "R26", float(walk) if walk else None, radius, say("obstacle.too_far", shown=shown, radius=radius)
            )
        )
    if load > largest:
        found.append(RuleObstacle("R13", load, largest, say("obstacle.too_large", load=load, largest=largest)))
    elif load > room:
        found.append(
            RuleObstacle("R13", load, room, say("obstacle.capacity", load=load, room=max(room, 0), short=load - room))
        )
    return [*found, *_company_obstacles(wording, unit, anchor)]


def _company_obstacles(wording: Wording, unit: int, anchor: int) -> list[RuleObstacle]:
    """R15; a unit that changes between two anchors of one company costs that company nothing."""
    problem, plan = wording.opened.problem, wording.opened.plan
    left, home = remaining_allowance(problem, plan, anchor), int(plan.area_of[unit])
    here = company_of_anchor(problem, int(plan.anchor_of[home])) if home >= 0 else -1
    load = int(problem.load[unit])
    if left is None or load <= left or here == company_of_anchor(problem, anchor):
        return []
    name = wording.company(anchor)
    return [RuleObstacle("R15", load, left, say("obstacle.company", name=name, left=max(left, 0), load=load))]


def _fits_bounds(wording: Wording, unit: int, area: int) -> list[RuleObstacle]:
    opened = wording.opened
    members, found = opened.plan.members(area), []
    for size in opened.problem.sizes:
        total = int(size.weight[members].sum() + size.weight[unit])
        if size.upper is not None and total > size.upper:
            found.append(
                RuleObstacle(
                    "R31",
                    total,
                    size.upper,
                    say("obstacle.upper", total=total, upper=size.upper, over=total - size.upper, measure=size.measure),
                )
            )
    return found


def _change(
    problem: Problem, plan: Plan, unit: int, area: int, anchor: int
) -> tuple[int | None, int | None, dict[str, int], tuple[float, ...] | None]:
    """The last four fields of the alternative that a unit moves to an area, or begins one."""
    if anchor >= 0 and not walks_from(problem, anchor, np.array([unit]))[0]:
        return None, None, {}, None
    home = int(plan.area_of[unit])
    touched = [area] if home < 0 else [home, area]
    return measure_change(problem, plan, _moved(plan, unit, area, anchor), touched)


def measure_change(
    problem: Problem, plan: Plan, after: Plan, touched: Sequence[int]
) -> tuple[int | None, int | None, dict[str, int], tuple[float, ...] | None]:
    """The last four fields of the alternative that changes a plan.

    Parameters
    ----------
    problem, plan
        As it is.
    after
        As it would be.
    touched
        Numbers of the areas that differ.
    """
    aims = objectives_of(problem.rules)
    names = tuple(dict.fromkeys(("walking", *aims.names)))
    by_area = [(measure_area(problem, after, k, names), measure_area(problem, plan, k, names)) for k in touched]
    changes = {name: sum(new[name] - old[name] for new, old in by_area) for name in names if name != "closeness"}
    if "staffing" in names:
        alone = np.flatnonzero((plan.area_of < 0) != (after.area_of < 0)).tolist()
        changes["staffing"] += sum(
            count_posts(problem, np.array([i])) * (1 if after.area_of[i] < 0 else -1) for i in alone
        )
    if "closeness" in names:
        start = problem.start_of
        moved = [0, 0] if start is None else [count_moved_units(start, p.area_of) for p in (plan, after)]
        changes["closeness"] = moved[1] - moved[0]
    people = [primary_levels(problem, p) for p in (plan, after)]
    first = people[1][0] - people[0][0], people[1][1] - people[0][1]
    named = {name: changes[name] for name in aims.names}
    return first[0], changes["walking"], named, aims.key(first, named)


def _moved(plan: Plan, unit: int, area: int, anchor: int) -> Plan:
    """The plan with a unit elsewhere; an anchor that then leads nobody has no area."""
    home, area_of = int(plan.area_of[unit]), plan.area_of.copy()
    anchor_of = plan.anchor_of if area < plan.n_areas else np.append(plan.anchor_of, anchor)
    area_of[unit] = area
    if anchor >= 0:
        area_of[anchor] = area
    if home >= 0 and anchor_of[home] >= 0 and (area_of == home).sum() == 1:
        area_of[anchor_of[home]] = LEFT_OVER
    return Plan(area_of, anchor_of)


def _number(value: object) -> float | None:
    return None if pd.isna(value) else float(value)  # type: ignore[call-overload,arg-type]


def describe_other_changes(other: Alternative) -> Sentence | None:
    """What changes besides walking, by the objectives of the plan; None where nothing does."""
    changes = [say(f"change.{name}", by=by) for name, by in other.changes.items() if by and name in _DESCRIBED]
    if not changes:
        return None
    if other.score is not None and len(other.score) < 2 + len(other.changes):  # weighted: one sum
        changes.append(say("change.weighted", by=other.score[-1]))
    return Sentence.join(changes, (", ", ", "))


def describe_deciding_level(other: Alternative) -> Sentence:
    """The level by which a plan prefers what it has to another area, or would rather not: the first that differs.

    Households left over and those without a leader come before every objective, though no objective names them.
    """
    if other.score is None:
        return Sentence("", "")
    place = next((k for k, by in enumerate(other.score) if by), None)
    if place is None:
        return say("decides.equal")
    if place < 2:
        name, by = ("left_over_households", "unled_households")[place], other.score[place]
    elif len(other.score) == 2 + len(other.changes):
        name, by = LEVEL_OF[tuple(other.changes)[place - 2]], other.score[place]
    elif other.changes.get("window"):  # dearer than all that is walked
        name, by = LEVEL_OF["window"], other.changes["window"]
    else:
        is_walking = set(other.changes) <= {"walking", "areas", "window"}
        name, by = "walks_and_areas" if is_walking else "weighted", other.score[place]
    return say("decides.level", level=say(f"level.{name}"), by=by)
