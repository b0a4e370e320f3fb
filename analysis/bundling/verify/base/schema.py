"""The shape of PLAN.json: every key there, of its type, within its choices (architecture §5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis.bundling.model.violations import Violation

Text = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    """A part of the document; keys that are not known are let through."""

    model_config = ConfigDict(extra="allow", allow_inf_nan=False, frozen=True)


class BoundPart(_Part):
    """Bounds of one more weight of areas without an anchor."""

    weight: Literal["households", "floor_area", "members"]
    lower: Annotated[float, Field(ge=0)]
    upper: Annotated[float, Field(ge=0)] | None


class RulesPart(_Part):
    """The values in force: the fields of `PlanRules`."""

    mode: Literal["lead", "whole", "mixed"]
    scope: Literal["targets", "all"]
    within: Literal["street", "neighbourhood", "none"]
    weight: Literal["households", "floor_area"]
    lower: float
    upper: float
    radius_m: float
    capacity_ratio: float
    streets: tuple[str, ...]
    gap_m: float
    facing_m: float = 0.0  # plans made before it was measured ask for none
    walk_m: float
    detour_factor: Annotated[float, Field(gt=0)]
    walk_limit_m: float
    road_access_m: float = 100.0  # these four: plans made before walks were found on roads
    road_snap_m: float = 15.0
    road_scrap_m: float = 500.0
    closed_road_classes: tuple[str, ...] = ()
    hard_kinds: tuple[str, ...]
    professional_modes: tuple[str, ...]
    old_until_year: int
    min_contract_months: int
    min_credit_rating: Literal["AAA", "AA", "A", "B", "C"]
    allow_unrated: bool
    auto_absorb_special: bool
    exclude_unwilling: bool
    company_growth: Annotated[float, Field(ge=0)] | None = None  # plans made before R15 was held
    company_years: Annotated[float, Field(gt=0)] = 1.0
    area_worth: Annotated[float, Field(ge=0)] = 0.0
    objective: tuple[str, ...] = ()
    staffing_norms: tuple[Annotated[float, Field(ge=0)], ...] = ()
    areas: Annotated[int, Field(ge=0)] | None = None
    bounds: tuple[BoundPart, ...] = ()  # plans made before there was more than one weight
    years_newer: int = 5  # these two: plans made before preferences were counted
    preferred_credit: Literal["AAA", "AA", "A", "B", "C"] = "AA"
    unit_ratio: float = 1.0  # plans made before a unit might be larger than its anchor
    custody_months: int = 12  # plans made before islands were listed


class AreaPart(_Part):
    """One area."""

    area_id: Text
    name: Text
    street_code: str | None
    anchor_unit_id: str | None
    unit_ids: Annotated[tuple[str, ...], Field(min_length=1)]
    households: int | None
    floor_area_m2: float | None


class LevelPart(_Part):
    """One level of the objective, with its bound and gap where there are any."""

    name: Text
    value: float
    bound: float | None = None
    gap: float | None = None


class FallbackPart(_Part):
    """A way out for a single building in no area (R28)."""

    kind: Literal["joint_tender", "platform", "custody"]
    with_unit_ids: tuple[str, ...] = ()


class OutsidePart(_Part):
    """A unit in no area, and why."""

    unit_id: Text
    reason: Text
    fallback: tuple[FallbackPart, ...] | None = None  # plans made before islands were listed


class NotePart(_Part):
    """What a reader should know; with the number of the lock it tells of, where it does."""

    rule: str | None = None
    lock: int | None = None


class ChosenPart(_Part):
    """A rule that somebody chose instead of the policy's value."""

    rule: Text
    value: Any
    policy: Any
    by: Text


class PlanPart(_Part):
    """The whole document."""

    plan_schema: Annotated[Literal["pianqu.plan/1"], Field(alias="schema")]
    planning_sha256: Text
    policy_sha256: Text
    rules: RulesPart
    locks: tuple[Any, ...]
    permits: tuple[Any, ...]
    seed: int
    mode: Literal["lead", "whole", "mixed"]
    status: Literal["optimal", "feasible", "infeasible"]
    levels: tuple[LevelPart, ...]
    seconds: float | None
    areas: tuple[AreaPart, ...]
    left_over: tuple[OutsidePart, ...]
    out_of_scope: tuple[OutsidePart, ...]
    start_areas: tuple[tuple[str, ...], ...] | None = None
    notes: tuple[NotePart, ...] = ()  # plans made before there were any
    chosen: tuple[ChosenPart, ...] | None = None  # plans made before choices were recorded
    certificate: Any = None  # read with no trust in it, see `certificate`

    def locked_out(self) -> frozenset[str]:
        """Units that a lock keeps out of every area."""
        return frozenset(
            str(unit)
            for lock in self.locks
            if isinstance(lock, Mapping) and lock.get("kind") == "out"
            for unit in lock.get("unit_ids", ())
        )


def parse_plan(document: Mapping[str, Any]) -> tuple[PlanPart | None, tuple[Violation, ...]]:
    """Read a document into its parts, or tell all that is wrong with its shape.

    Returns
    -------
    The parts and no violation, or None and every fault.
    """
    try:
        plan = PlanPart.model_validate(document)
    except ValidationError as error:
        return None, tuple(_fault(_where(item["loc"]), item["msg"]) for item in error.errors())
    faults = []
    if plan.mode != plan.rules.mode:
        faults.append(_fault("mode", f"'{plan.mode}' is not rules.mode '{plan.rules.mode}'"))
    for area_id, times in Counter(area.area_id for area in plan.areas).items():
        if times > 1:
            faults.append(_fault("areas", f"area_id '{area_id}' is used {times} times"))
    for unit, times in Counter(unit for area in plan.start_areas or () for unit in area).items():
        if times > 1:
            faults.append(_fault("start_areas", f"unit '{unit}' is there {times} times"))
    return (None if faults else plan), tuple(faults)


def _where(path: tuple[int | str, ...]) -> str:
    """A path into the document.

    >>> _where(("areas", 3, "unit_ids"))
    'areas[3].unit_ids'
    """
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.lstrip(".")


def _fault(where: str, what: str) -> Violation:
    return Violation(
        rule="schema",
        units=(),
        area_id=None,
        value=None,
        limit=None,
        sentence_zh=f"方案文件的 {where} 不合格式: {what}。",
        sentence_en=f"The plan's {where} has a wrong form: {what}.",
    )
