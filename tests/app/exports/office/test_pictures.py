"""Maps become pictures without a browser."""

import io

from PIL import Image

from app.exports.office.pictures import WIDTH_PX, draw_area, draw_overview, rasterise


def colours(body):
    return len(Image.open(io.BytesIO(body)).convert("RGB").resize((120, 80)).getcolors(120 * 80))


def test_a_drawing_has_its_size_and_a_white_ground():
    image = Image.open(io.BytesIO(rasterise('<svg viewBox="0 0 10 5"><rect width="2" height="2"/></svg>', 100)))
    assert image.size == (100, 50)
    assert image.convert("RGB").getpixel((90, 40)) == (255, 255, 255)


def test_patterns_of_the_map_are_known():
    body = rasterise('<svg viewBox="0 0 50 50"><rect width="50" height="50" fill="url(#lines)"/></svg>', 50)
    assert colours(body) > 1


def test_areas_and_overview_are_drawn(papers):
    assert Image.open(io.BytesIO(draw_overview(papers))).width == WIDTH_PX
    assert colours(draw_overview(papers, (0,))) > 5
    assert colours(draw_area(papers, 0)) > 5
    assert draw_area(papers, 0) == draw_area(papers, 0)
