"""Pairs that one area can hold, and prices of leading, against every plan of little towns."""

import numpy as np

from analysis.bundling.led_areas.bounds import feasible_components
from analysis.bundling.led_areas.leader_prices import bound_leading_metres, keep_fitting_pairs
from analysis.bundling.led_areas.leaders import find_pairs
from tests.analysis.bundling.led_areas.towns import Oracle, area_town


def test_no_plan_leads_by_a_pair_that_is_left_out_or_walks_less():
    n_out = 0
    for seed in range(12):
        problem = area_town(seed, n=6, lower=150, upper=410)
        pairs = find_pairs(problem, feasible_components(problem))
        kept = keep_fitting_pairs(problem, pairs)
        n_out += len(pairs.unit) - len(kept.unit)
        may = set(zip(kept.unit.tolist(), problem.anchors[kept.anchor].tolist(), strict=True))
        for _, _, leader in Oracle(problem).plans():
            assert {(int(unit), int(anchor)) for unit, anchor in leader.items()} <= may
            led = int(sum(problem.households[unit] for unit in leader))
            metres = sum(problem.households[u] * int(problem.walks[u, a]) for u, a in leader.items())
            if led and np.random.default_rng(led).random() < 0.05:
                assert bound_leading_metres(problem, kept, led) <= metres
    assert n_out > 0
