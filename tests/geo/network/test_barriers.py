"""Barriers stop lines; crossings have a head on each side."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon, box

from geo.errors import MissingCRSError, NotMetricError
from geo.network.barriers import CROSSING_REACH_M, find_serving_crossings, select_hard_barriers
from geo.rules import NeighbourRules

CRS = "EPSG:4546"
HARD = NeighbourRules().hard_kinds


def barriers(kind="railway", **shapes):
    return gpd.GeoDataFrame({"barrier_id": list(shapes), "kind": kind}, geometry=list(shapes.values()), crs=CRS)


def crossings(**shapes):
    return gpd.GeoDataFrame({"crossing_id": list(shapes), "kind": "bridge"}, geometry=list(shapes.values()), crs=CRS)


def lines(*pairs):
    return np.array([LineString(pair) for pair in pairs], dtype=object)


ACROSS = lines([(-10, 0), (10, 0)])
RAIL = LineString([(0, -300), (0, 300)])
RIVER = box(-60, -800, 60, 800)


@pytest.mark.parametrize(
    "shape",
    [
        RAIL,
        box(-5, -50, 5, 50),
        box(-100, -100, 100, 100),  # the line lies in it
        MultiPolygon([box(-5, -50, 5, 50), box(500, 0, 510, 10)]),
        Polygon([(-5, -5), (5, 5), (5, -5), (-5, 5)]),  # a bow tie: not valid
    ],
)
def test_a_hard_barrier_stops_what_meets_it(shape):
    found = select_hard_barriers(barriers(x=shape), HARD)
    assert found.intersects(ACROSS).tolist() == [True]
    assert found.intersects(shapely.transform(ACROSS, lambda xy: xy + 2000)).tolist() == [False]


@pytest.mark.parametrize("kind", ["arterial", "closed_park"])
def test_other_kinds_stop_nothing(kind):
    assert not select_hard_barriers(barriers(kind, x=RAIL), HARD).intersects(ACROSS).any()


def test_the_first_along_the_line_is_named():
    found = select_hard_barriers(barriers(b=LineString([(3, -9), (3, 9)]), a=LineString([(7, -9), (7, 9)])), HARD)
    there, back = found.find_first_crossed(lines([(0, 0), (9, 0)], [(9, 0), (0, 0)]))
    assert (found.label(there), found.label(back)) == ("railway:b", "railway:a")


def test_at_the_same_place_the_smaller_id_is_named():
    found = select_hard_barriers(barriers(b=RAIL, a=RAIL), HARD)
    assert found.ids[found.find_first_crossed(ACROSS)].tolist() == ["a"]


def test_nothing_along_a_free_line():
    found = select_hard_barriers(barriers(a=RAIL), HARD)
    assert found.find_first_crossed(lines([(1, 0), (9, 0)])).tolist() == [-1]


segments = st.lists(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=2, unique=True), max_size=8
)


@given(segments, segments)
@settings(deadline=None)
def test_lines_are_stopped_as_by_brute_force(walls, walks):
    found = select_hard_barriers(barriers(**{f"b{i}": LineString(w) for i, w in enumerate(walls)}), HARD)
    brute = [any(LineString(walk).intersects(LineString(w)) for w in walls) for walk in walks]
    assert found.intersects(lines(*walks)).tolist() == brute
    assert (found.find_first_crossed(lines(*walks)) >= 0).tolist() == brute


@pytest.mark.parametrize("empty", [gpd.GeoDataFrame(), barriers(x=None), barriers()])
def test_no_barrier_no_crossing(empty):
    none = select_hard_barriers(empty, HARD)
    assert not none.intersects(ACROSS).any()
    assert len(find_serving_crossings(crossings(c=Point(0, 0)), none).ids) == 0
    assert none.intersects(np.empty(0, dtype=object)).tolist() == []


@pytest.mark.parametrize(("crs", "error"), [(None, MissingCRSError), (4490, NotMetricError)])
def test_layers_must_be_metric(crs, error):
    rail = barriers(r=RAIL)
    with pytest.raises(error, match="barriers"):
        select_hard_barriers(rail.set_crs(crs, allow_override=True), HARD)
    with pytest.raises(error, match="crossings"):
        find_serving_crossings(
            crossings(c=Point(0, 0)).set_crs(crs, allow_override=True), select_hard_barriers(rail, HARD)
        )


@pytest.mark.parametrize(("away_m", "serves"), [(CROSSING_REACH_M - 0.1, 1), (40.1, 0)])
def test_a_crossing_serves_what_is_within_reach(away_m, serves):
    found = find_serving_crossings(crossings(c=Point(away_m, 0)), select_hard_barriers(barriers(r=RAIL), HARD))
    assert len(found.ids) == serves


HEADS = {
    "point on a railway": ({"r": RAIL}, Point(0, 10), [-2, 2]),
    "point beside a railway": ({"r": RAIL}, Point(30, 10), [-2, 32]),
    "two tracks": ({"r": RAIL, "s": LineString([(12, -300), (12, 300)])}, Point(0, 10), [-2, 14]),
    "middle of a wide river": ({"w": RIVER}, Point(10, 10), [-62, 62]),
    "bank of a wide river": ({"w": RIVER}, Point(60, 10), [-62, 62]),
    "beside a wide river": ({"w": RIVER}, Point(80, 10), [-62, 82]),
    "railway along the bank": ({"w": RIVER, "r": LineString([(90, -300), (90, 300)])}, Point(0, 10), [-62, 92]),
    "railway far from the bank": ({"w": RIVER, "r": LineString([(110, -300), (110, 300)])}, Point(0, 10), [-62, 62]),
    "second river": ({"w": RIVER, "x": box(150, -300, 200, 300)}, Point(0, 10), [-62, 62]),
    "river cut along its middle": ({"w": box(-60, -99, 0, 99), "x": box(0, -99, 60, 99)}, Point(-20, 10), [-62, 62]),
    "bridge drawn as a line": ({"w": RIVER}, LineString([(-50, 10), (90, 10)]), [-62, 92]),
    "crossing drawn as an area": ({"r": RAIL}, box(-5, 5, 5, 15), [-2, 2]),
    "railway ends at the crossing": ({"r": LineString([(0, 10), (0, 300)])}, Point(0, 10), [-2, 2]),
}


@pytest.mark.parametrize("degrees", [0, 33])
@pytest.mark.parametrize("case", HEADS)
def test_the_heads_lie_on_both_sides(case, degrees):
    """Each drawn so that one passes along the x axis, at y = 10."""
    shapes, crossing, expected = HEADS[case]
    turned = {name: shapely.affinity.rotate(s, degrees, (0, 10)) for name, s in shapes.items()}
    found = find_serving_crossings(
        crossings(c=shapely.affinity.rotate(crossing, degrees, (0, 10))),
        select_hard_barriers(barriers("river", **turned), HARD),
    )
    xy = shapely.get_coordinates([shapely.affinity.rotate(head, -degrees, (0, 10)) for head in found.heads[0]])
    np.testing.assert_allclose(xy[np.argsort(xy[:, 0])], [[x, 10] for x in expected], atol=0.02)


def test_crossings_come_in_the_order_of_ids():
    found = find_serving_crossings(
        crossings(z=Point(0, 1), far=Point(999, 0), a=Point(0, 2)), select_hard_barriers(barriers(r=RAIL), HARD)
    )
    assert found.ids.tolist() == ["a", "z"]
    assert shapely.get_coordinates(found.points).tolist() == [[0, 2], [0, 1]]
