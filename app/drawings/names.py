"""Names on a drawing: each where it has most room, none over another, smaller or left out where there is none."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import cos, radians, sin

from markupsafe import escape

from app.drawings.frames import Frame

LINE_HEIGHT = 1.15
_NARROW = 0.6
"""Width of a letter or digit, in sizes of text; a Chinese character is one wide."""
_SMALLER = 0.8
_ASIDE = ((0, 0), (0, -0.6), (0, 0.6), (0, -1.1), (0, 1.1), (-0.55, 0), (0.55, 0), (-0.5, -0.8), (0.5, 0.8))
"""Where a name may go, in widths and heights of its box; the first is best."""


@dataclass(frozen=True)
class Name:
    """A name and where it would stand.

    Parameters
    ----------
    x, y
        Its middle, units of the drawing.
    lines
        Its text; where there is no room for all, the first alone.
    size
        Of the text, units of the drawing.
    fill
        Its colour.
    angle
        Degrees it is turned by, clockwise; only names that lie along a line are.
    is_fixed
        It stands there or not at all.
    halo
        Colour around it.
    """

    x: float
    y: float
    lines: tuple[str, ...]
    size: float
    fill: str = "#1d2b3a"
    angle: float = 0.0
    is_fixed: bool = False
    halo: str = "#fff"

    @property
    def extent(self) -> tuple[float, float]:
        """Width and height."""
        width = max(measure_text(line) for line in self.lines) * self.size
        return width, LINE_HEIGHT * self.size * len(self.lines)

    @property
    def box(self) -> Box:
        """What it covers."""
        width, height = self.extent
        if self.angle:
            return _turned_box(self.x, self.y, width, height, self.angle)
        return (self.x - width / 2, self.y - height / 2, self.x + width / 2, self.y + height / 2)


Box = tuple[float, float, float, float]
"""West, top, east, bottom, units of the drawing."""


def measure_text(text: str) -> float:
    """Width of a text in sizes of text.

    Examples
    --------
    >>> measure_text("片区"), round(measure_text("12"), 2)
    (2.0, 1.2)
    """
    return sum(1.0 if unicodedata.east_asian_width(letter) in "WFA" else _NARROW for letter in text)


def place_names(wanted: Iterable[Name], frame: Frame, taken: Sequence[Box] = ()) -> tuple[Name, ...]:
    """The names that have room, each moved aside or made smaller where it must be.

    Parameters
    ----------
    wanted
        From the most important to the least.
    frame
        They stay inside it, and none is made smaller than its least size.
    taken
        What they must not cover.

    Returns
    -------
    Names whose boxes meet neither each other nor what is taken.
    """
    boxes, placed = list(taken), []
    for name in wanted:
        found = next((one for one in _choices(name, frame.least) if _has_room(one.box, frame, boxes)), None)
        if found is not None:
            boxes.append(found.box)
            placed.append(found)
    return tuple(placed)


def draw_name(name: Name) -> str:
    """A name as SVG."""
    top = name.y - LINE_HEIGHT * name.size * (len(name.lines) - 1) / 2 + 0.36 * name.size
    spans = "".join(
        f'<tspan x="{name.x:.1f}" y="{top + k * LINE_HEIGHT * name.size:.1f}">{escape(line)}</tspan>'
        for k, line in enumerate(name.lines)
    )
    turned = f' transform="rotate({name.angle:.0f} {name.x:.1f} {name.y:.1f})"' if name.angle else ""
    return (
        f'<text font-size="{name.size:.1f}" text-anchor="middle" fill="{name.fill}" stroke="{name.halo}" '
        f'stroke-width="{0.17 * name.size:.1f}" paint-order="stroke" stroke-linejoin="round"{turned}>{spans}</text>'
    )


def _choices(name: Name, least: float) -> Iterable[Name]:
    if name.is_fixed:
        yield name
        return
    for lines in dict.fromkeys((name.lines, name.lines[:1])):
        for size in dict.fromkeys((name.size, max(least, name.size * _SMALLER))):
            sized = replace(name, lines=lines, size=size)
            width, height = sized.extent
            for dx, dy in _ASIDE:
                yield replace(sized, x=name.x + dx * width, y=name.y + dy * height)


def _has_room(box: Box, frame: Frame, boxes: Sequence[Box]) -> bool:
    west, top, east, bottom = box
    if west < 1 or top < 1 or east > frame.width - 1 or bottom > frame.height - 1:
        return False
    return not any(west < e and w < east and top < b and t < bottom for w, t, e, b in boxes)


def _turned_box(x: float, y: float, width: float, height: float, angle: float) -> Box:
    c, s = abs(cos(radians(angle))), abs(sin(radians(angle)))
    half_x, half_y = (width * c + height * s) / 2, (width * s + height * c) / 2
    return (x - half_x, y - half_y, x + half_x, y + half_y)
