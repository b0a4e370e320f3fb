"""The master costs no more than any plan of its areas."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.solver.exact.columns.pricing_problem import PricingProblem
from analysis.bundling.solver.exact.columns.restricted_master import RestrictedMaster
from tests.analysis.bundling.solver.exact.columns.little_parts import LEFT, all_areas, all_plans, little_parts
from tests.effort import examples


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_master_of_all_areas_costs_no_more_than_the_best_plan(random_town, seed):
    for part in little_parts(random_town, seed, n=7):
        market = PricingProblem(part, LEFT, 0.0)
        areas = [market.area(j, np.array(units)) for j in range(len(part.anchors)) for units in all_areas(part, j)]
        if not areas or len(areas) > 60:
            continue
        best = min(cost for _, cost in all_plans(part, market))
        master = RestrictedMaster(market)
        assert master.add_areas(areas) == len(areas)
        assert master.add_areas(areas) == 0
        value, shares, duals = master.solve()
        assert value <= best + 1e-6
        assert np.isclose(value, shares @ [area.cost for area in areas] + left_over(market, areas, shares))
        assert master.reduced_values(duals).max() <= np.maximum(master.best_reduced_values(duals), 0).max() + 1e-6
        values, best = master.reduced_values(duals), master.best_areas(duals, 2)
        for j in range(len(part.anchors)):
            own = sorted((value for value, area in zip(values, areas, strict=True) if area.anchor == j), reverse=True)
            kept = [values[areas.index(area)] for area in best if area.anchor == j]
            assert kept == own[:2]
        market.restrict_reach(np.zeros((len(part.anchors), part.n_units), dtype=bool))
        master.drop_unreachable()
        value, shares, _ = master.solve()
        assert not shares.any()
        assert np.isclose(value, market.cost_of([]))


def left_over(market, areas, shares):
    """What units in no area cost, in part where they are so in part."""
    rest = np.ones(market.part.n_units)
    for area, share in zip(areas, shares, strict=True):
        rest[area.units] -= share
    return (rest * market.penalty)[market.units].sum()
