"""Rules from a policy, and what a planner chose instead of it."""

from analysis.bundling.model.rules import planner_choices, rules_from_policy
from tests.analysis.bundling.agreeing import policy_of_areas

POLICY = policy_of_areas()


def test_choices_are_recorded_with_the_policys_value():
    rules = rules_from_policy(
        POLICY, lower=800, within="none", company_limit=False, bounds=["members=3:12"], mode="mixed"
    )
    record = planner_choices(rules, POLICY, "李四", management_known=True)
    assert {one["rule"]: one["policy"] for one in record} == {
        "mode": "area",
        "within": "street",
        "lower": 1000,
        "company_growth": 0.3,
        "bounds": [],
    }
    assert {one["by"] for one in record} == {"李四"}
