"""Rows of a sheet are data, unless they are totals, notes or headings."""

from geo.readers.sheet_body import read_body
from geo.readers.spreadsheets import Sheet

HEADER = ["序号", "街道", "小区名称", "户数"]


def test_totals_and_notes_are_no_rows():
    cells = [HEADER, [1, "甲街道", "红星小区", 300], ["合计", None, None, 300], ["注：截至2025年"]]
    body = read_body("a.xlsx", Sheet("s", cells), 0, 0)
    assert body.rows == [2]
    assert [finding.rule for finding in body.findings] == ["table.total_row", "table.note"]


def test_a_row_of_more_cells_than_the_header_is_shifted():
    body = read_body("a.csv", Sheet(None, [HEADER, [1, "甲街道", "红星", "小区", 300]]), 0, 0)
    assert body.shifted == [True]


def test_a_merged_street_stands_in_every_row_a_merged_number_in_one():
    cells = [HEADER, [1, "甲街道", "红星小区", 300], [2, None, "绿园", None]]
    body = read_body("a.xlsx", Sheet("s", cells, ((1, 1, 2, 1), (1, 3, 2, 3))), 0, 0)
    assert body.frame["街道"].tolist() == ["甲街道", "甲街道"]
    assert body.frame["户数"].tolist() == [300, None]
