"""What no choice of anchors can cost less than: the transportation of each choice, all of them tried."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from analysis.bundling.solver.base.work_log import ENDLESS
from analysis.bundling.solver.exact import facility_bound
from analysis.bundling.solver.exact.assignment_mip import PlanCosts
from analysis.bundling.solver.exact.facility_bound import bound_selection
from tests.analysis.bundling.solver.test_neighbourhoods import LEFT, all_plans, grid_part
from tests.effort import examples


def transport(part, is_open):
    """Least cost of split units that the open anchors serve or nobody does, by a plain linear programme."""
    m, n = part.cost.shape
    load = np.tile(part.load, (m, 1))
    load[np.arange(m), part.anchors] = 0
    least, most = np.zeros((m + 1, n)), np.ones((m + 1, n))
    most[:m] = (part.cost >= 0) & np.array(is_open)[:, None]
    for anchor in np.flatnonzero(is_open):
        least[anchor, part.anchors[anchor]] = 1
    if (least > most).any():
        return np.inf
    cost = np.vstack([np.maximum(part.cost, 0), LEFT * part.households]).astype(float)
    room = np.zeros((m, (m + 1) * n))
    for anchor in range(m):
        room[anchor, anchor * n : (anchor + 1) * n] = load[anchor]
    found = linprog(
        cost.ravel(),
        A_ub=room,
        b_ub=part.capacity,
        A_eq=np.tile(np.eye(n), m + 1),
        b_eq=np.ones(n),
        bounds=list(zip(least.ravel(), most.ravel(), strict=True)),
    )
    return found.fun + part.opening[list(is_open)].sum() if found.status == 0 else np.inf


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_it_is_the_best_of_all_choices(seed):
    part = grid_part(seed, may_close=True)
    best = min(transport(part, is_open) for is_open in product([False, True], repeat=2))
    assert bound_selection(part, left_over=float(LEFT), area=0.0, has_time=ENDLESS) == pytest.approx(best)


@pytest.mark.parametrize("n_near", [1, 2])
@pytest.mark.parametrize("left_over", [float(LEFT), np.inf])
@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6), area=st.sampled_from([0, 70]))
def test_no_plan_costs_less_however_few_pairs_are_in_the_model(n_near, left_over, seed, area):
    part = grid_part(seed, may_close=True)
    costs = PlanCosts(left_over, float(area))
    plans = [labels for _, labels in all_plans(part) if np.isfinite(left_over) or (labels >= 0).all()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(facility_bound, "MAX_PAIRS", 8 * n_near)
        bound = bound_selection(part, left_over=left_over, area=float(area), has_time=ENDLESS)
    assert all(bound <= costs.of(part, labels) + 1e-6 for labels in plans)


def test_where_all_must_be_served_and_cannot_be_no_plan_is_cheap_enough():
    part = replace(grid_part(0, may_close=True), capacity=np.array([1, 1]))
    assert bound_selection(part, left_over=np.inf, area=0.0, has_time=ENDLESS) == np.inf
