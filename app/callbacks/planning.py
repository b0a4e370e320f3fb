"""The planning run of the page: its buttons and its clock."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, ctx

from app.callbacks.language import reader_words
from app.layout import ids
from app.layout.plan_run import plan_run
from app.services.plan_desk import PlanDesk


def register(app: Dash, desk: PlanDesk) -> None:
    """Wire the buttons and the clock of the planning run."""

    @app.callback(
        Output(ids.PLAN_RUN, "children"),
        Output(ids.PLAN_TIMER, "disabled"),
        Input({"type": "plan-run", "action": ALL}, "n_clicks"),
        Input(ids.PLAN_TIMER, "n_intervals"),
    )
    def follow(*_: Any) -> tuple[Any, bool]:
        source = ctx.triggered_id
        is_click = bool(source) and source != ids.PLAN_TIMER and bool(ctx.triggered[0]["value"])
        if is_click and source["action"] == "start":
            desk.start()
        elif is_click and source["action"] == "cancel":
            desk.cancel()
        state = desk.state()
        return plan_run(state, reader_words()), state is None or state.phase != "running"
