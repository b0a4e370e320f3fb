"""The tables under the map: areas, units left over, out of scope, without a place."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import html

from app.i18n import Words
from app.layout import ids
from app.layout.aria import named
from app.layout.placing import placing_panel
from app.services.placing import placed_by_hand, unplaced_rows
from app.services.plan_tables import area_rows
from app.services.workbench import Workbench

_NUMBER = "params.value == null ? '—' : d3.format(',.0f')(params.value)"


def tables_panel(bench: Workbench, words: Words) -> html.Section:
    """Four tables in tabs; the table of areas is linked with the map both ways."""
    counts = {
        "areas": len(bench.areas),
        "left_over": len(bench.left_over),
        "out_of_scope": len(bench.out_of_scope),
        "units": len(bench.units),
    }
    waiting, placed = unplaced_rows(bench, words), placed_by_hand(bench)
    counts["unplaced"] = len(waiting)
    tabs = [
        dmc.TabsTab(f"{words(f'tabs.{name}')} ({count:,})", value=name)
        for name, count in counts.items()
    ]
    tabs.append(dmc.TabsTab(words("tabs.charts"), value="charts"))
    return html.Section(
        dmc.Tabs(
            [
                dmc.TabsList(
                    [*tabs, html.Span(words("tabs.hint"), className="hint tabs-hint")],
                    **named(words("panel.table")),
                ),
                dmc.TabsPanel(_area_grid(bench, words), value="areas"),
                dmc.TabsPanel(_reason_grid(ids.LEFT_OVER_GRID, words), value="left_over"),
                dmc.TabsPanel(_reason_grid(ids.OUT_OF_SCOPE_GRID, words), value="out_of_scope"),
                dmc.TabsPanel(_unit_grid(words), value="units"),
                dmc.TabsPanel(html.Div(id=ids.CHARTS, className="charts"), value="charts"),
                dmc.TabsPanel(
                    placing_panel(_unplaced_grid(waiting, words), placed, words), value="unplaced"
                ),
            ],
            id=ids.TABS,
            value="areas",
            keepMounted=True,
        ),
        className="tables",
        **named(words("panel.table")),
    )


def _area_grid(bench: Workbench, words: Words) -> dag.AgGrid:
    columns = [
        _column("number", words, width=56, kind="rightAligned"),
        _column("name", words, title="area_name", flex=1.8, min_width=118),
        _column("street", words, flex=1, min_width=80),
        _column("anchor", words, flex=1.2, min_width=90, dash=True),
        _column("units", words, width=84, kind="number"),
        _column("households", words, width=108, kind="estimate"),
        _column("floor_area_m2", words, width=112, kind="number"),
        _column("within", words, width=92),
    ]
    return _grid(ids.AREA_GRID, columns, words, area_rows(bench, words))


def _reason_grid(grid_id: str, words: Words) -> dag.AgGrid:
    columns = [
        _column("name", words, flex=1.2, min_width=110),
        _column("reason", words, flex=3, min_width=250),
        _column("households", words, width=112, kind="estimate"),
        _column("mode", words, width=100),
        _column("kind", words, width=74),
        _column("street", words, width=96),
    ]
    return _grid(grid_id, columns, words, [])


def _unit_grid(words: Words) -> dag.AgGrid:
    """All units; `finding.js` fills it, so that no row travels through the page's layout."""
    columns = [
        _column("name", words, flex=1.4, min_width=120),
        _column("kind", words, width=82),
        _column("street", words, width=104, dash=True),
        _column("mode", words, width=112, dash=True),
        _column("households", words, width=112, kind="estimate"),
        _column("floor_area_m2", words, width=120, kind="number"),
        _column("built_year", words, width=96, kind="rightAligned", dash=True),
        _column("company", words, flex=1, min_width=100, dash=True),
        _column("area", words, flex=1.2, min_width=110, dash=True),
        _column("reason", words, flex=1.6, min_width=140, dash=True),
    ]
    columns[-1].update(wrapText=False, autoHeight=False, cellClass=None, tooltipField="reason")
    return _grid(ids.UNIT_GRID, columns, words, [])


def _unplaced_grid(rows: list[dict[str, Any]], words: Words) -> dag.AgGrid:
    columns = [
        _column("name", words, flex=1.6, min_width=130),
        _column("street", words, flex=1, min_width=90),
        _column("households", words, width=112, kind="estimate"),
        _column("mode", words, width=110),
    ]
    return _grid(ids.UNPLACED_GRID, columns, words, rows)


def _column(
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
    column: dict[str, Any] = {"field": field, "headerName": words(f"column.{title or field}")}
    sizes = {"width": width, "flex": flex, "minWidth": min_width}
    column |= {name: size for name, size in sizes.items() if size is not None}
    if kind == "rightAligned":
        column["type"] = "rightAligned"
    elif kind in ("number", "estimate"):
        mark = f" + (params.data.estimated ? ' {words('card.estimated')}' : '')"
        text = _NUMBER + (mark if kind == "estimate" else "")
        column |= {"type": "rightAligned", "valueFormatter": {"function": text}}
    if dash:
        column["valueFormatter"] = {"function": "params.value == null ? '—' : params.value"}
    if field == "reason":  # a whole sentence: it is read, not cut off
        column |= {"wrapText": True, "autoHeight": True, "cellClass": "sentence"}
    if field == "name":
        column["tooltipField"] = field
    return column


def _grid(
    grid_id: str, columns: list[dict[str, Any]], words: Words, rows: list[dict[str, Any]]
) -> dag.AgGrid:
    return dag.AgGrid(
        id=grid_id,
        columnDefs=columns,
        rowData=rows,
        getRowId="params.data.id",
        defaultColDef={"sortable": True, "resizable": True},
        dashGridOptions={
            "localeText": words.section("grid"),
            "rowSelection": {
                "mode": "singleRow",
                "checkboxes": False,
                "enableClickSelection": True,
            },
            "rowHeight": 30,
            "headerHeight": 34,
            "tooltipShowDelay": 300,
            "animateRows": False,
            "suppressCellFocus": False,
        },
        style={"height": "100%", "width": "100%"},
        className="ag-theme-quartz",
    )
