"""Baselines do what usual tools do, faults included; every target is accounted for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.evaluation.score import score
from analysis.bundling.solve.baselines import baseline_result, constrained_clustering, nearest_anchor
from geo.errors import UsageError
from tests.effort import examples


@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_anchor_is_nearer(random_town, seed):
    problem = random_town(seed, n=30, mode="lead", anchor_share=0.2)
    if not len(problem.anchors):
        return
    plan = nearest_anchor(problem)
    walk = problem.walks.toarray()[:, problem.anchors].astype(float)
    walk[walk == 0] = np.inf
    for unit in np.flatnonzero(problem.is_target):
        area = plan.area_of[unit]
        if area < 0:
            assert not np.isfinite(walk[unit]).any()
        else:
            assert walk[unit].min() == problem.walks[unit, plan.anchor_of[area]]


@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 10**6), n_walls=st.integers(1, 3))
def test_clusters_hold_every_target_of_one_street(random_town, seed, n_walls):
    problem = random_town(seed, n=30, n_walls=n_walls)
    places = np.random.default_rng(seed).uniform(0, 900, (30, 2))
    plan = constrained_clustering(problem, places)
    assert (plan.area_of >= 0).all()
    for area in range(plan.n_areas):
        members = plan.members(area)
        assert len(members)
        assert len(np.unique(problem.jurisdiction[members])) == 1


@pytest.mark.parametrize(
    ("bounds", "number"),
    [
        ([], 2),
        (["members=1:3"], 3),
        (["floor_area=10000:14000"], 4),
        (["members=3:", "floor_area=:60000"], 2),
        (["members=:1", "floor_area=:60000"], 6),
    ],
)
def test_the_weight_that_asks_for_most_clusters_is_heeded(bounded, make_problem, bounds, number):
    line = make_problem([(i, i + 1) for i in range(5)], [100] * 6, lower=200, upper=400)
    problem = bounded(line, *bounds)
    plan = constrained_clustering(problem, np.column_stack([np.arange(6) * 100.0, np.zeros(6)]))
    assert plan.n_areas == number


def test_what_clusters_break_is_told_of_every_weight(bounded, make_problem):
    town = make_problem([(0, 1)], [100, 100], lower=100, upper=400)
    problem = bounded(town, "floor_area=:7000")
    plan = constrained_clustering(problem, np.array([[0.0, 0.0], [100.0, 0.0]]))
    assert [(fault.rule, fault.limit) for fault in plan_faults(problem, plan)] == [("R31", 7_000)] * 2


def test_the_nearest_anchor_is_overloaded_without_a_word(make_problem):
    problem = make_problem(
        [(0, 1), (1, 2)], [100, 100, 100], anchors=[0], capacity=[8_000], mode="lead", radius_m=500.0
    )
    plan = nearest_anchor(problem)
    assert {fault.rule for fault in plan_faults(problem, plan)} == {"R13"}
    result = baseline_result(problem, plan)
    assert result.score == score(problem, plan)
    assert (result.status, result.bound.left_over_households) == ("infeasible", None)


def test_without_an_anchor_there_is_no_nearest(make_problem):
    with pytest.raises(UsageError):
        nearest_anchor(make_problem([(0, 1)], [100, 100]))
