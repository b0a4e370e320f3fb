"""Choosing charging places: by a click, from a list, or the best under a budget; undone, kept."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, html, no_update
from dash.exceptions import PreventUpdate

from app.desks.charging.selection import (
    ChargingSelection,
    choose_under_budget,
    format_gap,
    list_candidates,
    list_chosen,
    make_gap_rows,
    read_chosen_sites,
    selection_geojson,
    store_chosen_sites,
    summarise_selection,
)
from app.desks.charging.sites import format_choice
from app.session.page import PageData
from app.session.plan_session import PlanSession
from app.session.reader import reader_words, sign_as
from app.web.layout import ids
from app.web.layout.corrections.correcting import fault_line
from app.web.layout.figures.charging import chosen_sites, totals_list, unit_sites
from geo.errors import PlanningError

_SITES = {"type": "charge-site", "site": ALL}
_TAB = "charging"


def register(app: Dash, session: PlanSession) -> None:
    """Wire the list, the choice and what it comes to.

    Parameters
    ----------
    app
        The page.
    session
        The dataset and the plan that are served.
    """

    @app.callback(
        Output(ids.CHARGE_GRID, "rowData"),
        Output(ids.CHARGE_LINE, "children"),
        Output(ids.LAYERS, "value", allow_duplicate=True),
        Input(ids.TABS, "value"),
        State(ids.LAYERS, "value"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def fill(tab: str, layers: list[str], version: str) -> tuple[Any, Any, Any]:
        if tab != _TAB:
            raise PreventUpdate
        words, bench = reader_words(), session.page(version).bench
        visible = no_update if "sites" in layers else [*layers, "sites"]
        return make_gap_rows(bench, words), format_gap(bench, words), visible

    @app.callback(
        Output(ids.CHARGE_SET, "data"),
        Output(ids.CHARGE_PROOF, "children"),
        Output(ids.CHARGE_BUSY, "children"),
        Output(ids.MAP, "fly", allow_duplicate=True),
        Input(ids.TABS, "value"),
        Input(ids.MAP, "click"),
        Input(_SITES, "n_clicks"),
        Input(ids.CHARGE_CHOOSE, "n_clicks"),
        Input(ids.CHARGE_UNDO, "n_clicks"),
        Input(ids.CHARGE_CLEAR, "n_clicks"),
        State(ids.CHARGE_BUDGET, "value"),
        State(ids.CHARGE_SET, "data"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def choose(tab: str, click: Any, buttons: list[int | None], *more: Any) -> tuple[Any, Any, Any, Any]:
        budget, held, version = more[-3:]
        if tab != _TAB:
            raise PreventUpdate
        words, source = reader_words(), ctx.triggered_id
        data = session.page(version)
        bench = data.bench
        before = ChargingSelection(read_chosen_sites(bench.dataset)) if held is None else ChargingSelection.of(held)
        if held is None and source == ids.TABS:
            return before.told(), [], "", no_update
        if source == ids.CHARGE_UNDO:
            return before.back().told(), [], "", no_update
        if source == ids.CHARGE_CLEAR:
            return before.to({}).told(), [], "", no_update
        if source == ids.CHARGE_CHOOSE:
            try:
                found = choose_under_budget(bench, budget)
            except PlanningError as error:
                return no_update, fault_line(words.pick(error.zh, error.en)), "", no_update
            chosen = list_chosen(bench, dict(found.sites))
            told = [html.P(format_choice(found, words)), chosen_sites(chosen, words)]
            return before.to(dict(found.sites)).told(), told, "", _chosen_view(data, chosen)
        pressed = isinstance(source, dict) and any(buttons)
        site = source["site"] if pressed else (click or {}).get("site")
        if site is None or (source != ids.MAP and not pressed):
            raise PreventUpdate
        return before.toggled(site).told(), [], "", no_update

    @app.callback(
        Output(ids.CHARGE_TOTALS, "children"),
        Output(ids.MAP, "built"),
        Input(ids.CHARGE_SET, "data"),
        Input(ids.again(ids.CHARGE_TOTALS), "n_clicks"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def account(held: Any, _: Any, version: str) -> tuple[Any, Any]:
        words, bench = reader_words(), session.page(version).bench
        now = held["now"] if held else {}
        return totals_list(summarise_selection(bench, now, words), words), selection_geojson(bench, now)

    @app.callback(
        Output(ids.CHARGE_ROW, "data"),
        Output(ids.MAP, "fly", allow_duplicate=True),
        Input(ids.CHARGE_GRID, "cellClicked"),
        Input(ids.ROW_CHOICE, "data"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def choose_unit(cell: Any, row: Any, version: str) -> tuple[Any, Any]:
        chosen = row if ctx.triggered_id == ids.ROW_CHOICE else cell
        if not chosen or (chosen is row and row.get("table") != ids.CHARGE_GRID):
            raise PreventUpdate
        data = session.page(version)
        bounds = data.unit_bounds.get(data.bench.position_of.get(chosen["rowId"], -1))
        return chosen["rowId"], no_update if bounds is None else {"bounds": list(bounds)}

    @app.callback(
        Output(ids.CHARGE_UNIT, "children"),
        Input(ids.CHARGE_ROW, "data"),
        Input(ids.CHARGE_SET, "data"),
        Input(ids.again(ids.CHARGE_UNIT), "n_clicks"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def show_unit(unit: str | None, held: Any, _: Any, version: str) -> Any:
        words, bench = reader_words(), session.page(version).bench
        position = bench.position_of.get(unit or "")
        if unit is None or position is None:
            return []
        name = str(bench.units["name"].iloc[position])
        chosen = set(held["now"]) if held else set()
        return unit_sites(name, list_candidates(bench, unit), chosen, words)

    @app.callback(
        Output(ids.CHARGE_SAID, "children"),
        Input(ids.CHARGE_KEEP, "n_clicks"),
        State(ids.CHARGE_SET, "data"),
        State(ids.CHARGE_AUTHOR, "value"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def keep(_: Any, held: Any, author: str | None, version: str) -> Any:
        words = reader_words()
        try:
            found = store_chosen_sites(session, version, held["now"] if held else {}, sign_as(author))
        except PlanningError as error:
            return fault_line(words.pick(error.zh, error.en))
        return words("charge.kept", n=len(found.sites), ports=f"{found.ports:,}")


def _chosen_view(data: PageData, chosen: list[dict[str, Any]]) -> Any:
    """Where the map flies for chosen places: their communities; nowhere for none."""
    at = (data.bench.position_of[one["unit_id"]] for one in chosen)
    boxes = [data.unit_bounds[k] for k in at if k in data.unit_bounds]
    if not boxes:
        return no_update
    west, south, east, north = zip(*boxes, strict=True)
    return {"bounds": [min(west), min(south), max(east), max(north)]}
