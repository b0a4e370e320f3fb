"""Shortest ways found tile by tile are those of the whole network."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.network.shortest_paths import build_graph_matrix, find_shortest_paths
from tests.effort import examples

spots = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=14, unique=True)


def drawn_network(places, seed):
    """A random network on places; a way is as long as its line or longer."""
    xy = 10.0 * np.array(places, dtype=float)
    rng = np.random.default_rng(seed)
    a, b = np.triu_indices(len(xy), 1)
    kept = rng.random(len(a)) < 0.4
    a, b = a[kept], b[kept]
    metres = np.hypot(*(xy[a] - xy[b]).T) * rng.uniform(1.0, 1.5, len(a))
    return xy, a, b, metres


@given(spots, st.integers(0, 99), st.sampled_from([30.0, 150.0]), st.sampled_from([1, 1000]))
@settings(max_examples=examples(60))
def test_ways_are_those_of_networkx_however_they_are_cut(places, seed, tile_m, cells):
    xy, a, b, metres = drawn_network(places, seed)
    n, limit = len(xy), 400.0
    ways = build_graph_matrix(np.append(a, b), np.append(b, a), np.tile(metres, 2), n)
    found = find_shortest_paths(
        ways, xy, np.arange(n), np.tile(xy, 2), np.ones(n, dtype=bool), limit, tile_m=tile_m, cells_at_once=cells
    )
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from(zip(a, b, metres, strict=True))
    theirs = dict(nx.all_pairs_dijkstra_path_length(graph, cutoff=limit))
    expected = sorted((i, j, m) for i, row in theirs.items() for j, m in row.items() if i != j)
    assert [tuple(pair) for pair in zip(*found[:2], strict=True)] == [e[:2] for e in expected]
    np.testing.assert_allclose(found[2], [m for *_, m in expected], atol=1e-6)


def test_of_several_ways_the_shortest_counts_and_one_of_no_length_is_one():
    ways = build_graph_matrix(np.array([0, 0, 1]), np.array([1, 1, 2]), np.array([9.0, 4.0, 0.0]), 3)
    assert ways[0, 1] == 4.0
    assert ways[1, 2] == pytest.approx(0.0, abs=1e-5)
    assert ways.nnz == 2


def test_nobody_asked_is_nobody_found():
    nothing = np.empty(0, dtype=np.intp)
    ways = build_graph_matrix(nothing, nothing, np.empty(0), 0)
    found = find_shortest_paths(ways, np.empty((0, 2)), nothing, np.empty((0, 4)), np.empty(0, bool), 9.0)
    assert [len(column) for column in found] == [0, 0, 0]
