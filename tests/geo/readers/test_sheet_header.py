"""A header is where the known names stand, in one row or two."""

from geo.readers.sheet_header import fill_merges, find_header, find_unknown_header, name_columns
from geo.readers.spreadsheets import Sheet

GROUPED = Sheet(
    "s",
    [
        ["台账", None, None, None],
        ["街道", "小区名称", "规模", None],
        [None, None, "户数", "建筑面积(㎡)"],
        ["前进道街道", "红星小区", 120, 9000],
    ],
    ((1, 2, 1, 3),),
)


def test_a_group_and_the_names_below_it_are_one_header():
    assert find_header(GROUPED) == (1, 2)
    assert name_columns(GROUPED, 1, 2) == ["街道", "小区名称", "规模/户数", "规模/建筑面积(㎡)"]


def test_doubles_and_columns_without_a_name_are_numbered():
    sheet = Sheet("s", [["户数", "户数", None]])
    assert name_columns(sheet, 0, 0) == ["户数", "户数#2", "列#3"]


def test_names_that_nobody_knows_are_told_by_their_looks():
    sheet = Sheet("s", [["标题"], ["甲列", "乙列"], [1, 2], [3, 4]])
    assert find_header(sheet) is None
    assert find_unknown_header(sheet) == 1


def test_a_merged_value_stands_in_all_its_cells():
    sheet = Sheet("s", [["a"], [None, "b"]])
    assert fill_merges(sheet, [(0, 0, 1, 0)]) == [["a", None], ["a", "b"]]
