"""The import wizard: files and questions, the report, the end; one view of an import as it stands."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from app.desks.imports.import_view import ImportView
from app.i18n import Words
from app.web.layout import ids
from app.web.layout.imports.files import files_step
from app.web.layout.imports.report import report_step, stored_step
from app.web.layout.widgets import aria_label, aria_live, html_attributes

STEPS = ("files", "check", "store")
_STEP_OF = {"files": 0, "trying": 1, "tried": 1, "storing": 2, "stored": 2}
POLL_MS = 400
"""How often an import is asked after."""


def wizard(words: Words) -> html.Div:
    """The wizard's dialog, closed, and what it remembers; the name of the window's import comes when it opens."""
    return html.Div(
        [
            dcc.Store(id=ids.WIZARD_TOKEN),
            dcc.Store(id=ids.WIZARD_TICK, data=0),
            dcc.Store(id=ids.WIZARD_FILE),
            dcc.Interval(id=ids.WIZARD_TIMER, interval=POLL_MS, disabled=True),
            dmc.Modal(
                html.Div(id=ids.WIZARD_BODY, className="wizard"),
                id=ids.WIZARD,
                title=words("wizard.title"),
                size="min(1240px, 96vw)",
                yOffset="3vh",
                closeOnClickOutside=False,
                keepMounted=True,
                closeButtonProps=aria_label(words("wizard.close")),
                overlayProps={"backgroundOpacity": 0.5},
            ),
        ]
    )


def wizard_body(
    view: ImportView, shown_file: str | None, picture: str | None, token: str, words: Words
) -> list[Component]:
    """The step an import is at.

    Parameters
    ----------
    view
        The import.
    shown_file
        Key of the file shown in detail.
    picture
        Where that file lies, a data URI; None without a place.
    token
        Of the import, for its addresses.
    """
    if view.is_busy:
        step: Component = _working(view, words)
    elif view.phase == "tried":
        step = report_step(view, token, words)
    elif view.phase == "stored":
        step = stored_step(view, token, words)
    else:
        step = files_step(view, shown_file, picture, token, words)
    return [_steps(view, words), *_fault(view, words), step]


def _steps(view: ImportView, words: Words) -> html.Ol:
    """Where one is: the three steps, the present one marked."""
    at = _STEP_OF[view.phase]
    return html.Ol(
        [
            html.Li(
                [html.Span(str(number + 1), className="step-number"), words(f"wizard.step_{step}")],
                className="step now" if number == at else "step past" if number < at else "step",
                **(html_attributes(aria_current="step") if number == at else {}),
            )
            for number, step in enumerate(STEPS)
        ],
        className="steps",
    )


def _fault(view: ImportView, words: Words) -> list[Component]:
    if view.fault is None:
        return []
    return [html.Div(words.pick(*view.fault), className="wizard-fault", role="alert")]


def _working(view: ImportView, words: Words) -> html.Div:
    """A bar and what is being done; read aloud as it changes."""
    known = {"graph": words("wizard.doing_graph"), "page": words("wizard.doing_page")}
    doing = known.get(view.doing, view.doing)
    return html.Div(
        [
            html.H3(words(f"wizard.{view.phase}")),
            dmc.Progress(
                value=max(4, round(view.share * 100)),
                size="lg",
                animated=True,
                striped=True,
                **aria_label(words(f"wizard.{view.phase}")),
            ),
            html.P(doing or words("wizard.doing_start"), className="small", **aria_live()),
            html.P(words(f"wizard.{view.phase}_note"), className="hint"),
        ],
        className="working",
    )
