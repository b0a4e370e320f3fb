"""What a relaxation is said to bring is there: a plan that keeps every relaxed rule shows it, and nobody moved."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.led_areas.relaxed import carry_plan, estimate_gains, fill_led_areas, measure_gain
from analysis.bundling.led_areas.solve import solve_led_areas
from analysis.bundling.locks.index import NO_LOCKS
from analysis.bundling.solver.base.stop import StopAfter
from tests.analysis.bundling.led_areas.towns import area_town
from tests.effort import examples


def roomier(problem):
    return replace(problem, capacity=2 * problem.capacity, largest=2 * problem.largest)


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_filling_keeps_every_rule_and_moves_nobody(seed):
    problem = area_town(seed, n=14)
    plan = solve_led_areas(problem, stop=StopAfter(rounds=1)).plan
    relaxed = roomier(problem)
    after = fill_led_areas(relaxed, plan)
    assert plan_faults(relaxed, after) == ()
    was_in, was_led = plan.area_of >= 0, plan.leader_of >= 0
    assert np.array_equal(after.area_of[was_in], plan.area_of[was_in])
    assert np.array_equal(after.leader_of[was_led], plan.leader_of[was_led])
    gain = measure_gain(relaxed, plan, after)
    assert gain.led_households == int(problem.households[(after.leader_of >= 0) & ~was_led].sum())


@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_what_could_be_had_without_relaxing_is_not_counted(seed):
    problem = area_town(seed, n=14)
    plan = solve_led_areas(problem, stop=StopAfter(rounds=1)).plan
    [nothing, more] = estimate_gains(problem, plan, [lambda same: same, roomier], lambda _: NO_LOCKS)
    assert nothing.households == 0
    assert more.households >= 0


def test_a_plan_is_carried_only_where_it_keeps_every_rule():
    problem = area_town(3, n=14)
    plan = solve_led_areas(problem, stop=StopAfter(rounds=2)).plan
    strict = replace(problem, rules=replace(problem.rules, lower=10**6))
    assert plan.n_areas
    assert carry_plan(problem, plan, strict) is None
    assert np.array_equal(carry_plan(problem, plan, problem).leader_of, plan.leader_of)


def test_nothing_is_tried_once_the_end_is_wanted():
    problem = area_town(3, n=14)
    plan = solve_led_areas(problem, stop=StopAfter(rounds=1)).plan
    assert estimate_gains(problem, plan, [roomier], lambda _: NO_LOCKS, goes_on=lambda: False) == [None]
