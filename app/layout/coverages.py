"""The table of the three coverages, owners' bodies and charging, opened level by level."""

from __future__ import annotations

from dash import html

from analysis.indicators.figure import Level
from app.i18n import Words
from app.services.coverages import COLUMNS, LEVELS, Row, coverage_rows
from app.services.scorecard import data_year
from app.services.workbench import Workbench


def coverages_section(bench: Workbench, words: Words) -> html.Section:
    """The city at once; districts and streets on opening."""
    city, *deeper = LEVELS
    year = data_year(bench)
    return html.Section(
        [
            html.H2(words("coverage.heading")),
            html.P(words("coverage.note", year=year or "—"), className="small"),
            _table(coverage_rows(bench, words, city), words),
            *[_opened(bench, words, level) for level in deeper],
        ],
        className="coverages",
    )


def _opened(bench: Workbench, words: Words, level: Level) -> html.Details:
    rows = coverage_rows(bench, words, level)
    summary = words(f"coverage.{level}", n=len(rows))
    return html.Details([html.Summary(summary), _table(rows, words)])


def _table(rows: list[Row], words: Words) -> html.Table:
    heads = [html.Th(words("coverage.place"), scope="col")] + [
        html.Th(words(f"coverage.{key}"), scope="col") for key in COLUMNS
    ]
    state = {True: "met", False: "not_met", None: ""}
    body = [
        html.Tr(
            [
                html.Th(row.name, scope="row"),
                *[html.Td(c.text, title=c.title, className=state[c.met]) for c in row.cells],
            ]
        )
        for row in rows
    ]
    return html.Table([html.Thead(html.Tr(heads)), html.Tbody(body)], className="coverage-table")
