"""One sheet for everything, imported: what its columns say for other layers."""

import openpyxl
import pandas as pd
import pytest

from geo.importing import ImportOptions, import_paths
from geo.rules import UnitRules

HEAD = [
    "街道",
    "小区名称",
    "户数",
    "物业公司",
    "物业合同到期时间",
    "业委会",
    "业委会成立时间",
    "电动自行车数",
    "充电端口",
]
HEAD += ["固定车位", "物业用房", "信用等级", "规模", "联系电话"]
RED = ["一街道", "红星小区", 300, "晨光物业服务有限公司", "2027-12-31", "有", "2020-05-01", 210, 40, 80, "有", "AA"]
GREEN = ["一街道", "绿园小区", 500, "晨光物业服务有限公司", "2028-06-30", "无", None, None, None, 100, "120㎡", "AA"]
LUCK = ["二街道", "幸福里", 120, "幸福社区居委会", None, "无", None, 90, 0, None, "无", None]
ROWS = [[*RED, "65栋", "13900000000"], [*GREEN, "12栋", None], [*LUCK, "3栋", None]]


def book(path, *rows):
    wb = openpyxl.Workbook()
    for row in rows:
        wb.active.append(row)
    wb.save(path)
    return path


def bring(folder, *files, **options):
    return import_paths(files, folder, options=ImportOptions(**options), unit_rules=UnitRules())


def of_units(report, layer, column):
    """Values of a layer by the name of their community."""
    communities = report.dataset.layer("communities")
    names = dict(zip(communities["unit_id"], communities["name"], strict=True))
    frame = report.dataset.layer(layer)
    return {names.get(u): v for u, v in zip(frame["unit_id"], frame[column], strict=True) if pd.notna(v)}


def rules(report):
    return [f.rule for f in report.findings]


@pytest.fixture
def ledger(tmp_path):
    return book(tmp_path / "台账.xlsx", HEAD, *ROWS)


def test_columns_for_other_layers_become_their_rows_and_a_blank_is_not_nought(tmp_path, ledger):
    report = bring(tmp_path / "D", ledger)
    assert of_units(report, "ebike_stock", "ebikes") == {"红星小区": 210, "幸福里": 90}
    assert of_units(report, "ebike_sites", "ports") == {"红星小区": 40, "幸福里": 0}
    assert of_units(report, "parking", "bays_fixed") == {"红星小区": 80, "绿园小区": 100}
    assert of_units(report, "contracts", "end_date") == {"红星小区": "2027-12-31", "绿园小区": "2028-06-30"}
    assert of_units(report, "owners_bodies", "established_date") == {"红星小区": "2020-05-01"}
    assert of_units(report, "service_points", "kind") == {"红星小区": "property_office", "绿园小区": "property_office"}
    assert of_units(report, "communities", "building_count") == {"红星小区": 65, "绿园小区": 12, "幸福里": 3}


def test_what_was_taken_from_where_is_told(tmp_path, ledger):
    found = [f for f in bring(tmp_path / "D", ledger).findings if f.rule == "ledger.taken"]
    told = next(f for f in found if f.layer == "ebike_sites")
    assert (told.severity, told.file, told.column) == ("info", "台账.xlsx", "充电端口")
    assert "2 个小区有值, 1 个空白" in told.zh
    assert {f.layer for f in found} == {"ebike_stock", "ebike_sites", "parking", "contracts", "owners_bodies"} | {
        "service_points"
    }


def test_companies_are_those_the_rows_name_and_offices_are_none(tmp_path, ledger):
    dataset = bring(tmp_path / "D", ledger).dataset
    companies = dataset.layer("companies")
    assert companies[["name", "credit_rating"]].values.tolist() == [["晨光物业服务有限公司", "AA"]]
    assert set(dataset.layer("units")["company_id"].dropna()) == set(companies["company_id"])
    assert dataset.layer("contracts")["company_id"].tolist() == companies["company_id"].tolist() * 2


def test_the_same_ledger_again_changes_nothing_and_a_later_one_its_figures(tmp_path, ledger):
    before = bring(tmp_path / "D", ledger).dataset.manifest.all_sha256
    assert bring(tmp_path / "D", ledger).dataset.manifest.all_sha256 == before
    later = book(tmp_path / "下月.xlsx", HEAD, [*RED[:7], 260, 60, *RED[9:]])
    report = bring(tmp_path / "D", later)
    assert of_units(report, "ebike_stock", "ebikes") == {"红星小区": 260, "幸福里": 90}
    assert of_units(report, "ebike_sites", "ports") == {"红星小区": 60, "幸福里": 0}
    assert "ledger.own_wins" not in rules(report)


def test_a_planner_may_leave_such_a_column_out(tmp_path, ledger):
    bring(tmp_path / "D", ledger)
    (mapping,) = (tmp_path / "D").glob("mapping-communities-*.json")
    said = mapping.read_text(encoding="utf-8")
    assert '"充电端口": "ebike_sites.ports"' in said
    mapping.write_text(said.replace('"ebike_sites.ports"', "null"), encoding="utf-8")
    report = bring(tmp_path / "D", ledger, replace=True)
    assert of_units(report, "ebike_sites", "ports") == {}
    assert of_units(report, "ebike_stock", "ebikes") == {"红星小区": 210, "幸福里": 90}


def test_contracts_without_any_end_keep_nobody_from_leading(tmp_path):
    rows = [["小区名称", "户数", "合同备案"], ["红星小区", 300, "是"], ["绿园小区", 500, "否"]]
    report = bring(tmp_path / "D", book(tmp_path / "台账.xlsx", *rows))
    assert not report.dataset.has("contracts")
    assert "ledger.no_end" in rules(report)


def test_a_company_may_have_a_neighbourhood_in_its_name(tmp_path):
    rows = [
        ["小区名称", "户数", "物业公司"],
        ["红星小区", 300, "智慧社区服务有限公司"],
        ["绿园小区", 500, "街道物业站"],
    ]
    companies = bring(tmp_path / "D", book(tmp_path / "台账.xlsx", *rows)).dataset.layer("companies")
    assert companies["name"].tolist() == ["智慧社区服务有限公司"]
