"""Map and tables select together: one selection, told to all of them.

The tables' own `selectedRows` is only written, never listened to: a table tells of a selection
that was set from outside as well, late, and two quick clicks would chase each other. Rows are
chosen by a click on a cell, or by Enter or Space (`page.js`).
"""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from app.desks.selection.selected import choose, selected_rows, selection_sentence, target_bounds
from app.planning.explain import selection_card
from app.session.plan_session import Shown
from app.web.layout import ids
from app.web.layout.explained import explanation
from app.web.reader.language import reader_words

_TABLES = {"areas": ids.AREA_GRID, "left_over": ids.LEFT_OVER_GRID, "out_of_scope": ids.OUT_OF_SCOPE_GRID}
_ALL_UNITS = {**_TABLES, "units": ids.UNIT_GRID, "changes": ids.COMPARE_GRID}
"""The tables of all units and of what another plan changes choose as well; the browser marks their rows itself."""


def register(app: Dash, shown: Shown) -> None:
    """Wire the map's clicks and the tables' rows to the selection, and the selection to both."""

    @app.callback(
        Output(ids.MAP, "selected"),
        Output(ids.MAP, "fly"),
        Output(ids.SELECTION_LINE, "children"),
        Output(ids.EXPLANATION, "children"),
        Output(ids.TABS, "value"),
        *[Output(grid, "selectedRows") for grid in _TABLES.values()],
        *[Output(grid, "scrollTo") for grid in _TABLES.values()],
        Input(ids.MAP, "click"),
        Input(ids.ROW_CHOICE, "data"),
        *[Input(grid, "cellClicked") for grid in (*_TABLES.values(), ids.UNIT_GRID)],
        State(ids.TABS, "value"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def select(*told_and_version: Any) -> tuple[Any, ...]:
        *_, tab, version = told_and_version
        data = shown.there(version)
        told = {entry["prop_id"].rsplit(".", 1)[0]: entry["value"] for entry in ctx.triggered}
        chosen = choose(data.bench, told, map_id=ids.MAP, tables=_ALL_UNITS)
        if chosen is None:
            raise PreventUpdate
        words = reader_words()
        rows = selected_rows(data.bench, chosen)
        bounds = target_bounds(data, chosen)
        scroll = {} if bounds else {table: {"rowId": chosen_ids[0]} for table, chosen_ids in rows.items() if chosen_ids}
        return (
            {"area": chosen.area, "unit": chosen.unit},
            {"bounds": bounds} if bounds else no_update,
            selection_sentence(data.bench, chosen, words),
            explanation(selection_card(data.bench, chosen, words)),
            next((table for table, chosen_ids in rows.items() if chosen_ids), no_update)
            if tab in _TABLES
            else no_update,
            *[{"ids": rows[table]} for table in _TABLES],
            *[scroll.get(table, no_update) for table in _TABLES],
        )
