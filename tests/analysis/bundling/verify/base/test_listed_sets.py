"""The check's own listing of areas finds what trying every partition finds."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.verify.base.listed_sets import find_minimum
from tests.effort import examples


def drawn(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 8))
    network = nx.gnp_random_graph(n, 0.4, seed=seed)
    people = rng.integers(1, 12, n).astype(float)
    xy = rng.integers(0, 900, (n, 2))
    walks = np.rint(np.hypot(*(xy[:, None] - xy[None, :]).transpose(2, 0, 1)))
    least = int(rng.integers(1, 15))
    return network, people, walks, least, least + int(rng.integers(0, 15))


def partitions(n):
    grown = [()]
    for _ in range(n):
        grown = [(*one, label) for one in grown for label in range(-1, max(one, default=-1) + 2)]
    return map(np.array, grown)


@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 10**6), area_m=st.sampled_from([0.0, 700.0]), data=st.data())
def test_it_is_the_minimum_of_all_partitions_whatever_is_at_hand(seed, area_m, data):
    network, people, walks, least, most = drawn(seed)
    best, at_hand = (np.inf, np.inf), []
    for labels in partitions(len(people)):
        groups = [np.flatnonzero(labels == k) for k in range(labels.max(initial=-1) + 1)]
        if all(
            least <= people[one].sum() <= most and nx.is_connected(network.subgraph(one.tolist())) for one in groups
        ):
            cost = sum(float((walks[np.ix_(one, one)] @ people[one]).min()) + area_m for one in groups)
            best = min(best, (float(people[labels < 0].sum()), cost))
            at_hand.append([one.tolist() for one in groups])
    neighbours = [sorted(network[i]) for i in range(len(people))]
    for areas in ([], data.draw(st.sampled_from(at_hand)), [[0, len(people)]]):
        found = find_minimum(neighbours, [(people, least, most, 0.0)], people, walks, area_m=area_m, areas=areas)
        assert (found.left_over, found.cost) == pytest.approx(best)


def test_rounded_figures_prove_less():
    line, walks = [[1], [0]], np.array([[0.0, 9.0], [9.0, 0.0]])
    people = np.array([3.0, 4.0])
    strict = find_minimum(line, [(people, 8.0, 9.0, 0.0)], people, walks, area_m=0.0)
    loose = find_minimum(line, [(people, 8.0, 9.0, 0.5)], people, walks, area_m=0.0)
    assert (strict.left_over, loose.left_over) == (7, 0)
    assert find_minimum(line, [(people, 1.0, 9.0, 0.0)], people, walks, area_m=0.0, most_sets=1) is None
