"""Each sheet of a book has its own columns, its own unit and, by its name, its own street."""

from __future__ import annotations

import openpyxl
import pytest

from geo.errors import UsageError
from geo.importing import ImportOptions, import_paths
from geo.names import NameRules
from geo.rules import UnitRules
from geo.storage.dataset import open_dataset
from geo.tables.mappings import SavedMapping

NAMES = NameRules(
    districts=(("150203", "昆都仑区", ("昆区",)), ("150204", "青山区", ("青山",))),
    streets=(("前进道街道", ("前进街道",)), ("友谊大街街道", ("友谊街道",))),
)


def book(path, *, hidden=(), **sheets):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, told in sheets.items():
        rows, merges = told if isinstance(told, tuple) else (told, [])
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
        for merge in merges:
            sheet.merge_cells(merge)
        if title in hidden:
            sheet.sheet_state = "hidden"
    made.save(path)
    return path


def run(folder, *paths, **options):
    return import_paths(paths, folder, options=ImportOptions(**options), unit_rules=UnitRules(), names=NAMES)


def stored(folder, layer="communities"):
    return open_dataset(folder).layer(layer).set_index("name", drop=False)


def rules(report):
    return [f.rule for f in report.findings]


ONE = [["小区名称", "街道", "户数", "建筑面积(㎡)"], ["红星小区", "前进道街道", 120, 9600]]


@pytest.mark.parametrize("header", ["总户数", "住宅套数", "小区户数"])
def test_a_synonym_in_another_sheet_loses_nothing(tmp_path, header):
    other = [["小区名称", "街道", header, "总建筑面积(万㎡)"], ["绿园", "前进道街道", 200, 1.6]]
    run(tmp_path / "D", book(tmp_path / "a.xlsx", 一=ONE, 二=other))
    got = stored(tmp_path / "D")
    assert got["households"].to_dict() == {"红星小区": 120, "绿园": 200}
    assert got["floor_area_m2"].to_dict() == {"红星小区": 9600, "绿园": 16000}
    units = stored(tmp_path / "D", "units")
    assert set(units["households_quality"]) == {"reported"}


def test_sheets_with_the_same_headers_may_have_different_units(tmp_path):
    head = ["小区名称", "街道", "户数", "建筑面积"]
    small = [head, *([f"甲{i}小区", "前进道街道", 100, 8000] for i in range(4))]
    large = [head, *([f"乙{i}小区", "前进道街道", 100, 0.8] for i in range(4))]
    report = run(tmp_path / "D", book(tmp_path / "a.xlsx", 一=small, 二=large))
    assert set(stored(tmp_path / "D")["floor_area_m2"]) == {8000}
    assert "value.unit_converted" in rules(report)


def test_a_unit_above_the_header_holds_for_its_sheet(tmp_path):
    head = ["小区名称", "街道", "建筑面积"]
    one = [["台账"], ["单位：万平方米"], head, ["红星小区", "前进道街道", 1.2]]
    two = [["台账"], ["单位：平方米"], head, ["绿园", "前进道街道", 8000]]
    report = run(tmp_path / "D", book(tmp_path / "a.xlsx", 一=one, 二=two))
    assert stored(tmp_path / "D")["floor_area_m2"].to_dict() == {"红星小区": 12000, "绿园": 8000}
    assert rules(report).count("columns.unit_in_title") == 1


def test_sheets_named_after_streets_are_streets(tmp_path):
    head = ["小区名称", "户数"]
    path = book(
        tmp_path / "a.xlsx",
        前进道街道=[head, ["向阳小区", 100]],
        友谊大街=[head, ["向阳小区", 200]],
        Sheet1=[head, ["光明小区", 50]],
    )
    report = run(tmp_path / "D", path)
    got = open_dataset(tmp_path / "D").layer("communities")
    assert sorted(got["households"]) == [50, 100, 200]
    assert dict(zip(got["households"], got["street_name"], strict=True))[200] == "友谊大街街道"
    told = [f for f in report.findings if f.rule == "sheet.street"]
    assert {f.sheet for f in told} == {"前进道街道", "友谊大街"}
    assert got["street_name"].isna().sum() == 1


@pytest.mark.parametrize(
    ("sheet", "level", "name"),
    [
        ("前进道街道", "street_name", "前进道街道"),
        ("1.前进道街道办事处", "street_name", "前进道街道"),
        ("前进街道", "street_name", "前进街道"),
        ("兴胜街道办事处", "street_name", "兴胜街道办事处"),
        ("哈业胡同镇", "street_name", "哈业胡同镇"),
        ("昆区", "district_name", "昆区"),
        ("环西社区", "neighbourhood_name", "环西社区"),
        ("前进道街道台账", "street_name", "前进道街道"),
        ("昆都仑区友谊大街街道（12）", "street_name", "友谊大街街道"),
    ],
)
def test_what_a_sheet_is_named_after(tmp_path, sheet, level, name):
    run(tmp_path / "D", book(tmp_path / "a.xlsx", **{sheet: [["小区名称", "户数"], ["红星小区", 9]]}))
    assert stored(tmp_path / "D")[level].tolist() == [name]


@pytest.mark.parametrize("sheet", ["Sheet1", "汇总", "各街道", "小城镇", "东区", "一区", "老旧小区", "各社区"])
def test_what_names_no_place(tmp_path, sheet):
    run(tmp_path / "D", book(tmp_path / "a.xlsx", **{sheet: [["小区名称", "户数"], ["红星小区", 9]]}))
    got = stored(tmp_path / "D")
    assert got[["district_name", "street_name", "neighbourhood_name"]].isna().all(axis=None)


def test_a_title_and_a_file_name_tell_the_street_too(tmp_path):
    titled = [["前进道街道老旧小区台账"], ["小区名称", "户数"], ["红星小区", 9]]
    run(tmp_path / "D", book(tmp_path / "a.xlsx", Sheet1=titled))
    assert stored(tmp_path / "D")["street_name"].tolist() == ["前进道街道"]
    plain = [["小区名称", "户数"], ["绿园", 9]]
    run(tmp_path / "E", book(tmp_path / "友谊街道老旧小区台账.xlsx", Sheet1=plain))
    assert stored(tmp_path / "E")["street_name"].tolist() == ["友谊街道"]


def test_headings_inside_a_sheet_hold_for_the_rows_below(tmp_path):
    rows = [
        ["序号", "小区名称", "户数"],
        ["一、前进道街道（2个）"],
        [1, "向阳小区", 100],
        [2, "红星小区", 50],
        [None, "小计", 150],
        ["二、友谊大街"],
        [1, "向阳小区", 200],
        ["注：数据截至2025年"],
    ]
    run(tmp_path / "D", book(tmp_path / "a.xlsx", Sheet1=rows))
    got = open_dataset(tmp_path / "D").layer("communities").set_index("households")
    assert got["street_name"].to_dict() == {100: "前进道街道", 50: "前进道街道", 200: "友谊大街街道"}


def test_a_heading_across_the_table_is_no_community(tmp_path):
    rows = [["小区名称", "户数", "管理方式"], ["环西社区"], ["红星小区", 50, "无"]]
    run(tmp_path / "D", book(tmp_path / "a.xlsx", Sheet1=(rows, ["A2:C2"])))
    got = stored(tmp_path / "D")
    assert got.index.tolist() == ["红星小区"]
    assert got["neighbourhood_name"].tolist() == ["环西社区"]


def test_a_street_written_once_for_a_block_is_filled_down_and_told(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("街道,小区名称,户数\n前进道街道,红星,1\n,绿园,2\n友谊街道,红星,3\n,东风,4\n", "utf-8")
    report = run(tmp_path / "D", path)
    got = open_dataset(tmp_path / "D").layer("communities").set_index("households")
    assert got["street_name"].tolist().count("友谊街道") == 2
    assert got["street_name"].isna().sum() == 0
    assert "sheet.filled_down" in rules(report)


def test_a_cell_counts_more_than_the_sheet_and_the_sheet_more_than_its_title(tmp_path):
    rows = [["友谊街道台账"], ["小区名称", "街道", "户数"], ["红星小区", "昆工路街道", 9], ["绿园", None, 8]]
    report = run(tmp_path / "D", book(tmp_path / "a.xlsx", 前进道街道=rows))
    got = stored(tmp_path / "D")
    assert got["street_name"].to_dict() == {"红星小区": "昆工路街道", "绿园": "前进道街道"}
    assert "sheet.title_contradicts" in rules(report)


def test_one_community_in_two_sheets_with_other_figures_is_told(tmp_path):
    other = [["小区名称", "街道", "总户数"], ["红星小区", "前进道街道", 150]]
    report = run(tmp_path / "D", book(tmp_path / "a.xlsx", 一=ONE, 二=other))
    (told,) = [f for f in report.findings if f.rule == "rows.contradict"]
    assert (told.sheet, told.row, told.value) == ("二", 2, "150")
    assert "“一”第 2 行是 120" in told.zh
    assert stored(tmp_path / "D")["households"].tolist() == [150]


def test_one_community_twice_in_a_sheet_with_other_figures_is_told(tmp_path):
    rows = [*ONE, ["红星小区", "前进道街道", 130, 9600]]
    report = run(tmp_path / "D", book(tmp_path / "a.xlsx", 一=rows))
    (told,) = [f for f in report.findings if f.rule == "rows.contradict"]
    assert (told.row, told.column, told.value) == (3, "households", "130")


def test_a_column_written_twice_fills_blanks_and_what_differs_is_told(tmp_path):
    rows = [
        ["小区名称", "户数", "总户数", "建筑面积", "物业管理面积"],
        ["红星", 100, 120, 8000, 7000],
        ["绿园", None, 80, None, 6400],
    ]
    report = run(tmp_path / "D", book(tmp_path / "a.xlsx", 一=rows))
    got = stored(tmp_path / "D")
    assert got["households"].to_dict() == {"红星": 100, "绿园": 80}
    assert got["floor_area_m2"].to_dict() == {"红星": 8000, "绿园": 6400}
    told = {f.rule: f for f in report.findings}
    assert "以“户数”为准" in told["columns.doubled"].zh
    assert {"columns.filled", "columns.differ"} <= set(told)


def test_sheets_of_several_layers_each_find_their_own(tmp_path):
    path = book(
        tmp_path / "a.xlsx",
        小区=ONE,
        企业=[["企业名称", "信用等级"], ["甲物业公司", "AA"]],
        前进道街道=[["小区名称", "总户数"], ["绿园", 60]],
        汇总=[["街道", "小区数", "户数"], ["前进道街道", 2, 180]],
        说明=[["填表说明"], ["一律填写全称"]],
    )
    report = run(tmp_path / "D", path)
    assert stored(tmp_path / "D")["households"].to_dict() == {"红星小区": 120, "绿园": 60}
    assert stored(tmp_path / "D", "companies").index.tolist() == ["甲物业公司"]
    skipped = {f.sheet for f in report.findings if f.rule == "table.sheet_skipped"}
    assert skipped == {"汇总", "说明"}


def test_a_hidden_sheet_is_told(tmp_path):
    path = book(tmp_path / "a.xlsx", hidden=("旧数据",), 一=ONE, 旧数据=[*ONE, ["绿园", "前进道街道", 80, 6400]])
    report = run(tmp_path / "D", path)
    assert stored(tmp_path / "D").index.tolist() == ["红星小区"]
    (told,) = [f for f in report.findings if f.rule == "table.sheet_hidden"]
    assert (told.severity, told.sheet) == ("warning", "旧数据")


def test_a_sheet_of_rows_without_a_header_is_told_as_a_warning(tmp_path):
    path = book(tmp_path / "a.xlsx", 一=ONE, 续=[["绿园", "前进道", 80, 6400], ["东风", "前进道", 70, 5600]])
    (told,) = [f for f in run(tmp_path / "D", path).findings if f.rule == "table.sheet_skipped"]
    assert (told.severity, told.sheet) == ("warning", "续")


def test_a_mapping_is_of_the_sheet_whose_headers_it_names(tmp_path):
    path = book(
        tmp_path / "a.xlsx",
        一=[["小区名称", "街道", "甲数", "管理方式"], ["红星小区", "前进道街道", 120, "无"]],
        二=[["小区名称", "街道", "总户数"], ["绿园", "前进道街道", 80]],
        企业=[["企业名称", "信用等级", "街道"], ["甲物业公司", "AA", "前进道街道"]],
    )
    said = SavedMapping("communities", (("小区名称", "name"), ("甲数", "households")))
    run(tmp_path / "D", path, mappings=(said,))
    assert stored(tmp_path / "D")["households"].to_dict() == {"红星小区": 120, "绿园": 80}
    assert stored(tmp_path / "D", "companies").index.tolist() == ["甲物业公司"]
    wrong = SavedMapping("communities", (("没有的列", "name"),))
    with pytest.raises(UsageError):
        run(tmp_path / "E", path, mappings=(wrong,))


def test_header_rows_may_differ_between_sheets(tmp_path):
    two_rows = (
        [
            ["台账"],
            ["小区名称", "街道", "规模", None],
            [None, None, "总户数", "建筑面积(万㎡)"],
            ["绿园", "前进道街道", 200, 1.6],
        ],
        ["A1:D1", "A2:A3", "B2:B3", "C2:D2"],
    )
    run(tmp_path / "D", book(tmp_path / "a.xlsx", 一=ONE, 二=two_rows))
    assert stored(tmp_path / "D")["households"].to_dict() == {"红星小区": 120, "绿园": 200}
    assert stored(tmp_path / "D")["floor_area_m2"].to_dict() == {"红星小区": 9600, "绿园": 16000}


def test_files_of_one_import_may_have_different_headers(tmp_path):
    a = book(tmp_path / "前进道街道.xlsx", Sheet1=[["小区名称", "户数"], ["向阳小区", 100]])
    b = book(tmp_path / "友谊街道.xlsx", Sheet1=[["小区名称", "总户数"], ["向阳小区", 200]])
    run(tmp_path / "D", a, b)
    assert sorted(open_dataset(tmp_path / "D").layer("communities")["households"]) == [100, 200]
