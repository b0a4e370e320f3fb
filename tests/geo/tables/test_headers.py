from __future__ import annotations

import pytest

from geo.errors import UnknownLayerError, UsageError
from geo.schema import IMPORTABLE, field_names
from geo.tables.headers import find_additive_field, is_personal, map_columns, recognise_layer


def fields(columns, layer):
    return {m.source: m.field for m in map_columns(columns, layer).matches}


@pytest.mark.parametrize("layer", IMPORTABLE)
def test_the_names_on_disk_are_headers_of_their_own_layer(layer):
    names = [n for n in field_names(layer) if n != "geometry"]
    assert set(names) <= set(fields(names, layer).values())


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("小区 名称", "name"),
        ("户数（户）", "households"),
        ("建成\n年代", "built_year"),
        ("XQMC", "name"),
        ("物业服务企", "company_name"),
        ("物业/管理方式", "management_mode"),
        ("建筑面积/合计", "floor_area_m2"),
        ("街道（镇）", "street_name"),
        ("House_Num", "households"),
    ],
)
def test_a_header_is_understood_however_it_is_typed(header, field):
    assert fields([header], "communities") == {header: field}


def test_of_two_headers_for_one_field_the_surer_one_wins_and_the_other_is_told():
    found = map_columns(["面积", "总建筑面积"], "communities")
    assert [m.source for m in found.matches] == ["总建筑面积"]
    assert found.doubled == ("面积",)


@pytest.mark.parametrize("header", ["业主姓名", "联系电话", "身份证号", "房号", "车牌号", "负责人"])
def test_personal_columns_are_never_mapped(header):
    found = map_columns([header, "小区名称"], "communities")
    assert is_personal(header)
    assert found.personal == (header,)
    assert [m.field for m in found.matches] == ["name"]


@pytest.mark.parametrize(
    ("columns", "shapes", "layer"),
    [
        (["序号", "街道", "小区名称", "户数", "管理方式"], None, "communities"),
        (["id", "title", "district", "year", "service", "house_num"], None, "communities"),
        (["楼栋编号", "小区编码", "层数", "用途"], ["polygon"], "buildings"),
        (["code", "name", "areaCode", "cityCode"], None, "streets"),
        (["code", "name", "streetCode", "areaCode"], None, "neighbourhoods"),
        (["name", "gb"], ["polygon"], "boundary"),
        (["name", "road_class"], ["line"], "roads"),
        (["name", "kind"], ["line"], "barriers"),
        (["name", "kind"], ["point"], "crossings"),
        (["企业名称", "统一社会信用代码", "信用等级"], None, "companies"),
        (["合同编号", "小区名称", "物业公司", "到期日期"], None, "contracts"),
        (["小区名称", "成立日期", "委员人数", "党员人数"], None, "owners_bodies"),
        (["站点编号", "小区名称", "充电端口数", "经度", "纬度"], None, "ebike_sites"),
        (["小区编码", "电动自行车数", "统计方式"], None, "ebike_stock"),
        (["小区名称", "固定车位", "公共车位", "登记汽车"], None, "parking"),
        (["大门编号", "小区名称", "是否常开"], None, "gates"),
        (["场地编号", "场地类型", "场地面积"], None, "open_spaces"),
        (["服务点编号", "小区名称", "服务点类型"], None, "service_points"),
        (["小区甲", "小区乙", "批复文号"], None, "permits"),
        (["街道甲", "街道乙", "批准理由", "文号"], None, "permits"),
        (["小区名称", "是否同意", "征求意见日期"], None, "consents"),
        (["指标编号", "区划代码", "期间", "分子", "分母"], None, "reported_figures"),
    ],
)
def test_a_layer_is_recognised_by_its_columns(columns, shapes, layer):
    assert recognise_layer(columns, shapes) == layer


def test_an_unclear_layer_is_refused_with_the_candidates_its_geometry_allows():
    with pytest.raises(UnknownLayerError, match="--layer") as refused:
        recognise_layer(["osm_id", "fclass", "name"], ["line"])
    assert "roads" in refused.value.en
    assert "communities" not in refused.value.en


def test_an_unknown_layer_is_refused():
    with pytest.raises(UsageError, match="plots"):
        map_columns(["name"], "plots")


def test_years_and_fees_are_not_summed():
    assert [find_additive_field(h) is not None for h in ("户数", "建筑面积(㎡)", "建成年份", "物业费", "备注")] == [
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("物业服务费用", "fee_yuan_m2_month"),
        ("居民用户数", "households"),
        ("物业管理的模式", "management_mode"),
        ("总建筑面职", "floor_area_m2"),
    ],
)
def test_a_header_nobody_knows_is_taken_for_one_it_is_like_and_has_a_score(header, field):
    (match,) = map_columns([header], "communities", guess=True).matches
    assert match.field == field
    assert 80 <= match.score < 100
    assert map_columns([header], "communities").matches == ()


@pytest.mark.parametrize(
    "header", ["绿化地面积", "商业户数", "空置户数", "未收缴率", "地下建筑面积", "车位", "housenumber", "户主"]
)
def test_a_word_that_changes_what_is_counted_is_never_guessed_away(header):
    assert map_columns([header], "communities", guess=True).matches == ()


def test_a_guess_never_takes_the_place_of_a_known_header():
    found = map_columns(["户数", "居民用户数"], "communities", guess=True)
    assert [(m.source, m.score) for m in found.matches] == [("户数", 100)]
    assert found.ignored == ("居民用户数",)
