"""The list of rules says for which areas each holds."""

from analysis.bundling.document.summary import RuleScope, find_rule_scopes


def test_sizes_bind_every_area_that_has_leaders_inside():
    areas = [
        {"anchor_unit_id": None, "anchor_unit_ids": ["a"], "outside_preferred": ["members"]},
        {"anchor_unit_id": None, "anchor_unit_ids": [], "outside_preferred": []},
        {"anchor_unit_id": None, "anchor_unit_ids": ["b", "c"], "outside_preferred": ["members", "floor_area"]},
    ]
    found = find_rule_scopes({"mode": "area", "areas": areas})
    assert found["size.households"] == RuleScope("all", 3, 3)
    assert found["anchor.radius_m"] == RuleScope("with_leader", 2, 3)
    assert found["area.preferred_members"] == RuleScope("inside", 1, 3)
    assert found["area.preferred_floor_area_m2"] == RuleScope("inside", 2, 3)


def test_sizes_bind_no_area_that_an_anchor_leads():
    areas = [{"anchor_unit_id": "a"}, {"anchor_unit_id": "b"}, {"anchor_unit_id": None}]
    found = find_rule_scopes({"mode": "mixed", "areas": areas})
    assert found["size.households"] == RuleScope("without_leader", 1, 3)
    assert found["anchor.capacity_ratio"] == RuleScope("with_leader", 2, 3)


def test_a_plan_without_areas_has_no_area_for_any_rule():
    assert {scope.n for scope in find_rule_scopes({"mode": "area", "areas": []}).values()} == {0}
