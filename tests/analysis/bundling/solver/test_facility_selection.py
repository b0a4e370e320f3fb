"""Which anchors are opened: choices that have room, ranked by bounds that hold, and a search among them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.model.score import Objective, Score
from analysis.bundling.solver import facility_selection
from analysis.bundling.solver.base.budget import SearchBudget
from analysis.bundling.solver.base.evaluate import evaluate
from analysis.bundling.solver.base.policy import BudgetPolicy
from analysis.bundling.solver.base.stop import StopAfter
from analysis.bundling.solver.base.work_log import ENDLESS, WorkLog
from analysis.bundling.solver.construct import construct
from analysis.bundling.solver.exact.assignment_mip import PlanCosts
from analysis.bundling.solver.exact.facility_bound import bound_selection
from analysis.bundling.solver.exact.lagrangian import tighten_bound
from analysis.bundling.solver.facility_selection import (
    aggregate_units,
    lead_always,
    neighbouring_selections,
    select_facilities,
)
from analysis.bundling.solver.parallel import search_parts
from tests.analysis.bundling.solver.test_neighbourhoods import all_plans, grid_part
from tests.effort import examples

ALL_LED = Objective(left_over_m=None, area_m=0)
COSTS = PlanCosts(1e6, 0.0)


def draw_part(seed, rows=6, columns=9, m=8):
    """Units joined as a grid, some of which may lead: about half of them have room for all."""
    rng = np.random.default_rng(seed)
    n = rows * columns
    x, y = np.arange(n) % columns, np.arange(n) // columns
    apart = np.abs(x[:, None] - x) + np.abs(y[:, None] - y)
    source, target = np.nonzero(apart == 1)
    people, anchors = rng.integers(1, 30, n), np.sort(rng.choice(n, m, replace=False))
    return replace(
        grid_part(seed, may_close=True),
        units=np.arange(n),
        indptr=np.concatenate([[0], np.cumsum(np.bincount(source, minlength=n))]).astype(np.int64),
        indices=target.astype(np.int64),
        cost=100 * apart[anchors] * people,
        anchors=anchors,
        capacity=rng.integers(2, 5, m) * people.sum() // m,
        opening=rng.integers(20, 90, m) * people.sum(),
        **dict.fromkeys(("households", "weight", "load", "walkers"), people),
    )


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_what_is_aggregated_costs_as_much_with_every_anchor(seed):
    part = draw_part(seed)
    whole = aggregate_units(part)
    assert len(whole.units) <= part.n_units
    assert (whole.load.sum(), whole.households.sum()) == (part.load.sum(), part.households.sum())
    assert (whole.cost.sum(axis=1) == part.cost.sum(axis=1)).all()
    assert (whole.cost[np.arange(8), whole.anchors] == 0).all()
    assert (whole.load[whole.anchors] == part.load[part.anchors]).all()


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_plan_of_a_selection_costs_less_than_its_bound(seed):
    part = grid_part(seed, may_close=True)
    plans = [(cost, labels) for cost, labels in all_plans(part) if (labels >= 0).all()]
    nearby = [
        one
        for leads in ([0], [1], [0, 1])
        for one in neighbouring_selections(part, COSTS, np.array(leads), below=np.inf)
    ]
    for selection in [*select_facilities(part, COSTS), *nearby]:
        leads = set(selection.chosen.tolist())
        assert selection.estimate >= selection.bound
        assert all(cost >= selection.bound - 1e-6 for cost, labels in plans if set(labels.tolist()) == leads)


def test_selections_differ_have_room_and_are_ranked():
    part = draw_part(4)
    found = select_facilities(part, COSTS)
    assert len({one.chosen.tobytes() for one in found}) == len(found) > 2
    assert [one.estimate for one in found] == sorted(one.estimate for one in found)
    for one in found:
        free = lead_always(part, one.chosen)
        assert free.capacity.sum() >= free.load.sum()
        assert set(one.labels.tolist()) <= {-1, *one.chosen.tolist()}


def test_neighbours_that_cannot_be_better_are_left_out():
    part = draw_part(4)
    leads = select_facilities(part, COSTS)[0].chosen
    nearby = neighbouring_selections(part, COSTS, leads, below=np.inf)
    assert nearby
    least = min(one.bound for one in nearby)
    assert not neighbouring_selections(part, COSTS, leads, below=0.5 * least)
    assert all(len(set(one.chosen) ^ set(leads)) <= 2 for one in nearby)


class Asked:
    """A limit of so many questions; what is a share of it has no end."""

    is_endless = False

    def __init__(self, left):
        self.left = left

    def __call__(self):
        self.left -= 1
        return self.left >= 0

    def share(self, of, most_s=float("inf")):
        return ENDLESS


@pytest.mark.parametrize("n_priced", [0, 2])
def test_choices_that_there_is_no_time_to_price_have_a_weaker_bound(n_priced, monkeypatch):
    part, asked = draw_part(4), []
    full = {one.chosen.tobytes(): one.bound for one in select_facilities(part, COSTS)}
    monkeypatch.setattr(
        facility_selection, "tighten_bound", lambda *given, **more: asked.append(1) or tighten_bound(*given, **more)
    )
    found = select_facilities(part, COSTS, has_time=Asked(n_priced))
    assert len(asked) == n_priced
    assert {one.chosen.tobytes() for one in found} == full.keys()
    assert all(0 < one.bound <= full[one.chosen.tobytes()] for one in found)


def search(part, stop, workers=1):
    log = WorkLog(stop.clock, stop.is_asked)
    budget = SearchBudget(stop, BudgetPolicy(search=1.0), None, workers, log=log)
    seeds = np.random.SeedSequence(0)
    (labels,) = search_parts((part,), [construct(part)], ALL_LED, seeds, budget, around=Score(0, 0, 0))
    return labels, log.record


@pytest.mark.parametrize("seed", range(3))
def test_the_search_is_near_what_no_choice_can_do_better_than(seed):
    part = draw_part(seed)
    labels, _ = search(part, StopAfter(rounds=2000))
    left, cost = evaluate(part, labels).key(ALL_LED)
    bound = bound_selection(part, left_over=np.inf, area=0.0, has_time=ENDLESS)
    assert left == 0
    assert bound - 1e-6 <= cost <= 1.05 * bound


def test_a_choice_by_seconds_is_done_again(monkeypatch):
    part, passed = draw_part(1), WorkLog.seconds.fget
    monkeypatch.setattr(WorkLog, "seconds", property(lambda self: 20.0 * passed(self)))
    first, record = search(part, StopAfter(seconds=30.0), workers=2)
    monkeypatch.setattr(WorkLog, "seconds", property(lambda self: 0.001 * passed(self)))
    again, same = search(part, StopAfter(seconds=30.0, clock=record))
    assert np.array_equal(first, again)
    assert same == record
