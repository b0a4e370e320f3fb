"""Local search of areas: what it finds may be led, is worth what it says, and no unit more or less is worth more."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.solver.exact.columns.pricing_problem import NO_LIMITS, AreaLimits, PricingProblem
from analysis.bundling.solver.kernels.pricing_heuristic import improve_areas
from tests.analysis.bundling.solver.exact.columns.little_parts import LEFT, areas_worth, little_parts, priced
from tests.effort import examples


@pytest.mark.parametrize("limits", [NO_LIMITS, AreaLimits(300, 2)])
@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_climbs_end_where_no_unit_more_or_less_is_worth_more(random_town, limits, seed):
    rng = np.random.default_rng(seed)
    for part in little_parts(random_town, seed):
        market = PricingProblem(part, LEFT, 0.0, limits=limits)
        cuts, duals = priced(market, rng, part)
        for j in range(len(part.anchors)):
            areas = areas_worth(market, j, cuts, duals)
            worth = {frozenset(units): value + market.opening[j] for units, value in areas.items()}
            data = market.anchor_data(j, np.minimum(duals.prices, market.penalty))
            starts = rng.random((5, len(data.units))) < 0.4  # connected or not
            found, values = np.zeros_like(starts), np.zeros(len(starts))
            cut_duals = market.cut_duals(cuts, duals.cut_duals)
            n_kept = improve_areas(data, cut_duals, starts, -1e12, 1000, found, values)
            climbed = [frozenset(data.units[found[k]].tolist()) for k in range(n_kept)]
            assert len(set(climbed)) == n_kept
            for area, value in zip(climbed, values, strict=False):
                assert np.isclose(value, worth[area])
                others = [other for other in worth if len(area ^ other) == 1]
                assert value >= max((worth[other] for other in others), default=-np.inf) - 1e-6 * abs(value)


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_what_is_not_above_the_floor_is_not_kept_and_the_best_area_is_left_as_it_is(random_town, seed):
    rng = np.random.default_rng(seed)
    for part in little_parts(random_town, seed):
        market = PricingProblem(part, LEFT, 0.0)
        cuts, duals = priced(market, rng, part)
        for j in range(len(part.anchors)):
            worth = areas_worth(market, j, cuts, duals)
            if not worth or max(worth.values()) <= 0:
                continue
            best = max(worth, key=worth.__getitem__)
            starts, floors = [market.area(j, np.array(best))], np.zeros(len(part.anchors))
            (same,) = market.improve_areas(cuts, duals, starts, floors)
            assert np.isclose(worth[tuple(same.units.tolist())], worth[best])
            floors[j] = worth[best] * 1.01
            assert market.improve_areas(cuts, duals, starts, floors) == []
