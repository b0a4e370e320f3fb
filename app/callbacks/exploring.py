"""Search, filter and the table of units: all of it happens in the browser (`finding.js`)."""

from __future__ import annotations

from dash import ALL, ClientsideFunction, Dash, Input, Output, State

from app.layout import ids

_FIELDS = {"type": "filter-field", "what": ALL}


def register(app: Dash) -> None:
    """Wire the filter to the map and the table."""
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
