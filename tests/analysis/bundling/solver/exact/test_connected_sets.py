"""Every connected set below the most is listed once, with a unit that it must hold or without."""

from itertools import combinations

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.model.adjacency import Adjacency
from analysis.bundling.solver.exact.connected_sets import list_masks, unpack_masks
from tests.effort import examples


@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 10**6), has_root=st.booleans())
def test_they_are_those_that_trying_all_finds(seed, has_root):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 9))
    network = nx.gnp_random_graph(n, 0.4, seed=seed)
    edges = np.array(network.edges, dtype=np.int64).reshape(-1, 2)
    weights, uppers = rng.integers(0, 9, (2, n)), rng.integers(-1, 25, 2)
    root = int(rng.integers(0, n)) if has_root else None
    among = rng.random(n) < 0.7 if has_root else None
    found = list_masks(Adjacency.from_edges(n, edges), weights, uppers, 10_000, root=root, among=among)
    expected = set()
    for size in range(1, n + 1):
        for members in combinations(range(n), size):
            others = set(members) - {root}
            is_held = root is None or (root in members and all(among[i] for i in others))
            is_light = (weights[:, members].sum(axis=1) <= uppers).all()
            if is_held and is_light and nx.is_connected(network.subgraph(members)):
                expected.add(members)
    listed = [tuple(np.flatnonzero(row).tolist()) for row in unpack_masks(found, n)] if found else []
    assert len(listed) == len(set(listed))
    assert set(listed) == expected


def test_too_many_are_none():
    star = Adjacency.from_edges(6, np.array([[0, k] for k in range(1, 6)]))
    weights, most = np.ones((1, 6), dtype=np.int64), np.array([6])
    assert len(list_masks(star, weights, most, 100)) == 2**5 + 5
    assert list_masks(star, weights, most, 2**5 + 4) is None
