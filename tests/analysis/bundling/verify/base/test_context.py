"""What an interval of years decides, by the planner and by the check."""

from __future__ import annotations

from types import SimpleNamespace

import geopandas as gpd
import pandas as pd
import pytest

from analysis.bundling.model.eligibility import is_old
from analysis.bundling.verify.base.context import CheckContext

YEARS = {
    "2000年后": (None, 2001, None, "missing", False),
    "80年代": (1985, 1980, 1989, "estimated", True),
    "1998-2003": (1998, 1998, 2003, "reported", True),
    "2005-1998": (2002, 1998, 2005, "estimated", None),
    "1998": (1998, 1998, 1998, "reported", True),
    "2001": (2001, 2001, 2001, "reported", False),
    "2000年及以后": (None, 2000, None, "missing", None),
    "1999年前": (None, None, 1998, "missing", True),
    "bare year": (1998, None, None, "reported", True),
    "bare estimate": (2004, None, None, "estimated", False),
}


def units(flag):
    table = pd.DataFrame.from_dict(YEARS, orient="index").iloc[:, :4]
    table.columns = ["built_year", "built_year_from", "built_year_to", "built_year_quality"]
    table = table.astype(dict.fromkeys(table.columns[:3], "Int64"))
    return gpd.GeoDataFrame(
        table.assign(is_old=pd.array([flag] * len(table), dtype="boolean")),
        geometry=gpd.GeoSeries([None] * len(table), crs="EPSG:4546"),
    )


@pytest.mark.parametrize("flag", [True, None])
def test_planner_and_check_read_an_interval_alike(flag):
    frame = units(flag)
    rules = SimpleNamespace(old_until_year=2000)
    planned = is_old(frame, rules)
    checked = CheckContext(SimpleNamespace(rules=rules), None, frame).old
    for text, (*_, expected) in YEARS.items():
        got = planned[text]
        assert (None if got is pd.NA else bool(got)) == expected, text
        assert checked[text] == (expected is True), text


def test_another_year_that_counts_decides_anew():
    frame = units(None)
    old = is_old(frame, SimpleNamespace(old_until_year=2005))
    assert old["2005-1998"] == True  # noqa: E712 - numpy
    assert pd.isna(old["2000年后"])
    assert old["2001"] == True  # noqa: E712 - numpy
