"""The table of the three coverages, owners' bodies and charging, opened level by level."""

from __future__ import annotations

from collections.abc import Collection

from dash import html

from analysis.figures.figure import Level
from app.i18n import Words
from app.indicators.coverages import LEVELS, CoverageCell, CoverageRow, count_coverage_rows, make_coverage_rows
from app.web.layout import ids
from app.web.layout.widgets import html_attributes
from app.workbench.scenario import BASE_SCENARIO, COVERAGES, Scenario, data_year
from app.workbench.workbench import Workbench


def coverages_section(
    bench: Workbench, words: Words, scenario: Scenario = BASE_SCENARIO, *, opened: Collection[Level] = ()
) -> html.Section:
    """The city at once; the hundreds of rows of districts and streets only where they are opened.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    scenario
        What the reader turned.
    opened
        Levels whose rows are shown.
    """
    city, *deeper = LEVELS
    year = scenario.year or data_year(bench)
    return html.Section(
        [
            html.H2(words("coverage.heading")),
            html.P(words("coverage.note", year=year or "—"), className="small"),
            level_table(bench, words, city, scenario),
            *[_level(bench, words, level, scenario, is_open=level in opened) for level in deeper],
        ],
        className="coverages",
    )


def level_table(bench: Workbench, words: Words, level: Level, scenario: Scenario = BASE_SCENARIO) -> html.Table:
    """The places of one level.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    level
        What places are.
    scenario
        What the reader turned.
    """
    return _table(make_coverage_rows(bench, words, level, scenario), words)


def _level(bench: Workbench, words: Words, level: Level, scenario: Scenario, *, is_open: bool) -> html.Details:
    summary = words(f"coverage.{level}", n=count_coverage_rows(bench, level, scenario))
    rows = level_table(bench, words, level, scenario) if is_open else html.P(words("page.loading"), className="small")
    return html.Details(
        [
            html.Summary(summary, id={"type": ids.COVERAGE_OPEN, "level": level}, n_clicks=int(is_open)),
            html.Div(rows, id={"type": ids.COVERAGE_ROWS, "level": level}, **html_attributes(aria_live="off")),
        ],
        open=is_open,
    )


def _table(rows: list[CoverageRow], words: Words) -> html.Table:
    heads = [html.Th(words("coverage.place"), scope="col")] + [
        html.Th(words(f"coverage.{key}"), scope="col") for key in COVERAGES
    ]
    body = [html.Tr([html.Th(row.name, scope="row"), *[_cell(cell, words) for cell in row.cells]]) for row in rows]
    return html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)], className="coverage-table")


def _cell(cell: CoverageCell, words: Words) -> html.Td:
    state = {True: "met", False: "not_met", None: ""}[cell.met]
    was = words("figure.original", value=cell.original) if cell.original else ""
    return html.Td(
        [cell.text, html.Span(was, className="was")] if was else cell.text, title=cell.title, className=state
    )
