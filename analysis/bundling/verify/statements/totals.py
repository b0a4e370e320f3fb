"""The plan's own accounts: every unit once, sums that add up, levels that were computed right."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

import pandas as pd
from scipy.optimize import linear_sum_assignment

from analysis.bundling.model.violations import Violation
from analysis.bundling.verify.base.context import CheckContext, make_violation
from analysis.bundling.verify.base.rule_labels import level_label
from analysis.bundling.verify.base.schema import LevelPart
from analysis.bundling.verify.base.walks import read_area_walks
from analysis.bundling.verify.conditions.preferences import households_against
from analysis.bundling.verify.statements.leading import households_led_by_old, levels_of_leading
from geo.messages import load_catalogue

say = load_catalogue(__file__)

FLOOR_TOLERANCE_M2 = 0.5
"""Sums of floor area may be rounded to whole square metres."""
LEVEL_TOLERANCE = 1e-4
"""Share by which walking may differ: walks are rounded to whole metres one by one."""
COUNT_TOLERANCE = 0.5
"""By how much the other levels may: they are whole numbers."""
IDLE = ("anchor_unused", "member_unused")
"""Reasons of units that take part, ask for no area, and are in none."""
GAP_TOLERANCE = 1e-4
"""Gaps may be written with four decimals."""


def check_partition(context: CheckContext) -> Iterator[Violation]:
    """Areas, left over and out of scope hold each unit of the dataset exactly once."""
    plan = context.plan
    inside = [unit for area in plan.areas for unit in area.unit_ids]
    listed = Counter(inside)
    listed.update(row.unit_id for row in (*plan.left_over, *plan.out_of_scope))
    unknown = [unit for unit in listed if unit not in context.units.index]
    twice = [unit for unit, times in listed.items() if times > 1]
    missing = [unit for unit in context.units.index if unit not in listed]
    unplaced = [unit for unit in inside if unit in context.units.index and not context.placed[unit]]
    for fault, found in (("unknown", unknown), ("twice", twice), ("missing", missing), ("unplaced", unplaced)):
        if found:
            yield make_violation(
                "partition",
                say(f"partition.{fault}", units=context.unit_list(found), n=len(found)),
                units=found,
                value=len(found),
                limit=0,
            )
    for area in plan.areas:
        if area.anchor_unit_id is not None and area.anchor_unit_id not in area.unit_ids:
            yield make_violation(
                "partition",
                say("partition.anchor", unit=context.named(area.anchor_unit_id)),
                units=[area.anchor_unit_id],
                area=area,
            )


def check_sums(context: CheckContext) -> Iterator[Violation]:
    """Households and floor area of each area, anchor included, are those of its units."""
    for area in context.plan.areas:
        for column, stated, tolerance in (
            ("households", area.households, 0.0),
            ("floor_area_m2", area.floor_area_m2, FLOOR_TOLERANCE_M2),
        ):
            members = context.members(area)
            total, n_known = context.total(members, column)
            if stated is None and n_known < len(members):  # missing is missing
                continue
            if stated is None or abs(stated - total) > tolerance:
                yield make_violation(
                    "sums",
                    say(f"sums.{column}", stated=stated, total=total),
                    units=area.unit_ids,
                    area=area,
                    value=stated,
                    limit=total,
                )


def check_levels(context: CheckContext) -> Iterator[Violation]:
    """The plan's levels have the values, and its gaps the arithmetic, that they claim."""
    found = {level.name: level for level in context.plan.levels}
    expected = _expected(context, set(found))
    for name, value in expected.items():
        tolerance = COUNT_TOLERANCE
        if name in ("household_metres", "walks_and_areas") and value is not None:
            tolerance = LEVEL_TOLERANCE * max(1.0, abs(value))
        if name not in found:
            yield make_violation("levels", say("levels.missing", level=level_label(name)))
        elif value is None:
            yield make_violation(
                "levels",
                say("levels.no_data", level=level_label(name), value=found[name].value),
                value=found[name].value,
            )
        elif abs(found[name].value - value) > tolerance:
            yield make_violation(
                "levels",
                say("levels.differs", level=level_label(name), stated=found[name].value, found=value),
                value=found[name].value,
                limit=value,
            )
    for level in context.plan.levels:
        yield from _check_gap(level, claims_optimum=context.plan.status == "optimal")


def _expected(context: CheckContext, found: set[str]) -> dict[str, float | None]:
    """Levels every plan has, and those among `found` that it may have; None = cannot be known."""
    left = [
        row.unit_id for row in context.plan.left_over if row.unit_id in context.units.index and row.reason not in IDLE
    ]
    expected: dict[str, float | None] = {
        "left_over_households": context.total(left, "households")[0],
        "household_metres": household_metres(context),
    }
    if context.plan.has_leaders_inside:
        expected |= levels_of_leading(context)
    elif "unled_households" in found:
        loose = [unit for area in context.plan.areas if area.anchor_unit_id is None for unit in context.members(area)]
        expected["unled_households"] = context.total(loose, "households")[0]
    if "walks_and_areas" in found:
        price_m = area_price_m(context)
        walked = expected["household_metres"]
        expected["walks_and_areas"] = (
            None if price_m is None or walked is None else walked + price_m * len(context.plan.areas)
        )
    if "areas" in found:
        expected["areas"] = len(context.plan.areas)
    if "shared_posts" in found and len(context.plan.rules.staffing_norms) == 4:
        expected["shared_posts"] = shared_posts(context)
    if found & {"cut_pairs", "cut_facing_m"}:
        cut = cut_edges(context)
        if "cut_pairs" in found:
            expected["cut_pairs"] = len(cut)
        if "cut_facing_m" in found:
            expected["cut_facing_m"] = sum_to_metre(cut["facing_m"])
    if "households_led_by_old" in found and context.plan.has_leaders_inside:
        expected["households_led_by_old"] = households_led_by_old(context)
    if "units_moved" in found:
        expected["units_moved"] = units_moved(context)
    preferences = {name for name in found if name.startswith("households_against")}
    if preferences:
        against = households_against(context)
        expected |= {name: against.get(name) for name in preferences}
    return expected


def area_price_m(context: CheckContext) -> float | None:
    """Household-metres an area costs next to walking by the plan's rules; None where it has no price."""
    rules = context.plan.rules
    if not rules.objective:
        return rules.area_worth
    weights = dict(part.split("=") for part in rules.objective if "=" in part)
    if not {"walking", "areas"} <= {*weights} or not float(weights["walking"]):
        return None
    return float(weights["areas"]) / float(weights["walking"])


def cut_edges(context: CheckContext) -> pd.DataFrame:
    """Neighbours, of the `edges` layer whose bytes the plan names, that it plans for and parts."""
    area_of = _area_of(context)
    edges = context.dataset.layer("edges")
    columns = ["unit_a", "unit_b", "facing_m"]
    rows = edges.loc[edges["allowed"].astype(bool), columns].to_numpy(object).tolist()
    is_cut = [a in area_of and b in area_of and (area_of[a] is None or area_of[a] != area_of[b]) for a, b, _ in rows]
    cut = [row for row, parted in zip(rows, is_cut, strict=True) if parted]
    return pd.DataFrame(cut, columns=columns)


def sum_to_metre(metres: pd.Series) -> float | None:
    """Sum to the metre; None where one of them is missing."""
    return None if metres.isna().any() else float(round(metres.astype("float64").sum()))


def units_moved(context: CheckContext) -> float | None:
    """Units planned for in another area than in the plan begun with; None where it is not reported.

    Areas of both plans are matched so that as many units as possible stay.
    """
    if context.plan.start_areas is None:
        return None
    now = pd.Series(_area_of(context), dtype="object")
    start = {unit: str(k) for k, units in enumerate(context.plan.start_areas) for unit in units}
    before = pd.Series(start, dtype="object").reindex(now.index)
    somewhere = now.notna() | before.notna()
    stay = pd.crosstab(before, now).to_numpy()
    rows, columns = linear_sum_assignment(stay, maximize=True)
    return float(somewhere.sum() - stay[rows, columns].sum())


def _area_of(context: CheckContext) -> dict[str, str | None]:
    """The area of each unit the plan is about, None = in none."""
    idle = [row for row in context.plan.out_of_scope if row.reason in IDLE]
    found: dict[str, str | None] = {row.unit_id: None for row in (*context.plan.left_over, *idle)}
    return found | {unit: area.area_id for area in context.plan.areas for unit in context.members(area)}


def shared_posts(context: CheckContext) -> float:
    """Posts of cleaning, greening and repair: areas as one, units planned but in no area alone."""
    cleaning, greening, repair, green_share = context.plan.rules.staffing_norms
    land = context.units["land_area_m2"].astype("float64")
    idle = [row.unit_id for row in context.plan.out_of_scope if row.reason in IDLE]
    groups = [context.members(area) for area in context.plan.areas]
    groups += [[unit] for unit in (*(row.unit_id for row in context.plan.left_over), *idle)]
    total = 0.0
    for units in groups:
        floor, _ = context.total(units, "floor_area_m2")
        green = green_share * float(land[units].sum())
        total += math.ceil(floor / cleaning - 1e-9) + math.ceil(green / greening - 1e-9)
        total += max(1, math.ceil(floor / repair - 1e-9))
    return total


def household_metres(context: CheckContext) -> float:
    """Σ households × walk to who leads each unit, or to the medoid of its area where nobody does."""
    return sum(household_metres_of_areas(context))


def household_metres_of_areas(context: CheckContext) -> list[float]:
    """The same of each area.

    Walks are those of the `walks` layer, whose bytes the plan names; rounded to whole metres, at
    least 1; a walk that is not in the layer counts as the limit.
    """
    walks = zip(context.plan.areas, read_area_walks(context), strict=True)
    return [within.household_metres(area) for area, within in walks]


def _check_gap(level: LevelPart, *, claims_optimum: bool) -> Iterator[Violation]:
    value, bound, gap = level.value, level.bound, level.gap
    if bound is None:
        if gap is not None:
            yield make_violation("levels", say("levels.gap_without_bound", level=level_label(level.name)), value=gap)
        return
    if bound > value + 1e-6 * max(1.0, abs(value)):
        yield make_violation(
            "levels",
            say("levels.impossible_bound", level=level_label(level.name), bound=bound, value=value),
            value=bound,
            limit=value,
        )
        return
    true_gap = (value - bound) / value if value else 0.0
    if gap is None and value == 0:
        return
    if gap is None or abs(gap - true_gap) > GAP_TOLERANCE:
        yield make_violation(
            "levels",
            say("levels.gap", level=level_label(level.name), gap=gap, true_gap=true_gap),
            value=gap,
            limit=true_gap,
        )
    elif claims_optimum and true_gap > GAP_TOLERANCE:
        yield make_violation(
            "levels",
            say("levels.optimal_with_gap", level=level_label(level.name), true_gap=true_gap),
            value=true_gap,
            limit=0,
        )
