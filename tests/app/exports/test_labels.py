"""Names and labels beside the codes of units and areas."""

import pandas as pd

from app.exports.request import make_request


def test_what_has_no_name_stays_missing(led_town):
    request = make_request(*led_town)
    units = request.units.set_index("unit_id")
    assert units.loc["old", "leader_name"] == "小区“lead”"
    assert pd.isna(units.loc["left", "leader_name"])
    assert pd.isna(units.loc["old", "street_name"])
    assert pd.isna(units.loc["left", "area_number"])


def test_areas_name_their_leaders_and_who_would_run_them(led_town):
    areas = make_request(*led_town).areas
    assert areas["anchor_names"].tolist() == [["小区“lead”"], []]
    assert areas["operator_name"].tolist()[0] == "甲物业"
    assert areas["area_number"].tolist() == [1, 2]


def test_a_plan_that_breaks_rules_says_so_in_every_row(town):
    request = make_request(*town)
    mark = "草案" if request.is_draft else None
    assert {mark if pd.isna(value) else value for value in request.units["draft"]} == {mark}
