"""No unit is left over that one move could place."""

import numpy as np

from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.led_areas.insertion import find_insertions, insert_unplaced
from analysis.bundling.led_areas.solve import solve_led_areas
from analysis.bundling.locks.index import IndexedLocks
from analysis.bundling.solver.base.stop import StopAfter
from tests.analysis.bundling.led_areas.towns import area_town


def thinned(problem, plan):
    """The plan with targets that an area can spare taken out."""
    for unit in np.flatnonzero(problem.is_target & (plan.area_of >= 0)).tolist():
        without = plan.moved([unit], -1)
        if plan_faults(problem, without) == ():
            return unit, without
    raise AssertionError("no unit can be spared")


def test_a_unit_that_fits_is_put_back_unless_a_lock_holds_it():
    problem = area_town(9, n=40, lower=400, upper=3000)
    unit, plan = thinned(problem, solve_led_areas(problem, stop=StopAfter(rounds=2)).plan)
    assert next(find_insertions(problem, plan, unit), None) is not None
    assert insert_unplaced(problem, plan).area_of[unit] >= 0
    held = IndexedLocks(held={unit: 0})
    assert next(find_insertions(problem, plan, unit, held), None) is None
    assert insert_unplaced(problem, plan, held).area_of[unit] < 0
