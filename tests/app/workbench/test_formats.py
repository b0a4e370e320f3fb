"""A figure that is missing is never shown as zero."""

import pandas as pd
import pytest

from app.i18n import load_words
from app.workbench.formats import MISSING, format_area, format_built_year, format_count, to_plain

ZH, EN = load_words("zh"), load_words("en")


@pytest.mark.parametrize("nothing", [None, pd.NA, float("nan")])
def test_nothing_is_a_dash_and_none(nothing):
    assert format_count(nothing) == format_area(nothing, ZH) == MISSING
    assert to_plain(nothing) is None


def test_zero_is_a_number():
    assert format_count(0) == "0"
    assert format_area(0, EN) == "0 m²"


def test_a_year_is_told_as_it_is_known():
    assert format_built_year({"built_year": 1987}, ZH) == "1987"
    assert format_built_year({}, ZH) is None
    decade = format_built_year({"built_year": 1980, "built_year_from": 1980, "built_year_to": 1989}, ZH)
    assert decade == "1980年代"
