"""Small parts that many views share: ARIA attributes, source tags, loading states, controls that may not write."""

from __future__ import annotations

from typing import Any

from dash import Output, html
from dash.development.base_component import Component

from app.i18n import Words
from app.web.layout import ids
from app.workbench.rights import Sentence

_LOST_AFTER_MS = 60_000
"""How long an answer is waited for."""


def aria_label(label: str) -> dict[str, Any]:
    """The attribute that names a region or control.

    Examples
    --------
    >>> aria_label("Map")
    {'aria-label': 'Map'}
    """
    return {"aria-label": label}


def html_attributes(**values: str) -> dict[str, Any]:
    """Attributes of HTML with a hyphen in their name.

    Examples
    --------
    >>> html_attributes(data_token="x", aria_pressed="true")
    {'data-token': 'x', 'aria-pressed': 'true'}
    """
    return {name.replace("_", "-"): value for name, value in values.items()}


def aria_live() -> dict[str, Any]:
    """The attribute of a text that is read aloud when it changes."""
    return {"aria-live": "polite"}


def source_tag(source: str, words: Words) -> html.Span:
    """A policy value's source as a small tag: S, X or A, the whole source as its title.

    Parameters
    ----------
    source
        As the policy states it.
    words
        Texts in the reader's language.
    """
    kind = source[0]
    return html.Span(f"[{source}]", className=f"source source-{kind}", title=words(f"source.{kind}"))


def loading_state(output_id: str, parts: list[Component], loading: str, words: Words) -> html.Div:
    """Parts of which one is filled by a callback; `waiting.js` shows that it is awaited, or failed.

    Parameters
    ----------
    output_id
        Id of the component that the callback fills; :func:`app.web.layout.ids.again` of it is a button whose
        clicks have to ask anew.
    parts
        What is shown meanwhile, paled: what was there before.
    loading
        What is being done.
    """
    return html.Div(
        [
            *parts,
            html.P(loading, className="awaited-loading", role="status"),
            html.Div(
                [
                    html.P(words("waiting.failed")),
                    html.Button(words("waiting.again"), id=ids.again(output_id), className="button", type="button"),
                ],
                className="awaited-failed",
                role="alert",
            ),
        ],
        className=f"awaited of-{output_id}",
        **html_attributes(data_awaits=output_id),
    )


def disabled_state(reason: Sentence | None, words: Words) -> dict[str, Any]:
    """Attributes of a control that would write: disabled, with the reason, where there is one.

    Parameters
    ----------
    reason
        Why nothing may be changed here; None = it may.
    words
        Texts in the reader's language.

    Examples
    --------
    >>> from app.i18n import load_words
    >>> disabled_state(None, load_words("en")), disabled_state(("只读", "read only"), load_words("en"))
    ({}, {'disabled': True, 'title': 'read only'})
    """
    return {} if reason is None else {"disabled": True, "title": words.pick(*reason)}


def disabled_note(reason: Sentence | None, words: Words) -> list[Component]:
    """The reason as a line next to such a control; nothing where there is none.

    Parameters
    ----------
    reason
        Why nothing may be changed here; None = it may.
    words
        Texts in the reader's language.
    """
    if reason is None:
        return []
    return [html.P(words.pick(*reason), className="read-only-note", role="note")]


def clock_waits(timer: str, every_ms: int) -> list[tuple[Output, int, int]]:
    """`running` of the callback a clock starts: it ticks again when the answer is there, for a later tick drops it.

    Without this, a page whose server answers more slowly than its clock ticks never sees an answer.

    Parameters
    ----------
    timer
        Id of the clock.
    every_ms
        Its usual interval, milliseconds.
    """
    return [(Output(timer, "interval"), _LOST_AFTER_MS, every_ms)]
