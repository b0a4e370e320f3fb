"""What no plan of mode "area" betters, against every plan of little towns."""

import numpy as np
import pytest

from analysis.bundling.document.levels import bounds_of_result
from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.led_areas.bounds import certify_led_areas, count_stuck_households, least_areas
from analysis.bundling.led_areas.solve import solve_led_areas
from analysis.bundling.model.plan import Plan
from analysis.bundling.solver.base.stop import StopAfter
from analysis.bundling.verify.verify import verify_plan
from tests.analysis.bundling.agreeing import agreeing
from tests.analysis.bundling.drawn_data import dataset_of, document_of
from tests.analysis.bundling.led_areas.towns import Oracle, area_town, mixed_town

N_TOWNS, STEP, QUICK_STEP = 500, 20, 100
"""Towns of 5 to 9 units; every hundredth is tried in the quick run, all of them, twenty at a time, in the full one."""


def plan_of(problem, areas, leader):
    """A plan of the oracle's."""
    area_of, leader_of = np.full(problem.n_units, -1), np.full(problem.n_units, -1)
    for number, members in enumerate(areas):
        area_of[members] = number
    for unit, anchor in leader.items():
        leader_of[unit] = anchor
    return Plan(area_of, np.full(len(areas), -1), leader_of)


@pytest.mark.parametrize(
    "seeds",
    [range(0, N_TOWNS, QUICK_STEP)]
    + [pytest.param(range(k, k + STEP), marks=pytest.mark.full) for k in range(0, N_TOWNS, STEP)],
    ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}",
)
def test_no_plan_is_below_its_bounds_and_the_plan_found_passes_the_independent_check(seeds):
    for seed in seeds:
        problem = mixed_town(seed)
        found = solve_led_areas(problem, seed=seed, stop=StopAfter(rounds=3))
        plans = [(Oracle(problem).values(*plan), plan) for plan in Oracle(problem).plans()]
        mine = (found.score.left_over_households, found.score.unled_households)
        best = least_values([values for values, _ in plans], *mine, problem.rules.area_worth)
        assert any(is_same(found.plan, areas, leader) for _, (areas, _, leader) in plans), seed
        assert mine == (best["left_over_households"], best["unled_households"]), seed
        bounds = {name: least for name, (least, _) in bounds_of_result(problem, found).items() if least is not None}
        assert {"areas", "areas_outside_preferred", "not_led_households", "walks_and_areas"} <= set(bounds)
        assert {name: (least, best[name]) for name, least in bounds.items() if least > best[name]} == {}, seed
        assert broken_but_for_the_ground(problem, found) == [], seed


def broken_but_for_the_ground(problem, found):
    """What the independent check says; the drawn town has no ground to measure gaps and walks on."""
    dataset = dataset_of(problem)
    document = document_of(problem, found, dataset)
    told = verify_plan(dataset, document, agreeing(document)).violations
    return [violation.sentence_en for violation in told if violation.rule not in ("R22", "R26")]


def is_same(plan, areas, leader):
    """Whether a plan is one of the oracle's."""
    mine = {frozenset(plan.members(k).tolist()) for k in range(plan.n_areas)}
    leads = {unit: anchor for unit, anchor in enumerate(plan.leader_of.tolist()) if anchor >= 0}
    return mine == set(map(frozenset, areas)) and leads == {int(u): int(a) for u, a in leader.items()}


def least_values(rows, left_over, unled, area_worth):
    """The least of every level of those plans that are no worse on the levels above it."""
    as_placed = [row for row in rows if row[0] <= left_over]
    as_led = [row for row in as_placed if row[1] <= unled]
    return {
        "left_over_households": min(row[0] for row in rows),
        "unled_households": min(row[1] for row in as_placed),
        "not_led_households": min(row[0] + row[1] for row in rows),
        "areas_outside_preferred": min(row[2] for row in as_led),
        "areas": min(row[3] for row in as_led),
        "household_metres": min(row[4] for row in as_led),
        "walks_and_areas": min(row[4] + area_worth * row[3] for row in as_led),
    }


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
