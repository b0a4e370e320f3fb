"""A company takes in what all its anchors do together, and no more than its allowance."""

import numpy as np

from analysis.bundling.evaluation.company_allowance import (
    allowance_at_anchors,
    capacity_within_allowance,
    company_of_anchor,
    floor_area_taken,
    remaining_allowance,
)
from analysis.bundling.model.plan import Plan

PATH = [(0, 1), (1, 2), (2, 3), (3, 4)]
PLAN = Plan(np.array([0, 0, -1, 1, 1]), np.array([0, 4]))


def path(make_problem):
    """Anchor 0, units of 8,000 m² each, anchor 4."""
    return make_problem(PATH, [500, 100, 100, 100, 500], anchors=[0, 4], capacity=[40_000, 40_000], mode="lead")


def test_both_anchors_of_a_company_draw_on_its_allowance(make_problem, with_companies):
    problem = with_companies(path(make_problem), [0, 0], [24_000])
    assert floor_area_taken(problem, PLAN).tolist() == [16_000]
    assert floor_area_taken(problem, PLAN, but={4}).tolist() == [8_000]
    assert remaining_allowance(problem, PLAN, 0) == 8_000
    assert allowance_at_anchors(problem, PLAN, [4]).tolist() == [16_000]
    assert capacity_within_allowance(problem).tolist() == [24_000, 24_000]


def test_who_has_no_known_company_is_not_held(make_problem, with_companies):
    problem = with_companies(path(make_problem), [-1, 0], [24_000])
    assert [company_of_anchor(problem, anchor) for anchor in (0, 2, 4)] == [-1, -1, 0]
    assert remaining_allowance(problem, PLAN, 0) is None
    assert capacity_within_allowance(problem).tolist() == [40_000, 24_000]


def test_without_the_rule_nothing_is_counted(make_problem):
    problem = path(make_problem)
    assert floor_area_taken(problem, PLAN).size == 0
    assert allowance_at_anchors(problem, PLAN, [0]) is None
