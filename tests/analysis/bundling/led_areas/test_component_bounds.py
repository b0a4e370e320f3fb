"""Bounds of components: weaker without time, never wrong (`test_bounds` holds them against every plan)."""

from analysis.bundling.led_areas.bounds import feasible_components
from analysis.bundling.led_areas.component_bounds import NoWorse, bound_outside, bound_walks
from analysis.bundling.led_areas.leaders import find_pairs
from tests.analysis.bundling.led_areas.towns import area_town


def test_without_time_bounds_are_no_higher_and_households_to_spare_lower_them():
    for seed in range(6):
        problem = area_town(seed, n=6, lower=150)
        component = feasible_components(problem)
        pairs = find_pairs(problem, component)
        full = bound_walks(problem, pairs, component, NoWorse(0, 0, 0))
        none = bound_walks(problem, pairs, component, NoWorse(0, 0, 0), lambda: False)
        assert none.household_metres <= full.household_metres
        assert none.walks_and_areas <= full.walks_and_areas
        assert bound_outside(problem, component, 0, lambda: False) == 0
        assert bound_outside(problem, component, 10**6) == 0
