from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.datum import from_wgs84, geometries_to_wgs84
from geo.georeferencing.datum_shift import detect_datum_shift
from tests.effort import examples

METRIC = "EPSG:4546"


def town(seed=0, n=60, name=True):
    """Communities of different sizes on a loose grid in Kundulun, metric."""
    rng = np.random.default_rng(seed)
    boxes = []
    for i in range(n):
        x, y = 401_000 + 320 * (i % 8) + rng.uniform(0, 90), 4_500_000 + 330 * (i // 8)
        boxes.append(shapely.box(x, y, x + rng.uniform(80, 220), y + rng.uniform(80, 220)))
    columns = {"name": [f"小区{i}" for i in range(n)]} if name else {}
    return gpd.GeoDataFrame(columns, geometry=boxes, crs=METRIC)


def written(frame, datum):
    """The same places with the numbers another datum gives them."""
    degrees = frame.to_crs("EPSG:4326")
    shapes = shapely.transform(degrees.geometry.to_numpy(), lambda xy: np.column_stack(from_wgs84(*xy.T, datum)))
    return gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes, crs="EPSG:4326")


def stored(frame, declared):
    """What an import makes of coordinates when told they are on a datum."""
    shapes = geometries_to_wgs84(frame.geometry.to_numpy(), declared)
    return frame.set_geometry(gpd.GeoSeries(shapes, crs="EPSG:4326")).to_crs(METRIC)


@pytest.mark.parametrize("true", ["wgs84", "gcj02", "bd09"])
@pytest.mark.parametrize("declared", ["wgs84", "gcj02", "bd09"])
def test_a_wrong_datum_is_named_and_a_right_one_is_not_doubted(declared, true):
    there = town()
    shift = detect_datum_shift(
        stored(written(there, true), declared), "communities", {"communities": there}, declared=declared
    )
    if declared == true:
        assert shift is None
    else:
        assert shift.datum == true
        assert shift.east_m == pytest.approx(shift.expected_east_m, abs=15)
        assert shift.north_m == pytest.approx(shift.expected_north_m, abs=15)


def test_one_conversion_too_many_is_told_as_such():
    there = town(name=False)
    twice = stored(there.to_crs("EPSG:4326"), "gcj02")
    shift = detect_datum_shift(twice, "communities", {"communities": there}, declared="wgs84")
    assert (shift.datum, shift.converted) == (None, "gcj02")


def test_points_beside_their_communities_are_noticed():
    there = town(n=80)
    points = there.set_geometry(there.centroid)
    shift = detect_datum_shift(
        stored(written(points, "bd09"), "wgs84"), "ebike_sites", {"communities": there}, declared="wgs84"
    )
    assert shift.datum == "bd09"


@settings(max_examples=examples(20), deadline=None)
@given(st.integers(0, 10_000), st.floats(-60, 60), st.floats(-60, 60))
def test_layers_that_agree_but_for_careless_drawing_raise_no_alarm(seed, east, north):
    there = town(seed)
    drawn = there.set_geometry(there.translate(east, north))
    for layer, references in (("communities", {"communities": there}), ("buildings", {"communities": town(seed + 1)})):
        assert detect_datum_shift(drawn, layer, references, declared="wgs84") is None


def test_an_offset_no_datum_explains_is_not_called_a_datum():
    there = town()
    moved = there.set_geometry(there.translate(-400, 350))
    assert detect_datum_shift(moved, "communities", {"communities": there}, declared="wgs84") is None


def test_nothing_to_compare_with_says_nothing():
    there = town()
    assert detect_datum_shift(there, "communities", {}, declared="wgs84") is None
    assert detect_datum_shift(there.iloc[:2], "roads", {"roads": there.iloc[:0]}, declared="wgs84") is None


def test_the_gcj02_outline_of_baotou_is_caught_and_the_right_one_is_not(shared):
    folder = shared / "data/baotou"
    there = gpd.read_file(folder / "baotou_districts_cgcs2000_fastgeocn.geojson").to_crs(METRIC)
    amap = gpd.read_file(folder / "baotou_districts_gcj02_cnmaps.geojson")
    shift = detect_datum_shift(stored(amap, "wgs84"), "boundary", {"boundary": there}, declared="wgs84")
    assert shift.datum == "gcj02"
    assert (shift.east_m, shift.north_m) == (pytest.approx(482, abs=40), pytest.approx(127, abs=40))
    assert detect_datum_shift(stored(amap, "gcj02"), "boundary", {"boundary": there}, declared="gcj02") is None


def test_residential_areas_and_rivers_of_hangzhou_agree(shared):
    homes, rivers = (
        gpd.read_file(shared / f"data/hangzhou/hangzhou_{name}.geojson").to_crs("EPSG:4549")
        for name in ("residential", "rivers")
    )
    banks = rivers.set_geometry(rivers.boundary)
    assert detect_datum_shift(homes, "communities", {"barriers": banks}, declared="wgs84") is None
    moved = stored(written(homes, "gcj02"), "wgs84").to_crs("EPSG:4549")
    shift = detect_datum_shift(moved, "communities", {"barriers": banks}, declared="wgs84")
    assert shift.datum == "gcj02"


def test_of_very_large_layers_the_middle_is_enough(monkeypatch):
    monkeypatch.setattr("geo.georeferencing.datum_shift._MOST_SHAPES", 60)
    there = town(n=240, name=False)
    amap = stored(written(there, "gcj02"), "wgs84")
    assert detect_datum_shift(amap, "buildings", {"buildings": there}, declared="wgs84").datum == "gcj02"
    assert detect_datum_shift(there, "buildings", {"buildings": there}, declared="wgs84") is None
