"""What a planner sees before there is a dataset: what to bring, and where to begin."""

from __future__ import annotations

from dash import html

from app.i18n import Words
from app.web.layout import ids
from app.web.layout.aria import named
from app.web.layout.read_only import idle, why_idle
from app.workbench.rights import Sentence


def welcome(words: Words, reason: Sentence | None = None) -> html.Main:
    """An invitation to import, with what is needed first and what comes later; or why not."""
    needs = [
        html.Li([html.Strong(words(f"welcome.{key}")), html.Span(words(f"welcome.{key}_hint"))])
        for key in ("outlines", "ledger", "streets", "barriers", "more")
    ]
    return html.Main(
        html.Div(
            [
                html.H2(words("welcome.title")),
                html.P(words("welcome.text"), className="lead"),
                html.Button(
                    words("welcome.start"),
                    id=ids.wizard_open("welcome"),
                    className="button primary large",
                    type="button",
                    **idle(reason, words),
                ),
                *why_idle(reason, words),
                html.H3(words("welcome.needs")),
                html.Ol(needs, className="needs"),
                html.P(words("welcome.private"), className="hint"),
            ],
            className="welcome-card",
        ),
        className="welcome",
        **named(words("welcome.title")),
    )
