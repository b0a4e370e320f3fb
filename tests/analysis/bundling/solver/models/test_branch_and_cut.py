"""Rows added in the nodes of a tree: what none of them breaks is best, and what ends a tree leaves its bound."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.solver.base.work_log import NO_TIME
from analysis.bundling.solver.models.branch_and_cut import HAS_SCIP, solve_by_branch_and_cut
from analysis.bundling.solver.models.mip import LinearRow, MipModel
from tests.effort import examples

pytestmark = pytest.mark.skipif(not HAS_SCIP, reason="no pyscipopt for this platform")


def drawn(seed, n=7, n_rows=6):
    """Costs, and rows of which some are told and others only found: (cost, told, kept back)."""
    rng = np.random.default_rng(seed)
    cost = rng.integers(-9, 10, n).astype(float)
    rows = [
        LinearRow(
            inside := np.flatnonzero(rng.random(n) < 0.5), rng.integers(-4, 5, len(inside)).astype(float), low, up
        )
        for low, up in zip(rng.integers(-6, 1, n_rows), rng.integers(0, 5, n_rows), strict=True)
    ]
    return cost, rows[: n_rows // 2], rows[n_rows // 2 :]


def breaks(row, point):
    total = np.asarray(row.values) @ point[np.asarray(row.columns, dtype=int)]
    return total < row.lower - 1e-6 or total > row.upper + 1e-6


def model_of(cost, rows):
    model = MipModel(cost, np.ones(len(cost)), np.ones(len(cost), dtype=bool))
    model.add(rows)
    return model


@settings(deadline=None, max_examples=examples(60))
@given(seed=st.integers(0, 10**6), is_eager=st.booleans())
def test_rows_found_on_the_way_bind_as_those_told_before(seed, is_eager):
    cost, told, kept = drawn(seed)

    def separate(point, is_whole):
        return [row for row in kept if (is_whole or is_eager) and breaks(row, point)]

    answer = solve_by_branch_and_cut(model_of(cost, told), separate)
    points = [np.array(point, dtype=float) for point in product([0, 1], repeat=len(cost))]
    costs = [cost @ point for point in points if not any(breaks(row, point) for row in (*told, *kept))]
    assert answer.is_proven
    assert (answer.values is None) == (not costs)
    assert answer.bound == pytest.approx(min(costs, default=np.inf))
    if costs:
        assert cost @ answer.values == pytest.approx(min(costs))
        assert not any(breaks(row, answer.values) for row in (*told, *kept))


def test_only_cheaper_points_are_looked_for():
    model = model_of(np.array([-1.0, -2.0]), [LinearRow([0, 1], [1.0, 1.0], 0.0, 1.0)])
    none = solve_by_branch_and_cut(model, lambda point, is_whole: [], below=-2.5)
    assert none.is_proven
    assert none.values is None
    assert none.bound == -2.5
    one = solve_by_branch_and_cut(model, lambda point, is_whole: [], below=-1.5)
    assert one.values.round().tolist() == [0, 1]


def test_an_end_asked_for_proves_nothing():
    cost, told, _ = drawn(5)
    answer = solve_by_branch_and_cut(model_of(cost, told), lambda point, is_whole: [], NO_TIME)
    best = solve_by_branch_and_cut(model_of(cost, told), lambda point, is_whole: [])
    assert answer.bound <= best.bound + 1e-6


def test_what_fails_while_rows_are_looked_for_is_told():
    def separate(point, is_whole):
        raise ZeroDivisionError("no rows")

    with pytest.raises(ZeroDivisionError, match="no rows"):
        solve_by_branch_and_cut(model_of(np.array([-1.0, -2.0]), []), separate)
