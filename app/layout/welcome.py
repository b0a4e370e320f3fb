"""What a planner sees before there is a dataset: what to bring, and where to begin."""

from __future__ import annotations

from dash import html

from app.i18n import Words
from app.layout import ids
from app.layout.aria import named


def welcome(words: Words) -> html.Main:
    """An invitation to import, with what is needed first and what comes later."""
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
                ),
                html.H3(words("welcome.needs")),
                html.Ol(needs, className="needs"),
                html.P(words("welcome.private"), className="hint"),
            ],
            className="welcome-card",
        ),
        className="welcome",
        **named(words("welcome.title")),
    )
