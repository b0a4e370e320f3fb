"""Rows find their unit by id, by name and street, or say that they found none."""

import pandas as pd

from app.plan_files.matching import match_rows
from app.plan_files.rows import PlanRows


def rows(bench, **columns):
    n = len(next(iter(columns.values())))
    blank = dict.fromkeys(["unit_id", "name", "area", "leader", "leader_name", "street_name", "district_name"])
    table = pd.DataFrame({"row": range(2, n + 2), **{name: [None] * n for name in blank}, **columns}).astype(
        dict.fromkeys(blank, object)
    )
    return match_rows(PlanRows("表.csv", table, frozenset(columns)), bench.dataset)


def test_by_id_whatever_the_name(bench):
    unit = str(bench.units["unit_id"].iloc[0])
    assert rows(bench, unit_id=[unit], name=["别的名字"]).unit_of == {unit: 0}


def test_the_same_unit_twice_is_told(bench):
    unit = str(bench.units["unit_id"].iloc[0])
    found = rows(bench, unit_id=[unit, unit], name=["甲", "甲"])
    assert found.unit_of == {unit: 0}
    assert [(one.row, one.is_fault) for one in found.remarks] == [(3, True)]


def test_by_name(bench):
    counts = bench.units["name"].value_counts()
    unit = bench.units[bench.units["name"].map(counts) == 1].iloc[0]
    assert rows(bench, name=[unit["name"]]).unit_of == {unit["unit_id"]: 0}


def test_a_name_of_several_in_no_street_is_not_guessed(bench):
    found = rows(bench, name=["查无此小区"])
    assert found.unit_of == {}
    assert found.remarks[0].is_fault
