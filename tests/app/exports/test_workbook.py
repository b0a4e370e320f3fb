"""A workbook holds what it is given, and no text of it becomes a formula."""

import io

import openpyxl
import xlsxwriter

from app.exports.workbook import add_head_style, make_workbook, write_head, write_rows


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
