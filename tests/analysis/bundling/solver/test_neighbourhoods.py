"""Groups of led areas solved exactly: as good as trying everything, and bounds never above it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from analysis.bundling.model.score import Objective
from analysis.bundling.solver.annealing import N_CHAINS, anneal_repeatedly
from analysis.bundling.solver.base.evaluate import evaluate
from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.base.work_log import ENDLESS, ClockLimit
from analysis.bundling.solver.construct import construct
from analysis.bundling.solver.exact import facility_solver
from analysis.bundling.solver.exact.assignment_mip import AssignmentMip, PlanCosts, solve_transport_relaxation
from analysis.bundling.solver.exact.contraction import contract_fixed_units
from analysis.bundling.solver.exact.facility_solver import prove_assignment
from analysis.bundling.solver.exact.lagrangian import LagrangianState, surviving_pairs, tighten_bound
from analysis.bundling.solver.exact.restricted_mip import solve_restricted_mip
from analysis.bundling.solver.lns import large_neighbourhood_search
from analysis.bundling.solver.models.separators import (
    disconnected_groups,
    find_violated_separators,
    separate_fractional,
)
from analysis.bundling.solver.neighbourhoods import Neighbourhood, draw_neighbourhoods, reoptimise
from analysis.bundling.solver.solution_pool import SolutionPool
from tests.effort import examples

LEFT = 500


def grid_part(seed, may_close=False):
    """2 × 4 units joined as a grid, two anchors, costs and loads drawn.

    a - o - o - o
    |   |   |   |
    o - o - o - a
    """
    rng = np.random.default_rng(seed)
    n, anchors = 8, np.array([0, 7])
    pairs = [(i, j) for i in range(n) for j in range(n) if abs(i // 4 - j // 4) + abs(i % 4 - j % 4) == 1]
    if not may_close:
        pairs = [pair for pair in pairs if set(pair) != {0, 7}]
    row, column = np.array(sorted(pairs)).T
    people = rng.integers(1, 9, n)
    cost = rng.integers(1, 100, (2, n)) * people
    cost[rng.random((2, n)) < 0.1] = -1
    if may_close:
        cost[[0, 1], anchors] = 0
    else:
        people[anchors] = 0
        cost[:, anchors] = -1
    return Subproblem(
        stage="lead",
        units=np.arange(n),
        indptr=np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n))]).astype(np.int64),
        indices=column.astype(np.int64),
        households=people,
        weight=people,
        load=people,
        metres=np.zeros((0, 0), dtype=np.int32),
        cost=cost.astype(np.int64),
        anchors=anchors,
        capacity=rng.integers(5, 30, 2),
        lower=0,
        upper=0,
        opening=rng.integers(0, 300, 2) * may_close,
        walkers=people,
        may_close=may_close,
    )


def all_plans(part):
    """Every sound plan's cost, by trying everything."""
    costs = PlanCosts(float(LEFT), 0.0)
    free = np.arange(8) if part.may_close else np.arange(1, 7)
    for choice in product([-1, 0, 1], repeat=len(free)):
        labels = np.array([0, *[-1] * 6, 1])
        labels[free] = choice
        inside = np.flatnonzero(labels >= 0)
        taken = inside[part.anchors[labels[inside]] != inside]
        leads = part.anchors[labels[taken]]
        if (part.cost[labels[taken], taken] < 0).any():
            continue
        if not (labels[leads] == labels[taken]).all():
            continue
        load = np.bincount(labels[taken], part.load[taken], 2)
        if (load <= part.capacity).all() and not list(disconnected_groups(part, labels)):
            yield costs.of(part, labels), labels


@pytest.mark.parametrize("may_close", [False, True])
@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_group_of_all_areas_is_solved_as_well_as_by_trying_everything(seed, may_close):
    part = grid_part(seed, may_close)
    costs = PlanCosts(float(LEFT), 0.0)
    start = np.full(8, -1)
    if not may_close:
        start[part.anchors] = [0, 1]
    best = min(cost for cost, _ in all_plans(part))
    nothing = LagrangianState(-np.inf, np.zeros(8), {}, np.zeros((2, 8)))
    found = reoptimise(part, start, Neighbourhood(np.arange(2), np.arange(8)), costs, nothing)
    assert found.is_proven
    assert costs.of(part, found.labels) == pytest.approx(best)


@pytest.mark.parametrize("may_close", [False, True])
@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_prices_with_separators_stay_below_every_plan_and_keep_the_pairs_of_the_best(seed, may_close):
    part = grid_part(seed, may_close)
    costs = PlanCosts(float(LEFT), 0.0)
    best, labels = min(all_plans(part), key=lambda plan: plan[0])
    nothing = LagrangianState(-np.inf, np.zeros(8), {}, np.zeros((2, 8)))
    priced = tighten_bound(part, costs, nothing, aim=best, rounds=5, steps=30, length=1.0)
    assert priced.bound <= best + 1e-3
    may, _ = surviving_pairs(part, costs, priced, best + 1)
    served = np.flatnonzero(labels >= 0)
    served = served if may_close else served[(served != 0) & (served != 7)]
    assert may[labels[served], served].all()


@pytest.mark.parametrize("may_close", [False, True])
@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_exact_model_with_cuts_finds_what_trying_everything_finds(seed, may_close):
    part = grid_part(seed, may_close)
    costs = PlanCosts(float(LEFT), 0.0)
    model = AssignmentMip(part, part.cost >= 0, np.ones(8, dtype=bool), costs)
    while cuts := find_violated_separators(part, (answer := model.solve(None)).labels):
        model.add_cuts(cuts)
    assert answer.bound == pytest.approx(min(cost for cost, _ in all_plans(part)))


@settings(max_examples=examples(20), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_proof_from_near_to_far_ends_at_the_best_of_all_plans(seed):
    part = grid_part(seed)
    costs = PlanCosts(float(LEFT), 0.0)
    plans = sorted(all_plans(part), key=lambda plan: plan[0])
    aim, labels = plans[len(plans) // 2]
    found = prove_assignment(
        part, labels, left_over=float(LEFT), area=0.0, prices=np.zeros(8), bound=0.0, aim=aim, has_time=ClockLimit(20.0)
    )
    assert found.bound == pytest.approx(plans[0][0])
    assert costs.of(part, found.labels) == plans[0][0]
    assert not list(disconnected_groups(part, found.labels))


@settings(max_examples=examples(20), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_proof_where_all_must_be_served_ends_at_the_best_from_any_plan_at_hand(seed):
    part = replace(grid_part(seed), capacity=np.array([100, 100]))
    served = sorted((plan for plan in all_plans(part) if (plan[1] >= 0).all()), key=lambda plan: plan[0])
    assume(served)
    for aim, labels in (served[0], served[len(served) // 2], served[-1]):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(facility_solver, "MAX_GAP", np.inf)  # tried however far the plan at hand is
            found = prove_assignment(
                part,
                labels,
                left_over=np.inf,
                area=0.0,
                prices=np.zeros(8),
                bound=0.0,
                aim=aim,
                has_time=ClockLimit(20.0),
            )
        assert found.bound == pytest.approx(served[0][0])
        assert PlanCosts(np.inf, 0.0).of(part, found.labels) == served[0][0]
        assert not list(disconnected_groups(part, found.labels))


@settings(max_examples=examples(20), deadline=None)
@given(seed=st.integers(0, 10**6))
@example(seed=3590)  # so close to the bound that not one pair is left
def test_no_plan_is_missed_where_plans_close_to_the_bound_are_looked_for(seed):
    part = replace(grid_part(seed), capacity=np.array([100, 100]))
    part = replace(part, cost=np.where(np.isin(np.arange(8), part.anchors), -1, abs(part.cost)))
    costs = PlanCosts(np.inf, 0.0)
    served = [plan for plan in all_plans(part) if (plan[1] >= 0).all()]
    best, worst = min(served, key=lambda plan: plan[0])[0], max(served, key=lambda plan: plan[0])[0]
    nothing = LagrangianState(-np.inf, np.zeros(8), {}, np.zeros((2, 8)))
    priced = tighten_bound(part, costs, nothing, aim=best, rounds=2, steps=10, length=1.0)
    shares = (0.01, 0.3, 1.1)
    found = solve_restricted_mip(part, costs, priced, worst + 1, (), shares=shares, has_time=ENDLESS)
    for share in shares[: found.n_infeasible_shares]:
        assert best >= priced.bound + share * (worst + 1 - priced.bound) - 1e-6
    assert found.labels is not None
    cost, share = costs.of(part, found.labels), shares[found.n_infeasible_shares]
    assert cost < worst + 1
    if best < priced.bound + share * (worst + 1 - priced.bound):
        assert cost <= best + 1e-6  # less where it is not connected
    assert bool(found.cuts) == bool(list(disconnected_groups(part, found.labels)))


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_cuts_of_an_average_hold_for_every_plan(seed):
    part = grid_part(seed)
    mean = np.random.default_rng(seed).random((2, 8)).round(1)
    cuts = separate_fractional(part, part.cost >= 0, mean)
    for _, labels in all_plans(part):
        for anchor, unit, between in cuts:
            assert labels[unit] != anchor or (labels[list(between)] == anchor).any()


@settings(max_examples=examples(20), deadline=None)
@given(seed=st.integers(0, 10**6), k=st.integers(1, 2))
def test_groups_have_no_unit_in_common_and_hold_all_of_their_areas(seed, k):
    part = grid_part(seed)
    labels = construct(part)
    found = draw_neighbourhoods(part, labels, k, 2, np.random.default_rng(seed))
    units = np.concatenate([group.units for group in found])
    assert len(np.unique(units)) == len(units)
    for group in found:
        assert set(np.flatnonzero(np.isin(labels, group.anchors))) <= set(group.units.tolist())


@settings(deadline=None, max_examples=examples(60))
@given(seed=st.integers(0, 10**6))
def test_units_that_are_one_with_their_anchor_change_no_plan(seed):
    """What is left of a group costs the same, plan by plan, as the group with them inside."""
    part = grid_part(seed)
    rng = np.random.default_rng(seed)
    may = (part.cost >= 0) & (rng.random(part.cost.shape) < 0.7)
    own = LagrangianState(0.0, np.zeros(8), {}, np.zeros(part.cost.shape))
    small = contract_fixed_units(part, may, own, is_allowed=True)
    for cost, labels in all_plans(part):
        served = np.flatnonzero(labels >= 0)
        served = served[~np.isin(served, part.anchors)]
        if len(served) < 6 or not may[labels[served], served].all():
            continue
        inside = np.flatnonzero(small.fixed_to >= 0)
        assert (labels[inside] == small.fixed_to[inside]).all()
        left = labels[small.kept]
        assert not list(disconnected_groups(small.part, left))
        loads = [small.part.load[(left == k)].sum() - small.part.load[small.part.anchors[k]] for k in (0, 1)]
        assert (loads <= small.part.capacity).all()
        units = np.flatnonzero(~np.isin(np.arange(len(left)), small.part.anchors))
        assert small.part.cost[left[units], units].sum() + small.fixed == cost


def test_the_relaxation_tells_whom_it_leaves_over_from_whom_it_splits():
    part = grid_part(3)
    roomy = replace(part, capacity=np.array([100, 100]), cost=np.where(part.cost < 0, -1, 7))
    alone = (roomy.cost < 0).all(axis=0)
    people = part.households[alone].sum()
    assert solve_transport_relaxation(roomy, float(LEFT)).left_over == people
    tight = replace(roomy, capacity=np.array([1, 1]))
    assert abs(solve_transport_relaxation(tight, float(LEFT)).left_over - (part.households.sum() - 2)) < 1e-6


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.full) for seed in (1, 2, 3))])
def test_a_unit_without_households_that_no_anchor_takes_in_stops_no_search(seed):
    """Five anchors in a ring with two units each; one more unit, its households not known."""
    m, n = 5, 16
    anchors = 3 * np.arange(m)
    pairs = {(i, (i + 1) % 15) for i in range(15)} | {(0, 15)}
    row, column = np.array(sorted(pairs | {(b, a) for a, b in pairs})).T
    people, load = np.full(n, 10), np.full(n, 10)
    people[[*anchors, 15]] = load[anchors] = 0
    cost = np.full((m, n), -1)
    for k, anchor in enumerate(anchors):
        for step in (-2, -1, 1, 2):
            if (anchor + step) % 15 not in anchors:
                cost[k, (anchor + step) % 15] = 10 * abs(step)
    part = replace(
        grid_part(0),
        units=np.arange(n),
        indices=column.astype(np.int64),
        indptr=np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n))]).astype(np.int64),
        households=people,
        weight=people,
        walkers=people,
        load=load,
        cost=cost.astype(np.int64),
        anchors=anchors,
        capacity=np.full(m, 25),
        opening=np.zeros(m, dtype=np.int64),
    )
    start = np.full(n, -1)
    start[anchors] = np.arange(m)
    found = large_neighbourhood_search(
        part, start, Objective(), np.random.default_rng(seed), lambda done, _: done / 800, map, ENDLESS, []
    )
    assert found[15] == -1
    assert evaluate(part, found).key(Objective()) == (0, 100)  # everyone with the nearest anchor


@settings(max_examples=examples(20), deadline=None)
@given(seed=st.integers(0, 10**6), rounds=st.integers(1, 30))
def test_every_short_annealing_ends_with_a_sound_plan_and_the_same_by_threads(seed, rounds):
    part = grid_part(seed)
    sound = {labels.tobytes() for _, labels in all_plans(part)}
    runs = []
    with ThreadPoolExecutor(2) as pool:
        for each in (map, pool.map):
            met, told = [], []

            def spent(done, labels, told=told):
                told.append(labels.tobytes())
                return done / rounds

            anneal_repeatedly(
                part,
                construct(part),
                Objective(left_over_m=LEFT),
                np.random.default_rng(seed),
                spent,
                lambda labels, met=met: met.append(labels.tobytes()),
                each,
            )
            assert len(told) == -(-rounds // N_CHAINS) + 1
            runs.append(met)
    assert runs[0] == runs[1]
    assert len(runs[0]) > 0
    assert set(runs[0]) <= sound


def areas_of(part, labels):
    """The areas of a plan: each anchor with what it takes in."""
    for anchor in (0, 1):
        units = frozenset(np.flatnonzero(labels == anchor).tolist())
        if units - (set() if part.may_close else {int(part.anchors[anchor])}):
            yield anchor, units


@pytest.mark.parametrize("may_close", [False, True])
@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 30))
def test_areas_of_many_plans_are_put_together_as_well_as_by_trying_all(seed, count, may_close):
    part = grid_part(seed, may_close)
    costs = PlanCosts(float(LEFT), 0.0)
    plans = list(all_plans(part))
    rng = np.random.default_rng(seed)
    met = [plans[k] for k in rng.choice(len(plans), min(count, len(plans)), replace=False)]
    pool = SolutionPool(part, costs)
    for _, labels in met:
        pool.add(labels)
    known = {area for _, labels in met for area in areas_of(part, labels)}
    possible = [cost for cost, labels in plans if all(area in known for area in areas_of(part, labels))]
    found = pool.solve_set_partitioning()
    assert costs.of(part, found) == min(possible)
    assert any(np.array_equal(found, labels) for _, labels in plans)
