"""The printed map: every unit once inside the paper, names where there is room, classes told apart in grey."""

import re
from itertools import combinations

import numpy as np
import pytest
import shapely

from analysis.indicators.registry import THEMES
from app.drawings import plan_map
from app.drawings.frames import PAPERS, frame_ground, make_frame
from app.drawings.names import Name
from app.drawings.plan_map import draw_own_map, draw_place_theme, draw_rest_map, draw_unit_map
from app.drawings.strokes import draw_path
from app.i18n import load_words

ZH = load_words("zh")


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.key)
def test_every_unit_is_drawn_once_inside_the_paper(bench, data, theme):
    drawing = draw_unit_map(bench, data.theme(theme.key), make_frame(bench), "x", ZH).svg
    fills = set(data.theme(theme.key).palette)
    paths = [p for p in re.findall(r"<path [^>]*>", drawing) if 'stroke="#5b6672"' in p]
    assert {re.search(r'fill="([^"]+)"', p)[1] for p in paths} <= fills
    assert sum(p.count("M") for p in paths) == len(bench.units)
    numbers = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", " ".join(paths))
    assert all(
        0 <= float(x) <= make_frame(bench).width and 0 <= float(y) <= make_frame(bench).height for x, y in numbers
    )


def meet(one: Name, other: Name) -> bool:
    (w, t, e, b), (w2, t2, e2, b2) = one.box, other.box
    return w < e2 and w2 < e and t < b2 and t2 < b


def test_names_on_every_map_keep_clear_of_each_other(bench, data):
    frame = make_frame(bench)
    drawings = [
        draw_unit_map(bench, data.themes[0], frame, "x", ZH),
        draw_rest_map(bench, frame, "x", ZH),
        draw_place_theme(bench, "professional_coverage", "street", frame, "x", ZH)[0],
    ]
    for drawing in drawings:
        assert drawing.names
        assert not any(meet(one, other) for one, other in combinations(drawing.names, 2))


def test_of_other_units_nothing_is_drawn(bench):
    members = [3, 0]
    frame = make_frame(bench)
    drawing = draw_own_map(bench, members, {0}, frame, "x", ZH)
    paths = [p for p in re.findall(r"<path [^>]*>", drawing.svg) if 'stroke="#5b6672"' in p]
    shapes = bench.units.geometry.iloc[members]
    drawn = [draw_path([shape], frame, "") for shape in shapes]
    assert len(paths) == len(members)
    assert {re.search(r' d="([^"]+)"', p)[1] for p in paths} == {re.search(r' d="([^"]+)"', p)[1] for p in drawn}
    numbers = {name.lines: (name.x, name.y) for name in drawing.names if name.lines[0].isdecimal()}
    assert numbers.keys() == {("1",), ("2",)}
    spot = frame.to_paper(shapely.get_coordinates(shapely.point_on_surface(shapes.iloc[0])))[0]
    assert numbers["1",] == pytest.approx(tuple(spot))


def test_a_map_says_its_scale_and_north_in_the_readers_language(bench, data):
    frame = make_frame(bench)
    for language, told in (("zh", ("米", "北")), ("en", ("m", "N"))):
        svg = draw_unit_map(bench, data.themes[0], frame, "x", load_words(language)).svg
        assert f"1:{frame.denominator:,}" in svg
        assert all(word in re.search(r'class="scale".*', svg)[0] for word in told)


def test_areas_too_small_to_be_seen_are_dots_with_numbers_and_many_are_thin(bench, data, monkeypatch):
    frame = frame_ground(np.add(bench.units.total_bounds, (-1e5, -1e5, 1e5, 1e5)), PAPERS["A3"])
    drawn = draw_unit_map(bench, data.themes[0], frame, "x", ZH)
    assert drawn.svg.count("<circle") == len(bench.areas)
    assert drawn.names
    monkeypatch.setattr(plan_map, "_CROWD", 0)
    crowd = draw_unit_map(bench, data.themes[0], frame, "x", ZH).svg
    assert "<circle" not in crowd
    assert 'stroke-width="0.5"' in crowd


def test_what_is_left_over_is_pointed_out_once_each(bench):
    svg = draw_rest_map(bench, make_frame(bench), "x", ZH).svg
    assert svg.count("<circle") == len(bench.left_over) + len(bench.unled_reasons)
