"""No change of a valid plan passes in silence: it breaks a rule, differs from the policy, or is the plan's own word."""

import copy
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.model.rules import rules_from_policy
from analysis.bundling.verify.verdict import make_verdict
from analysis.bundling.verify.verify import verify_plan
from analysis.policy import read_policy
from geo.errors import StalePlanError
from tests.analysis.bundling.agreeing import agreeing
from tests.analysis.bundling.verify.small_town import S1, S2, Town
from tests.effort import examples


@cache
def valid():
    """A valid plan, its data, and the policy it goes by."""
    dataset, document = Town().kept()
    document["rules"]["staffing_norms"] = list(rules_from_policy(read_policy(), mode="mixed").staffing_norms)
    policy = agreeing(document)
    document |= {"chosen": [], "policy_sha256": policy.sha256}
    document["rules"]["policy_name"] = policy.name
    assert verify_plan(dataset, document, policy).rules_differ == ()
    assert verify_plan(dataset, document, policy).ok
    return dataset, document, policy


@pytest.fixture(scope="module")
def made():
    return valid()


def area(plan, number):
    return plan["areas"][number]


def moved(unit, source, target):
    def change(plan):
        area(plan, source)["unit_ids"].remove(unit)
        area(plan, target)["unit_ids"].append(unit)

    return change


def set_in(*path):
    *way, last, value = path

    def change(plan):
        part = plan
        for step in way:
            part = part[step]
        part[last] = value

    return change


def drop(plan, unit):
    area(plan, 1)["unit_ids"].remove(unit)


def out_of_scope(unit, reason):
    def change(plan):
        area(plan, 1)["unit_ids"].remove(unit)
        plan["out_of_scope"].append({"unit_id": unit, "reason": reason})

    return change


PERMIT = {
    "permit_id": "X1",
    "unit_a": "old1",
    "unit_b": "west",
    "street_a": S1,
    "street_b": S2,
    "reason": "批准",
    "document_no": "1号",
}
FORGERIES = {
    "a unit twice": lambda p: area(p, 0)["unit_ids"].append("west"),
    "a unit that is not there": lambda p: area(p, 0)["unit_ids"].append("ghost"),
    "a unit left out": lambda p: drop(p, "east"),
    "an anchor that is no member": set_in("areas", 0, "anchor_unit_id", "west"),
    "an anchor taken away": set_in("areas", 0, "anchor_unit_id", None),
    "an anchor given": set_in("areas", 1, "anchor_unit_id", "west"),
    "households of an area": set_in("areas", 0, "households", 9999),
    "households missing": set_in("areas", 0, "households", None),
    "floor area of an area": set_in("areas", 1, "floor_area_m2", 1.0),
    "street of an area": set_in("areas", 0, "street_code", S2),
    "a street nobody has": set_in("areas", 1, "street_code", "999999999"),
    "a unit across the wall": moved("old1", 0, 1),
    "a unit beyond the railway": moved("east", 1, 0),
    "a professional unit taken in": lambda p: (
        area(p, 1)["unit_ids"].append("pro"),
        p["out_of_scope"].remove({"unit_id": "pro", "reason": "anchor_ineligible"}),
    ),
    "a new community taken in": lambda p: (
        area(p, 1)["unit_ids"].append("new"),
        p["out_of_scope"].remove({"unit_id": "new", "reason": "not_a_target"}),
    ),
    "a handed-over community taken in": lambda p: (
        area(p, 1)["unit_ids"].append("given"),
        p["out_of_scope"].remove({"unit_id": "given", "reason": "special_needs_confirmation"}),
    ),
    "owners who refuse taken in": lambda p: (
        area(p, 1)["unit_ids"].append("nay"),
        p["out_of_scope"].remove({"unit_id": "nay", "reason": "owner_unwilling"}),
    ),
    "a unit without a place taken in": lambda p: (
        area(p, 0)["unit_ids"].append("blank"),
        p["out_of_scope"].remove({"unit_id": "blank", "reason": "not_placed"}),
    ),
    "unwilling by the plan alone": out_of_scope("east", "owner_unwilling"),
    "locked out without a lock": out_of_scope("east", "locked_out"),
    "handed over by the plan alone": out_of_scope("east", "special_needs_confirmation"),
    "not placed by the plan alone": out_of_scope("east", "not_placed"),
    "data missing by the plan alone": out_of_scope("east", "data_missing"),
    "another street by the plan alone": out_of_scope("east", "street_not_chosen"),
    "managed by the plan alone": out_of_scope("east", "already_well_managed"),
    "households left over": set_in("levels", 0, "value", 0),
    "household-metres": set_in("levels", 1, "value", 1),
    "a bound above the value": set_in("levels", 0, "bound", 10**6),
    "a gap": set_in("levels", 0, "gap", 0.5),
    "a level left out": lambda p: p["levels"].pop(),
    "infeasible with areas": set_in("status", "infeasible"),
    "a mode of its own": set_in("mode", "whole"),
    "both modes": lambda p: (set_in("mode", "whole")(p), set_in("rules", "mode", "whole")(p)),
    "a permit invented": set_in("permits", [PERMIT]),
    "a permit without a name": set_in("permits", ["free"]),
    "a lock it does not keep": set_in("locks", [{"kind": "out", "unit_ids": ["old1"]}]),
    "a lock of no form": set_in("locks", [{"kind": "whatever"}]),
    "a policy of zeros": set_in("policy_sha256", "0" * 64),
    "another policy": set_in("policy_sha256", "ab" * 32),
    "the name of the policy": set_in("rules", "policy_name", "甲"),
    "a choice that is none": set_in("chosen", [{"rule": "lower", "value": 1, "policy": 1000, "by": "甲"}]),
    "a choice by nobody": set_in("chosen", [{"rule": "lower", "value": 1000, "policy": 1000, "by": ""}]),
    "areas beyond those asked for": set_in("rules", "areas", 5),
    "streets chosen": set_in("rules", "streets", [S1]),
    "the schema": set_in("schema", "pianqu.plan/9"),
}


def silent(made, plan):
    """Whether verify says the same of a plan as of the valid one."""
    dataset, document, policy = made
    before = verify_plan(dataset, document, policy)
    try:
        found = verify_plan(dataset, plan, policy)
    except StalePlanError:
        return False  # refused aloud: it names other data
    return (found.ok, make_verdict(found).zh) == (before.ok, make_verdict(before).zh)


@pytest.mark.parametrize("kind", FORGERIES)
def test_no_forgery_passes_in_silence(made, kind):
    plan = copy.deepcopy(made[1])
    FORGERIES[kind](plan)
    assert plan != made[1]
    assert not silent(made, plan)


def test_a_reason_that_is_none_is_told_without_a_graph(made):
    dataset, document, policy = made
    assert not dataset.has("edges")
    plan = copy.deepcopy(document)
    plan["left_over"][0]["reason"] = "no_neighbourx"
    assert [v.rule for v in verify_plan(dataset, plan, policy).violations] == ["reasons"]


def test_there_are_kinds_enough():
    assert len(FORGERIES) >= 25


@pytest.mark.parametrize("rule", sorted(rules_from_policy(read_policy(), mode="mixed").__dataclass_fields__))
def test_a_rule_taken_out_of_the_plan_is_no_way_round_it(made, rule):
    """A plan that does not name a rule is held to what plans of old were made by, and told."""
    plan = copy.deepcopy(made[1])
    plan["rules"].pop(rule, None)
    dataset, _, policy = made
    strict = policy.replaced({"anchor.radius_m": 50, "neighbour.facing_m": 30, "neighbour.gap_m": 5})
    kept = verify_plan(dataset, plan, strict)
    assert not kept.ok


# --- a law -------------------------------------------------------------------------------------------

OWN = {("seed",), ("seconds",)}
"""What nothing but the plan can tell: `find_unverifiable` says so with every verdict."""


def leaves(part, path=()):
    """Every single value of a document with its path."""
    if isinstance(part, dict):
        return [leaf for key, value in part.items() for leaf in leaves(value, (*path, key))]
    if isinstance(part, list) and part:
        return [leaf for k, value in enumerate(part) for leaf in leaves(value, (*path, k))]
    return [(path, part)]


def is_own_word(path):
    is_name = path[0] == "areas" and path[-1] in ("name", "area_id")
    return path in OWN or is_name


def other(value, draw):
    """Another value of the same kind, which means something else."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + draw(st.integers(2, 10**6))
    if isinstance(value, str):
        return value + draw(st.sampled_from(["x", "0", "甲"]))
    if value is None:
        return draw(st.integers(1, 10**6))
    return [draw(st.sampled_from(["x", "lead"]))]


@settings(max_examples=examples(60), deadline=None)
@given(data=st.data())
def test_any_single_value_changed_is_told(data):
    document = valid()[1]
    paths = [(path, value) for path, value in leaves(document) if not is_own_word(path)]
    path, value = data.draw(st.sampled_from(paths), label="path")
    plan = copy.deepcopy(document)
    part = plan
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = other(value, data.draw)
    assert not silent(valid(), plan), path
