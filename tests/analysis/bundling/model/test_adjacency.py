"""Searches over neighbours say what networkx says."""

import networkx as nx
import numpy as np
import pytest

from analysis.bundling.model.adjacency import Adjacency


@pytest.fixture(params=range(12))
def drawn(request):
    """A random graph in both forms: sparse, so that it falls into pieces."""
    graph = nx.gnp_random_graph(15, 0.12, seed=request.param)
    matrix = nx.to_scipy_sparse_array(graph, format="csr")
    return graph, Adjacency(matrix.indptr, matrix.indices)


def test_every_edge_is_there_in_both_directions(drawn):
    graph, adjacency = drawn
    pairs = set(zip(adjacency.sources.tolist(), adjacency.indices.tolist(), strict=True))
    assert pairs == {pair for a, b in graph.edges for pair in ((a, b), (b, a))}
    assert all(adjacency.row(unit).tolist() == sorted(graph[unit]) for unit in graph)


def test_components_are_those_of_networkx(drawn):
    graph, adjacency = drawn
    labels = adjacency.components
    found = {frozenset(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)}
    assert found == {frozenset(one) for one in nx.connected_components(graph)}


def test_reach_passes_allowed_units_only(drawn):
    graph, adjacency = drawn
    mask = np.arange(15) % 3 != 1
    allowed = graph.subgraph([*np.flatnonzero(mask).tolist(), 0])
    assert set(np.flatnonzero(adjacency.reach(0, mask)).tolist()) == nx.node_connected_component(allowed, 0)


def test_pieces_are_components_of_the_members(drawn):
    graph, adjacency = drawn
    members = [1, 2, 3, 5, 8, 13]
    found = adjacency.pieces(members)
    assert sorted(map(tuple, found)) == sorted(
        tuple(sorted(c)) for c in nx.connected_components(graph.subgraph(members))
    )
    assert [piece[0] for piece in found] == sorted(piece[0] for piece in found)


def test_a_unit_without_neighbours_is_a_piece_of_its_own():
    alone = Adjacency(np.array([0, 0]), np.zeros(0, dtype=np.int64))
    assert alone.pieces([0]) == [[0]]
    assert alone.components.tolist() == [0]
