"""The integer programme finds what trying all choices of columns finds."""

from itertools import product

import numpy as np
import pytest

from analysis.bundling.solver.models.set_partitioning import membership, set_partitioning_model


@pytest.mark.parametrize("seed", range(15))
def test_the_cheapest_partition_is_found(seed):
    rng = np.random.default_rng(seed)
    n, m, n_columns = 5, 3, 7
    elements = [np.flatnonzero(rng.random(n) < 0.5) for _ in range(n_columns)]
    members = membership(elements, rng.integers(0, m, n_columns).tolist(), (n, m))
    cost = np.concatenate([rng.integers(1, 20, n_columns), np.full(n, 9)]).astype(float)
    found = set_partitioning_model(cost, members, n, is_whole=np.ones(len(cost), dtype=bool)).solve()
    dense = members.toarray()
    choices = (np.array(one) for one in product((0, 1), repeat=len(cost)))
    feasible = [one for one in choices if (dense[:n] @ one == 1).all() and (dense[n:] @ one <= 1).all()]
    assert found.is_proven
    assert np.isclose(cost @ found.values, min(float(cost @ one) for one in feasible))


def test_a_column_of_upper_bound_zero_is_not_chosen():
    members = membership([np.array([0]), np.array([0])], [0, 1], (1, 2))
    cost, upper = np.array([1.0, 5.0, 9.0]), np.array([0.0, 1.0, 1.0])
    model = set_partitioning_model(cost, members, 1, is_whole=np.ones(3, dtype=bool), upper=upper)
    assert model.solve().values.round().tolist() == [0, 1, 0]
