"""Indicators of the catalogue counted by hand: streets, bays."""

import tomllib
from pathlib import Path

import pandas as pd
import pytest

from analysis.indicators import catalogue
from analysis.indicators.registry import REGISTRY, THEMES, compute_indicators
from analysis.policy import read_policy
from geo.storage.layer_frames import shape_layer

POLICY = read_policy()


def layers(**tables):
    frames = {
        "units": pd.DataFrame(
            {
                "unit_id": ["c1", "c2", "c3", "c4"],
                "kind": "community",
                "district_code": ["150001", "150001", "150002", None],
                "built_year": [2015, 2016, 1990, 2020],
            }
        ),
        **{name: pd.DataFrame(columns) for name, columns in tables.items()},
    }
    return {name: shape_layer(name, frame, "EPSG:4546") for name, frame in frames.items()}


def figure(key, data, **options):
    return next(f for f in compute_indicators(data, POLICY, **options) if f.key == key)


STREETS = {
    "street_code": ["150001001", "150001002", "150001400", "150002001"],
    "name": ["一", "二", "园区", "三"],
    "district_code": ["150001", "150001", "150001", "150002"],
    "is_functional_zone": [False, None, True, False],
    "has_joint_meeting": [True, False, True, None],
}


def test_functional_zones_are_no_streets():
    data = layers(streets=STREETS)
    found = figure("joint_meeting_rate", data)
    assert (found.numerator, found.denominator, found.target) == (1, 2, 0.30)
    by_district = [f for f in compute_indicators(data, POLICY, level="district") if f.key == "joint_meeting_rate"]
    assert [f.denominator for f in by_district] == [2, None, None]


def test_bays_of_new_communities_are_built_or_reserved():
    parking = {
        "unit_id": ["c1", "c2", "c3", "c4"],
        "bays_fixed": [100, 50, 80, 10],
        "bays_public": [10, 0, 0, None],
        "ev_bays_built": [20, 50, 0, 0],
        "ev_bays_reserved": [60, 40, 0, None],
        "cars_registered": [150, 30, 100, 5],
    }
    found = figure("ev_fixed_bay_ready_rate", layers(parking=parking))
    assert (found.numerator, found.denominator, found.target) == (130, 150, 1.0)
    gap = figure("parking_gap", layers(parking=parking))
    assert (gap.value, gap.unknown_units) == (40 + 0 + 20, 1)


def test_each_indicator_of_the_tableis_in_the_registry_once():
    table = tomllib.loads((Path(catalogue.__file__).with_name("indicators.toml")).read_text(encoding="utf-8"))
    assert sorted(entry.key for entry in REGISTRY) == sorted(table)
    for entry in REGISTRY:
        assert (entry.tally is None) == ("columns" not in table[entry.key]), entry.key


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.key)
def test_each_class_of_a_theme_has_a_name_in_both_languages(theme):
    for band in theme.bands(POLICY):
        assert band.zh, band.key
        assert band.en, band.key
