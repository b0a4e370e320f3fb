"""Areas with leaders inside: a plan that keeps every rule passes; each rule broken once is told, and nothing else."""

import copy

import pytest

from analysis.bundling.verify.verify import verify_plan
from tests.analysis.bundling.agreeing import agreeing
from tests.analysis.bundling.verify.area_town import AreaTown, led_by
from tests.analysis.bundling.verify.small_town import (
    S1,
    S2,
    drop_at,
    permit_for,
    rules_broken,
    set_at,
    set_units,
    with_rules,
    with_table,
)


def broken(*changes, after=None):
    """Rules that a plan breaks, whose tables and areas were changed before it was written, or itself after."""
    town = AreaTown()
    for change in changes:
        change(town)
    return set(rules_broken(town, after))


def add_alone(town):
    town.left_over = {}
    town.areas[1]["units"].append("alone")
    town.unled["alone"] = "no_anchor_in_area"


def managed_alone(town):
    """The two managed communities as an area of their own."""
    town.units.loc[["new", "pro"], "households"] = 600
    town.areas[1]["units"] = ["east", "mid", "west"]
    town.areas.append({"area_id": f"P-{S2}-002", "street": S2, "units": ["new", "pro"], "led": {}})


def no_crossing(town):
    town.crossings = town.crossings[:0]


def pro_leads(*units, **values):
    """Let the managed community of the second area lead: under contract, of a company of its own."""

    def change(town):
        town.units.loc["pro", "company_id"] = "k2"
        for column, value in values.items():
            town.units.loc["pro", column] = value
        row = {"contract_id": "h2", "unit_id": "pro", "company_id": "k2", "end_date": "2029-01-31"}
        town.contracts.loc[1] = row
        town.companies.loc[1] = {"company_id": "k2", "name": "乙物业", "credit_rating": "A", "blacklisted": False}
        led_by(town, "pro", *units, area=1)
        taken = town.units.loc[list(units), "floor_area_m2"].sum()
        for unit in town.unled:
            is_large = town.units.loc[unit, "floor_area_m2"] > town.units.loc["pro", "floor_area_m2"]
            full = taken + town.units.loc[unit, "floor_area_m2"] > town.units.loc["pro", "floor_area_m2"]
            town.unled[unit] = "anchor_too_small" if is_large else "anchor_full" if full else "could_be_led"

    return change


def lock(kind, *units, **more):
    return lambda plan: plan["locks"].append({"kind": kind, "unit_ids": list(units), **more})


PASSES = {
    "as it is": [],
    "a second leader": [pro_leads("west")],
    "two leaders in one area": [
        pro_leads("west"),
        set_units("management_mode", {"new": "professional"}),
        set_units("company_id", {"new": "k1"}),
        lambda t: t.contracts.loc.__setitem__(2, ["h3", "new", "k1", "2030-01-01"]),
        set_units("floor_area_m2", {"new": 33_000}),
        lambda t: led_by(t, "new", "mid", area=1),
        lambda t: t.unled.update(east="anchor_full"),
    ],
    "one member alone above the most": [with_rules(upper=1700), set_units("households", {"new": 1800})],
    "handed over and confirmed": [set_units("special_type", {"new": "soe_transfer"}), permit_for("new")],
    "every unit asks": [with_rules(scope="all")],
    "a member that nobody needs": [
        lambda t: t.areas[1]["units"].remove("new"),
        lambda t: t.out_of_scope.update(new="member_unused"),
    ],
    "old leaders": [set_units("built_year", {"lead": 1990})],
}


@pytest.mark.parametrize("changes", PASSES.values(), ids=PASSES)
def test_plans_that_keep_every_rule_pass(changes):
    assert broken(*changes) == set()


BROKEN = {
    "a unit larger than its leader": ("R13", set_units("floor_area_m2", {"old1": 61_000})),
    "more than its leader has room for": ("R13", set_units("floor_area_m2", {"old1": 40_000, "old2": 30_000})),
    "more than its company may take on": ("R15", with_rules(company_growth=0.3)),
    "beyond the radius of its leader": ("R26", with_rules(radius_m=300.0)),
    "managed members far from the medoid": ("R26", with_rules(reach_m=140.0)),
    "a leader that is not managed": ("R10", set_units("management_mode", {"lead": "none"})),
    "a leader whose contract ends": ("R10", with_table("contracts", end_date="2026-12-31")),
    "a leader whose company is blacklisted": ("R11", with_table("companies", blacklisted=True)),
    "a leader of low credit": ("R12", with_table("companies", credit_rating="B")),
    "a leader that is old, where it must not": (
        "R14",
        with_rules(must_be_new=True),
        set_units("built_year", {"lead": 1990}),
    ),
    "led without being a target": ("R01", set_units("kind", {"house": "community"})),
    "an area without a target": ("R01", managed_alone),
    "members that are neither, where they are not wanted": ("R01", with_rules(managed_members=False)),
    "too few households": ("R31", with_rules(lower=1100)),
    "too many households": ("R31", with_rules(upper=1500)),
    "more than the most beside the largest": ("R31", with_rules(upper=1500), set_units("households", {"new": 1600})),
    "two members above the most": ("R31", with_rules(upper=1500), set_units("households", {"new": 1600, "pro": 1600})),
    "a member without a known floor area": ("R31", set_units("floor_area_m2", {"new": None})),
    "a handed-over community": ("R05", set_units("special_type", {"pro": "soe_transfer"})),
    "owners who refuse": ("R40", set_units("merge_willingness", {"new": "no"})),
    "another street": ("R20", set_units("street_code", {"east": S1})),
    "not connected": ("R22", add_alone),
    "parted by a railway": ({"R23", "R26"}, no_crossing),  # and far on foot
}


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN)
def test_each_rule_that_is_broken_is_told(case):
    rule, *changes = case
    assert broken(*changes) == ({rule} if isinstance(rule, str) else rule)


FORGED = {
    "an anchor for all": ({"mode"}, set_at("areas", 0, "anchor_unit_id", "lead")),
    "too much floor area": ({"R31"}, set_at("rules", "bounds", 0, "upper", 100_000)),
    "a target as an idle member": (
        {"R03", "levels", "reasons", "sums"},
        lambda p: (
            p["areas"][1]["unit_ids"].remove("east"),
            p["out_of_scope"].append({"unit_id": "east", "reason": "member_unused"}),
        ),
    ),
    "a unit twice": (
        {"partition", "R20", "R22", "figures", "levels", "sums"},
        lambda p: p["areas"][0]["unit_ids"].append("west"),
    ),
    "households left over": ({"levels"}, set_at("levels", 0, "value", 0)),
    "households unled": ({"levels"}, set_at("levels", 1, "value", 0)),
    "households not led": ({"levels"}, set_at("levels", 2, "value", 150)),
    "areas outside the window": ({"levels"}, set_at("levels", 3, "value", 0)),
    "walks and areas": ({"levels"}, set_at("levels", 4, "value", 1)),
    "number of areas": ({"levels"}, set_at("levels", 5, "value", 1)),
    "household-metres": ({"levels"}, set_at("levels", 6, "value", 1)),
    "households led by old": ({"levels"}, set_at("levels", 7, "value", 9)),
    "a level left out": ({"levels"}, drop_at("levels", 2)),
    "an operator": ({"figures"}, set_at("areas", 1, "operator", "k1")),
    "no operator": ({"figures"}, set_at("areas", 0, "operator", None)),
    "companies": ({"figures"}, set_at("areas", 0, "company_ids", [])),
    "an oversize unit": ({"figures"}, set_at("areas", 0, "oversize_unit_ids", ["lead"])),
    "a window missed": ({"figures"}, set_at("areas", 1, "outside_preferred", ["members"])),
    "a window kept": ({"figures"}, set_at("areas", 0, "outside_preferred", [])),
    "nobody unled": ({"reasons"}, set_at("unled", [])),
    "led, and unled": ({"reasons"}, lambda p: p["unled"].append({"unit_id": "old1", "reason": "anchor_full"})),
    "a member as unled": ({"reasons"}, lambda p: p["unled"].append({"unit_id": "new", "reason": "no_anchor_in_area"})),
    "a reason there is not": ({"reasons"}, set_at("unled", 0, "reason", "so")),
    "no mode known": ({"reasons"}, set_at("unled", 0, "reason", "no_anchor_known")),
    "beyond the radius of nobody": ({"reasons"}, set_at("unled", 0, "reason", "beyond_radius")),
    "left over behind a barrier": ({"reasons"}, set_at("left_over", 0, "reason", "barrier")),
    "left over without an anchor": ({"reasons"}, set_at("left_over", 0, "reason", "no_adjacent_anchor")),
    "left over above the most": ({"reasons"}, set_at("left_over", 0, "reason", "above_max_size")),
    "leaders nobody is led by": ({"schema"}, set_at("areas", 1, "anchor_unit_ids", ["pro"])),
    "leaders left out": ({"schema"}, set_at("areas", 0, "anchor_unit_ids", [])),
    "a leader twice": ({"schema"}, set_at("areas", 0, "anchor_unit_ids", ["lead", "lead"])),
    "led, and no member": ({"schema"}, set_at("areas", 0, "led", "west", "lead")),
    "a leader of another area": ({"schema"}, set_at("areas", 0, "led", "old1", "pro")),
    "a leader that is led": ({"schema"}, set_at("areas", 0, "led", "old1", "old2")),
    "its own leader": ({"schema"}, set_at("areas", 0, "led", "lead", "lead")),
    "unled twice": ({"schema"}, lambda p: p["unled"].append(p["unled"][0])),
    "no list of the unled": ({"schema"}, drop_at("unled")),
    "no operators": ({"schema"}, drop_at("areas", 0, "operator")),
    "a window of one side": ({"schema"}, set_at("rules", "preferred_members", [3])),
    "leaders inside, in another mode": (
        {"schema"},
        lambda p: (set_at("mode", "whole")(p), set_at("rules", "mode", "whole")(p)),
    ),
    "locked to a leader it has not": ({"L06"}, lock("led_by", "east", with_unit_id="pro")),
    "locked away from its leader": ({"L07"}, lock("not_led_by", "old1", with_unit_id="lead")),
    "locked to lead nobody": ({"L08"}, lock("leads_nobody", "lead")),
    "locked out": ({"L05"}, lock("out", "pro")),
    "an area kept with other leaders": (
        {"L02"},
        lock("area_kept", "lead", "old1", "old2", "house", led={"old1": "lead"}),
    ),
    "a lock without its leader": ({"lock"}, lock("led_by", "east")),
}


@pytest.fixture(scope="module")
def made():
    return AreaTown().kept()


@pytest.mark.parametrize("case", FORGED.values(), ids=FORGED)
def test_what_a_plan_says_falsely_is_told(made, case):
    expected, change = case
    dataset, document = made
    forged = copy.deepcopy(document)
    change(forged)
    found = {violation.rule for violation in verify_plan(dataset, forged, agreeing(forged)).violations}
    assert found == expected


def test_locks_that_are_kept_pass(made):
    dataset, document = made
    plan = copy.deepcopy(document)
    for change in (
        lock("led_by", "old1", with_unit_id="lead"),
        lock("not_led_by", "east", with_unit_id="pro"),
        lock("leads_nobody", "pro"),
        lock("area_kept", "lead", "old1", "old2", "house", led=plan["areas"][0]["led"]),
        lock("area_kept", "lead", "old1", "old2", "house", anchor_unit_id="lead"),
        lock("together", "west", "new"),
        lock("apart", "west", "lead"),
    ):
        change(plan)
    assert verify_plan(dataset, plan, agreeing(plan)).violations == ()


def test_a_leader_that_cannot_be_is_told_to_be_unmet(made):
    dataset, document = made
    plan = copy.deepcopy(document)
    lock("led_by", "east", with_unit_id="pro")(plan)
    plan["notes"] = [{"rule": "L06", "lock": 0, "zh": "", "en": ""}]
    assert verify_plan(dataset, plan, agreeing(plan)).violations == ()
