"""Who may lead whom, and what the prices of the linear program prove: never more than the best of all choices."""

from itertools import product

import numpy as np
import pytest

from analysis.bundling.verify.proofs.leader_lp import (
    LeaderPairs,
    count_led,
    count_led_by_choice,
    find_pairs,
    least_cost_of_leading,
)
from analysis.bundling.verify.statements.planned_units import PlannedUnits
from tests.analysis.bundling.verify.drawn_areas import draw_areas


def draw_pairs(seed):
    """Four targets, three anchors, two companies."""
    dice = np.random.default_rng(seed)
    unit, anchor = (side.ravel() for side in np.meshgrid(np.arange(4), np.arange(4, 7), indexing="ij"))
    may = dice.random(12) < 0.7
    load = np.append(dice.integers(10, 60, 4), [0, 0, 0]).astype(float)
    room = np.append([0, 0, 0, 0], dice.integers(30, 120, 3)).astype(float)
    company = np.array([-1, -1, -1, -1, 0, 1, 1])
    metres = dice.integers(1, 900, 12).astype(float)[may]
    pairs = LeaderPairs(unit[may], anchor[may], metres, load, room, company, np.array([40.0, 90.0]))
    return pairs, np.append(dice.integers(50, 400, 4), [0, 0, 0]).astype(float)


def choices(pairs):
    """Every choice of leaders that has room."""
    own = [[-1, *np.flatnonzero(pairs.unit == i).tolist()] for i in range(4)]
    for chosen in product(*own):
        picked = [k for k in chosen if k >= 0]
        taken, by_company = np.zeros(7), np.zeros(2)
        for k in picked:
            taken[pairs.anchor[k]] += pairs.load[pairs.unit[k]]
            by_company[pairs.company[pairs.anchor[k]]] += pairs.load[pairs.unit[k]]
        if (taken <= pairs.room).all() and (by_company <= pairs.allowance).all():
            yield picked


@pytest.mark.parametrize("seed", range(40))
def test_no_choice_of_leaders_is_below_what_is_proven(seed):
    pairs, people = draw_pairs(seed)
    every = list(choices(pairs))
    most = max(people[pairs.unit[picked]].sum() for picked in every)
    assert count_led(pairs, people) >= most - 1e-6
    costs = pairs.metres * people[pairs.unit]
    for need in (0.3 * most, most):
        enough = [picked for picked in every if people[pairs.unit[picked]].sum() >= need]
        least = min(costs[picked].sum() for picked in enough)
        assert least_cost_of_leading(pairs, costs, people, led_at_least=need) <= least * (1 + 1e-9) + 1e-6


def test_it_is_as_good_as_the_linear_program_where_nothing_is_short():
    pairs, people = draw_pairs(1)
    roomy = LeaderPairs(
        pairs.unit, pairs.anchor, pairs.metres, pairs.load, pairs.room + 1e3, pairs.company, pairs.allowance + 1e3
    )
    assert count_led(roomy, people) == people[np.unique(pairs.unit)].sum()


def test_among_some_units_companies_are_held_to_nothing():
    pairs, people = draw_pairs(5)
    some = pairs.select(np.arange(7) < 2)
    assert set(some.unit.tolist()) <= {0, 1}
    assert not len(some.allowance)
    assert count_led(some, people) <= count_led(pairs, people) + people[[0, 1]].sum()


@pytest.mark.full
def test_pairs_are_those_that_plain_reckoning_lets_lead():
    """But for a connected group that is too light, and for a way between both that is too heavy for an area."""
    n_too_far = 0
    for seed in range(60):
        town = draw_areas(seed, 7)
        planned = PlannedUnits(town.context((), {}))
        pairs = find_pairs(planned, in_whole_m2=False)
        found = {(planned.ids[i], planned.ids[j]) for i, j in zip(pairs.unit, pairs.anchor, strict=True)}
        allowed = {(u, a) for u in town.units for a in town.units if town.may_lead(a, u)}
        assert found <= allowed
        together = {
            (u, a)
            for u, a in allowed
            if planned.groups[planned.place[u]] == planned.groups[planned.place[a]] >= 0
            and (town.rules.company_growth is None or town.floor[u] <= 0.5 * town.managed[town.company[a]])
        }
        assert found <= together
        n_too_far += len(together - found)
        lawful = [area for areas, _ in draw_areas(seed, 4).plans() for area in areas] if seed < 20 else []
        small = PlannedUnits(draw_areas(seed, 4).context((), {}))
        for area in lawful:
            for unit in area:
                beside = small.companions(small.place[unit])
                assert {small.place[other] for other in area} <= beside
                assert small.companions(small.place[unit], surely=True) <= beside
    assert n_too_far > 0


def test_a_choice_of_leaders_is_one_and_what_is_proven_is_not_below_it():
    for seed in range(40):
        pairs, people = draw_pairs(seed)
        led = count_led_by_choice(pairs, people)
        assert led <= max(people[pairs.unit[picked]].sum() for picked in choices(pairs))
        assert led <= count_led(pairs, people) + 1e-6


def test_floor_areas_in_whole_m2_let_no_more_lead():
    town = draw_areas(4, 7)
    town.floor["u0"] += 0.4
    planned = PlannedUnits(town.context((), {}))
    loose, strict = (find_pairs(planned, in_whole_m2=whole) for whole in (False, True))
    assert strict.load[0] == np.ceil(loose.load[0])
    assert (strict.room <= loose.room).all()
