"""Reported figures that do not add up, or differ from the ledger, are told."""

import pandas as pd

from analysis.figures.facts import Facts
from analysis.indicators.reconcile import reconcile
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
