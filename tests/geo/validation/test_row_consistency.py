from __future__ import annotations

import pandas as pd

from geo.importing import ImportOptions, import_paths
from geo.rules import UnitRules
from geo.storage.dataset import open_dataset
from geo.values.credit_codes import check_character


def stored(tmp_path, *tables, **options):
    paths = []
    for number, rows in enumerate(tables):
        paths.append(tmp_path / f"{number}.csv")
        pd.DataFrame(rows).to_csv(paths[-1], index=False)
    report = import_paths(paths, tmp_path / "data", options=ImportOptions(**options), unit_rules=UnitRules())
    return open_dataset(tmp_path / "data"), report.findings


def rows_of(findings, rule):
    return [f.row for f in findings if f.rule == rule]


def test_what_an_interval_leaves_open_is_missing_and_told_by_name(tmp_path):
    years = ["2000年后", "80年代", "1998-2003", "2005-1998", "1999", "2035", "2000年代"]
    dataset, found = stored(
        tmp_path, {"小区名称": [f"第{y}小区" for y in "甲乙丙丁戊己庚"], "户数": [100] * 7, "建成年份": years}
    )
    units = dataset.layer("units").set_index("name")
    old = units["is_old"].astype(object).where(units["is_old"].notna(), None)
    assert [old[f"第{y}小区"] for y in "甲乙丙丁戊己庚"] == [False, True, True, None, True, None, None]
    assert units["built_year_quality"]["第乙小区"] == "estimated"
    assert units["built_year_quality"]["第丙小区"] == "reported"
    told = [f.zh for f in found if f.rule == "units.year_undecided"]
    assert len(told) == 2
    assert "第丁小区" in told[0] + told[1]
    assert rows_of(found, "value.future") == [7]


def test_a_later_year_takes_its_interval_with_it(tmp_path):
    first = {"小区名称": ["甲小区"], "户数": [100], "建成年份": ["80年代"]}
    stored(tmp_path, first)
    (tmp_path / "0.csv").unlink()
    dataset, _ = stored(tmp_path, {"小区名称": ["甲小区"], "建成年份": ["2000年后"]})
    unit = dataset.layer("units").iloc[0]
    assert pd.isna(unit["built_year"])
    assert unit["built_year_from"] == 2001
    assert pd.isna(unit["built_year_to"])
    assert unit["is_old"] == False  # noqa: E712 - numpy


def test_estimates_of_cells_are_estimates_of_units(tmp_path):
    dataset, _ = stored(tmp_path, {"小区名称": ["甲小区", "乙小区"], "户数": ["约120", "130"]})
    quality = dataset.layer("units").set_index("name")["households_quality"]
    assert (quality["甲小区"], quality["乙小区"]) == ("estimated", "reported")


def test_years_in_two_columns_are_phases(tmp_path):
    dataset, found = stored(
        tmp_path,
        {"小区名称": ["甲小区", "乙小区"], "户数": [100, 100], "建成年份起": [1998, 2005], "建成年份止": [2003, 1998]},
    )
    units = dataset.layer("units").set_index("name")
    assert units["built_year"]["甲小区"] == 1998
    assert units["is_old"]["甲小区"] == True  # noqa: E712 - numpy
    assert pd.isna(units["is_old"]["乙小区"])
    assert rows_of(found, "value.year_reversed") == [3]


def test_a_contract_that_ends_before_it_begins_has_no_dates(tmp_path):
    dataset, found = stored(
        tmp_path,
        {"小区名称": ["甲小区"], "户数": [100]},
        {
            "合同编号": ["h1", "h2"],
            "小区名称": ["甲小区", "甲小区"],
            "开始日期": ["2024-01-01", "2024-01-01"],
            "到期日期": ["2023-01-01", "2026-01-01"],
        },
    )
    contracts = dataset.layer("contracts").set_index("contract_id")
    assert contracts.loc["h1", ["start_date", "end_date"]].isna().all()
    assert contracts.loc["h2", "end_date"] == "2026-01-01"
    assert rows_of(found, "value.term_reversed") == [2]


def test_two_companies_with_one_code_are_told_with_their_rows(tmp_path):
    code = "91150203MA0MX4WP3" + check_character("91150203MA0MX4WP3")
    _, found = stored(
        tmp_path,
        {
            "企业编号": ["q1", "q2", "q3"],
            "企业名称": ["甲物业公司", "乙物业公司", "丙物业公司"],
            "统一社会信用代码": [code, code, "91150203000000000X"],
        },
    )
    assert rows_of(found, "value.uscc_twice") == [2, 3]
    assert "甲物业公司" in next(f.zh for f in found if f.rule == "value.uscc_twice")
    assert rows_of(found, "value.bad_uscc") == [4]


def test_a_part_above_its_whole_is_told(tmp_path):
    _, found = stored(tmp_path, {"小区名称": ["甲小区", "乙小区"], "户数": [10, 100], "楼栋数": [12, 3]})
    assert rows_of(found, "value.part_above_whole") == [2]
