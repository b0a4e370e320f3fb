"""Putting a community on the map: a row, a click on the map, and a reason become a correction."""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from app.desks.corrections.placing import (
    DoubtfulPlaceError,
    list_placements,
    make_unplaced_rows,
    remove_placement,
    store_placement,
)
from app.desks.plans.carry import carry_page
from app.session.plan_session import PlanSession
from app.session.reader import reader_author, reader_words, sign_as
from app.web.layout import ids
from app.web.layout.corrections.placing import placed_list, placing_message
from geo.errors import PlanningError


def register(app: Dash, session: PlanSession) -> None:
    """Wire the map, the form and the list of what was placed.

    Parameters
    ----------
    app
        The page.
    session
        The dataset and the plan that are served.
    """
    app.clientside_callback(
        ClientsideFunction("pianqu", "clickedPlace"),
        Output(ids.PLACING_AT, "value"),
        Input(ids.MAP, "click"),
        State(ids.TABS, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pianqu", "pinOf"),
        Output(ids.MAP, "pin"),
        Input(ids.PLACING_AT, "value"),
        Input(ids.TABS, "value"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.PLACING_SAID, "children"),
        Output(ids.PLACING_DONE, "children"),
        Output(ids.UNPLACED_GRID, "rowData"),
        Output(ids.PLACING_BUSY, "children"),
        Output(ids.PLACING_TOLD, "data"),
        Output(ids.CORRECT_DONE, "data", allow_duplicate=True),
        Input(ids.PLACING_CONFIRM, "n_clicks"),
        Input({"type": "placing-back", "override": ALL}, "n_clicks"),
        State(ids.UNPLACED_GRID, "selectedRows"),
        State(ids.PLACING_AT, "value"),
        State(ids.PLACING_AUTHOR, "value"),
        State(ids.PLACING_REASON, "value"),
        State(ids.PLACING_TOLD, "data"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def place(
        _: Any,
        __: Any,
        rows: list[dict[str, Any]] | None,
        at: str | None,
        author: str | None,
        reason: str | None,
        doubted_before: Any,
        version: str,
    ) -> tuple[Any, ...]:
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            raise PreventUpdate
        words, fault, doubted = reader_words(), None, None
        try:
            if ctx.triggered_id == ids.PLACING_CONFIRM:
                unit = rows[0]["id"] if rows else None
                store_placement(
                    session, unit, at, sign_as(author), reason or "", confirmed=doubted_before == [unit, at]
                )
            else:
                remove_placement(session, ctx.triggered_id["override"], sign_as(author or reader_author()))
        except DoubtfulPlaceError as error:
            fault, doubted = words.pick(error.zh, error.en), [unit, at]
        except PlanningError as error:
            fault = words.pick(error.zh, error.en)
        address = None if fault else carry_page(session, version, sign_as(author or reader_author()), words)
        data = session.current_page()
        if data is None:
            raise PreventUpdate
        return (
            placing_message(fault, words, address or "./"),
            placed_list(list_placements(data.bench), words, session.rights.data),
            make_unplaced_rows(data.bench, words),
            "",
            doubted,
            no_update if fault else {"tab": "unplaced", "told": words("placing.kept")},
        )
