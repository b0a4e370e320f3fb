"""Where annealing of led areas begins, and how hot: near a relaxation that leaves hardly a unit open."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.bundling.model.score import PEOPLE_FIRST
from analysis.bundling.solver import lns
from analysis.bundling.solver.base.evaluate import evaluate
from analysis.bundling.solver.base.subproblem import split_lead
from analysis.bundling.solver.base.work_log import ENDLESS
from analysis.bundling.solver.construct import construct


def make_part(random_town, room):
    """Anchors that reach everyone, with so many times the room that all of them need; areas too large to be pooled."""
    problem = random_town(1, n=120, mode="lead", anchor_share=0.03, n_walls=1)
    part = max(split_lead(problem), key=lambda part: part.n_units)
    far = np.where(part.cost < 0, 1000 * part.households, part.cost)
    capacity = np.full(len(part.anchors), int(room * part.load.sum() / len(part.anchors)))
    return replace(part, cost=far, capacity=capacity)


@pytest.fixture
def part(random_town):
    return make_part(random_town, 3.0)


def anneal(part, monkeypatch, n_left_over=0):
    """The heats at which a short search anneals, the first of which leave somebody over, and its best labels."""
    asked, own = [], lns.anneal_lead

    def anneal_lead(inner, labels, objective, rng, spent, hot, **options):
        if inner is not part:  # a perturbed neighbourhood
            return own(inner, labels, objective, rng, spent, hot, **options)
        asked.append((hot, options["is_cooled_once"]))
        found = own(inner, labels, objective, rng, spent, hot, **options)
        return leave_one_over(found) if len(asked) <= n_left_over else found

    monkeypatch.setattr(lns, "anneal_lead", anneal_lead)
    monkeypatch.setattr(lns, "reoptimise_neighbourhoods", lambda part, labels, *_: labels)
    found = lns.large_neighbourhood_search(
        part, construct(part), PEOPLE_FIRST, np.random.default_rng(0), lambda rounds, _: rounds / 250, map, ENDLESS, []
    )
    return asked, found


def leave_one_over(labels):
    """The same, without one member at the end of an area."""
    labels = labels.copy()
    labels[np.flatnonzero(labels >= 0)[-1]] = -1
    return labels


def test_a_plan_near_its_relaxation_is_warmed_and_cooled_once(part, monkeypatch):
    asked, found = anneal(part, monkeypatch)
    assert asked[0] == (lns.WARM, True)
    assert len(asked) == 1
    assert evaluate(part, found).left_over_households == 0


def test_a_warm_start_that_leaves_over_whom_it_need_not_is_done_again_hotter(part, monkeypatch):
    asked, found = anneal(part, monkeypatch, 1)
    assert asked[:2] == [(lns.WARM, True), (lns.HOT, False)]
    assert evaluate(part, found).left_over_households == 0


def test_where_the_relaxation_says_little_any_start_is_melted(random_town, monkeypatch):
    short = make_part(random_town, 0.5)
    asked, _ = anneal(short, monkeypatch)
    assert asked[0] == (lns.MELTED, False)
