"""The choice of charging places: never more than room, need or money; and nothing better exists."""

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from analysis.policy import read_policy
from analysis.studies.charging import maximise_flow
from analysis.studies.site_choice import SitePrices, evaluate_sites, read_prices, select_sites
from analysis.studies.siting import Siting
from tests.effort import examples

PRICES = SitePrices(10.0, 1.0)


def siting(room, need, pairs):
    """Places of so much room, units that lack so much, and who reaches whom."""
    sites = gpd.GeoDataFrame(
        {"site_id": [f"s{i}" for i in range(len(room))], "capacity": room},
        geometry=[Point(i, 0) for i in range(len(room))],
    )
    reach = pd.DataFrame([(f"s{s}", f"u{u}", 10.0 * u) for s, u in pairs], columns=["site_id", "unit_id", "walk_m"])
    needs = {f"u{u}": n for u, n in enumerate(need)}
    return Siting(sites, reach, needs, pd.DataFrame())


def best_by_trying(room, need, pairs, budget):
    """The most ports, and the least cost of as many, over every set of places."""
    best = (0, 0.0)
    for k in range(len(room) + 1):
        for chosen in itertools.combinations(range(len(room)), k):
            money = budget - k * PRICES.site_yuan
            if money < 0:
                continue
            own = np.array([(s, u) for s, u in pairs if s in chosen], int).reshape(-1, 2)
            flow = maximise_flow(np.array(room), np.array(need), own[:, 0], own[:, 1])
            ports = min(sum(f for _, _, f in flow), int(money // PRICES.port_yuan))
            cost = k * PRICES.site_yuan + ports
            best = max(best, (ports, cost), key=lambda b: (b[0], -b[1]))
    return best


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=5),
    st.lists(st.integers(1, 12), min_size=1, max_size=4),
    st.integers(0, 80),
    st.data(),
)
def test_it_is_the_best_of_all_sets_of_places(room, need, budget, data):
    every = [(s, u) for s in range(len(room)) for u in range(len(need))]
    pairs = sorted(data.draw(st.lists(st.sampled_from(every), unique=True)))
    found = select_sites(siting(room, need, pairs), PRICES, budget_yuan=budget)
    ports, cost = best_by_trying(room, need, pairs, budget)
    assert (found.ports, found.bound, found.status) == (ports, ports, "optimal")
    assert found.cost_yuan == (cost if ports else 0)
    assert found.cost_yuan <= budget
    for s, size in enumerate(room):
        assert sum(one.ports for one in found.lent if one.site_id == f"s{s}") <= size
    for u, lack in enumerate(need):
        assert sum(one.ports for one in found.lent if one.unit_id == f"u{u}") <= lack
    assert {(one.site_id, one.unit_id) for one in found.lent} <= {(f"s{s}", f"u{u}") for s, u in pairs}


def test_without_a_limit_all_that_can_be_placed_is_placed():
    found = select_sites(siting([5, 9, 3], [10, 4], [(0, 0), (1, 0), (2, 1)]), PRICES)
    assert (found.ports, found.needed, found.gap) == (13, 14, 0.0)
    assert found.sites == {"s0": 1, "s1": 9, "s2": 3} or sum(found.sites.values()) == 13


def test_more_money_never_builds_less():
    town = siting([5, 9, 3, 8], [10, 4, 7], [(0, 0), (1, 0), (1, 1), (2, 1), (3, 2), (3, 1)])
    ports = [select_sites(town, PRICES, budget_yuan=b).ports for b in range(0, 90, 5)]
    assert ports == sorted(ports)


def test_with_nothing_in_reach_nothing_is_built():
    found = select_sites(siting([5], [3], []), PRICES, budget_yuan=100)
    assert (found.ports, found.sites, found.gap) == (0, {}, None)


def test_the_same_twice():
    rng = np.random.default_rng(3)
    pairs = [(s, u) for s in range(20) for u in range(12) if rng.random() < 0.2]
    town = siting(rng.integers(5, 30, 20).tolist(), rng.integers(5, 60, 12).tolist(), pairs)
    one, two = (select_sites(town, PRICES, budget_yuan=150) for _ in range(2))
    assert one == two
    assert one.status == "optimal"


def test_the_prices_are_those_of_the_policy():
    policy = read_policy().replaced({"siting.site_yuan": 5000, "siting.port_yuan": 200})
    assert read_prices(policy) == SitePrices(5000.0, 200.0)
    assert select_sites(siting([9], [4], [(0, 0)]), read_prices(policy)).cost_yuan == pytest.approx(5800)


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=5),
    st.lists(st.integers(1, 12), min_size=1, max_size=4),
    st.integers(0, 80),
    st.data(),
)
def test_the_account_of_a_choice_is_the_choice(room, need, budget, data):
    every = [(s, u) for s in range(len(room)) for u in range(len(need))]
    pairs = sorted(data.draw(st.lists(st.sampled_from(every), unique=True)))
    town = siting(room, need, pairs)
    best = select_sites(town, PRICES, budget_yuan=budget)
    told = evaluate_sites(town, best.sites, PRICES)
    assert (told.ports, told.cost_yuan, told.sites) == (best.ports, best.cost_yuan, best.sites)
    assert told.cost_yuan <= budget


def test_a_place_that_serves_nobody_costs_nothing_and_strangers_are_left_out():
    town = siting([5, 5], [4], [(0, 0), (1, 0)])
    told = evaluate_sites(town, {"s0": None, "s1": None, "s9": None}, PRICES)
    assert (told.ports, sum(told.sites.values()), told.bound) == (4, 4, 4)
    assert evaluate_sites(town, {}, PRICES).ports == 0
