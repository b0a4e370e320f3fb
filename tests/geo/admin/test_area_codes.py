from __future__ import annotations

import pytest

from geo.importing import ImportOptions, import_paths
from geo.rules import UnitRules
from geo.storage.dataset import open_dataset


def stored(tmp_path, text, layer):
    path = tmp_path / "a.csv"
    path.write_text(text, "utf-8")
    import_paths([path], tmp_path / "D", options=ImportOptions(), unit_rules=UnitRules())
    return open_dataset(tmp_path / "D").layer(layer)


@pytest.mark.parametrize(
    "header", ["GEOCODE", "区划代码", "统计用区划代码", "XZQDM", "JDDM", "PAC", "ADCODE", "街道代码", "TOWN_CODE"]
)
@pytest.mark.parametrize("code", ["150203001", "150203001000"])
def test_codes_of_nine_digits_are_streets_whatever_they_are_called(tmp_path, header, code):
    got = stored(tmp_path, f"{header},街道名称\n{code},前进道街道\n", "streets")
    assert got["street_code"].str[:9].tolist() == ["150203001"]
    assert got["name"].tolist() == ["前进道街道"]


@pytest.mark.parametrize(
    ("code", "column", "value"),
    [
        ("150203", "district_code", "150203"),
        ("150203001", "street_code", "150203001"),
        ("150203001002", "neighbourhood_code", "150203001002"),
    ],
)
def test_a_roster_says_by_the_digits_what_its_codes_are_of(tmp_path, code, column, value):
    got = stored(tmp_path, f"小区名称,户数,统计用区划代码\n红星小区,100,{code}\n", "communities")
    assert got[column].tolist() == [value]


def test_neighbourhoods_are_told_from_streets_by_their_digits(tmp_path):
    got = stored(tmp_path, "GEOCODE,社区名称\n150203001002,环西社区\n", "neighbourhoods")
    assert got["neighbourhood_code"].tolist() == ["150203001002"]
