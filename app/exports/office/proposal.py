"""The Word proposal of a plan (片区划分方案): state, basis, principles, areas, maps, economics, islands, values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.bundling.document.roles import ROLE_NAMES
from analysis.figures.figure import CITY_CODE, CURRENT, Figure, format_figure, format_target
from analysis.indicators.registry import compute_figures, is_target_met
from app.exports.office.papers import Papers, open_papers
from app.exports.office.pictures import draw_area, draw_overview
from app.exports.office.plan_tables import make_area_table, make_left_over_table
from app.exports.office.records import (
    AREA_FIELDS,
    ECONOMICS_FIELDS,
    LEFT_OVER_FIELDS,
    PARAMETER_FIELDS,
    clean,
    format_cell,
    make_records,
)
from app.exports.office.source_tables import list_sources, make_parameter_table
from app.exports.office.word import fill_template, find_template
from app.exports.office.xlsx import select_part
from app.exports.plan_table import list_notices, tell_estimated, tell_overlaps
from app.exports.public import is_hidden, show_households
from app.exports.request import ExportPart, ExportRequest
from app.exports.workbook import SheetTable
from app.maps.cards import format_mode
from app.maps.leaders import format_walk, read_leader_walks
from app.workbench.formats import format_built_year, format_count, to_plain
from app.workbench.kept import keep_with_owner
from app.workbench.plan_rules import format_rules
from app.workbench.scenario import COVERAGES
from geo.schema import ESTIMATED_GROUND
from geo.storage.atomic_files import atomic_write

MOST_AREAS = 100
"""Pages of areas in one document: an office PC opens it in moments, and it goes by mail."""
_PICTURE_MM = 126.0
_MOST_FILES = 4
"""Files that are named; the workbook names all."""
_HECTARE = 10_000.0
_DETAILS = ("blocked", "ways")
COLUMNS = {"both": _DETAILS, "blocked": ("blocked",), "ways": ("ways",), "neither": ()}
"""Which details the units left over for one reason have: the template has a table for each."""
_LEGAL_FORM = re.compile(r"(股份|责任)?有限(责任)?公司")
"""Of a company's name; in a list of areas the rest is told, on the page of an area all of it."""


def write_proposal(request: ExportRequest, part: ExportPart, folder: Path) -> tuple[Path, ...]:
    """Write the Word proposal of one part of a plan, in volumes where it has more areas than one document should.

    Each volume stands alone: the state, basis and values of the whole part, and the tables and pages of its areas.

    Parameters
    ----------
    request
        What is exported; its own template where it names one.
    part
        The city, a district or a street.
    folder
        Where to.
    """
    numbers = tuple(int(number) - 1 for number in part.areas["area_number"])
    n_volumes = max(1, -(-len(numbers) // MOST_AREAS))
    size = -(-len(numbers) // n_volumes) or 1
    return tuple(
        _write_volume(request, part, folder, numbers[k * size : (k + 1) * size], (k + 1, n_volumes))
        for k in range(n_volumes)
    )


def _write_volume(
    request: ExportRequest, part: ExportPart, folder: Path, numbers: Sequence[int], volume: tuple[int, int]
) -> Path:
    papers, what = open_papers(request), request.words("export.docx_file")
    head = make_head(papers, part)
    if volume[1] > 1:
        named = papers.words("office.volume", n=volume[0], of=volume[1])
        head["status"] = f"{named} · {head['status']}"
        what = f"{what}_{named}"
    own = [papers.bench.areas[number]["area_id"] for number in numbers]
    context = {
        **head,
        "state": _describe_state(papers, part),
        "figures": [_figure_row(figure, papers) for figure in _find_figures(papers, part)],
        "basis": _list_basis(papers),
        "principles": _list_principles(papers),
        **_describe_result(papers, part),
        **_make_tables(papers, part, own),
        "pages": [_area_page(papers, number) for number in numbers],
        "map_note": papers.words("office.map_note"),
        "area_note": papers.words("office.area_map_note"),
    }
    pictures = {str(papers.bench.areas[number]["area_id"]): draw_area(papers, number) for number in numbers}
    is_all = part.level == "city" and volume[1] == 1
    pictures["overview"] = draw_overview(papers, None if is_all else tuple(numbers))
    template = request.template or find_template("proposal", request.language)
    path = folder / request.file_name(what, part, ".docx")
    atomic_write(path, fill_template(template, context, pictures, _PICTURE_MM))
    return path


def make_head(papers: Papers, part: ExportPart) -> dict[str, Any]:
    """What every document says: place, status, date, marks, notice, tags, verdict, hashes.

    Parameters
    ----------
    papers
        Of the plan.
    part
        The city, a district or a street.
    """
    words, sources = papers.words, list_sources(papers)
    demo = (words("scorecard.demo"),) if papers.bench.dataset.manifest.demo else ()
    marks = (*demo, *papers.marks, *((words("export.public_label"),) if papers.is_public else ()))
    status = words("office.status_draft") if papers.marks else words("office.status_checked")
    name = part.name or words("scorecard.no_code")
    city = papers.bench.policy.city_zh if part.level != "city" else ""
    hashes = "  ".join(
        f"{words(f'office.about_{key}')}: {sources[key]}" for key in ("plan_id", "data_hash", "policy_hash", "program")
    )
    return {
        "place": clean(name),
        "city": clean(city),
        "status": " · ".join((status, *demo)),
        "date": papers.bench.dataset.manifest.data_date or words("office.unknown"),
        "marks": " · ".join(marks),
        "watermark": words("office.watermark") if papers.marks else "",
        "notice": " ".join(list_notices(papers.bench.dataset, words)),
        "tags": sources["tags"],
        "verdict": clean(sources["verdict"]),
        "hashes": hashes,
    }


def _describe_state(papers: Papers, part: ExportPart) -> dict[str, str]:
    units = papers.bench.units[papers.bench.units["unit_id"].isin(part.units["unit_id"])]
    is_old = units["is_old"].astype("boolean").fillna(False)
    mode = units["management_mode"].astype(object)
    points = papers.words.pick("", " ").join(
        filter(None, (tell_estimated(papers.bench.dataset, papers.words, units), tell_overlaps(papers.words, units)))
    )
    old = format_count(is_old.sum()) if units["is_old"].notna().any() else ""
    return {
        "communities": format_count((units["kind"] == "community").sum()),
        "buildings": format_count((units["kind"] == "single_building").sum()),
        "households": format_count(units["households"].sum(min_count=1)),
        "floor_area": _hectares(units["floor_area_m2"].sum(min_count=1), papers),
        "amounts": _tell_amounts(units["households"], units["floor_area_m2"], papers),
        "no_households": format_count((units["households"].isna() & ~is_hidden(units["households_quality"])).sum()),
        "points": f"{papers.words.pick('', ' ')}{points}" if points else "",
        "guessed": format_count((units["households_quality"] == "estimated").sum()),
        "old": old or papers.words("office.unknown"),
        "ages": papers.words("office.old", n=old) if old else papers.words("office.old_unknown"),
        "no_mode": format_count((mode.isna() | (mode == "unknown")).sum()),
    }


def _tell_amounts(households: pd.Series, floor_area: pd.Series, papers: Papers) -> str:
    """Sums of what is known; where nothing is, that."""
    words = papers.words
    homes, area = households.sum(min_count=1), floor_area.sum(min_count=1)
    return words.pick(", ", "; ").join(
        (
            words("office.no_households") if pd.isna(homes) else words("office.households", n=format_count(homes)),
            words("office.no_floor_area") if pd.isna(area) else words("office.floor_area", n=_hectares(area, papers)),
        )
    )


def _find_figures(papers: Papers, part: ExportPart) -> list[Figure]:
    code = CITY_CODE if part.level == "city" else part.code
    figures = compute_figures((papers.facts,), level=part.level, keys=COVERAGES)
    return [figure for figure in figures if figure.admin_code == code and figure.roster == CURRENT]


def _figure_row(figure: Figure, papers: Papers) -> dict[str, str]:
    words = papers.words
    met = {True: words("scorecard.met"), False: words("scorecard.missed"), None: words("office.unknown")}
    known = figure.numerator is not None and figure.denominator is not None
    return {
        "name": words.pick(figure.name_zh, figure.name_en),
        "value": words("scorecard.no_data") if figure.value is None else format_figure(figure),
        "fraction": f"{figure.numerator:,.0f} / {figure.denominator:,.0f}" if known else words("office.unknown"),
        "target": format_target(figure) or words("office.no_target"),
        "met": met[is_target_met(figure)] if figure.target is not None else "",
        "complete": format_cell(figure.completeness, "p"),
    }


def _list_basis(papers: Papers) -> list[str]:
    words, sources, policy = papers.words, list_sources(papers), papers.bench.policy
    date = papers.bench.dataset.manifest.data_date or words("office.unknown")
    files = (sources["files"] or sources["dataset"]).split("、")
    more = words("scorecard.more_files", n=len(files)) if len(files) > _MOST_FILES else ""
    return [
        clean(words("office.basis_policy", name=f"{policy.name} {policy.version}".strip())),
        words("office.basis_rule"),
        clean(words("office.basis_data", files="、".join(files[:_MOST_FILES]) + more, date=date)),
        clean(words("office.basis_values", values=sources["policy"])),
    ]


def _list_principles(papers: Papers) -> list[str]:
    bench = papers.bench
    rules = format_rules(bench.plan or {}, bench.policy, papers.words)
    return [clean(f"{n}. {rule}: {value} [{source}]") for n, (rule, value, source) in enumerate(rules, 1)]


def _describe_result(papers: Papers, part: ExportPart) -> dict[str, Any]:
    inside = part.units["area_id"].notna()
    count = part.units["role"].value_counts()
    led = part.units["leader_unit_id"].notna().sum()
    return {
        "result": {
            "areas": format_count(len(part.areas)),
            "units": format_count(inside.sum()),
            "households": format_count(part.units["households"][inside].sum(min_count=1)),
            "amounts": _tell_amounts(part.units["households"][inside], part.units["floor_area_m2"][inside], papers),
            "led": format_count(led),
            "unled": format_count(count.get("unled", 0)),
            "left_over": format_count(count.get("left_over", 0)),
        }
    }


def _make_tables(papers: Papers, part: ExportPart, own: Sequence[str]) -> dict[str, Any]:
    words = papers.words
    unknown = words("office.unknown")
    islands = make_records(select_part(make_left_over_table(papers), part), LEFT_OVER_FIELDS, unknown)
    for row in islands:
        row["ways"] = "" if row["ways"] == unknown else row["ways"]
        row["blocked"] = "" if row["blocked"] == unknown else row["blocked"].split("\n")[0]
    return {
        "areas": [list_area_records(papers)[area] for area in own],
        "economics": [list_economics_records(papers)[area] for area in own],
        "economics_note": find_economics(papers).note,
        "left_over": [_group(list(rows), papers) for _, rows in groupby(islands, lambda r: (r["state"], r["reason"]))],
        "parameters": make_records(make_parameter_table(papers), PARAMETER_FIELDS, ""),
    }


@keep_with_owner
def list_area_records(papers: Papers) -> Mapping[str, Mapping[str, str]]:
    """Each area of a plan as texts, by its id; one without a leader says so.

    Parameters
    ----------
    papers
        Of the plan.
    """
    rows = make_records(make_area_table(papers), AREA_FIELDS, papers.words("office.unknown"))
    none = {area["area_id"] for area in papers.bench.areas if not (area.get("led") or area["anchor_unit_id"])}
    for row in rows:
        row["operator_short"] = _LEGAL_FORM.sub("", row["operator"])
    return {row["id"]: {**row, "leaders": papers.words("office.none")} if row["id"] in none else row for row in rows}


@keep_with_owner
def list_economics_records(papers: Papers) -> Mapping[str, Mapping[str, str]]:
    """The economics of each area of a plan as texts, by its id.

    Parameters
    ----------
    papers
        Of the plan.
    """
    table = find_economics(papers)
    rows = make_records(table, ECONOMICS_FIELDS, papers.words("office.unknown"))
    incomes = [sum(cell for cell in row[5:8] if cell is not None) for row in table.rows]
    return {row["id"]: {**row, "income": f"{income:,}"} for row, income in zip(rows, incomes, strict=True)}


def find_economics(papers: Papers) -> SheetTable:
    """The table of economics among those of a plan's work.

    Parameters
    ----------
    papers
        Of the plan.
    """
    title = papers.words("work_sheet.area")
    return next(table for table in papers.work_tables if table.title == title)


def _group(rows: Sequence[Mapping[str, str]], papers: Papers) -> dict[str, Any]:
    ids = [papers.bench.position_of[row["id"]] for row in rows]
    homes = papers.bench.units["households"].iloc[ids].sum(min_count=1)
    first, details = rows[0], tuple(name for name in _DETAILS if any(row[name] for row in rows))
    return {
        "state": first["state"],
        "reason": first["reason"].rstrip("。."),
        "count": format_count(len(rows)),
        "households": format_count(homes),
        "homes": papers.words("office.no_households" if pd.isna(homes) else "unit.households", n=format_count(homes)),
        "shows": next(name for name, columns in COLUMNS.items() if columns == details),
        "rows": rows,
    }


def _area_page(papers: Papers, number: int) -> dict[str, Any]:
    bench, words = papers.bench, papers.words
    area = bench.areas[number]
    own, money = list_area_records(papers)[area["area_id"]], list_economics_records(papers)[area["area_id"]]
    members = [bench.position_of[unit] for unit in area["unit_ids"]]
    units = bench.units.iloc[members]
    walks = [walk for unit in members if (walk := read_leader_walks(bench).get(unit)) is not None]
    return {
        **own,
        "members": f"{len(members)} / {_known_sum(units['building_count'], papers)}",
        "land": _hectares(units["land_area_m2"].sum(min_count=1), papers, _count_missing(units["land_area_m2"])),
        "floor_ha": _hectares(units["floor_area_m2"].sum(min_count=1), papers, _count_missing(units["floor_area_m2"])),
        "walks": words("office.walks", mean=round(float(np.mean(walks))), most=round(max(walks)))
        if walks
        else words("office.no_walks"),
        "posts": f"{money['posts']} / {money['posts_alone']}",
        "balance": money["balance"],
        "rows": [_member_row(papers, members, unit) for unit in members],
    }


def _member_row(papers: Papers, members: Sequence[int], position: int) -> dict[str, str]:
    words, unit = papers.words, papers.bench.units.iloc[position]
    unknown = words("office.unknown")
    guessed = "*" if unit["households_quality"] == "estimated" else ""
    is_point = unit["geom_quality"] in ESTIMATED_GROUND
    return {
        "number": _map_number(papers, members, position),
        "name": clean(str(to_plain(unit["name"]) or unknown)) + ("△" if is_point else ""),
        "kind": words(f"kind.{unit['kind']}"),
        "role": describe_role(papers, members, position),
        "households": (format_cell(show_households(unit), "n") or unknown) + guessed,
        "floor_area": format_cell(to_plain(unit["floor_area_m2"]), "n") or unknown,
        "built": format_built_year(unit, words) or unknown,
        "mode": format_mode(unit["management_mode"], words),
    }


def _map_number(papers: Papers, members: Sequence[int], position: int) -> str:
    """Of a unit on the map of its area, a leader with its star."""
    return f"{'★' if position in papers.bench.followers else ''}{members.index(position) + 1}"


def describe_role(papers: Papers, members: Sequence[int], position: int) -> str:
    """What a unit is in its area, by the numbers of the map.

    Parameters
    ----------
    papers
        Of the plan.
    members
        Positions of the units of the area, in the order of their numbers.
    position
        Of the unit.
    """
    bench, words = papers.bench, papers.words
    if position in bench.followers:
        return words("office.role_leads", n=len(bench.followers[position]))
    leader = bench.leaders.get(position)
    if leader is None:
        name = ROLE_NAMES[bench.roles[position].role]
        return words.pick(name.zh, name.en)
    walk = format_walk(read_leader_walks(bench).get(position), words)
    number = _map_number(papers, members, leader) if leader in members else ""
    return words("office.role_led", leader=number, walk=walk)


def _hectares(value: Any, papers: Papers, missing: int = 0) -> str:
    """Square metres in 万㎡ or hectares; how many figures are missing from the sum."""
    if pd.isna(value):
        return papers.words("office.unknown")
    more = papers.words("office.without", n=missing) if missing else ""
    return f"{float(value) / _HECTARE:,.2f}{more}"


def _known_sum(values: pd.Series, papers: Papers) -> str:
    total = values.sum(min_count=1)
    missing = _count_missing(values)
    if pd.isna(total):
        return papers.words("office.unknown")
    return format_count(total) + (papers.words("office.without", n=missing) if missing else "")


def _count_missing(values: pd.Series) -> int:
    return int(values.isna().sum())
