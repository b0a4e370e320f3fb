from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.values.numerals import parse_hanzi, parse_written_number


@given(st.integers(0, 10**9))
def test_a_number_with_separators_reads_as_itself(number):
    assert parse_written_number(f"{number:,}户").value == number


@pytest.mark.parametrize(("text", "number"), [("三千零五", 3005), ("一万二千", 12000), ("十六", 16)])
def test_chinese_numerals_are_numbers(text, number):
    assert parse_hanzi(text) == number


@pytest.mark.parametrize("text", ["1,2", "2 3", "120+", "≥120", "120/130"])
def test_what_a_careful_clerk_would_not_read_has_a_rule(text):
    assert isinstance(parse_written_number(text), str)
