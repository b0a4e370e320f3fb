"""Walks on roads, from the zoo of drawn cases to random towns walked by networkx."""

from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box
from shapely.affinity import affine_transform

from geo.adjacency.graph import build_graph, walks_layer
from geo.adjacency.pairs import build_access, build_context
from geo.network.barriers import point_coordinates
from geo.network.routing import find_routes, find_service_area
from geo.network.shortest_paths import measure_road_walks
from geo.rules import NeighbourRules
from tests.effort import examples

CRS = "EPSG:4546"
RULES = NeighbourRules(road_scrap_m=0.0, facing_m=0.0)
D = RULES.detour_factor


def frame(shapes, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS)


def town(units, roads, gates=None, rails=(), crossings=(), **road_columns):
    """The layers: units by name, lines, gate points by unit, railway lines, crossing points."""
    gates = gates or {}
    return {
        "units": frame(units.values(), unit_id=list(units)),
        "barriers": frame(
            [LineString(xy) for xy in rails], barrier_id=[f"b{k}" for k in range(len(rails))], kind="railway"
        ),
        "crossings": frame(
            [Point(xy) for xy in crossings], crossing_id=[f"c{k}" for k in range(len(crossings))], kind="underpass"
        ),
        "roads": frame(
            [LineString(xy) for xy in roads], road_id=[f"r{k}" for k in range(len(roads))], name=None, **road_columns
        ),
        "gates": frame(
            [Point(xy) for points in gates.values() for xy in points],
            gate_id=[f"g{k}" for k in range(sum(map(len, gates.values())))],
            unit_id=[unit for unit, points in gates.items() for _ in points],
            is_open=None,
        ),
    }


def graph_of(layers, rules=RULES):
    names = ("units", "barriers", "crossings")
    return build_graph(*(layers[name] for name in names), rules, roads=layers["roads"], gates=layers["gates"])


def walk(layers, a="a", b="b"):
    """Metres from place to place, and whether they are estimated; None beyond the limit."""
    found = walks_layer(graph_of(layers))
    row = found[(found["unit_a"] == a) & (found["unit_b"] == b)]
    return None if row.empty else (float(row["walk_m"].iloc[0]), bool(row["walk_estimated"].iloc[0]))


def access_of(layers):
    names = ("units", "barriers", "crossings")
    ground = build_context(*(layers[name] for name in names), RULES)
    return ground, build_access(ground, layers["roads"], layers["gates"], RULES)


# The zoo: two blocks 100 × 80 with a road 10 m south of them

A, B = box(0, 0, 100, 80), box(400, 0, 500, 80)
ROAD = [(-200, -10), (700, -10)]
ALONG = 400 + 2 * D * 50


def test_one_walks_along_the_road():
    assert walk(town({"a": A, "b": B}, [ROAD])) == (pytest.approx(ALONG), False)


def test_without_roads_walks_are_estimated():
    assert walk(town({"a": A, "b": B}, [])) == (pytest.approx(D * 400), True)


def test_far_from_every_road_walks_stay_estimated():
    """c lies 150 m from the road: only its own walks are estimated."""
    layers = town({"a": A, "b": B, "c": box(0, 140, 100, 220)}, [ROAD])
    assert walk(layers) == (pytest.approx(ALONG), False)
    assert walk(layers, "a", "c") == (pytest.approx(D * 140), True)


def test_a_bridge_over_a_road_is_no_junction():
    """b's road passes over a's; one walks on to where both meet on the ground."""
    roads = [
        ROAD,
        [(450, -300), (450, -60)],
        [(450, -60), (450, 40)],
        [(450, 40), (450, 300)],
        [(450, 300), (700, 300), (700, -10)],
    ]
    layers = town({"a": A, "b": box(460, -200, 560, -120)}, roads)
    assert walk(layers)[0] < 700
    layers["roads"]["is_bridge"] = [False, False, True, False, False]
    assert walk(layers) is None  # 1 670 m on the roads


def test_a_railway_parts_where_no_crossing_joins():
    rail = [[(250, -900), (250, 900)]]
    assert walk(town({"a": A, "b": B}, [ROAD], rails=rail)) is None
    crossed = walk(town({"a": A, "b": B}, [ROAD], rails=rail, crossings=[(250, -10)]))
    assert crossed == (pytest.approx(ALONG), False)


def test_a_footbridge_saves_the_way_round():
    rail = [[(-900, -40), (900, -40)]]
    south = box(0, -180, 100, -100)
    roads = [ROAD, [(-200, -90), (700, -90)]]
    assert walk(town({"a": A, "s": south}, roads, rails=rail), "a", "s") is None
    saved = walk(town({"a": A, "s": south}, roads, rails=rail, crossings=[(50, -40)]), "a", "s")
    assert saved == (pytest.approx(80 + D * 100, abs=0.1), False)


def test_a_dead_end_is_walked_back():
    roads = [ROAD, [(450, -10), (450, 400)]]
    b = box(340, 300, 440, 380)
    metres, _ = walk(town({"a": A, "b": b}, roads))
    assert metres == pytest.approx(400 + 350 + D * (50 + 60))


def test_the_nearer_of_two_gates_is_taken():
    one_gate = walk(town({"a": A, "b": B}, [ROAD], gates={"a": [(0, 80)]}))[0]
    two_gates = walk(town({"a": A, "b": B}, [ROAD], gates={"a": [(0, 80), (100, 0)]}))[0]
    assert two_gates < one_gate
    assert two_gates == pytest.approx(350 + D * (np.hypot(50, 40) + 10 + 50))


def test_nobody_walks_through_a_third_unit():
    """m lies between two roads; only through it could one get from a to b."""
    units = {"a": A, "b": box(0, 300, 100, 380), "m": box(0, 130, 100, 200)}
    roads = [[(-200, 100), (300, 100)], [(-200, 250), (300, 250)]]
    layers = town(units, roads)
    assert walk(layers, "a", "m")[0] < 300
    assert walk(layers, "b", "m")[0] < 300
    assert walk(layers) is None


# From gate to gate


def pair_of(layers, rules=RULES):
    return graph_of(layers, rules).pairs.iloc[0]


def test_across_a_road_one_walks_from_middle_to_middle():
    pair = pair_of(town({"a": A, "b": box(0, -100, 100, -20)}, [ROAD]))
    assert (pair.walk_m, pair.walk_estimated) == (pytest.approx(D * 20), False)


def test_an_alley_needs_no_road():
    pair = pair_of(town({"a": A, "b": box(110, 0, 210, 80)}, [ROAD]))
    assert (pair.walk_m, pair.walk_estimated) == (pytest.approx(D * 10), True)


def test_with_gates_the_alley_is_a_wall():
    gates = {"a": [(0, 40)], "b": [(210, 40)]}
    pair = pair_of(town({"a": A, "b": box(110, 0, 210, 80)}, [ROAD], gates=gates))
    assert (pair.walk_m, pair.walk_estimated) == (pytest.approx(210 + D * 100), False)


def test_gates_too_far_apart_refuse_the_pair():
    gates = {"a": [(0, 40)], "b": [(210, 40)]}
    roads = [[(-10, -300), (-10, 300)], [(-10, 300), (220, 300)], [(220, 300), (220, -300)]]
    pair = pair_of(town({"a": A, "b": box(110, 0, 210, 80)}, roads, gates=gates))
    assert (pair.blocked_by, pair.walk_m > 500) == ("walk>500", True)


def test_through_an_underpass_the_pair_names_it():
    layers = town(
        {"a": A, "b": box(0, 110, 100, 190)},
        [[(120, -50), (120, 300)]],
        rails=[[(-900, 95), (900, 95)]],
        crossings=[(120, 95)],
    )
    pair = pair_of(layers)
    assert (pair.allowed, pair.crossing_id, pair.walk_estimated) == (True, "c0", False)
    ((way,),) = [find_routes(access_of(layers)[1], None, np.array([[0, 1]]), detour_factor=D, limit_m=900)]
    assert way.metres == pair.walk_m


# Random towns, walked by networkx

STEP = 90.0
cell = st.tuples(st.integers(0, 6), st.integers(0, 6))
towns = st.tuples(
    st.lists(cell, min_size=2, max_size=8, unique=True),
    st.lists(st.tuples(cell, cell).filter(lambda ends: ends[0] != ends[1]), min_size=1, max_size=10),
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 3)), max_size=6),
)


def draw(drawn):
    """Blocks on a grid with room between, roads along the gaps and across, gates at corners."""
    cells, ends, gates = drawn
    blocks = {
        f"u{k}": box(x * STEP + 20, y * STEP + 20, x * STEP + 75, y * STEP + 70) for k, (x, y) in enumerate(cells)
    }
    roads = [[(x * STEP + 3, y * STEP + 5) for x, y in pair] for pair in ends]
    of_unit = {}
    for unit, corner in gates:
        if f"u{unit}" in blocks:
            of_unit.setdefault(f"u{unit}", []).append(blocks[f"u{unit}"].exterior.coords[corner])
    return town(blocks, roads, gates=of_unit)


def by_networkx(ground, access):
    """Every vertex of the network a node, every access a node of its own."""
    footways, n = access.footways, len(ground.ids)
    legs = access.legs_m(point_coordinates(ground.places)) * D
    graph = nx.MultiGraph()
    stops = {}
    for k, (edge, at_m) in enumerate(zip(access.edge, access.at_m, strict=True)):
        stops.setdefault(edge, []).append((at_m, ("step", k)))
    for edge, (a, b) in enumerate(footways.ends):
        chain = [(0.0, a), *sorted(stops.get(edge, [])), (footways.length_m[edge], b)]
        for (m, one), (m2, two) in pairwise(chain):
            graph.add_edge(one, two, weight=m2 - m)
    metres = np.full((n, n), np.inf)
    for i in range(n):
        graph.add_node("out")
        for k in access.rows_of(i):
            graph.add_edge("out", ("step", int(k)), weight=legs[k])
        reached = nx.single_source_dijkstra_path_length(graph, "out")
        graph.remove_node("out")
        for k, j in enumerate(access.unit):
            if j != i:
                metres[i, j] = min(metres[i, j], reached.get(("step", k), np.inf) + legs[k])
    return np.where(metres <= RULES.walk_limit_m, metres, np.inf)


def by_us(ground, access, **bounds):
    legs = access.legs_m(point_coordinates(ground.places)) * D
    metres = np.full((len(ground.ids),) * 2, np.inf)
    a, b, found = measure_road_walks(access, legs, len(ground.ids), RULES.walk_limit_m, **bounds)
    metres[a, b] = found
    return metres


@given(towns)
@settings(max_examples=examples(60))
def test_walks_are_those_of_networkx(drawn):
    ground, access = access_of(draw(drawn))
    metres = by_us(ground, access)
    np.testing.assert_allclose(metres, by_networkx(ground, access), atol=0.001)
    np.testing.assert_allclose(metres, metres.T, atol=1e-6)


@given(towns, st.sampled_from([50.0, 130.0]), st.sampled_from([1, 40]))
@settings(max_examples=examples(25))
def test_walks_do_not_depend_on_how_the_work_is_cut(drawn, tile_m, cells_at_once):
    ground, access = access_of(draw(drawn))
    cut = by_us(ground, access, tile_m=tile_m, cells_at_once=cells_at_once)
    assert (cut == by_us(ground, access)).all()


@given(towns)
@settings(max_examples=examples(25))
def test_a_way_is_as_long_as_its_walk_and_never_shorter_than_the_straight_line(drawn):
    ground, access = access_of(draw(drawn))
    places = shapely.get_coordinates(ground.places)
    metres = by_us(ground, access)
    pairs = np.argwhere(np.triu(np.isfinite(metres), 1))
    ways = find_routes(access, places, pairs, detour_factor=D, limit_m=RULES.walk_limit_m)
    for (i, j), way in zip(pairs, ways, strict=True):
        assert way.metres == pytest.approx(metres[i, j], abs=0.002)
        assert sum(s.metres for s in way.segments) == pytest.approx(way.metres, abs=0.002)
        assert way.metres >= np.hypot(*(places[i] - places[j]))
        xy = shapely.get_coordinates(way.segments[0].shape)[0]
        np.testing.assert_allclose(xy, places[i], atol=0.001)
        for one, two in pairwise(way.segments):
            assert one.shape.distance(two.shape) < 0.05


@given(towns, st.randoms())
@settings(max_examples=examples(15))
def test_the_order_of_rows_changes_no_byte(drawn, random):
    layers = draw(drawn)
    shuffled = {
        name: layer.iloc[random.sample(range(len(layer)), len(layer))] if len(layer) else layer
        for name, layer in layers.items()
    }
    one, two = graph_of(layers), graph_of(shuffled)
    pd.testing.assert_frame_equal(one.pairs, two.pairs)
    pd.testing.assert_frame_equal(walks_layer(one), walks_layer(two))


# A larger town: turned, renamed, clipped


def grid_town(n=9, far=()):
    """n × n blocks with a road between every two, gates here and there."""
    blocks = {
        f"u{x}{y}": box(x * 120 + 10, y * 120 + 12, x * 120 + 100, y * 120 + 95) for x in range(n) for y in range(n)
    }
    roads = [[(k * 120, -50), (k * 120, n * 120)] for k in range(0, n + 1, 2)]
    roads += [[(-40, k * 120 + 2), (n * 120, k * 120 + 2)] for k in range(n + 1)]
    gates = {f"u{k}{k}": [(k * 120 + 10, k * 120 + 50)] for k in range(0, n, 3)}
    return town(
        {**blocks, **dict(far)},
        roads,
        gates=gates,
        rails=[[(-90, 300), (n * 130, 310)]],
        crossings=[(240, 303), (720, 306)],
    )


@pytest.fixture(scope="module")
def grid():
    return graph_of(grid_town())


def same_walks(one, two, rename=str):
    there = walks_layer(two).assign(unit_a=lambda w: w["unit_a"].map(rename), unit_b=lambda w: w["unit_b"].map(rename))
    key = there[["unit_a", "unit_b"]].apply(sorted, axis=1, result_type="expand")
    there = there.assign(unit_a=key[0], unit_b=key[1])
    both = walks_layer(one).merge(there, on=["unit_a", "unit_b"], how="outer", suffixes=("", "_2"))
    near = both["walk_m"].fillna(both["walk_m_2"]) < RULES.walk_limit_m - 0.01
    np.testing.assert_allclose(both["walk_m"][near], both["walk_m_2"][near], atol=0.002)
    return len(both)


@pytest.mark.parametrize("angle", [0.3, 2.1])
def test_turning_and_moving_the_map_changes_no_walk(grid, angle):
    c, s = np.cos(angle), np.sin(angle)
    turned = {
        name: layer.assign(
            geometry=layer.geometry.map(lambda shape: affine_transform(shape, [c, -s, s, c, 412_345.67, 4_501_234.56]))
        ).set_crs(CRS)
        if len(layer)
        else layer
        for name, layer in grid_town().items()
    }
    assert same_walks(grid, graph_of(turned)) > 1000


@pytest.mark.full
def test_renaming_units_changes_no_walk(grid):
    layers = grid_town()
    for name in ("units", "gates"):
        layers[name] = layers[name].assign(unit_id=layers[name]["unit_id"].str[::-1])
    assert same_walks(grid, graph_of(layers), rename=lambda name: name[::-1]) > 1000


def test_what_lies_three_kilometres_off_changes_nothing(grid):
    far = graph_of(grid_town(far={"z": box(4500, 0, 4600, 90)}))
    pd.testing.assert_frame_equal(walks_layer(far), walks_layer(grid))


@pytest.mark.full
def test_clipping_with_a_margin_changes_no_walk_inside():
    wide = grid_town(n=36)
    narrow = {
        name: layer.clip(box(-100, -100, 3400, 3400)) if name != "units" and len(layer) else layer
        for name, layer in wide.items()
    }
    narrow["units"] = wide["units"][wide["units"].intersects(box(0, 0, 3400, 3400))]
    inside = wide["units"]["unit_id"][wide["units"].within(box(0, 0, 360, 360))]
    one, two = (walks_layer(graph_of(layers)) for layers in (wide, narrow))
    one, two = (w[w["unit_a"].isin(inside) & w["unit_b"].isin(inside)].reset_index(drop=True) for w in (one, two))
    pd.testing.assert_frame_equal(one, two)
    assert len(one) > 20


# What one reaches


def test_reach_holds_the_units_within_and_the_roads_to_them(grid):
    layers = grid_town()
    ground, access = access_of(layers)
    at = ground.ids.tolist().index("u44")
    places = shapely.get_coordinates(ground.places)
    reach = find_service_area(access, places, ground.shapes, at, detour_factor=D, limit_m=400.0)
    metres = by_us(ground, access)[at]
    assert sorted(reach.units) == np.flatnonzero(metres <= 400.0).tolist()
    assert (np.diff(reach.metres) >= 0).all()
    assert reach.area.contains(ground.shapes[at])
    assert (shapely.distance(reach.roads, ground.places[at]) <= 400.0).all()
    assert all(reach.area.buffer(0.01).covers(line) for line in reach.roads)


def test_reach_ends_where_the_metres_do():
    ground, access = access_of(town({"a": A, "b": B}, [ROAD]))
    places = shapely.get_coordinates(ground.places)
    reach = find_service_area(access, places, ground.shapes, 0, detour_factor=D, limit_m=D * 50 + 60)
    assert shapely.length(reach.roads).sum() == pytest.approx(120)
    assert not len(reach.units)
