"""A benchmark instance is read whole or refused; every field of the format is obeyed."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.bare.instance import (
    MalformedInstanceError,
    instance_from,
    is_connected,
    objective_of,
)
from analysis.bundling.bare.parts import bare_parts
from analysis.bundling.bare.solve import solve_instance
from analysis.bundling.searching.watch import StopAfter

SOON = StopAfter(rounds=30)


def grid(seed, *, n=8, **fields):
    """A lattice 4 wide with some edges cut, 100 m a step."""
    rng = np.random.default_rng(seed)
    xy = np.array([(100.0 * (i % 4), 100.0 * (i // 4)) for i in range(n)])
    xy += rng.uniform(-30, 30, (n, 2))
    edges = [(i, i + 1) for i in range(n - 1) if i % 4 < 3] + [(i, i + 4) for i in range(n - 4)]
    edges = np.array([e for e in edges if rng.random() > 0.15], dtype=np.int64).reshape(-1, 2)
    length = np.rint(np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T)).astype(np.int64)
    body = {
        "name": "grid", "xy": xy, "weight": rng.integers(5, 60, n), "edges": edges,
        "edge_m": length, "street": np.zeros(n, dtype=np.int64), "floor_distance": 0,
        "leads": np.zeros(0, dtype=np.int64), "capacity": np.zeros(0, dtype=np.int64),
    }  # fmt: skip
    return instance_from(body | fields)


def lead_grid(seed, **fields):
    rng = np.random.default_rng(seed + 1)
    fields = {"leads": np.array([1, 6]), "capacity": rng.integers(40, 160, 2)} | fields
    return grid(seed, n=7, problem=1, penalty_m=300, radius_m=350, **fields)


def is_allowed(instance, assignment):
    """Whether an assignment keeps every rule; written for reading."""
    for label in np.unique(assignment[assignment >= 0]):
        members = np.flatnonzero(assignment == label)
        weight = instance.weight[members].sum()
        if instance.contiguous and not is_connected(instance, members):
            return False
        if len(np.unique(instance.street[members])) > 1:
            return False
        if instance.problem == 2:
            if weight < instance.lower or (instance.upper and weight > instance.upper):
                return False
            continue
        place = np.flatnonzero(instance.leads == label)
        if len(place) != 1 or assignment[label] != label:
            return False
        if weight - instance.weight[label] > instance.capacity[place[0]]:
            return False
        lengths = distance_rows(instance, label)[members]
        if instance.radius_m and (lengths > instance.radius_m).any():
            return False
    if instance.problem == 1 and instance.lead_cost is None:
        return bool((assignment[instance.leads] == instance.leads).all())
    if not instance.penalty_m and (assignment < 0).any():
        return False
    return not instance.k or len(np.unique(assignment[assignment >= 0])) == instance.k


def distance_rows(instance, lead):
    everyone = np.arange(instance.n_units)
    return instance.distances(everyone)[lead]


def least(instance):
    """The cost of the best allowed assignment, all tried; ∞ when there is none."""
    n = instance.n_units
    choices = [-1, *instance.leads.tolist()] if instance.problem == 1 else range(-1, 3)
    best = np.inf
    per_unit = [choices] * n
    if instance.problem == 1 and instance.lead_cost is None:
        per_unit = [[i] if i in instance.leads else choices for i in range(n)]
    for some in product(*per_unit):
        assignment = np.array(some)
        if instance.problem == 2:  # labels in order of appearance: each grouping once
            seen = [k for k in dict.fromkeys(some) if k >= 0]
            if seen != sorted(seen) or (seen and seen != list(range(len(seen)))):
                continue
        if is_allowed(instance, assignment):
            best = min(best, objective_of(instance, assignment))
    return best


def whole_grid(seed, **fields):
    fields = {"lower": 60, "upper": 140, "penalty_m": 300, "open_cost": 500} | fields
    return grid(seed, n=6, problem=2, **fields)


CASES = [
    lambda seed: lead_grid(seed),
    lambda seed: lead_grid(seed, contiguous=0, metric="euclid"),
    lambda seed: lead_grid(seed, weighted=0),
    lambda seed: replace(lead_grid(seed, lead_cost=np.array([900, 4000])), radius_m=0),
    lambda seed: whole_grid(seed),
    lambda seed: whole_grid(seed, k=2),
    lambda seed: whole_grid(seed, lower=0, contiguous=0, k=2, weighted=0, metric="euclid"),
    lambda seed: whole_grid(seed, objective="cut_edges", open_cost=0, penalty_m=1),
]


@pytest.mark.parametrize("make", CASES, ids=range(len(CASES)))
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_assignment_breaks_a_rule_or_beats_the_best(make, seed):
    instance = make(seed)
    found = solve_instance(instance, stop=SOON, seed=seed % 100)
    assert np.isclose(found.objective, objective_of(instance, found.assignment), atol=0.01)
    if found.status != "infeasible":
        assert is_allowed(instance, found.assignment)
        best = least(instance)
        assert found.objective >= best - 0.01
        assert found.bound is None or found.bound <= best + 1e-6
        assert found.status != "optimal" or found.objective <= best + 0.01


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10**6), seconds=st.sampled_from([0.0, 5.0]))
def test_no_assignment_leaves_fewer_over_or_walks_less_than_its_levels_say(seed, seconds):
    instance = lead_grid(seed, capacity=np.array([40, 30]))
    found = solve_instance(instance, stop=StopAfter(seconds=seconds, rounds=20))
    left, metres = found.levels
    priced = instance.penalty_m * left.value
    assert np.isclose(metres.value + priced, found.objective)
    for other in product([-1, *instance.leads], repeat=instance.n_units):
        assignment = np.array(other)
        if not is_allowed(instance, assignment):
            continue
        others = instance.weight[assignment < 0].sum()
        assert others >= left.bound
        if others <= left.value:
            walked = objective_of(instance, assignment) - instance.penalty_m * others
            assert walked >= metres.bound - 1e-6


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10**6), weighted=st.integers(0, 1))
def test_given_time_little_led_instances_are_solved_and_proven(seed, weighted):
    instance = lead_grid(seed, weighted=weighted)
    found = solve_instance(instance, stop=StopAfter(seconds=30, rounds=30))
    assert found.status == "optimal"
    assert np.isclose(found.objective, least(instance), atol=0.01)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_given_time_no_plan_cuts_fewer_edges_than_the_bound(seed):
    instance = whole_grid(
        seed, objective="cut_edges", open_cost=0, penalty_m=0, k=2, lower=40, upper=160
    )
    found = solve_instance(instance, stop=StopAfter(seconds=30, rounds=10))
    assert found.bound <= least(instance)


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({"weight": np.full(6, 5)}, 6),  # the total is below lower
        ({"weight": np.full(6, 500)}, 6),  # every unit is above upper
        ({"edges": np.zeros((0, 2), dtype=np.int64), "edge_m": np.zeros(0, dtype=np.int64),
          "weight": np.array([100, 10, 100, 10, 10, 10])}, 4),
    ],
    ids=["below lower", "above upper", "no edges"],
)  # fmt: skip
def test_what_fits_no_area_is_left_over_and_that_is_proven(fields, left):
    instance = whole_grid(3, **fields)
    found = solve_instance(instance, stop=SOON)
    assert found.n_left == left
    assert found.bound <= found.objective
    assert found.status == "optimal"


@pytest.mark.parametrize("make", CASES, ids=range(len(CASES)))
def test_no_seconds_are_enough_for_an_assignment(make):
    found = solve_instance(make(5), stop=StopAfter(seconds=0))
    assert found.bound <= found.objective
    assert found.status == "infeasible" or is_allowed(make(5), found.assignment)


@pytest.mark.parametrize("make", CASES, ids=range(len(CASES)))
def test_kernels_are_compiled_for_one_order_of_rows(make):
    """Another order is compiled anew, in the time of the search."""
    for part in bare_parts(make(5)).parts:
        assert part.cost.flags.c_contiguous
        assert part.metres.flags.c_contiguous


def test_one_unit_is_an_area_when_it_may_be():
    one = {"edges": np.zeros((0, 2), dtype=np.int64), "edge_m": np.zeros(0, dtype=np.int64)}
    instance = grid(0, n=1, problem=2, lower=1, upper=60, penalty_m=300, open_cost=5, **one)
    found = solve_instance(instance, stop=SOON)
    assert (found.status, found.assignment.tolist(), found.objective) == ("optimal", [0], 5)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("edges", np.array([[0, 99]]), "edge"),
        ("street", np.zeros(3, dtype=np.int64), "shape"),
        ("metric", "taxi", "unknown"),
        ("problem", 3, "neither"),
    ],
)
def test_wrong_arrays_are_refused_with_a_sentence(field, value, words):
    with pytest.raises(MalformedInstanceError, match=words):
        grid(0, **({"problem": 2} | {field: value}))
