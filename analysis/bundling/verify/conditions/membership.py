"""Who may be in an area, who may lead it, and how large it may be (R01-R05, R10-R13, R31, R40)."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.bundling.model.violations import Violation
from analysis.bundling.verify.base.context import CheckContext, make_violation
from analysis.bundling.verify.base.schema import AreaPart
from analysis.bundling.verify.conditions.roles import UnitRoles

_RATINGS = ("AAA", "AA", "A", "B", "C")  # best first
_DAYS_PER_MONTH = 365.2425 / 12


def check_mode(context: CheckContext) -> Iterator[Violation]:
    """In lead mode every area has an anchor, in whole mode none has."""
    for area in context.plan.areas:
        if context.plan.mode == "lead" and area.anchor_unit_id is None:
            yield make_violation(
                "mode",
                "“以新带旧”方案的片区必须有牵头小区。",
                "every area of a plan in lead mode needs an anchor.",
                units=area.unit_ids,
                area=area,
            )
        if context.plan.mode == "whole" and area.anchor_unit_id is not None:
            yield make_violation(
                "mode",
                f"“整片”方案的片区不能有牵头小区 {context.named(area.anchor_unit_id)}。",
                f"an area of a plan in whole mode has no anchor, here {context.named(area.anchor_unit_id)}.",
                units=[area.anchor_unit_id],
                area=area,
            )


def check_number(context: CheckContext) -> Iterator[Violation]:
    """As many areas as asked for; a plan that says there is none has none."""
    wanted, found = context.plan.rules.areas, len(context.plan.areas)
    if wanted is not None and found != wanted and (found or context.plan.status != "infeasible"):
        yield make_violation(
            "areas",
            f"要求 {wanted} 个片区, 方案有 {found} 个。",
            f"{wanted} areas are asked for, the plan has {found}.",
            value=found,
            limit=wanted,
        )


def check_scope(context: CheckContext) -> Iterator[Violation]:
    """R01, R02 and the chosen streets: members other than the anchor are units the plan is for."""
    rules = context.plan.rules
    for area in context.plan.areas:
        for unit in context.members(area):
            if rules.streets and context.cell(unit, "street_code") not in rules.streets:
                yield make_violation(
                    "R20",
                    f"{context.named(unit)} 不在选定的街道 ({', '.join(rules.streets)}) 内。",
                    f"{context.named(unit)} is in none of the chosen streets ({', '.join(rules.streets)}).",
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
        return make_violation(
            "R01",
            f"{context.named(unit)} 已有专业化物业管理 ({mode}), 不应被带入。",
            f"{context.named(unit)} is professionally managed ({mode}) and must not be taken in.",
            units=[unit],
            area=area,
        )
    if context.cell(unit, "is_old") is True and pd.notna(year):
        return make_violation(
            "R02",
            f"{context.named(unit)} 建成于 {year} 年, 晚于 {limit} 年, 不是老旧小区。",
            f"{context.named(unit)} was built in {year}, after {limit}, and is not old.",
            units=[unit],
            area=area,
            value=float(year),
            limit=limit,
        )
    return make_violation(
        "R01",
        f"{context.named(unit)} 不是老旧小区、单体楼或产权单位代管小区。",
        f"{context.named(unit)} is no old community, single building or custody community.",
        units=[unit],
        area=area,
    )


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
                    "R05",
                    f"{context.named(unit)} 是移交小区 ({special}), 未经逐个确认不得带入。",
                    f"{context.named(unit)} is a handed-over community ({special}) and was not confirmed.",
                    units=[unit],
                    area=area,
                )
            refused = context.cell(unit, "merge_willingness") == "no" and unit not in context.overridden
            if rules.exclude_unwilling and refused:
                yield make_violation(
                    "R40",
                    f"{context.named(unit)} 的业主不同意合并。",
                    f"The owners of {context.named(unit)} refuse to be merged.",
                    units=[unit],
                    area=area,
                )


def check_states(context: CheckContext) -> Iterator[Violation]:
    """R03: a unit is out of scope only for a reason that the data bear out."""
    roles = UnitRoles(context)
    for row in context.plan.out_of_scope:
        unit = row.unit_id
        if unit in context.units.index and not roles.out_holds(row.reason, unit):
            yield make_violation(
                "R03",
                f"{context.named(unit)} 以“{row.reason}”列为范围外, 数据不支持这一理由。",
                f"{context.named(unit)} is out of scope as '{row.reason}', which the data do not bear out.",
                units=[unit],
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
            yield make_violation(
                "R10",
                f"牵头小区 {context.named(unit)} 不是专业化物业管理 ({mode})。",
                f"its anchor {context.named(unit)} is not professionally managed ({mode}).",
                units=[unit],
                area=area,
            )
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
            "R10",
            f"牵头小区 {context.named(unit)} 没有登记物业合同。",
            f"no contract is recorded for its anchor {context.named(unit)}.",
            units=[unit],
            area=area,
            limit=needed,
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
            f"牵头小区 {context.named(unit)} 的合同 {end:%Y-%m-%d} 到期, 剩余 {months:.1f} 个月, 不足 {needed} 个月。",
            f"the contract of its anchor {context.named(unit)} ends on {end:%Y-%m-%d}, "
            f"in {months:.1f} months; {needed} are needed.",
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
            "R11",
            f"牵头小区 {context.named(unit)} 的企业 {company} 在物业行业黑名单上。",
            f"the company {company} of its anchor {context.named(unit)} is blacklisted.",
            units=[unit],
            area=area,
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
            f"牵头小区 {context.named(unit)} 的企业信用等级为 {shown}, 低于 {rules.min_credit_rating}。",
            f"the company of its anchor {context.named(unit)} is rated {shown}, below {rules.min_credit_rating}.",
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
            yield make_violation(
                "R13",
                f"缺少建筑面积, 无法核对带入能力: {context.unit_list(unknown)}。",
                f"floor area is missing, so capacity cannot be checked: {context.unit_list(unknown)}.",
                units=unknown,
                area=area,
            )
            continue
        largest = float(unit_ratio * floor[anchor])
        for unit in absorbed:
            if floor[unit] > largest * (1 + 1e-12):
                yield make_violation(
                    "R13",
                    f"{context.named(unit)} 建筑面积 {floor[unit]:.0f} ㎡, 大于牵头小区可带入的 {largest:.0f} ㎡。",
                    f"{context.named(unit)} has {floor[unit]:.0f} m², more than its anchor's {largest:.0f} m².",
                    units=[unit],
                    area=area,
                    value=floor[unit],
                    limit=largest,
                )
        total, limit = float(floor[absorbed].sum()), float(ratio * floor[anchor])
        if total > limit + 1e-6 * max(1.0, limit):
            yield make_violation(
                "R13",
                f"带入建筑面积 {total:.0f} ㎡, 超过牵头小区能力 {limit:.0f} ㎡。",
                f"it takes in {total:.0f} m², more than its anchor's capacity of {limit:.0f} m².",
                units=absorbed,
                area=area,
                value=total,
                limit=limit,
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
    zh, en = {"households": ("户", "households"), "floor_area": ("㎡", "m²"), "members": ("个单元", "units")}[weight]
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
            f"缺少规模数据 ({zh}), 无法核对上下限: {context.unit_list(unknown)}。",
            f"a figure is missing ({en}), so its size cannot be checked: {context.unit_list(unknown)}.",
            units=unknown,
            area=area,
        )
    elif total < lower - rounding or (upper is not None and total > upper + rounding):
        is_small = upper is None or total < lower
        limit = lower if is_small else upper
        yield make_violation(
            "R31",
            f"共 {total:.0f} {zh}, {'低于下限' if is_small else '超过上限'} {limit:.0f} {zh}。",
            f"it has {total:.0f} {en}, {'below the least' if is_small else 'above the most'} allowed, {limit:.0f}.",
            units=members,
            area=area,
            value=total,
            limit=limit,
        )
