"""The table of the three coverages, owners' bodies and charging, opened level by level."""

from __future__ import annotations

from dash import html

from analysis.indicators.figure import Level
from app.i18n import Words
from app.services.coverages import LEVELS, Cell, Row, coverage_rows
from app.services.what_if import COVERAGES, ORIGINAL, Choice, data_year
from app.services.workbench import Workbench


def coverages_section(bench: Workbench, words: Words, choice: Choice = ORIGINAL) -> html.Section:
    """The city at once; districts and streets on opening."""
    city, *deeper = LEVELS
    year = choice.year or data_year(bench)
    return html.Section(
        [
            html.H2(words("coverage.heading")),
            html.P(words("coverage.note", year=year or "—"), className="small"),
            _table(coverage_rows(bench, words, city, choice), words),
            *[_opened(bench, words, level, choice) for level in deeper],
        ],
        className="coverages",
    )


def _opened(bench: Workbench, words: Words, level: Level, choice: Choice) -> html.Details:
    rows = coverage_rows(bench, words, level, choice)
    summary = words(f"coverage.{level}", n=len(rows))
    return html.Details([html.Summary(summary), _table(rows, words)])


def _table(rows: list[Row], words: Words) -> html.Table:
    heads = [html.Th(words("coverage.place"), scope="col")] + [
        html.Th(words(f"coverage.{key}"), scope="col") for key in COVERAGES
    ]
    body = [
        html.Tr(
            [
                html.Th(row.name, scope="row"),
                *[_cell(cell, words) for cell in row.cells],
            ]
        )
        for row in rows
    ]
    return html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)], className="coverage-table")


def _cell(cell: Cell, words: Words) -> html.Td:
    state = {True: "met", False: "not_met", None: ""}[cell.met]
    was = words("figure.original", value=cell.original) if cell.original else ""
    return html.Td(
        [cell.text, html.Span(was, className="was")] if was else cell.text,
        title=cell.title, className=state,
    )  # fmt: skip
