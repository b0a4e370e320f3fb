"""Sums and levels are recomputed, whatever the plan writes."""

import copy

import pandas as pd
import pytest

from tests.analysis.bundling.verify.small_town import S1, drop_at, rules_broken, set_at, violations_of


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("partition", lambda d: d["out_of_scope"].append({"unit_id": "ghost", "reason": "not_a_target"})),
        ("partition", lambda d: d["out_of_scope"].append({"unit_id": "lead", "reason": "anchor_unused"})),
        ("partition", lambda d: d["out_of_scope"].pop(0)),
        ("sums", set_at("areas", 0, "households", 1021)),
        ("sums", set_at("areas", 1, "floor_area_m2", 95_999.0)),
        ("levels", set_at("levels", 0, "value", 149)),
        ("levels", lambda d: d["levels"][1].update(value=d["levels"][1]["value"] * 0.99)),
        ("levels", set_at("levels", 0, "gap", 0.5)),
        ("levels", set_at("levels", 0, "bound", 151)),
        ("levels", lambda d: d["levels"].pop(1)),
        ("R20", set_at("areas", 1, "street_code", S1)),
        ("R03", set_at("out_of_scope", 1, "reason", "owner_unwilling")),
        ("R03", set_at("out_of_scope", 1, "reason", "not_a_target")),
    ],
)
def test_wrong_accounts(town, rule, change):
    dataset, document = town.kept()
    change(document)
    if rule == "levels" and document["levels"][0]["value"] == 149:
        document["levels"][0].update(bound=149)
    assert [v.rule for v in violations_of(dataset, document)] == [rule]


def test_data_are_missing_only_where_the_rules_need_them(town):
    """A house of unknown year is a target all the same: its year is no reason to leave it out."""
    town.units.loc["house", "built_year"] = None
    town.units.loc["house", "is_old"] = None
    town.areas[0]["units"].remove("house")
    town.out_of_scope["house"] = "data_missing"
    assert "R03" in [v.rule for v in violations_of(*town.kept())]
    town.units.loc["house", "households"] = None
    assert "R03" not in [v.rule for v in violations_of(*town.kept())]


def test_optimal_needs_a_closed_gap(town):
    def change(document):
        document["status"] = "optimal"
        document["levels"][0].update(bound=75, gap=0.5)

    assert rules_broken(town, change) == ["levels"]


EDGES = pd.DataFrame(
    [
        ("lead", "old1", 90.0, True),
        ("lead", "house", 80.0, True),
        ("old1", "old2", 90.0, True),
        ("house", "old1", 90.0, True),
        ("mid", "west", 90.0, True),
        ("east", "mid", 90.0, True),
        ("alone", "east", 12.4, True),
        ("new", "west", 90.0, True),
        ("alone", "lead", 30.0, False),
    ],
    columns=["unit_a", "unit_b", "facing_m", "allowed"],
).assign(gap_m=20.0, walk_m=26.0)
START = [["lead", "old1", "old2", "house"], ["west", "alone"], ["east", "mid"]]


def named_town(town, edges=EDGES, start=START):
    """A plan that gives the figures of compact outlines and of closeness to a start."""
    dataset, document = town.kept()
    dataset.frames["edges"] = edges
    levels = {"cut_pairs": 1, "cut_facing_m": 12, "units_moved": 2}
    document["levels"] += [{"name": name, "value": value} for name, value in levels.items()]
    document["left_over"][0]["reason"] = "could_join"  # of the neighbours given here
    document["start_areas"] = start
    return dataset, document


def test_right_figures_of_outlines_and_closeness_pass(town):
    assert violations_of(*named_town(town)) == ()


@pytest.mark.parametrize(
    "change",
    [
        set_at("levels", 2, "value", 0),
        set_at("levels", 2, "value", 2),
        set_at("levels", 3, "value", 11),
        set_at("levels", 3, "value", 42),
        set_at("levels", 4, "value", 1),
        set_at("levels", 4, "value", 3),
        set_at("start_areas", 1, []),
        set_at("start_areas", [START[0]]),
        drop_at("start_areas"),
    ],
)
def test_wrong_figures_of_outlines_and_closeness_are_told(town, change):
    dataset, document = named_town(town, start=copy.deepcopy(START))
    change(document)
    assert [v.rule for v in violations_of(dataset, document)] == ["levels"]


def test_a_length_that_is_missing_is_not_nothing(town):
    """The length of what is cut cannot be told, whatever the document gives for it."""
    dataset, document = named_town(town, EDGES.assign(facing_m=EDGES["facing_m"].replace(12.4, None)))
    for value in (0, 12):
        document["levels"][3]["value"] = value
        assert [v.rule for v in violations_of(dataset, document)] == ["levels"]


def test_a_start_that_holds_a_unit_twice_is_no_start(town):
    dataset, document = named_town(town, start=[*START, ["mid"]])
    assert [v.rule for v in violations_of(dataset, document)] == ["schema"]
