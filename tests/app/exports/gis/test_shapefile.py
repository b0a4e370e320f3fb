"""Shapefiles in GBK with ASCII field names and a table of what they mean."""

import zipfile

import pandas as pd
import pyogrio
import pytest

from app.exports.gis.shapefile import MOST_BYTES, fit_text


@pytest.fixture
def unpacked(exported, tmp_path):
    with zipfile.ZipFile(exported("shp")) as files:
        files.extractall(tmp_path / "unpacked")
    return next((tmp_path / "unpacked").iterdir())


def test_names_are_read_right_and_by_default(unpacked):
    assert (unpacked / "units.cpg").read_text(encoding="ascii") == "GBK"
    units = pyogrio.read_dataframe(unpacked / "units.shp")
    names = units["NAME"].tolist()
    assert "普通小区" in names
    assert "?小区" in names
    assert "长" * 40 in names
    assert units["HOUSEHOLDS"].isna().sum() == 1


def test_every_field_is_in_the_table_of_fields(unpacked):
    table = pd.read_csv(unpacked / "字段对照表.csv", encoding="utf-8-sig")
    for name in ("areas", "units", "leading"):
        fields = [*pyogrio.read_info(unpacked / f"{name}.shp")["fields"]]
        assert table.loc[table["文件"] == f"{name}.shp", "字段名"].tolist() == fields
        assert all(field.isascii() and len(field) <= 10 for field in fields)


@pytest.mark.parametrize("text", ["区" * 200, "a" + "区" * 200, "😀" * 300, ""])
def test_a_text_is_cut_between_letters(text):
    found = fit_text(text).encode("gbk")
    assert len(found) <= MOST_BYTES
    assert "�" not in found.decode("gbk")
