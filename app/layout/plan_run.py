"""Asking for a plan: the button, the bar while it runs, the way to the plan."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from app.i18n import Words
from app.jobs.planning import RunState
from app.layout import ids
from app.layout.aria import live, named


def plan_run(state: RunState | None, words: Words) -> list[Component]:
    """A run as it stands; None offers to start one."""
    if state is None:
        return [_button("start", words("run.start"), words, primary=True),
                html.P(words("run.note"), className="hint")]  # fmt: skip
    if state.phase == "running":
        return [
            dmc.Progress(value=max(3, round(state.share * 100)), animated=True, striped=True,
                         **named(words("run.running"))),
            html.P(words("run.running" if state.share else "run.preparing"), className="small",
                   **live()),
            _button("cancel", words("run.cancel"), words),
        ]  # fmt: skip
    if state.phase == "done":
        return [
            html.P(words("run.done"), className="small", role="status"),
            html.A(words("run.see"), href="./", className="button primary", id="see-plan"),
        ]
    fault = words.pick(*state.fault) if state.fault else ""
    return [
        html.P(fault, className="wizard-fault", role="alert"),
        _button("start", words("run.again"), words, primary=True),
    ]


def _button(action: str, text: str, words: Words, *, primary: bool = False) -> html.Button:
    return html.Button(
        text,
        id=ids.plan_run(action),
        className="button primary" if primary else "button quiet",
        type="button",
    )
