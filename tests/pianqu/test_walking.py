"""Roads one may walk on, as osmnx takes them."""

import geopandas as gpd
import pytest
from shapely import LineString, Point

import pianqu


@pytest.fixture
def roads():
    lines = [LineString([(0, 0), (800, 0)]), LineString([(400, 0), (400, 600)]), LineString([(0, 300), (800, 300)])]
    return gpd.GeoDataFrame({"name": ["钢铁大街", None, "友谊路"]}, geometry=lines, crs="EPSG:4546")


def test_osmnx_routes_over_it_and_saves_it(roads, tmp_path):
    osmnx = pytest.importorskip("osmnx")
    graph = pianqu.build_walking_network(roads).to_networkx()
    ends = [osmnx.distance.nearest_nodes(graph, x, y) for x, y in ((0, 0), (400, 600))]
    route = osmnx.routing.shortest_path(graph, *ends, weight="length")
    assert sum(osmnx.routing.route_to_gdf(graph, route)["length"]) == 1000.0
    osmnx.io.save_graph_geopackage(graph, tmp_path / "walk.gpkg")
    assert len(gpd.read_file(tmp_path / "walk.gpkg", layer="edges")) == graph.number_of_edges() / 2


def test_a_barrier_cuts_it_but_for_a_crossing(roads):
    river = gpd.GeoDataFrame({"kind": ["river"]}, geometry=[LineString([(600, -90), (600, 900)])], crs="EPSG:4546")
    cut = pianqu.build_walking_network(roads, barriers=river)
    bridge = gpd.GeoDataFrame(geometry=[Point(600, 0)], crs="EPSG:4546")
    joined = pianqu.build_walking_network(roads, barriers=river, crossings=bridge)
    assert cut.length_m < joined.length_m <= pianqu.build_walking_network(roads).length_m + 10
