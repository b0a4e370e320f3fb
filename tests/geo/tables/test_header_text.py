from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.tables.header_text import normalise_header
from geo.tables.headers import is_known_header, map_columns


@pytest.mark.parametrize(
    ("header", "factor"),
    [("建筑面积(万㎡)", 1e4), ("建筑面积（㎡）", 1.0), ("建筑面积万平方米", 1e4), ("建筑面积(单位:万平方米)", 1e4)],
)
def test_the_unit_of_a_header_scales_its_numbers(header, factor):
    (match,) = map_columns([header], "communities").matches
    assert (match.field, match.factor) == ("floor_area_m2", factor)


@given(st.text(max_size=30))
def test_any_header_is_normalised_once_and_for_all(text):
    once = normalise_header(text)
    assert not any(c.isspace() for c in once)
    assert isinstance(is_known_header(text), bool)
