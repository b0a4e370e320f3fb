"""Files of others: the right table is taken, and what is none is refused in a sentence."""

import zipfile

import pandas as pd
import pytest

from app.plan_files.rows import read_rows
from geo.errors import UnreadableFileError


def test_numbers_of_excel_become_texts(tmp_path):
    path = tmp_path / "表.xlsx"
    pd.DataFrame({"小区名称": ["甲", "乙"], "片区": [1, 2]}).to_excel(path, index=False)
    table = read_rows(path).table
    assert table["area"].tolist() == ["1", "2"]
    assert table["unit_id"].tolist() == [None, None]


def test_a_file_without_areas_names_its_columns(tmp_path):
    path = tmp_path / "表.csv"
    path.write_text("小区名称,户数\n甲,3\n乙,4\n", encoding="utf-8")
    with pytest.raises(UnreadableFileError, match="户数"):
        read_rows(path)


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x","甲")', "=cmd|' /C calc'!A0", "+1+1"])
def test_a_formula_is_a_text_of_no_unit(tmp_path, text):
    path = tmp_path / "表.csv"
    path.write_text(f'小区名称,片区\n"{text.replace(chr(34), chr(34) * 2)}",1\n乙,1\n', encoding="utf-8")
    assert read_rows(path).table["name"].iloc[0] == text


def test_a_zip_bomb_is_refused(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("a.csv", "小区名称,片区\n" + "0" * 200_000_000)
    with pytest.raises(UnreadableFileError):
        read_rows(path)


def test_what_is_no_table_is_refused(tmp_path):
    path = tmp_path / "x.gpkg"
    path.write_bytes(b"\x00" * 4096)
    with pytest.raises(UnreadableFileError):
        read_rows(path)
