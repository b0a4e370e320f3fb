"""A score is the sum of its areas' and does not care how units are numbered."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.evaluation.score import medoid, score, walk_matrix
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.score import Score
from tests.effort import examples

#   0 --100m-- 1 --100m-- 2 --100m-- 3
LINE = [(0, 1), (1, 2), (2, 3)]


def test_people_walk_to_the_medoid(make_problem):
    problem = make_problem(LINE, [10, 1, 1, 1])
    everyone = Plan(np.zeros(4), np.array([-1]))
    assert medoid(problem, np.arange(4)) == 0
    assert score(problem, everyone) == Score(0, 100 + 200 + 300, 1)


def test_people_walk_to_the_anchor_where_there_is_one(make_problem):
    problem = make_problem(LINE, [10, 1, 1, 1], anchors=[3], capacity=[10_000], mode="lead")
    led = Plan([-1, 0, 0, 0], np.array([3]))
    assert score(problem, led) == Score(10, 200 + 100, 1)


def test_an_idle_anchor_is_nobody_left_over(make_problem):
    problem = make_problem(LINE, [10, 1, 1, 1], anchors=[0], capacity=[800], mode="lead")
    nothing = Plan(np.full(4, -1), np.zeros(0))
    assert score(problem, nothing).left_over_households == 3


def test_a_walk_beyond_the_limit_counts_as_the_limit(make_problem):
    problem = make_problem([(0, 1)], [5, 5], xy=[(0, 0), (5000, 0)])
    assert score(problem, Plan([0, 0], [-1])).household_metres == 5 * 1500


@settings(max_examples=examples(20), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_renumbering_areas_changes_no_score(random_town, seed):
    problem = random_town(seed, n=20)
    rng = np.random.default_rng(seed)
    labels = rng.integers(-1, 4, 20)
    order = rng.permutation(4)
    renumbered = np.where(labels < 0, -1, order[labels])
    one, other = (Plan(values, np.full(4, -1)) for values in (labels, renumbered))
    used = len(set(labels[labels >= 0]))
    if used == 4:
        assert score(problem, one) == score(problem, other)


@given(st.lists(st.integers(0, 5), max_size=6), st.lists(st.integers(0, 5), max_size=6))
def test_walks_between_any_units_are_those_of_the_whole_matrix(make_problem, rows, columns):
    problem = make_problem([(k, k + 1) for k in range(5)], [1] * 6, xy=[(700 * k, 0) for k in range(6)])
    everyone = np.arange(6)
    rows, columns = np.array(rows, dtype=np.int64), np.array(columns, dtype=np.int64)
    whole = problem.walks.toarray()
    whole[whole == 0] = problem.walk_cap
    np.fill_diagonal(whole, 0)
    np.testing.assert_array_equal(walk_matrix(problem, everyone, everyone), whole)
    assert (np.diagonal(whole) == 0).all()
    assert whole[0].tolist() == [0, 700, 1400, 1500, 1500, 1500]
    np.testing.assert_array_equal(walk_matrix(problem, rows, columns), whole[rows][:, columns])
