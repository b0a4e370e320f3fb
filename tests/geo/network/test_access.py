"""Units step onto the roads they see, from their gates or over their outlines."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, box

from geo.network.access import find_access_points, select_open_gates
from geo.network.barriers import find_serving_crossings, select_hard_barriers
from geo.network.footways import build_footways
from geo.rules import NeighbourRules

CRS = "EPSG:4546"
RULES = NeighbourRules(road_scrap_m=0.0)
BLOCK = box(0, 0, 100, 80)
SOUTH, NORTH = [(-300, -10), (400, -10)], [(-300, 95), (400, 95)]


def frame(columns, shapes):
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def access(units, lines, gates=(), walls=()):
    """gates: (id, unit, is_open, xy) rows."""
    hard = select_hard_barriers(
        frame({"barrier_id": [str(k) for k in range(len(walls))], "kind": "railway"}, [LineString(xy) for xy in walls]),
        RULES.hard_kinds,
    )
    roads = frame({"road_id": [f"r{k}" for k in range(len(lines))], "name": None}, [LineString(xy) for xy in lines])
    footways = build_footways(roads, hard, find_serving_crossings(gpd.GeoDataFrame(), hard), RULES)
    ids = np.array(sorted(units), dtype=object)
    shapes = np.array([units[name] for name in ids], dtype=object)
    table = frame(
        {"gate_id": [g[0] for g in gates], "unit_id": [g[1] for g in gates], "is_open": [g[2] for g in gates]},
        [Point(g[3]) for g in gates],
    )
    return find_access_points(shapes, select_open_gates(table, ids), footways, hard, RULES)


def steps(found, unit=0):
    return sorted(tuple(np.round(xy, 2).tolist()) for xy in found.road_points[found.rows_of(unit)])


def test_one_leaves_over_the_outline_to_every_road_seen():
    found = access({"a": BLOCK}, [SOUTH, NORTH])
    assert steps(found) == [(50, -10), (50, 95)]
    assert sorted(found.access_m) == [10, 15]


def test_a_road_behind_a_road_is_not_seen():
    assert steps(access({"a": BLOCK}, [SOUTH, [(-300, -30), (400, -30)]])) == [(50, -10)]


def test_a_road_behind_another_unit_is_not_seen():
    units = {"a": BLOCK, "b": box(-50, 82, 150, 93)}
    assert steps(access(units, [SOUTH, NORTH])) == [(50, -10)]


def test_one_looks_past_a_small_house_before_the_middle():
    units = {"a": BLOCK, "b": box(45, -6, 55, -2)}
    assert steps(access(units, [SOUTH])) == [(25, -10)]


def test_who_sees_no_road_goes_to_the_nearest():
    ring = box(-20, -20, 120, 100).difference(box(-2, -2, 102, 82))
    south = [(-300, -30), (400, -30)]
    assert steps(access({"a": BLOCK, "b": ring}, [south])) == [(50, -30)]


def test_a_railway_is_not_stepped_over():
    assert steps(access({"a": BLOCK}, [SOUTH, NORTH], walls=[[(-300, 90), (400, 90)]])) == [(50, -10)]
    assert not len(access({"a": BLOCK}, [NORTH], walls=[[(-300, 90), (400, 90)]]).unit)


def test_far_from_every_road_there_is_no_access():
    found = access({"a": BLOCK}, [[(-300, -101), (400, -101)]])
    assert not len(found.unit)
    assert found.has_road(1).tolist() == [False]


def test_a_road_through_the_unit_is_stepped_onto_inside():
    found = access({"a": BLOCK}, [[(-300, 30), (400, 30)]])
    assert found.access_m.tolist() == [0]


def test_gates_replace_the_outline():
    gates = [("g1", "a", None, (10, 0)), ("g2", "a", True, (90, 80)), ("g3", "a", False, (50, 0))]
    found = access({"a": BLOCK}, [SOUTH, NORTH], gates=gates)
    assert (10, -10) in steps(found)
    assert (90, 95) in steps(found)
    assert set(found.gate_ids) == {"g1", "g2"}
    assert found.has_gate(1).tolist() == [True]


@pytest.mark.parametrize("gate", [("g", "a", False, (10, 0)), ("g", None, True, (10, 0))])
def test_closed_or_nameless_gates_are_none(gate):
    found = access({"a": BLOCK}, [SOUTH], gates=[gate])
    assert steps(found) == [(50, -10)]
    assert not found.has_gate(1).any()


def test_a_unit_without_a_place_has_none():
    assert access({"a": None, "b": BLOCK}, [SOUTH]).has_road(2).tolist() == [False, True]
