"""What no plan of mode "area" betters, against every plan of little towns."""

import os

import numpy as np
import pytest

from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.led_areas.bounds import certify_led_areas, count_stuck_households, least_areas
from analysis.bundling.led_areas.solve import solve_led_areas
from analysis.bundling.model.plan import Plan
from analysis.bundling.solver.base.budget import StopAfter
from tests.analysis.bundling.led_areas.towns import Oracle, area_town

N_TOWNS = 500 if os.environ.get("PIANQU_TEST_FULL") else 24


def best_of(oracle, key):
    return min((oracle.values(*plan) for plan in oracle.plans()), key=key)


def plan_of(problem, areas, leader):
    """A plan of the oracle's."""
    area_of, leader_of = np.full(problem.n_units, -1), np.full(problem.n_units, -1)
    for number, members in enumerate(areas):
        area_of[members] = number
    for unit, anchor in leader.items():
        leader_of[unit] = anchor
    return Plan(area_of, np.full(len(areas), -1), leader_of)


@pytest.mark.parametrize("first", range(0, N_TOWNS, 8))
def test_no_plan_is_better_than_its_bounds_and_the_solver_finds_the_best(first):
    for seed in range(first, min(first + 8, N_TOWNS)):
        problem = area_town(seed, n=6)
        oracle = Oracle(problem)
        found = solve_led_areas(problem, seed=seed, stop=StopAfter(rounds=3))
        value, bound = found.score, found.bound
        plans = [(oracle.values(*plan), plan) for plan in oracle.plans()]
        best = min(values for values, _ in plans)
        mine = (value.left_over_households, value.unled_households)
        assert plan_faults(problem, found.plan) == ()
        assert mine == best[:2], seed
        assert bound.left_over_households <= best[0]
        assert bound.not_led_households <= min(left + unled for (left, unled, *_), _ in plans)
        no_worse = [values for values, _ in plans if values[:2] <= mine and values[0] <= mine[0]]
        assert bound.unled_households <= min(unled for left, unled, *_ in plans_no_worse(plans, mine))
        assert bound.areas <= min(areas for _, _, _, areas, _ in no_worse)
        assert bound.household_metres <= min(metres for *_, metres in no_worse)


def plans_no_worse(plans, mine):
    return [values for values, _ in plans if values[0] <= mine[0]]


def test_every_plan_of_the_oracle_is_sound_and_measured_alike():
    from analysis.bundling.evaluation.objective_values import measure_objectives
    from analysis.bundling.evaluation.score import score

    for seed in range(3):
        problem = area_town(seed, n=5)
        oracle = Oracle(problem)
        for areas, medoids, leader in oracle.plans():
            plan = plan_of(problem, areas, leader)
            assert plan_faults(problem, plan) == ()
            worth = score(problem, plan)
            left, unled, outside, n_areas, metres = oracle.values(areas, medoids, leader)
            assert (worth.left_over_households, worth.unled_households) == (left, unled)
            assert (worth.n_areas, worth.household_metres) == (n_areas, metres)
            assert measure_objectives(problem, plan, ["window"])["window"] == outside


def test_whoever_stays_over_anyway_is_counted_from_components():
    problem = area_town(1, n=6)
    light = area_town(1, n=6, lower=10**6)
    assert count_stuck_households(light) == int(light.households[light.is_target].sum())
    assert count_stuck_households(problem) <= count_stuck_households(light)


def test_areas_are_at_least_what_their_most_asks_for():
    problem = area_town(3, n=7, lower=10, upper=450)
    component = np.zeros(7, dtype=np.int64)
    asking = int(problem.households[problem.is_target].sum())
    assert least_areas(problem, component, 0) == -(-asking // 450)
    assert least_areas(problem, component, asking) == 0


def test_a_plan_without_areas_is_bounded():
    problem = area_town(2, n=5)
    nothing = Plan(np.full(5, -1), np.zeros(0), np.full(5, -1))
    bound = certify_led_areas(problem, nothing)
    assert bound.household_metres == 0
    assert bound.not_led_households <= int(problem.households[problem.asks_leader].sum())
