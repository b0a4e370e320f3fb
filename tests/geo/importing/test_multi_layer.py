"""Files of several layers: what one lacks does not keep the others out, and is told."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from geo.errors import MissingCRSError, UnknownLayerError
from geo.importing import ImportOptions, import_paths
from geo.rules import UnitRules

X, Y = 401_707, 4_501_466


def yards(crs=4546):
    shapes = [shapely.box(X + 100 * i, Y, X + 80 + 100 * i, Y + 80) for i in range(3)]
    return gpd.GeoDataFrame({"小区名称": list("甲乙丙"), "户数": [10, 20, 30]}, geometry=shapes, crs=crs)


def strange(crs=4546):
    lines = [shapely.LineString([(X, Y - 50), (X + 300, Y - 50)])]
    return gpd.GeoDataFrame({"甲乙": ["a"], "丙丁": [1]}, geometry=lines, crs=crs)


def roads(shape=True, crs=4546, n=1):
    line = shapely.LineString([(X, Y - 20), (X + 300, Y - 20)]) if shape else None
    frame = gpd.GeoDataFrame({"道路编号": ["r1"], "道路等级": ["支路"]}, geometry=[line], crs=crs)
    return frame.iloc[:n]


def write(path, **layers):
    for name, frame in layers.items():
        if isinstance(frame, gpd.GeoDataFrame):
            frame.to_file(path, layer=name, driver="GPKG", mode="a" if path.exists() else "w")
        else:
            pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=False)
    return path


def run(tmp_path, path, **options):
    return import_paths([path], tmp_path / "D", options=ImportOptions(**options), unit_rules=UnitRules())


def told(report, rule):
    return [f for f in report.findings if f.rule == rule]


def test_a_layer_nobody_knows_is_told_and_the_others_are_stored(tmp_path):
    path = write(tmp_path / "a.gpkg", yards=yards(), strange=strange())
    report = run(tmp_path, path)
    assert report.stored == {"communities": 3}
    (one,) = told(report, "layer.unknown")
    assert (one.severity, one.file, one.sheet) == ("warning", "a.gpkg", "strange")
    assert "甲乙、丙丁" in one.zh
    assert '--layer-of "strange=' in one.zh
    named = run(tmp_path, path, layers_of=(("strange", "roads"),))
    assert named.stored == {"communities": 3, "roads": 1}


def test_where_nothing_is_recognised_it_is_a_question_as_before(tmp_path):
    path = write(tmp_path / "a.gpkg", one=strange(), two=strange().rename(columns={"甲乙": "戊"}))
    with pytest.raises(UnknownLayerError, match="戊"):
        run(tmp_path, path)
    assert not (tmp_path / "D").exists()


def test_an_empty_layer_a_layer_without_a_crs_and_one_without_shapes_are_told(tmp_path):
    path = write(tmp_path / "a.gpkg", yards=yards(), roads=roads(n=0))
    assert "roads" in told(run(tmp_path, path), "layer.empty")[0].zh
    path = write(tmp_path / "b.gpkg", yards=yards(), roads=roads(crs=None))
    report = run(tmp_path, path)
    (one,) = told(report, "layer.left_out")
    assert (one.severity, one.sheet) == ("error", "roads")
    assert "--crs" in one.zh
    assert report.stored == {"communities": 3}
    path = write(tmp_path / "c.gpkg", yards=yards(), roads=roads(shape=False))
    (one,) = told(run(tmp_path, path), "layer.left_out")
    assert "没有图形" in one.zh
    with pytest.raises(MissingCRSError):
        run(tmp_path, write(tmp_path / "d.gpkg", roads=roads(crs=None)))


def test_a_table_beside_the_maps_is_read_too(tmp_path):
    table = pd.DataFrame({"小区名称": ["甲", "乙"], "户数": [11, 22], "建成年份": [1990, 1991]})
    path = write(tmp_path / "a.gpkg", yards=yards().drop(columns="户数"), ledger=table)
    report = run(tmp_path, path, layers_of=(("yards", "communities"),))
    units = report.dataset.layer("communities").set_index("name")
    assert units["households"][["甲", "乙"]].tolist() == [11, 22]
    assert len(units) == 3
