"""The exact choice of listed areas, against every plan of little towns."""

import numpy as np
import pytest

from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.led_areas.solve import solve_led_areas
from analysis.bundling.locks.index import index_locks
from analysis.bundling.locks.locks import Lock
from analysis.bundling.model.plan import Plan
from analysis.bundling.solve.incumbents import objective_key
from analysis.bundling.solver.base.stop import StopAfter
from tests.analysis.bundling.led_areas.towns import Oracle, mixed_town


def all_plans(problem):
    """Every plan of a town."""
    for areas, _, leader in Oracle(problem).plans():
        area_of, leader_of = np.full(problem.n_units, -1), np.full(problem.n_units, -1)
        for number, members in enumerate(areas):
            area_of[members] = number
        leader_of[list(leader)] = list(leader.values())
        yield Plan(area_of, np.full(len(areas), -1), leader_of)


@pytest.mark.parametrize("seed", range(25))
def test_the_plan_of_a_little_town_is_the_best_of_all(seed):
    problem = mixed_town(seed)
    plan = solve_led_areas(problem, stop=StopAfter(rounds=1)).plan
    assert not plan_faults(problem, plan)
    assert objective_key(problem, plan) == min(objective_key(problem, one) for one in all_plans(problem))


def drawn_lock(problem, seed):
    """A lock between two units of a town; of leaders where it has an anchor."""
    rng, ids = np.random.default_rng(seed), [str(unit) for unit in problem.unit_ids]
    a, b = rng.choice(problem.n_units, 2, replace=False)
    kind = ["together", "apart", "in_area", "led_by", "not_led_by"][seed % 5]
    if kind.endswith("led_by") and len(problem.anchors):
        b = rng.choice(problem.anchors)
        a = rng.choice(np.setdiff1d(np.arange(problem.n_units), [b]))
    is_pair = kind in ("together", "apart")
    return Lock(kind, (ids[a], ids[b])) if is_pair else Lock(kind, (ids[a],), with_unit_id=ids[b])


def n_unmet(plan, locks):
    """Locks that a plan does not meet though some plan might; None where it does what a lock forbids."""
    area_of, leader_of, unmet = plan.area_of, plan.leader_of, 0
    for one in locks.pair_constraints:
        is_one = area_of[one.a] == area_of[one.b]
        is_in = area_of[one.a] >= 0
        if (one.kind == "apart" and is_one and is_in) or (one.kind == "together" and not is_one):
            return None
        if one.kind == "joined" and is_in and not is_one:
            return None
        unmet += one.kind == "joined" and not is_in
    is_barred = any(leader_of[unit] == anchor for unit, anchor in locks.not_led_by)
    is_others = any(leader_of[unit] not in (-1, anchor) for unit, anchor in locks.led_by)
    if is_barred or is_others or any(area_of[unit] >= 0 for unit in locks.held):
        return None
    return int(unmet) + sum(int(leader_of[unit] != anchor) for unit, anchor in locks.led_by)


@pytest.mark.parametrize("seed", range(25))
def test_with_a_lock_it_is_the_best_of_those_that_meet_it(seed):
    problem = mixed_town(seed)
    locks = index_locks(problem, [drawn_lock(problem, seed)])
    plan = solve_led_areas(problem, locks, stop=StopAfter(rounds=1)).plan
    allowed = [(n, one) for one in all_plans(problem) if (n := n_unmet(one, locks)) is not None]
    assert n_unmet(plan, locks) is not None
    best = min((n, *objective_key(problem, one)) for n, one in allowed)
    assert (n_unmet(plan, locks), *objective_key(problem, plan)) == best
