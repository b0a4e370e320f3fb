"""Pictures of areas: neighbouring areas differ, the map asks nothing of the internet."""

import re

import matplotlib as mpl
import pytest

import pianqu
from pianqu.pictures import NO_AREA, choose_area_colours


@pytest.fixture
def found(yards):
    return pianqu.bundle(yards, pianqu.neighbours(yards), weight="households", lower=700, upper=1200, rounds=2)


def test_neighbouring_areas_differ_and_nobody_is_grey_who_has_one(found):
    colours = choose_area_colours(found.labels, found.asked.graph)
    assert colours[0] == colours[1] != colours[2] == colours[3]
    assert colours[4] == NO_AREA not in colours[:4]


def test_it_is_drawn_with_matplotlib(found):
    mpl.use("agg")
    assert len(found.plot().collections[0].get_facecolors()) == 5


def test_the_map_holds_reasons_and_no_tiles(found):
    page = found.explore().get_root().render()
    assert "below the least" in page.replace("\\u0020", " ") or "least" in page
    assert not re.search(r"tile\.openstreetmap|L\.tileLayer", page)
