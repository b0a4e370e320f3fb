from __future__ import annotations

import numpy as np
import prcoords
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.datum import DATUMS, from_wgs84, geometries_to_wgs84, to_wgs84
from geo.errors import UsageError
from tests.effort import examples

METRES_PER_DEGREE = 111_320.0
china_lon = st.floats(75.0, 134.0)
china_lat = st.floats(18.0, 53.0)


@pytest.mark.parametrize("datum", DATUMS)
@settings(max_examples=examples(200), deadline=None)
@given(lon=china_lon, lat=china_lat)
def test_there_and_back_is_within_a_millimetre(datum, lon, lat):
    x, y = to_wgs84(*from_wgs84([lon], [lat], datum), datum)
    assert np.hypot(x - lon, y - lat).item() * METRES_PER_DEGREE < 1e-3


@settings(max_examples=examples(100), deadline=None)
@given(lon=china_lon, lat=china_lat)
def test_forward_agrees_with_an_independent_implementation(lon, lat):
    gcj = prcoords.wgs_gcj(prcoords.Coords(lat, lon))
    bd = prcoords.gcj_bd(gcj)
    assert np.allclose(np.ravel(from_wgs84([lon], [lat], "gcj02")), [gcj.lon, gcj.lat], atol=1e-9)
    assert np.allclose(np.ravel(from_wgs84([lon], [lat], "bd09")), [bd.lon, bd.lat], atol=1e-9)


@settings(max_examples=examples(100), deadline=None)
@given(lon=china_lon, lat=china_lat)
def test_inverse_agrees_with_the_independent_exact_inverse(lon, lat):
    there = prcoords.bd_wgs_bored(prcoords.Coords(lat, lon))
    x, y = to_wgs84([lon], [lat], "bd09")
    distance = np.hypot(x.item() - there.lon, y.item() - there.lat) * METRES_PER_DEGREE
    assert distance < 0.05  # the oracle's own round trip is off by up to 0.02 m


def test_outside_china_nothing_is_shifted_by_gcj02():
    assert np.ravel(from_wgs84([11.6], [50.0], "gcj02")).tolist() == [11.6, 50.0]


def test_missing_coordinates_stay_missing_and_disturb_no_other():
    x, y = to_wgs84([109.84, np.nan], [40.66, np.nan], "bd09")
    assert np.isnan([x[1], y[1]]).all()
    assert x[0] == pytest.approx(to_wgs84([109.84], [40.66], "bd09")[0].item(), abs=1e-12)


def test_geometries_are_shifted_vertex_by_vertex_and_null_stays_null():
    line = shapely.LineString([(109.84, 40.66, 7.0), (109.85, 40.67, 7.0)])
    moved = geometries_to_wgs84(np.array([line, None], dtype=object), "gcj02")
    expected = np.column_stack(to_wgs84([109.84, 109.85], [40.66, 40.67], "gcj02"))
    assert moved[1] is None
    assert np.allclose(shapely.get_coordinates(moved[0]), expected)


def test_an_unknown_datum_is_refused():
    with pytest.raises(UsageError, match="xian80"):
        to_wgs84([109.84], [40.66], "xian80")
