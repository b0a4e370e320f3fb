"""Theme, layers and the rows of the tables that are opened."""

from __future__ import annotations

from typing import Any

from dash import MATCH, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from analysis.indicators.classes import Method
from app.desks.plans.tables import group_by_reason, make_area_rows, make_table_rows
from app.desks.selection.selected import list_selected_rows, select_on_map
from app.maps.admin_units import find_shown_level
from app.session.audit import record_verdict
from app.session.plan_session import PlanSession
from app.session.reader import reader_words
from app.web.layout import ids
from app.web.layout.figures.cards import plan_status, verdict_view
from app.web.layout.figures.coverages import coverages_section, level_table
from app.web.layout.shell.sidebar import has_classes, legend
from app.workbench.scenario import read_scenario

_OF_UNITS = {"left_over": ids.LEFT_OVER_GRID, "out_of_scope": ids.OUT_OF_SCOPE_GRID, "unled": ids.UNLED_GRID}
"""Tables of units whose rows come when their tab is opened."""


def register(app: Dash, session: PlanSession) -> None:
    """Wire theme and layer switches, and the tables of units without an area.

    Parameters
    ----------
    app
        The page.
    session
        The dataset and the plan that are served.
    """
    pass_on = ClientsideFunction("pianqu", "passOn")  # the map does not wait for the server
    for output, control in (
        (Output(ids.MAP, "theme"), ids.THEME),
        (Output(ids.MAP, "visible"), ids.LAYERS),
        (Output(ids.MAP, "level"), ids.LEVEL),
        (Output(ids.MAP, "classes"), ids.CLASSES),
        (Output(ids.EDITOR, "mode"), ids.MODE),
    ):
        app.clientside_callback(pass_on, output, Input(control, "value"), prevent_initial_call=True)

    app.clientside_callback(
        ClientsideFunction("pianqu", "dimmed"),
        Output(ids.MAP, "dimmed"),
        Input(ids.HIDDEN, "data"),
        Input(ids.KEPT, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pianqu", "withTheme"),
        Output(ids.LAYERS, "value"),
        Input(ids.THEME, "value"),
        State(ids.LAYERS, "value"),
        State(ids.MAP, "sources"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.LEGEND, "children"),
        Output(ids.CLASSES_BOX, "hidden"),
        Output(ids.HIDDEN, "data"),
        Input(ids.THEME, "value"),
        Input(ids.LEVEL, "value"),
        Input(ids.CLASSES, "value"),
        Input(ids.CHOICE, "data"),
        Input(ids.MAP, "far"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def show_legend(
        key: str, level: str, method: Method, scenario: Any, far: bool, version: str
    ) -> tuple[list[Component], bool, list[str]]:
        data = session.page(version)
        choice, shown = read_scenario(data.bench, scenario), find_shown_level(level, is_far=far)
        drawn = legend(data, key, reader_words(), shown, choice, method)
        return drawn, not has_classes(data.theme(key), shown), []

    @app.callback(
        Output(ids.AREA_GRID, "rowData"), Input(ids.MAP, "ready"), State(ids.VERSION, "data"), prevent_initial_call=True
    )
    def fill_areas(_: Any, version: str) -> list[dict[str, Any]]:
        return make_area_rows(session.page(version).bench, reader_words())

    @app.callback(
        Output(ids.COVERAGES, "children"),
        Input(ids.MAP, "ready"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def fill_coverages(_: Any, version: str) -> Component:
        return coverages_section(session.page(version).bench, reader_words())

    @app.callback(
        Output({"type": ids.COVERAGE_ROWS, "level": MATCH}, "children"),
        Input({"type": ids.COVERAGE_OPEN, "level": MATCH}, "n_clicks"),
        State(ids.CHOICE, "data"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def fill_level(clicks: int, scenario: Any, version: str) -> Component:
        if clicks != 1:
            raise PreventUpdate  # the rows are there already
        bench = session.page(version).bench
        level = ctx.triggered_id["level"]
        return level_table(bench, reader_words(), level, read_scenario(bench, scenario))

    @app.callback(
        Output(ids.LEFT_OVER_GRID, "rowData"),
        Output(ids.OUT_OF_SCOPE_GRID, "rowData"),
        Output(ids.LEADING_GRID, "rowData"),
        Output(ids.UNLED_GRID, "rowData"),
        *[Output(grid, "scrollTo", allow_duplicate=True) for grid in _OF_UNITS.values()],
        Input(ids.TABS, "value"),
        State(ids.MAP, "selected"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def fill_table(tab: str, selected: dict[str, Any] | None, version: str) -> tuple[Any, ...]:
        words = reader_words()
        tables = ("left_over", "out_of_scope", "leading", "unled")
        if tab not in tables:
            raise PreventUpdate
        bench = session.page(version).bench
        rows = make_table_rows(bench, words, tab)
        shown = group_by_reason(rows, words) if tab in ("left_over", "out_of_scope") else rows
        chosen = list_selected_rows(bench, select_on_map(bench, selected or {})).get(tab)
        scroll = {"rowId": chosen[0]} if chosen else no_update  # its rows came after it was chosen
        filled = (shown if table == tab else no_update for table in tables)
        return *filled, *(scroll if table == tab else no_update for table in _OF_UNITS)

    @app.callback(
        Output(ids.VERIFIED, "children"),
        Output(ids.PLAN_VERDICT, "children"),
        Output(ids.PLAN_VERDICT, "title"),
        Output(ids.PLAN_STATUS, "children"),
        Input(ids.MAP, "ready"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,  # the map comes first: a city takes seconds
    )
    def verify(_: Any, version: str) -> tuple[Component, str, str, list[Component]]:
        bench, words = session.page(version).bench, reader_words()
        stated = bench.verdict
        if stated is None:
            raise PreventUpdate
        if bench.version is not None:
            record_verdict(session.store, bench.version.id, stated)
        word, whole = words.pick(stated.word_zh, stated.word_en), words.pick(stated.zh, stated.en)
        found = bench.verification
        offered = bench.version if session.rights.runs is None and not bench.context.is_past else None
        return verdict_view(found, words, offered), f" · {word}", whole, plan_status(bench, words, found)
