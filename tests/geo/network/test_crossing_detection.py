"""Crossings where roads pass barriers: told by bridges and tunnels, assumed over water and rails."""

import geopandas as gpd
import pytest
from shapely import LineString, Point, box

from geo.importing import ImportOptions, import_paths
from geo.network.crossing_detection import detect_crossings
from geo.rules import UnitRules
from geo.storage.layer_frames import shape_layer

CRS = "EPSG:4546"
RAIL = LineString([(-500, 0), (500, 0)])
LANE = LineString([(0, -50), (0, 50)])


def roads(*rows):
    table = [{"road_id": f"r{i}", **row} for i, row in enumerate(rows)]
    return shape_layer("roads", gpd.GeoDataFrame(table, geometry="geometry", crs=CRS), CRS)


def barriers(kind, *shapes):
    table = {"barrier_id": [f"w{i}" for i in range(len(shapes))], "kind": kind}
    return shape_layer("barriers", gpd.GeoDataFrame(table, geometry=list(shapes), crs=CRS), CRS)


def crossings(*points):
    table = {"crossing_id": [f"u{i}" for i in range(len(points))], "kind": "underpass"}
    return shape_layer("crossings", gpd.GeoDataFrame(table, geometry=list(points), crs=CRS), CRS)


def found(lanes, walls, given=None):
    layer, findings = detect_crossings(lanes, walls, crossings() if given is None else given, ("快速路",))
    return dict(zip(layer["crossing_id"], layer["kind"], strict=True)), {f.rule for f in findings}


@pytest.mark.parametrize(
    ("wall", "road", "kind"),
    [
        ("railway", {"is_tunnel": True}, "underpass"),
        ("railway", {"is_bridge": True}, "bridge"),
        ("railway", {}, "level_crossing"),
        ("river", {}, "bridge"),
        ("canal", {"is_bridge": True}, "bridge"),
        ("expressway", {"is_bridge": True}, "bridge"),
        ("expressway", {"is_tunnel": True}, "underpass"),
        ("expressway", {}, None),
        ("factory_wall", {"is_bridge": True}, None),
        ("railway", {"is_tunnel": True, "walkable": False}, None),
        ("railway", {"is_bridge": True, "road_class": "快速路"}, None),
        ("railway", {"is_bridge": True, "road_class": "快速路", "walkable": True}, "bridge"),
        ("railway", {"road_id": "osm-w7", "is_bridge": True}, None),
    ],
)
def test_a_road_that_passes_a_barrier(wall, road, kind):
    names, _ = found(roads({"geometry": LANE, **road}), barriers(wall, RAIL))
    assert list(names.values()) == ([kind] if kind else [])


def test_what_no_road_tells_is_said_to_be_assumed():
    assert "crossings.assumed" in found(roads({"geometry": LANE}), barriers("river", RAIL))[1]
    told = roads({"geometry": LANE, "is_bridge": True})
    assert found(told, barriers("river", RAIL))[1] == {"crossings.from_roads"}


def test_a_road_that_ends_at_a_barrier_does_not_cross_it():
    lane = roads({"geometry": LineString([(0, -50), (0, 0)])})
    assert found(lane, barriers("railway", RAIL)) == ({}, set())


def test_a_bridge_over_a_wide_river_lies_in_its_middle():
    layer, _ = detect_crossings(
        roads({"geometry": LineString([(0, -99), (0, 99)])}),
        barriers("river", box(-500, -30, 500, 50)),
        crossings(),
        (),
    )
    assert layer.geometry[0].equals(Point(0, 10))


def test_two_carriageways_are_one_crossing_and_far_roads_are_two():
    lanes = [{"geometry": LineString([(x, -50), (x, 50)]), "is_bridge": True} for x in (0, 12, 300)]
    assert len(found(roads(*lanes), barriers("river", RAIL))[0]) == 2


def test_a_crossing_of_the_data_is_not_told_again():
    names, findings = found(roads({"geometry": LANE}), barriers("railway", RAIL), crossings(Point(9, 0)))
    assert (names, findings) == ({"u0": "underpass"}, set())


def test_found_again_they_are_the_same_and_go_with_their_road():
    lanes, walls = roads({"geometry": LANE, "is_tunnel": True}), barriers("railway", RAIL)
    once, _ = detect_crossings(lanes, walls, crossings(), ())
    again, _ = detect_crossings(lanes, walls, shape_layer("crossings", once, CRS), ())
    assert again["crossing_id"].tolist() == once["crossing_id"].tolist() == ["road:r0:w0"]
    assert detect_crossings(lanes[:0], walls, shape_layer("crossings", once, CRS), ())[0].empty


def test_roads_and_barriers_of_a_bureau_make_crossings_at_import(tmp_path):
    def written(name, frame):
        frame = frame.drop(columns=[c for c in frame if frame[c].isna().all()])
        frame.translate(440_000, 4_497_000).to_frame("geometry").join(frame.drop(columns="geometry")).to_file(
            tmp_path / name
        )
        return tmp_path / name

    lanes = roads({"geometry": LANE, "is_tunnel": True, "road_class": "支路"})
    folder = tmp_path / "city"
    for layer, path in (
        ("roads", written("roads.gpkg", lanes)),
        ("barriers", written("rail.gpkg", barriers("railway", RAIL))),
    ):
        report = import_paths([path], folder, options=ImportOptions(layer=layer), unit_rules=UnitRules())
    assert report.dataset.layer("crossings")["crossing_id"].tolist() == ["road:r0:w0"]
    assert "crossings.from_roads" in {finding.rule for finding in report.findings}
