"""The commands `import` and `check` as a planner meets them."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from app.cli import cli
from geo.errors import PlanningError
from geo.storage.dataset import open_dataset

RUNNER = CliRunner()


def pianqu(*arguments):
    return RUNNER.invoke(cli, [str(a) for a in arguments])


@pytest.fixture
def roster(tmp_path):
    path = tmp_path / "台账.csv"
    rows = {"编组": ["甲小区", "乙小区", None], "旗县区": ["昆区", "高新区", "昆区"], "户数": ["120户", "很多", "9"]}
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


@pytest.fixture
def mapping(tmp_path):
    path = tmp_path / "m.json"
    columns = {"编组": "name", "旗县区": "district_name", "户数": "households"}
    path.write_text(json.dumps({"layer": "communities", "columns": columns}), encoding="utf-8")
    return path


def test_a_mapping_says_what_no_header_does_and_is_kept_for_next_month(tmp_path, roster, mapping):
    first = pianqu("import", roster, "--into", tmp_path / "D", "--mapping", mapping)
    assert first.exit_code == 1  # one value and one row could not be used
    units = open_dataset(tmp_path / "D").layer("units").set_index("name")
    assert units["district_code"].to_dict() == {"甲小区": "150203", "乙小区": "150271"}
    again = pianqu("import", roster, "--into", tmp_path / "D", "--json")
    assert "columns.remembered" in [f["rule"] for f in json.loads(again.stdout)["findings"]]
    assert len(open_dataset(tmp_path / "D").layer("units")) == 2


def test_rejected_rows_lie_in_the_dataset_and_go_in_once_corrected(tmp_path, roster, mapping):
    pianqu("import", roster, "--into", tmp_path / "D", "--mapping", mapping)
    path = tmp_path / "D/rejected.xlsx"
    frame = pd.read_excel(path, engine="openpyxl")
    assert frame.columns[-3:].tolist() == ["不能使用的原因", "Reason", "来源行"]
    frame["编组"] = ["丙小区"]
    frame.to_excel(path, index=False)
    assert pianqu("import", path, "--into", tmp_path / "D").exit_code == 0
    assert open_dataset(tmp_path / "D").layer("units")["households"].sum() == 129


def test_strict_stores_nothing_and_says_so(tmp_path, roster, mapping):
    result = pianqu("import", roster, "--into", tmp_path / "D", "--mapping", mapping, "--strict")
    assert result.exit_code == 1
    assert "--strict" in result.stderr
    assert not (tmp_path / "D").exists()


def test_check_lists_what_waits_for_a_place(tmp_path, roster, mapping):
    pianqu("import", roster, "--into", tmp_path / "D", "--mapping", mapping)
    result = pianqu("check", tmp_path / "D")
    assert result.exit_code == 0
    assert "待落图: 2" in result.stdout
    body = json.loads(pianqu("check", tmp_path / "D", "--json").stdout)
    assert body["unplaced"]["count"] == 2
    assert {unit["name"] for unit in body["unplaced"]["units"]} == {"甲小区", "乙小区"}


def test_check_proves_every_byte(tmp_path, roster, mapping):
    pianqu("import", roster, "--into", tmp_path / "D", "--mapping", mapping)
    with (tmp_path / "D/joins.parquet").open("ab") as file:
        file.write(b"x")
    result = pianqu("check", tmp_path / "D")
    assert result.exit_code == 1
    assert "joins.parquet" in result.stderr


def test_reports_are_written_as_asked(tmp_path, roster, mapping):
    for name in ("r.json", "r.xlsx"):
        pianqu("import", roster, "--into", tmp_path / "D", "--mapping", mapping, "--report", tmp_path / name)
    body = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert body["counts"]["error"] == 2
    assert len(pd.ExcelFile(tmp_path / "r.xlsx", engine="openpyxl").sheet_names) == 2


def test_a_mapping_for_other_columns_is_refused(tmp_path, mapping):
    path = tmp_path / "x.csv"
    pd.DataFrame({"甲": ["a"], "乙": [1]}).to_csv(path, index=False)
    result = pianqu("import", path, "--into", tmp_path / "D", "--mapping", mapping)
    assert isinstance(result.exception, PlanningError)
    assert not (tmp_path / "D").exists()


def test_a_hundred_findings_of_one_kind_are_three_lines(tmp_path):
    path = tmp_path / "a.csv"
    names = [f"小区{i}" for i in range(100)]
    pd.DataFrame({"小区名称": names, "物业费": ["0.5-0.8"] * 100, "户数": 9}).to_csv(path, index=False)
    result = pianqu("import", path, "--into", tmp_path / "D")
    assert result.stderr.count("写的是一个范围") == 3
    assert "同类共 100 条" in result.stderr


def test_the_day_the_data_speak_of_is_kept(tmp_path):
    (tmp_path / "台账.csv").write_text("小区名称,户数\n甲小区,10\n", encoding="utf-8")
    command = ["import", str(tmp_path / "台账.csv"), "--into", str(tmp_path / "D"), "--data-date", "2026-06-30"]
    assert CliRunner().invoke(cli, command).exit_code == 0
    assert open_dataset(tmp_path / "D").manifest.data_date == "2026-06-30"
    assert CliRunner().invoke(cli, [*command[:-1], "2026年6月"]).exit_code == 2
