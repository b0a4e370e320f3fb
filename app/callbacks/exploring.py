"""Search, filter and the table of units, which happen in the browser; everything about one unit."""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from app.callbacks.language import reader_words
from app.layout import ids
from app.layout.facts import facts_view
from app.services.shown import Shown
from app.services.unit_facts import unit_facts

_FIELDS = {"type": "filter-field", "what": ALL}


def register(app: Dash, shown: Shown) -> None:
    """Wire the filter to the map and the table, and the drawer to the unit selected."""
    app.clientside_callback(
        ClientsideFunction("finding", "filter"),
        Output(ids.KEPT, "data"),
        Output(ids.FILTER_TOLD, "children"),
        Input(_FIELDS, "value"),
        Input(ids.FILTER_COMPANY, "data"),
        State(_FIELDS, "id"),
        State(ids.INDEX, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("finding", "clear"),
        Output(_FIELDS, "value"),
        Output(ids.FILTER_COMPANY, "data"),
        Input(ids.FILTER_CLEAR, "n_clicks"),
        State(_FIELDS, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("finding", "list"),
        Output(ids.UNIT_GRID, "className"),
        Input(ids.TABS, "value"),
        Input(ids.KEPT, "data"),
        Input(ids.MAP, "selected"),
        State(ids.INDEX, "data"),
        State(ids.UNIT_GRID, "className"),
    )
    app.clientside_callback(
        ClientsideFunction("finding", "hasUnit"),
        Output(ids.FACTS_OPEN, "hidden"),
        Input(ids.MAP, "selected"),
    )
    app.clientside_callback(
        ClientsideFunction("finding", "openFacts"),
        Output(ids.FACTS_DRAWER, "opened"),
        Input(ids.FACTS_OPEN, "n_clicks"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.FACTS, "children"),
        Input(ids.FACTS_DRAWER, "opened"),
        State(ids.MAP, "selected"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def tell(opened: bool, selected: dict[str, Any] | None, version: str) -> list[Component]:
        data, unit = shown.there(version), (selected or {}).get("unit")
        if not opened or unit is None or unit not in range(len(data.bench.units)):
            raise PreventUpdate
        words = reader_words()
        return facts_view(
            str(data.bench.units["name"].iloc[unit]), unit_facts(data.bench, unit, words), words
        )
