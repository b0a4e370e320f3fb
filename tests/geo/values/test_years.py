from __future__ import annotations

import datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geo.corrections.apply import correct_communities
from geo.schema import LAYERS
from geo.storage.dataset import open_dataset, write_dataset
from geo.storage.manifest import file_sha256, new_manifest
from geo.values.parsed_value import NOTES, UnreadableValueError
from geo.values.parsing import ReferenceDates, parse_years
from geo.values.years import is_old_by_year, parse_year, year_bounds

YEAR = next(f for f in LAYERS["communities"] if f.name == "built_year")
TODAY = ReferenceDates(datetime.date(2026, 6, 1), datetime.date(2025, 12, 31))


def interval(text):
    built = parse_year(text)
    return built.year, built.first, built.last


@pytest.mark.parametrize(
    ("text", "year", "first", "last"),
    [
        ("2000年后", None, 2001, None),
        ("2000年以后", None, 2001, None),
        ("2000后", None, 2001, None),
        ("2000年之后建成", None, 2001, None),
        ("2000年及以后", None, 2000, None),
        ("2000年起", None, 2000, None),
        ("2000年前", None, None, 1999),
        ("2000年以前", None, None, 1999),
        ("2000年之前建", None, None, 1999),
        ("2000年底前", None, None, 2000),
        ("2000年12月31日前", None, None, 2000),
        ("截至2003年", None, None, 2003),
        ("至2003年", None, None, 2003),
        ("2000年6月以后", None, 2000, None),
        ("80年代", 1985, 1980, 1989),
        ("上世纪九十年代", 1995, 1990, 1999),
        ("九十年代末", 1997, 1995, 1999),
        ("80年代初", 1982, 1980, 1984),
        ("20世纪80年代中期", 1985, 1983, 1987),
        ("1990s", 1995, 1990, 1999),
        ("约1995", 1995, 1993, 1997),
        ("95年左右", 1995, 1993, 1997),
        ("1995?", 1995, 1993, 1997),
        ("2005-1998", 2002, 1998, 2005),
        ("1998或1999", 1999, 1998, 1999),
        ("1998-2003年间", 2001, 1998, 2003),
        ("1998-2003", 1998, 1998, 2003),
        ("1985—1992", 1985, 1985, 1992),
        ("1998/2003", 1998, 1998, 2003),
        ("1985-92", 1985, 1985, 1992),
        ("1985至1992年", 1985, 1985, 1992),
        ("1998.6-2001.3", 1998, 1998, 2001),
        ("一期1998年，二期2003年", 1998, 1998, 2003),
        ("1998至今", None, 1998, None),
        ("2015改造1985", 1985, 1985, 1985),
        ("1985（2015改造）", 1985, 1985, 1985),
        ("1985年建成，2015年老旧小区改造", 1985, 1985, 1985),
        ("1985年始建1990年竣工", 1990, 1990, 1990),
        ("八五年", 1985, 1985, 1985),
        ("一九八五年", 1985, 1985, 1985),
        ("二〇〇〇年", 2000, 2000, 2000),
        ("05年", 2005, 2005, 2005),
        ("1999年底", 1999, 1999, 1999),
        ("1998.6", 1998, 1998, 1998),
        ("1998年6月", 1998, 1998, 1998),
        ("1998-06-01", 1998, 1998, 1998),
        ("1998-05-01 08:30:00", 1998, 1998, 1998),
        (1998.6, 1998, 1998, 1998),
        (datetime.datetime(1998, 6, 1), 1998, 1998, 1998),
        (35916, 1998, 1998, 1998),
        ("解放前", None, None, 1949),
        ("民国时期", None, 1912, 1949),
    ],
)
def test_a_year_is_what_the_words_leave_open(text, year, first, last):
    assert interval(text) == (year, first, last)


@pytest.mark.parametrize(
    "text",
    [
        "2000年后",
        "2000年前",
        "80年代",
        "约1995",
        "1995?",
        "2005-1998",
        "1998-2003",
        "2015改造1985",
        "八五年",
        35916,
        "解放前",
        "1998至今",
    ],
)
def test_every_reading_that_is_not_plain_is_told(text):
    assert parse_year(text).note in NOTES


@pytest.mark.parametrize(
    "text",
    [
        "5年",
        "15年",
        "2o05",
        "90后",
        "很早",
        "2 3",
        "19985",
        "1998-",
        "-1998",
        "2015年改造",
        "2005年翻建",
        "2003-98",
        "1998年未建成",
        "19980",
        "98",
        98,
        1998.75,
        True,
        "1-2",
        "1985年改造，2005",
        "第80年",
        float("inf"),
        "9" * 400,
    ],
)
def test_what_is_no_year_is_refused(text):
    with pytest.raises(UnreadableValueError):
        parse_year(text)


def test_years_to_come_are_not_stored_and_told():
    values, problems = parse_years(
        pd.Series(["2035", 2100, "2040年后", "1899", "2026", "2010-2035"]), YEAR, today=TODAY
    )
    assert values["built_year"].tolist() == [None, None, None, None, 2026, None]
    assert [(p.rule, p.is_bad) for p in problems] == [
        ("value.future", True),
        ("value.future", True),
        ("value.future", True),
        ("value.out_of_range", True),
        ("value.after_data_date", False),
        ("value.future", True),
    ]


def test_a_decade_ends_with_today():
    values, _ = parse_years(pd.Series(["2020年代"]), YEAR, today=TODAY)
    assert values.values.tolist() == [[2025, 2020, 2026, "estimated"]]


@pytest.mark.parametrize(
    ("text", "at_2000", "at_2005"),
    [
        ("2000年后", False, None),
        ("2000年前", True, True),
        ("80年代", True, True),
        ("2000年代", None, None),
        ("1998-2003", True, True),
        ("2005-1998", None, True),
        ("约2000年", None, True),
        ("2001", False, True),
        ("2000年及以后", None, None),
        ("90年代末", True, True),
    ],
)
def test_an_interval_decides_what_is_old_only_where_it_does(text, at_2000, at_2005):
    frame, _ = parse_years(pd.Series([text]), YEAR)
    for limit, expected in ((2000, at_2000), (2005, at_2005)):
        (old,) = is_old_by_year(frame, limit).tolist()
        assert (None if old is pd.NA else old) == expected


def test_a_year_without_an_interval_is_its_own():
    rows = pd.DataFrame({"built_year": pd.array([1998, None], dtype="Int64")})
    first, last = year_bounds(rows)
    assert first[0] == last[0] == 1998
    assert np.isnan(first[1])
    assert np.isnan(last[1])


def test_a_year_somebody_corrected_is_one_year():
    layer = gpd.GeoDataFrame(
        {
            "unit_id": ["c1"],
            "built_year": [1985],
            "built_year_from": [1980],
            "built_year_to": [1989],
            "built_year_quality": ["estimated"],
        },
        geometry=[None],
        crs="EPSG:4546",
    )
    layer = layer.astype(dict.fromkeys(layer.columns[1:4], "Int64"))
    said = {
        "what": ["value"],
        "number": [1],
        "target_id": ["c1"],
        "field": ["built_year"],
        "unit_a": [None],
        "unit_b": [None],
    }
    for new, expected in (("2003", [2003, 2003, 2003, "reported"]), (None, [None] * 4)):
        told = gpd.GeoDataFrame({**said, "new": [new]}, geometry=[None], crs="EPSG:4546")
        after = correct_communities(layer, layer[:0], told)[0].iloc[0]
        values = [after[name] for name in layer.columns[1:5]]
        assert [None if pd.isna(v) else v for v in values] == expected


def test_a_dataset_written_before_there_were_intervals_is_read(tmp_path):
    units = gpd.GeoDataFrame(
        {
            "unit_id": ["u1"],
            "kind": ["community"],
            "name": ["甲"],
            "geom_quality": ["missing"],
            "built_year": [1998],
            "built_year_quality": ["reported"],
        },
        geometry=[None],
        crs="EPSG:4546",
    )
    dataset = write_dataset(tmp_path, new_manifest("试", "EPSG:4546"), {"units": units})
    path = tmp_path / "units.parquet"
    gpd.read_parquet(path).drop(columns=["built_year_from", "built_year_to"]).to_parquet(path)
    (tmp_path / "manifest.json").write_text(
        (tmp_path / "manifest.json")
        .read_text(encoding="utf-8")
        .replace(dataset.manifest.files["units.parquet"], file_sha256(path)),
        encoding="utf-8",
    )
    read = open_dataset(tmp_path).layer("units")
    assert read["built_year_from"].isna().all()
    assert is_old_by_year(read, 2000).tolist() == [True]
