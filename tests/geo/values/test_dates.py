from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.values.dates import parse_date, parse_end


@given(st.dates(min_value=datetime.date(1900, 1, 1)))
def test_every_date_is_read_back_from_chinese_and_iso_writing(day):
    for text in (day.isoformat(), f"{day.year}年{day.month}月{day.day}日", f"{day:%Y%m%d}"):
        assert parse_date(text).value == day.isoformat()


@pytest.mark.parametrize(
    "cell", ["长期", "（长期）", "长期有效", "无固定期限", "不定期", "2023年3月1日至长期", "9999-12-31"]
)
def test_a_contract_without_an_end_is_open_ended(cell):
    assert parse_end(cell) == ("2100-12-31", "value.open_end")


def test_an_end_that_is_stated_counts():
    assert parse_end("2023.3.1—2026.2.28") == ("2026-02-28", None)
