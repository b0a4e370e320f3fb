"""Why an anchor that may lead stays closed: what is said is so when it is opened."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.evaluation.score import score
from analysis.bundling.explain.idle_anchors import explain_idle_anchor
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.score import Objective
from analysis.bundling.solve.solve import solve
from analysis.bundling.solver.base.stop import StopAfter
from tests.effort import examples


def pair(make_problem, *, area_m=0, capacity=(40_000, 40_000), **rules):
    """A(0) – 2 – B(1) – 3, 100 m apart; 2 is nearer to A by 20 m, 3 to B alone."""
    problem = make_problem(
        [(0, 2), (2, 1), (1, 3)],
        [500, 500, 100, 10],
        xy=[(0, 0), (200, 0), (90, 0), (300, 0)],
        anchors=[0, 1],
        capacity=list(capacity),
        mode="lead",
        radius_m=600.0,
        **rules,
    )
    return replace(problem, objective=Objective(area_m=area_m))


LED_BY_B = Plan(np.array([-1, 0, 0, 0]), np.array([1]))


@pytest.mark.parametrize(("area_m", "kind"), [(5_000, "too_dear"), (1_000, "would_help")])
def test_opening_is_weighed_against_what_it_saves(make_problem, area_m, kind):
    found = explain_idle_anchor(pair(make_problem, area_m=area_m), LED_BY_B, 0)
    assert (found.kind, found.saved_m, found.opening_m) == (kind, 2_000, area_m)
    assert f"{area_m:,}" in found.sentence.zh
    assert f"{area_m:,}" in found.sentence.en


def test_a_unit_left_over_would_be_covered(make_problem):
    alone = Plan(np.array([-1, 0, -1, 0]), np.array([1]))
    found = explain_idle_anchor(pair(make_problem, area_m=10**6), alone, 0)
    assert (found.kind, found.households) == ("would_help", 100)


def test_nobody_near_too_small_and_a_company_without_room(make_problem, with_companies):
    problem = pair(make_problem, capacity=(100, 40_000))
    assert explain_idle_anchor(problem, LED_BY_B, 0).kind == "too_small"
    apart = make_problem([(1, 2)], [500, 500, 10], anchors=[0, 1], capacity=[9_000, 9_000], mode="lead")
    assert explain_idle_anchor(apart, Plan(np.array([-1, 0, 0]), np.array([1])), 0).kind == "nobody"
    held = with_companies(pair(make_problem), [0, -1], [10])
    assert explain_idle_anchor(held, LED_BY_B, 0).kind == "company"


def test_nobody_walks_less(make_problem):
    problem = pair(make_problem)
    led_by_a = Plan(np.array([0, -1, 0, -1]), np.array([0]))
    assert explain_idle_anchor(problem, led_by_a, 1).kind == "would_help"  # unit 3
    farther = replace(problem, is_target=np.array([False, False, True, False]))
    assert explain_idle_anchor(farther, led_by_a, 1).kind == "not_nearer"


@settings(max_examples=examples(20), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_more_is_promised_than_is_left_over(company_town, seed):
    problem = company_town(seed, n=25, mode="lead", anchor_share=0.25, tightness=0.6)
    problem = replace(problem, objective=Objective(area_m=150_000))
    plan = solve(problem, seed=seed, stop=StopAfter(rounds=1)).plan
    worth = score(problem, plan)
    for anchor in problem.anchors[plan.area_of[problem.anchors] < 0].tolist():
        found = explain_idle_anchor(problem, plan, anchor)
        assert found.households >= 0
        assert found.saved_m >= 0 or found.households > 0
        assert not plan_faults(problem, plan)
        assert found.kind != "would_help" or found.households <= worth.left_over_households


def test_a_machine_so_busy_that_hours_pass_gives_the_same_reason(make_problem, monkeypatch):
    monkeypatch.setattr("analysis.bundling.solver.base.work_log.ClockLimit.__call__", lambda _: False)
    assert explain_idle_anchor(pair(make_problem, area_m=1_000), LED_BY_B, 0).saved_m == 2_000
