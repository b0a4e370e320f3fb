"""The choice of areas is the best plan, whichever anchors are listed and whichever are filled unit by unit."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.solver.base.work_log import ENDLESS, NO_TIME
from analysis.bundling.solver.exact.columns.area_choice import choose_areas
from analysis.bundling.solver.exact.columns.pricing_problem import AreaLimits, PricingProblem
from tests.analysis.bundling.solver.exact.columns.little_parts import LEFT, all_areas, all_plans, little_parts
from tests.effort import examples


@settings(max_examples=examples(60), deadline=None)
@given(
    seed=st.integers(0, 10**6),
    serves_all=st.booleans(),
    area=st.sampled_from([0.0, 20_000.0]),
    least=st.sampled_from([0, 300]),
    count=st.integers(0, 2),
)
def test_of_all_areas_the_choice_is_the_best_plan(random_town, seed, serves_all, area, least, count):
    rng = np.random.default_rng(seed)
    for part in little_parts(random_town, seed, n=7):
        market = PricingProblem(part, np.inf if serves_all else LEFT, area, limits=AreaLimits(least, count))
        m = len(part.anchors)
        is_listed = rng.random(m) < 0.5
        areas = [market.area(j, np.array(units)) for j in range(m) if is_listed[j] for units in all_areas(part, j)]
        areas = [one for one in areas if part.load[one.units].sum() >= least]
        unlisted = {j: market.reach(j) for j in range(m) if not is_listed[j]}
        if not areas and not unlisted:
            continue
        allowed = [
            cost
            for plan, cost in all_plans(part, market)
            if count in (0, sum(map(bool, plan)))
            and all(part.load[list(units)].sum() >= least for units in plan if units)
            and not (serves_all and sum(map(len, plan)) < len(market.units))
        ]
        chosen, bound = choose_areas(market, areas, [], [], ENDLESS, None, unlisted)
        if not allowed:
            assert chosen is None
            continue
        assert np.isclose(market.cost_of(chosen), min(allowed))
        assert bound <= min(allowed) + 1e-3
        names = {(one.anchor, tuple(sorted(one.units.tolist()))) for one in chosen}
        assert names <= {(j, tuple(sorted(units))) for j in range(m) for units in all_areas(part, j)}


def test_without_time_the_choice_given_is_kept_or_nothing_said(random_town):
    (part, *_) = little_parts(random_town, 3, n=7)
    market = PricingProblem(part, LEFT, 0.0)
    plan, cost = next((areas, cost) for areas, cost in all_plans(part, market) if any(areas))
    areas = [market.area(j, np.array(units)) for j, units in enumerate(plan) if units]
    chosen, bound = choose_areas(market, areas, [], areas, NO_TIME, None, {})
    assert chosen is None or np.isclose(market.cost_of(chosen), cost)
    assert bound <= cost + 1e-3
