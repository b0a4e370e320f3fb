"""The order of units: everyone comes once, frontiers are what they say and narrow where the graph allows."""

import networkx as nx
import numpy as np
import pytest

from analysis.bundling.model.adjacency import Adjacency
from analysis.bundling.solver.exact.diagram.unit_order import order_units
from analysis.bundling.solver.kernels.partition_diagram import MOST_FRONTIER


def ordered(graph):
    graph = nx.convert_node_labels_to_integers(graph, ordering="sorted")
    edges = np.array(graph.edges, dtype=np.int64).reshape(-1, 2)
    return graph, order_units(Adjacency.from_edges(len(graph), edges))


@pytest.mark.parametrize(
    ("graph", "widest"),
    [
        (nx.path_graph(30), 1),
        (nx.cycle_graph(30), 2),
        (nx.star_graph(30), 1),
        (nx.grid_2d_graph(5, 40), 5),
        (nx.disjoint_union(nx.path_graph(3), nx.path_graph(3)), 1),
        (nx.empty_graph(3), 0),
    ],
    ids=["path", "cycle", "star", "strip", "two pieces", "no edges"],
)
def test_frontiers_are_as_narrow_as_the_graph(graph, widest):
    graph, arrivals = ordered(graph)
    assert sorted(one.unit for one in arrivals) == list(range(len(graph)))
    assert max(len(one.frontier) for one in arrivals) == widest
    came: set[int] = set()
    for one in arrivals:
        waiting = [unit for unit in came if set(graph[unit]) - came]
        assert sorted(one.frontier.tolist()) == sorted(waiting)
        assert set(one.frontier[one.joined].tolist()) == set(graph[one.unit]) & came
        came.add(one.unit)
        members = [*one.frontier.tolist(), one.unit]
        assert [not set(graph[unit]) - came for unit in members] == one.leaves.tolist()


@pytest.mark.parametrize("graph", [nx.complete_graph(MOST_FRONTIER + 2), nx.grid_2d_graph(30, 30)])
def test_a_graph_of_wide_frontiers_has_no_order(graph):
    assert ordered(graph)[1] is None
