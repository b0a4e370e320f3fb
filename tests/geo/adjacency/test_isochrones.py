"""A pair's walk is told and drawn; what one reaches is the graph's walks and the roads to them."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Point, box

from geo.adjacency.graph import refresh_graph
from geo.adjacency.isochrones import build_walk_router, compute_isochrone, find_unit_route
from geo.errors import UnknownCodeError, UsageError
from geo.rules import NeighbourRules
from geo.storage.dataset import write_dataset
from geo.storage.manifest import new_manifest

CRS = "EPSG:4546"
RULES = NeighbourRules()


def layer(key, shapes, **columns):
    return gpd.GeoDataFrame({key: list(shapes), **columns}, geometry=list(shapes.values()), crs=CRS)


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """a and b on 钢铁大街, c and d behind the railway by an underpass; e far from all roads.

    c   d
    ====u=====
    a  |   b              e
    ----------- 钢铁大街
    """
    units = layer(
        "unit_id",
        {
            "a": box(0, 0, 100, 80),
            "b": box(300, 0, 400, 80),
            "c": box(0, 110, 100, 190),
            "d": box(140, 110, 240, 190),
            "e": box(1000, 300, 1100, 380),
            "f": None,
        },
        kind="community",
        geom_quality="surveyed",
        households_quality="missing",
        floor_area_m2_quality="missing",
        built_year_quality="missing",
    )
    layers = {
        "units": units.assign(name=units["unit_id"]),
        "barriers": layer("barrier_id", {"r": LineString([(-900, 95), (2000, 95)])}, kind="railway"),
        "crossings": layer("crossing_id", {"u": Point(120, 95)}, kind="underpass"),
        "roads": layer(
            "road_id",
            {"r1": LineString([(-200, -10), (700, -10)]), "r2": LineString([(120, -10), (120, 300)])},
            name=["钢铁大街", None],
        ),
    }
    folder = tmp_path_factory.mktemp("town")
    dataset = write_dataset(folder, new_manifest("town", CRS), layers)
    dataset, graph = refresh_graph(dataset, RULES)
    return build_walk_router(dataset, graph, RULES)


def test_the_way_names_its_roads_and_is_as_long_as_the_walk(town):
    path = find_unit_route(town, "a", "b")
    assert path.route.road_names == ("钢铁大街",)
    assert path.route.metres == path.decision.place_walk_m
    assert path.route.metres == pytest.approx(sum(s.metres for s in path.route.segments), abs=0.002)
    assert (path.is_estimated, path.crosses) == (False, ())


def test_the_way_through_a_railway_says_so(town):
    path = find_unit_route(town, "c", "a")
    assert path.decision.crossing_id == "u"
    assert path.crosses == ("railway:r",)
    assert path.route.road_names == ("r2",)
    start = shapely.get_coordinates(path.route.segments[0].shape)[0]
    np.testing.assert_allclose(start, [50, 150], atol=0.1)


def test_a_walk_off_the_roads_is_a_sketch(town):
    path = find_unit_route(town, "c", "e")
    assert path.is_estimated
    assert path.route.shape.equals(LineString([(50, 150), (1050, 340)]))


def test_beyond_the_limit_there_is_no_way(town):
    assert find_unit_route(town, "a", "f").route is None
    assert find_unit_route(town, "a", "f").decision.blocked_by == "not_placed"


def test_nonsense_is_refused(town):
    with pytest.raises(UnknownCodeError):
        find_unit_route(town, "a", "nobody")
    with pytest.raises(UsageError):
        find_unit_route(town, "a", "a")


def test_one_reaches_the_units_the_graph_says(town):
    reached = compute_isochrone(town, "a", 450.0)
    walks = town.graph.walks.toarray()[0]
    assert set(reached.unit_ids) == set(town.graph.unit_ids[(walks > 0) & (walks <= 450)])
    assert list(reached.metres) == sorted(walks[(walks > 0) & (walks <= 450)])
    assert reached.area.covers(box(0, 0, 100, 80))
    assert len(reached.roads)


def test_off_the_roads_the_ground_is_a_disc(town):
    reached = compute_isochrone(town, "e", 130.0)
    assert reached.is_estimated
    assert not len(reached.roads)
    assert reached.area.covers(Point(1050, 340).buffer(99))


def test_from_nowhere_one_reaches_nothing(town):
    reached = compute_isochrone(town, "f", 500.0)
    assert (len(reached.unit_ids), reached.area.is_empty) == (0, True)
