"""How long outlines run opposite each other, on drawn cases, turned and shifted."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box
from shapely.affinity import rotate, translate

from analysis.bundling.verify.conditions.frontage import TOLERANCE_M, facing_length_m
from geo.network.shared_frontage import shared_frontage_m
from tests.effort import examples

BLOCK = box(0, 0, 100, 80)
RING = box(-200, -200, 300, 280) - box(-30, -30, 130, 110)

CASES = {
    "parallel walls have their overlap": (box(120, 30, 200, 300), 50.0),
    "the gap does not matter": (box(155, 30, 200, 300), 50.0),
    "a wall just at the limit": (box(160, 0, 200, 80), 80.0),
    "a shared border": (box(100, 0, 200, 80), 80.0),
    "a corner touch": (box(100, 80, 200, 160), 0.0),
    "corner to corner": (box(110, 90, 200, 160), 0.0),
    "corners that overlap sideways by 2 m": (box(110, 78, 200, 160), 2.0),
    "beyond the limit": (box(161, 0, 200, 80), 0.0),
    "a building in a courtyard faces all round": (RING, 360.0),
    "a building drawn inside": (box(40, 30, 60, 40), 60.0),
    "a comb has only its teeth": (
        shapely.union_all([box(140, 0, 200, 80), box(120, 0, 140, 20), box(120, 60, 140, 80)]),
        80.0,
    ),
    "walls that run on in one line": (box(94, 0, 200, 80), 86.0),
    "the same outline drawn twice": (BLOCK, 180.0),
    "two parts": (shapely.MultiPolygon([box(120, 0, 140, 20), box(120, 70, 140, 90)]), 30.0),
}


def faced(a, b, gap_m=60.0):
    return shared_frontage_m(np.array([a, b]), np.array([0]), np.array([1]), gap_m)[0]


@pytest.mark.parametrize("turn", [0.0, 31.0, 90.0, 213.7])
@pytest.mark.parametrize("case", CASES)
def test_drawn_cases(case, turn):
    other, metres = CASES[case]
    one, two = (translate(rotate(s, turn, origin=(0, 0)), 412_345.6, 4_501_234.5) for s in (BLOCK, other))
    assert faced(one, two) == pytest.approx(metres, abs=0.005)


def test_no_pair_faces_nothing():
    none = np.empty(0, dtype=np.intp)
    assert len(shared_frontage_m(np.array([BLOCK]), none, none, 60.0)) == 0


def test_discs_side_by_side_face_each_other():
    assert faced(Point(0, 0).buffer(30), Point(80, 0).buffer(30)) > 20.0


numbers = st.tuples(*[st.integers(0, 150)] * 2, *[st.integers(10, 90)] * 2, st.integers(0, 89))


@given(numbers, numbers)
@settings(deadline=None, max_examples=examples(60))
def test_either_order_and_points_along_the_walls_say_the_same(one, two):
    a, b = (rotate(box(x, y, x + w, y + h), angle) for x, y, w, h, angle in (one, two))
    length = faced(a, b)
    assert length == faced(b, a)
    assert 0.0 <= length <= max(a.length, b.length)
    seen = max(facing_length_m(a, b, 60.0), facing_length_m(b, a, 60.0), a.intersection(b).length / 2)
    assert seen == pytest.approx(length, abs=4 * TOLERANCE_M)
