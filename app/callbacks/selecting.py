"""Map and tables select together: one selection, told to all of them."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update

from app.callbacks.language import reader_words
from app.layout import ids
from app.services.page_data import PageData
from app.services.selection import (
    choose,
    is_same,
    selected_rows,
    selection_sentence,
    target_bounds,
)

_TABLES = {
    "areas": ids.AREA_GRID,
    "left_over": ids.LEFT_OVER_GRID,
    "out_of_scope": ids.OUT_OF_SCOPE_GRID,
}


def register(app: Dash, data: PageData) -> None:
    """Wire the map's clicks and the tables' rows to the selection, and the selection to both."""

    @app.callback(
        Output(ids.SELECTION, "data"),
        Input(ids.MAP, "click"),
        *[Input(grid, "cellClicked") for grid in _TABLES.values()],
        *[Input(grid, "selectedRows") for grid in _TABLES.values()],
        State(ids.SELECTION, "data"),
        prevent_initial_call=True,
    )
    def change_selection(*values: Any) -> Any:
        current = values[-1]
        told = {tuple(entry["prop_id"].rsplit(".", 1)): entry["value"] for entry in ctx.triggered}
        chosen = choose(data.bench, told, _TABLES)
        by_row_only = all(name == "selectedRows" for _, name in told)
        if chosen is None or (by_row_only and is_same(chosen, current)):
            return no_update
        return chosen

    @app.callback(
        Output(ids.MAP, "selected"),
        Output(ids.MAP, "fly"),
        Output(ids.SELECTION_LINE, "children"),
        Output(ids.TABS, "value"),
        *[Output(grid, "selectedRows") for grid in _TABLES.values()],
        *[Output(grid, "scrollTo") for grid in _TABLES.values()],
        Input(ids.SELECTION, "data"),
        prevent_initial_call=True,
    )
    def tell_selection(selection: dict[str, Any]) -> tuple[Any, ...]:
        rows = selected_rows(data.bench, selection)
        bounds = target_bounds(data, selection)
        tab = next((table for table, chosen in rows.items() if chosen), no_update)
        return (
            {"area": selection["area"], "unit": selection["unit"]},
            {"bounds": bounds} if bounds else no_update,
            selection_sentence(data.bench, selection, reader_words()),
            tab,
            *[{"ids": rows[table]} for table in _TABLES],
            *[
                {"rowId": rows[table][0]} if rows[table] and not bounds else no_update
                for table in _TABLES
            ],
        )
