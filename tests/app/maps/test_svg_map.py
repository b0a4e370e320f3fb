"""The printed map: every unit once inside the paper, names where there is room, classes told apart in grey."""

import re

import pytest
import shapely

from analysis.indicators.registry import THEMES
from app.maps.svg_map import HEIGHT, WIDTH, Frame, class_pattern, draw_unit_map, find_label_points, make_frame


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.key)
def test_every_unit_is_drawn_once_inside_the_paper(bench, data, theme):
    drawing = draw_unit_map(bench, data.theme(theme.key), make_frame(bench), "x")
    fills = set(data.theme(theme.key).palette)
    paths = [p for p in re.findall(r"<path [^>]*>", drawing) if 'stroke="#5b6672"' in p]
    assert {re.search(r'fill="([^"]+)"', p)[1] for p in paths} <= fills
    assert sum(p.count("M") for p in paths) == len(bench.units)
    numbers = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", " ".join(paths))
    assert all(0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT for x, y in numbers)


def test_a_name_is_written_where_its_place_is_widest():
    hall, corridor = shapely.box(0, 0, 100, 100), shapely.box(100, 0, 400, 30)
    spots, room = find_label_points([hall | corridor], Frame(0, 0, 400, 100))
    assert spots[0].within(hall)
    assert room[0] == pytest.approx(50 * Frame(0, 0, 400, 100).scale, rel=0.05)


def test_classes_without_order_differ_in_grey(data):
    theme = data.theme("owners_body")
    patterns = [class_pattern(theme, number) for number in range(len(theme.palette)) if theme.bands[number].n_units]
    assert len(set(patterns)) == len(patterns)
