"""A benchmark instance is read whole or refused; every field of the format is obeyed."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from analysis.bundling.benchmark.decomposition import decompose
from analysis.bundling.benchmark.infeasibility import prove_infeasible
from analysis.bundling.benchmark.instance import MalformedInstanceError, evaluate_assignment, parse_instance
from analysis.bundling.benchmark.solve import solve_instance
from analysis.bundling.solver.base.stop import StopAfter
from tests.effort import examples

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
        "name": "grid",
        "xy": xy,
        "weight": rng.integers(5, 60, n),
        "edges": edges,
        "edge_m": length,
        "street": np.zeros(n, dtype=np.int64),
        "floor_distance": 0,
        "leads": np.zeros(0, dtype=np.int64),
        "capacity": np.zeros(0, dtype=np.int64),
    }
    return parse_instance(body | fields)


def lead_grid(seed, **fields):
    rng = np.random.default_rng(seed + 1)
    body = {"leads": np.array([1, 6]), "capacity": rng.integers(40, 160, 2), "n": 7}
    body |= {"problem": 1, "penalty_m": 300, "radius_m": 350}
    return grid(seed, **(body | fields))


def is_allowed(instance, assignment):
    """Whether an assignment keeps every rule; written for reading."""
    for label in np.unique(assignment[assignment >= 0]):
        members = np.flatnonzero(assignment == label)
        weight = instance.weight[members].sum()
        if instance.contiguous and connected_components(instance.graph[members][:, members], directed=False)[0] > 1:
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
    must_lead = instance.leads[:0] if instance.lead_cost is not None else instance.leads
    if (assignment[must_lead] != must_lead).any():
        return False
    if not instance.penalty_m and (assignment < 0).any():
        return False
    return not instance.k or len(np.unique(assignment[assignment >= 0])) == instance.k


def distance_rows(instance, lead):
    everyone = np.arange(instance.n_units)
    return instance.distances(everyone)[lead]


def least(instance):
    """The cost of the best allowed assignment, all tried; ∞ when there is none."""
    every = groupings(instance.n_units) if instance.problem == 2 else leadings(instance)
    allowed = (some for some in map(np.array, every) if is_allowed(instance, some))
    return min((evaluate_assignment(instance, some) for some in allowed), default=np.inf)


def groupings(n):
    """Labels of n units, each grouping once, any of them in none."""
    if n == 0:
        yield ()
        return
    for head in groupings(n - 1):
        for label in range(-1, max(head, default=-1) + 2):
            yield (*head, label)


def leadings(instance):
    """Every choice of a lead, or none, for every unit."""
    choices = [-1, *instance.leads.tolist()]
    must_lead = instance.leads if instance.lead_cost is None else []
    return product(*([i] if i in must_lead else choices for i in range(instance.n_units)))


def whole_grid(seed, **fields):
    fields = {"lower": 60, "upper": 140, "penalty_m": 300, "open_cost": 500} | fields
    return grid(seed, n=6, problem=2, **fields)


STREETS = np.array([0, 0, 1, 1, 0, 0, 1, 1])
"""Two streets side by side on the lattice."""

CASES = [
    lambda seed: lead_grid(seed),
    lambda seed: lead_grid(seed, contiguous=0, metric="euclid"),
    lambda seed: lead_grid(seed, weighted=0),
    lambda seed: replace(lead_grid(seed, lead_cost=np.array([900, 4000])), radius_m=0),
    lambda seed: whole_grid(seed),
    lambda seed: whole_grid(seed, k=2),
    lambda seed: whole_grid(seed, lower=0, contiguous=0, k=2, weighted=0, metric="euclid"),
    lambda seed: whole_grid(seed, objective="cut_edges", open_cost=0, penalty_m=1),
    lambda seed: whole_grid(seed, objective="cut_edges", open_cost=7, penalty_m=0, lower=20),
    lambda seed: lead_grid(seed, street=STREETS[:7], leads=np.array([6, 1])),
    lambda seed: lead_grid(seed, street=STREETS[:7], contiguous=0, metric="euclid"),
    lambda seed: lead_grid(seed, metric="euclid", floor_distance=1),
    lambda seed: lead_grid(seed, metric="euclid", floor_distance=10, penalty_m=0, radius_m=0),
    lambda seed: lead_grid(seed, penalty_m=0, capacity=np.array([200, 200])),
    lambda seed: replace(
        lead_grid(seed, n=6, leads=np.array([5, 0]), capacity=np.array([150, 90])), lead_cost=np.array([900, 200])
    ),
    lambda seed: whole_grid(seed, street=STREETS[:6], lower=20),
    lambda seed: whole_grid(seed, street=STREETS[:6], k=2, lower=20, upper=0),
    lambda seed: whole_grid(
        seed, street=STREETS[:6], k=3, lower=0, upper=0, penalty_m=0, contiguous=0, metric="euclid", floor_distance=1000
    ),
    lambda seed: whole_grid(seed, upper=0, penalty_m=0, lower=20),
    lambda seed: whole_grid(seed, metric="euclid", floor_distance=1),
]


@pytest.mark.full
@pytest.mark.parametrize("make", CASES, ids=range(len(CASES)))
@settings(max_examples=examples(3), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_assignment_breaks_a_rule_or_beats_the_best(make, seed):
    instance = make(seed)
    found = solve_instance(instance, stop=SOON, seed=seed % 100)
    assert np.isclose(found.objective, evaluate_assignment(instance, found.assignment), atol=0.01)
    assert found.status == "infeasible" or not prove_infeasible(instance)
    if found.status != "infeasible":
        assert is_allowed(instance, found.assignment)
        best = least(instance)
        assert found.objective >= best - 0.01
        assert found.bound is None or found.bound <= best + 1e-6
        assert found.status != "optimal" or found.objective <= best + 0.01


@settings(max_examples=examples(6), deadline=None)
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
            walked = evaluate_assignment(instance, assignment) - instance.penalty_m * others
            assert walked >= metres.bound - 1e-6


@settings(max_examples=examples(6), deadline=None)
@given(seed=st.integers(0, 10**6), weighted=st.integers(0, 1))
def test_given_time_little_led_instances_are_solved_and_proven(seed, weighted):
    instance = lead_grid(seed, weighted=weighted)
    found = solve_instance(instance, stop=StopAfter(seconds=30, rounds=30))
    assert found.status == "optimal"
    assert np.isclose(found.objective, least(instance), atol=0.01)


def test_an_instance_is_searched_until_it_is_near_its_bound():
    instance = lead_grid(5)
    found = solve_instance(instance, stop=StopAfter(rounds=10**6, gap=0.9))
    assert found.why_stopped == "gap"
    assert found.objective - found.bound <= 0.9 * found.objective
    assert found.status == "feasible" or np.isclose(found.objective, least(instance), atol=0.01)


@settings(max_examples=examples(8), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_given_time_no_plan_cuts_fewer_edges_than_the_bound(seed):
    instance = whole_grid(seed, objective="cut_edges", open_cost=0, penalty_m=0, k=2, lower=40, upper=160)
    found = solve_instance(instance, stop=StopAfter(seconds=30, rounds=10))
    assert found.bound <= least(instance)


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({"weight": np.full(6, 5)}, 6),  # the total is below lower
        ({"weight": np.full(6, 500)}, 6),  # every unit is above upper
        (
            {
                "edges": np.zeros((0, 2), dtype=np.int64),
                "edge_m": np.zeros(0, dtype=np.int64),
                "weight": np.array([100, 10, 100, 10, 10, 10]),
            },
            4,
        ),
    ],
    ids=["below lower", "above upper", "no edges"],
)
def test_what_fits_no_area_is_left_over_and_that_is_proven(fields, left):
    instance = whole_grid(3, **fields)
    found = solve_instance(instance, stop=SOON)
    assert found.n_left == left
    assert found.bound <= found.objective
    assert found.status == "optimal"


@pytest.mark.parametrize("make", CASES, ids=range(len(CASES)))
def test_no_seconds_are_enough_for_an_assignment(make):
    found = solve_instance(make(5), stop=StopAfter(seconds=0))
    if found.status != "infeasible":
        assert found.bound <= found.objective
        assert is_allowed(make(5), found.assignment)


@pytest.mark.parametrize("make", CASES, ids=range(len(CASES)))
def test_kernels_are_compiled_for_one_order_of_rows(make):
    """Another order is compiled anew, in the time of the search."""
    for part in decompose(make(5)).parts:
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


def line(weight, edges, **fields):
    """Units in a line 100 m apart; only the pairs given are neighbours."""
    n = len(weight)
    body = {
        "xy": np.column_stack([np.arange(n) * 100.0, np.zeros(n)]),
        "weight": np.array(weight),
        "edges": np.array(edges, dtype=np.int64).reshape(-1, 2),
        "edge_m": np.full(len(edges), 100),
        "street": np.zeros(n, dtype=np.int64),
    }
    return parse_instance(body | fields)


@pytest.mark.parametrize(
    ("weight", "edges", "left"),
    [
        ([100, 100, 100, 100, 5], [(0, 1), (1, 2), (2, 3)], [4]),  # one component is too light
        ([100] * 6 + [50] * 2, [(0, 1), (2, 3), (3, 4), (6, 7)], [5, 6, 7]),  # more than areas
    ],
)
def test_components_that_get_none_of_a_number_of_areas_are_left_over(weight, edges, left):
    instance = line(weight, edges, problem=2, lower=100, upper=300, k=2, penalty_m=300)
    found = solve_instance(instance, stop=SOON)
    assert found.status != "infeasible"
    assert np.flatnonzero(found.assignment < 0).tolist() == left


def test_areas_that_need_not_be_connected_stay_in_their_street():
    street = np.array([0, 0, 0, 0, 0, 1])
    instance = line([100] * 6, [], problem=2, k=3, contiguous=0, metric="euclid", street=street)
    found = solve_instance(instance, stop=SOON)
    assert is_allowed(instance, found.assignment)


def test_a_bound_forgives_what_rounding_walks_adds():
    """1.0006 m are 1.001 m for the search, 0.4 m in all for the 1000 households that walk them."""
    xy = np.array([(0.0, 0.0), (1.0006, 0.0)])
    instance = line([1000, 1000], [(0, 1)], xy=xy, problem=2, k=1, metric="euclid", floor_distance=0)
    assert solve_instance(instance, stop=SOON).bound <= 1000.6
    exact = replace(instance, floor_distance=1000)
    assert solve_instance(exact, stop=SOON).status == "optimal"


def test_an_area_that_cuts_edges_costs_what_opening_does():
    instance = line([100] * 4, [(0, 1), (1, 2), (2, 3)], problem=2, objective="cut_edges", open_cost=50)
    assert evaluate_assignment(instance, np.array([0, 0, 1, 1])) == 1 + 2 * 50


def test_edges_that_areas_need_not_follow_bound_no_cut():
    """0 and 1, the only neighbours, go together: no edge is cut, though near units are parted."""
    instance = line([100] * 4, [(0, 1)], problem=2, objective="cut_edges", contiguous=0, lower=100, upper=200)
    found = solve_instance(instance, stop=StopAfter(seconds=5, rounds=20))
    assert found.bound <= least(instance) == 0


def test_a_lead_that_takes_whole_units_leaves_more_over_than_its_capacity_does():
    """Two leads of 150 take one unit of 100 each: three of five are left over, counting says two."""
    edges = [(i, i + 1) for i in range(6)]
    instance = line([100] * 7, edges, problem=1, leads=np.array([1, 5]), penalty_m=300, capacity=np.array([150, 150]))
    left, _ = solve_instance(instance, stop=SOON).levels
    assert (left.value, left.bound) == (300, 300)


@settings(max_examples=examples(6), deadline=None)
@given(seed=st.integers(0, 10**6), problem=st.sampled_from([1, 2]))
def test_bounds_hold_street_by_street(seed, problem):
    """Edges between streets are taken away: each street is then an instance of its own."""
    make, n = (lead_grid, 7) if problem == 1 else (whole_grid, 6)
    instance = make(seed, street=STREETS[:n])
    inner = instance.edges[np.ptp(instance.street[instance.edges], axis=1) == 0]
    instance = replace(instance, edges=inner, edge_m=np.full(len(inner), 100))
    found = solve_instance(instance, stop=SOON)
    assert [street.code for street in found.streets] == [0, 1]
    assert np.isclose(sum(street.objective for street in found.streets), found.objective)
    assert sum(street.bound for street in found.streets) <= found.bound + 1e-6
    for street in found.streets:
        alone = _only(instance, np.flatnonzero(instance.street == street.code))
        assert street.bound <= least(alone) + 1e-6 <= street.objective + 0.01
        assert len(street.levels) == (2 if problem == 1 else 0)


def _only(instance, units):
    """The instance of some units, nobody else's neighbours."""
    place = np.full(instance.n_units, -1)
    place[units] = np.arange(len(units))
    chosen = np.isin(instance.leads, units)
    edges = place[instance.edges]
    inside = (edges >= 0).all(axis=1)
    return replace(
        instance,
        xy=instance.xy[units],
        weight=instance.weight[units],
        street=instance.street[units],
        edges=edges[inside],
        edge_m=instance.edge_m[inside],
        leads=place[instance.leads[chosen]],
        capacity=instance.capacity[chosen],
    )


def test_a_number_of_areas_is_bounded_for_no_single_street():
    instance = whole_grid(1, street=STREETS[:6], k=2, lower=20)
    assert solve_instance(instance, stop=SOON).streets == ()


@pytest.mark.parametrize("make", CASES[:5], ids=range(5))
def test_workers_change_no_assignment(make):
    one, two = (solve_instance(make(7), stop=SOON, workers=workers) for workers in (1, 2))
    assert one.assignment.tolist() == two.assignment.tolist()
    assert one.bound == two.bound


PAIR = [(0, 1), (2, 3)]


@pytest.mark.parametrize(
    ("instance", "kind", "numbers"),
    [
        (line([100, 500], [(0, 1)], problem=2, upper=300), "largest_unit", (500, 300)),
        (line([100] * 4, PAIR, problem=2, lower=250), "below_minimum", (200, 250)),
        (line([100] * 4, PAIR, problem=2, lower=150, upper=180), "areas", (1, 2)),
        (line([100] * 4, PAIR, problem=2, k=3, lower=150, penalty_m=9), "areas", (2, 3)),
        (line([100] * 4, PAIR, problem=2, k=1), "areas", (2, 1)),
        (line([250] * 2, [(0, 1)], problem=2, k=1, lower=300, upper=400, penalty_m=9), "areas", (0, 1)),
        (
            line([200] * 9, [(i, i + 1) for i in range(8)], problem=2, lower=300, upper=380),
            "no_area_fits",
            (None, None),
        ),
        (
            line([100] * 3, [(0, 1), (1, 2)], problem=1, leads=np.array([0]), capacity=np.array([150])),
            "capacity",
            (200, 150),
        ),
        (
            line([100, 300], [(0, 1)], problem=1, leads=np.array([0]), capacity=np.array([150])),
            "largest_unit",
            (300, 150),
        ),
        (line([100] * 4, PAIR, problem=1, leads=np.array([0]), capacity=np.array([900])), "no_anchor", (None, None)),
    ],
)
def test_what_cannot_be_is_proven_with_numbers(instance, kind, numbers):
    cause = prove_infeasible(instance)[0]
    assert (cause.kind, (cause.value, cause.limit)) == (kind, numbers)
    for number in filter(None, numbers):
        assert str(number) in cause.sentence.zh
        assert str(number) in cause.sentence.en
    assert solve_instance(instance, stop=SOON).status == "infeasible"


@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 10**6), make=st.sampled_from(CASES))
def test_nothing_is_proven_impossible_that_can_be(seed, make):
    instance = replace(make(seed), penalty_m=0)
    if prove_infeasible(instance):
        assert least(instance) == np.inf
