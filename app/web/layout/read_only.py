"""What the page shows where something may not be written: a badge, idle controls, the sentence why."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from app.i18n import Words
from app.web.layout import ids
from app.web.layout.aria import named
from app.workbench.rights import Rights, Sentence


def read_only_badge(rights: Rights, words: Words) -> list[Component]:
    """The badge of the header, which opens the reasons; nothing where everything may be written."""
    told = [words.pick(*reason) for reason in rights.reasons]
    if not told:
        return []
    badge = html.Summary(
        words("page.read_only"),
        className="read-only",
        title=" ".join(told),
        **named(f"{words('page.read_only')}: {' '.join(told)}"),
    )
    body = html.Div([html.P(sentence) for sentence in told], className="menu-list reasons")
    return [html.Details([badge, body], className="menu", id=ids.READ_ONLY)]


def idle(reason: Sentence | None, words: Words) -> dict[str, Any]:
    """Attributes of a control that would write: disabled, with the reason, where there is one.

    Examples
    --------
    >>> from app.i18n import load_words
    >>> idle(None, load_words("en")), idle(("只读", "read only"), load_words("en"))
    ({}, {'disabled': True, 'title': 'read only'})
    """
    return {} if reason is None else {"disabled": True, "title": words.pick(*reason)}


def why_idle(reason: Sentence | None, words: Words) -> list[Component]:
    """The reason as a line beside such a control; nothing where there is none."""
    if reason is None:
        return []
    return [html.P(words.pick(*reason), className="read-only-note", role="note")]
