from __future__ import annotations

import json

import openpyxl
import pandas as pd
import pytest

from app.desks.imports.reports import unplaced_units, write_rejected, write_report
from geo.errors import UsageError
from geo.importing import ImportOptions, import_paths
from geo.rules import UnitRules


def run(paths, folder, **options):
    return import_paths(paths, folder, options=ImportOptions(**options), unit_rules=UnitRules())


@pytest.fixture
def outcome(tmp_path):
    rows = {
        "小区名称": ["甲小区", None, "丙小区", "丁小区"],
        "户数": ["120户", "50", "很多", "30"],
        "地址": ["红星路", "门卫 13800138000", "绿园路", "东风路"],
        "联系电话": ["13800138000"] * 4,
        "物业费": ["1.0", "1", "很贵", "2"],
    }
    pd.DataFrame(rows).to_excel(tmp_path / "台账.xlsx", index=False, sheet_name="昆区")
    return run([tmp_path / "台账.xlsx"], tmp_path / "D")


def test_the_workbook_shows_the_offending_cells_coloured_in_their_rows(tmp_path, outcome):
    write_report(tmp_path / "r.xlsx", outcome)
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    findings, source = book.worksheets
    assert findings.max_row == len(outcome.findings) + 1
    marked = {
        (c.value, c.comment is not None)
        for row in source.iter_rows(min_row=2)
        for c in row
        if c.fill.fgColor.rgb not in ("00000000", None)
    }
    assert {("很多", True), ("很贵", True)} <= marked
    head = [c.value for c in source[1]]
    assert "联系电话" not in head
    assert "13800138000" not in str([[c.value for c in row] for row in source.iter_rows()])


def test_the_json_says_the_same_as_the_outcome(tmp_path, outcome):
    write_report(tmp_path / "r.json", outcome)
    body = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert len(body["findings"]) == len(outcome.findings)
    assert body["rejected"] == 1
    assert body["stored"] == {"communities": 3}


def test_other_kinds_of_report_are_refused(tmp_path, outcome):
    with pytest.raises(UsageError, match=r"\.xlsx"):
        write_report(tmp_path / "r.csv", outcome)


def test_rejected_rows_come_back_in_their_own_columns_and_go_in_once_corrected(tmp_path, outcome):
    path = write_rejected(tmp_path / "D", outcome)
    book = openpyxl.load_workbook(path)
    head = [c.value for c in book.active[1]]
    assert head == ["小区名称", "户数", "地址", "物业费", "不能使用的原因", "Reason", "来源行"]
    assert book.active["E2"].value
    assert book.active["C2"].value.strip() == "门卫"
    book.active["A2"] = "乙小区"
    book.save(path)
    again = run([path], tmp_path / "D")
    assert len(again.rejected) == 0
    found = again.dataset.layer("communities").set_index("name")["households"]
    assert found.dropna().to_dict() == {"甲小区": 120, "乙小区": 50, "丁小区": 30}


def test_text_that_looks_like_a_formula_stays_text(tmp_path):
    rows = {"小区名称": [None], "地址": ["=HYPERLINK(1)"], "户数": ["10"]}
    good = pd.DataFrame({"小区名称": ["甲"], "地址": ["a"], "户数": [1]})
    pd.concat([pd.DataFrame(rows), good]).to_csv(tmp_path / "a.csv", index=False)
    path = write_rejected(tmp_path / "D", run([tmp_path / "a.csv"], tmp_path / "D"))
    cell = openpyxl.load_workbook(path).active["B2"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


def test_no_file_is_written_when_every_row_was_used(tmp_path):
    pd.DataFrame({"小区名称": ["甲"], "户数": [10]}).to_csv(tmp_path / "a.csv", index=False)
    outcome = run([tmp_path / "a.csv"], tmp_path / "D")
    assert write_rejected(tmp_path / "D", outcome) is None
    assert [unit["name"] for unit in unplaced_units(outcome.dataset)] == ["甲"]
