"""The rules decide who is planned; everybody else is named with the reason."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.bundling.document.reasons import REASONS
from analysis.bundling.model.problem import build_problem
from analysis.bundling.model.rules import rules_from_policy
from analysis.policy import read_policy
from geo.errors import UnknownCodeError, UsageError

POLICY = read_policy()
MIXED = rules_from_policy(POLICY, mode="mixed")
WHOLE = rules_from_policy(POLICY, management_known=False, mode="whole")
AREA = rules_from_policy(POLICY, mode="area")


def reasons(problem):
    return dict(zip(problem.out_of_scope["unit_id"], problem.out_of_scope["reason"], strict=True))


def targets(problem):
    return set(problem.unit_ids[problem.is_target])


def leads(problem):
    return set(problem.unit_ids[problem.anchors])


# --- options -------------------------------------------------------------------------------------


def test_defaults_follow_what_is_known_of_management():
    assert (MIXED.mode, MIXED.scope) == ("mixed", "targets")
    assert (WHOLE.mode, WHOLE.scope) == ("whole", "all")
    assert (MIXED.lower, MIXED.upper) == (1000, 4000)
    by_area = rules_from_policy(POLICY, weight="floor_area", mode="mixed")
    assert (by_area.lower, by_area.upper) == (100_000, 300_000)


@pytest.mark.parametrize(
    "options",
    [
        {"lower": 4001},
        {"lower": 10, "upper": 9},
        {"lower": -1},
        {"upper": -5},
        {"mode": "best"},
        {"scope": "some"},
        {"within": "city"},
        {"weight": "people"},
    ],
)
def test_options_that_make_no_sense_are_refused(options):
    with pytest.raises(UsageError) as caught:
        rules_from_policy(POLICY, **{"mode": "mixed", **options})
    assert str(next(iter(options.values()))) in caught.value.en


@pytest.mark.parametrize("lower", [0, 4000])
def test_bounds_may_meet_and_may_be_zero(lower):
    assert rules_from_policy(POLICY, lower=lower, upper=4000, mode="mixed").lower == lower


def test_a_street_that_does_not_exist_is_named(street):
    with pytest.raises(UnknownCodeError, match="999999999"):
        build_problem(*street, rules_from_policy(POLICY, streets=["999999999"], mode="mixed"))


def test_a_graph_of_other_units_is_refused(street):
    dataset, graph = street
    with pytest.raises(UsageError, match="pianqu graph"):
        build_problem(dataset, replace(graph, unit_ids=graph.unit_ids[::-1]), MIXED)


# --- who is planned ------------------------------------------------------------------------------


def test_every_unit_is_target_anchor_or_out_with_a_reason(street):
    problem = build_problem(*street, MIXED)
    assert targets(problem) == {"old", "custody", "house", "far"}
    assert leads(problem) == {"new"}
    assert reasons(problem) == {
        "young": "not_a_target",
        "given": "special_needs_confirmation",
        "nay": "owner_unwilling",
        "pro": "anchor_ineligible",
        "odd": "data_missing",
        "lost": "not_placed",
        "when": "data_missing",
    }


def test_in_scope_all_every_placed_unit_with_figures_is_planned(street):
    problem = build_problem(*street, WHOLE)
    assert targets(problem) == {"new", "old", "custody", "house", "young", "pro", "far", "when"}
    assert leads(problem) == set()
    assert set(reasons(problem).values()) == {
        "special_needs_confirmation",
        "owner_unwilling",
        "data_missing",
        "not_placed",
    }


def test_in_mode_area_whoever_is_neither_target_nor_anchor_is_a_member(street):
    problem = build_problem(*street, AREA)
    assert targets(problem) == {"old", "custody", "house", "far"}
    assert (problem.asks_leader == problem.is_target).all()
    assert leads(problem) == {"new"}
    assert set(problem.unit_ids) - targets(problem) - leads(problem) == {"young", "pro", "when"}
    assert reasons(problem) == {
        "given": "special_needs_confirmation",
        "nay": "owner_unwilling",
        "odd": "data_missing",
        "lost": "not_placed",
    }
    apart = build_problem(*street, replace(AREA, managed_members=False))
    assert set(reasons(apart)) - set(reasons(problem)) == {"young", "pro", "when"}


def test_in_scope_all_of_mode_area_everybody_asks_for_an_area_and_targets_for_a_leader(street):
    problem = build_problem(*street, replace(AREA, scope="all"))
    assert targets(problem) == {"new", "old", "custody", "house", "young", "pro", "far", "when"}
    assert set(problem.unit_ids[problem.asks_leader]) == {"old", "custody", "house", "far"}


def test_an_old_anchor_leads_nobody_where_leaders_must_be_new(street):
    dataset, graph = street
    rules = replace(AREA, must_be_new=True, old_until_year=3000)
    problem = build_problem(dataset, graph, rules)
    assert leads(problem) == set()
    assert "plan.no_leaders" in [note.rule for note in problem.notes]
    assert "plan.no_leaders" not in [note.rule for note in build_problem(dataset, graph, AREA).notes]


def test_switches_bring_special_and_unwilling_units_in(street):
    rules = replace(MIXED, auto_absorb_special=True, exclude_unwilling=False)
    assert {"given", "nay"} <= targets(build_problem(*street, rules))


@pytest.mark.parametrize(("kind", "is_in"), [("special_community", True), ("anchor_capacity", False)])
def test_a_permit_brings_in_the_special_unit_it_names(make_dataset, tmp_path, kind, is_in):
    permits = pd.DataFrame([{"permit_id": "p1", "kind": kind, "unit_a": "given"}])
    problem = build_problem(*make_dataset(tmp_path / "street", permits=permits), MIXED)
    assert ("given" in targets(problem)) == is_in
    assert ("given" in reasons(problem)) != is_in
    assert reasons(problem)["nay"] == "owner_unwilling"


def test_streets_not_chosen_are_out(street):
    problem = build_problem(*street, rules_from_policy(POLICY, streets=["150203002"], mode="mixed"))
    assert targets(problem) == {"far"}
    assert reasons(problem)["old"] == "street_not_chosen"


def test_an_unknown_mode_counts_as_not_professional_and_is_said(street):
    problem = build_problem(*street, MIXED)
    assert "house" in targets(problem)
    assert "plan.management_unknown" in [note.rule for note in problem.notes]


def test_every_reason_is_in_the_catalogue(street):
    for rules in (MIXED, WHOLE, replace(MIXED, mode="whole"), replace(MIXED, scope="all")):
        assert set(reasons(build_problem(*street, rules)).values()) <= set(REASONS)


# --- who may lead --------------------------------------------------------------------------------


@pytest.mark.parametrize(("end_date", "may"), [("2027-06-30", True), ("2027-06-29", False)])
def test_an_anchors_contract_runs_on_long_enough(make_dataset, tmp_path, end_date, may):
    contracts = pd.DataFrame({"contract_id": ["c1"], "unit_id": ["new"], "company_id": ["k1"], "end_date": [end_date]})
    problem = build_problem(*make_dataset(tmp_path, contracts=contracts), MIXED)
    assert ("new" in leads(problem)) == may


def test_without_a_contract_layer_the_term_is_not_asked(make_dataset, tmp_path):
    assert leads(build_problem(*make_dataset(tmp_path, contracts=None), MIXED)) == {"new", "pro"}


def test_with_a_contract_layer_a_unit_without_contract_may_not_lead(make_dataset, tmp_path):
    contracts = pd.DataFrame(
        {"contract_id": ["c"], "unit_id": ["pro"], "company_id": ["k2"], "end_date": ["2029-01-01"]}
    )
    assert leads(build_problem(*make_dataset(tmp_path, contracts=contracts), MIXED)) == {"pro"}


@pytest.mark.parametrize(
    ("company", "may"),
    [
        ({"blacklisted": True}, False),
        ({"blacklisted": None}, True),
        ({"credit_rating": "B"}, False),
        ({"credit_rating": "AAA"}, True),
        ({"credit_rating": "unrated"}, True),
        ({"credit_rating": None}, True),
    ],
)
def test_an_anchors_company_is_in_good_standing(make_dataset, tmp_path, company, may):
    row = {"company_id": "k1", "name": "甲", "credit_rating": "A", "blacklisted": False} | company
    dataset, graph = make_dataset(tmp_path, companies=pd.DataFrame([row]))
    assert ("new" in leads(build_problem(dataset, graph, MIXED))) == may


def test_unrated_companies_lead_only_by_the_switch(make_dataset, tmp_path):
    dataset, graph = make_dataset(tmp_path, companies=None)
    assert leads(build_problem(dataset, graph, MIXED)) == {"new"}
    assert leads(build_problem(dataset, graph, replace(MIXED, allow_unrated=False))) == set()


# --- the arrays ----------------------------------------------------------------------------------


def test_rounding_never_bends_the_capacity(street):
    larger = build_problem(*street, replace(MIXED, unit_ratio=1.5))
    assert larger.largest.tolist() == [90_000]
    problem = build_problem(*street, replace(MIXED, capacity_ratio=0.33333))
    position = {unit: i for i, unit in enumerate(problem.unit_ids)}
    assert problem.load[position["old"]] == 16_001
    assert problem.capacity.tolist() == [19_999]
    assert problem.largest.tolist() == [60_000]


def test_no_edge_crosses_a_wall_whatever_the_graph_says(make_dataset, tmp_path):
    dataset, graph = make_dataset(tmp_path, links=[("far", "old"), ("custody", "old")])
    problem = build_problem(dataset, graph, MIXED)
    row = np.repeat(np.arange(problem.n_units), np.diff(problem.indptr))
    pairs = {(problem.unit_ids[i], problem.unit_ids[j]) for i, j in zip(row, problem.indices, strict=True)}
    assert pairs == {("custody", "old"), ("old", "custody")}
    free = build_problem(dataset, graph, replace(MIXED, within="none"))
    assert len(free.indices) == 4


def pairs_of(problem):
    row = np.repeat(np.arange(problem.n_units), np.diff(problem.indptr))
    ids = problem.unit_ids
    return {(ids[i], ids[j]) for i, j in zip(row, problem.indices, strict=True) if ids[i] < ids[j]}


def test_a_unit_without_a_code_joins_its_nearest_street_but_joins_no_two(make_dataset, tmp_path, street_units):
    #  old (street 1) - custody (no code) - house (no code) - far (street 2)
    units = street_units
    units.loc[units["unit_id"].isin(["custody", "house"]), "street_code"] = None
    links = [("custody", "old"), ("custody", "house"), ("far", "house")]
    problem = build_problem(*make_dataset(tmp_path, units=units, links=links), MIXED)
    wall = dict(zip(problem.unit_ids, problem.jurisdiction, strict=True))
    assert wall["custody"] == wall["old"]
    assert wall["house"] == wall["far"]
    assert pairs_of(problem) == {("custody", "old"), ("far", "house")}


def test_a_unit_adopts_no_neighbourhood_of_another_street(make_dataset, tmp_path, street_units):
    #  far (street 2, neighbourhood 2) - old (street 1, no neighbourhood)
    codes = np.where(street_units["unit_id"] == "far", "150203002002", None)
    units = street_units.assign(neighbourhood_code=codes)
    dataset, graph = make_dataset(tmp_path, units=units, links=[("far", "old")])
    assert pairs_of(build_problem(dataset, graph, replace(MIXED, within="neighbourhood"))) == set()


def test_old_is_what_the_plan_s_own_rules_call_old(make_dataset, tmp_path, street_units):
    """The year counts, not the flag an import set under another threshold (R02)."""
    dataset, graph = make_dataset(tmp_path, units=street_units)
    later = rules_from_policy(POLICY.replaced({"unit.old_until_year": 2015}), mode="mixed")
    earlier = rules_from_policy(POLICY.replaced({"unit.old_until_year": 1980}), mode="mixed")
    assert "young" in targets(build_problem(dataset, graph, later))
    assert "old" not in targets(build_problem(dataset, graph, earlier))
    assert reasons(build_problem(dataset, graph, earlier))["old"] == "not_a_target"
