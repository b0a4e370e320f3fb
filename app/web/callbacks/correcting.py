"""Correcting data in the page: a unit, a tool, a form become corrections; each is taken back."""

from __future__ import annotations

import json
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from app.desks.corrections.blocked_pairs import find_pair_bounds, list_pairs_of_advice
from app.desks.corrections.correcting import store_form, withdraw
from app.desks.corrections.correction_form import CorrectionForm, check_form, list_value_changes, parse_shape
from app.desks.corrections.correction_options import find_crossing, read_outline
from app.desks.plans.carry import carry_page
from app.session.audit import format_changes
from app.session.plan_session import PlanSession
from app.session.reader import reader_words, sign_as
from app.web.layout import ids
from app.web.layout.corrections.correcting import audit_list, changes_list, correcting_body, fault_line, remarks_list
from app.workbench.workbench import Workbench
from geo.errors import PlanningError, UsageError

_FIELDS = {"type": "correct-field", "name": ALL}
_FILTER = {"type": "filter-field", "what": ALL}
_TOOLS = {"type": "correct-tool", "tool": ALL}
_BARRED = {"type": "barred-pair", "pair": ALL}
_ADVICE = {"type": "correct-advice", "number": ALL}
_PAIRS = {"type": "pair-fate", "fate": ALL, "pair": ALL}


def register(app: Dash, session: PlanSession) -> None:
    """Wire the panel, its tools on the map, and the table of corrections.

    Parameters
    ----------
    app
        The page.
    session
        The dataset and the plan that are served.
    """
    _register_tools(app)

    @app.callback(
        Output(ids.CORRECT_STATE, "data"),
        Output(ids.CORRECT_SECTION, "value"),
        Output(ids.MAP, "fly", allow_duplicate=True),
        Input(ids.CORRECT_OPEN, "n_clicks"),
        Input(ids.CORRECT_CLOSE, "n_clicks"),
        Input(ids.MAP, "selected"),
        Input(_PAIRS, "n_clicks"),
        Input(_BARRED, "n_clicks"),
        Input(_ADVICE, "n_clicks"),
        Input(ids.MAP, "sketched"),
        State(ids.CORRECT_STATE, "data"),
        State(ids.CORRECT_ASKED, "data"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def choose(
        _: Any,
        __: Any,
        selected: Any,
        ___: Any,
        ____: Any,
        _____: Any,
        sketched: Any,
        state: dict[str, Any] | None,
        asked: bool,
        version: str,
    ) -> tuple[Any, Any, Any]:
        state, source = state or {}, ctx.triggered_id
        bench = session.page(version).bench
        ids_of = bench.units["unit_id"]

        def unit_at(position: Any) -> str | None:
            return str(ids_of.iloc[position]) if position in range(len(ids_of)) else None

        if source == ids.CORRECT_CLOSE:
            return {**state, "open": False}, no_update, no_update
        if isinstance(source, dict):
            if not ctx.triggered[0]["value"]:  # it was drawn, not clicked
                raise PreventUpdate
            return _of_pair(bench, source)
        if source == ids.CORRECT_OPEN:
            unit = unit_at((selected or {}).get("unit")) or state.get("unit")
            return {"open": True, "unit": unit}, no_update, no_update
        if ctx.triggered[0]["prop_id"].endswith(".sketched"):
            if sketched and "unit" in sketched:
                return {**state, "other": unit_at(sketched["unit"])}, no_update, no_update
            raise PreventUpdate
        unit = unit_at((selected or {}).get("unit"))
        is_open = state.get("open") or asked  # the server may not have opened it yet
        if unit is None or unit == state.get("unit") or not is_open:
            raise PreventUpdate
        return {"open": True, "unit": unit}, no_update, no_update

    @app.callback(
        Output(ids.CORRECTING, "hidden"),
        Output(ids.CORRECT_BODY, "children"),
        Output(ids.CORRECT_SHAPE, "data"),
        Output(ids.CORRECT_OUTLINE, "data"),
        Output(ids.CORRECT_SAID, "children", allow_duplicate=True),
        Input(ids.CORRECT_STATE, "data"),
        Input(ids.CORRECT_SECTION, "value"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def show(state: dict[str, Any] | None, section: str, version: str) -> tuple[Any, ...]:
        if not state or not state.get("open"):
            return True, [], None, None, []
        words = reader_words()
        message = [words("correct.kept", n=state["kept"])] if state.get("kept") else []
        bench = session.page(version).bench
        outline = read_outline(bench, state.get("unit")) if section == "outline" else None
        return False, correcting_body(bench, section, state, words), None, outline, message

    @app.callback(
        Output({"type": "correct-field", "name": "crossing"}, "value"),
        Input(ids.MAP, "sketched"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def pick_crossing(sketched: Any, version: str) -> Any:
        if not sketched or "crossing" not in sketched:
            raise PreventUpdate
        found = find_crossing(session.page(version).bench, sketched["crossing"])
        return found or no_update

    @app.callback(
        Output(ids.CORRECT_TOLD, "children"),
        Input(_FIELDS, "value"),
        Input(ids.CORRECT_SHAPE, "data"),
        State(_FIELDS, "id"),
        State(ids.CORRECT_STATE, "data"),
        State(ids.CORRECT_SECTION, "value"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def judge(
        values: list[Any], shape: str | None, names: list[Any], state: Any, section: str, version: str
    ) -> list[Component]:
        words, bench = reader_words(), session.page(version).bench
        fields = {name["name"]: value for name, value in zip(names, values, strict=True)}
        form = CorrectionForm(section, (state or {}).get("unit"), fields, shape, "", "")
        try:
            if section == "values" and form.unit_id and values:
                return changes_list(list_value_changes(bench, form, words), words)
            return remarks_list(check_form(bench, form, words))
        except PlanningError as error:
            return [fault_line(words.pick(error.zh, error.en))]

    @app.callback(
        Output(ids.CORRECT_SHAPE, "data", allow_duplicate=True),
        Output(ids.MAP, "sketch", allow_duplicate=True),
        Output(ids.CORRECT_SAID, "children", allow_duplicate=True),
        Input({"type": "correct-tool", "tool": "pasted"}, "n_clicks"),
        State({"type": "correct-field", "name": "pasted"}, "value"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def paste(n_clicks: int | None, text: str | None, version: str) -> tuple[Any, Any, Any]:
        if not n_clicks:
            raise PreventUpdate
        words = reader_words()
        try:
            shape = parse_shape(session.page(version).bench, text or "")
        except UsageError as error:
            return no_update, no_update, fault_line(words.pick(error.zh, error.en))
        return json.dumps(shape), {"tool": None, "shape": shape, "fly": True}, words("correct.pasted")

    @app.callback(
        Output(ids.CORRECT_SAID, "children"),
        Output(ids.CORRECT_DONE, "data"),
        Output(ids.CORRECT_BUSY, "children"),
        Input(ids.CORRECT_FILLED, "data"),
        State(ids.CORRECT_SHAPE, "data"),
        State(ids.CORRECT_STATE, "data"),
        State(ids.CORRECT_SECTION, "value"),
        State(ids.VERSION, "data"),
        running=[(Output(ids.CORRECT_KEEP, "disabled"), True, False)],
        prevent_initial_call=True,
    )
    def save(
        filled: dict[str, Any], shape: str | None, state: dict[str, Any] | None, section: str, version: str
    ) -> tuple[Any, Any, Any]:
        words = reader_words()
        fields = filled["fields"]
        try:
            if shape is None and fields.get("pasted"):  # saved before the answer to the paste was there
                shape = json.dumps(parse_shape(session.page(version).bench, fields["pasted"]))
            form = CorrectionForm(
                section, (state or {}).get("unit"), fields, shape, sign_as(filled["author"]), filled["reason"] or ""
            )
            n = store_form(session, version, form)
        except PlanningError as error:
            return fault_line(words.pick(error.zh, error.en)), no_update, ""
        address = carry_page(session, version, form.author, words)
        done = {"state": {"open": True, "unit": form.unit_id, "kept": n}, "section": section, "address": address}
        return words("correct.kept", n=n), done, ""

    @app.callback(Output(ids.TRAIL, "children"), Input(ids.TABS, "value"), prevent_initial_call=True)
    def tell_trail(tab: str) -> list[Component]:
        if tab != "corrections":
            raise PreventUpdate
        words = reader_words()
        return audit_list(format_changes(session, words), words)

    @app.callback(
        Output(ids.BACK_SAID, "children"),
        Output(ids.CORRECT_DONE, "data", allow_duplicate=True),
        Output(ids.BACK_BUSY, "children"),
        Input(ids.BACK_DO, "n_clicks"),
        State(ids.CORRECTION_GRID, "selectedRows"),
        State(ids.BACK_AUTHOR, "value"),
        State(ids.BACK_REASON, "value"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def undo(
        _: Any, rows: list[dict[str, Any]] | None, author: str | None, reason: str | None, version: str
    ) -> tuple[Any, Any, Any]:
        words = reader_words()
        if not rows:
            return fault_line(words("correct.back_choose")), no_update, ""
        try:
            withdraw(session, version, rows[0]["id"], sign_as(author), reason or "")
        except PlanningError as error:
            return fault_line(words.pick(error.zh, error.en)), no_update, ""
        address = carry_page(session, version, sign_as(author), words)
        return words("correct.backed"), {"tab": "corrections", "address": address}, ""


def _of_pair(bench: Workbench, source: dict[str, Any]) -> tuple[Any, Any, Any]:
    """The panel opened at a pair, or at the passage that some pairs lack, and where the map flies."""
    pairs = list_pairs_of_advice(bench, source["number"]) if "number" in source else [source["pair"]]
    first = pairs[0] if pairs else ""
    fly = (find_pair_bounds(bench, first) if source["type"] != "pair-fate" else None) or no_update
    one, _, other = first.partition("|")
    if "number" in source or source.get("fate") == "passage":
        return {"open": True, "unit": one or None, "barred": pairs}, "passage", fly
    fate = source.get("fate", "neighbours")
    return {"open": True, "unit": one, "other": other, "fate": fate}, "neighbours", fly


def _register_tools(app: Dash) -> None:
    """What needs no server: tools of the map, and coming back after the page was loaded anew."""
    app.clientside_callback(
        ClientsideFunction("pianqu_correct", "startTool"),
        Output(ids.MAP, "sketch"),
        Input(_TOOLS, "n_clicks"),
        Input(ids.CORRECT_STATE, "data"),
        Input(ids.CORRECT_SECTION, "value"),
        State(ids.CORRECT_WORDS, "data"),
        State(ids.CORRECT_OUTLINE, "data"),
        State(ids.CORRECT_SHAPE, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pianqu_correct", "ask"),
        Output(ids.CORRECT_ASKED, "data"),
        Input(ids.CORRECT_OPEN, "n_clicks"),
        Input(ids.CORRECT_CLOSE, "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pianqu_correct", "fillIn"),
        Output(ids.CORRECT_FILLED, "data"),
        Output(ids.CORRECT_SAID, "children", allow_duplicate=True),
        Input(ids.CORRECT_KEEP, "n_clicks"),
        State(_FIELDS, "id"),
        State(_FIELDS, "value"),
        State(ids.CORRECT_AUTHOR, "value"),
        State(ids.CORRECT_REASON, "value"),
        State(ids.CORRECT_WORDS, "data"),
        State(ids.CORRECT_SECTION, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pianqu_correct", "takeShape"),
        Output(ids.CORRECT_SHAPE, "data", allow_duplicate=True),
        Input(ids.MAP, "sketched"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pianqu_correct", "comeBack"),
        Output(ids.CORRECT_DONE, "data", allow_duplicate=True),
        Input(ids.CORRECT_DONE, "data"),
        State(ids.TABS, "value"),
        State(ids.MAP, "visible"),
        State(ids.THEME, "value"),
        State(ids.LEVEL, "value"),
        State(ids.CLASSES, "value"),
        State(_FILTER, "id"),
        State(_FILTER, "value"),
        State(ids.FILTER_COMPANY, "data"),
        prevent_initial_call=True,
    )
