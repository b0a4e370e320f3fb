"""Lists of areas lose no plan within the gap."""

from itertools import islice

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.solver.base.work_log import ENDLESS
from analysis.bundling.solver.exact.columns.area_lists import AreaLists
from analysis.bundling.solver.exact.columns.pricing_problem import Duals, PricingProblem
from tests.analysis.bundling.solver.exact.columns.little_parts import LEFT, all_plans, little_parts
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
