"""The rules in force are the policy's: areas with leaders inside have bounds of their own."""

from analysis.bundling.verify.base.schema import BoundPart, RulesPart
from analysis.bundling.verify.rules_in_force import rules_in_force
from tests.analysis.bundling.agreeing import policy_of_areas
from tests.analysis.bundling.verify.area_town import AreaTown

POLICY = policy_of_areas()


def test_areas_with_leaders_inside_have_bounds_of_households_and_of_floor_area():
    _, document = AreaTown().kept()
    policy = POLICY
    rules = RulesPart.model_validate(document["rules"])
    assert rules_in_force(policy, rules, management_known=True)["bounds"] == (
        BoundPart(weight="floor_area", lower=0, upper=500_000),
    )
    by_floor = rules.model_copy(update={"weight": "floor_area"})
    assert rules_in_force(policy, by_floor, management_known=True)["bounds"] == (
        BoundPart(weight="households", lower=1000, upper=4000),
    )
    assert rules_in_force(policy, rules.model_copy(update={"mode": "whole"}), management_known=True)["bounds"] == ()
