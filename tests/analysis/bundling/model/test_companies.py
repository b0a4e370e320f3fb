"""No company takes on more than it may (R15): in plans, bounds, repairs, locks and what is told of them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.document.left_over_reasons import explain_left_over
from analysis.bundling.evaluation.company_allowance import floor_area_taken
from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.explain.infeasibility import find_causes
from analysis.bundling.explain.relaxation_analysis import fill_areas
from analysis.bundling.explain.relaxations import find_relaxations
from analysis.bundling.locks.locks import Lock
from analysis.bundling.model.companies import build_companies
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import build_problem
from analysis.bundling.model.rules import rules_from_policy
from analysis.bundling.reassign.repair import repair
from analysis.bundling.solve.capacity_allocation import initial_allocation, reallocate_unused
from analysis.bundling.solve.left_over_bounds import left_over_bound
from analysis.bundling.solve.metres_bounds import metres_bounds
from analysis.bundling.solve.solve import solve
from analysis.bundling.solve.with_locks import solve_with_locks
from analysis.bundling.solver.base.bound_limits import step_budget
from analysis.bundling.solver.base.stop import StopAfter
from analysis.bundling.solver.base.subproblem import split_lead
from analysis.policy import read_policy
from tests.effort import examples

POLICY = read_policy()
ROUNDS = StopAfter(rounds=2)
MODES = st.sampled_from(["lead", "mixed"])
NO_PAIRS = pd.DataFrame({"unit_a": [], "unit_b": [], "allowed": [], "blocked_by": []})


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES, tightness=st.sampled_from([0.0, 0.2, 0.5, 2.0]))
def test_every_plan_keeps_what_companies_may_take_on(company_town, broken_rules, seed, mode, tightness):
    problem = company_town(seed, mode=mode, anchor_share=0.2, n_walls=3, tightness=tightness)
    plan = solve(problem, seed=seed, stop=ROUNDS).plan
    assert broken_rules(problem, plan) == []
    assert plan_faults(problem, plan) == ()


@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 10**6), tightness=st.sampled_from([0.2, 0.5, 0.8]))
def test_no_plan_beats_the_bounds(company_town, best_score, seed, tightness):
    problem = company_town(seed, n=8, mode="lead", anchor_share=0.3, tightness=tightness, n_walls=1)
    left, metres = best_score(problem)
    assert left_over_bound(problem) <= left
    bound, _ = metres_bounds(problem, {0: left}, step_budget(20))
    assert bound is None or bound <= metres
    assert solve(problem, stop=ROUNDS).score.left_over_households >= left


def test_no_mixed_plan_leaves_fewer_over_than_companies_let_it(company_town, best_key):
    n_proven = 0
    for seed in range(25):
        lower = (900, 1800, 9000)[seed % 3]
        problem = company_town(seed, n=7, n_walls=1, mode="mixed", anchor_share=0.25, lower=lower, upper=9000)
        if len(problem.anchors) in (1, 2):
            bound = left_over_bound(problem)
            assert bound <= best_key(problem)[0]
            n_proven += bound > left_over_bound(replace(problem, companies=None))
    assert n_proven >= 2


def test_who_needs_an_anchor_is_left_over_by_a_small_company_in_mixed_mode(make_problem, with_companies):
    """A line: lead, two of whom one can be led, and beyond them enough for an area of their own."""
    problem = with_companies(
        make_problem(
            [(0, 1), (0, 2), (3, 4)],
            [900, 100, 150, 500, 500],
            anchors=[0],
            lower=900,
            upper=2000,
            capacity=[72_000],
            mode="mixed",
            radius_m=500.0,
        ),
        [0],
        [12_000],
    )
    assert left_over_bound(replace(problem, companies=None)) == 0
    found = solve(problem, stop=ROUNDS)
    assert found.score.left_over_households == 100
    assert found.bound.left_over_households == 100


def test_companies_prove_more_than_capacities_do(company_town):
    problem = company_town(4, mode="lead", anchor_share=0.2, tightness=0.1, n_walls=3)
    assert left_over_bound(problem) > left_over_bound(replace(problem, companies=None))


def test_the_number_of_workers_changes_nothing(company_town):
    problem = company_town(11, mode="mixed", anchor_share=0.15, n_walls=3)
    one, many = (solve(problem, seed=5, stop=ROUNDS, workers=n).plan for n in (1, 4))
    assert np.array_equal(one.area_of, many.area_of)


def test_without_a_limit_that_binds_the_plan_is_the_same(company_town):
    problem = company_town(7, mode="lead", anchor_share=0.2, tightness=5.0)
    free = replace(problem, companies=None)
    plans = [solve(one, seed=3, stop=ROUNDS).plan for one in (problem, free)]
    assert np.array_equal(plans[0].area_of, plans[1].area_of)


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6), tightness=st.sampled_from([0.1, 0.4, 1.0]))
def test_shares_never_add_up_to_more_than_a_company_may(company_town, seed, tightness):
    problem = company_town(seed, mode="lead", anchor_share=0.2, n_walls=3, tightness=tightness)
    shares, companies = initial_allocation(problem), problem.companies
    assert (shares <= problem.capacity).all()
    nothing = Plan(np.full(problem.n_units, -1), np.zeros(0, dtype=np.int64))
    again = reallocate_unused(problem, nothing, np.zeros_like(shares))
    for k, most in enumerate(companies.allowance.tolist()):
        mine = companies.of_anchor == k
        assert np.minimum(shares, could_take(problem))[mine].sum() <= most
        assert again is None or again[mine].sum() <= most


def could_take(problem):
    """(m,) m² that each anchor could take in at most; 0 where there is nobody."""
    could = np.zeros(len(problem.anchors), dtype=np.int64)
    for part in split_lead(problem):
        of = np.searchsorted(problem.anchors, part.units[part.anchors])
        could[of] = np.minimum(part.capacity, (part.cost >= 0) @ part.load)
    return could


def two_streets(make_problem, with_companies):
    """1 – A – 2 in one street, 3 – B – 4 in the other; A and B are of one company.

    Whoever A and B lead has 100 households and 8,000 m²; 4 is too far for B.
    """
    problem = make_problem(
        [(0, 1), (1, 2), (3, 4), (4, 5)],
        [100, 500, 100, 100, 500, 100],
        xy=[(0, 0), (100, 0), (200, 0), (0, 900), (100, 900), (1000, 900)],
        wall=[0, 0, 0, 1, 1, 1],
        anchors=[1, 4],
        capacity=[40_000, 40_000],
        mode="lead",
        radius_m=600.0,
    )
    return with_companies(problem, [0, 0], [24_000])


def test_what_one_street_does_not_use_goes_to_another(make_problem, with_companies):
    problem = two_streets(make_problem, with_companies)
    start = np.array([8_000, 16_000])  # B cannot use its half, A could use more than it has
    plan = Plan(np.array([0, 0, -1, 1, 1, -1]), np.array([1, 4]))
    assert reallocate_unused(problem, plan, start).tolist() == [16_000, 8_000]
    found = solve(problem, stop=StopAfter(rounds=1))
    assert found.score.left_over_households == 100  # unit 5, which nobody reaches
    assert floor_area_taken(problem, found.plan).tolist() == [24_000]


def test_a_company_that_may_take_on_nothing_leads_nobody(make_problem, with_companies):
    problem = with_companies(two_streets(make_problem, with_companies), [0, 0], [0])
    found = solve(problem, stop=ROUNDS)
    assert found.plan.n_areas == 0
    left = explain_left_over(problem, found.plan, NO_PAIRS)
    assert left["reason"].tolist()[:3] == ["company_capacity"] * 3
    assert "R15" in left["rules"].iloc[0]
    assert [c.kind for c in find_causes(problem) if c.rule == "R15"] == ["company"]
    growth = [
        r for r in find_relaxations(problem, found.plan, NO_PAIRS, {}, {}, lambda **_: problem) if r.rules == ("R15",)
    ]
    assert [r.what["value"] for r in growth] == [0.375, 0.45]


def test_filling_up_keeps_the_limit(make_problem, with_companies):
    problem = with_companies(two_streets(make_problem, with_companies), [0, 0], [16_000])
    plan = Plan(np.array([0, 0, -1, 1, 1, -1]), np.array([1, 4]))
    assert fill_areas(problem, plan).area_of[2] == -1
    roomier = with_companies(problem, [0, 0], [24_000])
    assert fill_areas(roomier, plan).area_of[2] == 0


@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES)
def test_a_plan_beyond_the_limit_is_repaired(company_town, broken_rules, seed, mode):
    problem = company_town(seed, n=40, mode=mode, anchor_share=0.2, tightness=0.4)
    free = solve(replace(problem, companies=None), seed=seed, stop=ROUNDS).plan
    found = repair(problem, free)
    assert broken_rules(problem, found.plan.without_empty_areas()) == []
    if not plan_faults(problem, free):
        assert found.moves == ()


@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_locks_and_the_limit_hold_together(company_town, broken_rules, seed):
    problem = company_town(seed, n=40, mode="lead", anchor_share=0.2, tightness=0.5)
    plan = solve(problem, seed=seed, stop=ROUNDS).plan
    if plan.n_areas == 0:
        return
    members, anchor = plan.members(0), int(plan.anchor_of[0])
    ids = problem.unit_ids.astype(str)
    lock = Lock("area_kept", tuple(ids[members]), anchor_unit_id=ids[anchor])
    found = solve_with_locks(problem, (lock,), seed=seed, stop=ROUNDS)
    assert broken_rules(problem, found.plan) == []
    assert np.array_equal(found.plan.members(found.plan.area_of[anchor]), members)


# --- the figures behind it -----------------------------------------------------------------------


def without_figures(street):
    """The companies' layer without what they manage."""
    return street[0].layer("companies").assign(managed_area_m2=None)


def test_what_a_company_manages_is_its_own_figure_else_what_it_serves(street, make_dataset, tmp_path):
    rules = rules_from_policy(POLICY, mode="mixed")
    dataset, graph = make_dataset(tmp_path / "bare", companies=without_figures(street))
    problem = build_problem(dataset, graph, rules)
    assert problem.companies.ids.tolist() == ["k1"]
    assert problem.companies.managed_m2.tolist() == [60_000.0]  # all it serves: "new"
    assert problem.companies.allowance.tolist() == [18_000]
    assert "plan.company_area_summed" in [note.rule for note in problem.notes]
    companies = dataset.layer("companies").assign(managed_area_m2=[100_000.0, None])
    units, contracts = dataset.layer("units"), dataset.layer("contracts")
    lead = np.flatnonzero(units["unit_id"] == "new")
    found, notes = build_companies(units, contracts, companies, rules, lead)
    assert (found.managed_m2.tolist(), found.is_recorded.tolist()) == ([100_000.0], [True])
    assert notes == ()


def test_a_managed_area_that_is_not_known_is_not_zero(street):
    dataset, _ = street
    units = dataset.layer("units").copy()
    contracts, companies = dataset.layer("contracts"), without_figures(street)
    lead = units.index[units["unit_id"] == "new"].to_numpy()
    other = units["unit_id"] == "pro"
    units.loc[other, "company_id"] = "k1"
    units.loc[other, "floor_area_m2"] = None
    found, notes = build_companies(units, contracts, companies, rules_from_policy(POLICY, mode="mixed"), lead)
    assert found is None
    assert [note.rule for note in notes] == ["plan.company_unknown"]


@pytest.mark.parametrize("is_limited", [True, False])
def test_the_rule_can_be_switched_off(street, is_limited):
    rules = rules_from_policy(POLICY, company_limit=is_limited, mode="mixed")
    assert (build_problem(*street, rules).companies is not None) == is_limited
    switched = POLICY.replaced({"company.limit": is_limited})
    assert rules_from_policy(switched, mode="mixed").company_growth == (0.3 if is_limited else None)
