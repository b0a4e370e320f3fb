"""The grid all tables of the page are made of, and its columns."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag

from app.i18n import Words

_NUMBER = "params.value == null ? '—' : d3.format(',.0f')(params.value)"


def column(
    field: str,
    words: Words,
    *,
    title: str | None = None,
    width: int | None = None,
    flex: float | None = None,
    min_width: int | None = None,
    kind: str | None = None,
    dash: bool = False,
) -> dict[str, Any]:
    """A column of a grid.

    Parameters
    ----------
    field, title
        Key of the row; text `column.<title>`, by default of the field.
    width, flex, min_width
        Sizes, pixels.
    kind
        "number", "estimate" (marked where the row says `estimated`), "rightAligned" or text.
    dash
        A missing text shows as a dash.
    """
    made: dict[str, Any] = {"field": field, "headerName": words(f"column.{title or field}")}
    sizes = {"width": width, "flex": flex, "minWidth": min_width}
    made |= {name: size for name, size in sizes.items() if size is not None}
    if kind == "rightAligned":
        made["type"] = "rightAligned"
    elif kind in ("number", "estimate"):
        mark = f" + (params.data.estimated ? ' {words('card.estimated')}' : '')"
        text = _NUMBER + (mark if kind == "estimate" else "")
        made |= {"type": "rightAligned", "valueFormatter": {"function": text}}
    if dash:
        made["valueFormatter"] = {"function": "params.value == null ? '—' : params.value"}
    if field == "reason":  # a whole sentence: it is read, not cut off
        made |= {"wrapText": True, "autoHeight": True, "cellClass": "sentence"}
    if field == "name":
        made["tooltipField"] = field
    return made


LEAVE_BY_TAB = {"tabToNextCell": {"function": "false"}, "tabToNextHeader": {"function": "false"}}
"""Options of a grid: arrows go from cell to cell, Tab goes on to what comes after the grid."""


def grid(grid_id: str, columns: list[dict[str, Any]], words: Words, rows: list[dict[str, Any]] | None) -> dag.AgGrid:
    """A grid whose rows have an `id`; one row is chosen at a time.

    Parameters
    ----------
    grid_id
        Of the component.
    columns
        Definitions of AG Grid.
    words
        Texts in the reader's language.
    rows
        Each with an `id`; None = they come later, and until then the grid says that it waits.
    """
    return dag.AgGrid(
        id=grid_id,
        columnDefs=columns,
        rowData=rows,
        getRowId="params.data.id",
        defaultColDef={"sortable": True, "resizable": True},
        dashGridOptions={
            "localeText": words.section("grid"),
            "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
            "rowHeight": 30,
            "headerHeight": 34,
            "tooltipShowDelay": 300,
            "animateRows": False,
            "suppressCellFocus": False,
            **LEAVE_BY_TAB,
        },
        style={"height": "100%", "width": "100%"},
        className="ag-theme-quartz",
    )
