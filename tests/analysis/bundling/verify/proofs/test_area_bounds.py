"""Bounds of mode "area" are never above the best of all plans; levels and rules are as plain reckoning has them."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.verify.account import check_account
from analysis.bundling.verify.conditions.companies import check_companies
from analysis.bundling.verify.conditions.membership import check_capacity, check_scope, check_size
from analysis.bundling.verify.proofs.area_bounds import ConnectedGroups, recompute_area_bounds
from analysis.bundling.verify.statements.planned_units import PlannedUnits
from analysis.bundling.verify.statements.totals import check_levels
from tests.analysis.bundling.verify.drawn_areas import draw_areas
from tests.effort import examples


def find_plans(town):
    """Every plan with its values."""
    return [(areas, led, town.values(areas, led)) for areas, led in town.plans()]


def bounds_of(town, areas, led):
    planned = PlannedUnits(town.context(areas, led))
    return recompute_area_bounds(planned, price_m=town.rules.area_worth)


def no_worse(plans, value, *names):
    return [other for *_, other in plans if all(other[name] <= value[name] for name in names)]


@settings(max_examples=examples(120), deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 6))
def test_no_plan_is_below_what_is_proven(seed, n):
    town = draw_areas(seed, n)
    plans = find_plans(town)
    areas, led, value = random.Random(seed).choice(plans)
    found = bounds_of(town, areas, led)
    above = ("left_over_households", "unled_households")
    for name, conditions in (
        ("left_over_households", ()),
        ("not_led_households", ()),
        ("unled_households", above[:1]),
        ("areas", above),
        ("areas_outside_preferred", above[:1]),
        ("household_metres", above),
        ("walks_and_areas", above),
        ("households_led_by_old", above),
    ):
        least = min(other[name] for other in no_worse(plans, value, *conditions))
        assert found.levels[name] <= least, name
    assert not found.most or found.most["not_led_households"] >= found.levels["not_led_households"]


def test_areas_outside_the_window_are_proven_somewhere_and_always_of_single_units():
    n_proven = 0
    for seed in range(20):
        town = draw_areas(seed, 4)
        areas, led, _ = min(find_plans(town), key=lambda plan: plan[2]["left_over_households"])
        n_proven += bounds_of(town, areas, led).levels["areas_outside_preferred"] > 0
    assert n_proven > 5


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 5))
def test_no_plan_is_below_what_is_proven_of_a_street(seed, n):
    town = draw_areas(seed, n)
    areas, led, _ = random.Random(seed).choice(find_plans(town))
    found = bounds_of(town, areas, led)
    for street in set(town.street.values()):
        here = {u for u in town.units if town.street[u] == street}

        def part(areas, led, here=here):
            return town.values([a for a in areas if a[0] in here], {u: a for u, a in led.items() if u in here})

        inside = {u for area in areas for u in area}
        left = sum(town.households[u] for u in here if town.asks_area(u) and u not in inside)
        own = part(areas, led)
        others = [
            (values, sum(town.households[u] for u in here if town.asks_area(u) and all(u not in a for a in some)))
            for some, who in town.plans()
            for values in [part(some, who)]
        ]
        assert found.left_over[street] <= min(lost for _, lost in others)
        assert found.unled[street] <= min(v["unled_households"] for v, lost in others if lost <= left)
        fair = [v for v, lost in others if lost <= left and v["unled_households"] <= own["unled_households"]]
        assert found.metres[street] <= min(v["household_metres"] for v in fair)


@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 9), name=st.integers(0, 7))
def test_levels_are_what_plain_reckoning_gives_and_one_more_is_told(seed, n, name):
    town, dice = draw_areas(seed, n), random.Random(seed)
    areas = {}
    for unit in town.units:
        areas.setdefault(dice.randint(0, n // 2), []).append(unit)
    areas.pop(0, None)
    groups = [tuple(area) for area in areas.values()]
    led = {}
    for area in groups:
        anchors = [u for u in area if town.role[u] == "anchor"]
        led |= {u: dice.choice(anchors) for u in area if anchors and town.role[u] == "target" and dice.random() < 0.7}
    assert list(check_levels(town.context(groups, led))) == []
    levels = town.document(groups, led)["levels"]
    levels[name]["value"] += 1 + levels[name]["value"] // 1000
    found = list(check_levels(town.context(groups, led, levels=levels)))
    assert [violation.rule for violation in found] == ["levels"]


@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(2, 5))
def test_rules_are_kept_by_the_plans_that_plain_reckoning_lets_pass_and_by_no_other(seed, n):
    town, dice = draw_areas(seed, n), random.Random(seed)
    lawful = {(frozenset(map(frozenset, areas)), frozenset(led.items())) for areas, led in town.plans()}
    areas = {}
    for unit in town.units:
        areas.setdefault(dice.randint(0, 2), []).append(unit)
    areas.pop(0, None)
    groups = [tuple(area) for area in areas.values()]
    led = {}
    for area in groups:
        for unit in area:
            near = [a for a in area if town.may_lead(a, unit)]
            led |= {unit: dice.choice(near)} if near and dice.random() < 0.8 else {}
    context = town.context(groups, led)
    checks = (check_scope, check_size, check_capacity, check_companies)
    broken = [violation for check in checks for violation in check(context)]
    on_the_ground = all(map(town.is_connected, groups)) and town.is_in_reach(groups, led)
    is_lawful = (frozenset(map(frozenset, groups)), frozenset(led.items())) in lawful
    assert is_lawful == (not broken and on_the_ground)


def claim(levels, name, bound, method="leader_assignment_lp"):
    one = next(level for level in levels if level["name"] == name)
    gap = (one["value"] - bound) / one["value"] if one["value"] else 0.0
    one |= {"bound": bound, "gap": gap, "method": method}


def unfinished():
    """A town where nobody leads though somebody could, and its plan."""
    for seed in range(1000):
        town = draw_areas(seed, 5)
        plans = [plan for plan in find_plans(town) if not plan[1] and plan[2]["unled_households"] > 0]
        best = min(value["not_led_households"] for *_, value in find_plans(town))
        for areas, led, value in plans:
            if value["not_led_households"] > best + 100 and town.rules.scope == "targets":
                return town, areas, led
    raise AssertionError


@pytest.mark.parametrize("method", ["leader_assignment_lp", "leader_assignment_mip"])
@pytest.mark.parametrize("name", ["not_led_households", "unled_households"])
def test_a_bound_above_what_leading_can_prove_is_false(name, method):
    town, areas, led = unfinished()
    found = bounds_of(town, areas, led)
    value = {level["name"]: level["value"] for level in town.document(areas, led)["levels"]}[name]
    for bound, rules in ((found.levels[name], set()), (value, {"levels"})):
        levels = town.document(areas, led)["levels"]
        claim(levels, name, bound, method)
        violations, unchecked = check_account(town.context(areas, led, levels=levels))
        assert {violation.rule for violation in violations if violation.rule == "levels"} == rules
        assert name not in {one for row in unchecked for one in row.names}


def test_a_bound_of_areas_outside_is_proven_or_said_to_rest_on_models():
    town = draw_areas(6, 4)
    areas, led, value = find_plans(town)[3]
    proven = bounds_of(town, areas, led).levels["areas_outside_preferred"]
    assert 0 < proven < value["areas_outside_preferred"]
    for bound in (proven, proven + 1):
        levels = town.document(areas, led)["levels"]
        claim(levels, "areas_outside_preferred", bound, "component_models")
        _, unchecked = check_account(town.context(areas, led, levels=levels))
        told = [row for row in unchecked if row.names == ("areas_outside_preferred",)]
        assert len(told) == (bound > proven)
        assert all("models of groups of neighbours" in row.sentence_en for row in told)


def test_a_bound_by_another_method_is_said_not_to_be_checked():
    town, areas, led = unfinished()
    levels = town.document(areas, led)["levels"]
    claim(levels, "not_led_households", levels[2]["value"])
    levels[2]["method"] = "branch_and_bound"
    violations, unchecked = check_account(town.context(areas, led, levels=levels))
    assert "levels" not in {violation.rule for violation in violations}
    assert "not_led_households" in {one for row in unchecked for one in row.names}


def test_a_group_that_is_too_light_is_left_over_whatever_is_done():
    town = draw_areas(1, 6)
    groups = ConnectedGroups(PlannedUnits(town.context((), {})))
    for group, least in zip(groups.groups, groups.least_by_group, strict=True):
        people = sum(town.households[town.units[i]] for i in group)
        asking = sum(town.households[town.units[i]] for i in group if town.asks_area(town.units[i]))
        assert least == asking if people < town.rules.lower else least <= asking
