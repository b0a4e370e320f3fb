"""Where opinions on a plan are about, on a drawing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from markupsafe import Markup

from app.drawings.frames import frame_picture, surround
from app.drawings.patterns import define_patterns
from app.drawings.pins import Pin
from app.drawings.plan_map import draw_unit_map
from app.i18n import Words
from app.maps.themes import AREAS
from app.session.page import PageData
from app.store.approvals import Comment, Target

_WIDTH, _HEIGHT, _TEXT, _LEAST = 1060.0, 480.0, 16.0, 12.4
"""A unit is about a pixel of a page 1,366 wide; nothing is written below 12 of them."""
_ROOM_M, _SHARE = 500.0, 0.25
"""Ground shown around what opinions are about."""


def draw_opinions(data: PageData, comments: Sequence[Comment], words: Words) -> Markup | None:
    """A drawing of the areas and units that opinions are about, a pin at each; None where none has a place.

    Parameters
    ----------
    data
        Of the version whose areas are shown.
    comments
        Numbered from 1, the oldest first; those about the whole plan, or what is there no more, have no pin.
    words
        Texts in the reader's language.
    """
    bench = data.bench
    number_of = {area["area_id"]: number for number, area in enumerate(bench.areas)}
    unit_of = {unit: position for position, unit in enumerate(bench.units["unit_id"])}
    about: dict[tuple[Target, str], list[int]] = {}
    for number, one in enumerate(comments, 1):
        if one.target_id in (number_of if one.target == "area" else unit_of if one.target == "unit" else ()):
            about.setdefault((one.target, one.target_id), []).append(number)
    members = {
        key: np.flatnonzero(bench.area_of == number_of[key[1]]).tolist() if key[0] == "area" else [unit_of[key[1]]]
        for key in about
    }
    pins = [
        pin
        for key, numbers in about.items()
        if (pin := _make_pin(data, members[key], numbers, comments, words)) is not None
    ]
    if not pins:
        return None
    shown = sorted({unit for units in members.values() for unit in units})
    frame = frame_picture(surround(bench, shown, _ROOM_M, _SHARE), _WIDTH, _HEIGHT, _TEXT, _LEAST)
    drawn = draw_unit_map(bench, data.theme(AREAS), frame, words("approval.map"), words, pins=pins)
    patterns = (
        f'<svg width="0" height="0" aria-hidden="true">{define_patterns()}</svg>'  # the page forbids styles in it
    )
    return Markup(patterns) + drawn.svg  # noqa: S704 - patterns of ours


def _make_pin(
    data: PageData, members: Sequence[int], numbers: Sequence[int], comments: Sequence[Comment], words: Words
) -> Pin | None:
    """A pin over the middle of some units; None where none of them is on the map."""
    shapes = data.bench.units.geometry.to_numpy()[list(members)]
    shapes = shapes[~shapely.is_missing(shapes)]
    if not len(shapes):
        return None
    middle = shapely.centroid(shapely.geometrycollections(shapes))
    nearest = shapes[np.argmin(shapely.distance(shapes, middle))]
    title = "; ".join(f"{number} {comments[number - 1].text[:40]}" for number in numbers)
    is_open = any(comments[number - 1].answer is None for number in numbers)
    place = shapely.point_on_surface(nearest)
    return Pin(place, "·".join(map(str, numbers)), words("approval.pin", said=title), f"#opinion-{numbers[0]}", is_open)
