"""Committees, companies, contracts and streets, counted by hand."""

import pandas as pd
import pytest

from analysis.indicators.registry import compute_indicators
from analysis.policy import read_policy
from geo.storage.layer_frames import shape_layer

POLICY = read_policy()


def layers(**tables):
    frames = {
        "units": pd.DataFrame(
            {
                "unit_id": ["c1", "c2", "c3", "c4"],
                "kind": "community",
                "district_code": ["150001", "150001", "150002", None],
                "built_year": [2015, 2016, 1990, 2020],
            }
        ),
        **{name: pd.DataFrame(columns) for name, columns in tables.items()},
    }
    return {name: shape_layer(name, frame, "EPSG:4546") for name, frame in frames.items()}


def figure(key, data, **options):
    return next(f for f in compute_indicators(data, POLICY, **options) if f.key == key)


BODIES = {
    "unit_id": ["c1", "c2", "c3", "c4"],
    "body_type": ["ywh", "ywh", "wgh", "none"],
    "member_count": [5, 7, 5, None],
    "party_member_count": [3, 2, 5, None],
    "has_party_org": [True, None, False, None],
    "training_count_year": [2, 1, 9, None],
    "cross_appointed": [True, False, True, None],
}
FIRMS = {
    "company_id": ["f1", "f2", "f3", "f4"],
    "credit_rating": ["AAA", "AA", "unrated", None],
    "blacklisted": [False, True, False, None],
    "staff_total": [100, 50, None, 10],
    "trained_prejob": [100, 20, 5, None],
    "staff_professional": [40, 10, 5, 5],
    "trained_ce": [30, 10, 0, None],
    "association_member": [True, True, False, None],
    "has_party_org": [True, None, False, True],
}
DEALS = {
    "contract_id": ["k1", "k2", "k3", "k4"],
    "unit_id": ["c1", "c2", "c3", "c4"],
    "start_date": ["2024-01-01", "2020-01-01", "2025-06-01", "2026-01-01"],
    "end_date": ["2027-12-31", "2023-12-31", None, "2028-01-01"],
    "filed": [True, True, False, None],
    "performance_disclosed": [True, True, True, False],
}
STREETS = {
    "street_code": ["150001001", "150001002", "150001400", "150002001"],
    "name": ["一", "二", "园区", "三"],
    "district_code": ["150001", "150001", "150001", "150002"],
    "is_functional_zone": [False, None, True, False],
    "has_joint_meeting": [True, False, True, None],
}


@pytest.mark.parametrize(
    ("key", "top", "bottom"),
    [
        ("committee_party_member_ratio", 5, 12),  # the 物管会 of c3 is no committee
        ("committee_party_majority_rate", 1, 2),
        ("committee_training_count", 1, 2),
        ("committee_party_org_rate", 1, 2),
        ("cross_appointment_rate", 2, 3),
    ],
)
def test_bodies(key, top, bottom):
    found = figure(key, layers(owners_bodies=BODIES))
    assert (found.numerator, found.denominator) == (top, bottom)
    assert found.value == top / bottom


@pytest.mark.parametrize(
    ("key", "value", "completeness"),
    [
        ("aa_plus_firm_count", 2, 0.75),
        ("credit_rated_firm_rate", 2 / 3, 0.75),
        ("blacklist_firm_count", 1, 0.75),
        ("prejob_training_rate", 120 / 150, 0.5),
        ("continuing_edu_rate", 40 / 55, 0.75),
        ("association_member_rate", 2 / 3, 0.75),
        ("party_work_coverage_rate", 2 / 3, 0.75),
    ],
)
def test_companies(key, value, completeness):
    found = figure(key, layers(companies=FIRMS), year=2026)
    assert found.value == pytest.approx(value)
    assert found.completeness == completeness


def test_without_companies_there_are_none_counted_not_zero():
    found = figure("aa_plus_firm_count", layers(), year=2026)
    assert (found.value, found.target) == (None, 12)
    assert found.missing_columns == ("companies.credit_rating",)


def test_only_contracts_that_run_count():
    found = figure("contract_filing_rate", layers(contracts=DEALS), as_of="2026-06-30")
    assert (found.numerator, found.denominator, found.unknown_units) == (1, 2, 1)
    found = figure("performance_disclosure_rate", layers(contracts=DEALS), as_of="2026-06-30")
    assert (found.numerator, found.denominator) == (2, 3)


def test_functional_zones_are_no_streets():
    data = layers(streets=STREETS)
    found = figure("joint_meeting_rate", data)
    assert (found.numerator, found.denominator, found.target) == (1, 2, 0.30)
    by_district = [f for f in compute_indicators(data, POLICY, level="district") if f.key == "joint_meeting_rate"]
    assert [f.denominator for f in by_district] == [2, None, None]


def test_bays_of_new_communities_are_built_or_reserved():
    parking = {
        "unit_id": ["c1", "c2", "c3", "c4"],
        "bays_fixed": [100, 50, 80, 10],
        "bays_public": [10, 0, 0, None],
        "ev_bays_built": [20, 50, 0, 0],
        "ev_bays_reserved": [60, 40, 0, None],
        "cars_registered": [150, 30, 100, 5],
    }
    found = figure("ev_fixed_bay_ready_rate", layers(parking=parking))
    assert (found.numerator, found.denominator, found.target) == (130, 150, 1.0)
    gap = figure("parking_gap", layers(parking=parking))
    assert (gap.value, gap.unknown_units) == (40 + 0 + 20, 1)
