"""The tables of next year's work next to the scorecard: quotas, ports lacking, what areas cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.economics import (
    SHARED_TRADES,
    Economics,
    build_members,
    compute_plan_economics,
    compute_sensitivity,
    read_norms,
)
from analysis.figures.facts import Facts
from analysis.figures.joins import list_served_units
from analysis.indicators.coverage import is_professional
from analysis.indicators.registry import REGISTRY, compute_figures
from analysis.studies.agencies import summarise_agencies
from analysis.studies.charging import build_charging_table
from analysis.studies.phasing import (
    QUOTA_KEYS,
    STAGES,
    CandidateArea,
    Quota,
    compute_quotas,
    schedule_areas,
    schedule_stages,
)
from analysis.studies.stray_buildings import describe_obstacles
from app.workbench.workbench import N_ANCHORS, find_stray_buildings
from geo.storage.dataset import Dataset

_NOT_KNOWN = "无数据"
_STATUS = {
    "draft": "草案",
    "street_review": "街道审核",
    "owners_consulted": "已征求意见",
    "body_formed": "已组建",
    "tendering": "招标中",
    "contracted": "已签约",
    "operating": "已运行",
    "rejected": "已否决",
}
_BANDS = {"ok": "达标", "no_ports": "无端口", "no_data": _NOT_KNOWN}
_METHODS = {"registered": "上牌", "survey": "摸排", "estimated": "上报估算", "from_households": "按户数估算"}


@dataclass(frozen=True)
class WorkSheet:
    """A table to print: its title, a note under it, heads, rows of texts and numbers."""

    title: str
    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def make_work_sheets(
    dataset: Dataset, facts: Facts, plan: Mapping[str, Any] | None, names: Mapping[str, str]
) -> tuple[WorkSheet, ...]:
    """All tables of work that the data allow.

    Parameters
    ----------
    dataset
        For neighbours and walks, where the graph is built: anchors near single buildings.
    facts
        Of the current roster.
    plan
        A plan document, for what its areas cost and when they start; None without one.
    names
        Name of a place by its code.
    """
    found = (
        quota_sheet(facts, names),
        agency_sheet(facts, names),
        charging_sheet(facts, names),
        *((stray_sheet(dataset, facts, names),) if dataset.has("edges") else ()),
    )
    if plan is None:
        return found
    return (*found, area_sheet(facts, plan, names), stage_sheet(facts, plan, names))


def quota_sheet(facts: Facts, names: Mapping[str, str]) -> WorkSheet:
    """各旗县区年度任务分解: what every district owes by year (R60), the city last for comparison.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    names
        Names of places, by code.
    """
    titles = {entry.key: entry.name_zh for entry in REGISTRY}
    rows = [
        (
            titles[quota.key],
            quota.admin_code,
            names.get(quota.admin_code, quota.admin_code),
            quota.year,
            quota.target,
            quota.served,
            quota.total,
            quota.needed,
            quota.in_year,
            quota.unknown_units,
        )
        for level in ("district", "city")
        for quota in _quotas(facts, level)
        if quota.target is not None
    ]
    return WorkSheet(
        "年度任务",
        "按现状名册、个数口径; 缺口 = ⌈目标 × 总数⌉ − 已覆盖; 各旗县区之和不小于全市。缺数据单元不在分母内。",
        ("指标", "地区代码", "地区", "年份", "目标", "已覆盖", "总数", "累计还需", "其中当年", "缺数据单元"),
        tuple(rows),
    )


def agency_sheet(facts: Facts, names: Mapping[str, str]) -> WorkSheet:
    """责任单位: how the tasks of each agency stand, city first; those lagging are named.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    names
        Names of places, by code.
    """
    rows = [
        (
            state.agency,
            names.get(code, code),
            len(state.tasks),
            len(state.met),
            len(state.lagging),
            len(state.no_data),
            len(state.no_target),
            "、".join(f"{figure.id} {figure.name_zh}" for figure in state.lagging),
            "、".join(figure.id for figure in state.no_data),
        )
        for level in ("city", "district")
        for state in summarise_agencies(compute_figures((facts,), level=level), facts.policy)
        for code in (state.admin_code,)
    ]
    return WorkSheet(
        "责任单位",
        "按行动方案各任务的责任单位; 几家共同负责的任务各计一次, 方案未分清各家份额。只列有目标的指标是否达标。",
        ("责任单位", "地区", "任务数", "达标", "滞后", "无法判定", "无目标", "滞后指标", "无法判定指标"),
        tuple(rows),
    )


def charging_sheet(facts: Facts, names: Mapping[str, str]) -> WorkSheet:
    """充电缺口清单: units that lack ports, the worst first; estimates are marked.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    names
        Names of places, by code.
    """
    table = build_charging_table(facts)
    lacking = table[table["gap_left"] > 0].sort_values(["gap_left", "unit_id"], ascending=[False, True])
    rows = [
        (
            row["unit_id"],
            row["name"],
            names.get(str(row["street_code"]), _text(row["street_code"])),
            _number(row["households"]),
            _number(row["bikes"]),
            _METHODS.get(str(row["method"]), ""),
            _number(row["ports"]),
            _number(row["required"]),
            _number(row["gap"]),
            _number(row["credited"]),
            _number(row["gap_left"]),
            _BANDS.get(str(row["band"]), "未达标"),
        )
        for row in lacking.to_dict("records")
    ]
    return WorkSheet(
        "充电缺口",
        "需要端口 = ⌈电动自行车 ÷ 3⌉ (按规划参数); 桩不计作端口; 估算车数仅供安排, 不能据以称达标; 端口未知者不列。",
        (
            "单元编号",
            "名称",
            "街道",
            "户数",
            "电动自行车",
            "车数来源",
            "在用端口",
            "需要端口",
            "缺口",
            "小区外抵充",
            "抵充后缺口",
            "分级",
        ),
        tuple(rows),
    )


def stray_sheet(dataset: Dataset, facts: Facts, names: Mapping[str, str]) -> WorkSheet:
    """单体楼与牵头小区: the nearest anchors of every unmanaged single building, and what blocks each.

    Parameters
    ----------
    dataset
        The dataset.
    facts
        The layers of one roster, and the policy.
    names
        Names of places, by code.
    """
    units = dataset.layer("units").set_index("unit_id")
    name_of = units["name"].to_dict()
    rows = []
    for stray in find_stray_buildings(dataset, facts.policy):
        unit = units.loc[stray.unit_id]
        cells = [
            cell
            for anchor in stray.anchors
            for cell in (name_of[anchor.unit_id], anchor.gap_m, anchor.walk_m, describe_obstacles(anchor))
        ]
        cells += [None] * (4 * N_ANCHORS - len(cells))
        rows.append(
            (
                stray.unit_id,
                unit["name"],
                names.get(str(unit["street_code"]), _text(unit["street_code"])),
                _number(unit["households"]),
                _number(unit["floor_area_m2"]),
                *cells,
                "、".join(str(name_of[other]) for other in stray.joins),
            )
        )
    heads = [
        f"牵头{number} {what}"
        for number in range(1, N_ANCHORS + 1)
        for what in ("名称", "间距(米)", "步行(米)", "可否带入")
    ]
    return WorkSheet(
        "单体楼与牵头小区",
        "无专业物业的单体楼及其最近的合格牵头小区(合同、黑名单、信用均符合); 步行空白 = 超出计算上限; "
        "不能带入的写明原因与规则。牵头小区是否还有余力取决于整个方案。“可相互连片”为经相邻单体楼可连成一组者。",
        ("单元编号", "名称", "街道", "户数", "建筑面积(㎡)", *heads, "可相互连片的单体楼"),
        tuple(rows),
    )


def area_sheet(facts: Facts, plan: Mapping[str, Any], names: Mapping[str, str]) -> WorkSheet:
    """片区测算: income, posts, gap and sensitivity of every area, and the year it would start.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    plan
        The plan.
    names
        Names of places, by code.
    """
    units = pd.DataFrame(facts.layer("units")).drop(columns="geometry", errors="ignore")
    found = compute_plan_economics(plan, units, facts.policy)
    starts = area_starts(facts, plan, found)
    rates = [float(rate) for rate in facts.policy.value("economics.collection_cases")]
    by_id = units.set_index("unit_id", drop=False)
    rows = [
        (
            area["area_id"],
            area["name"],
            names.get(area["street_code"], area["street_code"]),
            len(area["unit_ids"]),
            area["households"],
            *_money(found[area["area_id"]]),
            *_gaps(by_id.loc[list(area["unit_ids"])], facts, area["anchor_unit_id"], rates),
            starts[area["area_id"]],
        )
        for area in plan["areas"]
    ]
    return WorkSheet(
        "片区测算",
        "元/年; 测算值, 非承诺。人员、价格均为可改参数 (economics.*), 多为假定。"
        "公共收益归各小区业主, 单独列账, 未计入 (R44)。"
        "启动年份按各旗县区缺口、户均缺口由低到高 (R61); 只有投入运行后才计入覆盖率。",
        (
            "片区",
            "名称",
            "街道",
            "单元数",
            "户数",
            "物业费收入",
            "卫生费",
            "补贴",
            "成本",
            "结余",
            "可接受",
            "保本物业费(元/㎡·月)",
            "岗位(合并)",
            "岗位(各自)",
            "绿化保洁维修节省岗位",
            "用缺省值的单元",
            "缺数据单元",
            *(f"收缴率 {rate:.0%} 时结余" for rate in rates),
            "建议启动年份",
        ),
        tuple(rows),
    )


def stage_sheet(facts: Facts, plan: Mapping[str, Any], names: Mapping[str, str]) -> WorkSheet:
    """分期进度: the latest days of every stage of the areas that start, by year (R62).

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    plan
        The plan.
    names
        Names of places, by code.
    """
    units = pd.DataFrame(facts.layer("units")).drop(columns="geometry", errors="ignore")
    starts = area_starts(facts, plan, compute_plan_economics(plan, units, facts.policy))
    rows = []
    for area in sorted(plan["areas"], key=lambda a: (starts[a["area_id"]] or 9999, a["area_id"])):
        year = starts[area["area_id"]]
        if year is None:
            continue
        stages = schedule_stages(year, facts.policy, as_of=facts.as_of)
        late = [stage.zh for stage in stages if stage.is_late]
        rows.append(
            (
                area["area_id"],
                area["name"],
                names.get(area["street_code"], area["street_code"]),
                year,
                _STATUS.get(area.get("status"), "草案"),
                *(stage.start.isoformat() for stage in stages),
                stages[-1].end.isoformat(),
                "、".join(late),
            )
        )
    return WorkSheet(
        "分期进度",
        "由年底倒排的最迟日期: 当年投入运行才计入当年覆盖率 (R63); 各阶段天数为可改假定 (phasing.stage_days)。"
        "进驻后按月评估。“已晚”为数据日期时已错过最迟开始日的阶段。",
        ("片区", "名称", "街道", "启动年份", "状态", *(f"{zh} 最迟开始" for _, zh, _ in STAGES), "最迟运行", "已晚"),
        tuple(rows),
    )


def area_starts(facts: Facts, plan: Mapping[str, Any], found: Mapping[str, Economics]) -> dict[str, int | None]:
    """The year each area of a plan would start under the districts' quotas for G05.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    plan
        The plan.
    found
        Economics of each area, by id.
    """
    units = facts.units.set_index("unit_id")
    served = is_professional(units, facts.policy)
    candidates = [
        CandidateArea(
            area_id=area["area_id"],
            district_code=_text(units.loc[area["unit_ids"][0], "district_code"]),
            street_code=area["street_code"],
            gains=int((~served.loc[list_served_units(area)]).sum()),
            households=float(area["households"] or 0),
            gap_yuan=found[area["area_id"]].gap if not found[area["area_id"]].missing_units else None,
        )
        for area in plan["areas"]
    ]
    owed = {(quota.admin_code, quota.year): quota.in_year for quota in _quotas(facts, "district", (QUOTA_KEYS[0],))}
    years = _years(facts)
    rule = bool(facts.policy.value("phasing.every_street_first"))
    return schedule_areas(candidates, owed, years, every_street_first=rule)


def _quotas(facts: Facts, level: Any, keys: tuple[str, ...] = QUOTA_KEYS) -> tuple[Quota, ...]:
    return compute_quotas(facts, _years(facts), level=level, keys=keys)


def _years(facts: Facts) -> list[int]:
    """The years of the policy that are not over at the date of the data."""
    now = int(facts.as_of[:4]) if facts.as_of else 0
    return [int(year) for year in facts.policy.value("phasing.years") if int(year) >= now]


def _money(found: Economics) -> tuple[Any, ...]:
    posts, alone = sum(found.posts.values()), sum(found.posts_alone.values())
    fee = found.break_even_fee
    return (
        round(found.fee_income),
        round(found.sanitation_income),
        round(found.subsidy),
        round(found.cost),
        round(found.gap),
        "是" if found.is_acceptable else "否",
        None if fee is None else round(fee, 2),
        round(posts, 1),
        round(alone, 1),
        round(sum(found.posts_alone[t] - found.posts[t] for t in SHARED_TRADES), 1),
        found.estimated_units,
        len(found.missing_units),
    )


def _gaps(units: pd.DataFrame, facts: Facts, anchor: str | None, rates: list[float]) -> tuple[int, ...]:
    norms = read_norms(facts.policy)
    members, _ = build_members(units, facts.policy, norms, anchor=anchor)
    return tuple(round(found.gap) for _, found in compute_sensitivity(members, norms, rates))


def _number(value: Any) -> float | int | None:
    if pd.isna(value):
        return None
    return int(value) if float(value).is_integer() else float(value)


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else str(value)
