"""A workbench holds a dataset and a plan: each unit in one area, left over, or out of scope."""

import numpy as np

from app.workbench.workbench import build_workbench, open_context


def test_every_unit_of_the_plan_has_one_place(bench):
    inside = np.flatnonzero(bench.area_of >= 0)
    assert len(inside) == sum(len(area["unit_ids"]) for area in bench.areas)
    assert not set(inside) & (set(bench.left_over) | set(bench.out_of_scope))
    assert set(bench.reason_of) == set(bench.left_over) | set(bench.out_of_scope)


def test_a_unit_is_found_by_its_id(bench):
    units = bench.units["unit_id"]
    assert [bench.position_of[unit] for unit in units] == list(range(len(units)))


def test_without_a_plan_there_are_no_areas(town):
    context = open_context(town[0])
    assert build_workbench(context, None).areas == []
    assert open_context(town[0]).key == context.key
