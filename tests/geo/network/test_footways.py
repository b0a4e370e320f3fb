"""What of the roads one may walk on, and how loose ends and barriers are dealt with."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely import LineString, Point, box

from geo.errors import NotMetricError
from geo.network.barriers import find_serving_crossings, select_hard_barriers
from geo.network.footways import build_footways
from geo.rules import NeighbourRules

CRS = "EPSG:4546"
RULES = NeighbourRules(road_scrap_m=0.0)


def layer(key, shapes, **columns):
    return gpd.GeoDataFrame({key: [f"{key[0]}{k}" for k in range(len(shapes))], **columns}, geometry=shapes, crs=CRS)


def network(lines, walls=(), passages=(), rules=RULES, **columns):
    hard = select_hard_barriers(layer("barrier_id", [LineString(xy) for xy in walls], kind="railway"), RULES.hard_kinds)
    crossings = find_serving_crossings(layer("crossing_id", [Point(xy) for xy in passages], kind="bridge"), hard)
    roads = layer("road_id", [LineString(xy) for xy in lines], name=None, **columns)
    return build_footways(roads, hard, crossings, rules)


def n_parts(footways):
    links = (np.ones(footways.n_edges), tuple(footways.ends.T))
    n = len(footways.xy)
    return connected_components(coo_array(links, shape=(n, n)), directed=False)[0]


MAIN, SIDE = [(0, 0), (400, 0)], [(200, 12), (200, 300)]


def test_an_end_that_stops_short_reaches_the_road():
    footways = network([MAIN, SIDE])
    assert n_parts(footways) == 1
    assert footways.length_m.sum() == pytest.approx(400 + 288 + 12)


def test_an_end_that_stops_too_short_does_not():
    assert n_parts(network([MAIN, SIDE], rules=replace(RULES, road_snap_m=11.9))) == 2


def test_nobody_steps_over_a_railway_to_reach_a_road():
    assert n_parts(network([MAIN, SIDE], walls=[[(-500, 6), (900, 6)]])) == 2


RAIL = [(-900, 150), (900, 150)]
ACROSS = [(0, 0), (0, 300)]


def test_a_railway_cuts_a_road_on_the_ground():
    assert n_parts(network([ACROSS], walls=[RAIL])) == 2


def test_at_a_crossing_the_road_goes_on():
    assert n_parts(network([ACROSS], walls=[RAIL], passages=[(3, 150)])) == 1


@pytest.mark.parametrize("flags", [{"is_bridge": True}, {"is_tunnel": True}])
def test_bridges_and_tunnels_pass_and_are_stepped_onto_nowhere(flags):
    footways = network([ACROSS], walls=[RAIL], **flags)
    assert n_parts(footways) == 1
    assert not footways.is_ground.any()


def test_a_bridge_found_closed_passes_no_more():
    hard = select_hard_barriers(layer("barrier_id", [LineString(RAIL)], kind="railway"), ("railway",))
    nothing = find_serving_crossings(gpd.GeoDataFrame(), hard)
    roads = layer("road_id", [LineString(ACROSS)], name=None, is_bridge=True)
    for at, parts in ((Point(20, 150), 2), (Point(90, 150), 1)):
        shut = np.array([at], dtype=object)
        assert n_parts(build_footways(roads, hard, nothing, RULES, closed=shut)) == parts


def test_a_footbridge_drawn_as_a_crossing_only_joins_the_roads_on_both_sides():
    roads = [[(-200, 100), (200, 100)], [(-200, 200), (200, 200)]]
    assert n_parts(network(roads, walls=[RAIL])) == 2
    footways = network(roads, walls=[RAIL], passages=[(50, 150)])
    assert n_parts(footways) == 1
    assert footways.length_m.sum() == pytest.approx(800 + 100, abs=0.1)


def test_closed_roads_are_left_out():
    roads = [MAIN, ACROSS, SIDE]
    known = network(roads, road_class=["快速路", "主干路", "快速路"], walkable=[None, False, True])
    assert known.road.tolist() == [0]
    assert known.road_ids.tolist() == ["r2"]


def test_scraps_lead_nowhere():
    lines = [MAIN, [(0, 900), (200, 900)]]
    assert network(lines, rules=replace(RULES, road_scrap_m=300.0)).length_m.sum() == 400
    assert network(lines, rules=replace(RULES, road_scrap_m=500.0)).n_edges == 0


def test_without_roads_there_is_no_network_whatever_crossings_there_are():
    assert network([], walls=[RAIL], passages=[(0, 150)]).n_edges == 0


def test_degrees_are_no_metres():
    nothing = select_hard_barriers(gpd.GeoDataFrame(), ())
    roads = layer("road_id", [LineString([(110, 40), (110.1, 40)])]).set_crs(4326, allow_override=True)
    with pytest.raises(NotMetricError):
        build_footways(roads, nothing, find_serving_crossings(gpd.GeoDataFrame(), nothing), RULES)


def test_an_area_of_water_cuts_all_that_lies_in_it():
    hard = select_hard_barriers(layer("barrier_id", [box(-500, 100, 500, 180)], kind="river"), ("river",))
    crossings = find_serving_crossings(layer("crossing_id", [Point(0, 140)], kind="bridge"), hard)
    roads = layer("road_id", [LineString(ACROSS), LineString([(200, 0), (200, 300)])], name=None)
    footways = build_footways(roads, hard, crossings, RULES)
    assert footways.length_m[footways.road == 0].sum() == pytest.approx(300, abs=0.1)
    assert footways.length_m[footways.road == 1].sum() == pytest.approx(300 - 82, abs=0.1)
