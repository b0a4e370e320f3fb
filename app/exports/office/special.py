"""One policy for each community that was handed over (一小区一策): a document each, and a summary of all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from app.exports.office.papers import Papers, open_papers
from app.exports.office.proposal import make_head
from app.exports.office.records import clean, format_cell
from app.exports.office.word import fill_template, find_template
from app.exports.request import ExportPart, ExportRequest
from app.maps.cards import format_area_title, format_mode, format_reason
from app.maps.leaders import format_role
from app.workbench.formats import format_built_year, format_count, to_plain
from geo.storage.atomic_files import atomic_write

_NO_PICTURES_MM = 100.0


def write_special(request: ExportRequest, part: ExportPart, folder: Path) -> tuple[Path, ...]:
    """Write a document for each special community of a part of a plan, and their summary first.

    Parameters
    ----------
    request
        What is exported.
    part
        The city, a district or a street.
    folder
        Where to.

    Returns
    -------
    The paths; none where the part has no such community.
    """
    papers = open_papers(request)
    own = set(part.units["unit_id"][part.units["special_type"].notna()])
    positions = [papers.bench.position_of[unit] for unit in papers.bench.units["unit_id"] if unit in own]
    if not positions:
        return ()
    head, words = make_head(papers, part), papers.words
    rows = [{"number": str(n), **make_special_record(papers, position)} for n, position in enumerate(positions, 1)]
    homes = papers.bench.units["households"].iloc[positions].sum(min_count=1)
    total = {"rows": rows, "count": format_count(len(rows)), "households": format_count(homes)}
    summary = folder / request.file_name(words("office.special_summary_file"), part, ".docx")
    template = find_template("special_summary", request.language)
    atomic_write(summary, fill_template(template, {**head, **total}, {}, _NO_PICTURES_MM))
    paths = [summary]
    template = find_template("special", request.language)
    for row in rows:
        what = f"{words('export.special_file')}_{row['id']}_{row['name'][:30]}"
        path = folder / request.file_name(what, part, ".docx")
        atomic_write(path, fill_template(template, {**head, "u": row}, {}, _NO_PICTURES_MM))
        paths.append(path)
    return tuple(paths)


def make_special_record(papers: Papers, position: int) -> dict[str, str]:
    """What the data tell of a special community, as texts; what nobody knows says so.

    Parameters
    ----------
    papers
        Of the plan.
    position
        Of the unit.
    """
    bench, words = papers.bench, papers.words
    unit = bench.units.iloc[position]
    unknown = words("office.unknown")

    def coded(field: str) -> str:
        key = to_plain(unit[field])
        return unknown if key is None else words(f"code.{field}_{key}")

    company = to_plain(unit["company_id"])
    households = format_cell(to_plain(unit["households"]), "n") or unknown
    floor = format_cell(to_plain(unit["floor_area_m2"]), "n") or unknown
    places = [papers.place(unit[f"{level}_code"]) for level in ("district", "street", "neighbourhood")]
    address = to_plain(unit["address"])
    facts = papers.facts.units.iloc[position]
    bikes, ports = (to_plain(facts[name]) for name in ("bikes", "ports"))
    problems = list_problems(papers, unit, bikes, ports)
    record = {
        "id": str(unit["unit_id"]),
        "name": to_plain(unit["name"]) or unknown,
        "street": papers.place(unit["street_code"]) or unknown,
        "place": " ".join(str(one) for one in (*places, address) if one) or unknown,
        "special": coded("special_type"),
        "owner": to_plain(unit["property_unit"]) or unknown,
        "households": households,
        "size": words(
            "office.special_size",
            households=households,
            floor=floor,
            buildings=format_cell(to_plain(unit["building_count"]), "n") or unknown,
        ),
        "built": format_built_year(unit, words) or unknown,
        "mode": format_mode(unit["management_mode"], words),
        "managed": " · ".join(
            filter(None, (format_mode(unit["management_mode"], words), bench.company_names.get(company, company)))
        ),
        "body": coded("owners_body"),
        "renewal": coded("renewal_status"),
        "charging": words(
            "office.special_charging",
            bikes=format_cell(bikes, "n") or unknown,
            ports=format_cell(ports, "n") or unknown,
        ),
        "plan": _describe_place(papers, position),
        "problems": "; ".join(problems) or words("office.no_problem"),
    }
    return {key: clean(str(value)) for key, value in record.items()}


def list_problems(papers: Papers, unit: pd.Series, bikes: Any, ports: Any) -> list[str]:
    """What of a community's data calls for measures; nothing is guessed from what is missing.

    Parameters
    ----------
    papers
        Of the plan.
    unit
        Row of the layer.
    bikes, ports
        Electric bicycles and ports in service; None = not known.
    """
    words, policy = papers.words, papers.bench.policy
    mode = to_plain(unit["management_mode"])
    norm = float(policy.value("ebike.bikes_per_port"))
    found = []
    if mode is not None and mode != "unknown" and mode not in policy.value("mode.professional"):
        found.append(words("office.problem_mode", mode=format_mode(mode, words)))
    if to_plain(unit["is_old"]):
        found.append(words("office.problem_old"))
    if to_plain(unit["owners_body"]) == "none":
        found.append(words("office.problem_body"))
    if bikes is not None and ports is not None and bikes > norm * ports:
        found.append(words("office.problem_ports", n=format_count(-(-bikes // norm) - ports)))
    return found


def _describe_place(papers: Papers, position: int) -> str:
    bench, words = papers.bench, papers.words
    number = int(bench.area_of[position])
    if number >= 0:
        return f"{format_area_title(bench, number)}: {format_role(bench, position, words) or ''}"
    reason = bench.reason_of.get(position)
    return words("office.unknown") if reason is None else format_reason(reason, words)
