"""The work list: a filter, a building, its walks, and what came of a talk."""

from __future__ import annotations

import datetime
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from app.desks.corrections.worklist import (
    filter_strays,
    format_counts,
    list_strays,
    make_work_rows,
    store_consultation,
    withdraw_consultation,
)
from app.desks.plans.carry import carry_page
from app.maps.walks import draw_pair_walk
from app.session.address import version_address
from app.session.page import PageData
from app.session.plan_session import PlanSession
from app.session.reader import reader_words, sign_as
from app.web.layout import ids
from app.web.layout.corrections.correcting import fault_line
from app.web.layout.corrections.worklist import SINGLES_SHEET, building_card
from app.web.layout.map import walk_sentences
from geo.errors import PlanningError

_FILTERS = {"type": "work-filter", "what": ALL}
_FIELDS = {"type": "work-field", "what": ALL}
_WALKS = {"type": "work-walk", "unit": ALL, "anchor": ALL}


def register(app: Dash, session: PlanSession) -> None:
    """Wire the list, the building chosen, and the form.

    Parameters
    ----------
    app
        The page.
    session
        The dataset and the plan that are served.
    """

    @app.callback(
        Output(ids.WORK_GRID, "rowData"),
        Output(ids.WORK_COUNTS, "children"),
        Output(ids.WORK_PRINT, "href"),
        Input(ids.TABS, "value"),
        Input(_FILTERS, "value"),
        Input(ids.WORK_SAID, "children"),
        State(_FILTERS, "id"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def fill(tab: str, values: list[str | None], _: Any, names: list[Any], version: str) -> tuple[Any, Any, Any]:
        if tab != "strays":
            return no_update, no_update, no_update
        words, bench = reader_words(), session.page(version).bench
        wanted = {n["what"]: value for n, value in zip(names, values, strict=True) if value}
        kept = filter_strays(list_strays(bench, words), wanted)
        sheet = version_address(bench.version, SINGLES_SHEET, **wanted)
        return make_work_rows(kept, words), format_counts(kept, words), sheet

    @app.callback(
        Output(ids.WORK_CHOSEN, "data"),
        Input(ids.WORK_GRID, "cellClicked"),
        Input(ids.ROW_CHOICE, "data"),
        prevent_initial_call=True,
    )
    def choose(cell: Any, row: Any) -> Any:
        chosen = row if ctx.triggered_id == ids.ROW_CHOICE else cell
        if not chosen or (chosen is row and row.get("table") != ids.WORK_GRID):
            raise PreventUpdate
        return chosen.get("rowId")

    @app.callback(
        Output(ids.WORK_ONE, "children"),
        Output(_FIELDS, "value"),
        Input(ids.WORK_CHOSEN, "data"),
        Input(ids.WORK_SAID, "children"),
        State(_FIELDS, "id"),
        State(_FIELDS, "value"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def show(unit: str | None, _: Any, names: list[Any], values: list[Any], version: str) -> tuple[Any, list[Any]]:
        words, bench = reader_words(), session.page(version).bench
        one = next((one for one in list_strays(bench, words) if one.unit_id == unit), None)
        if one is None:
            raise PreventUpdate
        today = datetime.datetime.now().astimezone().date().isoformat()
        now = {"agrees": one.agrees, "stage": one.stage, "date": today, "note": ""}
        answers = [now.get(n["what"], value) for n, value in zip(names, values, strict=True)]
        return building_card(one, words), answers

    drawn = (
        Output(ids.MAP, "drawn", allow_duplicate=True),
        Output(ids.MAP, "fly", allow_duplicate=True),
        Output(ids.MAP, "pin", allow_duplicate=True),
        Output(ids.WALK_TOLD, "children", allow_duplicate=True),
    )

    @app.callback(*drawn, Input(ids.WORK_CHOSEN, "data"), State(ids.VERSION, "data"), prevent_initial_call=True)
    def draw_nearest(unit: str | None, version: str) -> tuple[Any, ...]:
        data = session.page(version)
        one = next((s for s in data.bench.context.strays if s.unit_id == unit), None)
        if one is None:
            raise PreventUpdate
        return _drawn(data, one.unit_id, one.likeliest_id)

    @app.callback(*drawn, Input(_WALKS, "n_clicks"), State(ids.VERSION, "data"), prevent_initial_call=True)
    def draw(clicks: list[int | None], version: str) -> tuple[Any, ...]:
        if not any(clicks) or not isinstance(ctx.triggered_id, dict):
            raise PreventUpdate
        return _drawn(session.page(version), ctx.triggered_id["unit"], ctx.triggered_id["anchor"])

    @app.callback(
        Output(ids.WORK_SAID, "children"),
        Output(ids.CORRECT_DONE, "data", allow_duplicate=True),
        Output(ids.WORK_BUSY, "children"),
        Input(ids.WORK_KEEP, "n_clicks"),
        Input(ids.WORK_BACK, "n_clicks"),
        State(ids.WORK_CHOSEN, "data"),
        State(_FIELDS, "id"),
        State(_FIELDS, "value"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def keep(
        _: Any, __: Any, unit: str | None, names: list[Any], values: list[Any], version: str
    ) -> tuple[Any, Any, Any]:
        words = reader_words()
        answers = {n["what"]: value for n, value in zip(names, values, strict=True)}
        if not unit:
            return _fault(words("work.choose")), no_update, ""
        try:
            if ctx.triggered_id == ids.WORK_BACK:
                changed = withdraw_consultation(session, version, unit, sign_as(answers["author"]))
            else:
                changed = store_consultation(
                    session,
                    version,
                    unit,
                    answers["agrees"],
                    answers["stage"],
                    sign_as(answers["author"]),
                    answers["date"] or "",
                    answers["note"] or "",
                )
        except PlanningError as error:
            return _fault(words.pick(error.zh, error.en)), no_update, ""
        now = datetime.datetime.now().astimezone().strftime("%H:%M:%S")
        message = words("work.kept_changed" if changed else "work.kept", time=now)
        if not changed:
            return message, no_update, ""
        address = carry_page(session, version, sign_as(answers["author"]), words)
        return message, {"tab": "strays", "address": address}, ""


def _fault(text: str) -> list[Component]:
    return [fault_line(text)]


def _drawn(data: PageData, unit: str, anchor: str | None) -> tuple[Any, ...]:
    """The walk, where the map flies, the pin on the building, and what is reported."""
    walk = draw_pair_walk(data.bench, f"{unit}|{anchor}", reader_words()) if anchor else None
    bounds = data.unit_bounds.get(data.bench.position_of.get(unit, -1))
    fly = no_update if bounds is None else {"bounds": list(bounds)}
    pin = None if bounds is None else [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2]
    return (None, fly, pin, []) if walk is None else (walk.features, fly, pin, walk_sentences(walk.sentences))
