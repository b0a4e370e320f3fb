"""Objectives are counted from the plan alone, however its areas are numbered."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.evaluation.objective_values import count_moved_units, measure_area, measure_objectives
from analysis.bundling.model.plan import Plan
from tests.effort import examples


@settings(max_examples=examples(50), deadline=None)
@given(st.lists(st.integers(-1, 3), min_size=1, max_size=12), st.permutations(range(4)))
def test_numbers_of_areas_mean_nothing_to_closeness(labels, names):
    before = np.array(labels)
    renamed = np.where(before >= 0, np.array(names)[before], -1)
    assert count_moved_units(before, renamed) == 0
    moved = renamed.copy()
    moved[0] = -1 if moved[0] >= 0 else 9
    assert count_moved_units(before, moved) == 1


def test_what_areas_add_is_what_the_plan_is_worth(random_town):
    problem = random_town(3, n=30)
    plan = Plan(np.arange(30) // 10, np.full(3, -1))
    names = ["walking", "staffing", "areas"]
    areas = [measure_area(problem, plan, area, names) for area in range(plan.n_areas)]
    assert measure_objectives(problem, plan, names) == {name: sum(one[name] for one in areas) for name in names}
