from __future__ import annotations

import datetime

from hypothesis import given
from hypothesis import strategies as st

from geo.values.dates import parse_date


@given(st.dates(min_value=datetime.date(1900, 1, 1)))
def test_every_date_is_read_back_from_chinese_and_iso_writing(day):
    for text in (day.isoformat(), f"{day.year}年{day.month}月{day.day}日", f"{day:%Y%m%d}"):
        assert parse_date(text).value == day.isoformat()
