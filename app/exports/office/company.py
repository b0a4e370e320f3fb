"""What a company that runs areas is told (接管测算表): its own areas alone, nothing of other companies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.exports.office.papers import Papers, open_papers
from app.exports.office.proposal import describe_role, find_economics, list_economics_records, make_head
from app.exports.office.records import ECONOMICS_FIELDS, clean, format_cell
from app.exports.office.word import fill_template, find_template
from app.exports.request import ExportPart, ExportRequest
from app.maps.leaders import format_walk, read_leader_walks
from app.workbench.formats import format_count, to_plain
from geo.storage.atomic_files import atomic_write

_NO_PICTURES_MM = 100.0
_AFTER_CASES = -1
"""The year stands last in a row of the table of economics, after the balance at each collection rate."""


def write_company(request: ExportRequest, part: ExportPart, folder: Path) -> tuple[Path, ...]:
    """Write a document for each company that is to run areas of a part of a plan; none where nobody is.

    Parameters
    ----------
    request
        What is exported.
    part
        The city, a district or a street.
    folder
        Where to.
    """
    papers = open_papers(request)
    bench, words = papers.bench, papers.words
    own: dict[str, list[int]] = {}
    for number in (int(number) - 1 for number in part.areas["area_number"]):
        company = find_operator(papers, number)
        if company is not None:
            own.setdefault(company, []).append(number)
    head, note = make_head(papers, part), find_economics(papers).note
    paths = []
    for company in sorted(own):
        name = clean(bench.company_names.get(company, company))
        areas = [make_area_estimate(papers, number) for number in own[company]]
        context = {**head, "name": name, "areas": areas, "economics_note": note}
        path = folder / request.file_name(f"{words('export.company_file')}_{company}_{name[:30]}", part, ".docx")
        template = find_template("company", request.language)
        atomic_write(path, fill_template(template, context, {}, _NO_PICTURES_MM))
        paths.append(path)
    return tuple(paths)


def find_operator(papers: Papers, number: int) -> str | None:
    """The company that is to run an area: the one the plan names, else that of its anchor; None where there is none.

    Parameters
    ----------
    papers
        Of the plan.
    number
        Of the area, from 0.
    """
    bench = papers.bench
    area = bench.areas[number]
    if area.get("operator") or not area["anchor_unit_id"]:
        operator: str | None = area.get("operator")
        return operator
    company = to_plain(bench.units["company_id"].iloc[bench.position_of[area["anchor_unit_id"]]])
    return None if company is None else str(company)


def make_area_estimate(papers: Papers, number: int) -> dict[str, Any]:
    """An area as its operator may see it: figures of the whole, and its members without who manages them now.

    Parameters
    ----------
    papers
        Of the plan.
    number
        Of the area, from 0.
    """
    bench, words = papers.bench, papers.words
    area, table = bench.areas[number], find_economics(papers)
    place = next(k for k, row in enumerate(table.rows) if row[0] == area["area_id"])
    row = list_economics_records(papers)[area["area_id"]]
    heads, cells = table.head[len(ECONOMICS_FIELDS) :], table.rows[place][len(ECONOMICS_FIELDS) :]
    cases = zip(heads[:_AFTER_CASES], cells[:_AFTER_CASES], strict=True)
    members = [bench.position_of[unit] for unit in area["unit_ids"]]
    return {
        **row,
        "number": str(number + 1),
        "size": f"{len(members)} / {format_count(area['households'])}",
        "cases": "; ".join(f"{head}: {format_cell(cell, 'n')}" for head, cell in cases),
        "year": format_cell(cells[_AFTER_CASES], "y") or words("office.no_year"),
        "rows": [_member(papers, members, unit) for unit in members],
    }


def _member(papers: Papers, members: list[int], position: int) -> dict[str, str]:
    words, unit = papers.words, papers.bench.units.iloc[position]
    unknown = words("office.unknown")
    is_led = position in papers.bench.leaders
    return {
        "name": f"{members.index(position) + 1} {clean(str(to_plain(unit['name']) or unknown))}",
        "role": describe_role(papers, members, position),
        "households": format_cell(to_plain(unit["households"]), "n") or unknown,
        "floor_area": format_cell(to_plain(unit["floor_area_m2"]), "n") or unknown,
        "walk": format_walk(read_leader_walks(papers.bench).get(position), words) if is_led else "",
    }
