"""Room on the page: the edges that fold the side panels, and the handle and buttons of the drawer of tables."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app.i18n import Words
from app.web.layout.widgets import aria_label, html_attributes

_HEIGHTS = (("closed", "▁"), ("usual", "▂"), ("half", "▄"), ("full", "█"))
"""Heights of the drawer, and the sign of each."""


def room_parts(words: Words) -> list[Component]:
    """What `room.js` listens to; it remembers what was chosen in the browser."""
    return [
        *(_fold(side, sign, words) for side, sign in (("left", "◂"), ("right", "▸"))),
        html.Div(
            className="drawer-handle",
            role="separator",
            tabIndex=0,
            title=words("room.handle_hint"),
            **aria_label(words("room.handle")),
            **html_attributes(
                aria_orientation="horizontal", aria_valuemin="0", aria_valuemax="100", aria_valuenow="28"
            ),
        ),
        html.Div(
            [
                html.Button(
                    sign,
                    type="button",
                    title=words(f"room.{height}"),
                    **aria_label(words(f"room.{height}")),
                    **html_attributes(data_drawer=height),
                )
                for height, sign in _HEIGHTS
            ],
            className="drawer-heights",
            role="group",
            **aria_label(words("room.handle")),
        ),
    ]


def _fold(side: str, sign: str, words: Words) -> html.Button:
    return html.Button(
        html.Span(sign, **html_attributes(aria_hidden="true")),
        type="button",
        className=f"fold fold-{side}",
        title=words(f"room.{side}"),
        **aria_label(words(f"room.{side}")),
        **html_attributes(data_fold=side, aria_expanded="true"),
    )
