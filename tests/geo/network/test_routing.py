"""A route is drawn as it is walked: along roads by name, off them straight."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, box

from geo.adjacency.pairs import build_access, build_context
from geo.network.routing import find_routes, find_service_area
from geo.rules import NeighbourRules

CRS = "EPSG:4546"
RULES = NeighbourRules(road_scrap_m=0.0, facing_m=0.0)


@pytest.fixture
def street():
    """Two blocks 300 m apart, 10 m north of one road of two named stretches."""

    def frame(shapes, **columns):
        return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)

    units = frame([box(0, 0, 100, 80), box(400, 0, 500, 80)], unit_id=["a", "b"])
    lines = frame([], barrier_id=[], kind=[])
    points = frame([], crossing_id=[], kind=[])
    stretches = [LineString([(-200, -10), (250, -10)]), LineString([(250, -10), (700, -10)])]
    roads = frame(stretches, road_id=["r1", "r2"], name=["东街", "西街"])
    context = build_context(units, lines, points, RULES)
    gates = gpd.GeoDataFrame({"gate_id": [], "unit_id": [], "is_open": []}, geometry=[], crs=CRS)
    return context, build_access(context, roads, gates, RULES)


def test_a_route_names_its_roads_and_is_as_long_as_its_parts(street):
    context, access = street
    starts = shapely.get_coordinates(context.places)
    (route,) = find_routes(access, starts, np.array([(0, 1)]), detour_factor=1.3, limit_m=1500.0)
    assert route.road_names == ("东街", "西街")
    assert route.metres == pytest.approx(sum(segment.metres for segment in route.segments), abs=0.01)
    assert route.shape.length >= shapely.distance(*context.places)


def test_beyond_the_limit_there_is_no_route_and_nobody_is_reached(street):
    context, access = street
    starts = shapely.get_coordinates(context.places)
    assert find_routes(access, starts, np.array([(0, 1)]), detour_factor=1.3, limit_m=200.0) == [None]
    reached = find_service_area(access, starts, context.shapes, 0, detour_factor=1.3, limit_m=200.0)
    assert not len(reached.units)
    assert reached.area.covers(context.shapes[0])
