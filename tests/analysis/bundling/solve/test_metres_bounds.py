"""No bound exceeds what any plan costs; better plans and more steps only close the gap."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.evaluation.objective_values import walking_with_area_price
from analysis.bundling.model.objectives import objectives_of
from analysis.bundling.model.score import Objective
from analysis.bundling.solve.left_over_bounds import left_over_bound
from analysis.bundling.solve.metres_bounds import metres_bound_function, metres_bounds
from analysis.bundling.solve.solve import solve
from analysis.bundling.solver.base.bound_limits import step_budget
from analysis.bundling.solver.base.evaluate import evaluate
from analysis.bundling.solver.base.stop import StopAfter
from analysis.bundling.solver.base.subproblem import split_lead, split_whole
from analysis.bundling.solver.construct import construct
from analysis.bundling.solver.exact.assignment_mip import solve_transport_relaxation
from analysis.bundling.solver.exact.subgradient_bound import bound_assignment, bound_partition
from analysis.bundling.solver.exact.subproblem_bound import bound_subproblem
from analysis.bundling.solver.search import improve_subproblem
from tests.effort import examples

LEFT = 900.0


def the_part(problem):
    lead = problem.rules.mode == "lead"
    parts = split_lead(problem) if lead else split_whole(problem, np.arange(problem.n_units))
    return max(parts, key=lambda part: part.n_units)


def little(random_town, mode, seed):
    share = 0.3 if mode == "lead" else 0.0
    return random_town(seed, n=8, mode=mode, n_walls=1, anchor_share=share, lower=300, upper=900)


def steps(n):
    return lambda step: step < n


@pytest.mark.parametrize("mode", ["lead", "whole"])
@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_bound_never_exceeds_what_the_best_of_all_plans_costs(random_town, best_score, mode, seed):
    problem = little(random_town, mode, seed)
    parts = split_lead(problem) if mode == "lead" else split_whole(problem, np.arange(problem.n_units))
    bound = 0.0
    inside = np.zeros(problem.n_units, dtype=bool)
    for part in parts:
        inside[part.units] = True
        found = bound_subproblem(part, construct(part), left_over=LEFT, area=0.0, aim=1e9, limits=step_budget(640)(1.0))
        bound += found.cost
    outside = problem.households[~inside & problem.is_target].sum()
    left, metres = best_score(problem)
    assert bound + LEFT * outside <= LEFT * left + metres + 1e-3


@pytest.mark.parametrize("mode", ["lead", "whole"])
def test_more_steps_never_prove_less(random_town, mode):
    part = the_part(random_town(4, mode=mode, anchor_share=0.2 if mode == "lead" else 0.0))
    labels = construct(part)
    bounds = [
        bound_subproblem(part, labels, left_over=LEFT, area=0.0, aim=1e9, limits=step_budget(count)(1.0)).cost
        for count in (1, 20, 200)
    ]
    assert bounds == sorted(bounds)
    assert bounds[0] >= 0


def test_knapsacks_prove_at_least_what_transport_does(random_town):
    part = the_part(random_town(7, mode="lead", anchor_share=0.2))
    found = solve_transport_relaxation(part, LEFT)
    relaxed = bound_assignment(part, LEFT, 0.0, found.prices, 1e9, steps(1))
    assert relaxed.bound >= found.bound - 1e-6 * abs(found.bound)


def test_closed_anchors_cost_nothing_and_open_ones_their_price(random_town):
    part = the_part(random_town(7, mode="lead", anchor_share=0.2))
    dear = replace(part, opening=np.full(len(part.anchors), 10**7))
    cheap, costly = (
        bound_assignment(one, LEFT, 0.0, np.zeros(one.n_units), 1e9, steps(100)).bound for one in (part, dear)
    )
    assert cheap <= costly <= LEFT * part.households.sum() + 1e-6


@pytest.mark.full
def test_units_in_any_order_give_the_same_bound(random_town):
    part = the_part(random_town(9, n=30))
    order = np.random.default_rng(0).permutation(part.n_units)
    turned = replace(
        part,
        metres=part.metres[order][:, order],
        walkers=part.walkers[order],
        weight=part.weight[order],
        households=part.households[order],
    )
    start = part.walkers * 200.0
    one = bound_partition(part, np.inf, 0.0, start, 1e7, steps(1)).bound
    other = bound_partition(turned, np.inf, 0.0, start[order], 1e7, steps(1)).bound
    assert np.isclose(one, other)


@pytest.mark.parametrize("mode", ["lead", "whole"])
def test_no_plan_found_is_better_than_the_bound(random_town, mode):
    part = the_part(random_town(12, mode=mode, anchor_share=0.15 if mode == "lead" else 0.0))
    objective = Objective(left_over_m=int(LEFT))
    found = improve_subproblem(
        part, construct(part), objective, np.random.default_rng(0), lambda rounds, _: rounds / 40
    )
    cost = evaluate(part, found).key(objective)[1]
    bound = bound_subproblem(part, found, left_over=LEFT, area=0.0, aim=float(cost), limits=step_budget(300)(1.0)).cost
    assert 0.5 * cost <= bound <= cost + 1e-6


@pytest.mark.parametrize("mode", ["lead", "whole"])
@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_plan_that_leaves_as_few_over_walks_less_than_the_bound(random_town, best_score, mode, seed):
    problem = little(random_town, mode, seed)
    left, metres = best_score(problem)
    bound, by_wall = metres_bounds(problem, {0: left}, step_budget(640))
    assert bound <= metres
    assert by_wall == {0: bound}
    quick = metres_bound_function(problem, step_budget(640))
    assert quick(left) <= metres
    assert quick(left + 500) <= quick(left)


@pytest.mark.parametrize("mode", ["lead", "whole"])
@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_walks_and_areas_at_a_price_are_bounded_together(random_town, best_key, mode, seed):
    problem = little(random_town, mode, seed)
    problem = replace(problem, objective=objectives_of(problem.rules).objective())
    left, _, cost = best_key(problem, lambda metres: (metres + problem.rules.area_worth,))
    bound, _ = metres_bounds(problem, {0: left}, step_budget(640), area_m=problem.rules.area_worth)
    assert bound <= cost
    found = solve(problem, seed=seed, stop=StopAfter(rounds=2))
    assert found.bound.walks_and_areas <= walking_with_area_price(problem, found.plan)
    if found.status == "optimal":
        assert (left, cost) == (found.score.left_over_households, walking_with_area_price(problem, found.plan))


@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_metres_are_bounded_where_areas_are_weighed_by_floor_area_too(random_town, best_score, seed):
    problem = little(random_town, "whole", seed)
    by_area = replace(
        problem, weight=problem.load, rules=replace(problem.rules, weight="floor_area", lower=24_000, upper=72_000)
    )
    left, metres = best_score(by_area)
    bound, _ = metres_bounds(by_area, {0: left}, step_budget(640))
    assert bound <= metres
    assert bound >= metres_bounds(problem, {0: left}, step_budget(640))[0] - 0.02 * metres


def test_square_metres_lost_by_rounding_prove_nothing(make_problem):
    """Three units of 66.4 m² come to 199.2 m², which whole numbers make 198 of."""
    problem = make_problem([(0, 1), (1, 2)], [10, 10, 10], lower=199, upper=400, weight="floor_area")
    problem = replace(problem, weight=np.array([66, 66, 66]))
    assert left_over_bound(problem) == 0


def test_of_anchors_that_can_lead_only_those_that_pay_do(make_problem):
    """0 and 3 can lead; 1 and 2 lie between them: two areas walk less, one saves an area."""
    #  anchor 0 - 1 - 2 - anchor 3
    town = make_problem(
        [(0, 1), (1, 2), (2, 3)],
        [500, 50, 50, 500],
        anchors=[0, 3],
        capacity=[40_000, 40_000],
        mode="lead",
        radius_m=1000.0,
    )
    n_areas = [
        solve(replace(town, objective=Objective(area_m=worth)), stop=StopAfter(rounds=4)).plan.n_areas
        for worth in (0, 100_000)
    ]
    assert n_areas == [2, 1]
