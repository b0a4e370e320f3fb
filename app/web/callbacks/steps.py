"""The path of five steps: which one is open, and what waits in them."""

from __future__ import annotations

from functools import partial
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

    for name, told in (("adjust", Input(ids.VERIFIED, "children")), ("report", Input(ids.EXPORTED, "data"))):
        parts = [Output(ids.step(name), prop) for prop in ("children", "className", "title")]
        wired = app.callback(*parts, told, State(ids.VERSION, "data"), prevent_initial_call=True)
        wired(partial(_show_step, session, name))


def _show_step(session: PlanSession, name: str, told: Any, version: str) -> tuple[list[Component], str, str]:
    """One step of the path, once the plan was checked or its files were fetched."""
    bench = session.page(version).bench
    if name == "adjust":
        steps = list_steps(bench, broken=len(bench.violations))
    else:
        steps = list_steps(bench, is_exported=bool(session.store.marks(EXPORTED, [told.rpartition(".")[2]])))
    return step_view(name, steps, reader_words())
