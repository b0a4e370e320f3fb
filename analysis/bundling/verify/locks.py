"""What planners have settled, held against the plan: every lock it carries (L01-L05)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.bundling.verify.case import Case, broken
from analysis.bundling.violations import Violation

UNMET = "lock_unmet"
"""The reason of a unit left over because the rules do not let it be where it is locked to."""


def check_locks(case: Case) -> Iterator[Violation]:
    """Each lock of the plan is obeyed.

    L01: the unit is in the area of the unit it is locked to, or left over and said to be so for
    this lock; L02: the units are an area, with this anchor; L03: the two units are in one area or
    both in none; L04: the two are not in one area; L05: the unit is in no area.
    """
    area_of = {unit: k for k, area in enumerate(case.plan.areas) for unit in area.unit_ids}
    for number, lock in enumerate(case.plan.locks):
        units = _units(lock)
        if units is None:
            yield broken(
                "lock",
                f"第 {number + 1} 条锁定写法不对。",
                f"lock {number + 1} has a wrong form.",
            )
            continue
        yield from _CHECKS[lock["kind"]](case, area_of, lock, units)


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
    if lock["kind"] == "in_area" and not isinstance(lock.get("with_unit_id"), str):
        return None
    return list(units)


def _check_in_area(
    case: Case, area_of: Mapping[str, int], lock: Mapping[str, Any], units: list[str]
) -> Iterator[Violation]:
    unit, other = units[0], lock["with_unit_id"]
    there = area_of.get(unit)
    if there is not None and there == area_of.get(other):
        return
    reasons = {row.unit_id: row.reason for row in case.plan.left_over}
    if there is None and reasons.get(unit) == UNMET:
        return
    yield broken(
        "L01",
        f"{case.named(unit)} 已锁定与 {case.named(other)} 同一片区, 方案中不是。",
        f"{case.named(unit)} is locked to the area of {case.named(other)}, but not in it.",
        units=[unit, other],
    )


def _check_kept(
    case: Case, area_of: Mapping[str, int], lock: Mapping[str, Any], units: list[str]
) -> Iterator[Violation]:
    anchor = lock.get("anchor_unit_id")
    for area in case.plan.areas:
        if set(area.unit_ids) == set(units) and area.anchor_unit_id == anchor:
            return
    yield broken(
        "L02",
        f"锁定不变的片区 ({case.some(units)}) 在方案中变了。",
        f"the area locked as it is ({case.some(units)}) has changed.",
        units=units,
    )


def _check_together(
    case: Case, area_of: Mapping[str, int], lock: Mapping[str, Any], units: list[str]
) -> Iterator[Violation]:
    one, other = units
    if area_of.get(one) != area_of.get(other):
        yield broken(
            "L03",
            f"{case.named(one)} 与 {case.named(other)} 锁定在一起, 方案中分开了。",
            f"{case.named(one)} and {case.named(other)} are locked together, but apart in the plan.",
            units=units,
        )


def _check_apart(
    case: Case, area_of: Mapping[str, int], lock: Mapping[str, Any], units: list[str]
) -> Iterator[Violation]:
    one, other = units
    if area_of.get(one) is not None and area_of.get(one) == area_of.get(other):
        yield broken(
            "L04",
            f"{case.named(one)} 与 {case.named(other)} 锁定不在同一片区, 方案中在一起。",
            f"{case.named(one)} and {case.named(other)} are locked apart, but share an area.",
            units=units,
            area=case.plan.areas[area_of[one]],
        )


def _check_out(
    case: Case, area_of: Mapping[str, int], lock: Mapping[str, Any], units: list[str]
) -> Iterator[Violation]:
    for unit in units:
        if unit in area_of:
            yield broken(
                "L05",
                f"{case.named(unit)} 锁定不划入任何片区, 方案中划入了。",
                f"{case.named(unit)} is locked out of every area, but is in one.",
                units=[unit],
                area=case.plan.areas[area_of[unit]],
            )


_CHECKS = {
    "in_area": _check_in_area,
    "area_kept": _check_kept,
    "together": _check_together,
    "apart": _check_apart,
    "out": _check_out,
}
