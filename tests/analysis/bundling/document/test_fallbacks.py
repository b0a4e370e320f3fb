"""Ways out of single buildings that no area takes in, in the order of R28."""

from dataclasses import replace

import pandas as pd

from analysis.bundling.document.fallbacks import add_fallbacks, fallback_sentence
from analysis.bundling.model.rules import rules_from_policy
from analysis.policy import read_policy

RULES = rules_from_policy(read_policy(), mode="mixed")
UNITS = pd.DataFrame(
    [
        ("a", "single_building", "S1"),
        ("b", "single_building", "S1"),
        ("c", "single_building", "S2"),
        ("d", "single_building", None),
        ("e", "community", "S1"),
        ("f", "single_building", "S1"),
    ],
    columns=["unit_id", "kind", "street_code"],
).set_index("unit_id")
ROWS = [{"unit_id": unit, "reason": "no_neighbour", "rules": ["R22"]} for unit in "abcde"]


def ways(**options):
    date = options.pop("data_date", "2026-06-30")
    rows = add_fallbacks(ROWS, UNITS, replace(RULES, **options), data_date=date)
    return {row["unit_id"]: row.get("fallback") for row in rows}


def test_islands_of_one_street_tender_together():
    found = ways()
    assert found["a"][0] == {"kind": "joint_tender", "with_unit_ids": ["b"]}  # f is in an area
    assert found["b"][0] == {"kind": "joint_tender", "with_unit_ids": ["a"]}


def test_who_is_alone_goes_to_the_platform_first():
    found = ways()
    assert [way["kind"] for way in found["c"]] == ["platform", "custody"]
    assert [way["kind"] for way in found["d"]] == ["platform", "custody"]


def test_custody_has_a_date_where_the_data_have_one():
    assert ways()["c"][-1] == {"kind": "custody", "until": "2027-06-30"}
    assert ways(custody_months=3)["c"][-1]["until"] == "2026-09-30"
    assert ways(data_date=None)["c"][-1]["until"] is None


def test_communities_and_whole_plans_have_no_such_list():
    assert ways()["e"] is None
    assert set(ways(mode="whole").values()) == {None}


def test_the_rule_is_named_and_told_in_both_languages():
    (row, *_) = add_fallbacks(ROWS, UNITS, RULES, data_date="2026-06-30")
    assert row["rules"] == ["R22", "R28"]
    assert "联合招标 (1 栋)" in fallback_sentence(row["fallback"])
    assert "by 2027-06-30" in fallback_sentence(row["fallback"], zh=False)
