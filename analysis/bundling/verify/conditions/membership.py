"""Who may be in an area, who may lead it, and how large it may be (R01-R05, R10-R13, R31, R40)."""

from __future__ import annotations

from collections.abc import Iterator

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
    """In lead mode every area has an anchor, in whole mode none has."""
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
        if rules.scope == "targets":
            for unit in context.joined(area):
                if not context.target[unit]:
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
    """R10-R12: an anchor is professional, under contract, of a company in good standing."""
    contracts = _last_contracts(context)
    companies = context.dataset.layer("companies").set_index("company_id")
    for area in context.plan.areas:
        unit = area.anchor_unit_id
        if unit is None or unit not in context.units.index:
            continue
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
    for area in context.plan.areas:
        anchor = area.anchor_unit_id
        if anchor is None or anchor not in context.units.index:
            continue
        absorbed = context.joined(area)
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
    """R31: an area without an anchor keeps the bounds of every weight the plan names."""
    rules = context.plan.rules
    bounds: list[tuple[str, float, float | None]] = [(rules.weight, rules.lower, rules.upper)]
    bounds += [(bound.weight, bound.lower, bound.upper) for bound in rules.bounds]
    for area in context.plan.areas:
        if area.anchor_unit_id is None:
            for weight, lower, upper in bounds:
                yield from _check_bound(context, area, weight, lower, upper)


def _check_bound(
    context: CheckContext, area: AreaPart, weight: str, lower: float, upper: float | None
) -> Iterator[Violation]:
    """One weight of one area; floor areas were counted in whole m², unit by unit."""
    members = context.members(area)
    total, rounding, unknown = float(len(members)), 0.0, list[str]()
    if weight != "members":
        column = "households" if weight == "households" else "floor_area_m2"
        total, n_known = context.total(members, column)
        rounding = 0.0 if weight == "households" else 0.5 * len(members)
        if n_known < len(members):
            unknown = [unit for unit in members if pd.isna(context.cell(unit, column))]
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
