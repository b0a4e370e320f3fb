from __future__ import annotations

import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from geo.importing import ImportOptions, import_paths
from geo.readers import read_file
from geo.rules import UnitRules
from geo.storage.dataset import open_dataset


def book(path, columns, formats):
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("台账")
        for at, (header, cells) in enumerate(columns.items()):
            sheet.write(0, at, header)
            style = made.add_format({"num_format": formats[at]}) if formats[at] else None
            for row, cell in enumerate(cells, 1):
                sheet.write(row, at, cell, style)
    return path


def stored(path, tmp_path):
    report = import_paths([path], tmp_path / "data", options=ImportOptions(), unit_rules=UnitRules())
    frame = open_dataset(tmp_path / "data").layer("communities").set_index("name")
    return frame, [f.rule for f in report.findings]


def test_a_lone_85_leaves_cells_formatted_as_percent_alone(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet()
        percent = made.add_format({"num_format": "0.0%"})
        sheet.write_row(0, 0, ["小区名称", "户数", "收缴率"])
        for row, (name, share, style) in enumerate(
            [("甲小区", 0.85, percent), ("乙小区", 1, percent), ("丙小区", 85, None)], 1
        ):
            sheet.write(row, 0, name)
            sheet.write(row, 1, 100)
            sheet.write(row, 2, share, style)
    frame, _ = stored(path, tmp_path)
    rates = frame["collection_rate"]
    assert [rates["甲小区"], rates["乙小区"], rates["丙小区"]] == [0.85, 1.0, 0.85]


def test_a_unit_in_the_number_format_is_the_unit_of_the_number(tmp_path):
    path = book(
        tmp_path / "a.xlsx",
        {"小区名称": ["甲小区", "乙小区"], "户数": [400, 300], "建筑面积(㎡)": [3.2, 2.5]},
        [None, '0"户"', '0.00"万㎡"'],
    )
    frame, _ = stored(path, tmp_path)
    assert frame["floor_area_m2"]["甲小区"] == pytest.approx(32000)
    assert frame["households"]["甲小区"] == 400


def test_plain_number_formats_change_no_cell(tmp_path):
    path = book(
        tmp_path / "a.xlsx", {"小区名称": ["甲小区"], "户数": [1234], "建筑面积": [98765.4321]}, [None, "#,##0", "0.00"]
    )
    (raw,) = read_file(path)
    assert raw.frame.iloc[0].tolist() == ["甲小区", 1234.0, 98765.4321]


def test_a_book_of_openpyxl_keeps_its_percents(tmp_path):
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.append(["小区名称", "户数", "收缴率"])
    sheet.append(["甲小区", 100, 0.9225])
    sheet["C2"].number_format = "0%"
    made.save(tmp_path / "a.xlsx")
    (raw,) = read_file(tmp_path / "a.xlsx")
    assert raw.frame["收缴率"].tolist() == ["92.25%"]
    assert pd.isna(raw.frame["户数"]).sum() == 0
