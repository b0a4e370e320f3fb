"""The menu of plans: renaming one, taking one out of the list, the reader's name, a version saved."""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from app.desks.plans.menu import act_on_plan, make_menu_after_saving
from app.session.address import version_address
from app.session.plan_session import PlanSession
from app.session.reader import reader_author, reader_words
from app.web.layout import ids
from app.web.layout.plans.menu import plan_menu_parts
from app.web.layout.shell.header import export_parts, language_address


def register(app: Dash, session: PlanSession) -> None:
    """Wire the menu to the store.

    Parameters
    ----------
    app
        The page.
    session
        The dataset and the plan that are served.
    """

    @app.callback(
        Output(ids.GO, "data"),
        Input({"type": "plan-action", "action": ALL, "version": ALL}, "n_clicks"),
        State(ids.PLAN_NAME, "value"),
        prevent_initial_call=True,
    )
    def act(clicks: list[int | None], name: str | None) -> Any:
        if not any(clicks):
            raise PreventUpdate
        asked = ctx.triggered_id
        return act_on_plan(session, asked["version"], asked["action"], name or "", reader_author(), reader_words())

    @app.callback(
        Output(ids.PLAN_MENU, "children"),
        Output(ids.EXPORTS, "children"),
        Output(ids.LANGUAGE, "href"),
        Output(ids.STORY_OPEN, "href"),
        Output(ids.PRINT_OPEN, "href"),
        Output(ids.EXPORTED, "data"),
        Input(ids.EDITOR, "saved"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def follow_save(version_id: str, version: str) -> tuple[Any, ...]:
        page, menu = make_menu_after_saving(session, version, version_id, reader_author())
        words = reader_words()
        return (
            plan_menu_parts(page, menu, words),
            export_parts(page, words),
            language_address(menu.shown, words),
            version_address(menu.shown, "story"),
            version_address(menu.shown, "print"),
            page,  # its files were not fetched yet
        )

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
