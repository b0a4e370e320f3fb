"""That no units may be an area is claimed only where it is so, and wherever it is so on little maps."""

from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.evaluation import feasible_subsets
from analysis.bundling.evaluation.feasible_subsets import has_feasible_subset
from tests.effort import examples


def by_trying_all(weight, edges, lower, upper, must_connect):
    graph = nx.Graph(edges.tolist())
    graph.add_nodes_from(range(len(weight)))
    return any(
        lower <= weight[list(some)].sum() <= upper and (not must_connect or nx.is_connected(graph.subgraph(some)))
        for size in range(1, len(weight) + 1)
        for some in combinations(range(len(weight)), size)
    )


@settings(max_examples=examples(150), deadline=None)
@given(seed=st.integers(0, 10**6), must_connect=st.booleans(), wide=st.integers(0, 40))
def test_it_says_what_trying_all_sets_says(seed, must_connect, wide):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 9))
    weight = rng.integers(0, 300, n)
    pairs = [pair for pair in combinations(range(n), 2) if rng.random() < 0.35]
    edges = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    lower = int(rng.integers(1, 700))
    said = has_feasible_subset(weight, edges, lower, lower + wide, must_connect=must_connect)
    assert said == by_trying_all(weight, edges, lower, lower + wide, must_connect)


@pytest.mark.parametrize(("most", "says"), [(9, True), (1000, False)])
def test_where_there_are_too_many_sets_nothing_is_claimed(monkeypatch, most, says):
    """Units 0 and 2 weigh enough together, but there is no way between them that is light enough."""
    monkeypatch.setattr(feasible_subsets, "MOST_SETS", most)
    weight, edges = (np.array([60, 50, 60, 1, 1, 1]), np.array([[0, 1], [1, 2], [0, 3], [3, 4], [4, 5]]))
    assert has_feasible_subset(weight, edges, 120, 121, must_connect=True) == says
