"""The assignment MIP: connection where it is asked for, relaxations below it, and the room of open anchors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.solver.exact.assignment_mip import AssignmentMip, PlanCosts, solve_transport_relaxation
from analysis.bundling.solver.models.separators import disconnected_groups, find_violated_separators
from tests.analysis.bundling.solver.test_neighbourhoods import LEFT, all_plans, grid_part
from tests.effort import examples

COSTS = PlanCosts(float(LEFT), 0.0)
ANYONE = np.ones(8, dtype=bool)


@pytest.mark.parametrize("may_close", [False, True])
@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_areas_are_connected_where_that_is_asked_for(seed, may_close):
    part = grid_part(seed, may_close)
    model = AssignmentMip(
        part, part.cost >= 0, ANYONE, COSTS, lazy_connectivity=lambda labels: find_violated_separators(part, labels)
    )
    answer = model.solve()
    assert answer.is_proven
    assert not list(disconnected_groups(part, answer.labels))
    best = min(cost for cost, _ in all_plans(part))
    assert answer.bound == pytest.approx(best)
    assert COSTS.of(part, answer.labels) == pytest.approx(best)


def test_no_labels_are_given_when_the_rounds_are_over():
    part = grid_part(0)
    model = AssignmentMip(part, part.cost >= 0, ANYONE, COSTS, lazy_connectivity=lambda _: [(0, 1, (2,))])
    answer = model.solve(rounds=2)
    assert answer.labels is None
    assert not answer.is_proven
    assert answer.bound <= min(cost for cost, _ in all_plans(part))


@pytest.mark.parametrize("may_close", [False, True])
@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_what_may_be_split_costs_no_more(seed, may_close):
    part = grid_part(seed, may_close)
    split = AssignmentMip(part, part.cost >= 0, ANYONE, COSTS, relax=True).solve().bound
    whole = AssignmentMip(part, part.cost >= 0, ANYONE, COSTS).solve().bound
    assert solve_transport_relaxation(part, float(LEFT)).bound <= split + 1e-6
    assert split <= whole + 1e-6


def test_open_anchors_have_the_room_required():
    part = grid_part(5, may_close=True)
    cheap = AssignmentMip(part, part.cost >= 0, ANYONE, COSTS, relax=True)
    room = part.capacity + part.load[part.anchors]
    share = room.sum() / part.load.sum() - 1
    cheap.require_room(share)
    assert cheap.solve().opened.all()
    cheap.require_room(share + 0.1)
    assert cheap.solve().labels is None
