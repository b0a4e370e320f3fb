"""What planners have settled, held against the plan: every lock it carries (L01-L08)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.bundling.model.violations import Violation
from analysis.bundling.verify.base.context import CheckContext, make_violation
from analysis.bundling.verify.base.schema import AreaPart
from geo.messages import load_catalogue

say = load_catalogue(__file__)

UNMET = "lock_unmet"
"""The reason of a unit left over because the rules do not let it be where it is locked to."""
_RULES = {"in_area": "L01", "area_kept": "L02", "together": "L03", "led_by": "L06"}


def check_locks(context: CheckContext) -> Iterator[Violation]:
    """Each lock of the plan is obeyed, or told to be unmet and its units truly in no area.

    L01: the unit is in the area of the unit it is locked to; L02: the units are an area, with this
    anchor, in mode "area" with these leaders where the lock tells them; L03: the two units are in one
    area or both in none; L04: the two are not in one area; L05: the unit is in no area; L06: the unit is
    led by this anchor; L07: it is not; L08: the anchor leads nobody. Where L01 or L03 is unmet, an anchor
    may lead, and the unit that is locked to it is in no area; where L06 is, nobody leads the unit.
    """
    area_of = {unit: k for k, area in enumerate(context.plan.areas) for unit in area.unit_ids}
    for number, lock in enumerate(context.plan.locks):
        units = _units(lock)
        if units is None:
            yield make_violation("lock", say("lock.malformed", number=number + 1))
            continue
        if not _is_stated_unmet(context, area_of, number, lock, units):
            yield from _CHECKS[lock["kind"]](context, area_of, lock, units)


def _is_stated_unmet(
    context: CheckContext, area_of: Mapping[str, int], number: int, lock: Mapping[str, Any], units: list[str]
) -> bool:
    """Whether the plan says that it leaves the lock's units over, and does.

    Each is left over for a lock, or out of scope with a note that names this lock.
    """
    leads = {area.anchor_unit_id for area in context.plan.areas}
    kind = lock["kind"]
    if kind == "in_area":
        units = [lock["with_unit_id"] if units[0] in leads else units[0]]
    elif kind == "together":
        units = [unit for unit in units if unit not in leads]
    elif kind == "led_by":
        noted = {note.lock for note in context.plan.notes if note.rule == _RULES[kind]}
        return number in noted and units[0] not in context.leaders
    elif kind != "area_kept":
        return False
    noted = {note.lock for note in context.plan.notes if note.rule == _RULES[kind]}
    out = {row.unit_id for row in context.plan.out_of_scope} if number in noted else set()
    excused = out | {row.unit_id for row in context.plan.left_over if row.reason == UNMET}
    is_named = kind == "in_area" or number in noted  # plans of old tell L01 by the reason alone
    return bool(units) and is_named and not area_of.keys() & set(units) and excused >= set(units)


def _units(lock: Any) -> list[str] | None:
    """The units of a lock; None where it has a wrong form."""
    if not isinstance(lock, Mapping) or lock.get("kind") not in _CHECKS:
        return None
    units = lock.get("unit_ids")
    if not isinstance(units, list | tuple) or not all(isinstance(unit, str) for unit in units):
        return None
    pair = lock["kind"] in ("together", "apart")
    if len(units) != 2 if pair else not units:
        return None
    if lock["kind"] in ("in_area", "led_by", "not_led_by") and not isinstance(lock.get("with_unit_id"), str):
        return None
    return list(units)


def _check_in_area(
    context: CheckContext, area_of: Mapping[str, int], lock: Mapping[str, Any], units: list[str]
) -> Iterator[Violation]:
    unit, other = units[0], lock["with_unit_id"]
    there = area_of.get(unit)
    if there is not None and there == area_of.get(other):
        return
    yield make_violation(
        "L01", say("L01.elsewhere", unit=context.named(unit), other=context.named(other)), units=[unit, other]
    )


def _check_kept(
    context: CheckContext, area_of: Mapping[str, int], lock: Mapping[str, Any], units: list[str]
) -> Iterator[Violation]:
    for area in context.plan.areas:
        if set(area.unit_ids) == set(units) and _keeps_leaders(context, area, lock):
            return
    yield make_violation("L02", say("L02.changed", units=context.unit_list(units)), units=units)


def _keeps_leaders(context: CheckContext, area: AreaPart, lock: Mapping[str, Any]) -> bool:
    """Whether the anchor of an area is as locked; with leaders inside, who leads whom where the lock tells it."""
    anchor, led = lock.get("anchor_unit_id"), lock.get("led")
    if not context.plan.has_leaders_inside:
        return area.anchor_unit_id == anchor
    return (anchor is None or anchor in area.anchor_unit_ids) and (led is None or led == area.led)


def _check_led_by(
    context: CheckContext, area_of: Mapping[str, int], lock: Mapping[str, Any], units: list[str]
) -> Iterator[Violation]:
    unit, anchor = units[0], lock["with_unit_id"]
    if context.leaders.get(unit) != anchor:
        named = {"unit": context.named(unit), "anchor": context.named(anchor)}
        yield make_violation("L06", say("L06.not_led", **named), units=[unit, anchor])


def _check_not_led_by(
    context: CheckContext, area_of: Mapping[str, int], lock: Mapping[str, Any], units: list[str]
) -> Iterator[Violation]:
    unit, anchor = units[0], lock["with_unit_id"]
    if context.leaders.get(unit) == anchor:
        named = {"unit": context.named(unit), "anchor": context.named(anchor)}
        yield make_violation("L07", say("L07.led", **named), units=[unit, anchor])


def _check_leads_nobody(
    context: CheckContext, area_of: Mapping[str, int], lock: Mapping[str, Any], units: list[str]
) -> Iterator[Violation]:
    for anchor in units:
        led = sorted(unit for unit, leader in context.leaders.items() if leader == anchor)
        if led:
            sentence = say("L08.leads", anchor=context.named(anchor), units=context.unit_list(led))
            yield make_violation("L08", sentence, units=[anchor, *led])


def _check_together(
    context: CheckContext, area_of: Mapping[str, int], lock: Mapping[str, Any], units: list[str]
) -> Iterator[Violation]:
    one, other = units
    if area_of.get(one) != area_of.get(other):
        yield make_violation("L03", say("L03.apart", unit=context.named(one), other=context.named(other)), units=units)


def _check_apart(
    context: CheckContext, area_of: Mapping[str, int], lock: Mapping[str, Any], units: list[str]
) -> Iterator[Violation]:
    one, other = units
    if area_of.get(one) is not None and area_of.get(one) == area_of.get(other):
        yield make_violation(
            "L04",
            say("L04.together", unit=context.named(one), other=context.named(other)),
            units=units,
            area=context.plan.areas[area_of[one]],
        )


def _check_out(
    context: CheckContext, area_of: Mapping[str, int], lock: Mapping[str, Any], units: list[str]
) -> Iterator[Violation]:
    for unit in units:
        if unit in area_of:
            yield make_violation(
                "L05", say("L05.inside", unit=context.named(unit)), units=[unit], area=context.plan.areas[area_of[unit]]
            )


_CHECKS = {
    "in_area": _check_in_area,
    "area_kept": _check_kept,
    "together": _check_together,
    "apart": _check_apart,
    "out": _check_out,
    "led_by": _check_led_by,
    "not_led_by": _check_not_led_by,
    "leads_nobody": _check_leads_nobody,
}
