"""Why a unit is where it is, and where else it could be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.bundling.document.fallbacks import fallback_sentence
from analysis.bundling.document.left_over_reasons import SHOWN, describe_exclusion
from analysis.bundling.document.read import OpenPlan
from analysis.bundling.document.reasons import REASONS
from analysis.bundling.document.wording import Wording
from analysis.bundling.evaluation.feasibility import anchor_index, neighbours, remaining_capacity, walks_from
from analysis.bundling.evaluation.score import medoid
from analysis.bundling.explain.alternatives import (
    Alternative,
    describe_deciding_level,
    describe_other_changes,
    find_alternatives,
)
from analysis.bundling.explain.idle_anchors import explain_idle_anchor
from analysis.bundling.explain.led_units import describe_role, explain_place, find_places
from analysis.bundling.model.sizes import Size
from geo.errors import UnknownCodeError
from geo.messages import Sentence, load_catalogue

say = load_catalogue(__file__)


@dataclass(frozen=True)
class UnitAccount:
    """One unit explained.

    Parameters
    ----------
    unit_id, title
        The unit.
    role
        "anchor", "absorbed", "unled" (mode "area"), "member", "left_over" or "out_of_scope".
    area_id
        None where it is in none.
    why
        Sentences, the weightiest first.
    alternatives
        Allowed ones first, cheapest first by the plan's objectives; then those with the fewest
        obstacles.
    """

    unit_id: str
    title: str
    role: str
    area_id: str | None
    why: tuple[Sentence, ...]
    alternatives: tuple[Alternative, ...]

    @property
    def runner_up(self) -> Alternative | None:
        """The best other area that nothing forbids; None where everything is forbidden."""
        return next((other for other in self.alternatives if other.is_allowed), None)


def explain_unit(opened: OpenPlan, unit_id: str) -> UnitAccount:
    """Why a unit is where it is.

    Parameters
    ----------
    opened
        The plan next to its problem.
    unit_id
        Any unit of the dataset.

    Raises
    ------
    UnknownCodeError
        If there is no such unit.
    """
    wording = Wording(opened)
    found = np.flatnonzero(opened.problem.unit_ids.astype(str) == unit_id)
    if not len(found):
        return _outside(wording, unit_id)
    unit = int(found[0])
    area = int(opened.plan.area_of[unit])
    if opened.problem.rules.mode == "area":
        others = find_places(wording, unit)
    else:
        others = find_alternatives(wording, unit) if opened.problem.is_target[unit] else ()
    return UnitAccount(
        unit_id=unit_id,
        title=wording.unit(unit),
        role=_role(opened, unit, area),
        area_id=opened.area_ids[area] if area >= 0 else None,
        why=tuple(_why(wording, unit, area, others)),
        alternatives=others,
    )


# --- where a unit is ----------------------------------------------------------------------------


def _role(opened: OpenPlan, unit: int, area: int) -> str:
    if area < 0:
        return "left_over" if opened.problem.is_target[unit] else "out_of_scope"
    if opened.problem.rules.mode == "area":
        return describe_role(opened, unit)
    anchor = int(opened.plan.anchor_of[area])
    return "member" if anchor < 0 else ("anchor" if unit == anchor else "absorbed")


def _outside(wording: Wording, unit_id: str) -> UnitAccount:
    """A unit the problem does not decide about."""
    opened = wording.opened
    rows = opened.problem.out_of_scope
    keys = rows.loc[rows["unit_id"].astype(str) == unit_id, "reason"]
    if not len(keys):
        raise UnknownCodeError(*say("error.no_unit", unit_id=unit_id))
    reason = REASONS[str(keys.iloc[0])]
    why = [Sentence(reason.zh, reason.en)]
    if reason.key == "anchor_ineligible":
        own = describe_exclusion(opened.problem, opened.tables, unit_id, reason.key)
        why += [say("neighbour.self", why=own)] if own.zh != reason.zh.rstrip("。") else []
    return UnitAccount(unit_id, wording.unit_id(unit_id), "out_of_scope", None, tuple(why), ())


def _why(wording: Wording, unit: int, area: int, others: tuple[Alternative, ...]) -> list[Sentence]:
    opened = wording.opened
    locked = [
        wording.lock(lock)
        for lock in opened.locks
        if str(opened.problem.unit_ids[unit]) in (*lock.unit_ids, lock.with_unit_id)
    ]
    if area < 0:
        return [*locked, *_why_left_over(wording, unit), *_why_closed(wording, unit)]
    if opened.problem.rules.mode == "area":
        own = explain_place(wording, unit)
        where, refused = _why_member(wording, unit, area), _why_against_refusal(wording, unit)
        return [*locked, *own, where, *refused, _why_joined(wording, unit, area), _why_not_other(others)]
    anchor = int(opened.plan.anchor_of[area])
    if unit == anchor:
        return [*locked, _why_anchor(wording, area), *_why_against_refusal(wording, unit)]
    where = _why_led(wording, unit, area) if anchor >= 0 else _why_member(wording, unit, area)
    joined = _why_joined(wording, unit, area)
    refused = _why_against_refusal(wording, unit)
    return [*locked, where, *refused, joined, *_preferred(opened, unit, anchor), _why_not_other(others)]


def _why_against_refusal(wording: Wording, unit: int) -> list[Sentence]:
    """By which permit a unit is planned although its owners refuse (R40)."""
    permit = wording.opened.tables.overrides.get(str(wording.opened.problem.unit_ids[unit]))
    if permit is None:
        return []
    return [say("why.permit", permit_id=permit.permit_id, reason=permit.reason, approved_by=permit.approved_by)]


def _why_left_over(wording: Wording, unit: int) -> list[Sentence]:
    opened = wording.opened
    unit_id = str(opened.problem.unit_ids[unit])
    rows = [*opened.document["left_over"], *opened.document["out_of_scope"]]
    row = next((row for row in rows if row["unit_id"] == unit_id), None)
    if row is None or row["reason"] not in REASONS:
        return []
    reason, ways = REASONS[row["reason"]], row.get("fallback")
    sentences = [Sentence(reason.zh, reason.en)]
    if row["reason"] == "neighbours_not_planned" or opened.problem.rules.mode == "area":
        sentences += _unplanned_neighbours(wording, unit_id)
    if ways:
        sentences.append(Sentence(fallback_sentence(ways), fallback_sentence(ways, zh=False)))
    return sentences


def _unplanned_neighbours(wording: Wording, unit_id: str) -> list[Sentence]:
    """One sentence for each neighbour of a unit that is out of scope: its name, the rule, the figure."""
    problem, tables = wording.opened.problem, wording.opened.tables
    named = wording.opened.neighbours_out_of_scope.get(unit_id, [])
    found = [
        say("neighbour.named", unit=wording.unit_id(other), why=describe_exclusion(problem, tables, other, reason))
        for other, reason in named[:SHOWN]
    ]
    return [*found, say("neighbour.more", n=len(named) - SHOWN)] if len(named) > SHOWN else found


def _why_closed(wording: Wording, unit: int) -> list[Sentence]:
    """Why an anchor that may lead takes nobody in."""
    problem, plan = wording.opened.problem, wording.opened.plan
    if unit not in problem.anchors or problem.rules.mode == "area":
        return []
    found = explain_idle_anchor(problem, plan, unit)
    return [found.sentence]


def _why_anchor(wording: Wording, area: int) -> Sentence:
    problem, plan = wording.opened.problem, wording.opened.plan
    room = remaining_capacity(problem, plan, area)
    capacity = int(problem.capacity[anchor_index(problem, int(plan.anchor_of[area]))])
    n = len(plan.members(area)) - 1
    return say("why.leads", n=n, used=capacity - room, capacity=capacity)


def _why_led(wording: Wording, unit: int, area: int) -> Sentence:
    problem, plan = wording.opened.problem, wording.opened.plan
    anchor = int(plan.anchor_of[area])
    walk = int(walks_from(problem, anchor, np.array([unit]))[0])
    room, radius = remaining_capacity(problem, plan, area), problem.rules.radius_m
    return say("why.led", walk=walk, anchor=wording.unit(anchor), radius=radius, load=problem.load[unit], room=room)


def _preferred(opened: OpenPlan, unit: int, anchor: int) -> list[Sentence]:
    """Which soft rules its anchor meets: they are counted, and keep nobody out (R12, R14, R16)."""
    preferences = opened.problem.preferences
    if anchor < 0 or preferences is None:
        return []
    against = preferences.against(np.array([anchor]), np.array([unit]))[:, 0, 0]
    rules = opened.problem.rules
    reasons = (
        say("preference.credit", rating=rules.preferred_credit),
        say("preference.newer", years=rules.years_newer),
        say("preference.neighbour"),
    )
    sentences = []
    for key, is_met in (("preferred.met", True), ("preferred.unmet", False)):
        which = [reason for reason, is_against in zip(reasons, against, strict=True) if is_against != is_met]
        if which:
            sentences.append(say(key, which=Sentence.join(which, ("; ", "; "))))
    return sentences


def _why_member(wording: Wording, unit: int, area: int) -> Sentence:
    problem, plan = wording.opened.problem, wording.opened.plan
    members = plan.members(area)
    hub = medoid(problem, members)
    walk = int(walks_from(problem, hub, np.array([unit]))[0])
    metres = say("why_member.walk", metres=walk) if walk else say("why_member.walk_unknown", cap=problem.walk_cap)
    where = say("why_member.is_hub") if unit == hub else say("why_member.to_hub", walk=metres, hub=wording.unit(hub))
    held = [_held(size, int(size.weight[members].sum())) for size in problem.sizes]
    return say("why_member.size", where=where, held=Sentence.join(held, ("; ", "; ")))


def _held(size: Size, total: int) -> Sentence:
    """What an area comes to in one weight, with its bounds."""
    key = "held.at_least" if size.upper is None else "held.between"
    return say(key, total=total, lower=size.lower, upper=size.upper, measure=size.measure)


def _why_joined(wording: Wording, unit: int, area: int) -> Sentence:
    problem, plan = wording.opened.problem, wording.opened.plan
    around = neighbours(problem, unit)
    inside = around[plan.area_of[around] == area]
    if not len(inside):
        return say("why.not_adjacent")
    return say("why.adjacent", n=len(inside), units=wording.units(inside.tolist()))


def _why_not_other(others: tuple[Alternative, ...]) -> Sentence:
    best = next((other for other in others if other.is_allowed), None)
    if best is None:
        return say("runner_up.none")
    metres, also = best.household_metres or 0, describe_other_changes(best)
    change = say("runner_up.less" if metres < 0 else "runner_up.more", metres=abs(metres))
    changes = Sentence.join([change] if also is None else [change, also], (", ", ", "))
    is_better = best.score is not None and best.score < (0,) * len(best.score)
    changes = Sentence.join([changes, describe_deciding_level(best)], ("", ""))
    return say("runner_up.better" if is_better else "runner_up.worse", title=best.title, changes=changes)
