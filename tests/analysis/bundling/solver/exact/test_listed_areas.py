"""Listing every area finds the best plan of a small part, or proves that there is none."""

from dataclasses import replace
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.base.work_log import ENDLESS
from analysis.bundling.solver.exact.listed_areas import list_levels, solve_by_listing
from tests.effort import examples


def make_part(rng, n, *, lower, upper, k=0):
    network = nx.Graph([(i, int(rng.integers(0, i))) for i in range(1, n)])
    network.add_nodes_from(range(n))
    network.add_edges_from(pair for pair in combinations(range(n), 2) if rng.random() < 0.2)
    rows = [sorted(network[i]) for i in range(n)]
    weight, xy = rng.integers(1, 12, n), rng.integers(0, 900, (n, 2))
    nothing = np.zeros(0, dtype=np.int64)
    part = Subproblem(
        stage="whole",
        units=np.arange(n),
        indptr=np.cumsum([0, *map(len, rows)]),
        indices=np.array([j for row in rows for j in row], dtype=np.int64),
        households=weight,
        weight=weight,
        load=weight,
        metres=np.rint(np.hypot(*(xy[:, None] - xy[None, :]).transpose(2, 0, 1))).astype(np.int32),
        cost=np.zeros((0, 0), dtype=np.int64),
        anchors=nothing,
        capacity=nothing,
        lower=lower,
        upper=upper,
        opening=nothing,
        walkers=weight,
        k=k,
    )
    return network, part


def partitions(n):
    grown = [()]
    for _ in range(n):
        grown = [(*one, label) for one in grown for label in range(-1, max(one, default=-1) + 2)]
    return map(np.array, grown)


def cost_of(network, part, labels, left_over, area):
    """Infinite where a rule is broken."""
    left, numbers = labels < 0, np.unique(labels[labels >= 0])
    if (left.any() and np.isinf(left_over)) or (part.k and len(numbers) != part.k):
        return np.inf
    total = float(left_over * part.households[left].sum()) if left.any() else 0.0
    for number in numbers:
        members = np.flatnonzero(labels == number)
        if not part.lower <= part.weight[members].sum() <= part.upper:
            return np.inf
        if not nx.is_connected(network.subgraph(members.tolist())):
            return np.inf
        total += area + float((part.metres[np.ix_(members, members)] @ part.walkers[members]).min())
    return total


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6), k=st.sampled_from([0, 0, 2]), left_over=st.sampled_from([np.inf, 900.0, 50_000.0]))
def test_it_is_the_best_of_all_plans(seed, k, left_over):
    rng = np.random.default_rng(seed)
    lower = int(rng.integers(1, 15))
    network, part = make_part(rng, int(rng.integers(1, 8)), lower=lower, upper=lower + int(rng.integers(0, 15)), k=k)
    found = solve_by_listing(part, left_over=left_over, area=70.0, has_time=ENDLESS)
    best = min(cost_of(network, part, labels, left_over, 70.0) for labels in partitions(part.n_units))
    assert found.cost == pytest.approx(best, rel=1e-9)
    if np.isfinite(best):
        assert cost_of(network, part, found.labels, left_over, 70.0) == pytest.approx(best)
    else:
        assert found.labels is None


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_few_left_over_come_first_where_they_have_no_price(seed):
    rng = np.random.default_rng(seed)
    lower = int(rng.integers(1, 15))
    network, part = make_part(rng, int(rng.integers(1, 8)), lower=lower, upper=lower + int(rng.integers(0, 15)))
    size = rng.integers(1, 5, part.n_units)
    part = replace(part, more_weight=size[None, :], more_lower=np.array([2]), more_upper=np.array([9]))
    found = list_levels(part, 70.0)
    best = (np.inf, np.inf)
    for labels in partitions(part.n_units):
        totals = np.bincount(labels[labels >= 0], size[labels >= 0])
        left = int(part.households[labels < 0].sum())
        if ((totals == 0) | ((totals >= 2) & (totals <= 9))).all():
            cost = cost_of(network, part, labels, 0.0, 70.0)
            best = min(best, (left, cost)) if np.isfinite(cost) else best
    assert found.is_proven
    assert (found.left_over, found.cost) == pytest.approx(best)
    assert int(part.households[found.labels < 0].sum()) == best[0]


def test_too_many_sets_or_another_kind_of_part_is_left_to_others():
    _, part = make_part(np.random.default_rng(0), 12, lower=1, upper=99)
    assert solve_by_listing(part, left_over=np.inf, area=0.0, has_time=ENDLESS, most_sets=20) is None
    assert solve_by_listing(part, left_over=np.inf, area=0.0, has_time=ENDLESS) is not None


def test_tight_bounds_that_the_search_misses_are_met():
    """Sixteen units, two areas within half a per cent of the mean."""
    network = nx.grid_2d_graph(4, 4)
    rng = np.random.default_rng(5)
    weight = rng.integers(100, 1500, 16)
    _, part = make_part(np.random.default_rng(0), 16, lower=1, upper=1)
    rows = [sorted(4 * a + b for a, b in network[divmod(i, 4)]) for i in range(16)]
    half = weight.sum() / 2
    values = {
        "indptr": np.cumsum([0, *map(len, rows)]),
        "indices": np.concatenate(rows),
        "weight": weight,
        "households": weight,
        "walkers": weight,
        "lower": int(half * 0.995) + 1,
        "upper": int(half * 1.005),
        "k": 2,
    }
    tight = Subproblem(**{**vars(part), **values})
    found = solve_by_listing(tight, left_over=np.inf, area=0.0, has_time=ENDLESS)
    sums = [weight[found.labels == number].sum() for number in (0, 1)]
    assert sum(sums) == weight.sum()
    assert all(tight.lower <= one <= tight.upper for one in sums)
