"""Every unit of a plan has one role, in every mode."""

from analysis.bundling.document.roles import ROLE_NAMES, ROLES, find_leaders, list_roles

WHOLE = {"areas": [], "left_over": [], "out_of_scope": []}


def roles(document, special=()):
    return {row.unit_id: row.role for row in list_roles(document, special)}


def test_one_anchor_leads_the_whole_area():
    area = {"area_id": "P-1", "anchor_unit_id": "a", "unit_ids": ["a", "b", "c"]}
    plan = {**WHOLE, "areas": [area]}
    assert roles(plan, {"c"}) == {"a": "anchor", "b": "absorbed", "c": "companion"}
    assert find_leaders(area) == {"b": "a", "c": "a"}


def test_an_area_without_an_anchor_has_members_alone():
    area = {"area_id": "P-1", "anchor_unit_id": None, "unit_ids": ["a", "b"]}
    assert roles({**WHOLE, "areas": [area]}, {"b"}) == {"a": "member", "b": "member"}


def test_several_leaders_inside_an_area():
    led = {"b": "a", "d": "c"}
    area = {"area_id": "P-1", "anchor_unit_id": None, "unit_ids": list("abcdefg"), "led": led}
    plan = {**WHOLE, "areas": [area], "unled": [{"unit_id": "e", "reason": "anchor_full"}]}
    found = {row.unit_id: row for row in list_roles(plan, {"d", "e", "g"})}
    assert {unit: row.role for unit, row in found.items()} == {
        "a": "anchor",
        "b": "absorbed",
        "c": "anchor",
        "d": "companion",
        "e": "unled",
        "f": "member",
        "g": "companion",
    }
    assert (found["d"].leader_unit_id, found["g"].leader_unit_id) == ("c", None)
    assert found["e"].sentence.zh == "能带入它的牵头小区带入量已满, 或剩余带入量不够。"


def test_units_in_no_area_carry_their_reason():
    plan = {
        **WHOLE,
        "left_over": [{"unit_id": "a", "reason": "no_neighbour"}],
        "out_of_scope": [{"unit_id": "b", "reason": "not_a_target"}],
    }
    assert [(row.role, row.reason, row.area_id) for row in list_roles(plan)] == [
        ("left_over", "no_neighbour", None),
        ("out_of_scope", "not_a_target", None),
    ]


def test_every_role_has_a_name():
    assert set(ROLE_NAMES) == set(ROLES)
    assert len({name.zh for name in ROLE_NAMES.values()}) == len(ROLES)
