"""Lines meet on their level only, and nothing of them is lost."""

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely import LineString

from geo.network.noding import node_lines


def noded(*lines, levels=None):
    shapes = np.array([LineString(xy) for xy in lines], dtype=object)
    return node_lines(shapes, np.zeros(len(lines), int) if levels is None else np.array(levels))


CROSS = ([(0, 50), (100, 50)], [(50, 0), (50, 100)])


def test_a_level_crossing_is_a_junction():
    found = noded(*CROSS)
    assert (len(found.pieces), len(found.xy)) == (4, 5)


def test_a_bridge_passes_over():
    found = noded(*CROSS, levels=(0, 1))
    assert (len(found.pieces), len(found.xy)) == (2, 4)


def test_a_bridge_begins_where_the_road_to_it_ends():
    found = noded([(0, 0), (50, 0)], [(50, 0), (90, 0)], levels=(0, 1))
    assert found.ends.tolist() == [[0, 1], [1, 2]]


def test_steps_meet_a_footbridge_at_its_vertex():
    found = noded([(0, 0), (50, 0), (90, 0)], [(50, 0), (50, 40)], levels=(1, 0))
    assert (len(found.pieces), len(found.xy)) == (3, 4)


def test_a_road_ending_under_a_bridge_does_not_meet_it():
    found = noded([(0, 0), (90, 0)], [(50, 0), (50, 40)], levels=(1, 0))
    assert (len(found.pieces), len(found.xy)) == (2, 4)


@pytest.mark.parametrize("short_m", [0.0, 0.004, -0.004])
def test_a_side_road_may_miss_by_a_rounding(short_m):
    found = noded([(0, 0), (100, 0)], [(50, short_m), (50, 80)])
    assert (len(found.pieces), len(found.xy)) == (3, 4)


def test_a_line_that_crosses_itself_meets_itself():
    found = noded([(0, 0), (100, 0), (100, 50), (50, 50), (50, -50)])
    assert (len(found.pieces), len(found.xy)) == (3, 3)
    assert (found.line == 0).all()


def test_no_line_is_no_network():
    assert not len(noded().pieces)


spot = st.tuples(st.integers(0, 12), st.integers(0, 12)).map(lambda xy: (40.0 * xy[0], 40.0 * xy[1]))
drawings = st.lists(st.lists(spot, min_size=2, max_size=3, unique=True), min_size=1, max_size=12)


def doubled(lines):
    """Whether lines run along each other: two nearly equal lines cross each other anywhere."""
    shapes = [LineString(xy) for xy in lines]
    return shapely.union_all(shapes).length < sum(shapely.length(shapes)) - 0.05


@given(drawings)
def test_nothing_of_a_line_is_lost(lines):
    assume(not any(doubled([line]) for line in lines))
    found = noded(*lines)
    length_m = np.bincount(found.line, weights=shapely.length(found.pieces))
    np.testing.assert_allclose(length_m, [LineString(xy).length for xy in lines], atol=0.05)


@given(drawings)
def test_pieces_meet_at_nodes_only(lines):
    assume(not doubled(lines))
    found = noded(*lines)
    i, j = shapely.STRtree(found.pieces).query(found.pieces, predicate="crosses")
    met = shapely.intersection(found.pieces[i], found.pieces[j])
    nodes = shapely.multipoints(shapely.points(found.xy))
    assert (shapely.distance(met, nodes) < 0.03).all()


@given(drawings, st.randoms())
def test_the_order_of_lines_changes_no_piece(lines, random):
    shuffled = random.sample(lines, len(lines))
    one, two = (
        sorted(shapely.normalize(shapely.set_precision(noded(*d).pieces, 0.01)).tolist(), key=str)
        for d in (lines, shuffled)
    )
    assert one == two
