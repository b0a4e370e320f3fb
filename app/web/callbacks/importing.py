"""The import wizard: each click or answer goes to the desk, the view that comes back is drawn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from app.desks.imports.events import WizardEvent, apply_event, draw_shown_file
from app.desks.imports.session import ImportSession
from app.session.reader import reader_words
from app.web.layout import ids
from app.web.layout.imports.wizard import POLL_MS, wizard_body
from app.web.layout.widgets import clock_waits

_ANSWERS = {"type": "wizard-answer", "question": ALL, "file": ALL}
_COLUMNS = {"type": "wizard-column", "file": ALL, "layer": ALL, "column": ALL}
_ROWS = {"type": "wizard-row", "action": ALL, "file": ALL}
_STEPS = {"type": "wizard-step", "step": ALL}
_ABOUT = {"type": "wizard-about", "what": ALL}


def register(app: Dash, imports: ImportSession) -> None:
    """Wire the wizard's buttons, answers and clock to the desk.

    Parameters
    ----------
    app
        The page.
    imports
        The reader's files.
    """

    @app.callback(
        Output(ids.WIZARD, "opened"),
        Input({"type": "wizard-open", "place": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def open_wizard(clicks: list[int | None]) -> bool:
        if not any(clicks):
            raise PreventUpdate
        return True

    app.clientside_callback(
        ClientsideFunction("pianqu", "nameImport"),
        Output(ids.WIZARD_TOKEN, "data"),
        Input(ids.WIZARD, "opened"),
        State(ids.WIZARD_TOKEN, "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.WIZARD_BODY, "children"),
        Output(ids.WIZARD_TIMER, "disabled"),
        Output(ids.WIZARD_FILE, "data"),
        Input(ids.WIZARD_TOKEN, "data"),
        Input(ids.WIZARD_TICK, "data"),
        Input(ids.WIZARD_TIMER, "n_intervals"),
        Input(_ANSWERS, "value"),
        Input(_COLUMNS, "value"),
        Input(_ROWS, "n_clicks"),
        Input(_STEPS, "n_clicks"),
        State(_ABOUT, "value"),
        State(ids.WIZARD_FILE, "data"),
        running=clock_waits(ids.WIZARD_TIMER, POLL_MS),
        prevent_initial_call=True,
    )
    def work(
        token: str, _: Any, __: Any, ___: Any, ____: Any, _____: Any, ______: Any, about: Any, shown: str | None
    ) -> tuple[Any, ...]:
        before = shown
        events = [(control_id(one["prop_id"]), one["value"]) for one in ctx.triggered]
        done = [one for one in events if is_event(*one)]
        if events and not done:
            raise PreventUpdate  # buttons that were just drawn, not clicked
        for source, value in done:  # under load the browser tells several at once
            shown = apply_event(imports, token, _event(source, value, about, shown))
        view = imports.view(token)
        body = wizard_body(view, shown, draw_shown_file(imports, token, shown), token, reader_words())
        return body, not view.is_busy, shown if shown != before else no_update


def control_id(prop_id: str) -> Mapping[str, Any]:
    """The id of a control that told something; empty for a clock or a store.

    Examples
    --------
    >>> control_id('{"file":"f1","question":"datum","type":"wizard-answer"}.value')["file"]
    'f1'
    >>> control_id("wizard-tick.data")
    {}
    """
    text = prop_id.rpartition(".")[0]
    found: Mapping[str, Any] = json.loads(text) if text.startswith("{") else {}
    return found


def is_event(control: Mapping[str, Any], value: object) -> bool:
    """Whether it is more than a button that was drawn and not clicked.

    Parameters
    ----------
    control
        Id of the control that was triggered; empty = none.
    value
        Its value or number of clicks.
    """
    return not control or bool(value) or control["type"] in ("wizard-answer", "wizard-column")


def _event(control: Mapping[str, Any], value: object, about: list[str | None], shown: str | None) -> WizardEvent:
    """What the browser tells: which control, and its value or clicks."""
    fields = {entry["id"]["what"]: entry.get("value") for entry in ctx.states_list[0]}
    return WizardEvent(
        kind=control.get("type", "look"),
        name=control.get("question") or control.get("action") or control.get("step") or "",
        column=control.get("column", 0),
        file=control.get("file"),
        value=value if isinstance(value, str) else None,
        layer=control.get("layer", 0),
        about=fields,
        shown=shown,
    )
