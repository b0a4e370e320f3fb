"""Files of a bureau become frames, and indicators come of them."""

import pandas as pd
import pytest

import pianqu


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "小区台账.xlsx"
    table = {
        "小区名称": ["红星小区", "前进小区"],
        "户数": [1200, 410],
        "物业管理方式": ["专业物业", "无物业"],
        "经度": [109.84, 109.85],
        "纬度": [40.65, 40.66],
    }
    pd.DataFrame(table).to_excel(path, index=False)
    return path


def test_a_ledger_becomes_units_and_a_dataset_is_read_again(ledger, tmp_path):
    layers = pianqu.read(ledger, datum="wgs84", into=tmp_path / "city")
    assert sorted(layers.units["households"]) == [410, 1200]
    assert layers.units.crs.is_projected
    assert {"severity", "zh", "en"} <= set(layers.findings)
    again = pianqu.read(tmp_path / "city")
    pd.testing.assert_frame_equal(layers.units, again.units)
    assert set(again) == set(layers)
    figures = pianqu.indicators(layers).set_index("id")
    assert figures.loc["G05", ["numerator", "denominator"]].tolist() == [1, 2]


def test_it_says_what_is_missing(ledger):
    with pytest.raises(pianqu.PianquError, match="datum"):
        pianqu.read(ledger)
    with pytest.raises(pianqu.PianquError, match="one file at least"):
        pianqu.read()
    with pytest.raises(pianqu.PianquError, match="units"):
        pianqu.indicators({})
