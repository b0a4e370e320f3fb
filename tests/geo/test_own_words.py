"""The bureau's own words for types, ages and names count, and what contradicts them is told."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.policy import read_policy
from geo.importing import ImportOptions, import_paths
from geo.names import name_key, name_similarity
from geo.rules import UnitRules
from geo.schema import LAYERS
from geo.storage.dataset import open_dataset
from geo.values.parsed_value import UnreadableValueError
from geo.values.parsing import parse_value

HEAD = "小区名称,街道,户数,建成年份"
NAMES = "东南西北春夏秋冬梅兰竹菊松"
"""Of communities that nobody takes for one another."""


def run(tmp_path, text, rules=None, name="a.csv", **options):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return import_paths([path], tmp_path / "D", options=ImportOptions(**options), unit_rules=rules or UnitRules())


def units(tmp_path):
    return open_dataset(tmp_path / "D").layer("units").set_index("name")


@pytest.mark.parametrize(
    ("header", "word"),
    [
        ("小区类型", "单体楼"),
        ("小区类型", "单体独栋住宅"),
        ("是否单体楼", "是"),
        ("小区类别", "老旧小区、单体楼"),
        ("类别", "独栋"),
    ],
)
def test_a_stated_single_building_is_one(tmp_path, header, word):
    run(tmp_path, f"{HEAD},{header}\n红星楼,前进道街道,30,1985,{word}\n绿园,前进道街道,30,1985,\n")
    assert units(tmp_path)["kind"].to_dict() == {"红星楼": "single_building", "绿园": "community"}


@pytest.mark.parametrize("word", ["否", "非单体楼"])
def test_what_is_stated_to_be_none_is_none(tmp_path, word):
    header = "是否单体楼" if word == "否" else "小区类型"
    run(tmp_path, f"{HEAD},{header}\n绿园,前进道街道,30,1985,{word}\n")
    assert units(tmp_path)["kind"].tolist() == ["community"]


@pytest.mark.parametrize(
    ("header", "word", "old"),
    [
        ("老旧小区", "是", True),
        ("是否老旧小区", "否", False),
        ("是否老旧", "√", True),
        ("小区类型", "老旧小区", True),
        ("小区类型", "国企移交/老旧", True),
        ("小区类型", "老旧小区（三供一业）", True),
        ("小区类型", "非老旧小区", False),
    ],
)
def test_a_stated_age_counts_where_no_year_is_known(tmp_path, header, word, old):
    run(tmp_path, f"{HEAD},{header}\n红星,前进道街道,30,,{word}\n")
    unit = units(tmp_path).loc["红星"]
    assert unit["is_old"] is old or unit["is_old"] == old
    assert unit["is_old_by"] == "statement"


def test_several_words_of_a_type_all_count(tmp_path):
    run(tmp_path, f"{HEAD},小区类型\n红星,前进道街道,30,,老旧小区（三供一业）\n")
    assert units(tmp_path).loc["红星", "special_type"] == "soe_transfer"


@pytest.mark.parametrize(("word", "year"), [("否", 1995), ("是", 2010)])
@pytest.mark.parametrize("wins", [False, True])
def test_a_contradiction_is_told_and_the_policy_says_which_wins(tmp_path, word, year, wins):
    rules = UnitRules(stated_old_wins=wins)
    report = run(tmp_path, f"{HEAD},是否老旧小区\n红星,前进道街道,30,{year},{word}\n", rules)
    (told,) = [f for f in report.findings if f.rule == "old.contradicts"]
    assert (told.file, told.row, told.severity) == ("a.csv", 2, "warning")
    assert f"老旧小区={word}" in told.zh
    assert str(year) in told.zh
    by_year = year <= 2000
    unit = units(tmp_path).loc["红星"]
    assert bool(unit["is_old"]) is (by_year != wins)
    assert unit["is_old_by"] == ("statement" if wins else "year")


def test_the_policy_has_the_entry():
    policy = read_policy()
    assert policy.unit_rules().stated_old_wins is False
    assert policy.replaced({"unit.stated_old_wins": True}).unit_rules().stated_old_wins is True
    entry = policy.entries["unit.stated_old_wins"]
    assert (entry.source, entry.rule, entry.editable) == ("A", "R02", True)


def test_a_type_nobody_knows_is_told(tmp_path):
    report = run(tmp_path, f"{HEAD},小区类型\n红星,前进道街道,30,1990,某某类\n")
    assert "value.unknown_code" in [f.rule for f in report.findings]


WORDS = {
    ("业委会", "owners_body"): {"筹备中": "none", "未成立": "none", "已成立": "ywh"},
    ("改造状态", "renewal_status"): {
        "已改造": "done",
        "已开工": "in_progress",
        "改造中，尚未完成": "in_progress",
        "待施工": "planned",
        "施工完成": "done",
        "已竣工": "done",
        "已列入": "planned",
        "已纳入改造计划": "planned",
        "已立项": "planned",
        "已改造完成": "done",
        "未改造": "not_planned",
        "2023年改造": "done",
    },
    ("管理方式", "management_mode"): {
        "弃管": "none",
        "市场化物业": "professional",
        "准物业": "quasi",
        "基础物业": "basic",
    },
    ("物业公司", "management_mode"): {
        "无物业管理服务": "none",
        "单位自管物业": "unit_self",
        "房管所代管物业": "unit_self",
        "街道办事处（委员会）代管物业": "community_custody",
    },
}


@pytest.mark.parametrize(("header", "field"), WORDS)
def test_local_words_mean_what_they_say(tmp_path, header, field):
    meant = WORDS[header, field]
    rows = (f"{name}园,前进道街道,30,1990,{word}\n" for name, word in zip(NAMES, meant, strict=False))
    run(tmp_path, f"{HEAD},{header}\n" + "".join(rows))
    got = open_dataset(tmp_path / "D").layer("communities").set_index("name")[field]
    assert {word: got[f"{name}园"] for name, word in zip(NAMES, meant, strict=False)} == meant


@pytest.mark.parametrize(
    ("word", "meant"), [("AAA级", "AAA"), ("3A", "AAA"), ("AA+", "AA"), ("A级企业", "A"), ("未评", "unrated")]
)
def test_ratings_however_written(tmp_path, word, meant):
    run(tmp_path, f"企业名称,信用等级\n甲物业公司,{word}\n")
    assert open_dataset(tmp_path / "D").layer("companies")["credit_rating"].tolist() == [meant]


def test_no_management_against_a_company_is_told(tmp_path):
    rows = f"{HEAD},管理方式,物业公司\n红星,前进道街道,30,1990,无物业,甲物业公司\n"
    assert "mode.contradicts" in [f.rule for f in run(tmp_path, rows).findings]


@pytest.mark.parametrize("other", ["阳光花园一期", "阳光花园·1期", "阳光花园 Ⅰ期", "阳光花园[第一期]"])
def test_one_name_however_its_phase_is_written(tmp_path, other):
    run(tmp_path, f"{HEAD}\n阳光花园（一期）,前进道街道,30,1990\n")
    run(tmp_path, f"{HEAD}\n{other},前进道街道办事处,40,\n", name="b.csv")
    got = open_dataset(tmp_path / "D").layer("communities")
    assert got["households"].tolist() == [40]


def test_one_name_written_in_two_ways_in_one_file_is_one_community(tmp_path):
    run(tmp_path, f"{HEAD}\n阳光花园（一期）,前进道街道,30,1990\n阳光花园1期,前进道街道办事处,30,1990\n")
    assert len(open_dataset(tmp_path / "D").layer("communities")) == 1


def test_phases_and_sides_stay_apart(tmp_path):
    rows = ["阳光花园一期", "阳光花园二期", "红星小区（东区）", "红星小区（西区）", "3-5号院", "35号院"]
    run(tmp_path, HEAD + "\n" + "".join(f"{r},前进道街道,30,1990\n" for r in rows))
    assert len(open_dataset(tmp_path / "D").layer("communities")) == len(rows)
    assert len({name_key(r) for r in rows}) == len(rows)
    assert name_similarity("阳光花园（一期）", "阳光花园二期") == 0


@pytest.mark.parametrize("header", ["是否启用", "启用状态", "状态", "运行状态"])
@pytest.mark.parametrize(
    ("word", "meant"), [("停用", False), ("在用", True), ("故障", False), ("拆除", False), ("未启用", False)]
)
def test_a_site_out_of_service_does_not_count(tmp_path, header, word, meant):
    run(tmp_path, f"站点编号,充电端口,经度,纬度,{header}\nS1,10,109.8,40.6,{word}\n", datum="wgs84")
    assert open_dataset(tmp_path / "D").layer("ebike_sites")["in_service"].tolist() == [meant]


@pytest.mark.parametrize(("word", "meant"), [("否", False), ("是", True)])
def test_enabled_or_not(tmp_path, word, meant):
    run(tmp_path, f"站点编号,充电端口,经度,纬度,是否启用\nS1,10,109.8,40.6,{word}\n", datum="wgs84")
    assert pd.Series(open_dataset(tmp_path / "D").layer("ebike_sites")["in_service"]).tolist() == [meant]


def test_what_a_status_says_is_over_does_not_count(tmp_path):
    run(tmp_path, f"{HEAD}\n红星,前进道街道,30,1990\n绿园,前进道街道,30,1990\n")
    contracts = (
        "合同编号,小区名称,开始日期,到期日期,合同状态\nH1,红星,2024-01-01,2029-01-01,已终止\n"
        "H2,绿园,2024-01-01,2029-01-01,履行中\n"
    )
    report = run(tmp_path, contracts, name="c.csv")
    assert open_dataset(tmp_path / "D").layer("contracts")["contract_id"].tolist() == ["H2"]
    assert "status.contract_ended" in [f.rule for f in report.findings]
    run(tmp_path, "小区名称,组织类型,成立日期,成员数,状态\n红星,业委会,2020-01-01,5,已解散\n", name="o.csv")
    assert open_dataset(tmp_path / "D").layer("owners_bodies")["body_type"].tolist() == ["none"]
    report = run(tmp_path, "企业名称,信用等级,登记状态\n甲物业公司,A,注销\n", name="f.csv")
    assert "status.over" in [f.rule for f in report.findings]


@pytest.mark.parametrize(("layer", "field"), [("communities", "merge_willingness"), ("consents", "agrees")])
@pytest.mark.parametrize("word", ["已征询", "已调查", "已入户"])
def test_that_owners_were_asked_is_no_consent(layer, field, word):
    column = next(one for one in LAYERS[layer] if one.name == field)
    with pytest.raises(UnreadableValueError):
        parse_value(word, column)
    assert parse_value("已同意", column).value == "yes"
    assert parse_value("已征询, 不同意", column).value == "no"
