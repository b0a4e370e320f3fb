"""The planning panel: opened, filled in by an advice, started; the run followed by its clock."""

from __future__ import annotations

from typing import Any

from dash import ALL, MATCH, ClientsideFunction, Dash, Input, Output, State, ctx, no_update, set_props
from dash.exceptions import PreventUpdate

from app.desks.plans.form import (
    RelaxedRule,
    apply_advice,
    build_plan_form,
    least_change_request,
    list_relaxed_fields,
    make_plan_name,
    request_from_form,
    request_note,
    several_request,
)
from app.desks.plans.menu import NO_PLANS
from app.desks.plans.proposals import read_board, take_proposal
from app.desks.plans.run_manager import PlanRunManager
from app.planning.child import run_kind
from app.session.address import version_address
from app.session.reader import reader_author, reader_words
from app.web.layout import ids
from app.web.layout.corrections.correcting import fault_line
from app.web.layout.plans.form import POLL_MS, relaxed_list
from app.web.layout.plans.proposals import board_view
from app.web.layout.plans.run import run_label, runs_view
from app.web.layout.widgets import clock_waits
from geo.errors import PlanningError

_FIELDS = {"type": "plan-field", "what": ALL}
_ADVICE = {"type": "plan-advice", "number": ALL}
_RUNS = {"type": "plan-run", "action": ALL}
_OF_RUN = {"type": "run-button", "action": ALL, "job": ALL}


def register(app: Dash, runs: PlanRunManager) -> None:
    """Wire the panel and the clock of the planning run.

    Parameters
    ----------
    app
        The page.
    runs
        Runs of the search.
    """
    app.clientside_callback(
        ClientsideFunction("pianqu", "anyClick"),
        Output(ids.PLANNER, "opened"),
        Input({"type": "plan-open", "place": ALL}, "n_clicks"),
        Input(_ADVICE, "n_clicks"),
        prevent_initial_call=True,
    )

    app.clientside_callback(
        ClientsideFunction("pianqu", "aimClass"),
        Output(ids.PLAN_MORE, "className"),
        Input(ids.plan_field("aim"), "value"),
        prevent_initial_call=True,
    )

    app.clientside_callback(
        ClientsideFunction("pianqu", "weightClass"),
        Output(ids.PLAN_BOUNDS, "className"),
        Input(ids.plan_field("weight"), "value"),
        prevent_initial_call=True,
    )

    app.clientside_callback(
        ClientsideFunction("pianqu", "methodClass"),
        Output(ids.PLAN_FORM, "className"),
        Input(ids.plan_field("method"), "value"),
        Input(ids.plan_field("mode"), "value"),
        Input(ids.plan_field("within"), "value"),
        prevent_initial_call=True,
    )

    app.clientside_callback(
        ClientsideFunction("pianqu", "blank"),
        Output(ids.PLAN_FAULT, "children", allow_duplicate=True),
        Input(_FIELDS, "value"),
        Input(ids.RELAXED, "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.RELAXED, "data"),
        Output({"type": "plan-field", "what": "start"}, "value"),
        Input(_ADVICE, "n_clicks"),
        Input(_RUNS, "n_clicks"),
        State(ids.RELAXED, "data"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def relax(clicks: Any, _: Any, relaxed: list[Any], version: str) -> tuple[Any, Any]:
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            raise PreventUpdate
        source = ctx.triggered_id
        if source["type"] == "plan-run":
            if source["action"] != "unrelax":
                raise PreventUpdate
            form = build_plan_form(runs.session.page(version).bench, NO_PLANS, reader_words())
            for what, _ in list_relaxed_fields(relaxed or []):
                set_props(ids.plan_field(what), {"value": {**vars(form), **form.bounds}[what]})
            return [], no_update
        rules, start = apply_advice(runs.session.page(version).bench, source["number"], relaxed or [])
        for what, value in list_relaxed_fields(rules):
            set_props(ids.plan_field(what), {"value": value})  # the field says what the box says
        return rules, start

    @app.callback(Output(ids.RELAXED_LIST, "children"), Output(ids.PERMIT_FIELDS, "hidden"), Input(ids.RELAXED, "data"))
    def list_relaxed(relaxed: list[Any] | None) -> tuple[Any, bool]:
        rules = [RelaxedRule(tuple(one["what"]), one["zh"], one["en"]) for one in relaxed or []]
        return relaxed_list(rules, reader_words()), not any(one.needs_permit for one in rules)

    @app.callback(
        Output(ids.STARTED, "data"),
        Output(ids.PLAN_FAULT, "children"),
        Input(ids.plan_run("start"), "n_clicks"),
        Input(ids.plan_run("proposals"), "n_clicks"),
        Input(ids.plan_run("curve"), "n_clicks"),
        State(_FIELDS, "value"),
        State(ids.RELAXED, "data"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def start(*given: Any) -> tuple[Any, str]:
        *_, relaxed, version = given
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            raise PreventUpdate
        fields = {entry["id"]["what"]: entry.get("value") for entry in ctx.states_list[0]}
        words, author = reader_words(), reader_author()
        kind = run_kind({"kind": ctx.triggered_id["action"]})
        try:
            if not fields.get("name"):
                fields["name"] = make_plan_name(runs.session.page(version).bench, fields, kind, words)
            if kind != "plan":
                return runs.start(several_request(fields), author, words(f"run.make_{kind}"), kind), ""
            request = request_from_form(fields, relaxed or [])
            return runs.start(request, author, request_note(request, relaxed or [], words)), ""
        except PlanningError as error:
            return no_update, words.pick(error.zh, error.en)

    @app.callback(
        Output(ids.STARTED, "data", allow_duplicate=True),
        Output(ids.NOTICE, "children", allow_duplicate=True),
        Input({"type": "plan-least", "version": ALL}, "n_clicks"),
        State(ids.VERSION, "data"),
        prevent_initial_call=True,
    )
    def mend(clicks: list[int | None], version: str) -> tuple[Any, str]:
        if not any(clicks):
            raise PreventUpdate
        words, author = reader_words(), reader_author()
        try:
            request = least_change_request(runs.session.require_today(version).bench, words)
            return runs.start(request, author, words("planner.method_least_change"), is_next=True), ""
        except PlanningError as error:
            return no_update, words.pick(error.zh, error.en)

    @app.callback(
        Output(ids.PLAN_RUN, "children"),
        Output(ids.PLAN_TIMER, "disabled"),
        Output(ids.PLAN_STEP, "children"),
        Output(ids.GO, "data", allow_duplicate=True),
        Output(ids.PROPOSED, "data"),
        Input(ids.PLAN_TIMER, "n_intervals"),
        Input(ids.STARTED, "data"),
        Input(_OF_RUN, "n_clicks"),
        State(ids.MODE, "value"),
        State(ids.VERSION, "data"),
        State(ids.PROPOSED, "data"),
        running=clock_waits(ids.PLAN_TIMER, POLL_MS),
        prevent_initial_call="initial_duplicate",
    )
    def follow(_: Any, started: str | None, __: Any, mode: str, version: str, shown: Any) -> tuple[Any, ...]:
        source, words = ctx.triggered_id, reader_words()
        pressed = source if isinstance(source, dict) and ctx.triggered[0]["value"] else {"action": "", "job": ""}
        if pressed["action"] == "stop":
            runs.stop(pressed["job"])
        elif pressed["action"] == "dismiss":
            runs.dismiss(pressed["job"])
        states, told = runs.states(), []
        for run in states:
            if run.version is not None and version.endswith(f".{run.version.id}"):
                runs.dismiss(run.job)  # its plan is on the screen
            else:
                told.append(run)
        address: Any = no_update
        proposed: Any = no_update
        for run in (one for one in told if one.phase == "done"):
            is_new = run.job == started and run.job != (shown or {}).get("job")
            if run.kind != "plan" and (is_new or (pressed["action"], pressed["job"]) == ("see", run.job)):
                proposed = {"job": run.job, "asked": ctx.triggered[0]["value"]}
            elif run.version is not None and run.job == started and mode != "edit":
                address = version_address(run.version)
        is_still = not any(run.is_unfinished for run in told)
        return runs_view(told, words), is_still, run_label(told, words), address, proposed

    @app.callback(
        Output(ids.PROPOSALS, "opened"),
        Output(ids.PROPOSALS_BODY, "children"),
        Output(ids.PLANNER, "opened", allow_duplicate=True),
        Input(ids.PROPOSED, "data"),
        prevent_initial_call=True,
    )
    def show(proposed: dict[str, Any] | None) -> tuple[bool, Any, bool]:
        if not proposed:
            raise PreventUpdate
        words = reader_words()
        try:
            board = read_board(runs, proposed["job"], words)
        except PlanningError as error:
            return True, [fault_line(words.pick(error.zh, error.en))], False
        return True, board_view(board, words, runs.session.rights), False

    @app.callback(
        Output(ids.GO, "data", allow_duplicate=True),
        Output(ids.PROPOSAL_FAULT, "children"),
        Input({"type": "take-proposal", "job": ALL, "key": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def take(clicks: list[int | None]) -> tuple[Any, Any]:
        if not any(clicks):
            raise PreventUpdate
        asked, words = ctx.triggered_id, reader_words()
        try:
            version = take_proposal(runs, asked["job"], asked["key"], reader_author(), words)
        except PlanningError as error:
            return no_update, fault_line(words.pick(error.zh, error.en))
        return version_address(version), no_update

    app.clientside_callback(
        ClientsideFunction("pianqu", "curveAt"),
        Output({"type": "curve-cards", "job": MATCH}, "className"),
        Output({"type": "curve-graph", "job": MATCH}, "figure"),
        Input({"type": "curve-slider", "job": MATCH}, "value"),
        State({"type": "curve-graph", "job": MATCH}, "figure"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pianqu", "curvePoint"),
        Output({"type": "curve-slider", "job": MATCH}, "value"),
        Input({"type": "curve-graph", "job": MATCH}, "clickData"),
        prevent_initial_call=True,
    )
