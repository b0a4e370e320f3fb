"""Reported figures: latest period, documents, sums of districts; and what does not add up."""

import pandas as pd

from analysis.figures.facts import Facts
from analysis.indicators.reconcile import reconcile
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


def rules(rows, as_of="2026-06-30", **data):
    facts = Facts(layers(rows, **data), POLICY, 2026, as_of)
    return [(found.rule, found.value) for found in reconcile(facts)]


def test_the_grades_of_kundulun_do_not_add_up():
    """260 professional communities were published beside 20 + 54 + 167 + 14 = 255."""
    grades = {"一级": 20, "二级": 54, "三级": 167, "标准": 14}
    rows = [("G05", "150203", "2023-12", 260, 351, 0.7407, None)]
    rows += [(f"G05/{name}", "150203", "2023-12", n, None, None, None) for name, n in grades.items()]
    assert rules(rows) == [("reconcile.parts", "255≠260")]


def test_the_other_modes_of_kundulun_do():
    rows = [("unserved", "150203", "2023-12", 91, None, None, None)]
    rows += [(f"unserved/{i}", "150203", "2023-12", n, None, None, None) for i, n in enumerate((73, 8, 10))]
    assert rules(rows) == []


def test_districts_and_city():
    rows = [
        ("G05", "150001", "2020-06", 5, 10, 0.5, None),
        ("G05", "150002", "2020-06", 6, 10, 0.6, None),
        ("G05", "150000", "2020-06", 12, 20, 0.6, None),
    ]
    assert rules(rows) == [("reconcile.city", "11≠12")]


def test_values_that_are_no_quotient_and_parts_above_the_whole():
    rows = [("G05", "150001", "2020-06", 5, 10, 0.55, None), ("G05", "150002", "2020-06", 11, 10, None, None)]
    assert rules(rows) == [("reconcile.value", "0.55"), ("reconcile.above_whole", "11/10")]
    assert rules([("G05", "150001", "2020-06", 5, 10, 50.0, None)]) == []


def test_reported_against_the_ledger_of_the_same_month():
    rows = [("G05", "150002", "2026-06", 1, 1, 1.0, None)]
    assert rules(rows) == [("reconcile.differs", "1≠0")]
    assert rules(rows, as_of="2026-09-30") == []


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
