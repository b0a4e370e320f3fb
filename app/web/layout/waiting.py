"""What a part of the page says while it waits for the server, and when no answer comes."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app.i18n import Words
from app.web.layout import ids
from app.web.layout.aria import attributes


def awaited(output_id: str, parts: list[Component], loading: str, words: Words) -> html.Div:
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
        **attributes(data_awaits=output_id),
    )
