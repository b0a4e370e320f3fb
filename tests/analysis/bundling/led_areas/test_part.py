"""Subproblems of mode "area"."""

import numpy as np

from analysis.bundling.led_areas.part import place_labels, split_led_areas
from tests.analysis.bundling.led_areas.towns import area_town


def test_parts_are_components_that_are_heavy_enough_and_ask_for_an_area():
    problem = area_town(8, n=40, lower=300)
    parts = split_led_areas(problem, problem.capacity)
    components = problem.adjacency.components
    for part in parts:
        assert len(np.unique(components[part.units])) == 1
        assert problem.weight[part.units].sum() >= 300
        assert problem.is_target[part.units].any()
    taken = np.concatenate([part.units for part in parts])
    rest = np.setdiff1d(np.arange(40), taken)
    for number in np.unique(components[rest]):
        units = np.flatnonzero(components == number)
        assert problem.weight[units].sum() < 300 or not problem.is_target[units].any()


def test_labels_of_parts_become_areas_numbered_one_after_the_other():
    problem = area_town(8, n=40, lower=300)
    parts = split_led_areas(problem, problem.capacity)
    labels = [np.arange(part.n_units) // 2 * 3 - 3 for part in parts]
    area_of = place_labels(zip(parts, labels, strict=True), 40)
    numbers = np.unique(area_of[area_of >= 0])
    assert numbers.tolist() == list(range(len(numbers)))
    for part, one in zip(parts, labels, strict=True):
        for number in np.unique(one[one >= 0]):
            assert len(np.unique(area_of[part.units[one == number]])) == 1
