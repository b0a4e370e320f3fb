"""A GeoPackage holds the plan under names one can read, styled, the same bytes each time."""

import sqlite3

import geopandas as gpd
import pyogrio
import pytest

from tests.app.exports.gis.conftest import NAMES


def test_layers_are_named_in_the_readers_language(exported):
    assert [name for name, _ in pyogrio.list_layers(exported("gpkg"))][:4] == [
        "片区",
        "小区和单体楼",
        "牵头关系",
        "说明",
    ]


def test_read_back_it_is_the_plan(exported, hostile):
    path = exported("gpkg")
    units = gpd.read_file(path, layer="小区和单体楼")
    assert units["unit_id"].tolist() == hostile.units["unit_id"].tolist()
    assert units["name"].tolist() == NAMES
    assert units.crs == hostile.units.crs
    assert units.set_index("unit_id").loc["old", "leader_unit_id"] == "lead"
    areas = gpd.read_file(path, layer="片区")
    assert areas["anchor_names"].tolist()[1] == ""
    assert areas["households"].dtype.kind in "iu"
    for own, read in zip(hostile.areas.geometry, areas.geometry, strict=True):
        assert own.symmetric_difference(read).area < 1e-6


def test_a_line_leads_from_each_leader_to_whom_it_leads(exported):
    lines = gpd.read_file(exported("gpkg"), layer="牵头关系")
    assert lines[["unit_id", "leader_unit_id"]].to_numpy().tolist() == [["old", "lead"]]
    assert lines.geometry.length.gt(0).all()


def test_styles_and_titles_of_columns_are_in_the_file(exported):
    with sqlite3.connect(exported("gpkg")) as base:
        styles = dict(base.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault"))
        titles = dict(base.execute("SELECT name, title FROM gpkg_data_columns WHERE table_name = '片区'"))
    assert set(styles) == {"片区", "小区和单体楼", "牵头关系"}
    assert "未划入任何片区" in styles["小区和单体楼"]
    assert titles["area_number"] == "片区号"


@pytest.mark.parametrize("key", ["gpkg", "gdb", "shp", "dxf"])
def test_written_twice_it_is_the_same_bytes(exported, key):
    assert exported(key, "one").read_bytes() == exported(key, "two").read_bytes()
