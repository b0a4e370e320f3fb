"""What a plan comes to: areas, units, households, and why units are left over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from analysis.bundling.document.roles import find_leaders
from analysis.bundling.model.sizes import SizeBound, bounds_from_rules


@dataclass(frozen=True)
class ReasonCount:
    """How many units, and households, have one reason.

    Parameters
    ----------
    reason
        Key of `analysis.bundling.document.reasons.REASONS`.
    units
        Number of units.
    households
        Sum over the units whose households are known; None when none is known.
    """

    reason: str
    units: int
    households: int | None


@dataclass(frozen=True)
class LedSummary:
    """The figures of a plan whose areas have leaders inside (mode "area").

    Parameters
    ----------
    leaders
        Anchors that lead somebody.
    led
        (units, households) that are led.
    unled
        Counts of units in an area that nobody leads, by reason, most units first.
    areas_inside_preferred
        Areas of which number of members and floor area are inside the preferred windows (R31).
    """

    leaders: int
    led: tuple[int, int]
    unled: tuple[ReasonCount, ...]
    areas_inside_preferred: int

    @property
    def n_unled_units(self) -> int:
        """Number of units in an area that nobody leads."""
        return sum(count.units for count in self.unled)

    @property
    def n_unled_households(self) -> int:
        """Their households: those of units that are asked about are known."""
        return sum(count.households or 0 for count in self.unled)


@dataclass(frozen=True)
class PlanSummary:
    """The figures of a plan.

    Parameters
    ----------
    areas, area_units
        Number of areas and of units in them, anchors included.
    anchors
        Areas in which somebody leads.
    area_households, area_floor_m2
        Sums over the units of all areas whose figure is known; None when none is known.
    estimated_units
        Units of areas whose households are an estimate.
    left_over, out_of_scope
        Counts by reason, most units first.
    leading
        Of who leads inside areas; None where one anchor at most leads an area.
    """

    areas: int
    area_units: int
    anchors: int
    area_households: int | None
    area_floor_m2: float | None
    estimated_units: int
    left_over: tuple[ReasonCount, ...]
    out_of_scope: tuple[ReasonCount, ...]
    leading: LedSummary | None = None

    @property
    def left_over_units(self) -> int:
        """Number of units left over."""
        return sum(count.units for count in self.left_over)

    @property
    def left_over_households(self) -> int | None:
        """Households left over, of the units where they are known; None when none is known."""
        known = [count.households for count in self.left_over if count.households is not None]
        return sum(known) if known else None


def summarise(document: Mapping[str, Any], units: pd.DataFrame) -> PlanSummary:
    """The figures of a plan document.

    Parameters
    ----------
    document
        PLAN.json (docs/site/en/files.md).
    units
        The `units` layer the plan was made for.

    Examples
    --------
    >>> units = pd.DataFrame({"unit_id": ["a", "b"], "households": [120, None],
    ...     "floor_area_m2": [9600.0, None], "households_quality": ["estimated", "missing"]})
    >>> plan = {"areas": [{"anchor_unit_id": None, "unit_ids": ["a"]}],
    ...     "left_over": [{"unit_id": "b", "reason": "no_neighbour"}], "out_of_scope": []}
    >>> found = summarise(plan, units)
    >>> found.area_households, found.left_over_units, found.left_over_households
    (120, 1, None)
    """
    table = units.set_index("unit_id")
    inside = [unit for area in document["areas"] for unit in area["unit_ids"]]
    members = table.loc[inside]
    households, floor = _sum(members["households"]), _sum(members["floor_area_m2"])
    return PlanSummary(
        areas=len(document["areas"]),
        area_units=len(inside),
        anchors=sum(bool(area["anchor_unit_id"] or area.get("anchor_unit_ids")) for area in document["areas"]),
        area_households=None if households is None else int(households),
        area_floor_m2=floor,
        estimated_units=int((members["households_quality"] == "estimated").sum()),
        left_over=_by_reason(document["left_over"], table),
        out_of_scope=_by_reason(document["out_of_scope"], table),
        leading=_summarise_leading(document, table) if document.get("mode") == "area" else None,
    )


def find_level(document: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """What a plan says of one of its levels; None where it has no such level.

    Parameters
    ----------
    document
        PLAN.json.
    name
        Of the level.
    """
    return next((level for level in document["levels"] if level["name"] == name), None)


def most_led_households(document: Mapping[str, Any], summary: PlanSummary) -> int | None:
    """Households that no plan leads more of, by the bound of those not led; None where none is known.

    Parameters
    ----------
    document
        PLAN.json of mode "area".
    summary
        Its figures.

    Notes
    -----
    Where all units ask for an area (scope "all"), those not led hold others than targets, and the bound says
    nothing of the led.
    """
    level = find_level(document, "not_led_households")
    if summary.leading is None or level is None or level["bound"] is None or document["rules"]["scope"] != "targets":
        return None
    return int(summary.leading.led[1] + level["value"] - level["bound"])


def _summarise_leading(document: Mapping[str, Any], table: pd.DataFrame) -> LedSummary:
    led = [unit for area in document["areas"] for unit in find_leaders(area)]
    return LedSummary(
        leaders=len({anchor for area in document["areas"] for anchor in find_leaders(area).values()}),
        led=(len(led), int(table.loc[led, "households"].fillna(0).sum())),
        unled=_by_reason(document.get("unled", []), table),
        areas_inside_preferred=sum(not area.get("outside_preferred") for area in document["areas"]),
    )


def is_within_bounds(area: Mapping[str, Any], rules: Mapping[str, Any]) -> bool | None:
    """Whether an area keeps the size limits (R31); None for areas with an anchor: they have none.

    One that exceeds a maximum only because a single member alone does keeps it: its entry names that member.

    Parameters
    ----------
    area, rules
        An entry of the plan's `areas`, and the plan's `rules`.

    Examples
    --------
    >>> rules = {"weight": "households", "lower": 1000, "upper": 4000}
    >>> is_within_bounds({"anchor_unit_id": None, "households": 900}, rules)
    False
    """
    if area["anchor_unit_id"] is not None:
        return None
    if "is_within_bounds" in area:  # stated where figures are not all told
        return bool(area["is_within_bounds"])
    figures: dict[str, Any] = {
        "households": area.get("households"),
        "floor_area": area.get("floor_area_m2"),
        "members": len(area.get("unit_ids", ())),
    }
    first = SizeBound(rules["weight"], rules["lower"], rules["upper"])
    bounds = (first, *bounds_from_rules(rules))
    if area.get("oversize_unit_ids"):
        bounds = tuple(replace(bound, upper=None) for bound in bounds)
    return all(bound.holds(figures[bound.weight]) for bound in bounds)


def _by_reason(rows: list[Mapping[str, Any]], table: pd.DataFrame) -> tuple[ReasonCount, ...]:
    if not rows:
        return ()
    reasons = pd.Series({row["unit_id"]: row["reason"] for row in rows})
    households = table["households"].reindex(reasons.index)
    counts = []
    for reason, values in households.groupby(reasons, sort=True):
        total = _sum(values)
        counts.append(ReasonCount(str(reason), len(values), None if total is None else int(total)))
    return tuple(sorted(counts, key=lambda count: (-count.units, count.reason)))


def _sum(values: pd.Series) -> float | None:
    known = values.dropna()
    return float(known.sum()) if len(known) else None


@dataclass(frozen=True)
class RuleScope:
    """How many areas a rule is about.

    Parameters
    ----------
    kind
        "all" areas; those "without_leader", or "with_leader"; "inside": a rule that is preferred only, with
        the areas that are inside its window.
    n
        Such areas.
    total
        Areas of the plan.
    """

    kind: Literal["all", "without_leader", "with_leader", "inside"]
    n: int
    total: int


def find_rule_scopes(document: Mapping[str, Any]) -> dict[str, RuleScope]:
    """For which areas each rule of a plan holds, by the policy's key.

    Sizes (R31) bound areas without an anchor, and with leaders inside (mode "area") every area; radius and
    capacity (R26, R13) bind whoever leads; windows of size are preferred, so those inside are counted.

    Parameters
    ----------
    document
        PLAN.json of any mode.

    Examples
    --------
    >>> areas = [{"anchor_unit_id": "a"}, {"anchor_unit_id": None}, {"anchor_unit_id": None}]
    >>> find_rule_scopes({"mode": "mixed", "areas": areas})["size.households"]
    RuleScope(kind='without_leader', n=2, total=3)
    """
    areas, is_area = document["areas"], document.get("mode") == "area"
    total = len(areas)
    n_led = sum(bool(area["anchor_unit_id"] or area.get("anchor_unit_ids")) for area in areas)
    size = RuleScope("all", total, total) if is_area else RuleScope("without_leader", total - n_led, total)
    led = RuleScope("with_leader", n_led, total)
    found = dict.fromkeys(("size.households", "size.floor_area"), size)
    found |= dict.fromkeys(("anchor.radius_m", "anchor.capacity_ratio", "anchor.must_be_new"), led)
    for key, name in (("area.preferred_members", "members"), ("area.preferred_floor_area_m2", "floor_area")):
        inside = sum(name not in area.get("outside_preferred", ()) for area in areas)
        found[key] = RuleScope("inside", inside, total)
    return found
