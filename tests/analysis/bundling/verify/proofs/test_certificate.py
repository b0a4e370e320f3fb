"""Bounds proven again are never above the best of all plans, whatever the multipliers; no plan is accused."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.model.objectives import objectives_of
from analysis.bundling.solve.solve import solve
from analysis.bundling.solver.base.stop import StopAfter
from analysis.bundling.verify.account import check_account
from analysis.bundling.verify.proofs.bounds import recompute_bounds
from analysis.bundling.verify.statements.left_reasons import LeftOverReasons
from analysis.bundling.verify.statements.planned_units import PlannedUnits
from tests.analysis.bundling.drawn_data import context_of, dataset_of, document_of, lawful
from tests.analysis.bundling.solve.test_single_moves import could_be_placed
from tests.effort import examples

MODES = st.sampled_from(["lead", "whole", "mixed"])
PRICES = st.one_of(st.just(0.0), st.floats(0, 5), st.floats(0, 2e6))


def little(random_town, company_town, seed, mode, *, has_companies, **rules):
    share = {"lead": 0.3, "mixed": 0.2, "whole": 0.0}[mode]
    made = company_town if has_companies and mode != "whole" else random_town
    problem = made(seed, n=8, mode=mode, anchor_share=share, lower=500, upper=1000)
    return lawful(problem, **rules)


def optimum(problem, best_key):
    """Left over, unled, metres, and metres with the price of areas, of the best plans."""
    price_m = objectives_of(problem.rules).area_price_m or 0
    left, unled, metres = best_key(problem)
    return left, unled, metres, best_key(problem, lambda walked: (walked + price_m,))[2]


def check(problem, document, certificate, best_key):
    dataset = dataset_of(problem)
    planned = PlannedUnits(context_of(dataset, document))
    levels = recompute_bounds(planned, certificate).levels
    value = {level["name"]: level["value"] for level in document["levels"]}
    left, unled, metres, cost = optimum(problem, best_key)
    assert levels["left_over_households"] <= left
    if problem.rules.mode == "mixed":
        assert levels["unled_households"] <= unled
    if value["left_over_households"] >= left and value.get("unled_households", unled) >= unled:
        assert levels["household_metres"] <= metres
        if "walks_and_areas" in value:
            assert levels["walks_and_areas"] <= cost


@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES, companies=st.booleans(), data=st.data())
def test_whatever_the_multipliers_no_plan_is_below_what_they_prove(
    random_town, company_town, best_key, seed, mode, companies, data
):
    problem = little(random_town, company_town, seed, mode, has_companies=companies)
    document = document_of(problem, solve(problem, seed=1, stop=StopAfter(rounds=1)))
    n = int(problem.is_target.sum())
    prices = st.lists(PRICES, min_size=n, max_size=n)
    row = st.fixed_dictionaries(
        {
            "left_over": PRICES,
            "unled": PRICES,
            "prices": prices,
            "companies": st.dictionaries(st.sampled_from(["k0", "k1", "k9"]), st.floats(0, 10)),
        }
    )
    names = ["left_over_households", "not_led_households", "household_metres", "walks_and_areas"]
    levels = data.draw(st.dictionaries(st.sampled_from(names), st.lists(row, max_size=2)))
    check(problem, document, {"levels": levels}, best_key)


@pytest.mark.parametrize(
    ("name", "price"),
    [("household_metres", "unled"), ("left_over_households", "left_over"), ("left_over_households", "unled")],
)
def test_prices_that_a_level_is_not_made_of_prove_nothing(random_town, best_key, name, price):
    """Households not led cost nothing in mode "whole", one left over counts once."""
    problem = little(random_town, None, 54, "whole", has_companies=False)
    document = document_of(problem, solve(problem, seed=1, stop=StopAfter(rounds=1)))
    n = int(problem.is_target.sum())
    served = 0.0 if price == "left_over" else 13175.0
    row = {"left_over": 5e5, "unled": 0.0, "prices": [served] * n, "companies": {}} | {price: 107.0}
    check(problem, document, {"levels": {name: [row]}}, best_key)


@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES, companies=st.booleans(), area_m=st.sampled_from([0, 10**5]))
def test_certificates_prove_no_more_than_is_so_and_nobody_is_accused(
    random_town, company_town, best_key, seed, mode, companies, area_m
):
    problem = little(random_town, company_town, seed, mode, has_companies=companies, area_worth=area_m)
    document = document_of(problem, solve(problem, seed=1, stop=StopAfter(rounds=1)))
    check(problem, document, document["certificate"], best_key)
    violations, _ = check_account(context_of(dataset_of(problem), document))
    assert violations == ()


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES, companies=st.booleans(), rounds=st.integers(0, 1))
def test_reasons_of_a_town_hold_and_its_bounds_stay_below(
    random_town, company_town, broken_rules, seed, mode, companies, rounds
):
    share = 0.0 if mode == "whole" else 0.2
    made = company_town if companies and mode != "whole" else random_town
    problem = lawful(made(seed, n=40, mode=mode, anchor_share=share, lower=1000, upper=2500))
    result = solve(problem, seed=seed, stop=StopAfter(rounds=rounds))
    document = document_of(problem, result)
    case = context_of(dataset_of(problem), document)
    violations, _ = check_account(case)
    assert violations == ()
    value = {level["name"]: level["value"] for level in document["levels"]}
    proven = recompute_bounds(PlannedUnits(case), document.get("certificate")).levels
    assert all(proven[name] <= value[name] for name in value)


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES, data=st.data())
def test_whom_one_move_could_place_is_found_as_by_trying_all_moves(random_town, broken_rules, seed, mode, data):
    """The independent check against the judge of plans: units taken out by hand."""
    share = 0.0 if mode == "whole" else 0.2
    problem = lawful(random_town(seed, n=30, mode=mode, anchor_share=share))
    result = solve(problem, seed=seed, stop=StopAfter(rounds=0))
    out = [
        unit
        for unit in data.draw(st.lists(st.integers(0, problem.n_units - 1), max_size=5))
        if unit not in problem.anchors
    ]
    plan = result.plan.moved(out, -1)
    alone = [k for k, a in enumerate(plan.anchor_of) if a >= 0 and len(plan.members(k)) == 1]
    plan = plan.moved(np.flatnonzero(np.isin(plan.area_of, alone)), -1).without_empty_areas()
    if broken_rules(problem, plan) or not plan.n_areas:
        return
    document = document_of(problem, replace(result, plan=plan))
    planned = PlannedUnits(context_of(dataset_of(problem), document))
    reasons = LeftOverReasons(planned)
    left = [planned.place[row["unit_id"]] for row in document["left_over"]]
    found = [unit for unit in left if reasons.find_insertion(unit)]
    assert found == could_be_placed(problem, plan, broken_rules)


@pytest.mark.parametrize("mode", ["lead", "whole", "mixed"])
def test_most_of_a_bound_is_proven_again(random_town, mode):
    problem = lawful(random_town(3, n=60, mode=mode, anchor_share=0.0 if mode == "whole" else 0.2))
    document = document_of(problem, solve(problem, seed=1, stop=StopAfter(rounds=40)))
    proven = recompute_bounds(PlannedUnits(context_of(dataset_of(problem), document)), document["certificate"]).levels
    for level in document["levels"]:
        if level["name"] in ("left_over_households", "unled_households", "household_metres"):
            assert proven[level["name"]] >= 0.5 * level["bound"]


@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 10**6), area_m=st.sampled_from([0, 10**5]))
def test_small_towns_without_anchors_are_solved_and_proven_again_to_the_full(random_town, best_key, seed, area_m):
    """Plan and bounds are the best of all plans after one round; the check finds the same by itself."""
    problem = little(random_town, None, seed, "whole", has_companies=False, area_worth=area_m)
    problem = replace(problem, objective=objectives_of(problem.rules).objective())
    result = solve(problem, seed=1, stop=StopAfter(rounds=1))
    left, _, metres, cost = optimum(problem, best_key)
    assert (result.score.left_over_households, result.bound.left_over_households) == (left, left)
    walks = result.score.household_metres
    assert walks + area_m * result.plan.n_areas == (cost if area_m else metres)
    assert result.bound.household_metres == metres
    document = document_of(problem, result)
    proven = recompute_bounds(PlannedUnits(context_of(dataset_of(problem), document)), document["certificate"]).levels
    for level in document["levels"]:
        if level["name"] in ("left_over_households", "household_metres", "walks_and_areas"):
            assert proven[level["name"]] == level["bound"]


def test_without_a_graph_nothing_is_claimed(random_town):
    problem = lawful(random_town(3, n=20, mode="whole"))
    dataset = dataset_of(problem)
    document = document_of(problem, solve(problem, seed=1, stop=StopAfter(rounds=0)), dataset)
    bare = replace(dataset, frames={k: f for k, f in dataset.frames.items() if k != "edges"})
    violations, unchecked = check_account(context_of(bare, document))
    assert [one.what for one in unchecked if one.what == "reasons"] == ["reasons"]
    assert all(one.rule != "reasons" for one in violations)
