"""The way of working goes to the editor; all else happens in the browser and over `edit/…`."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output

from app.web.layout import ids


def register(app: Dash) -> None:
    """Wire the header's switch to the editor."""
    app.clientside_callback(
        ClientsideFunction("pianqu", "passOn"),
        Output(ids.EDITOR, "mode"),
        Input(ids.MODE, "value"),
        prevent_initial_call=True,
    )
