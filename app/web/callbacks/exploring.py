"""Search, filter and the table of units, which happen in the browser; charts; everything about one unit."""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from analysis.indicators.classes import Method
from app.desks.selection.unit_facts import list_unit_facts
from app.indicators.charts import make_charts
from app.maps.admin_units import find_shown_level
from app.session.plan_session import PlanSession
from app.session.reader import reader_words
from app.web.layout import ids
from app.web.layout.corrections.correcting import fault_line
from app.web.layout.figures.charts import charts_view
from app.web.layout.figures.facts import facts_view
from app.web.layout.shell.sidebar import legend_bands
from app.workbench.scenario import read_scenario
from geo.errors import PlanningError

_FIELDS = {"type": "filter-field", "what": ALL}


def register(app: Dash, session: PlanSession) -> None:
    """Wire the filter to the map and the table, and the drawer to the unit selected.

    Parameters
    ----------
    app
        The page.
    session
        The dataset and the plan that are served.
    """
    app.clientside_callback(
        ClientsideFunction("finding", "filter"),
        Output(ids.KEPT, "data"),
        Output(ids.FILTER_TOLD, "children"),
        Input(_FIELDS, "value"),
        Input(ids.FILTER_COMPANY, "data"),
        State(_FIELDS, "id"),
        State(ids.INDEX, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("finding", "clear"),
        Output(_FIELDS, "value"),
        Output(ids.FILTER_COMPANY, "data"),
        Input(ids.FILTER_CLEAR, "n_clicks"),
        State(_FIELDS, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("finding", "list"),
        Output(ids.UNIT_GRID, "className"),
        Input(ids.TABS, "value"),
        Input(ids.KEPT, "data"),
        Input(ids.MAP, "selected"),
        State(ids.INDEX, "data"),
        State(ids.UNIT_GRID, "className"),
    )
    app.clientside_callback(
        ClientsideFunction("finding", "hasUnit"), Output(ids.FACTS_OPEN, "hidden"), Input(ids.MAP, "selected")
    )
    app.clientside_callback(
        ClientsideFunction("finding", "openFacts"),
        Output(ids.FACTS_DRAWER, "opened"),
        Input(ids.FACTS_OPEN, "n_clicks"),
        prevent_initial_call=True,
    )

    app.clientside_callback(
        ClientsideFunction("finding", "followBar"),
        Output(ids.MAP, "fly", allow_duplicate=True),
        Input({"type": "chart", "key": ALL}, "clickData"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.CHARTS, "children"),
        Input(ids.TABS, "value"),
        Input(ids.THEME, "value"),
        Input(ids.LEVEL, "value"),
        Input(ids.CLASSES, "value"),
        Input(ids.CHOICE, "data"),
        Input(ids.again(ids.CHARTS), "n_clicks"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def draw(tab: str, key: str, level: str, method: Method, scenario: Any, _: Any, version: str) -> list[Component]:
        if tab != "charts":
            raise PreventUpdate
        words = reader_words()
        try:
            data = session.page(version)
        except PlanningError as error:
            return [fault_line(words.pick(error.zh, error.en))]
        theme, choice = data.theme(key, method), read_scenario(data.bench, scenario)
        level = find_shown_level(level, is_far=False)  # charts are of units unless a level is chosen
        bands = legend_bands(data, theme, words, level, choice, method)
        return charts_view(make_charts(data.bench, theme, bands, level, words, choice), words)

    @app.callback(
        Output(ids.FACTS, "children"),
        Input(ids.FACTS_DRAWER, "opened"),
        State(ids.MAP, "selected"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def tell(opened: bool, selected: dict[str, Any] | None, version: str) -> list[Component]:
        data, unit = session.page(version), (selected or {}).get("unit")
        if not opened or unit is None or unit not in range(len(data.bench.units)):
            raise PreventUpdate
        words = reader_words()
        return facts_view(str(data.bench.units["name"].iloc[unit]), list_unit_facts(data.bench, unit, words), words)
