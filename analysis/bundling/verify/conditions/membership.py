"""Who may be in an area, who may lead in it, and how large it may be (R01-R05, R10-R14, R31, R40)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from analysis.bundling.model.violations import Violation
from analysis.bundling.verify.base.context import CheckContext, make_violation
from analysis.bundling.verify.base.schema import AreaPart
from analysis.bundling.verify.conditions.roles import UnitRoles
from geo.messages import load_catalogue

say = load_catalogue(__file__)

_RATINGS = ("AAA", "AA", "A", "B", "C")  # best first
_DAYS_PER_MONTH = 365.2425 / 12


def check_mode(context: CheckContext) -> Iterator[Violation]:
    """In lead mode every area has an anchor, in whole mode none has, in mode "area" leaders are inside."""
    for area in context.plan.areas:
        if context.plan.mode == "lead" and area.anchor_unit_id is None:
            yield make_violation("mode", say("mode.no_anchor"), units=area.unit_ids, area=area)
        if context.plan.mode == "whole" and area.anchor_unit_id is not None:
            yield make_violation(
                "mode",
                say("mode.anchor", unit=context.named(area.anchor_unit_id)),
                units=[area.anchor_unit_id],
                area=area,
            )
        if context.plan.has_leaders_inside and area.anchor_unit_id is not None:
            sentence = say("mode.leader_of_all", unit=context.named(area.anchor_unit_id))
            yield make_violation("mode", sentence, units=[area.anchor_unit_id], area=area)


def check_number(context: CheckContext) -> Iterator[Violation]:
    """As many areas as asked for; a plan that says there is none has none."""
    wanted, found = context.plan.rules.areas, len(context.plan.areas)
    if wanted is not None and found != wanted and (found or context.plan.status != "infeasible"):
        yield make_violation("areas", say("areas.number", wanted=wanted, found=found), value=found, limit=wanted)


def check_scope(context: CheckContext) -> Iterator[Violation]:
    """R01, R02 and the chosen streets: members other than the anchor are units the plan is for."""
    rules = context.plan.rules
    for area in context.plan.areas:
        for unit in context.members(area):
            if rules.streets and context.cell(unit, "street_code") not in rules.streets:
                yield make_violation(
                    "R20",
                    say("R20.not_chosen", unit=context.named(unit), streets=", ".join(rules.streets)),
                    units=[unit],
                    area=area,
                )
        if context.plan.has_leaders_inside:
            yield from _check_members(context, area)
        elif rules.scope == "targets":
            for unit in context.joined(area):
                if not context.target[unit]:
                    yield _target_violation(context, area, unit)


def _check_members(context: CheckContext, area: AreaPart) -> Iterator[Violation]:
    """Mode "area": led are targets alone; an area is made for one; others are members as the rules have it."""
    rules, roles = context.plan.rules, UnitRoles(context)
    members = context.members(area)
    for unit in sorted({*area.led} & {*members}):
        if not context.target[unit]:
            yield _target_violation(context, area, unit)
    if rules.scope == "all":
        return
    if members and not any(context.target[unit] for unit in members):
        yield make_violation("R01", say("R01.no_target_inside"), units=members, area=area)
    if not rules.managed_members:
        for unit in members:
            if not context.target[unit] and not roles.may_lead[unit] and unit not in area.led:
                yield _target_violation(context, area, unit)


def _target_violation(context: CheckContext, area: AreaPart, unit: str) -> Violation:
    mode, year = context.cell(unit, "management_mode"), context.cell(unit, "built_year")
    limit = context.plan.rules.old_until_year
    if context.professional[unit]:
        return make_violation("R01", say("R01.managed", unit=context.named(unit), mode=mode), units=[unit], area=area)
    if context.cell(unit, "is_old") is True and pd.notna(year):
        return make_violation(
            "R02",
            say("R02.new", unit=context.named(unit), year=year, limit=limit),
            units=[unit],
            area=area,
            value=float(year),
            limit=limit,
        )
    return make_violation("R01", say("R01.no_target", unit=context.named(unit)), units=[unit], area=area)


def check_consent(context: CheckContext) -> Iterator[Violation]:
    """R05: handed-over communities need a permit of the data; R40: so do those whose owners refuse.

    What the plan itself lists as permits is not asked.
    """
    rules = context.plan.rules
    for area in context.plan.areas:
        for unit in context.members(area):
            special = context.cell(unit, "special_type")
            asks = unit != area.anchor_unit_id and unit not in context.confirmed
            if asks and pd.notna(special) and not rules.auto_absorb_special:
                yield make_violation(
                    "R05", say("R05.special", unit=context.named(unit), special=special), units=[unit], area=area
                )
            refused = context.cell(unit, "merge_willingness") == "no" and unit not in context.overridden
            if rules.exclude_unwilling and refused:
                yield make_violation("R40", say("R40.unwilling", unit=context.named(unit)), units=[unit], area=area)


def check_states(context: CheckContext) -> Iterator[Violation]:
    """R03: a unit is out of scope only for a reason that the data bear out."""
    roles = UnitRoles(context)
    for row in context.plan.out_of_scope:
        unit = row.unit_id
        if unit in context.units.index and not roles.out_holds(row.reason, unit):
            yield make_violation(
                "R03", say("R03.out_of_scope", unit=context.named(unit), reason=row.reason), units=[unit]
            )


def check_anchors(context: CheckContext) -> Iterator[Violation]:
    """R10-R12: an anchor is professional, under contract, of a company in good standing; R14: new, where it must be."""
    contracts = _last_contracts(context)
    companies = context.dataset.layer("companies").set_index("company_id")
    for area, unit, _ in context.leading:
        if context.plan.has_leaders_inside and context.plan.rules.must_be_new and context.old[unit]:
            yield make_violation("R14", say("R14.old", unit=context.named(unit)), units=[unit], area=area)
        if not context.professional[unit]:
            mode = context.cell(unit, "management_mode")
            yield make_violation("R10", say("R10.mode", unit=context.named(unit), mode=mode), units=[unit], area=area)
        if contracts is not None:
            yield from _check_contract(context, area, unit, contracts)
        company = context.cell(unit, "company_id")
        if pd.isna(company) and contracts is not None and unit in contracts.index:
            company = contracts.loc[unit, "company_id"]
        yield from _check_company(context, area, unit, company, companies)


def _last_contracts(context: CheckContext) -> pd.DataFrame | None:
    """The contract of each unit that ends last; None where nothing is known of contracts."""
    if not context.dataset.has("contracts"):
        return None
    known = context.dataset.layer("contracts").dropna(subset=["unit_id", "end_date"])
    ordered = known.sort_values(["unit_id", "end_date", "contract_id"])
    return ordered.groupby("unit_id").tail(1).set_index("unit_id")


def _check_contract(context: CheckContext, area: AreaPart, unit: str, contracts: pd.DataFrame) -> Iterator[Violation]:
    needed = context.plan.rules.min_contract_months
    if unit not in contracts.index:
        yield make_violation(
            "R10", say("R10.no_contract", unit=context.named(unit)), units=[unit], area=area, limit=needed
        )
        return
    if context.dataset.manifest.data_date is None:
        return
    today = pd.Timestamp(context.dataset.manifest.data_date)
    end = pd.Timestamp(str(contracts.loc[unit, "end_date"]))
    if end < today + pd.DateOffset(months=needed):
        months = (end - today).days / _DAYS_PER_MONTH
        yield make_violation(
            "R10",
            say("R10.short_contract", unit=context.named(unit), end=end, months=months, needed=needed),
            units=[unit],
            area=area,
            value=months,
            limit=needed,
        )


def _check_company(
    context: CheckContext, area: AreaPart, unit: str, company: str, companies: pd.DataFrame
) -> Iterator[Violation]:
    rules = context.plan.rules
    if company in companies.index[companies["blacklisted"].fillna(False).astype(bool)]:
        yield make_violation(
            "R11", say("R11.blacklisted", unit=context.named(unit), company=company), units=[unit], area=area
        )
    rating = companies["credit_rating"].get(company)
    if pd.isna(rating) or rating == "unrated":
        suffices = rules.allow_unrated
        shown = "unrated"
    else:
        suffices = _RATINGS.index(rating) <= _RATINGS.index(rules.min_credit_rating)
        shown = str(rating)
    if not suffices:
        yield make_violation(
            "R12",
            say("R12.rating", unit=context.named(unit), rating=shown, least=rules.min_credit_rating),
            units=[unit],
            area=area,
        )


def check_capacity(context: CheckContext) -> Iterator[Violation]:
    """R13: no absorbed unit is larger than the anchor allows, nor all of them than its capacity."""
    floor = context.units["floor_area_m2"].astype("float64")
    ratio, unit_ratio = context.plan.rules.capacity_ratio, context.plan.rules.unit_ratio
    for area, anchor, absorbed in context.leading:
        unknown = [unit for unit in (anchor, *absorbed) if pd.isna(floor[unit])]
        if unknown:
            yield make_violation("R13", say("R13.missing", units=context.unit_list(unknown)), units=unknown, area=area)
            continue
        largest = float(unit_ratio * floor[anchor])
        for unit in absorbed:
            if floor[unit] > largest * (1 + 1e-12):
                yield make_violation(
                    "R13",
                    say("R13.unit", unit=context.named(unit), floor=floor[unit], largest=largest),
                    units=[unit],
                    area=area,
                    value=floor[unit],
                    limit=largest,
                )
        total, limit = float(floor[absorbed].sum()), float(ratio * floor[anchor])
        if total > limit + 1e-6 * max(1.0, limit):
            yield make_violation(
                "R13", say("R13.sum", total=total, limit=limit), units=absorbed, area=area, value=total, limit=limit
            )


def check_size(context: CheckContext) -> Iterator[Violation]:
    """R31: an area without an anchor, or with leaders inside, keeps the bounds of every weight the plan names.

    With leaders inside the most holds without the one unit that alone exceeds it (`find_oversize`).
    """
    for area in context.plan.areas:
        if area.anchor_unit_id is None or context.plan.has_leaders_inside:
            for weight, lower, upper in size_bounds(context):
                yield from _check_bound(context, area, weight, lower, upper)
            if context.plan.has_leaders_inside:
                yield from _check_figures_known(context, area)


def size_bounds(context: CheckContext) -> list[tuple[str, float, float | None]]:
    """Each weight that bounds an area, with its least and its most; None = no most.

    Parameters
    ----------
    context
        The plan and its tables.
    """
    rules = context.plan.rules
    return [(rules.weight, rules.lower, rules.upper), *((one.weight, one.lower, one.upper) for one in rules.bounds)]


def read_weights(context: CheckContext, units: list[str], weight: str) -> tuple[np.ndarray, float]:
    """What some units weigh, NaN where not known; and by how much each figure may have been rounded.

    Parameters
    ----------
    context
        The plan and its tables.
    units
        Ids of units that exist.
    weight
        "households", "floor_area" (m²) or "members".
    """
    if weight == "members":
        return np.ones(len(units)), 0.0
    if weight == "households":
        return context.figure(units, "households"), 0.0
    return context.figure(units, "floor_area_m2"), 0.5


def find_oversize(context: CheckContext, units: list[str], *, surely: bool) -> set[str]:
    """Units that alone exceed the most of some weight.

    Parameters
    ----------
    context
        The plan and its tables.
    units
        Ids of units that exist.
    surely
        Whether only those count that exceed it however floor areas were rounded.
    """
    found = set()
    for weight, _, upper in size_bounds(context):
        figures, rounding = read_weights(context, units, weight)
        limit = np.inf if upper is None else upper + (rounding if surely else -rounding)
        found |= {unit for unit, figure in zip(units, figures, strict=True) if figure > limit}
    return found


def _check_figures_known(context: CheckContext, area: AreaPart) -> Iterator[Violation]:
    """Mode "area" counts households and floor area of every unit: none without them is in an area."""
    counted = {weight for weight, *_ in size_bounds(context)}
    for weight in ("households", "floor_area"):
        figures, _ = read_weights(context, members := context.members(area), weight)
        unknown = [unit for unit, figure in zip(members, figures, strict=True) if np.isnan(figure)]
        if unknown and weight not in counted:
            sentence = say("R31.missing", measure=say(f"measure.{weight}"), units=context.unit_list(unknown))
            yield make_violation("R31", sentence, units=unknown, area=area)


def _check_bound(
    context: CheckContext, area: AreaPart, weight: str, lower: float, upper: float | None
) -> Iterator[Violation]:
    """One weight of one area; floor areas were counted in whole m², unit by unit."""
    members = context.members(area)
    figures, rounding_each = read_weights(context, members, weight)
    unknown = [unit for unit, figure in zip(members, figures, strict=True) if np.isnan(figure)]
    total, rounding = float(np.nansum(figures)), rounding_each * len(members)
    largest = float(np.nanmax(figures, initial=0.0))
    if context.plan.has_leaders_inside and upper is not None and not unknown and largest > upper - rounding_each:
        upper = max(upper, largest + upper)  # the most holds for what is beside the largest
    if unknown:
        yield make_violation(
            "R31",
            say("R31.missing", measure=say(f"measure.{weight}"), units=context.unit_list(unknown)),
            units=unknown,
            area=area,
        )
    elif total < lower - rounding or (upper is not None and total > upper + rounding):
        is_small = upper is None or total < lower
        limit = lower if is_small else upper
        yield make_violation(
            "R31",
            say(
                "R31.too_small" if is_small else "R31.too_large",
                total=total,
                measure=say(f"measure.{weight}"),
                limit=limit,
            ),
            units=members,
            area=area,
            value=total,
            limit=limit,
        )
