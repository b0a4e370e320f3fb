"""Who may be in an area, who may lead it, and how large it may be (R01-R05, R10-R13, R31, R40)."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis.bundling.model.violations import Violation
from analysis.bundling.verify.conditions.roles import Roles
from analysis.bundling.verify.context import Case, broken
from analysis.bundling.verify.schema import AreaPart

_RATINGS = ("AAA", "AA", "A", "B", "C")  # best first
_DAYS_PER_MONTH = 365.2425 / 12


def check_mode(case: Case) -> Iterator[Violation]:
    """In lead mode every area has an anchor, in whole mode none has."""
    for area in case.plan.areas:
        if case.plan.mode == "lead" and area.anchor_unit_id is None:
            yield broken(
                "mode",
                "“以新带旧”方案的片区必须有牵头小区。",
                "every area of a plan in lead mode needs an anchor.",
                units=area.unit_ids,
                area=area,
            )
        if case.plan.mode == "whole" and area.anchor_unit_id is not None:
            yield broken(
                "mode",
                f"“整片”方案的片区不能有牵头小区 {case.named(area.anchor_unit_id)}。",
                f"an area of a plan in whole mode has no anchor, here {case.named(area.anchor_unit_id)}.",
                units=[area.anchor_unit_id],
                area=area,
            )


def check_number(case: Case) -> Iterator[Violation]:
    """As many areas as asked for; a plan that says there is none has none."""
    wanted, found = case.plan.rules.areas, len(case.plan.areas)
    if wanted is not None and found != wanted and (found or case.plan.status != "infeasible"):
        yield broken(
            "areas",
            f"要求 {wanted} 个片区, 方案有 {found} 个。",
            f"{wanted} areas are asked for, the plan has {found}.",
            value=found,
            limit=wanted,
        )


def check_scope(case: Case) -> Iterator[Violation]:
    """R01, R02 and the chosen streets: members other than the anchor are units the plan is for."""
    rules = case.plan.rules
    for area in case.plan.areas:
        for unit in case.members(area):
            if rules.streets and case.cell(unit, "street_code") not in rules.streets:
                yield broken(
                    "R20",
                    f"{case.named(unit)} 不在选定的街道 ({', '.join(rules.streets)}) 内。",
                    f"{case.named(unit)} is in none of the chosen streets ({', '.join(rules.streets)}).",
                    units=[unit],
                    area=area,
                )
        if rules.scope == "targets":
            for unit in case.joined(area):
                if not case.target[unit]:
                    yield _no_target(case, area, unit)


def _no_target(case: Case, area: AreaPart, unit: str) -> Violation:
    mode, year = case.cell(unit, "management_mode"), case.cell(unit, "built_year")
    limit = case.plan.rules.old_until_year
    if case.professional[unit]:
        return broken(
            "R01",
            f"{case.named(unit)} 已有专业化物业管理 ({mode}), 不应被带入。",
            f"{case.named(unit)} is professionally managed ({mode}) and must not be taken in.",
            units=[unit],
            area=area,
        )
    if case.cell(unit, "is_old") is True and pd.notna(year):
        return broken(
            "R02",
            f"{case.named(unit)} 建成于 {year} 年, 晚于 {limit} 年, 不是老旧小区。",
            f"{case.named(unit)} was built in {year}, after {limit}, and is not old.",
            units=[unit],
            area=area,
            value=float(year),
            limit=limit,
        )
    return broken(
        "R01",
        f"{case.named(unit)} 不是老旧小区、单体楼或产权单位代管小区。",
        f"{case.named(unit)} is no old community, single building or custody community.",
        units=[unit],
        area=area,
    )


def check_consent(case: Case) -> Iterator[Violation]:
    """R05: handed-over communities need a permit of the data; R40: so do those whose owners refuse.

    What the plan itself lists as permits is not asked.
    """
    rules = case.plan.rules
    for area in case.plan.areas:
        for unit in case.members(area):
            special = case.cell(unit, "special_type")
            asks = unit != area.anchor_unit_id and unit not in case.confirmed
            if asks and pd.notna(special) and not rules.auto_absorb_special:
                yield broken(
                    "R05",
                    f"{case.named(unit)} 是移交小区 ({special}), 未经逐个确认不得带入。",
                    f"{case.named(unit)} is a handed-over community ({special}) and was not confirmed.",
                    units=[unit],
                    area=area,
                )
            refused = case.cell(unit, "merge_willingness") == "no" and unit not in case.overridden
            if rules.exclude_unwilling and refused:
                yield broken(
                    "R40",
                    f"{case.named(unit)} 的业主不同意合并。",
                    f"The owners of {case.named(unit)} refuse to be merged.",
                    units=[unit],
                    area=area,
                )


def check_states(case: Case) -> Iterator[Violation]:
    """R03: a unit is out of scope only for a reason that the data bear out."""
    roles = Roles(case)
    for row in case.plan.out_of_scope:
        unit = row.unit_id
        if unit in case.units.index and not roles.out_holds(row.reason, unit):
            yield broken(
                "R03",
                f"{case.named(unit)} 以“{row.reason}”列为范围外, 数据不支持这一理由。",
                f"{case.named(unit)} is out of scope as '{row.reason}', which the data do not bear out.",
                units=[unit],
            )


def check_anchors(case: Case) -> Iterator[Violation]:
    """R10-R12: an anchor is professional, under contract, of a company in good standing."""
    contracts = _last_contracts(case)
    companies = case.dataset.layer("companies").set_index("company_id")
    for area in case.plan.areas:
        unit = area.anchor_unit_id
        if unit is None or unit not in case.units.index:
            continue
        if not case.professional[unit]:
            mode = case.cell(unit, "management_mode")
            yield broken(
                "R10",
                f"牵头小区 {case.named(unit)} 不是专业化物业管理 ({mode})。",
                f"its anchor {case.named(unit)} is not professionally managed ({mode}).",
                units=[unit],
                area=area,
            )
        if contracts is not None:
            yield from _check_contract(case, area, unit, contracts)
        company = case.cell(unit, "company_id")
        if pd.isna(company) and contracts is not None and unit in contracts.index:
            company = contracts.loc[unit, "company_id"]
        yield from _check_company(case, area, unit, company, companies)


def _last_contracts(case: Case) -> pd.DataFrame | None:
    """The contract of each unit that ends last; None where nothing is known of contracts."""
    if not case.dataset.has("contracts"):
        return None
    known = case.dataset.layer("contracts").dropna(subset=["unit_id", "end_date"])
    ordered = known.sort_values(["unit_id", "end_date", "contract_id"])
    return ordered.groupby("unit_id").tail(1).set_index("unit_id")


def _check_contract(case: Case, area: AreaPart, unit: str, contracts: pd.DataFrame) -> Iterator[Violation]:
    needed = case.plan.rules.min_contract_months
    if unit not in contracts.index:
        yield broken(
            "R10",
            f"牵头小区 {case.named(unit)} 没有登记物业合同。",
            f"no contract is recorded for its anchor {case.named(unit)}.",
            units=[unit],
            area=area,
            limit=needed,
        )
        return
    if case.dataset.manifest.data_date is None:
        return
    today = pd.Timestamp(case.dataset.manifest.data_date)
    end = pd.Timestamp(str(contracts.loc[unit, "end_date"]))
    if end < today + pd.DateOffset(months=needed):
        months = (end - today).days / _DAYS_PER_MONTH
        yield broken(
            "R10",
            f"牵头小区 {case.named(unit)} 的合同 {end:%Y-%m-%d} 到期, 剩余 {months:.1f} 个月, 不足 {needed} 个月。",
            f"the contract of its anchor {case.named(unit)} ends on {end:%Y-%m-%d}, "
            f"in {months:.1f} months; {needed} are needed.",
            units=[unit],
            area=area,
            value=months,
            limit=needed,
        )


def _check_company(case: Case, area: AreaPart, unit: str, company: str, companies: pd.DataFrame) -> Iterator[Violation]:
    rules = case.plan.rules
    if company in companies.index[companies["blacklisted"].fillna(False).astype(bool)]:
        yield broken(
            "R11",
            f"牵头小区 {case.named(unit)} 的企业 {company} 在物业行业黑名单上。",
            f"the company {company} of its anchor {case.named(unit)} is blacklisted.",
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
        yield broken(
            "R12",
            f"牵头小区 {case.named(unit)} 的企业信用等级为 {shown}, 低于 {rules.min_credit_rating}。",
            f"the company of its anchor {case.named(unit)} is rated {shown}, below {rules.min_credit_rating}.",
            units=[unit],
            area=area,
        )


def check_capacity(case: Case) -> Iterator[Violation]:
    """R13: no absorbed unit is larger than the anchor allows, nor all of them than its capacity."""
    floor = case.units["floor_area_m2"].astype("float64")
    ratio, unit_ratio = case.plan.rules.capacity_ratio, case.plan.rules.unit_ratio
    for area in case.plan.areas:
        anchor = area.anchor_unit_id
        if anchor is None or anchor not in case.units.index:
            continue
        absorbed = case.joined(area)
        unknown = [unit for unit in (anchor, *absorbed) if pd.isna(floor[unit])]
        if unknown:
            yield broken(
                "R13",
                f"缺少建筑面积, 无法核对带入能力: {case.some(unknown)}。",
                f"floor area is missing, so capacity cannot be checked: {case.some(unknown)}.",
                units=unknown,
                area=area,
            )
            continue
        largest = float(unit_ratio * floor[anchor])
        for unit in absorbed:
            if floor[unit] > largest * (1 + 1e-12):
                yield broken(
                    "R13",
                    f"{case.named(unit)} 建筑面积 {floor[unit]:.0f} ㎡, 大于牵头小区可带入的 {largest:.0f} ㎡。",
                    f"{case.named(unit)} has {floor[unit]:.0f} m², more than its anchor's {largest:.0f} m².",
                    units=[unit],
                    area=area,
                    value=floor[unit],
                    limit=largest,
                )
        total, limit = float(floor[absorbed].sum()), float(ratio * floor[anchor])
        if total > limit + 1e-6 * max(1.0, limit):
            yield broken(
                "R13",
                f"带入建筑面积 {total:.0f} ㎡, 超过牵头小区能力 {limit:.0f} ㎡。",
                f"it takes in {total:.0f} m², more than its anchor's capacity of {limit:.0f} m².",
                units=absorbed,
                area=area,
                value=total,
                limit=limit,
            )


def check_size(case: Case) -> Iterator[Violation]:
    """R31: an area without an anchor keeps the bounds of every weight the plan names."""
    rules = case.plan.rules
    bounds: list[tuple[str, float, float | None]] = [(rules.weight, rules.lower, rules.upper)]
    bounds += [(bound.weight, bound.lower, bound.upper) for bound in rules.bounds]
    for area in case.plan.areas:
        if area.anchor_unit_id is None:
            for weight, lower, upper in bounds:
                yield from _check_bound(case, area, weight, lower, upper)


def _check_bound(case: Case, area: AreaPart, weight: str, lower: float, upper: float | None) -> Iterator[Violation]:
    """One weight of one area; floor areas were counted in whole m², unit by unit."""
    members = case.members(area)
    zh, en = {"households": ("户", "households"), "floor_area": ("㎡", "m²"), "members": ("个单元", "units")}[weight]
    total, rounding, unknown = float(len(members)), 0.0, list[str]()
    if weight != "members":
        column = "households" if weight == "households" else "floor_area_m2"
        total, n_known = case.total(members, column)
        rounding = 0.0 if weight == "households" else 0.5 * len(members)
        if n_known < len(members):
            unknown = [unit for unit in members if pd.isna(case.cell(unit, column))]
    if unknown:
        yield broken(
            "R31",
            f"缺少规模数据 ({zh}), 无法核对上下限: {case.some(unknown)}。",
            f"a figure is missing ({en}), so its size cannot be checked: {case.some(unknown)}.",
            units=unknown,
            area=area,
        )
    elif total < lower - rounding or (upper is not None and total > upper + rounding):
        is_small = upper is None or total < lower
        limit = lower if is_small else upper
        yield broken(
            "R31",
            f"共 {total:.0f} {zh}, {'低于下限' if is_small else '超过上限'} {limit:.0f} {zh}。",
            f"it has {total:.0f} {en}, {'below the least' if is_small else 'above the most'} allowed, {limit:.0f}.",
            units=members,
            area=area,
            value=total,
            limit=limit,
        )
