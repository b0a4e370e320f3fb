"""Income, posts and gap by hand, against the figures worked out on paper."""

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.economics import (
    SHARED_TRADES,
    Member,
    compute_area_economics,
    compute_economics,
    compute_plan_economics,
    compute_sensitivity,
    count_posts,
    read_norms,
)
from analysis.policy import read_policy

POLICY = read_policy()
NORMS = read_norms(POLICY)
BARE = replace(NORMS, overhead_share=0.0)


def member(**changes):
    return replace(Member("m", False, 100, 10_000, 0, 1.0, 0.8, False), **changes)


@pytest.mark.parametrize(
    ("fee", "rate", "posts", "floor"),
    [(0.6, 0.60, 1, 9_722), (1.0, 0.82, 1, 4_268), (0.6, 0.80, 8, 58_333), (1.0, 0.82, 8, 34_146)],
)
def test_floor_area_that_pays_for_posts(fee, rate, posts, floor):
    """One post of 42,000 yuan a year needs 9,722 m² at 0.6 yuan and 60 %."""
    income = compute_economics([member(floor_area_m2=floor, fee=fee, collection_rate=rate)], BARE).income
    assert income == pytest.approx(posts * BARE.post_yuan_year, rel=1e-4)


def test_by_hand():
    """Two communities of 30,000 m² and a building of 3,000 m², 1 yuan, 80 %."""
    members = [
        member(unit_id="a", is_community=True, households=400, floor_area_m2=30_000, green_m2=5_000),
        member(unit_id="b", is_community=True, households=400, floor_area_m2=30_000, green_m2=5_000),
        member(unit_id="c", households=40, floor_area_m2=3_000),
    ]
    found = compute_economics(members, NORMS)
    assert found.income == pytest.approx(63_000 * 12 * 0.8)
    assert found.posts == {"greening": 2, "cleaning": 6, "repair": 2, "order": 8.4, "service": 1, "management": 1}
    assert {t: found.posts_alone[t] for t in SHARED_TRADES} == {"greening": 2, "cleaning": 7, "repair": 3}
    assert found.saved_posts == 2
    assert found.cost == pytest.approx(20.4 * 3_500 * 12 * 1.25)
    assert found.gap == pytest.approx(found.income - found.cost)
    assert not found.is_acceptable
    assert sum(found.income_by_member.values()) == pytest.approx(found.fee_income)


def test_the_break_even_fee_closes_the_gap():
    members = [member(unit_id="a", fee=0.3), member(unit_id="b", floor_area_m2=5_000)]
    fee = compute_economics(members, NORMS).break_even_fee
    again = compute_economics([replace(m, fee=fee) for m in members], NORMS)
    assert again.gap == pytest.approx(0, abs=1e-6)


def test_subsidy_and_sanitation_are_told_apart():
    norms = replace(NORMS, subsidy_yuan_household_year=50, sanitation_yuan_household_year=60)
    found = compute_economics([member()], norms)
    assert (found.subsidy, found.sanitation_income) == (5_000, 6_000)
    assert found.income == pytest.approx(found.fee_income + 11_000)


def test_more_collected_is_never_worse():
    gaps = [found.gap for _, found in compute_sensitivity([member()], NORMS, [0.5, 0.6, 0.82, 0.9])]
    assert gaps == sorted(gaps)


@given(st.lists(st.tuples(st.floats(100, 90_000), st.floats(0, 20_000), st.booleans()), min_size=1, max_size=6))
def test_sharing_never_needs_more_posts(rows):
    members = [
        member(unit_id=str(i), floor_area_m2=floor, green_m2=green, is_community=community)
        for i, (floor, green, community) in enumerate(rows)
    ]
    alone = [count_posts([m], NORMS) for m in members]
    for trade, posts in count_posts(members, NORMS).items():
        assert posts <= sum(each[trade] for each in alone) + 1e-9
    assert compute_economics(members, NORMS).saved_posts >= 0


def units(**changes):
    columns = {
        "unit_id": ["a", "b", "c"],
        "kind": ["community", "community", "single_building"],
        "households": [500, 300, None],
        "floor_area_m2": [40_000, 24_000, 2_000],
        "land_area_m2": [20_000, 12_000, None],
        "management_mode": ["professional", "none", "none"],
        "fee_yuan_m2_month": [1.8, None, None],
        "collection_rate": [0.9, None, None],
        "households_quality": "reported",
        "floor_area_m2_quality": "reported",
        **changes,
    }
    return pd.DataFrame(columns)


def test_missing_figures_are_told_never_zero():
    found = compute_area_economics(units(), POLICY, anchor="a")
    assert found.missing_units == ("c",)
    assert found.estimated_units == 1
    assert found.fee_income == pytest.approx(40_000 * 1.8 * 12 * 0.9 + 24_000 * 0.6 * 12 * 0.6)


def test_every_area_of_a_plan_has_its_economics():
    plan = {
        "areas": [
            {"area_id": "P1", "anchor_unit_id": "a", "unit_ids": ["a", "b"]},
            {"area_id": "P2", "anchor_unit_id": None, "unit_ids": ["c"]},
        ]
    }
    found = compute_plan_economics(plan, units(), POLICY)
    assert found["P1"] == compute_area_economics(units().iloc[:2], POLICY, anchor="a")
    assert (found["P2"].income, found["P2"].break_even_fee, found["P2"].missing_units) == (0, None, ("c",))
