"""The linear model of areas with leaders inside, against every plan of little towns."""

import numpy as np
import pytest

from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.evaluation.objective_values import measure_objectives
from analysis.bundling.evaluation.score import score
from analysis.bundling.led_areas.area_model import AreaModel, LevelPrices
from analysis.bundling.led_areas.bounds import feasible_components
from analysis.bundling.model.plan import Plan
from tests.analysis.bundling.led_areas.towns import Oracle, area_town, mixed_town
from tests.effort import examples

WORTH, OUTSIDE = 20_000, 10**6


def cost_of(values):
    """What is paid for left over, unled, areas outside their window, areas, household-metres."""
    left, unled, outside, n_areas, metres = values
    return 10**5 * left + 10**4 * (left + unled) + OUTSIDE * outside + WORTH * n_areas + metres


PRICES = LevelPrices(left_over=10**5, not_led=10**4, area=WORTH, outside=OUTSIDE, metres=1.0)


def solved(problem):
    """The plan that the model of a town's components finds, and what no plan is below."""
    area_of, leader_of = np.full(problem.n_units, -1), np.full(problem.n_units, -1)
    component, bound, n_areas = feasible_components(problem), 0.0, 0
    for number in np.unique(component):
        units = np.flatnonzero(component == number)
        if number < 0 or not problem.is_target[units].any():
            in_none = units[problem.is_target[units]]
            asks = units[problem.asks_leader[units]]
            bound += 10**5 * problem.households[in_none].sum() + 10**4 * problem.households[asks].sum()
            continue
        model = AreaModel(problem, units)
        found = model.solve(PRICES)
        assert found.is_proven
        bound += found.bound
        middle, leader = model.read_labels(found.values)
        for c in np.unique(middle[middle >= 0]):
            area_of[units[middle == c]] = n_areas
            n_areas += 1
        led = np.flatnonzero(leader >= 0)
        leader_of[units[led]] = units[leader[led]]
    return Plan(area_of, np.full(n_areas, -1), leader_of), bound


@pytest.mark.full
@pytest.mark.parametrize("seed", range(examples(60)))
def test_it_finds_the_best_plan_of_all_and_its_relaxation_is_not_above(seed):
    problem = mixed_town(2000 + seed)
    oracle = Oracle(problem)
    costs = [(cost_of(oracle.values(*plan)) + lost(problem, plan[0]), plan) for plan in oracle.plans()]
    best = min(cost for cost, _ in costs)
    plan, bound = solved(problem)
    if problem.companies is None:  # components by themselves keep R15 no further than each of them
        assert plan_faults(problem, plan) == ()
        worth, outside = score(problem, plan), measure_objectives(problem, plan, ["window"])["window"]
        left = worth.left_over_households
        values = (left, worth.unled_households, outside, plan.n_areas, worth.household_metres)
        areas = [plan.members(k).tolist() for k in range(plan.n_areas)]
        assert cost_of(values) + lost(problem, areas) == pytest.approx(best)
        assert bound == pytest.approx(best, rel=1e-6)
    assert bound <= best * (1 + 1e-6)
    component = feasible_components(problem)
    for number in np.unique(component[component >= 0]):
        units = np.flatnonzero(component == number)
        relaxed = AreaModel(problem, units, relax=True).solve_relaxed(PRICES)
        assert relaxed.bound <= AreaModel(problem, units).solve(PRICES).bound + 1e-3


def lost(problem, areas):
    """Households that ask for an area and for no leader are left over, but not among those not led."""
    inside = {unit for members in areas for unit in members}
    left = [i for i in range(problem.n_units) if problem.is_target[i] and i not in inside]
    return -(10**4) * int(sum(problem.households[i] for i in left if not problem.asks_leader[i]))


def test_demands_are_met_or_told_impossible():
    problem = area_town(4, n=6, lower=150, companies=False)
    units = max(problem.adjacency.groups, key=len)
    most = int(problem.households[units].sum())
    model = AreaModel(problem, units)
    model.require(least_led=most + 1)
    assert model.solve(LevelPrices(area=1.0)).values is None
    placed = AreaModel(problem, units)
    placed.require(most_left_over=most)
    assert placed.solve(LevelPrices(area=1.0)).bound == pytest.approx(0.0, abs=1e-6)
