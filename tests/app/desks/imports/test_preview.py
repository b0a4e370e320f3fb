"""Previews of files ask what is open and hide persons."""

import json

import pytest

from app.desks.imports.preview import preview_file
from app.desks.imports.runs import FileChoice


def test_degrees_without_a_datum_are_a_question(outlines):
    open_ = preview_file(outlines, FileChoice())
    assert (open_.questions, open_.faults) == (("datum",), ())
    answered = preview_file(outlines, FileChoice(datum="gcj02"))
    assert answered.is_ready
    moved = [preview.layers[0].shapes[0].bounds[0] for preview in (open_, answered)]
    assert moved[0] - moved[1] == pytest.approx(0.0058, abs=0.002)


def test_a_preview_shows_names_columns_rows_and_hides_persons(outlines):
    layer = preview_file(outlines, FileChoice()).layers[0]
    assert layer.layer == "communities"
    assert layer.names == ("红星小区", "前进小区", "和平里")
    assert {c.source: c.role for c in layer.columns} == {"小区名称": "field", "户数": "field", "联系电话": "personal"}
    assert "联系电话" not in layer.head[0]
    assert layer.head[0]["户数"] == "300"


def test_a_layer_nobody_recognises_is_a_question(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("甲,乙\n1,2\n", encoding="utf-8")
    open_ = preview_file(path, FileChoice())
    assert open_.questions == ("layer",) or open_.faults


def test_metres_without_a_crs_are_a_question(tmp_path):
    path = tmp_path / "点.csv"
    path.write_text("小区名称,X坐标,Y坐标\n红星小区,402000,4500000\n", encoding="utf-8")
    assert preview_file(path, FileChoice()).questions == ("crs",)
    assert preview_file(path, FileChoice(crs="EPSG:4546")).is_ready


def test_barriers_of_unknown_kind_are_a_question(tmp_path):
    path = tmp_path / "铁路.geojson"
    line = {"type": "LineString", "coordinates": [[110.3, 40.6], [110.4, 40.6]]}
    body = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {"名称": "京包线"}, "geometry": line}],
    }
    path.write_text(json.dumps(body), encoding="utf-8")
    choice = FileChoice(layer="barriers", datum="wgs84")
    assert preview_file(path, choice).questions == ("kind",)
    assert preview_file(path, choice.with_answer("kind", "railway")).is_ready


def test_a_virtual_format_under_a_false_name_is_refused(tmp_path):
    path = tmp_path / "边界.geojson"
    path.write_text(
        '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd'
        "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    )
    preview = preview_file(path, FileChoice())
    assert not preview.layers
    assert "边界.geojson" in preview.fault[0]
