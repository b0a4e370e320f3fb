"""Areas are priced exactly: by searches to the end, cut off and listing all."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.solver.base.subproblem import split_whole
from analysis.bundling.solver.exact.columns.medoids import anchor_at_each_unit
from analysis.bundling.solver.exact.columns.pricing_problem import (
    ANCHORS_AT_A_TIME,
    NO_LIMITS,
    NODES_ALONE,
    AreaLimits,
    Duals,
    PricingProblem,
)
from analysis.bundling.solver.exact.columns.proof import NODES
from tests.analysis.bundling.solver.exact.columns.little_parts import (
    LEFT,
    all_areas,
    areas_worth,
    little_parts,
    priced,
    worth_of,
)
from tests.effort import examples

LIMITS = [NO_LIMITS, AreaLimits(300, 2), AreaLimits(600, 1)]


@pytest.mark.parametrize("limits", LIMITS)
@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_area_worth_most_is_the_best_of_all(random_town, limits, seed):
    rng = np.random.default_rng(seed)
    for part in little_parts(random_town, seed):
        market = PricingProblem(part, LEFT, 0.0, limits=limits)
        cuts, duals = priced(market, rng, part)
        duals = replace(duals, of_area=float(rng.normal(0, 20_000)) if limits.count else 0.0)
        offers = market.price(cuts, duals, np.zeros(len(part.anchors)), 10**6)
        assert offers.is_exact
        for j in range(len(part.anchors)):
            every = areas_worth(market, j, cuts, duals).values()
            assert np.isclose(offers.reduced_values[j], max([0.0, *every]))


@pytest.mark.parametrize("limits", LIMITS)
@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6), share=st.floats(-0.5, 0.9))
def test_units_of_areas_above_a_floor_stay_in_reach(random_town, limits, seed, share):
    """Areas that reach the least load by units that cost more than they bring, on the way to others, are among them."""
    rng = np.random.default_rng(seed)
    town = random_town(seed, n=7, n_walls=1, lower=300, upper=900)
    parts = [anchor_at_each_unit(part) for part in split_whole(town, np.arange(town.n_units))]
    for part in [*little_parts(random_town, seed, n=7), *parts]:
        market = PricingProblem(part, LEFT, 0.0, limits=limits)
        _, duals = priced(market, rng, part)
        duals = Duals(duals.prices, np.zeros(0), float(rng.normal(0, 20_000)) if limits.count else 0.0)
        worth = [areas_worth(market, j, [], duals) for j in range(len(part.anchors))]
        floors = np.array([share * max([0.0, *some.values()]) for some in worth])
        market.fix_by_reduced_cost(duals, floors)
        for j, some in enumerate(worth):
            needed = {unit for units, value in some.items() if value > floors[j] + 1e-6 for unit in units}
            assert needed <= set(market.reach(j).tolist())


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


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6), nodes=st.integers(1, 30), n_asks=st.integers(1, 12))
def test_time_over_between_searches_never_claims_too_little(random_town, seed, nodes, n_asks):
    """Anchors without a search prove nothing; those cut off keep their bound, if quicker searches are not made."""
    rng = np.random.default_rng(seed)
    for part in little_parts(random_town, seed):
        market = PricingProblem(part, LEFT, 0.0)
        cuts, duals = priced(market, rng, part)
        nothing = np.zeros(len(part.anchors))
        full = market.price(cuts, duals, nothing, 10**6)
        asks = iter([True] * n_asks)
        short = market.price(cuts, duals, nothing, nodes, has_time=partial(next, asks, False))
        assert (short.reduced_values >= full.reduced_values - 1e-6).all()
        assert short.bound <= full.bound + 1e-6
        again = market.price(cuts, duals, nothing, 10**6)  # in another order
        assert np.allclose(again.reduced_values, full.reduced_values)


@pytest.mark.parametrize(("nodes", "most"), [(2 * NODES_ALONE, ANCHORS_AT_A_TIME), (NODES[-1], 2)])
def test_long_searches_leave_the_clock_unread_for_two_anchors_at_most(random_town, nodes, most):
    """As many anchors as units: a part without anchors, medoid by medoid."""
    town = random_town(1, n=40, n_walls=0, lower=300, upper=900)
    part = anchor_at_each_unit(split_whole(town, np.arange(town.n_units))[0])
    sizes = []

    def each(search, anchors):
        sizes.append(len(anchors))
        return map(search, anchors)

    market = PricingProblem(part, LEFT, 0.0, each)
    m = len(part.anchors)
    market.price((), Duals(np.zeros(part.n_units), np.zeros(0)), np.zeros(m), nodes)
    assert sum(sizes) == m > ANCHORS_AT_A_TIME
    assert max(sizes) == most


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
            held, values, is_all = market.areas_above(j, cuts, duals, floors[j], may[j], must[j], 10**6, 2000)
            assert is_all
            best = market.areas_above(j, cuts, duals, floors[j], may[j], must[j], 10**6, 3)
            assert sorted(best[1]) == pytest.approx(np.sort(values)[-3:])
            assert best[2] == (len(values) < 3)
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
