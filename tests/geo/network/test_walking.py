"""Walks: straight where nothing stops, round barriers over places and crossings else."""

from dataclasses import replace

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from geo.adjacency.graph import build_graph
from geo.network.barriers import find_serving_crossings, select_hard_barriers
from geo.network.walking import WalkDistances, estimate_walks
from geo.rules import NeighbourRules
from tests.effort import examples

CRS = "EPSG:4546"
RULES = NeighbourRules()


def ground(walls=(), passages=()):
    barriers = gpd.GeoDataFrame(
        {"barrier_id": [f"b{i}" for i in range(len(walls))], "kind": "railway"}, geometry=list(walls), crs=CRS
    )
    crossings = gpd.GeoDataFrame(
        {"crossing_id": [f"c{i}" for i in range(len(passages))], "kind": "bridge"}, geometry=list(passages), crs=CRS
    )
    hard = select_hard_barriers(barriers, RULES.hard_kinds)
    return hard, find_serving_crossings(crossings, hard)


def walks(places, walls=(), passages=(), rules=RULES, **options):
    points = np.array([None if xy is None else Point(xy) for xy in places], dtype=object)
    found = estimate_walks(points, *ground(walls, passages), rules, **options)
    metres = np.zeros((len(places), len(places)))
    metres[tuple(found.pairs.T)] = metres[tuple(found.pairs[:, ::-1].T)] = found.metres
    return metres


WALL = LineString([(100, -3000), (100, 3000)])


def test_a_free_walk_is_straight_times_the_detour():
    assert walks([(0, 0), (300, 400)])[0, 1] == 650.0


def test_a_walk_beyond_the_limit_is_no_walk():
    assert walks([(0, 0), (1153, 0), (1155, 0)])[0].tolist() == [0, 1498.9, 0]


def test_a_railway_without_a_passage_parts():
    assert not walks([(0, 0), (200, 0)], [WALL]).any()


def test_one_walks_through_the_passage():
    through = walks([(0, 0), (200, 0)], [WALL], [Point(100, 50)])[0, 1]
    assert through == pytest.approx(1.3 * 2 * np.hypot(100, 50), abs=5)


def test_one_walks_round_the_end_of_a_railway_over_another_place():
    end = LineString([(100, -3000), (100, 100)])
    metres = walks([(0, 0), (200, 0), (100, 150)], [end])
    assert metres[0, 1] == pytest.approx(2 * 1.3 * np.hypot(100, 150), abs=0.002)
    assert not walks([(0, 0), (200, 0)], [end]).any()


def test_one_walks_over_two_bridges():
    rivers = [box(100, -3000, 140, 3000), box(300, -3000, 340, 3000)]
    metres = walks([(0, 0), (440, 0)], rivers, [Point(120, 50), Point(320, -50)])
    assert 1.3 * 440 < metres[0, 1] < 1.3 * 520


def test_a_unit_without_a_place_walks_nowhere():
    assert not walks([(0, 0), None, (9, 9)])[1].any()


@pytest.mark.parametrize("places", [[], [None], [(0, 0)]])
def test_there_may_be_nobody_to_walk(places):
    assert walks(places).shape == (len(places), len(places))


def test_a_known_way_is_walked():
    known = WalkDistances.estimate(np.array([[0, 2]]), np.array([400.0]))
    metres = walks([(0, 0), None, (200, 0), (300, 0)], [WALL], neighbour_walks=known)
    assert metres[0].tolist() == [0, 0, 400.0, 530.0]


def test_borders_of_streets_stop_no_walk():
    units = gpd.GeoDataFrame(
        {"unit_id": ["a", "b"], "street_code": ["150203001", "150203002"]},
        geometry=[box(0, 0, 100, 80), box(120, 0, 220, 80)],
        crs=CRS,
    )
    graph = build_graph(units, gpd.GeoDataFrame(), gpd.GeoDataFrame(), RULES)
    assert (graph.n_edges, graph.walks[0, 1]) == (0, 156.0)


def test_neighbours_round_a_bend_have_a_walk():
    """The river bends round the corner of a; the straight line between the places crosses it."""
    units = gpd.GeoDataFrame(
        {"unit_id": ["a", "b"]},
        geometry=[shapely.union(box(0, 0, 300, 40), box(0, 0, 40, 300)), box(60, 200, 400, 300)],
        crs=CRS,
    )
    river = shapely.union(box(50, 50, 500, 80), box(50, 50, 55, 190))
    barriers = gpd.GeoDataFrame({"barrier_id": ["w"], "kind": "river"}, geometry=[river], crs=CRS)
    graph = build_graph(units, barriers, gpd.GeoDataFrame(), RULES)
    assert graph.pairs["allowed"].tolist() == [True]
    places = units.representative_point()
    assert graph.walks[0, 1] >= 1.3 * places[0].distance(places[1])


# Laws on random maps

corner = st.tuples(st.integers(0, 900), st.integers(0, 900))
maps = st.tuples(
    st.lists(corner, min_size=1, max_size=12, unique=True),
    st.lists(st.lists(corner, min_size=2, max_size=2, unique=True).map(LineString), max_size=5),
    st.lists(corner.map(Point), max_size=4),
)
TIGHT = replace(RULES, walk_limit_m=900.0)


def brute_force(places, walls, passages, rules):
    """Every line between places and heads, one at a time; then networkx."""
    _, found = ground(walls, passages)
    heads = [tuple(xy) for xy in shapely.get_coordinates(found.heads.ravel())]
    points = [*places, *heads]
    graph = nx.Graph()
    graph.add_nodes_from(range(len(points)))
    for i in range(len(points)):
        for j in range(i):
            line = LineString([points[j], points[i]])
            partners = i >= len(places) and i - j == 1 and (i - len(places)) % 2 == 1
            if partners or not any(line.intersects(wall) for wall in walls):
                graph.add_edge(i, j, metres=line.length * rules.detour_factor)
    reached = dict(nx.all_pairs_dijkstra_path_length(graph, weight="metres"))
    metres = np.zeros((len(places), len(places)))
    for i in range(len(places)):
        for j in range(len(places)):
            way = round(reached[i].get(j, np.inf), 3)
            metres[i, j] = way if i != j and way <= rules.walk_limit_m else 0
    return metres


@given(maps)
@settings(deadline=None, max_examples=examples(40))
def test_walks_are_those_of_brute_force(drawn):
    np.testing.assert_allclose(walks(*drawn, TIGHT), brute_force(*drawn, TIGHT), atol=0.0011)


@given(maps)
@settings(deadline=None, max_examples=examples(40))
def test_walks_are_symmetric_bounded_and_obey_the_triangle(drawn):
    metres = walks(*drawn, TIGHT)
    assert (metres == metres.T).all()
    assert (metres <= TIGHT.walk_limit_m).all()
    assert not metres.diagonal().any()
    there = np.where(metres > 0, metres, np.inf)
    round_about = (there[:, :, None] + there[None, :, :]).min(axis=1)
    near = round_about <= TIGHT.walk_limit_m
    np.fill_diagonal(near, val=False)
    assert (there[near] <= round_about[near] + 0.002).all()


@given(maps, st.integers(1, 7))
@settings(deadline=None, max_examples=examples(25))
def test_walks_do_not_depend_on_how_the_work_is_cut(drawn, lines_at_once):
    assert (walks(*drawn, TIGHT, lines_at_once=lines_at_once) == walks(*drawn, TIGHT)).all()


@given(maps)
@settings(deadline=None, max_examples=examples(25))
def test_a_far_place_changes_no_other_walk(drawn):
    places, walls, passages = drawn
    far = walks([*places, (90_000, 90_000)], walls, passages, TIGHT)
    assert (far[:-1, :-1] == walks(*drawn, TIGHT)).all()
    assert not far[-1].any()
