"""Why a unit is where it is, and where else it could be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.bundling.document.fallbacks import fallback_sentence
from analysis.bundling.document.read import OpenPlan
from analysis.bundling.document.reasons import REASONS
from analysis.bundling.document.wording import Wording
from analysis.bundling.evaluation.feasibility import anchor_index, neighbours, remaining_capacity, walks_from
from analysis.bundling.evaluation.score import medoid
from analysis.bundling.explain.alternatives import Alternative, describe_other_changes, find_alternatives
from analysis.bundling.explain.idle_anchors import explain_idle_anchor
from analysis.bundling.model.sizes import Size
from geo.errors import UnknownCodeError
from geo.messages import Sentence


@dataclass(frozen=True)
class UnitAccount:
    """One unit explained.

    Parameters
    ----------
    unit_id, title
        The unit.
    role
        "anchor", "absorbed", "member", "left_over" or "out_of_scope".
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
        The plan beside its problem.
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
    anchor = int(opened.plan.anchor_of[area])
    return "member" if anchor < 0 else ("anchor" if unit == anchor else "absorbed")


def _outside(wording: Wording, unit_id: str) -> UnitAccount:
    """A unit the problem does not decide about."""
    opened = wording.opened
    rows = opened.problem.out_of_scope
    keys = rows.loc[rows["unit_id"].astype(str) == unit_id, "reason"]
    if not len(keys):
        raise UnknownCodeError(f"没有单元 {unit_id}。", f"There is no unit {unit_id}.")
    reason = REASONS[str(keys.iloc[0])]
    return UnitAccount(unit_id, wording.unit_id(unit_id), "out_of_scope", None, (Sentence(reason.zh, reason.en),), ())


def _why(wording: Wording, unit: int, area: int, others: tuple[Alternative, ...]) -> list[Sentence]:
    opened = wording.opened
    locked = [
        wording.lock(lock)
        for lock in opened.locks
        if str(opened.problem.unit_ids[unit]) in (*lock.unit_ids, lock.with_unit_id)
    ]
    if area < 0:
        return [*locked, *_why_left_over(wording, unit), *_why_closed(wording, unit)]
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
    return [
        Sentence(
            f"业主不同意合并, 凭批准 {permit.permit_id} 仍纳入: {permit.reason} (批准人 {permit.approved_by}) (R40)。",
            f"Its owners refuse to be merged; it is planned all the same by permit {permit.permit_id}: "
            f"{permit.reason} (approved by {permit.approved_by}) (R40).",
        )
    ]


def _why_left_over(wording: Wording, unit: int) -> list[Sentence]:
    opened = wording.opened
    unit_id = str(opened.problem.unit_ids[unit])
    rows = [*opened.document["left_over"], *opened.document["out_of_scope"]]
    row = next((row for row in rows if row["unit_id"] == unit_id), None)
    if row is None or row["reason"] not in REASONS:
        return []
    reason, ways = REASONS[row["reason"]], row.get("fallback")
    told = [Sentence(reason.zh, reason.en)]
    if ways:
        told.append(Sentence(fallback_sentence(ways), fallback_sentence(ways, zh=False)))
    return told


def _why_closed(wording: Wording, unit: int) -> list[Sentence]:
    """Why an anchor that may lead takes nobody in."""
    problem, plan = wording.opened.problem, wording.opened.plan
    if unit not in problem.anchors:
        return []
    found = explain_idle_anchor(problem, plan, unit)
    return [Sentence(found.zh, found.en)]


def _why_anchor(wording: Wording, area: int) -> Sentence:
    problem, plan = wording.opened.problem, wording.opened.plan
    room = remaining_capacity(problem, plan, area)
    capacity = int(problem.capacity[anchor_index(problem, int(plan.anchor_of[area]))])
    n = len(plan.members(area)) - 1
    return Sentence(
        f"牵头小区: 带入 {n} 个单元, 已用带入能力 {capacity - room:,} ㎡ / {capacity:,} ㎡ (R13)。",
        f"It leads: {n} units taken in, {capacity - room:,} of {capacity:,} m² of capacity used (R13).",
    )


def _why_led(wording: Wording, unit: int, area: int) -> Sentence:
    problem, plan = wording.opened.problem, wording.opened.plan
    anchor = int(plan.anchor_of[area])
    walk = int(walks_from(problem, anchor, np.array([unit]))[0])
    room, radius = remaining_capacity(problem, plan, area), problem.rules.radius_m
    return Sentence(
        f"步行 {walk} 米到牵头小区 {wording.unit(anchor)} (限 {radius:g} 米, R26); "
        f"本单元 {problem.load[unit]:,} ㎡, 牵头小区尚余能力 {room:,} ㎡ (R13)。",
        f"{walk} m on foot to its anchor {wording.unit(anchor)} (at most {radius:g} m, R26); it has "
        f"{problem.load[unit]:,} m², and {room:,} m² of the anchor's capacity are left (R13).",
    )


def _preferred(opened: OpenPlan, unit: int, anchor: int) -> list[Sentence]:
    """Which soft rules its anchor meets: they are counted, and keep nobody out (R12, R14, R16)."""
    preferences = opened.problem.preferences
    if anchor < 0 or preferences is None:
        return []
    against = preferences.against(np.array([anchor]), np.array([unit]))[:, 0, 0]
    rules = opened.problem.rules
    zh = (
        f"企业信用达到 {rules.preferred_credit} (R12)",
        f"牵头小区为新建或已改造, 且新 {rules.years_newer} 年以上 (R14)",
        "该企业已服务相邻单元, 或附近有服务点 (R16)",
    )
    en = (
        f"its company is rated {rules.preferred_credit} or better (R12)",
        f"its anchor is new or renewed, and newer by {rules.years_newer} years (R14)",
        "its company serves a neighbour already or has a service point near (R16)",
    )
    told = []
    for is_met in (True, False):
        which = [k for k in range(len(against)) if against[k] != is_met]
        if which:
            told.append(
                Sentence(
                    f"{'优选条件满足' if is_met else '优选条件未满足或无法确认'}: {'; '.join(zh[k] for k in which)}。",
                    f"{'Preferred and so' if is_met else 'Preferred, but not so or not known'}: "
                    f"{'; '.join(en[k] for k in which)}.",
                )
            )
    return told


def _why_member(wording: Wording, unit: int, area: int) -> Sentence:
    problem, plan = wording.opened.problem, wording.opened.plan
    members = plan.members(area)
    hub = medoid(problem, members)
    walk = int(walks_from(problem, hub, np.array([unit]))[0])
    far_zh = (
        "本片区的中心" if unit == hub else f"步行 {walk or f'超过 {problem.walk_cap}'} 米到中心 {wording.unit(hub)}"
    )
    far_en = (
        "the hub of its area"
        if unit == hub
        else (f"{walk or f'more than {problem.walk_cap}'} m on foot to the hub {wording.unit(hub)}")
    )
    held = [_held(size, int(size.weight[members].sum())) for size in problem.sizes]
    return Sentence(
        f"{far_zh}; 片区共 {'; '.join(told.zh for told in held)} (R31)。",
        f"It is {far_en}; the area has {'; '.join(told.en for told in held)} (R31).",
    )


def _held(size: Size, total: int) -> Sentence:
    """What an area comes to in one weight, with its bounds."""
    zh, en = size.measure
    if size.upper is None:
        return Sentence(f"{total:,} {zh}, 至少 {size.lower:,} {zh}", f"{total:,} {en} of {size.lower:,} or more")
    return Sentence(
        f"{total:,} {zh}, 限 {size.lower:,}–{size.upper:,} {zh}", f"{total:,} {en} of {size.lower:,}-{size.upper:,}"
    )


def _why_joined(wording: Wording, unit: int, area: int) -> Sentence:
    problem, plan = wording.opened.problem, wording.opened.plan
    around = neighbours(problem, unit)
    inside = around[plan.area_of[around] == area]
    if not len(inside):
        return Sentence("与本片区其他单元不相邻 (R22)。", "It is beside no other unit of its area (R22).")
    return Sentence(
        f"与本片区 {len(inside)} 个单元相邻: {wording.units(inside.tolist())}。",
        f"It is beside {len(inside)} units of its area: {wording.units(inside.tolist())}.",
    )


def _why_not_other(others: tuple[Alternative, ...]) -> Sentence:
    best = next((other for other in others if other.is_allowed), None)
    if best is None:
        return Sentence("周边没有规则允许的其他片区。", "The rules allow no other area around it.")
    more, also = best.household_metres or 0, describe_other_changes(best)
    zh, en = f"多走 {more:,} 户·米", f"{more:,} household-metres more"
    if more < 0:
        zh, en = f"少走 {-more:,} 户·米", f"{-more:,} household-metres less"
    if also is not None:
        zh, en = f"{zh}, {also.zh}", f"{en}, {also.en}"
    if best.worth is not None and best.worth < (0,) * len(best.worth):
        return Sentence(
            f"改到 {best.title.zh} 更好: {zh}, 规则也允许。",
            f"{best.title.en} would be better, and the rules allow it: {en}.",
        )
    return Sentence(f"次优是 {best.title.zh}: {zh}。", f"The runner-up is {best.title.en}: {en}.")
