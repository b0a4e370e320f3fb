"""Plans of mode "area" as a whole."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.evaluation.score import score
from analysis.bundling.led_areas.solve import complete_plan, solve_led_areas
from analysis.bundling.locks.index import IndexedLocks, KeptArea, PairConstraint, is_pair_satisfied
from analysis.bundling.solver.base.stop import StopAfter
from tests.analysis.bundling.led_areas.towns import area_town


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 40))
def test_plans_keep_every_rule_whatever_the_town(seed, n):
    problem = area_town(seed, n=n, lower=400, upper=1500)
    found = solve_led_areas(problem, seed=seed, stop=StopAfter(rounds=1))
    assert plan_faults(problem, found.plan) == ()
    assert found.bound.left_over_households <= found.score.left_over_households
    assert found.bound.household_metres <= found.score.household_metres
    assert found.bound.unled_households <= found.score.unled_households


def test_the_same_seed_and_rounds_give_the_same_plan_for_any_number_of_workers():
    problem = area_town(5, n=50, lower=400, upper=1500)
    one, two = (solve_led_areas(problem, seed=3, stop=StopAfter(rounds=2), workers=k) for k in (1, 2))
    assert np.array_equal(one.plan.area_of, two.plan.area_of)
    assert np.array_equal(one.plan.leader_of, two.plan.leader_of)


def test_a_start_is_never_made_worse():
    problem = area_town(7, n=30, lower=400, upper=1500)
    long = solve_led_areas(problem, seed=0, stop=StopAfter(rounds=8))
    short = solve_led_areas(problem, start=long.plan, seed=1, stop=StopAfter(rounds=0))
    before, after = ((s.left_over_households, s.unled_households) for s in (long.score, short.score))
    assert after <= before


def test_locks_between_units_areas_that_stay_and_leaders_are_kept():
    problem = area_town(11, n=30, lower=400, upper=1500)
    free = solve_led_areas(problem, seed=0, stop=StopAfter(rounds=3)).plan
    area = int(np.bincount(free.area_of[free.area_of >= 0]).argmax())
    kept = KeptArea(free.members(area), -1, 0)
    led = np.flatnonzero((free.leader_of >= 0) & (free.area_of != area))
    barred = tuple((int(unit), int(free.leader_of[unit])) for unit in led[:1])
    row = problem.adjacency.row
    others = np.flatnonzero(free.area_of != area)
    a = next(int(i) for i in others if np.isin(row(int(i)), others).any())
    b = next(int(j) for j in row(a) if j in others)
    locks = IndexedLocks((PairConstraint(a, b, "apart", 1),), (kept,), not_led_by=barred)
    plan = solve_led_areas(problem, locks, seed=0, stop=StopAfter(rounds=3)).plan
    assert plan_faults(problem, plan) == ()
    assert {frozenset(plan.members(k)) for k in range(plan.n_areas)} >= {frozenset(kept.members)}
    assert is_pair_satisfied(locks.pair_constraints[0], plan)
    assert all(plan.leader_of[unit] != anchor for unit, anchor in barred)


def test_progress_counts_areas_that_stay_and_nobody_who_asks_for_nothing():
    problem = area_town(11, n=30, lower=400, upper=1500, companies=False)
    free = solve_led_areas(problem, seed=0, stop=StopAfter(rounds=3)).plan
    area = int(np.bincount(free.area_of[free.area_of >= 0]).argmax())
    kept = KeptArea(free.members(area), -1, 0)
    others = np.flatnonzero((free.area_of != area) & ~problem.is_target)
    beside = [(int(i), int(j)) for i in others for j in problem.adjacency.row(int(i)) if free.area_of[j] != area]
    joined = tuple(PairConstraint(i, j, "joined", 1) for i, j in beside[:1])
    told = []
    locks = IndexedLocks(joined, (kept,))
    found = solve_led_areas(problem, locks, seed=0, stop=StopAfter(rounds=3), on_progress=told.append)
    last = [one for one in told if one.part][-1]
    assert joined
    assert last.score.left_over_households == found.score.left_over_households
    assert last.score.n_areas == last.plan().n_areas
    assert last.score.household_metres == score(problem, last.plan()).household_metres


def test_members_whom_nobody_leads_any_more_are_taken_out_where_they_are_too_far():
    problem = area_town(5, n=20, lower=300, upper=2000, companies=False)
    plan = solve_led_areas(problem, seed=0, stop=StopAfter(rounds=2)).plan
    poor = replace(problem, capacity=np.zeros_like(problem.capacity))
    assert plan_faults(poor, complete_plan(poor, plan.area_of)) == ()
