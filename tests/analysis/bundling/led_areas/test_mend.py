"""Whatever is wrong with areas, mending them keeps every rule and lock that can be kept, and moves few units."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.led_areas.mend import mend_areas, repair_plan
from analysis.bundling.led_areas.solve import solve_led_areas
from analysis.bundling.locks.index import index_locks
from analysis.bundling.locks.locks import Lock
from analysis.bundling.model.plan import Plan
from analysis.bundling.solver.base.stop import StopAfter
from tests.analysis.bundling.led_areas.towns import area_town
from tests.effort import examples


def solved(problem):
    return solve_led_areas(problem, stop=StopAfter(rounds=2)).plan


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_any_plan_is_mended(seed):
    problem = area_town(seed, n=14)
    rng = np.random.default_rng(seed)
    leaders = np.where(rng.random(14) < 0.4, rng.integers(0, 14, 14), -1)
    plan = Plan(rng.integers(-1, 3, 14), np.full(3, -1), np.full(14, -1)).assign_leaders(leaders)
    after = mend_areas(problem, plan)
    assert plan_faults(problem, after) == ()
    assert after.n_areas >= plan.n_areas


@settings(max_examples=examples(20), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_plan_without_faults_stays_as_it_is(seed):
    problem = area_town(seed, n=14)
    plan = solved(problem)
    found = repair_plan(problem, plan)
    assert found.moves == ()
    assert np.array_equal(found.plan.area_of, plan.area_of)


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 10**6), data=st.data())
def test_one_unit_taken_elsewhere_is_mended_by_few_moves(seed, data):
    problem = area_town(seed, n=14)
    plan = solved(problem)
    if not plan.n_areas:
        return
    edited = plan.moved([data.draw(st.integers(0, 13))], data.draw(st.integers(-1, plan.n_areas - 1)))
    found = repair_plan(problem, edited)
    assert plan_faults(problem, found.plan) == ()
    broken = bool([fault for fault in plan_faults(problem, edited) if fault.rule != "R15"])
    assert bool(found.moves) <= broken


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 10**6), data=st.data())
def test_locks_are_heeded_or_named_as_unmet(seed, data):
    problem = area_town(seed, n=14)
    ids = problem.unit_ids.astype(str)
    one, other = data.draw(st.lists(st.sampled_from(ids.tolist()), min_size=2, max_size=2, unique=True))
    lock = data.draw(
        st.sampled_from([Lock("apart", (one, other)), Lock("together", (one, other)), Lock("in_area", (one,), other)])
    )
    found = repair_plan(problem, solved(problem), index_locks(problem, [lock]))
    a, b = (int(found.plan.area_of[list(ids).index(unit)]) for unit in (one, other))
    assert plan_faults(problem, found.plan) == ()
    is_met = a != b or a < 0 if lock.kind == "apart" else a == b and (a >= 0 or lock.kind == "together")
    assert is_met or found.unmet == (0,)
