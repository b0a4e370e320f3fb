"""The first plan is sound already, and complete where nothing stands in the way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.solver.base.evaluate import drop_infeasible_areas
from analysis.bundling.solver.base.subproblem import split_lead, split_whole
from analysis.bundling.solver.construct import construct
from tests.effort import examples


def parts_of(problem):
    if problem.rules.mode == "lead":
        return split_lead(problem)
    return split_whole(problem, np.arange(problem.n_units))


@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 10**6), mode=st.sampled_from(["lead", "whole"]))
def test_no_area_needs_to_be_taken_apart(random_town, seed, mode):
    problem = random_town(seed, mode=mode, anchor_share=0.2 if mode == "lead" else 0.0)
    for part in parts_of(problem):
        labels = construct(part)
        assert drop_infeasible_areas(part, labels).tolist() == labels.tolist()


@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 10**6), n_walls=st.integers(1, 4))
def test_parts_share_no_unit_and_no_edge(random_town, seed, n_walls):
    problem = random_town(seed, n_walls=n_walls, lower=0)
    owner = np.full(problem.n_units, -1)
    for k, part in enumerate(parts_of(problem)):
        assert (owner[part.units] == -1).all()
        assert len(set(problem.jurisdiction[part.units])) == 1
        owner[part.units] = k
    row = np.repeat(np.arange(problem.n_units), np.diff(problem.indptr))
    assert (owner[row] == owner[problem.indices]).all()


def test_a_line_of_equals_is_cut_into_areas_that_fit(make_problem):
    line = make_problem([(i, i + 1) for i in range(8)], [100] * 9, lower=300, upper=300)
    (part,) = parts_of(line)
    labels = construct(part)
    counts = np.bincount(labels[labels >= 0])
    assert set(counts[counts > 0]) == {3}


def test_an_anchor_between_two_groups_joins_them_into_one_part(make_problem):
    #  0 - 1(anchor) - 2        anchors side by side join nothing: 3(anchor) - 4
    town = make_problem(
        [(0, 1), (1, 2), (2, 3), (3, 4)], [50, 100, 50, 100, 50], anchors=[1, 3], capacity=[8_000, 8_000], mode="lead"
    )
    assert [part.units.tolist() for part in split_lead(town)] == [[0, 1, 2, 3, 4]]
    cut = make_problem(
        [(0, 1), (1, 3), (3, 4)], [50, 100, 50, 100, 50], anchors=[1, 3], capacity=[8_000, 8_000], mode="lead"
    )
    assert [part.units.tolist() for part in split_lead(cut)] == [[0, 1], [3, 4]]


@pytest.mark.parametrize(("lower", "n_parts"), [(100, 1), (101, 0)])
def test_a_group_too_light_for_an_area_is_no_part(make_problem, lower, n_parts):
    pair = make_problem([(0, 1)], [50, 50], lower=lower, upper=500)
    assert len(parts_of(pair)) == n_parts
