"""A knapsack is filled as well as by trying everything, and bounded where it is cut short."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from analysis.bundling.solver.kernels.knapsack import knapsack
from tests.effort import examples


@njit
def filled(profit, weight, room, max_states):
    """What only compiled code may call."""
    return knapsack(profit, weight, room, max_states)


@pytest.mark.full
@settings(deadline=None, max_examples=examples(200))
@given(seed=st.integers(0, 10**6), max_states=st.sampled_from([0, 3, 20_000]), is_alike=st.booleans())
def test_a_knapsack_is_filled_as_well_as_by_trying_everything(seed, max_states, is_alike):
    rng = np.random.default_rng(seed)
    n, room = int(rng.integers(0, 9)), int(rng.integers(0, 60))
    profit, weight = rng.uniform(0.1, 9, n), rng.integers(0, 20, n)
    if is_alike:  # worth what it weighs, nearly: hard
        profit = weight + 0.1 * profit
    taken, value = filled(profit, weight, room, max_states)
    best = max(
        sum(p for p, inside in zip(profit, choice, strict=True) if inside)
        for choice in product([False, True], repeat=n)
        if sum(w for w, inside in zip(weight, choice, strict=True) if inside) <= room
    )
    assert weight[taken].sum() <= room
    assert value >= best - 1e-9
    if max_states > 3:
        assert np.isclose(profit[taken].sum(), best)
        assert value <= best + 1e-6 * (1 + profit.sum())
