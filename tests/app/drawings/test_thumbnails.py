"""The small picture of a plan."""

import base64

from app.drawings.thumbnails import draw_thumbnail


def test_a_thumbnail_holds_shapes_and_no_text_of_the_data(bench):
    svg = base64.b64decode(draw_thumbnail(bench).partition(",")[2]).decode()
    assert svg.count("<path") >= 2
    assert "<text" not in svg
