"""The record tells what changed, and only that."""

import openpyxl
import pytest

from tests.golden.cases import list_cases, with_needed
from tests.golden.record import differences, digest_path

BEFORE = {"a": {"exit": 0, "printed": "x", "outputs": {"{work}/d": {"f": "1", "g": "2"}}}}


def test_nothing_changed():
    assert differences(BEFORE, BEFORE) == []


@pytest.mark.parametrize(
    ("after", "line"),
    [
        ({"a": BEFORE["a"] | {"exit": 1}}, "a: exit 0 -> 1"),
        ({"a": BEFORE["a"] | {"outputs": {"{work}/d": {"f": "1", "g": "3"}}}}, "a: {work}/d g"),
        ({"a": BEFORE["a"] | {"outputs": {"{work}/d": {"f": "1"}}}}, "a: {work}/d g"),
        ({}, "a: not run"),
        (BEFORE | {"b": BEFORE["a"]}, "b: not recorded"),
    ],
)
def test_each_change_is_named(after, line):
    assert differences(BEFORE, after) == [line]


def test_a_workbook_is_its_cells_and_a_document_is_without_its_times(tmp_path):
    for name, value in (("one", 1), ("same", 1), ("other", 2)):
        book = openpyxl.Workbook()
        book.active["A1"] = value
        book.properties.title = name
        book.save(tmp_path / f"{name}.xlsx")
    one, same, other = (digest_path(tmp_path / f"{name}.xlsx") for name in ("one", "same", "other"))
    assert one == same != other
    (tmp_path / "a.json").write_text('{"seconds": 1.5, "seed": 0}', encoding="utf-8")
    (tmp_path / "b.json").write_text('{"seconds": 9.25, "seed": 0}', encoding="utf-8")
    (tmp_path / "c.json").write_text('{"seconds": 1.5, "seed": 1}', encoding="utf-8")
    first, second, third = (digest_path(tmp_path / name) for name in ("a.json", "b.json", "c.json"))
    assert first == second != third


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("help-plan", []),
        ("verify-whole", ["small-demo", "small-graph", "plan-whole"]),
        ("repair", ["small-demo", "small-graph", "plan-mixed"]),
        ("explain-left-over", ["small-demo", "small-graph", "plan-mixed"]),
        ("plan-permits", ["small-demo", "small-graph", "plan-mixed", "import-permits"]),
    ],
)
def test_a_case_runs_with_those_it_reads_from(name, needed):
    cases = [*list_cases(city=False, shared=None)]
    chosen = [case.name for case in with_needed(cases, lambda case: case.name == name)]
    assert chosen == [*needed, name]
