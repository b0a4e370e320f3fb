"""A pair's walk in words, as plain values and as GeoJSON."""

from itertools import pairwise

import geopandas as gpd
import pytest
import shapely
from shapely import LineString, box

from app.maps.graphs import walk_geojson, walk_record, walk_sentence
from geo.adjacency.graph import refresh_graph
from geo.adjacency.isochrones import build_walk_router, find_unit_route
from geo.errors import UsageError
from geo.rules import NeighbourRules
from geo.storage.dataset import write_dataset
from geo.storage.manifest import new_manifest

CRS = "EPSG:4546"


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """a and b on one road; c too far from both."""
    blocks = {"a": box(0, 0, 100, 80), "b": box(300, 0, 400, 80), "c": box(9000, 0, 9100, 80)}
    shapes = [shapely.affinity.translate(s, 460_000, 4_480_000) for s in blocks.values()]
    road = shapely.affinity.translate(LineString([(-200, -10), (700, -10)]), 460_000, 4_480_000)
    layers = {
        "units": gpd.GeoDataFrame(
            {
                "unit_id": list(blocks),
                "name": list(blocks),
                "kind": "community",
                "geom_quality": "surveyed",
                "households_quality": "missing",
                "floor_area_m2_quality": "missing",
                "built_year_quality": "missing",
            },
            geometry=shapes,
            crs=CRS,
        ),
        "roads": gpd.GeoDataFrame({"road_id": ["r1"], "name": ["钢铁大街"]}, geometry=[road], crs=CRS),
    }
    dataset = write_dataset(tmp_path_factory.mktemp("town"), new_manifest("town", CRS), layers)
    rules = NeighbourRules()
    on_foot = build_walk_router(*refresh_graph(dataset, rules), rules)
    return {pair: find_unit_route(on_foot, *pair) for pair in ("ab", "ac")}


def test_the_sentence_names_metres_and_roads(paths):
    assert walk_sentence(paths["ab"]) == ("沿路步行 430 m; 经 钢铁大街", "430 m along roads; by 钢铁大街")
    assert "beyond the limit" in walk_sentence(paths["ac"]).en


def test_the_record_adds_up(paths):
    record = walk_record(paths["ab"])
    assert record["metres"] == pytest.approx(sum(s["metres"] for s in record["stretches"]), abs=0.01)
    assert walk_record(paths["ac"]) is None


def test_the_file_holds_the_line_in_degrees_from_one_unit_to_the_other(paths):
    body = walk_geojson(paths["ab"], CRS)
    lines = [feature["geometry"]["coordinates"] for feature in body["features"]]
    assert [feature["properties"]["name"] for feature in body["features"]] == [None, "钢铁大街", None]
    assert all(one[-1] == two[0] for one, two in pairwise(lines))
    assert all(100 < lon < 120 and 30 < lat < 50 for line in lines for lon, lat in line)
    assert body["pianqu"]["unit_a"] == "a"


def test_no_way_no_file(paths):
    with pytest.raises(UsageError):
        walk_geojson(paths["ac"], CRS)
