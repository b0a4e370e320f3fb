from __future__ import annotations

import datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from shapely import Point

from geo.findings import Finding
from geo.raw_layer import RawLayer
from geo.sandbox.transport import load_layers, save_layers


def test_layers_come_back_as_they_were(tmp_path):
    mixed = pd.Series([1, 1.5, "1", True, None, datetime.date(2026, 1, 2)], dtype=object)
    points = [Point(i, 0) for i in range(6)]
    frame = gpd.GeoDataFrame({"值": mixed, "n": range(6)}, geometry=points, crs="EPSG:4546")
    found = (Finding("info", "x", "中", "en", row=2),)
    raw = RawLayer("a.gpkg", frame, np.arange(1, 7), sheet="层", crs_stated=True, findings=found)
    (back,) = load_layers(save_layers([raw], tmp_path), tmp_path)
    assert_geodataframe_equal(gpd.GeoDataFrame(back.frame), frame)
    assert [type(v) for v in back.frame["值"]] == [type(v) for v in mixed]
    assert (back.file, back.sheet, back.crs_stated, back.findings) == ("a.gpkg", "层", True, found)
    assert back.rows.tolist() == raw.rows.tolist()


@pytest.mark.parametrize("values", [["甲", "乙"], []])
def test_plain_values_go_as_they_are(tmp_path, values):
    assert save_layers(values, tmp_path).get("values", []) == values
