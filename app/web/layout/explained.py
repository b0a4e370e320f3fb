"""The card on the map that explains the unit or the area selected."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app.i18n import Words
from app.planning.explain import Card
from app.web.layout import ids
from app.web.layout.aria import named


def explanation_box(words: Words) -> html.Div:
    """Where the card goes; not shown while it is empty."""
    return html.Div(id=ids.EXPLANATION, className="explanation", role="region", **named(words("explain.title")))


def explanation(card: Card | None) -> list[Component]:
    """The card that explains what is selected; nothing without one."""
    if card is None:
        return []
    body: list[Component] = [html.H3(card.title)]
    for heading, sentences in card.sections:
        body += [html.H4(heading), html.Ul([html.Li(sentence) for sentence in sentences])]
    return body


def walk_told(sentences: tuple[str, ...]) -> list[Component]:
    """What is said about the walk that is drawn."""
    return [html.P(sentence) for sentence in sentences]
