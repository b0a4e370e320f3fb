"""What HiGHS says does not depend on the point it begins with."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.solver.models.mip import MAX_PROBED, LinearRow, MipModel
from tests.effort import examples


@settings(deadline=None, max_examples=examples(80))
@given(seed=st.integers(0, 10**6))
def test_a_point_offered_changes_no_answer(seed):
    """Every row covered once, by a column of its own or by a wider one: the dearest cover offered."""
    rng = np.random.default_rng(seed)
    n_rows, n_wide = int(rng.integers(2, 5)), int(rng.integers(2, 9))
    covers = np.hstack([np.eye(n_rows), rng.random((n_rows, n_wide)) < 0.4])
    cost = np.concatenate([rng.random(n_rows) * 30, rng.random(n_wide) * 10])
    offered = np.repeat([1.0, 0.0], [n_rows, n_wide])
    model = MipModel(cost, np.ones(len(cost)), np.ones(len(cost), dtype=bool))
    model.add([LinearRow(np.flatnonzero(row), np.ones(int(row.sum())), 1.0, 1.0) for row in covers])
    answer = model.solve(start=offered)
    best = min(float(cost @ point) for point in product([0, 1], repeat=len(cost)) if (covers @ point == 1).all())
    assert answer.is_proven
    assert np.isclose(answer.bound, best)
    assert np.isclose(cost @ answer.values, best)


@pytest.mark.parametrize(("lower", "bound"), [(1.0, np.inf), (0.0, 0.0)])
def test_a_model_without_columns_has_an_answer(lower, bound):
    """Nobody can be served where no pair is left: that is proven, not unknown."""
    nothing = np.zeros(0)
    model = MipModel(nothing, nothing, nothing.astype(bool))
    model.add([LinearRow(nothing, nothing, lower, 1.0)])
    answer = model.solve()
    assert answer.is_proven
    assert answer.bound == bound
    assert (answer.values is None) == (bound == np.inf)


def test_columns_and_rows_may_be_added_and_the_aim_changed():
    model = MipModel(np.zeros(1), np.ones(1), np.ones(1, dtype=bool))
    half = model.add_column(0.5, is_whole=False)
    model.add([LinearRow([0, half], [1.0, 1.0], 0.4, np.inf)])
    model.set_cost(np.array([half]), np.array([1.0]))
    assert np.isclose(model.solve().bound, 0.0)
    model.set_cost(np.array([0]), np.array([1.0]))
    assert np.isclose(model.solve().bound, 0.0)
    model.set_cost(np.array([0, half]), np.array([1.0, 3.0]))
    assert np.isclose(model.solve().bound, 1.0)


def test_a_model_is_solved_until_nothing_is_broken():
    """Each answer that takes a column is refused once: three rounds, then nothing is left to take."""
    model = MipModel(-np.arange(1.0, 4.0), np.ones(3), np.ones(3, dtype=bool))
    refused = []

    def separate(values):
        taken = np.flatnonzero(values > 0.5)[-1:]
        refused.extend(taken.tolist())
        model.add([LinearRow([column], [1.0], 0.0, 0.0) for column in taken])
        return len(taken) > 0

    assert model.solve_lazily(separate, rounds=1).values is None
    answer = model.solve_lazily(separate)
    assert refused == [2, 1, 0]
    assert answer.is_proven
    assert np.isclose(answer.bound, 0.0)


def test_a_large_model_is_solved_to_the_best_without_probing():
    """Every row covered once, by any of more columns than are probed; the best by dynamic programming over sets."""
    rng = np.random.default_rng(0)
    n_rows, n_columns = 10, MAX_PROBED + 500
    covers = rng.random((n_columns, n_rows)) < 0.4
    cost = covers.sum(axis=1) ** 0.7 + rng.random(n_columns)
    model = MipModel(cost, np.ones(n_columns), np.ones(n_columns, dtype=bool))
    model.add([LinearRow(np.flatnonzero(row), np.ones(int(row.sum())), 1.0, 1.0) for row in covers.T])
    cheapest = dict[int, float]()
    for column, price in zip((covers @ (1 << np.arange(n_rows))).tolist(), cost.tolist(), strict=True):
        cheapest[column] = min(price, cheapest.get(column, np.inf))
    best = [0.0] + [np.inf] * (2**n_rows - 1)
    for covered in range(1, 2**n_rows):
        best[covered] = min(
            price + best[covered & ~column] for column, price in cheapest.items() if column and column & ~covered == 0
        )
    answer = model.solve()
    assert answer.is_proven
    assert np.isclose(answer.bound, best[-1])
