import pandas as pd
import pytest

from geo.tables.value_headers import interpret_value_headers


def interpreted(column, cells, **others):
    frame = pd.DataFrame({"小区名称": [f"小区{i}" for i in range(len(cells))], column: cells, **others})
    return interpret_value_headers(frame, list(frame), list(frame))[1]


@pytest.mark.parametrize(
    ("cells", "header"),
    [
        (["3005户", "480 户", "约120户"], "户数"),
        (["65栋", "12栋", "3幢"], "楼栋数"),
        (["2009年建成", "1995年建", "1988年竣工"], "建成年份"),
        (["20个端口", "40端口", "8个端口"], "充电端口"),
        (["1.2元/平米/月", "0.6元/㎡·月", "1.8元/平米"], "物业费"),
    ],
)
def test_units_in_the_values_say_what_a_column_is(cells, header):
    assert interpreted("规模", cells) == header


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        ("空置户数", ["12户", "3户", "5户"]),  # the header says of which
        ("规模", ["3005户", "65栋", "480户"]),  # two things
        ("规模", ["3005户", "480户"]),  # too few to say
        ("规模", ["3005", "480", "120"]),  # no unit
        ("规模", ["3.2万㎡", "2万㎡", "1万㎡"]),  # of floor or of land?
        ("备注", ["3005户", "480户", "120户"]),  # a known header
    ],
)
def test_what_the_values_leave_open_stays_as_it_is(column, cells):
    assert interpreted(column, cells) == column


def test_a_field_that_a_header_names_is_not_filled_twice():
    assert interpreted("规模", ["3005户", "480户", "120户"], 总户数=[1, 2, 3]) == "规模"
