"""The shape of PLAN.json: every key there, of its type, within its choices (docs/site/en/files.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from analysis.bundling.model.violations import Violation
from geo.messages import load_catalogue

say = load_catalogue(__file__)

Text = Annotated[str, Field(min_length=1)]
Window = tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]]


class _Part(BaseModel):
    """A part of the document; keys that are not known are let through."""

    model_config = ConfigDict(extra="allow", allow_inf_nan=False, frozen=True)


class BoundPart(_Part):
    """Bounds of one more weight of areas."""

    weight: Literal["households", "floor_area", "members"]
    lower: Annotated[float, Field(ge=0)]
    upper: Annotated[float, Field(ge=0)] | None


class RulesPart(_Part):
    """The values in force: the fields of `PlanRules`."""

    mode: Literal["area", "lead", "whole", "mixed"]
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
    preferred_members: Window = (3, 12)  # these five: plans made before areas had leaders inside
    preferred_floor_area_m2: Window = (100_000, 300_000)
    reach_m: Annotated[float, Field(ge=0)] = 1500.0
    managed_members: bool = True
    must_be_new: bool = False


class AreaPart(_Part):
    """One area; what is told after its sums is of mode "area", where leaders are inside."""

    area_id: Text
    name: Text
    street_code: str | None
    anchor_unit_id: str | None
    unit_ids: Annotated[tuple[str, ...], Field(min_length=1)]
    households: int | None
    floor_area_m2: float | None
    anchor_unit_ids: tuple[str, ...] = ()
    led: dict[str, str] = Field(default_factory=dict)
    operator: str | None = None
    company_ids: tuple[str, ...] = ()
    oversize_unit_ids: tuple[str, ...] = ()
    outside_preferred: tuple[Literal["members", "floor_area"], ...] = ()


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


class UnledPart(_Part):
    """A target in an area that nobody leads, and why; mode "area"."""

    unit_id: Text
    reason: Text


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
    mode: Literal["area", "lead", "whole", "mixed"]
    status: Literal["optimal", "feasible", "infeasible"]
    levels: tuple[LevelPart, ...]
    seconds: float | None
    areas: tuple[AreaPart, ...]
    left_over: tuple[OutsidePart, ...]
    out_of_scope: tuple[OutsidePart, ...]
    unled: tuple[UnledPart, ...] = ()
    start_areas: tuple[tuple[str, ...], ...] | None = None
    notes: tuple[NotePart, ...] = ()  # plans made before there were any
    chosen: tuple[ChosenPart, ...] | None = None  # plans made before choices were recorded
    certificate: Any = None  # read with no trust in it, see `certificate`

    @property
    def has_leaders_inside(self) -> bool:
        """Whether an area may hold several leaders, each with the units it leads (mode "area")."""
        return self.mode == "area"

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
    faults += _leading_faults(plan)
    return (None if faults else plan), tuple(faults)


_OF_AREAS = ("anchor_unit_ids", "led", "operator", "company_ids", "oversize_unit_ids", "outside_preferred")
"""Keys that every area of mode "area" has."""


def _leading_faults(plan: PlanPart) -> Iterator[Violation]:
    """What is wrong with the shape of who leads whom inside areas, and with the list of those nobody leads."""
    if plan.mode != "area":
        if plan.unled:
            yield _fault("unled", f"mode '{plan.mode}' has no such list")
        for k, area in enumerate(plan.areas):
            led = dict.fromkeys((unit for unit in area.unit_ids if unit != area.anchor_unit_id), area.anchor_unit_id)
            if area.led and (area.anchor_unit_id is None or area.led != led):
                yield _fault(f"areas[{k}].led", f"mode '{plan.mode}' has one anchor for all units of an area")
        return
    if "unled" not in plan.model_fields_set:
        yield _fault("unled", "mode 'area' needs it")
    for unit, times in Counter(row.unit_id for row in plan.unled).items():
        if times > 1:
            yield _fault("unled", f"unit '{unit}' is there {times} times")
    for k, area in enumerate(plan.areas):
        for name in _OF_AREAS:
            if name not in area.model_fields_set:
                yield _fault(f"areas[{k}].{name}", "mode 'area' needs it")
        members, leaders = set(area.unit_ids), set(area.led.values())
        for unit, leader in sorted(area.led.items()):
            if unit not in members:
                yield _fault(f"areas[{k}].led", f"'{unit}' is no unit of the area")
            if leader not in members:
                yield _fault(f"areas[{k}].led", f"'{leader}', who leads '{unit}', is no unit of the area")
            if leader in area.led:
                yield _fault(f"areas[{k}].led", f"'{leader}', who leads '{unit}', is led itself")
        if set(area.anchor_unit_ids) != leaders or len(area.anchor_unit_ids) != len(leaders):
            yield _fault(f"areas[{k}].anchor_unit_ids", "they are not those who lead a unit, each once")


def _where(path: tuple[int | str, ...]) -> str:
    """A path into the document.

    >>> _where(("areas", 3, "unit_ids"))
    'areas[3].unit_ids'
    """
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.lstrip(".")


def _fault(where: str, what: str) -> Violation:
    return Violation("schema", (), None, None, None, *say("schema.form", where=where, what=what))
