"""What a plan records of the policy and of its choices is what its rules hold."""

import pytest

from analysis.bundling.verify.verify import verify_plan
from tests.analysis.bundling.verify.small_town import forged


def test_records_that_say_something_else_are_told(made):
    dataset, document, policy = made
    plan = forged(document, lower=700)
    plan["chosen"] = [{"rule": "lower", "value": 800, "policy": 1000, "by": "张三"}]
    found = verify_plan(dataset, plan, policy)
    assert {"lower", "chosen.lower"} <= {one.rule for one in found.faults}
    plan = forged(document, lower=800)
    plan["chosen"] = [{"rule": "lower", "value": 800, "policy": 800, "by": "张三"}]
    assert [one.rule for one in verify_plan(dataset, plan, policy).faults] == ["chosen.lower"]


def test_rules_nobody_knows_are_told(made):
    dataset, document, policy = made
    found = verify_plan(dataset, forged(document, gap_free_for_all=True), policy)
    assert [one.rule for one in found.faults] == ["gap_free_for_all"]


@pytest.mark.parametrize("sha", ["0" * 64, "f" * 64, "none", "A" * 64])
def test_a_hash_that_no_policy_has_is_a_fault(made, sha):
    dataset, document, policy = made
    found = verify_plan(dataset, {**document, "policy_sha256": sha}, policy)
    assert [one.rule for one in found.faults] == ["policy_sha256"]


def test_a_policy_changed_since_is_told_and_no_fault_where_no_value_differs(made):
    dataset, document, policy = made
    document = {**document, "rules": {**document["rules"], "policy_name": policy.name}}
    other = policy.replaced({"ebike.bikes_per_port": 2})
    found = verify_plan(dataset, document, other)
    assert [one.rule for one in found.rules_differ] == ["policy_sha256"]
    assert found.ok
    narrower = policy.replaced({"anchor.radius_m": 400})
    found = verify_plan(dataset, document, narrower)
    assert [(one.rule, one.plan, one.policy) for one in found.faults] == [("radius_m", 1000.0, 400)]
