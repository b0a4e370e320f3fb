"""Quotas of the years, and the areas that meet them, cheapest first."""

import itertools

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.figures.facts import Facts
from analysis.policy import read_policy
from analysis.studies.phasing import STAGES, CandidateArea, compute_quotas, schedule_areas, schedule_stages
from geo.storage.layer_frames import shape_layer

POLICY = read_policy()
YEARS = (2025, 2026, 2027)


def facts(districts):
    """So many served and unserved communities by district code."""
    rows = [
        (code, mode)
        for code, (served, unserved) in districts.items()
        for mode, count in (("professional", served), ("none", unserved))
        for _ in range(count)
    ]
    units = pd.DataFrame(rows, columns=["district_code", "management_mode"])
    units = units.assign(unit_id=[f"c{i:04d}" for i in range(len(units))], kind="community")
    return Facts({"units": shape_layer("units", units, "EPSG:4546")}, POLICY)


def of(found, key="professional_coverage_rate"):
    return [quota for quota in found if quota.key == key]


def test_kundulun_owes_21_then_7_then_28_more():
    found = of(compute_quotas(facts({"150203": (260, 91)}), YEARS))
    assert [quota.needed for quota in found] == [21, 28, 56]
    assert [quota.in_year for quota in found] == [21, 7, 28]


@given(
    st.dictionaries(
        st.sampled_from(["150202", "150203", "150204", "150207"]),
        st.tuples(st.integers(0, 40), st.integers(0, 40)),
        min_size=1,
    )
)
def test_quotas_met_meet_the_target_and_none_less_would(districts):
    for quota in of(compute_quotas(facts(districts), YEARS)):
        reached = quota.served + quota.needed
        assert reached >= quota.target * quota.total - 1e-9
        if quota.needed:
            assert reached - 1 < quota.target * quota.total


@pytest.mark.full
@given(
    st.dictionaries(
        st.sampled_from(["150202", "150203", "150204"]), st.tuples(st.integers(0, 30), st.integers(1, 30)), min_size=1
    )
)
def test_the_districts_quotas_cover_the_citys(districts):
    here = facts(districts)
    for year in YEARS:
        city = [q.needed for q in of(compute_quotas(here, (year,), level="city"))]
        assert sum(q.needed for q in of(compute_quotas(here, (year,)))) >= sum(city)


def test_without_a_target_nothing_is_owed():
    (quota,) = of(compute_quotas(facts({"150203": (1, 9)}), (2031,)))
    assert (quota.target, quota.needed) == (None, 0)


def area(name, street, gains, gap, households=100.0, district="D"):
    return CandidateArea(name, district, street, gains, households, gap)


AREAS = [
    area("A", "s1", 4, -1_000.0),
    area("B", "s1", 5, -9_000.0),
    area("C", "s2", 3, -20_000.0),
    area("E", "s1", 2, 500.0),
    area("F", "s2", 6, None),
]


def test_cheapest_first_until_the_need_is_met():
    need = {("D", 2026): 6, ("D", 2027): 6}
    started = schedule_areas(AREAS, need, (2026, 2027), every_street_first=False)
    assert started == {"A": 2026, "B": 2027, "C": 2027, "E": 2026, "F": None}


def test_every_street_gets_one_first():
    started = schedule_areas(AREAS, {("D", 2026): 1}, (2026, 2027))
    assert started == {"A": None, "B": None, "C": 2026, "E": 2026, "F": None}


def test_an_area_of_unknown_cost_comes_last():
    started = schedule_areas(AREAS, {("D", 2027): 99}, (2026, 2027))
    assert set(started.values()) == {2027}
    assert list(started) == [a.area_id for a in AREAS]


@pytest.mark.parametrize("need", [0, 3, 8, 50])
def test_a_quota_is_met_or_everything_has_started(need):
    started = schedule_areas(AREAS, {("D", 2026): need}, (2026,))
    gained = sum(a.gains for a in AREAS if started[a.area_id] == 2026)
    assert gained >= min(need, sum(a.gains for a in AREAS))


@pytest.mark.parametrize("year", YEARS)
def test_stages_follow_each_other_up_to_the_end_of_the_year(year):
    stages = schedule_stages(year, POLICY)
    assert [stage.key for stage in stages] == list(STAGES)
    assert stages[-1].end.isoformat() == f"{year}-12-31"
    for one, following in itertools.pairwise(stages):
        assert (following.start - one.end).days == 1
    days = POLICY.value("phasing.stage_days")
    assert [(s.end - s.start).days + 1 for s in stages] == [days[s.key] for s in stages]


def test_a_stage_whose_latest_day_is_over_is_late():
    stages = schedule_stages(2026, POLICY, as_of="2026-08-10")
    assert [stage.is_late for stage in stages][:3] == [True, True, True]
    assert not stages[-1].is_late
    assert not any(stage.is_late for stage in schedule_stages(2027, POLICY, as_of="2026-08-10"))
