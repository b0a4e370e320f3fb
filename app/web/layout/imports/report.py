"""The report of a try, before anything is stored, and the end of an import."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from app.desks.imports.import_view import ImportView
from app.i18n import Words
from app.web.layout import ids
from app.web.layout.imports.columns import label_field
from app.web.layout.widgets import aria_label
from geo.findings import Finding, Severity, count_by_severity
from geo.importing import ImportReport
from geo.schema import LAYERS

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
_MOST_ROWS = 5_000


def report_step(view: ImportView, token: str, words: Words) -> html.Div:
    """What would be stored, all findings at once, and the question whether to go on.

    Parameters
    ----------
    view
        What the wizard shows.
    token
        Names the window's import.
    words
        Texts in the reader's language.
    """
    report = view.report
    assert report is not None
    return html.Div(
        [
            html.P(words("wizard.tried_note"), className="small"),
            *_shifts(view, words),
            html.Div([_counts(report, words), _layers(report, words)], className="report-head"),
            _findings(report, token, words),
            *([_about(view, words)] if view.is_new else []),
            html.Div(
                [
                    html.Button(
                        words("wizard.back"), id=ids.wizard_step("back"), className="button quiet", type="button"
                    ),
                    html.Span(_promise(report, words), className="small way-note", role="status"),
                    html.Button(
                        words("wizard.store"), id=ids.wizard_step("store"), className="button primary", type="button"
                    ),
                ],
                className="way-on",
            ),
        ],
        className="report",
    )


def stored_step(view: ImportView, token: str, words: Words) -> html.Div:
    """What was stored, and where to go from here.

    Parameters
    ----------
    view
        What the wizard shows.
    token
        Names the window's import.
    words
        Texts in the reader's language.
    """
    report = view.report
    assert report is not None
    rejected = (
        [
            html.P(words("wizard.rejected", n=f"{len(report.rejected):,}")),
            html.A(words("wizard.download_rejected"), href=f"import/rejected/{token}", className="button quiet"),
        ]
        if len(report.rejected)
        else []
    )
    return html.Div(
        [
            html.H3(words("wizard.stored_title")),
            _layers(report, words),
            *rejected,
            html.P(words("wizard.stored_note"), className="small"),
            html.Div(
                [
                    html.Button(
                        words("wizard.more"), id=ids.wizard_step("start_over"), className="button quiet", type="button"
                    ),
                    html.Span(className="spring"),
                    html.A(words("wizard.see_map"), href="./", className="button primary", id="wizard-see-map"),
                ],
                className="way-on",
            ),
        ],
        className="stored",
    )


def _shifts(view: ImportView, words: Words) -> list[Component]:
    """Files that a wrong datum has moved: how far, and a button that takes the right one."""
    report = view.report
    assert report is not None
    keys = {file.path.name: file.key for file in view.files}
    boxes: list[Component] = []
    for file, layer, shift in report.shifts:
        metres = f"{(shift.east_m**2 + shift.north_m**2) ** 0.5:,.0f}"
        likely = shift.datum or shift.converted or "wgs84"
        text = words(
            "wizard.shift" if shift.datum else "wizard.shift_twice",
            file=file,
            metres=metres,
            layer=words(f"import_layer.{layer}"),
            datum=words(f"datum.{likely}"),
            reference=words.section("import_layer").get(shift.reference, shift.reference),
        )
        button = (
            [
                html.Button(
                    words("wizard.shift_redo", datum=words(f"datum.{shift.datum}")),
                    id=ids.wizard_row(f"redo:{shift.datum}", keys[file]),
                    className="button primary",
                    type="button",
                )
            ]
            if shift.datum and file in keys
            else []
        )
        boxes.append(html.Div([html.P(text), *button], className="wizard-fault shift", role="alert"))
    return boxes


def _counts(report: ImportReport, words: Words) -> html.Ul:
    counts = count_by_severity(report.findings)
    return html.Ul(
        [
            html.Li(
                [
                    html.Strong(f"{counts[severity]:,}"),
                    html.Span(words(f"severity.{severity}")),
                    html.Span(words(f"severity.{severity}_hint"), className="hint"),
                ],
                className=f"count {severity}",
            )
            for severity in _SEVERITIES
        ],
        className="counts",
    )


def _layers(report: ImportReport, words: Words) -> html.Div:
    rows = [
        html.Tr(
            [
                html.Td(words(f"import_layer.{layer}")),
                html.Td(f"{read:,}", className="number"),
                html.Td(f"{report.stored.get(layer, 0):,}", className="number"),
            ]
        )
        for layer, read in report.rows.items()
    ]
    head = [words(f"wizard.report_{name}") for name in ("layer", "rows", "stored")]
    table = html.Table(
        [html.Thead(html.Tr([html.Th(text) for text in head])), html.Tbody(rows)], className="layer-counts"
    )
    return html.Div(table, className="scroll", tabIndex=0, **aria_label(words("wizard.report_layers")))


def _findings(report: ImportReport, token: str, words: Words) -> Component:
    if not report.findings:
        return html.P(words("wizard.no_findings"), className="verified met")
    downloads = html.Span(
        [
            html.A(words("wizard.download_xlsx"), href=f"import/findings/{token}.xlsx"),
            html.A(words("wizard.download_json"), href=f"import/findings/{token}.json"),
        ],
        className="downloads",
    )
    more = (
        [html.P(words("wizard.first_findings", n=f"{_MOST_ROWS:,}"), className="small")]
        if len(report.findings) > _MOST_ROWS
        else []
    )
    title = words("wizard.findings", n=f"{len(report.findings):,}")
    return html.Div(
        [
            html.Div([html.H3(title), downloads], className="heading"),
            _grid(sorted(report.findings, key=_weight), words),
            *more,
        ]
    )


def _weight(finding: Finding) -> tuple[int, bool]:
    """The worst first; what is about a whole file before what is about one row."""
    return _SEVERITIES.index(finding.severity), finding.row is not None


def _grid(findings: list[Finding], words: Words) -> dag.AgGrid:
    columns: list[dict[str, Any]] = [
        {
            "field": "severity",
            "width": 96,
            "filter": True,
            "cellClassRules": {s: f"params.data.key == '{s}'" for s in _SEVERITIES},
        },
        {
            "field": "sentence",
            "flex": 3,
            "minWidth": 320,
            "wrapText": True,
            "autoHeight": True,
            "cellClass": "sentence",
        },
        {"field": "file", "flex": 1.2, "minWidth": 150, "filter": True, "tooltipField": "file"},
        {"field": "row", "width": 84, "type": "rightAligned"},
        {"field": "column", "width": 120, "filter": True},
        {"field": "value", "width": 120, "tooltipField": "value"},
    ]
    for column in columns:
        column["headerName"] = words(f"finding.{column['field']}")
    rows = [_finding_row(finding, words) for finding in findings[:_MOST_ROWS]]
    return dag.AgGrid(
        id="grid-findings",
        columnDefs=columns,
        rowData=rows,
        defaultColDef={"sortable": True, "resizable": True},
        dashGridOptions={
            "localeText": words.section("grid"),
            "rowHeight": 30,
            "headerHeight": 34,
            "animateRows": False,
            "suppressColumnMoveAnimation": True,
            "enableCellTextSelection": True,
            "tooltipShowDelay": 300,
        },
        style={"height": "34vh", "width": "100%"},
        className="ag-theme-quartz",
    )


def _finding_row(finding: Finding, words: Words) -> dict[str, Any]:
    """A finding as the table shows it; cells are text, names from files are never markup."""
    where = " / ".join(part for part in (finding.file, finding.sheet) if part)
    return {
        "key": finding.severity,
        "severity": words(f"severity.{finding.severity}"),
        "sentence": words.pick(finding.zh, finding.en.replace("、", ", ")),  # rows and names are listed for both
        "file": where or words("finding.whole"),
        "row": finding.row,
        "column": _label_column(finding.column, words),
        "value": finding.value,
    }


def _label_column(column: str | None, words: Words) -> str | None:
    """A field by its name in the reader's language; a header of a file as it stands there."""
    field = next((field for layer in LAYERS.values() for field in layer if field.name == column), None)
    return column if field is None else label_field(field, words)


def _about(view: ImportView, words: Words) -> html.Div:
    """What a new dataset is called, and of when it is."""
    demo = any("演示数据" in file.path.name for file in view.files)
    return html.Div(
        [
            dmc.TextInput(
                id=ids.wizard_about("name"),
                label=words("wizard.about_name"),
                value="",
                size="xs",
                placeholder=words("wizard.about_name_hint"),
            ),
            dmc.TextInput(
                id=ids.wizard_about("data_date"),
                label=words("wizard.about_date"),
                value="",
                size="xs",
                placeholder="2026-06-30",
            ),
            *([html.P(words("wizard.about_demo"), className="small")] if demo else []),
        ],
        className="about",
    )


def _promise(report: ImportReport, words: Words) -> str:
    if len(report.rejected):
        return words("wizard.will_reject", n=f"{len(report.rejected):,}")
    return words("wizard.will_store")
