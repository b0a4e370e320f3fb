"""What stands on the page while a plan is edited: tools over the map, panel, table of units."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
from dash import html
from dash.development.base_component import Component

from app.i18n import Words
from app.session.page import PageData
from app.web.components.editor import Editor
from app.web.layout import ids
from app.web.layout.grids import LEAVE_BY_TAB
from app.web.layout.widgets import aria_label, aria_live
from app.workbench.rights import Sentence

_NUMBER = "params.value == null ? '—' : d3.format(',.0f')(params.value)"


def editor_parts(data: PageData, words: Words, reason: Sentence | None = None) -> list[Component]:
    """Panel, table and the editor itself; `editor.js` fills them.

    Where there is a reason why plans cannot be saved, an edit is downloaded instead.

    Parameters
    ----------
    data
        All that one page is made of.
    words
        Texts in the reader's language.
    reason
        Why nothing may be changed here; None = it may.
    """
    return [
        html.Aside(
            id=ids.EDIT_PANEL, className="panel right edit-panel only-edit", **aria_label(words("editor.title"))
        ),
        html.Section(
            [
                html.Div(
                    [
                        html.H2(words("editor.table")),
                        html.Div(id=ids.EDIT_FILTER),
                        html.Span(words("editor.table_hint"), className="hint"),
                    ],
                    className="edit-table-head",
                ),
                _grid(words),
            ],
            className="tables edit-tables only-edit",
            **aria_label(words("editor.table")),
        ),
        Editor(
            id=ids.EDITOR,
            mode="explore",
            version=data.version,
            words=words.section("editor"),
            language=words.language,
            grid=ids.EDIT_GRID,
            readOnly="" if reason is None else words.pick(*reason),
        ),
    ]


def map_tools(words: Words) -> list[Component]:
    """The strip of tools over the map, and the line that tells of every step."""
    return [
        html.Div(
            id=ids.EDIT_TOOLS, className="edit-tools only-edit", role="toolbar", **aria_label(words("editor.tools"))
        ),
        html.Div(id=ids.EDIT_STATUS, className="edit-status only-edit", role="status", **aria_live()),
    ]


def _grid(words: Words) -> dag.AgGrid:
    def column(field: str, title: str, **more: Any) -> dict[str, Any]:
        return {"field": field, "headerName": words(title), **more}

    number = {"type": "rightAligned"}
    estimate = {"function": _NUMBER + f" + (params.data.estimated ? ' {words('card.estimated')}' : '')"}
    return dag.AgGrid(
        id=ids.EDIT_GRID,
        columnDefs=[
            column("name", "column.name", flex=1.4, minWidth=130, tooltipField="name"),
            column("street", "column.street", width=104),
            column("number", "column.number", width=64, **number),
            column("area", "column.area_name", flex=1.2, minWidth=120, tooltipField="area"),
            column("households", "column.households", width=112, valueFormatter=estimate, **number),
            column("floor_area_m2", "column.floor_area_m2", width=118, valueFormatter={"function": _NUMBER}, **number),
            column("state", "editor.col_state", flex=1.6, minWidth=130, tooltipField="state"),
        ],
        rowData=[],
        getRowId="params.data.id",
        defaultColDef={"sortable": True, "resizable": True},
        dashGridOptions={
            "localeText": words.section("grid"),
            "rowSelection": {
                "mode": "multiRow",
                "checkboxes": False,
                "headerCheckbox": False,
                "enableClickSelection": True,
            },
            "rowHeight": 28,
            "headerHeight": 32,
            "tooltipShowDelay": 300,
            "animateRows": False,
            **LEAVE_BY_TAB,
        },
        style={"height": "100%", "width": "100%"},
        className="ag-theme-quartz",
    )
