from __future__ import annotations

import pytest

from geo.tables.headings import detect_heading, read_title

NAMES = ["序号", "小区名称", "户数"]


@pytest.mark.parametrize(
    ("row", "is_heading"),
    [
        (["一、前进道街道（12个）", None, None], True),
        ([None, "前进道街道", None], True),
        ([None, "红星小区", None], False),
        (["1", "红星小区", None], False),
        (["以上数据来自各街道, 请核对。", None, None], False),
    ],
)
def test_a_line_that_heads_the_rows_below_is_no_row(row, is_heading):
    filled = [i for i, cell in enumerate(row) if cell is not None]
    assert (detect_heading(row, filled, NAMES, is_wide=False) is not None) is is_heading


def test_the_title_is_what_stands_above_the_header():
    assert read_title([["台账", "台账", None], [None, "单位: 户"], NAMES], 2) == "台账\n单位: 户"
