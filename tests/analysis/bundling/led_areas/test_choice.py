"""The exact choice of listed areas, against every plan of little towns."""

import numpy as np
import pytest

from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.led_areas.solve import solve_led_areas
from analysis.bundling.model.plan import Plan
from analysis.bundling.solve.incumbents import objective_key
from analysis.bundling.solver.base.stop import StopAfter
from tests.analysis.bundling.led_areas.towns import Oracle, mixed_town


def best_key(problem):
    """What the best of all plans is worth."""
    keys = []
    for areas, _, leader in Oracle(problem).plans():
        area_of, leader_of = np.full(problem.n_units, -1), np.full(problem.n_units, -1)
        for number, members in enumerate(areas):
            area_of[members] = number
        leader_of[list(leader)] = list(leader.values())
        keys.append(objective_key(problem, Plan(area_of, np.full(len(areas), -1), leader_of)))
    return min(keys)


@pytest.mark.parametrize("seed", range(25))
def test_the_plan_of_a_little_town_is_the_best_of_all(seed):
    problem = mixed_town(seed)
    plan = solve_led_areas(problem, stop=StopAfter(rounds=1)).plan
    assert not plan_faults(problem, plan)
    assert objective_key(problem, plan) == best_key(problem)
