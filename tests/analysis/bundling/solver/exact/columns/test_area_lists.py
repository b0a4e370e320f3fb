"""Lists of areas lose no plan within the gap."""

from itertools import islice

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.solver.base.work_log import ENDLESS, NO_TIME
from analysis.bundling.solver.exact.columns.area_lists import NEAR_SHARE, AreaLists, list_near_areas
from analysis.bundling.solver.exact.columns.pricing_problem import Duals, PricingProblem
from tests.analysis.bundling.solver.exact.columns.little_parts import (
    LEFT,
    all_areas,
    all_plans,
    little_parts,
    priced,
    worth_of,
)
from tests.effort import examples


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


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 10**6), gap=st.floats(1.0, 1e6))
def test_areas_near_the_best_are_those_that_lose_little(random_town, seed, gap):
    rng = np.random.default_rng(seed)
    for part in little_parts(random_town, seed):
        market = PricingProblem(part, LEFT, 0.0)
        cuts, duals = priced(market, rng, part)
        best = market.price(cuts, duals, np.zeros(len(part.anchors)), 10**6).reduced_values
        loss = {
            (j, tuple(sorted(units))): best[j] - worth_of(market, j, units, cuts, duals)
            for j in range(len(part.anchors))
            for units in all_areas(part, j)
        }
        near = [
            (area.anchor, tuple(area.units.tolist()))
            for area in list_near_areas(market, cuts, duals, best, gap, ENDLESS)
        ]
        assert len(set(near)) == len(near)
        assert {key for key in loss if loss[key] < NEAR_SHARE * gap - 1e-3} <= set(near)
        assert all(loss[key] <= NEAR_SHARE * gap + 1e-3 for key in near)
        assert (np.diff([loss[key] for key in near]) >= -1e-3).all()
        assert list_near_areas(market, cuts, duals, best, gap, NO_TIME) == []
