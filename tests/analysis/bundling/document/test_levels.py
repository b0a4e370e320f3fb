"""Levels and streets state values, bounds and how these were found."""

import pytest

from analysis.bundling.document.reasons import BOUND_NAMES
from tests.analysis.bundling.document.drawn_plans import planned


def test_levels_tell_value_bound_and_gap(street):
    document = planned(*street)
    left, unled, metres, priced = document["levels"]
    assert left == {"name": "left_over_households", "value": 120, "bound": 120, "gap": 0.0, "method": "counting"}
    assert metres["name"] == "household_metres"
    assert metres["method"] == "anchor_areas_and_knapsacks"
    assert 0 < metres["bound"] <= metres["value"]
    assert priced["name"] == "walks_and_areas"
    assert priced["value"] == metres["value"] + 200_000 * len(document["areas"])
    assert metres["bound"] + 200_000 <= priced["bound"] <= priced["value"]
    assert unled == {"name": "unled_households", "value": 0, "bound": 0, "gap": 0.0, "method": "anchor_capacity"}


@pytest.mark.parametrize("mode", ["lead", "whole", "mixed"])
def test_streets_add_up_to_the_levels_and_every_bound_has_a_name(street, mode):
    document = planned(*street, mode=mode)
    for level in document["levels"]:
        assert (level["bound"] is None) == (level["method"] is None)
        assert level["method"] is None or level["method"] in BOUND_NAMES
        if level["name"] != "walks_and_areas":
            assert sum(row[level["name"]] for row in document["streets"]) == level["value"]
    assert {code for row in document["streets"] for code in row["street_codes"]} == {"150203001", "150203002"}
    for row in document["streets"]:
        assert row["left_over_bound"] <= row["left_over_households"]
        assert row["metres_bound"] is None or row["metres_bound"] <= row["household_metres"]
