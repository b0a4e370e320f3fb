"""Areas of plain frames: hard sizes, leads, walls, reasons; the best of all on little maps, the bound never above."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pianqu
from tests.effort import examples


def test_areas_are_contiguous_and_of_the_size_asked_for(yards):
    graph = pianqu.neighbours(yards)
    found = pianqu.bundle(yards, graph, weight="households", lower=700, upper=1200, rounds=3)
    assert found.labels.to_dict() == {"a": 0, "b": 0, "c": 1, "d": 1, "far": -1}
    assert found.areas["weight"].tolist() == [800, 1000]
    assert found.areas.index.tolist() == [0, 1]
    assert found.verify() == []
    assert "50" in found.reasons.loc["far", "reason_en"]  # its group weighs less than the least
    assert found.reasons.loc["a", "centre"] == "b"


def test_everyone_must_have_an_area_or_it_is_proven_that_not_all_can(yards):
    graph = pianqu.neighbours(yards)
    none = pianqu.bundle(yards, graph, weight="households", lower=700, upper=1200, everyone=True, rounds=2)
    assert (none.status, set(none.labels)) == ("infeasible", {-1})
    assert [one.rule for one in none.verify()] == ["everyone"]
    assert "far" in none.causes[0].sentence.en
    kept = yards.drop("far")
    whole = pianqu.bundle(kept, pianqu.neighbours(kept), weight="households", areas=2, everyone=True, rounds=3)
    assert (whole.status, whole.gap, whole.verify()) == ("optimal", 0.0, [])


def test_leads_gather_within_capacity_reach_and_walls(yards):
    graph = pianqu.neighbours(yards)
    asked = {"weight": "households", "leads": "leads", "capacity": 450, "reach_m": 200, "walls": "street"}
    found = pianqu.bundle(yards, graph, **asked, rounds=2)
    assert found.labels.to_dict() == {"a": 0, "b": 0, "c": 1, "d": 1, "far": -1}
    assert found.centres.to_dict() == {0: "b", 1: "d"}
    assert found.verify() == []
    less = pianqu.bundle(yards, graph, **{**asked, "leads": ["b"], "capacity": 299}, rounds=2)
    assert (less.labels >= 0).sum() == 1


@settings(max_examples=examples(20), deadline=None)
@given(seed=st.integers(0, 10**6), has_most=st.booleans())
def test_on_little_maps_it_is_the_best_of_all_and_passes_the_check(seed, has_most):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 8))
    frame = gpd.GeoDataFrame(
        {"w": rng.integers(1, 9, n)}, geometry=gpd.points_from_xy(*rng.integers(0, 900, (2, n))), crs="EPSG:4546"
    )
    tree = [(k, int(rng.integers(0, k))) for k in range(1, n)]
    graph = pianqu.Graph.from_pairs([*tree, (0, n - 1)] if n > 3 else tree, frame)
    lower = int(rng.integers(3, 9))
    upper = lower + int(rng.integers(2, 9)) if has_most else None
    found = pianqu.bundle(frame, graph, weight="w", lower=lower, upper=upper, rounds=4)
    assert found.verify() == []
    network, lengths = network_of(found)
    best = min(cost(found, network, lengths, np.array(labels)) for labels in partitions(n))
    assert found.bound <= best + 1e-6
    assert found.objective == pytest.approx(cost(found, network, lengths, found.labels.to_numpy()))
    assert found.evaluate(found.labels) == pytest.approx(found.objective)
    if found.status == "optimal":
        assert found.objective == pytest.approx(best)


def partitions(n):
    """Every way to share n units out among areas, or leave them over: area numbers by first unit."""
    grown = [()]
    for _ in range(n):
        grown = [(*one, label) for one in grown for label in range(-1, max(one, default=-1) + 2)]
    return grown


def network_of(found):
    instance = found.asked.instance
    network = nx.Graph()
    network.add_nodes_from(range(instance.n_units))
    edges = zip(instance.edges.tolist(), instance.edge_m.tolist(), strict=True)
    network.add_weighted_edges_from((i, j, metres) for (i, j), metres in edges)
    return network, dict(nx.all_pairs_dijkstra_path_length(network))


def cost(found, network, lengths, labels):
    """What labels cost by networkx; infinite where they break a rule."""
    asked, instance = found.asked, found.asked.instance
    total = float(instance.penalty_m * instance.weight[labels < 0].sum())
    for label in set(labels[labels >= 0].tolist()):
        members = np.flatnonzero(labels == label).tolist()
        weight = instance.weight[members].sum()
        too_much = asked.upper is not None and weight > asked.upper
        if weight < asked.lower or too_much or not nx.is_connected(network.subgraph(members)):
            return np.inf
        total += min(sum(instance.weight[j] * lengths[i][j] for j in members) for i in members)
    return total


def test_the_order_of_rows_changes_nothing(yards):
    turned = yards.iloc[::-1]
    asked = {"weight": "households", "lower": 700, "upper": 1200, "rounds": 3}
    one, two = (pianqu.bundle(f, pianqu.neighbours(f), **asked) for f in (yards, turned))
    assert one.objective == two.objective
    assert {tuple(sorted(g)) for g in one.labels.groupby(one.labels).groups.values()} == {
        tuple(sorted(g)) for g in two.labels.groupby(two.labels).groups.values()
    }


def test_without_units_there_is_nothing_and_no_error():
    empty = gpd.GeoDataFrame(geometry=gpd.GeoSeries([], crs="EPSG:4546"))
    found = pianqu.bundle(empty, pianqu.Graph.from_pairs([], empty), rounds=1)
    assert (len(found.labels), len(found.areas), found.verify()) == (0, 0, [])
