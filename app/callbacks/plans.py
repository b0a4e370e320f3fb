"""The menu of plans: renaming one, taking one out of the list, the reader's name."""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from app.callbacks.author import reader_author
from app.layout import ids
from app.services.plan_menu import act_on_plan
from app.services.shown import Shown


def register(app: Dash, shown: Shown) -> None:
    """Wire the menu to the store."""

    @app.callback(
        Output(ids.GO, "data"),
        Input({"type": "plan-action", "action": ALL}, "n_clicks"),
        State(ids.PLAN_NAME, "value"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def act(clicks: list[int | None], name: str | None, version: str) -> Any:
        if not any(clicks):
            raise PreventUpdate
        told = ctx.triggered_id["action"]
        return act_on_plan(shown, version, told, name or "", reader_author())

    app.clientside_callback(
        ClientsideFunction("pianqu", "go"),
        Output(ids.GO, "modified_timestamp"),
        Input(ids.GO, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pianqu", "sign"),
        Output(ids.AUTHOR, "title"),
        Input(ids.AUTHOR, "value"),
        prevent_initial_call=True,
    )
