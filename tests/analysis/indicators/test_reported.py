"""Reported figures: latest period, documents, sums of districts; and what does not add up."""

import pandas as pd

from analysis.indicators.registry import compute_indicators
from analysis.policy import read_policy
from geo.storage.layer_frames import shape_layer

POLICY = read_policy()


def layers(rows, modes=("professional", "none"), districts=("150001", "150002")):
    units = pd.DataFrame(
        {
            "unit_id": [f"c{i}" for i in range(len(modes))],
            "kind": "community",
            "management_mode": list(modes),
            "district_code": list(districts),
        }
    )
    names = ["indicator_id", "admin_code", "period", "numerator", "denominator", "value", "document_no"]
    frames = {"units": units, "reported_figures": pd.DataFrame(rows, columns=names)}
    return {name: shape_layer(name, frame, "EPSG:4546") for name, frame in frames.items()}


def figure(key, rows, **options):
    return next(f for f in compute_indicators(layers(rows), POLICY, **options) if f.key == key)


def test_a_milestone_has_its_date_and_document():
    rows = [("T03", "150000", "2026-03", None, None, 1.0, "包府办〔2026〕9号")]
    found = figure("city_dispute_mechanism", rows, year=2026)
    assert (found.value, found.period, found.document_no) == (1, "2026-03", "包府办〔2026〕9号")
    assert (found.source, found.missing_columns) == ("reported", ())


def test_the_latest_period_up_to_the_year_counts():
    rows = [
        ("T16", "150000", "2025-12", 30, 60, None, None),
        ("T16", "150000", "2026-06", 45, 60, None, None),
        ("T16", "150000", "2027-01", 60, 60, None, None),
    ]
    assert figure("public_revenue_account_rate", rows, year=2026).value == 0.75
    assert figure("public_revenue_account_rate", rows, year=2025).value == 0.5


def test_without_a_row_of_the_city_the_districts_add_up():
    rows = [("T16", "150001", "2026-06", 30, 40, None, "甲"), ("T16", "150002", "2026-06", 10, 60, None, "乙")]
    found = figure("public_revenue_account_rate", rows, year=2026)
    assert (found.numerator, found.denominator, found.value) == (40, 100, 0.4)
    assert (found.completeness, found.document_no) == (1.0, "乙; 甲")
    assert figure("public_revenue_account_rate", rows[:1], year=2026).completeness == 0.5


def test_a_place_without_a_report_has_no_data():
    rows = [("T16", "150001", "2026-06", 30, 40, None, None)]
    found = {
        f.admin_code: f for f in compute_indicators(layers(rows), POLICY, level="district", year=2026) if f.id == "T16"
    }
    assert found["150001"].value == 0.75
    assert (found["150002"].value, found["150002"].completeness) == (None, 0.0)


def months(rows, reports=()):
    names = ["roster", "month", "revision", "locked", "reason"]
    snapshots = pd.DataFrame([(*row, None) for row in rows], columns=names)
    return {**layers(list(reports)), "snapshots": shape_layer("snapshots", snapshots, "EPSG:4546")}


def monitored(held, **options):
    found = compute_indicators(held, POLICY, **{"year": 2026, **options})
    return {f.admin_code: f for f in found if f.key == "monthly_monitoring_done"}


def test_locked_months_are_months_monitored():
    """Each month once, however often it was revised; one that stays open does not count."""
    held = months(
        [
            ("2026-05-r1", "2026-05", 1, False),
            ("2026-05-r2", "2026-05", 2, True),
            ("2026-05-r3", "2026-05", 3, True),
            ("2026-06-r1", "2026-06", 1, True),
            ("2026-07-r1", "2026-07", 1, False),
            ("2025-12-r1", "2025-12", 1, True),
        ]
    )
    found = monitored(held)["all"]
    assert (found.value, found.target, found.period) == (2, 12, "2026-06")
    assert found.document_no == "2026-05-r3, 2026-06-r1"
    assert monitored(held, year=2025)["all"].value == 1


def test_a_district_has_a_month_when_it_reported_it_as_well():
    reports = [("T20", "150001", "2026-05", None, None, 7.0, None)]
    held = months([("2026-05-r1", "2026-05", 1, True), ("2026-06-r1", "2026-06", 1, True)], reports)
    found = monitored(held, level="district")
    assert found["150001"].value == 1
    assert found["150002"].value is None
