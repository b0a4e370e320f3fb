"""Where one passes from unit to unit: the middle of facing walls, the ground at a contact."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, box
from shapely.affinity import rotate

from geo.network.barriers import select_hard_barriers
from geo.network.entry_lines import (
    INSIDE_M,
    SAME_GAP_M,
    entry_lines,
    find_blocking_barriers,
    find_contact_barrier,
    interior_points,
)


def rails(*lines):
    ids = [f"r{i}" for i in range(len(lines))]
    layer = {"barrier_id": ids, "kind": "railway"}
    return select_hard_barriers(gpd.GeoDataFrame(layer, geometry=list(lines), crs=4546), ("railway",))


def connector(one, two):
    gap_m = np.array([one.distance(two)])
    return entry_lines(np.array([one]), np.array([two]), gap_m)[0]


LEFT = box(0, 0, 100, 80)
RIGHTS = {
    "opposite": box(120, 0, 220, 80),
    "half opposite": box(120, 40, 220, 140),
    "at the corner": box(120, 100, 220, 180),
    "small": box(120, 33, 126, 35),
    "slanting": rotate(box(130, -20, 200, 120), 10),
    "round": shapely.Point(160, 40).buffer(45),
    "far longer": box(101.5, -3000, 104, 3000),
}


@pytest.mark.parametrize("name", RIGHTS)
def test_a_connector_is_the_shortest_line_drawn_into_the_units(name):
    line, right = connector(LEFT, RIGHTS[name]), RIGHTS[name]
    outside = line.difference(LEFT).difference(right)
    gap_m = LEFT.distance(right)
    assert gap_m - 0.001 <= outside.length <= 1.3 * (gap_m + SAME_GAP_M)
    ends = [shapely.Point(xy) for xy in line.coords]
    assert [LEFT.covers(ends[0]), right.covers(ends[1])] == [True, True]
    assert line.length <= gap_m + SAME_GAP_M + 2 * INSIDE_M


@pytest.mark.parametrize("degrees", [31, 90, 200])
@pytest.mark.parametrize("name", RIGHTS)
def test_a_connector_turns_with_the_map(name, degrees):
    turned = connector(*(rotate(unit, degrees, (0, 0)) for unit in (LEFT, RIGHTS[name])))
    back = rotate(turned, -degrees, (0, 0))
    assert shapely.hausdorff_distance(back, connector(LEFT, RIGHTS[name])) < 0.02


@pytest.mark.parametrize("name", RIGHTS)
def test_a_connector_is_the_same_from_both_ends(name):
    there, back = connector(LEFT, RIGHTS[name]), connector(RIGHTS[name], LEFT)
    assert shapely.hausdorff_distance(there, back) < 0.02


def test_more_points_on_the_edges_do_not_move_it():
    fine = connector(shapely.segmentize(LEFT, 7), shapely.segmentize(RIGHTS["half opposite"], 3))
    assert shapely.hausdorff_distance(fine, connector(LEFT, RIGHTS["half opposite"])) < 0.001


@given(st.integers(3, 40), st.floats(0, 1), st.integers(0, 359))
@settings(deadline=None)
def test_an_inner_point_lies_inside_and_near(corners, along, degrees):
    star = shapely.Polygon(
        [
            (r * np.cos(t), r * np.sin(t))
            for r, t in zip(
                [60 if i % 2 else 9 for i in range(2 * corners)],
                np.linspace(0, 2 * np.pi, 2 * corners, endpoint=False),
                strict=True,
            )
        ]
    )
    star = rotate(star, degrees)
    edge = star.boundary.interpolate(along, normalized=True)
    inner = interior_points(np.array([star]), np.array([edge]))[0]
    assert star.buffer(1e-6).covers(inner)
    assert inner.distance(edge) <= INSIDE_M


BESIDE = box(100, 0, 200, 80)


def at_contact(*lines, b=BESIDE):
    return find_contact_barrier(LEFT, b, rails(*lines))


@pytest.mark.parametrize("x", [94, 98, 100, 102, 106])
def test_a_railway_along_the_contact_separates(x):
    assert at_contact(LineString([(x, -9), (x, 99)])) == 0


@pytest.mark.parametrize("x", [60, 140])
def test_a_railway_deep_in_a_unit_separates_nothing_there(x):
    assert at_contact(LineString([(x, -9), (x, 99)])) == -1


@pytest.mark.parametrize("end", [5, 40, 75])
def test_a_railway_that_ends_on_the_contact_leaves_a_way(end):
    assert at_contact(LineString([(100, -9), (100, end)])) == -1


def test_two_railways_may_separate_only_together():
    half = LineString([(100, -9), (100, 40)]), LineString([(100, 40), (100, 99)])
    assert at_contact(*half) == 0


def test_of_two_that_separate_the_nearer_to_a_is_named():
    assert at_contact(LineString([(104, -9), (104, 99)]), LineString([(97, -9), (97, 99)])) == 1


def test_one_that_does_not_separate_is_not_named():
    across, along = LineString([(-9, 40), (300, 40)]), LineString([(103, -9), (103, 99)])
    assert at_contact(across, along) == 1


def test_a_hairline_between_units_is_a_contact():
    assert at_contact(LineString([(100, -9), (100, 99)]), b=box(100.0004, 0, 200, 80)) == 0
    assert at_contact(LineString([(-9, 40), (300, 40)]), b=box(100.0004, 0, 200, 80)) == -1


def test_units_far_from_any_barrier_are_free():
    a, b = np.array([LEFT, LEFT]), np.array([BESIDE, RIGHTS["opposite"]])
    far = rails(LineString([(0, 500), (300, 500)]))
    assert find_blocking_barriers(a, b, np.array([0.0, 20.0]), far).tolist() == [-1, -1]
