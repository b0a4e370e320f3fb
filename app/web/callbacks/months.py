"""Keeping a month from the page."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from app.indicators.months import kept_months
from app.indicators.snapshots import take_snapshot
from app.session.plan_session import Shown
from app.web.layout import ids
from app.web.layout.figures.months import month_told, months_table
from app.web.reader.language import reader_words
from geo.dataset import open_dataset


def register(app: Dash, shown: Shown) -> None:
    """Wire the form that keeps a month."""

    @app.callback(
        Output(ids.MONTHS, "children"),
        Output(ids.MONTH_TELL, "children"),
        Input(ids.month_field("keep"), "n_clicks"),
        State(ids.month_field("month"), "value"),
        State(ids.month_field("lock"), "checked"),
        State(ids.month_field("reason"), "value"),
        prevent_initial_call=True,
    )
    def keep(clicks: int | None, month: str, lock: bool, reason: str) -> tuple[Component, Any]:
        if not clicks:
            raise PreventUpdate
        with shown.changing():
            found = take_snapshot(shown.folder, month, shown.policy, lock=bool(lock), reason=reason or None)
        words = reader_words()
        return months_table(kept_months(open_dataset(shown.folder)), words), month_told(found, words)
