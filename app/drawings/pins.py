"""Numbered pins on a drawing, each a link to what is said of its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from markupsafe import escape
from shapely.geometry.base import BaseGeometry

from app.drawings.frames import Frame
from app.drawings.names import Box

_FILL = "#b34700"
_SIZE = 0.8
"""Radius of the head of a pin, in sizes of text."""


@dataclass(frozen=True)
class Pin:
    """A number at a place.

    Parameters
    ----------
    place
        A point, metric CRS.
    text
        What stands in it.
    title
        What is read out.
    link
        Where it leads.
    is_open
        Filled; else its rim alone is drawn, for what is settled.
    """

    place: BaseGeometry
    text: str
    title: str
    link: str
    is_open: bool


def draw_pins(pins: Sequence[Pin], frame: Frame) -> tuple[list[str], list[Box]]:
    """The pins inside a frame, open ones on top, and what they cover.

    Parameters
    ----------
    pins
        Each stands with its tip at its place.
    frame
        Where metres go on the drawing.
    """
    parts, taken = [], []
    radius = _SIZE * frame.text
    for pin in sorted(pins, key=lambda pin: pin.is_open):
        ((x, y),) = frame.to_paper(shapely.get_coordinates(pin.place)).tolist()
        if not (0 <= x <= frame.width and 0 <= y <= frame.height):
            continue
        wide = max(radius, 0.33 * frame.text * len(pin.text) + 0.35 * frame.text)
        top, foot = y - 3.1 * radius, y - 1.3 * radius
        ink = "#fff" if pin.is_open else _FILL
        look = f'fill="{_FILL if pin.is_open else "#fff"}" stroke="{ink}" stroke-width="1.4"'
        parts.append(
            f'<a class="pin" href="{escape(pin.link)}" aria-label="{escape(pin.title)}"><title>{escape(pin.title)}'
            f'</title><path d="M{x:.1f} {y:.1f}L{x - 0.6 * radius:.1f} {foot:.1f}h{1.2 * radius:.1f}Z" {look}/>'
            f'<rect x="{x - wide:.1f}" y="{top:.1f}" width="{2 * wide:.1f}" height="{2 * radius:.1f}" '
            f'rx="{radius:.1f}" {look}/><text x="{x:.1f}" y="{top + radius + 0.35 * frame.text:.1f}" '
            f'text-anchor="middle" fill="{ink}" font-weight="700" font-size="{frame.text:.1f}">{escape(pin.text)}'
            "</text></a>"
        )
        taken.append((x - wide, top, x + wide, y))
    return parts, taken
