"""What somebody draws or writes down is read, and told what is wrong with it."""

import contextlib

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon, box
from shapely.affinity import translate

from geo.corrections.user_geometry import outline_remarks, read_geometry
from geo.errors import UsageError

CRS = "EPSG:4546"


def at(shape):
    return translate(shape, 440_000, 4_497_000)


UNITS = gpd.GeoDataFrame(
    {
        "unit_id": ["a", "b", "s"],
        "name": ["甲园", "乙园", "单体楼"],
        "kind": ["community", "community", "single_building"],
    },
    geometry=[at(box(0, 0, 100, 80)), at(box(110, 0, 210, 80)), at(box(20, 100, 50, 112))],
    crs=CRS,
)
CITY = gpd.GeoSeries([at(box(-500, -500, 500, 500))], crs=CRS)


@pytest.mark.parametrize(
    ("text", "wkt"),
    [
        ("440000 4497000", "POINT (440000 4497000)"),
        ("440000, 4497000；440010, 4497000", "LINESTRING (440000 4497000, 440010 4497000)"),
        ("LINESTRING Z (440000 4497000 5, 440010 4497000 6)", "LINESTRING (440000 4497000, 440010 4497000)"),
        (
            '{"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [440000, 4497000]}}',
            "POINT (440000 4497000)",
        ),
        (
            '{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": '
            '{"type": "Point", "coordinates": [440000, 4497000]}}]}',
            "POINT (440000 4497000)",
        ),
    ],
)
def test_a_shape_is_read_as_somebody_writes_it(text, wkt):
    assert read_geometry(text, CRS).wkt == wkt


def test_degrees_are_told_from_metres():
    point = read_geometry("111.0, 40.66", CRS)
    assert point.x == pytest.approx(500_000)
    assert read_geometry("[[110.0,40.6],[110.01,40.6],[110.01,40.61],[110.0,40.6]]", CRS).area > 100_000


@given(st.text(max_size=60))
def test_no_text_is_more_than_refused(text):
    with contextlib.suppress(UsageError):
        read_geometry(text, CRS)


@pytest.mark.parametrize(
    "text", ["", "1", "甲园 1 2", "{", '{"type": 5}', "POLYGON EMPTY", "POINT (1e300 0)", "1 2;" * 6000]
)
def test_what_is_no_shape_is_refused(text):
    with pytest.raises(UsageError):
        read_geometry(text, CRS)


def said(shape, unit="a"):
    return [one.severity + " " + one.zh for one in outline_remarks(at(shape), unit, UNITS, CITY)]


def test_a_good_outline_is_not_remarked_upon():
    assert said(box(0, 0, 100, 90)) == []


def test_a_crossing_outline_says_where():
    (told,) = said(Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]))
    assert told.startswith("error 边界自相交 (440005.0, 4497005.0)")


@pytest.mark.parametrize("shape", [box(0, 0, 2, 2), box(0, 0, 9000, 9000)])
def test_a_size_no_community_has_is_an_error(shape):
    assert said(shape)[0].startswith("error 边界面积")


def test_overlap_names_the_unit_and_the_ground():
    (told,) = said(box(0, 0, 120, 80))
    assert told == "warning 与 1 个单元重叠: 乙园 800 ㎡。"


def test_a_single_building_in_it_will_belong_to_the_community():
    (told,) = said(box(0, 0, 100, 120))
    assert told.startswith("info 其中 1 栋单体楼")
    assert said(box(0, 0, 60, 120), "b")[0].startswith("warning 与 1 个单元重叠: 甲园")


def test_outside_the_city_is_told():
    assert said(box(2000, 0, 2100, 80)) == ["error 边界不在城区范围内。"]
    assert said(box(450, 0, 550, 80), "s")[0].startswith("error") is False
    assert "warning 边界有 30% 在城区范围以外。" in said(box(430, 0, 530, 80))
