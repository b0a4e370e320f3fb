"""Diagrams of plans: the fewest edges of all plans, and a plan that cuts them; what they cannot hold is not said."""

from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.benchmark.decomposition import decompose
from analysis.bundling.benchmark.instance import parse_instance
from analysis.bundling.model.adjacency import Adjacency
from analysis.bundling.solver.base.bound_limits import BoundLimits, step_budget
from analysis.bundling.solver.base.evaluate import drop_infeasible_areas, evaluate
from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.base.work_log import ENDLESS, NO_TIME
from analysis.bundling.solver.exact.diagram.cut_edges import prove_cut_edges
from analysis.bundling.solver.exact.subproblem_bound import bound_subproblem
from analysis.bundling.solver.kernels.partition_diagram import MOST_FRONTIER
from tests.effort import examples

INSTANCES = Path(__file__).resolve().parents[7] / "shared" / "bench" / "instances"


def part_of(graph, weight, lower, upper, k):
    n = len(weight)
    adjacency = Adjacency.from_edges(n, np.array(graph.edges, dtype=np.int64).reshape(-1, 2))
    nothing = np.zeros(0, dtype=np.int64)
    return Subproblem(
        stage="whole",
        units=np.arange(n),
        indptr=adjacency.indptr,
        indices=adjacency.indices,
        households=weight,
        weight=weight,
        load=weight,
        metres=np.zeros((n, n), dtype=np.int32),
        cost=np.zeros((0, n), dtype=np.int64),
        anchors=nothing,
        capacity=nothing,
        lower=lower,
        upper=upper,
        opening=nothing,
        walkers=weight,
        k=k,
        measure="cut",
    )


def drawn_part(rng, n):
    """A tree or two with further edges, areas of few units or many, tight or not."""
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from((int(rng.integers(i)), i) for i in range(1, n) if rng.random() < 0.95)
    graph.add_edges_from(tuple(rng.choice(n, 2, replace=False).tolist()) for _ in range(rng.integers(2 * n) * (n > 1)))
    weight = rng.integers(0, 30, n)
    lower = int(rng.integers(0, weight.sum() + 1))
    upper = lower + int(rng.integers(0, 1 + weight.sum() // rng.integers(1, 9)))
    return graph, part_of(graph, weight, lower, upper, int(rng.integers(0, 4)))


def partitions(units):
    if not units:
        yield []
        return
    first, *rest = units
    for smaller in partitions(rest):
        yield [[first], *smaller]
        for i, area in enumerate(smaller):
            yield [*smaller[:i], [first, *area], *smaller[i + 1 :]]


def fewest_cut(graph, part):
    """By trying all plans; None where there is none."""
    best = None
    for plan in partitions(list(range(part.n_units))):
        weights = [part.weight[area].sum() for area in plan]
        if part.k not in (0, len(plan)) or min(weights) < part.lower or max(weights) > part.upper:
            continue
        if all(nx.is_connected(graph.subgraph(area)) for area in plan):
            labels = {unit: number for number, area in enumerate(plan) for unit in area}
            cut = sum(labels[a] != labels[b] for a, b in graph.edges)
            best = cut if best is None else min(best, cut)
    return best


def nobody(part):
    return np.full(part.n_units, -1, dtype=np.int64)


@settings(max_examples=examples(200), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_plan_cuts_fewer_and_one_cuts_as_many(seed):
    rng = np.random.default_rng(seed)
    graph, part = drawn_part(rng, int(rng.integers(1, 8)))
    best, told = fewest_cut(graph, part), []
    found = prove_cut_edges(part, nobody(part), ENDLESS, told.append)
    assert told == sorted(told)
    if best is None:
        assert found.bound > len(graph.edges)
        assert (found.labels == -1).all()
        return
    assert found.bound == best
    assert told[-1] == best
    assert np.array_equal(drop_infeasible_areas(part, found.labels), found.labels)
    assert (found.labels >= 0).all()
    assert evaluate(part, found.labels).household_metres == best
    assert all(nx.is_connected(graph.subgraph(np.flatnonzero(found.labels == a).tolist())) for a in set(found.labels))


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_another_order_of_units_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(8, 17))
    graph, part = drawn_part(rng, n)
    part = replace(part, lower=int(part.weight.sum() // 3) - 9, upper=int(part.weight.sum() // 3) + 9, k=3)
    order = rng.permutation(n)
    weight = np.empty_like(part.weight)
    weight[order] = part.weight
    other = part_of(nx.relabel_nodes(graph, dict(enumerate(order.tolist()))), weight, part.lower, part.upper, part.k)
    bounds = [prove_cut_edges(one, nobody(one), ENDLESS).bound for one in (part, other)]
    assert bounds[0] == bounds[1]


def grid(wide, deep, lower, upper, k):
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(deep, wide), ordering="sorted")
    return part_of(graph, np.ones(wide * deep, dtype=np.int64), lower, upper, k)


def test_a_square_falls_into_four_squares():
    part = grid(8, 8, 16, 16, 4)
    found = prove_cut_edges(part, nobody(part), ENDLESS)
    assert found.bound == evaluate(part, found.labels).household_metres == 16


def test_the_best_plan_known_is_kept_and_proven():
    part = grid(8, 8, 16, 16, 4)
    column, row = np.arange(64) % 8, np.arange(64) // 8
    known = 2 * (row // 4) + column // 4
    found = prove_cut_edges(part, known, ENDLESS)
    assert found.bound == 16
    assert found.labels is known


@pytest.mark.parametrize(
    ("part", "limits"),
    [
        (grid(4, 4, 4, 4, 4), {"has_time": NO_TIME}),
        (grid(4, 4, 4, 4, 4), {"has_time": ENDLESS, "room": 20}),
        (part_of(nx.complete_graph(MOST_FRONTIER + 3), np.ones(MOST_FRONTIER + 3, dtype=np.int64), 6, 6, 3), {}),
        (grid(40, 40, 1, 1, 0), {}),
    ],
    ids=["no time", "no room", "all are neighbours", "a large part"],
)
def test_what_a_diagram_cannot_hold_is_not_said(part, limits):
    assert prove_cut_edges(part, nobody(part), **({"has_time": ENDLESS} | limits)) is None


def test_where_there_is_no_diagram_the_edges_around_each_unit_count():
    n = MOST_FRONTIER + 3
    part = part_of(nx.complete_graph(n), np.ones(n, dtype=np.int64), 1, 1, n)
    limits = BoundLimits(lambda step: True, ENDLESS)
    found = bound_subproblem(part, np.arange(n), left_over=np.inf, area=0.0, aim=np.inf, limits=limits)
    assert (found.method, found.cost) == ("fewest edges around each unit", n * (n - 1) / 2)


def test_without_a_clock_small_diagrams_are_made_all_the_same():
    part = grid(6, 6, 12, 12, 3)
    found = bound_subproblem(part, nobody(part), left_over=np.inf, area=0.0, aim=1.0, limits=step_budget(1)(1.0))
    assert (found.method, found.cost) == ("decision diagram", 10)
    assert evaluate(part, found.labels).household_metres == 10


@pytest.mark.parametrize(
    "state", ["ID", "LA", *(pytest.param(name, marks=pytest.mark.full) for name in ["AL", "AR", "IA", "KS"])]
)
def test_counties_of_a_state_are_divided_in_the_best_way_from_nothing(state):
    path = INSTANCES / f"county_{state}.npz"
    if not path.exists():
        pytest.skip("the shared instances are not here")
    with np.load(path) as arrays:
        instance = parse_instance(dict(arrays))
        (part,) = decompose(instance).parts
        found = prove_cut_edges(part, nobody(part), ENDLESS)
        assert found.bound == evaluate(part, found.labels).household_metres == float(arrays["best_known"])
