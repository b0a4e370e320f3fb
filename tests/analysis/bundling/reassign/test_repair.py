"""A repair keeps every rule and lock with the fewest moves: what trying everything finds as well."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.evaluation.objective_values import cut_edge_costs_m
from analysis.bundling.evaluation.score import area_metres
from analysis.bundling.locks.index import IndexedLocks, KeptArea, PairConstraint, index_locks, is_pair_satisfied
from analysis.bundling.locks.locks import Lock
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.score import Objective
from analysis.bundling.reassign.assignment_mip import SolveLimits
from analysis.bundling.reassign.repair import MAX_NEW_AREAS, repair
from tests.effort import examples

MODES = st.sampled_from(["lead", "whole", "mixed"])


def tried_all(problem, plan, bonds=()):
    """(unmet, moves, left over, cost) of the best repair, by trying every one."""
    n, rules = problem.n_units, problem.rules
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    prices = cut_edge_costs_m(problem)
    graph.add_edges_from(
        (i, int(problem.indices[at]), {"price": int(prices[at])})
        for i in range(n)
        for at in range(problem.indptr[i], problem.indptr[i + 1])
    )
    walk = problem.walks.toarray()
    far = np.where((walk == 0) & ~np.eye(n, dtype=bool), int(rules.walk_limit_m), walk)
    people = problem.households

    def led(k, members):
        anchor = int(problem.anchors[k])
        if not members:
            return 0
        inside = walk[anchor, members]
        if (
            problem.load[members].sum() > problem.capacity[k]
            or problem.load[members].max() > problem.largest[k]
            or inside.min() == 0
            or inside.max() > rules.radius_m
            or not nx.is_connected(graph.subgraph([anchor, *members]))
        ):
            return None
        return int(inside @ people[members]) + problem.objective.area_m - saved([anchor, *members])

    def saved(members):
        return int(graph.subgraph(members).size("price"))

    def whole(members):
        if not members:
            return 0
        weight = problem.weight[members].sum()
        if not rules.lower <= weight <= rules.upper or not nx.is_connected(graph.subgraph(members)):
            return None
        metres = int((far[np.ix_(members, members)] @ people[members]).min())
        return metres + problem.objective.area_m - saved(members)

    targets = [i for i in range(n) if problem.is_target[i]]
    walked = graph.subgraph(targets)

    def near_home(area):
        members = [t for t in targets if plan.area_of[t] == area]
        return {unit for t in members for unit in nx.node_connected_component(walked, t)}

    led_by = {int(a): k for k, a in enumerate(problem.anchors)}
    places, home_of = [], {}
    for area, anchor in enumerate(plan.anchor_of.tolist()):
        if anchor in led_by and plan.area_of[anchor] == area:
            home_of[area] = len(places)
            places.append((led_by[anchor], area))
        elif rules.mode != "lead":
            home_of[area] = len(places)
            places.append((None, area))
    used = {k for k, _ in places if k is not None}
    places += [(k, None) for k in range(len(problem.anchors)) if k not in used]
    if rules.mode != "lead":
        places += [(None, None)] * MAX_NEW_AREAS
    home = [home_of.get(int(plan.area_of[t]), -1 if plan.area_of[t] < 0 else -2) for t in targets]
    anchor_place = {int(problem.anchors[k]): p for p, (k, _) in enumerate(places) if k is not None}
    worth = {}
    for p, (k, area) in enumerate(places):
        for mask in range(2 ** len(targets)):
            members = [t for i, t in enumerate(targets) if mask >> i & 1]
            if k is None and area is not None and not near_home(area).issuperset(members):
                worth[p, mask] = None  # an area does not go where nothing of it was
            else:
                worth[p, mask] = led(k, members) if k is not None else whole(members)
    best = None
    for masks in divided(worth, len(places), 2 ** len(targets) - 1):
        costs = [worth[p, mask] for p, mask in enumerate(masks)]
        labels = [next((p for p, mask in enumerate(masks) if mask >> i & 1), -1) for i in range(len(targets))]
        at = dict(zip(targets, labels, strict=True)) | anchor_place
        if not all(obeys(bond, at) for bond in bonds):
            continue
        unmet = len({b.number for b in bonds if b.kind == "joined" and at[b.a] < 0})
        moves = sum(label != h for label, h in zip(labels, home, strict=True))
        left = sum(int(people[t]) for t, label in zip(targets, labels, strict=True) if label < 0)
        found = (unmet, moves, left, sum(costs))
        best = found if best is None else min(best, found)
    return best


def divided(worth, n_places, free):
    """Every way to give some of the units `free`, a mask, to the places, each sound or empty."""
    if n_places == 0:
        yield []
        return
    mask = free
    while True:
        if worth[n_places - 1, mask] is not None:
            for others in divided(worth, n_places - 1, free & ~mask):
                yield [*others, mask]
        if mask == 0:
            return
        mask = (mask - 1) & free


def obeys(bond, at):
    if bond.kind == "apart":
        return at[bond.a] != at[bond.b] or at[bond.a] < 0
    return at[bond.a] == at[bond.b] or (bond.kind == "joined" and at[bond.a] < 0)


def worth_of(problem, found, cost):
    left = problem.is_target & (found.plan.area_of < 0)
    return (len(found.unmet), len(found.moves), int(problem.households[left].sum()), cost)


def cost_of(problem, plan):
    prices, cost = cut_edge_costs_m(problem), 0
    for k in range(plan.n_areas):
        members = plan.members(k)
        if len(members):
            cost += area_metres(problem, members, int(plan.anchor_of[k])) + problem.objective.area_m
        for i in members.tolist():
            here = slice(problem.indptr[i], problem.indptr[i + 1])
            cost -= int(prices[here][plan.area_of[problem.indices[here]] == k].sum()) / 2
    return cost


def edited(problem, rng):
    """Any plan at all: areas of anchors and areas without, units thrown in by chance."""
    leads = problem.anchors if problem.rules.mode != "whole" else problem.anchors[:0]
    n_free = int(rng.integers(0, 3)) if problem.rules.mode != "lead" else 0
    n_areas = min(len(leads) + n_free, 3)
    anchor_of = [*leads[:n_areas], *[-1] * n_areas][:n_areas]
    area_of = rng.integers(-1, max(n_areas, 1), problem.n_units) if n_areas else None
    area_of = np.full(problem.n_units, -1) if area_of is None else area_of
    area_of[problem.anchors] = -1
    for area, anchor in enumerate(anchor_of):
        if anchor >= 0:
            area_of[anchor] = area
    return Plan(area_of, np.array(anchor_of, dtype=np.int64)).without_empty_areas()


@settings(max_examples=examples(60), deadline=None)
@given(
    seed=st.integers(0, 10**6),
    mode=MODES,
    price=st.sampled_from([0, 50_000, 200_000, 10_000_000]),
    objective=st.sampled_from([(), ("walking=1", "compact=60000"), ("compact", "walking")]),
)
def test_no_repair_is_smaller_or_cheaper(random_town, seed, mode, price, objective):
    share = 0.0 if mode == "whole" else 0.3
    problem = random_town(seed, n=8, mode=mode, anchor_share=share, lower=500, upper=1200, n_walls=1)
    problem = replace(problem, objective=Objective(area_m=price), rules=replace(problem.rules, objective=objective))
    plan = edited(problem, np.random.default_rng(seed))
    found = repair(problem, plan, effort=SolveLimits(seconds=60))
    assert found.is_proven
    assert worth_of(problem, found, cost_of(problem, found.plan)) == tried_all(problem, plan)


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES, kind=st.sampled_from(["together", "joined", "apart"]))
def test_locks_hold_at_the_least_price(random_town, seed, mode, kind):
    share = 0.0 if mode == "whole" else 0.3
    problem = random_town(seed, n=8, mode=mode, anchor_share=share, lower=300, upper=1500, n_walls=1)
    rng = np.random.default_rng(seed)
    targets = np.flatnonzero(problem.is_target)
    if len(targets) < 2:
        return
    a, b = rng.choice(targets, 2, replace=False).tolist()
    if kind != "together" and len(problem.anchors) and mode != "whole":
        b = int(problem.anchors[0])
    bonds = (PairConstraint(a, b, kind, 0),)
    plan = edited(problem, rng)
    found = repair(problem, plan, IndexedLocks(bonds), effort=SolveLimits(seconds=60))
    assert worth_of(problem, found, cost_of(problem, found.plan)) == tried_all(problem, plan, bonds)
    assert is_pair_satisfied(bonds[0], found.plan) or found.unmet == (0,)


@settings(max_examples=examples(10), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES)
def test_a_repaired_town_breaks_no_rule(random_town, broken_rules, seed, mode):
    """Also where the plan is so wrong that there is no time to look for the smallest repair."""
    problem = random_town(seed, n=40, mode=mode, anchor_share=0.0 if mode == "whole" else 0.15)
    plan = edited(problem, np.random.default_rng(seed))
    found = repair(problem, plan, effort=SolveLimits(seconds=0.1))
    assert plan_faults(problem, found.plan) == ()
    assert broken_rules(problem, found.plan.without_empty_areas()) == []


@settings(max_examples=examples(10), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES)
def test_an_edit_of_two_units_moves_at_most_these_back(random_town, seed, mode):
    problem = random_town(seed, n=40, mode=mode, anchor_share=0.0 if mode == "whole" else 0.15)
    sound = Plan(*made(problem))
    if not sound.n_areas:
        return
    rng = np.random.default_rng(seed)
    moved = sound.area_of.copy()
    moved[rng.choice(np.flatnonzero(problem.is_target), 2)] = rng.integers(-1, sound.n_areas, 2)
    found = repair(problem, Plan(moved, sound.anchor_of), effort=SolveLimits(seconds=60))  # else not the fewest
    assert plan_faults(problem, found.plan) == ()
    assert len(found.moves) <= int((moved != sound.area_of).sum())


def made(problem):
    """A sound plan: what a repair leaves of one area for each unit or anchor."""
    free = problem.anchors if problem.rules.mode == "lead" else np.arange(problem.n_units)
    anchor_of = [int(i) if i in problem.anchors else -1 for i in free]
    area_of = np.full(problem.n_units, -1)
    area_of[free] = np.arange(len(free))
    found = repair(problem, Plan(area_of, anchor_of), effort=SolveLimits(seconds=0.5)).plan
    return found.area_of, found.anchor_of


def test_a_sound_plan_stays_as_it_is(make_problem):
    problem = make_problem([(0, 1), (1, 2)], [600, 600, 600], lower=1000, upper=2000)
    found = repair(problem, Plan(np.array([0, 0, 0]), np.array([-1])))
    assert found.moves == ()
    assert found.is_proven


def test_the_unit_thrown_across_comes_back_and_is_told_why(make_problem):
    problem = make_problem([(0, 1), (1, 2), (3, 4), (2, 3)], [600, 500, 600, 600, 600], lower=1000, upper=1800)
    found = repair(problem, Plan(np.array([1, 0, 0, 1, 1]), np.array([-1, -1])))
    [move] = found.moves
    assert (move.unit, move.source, move.target) == (0, 1, 0)
    assert move.fault.rule == "R22"


@pytest.mark.parametrize("is_edited", [False, True])
def test_a_kept_area_stays_whatever_is_around_it(make_problem, is_edited):
    problem = make_problem([(0, 1), (1, 2), (2, 3), (3, 4)], [600] * 5, lower=1000, upper=2000)
    area_of = np.array([0, 0, 0, 1, 1]) if is_edited else np.array([0, 0, 1, 1, 1])
    kept = IndexedLocks(kept=(KeptArea(np.array([0, 1]), -1, 0),))
    found = repair(problem, Plan(area_of, np.array([-1, -1])), kept)
    assert found.plan.members(0).tolist() == [0, 1]
    assert found.unmet == ()
    assert plan_faults(problem, found.plan) == ()


def test_of_repairs_with_as_many_moves_the_one_without_a_new_area_is_taken(make_problem):
    """A unit beyond its anchor's radius: an idle anchor 100 m away, or another's area 300 m away."""
    problem = make_problem(
        [(0, 1), (1, 2), (1, 3), (3, 4)],
        [500, 100, 500, 500, 100],
        anchors=[0, 2, 3],
        xy=[(-900, 0), (0, 0), (100, 0), (-300, 0), (-400, 0)],
        capacity=[40_000] * 3,
        mode="lead",
        radius_m=500.0,
    )
    plan = Plan(np.array([0, 0, -1, 1, 1]), np.array([0, 3]))
    for price, leads in ((0, 2), (10_000, 2), (30_000, 3)):  # 20,000 household-metres apart
        priced = replace(problem, objective=Objective(area_m=price))
        found = repair(priced, plan)
        assert (len(found.moves), found.is_proven) == (1, True)
        assert found.plan.anchor_of[found.plan.area_of[1]] == leads


def test_an_anchor_stays_where_a_unit_is_to_be_apart_from_it(make_problem):
    """However little time there is, and whichever of the two the lock names first."""
    problem = make_problem(
        [(0, 1), (1, 2)],
        [900, 100, 80],
        mode="mixed",
        anchors=[0],
        capacity=[900 * 80],
        radius_m=600.0,
        lower=1000,
        upper=4000,
    )
    plan = Plan(np.array([0, 0, 0]), np.array([0]))
    for pair in (("u000", "u002"), ("u002", "u000"), ("u000", "u001"), ("u001", "u000")):
        placed = index_locks(problem, [Lock("apart", pair)])
        after = repair(problem, plan, placed, effort=SolveLimits(seconds=0.0)).plan
        for area, anchor in enumerate(after.anchor_of.tolist()):
            members = after.members(area)
            assert not len(members) or (anchor in members and len(members) > 1)
