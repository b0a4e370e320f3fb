"""A plan is a decision that cannot be changed by accident."""

import numpy as np
import pytest

from analysis.bundling.model.plan import Plan


def test_a_plan_cannot_be_written_to():
    plan = Plan(np.array([0, 0, -1]), np.array([-1]))
    with pytest.raises(ValueError, match="read-only"):
        plan.area_of[0] = 1


def test_a_plan_keeps_no_hold_on_the_callers_array():
    labels = np.array([0, 0, -1])
    plan = Plan(labels, np.array([-1]))
    labels[:] = 7
    assert plan.area_of.tolist() == [0, 0, -1]


def test_moving_units_makes_another_plan():
    plan = Plan(np.array([0, 0, 1]), np.array([-1, 2]))
    moved = plan.moved([0], -1)
    assert moved.area_of.tolist() == [-1, 0, 1]
    assert plan.area_of.tolist() == [0, 0, 1]
    assert moved.moved([0], 0).area_of.tolist() == plan.area_of.tolist()


def test_every_unit_is_a_member_of_one_area_or_none():
    plan = Plan(np.array([1, 0, -1, 1]), np.array([-1, -1]))
    members = [plan.members(area).tolist() for area in range(plan.n_areas)]
    assert members == [[1], [0, 3]]
