"""Map and tables select together, and the map draws the walks of what is selected.

The tables' own `selectedRows` is only written, never listened to: a table reports a selection
that was set from outside as well, late, and two quick clicks would chase each other. Rows are
chosen by a click on a cell, or by Enter or Space (`page.js`).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from dash import Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from app.desks.corrections.blocked_pairs import find_barrier_between
from app.desks.selection.explanation import selection_card
from app.desks.selection.selected import (
    Selection,
    find_target_bounds,
    format_selection,
    list_selected_rows,
    read_selection,
)
from app.maps.walks import draw_pair_walk, draw_unit_reach
from app.session.plan_session import PlanSession
from app.session.reader import reader_access, reader_words
from app.web.layout import ids
from app.web.layout.corrections.correcting import pair_buttons
from app.web.layout.map import explanation_card, walk_sentences
from app.workbench.workbench import Workbench

_TABLES = {
    "areas": ids.AREA_GRID,
    "unled": ids.UNLED_GRID,
    "left_over": ids.LEFT_OVER_GRID,
    "out_of_scope": ids.OUT_OF_SCOPE_GRID,
}
_ALL_UNITS = {**_TABLES, "leading": ids.LEADING_GRID, "units": ids.UNIT_GRID, "changes": ids.COMPARE_GRID}
"""The tables of all units, of who leads whom and of what another plan changes choose as well; the browser marks
their rows itself."""


def register(app: Dash, session: PlanSession) -> None:
    """Wire clicks on the map and on rows to one selection, the selection to both, and its walks to the map.

    Parameters
    ----------
    app
        The page.
    session
        The dataset and the plan that are served.
    """
    _register_walks(app, session)

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
        *[Input(grid, "cellClicked") for grid in (*_TABLES.values(), ids.LEADING_GRID, ids.UNIT_GRID)],
        State(ids.TABS, "value"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def select(*told_and_version: Any) -> tuple[Any, ...]:
        *_, tab, version = told_and_version
        data = session.page(version)
        events = {entry["prop_id"].rsplit(".", 1)[0]: entry["value"] for entry in ctx.triggered}
        chosen = read_selection(data.bench, events, map_id=ids.MAP, tables=_ALL_UNITS)
        if chosen is None:
            raise PreventUpdate
        words = reader_words()
        rows = list_selected_rows(data.bench, chosen)
        bounds = find_target_bounds(data, chosen)
        shown = {table: {"rowId": chosen_ids[0]} for table, chosen_ids in rows.items() if chosen_ids}
        scroll = shown if chosen.is_found or not bounds else {}  # who clicked a row has it before them
        return (
            {"area": chosen.area, "unit": chosen.unit},
            {"bounds": bounds} if bounds else no_update,
            format_selection(data.bench, chosen, words),
            explanation_card(selection_card(data.bench, chosen, words), words, opinions_address(data.bench, chosen)),
            next((table for table, chosen_ids in rows.items() if chosen_ids), no_update)
            if tab in _TABLES and not rows[tab]
            else no_update,
            *[{"ids": rows[table]} for table in _TABLES],
            *[scroll.get(table, no_update) for table in _TABLES],
        )


def opinions_address(bench: Workbench, chosen: Selection) -> str | None:
    """Where opinions on what is selected are given; None where nobody signs in, or nothing of a plan is selected.

    Parameters
    ----------
    bench
        What the page shows.
    chosen
        What is selected.
    """
    if bench.version is None or not reader_access().name:
        return None
    asked = {"plan": bench.version.plan_id}
    if chosen.unit is not None:
        asked["unit"] = str(bench.units["unit_id"].iloc[chosen.unit])
    elif chosen.area is not None and chosen.area >= 0:
        asked["area"] = bench.areas[chosen.area]["area_id"]
    return f"approval?{urlencode(asked)}"


def _register_walks(app: Dash, session: PlanSession) -> None:
    """With the neighbours shown: a click on a pair draws its walk, a unit selected what it reaches."""

    @app.callback(
        Output(ids.MAP, "drawn"),
        Output(ids.WALK_TOLD, "children"),
        Input(ids.MAP, "click"),
        Input(ids.MAP, "selected"),
        Input(ids.LAYERS, "value"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def draw(
        click: dict[str, Any] | None, selected: dict[str, Any] | None, layers: list[str], version: str
    ) -> tuple[Any, Any]:
        events = {entry["prop_id"].rsplit(".", 1)[1] for entry in ctx.triggered}
        pair = (click or {}).get("pair") if "click" in events else None
        unit = (selected or {}).get("unit")
        if "edges" not in layers:
            return None, []
        drawn, words = None, reader_words()
        if pair is not None:
            drawn = draw_pair_walk(session.page(version).bench, pair, words)
        elif unit is not None:
            drawn = draw_unit_reach(session.page(version).bench, unit, words)
        if drawn is None:
            return None, []
        bench = session.page(version).bench
        is_barred = pair is not None and find_barrier_between(bench, pair) is not None
        buttons = [] if pair is None else [pair_buttons(pair, words, is_barred=is_barred)]
        return drawn.features, [*walk_sentences(drawn.sentences), *buttons]
