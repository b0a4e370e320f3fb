"""The scorecard as files: JSON for machines, xlsx and CSV for planners."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import xlsxwriter

from analysis.bundling.verify.verdict import Verdict, make_verdict
from analysis.bundling.verify.verify import verify_plan
from analysis.figures.facts import Facts
from analysis.figures.figure import (
    CITY_CODE,
    LEVEL_COLUMNS,
    UNKNOWN_CODE,
    Basis,
    Figure,
    Level,
    format_figure,
    format_target,
)
from analysis.indicators.reconcile import reconcile
from analysis.indicators.registry import facts_by_roster, find_baseline_name, is_target_met, make_figure_record
from analysis.indicators.scoreboard import score
from analysis.policy import Policy
from analysis.studies.charging import find_sites_without_ports
from app.exports.workbook import add_head_style, make_workbook, write_head, write_rows
from app.indicators.work_sheets import WorkSheet, make_work_sheets
from geo.admin.gazetteer import district_names, gazetteer_layers, neighbourhood_names, street_names
from geo.errors import UsageError
from geo.findings import Finding
from geo.storage.atomic_files import atomic_write
from geo.storage.dataset import Dataset

DEMO_MARK = "演示数据 (虚构)"
_LEVELS: Mapping[str, str] = {"city": "全市", "district": "旗县区", "street": "街道", "neighbourhood": "社区"}
_BASES: Mapping[str, str] = {"count": "个数", "households": "户数", "floor_area": "建筑面积"}
_ROSTERS: Mapping[str, str] = {"current": "现状名册", "baseline": "基线名册"}
_UNITS: Mapping[str, str] = {
    "ratio": "比率",
    "count": "个",
    "households": "户",
    "m2": "㎡",
    "bikes/port": "辆/端口",
    "ports": "个端口",
    "bays": "个车位",
    "per_1000_households": "件/千户·月",
}
_DETAIL = "指标明细"
_HEAD = (
    "编号",
    "指标",
    "地区代码",
    "地区",
    "层级",
    "年份",
    "数值",
    "数值(原)",
    "单位",
    "分子",
    "分母",
    "计算口径",
    "名册",
    "目标",
    "是否达标",
    "数据齐全率",
    "缺数据单元",
    "估算占比",
    "缺少的列",
    "来源",
    "文号",
    "期间",
    "公式版本",
    "key",
)


@dataclass(frozen=True)
class Scorecard:
    """All figures asked for, what in the reports does not add up, and the facts behind both."""

    facts: Facts
    plan: Mapping[str, Any] | None
    dataset: Dataset
    policy: Policy
    year: int | None
    figures: tuple[Figure, ...]
    findings: tuple[Finding, ...]

    @cached_property
    def verdict(self) -> Verdict | None:
        """What the independent check of the plan found; None without a plan."""
        if self.plan is None:
            return None
        return make_verdict(verify_plan(self.dataset, self.plan, self.policy))


def make_scorecard(
    dataset: Dataset,
    policy: Policy,
    *,
    levels: Sequence[Level] = ("city",),
    basis: Basis = "count",
    year: int | None = None,
    plan: Mapping[str, Any] | None = None,
) -> Scorecard:
    """Compute the figures of some levels; without a year, that of the data counts.

    Parameters
    ----------
    dataset
        The dataset.
    policy
        The policy in force.
    levels
        What places are.
    basis
        What a unit counts for.
    year
        Of the targets; None = that of the data.
    plan
        None without one.
    """
    date = dataset.manifest.data_date
    year = year or (int(date[:4]) if date else None)
    scenes = facts_by_roster(dataset, policy, year=year, plan=plan)
    found = score(scenes, levels=levels, basis=basis).figures
    findings = (*find_sites_without_ports(scenes[0]), *reconcile(scenes[0]))
    return Scorecard(scenes[0], plan, dataset, policy, year, found, findings)


def scorecard_document(card: Scorecard) -> dict[str, Any]:
    """The scorecard as the JSON of architecture §5."""
    records = [make_figure_record(figure) for figure in card.figures]
    for record in records:
        record.update({name: _whole(record[name]) for name in ("numerator", "denominator")})
    manifest, said = card.dataset.manifest, card.verdict
    verdict = None if said is None else {"ok": said.is_met, "zh": said.zh, "en": said.en}
    return {
        "figures": records,
        "findings": [vars(finding) for finding in card.findings],
        "name": manifest.name,
        "demo": manifest.demo,
        "data_date": manifest.data_date,
        "baseline_roster": find_baseline_name(card.dataset),
        "all_sha256": manifest.all_sha256,
        "policy_sha256": card.policy.sha256,
        **({} if verdict is None else {"plan_verdict": verdict}),
    }


def write_scorecard(path: Path, card: Scorecard) -> None:
    """Write the scorecard as .json, .xlsx or .csv; the file appears whole or not at all.

    Parameters
    ----------
    path
        The file to write.
    card
        The figures.

    Raises
    ------
    UsageError
        If the name ends otherwise.
    """
    writers: Mapping[str, Callable[[Scorecard], bytes]] = {
        ".json": _json_bytes,
        ".xlsx": _xlsx_bytes,
        ".csv": _csv_bytes,
    }
    if path.suffix.lower() not in writers:
        raise UsageError(
            f"--out 只支持 .xlsx、.json 或 .csv, 收到“{path.name}”。",
            f"--out takes .xlsx, .json or .csv, got '{path.name}'.",
        )
    body = writers[path.suffix.lower()](card)
    atomic_write(path, body)


def scorecard_lines(card: Scorecard) -> list[str]:
    """One line a figure for the terminal."""
    names = read_place_names(card.dataset)
    return [
        f"{figure.id:<6} {names.get(figure.admin_code, figure.admin_code)}  {figure.name_zh}  "
        f"{format_figure(figure)}{_fraction(figure)}{_target_text(figure)}"
        f"{'' if figure.roster == 'current' else '  [' + _ROSTERS['baseline'] + ']'}"
        f"{'  缺列 ' + ', '.join(figure.missing_columns) if figure.missing_columns else ''}"
        for figure in card.figures
    ]


def _json_bytes(card: Scorecard) -> bytes:
    text = json.dumps(scorecard_document(card), ensure_ascii=False, indent=1, allow_nan=False)
    return (text + "\n").encode("utf-8")


def _csv_bytes(card: Scorecard) -> bytes:
    """UTF-8 with BOM, as Excel and WPS open it; no cell can start a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    for line in _notes(card):
        writer.writerow([_harmless(cell) for cell in line])
    writer.writerow(_HEAD)
    writer.writerows([_harmless(cell) for cell in row] for row in _rows(card))
    return out.getvalue().encode("utf-8-sig")


def _xlsx_bytes(card: Scorecard) -> bytes:
    """A sheet for each level, those of next year's work, what does not add up, where all is from."""

    def fill(book: xlsxwriter.Workbook) -> None:
        bold, title = add_head_style(book), book.add_format({"bold": True, "font_size": 14})
        for level in dict.fromkeys(figure.level for figure in card.figures):
            _sheet(book.add_worksheet(_LEVELS[level]), card, level, bold, title)
        for table in make_work_sheets(card.dataset, card.facts, card.plan, read_place_names(card.dataset)):
            _work_sheet(book.add_worksheet(table.title), card, table, bold, title)
        _work_sheet(book.add_worksheet(_DETAIL), card, _detail_sheet(card), bold, title)
        checks = book.add_worksheet("勾稽")
        write_rows(
            checks, [["规则", "指标", "问题", "Finding"], *[[f.rule, f.column, f.zh, f.en] for f in card.findings]]
        )
        checks.set_column(0, 1, 18)
        checks.set_column(2, 3, 70)
        about = book.add_worksheet("说明")
        write_rows(about, _notes(card))
        about.set_column(0, 0, 18)
        about.set_column(1, 1, 90)

    return make_workbook(fill)


def _detail_sheet(card: Scorecard) -> WorkSheet:
    """Every unit, and in the numerator of which figures it stands: what is behind a number."""
    figures = [
        figure
        for figure in card.figures
        if figure.roster == "current" and figure.level == card.figures[0].level and figure.unit_ids
    ]
    keys = list(dict.fromkeys((figure.id, figure.key, figure.name_zh) for figure in figures))
    counted: dict[str, set[str]] = {}
    for figure in figures:
        counted.setdefault(figure.key, set()).update(figure.unit_ids)
    units = card.facts.layers["units"]
    known = set(units["unit_id"])
    keys = [entry for entry in keys if counted[entry[1]] <= known]
    names = read_place_names(card.dataset)
    rows = [
        (
            row["unit_id"],
            row["name"],
            names.get(row["district_code"], _code(row["district_code"])),
            names.get(row["street_code"], _code(row["street_code"])),
            *(1 if row["unit_id"] in counted[key] else None for _, key, _ in keys),
        )
        for row in units[["unit_id", "name", "district_code", "street_code"]].to_dict("records")
    ]
    return WorkSheet(
        _DETAIL,
        "每个指标分子中的单元记 1 (现状名册): 用筛选即可看到数字背后的小区和单体楼。",
        ("单元编号", "名称", "旗县区", "街道", *(f"{number} {name}" for number, _, name in keys)),
        tuple(rows),
    )


def _code(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _sheet(sheet: Any, card: Scorecard, level: str, bold: Any, title: Any) -> None:
    manifest = card.dataset.manifest
    mark = f"  [{DEMO_MARK}]" if manifest.demo else ""
    sheet.write_string(0, 0, f"{manifest.name} 物业服务指标 {card.year or ''} ({_LEVELS[level]}){mark}", title)
    sheet.write_string(1, 0, "；".join("：".join(line) for line in _notes(card)[1:4]))
    write_head(sheet, _HEAD, bold, row=2)
    write_rows(sheet, _rows(card, level), first=3)
    widths = (11, 38, 14, 16, 8, 7, 12, 12, 9, 11, 11, 9, 10, 10, 9, 10, 10, 9, 40, 8, 24, 10, 8, 34)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(3, 2)
    sheet.autofilter(2, 0, 2 + len(_rows(card, level)), len(_HEAD) - 1)


def _work_sheet(sheet: Any, card: Scorecard, table: WorkSheet, bold: Any, title: Any) -> None:
    mark = f"  [{DEMO_MARK}]" if card.dataset.manifest.demo else ""
    sheet.write_string(0, 0, f"{card.dataset.manifest.name} {table.title}{mark}", title)
    sheet.write_string(1, 0, table.note)
    write_head(sheet, table.head, bold, row=2)
    write_rows(sheet, table.rows, first=3)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, len(table.head) - 1, 14)
    sheet.freeze_panes(3, 1)


def _rows(card: Scorecard, level: str | None = None) -> list[list[Any]]:
    names = read_place_names(card.dataset)
    return [
        [
            figure.id,
            figure.name_zh,
            figure.admin_code,
            names.get(figure.admin_code, figure.admin_code),
            _LEVELS[figure.level],
            figure.year,
            "无数据" if figure.value is None else format_figure(figure),
            figure.value,
            _UNITS.get(figure.unit, figure.unit),
            _whole(figure.numerator),
            _whole(figure.denominator),
            _BASES[figure.basis],
            _ROSTERS[figure.roster],
            format_target(figure),
            {True: "达标", False: "未达标", None: ""}[is_target_met(figure)],
            figure.completeness,
            figure.unknown_units,
            figure.estimated_share,
            ", ".join(figure.missing_columns),
            "计算" if figure.source == "computed" else "上报",
            figure.document_no,
            figure.period,
            figure.formula_version,
            figure.key,
        ]
        for figure in card.figures
        if level is None or figure.level == level
    ]


def _notes(card: Scorecard) -> list[list[str]]:
    manifest = card.dataset.manifest
    files = sorted({str(source.get("file", "")) for source in manifest.sources} - {""})
    demo = [["注意", f"{DEMO_MARK}: 不是任何真实地区的统计"]] if manifest.demo else []
    return [
        ["数据集", manifest.name],
        ["数据日期", manifest.data_date or "未注明"],
        ["数据来源", "、".join(files[:3]) + (f" 等 {len(files)} 个文件" if len(files) > 3 else "")],
        ["规划参数", f"{card.policy.name} (sha256 {card.policy.sha256[:12]})"],
        *demo,
        ["基线名册", find_baseline_name(card.dataset) or "尚未冻结 (pianqu roster freeze)"],
        ["数据哈希", manifest.all_sha256],
        ["计算", "pianqu indicators; 公式见 docs/indicators.md"],
        *([] if card.verdict is None else [["方案核验", card.verdict.zh]]),
    ]


def read_place_names(dataset: Dataset) -> dict[str, str]:
    """Name of every place by its code; of the city, and of units without a code."""
    layers = gazetteer_layers(dataset)
    return {
        CITY_CODE: "全市",
        UNKNOWN_CODE: "(未填代码)",
        **district_names(layers),
        **street_names(layers),
        **neighbourhood_names(layers),
    }


def _fraction(figure: Figure) -> str:
    if figure.numerator is None or figure.denominator is None:
        return ""
    return f" ({figure.numerator:,.0f}/{figure.denominator:,.0f})"


def _target_text(figure: Figure) -> str:
    if figure.target is None:
        return ""
    target = {True: "达标", False: "未达标", None: "无法判定"}[is_target_met(figure)]
    return f"  目标 {format_target(figure)} {target}"


def _whole(value: float | None) -> float | int | None:
    return int(value) if value is not None and float(value).is_integer() else value


def _harmless(cell: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front."""
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{cell}"
    return cell


ALL_LEVELS: tuple[Level, ...] = tuple(LEVEL_COLUMNS)  # type: ignore[arg-type]
