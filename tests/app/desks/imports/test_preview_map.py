"""The picture of an extent holds nothing that a file says."""

from app.desks.imports.preview import preview_file
from app.desks.imports.preview_map import draw_extent
from app.desks.imports.runs import FileChoice


def test_the_picture_of_an_extent_holds_no_text_of_the_file(outlines):
    shapes = preview_file(outlines, FileChoice()).layers[0].shapes
    picture = draw_extent(shapes, [])
    assert picture.startswith("data:image/svg+xml;base64,")
    assert len(picture) < 20_000
