"""The panel of figures: year, switches and assumptions of a scenario, and the months that are kept."""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from app.indicators.snapshots import list_months, take_snapshot
from app.maps.admin_units import make_place_record
from app.maps.themes import diff_themes, make_indicator_themes
from app.session.plan_session import PlanSession
from app.session.reader import reader_words
from app.web.layout import ids
from app.web.layout.figures.cards import figure_sections
from app.web.layout.figures.months import month_message, months_table
from app.workbench.scenario import MODES, apply_scenario, list_editable_entries, list_numerator_units, read_scenario
from geo.storage.dataset import open_dataset

_NUMBERS = {"type": "tried-number", "key": ALL}
_SWITCHES = {"type": "tried-switch", "key": ALL}
_LEVELS = {"type": ids.COVERAGE_OPEN, "level": ALL}


def register(app: Dash, session: PlanSession) -> None:
    """Wire the controls of a scenario to figures, legend and map; and the form of the months.

    Parameters
    ----------
    app
        The page.
    session
        The dataset and the plan that are served.
    """
    _register_months(app, session)

    app.clientside_callback(
        ClientsideFunction("pianqu", "gather"),
        Output(ids.CHOICE, "data"),
        Input(ids.YEAR, "value"),
        Input(ids.MODES, "value"),
        Input(_NUMBERS, "value"),
        Input(_SWITCHES, "checked"),
        State(_NUMBERS, "id"),
        State(_SWITCHES, "id"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.FIGURES, "children"),
        Output(ids.MAP, "values"),
        Input(ids.CHOICE, "data"),
        State(_LEVELS, "n_clicks"),
        State(_LEVELS, "id"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def recompute(
        scenario: Any, clicks: list[int], levels: list[dict[str, Any]], version: str
    ) -> tuple[list[Component], dict[str, Any]]:
        data = session.page(version)
        choice = read_scenario(data.bench, scenario)
        tried = make_indicator_themes(apply_scenario(data.bench, choice)) if choice.changes else ()
        values = {"themes": diff_themes(data.themes, tried), "places": make_place_record(data.bench, choice)}
        opened = [level["level"] for level, n in zip(levels, clicks, strict=True) if n % 2]
        return figure_sections(data.bench, reader_words(), choice, opened=opened), values

    @app.callback(
        Output(ids.MAP, "counted"),
        Input({"type": "show-units", "key": ALL}, "n_clicks"),
        State(ids.CHOICE, "data"),
        State(ids.MAP, "counted"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def mark_units(clicks: list[int | None], scenario: Any, shown_now: Any, version: str) -> Any:
        if not any(clicks) or not ctx.triggered_id:
            raise PreventUpdate
        data, key = session.page(version), ctx.triggered_id["key"]
        if shown_now and shown_now["key"] == key:
            return None  # a second click takes the marks away
        return {"key": key, "units": list_numerator_units(data.bench, read_scenario(data.bench, scenario), key)}

    @app.callback(
        Output(ids.MODES, "value"),
        Output(_NUMBERS, "value"),
        Output(_SWITCHES, "checked"),
        Input(ids.RESET, "n_clicks"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def reset(_: int, version: str) -> tuple[list[str], list[Any], list[bool]]:
        policy = session.page(version).bench.policy
        entries = list_editable_entries(policy)
        numbers = [e.value for e in entries if not isinstance(e.value, bool)]
        return list(policy.value(MODES)), numbers, [e.value for e in entries if isinstance(e.value, bool)]


def _register_months(app: Dash, session: PlanSession) -> None:
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
        with session.lock_dataset():
            found = take_snapshot(session.folder, month, session.policy, lock=bool(lock), reason=reason or None)
        words = reader_words()
        return months_table(list_months(open_dataset(session.folder)), words), month_message(found, words)
