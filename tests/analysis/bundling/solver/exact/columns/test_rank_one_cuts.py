"""Cuts are kept by every plan."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.solver.exact.columns.pricing_problem import PricingProblem
from analysis.bundling.solver.exact.columns.rank_one_cuts import separate_rank_one
from tests.analysis.bundling.solver.exact.columns.little_parts import LEFT, all_areas, counted, little_parts
from tests.effort import examples


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
