"""A frozen roster: merging units cannot lift a rate (R65)."""

import pandas as pd
import pytest
from shapely import box

from analysis.indicators.registry import compute_indicators
from analysis.policy import read_policy
from geo.storage.layer_frames import shape_layer

POLICY = read_policy()
CRS = "EPSG:4546"


def units(rows):
    """Units of 100 households: (id, mode, left, right) are squares of a street 100 m deep."""
    frame = pd.DataFrame(
        {
            "unit_id": [row[0] for row in rows],
            "kind": "community",
            "name": "小区",
            "management_mode": [row[1] for row in rows],
            "households": [row[3] - row[2] for row in rows],
            "geometry": [box(row[2], 0, row[3], 100) for row in rows],
        }
    )
    return shape_layer("units", frame, CRS)


def rates(now, frozen, **options):
    figures = compute_indicators({"units": now, "baseline": frozen}, POLICY, **options)
    return {f.roster: f for f in figures if f.id == "G05"}


def test_qianjin_street_merges_62_into_45_and_serves_nobody_more():
    """20 of 62 served; 18 unserved ones are merged away: 32.3 % would read as 44.4 %."""
    before = [(f"c{i}", "professional" if i < 20 else "none", i, i + 1) for i in range(62)]
    kept = [row for row in before if int(row[0][1:]) < 44]
    after = [*kept, ("merged", "none", 44, 62)]
    found = rates(units(after), units(before))
    assert (found["current"].numerator, found["current"].denominator) == (20, 45)
    assert (found["baseline"].numerator, found["baseline"].denominator) == (20, 62)
    assert round(100 * found["current"].value, 1) == 44.4
    assert round(100 * found["baseline"].value, 1) == 32.3


def test_a_merged_unit_takes_the_state_of_the_unit_that_holds_its_place():
    before = units([("a", "none", 0, 100), ("b", "none", 100, 200)])
    found = rates(units([("ab", "professional", 0, 200)]), before)["baseline"]
    assert (found.numerator, found.denominator, found.unit_ids) == (2, 2, ("a", "b"))


def test_a_unit_without_successor_is_a_gap_and_stays_in_scope():
    before = units([("a", "professional", 0, 100), ("b", "none", 100, 200)])
    found = rates(units([("a", "professional", 0, 100)]), before)["baseline"]
    assert (found.numerator, found.denominator, found.unknown_units) == (1, 1, 1)
    assert found.completeness == 0.5


def test_households_are_those_of_the_frozen_roster():
    before = units([("a", "none", 0, 100), ("b", "none", 100, 400)])
    now = units([("a", "professional", 0, 900), ("b", "none", 900, 1000)])
    found = rates(now, before, basis="households")["baseline"]
    assert (found.numerator, found.denominator) == (100, 400)


@pytest.mark.parametrize("level", ["city", "street"])
def test_without_a_baseline_there_is_only_the_current_roster(level):
    figures = compute_indicators({"units": units([("a", "none", 0, 1)])}, POLICY, level=level)
    assert {figure.roster for figure in figures} == {"current"}
