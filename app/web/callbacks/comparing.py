"""Comparing plans: which others are chosen, and what is shown of them."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from app.desks.plans.comparison import compare_with_plans, format_verdicts, list_comparable_plans, list_moved_units
from app.session.plan_session import PlanSession
from app.session.reader import reader_words
from app.web.layout import ids
from app.web.layout.plans.comparing import comparison_view, other_map, pictures_view
from geo.errors import PlanningError


def register(app: Dash, session: PlanSession) -> None:
    """Wire the choice of plans to the panel, the pictures and the maps.

    Parameters
    ----------
    app
        The page.
    session
        The dataset and the plan that are served.
    """

    @app.callback(
        Output(ids.COMPARE_WITH, "data"),
        Output(ids.COMPARE_WITH, "value"),
        Input(ids.MODE, "value"),
        State(ids.COMPARE_WITH, "value"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def offer(mode: str, chosen: list[str] | None, version: str) -> tuple[Any, Any]:
        if mode != "compare":
            raise PreventUpdate
        found = list_comparable_plans(session, session.page(version), reader_words())
        listed = [{"value": key, "label": label} for key, label in found]
        return listed, chosen or [key for key, _ in found[:1]]

    @app.callback(
        Output(ids.COMPARED, "children"),
        Output(ids.SCENARIOS, "children"),
        Output(ids.COMPARE_MAP, "children"),
        Output(ids.MAP, "counted", allow_duplicate=True),
        Output(ids.COMPARE_FAULT, "children"),
        Input(ids.COMPARE_WITH, "value"),
        Input(ids.MODE, "value"),
        Input(ids.again(ids.COMPARED), "n_clicks"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def compare(others: list[str] | None, mode: str, _: Any, version: str) -> tuple[Any, ...]:
        if mode != "compare":  # the second map costs memory, and the marks belong to it
            return no_update, no_update, [], None, ""
        words = reader_words()
        try:
            data, beside = session.page(version), compare_with_plans(session, version, others or [])
        except PlanningError as error:
            return [], [], [], None, words.pick(error.zh, error.en)
        if not beside:
            can_choose = bool(list_comparable_plans(session, data, words))
            return comparison_view(data, (), words, can_choose=can_choose), [], [], None, ""
        marks = {"key": "moved", "units": list_moved_units(data, beside[0].found)}
        return (
            comparison_view(data, beside, words),
            pictures_view(data, beside, words),
            other_map(data, beside[0], words),
            marks,
            "",
        )

    @app.callback(
        Output(ids.COMPARE_CHECKED, "children"),
        Input(ids.COMPARED, "children"),
        Input(ids.again(ids.COMPARE_CHECKED), "n_clicks"),
        State(ids.COMPARE_WITH, "value"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def check(_: Any, __: Any, others: list[str] | None, version: str) -> str:
        words = reader_words()
        try:
            data, beside = session.page(version), compare_with_plans(session, version, others or [])
        except PlanningError:
            return ""  # said where the plans are compared
        return format_verdicts(data, beside, words) if beside else ""

    app.clientside_callback(
        ClientsideFunction("pianqu_swipe", "start"),
        Output(ids.COMPARE_MAP, "title"),
        Input(ids.COMPARE_MAP, "children"),
        prevent_initial_call=True,
    )

    app.clientside_callback(
        ClientsideFunction("pianqu", "selectBeside"), Input(ids.MAP, "selected"), prevent_initial_call=True
    )
