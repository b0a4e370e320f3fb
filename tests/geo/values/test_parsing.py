from __future__ import annotations

import datetime
import math

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.schema import LAYERS
from geo.values.parsed_value import UnreadableValueError
from geo.values.parsing import parse_column, parse_value
from geo.values.texts import is_blank
from tests.effort import examples

FIELDS = {
    f.name: f for f in (*LAYERS["ebike_sites"], *LAYERS["companies"], *LAYERS["contracts"], *LAYERS["communities"])
}
EVERY_FIELD = [f for layer in LAYERS.values() for f in layer if f.kind != "geometry"]


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [
        ("households", "1，200户", 1200),
        ("households", "１２３", 123),
        ("households", " 350 户", 350),
        ("households", "约500", 500),
        ("households", 350.0, 350),
        ("households", "1.2万", 12000),
        ("floor_area_m2", "3.2万㎡", 32000),
        ("floor_area_m2", "3.2公顷", 32000),
        ("floor_area_m2", "15亩", 10000),
        ("floor_area_m2", "12,345.6平方米", 12345.6),
        ("built_year", "2009年建成", 2009),
        ("built_year", "1985-1992", 1985),
        ("built_year", "80年代", 1985),
        ("built_year", "九十年代", 1995),
        ("built_year", "2010年代", 2015),
        ("built_year", "1998年底", 1998),
        ("built_year", datetime.datetime(1999, 5, 1), 1999),
        ("built_year", "199805", 1998),
        ("fee_yuan_m2_month", "0.6元/㎡·月", 0.6),
        ("fee_yuan_m2_month", "1.14至2.48元/平米/月", 1.81),
        ("fee_yuan_m2_month", "12元/㎡/年", 1.0),
        ("collection_rate", "85%", 0.85),
        ("ports", "无", 0),
        ("company_name", "红星 物业\n公司", "红星 物业 公司"),
        ("blacklisted", "√", True),
        ("filed", "未备案", False),
        ("street_code", 150203001.0, "150203001"),
        ("external_code", "00123", "00123"),
        ("site_id", "159902002016004E03", "159902002016004E03"),
        ("district_code", "156150203", "150203"),
        ("credit_rating", "3A", "AAA"),
        ("owners_body", "物管会", "wgh"),
        ("owners_body", "未成立", "none"),
    ],
)
def test_a_value_is_read_as_people_type_it(field, cell, value):
    assert parse_value(cell, FIELDS[field]).value == pytest.approx(value)


@pytest.mark.parametrize("cell", [None, math.nan, pd.NaT, pd.NA, "", " ", "—", "暂无信息", "/"])
def test_what_says_nothing_is_missing_in_every_field(cell):
    assert is_blank(cell)
    assert {parse_value(cell, field).value for field in EVERY_FIELD} == {None}


@pytest.mark.parametrize(
    ("field", "cell"),
    [
        ("households", "1,2000"),
        ("households", "很多"),
        ("households", "12㎡"),
        ("floor_area_m2", "12户"),
        ("fee_yuan_m2_month", "60元/户/年"),
        ("built_year", "很早"),
        ("end_date", "2024-13-01"),
        ("management_mode", "甲"),
        ("blacklisted", "也许"),
    ],
)
def test_what_cannot_be_meant_is_refused_not_guessed(field, cell):
    with pytest.raises(UnreadableValueError):
        parse_value(cell, FIELDS[field])


def test_bad_cells_become_missing_and_are_told_with_their_position():
    values, problems = parse_column(pd.Series(["120", "很多", "99999999", None]), FIELDS["households"])
    assert values.tolist() == [120, None, None, None]
    assert [(p.position, p.rule, p.value) for p in problems] == [
        (1, "value.unreadable", "很多"),
        (2, "value.out_of_range", "99999999"),
    ]


def test_the_factor_of_the_header_does_not_touch_numbers_with_a_unit():
    values, _ = parse_column(pd.Series(["3.2", "3.2万㎡", "32000㎡", 3.2]), FIELDS["floor_area_m2"], 1e4)
    assert values.tolist() == pytest.approx([32000.0] * 4)


def test_a_column_of_shares_is_percent_when_any_number_exceeds_one():
    values, problems = parse_column(pd.Series(["85", "90.5", "1"]), FIELDS["collection_rate"])
    assert values.tolist() == [0.85, 0.905, None]  # 1 is 1% or 100%
    assert [(p.position, p.rule) for p in problems] == [(2, "value.share_unclear")]
    assert parse_column(pd.Series(["0.85", "1"]), FIELDS["collection_rate"])[0].tolist() == [0.85, 1]


def test_telephone_numbers_in_free_text_are_removed_and_not_repeated_in_the_report():
    values, problems = parse_column(pd.Series(["红星路1号 13812345678"]), FIELDS["address"])
    assert values.tolist() == ["红星路1号"]
    assert [(p.rule, p.value) for p in problems] == [("value.person_removed", None)]


ANY_CELL = st.one_of(
    st.text(max_size=20),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.none(),
    st.datetimes(),
    st.dates(),
    st.text(alphabet="0123456789.,，-至~万㎡户年代月%元/√×无约１２３（）", max_size=12),
    st.binary(max_size=4),
    st.lists(st.integers(), max_size=2),
)


def stays_in_range(cell, field, factor):
    value = parse_column(pd.Series([cell], dtype=object), field, factor)[0].iloc[0]
    if field.kind in ("integer", "number", "share") and value is not None:
        assert math.isfinite(value)
        assert field.least is None or value >= field.least
        assert field.most is None or value <= field.most
    if field.choices and value is not None:
        assert value in field.choices


CELL_AND_FIELD = {"cell": ANY_CELL, "field": st.sampled_from(EVERY_FIELD), "factor": st.sampled_from([1.0, 1e4])}


@settings(max_examples=examples(500), deadline=None)
@given(**CELL_AND_FIELD)
def test_no_cell_breaks_a_parser_and_numbers_stay_in_range(cell, field, factor):
    stays_in_range(cell, field, factor)


@pytest.mark.full
@settings(max_examples=examples(10_000), deadline=None, suppress_health_check=list(HealthCheck))
@given(**CELL_AND_FIELD)
def test_ten_thousand_cells_break_no_parser(cell, field, factor):
    stays_in_range(cell, field, factor)


@given(st.integers(1, 50_000))
def test_households_survive_separators_and_width(n):
    wide = str(n).translate({ord(str(d)): chr(0xFF10 + d) for d in range(10)})
    for text in (f"{n:,}户", f"{n:,}".replace(",", "，"), wide, f"{n}.0"):
        assert parse_value(text, FIELDS["households"]).value == n
