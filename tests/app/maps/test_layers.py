"""Layers of the map: every unit once, in degrees, with a class in every theme."""

import gzip
import json
from types import SimpleNamespace

import numpy as np
import pytest
import shapely

from app.maps import layers as map_layers
from app.maps.layers import area_outlines, make_browser_file


def read(file):
    return json.loads(gzip.decompress(file.packed))


def test_units_carry_their_position_and_lie_where_they_belong(bench, data):
    features = read(data.layers["units"])["features"]
    assert [feature["id"] for feature in features] == list(range(len(bench.units)))
    west, south, east, north = bench.units.to_crs(4326).total_bounds
    shapes = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in features])
    assert shapely.total_bounds(shapes) == pytest.approx([west, south, east, north], abs=2e-6)


def test_an_outline_holds_its_members(bench):
    outlines = area_outlines(bench).geometry.to_numpy()
    for number, outline in enumerate(outlines):
        members = bench.units.geometry[bench.area_of == number]
        assert shapely.covers(outline, members.to_numpy()).all()


def test_the_name_of_a_file_is_its_content():
    one, other = make_browser_file("a", "x"), make_browser_file("a", "y")
    assert one == make_browser_file("a", "x")
    assert one.name != other.name


def test_a_number_has_room_from_the_zoom_its_area_is_wide_enough(bench, data):
    across = np.sqrt(area_outlines(bench).area.to_numpy())
    points = {feature["id"]: feature["properties"]["from"] for feature in read(data.layers["area_points"])["features"]}
    metres_a_pixel = (
        78271.517 * np.cos(np.radians(data.bounds[1])) / 2.0 ** np.array([points[k] for k in range(len(across))])
    )
    pixels = across / metres_a_pixel
    assert (pixels >= 50).all()
    assert (pixels <= 106).all()


def test_ground_estimated_around_points_says_so_and_outlines_stay_as_they_are(bench):
    few = SimpleNamespace(
        units=bench.units.iloc[:3].assign(geom_quality=["surveyed", "estimated_cell", "buffered_point"]),
        area_of=np.array([0, -1, 0]),
        left_over=np.array([1]),
    )
    assert map_layers._units(few, ())["estimated"].tolist() == [False, True, True]
    few.units = few.units.assign(geom_quality="digitised")
    assert "estimated" not in map_layers._units(few, ())
