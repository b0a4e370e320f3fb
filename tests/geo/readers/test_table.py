from __future__ import annotations

import openpyxl
import pandas as pd
import pytest

from geo.errors import EmptyLayerError, UnreadableFileError
from geo.readers import read_table

HEADER = ["序号", "街道", "小区名称", "户数", "建筑面积(㎡)"]


def write_book(path, sheets):
    """Sheets as {title: (rows, merges)}."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, (rows, merges) in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        for merge in merges:
            sheet.merge_cells(merge)
    book.save(path)
    return path


def rules(raw):
    return [f.rule for f in raw.findings]


@pytest.fixture
def roster(tmp_path):
    """A title, a unit line, a two-row header, merged streets, totals (the second wrong), a note."""
    rows = [
        ["昆都仑区住宅小区台账"],
        ["单位：户、㎡"],
        ["序号", "街道", "小区名称", "规模", None, "物业"],
        [None, None, None, "户数", "建筑面积(万㎡)", "管理方式"],
        [1, "前进道街道", "红星小区", 120, 1.2, "市场化物业"],
        [2, None, "绿园", 80, 0.8, "无物业"],
        [None, "小计", None, 200, 2.0],
        [3, "友谊街道", "东风小区", "1，000户", 9.5, "社区代管"],
        ["合计", None, None, 1300, 11.5],
        ["注：数据截至2025年"],
    ]
    merges = ["A1:F1", "A3:A4", "B3:B4", "C3:C4", "D3:E3", "B5:B6"]
    return write_book(tmp_path / "台账.xlsx", {"昆区": (rows, merges)})


def test_a_bureaus_sheet_reads_as_its_rows(roster):
    (raw,) = read_table(roster)
    assert list(raw.frame.columns) == ["序号", "街道", "小区名称", "规模/户数", "规模/建筑面积(万㎡)", "物业/管理方式"]
    assert raw.frame["小区名称"].tolist() == ["红星小区", "绿园", "东风小区"]
    assert raw.frame["街道"].tolist() == ["前进道街道", "前进道街道", "友谊街道"]


TWO_ROWS = (
    ["序号", "街道", "小区名称", "规模", None, "物业"],
    [None, None, None, "户数", "建筑面积(万㎡)", "管理方式"],
)
MOSTLY_BELOW = (
    ["序号", "街道", "规模", None, "物业", None],
    [None, None, "户数", "建筑面积(万㎡)", "管理方式", "物业公司"],
)


@pytest.mark.parametrize("merges", [["D2:E2"], [], ["A2:A3", "D2:E2"], ["A2:A3", "B2:B3", "C2:C3"]])
def test_a_header_of_two_rows_needs_no_merged_cells(tmp_path, merges):
    """Only the group merged, or nothing at all, as after a trip through another program."""
    rows = [["台账"], *TWO_ROWS, [1, "前进道街道", "红星小区", 120, 1.2, "市场化物业"]]
    (raw,) = read_table(write_book(tmp_path / "a.xlsx", {"s": (rows, merges)}))
    assert [name.split("/")[-1] for name in raw.frame.columns] == [
        "序号",
        "街道",
        "小区名称",
        "户数",
        "建筑面积(万㎡)",
        "管理方式",
    ]
    assert raw.frame["规模/户数"].tolist() == [120]
    assert raw.rows.tolist() == [4]


def test_the_row_above_belongs_to_the_header_where_it_fills_its_gaps(tmp_path):
    rows = [["台账"], *MOSTLY_BELOW, [1, "前进道街道", 120, 1.2, "市场化物业", "甲公司"]]
    (raw,) = read_table(write_book(tmp_path / "a.xlsx", {"s": (rows, [])}))
    assert list(raw.frame.columns)[:3] == ["序号", "街道", "规模/户数"]
    assert len(raw.frame) == 1


def test_a_first_row_of_words_is_a_row_not_a_header(tmp_path):
    rows = [["小区名称", "街道", "管理方式"], ["小区", "街道", "专业物业"], ["红星", "前进道", "无"]]
    (raw,) = read_table(write_book(tmp_path / "a.xlsx", {"s": (rows, [])}))
    assert list(raw.frame.columns) == ["小区名称", "街道", "管理方式"]
    assert len(raw.frame) == 2


def test_rows_keep_the_numbers_and_the_sheet_a_person_sees(roster):
    (raw,) = read_table(roster)
    assert raw.rows.tolist() == [5, 6, 8]
    assert set(raw.sheets) == {"昆区"}


def test_totals_are_dropped_and_the_one_that_differs_is_told(roster):
    (raw,) = read_table(roster)
    assert rules(raw) == ["table.total_row", "table.total_row", "table.total_differs", "table.note"]
    (wrong,) = [f for f in raw.findings if f.rule == "table.total_differs"]
    assert (wrong.row, wrong.column, wrong.value) == (9, "规模/户数", "1300")
    assert "1200" in wrong.en


def test_a_merged_number_counts_once(tmp_path):
    rows = [HEADER, [1, "甲街道", "红星小区", 300, 9000], [2, None, "绿园", None, 8000]]
    (raw,) = read_table(write_book(tmp_path / "a.xlsx", {"s": (rows, ["D2:D3", "B2:B3"])}))
    assert raw.frame["户数"].tolist() == [300, None]
    assert raw.frame["街道"].tolist() == ["甲街道", "甲街道"]


def test_sheets_of_one_layer_are_put_together_and_others_stay_apart(tmp_path):
    community = [HEADER, [1, "甲街道", "红星小区", 300, 9000]]
    company = [["企业名称", "信用等级"], ["甲物业公司", "AA"]]
    path = write_book(
        tmp_path / "a.xlsx",
        {"东河": (community, []), "昆区": (community, []), "企业": (company, []), "说明": ([["见附件"]], [])},
    )
    first, second = read_table(path)
    assert first.sheets.tolist() == ["东河", "昆区"]
    assert second.frame["企业名称"].tolist() == ["甲物业公司"]
    assert rules(first) == ["table.sheet_skipped"]


def test_a_row_with_only_a_name_is_a_community_and_no_note(tmp_path):
    rows = [HEADER, [1, "甲街道", "红星小区", 300, 9000], [None, None, "绿园", None, None]]
    (raw,) = read_table(write_book(tmp_path / "a.xlsx", {"s": (rows, [])}))
    assert raw.frame["小区名称"].tolist() == ["红星小区", "绿园"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_reads_the_same_in_every_encoding_people_use(tmp_path, encoding):
    path = tmp_path / "a.csv"
    path.write_text('街道,小区名称,户数\n前进道街道,𠮷祥小区,"1,200"\n', encoding=encoding)
    (raw,) = read_table(path)
    assert raw.frame.to_numpy().tolist() == [["前进道街道", "𠮷祥小区", "1,200"]]
    assert raw.rows.tolist() == [2]


def test_codes_keep_their_leading_zeros(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("小区编码,小区名称\n000123,红星小区\n", encoding="utf-8")
    assert read_table(path)[0].frame["小区编码"].tolist() == ["000123"]


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.xlsx", b"this is text", UnreadableFileError),
        ("a.xls", b"this is text", UnreadableFileError),
        ("a.csv", b"PK\x03\x04\x00\x00", UnreadableFileError),
        ("a.csv", b"", EmptyLayerError),
        ("a.csv", "小区名称,户数\n".encode(), EmptyLayerError),
        ("a.csv", b"1,2,3\n4,5,6\n", UnreadableFileError),
        ("a.csv", "关于印发方案的通知,见附件\n一,二,三,四,五\n".encode(), UnreadableFileError),
        ("a.csv", b"\xff\xff\x81\xff", UnreadableFileError),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(tmp_path, name, content, error):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match="a\\."):
        read_table(tmp_path / name)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UnreadableFileError, match=r"none\.csv"):
        read_table(tmp_path / "none.csv")


def test_thousands_of_short_rows_give_a_few_findings(tmp_path):
    text = "小区名称,街道,户数\n" + "翠园,前进道\n" * 3000
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    (raw,) = read_table(tmp_path / "a.csv")
    assert rules(raw) == ["table.row_too_short"] * 21
    assert "3000" in raw.findings[-1].en
    assert len(raw.frame) == 3000


def test_a_row_longer_than_its_header_is_not_used(tmp_path):
    text = "小区名称,街道,户数\n翠园,前进道,1,200\n东风,前进道,80,\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    (raw,) = read_table(tmp_path / "a.csv")
    kept, shifted = raw.split_shifted()
    assert kept.frame["小区名称"].tolist() == ["东风"]
    assert list(kept.frame) == ["小区名称", "街道", "户数"]
    assert shifted.frame.to_numpy().tolist() == [["翠园", "前进道", "1", "200"]]
    assert shifted.rows.tolist() == [2]


def test_a_header_nobody_knows_is_told_by_its_looks(tmp_path):
    (tmp_path / "a.csv").write_text("2026年统计\nalpha,beta,gamma\n甲,2,3\n乙,4,\n", "utf-8")
    (raw,) = read_table(tmp_path / "a.csv")
    assert list(raw.frame.columns) == ["alpha", "beta", "gamma"]
    assert [(f.rule, f.row) for f in raw.findings] == [("table.header_unknown", 2)]
    assert raw.frame["alpha"].tolist() == ["甲", "乙"]


@pytest.mark.parametrize(
    ("header", "cells", "total", "differs"),
    [
        ("建筑面积(㎡)", ["8.1万㎡", 20000, "1.9公顷"], 120000, False),
        ("建筑面积(㎡)", ["8.1万㎡", 20000, 19000], "12万㎡", False),
        ("建筑面积（万㎡）", [8.1, "20000㎡", 1.9], "12", False),
        ("建筑面积（万㎡）", [8.1, 2, 1.9], "120,000㎡", False),
        ("建筑面积(㎡)", ["8.1万㎡", 20000, 19000], 39008.1, True),
        ("户数", ["一百二十", "1，200户", 30], "1350户", False),
        ("户数", ["一百二十", "1，200户", 30], 1230, True),
    ],
)
def test_totals_are_compared_in_one_unit(tmp_path, header, cells, total, differs):
    rows = [["小区名称", header], *([f"{i}号院", c] for i, c in enumerate(cells)), ["合计", total]]
    path = tmp_path / "a.xlsx"
    pd.DataFrame(rows[1:], columns=rows[0]).to_excel(path, index=False)
    (raw,) = read_table(path)
    assert len(raw.frame) == 3
    assert ("table.total_differs" in [f.rule for f in raw.findings]) == differs
