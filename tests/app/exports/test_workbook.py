"""A workbook holds what it is given, and no text of it becomes a formula."""

import io

import openpyxl
import xlsxwriter

from app.exports.workbook import (
    PrintText,
    SheetTable,
    add_head_style,
    make_columns,
    make_table_workbook,
    make_workbook,
    write_head,
    write_rows,
)


def fill(book: xlsxwriter.Workbook) -> None:
    sheet = book.add_worksheet("甲")
    write_head(sheet, ("编号", "户数"), add_head_style(book))
    write_rows(sheet, [("0012", 3), ("=1+1", None), ("http://a.example", 2.5)], first=1)


def test_cells_are_what_was_given():
    sheet = openpyxl.load_workbook(io.BytesIO(make_workbook(fill)))["甲"]
    assert [cell.value for cell in sheet["A"]] == ["编号", "0012", "=1+1", "http://a.example"]
    assert [cell.data_type for cell in sheet["A"]][2] != "f"
    assert [cell.value for cell in sheet["B"]] == ["户数", 3, None, 2.5]
    assert sheet["A4"].hyperlink is None


TABLE = SheetTable(
    "表/一",
    "注",
    make_columns("编号|名称|户数", "ttN"),
    (("001", "=1+1", 3), ("002", None, None), ("003", "丙", 4)),
    "units",
    total="合计",
)


def test_a_table_has_totals_of_what_is_known_outside_its_filter():
    book = openpyxl.load_workbook(io.BytesIO(make_table_workbook([TABLE], PrintText("某市", ("草案",), ("提示",)))))
    sheet = book["表 一"]
    assert sheet["A1"].value == "某市 表/一  [草案]"
    assert [cell.value for cell in sheet["C"]][2:] == ["户数", 3, None, 4, 7]
    assert sheet.auto_filter.ref == "A3:C6"


def test_rows_are_chosen_by_what_they_speak_of():
    assert TABLE.select({"003"}).rows == (("003", "丙", 4),)
    assert SheetTable("", "", TABLE.columns, TABLE.rows, "places", ("x", "y", "x")).select({"x"}).codes == ("x", "x")


def test_a_wide_table_is_for_a3_and_the_notices_stand_above_each_other():
    wide = SheetTable("宽", "", make_columns("|".join("列" * 9), "w" * 9), (("字" * 30,) * 9,))
    book = openpyxl.load_workbook(io.BytesIO(make_table_workbook([TABLE, wide], PrintText(notices=("甲", "乙")))))
    assert [sheet.page_setup.paperSize for sheet in book] == [9, 8]
    assert book["宽"].oddFooter.left.text == "甲\n乙"


def test_no_word_of_a_head_is_broken():
    table = SheetTable("t", "", make_columns("Households|户数", "tt"), (("1", "2"),))
    sheet = openpyxl.load_workbook(io.BytesIO(make_table_workbook([table], PrintText())))["t"]
    assert sheet.column_dimensions["A"].width > len("Households") > sheet.column_dimensions["B"].width
