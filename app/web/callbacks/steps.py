"""The path of five steps: which one is open, and what waits in them."""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State
from dash.development.base_component import Component

from app.session.plan_session import PlanSession
from app.session.progress import list_steps
from app.session.reader import reader_words
from app.store.store import EXPORTED
from app.web.layout import ids
from app.web.layout.shell.steps import step_view


def register(app: Dash, session: PlanSession) -> None:
    """Wire the steps to the ways of working, and their counts to the check of the plan.

    Parameters
    ----------
    app
        The page.
    session
        The dataset and the plan that are served.
    """
    app.clientside_callback(
        ClientsideFunction("pianqu_steps", "choose"),
        Output(ids.STEP, "data"),
        Output(ids.MODE, "value"),
        Input({"type": "step", "name": ALL}, "n_clicks"),
        Input(ids.COMPARE_OPEN, "n_clicks"),
        State(ids.STEP, "data"),
        State(ids.MODE, "value"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pianqu_steps", "pageClass"),
        Output(ids.PAGE, "className"),
        Input(ids.MODE, "value"),
        Input(ids.STEP, "data"),
    )

    app.clientside_callback(
        ClientsideFunction("pianqu_steps", "toForm"), Input(ids.PLANNER, "opened"), prevent_initial_call=True
    )

    @app.callback(
        Output(ids.step("adjust"), "children"),
        Output(ids.step("adjust"), "className"),
        Output(ids.step("adjust"), "title"),
        Input(ids.VERIFIED, "children"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def count_broken(_: Any, version: str) -> tuple[list[Component], str, str]:
        bench = session.page(version).bench
        return step_view("adjust", list_steps(bench, broken=len(bench.violations)), reader_words())

    @app.callback(
        Output(ids.step("report"), "children"),
        Output(ids.step("report"), "className"),
        Output(ids.step("report"), "title"),
        Input(ids.EXPORTED, "data"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def note_exported(link: str, version: str) -> tuple[list[Component], str, str]:
        exported = session.store.marks(EXPORTED, [link.rpartition(".")[2]])
        return step_view("report", list_steps(session.page(version).bench, is_exported=bool(exported)), reader_words())
