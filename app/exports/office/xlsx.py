"""The workbook of a plan: areas, units, what is left over, the tasks of districts and agencies, where all is from."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from analysis.figures.figure import CITY_CODE
from app.exports.office.papers import Papers, open_papers
from app.exports.office.plan_tables import make_area_table, make_left_over_table, make_unit_table
from app.exports.office.source_tables import make_about_table, make_month_table, make_parameter_table
from app.exports.request import ExportPart, ExportRequest
from app.exports.workbook import SheetTable, make_table_workbook
from app.indicators.figures import ALL_LEVELS, make_print_text, make_scorecard, write_scorecard
from app.workbench.kept import keep_with_owner
from geo.storage.atomic_files import atomic_write


def write_xlsx(request: ExportRequest, part: ExportPart, folder: Path) -> tuple[Path, ...]:
    """Write the workbook of one part of a plan.

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
    words = papers.words
    tables = tuple(select_part(table, part) for table in make_plan_tables(papers))
    text = make_print_text(request.dataset, words, papers.marks, "" if part.level == "city" else part.name)
    path = folder / request.file_name(words("export.xlsx_file"), part, ".xlsx")
    atomic_write(path, make_table_workbook(tables, text))
    return (path,)


def write_indicators(request: ExportRequest, part: ExportPart, folder: Path) -> tuple[Path, ...]:
    """Write the workbook of the indicators, at all levels.

    Parameters
    ----------
    request
        What is exported.
    part
        The whole city.
    folder
        Where to.
    """
    bench, verdict = request.bench, request.found.verdict
    card = make_scorecard(request.dataset, bench.policy, levels=ALL_LEVELS, plan=request.document, checked=verdict)
    path = folder / request.file_name(request.words("export.indicators_file"), part, ".xlsx")
    write_scorecard(path, card, request.words)
    return (path,)


@keep_with_owner
def make_plan_tables(papers: Papers) -> tuple[SheetTable, ...]:
    """All tables of a plan's workbook, in order.

    Parameters
    ----------
    papers
        Of the plan.
    """
    return (
        make_area_table(papers),
        make_unit_table(papers),
        make_left_over_table(papers),
        *papers.work_tables,
        make_month_table(papers),
        make_parameter_table(papers),
        make_about_table(papers),
    )


def select_part(table: SheetTable, part: ExportPart) -> SheetTable:
    """The rows of a table that are in one part of a plan; figures of the city stay, for comparison.

    Parameters
    ----------
    table
        Of the whole plan.
    part
        The city, a district or a street.
    """
    if part.level == "city" or not table.rows_of:
        return table
    if table.rows_of == "places":
        districts = set(part.units["district_code"].dropna())
        return table.select({CITY_CODE, *cast("set[str]", districts)})
    ids = part.units["unit_id"] if table.rows_of == "units" else part.areas["area_id"]
    return table.select(set(ids))
