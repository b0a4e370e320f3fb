"""Companies and contracts, counted by hand."""

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
