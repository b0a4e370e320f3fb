"""Pins stand with their tips at their places, open ones on top; what is written in them is never markup."""

from itertools import pairwise

import pytest
import shapely

from app.drawings.frames import Frame
from app.drawings.pins import Pin, draw_pins

FRAME = Frame(0.0, 0.0, 1.0, 100.0, 100.0, 10.0)


def pin(x, y, text="1", *, is_open=True):
    return Pin(shapely.Point(x, y), text, f"<b>{text}", f"#o-{text}", is_open)


def test_a_tip_is_at_its_place_and_the_head_above_it():
    (drawn,), (box,) = draw_pins([pin(30, 40)], FRAME)
    assert ' d="M30.0 60.0L' in drawn
    west, top, east, bottom = box
    assert west < 30 < east
    assert (top < bottom, bottom) == (True, 60.0)
    assert "&lt;b&gt;1" in drawn
    assert "<b>" not in drawn


def test_outside_the_frame_nothing_is_drawn():
    assert draw_pins([pin(-1, 5), pin(5, 101)], FRAME) == ([], [])


def test_what_is_open_lies_over_what_is_settled():
    drawn, boxes = draw_pins([pin(50, 50, "1"), pin(50, 50, "2", is_open=False), pin(50, 50, "3·4·5")], FRAME)
    assert [part.split('href="')[1].split('"')[0] for part in drawn] == ["#o-2", "#o-1", "#o-3·4·5"]
    widths = [east - west for west, _, east, _ in boxes]
    assert widths[2] > widths[1] == pytest.approx(widths[0])
    assert all(a <= b for a, b in pairwise(widths))
