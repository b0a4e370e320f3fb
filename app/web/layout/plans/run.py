"""A planning run as it stands: the bar, the curve of the best plan, what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from app.i18n import Words
from app.planning.child import RunCurve, RunState, fit_run_curve
from app.session.address import version_address
from app.web.layout import ids
from app.web.layout.widgets import aria_label, aria_live
from app.workbench.formats import format_count


def runs_view(states: Sequence[RunState], words: Words) -> list[Component]:
    """All runs to tell of, each in a box of its own.

    Parameters
    ----------
    states
        In the order shown.
    words
        Texts in the reader's language.
    """
    return [html.Div(run_view(state, words), className="one-run", key=state.job) for state in states]


def run_view(state: RunState, words: Words) -> list[Component]:
    """A run: its place in the queue, how far it is, or what came of it.

    Parameters
    ----------
    state
        As it stands.
    words
        Texts in the reader's language.
    """
    title = html.H3(str((state.request or {}).get("name", "")))
    if state.phase == "waiting":
        place = words("run.waits", n=str(state.ahead)) if state.ahead else words("run.waits_next")
        return [
            title,
            html.P(place, className="small run-going", **aria_live()),
            _button("stop", state.job, words("run.withdraw")),
        ]
    if state.is_unfinished:
        step = "stopping" if state.phase == "stopping" else state.step
        return [
            title,
            html.P(words("run.form_waits"), className="small run-going"),
            dmc.Progress(
                value=max(3, round(state.share * 100)), animated=True, striped=True, **aria_label(words(f"run.{step}"))
            ),
            html.P(words(f"run.{step}"), className="small", **aria_live()),
            *([html.P(_part(state, words), className="small")] if state.part else []),
            *_curve(state, words),
            *([_button("stop", state.job, words("run.stop"))] if state.phase == "running" else []),
        ]
    fault = words.pick(*state.fault) if state.fault else ""
    parts: list[Component] = [title]
    if fault:
        parts.append(html.P(fault, className="wizard-fault", role="alert"))
    if state.version is not None:
        kept = words("run.kept_best" if state.phase == "lost" else "run.done")
        parts += [
            html.P(kept, className="small", role="status"),
            *_curve(state, words),
            html.A(words("run.see"), href=version_address(state.version), className="button primary"),
        ]
    if state.phase == "done" and state.kind != "plan":
        parts += [
            html.P(words(f"propose.done_{state.kind}"), className="small", role="status"),
            html.Button(
                words("propose.see"), id=ids.run_button("see", state.job), className="button primary", type="button"
            ),
        ]
    return [*parts, _button("dismiss", state.job, words("run.dismiss"))]


def _part(state: RunState, words: Words) -> str:
    """The proposal at work: its name, or its place along the curve."""
    is_curve = state.kind == "curve"
    name = state.part.rpartition("-")[2] if is_curve else words(f"propose.{state.part}")
    return words(f"propose.at_{state.kind}", part=name)


def run_label(states: Sequence[RunState], words: Words) -> str | html.Span:
    """What the button of the header says.

    Parameters
    ----------
    states
        Those that go on first.
    words
        Texts in the reader's language.
    """
    state = states[0] if states else None
    if state is None or not state.is_unfinished:
        return words("planner.open")
    if state.phase == "waiting":
        return html.Span(words("run.queued"), className="path-now")
    return html.Span(words("planner.running", share=f"{state.share:.0%}"), className="path-now")


def _curve(state: RunState, words: Words) -> list[Component]:
    """The best plan so far in words, and the curve of the level that still moves."""
    if not state.points:
        return []
    _, left, metres, areas = state.points[-1]
    curve, least = fit_run_curve(state.points, state.least_left_over), state.least_left_over
    parts = [words("run.best", left=format_count(left), metres=format_count(metres), areas=format_count(areas))]
    if least is not None:
        parts.append(words("run.least", n=format_count(least), gap=f"{curve.gap_share:.1%}"))
    if curve.level == "metres":
        parts.append(words("run.gain", gain=f"{curve.gain_share:.1%}"))
    sentence = " ".join(parts)
    return [
        html.P(sentence, className="small"),
        html.Div(
            dcc.Graph(
                figure=curve_figure(curve, words),
                config={"displayModeBar": False, "staticPlot": True},
                style={"height": "150px"},
                responsive=True,
            ),
            role="img",
            **aria_label(f"{words('run.curve')}: {words(f'run.curve_{curve.level}')}. {sentence}"),
        ),
    ]


def curve_figure(curve: RunCurve, words: Words) -> dict[str, Any]:
    """The curve as a plotly figure: a step line, and the bound dashed where there is one.

    Parameters
    ----------
    curve
        Scores by the second, and the bound.
    words
        Texts in the reader's language.
    """
    lines: list[dict[str, Any]] = [
        {
            "x": curve.seconds,
            "y": curve.values,
            "mode": "lines",
            "line": {"shape": "hv", "color": "#0072B2", "width": 2},
            "name": words(f"run.curve_{curve.level}"),
        }
    ]
    if curve.bound is not None:
        lines.append(
            {
                "x": [curve.seconds[0], curve.seconds[-1]],
                "y": [curve.bound, curve.bound],
                "mode": "lines",
                "line": {"dash": "dash", "color": "#D55E00", "width": 2},
                "name": words("run.curve_least"),
            }
        )
    return {
        "data": lines,
        "layout": {
            "margin": {"l": 56, "r": 8, "t": 6, "b": 32},
            "font": {"size": 12, "color": "#1d2b3a"},
            "showlegend": True,
            "xaxis": {"title": {"text": words("run.curve_seconds")}, "rangemode": "tozero"},
            "yaxis": {
                "rangemode": "tozero" if curve.bound is not None else "normal",
                "tickformat": ",d",
                "nticks": 4,
                "automargin": True,  # household-metres of a city have nine digits
            },
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
            "paper_bgcolor": "white",
            "plot_bgcolor": "white",
        },
    }


def _button(action: str, job: str, text: str, look: str = "button quiet") -> html.Button:
    return html.Button(text, id=ids.run_button(action, job), className=look, type="button")
