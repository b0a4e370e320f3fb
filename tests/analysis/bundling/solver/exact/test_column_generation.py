"""Areas are priced exactly, and what prices and cuts prove never exceeds what any plan costs."""

from itertools import combinations, islice, product

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from analysis.bundling.model.score import Objective
from analysis.bundling.solver.base.evaluate import drop_infeasible_areas, evaluate
from analysis.bundling.solver.base.subproblem import split_lead
from analysis.bundling.solver.base.work_log import ENDLESS, ClockLimit
from analysis.bundling.solver.construct import construct
from analysis.bundling.solver.exact.columns.area_lists import AreaLists
from analysis.bundling.solver.exact.columns.pricing_problem import Duals, PricingProblem
from analysis.bundling.solver.exact.columns.proof import prove_by_column_generation
from analysis.bundling.solver.exact.columns.rank_one_cuts import MULTIPLIERS, RankOneCut, separate_rank_one
from tests.effort import examples

LEFT = 900


def little_parts(random_town, seed, n=10):
    town = random_town(seed, n=n, mode="lead", n_walls=1, anchor_share=0.3, lower=300, upper=900)
    return split_lead(town)


def all_areas(part, j):
    """Units of every area anchor j may lead, by trying all."""
    graph = nx.Graph()
    graph.add_nodes_from(range(part.n_units))
    row = np.repeat(np.arange(part.n_units), np.diff(part.indptr))
    graph.add_edges_from(zip(row.tolist(), part.indices.tolist(), strict=True))
    may = np.flatnonzero(part.cost[j] >= 0).tolist()
    for count in range(1, len(may) + 1):
        for units in combinations(may, count):
            if part.load[list(units)].sum() <= part.capacity[j] and nx.is_connected(
                graph.subgraph([int(part.anchors[j]), *units])
            ):
                yield units


def priced(market, rng, part):
    """Duals of either sign, and cuts over three to five units."""
    prices = rng.normal(100, 200, part.n_units) * part.households
    kinds = [((1, 1, 1), 2), *MULTIPLIERS]
    cuts = [
        RankOneCut(tuple(rng.choice(market.units, len(numerators), replace=False).tolist()), numerators, denominator)
        for numerators, denominator in (kinds[k] for k in rng.integers(len(kinds), size=6))
        if len(market.units) >= len(numerators)
    ]
    return cuts, Duals(prices, rng.uniform(0, 20_000, len(cuts)))


def counted(cut, units):
    """How often an area counts in a cut."""
    amounts = dict(zip(cut.units, cut.numerators, strict=True))
    return sum(amounts.get(unit, 0) for unit in set(units)) // cut.denominator


def worth_of(market, j, units, cuts, duals):
    prices = np.minimum(duals.prices, market.penalty)
    fines = [fine * counted(cut, units) for fine, cut in zip(duals.cut_duals, cuts, strict=True)]
    return prices[list(units)].sum() - market.area(j, np.array(units)).cost - sum(fines)


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_area_worth_most_is_the_best_of_all(random_town, seed):
    rng = np.random.default_rng(seed)
    for part in little_parts(random_town, seed):
        market = PricingProblem(part, LEFT, 0.0)
        cuts, duals = priced(market, rng, part)
        offers = market.price(cuts, duals, np.zeros(len(part.anchors)), 10**6)
        assert offers.is_exact
        for j in range(len(part.anchors)):
            every = [worth_of(market, j, units, cuts, duals) for units in all_areas(part, j)]
            assert np.isclose(offers.reduced_values[j], max([0.0, *every]))


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6), nodes=st.integers(1, 30))
def test_a_search_cut_off_never_claims_too_little(random_town, seed, nodes):
    rng = np.random.default_rng(seed)
    for part in little_parts(random_town, seed):
        market = PricingProblem(part, LEFT, 0.0)
        cuts, duals = priced(market, rng, part)
        nothing = np.zeros(len(part.anchors))
        short = market.price(cuts, duals, nothing, nodes)
        full = market.price(cuts, duals, nothing, 10**6)
        assert (short.reduced_values >= full.reduced_values - 1e-6).all()
        assert short.bound <= full.bound + 1e-6


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 10**6), share=st.floats(-0.5, 0.9))
def test_every_area_above_a_floor_is_listed_once(random_town, seed, share):
    rng = np.random.default_rng(seed)
    for part in little_parts(random_town, seed):
        market = PricingProblem(part, LEFT, 0.0)
        cuts, duals = priced(market, rng, part)
        floors = share * market.price(cuts, duals, np.zeros(len(part.anchors)), 10**6).reduced_values
        may, must = rng.random((2, len(part.anchors), part.n_units)) < np.array([0.9, 0.1])[:, None, None]
        must &= may
        for j in range(len(part.anchors)):
            held, values = market.areas_above(j, cuts, duals, floors[j], may[j], must[j], 10**6, 2000)
            listed = {tuple(np.flatnonzero(one).tolist()): value for one, value in zip(held, values, strict=True)}
            assert len(listed) == len(held)
            worth = {tuple(sorted(units)): worth_of(market, j, units, cuts, duals) for units in all_areas(part, j)}
            expected = {
                units
                for units, value in worth.items()
                if value > floors[j] + 1e-6
                and may[j][list(units)].all()
                and set(np.flatnonzero(must[j]).tolist()) <= set(units)
            }
            assert expected <= set(listed)
            assert all(np.isclose(value, worth[units], atol=1e-3) for units, value in listed.items())


def all_plans(part, market):
    """The areas of every plan of a part, by trying all."""
    choices = [[(), *all_areas(part, j)] for j in range(len(part.anchors))]
    for areas in product(*choices):
        if sum(map(len, areas)) == len(set().union(*areas)):
            chosen = [market.area(j, np.array(units)) for j, units in enumerate(areas) if units]
            yield areas, market.cost_of(chosen)


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 10**6), share=st.floats(0.0, 1.2), serves_all=st.booleans())
def test_lists_hold_every_plan_cheaper_than_the_gap(random_town, seed, share, serves_all):
    rng = np.random.default_rng(seed)
    for part in little_parts(random_town, seed, n=7):
        market = PricingProblem(part, np.inf if serves_all else LEFT, 0.0)
        plans = list(islice(all_plans(part, market), 3000))
        if not plans or len(plans) == 3000:
            continue
        duals = Duals(rng.uniform(0, 1, part.n_units) * market.penalty, np.zeros(0))
        result = market.price([], duals, np.zeros(len(part.anchors)), 10**6)
        costs = np.array([cost for _, cost in plans])
        gap = share * (float(np.median(costs)) - result.bound) + 1.0
        lists = AreaLists(market, [], duals, result.reduced_values, gap)
        assert lists.list_anchors(ENDLESS)
        listed = {(area.anchor, tuple(area.units.tolist())) for area in lists.columns()}
        for areas, cost in plans:
            is_left = sum(map(len, areas)) < len(market.units)
            if cost - result.bound < gap - 1e-3 and not (serves_all and is_left):
                assert {(j, tuple(sorted(units))) for j, units in enumerate(areas) if units} <= listed


@pytest.mark.parametrize("seconds", [0.0, 5.0])
@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 10**6))
@example(seed=179262)  # the plan given is best already, which HiGHS sees before its search begins
def test_the_proof_never_exceeds_the_best_of_all_plans(random_town, best_score, seconds, seed):
    town = random_town(seed, n=8, mode="lead", n_walls=1, anchor_share=0.3)
    inside = np.zeros(town.n_units, dtype=bool)
    bound = cost = 0.0
    for part in split_lead(town):
        inside[part.units] = True
        labels = construct(part)
        objective = Objective(left_over_m=LEFT)
        aim = float(evaluate(part, labels).key(objective)[1])
        proven = prove_by_column_generation(
            part,
            labels,
            left_over=LEFT,
            area=0.0,
            prices=np.zeros(part.n_units),
            bound=0.0,
            aim=aim,
            has_time=ClockLimit(seconds),
        )
        assert np.array_equal(proven.labels, drop_infeasible_areas(part, proven.labels))
        bound += proven.bound
        cost += evaluate(part, proven.labels).key(objective)[1]
    outside = LEFT * town.households[~inside & town.is_target].sum()
    left, metres = best_score(town)
    assert bound + outside <= LEFT * left + metres + 1e-3
    if seconds:  # little towns are solved
        assert np.isclose(bound, cost)


@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_where_everyone_must_have_an_area_the_best_of_all_plans_is_proven(random_town, best_score, seed):
    town = random_town(seed, n=8, mode="lead", n_walls=1, anchor_share=0.3)
    parts = split_lead(town)
    inside = np.zeros(town.n_units, dtype=bool)
    for part in parts:
        inside[part.units] = True
    left, metres = best_score(town)
    assume(left == town.households[~inside & town.is_target].sum())
    objective = Objective(left_over_m=None)
    bound = 0.0
    for part in parts:
        labels = construct(part)
        over, known = evaluate(part, labels).key(objective)
        aim = float(10 * known + metres if over else known)
        proven = prove_by_column_generation(
            part,
            labels,
            left_over=np.inf,
            area=0.0,
            prices=np.zeros(part.n_units),
            bound=0.0,
            aim=aim,
            has_time=ENDLESS,
            met=[
                (j, np.array(units)) for j in range(len(part.anchors)) for units in islice(all_areas(part, j), seed % 9)
            ],
        )
        assert evaluate(part, proven.labels).key(objective) == (0, round(proven.bound))
        bound += proven.bound
    assert np.isclose(bound, metres)


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 10**6), share=st.floats(-0.5, 0.9))
def test_what_a_market_forgets_is_in_no_area_above_the_floor(random_town, seed, share):
    rng = np.random.default_rng(seed)
    for part in little_parts(random_town, seed):
        market = PricingProblem(part, LEFT, 0.0)
        _, duals = priced(market, rng, part)
        best = market.price([], Duals(duals.prices, np.zeros(0)), np.zeros(len(part.anchors)), 10**6)
        floors = share * best.reduced_values
        pairs = market.n_pairs
        market.fix_by_reduced_cost(duals, floors)
        assert market.n_pairs <= pairs
        for j in range(len(part.anchors)):
            held = set(market.anchor_data(j, duals.prices).units.tolist())
            for units in all_areas(part, j):
                if worth_of(market, j, units, [], Duals(duals.prices, np.zeros(0))) > floors[j] + 1e-6:
                    assert set(units) <= held


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_cuts_are_kept_by_every_plan_and_broken_by_the_shares_they_come_from(random_town, seed):
    rng = np.random.default_rng(seed)
    for part in little_parts(random_town, seed):
        market = PricingProblem(part, LEFT, 0.0)
        areas = [market.area(j, np.array(units)) for j in range(len(part.anchors)) for units in all_areas(part, j)]
        if not areas:
            continue
        shares = rng.uniform(0, 1.0, len(areas)) * (rng.random(len(areas)) < 0.3)
        for cut in separate_rank_one([area.units for area in areas], shares, part.n_units):
            counts = [counted(cut, area.units.tolist()) for area in areas]
            assert np.dot(counts, shares) > cut.most
            assert (
                counts
                == cut.coefficients(np.array([np.isin(np.arange(part.n_units), a.units) for a in areas])).tolist()
            )
            apart = [[not set(one.units.tolist()) & set(other.units.tolist()) for other in areas] for one in areas]
            assert all(counts[a] + counts[b] <= cut.most for a, b in combinations(range(len(areas)), 2) if apart[a][b])
