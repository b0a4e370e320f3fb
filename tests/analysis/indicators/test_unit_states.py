"""Themes of what a unit is: modes by their name, years cut where the policy says."""

import pandas as pd

from analysis.indicators.unit_states import MODES, build_mode_bands, build_year_bands, classify_mode, classify_year
from analysis.policy import read_policy

POLICY = read_policy()


def test_every_mode_has_its_band_and_what_is_none_has_no_data():
    units = pd.DataFrame({"management_mode": [*MODES, "unknown", None]})
    bands = classify_mode(units, {}, POLICY)["band"].tolist()
    assert bands == [*MODES, "no_data", "no_data"]
    assert [band.key for band in build_mode_bands(POLICY)] == [*MODES, "no_data"]


def test_a_year_known_only_as_an_interval_is_placed_where_the_interval_is():
    old = int(build_year_bands(POLICY)[0].zh.split()[1])
    units = pd.DataFrame(
        {
            "built_year": pd.array([old, old + 1, None, old - 5], dtype="Int64"),
            "built_year_from": pd.array([None, None, None, old - 5], dtype="Int64"),
            "built_year_to": pd.array([None, None, None, old + 5], dtype="Int64"),
            "built_year_quality": ["reported", "reported", "missing", "estimated"],
        }
    )
    found = classify_year(units, {}, POLICY)
    assert found["band"].tolist()[:3] == ["old", "middle", "no_data"]
    assert found["band"][3] == "no_data"  # it may be old or not
    assert found["estimated"].tolist() == [False, False, False, True]
