"""The tables of next year's work next to the scorecard: quotas, ports lacking, what areas cost."""

from __future__ import annotations

from collections.abc import Mapping
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
from app.exports.public import show_households
from app.exports.workbook import SheetTable, make_columns
from app.i18n import Words
from app.workbench.workbench import N_ANCHORS, find_stray_buildings
from geo.storage.dataset import Dataset

_STATUS = (
    "draft",
    "street_review",
    "owners_consulted",
    "body_formed",
    "tendering",
    "contracted",
    "operating",
    "rejected",
)
_BANDS = ("ok", "no_ports", "no_data")
_METHODS = ("registered", "survey", "estimated", "from_households")


def make_work_sheets(
    dataset: Dataset, facts: Facts, plan: Mapping[str, Any] | None, names: Mapping[str, str], words: Words
) -> tuple[SheetTable, ...]:
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
    words
        Texts in the reader's language.
    """
    found = (
        quota_sheet(facts, names, words),
        agency_sheet(facts, names, words),
        charging_sheet(facts, names, words),
        *((stray_sheet(dataset, facts, names, words),) if dataset.has("edges") else ()),
    )
    if plan is None:
        return found
    return (*found, area_sheet(facts, plan, names, words), stage_sheet(facts, plan, names, words))


def quota_sheet(facts: Facts, names: Mapping[str, str], words: Words) -> SheetTable:
    """各旗县区年度任务分解: what every district owes by year (R60), the city last for comparison.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    names
        Names of places, by code.
    words
        Texts in the reader's language.
    """
    titles = {entry.key: words.pick(entry.name_zh, entry.name_en) for entry in REGISTRY}
    quotas = [quota for level in ("district", "city") for quota in _quotas(facts, level) if quota.target is not None]
    rows = tuple(
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
        for quota in quotas
    )
    columns = make_columns(words("work_sheet.quota_heads"), "tttypnnnnn")
    codes = tuple(quota.admin_code for quota in quotas)
    return SheetTable(words("work_sheet.quota"), words("work_sheet.quota_note"), columns, rows, "places", codes)


def agency_sheet(facts: Facts, names: Mapping[str, str], words: Words) -> SheetTable:
    """责任单位: how the tasks of each agency stand, city first; those lagging are named.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    names
        Names of places, by code.
    words
        Texts in the reader's language.
    """
    states = [
        state
        for level in ("city", "district")
        for state in summarise_agencies(compute_figures((facts,), level=level), facts.policy)
    ]
    rows = tuple(
        (
            state.agency,
            names.get(state.admin_code, state.admin_code),
            len(state.tasks),
            len(state.met),
            len(state.lagging),
            len(state.no_data),
            len(state.no_target),
            "、".join(f"{figure.id} {words.pick(figure.name_zh, figure.name_en)}" for figure in state.lagging),
            "、".join(figure.id for figure in state.no_data),
        )
        for state in states
    )
    columns = make_columns(words("work_sheet.agency_heads"), "ttnnnnnww")
    codes = tuple(state.admin_code for state in states)
    return SheetTable(words("work_sheet.agency"), words("work_sheet.agency_note"), columns, rows, "places", codes)


def charging_sheet(facts: Facts, names: Mapping[str, str], words: Words) -> SheetTable:
    """充电缺口清单: units that lack ports, the worst first; estimates are marked.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    names
        Names of places, by code.
    words
        Texts in the reader's language.
    """
    table = build_charging_table(facts).assign(households_quality=facts.units["households_quality"])
    lacking = table[table["gap_left"] > 0].sort_values(["gap_left", "unit_id"], ascending=[False, True])
    records = lacking.to_dict("records")
    rows = tuple(
        (
            row["unit_id"],
            row["name"],
            names.get(str(row["street_code"]), _text(row["street_code"])),
            show_households(row),
            _number(row["bikes"]),
            words(f"charge.method_{row['method']}") if row["method"] in _METHODS else "",
            _number(row["ports"]),
            _number(row["required"]),
            _number(row["gap"]),
            _number(row["credited"]),
            _number(row["gap_left"]),
            words(f"work_sheet.band_{row['band'] if row['band'] in _BANDS else 'short'}"),
        )
        for row in records
    )
    columns = make_columns(words("work_sheet.charging_heads"), "tttNNtNNNNNt")
    return SheetTable(
        words("work_sheet.charging"),
        words("work_sheet.charging_note"),
        columns,
        rows,
        "units",
        total=words("work_sheet.total"),
    )


def stray_sheet(dataset: Dataset, facts: Facts, names: Mapping[str, str], words: Words) -> SheetTable:
    """单体楼与牵头小区: the nearest anchors of every unmanaged single building, and what blocks each.

    Parameters
    ----------
    dataset
        The dataset.
    facts
        The layers of one roster, and the policy.
    names
        Names of places, by code.
    words
        Texts in the reader's language.
    """
    units = dataset.layer("units").set_index("unit_id")
    name_of = units["name"].to_dict()
    rows = []
    for stray in find_stray_buildings(dataset, facts.policy):
        unit = units.loc[stray.unit_id]
        cells = [
            cell
            for anchor in stray.anchors
            for cell in (
                name_of[anchor.unit_id],
                anchor.gap_m,
                anchor.walk_m,
                describe_obstacles(anchor, zh=words.language == "zh"),
            )
        ]
        cells += [None] * (4 * N_ANCHORS - len(cells))
        rows.append(
            (
                stray.unit_id,
                unit["name"],
                names.get(str(unit["street_code"]), _text(unit["street_code"])),
                show_households(unit),
                _number(unit["floor_area_m2"]),
                *cells,
                "、".join(str(name_of[other]) for other in stray.joins),
            )
        )
    heads = "|".join(words("work_sheet.stray_anchor_heads", n=number) for number in range(1, N_ANCHORS + 1))
    columns = make_columns(words("work_sheet.stray_heads", anchors=heads), "tttnn" + "tddw" * N_ANCHORS + "w")
    return SheetTable(words("work_sheet.stray"), words("work_sheet.stray_note"), columns, tuple(rows), "units")


def area_sheet(facts: Facts, plan: Mapping[str, Any], names: Mapping[str, str], words: Words) -> SheetTable:
    """片区测算: income, posts, gap and sensitivity of every area, and the year it would start.

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    plan
        The plan.
    names
        Names of places, by code.
    words
        Texts in the reader's language.
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
            *_money(found[area["area_id"]], words),
            *_gaps(by_id.loc[list(area["unit_ids"])], facts, area["anchor_unit_id"], rates),
            starts[area["area_id"]],
        )
        for area in plan["areas"]
    ]
    gaps = "".join(f"|{words('work_sheet.gap_at', rate=f'{rate:.0%}')}" for rate in rates)
    columns = make_columns(words("work_sheet.area_heads", gaps=gaps), "tttNNNNNNNtmddd" + "NN" + "N" * len(rates) + "y")
    return SheetTable(
        words("work_sheet.area"),
        words("work_sheet.area_note"),
        columns,
        tuple(rows),
        "areas",
        total=words("work_sheet.total"),
    )


def stage_sheet(facts: Facts, plan: Mapping[str, Any], names: Mapping[str, str], words: Words) -> SheetTable:
    """分期进度: the latest days of every stage of the areas that start, by year (R62).

    Parameters
    ----------
    facts
        The layers of one roster, and the policy.
    plan
        The plan.
    names
        Names of places, by code.
    words
        Texts in the reader's language.
    """
    units = pd.DataFrame(facts.layer("units")).drop(columns="geometry", errors="ignore")
    starts = area_starts(facts, plan, compute_plan_economics(plan, units, facts.policy))
    rows = []
    for area in sorted(plan["areas"], key=lambda a: (starts[a["area_id"]] or 9999, a["area_id"])):
        year = starts[area["area_id"]]
        if year is None:
            continue
        stages = schedule_stages(year, facts.policy, as_of=facts.as_of)
        late = [words.pick(stage.zh, stage.en) for stage in stages if stage.is_late]
        rows.append(
            (
                area["area_id"],
                area["name"],
                names.get(area["street_code"], area["street_code"]),
                year,
                words(f"work_sheet.status_{area.get('status') if area.get('status') in _STATUS else _STATUS[0]}"),
                *(stage.start.isoformat() for stage in stages),
                stages[-1].end.isoformat(),
                "、".join(late),
            )
        )
    stage_heads = "|".join(words("work_sheet.latest", stage=words.pick(*name)) for name in STAGES.values())
    columns = make_columns(words("work_sheet.stage_heads", stages=stage_heads), "tttyt" + "t" * len(STAGES) + "tw")
    return SheetTable(words("work_sheet.stage"), words("work_sheet.stage_note"), columns, tuple(rows), "areas")


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


def _money(found: Economics, words: Words) -> tuple[Any, ...]:
    posts, alone = sum(found.posts.values()), sum(found.posts_alone.values())
    fee = found.break_even_fee
    return (
        round(found.fee_income),
        round(found.sanitation_income),
        round(found.subsidy),
        round(found.cost),
        round(found.gap),
        words("work_sheet.yes" if found.is_acceptable else "work_sheet.no"),
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
