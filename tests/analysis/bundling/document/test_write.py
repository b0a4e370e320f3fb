"""PLAN.json holds every unit once, gives the same bytes again, and is refused when malformed."""

import json

import numpy as np
import pandas as pd
import pytest

from analysis.bundling.document.bound_names import BOUND_NAMES
from analysis.bundling.document.left_over_reasons import explain_left_over
from analysis.bundling.document.write import MalformedPlanError, check_document, plan_sha, to_document
from analysis.bundling.model.problem import build_problem
from analysis.bundling.model.rules import PlanRules, rules_from_policy
from analysis.bundling.solve.solve import solve
from analysis.bundling.solver.budget import StopAfter
from analysis.policy import read_policy

POLICY = read_policy()
NO_PAIRS = pd.DataFrame(columns=["unit_a", "unit_b", "allowed", "blocked_by"])


def planned(dataset, graph, **options):
    problem = build_problem(dataset, graph, rules_from_policy(POLICY, **options))
    result = solve(problem, stop=StopAfter(rounds=1))
    return to_document(problem, result, dataset, POLICY)


def explained(problem, pairs=NO_PAIRS):
    result = solve(problem, stop=StopAfter(rounds=2))
    table = explain_left_over(problem, result.plan, pairs)
    return dict(zip(table["unit_id"], table["reason"], strict=True))


def refused(*, a="u000", b="zz", blocked_by=None):
    return pd.DataFrame([(a, b, blocked_by is None, blocked_by)], columns=["unit_a", "unit_b", "allowed", "blocked_by"])


def test_a_document_holds_every_unit_once(street):
    document = planned(*street)
    check_document(document)
    listed = [unit for area in document["areas"] for unit in area["unit_ids"]]
    listed += [row["unit_id"] for row in document["left_over"] + document["out_of_scope"]]
    assert sorted(listed) == sorted(street[0].layer("units")["unit_id"])


def test_an_area_is_named_by_its_anchor_and_its_sums_include_it(street):
    (area,) = planned(*street)["areas"]
    assert area == {
        "area_id": "P-150203001-001",
        "name": "new小区片区",
        "street_code": "150203001",
        "anchor_unit_id": "new",
        "unit_ids": ["custody", "house", "new", "old"],
        "households": 1020,
        "floor_area_m2": 93600,
    }


def test_an_area_without_an_anchor_is_numbered_in_its_street(street):
    document = planned(*street, mode="whole", lower=200, upper=450)
    names = [area["name"] for area in document["areas"]]
    assert names == [f"前街道第{k + 1}片区" for k in range(len(names))]
    assert len(names) >= 1


def test_the_rules_in_the_document_make_the_same_rules_again(street):
    rules = rules_from_policy(POLICY, lower=300)
    body = dict(planned(*street, lower=300)["rules"])
    assert body.pop("policy_name") == POLICY.name
    again = PlanRules(**{k: tuple(v) if isinstance(v, list) else v for k, v in body.items()})
    assert again == rules


def test_the_same_input_gives_the_same_bytes(street):
    one, other = (planned(*street) for _ in range(2))
    assert plan_sha(one) == plan_sha(other)
    one["seconds"] = other["seconds"] = 0
    assert json.dumps(one, ensure_ascii=False) == json.dumps(other, ensure_ascii=False)


def test_a_document_survives_being_written_and_read(street):
    document = planned(*street)
    again = json.loads(json.dumps(document, ensure_ascii=False, allow_nan=False))
    check_document(again)
    assert plan_sha(again) == plan_sha(document)


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


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda d: d.pop("areas"), "areas is missing"),
        (lambda d: d.update(schema="other/1"), "schema"),
        (lambda d: d.update(seed="7"), "seed is str"),
        (lambda d: d["rules"].pop("lower"), "rules.lower"),
        (lambda d: d["areas"][0].pop("unit_ids"), "unit_ids"),
        (lambda d: d["areas"][0].update(anchor_unit_id="nobody"), "nobody"),
        (lambda d: d["areas"][0]["unit_ids"].append("far"), "far is listed twice"),
        (lambda d: d["areas"].append(d["areas"][0]), "twice"),
        (lambda d: d["left_over"][0].update(reason="because"), "because"),
        (lambda d: d["left_over"].append("far"), "not an object"),
    ],
)
def test_a_malformed_document_is_refused_with_the_fault(street, change, fault):
    document = planned(*street)
    change(document)
    with pytest.raises(MalformedPlanError, match=fault):
        check_document(document)


@pytest.mark.parametrize("document", [None, [], "plan", 7])
def test_what_is_no_object_is_no_plan(document):
    with pytest.raises(MalformedPlanError):
        check_document(document)


# --- reasons -------------------------------------------------------------------------------------


def test_a_lonely_unit_is_told_what_parts_it_from_others(make_problem):
    alone = make_problem([], [50], lower=100, upper=200)
    assert explained(alone) == {"u000": "no_neighbour"}
    assert explained(alone, refused(blocked_by="railway:r1")) == {"u000": "barrier"}
    assert explained(alone, refused(blocked_by="street")) == {"u000": "other_street"}
    assert explained(alone, refused(blocked_by="walk>500")) == {"u000": "no_neighbour"}
    assert explained(alone, refused()) == {"u000": "neighbours_not_planned"}
    apart = make_problem([], [50, 60], lower=100, upper=200, wall=[0, 1])
    pair = refused(b="u001")
    assert explained(apart, pair) == {"u000": "street_unknown", "u001": "street_unknown"}


def test_size_is_the_reason_where_numbers_prove_it(make_problem):
    town = make_problem([(0, 1), (2, 3)], [40, 50, 300, 60], lower=100, upper=200)
    assert explained(town) == {
        "u000": "below_min_size",
        "u001": "below_min_size",
        "u002": "above_max_size",
        "u003": "below_min_size",
    }


def test_lumps_that_cannot_be_packed_have_no_fit(make_problem):
    #  90 - 90 - 90 in areas of 100 to 200: two of them, and one is left
    town = make_problem([(0, 1), (1, 2)], [90, 90, 90], lower=100, upper=200)
    assert list(explained(town).values()) == ["no_fit"]


def test_what_keeps_a_unit_from_an_anchor(make_problem):
    def led(households, **options):
        return make_problem([(0, 1), (1, 2)], households, mode="lead", **options)

    far = led([100, 50, 50], anchors=[0], capacity=[99_999], radius_m=100.0)
    assert explained(far) == {"u002": "no_adjacent_anchor"}
    small = led([40, 50, 10], anchors=[0], capacity=[99_999])
    assert explained(small) == {"u001": "anchor_too_small", "u002": "anchor_too_small"}
    full = led([100, 50, 50], anchors=[0], capacity=[4_000])
    assert explained(full) == {"u002": "anchor_capacity"}


def test_mixed_names_the_rules_of_both_ways(make_problem):
    town = make_problem([(0, 1)], [40, 50], mode="mixed", lower=100, upper=200)
    plan = solve(town, stop=StopAfter(rounds=0)).plan
    table = explain_left_over(town, plan, NO_PAIRS)
    assert table["reason"].tolist() == ["below_min_size"] * 2
    assert table["rules"].tolist() == [("R31", "R26")] * 2
    assert np.isin(table["unit_id"], town.unit_ids).all()
