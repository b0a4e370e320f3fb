"""Verify believes no rule of a plan: each value that is not the policy's is told, by name and value."""

import copy
from dataclasses import fields

import pytest

from analysis.bundling.model import rules
from analysis.bundling.model.rules import PlanRules, planner_choices, rules_from_policy
from analysis.bundling.verify.base.schema import RulesPart
from analysis.bundling.verify.base.verification import verification_document
from analysis.bundling.verify.rules_in_force import AREA_DEFAULTS, CHOICES, KEYS, RELAXATIONS
from analysis.bundling.verify.verdict import make_verdict
from analysis.bundling.verify.verify import verify_plan
from analysis.policy import read_policy
from geo.errors import UsageError
from tests.analysis.bundling.agreeing import agreeing, policy_of_areas
from tests.analysis.bundling.verify.area_town import AreaTown
from tests.analysis.bundling.verify.small_town import forged

POLICY = policy_of_areas()

LOOSER = {
    "mode": "lead",
    "scope": "all",
    "within": "none",
    "weight": "floor_area",
    "lower": 0,
    "upper": 10**6,
    "radius_m": 5000.0,
    "capacity_ratio": 9.0,
    "unit_ratio": 9.0,
    "streets": ["150203001"],
    "gap_m": 500.0,
    "facing_m": 0.0,
    "walk_m": 5000.0,
    "detour_factor": 0.1,
    "walk_limit_m": 9000.0,
    "road_access_m": 1000.0,
    "road_snap_m": 100.0,
    "road_scrap_m": 0.0,
    "closed_road_classes": [],
    "hard_kinds": [],
    "professional_modes": ["professional", "none"],
    "old_until_year": 2020,
    "min_contract_months": 0,
    "min_credit_rating": "C",
    "allow_unrated": False,
    "auto_absorb_special": True,
    "exclude_unwilling": False,
    "area_worth": 77,
    "company_growth": 99.0,
    "company_years": 30.0,
    "objective": ["compact"],
    "staffing_norms": [1.0, 1.0, 1.0, 0.0],
    "areas": 2,
    "custody_months": 999,
    "bounds": [{"weight": "members", "lower": 0, "upper": 99}],
    "years_newer": 0,
    "preferred_credit": "C",
    "preferred_members": [1, 99],
    "preferred_floor_area_m2": [0, 900_000],
    "reach_m": 9000.0,
    "managed_members": False,
    "must_be_new": True,
}
"""Each rule of a plan with a value that no policy of the tests has."""


OF_AREAS = {"preferred_members", "preferred_floor_area_m2", "reach_m", "managed_members", "must_be_new"}
UNUSED = {"company_years", "staffing_norms", "years_newer", "preferred_credit", "custody_months", *OF_AREAS}
"""Rules nothing in the plan below depends on."""


def test_every_rule_is_forged_here():
    assert LOOSER.keys() == {field.name for field in fields(PlanRules)} == {*RulesPart.model_fields}


def test_a_plan_by_the_policy_differs_in_nothing(made):
    dataset, document, policy = made
    assert [one.rule for one in verify_plan(dataset, document, policy).rules_differ] == ["policy_name"]
    same = {**document, "rules": {**document["rules"], "policy_name": policy.name}}
    found = verify_plan(dataset, same, policy)
    assert found.rules_differ == ()
    assert found.ok
    assert "全部规则均满足" in make_verdict(found).zh


@pytest.mark.parametrize("rule", LOOSER)
def test_a_rule_nobody_chose_is_told_by_name_and_value(made, rule):
    dataset, document, policy = made
    found = verify_plan(dataset, forged(document, **{rule: LOOSER[rule]}), policy)
    told = {one.rule: one for one in found.rules_differ}[rule]
    assert not told.may_choose
    assert found.ok == (rule in UNUSED)
    assert told.plan == LOOSER[rule]
    assert found.rules_differ[0].is_fault or rule in UNUSED  # first
    assert told.sentence_zh in make_verdict(found).zh
    assert told.sentence_en in make_verdict(found).en


@pytest.mark.parametrize("rule", sorted(LOOSER.keys() - {"mode", "weight", "areas", "objective", "staffing_norms"}))
def test_what_is_allowed_passes_and_is_named(made, rule):
    dataset, document, policy = made
    found = verify_plan(dataset, forged(document, **{rule: LOOSER[rule]}), policy, allow=[rule])
    told = {one.rule: one for one in found.rules_differ}[rule]
    assert told.allowed
    assert found.faults == ()
    assert "允许" in make_verdict(found).zh


@pytest.mark.parametrize("rule", sorted(CHOICES | RELAXATIONS))
def test_a_choice_on_record_is_named_with_who_chose_it(made, rule):
    dataset, document, policy = made
    plan = forged(document, **{rule: LOOSER[rule]})
    wanted = document["rules"][rule]
    if rule == "company_growth":
        wanted = None
    plan["chosen"] = [{"rule": rule, "value": LOOSER[rule], "policy": wanted, "by": "张三"}]
    told = {one.rule: one for one in verify_plan(dataset, plan, policy).rules_differ}[rule]
    assert told.may_choose
    assert told.by == "张三"
    assert "张三" in told.sentence_zh


@pytest.mark.parametrize("rule", sorted(LOOSER.keys() - CHOICES - RELAXATIONS))
def test_a_record_opens_no_rule_that_is_nobodys_to_choose(made, rule):
    dataset, document, policy = made
    plan = forged(document, **{rule: LOOSER[rule]})
    plan["chosen"] = [{"rule": rule, "value": LOOSER[rule], "policy": document["rules"][rule], "by": "张三"}]
    found = verify_plan(dataset, plan, policy)
    told = {one.rule: one for one in found.rules_differ}[rule]
    assert not told.may_choose
    assert told.is_fault or rule in UNUSED


@pytest.mark.parametrize("rule", sorted(LOOSER.keys() - RELAXATIONS - {"company_growth"}))
def test_plans_older_than_records_have_choices_named_and_nothing_else(made, rule):
    dataset, document, policy = made
    plan = forged(document, **{rule: LOOSER[rule]})
    del plan["chosen"]
    told = {one.rule: one for one in verify_plan(dataset, plan, policy).rules_differ}[rule]
    assert told.may_choose == (rule in CHOICES)


@pytest.mark.parametrize("rule", sorted(OF_AREAS))
def test_rules_of_areas_with_leaders_inside_are_nobodys_to_choose(rule):
    dataset, document = AreaTown().kept()
    policy = agreeing(document)
    document["rules"][rule] = LOOSER[rule]
    document["chosen"] = [
        {"rule": "mode", "value": "area", "policy": "mixed", "by": "张三"},
        {"rule": rule, "value": LOOSER[rule], "policy": None, "by": "张三"},
    ]
    found = verify_plan(dataset, document, policy)
    assert rule in {one.rule for one in found.faults}
    assert found.violations == ()  # held to the policy, which the plan keeps
    assert rule not in {one.rule for one in verify_plan(dataset, document, policy, allow=[KEYS[rule]]).faults}


def test_the_plan_is_held_to_the_policy_not_to_its_own_rules(made):
    dataset, document, _ = made
    strict = agreeing(forged(document, lower=1201))
    found = verify_plan(dataset, document, strict)
    assert {one.rule for one in found.violations} == {"R31"}
    assert {one.rule for one in found.faults} == {"lower"}
    found = verify_plan(dataset, document, strict, allow=["lower"])
    assert found.violations == ()


def test_the_ground_is_judged_by_the_policy_too(made):
    dataset, document, policy = made
    strict = policy.replaced({"neighbour.gap_m": 1})
    found = verify_plan(dataset, document, strict)
    assert "R22" in {one.rule for one in found.violations}
    assert {one.rule for one in found.faults} == {"gap_m"}
    assert verify_plan(dataset, document, strict, allow=["gap_m"]).violations == ()


def test_what_the_plan_does_not_depend_on_may_have_changed(made):
    dataset, document, policy = made
    found = verify_plan(dataset, document, policy.replaced({"economics.repair_m2": 1}))
    assert found.ok
    assert {"policy_sha256", "staffing_norms"} == {one.rule for one in found.rules_differ}
    assert "未用到" in make_verdict(found).zh


def test_company_limit_off_is_a_choice_and_another_share_is_not(made):
    dataset, document, _ = made
    policy = read_policy()
    off = copy.deepcopy(document)
    del off["chosen"]
    told = {one.rule: one for one in verify_plan(dataset, off, policy).rules_differ}
    assert told["company_growth"].may_choose
    told = {one.rule: one for one in verify_plan(dataset, forged(off, company_growth=5.0), policy).rules_differ}
    assert not told["company_growth"].may_choose


def test_allow_takes_names_ids_and_keys_and_refuses_others(made):
    dataset, document, policy = made
    plan = forged(document, radius_m=5000.0, gap_m=80.0)
    for names in (["radius_m", "gap_m"], ["radius_m,gap_m"], ["R26", "R22"], ["anchor.radius_m", "neighbour.gap_m"]):
        assert verify_plan(dataset, plan, policy, allow=names).faults == ()
    with pytest.raises(UsageError):
        verify_plan(dataset, plan, policy, allow=["radius"])


def test_the_document_has_the_contracts_keys(made):
    dataset, document, policy = made
    found = verification_document(verify_plan(dataset, forged(document, radius_m=5000.0), policy))
    assert {"ok", "violations", "rules_differ", "unchecked"} <= found.keys()
    assert found["ok"] is False
    first = found["rules_differ"][0]
    assert (first["rule"], first["plan"], first["policy"], first["may_choose"]) == ("radius_m", 5000.0, 1000.0, False)


def test_both_sides_know_the_same_rules_of_the_policy():
    """What planning records as chosen is what verify would name, rule by rule."""
    for rule, key in KEYS.items():
        if rule in ("within", "area_worth"):
            continue
        changed = POLICY.replaced({key: LOOSER[rule]})
        record = planner_choices(rules_from_policy(changed), POLICY, "甲", management_known=True)
        assert [one["rule"] for one in record] == [rule]


@pytest.mark.parametrize("chosen", [None, [], [{"rule": "mode", "value": "mixed", "policy": "area", "by": "甲"}]])
def test_plans_of_the_former_default_mode_need_no_record_of_it(made, chosen):
    """Before areas with leaders inside "mixed" was the default; who has chosen it since recorded so."""
    dataset, document, policy = made
    plan = forged(document, mode="mixed")
    plan.pop("chosen")
    found = verify_plan(dataset, {**plan, **({} if chosen is None else {"chosen": chosen})}, policy)
    assert not [one for one in found.rules_differ if one.is_fault and "mode" in one.rule]


def test_values_that_an_older_policy_lacks_are_those_that_planning_takes():
    assert dict(AREA_DEFAULTS) == dict(rules.AREA_DEFAULTS)
