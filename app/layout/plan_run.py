"""A planning run as it stands: the bar, the curve of the best plan, what came of it."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from app.i18n import Words
from app.jobs.planning import RunState
from app.layout import ids
from app.layout.aria import live, named
from app.layout.plan_menu import version_address
from app.services.numbers import count_text
from app.services.plan_desk import Run


def plan_run(run: Run | None, words: Words) -> list[Component]:
    """A run; nothing when there is none to tell of."""
    if run is None:
        return []
    state = run.state
    title = html.H3(str((state.request or {}).get("name", "")))
    if state.is_running:
        told = "stopping" if state.phase == "stopping" else state.step
        return [
            title,
            dmc.Progress(value=max(3, round(state.share * 100)), animated=True, striped=True,
                         **named(words(f"run.{told}"))),
            html.P(words(f"run.{told}"), className="small", **live()),
            *_curve(state, words),
            *([_button("stop", words("run.stop"), words)] if state.phase == "running" else []),
        ]  # fmt: skip
    fault = words.pick(*state.fault) if state.fault else ""
    parts: list[Component] = [title]
    if fault:
        parts.append(html.P(fault, className="wizard-fault", role="alert"))
    if run.version is not None:
        kept = words("run.kept_best" if state.phase == "lost" else "run.done")
        parts += [
            html.P(kept, className="small", role="status"),
            *_curve(state, words),
            html.A(
                words("run.see"), href=version_address(run.version), className="button primary",
                id="see-plan",
            ),
        ]  # fmt: skip
    return [*parts, _button("dismiss", words("run.dismiss"), words)]


def run_label(run: Run | None, words: Words) -> str:
    """What the button of the header says."""
    if run is None or not run.state.is_running:
        return words("planner.open")
    return words("planner.running", share=f"{run.state.share:.0%}")


def _curve(state: RunState, words: Words) -> list[Component]:
    """Households left over by the best plan so far, above what no plan can do better than."""
    if not state.curve:
        return []
    seconds, left, metres, areas = zip(*state.curve, strict=True)
    least = state.least_left_over
    told = words(
        "run.best", left=count_text(left[-1]), metres=count_text(metres[-1]),
        areas=count_text(areas[-1]),
    )  # fmt: skip
    bound = "" if least is None else words("run.least", n=count_text(least))
    return [
        html.P(f"{told} {bound}", className="small"),
        html.Div(
            dcc.Graph(
                figure=curve_figure(seconds, left, least, words),
                config={"displayModeBar": False, "staticPlot": True},
                style={"height": "150px"},
            ),
            role="img",
            **named(f"{words('run.curve')}: {told} {bound}"),
        ),
    ]


def curve_figure(
    seconds: tuple[float, ...], left: tuple[int, ...], least: int | None, words: Words
) -> dict[str, Any]:
    """The curve as a plotly figure: a step line, and the bound dashed."""
    lines: list[dict[str, Any]] = [
        {"x": seconds, "y": left, "mode": "lines", "line": {"shape": "hv", "color": "#0072B2",
         "width": 2}, "name": words("run.curve_best")},
    ]  # fmt: skip
    if least is not None:
        lines.append(
            {"x": [seconds[0], seconds[-1]], "y": [least, least], "mode": "lines",
             "line": {"dash": "dash", "color": "#D55E00", "width": 2},
             "name": words("run.curve_least")}
        )  # fmt: skip
    return {
        "data": lines,
        "layout": {
            "margin": {"l": 56, "r": 8, "t": 6, "b": 32},
            "font": {"size": 12, "color": "#1d2b3a"},
            "xaxis": {"title": {"text": words("run.curve_seconds")}, "rangemode": "tozero"},
            "yaxis": {"rangemode": "tozero", "tickformat": ",d", "nticks": 4},
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
            "paper_bgcolor": "white",
            "plot_bgcolor": "white",
        },
    }


def _button(action: str, text: str, words: Words) -> html.Button:
    return html.Button(text, id=ids.plan_run(action), className="button quiet", type="button")
