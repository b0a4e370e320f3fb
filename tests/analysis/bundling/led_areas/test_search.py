"""Parts of mode "area" are searched."""

import numpy as np

from analysis.bundling.led_areas.part import split_led_areas
from analysis.bundling.led_areas.search import anneal_part, measure_led_areas
from tests.analysis.bundling.led_areas.towns import area_town


def test_longer_annealing_is_no_worse_than_its_start():
    problem = area_town(3, n=25, lower=400, upper=1500)
    part = split_led_areas(problem, problem.capacity)[0]
    nothing = np.full(part.n_units, -1)
    found = anneal_part(part, nothing, np.random.default_rng(0), lambda rounds, _: rounds / 2)
    before, after = (measure_led_areas(part, labels)[1] for labels in (nothing, found))
    assert after.left_over_households <= before.left_over_households
