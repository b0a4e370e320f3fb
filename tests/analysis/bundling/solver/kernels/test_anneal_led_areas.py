"""Annealing of areas with leaders inside: totals kept up to date are those from scratch."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.led_areas.part import split_led_areas
from analysis.bundling.solver.kernels.anneal_led_areas import anneal_led_areas, build_state, evaluate_areas
from analysis.bundling.solver.kernels.jit import random_state
from tests.analysis.bundling.led_areas.towns import area_town


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), temperature=st.sampled_from([1.0, 1e5, 1e7]))
def test_totals_kept_up_to_date_are_those_from_scratch(seed, temperature):
    problem = area_town(seed, n=25, lower=400, upper=1500)
    for part in split_led_areas(problem, problem.capacity):
        state = build_state(part.data, part.prices, np.full(part.n_units, -1))
        stream = random_state(np.random.default_rng(seed))
        for _ in range(5):
            anneal_led_areas(part.data, part.prices, state, part.outside_first_m, temperature, 200, stream)
            fresh = build_state(part.data, part.prices, state.area)
            assert evaluate_areas(part.data, part.prices, fresh)
            assert fresh.sums.tolist() == state.sums.tolist()
            assert fresh.size.tolist() == state.size.tolist()
