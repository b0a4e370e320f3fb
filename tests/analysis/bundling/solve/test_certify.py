"""Mode "mixed" beside all plans of little towns: no bound is above the best, no claim is untrue."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.evaluation.objective_values import measure_objectives, primary_levels
from analysis.bundling.model.objectives import objectives_of
from analysis.bundling.solve.certify import certify_quickly
from analysis.bundling.solve.left_over_bounds import left_over_bound, unanchored_bound
from analysis.bundling.solve.metres_bounds import build_gap_criterion, metres_bounds
from analysis.bundling.solve.solve import solve
from analysis.bundling.solver.base.bound_limits import QUICK_BUDGET, step_budget
from analysis.bundling.solver.base.stop import StopAfter
from tests.effort import examples

WORTH = {
    (): lambda metres: (metres + 200_000,),
    ("walking",): lambda metres: (metres,),
    ("areas",): lambda _: (1,),
    ("areas", "walking"): lambda metres: (1, metres),
    ("walking=1", "areas=0"): lambda metres: (metres,),
    ("walking=2", "areas=30000"): lambda metres: (2 * metres + 30_000,),
}
"""Objectives, and what one area adds to the key of a plan by each."""

SEEDS = st.integers(0, 10**6)
AIMS = st.sampled_from(sorted(WORTH))
LOWERS = st.sampled_from([0, 300, 700, 1500])


def mixed_town(company_town, seed, objective=(), *, n=8, n_walls=1, lower=300, tightness=2.0):
    """At most 3 anchors: with more of them there are too many plans to try."""
    for share in (0.3, 0.2, 0.1, 0.0):
        problem = company_town(
            seed,
            n=n,
            n_walls=n_walls,
            mode="mixed",
            anchor_share=share,
            lower=lower,
            upper=lower + 900,
            tightness=tightness,
        )
        if len(problem.anchors) <= 3:
            break
    problem = replace(problem, rules=replace(problem.rules, objective=objective))
    return replace(problem, objective=objectives_of(problem.rules).objective())


def key_of(problem, plan):
    aims = objectives_of(problem.rules)
    return aims.key(primary_levels(problem, plan), measure_objectives(problem, plan, aims.names))


@settings(max_examples=examples(60), deadline=None)
@given(
    seed=SEEDS,
    objective=AIMS,
    lower=LOWERS,
    n_walls=st.sampled_from([1, 2]),
    rounds=st.integers(0, 3),
    gap=st.sampled_from([None, 0.05]),
    tightness=st.sampled_from([0.2, 0.6, 2.0]),
)
def test_nothing_is_claimed_that_the_best_of_all_plans_belies(
    company_town, best_key, broken_rules, seed, objective, lower, n_walls, rounds, gap, tightness
):
    problem = mixed_town(company_town, seed, objective, n_walls=n_walls, lower=lower, tightness=tightness)
    found = solve(problem, seed=seed, stop=StopAfter(rounds=rounds, gap=gap))
    best, key = best_key(problem, WORTH[objective]), key_of(problem, found.plan)
    assert broken_rules(problem, found.plan) == []
    assert key >= best
    assert found.bound.left_over_households <= best[0]
    assert found.status != "optimal" or key == best
    assert (found.status == "infeasible") == (found.plan.n_areas == 0)
    assert found.bound.not_led_households <= best[0] + best[1]
    if best[0] == key[0]:
        assert found.bound.unled_households <= best[1]
    if best[:2] == key[:2]:
        assert found.bound.household_metres <= best_key(problem)[2]
        assert objective != () or found.bound.walks_and_areas <= best[2]


@settings(max_examples=examples(40), deadline=None)
@given(seed=SEEDS, lower=LOWERS, tightness=st.sampled_from([0.2, 2.0]))
def test_quick_bounds_hold_for_the_best_of_all_plans(company_town, best_key, seed, lower, tightness):
    problem = mixed_town(company_town, seed, lower=lower, tightness=tightness)
    least = best_key(problem)[0]
    plan = solve(problem, stop=StopAfter(rounds=0)).plan
    assert left_over_bound(problem) <= least
    assert build_gap_criterion(problem, QUICK_BUDGET).least_left_over <= least
    assert certify_quickly(problem, plan).left_over_households <= least


@settings(max_examples=examples(60), deadline=None)
@given(seed=SEEDS, lower=LOWERS, tightness=st.sampled_from([0.2, 0.6, 2.0]))
def test_no_plan_that_leads_and_covers_as_many_walks_less_than_the_bound(
    company_town, best_key, seed, lower, tightness
):
    problem = mixed_town(company_town, seed, lower=lower, tightness=tightness)
    left, unled, metres = best_key(problem)
    assert unanchored_bound(problem, step_budget(200)) <= left + unled
    bound, by_wall = metres_bounds(problem, {0: left}, step_budget(640), unled={0: unled})
    assert bound <= metres
    assert by_wall == {0: bound}
    *_, cost = best_key(problem, lambda walked: (walked + 30_000,))
    priced, _ = metres_bounds(problem, {0: left}, step_budget(640), unled={0: unled}, area_m=30_000)
    assert bound <= priced <= cost
    wider, _ = metres_bounds(problem, {0: left + 200}, step_budget(640), unled={0: unled + 300})
    assert wider <= bound


@settings(max_examples=examples(25), deadline=None)
@given(seed=SEEDS, lower=LOWERS)
def test_each_street_is_bounded_by_the_best_of_its_own_plans(company_town, best_key, seed, lower):
    problem = mixed_town(company_town, seed, lower=lower, n_walls=2)
    problem = replace(problem, companies=None)
    for street in solve(problem, stop=StopAfter(rounds=1)).bound.streets:
        here = problem.jurisdiction == street.wall
        alone = replace(
            problem,
            is_target=problem.is_target & here,
            anchors=problem.anchors[here[problem.anchors]],
            capacity=problem.capacity[here[problem.anchors]],
            largest=problem.largest[here[problem.anchors]],
        )
        least = best_key(alone)[0]
        assert street.least_left_over <= least <= street.left_over_households


def test_who_can_be_led_is_led_before_anybody_walks_less(make_problem, best_key):
    """u1 and u2 would walk nothing as areas of their own; the anchor 0 has room for both."""
    problem = make_problem(
        [(0, 1), (1, 2)],
        [500, 100, 100],
        anchors=[0],
        capacity=[40_000],
        mode="mixed",
        lower=100,
        upper=300,
        objective=("walking",),
    )
    found = solve(problem, stop=StopAfter(rounds=2))
    assert found.plan.area_of.tolist() == [0, 0, 0]
    assert key_of(problem, found.plan) == best_key(problem) == (0, 0, 30_000)
    assert np.array_equal(found.plan.anchor_of, [0])
