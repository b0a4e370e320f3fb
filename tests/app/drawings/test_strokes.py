"""Shapes on a drawing: what is outside is left out, names go where there is room."""

import pytest
import shapely

from app.drawings.frames import Frame
from app.drawings.strokes import draw_filled, draw_path, find_label_points

FRAME = Frame(0, 0, 0.5, 800, 200, 10)


def test_a_name_is_written_where_its_place_is_widest():
    hall, corridor = shapely.box(0, 0, 100, 100), shapely.box(100, 0, 400, 30)
    spots, room = find_label_points([hall | corridor], FRAME)
    assert spots[0].within(hall)
    assert room[0] == pytest.approx(50 * FRAME.scale, rel=0.05)


def test_what_is_outside_the_frame_is_not_drawn():
    assert draw_path([shapely.box(9_000, 0, 9_100, 100), None], FRAME, "") == ""
    assert draw_path([shapely.box(10, 10, 20, 20)], FRAME, "").count("M") == 1


def test_estimated_ground_is_dashed():
    block = [shapely.box(10, 10, 20, 20)]
    assert "dasharray" in draw_filled(block, FRAME, "#fff", "", (), is_estimated=True)
    assert "dasharray" not in draw_filled(block, FRAME, "#fff", "", ())
