"""What HiGHS says does not depend on the point it begins with."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.solver.exact.mip import LinearRow, MipModel
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
    model.start_from(offered)
    answer = model.solve()
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
