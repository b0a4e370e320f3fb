"""Rules and their values in words, Chinese and English, as the verdict on a plan names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LABELS: Mapping[str, tuple[str, str]] = {
    "mode": ("划分方式", "mode"),
    "scope": ("划分对象", "scope"),
    "within": ("片区不得跨越", "wall between areas"),
    "weight": ("规模指标", "measure of size"),
    "lower": ("规模下限", "least size"),
    "upper": ("规模上限", "most size"),
    "bounds": ("更多规模限制", "further bounds of size"),
    "streets": ("只划分街道", "only streets"),
    "areas": ("片区个数", "number of areas"),
    "objective": ("目标", "objective"),
    "area_worth": ("开设片区的代价", "price of an area"),
    "radius_m": ("牵头小区到成员最大步行距离", "longest walk from anchor to member"),
    "capacity_ratio": ("带入总面积与牵头小区面积之比", "ratio of absorbed to anchor's floor area"),
    "unit_ratio": ("单个带入单元与牵头小区面积之比", "ratio of one absorbed unit to its anchor's floor area"),
    "gap_m": ("相邻单元最大间距", "largest gap between neighbours"),
    "facing_m": ("相邻单元最小相对长度", "least length along which neighbours face each other"),
    "walk_m": ("相邻单元最大步行距离", "longest walk between neighbours"),
    "detour_factor": ("步行绕行系数", "detour factor of walks"),
    "walk_limit_m": ("步行距离计算上限", "limit of walks computed"),
    "road_access_m": ("到道路最远距离", "farthest from a road"),
    "road_snap_m": ("路网断头连接距离", "gap of roads that are joined"),
    "road_scrap_m": ("孤立路段最短总长", "shortest roads joined to nothing"),
    "closed_road_classes": ("行人不得通行的道路等级", "road classes nobody walks on"),
    "hard_kinds": ("硬阻隔类型", "hard barrier kinds"),
    "professional_modes": ("计入专业化物业管理的方式", "modes that count as professional"),
    "old_until_year": ("老旧小区建成年份不晚于", "old means built until"),
    "min_contract_months": ("牵头小区合同剩余月数", "months an anchor's contract must run"),
    "min_credit_rating": ("牵头企业最低信用等级", "lowest credit rating"),
    "allow_unrated": ("未评级企业可牵头", "unrated companies may lead"),
    "auto_absorb_special": ("移交小区自动带入", "handed-over communities absorbed automatically"),
    "exclude_unwilling": ("业主不同意的不纳入", "communities whose owners refuse left out"),
    "company_growth": ("企业年度承接份额", "share a company may take on in a year"),
    "company_years": ("方案实施年数", "years of carrying out"),
    "staffing_norms": ("用人定额", "staffing norms"),
    "custody_months": ("孤岛代管期限(月)", "months an island may be in custody"),
    "years_newer": ("牵头小区宜新多少年", "years an anchor should be newer by"),
    "preferred_credit": ("优选信用等级", "preferred credit rating"),
}
"""Each rule of a plan by its name."""

_WORDS: Mapping[str, tuple[str, str]] = {
    "lead": ("以新带旧", "lead"),
    "whole": ("整体划分", "whole"),
    "mixed": ("混合", "mixed"),
    "targets": ("待解决单元", "targets"),
    "all": ("全部单元", "all units"),
    "street": ("街道", "street"),
    "neighbourhood": ("社区", "neighbourhood"),
    "households": ("户数", "households"),
    "floor_area": ("建筑面积", "floor area"),
    "members": ("单元数", "members"),
    "walking": ("步行", "walking"),
    "compact": ("边界紧凑", "compact"),
    "border": ("边界短", "border"),
    "staffing": ("用人", "staffing"),
    "closeness": ("与出发方案接近", "closeness"),
    "preferences": ("优选条件", "preferences"),
    "areas": ("片区数", "areas"),
    "professional": ("专业物业", "professional"),
    "standard_grade": ("标准物业服务", "standard grade"),
    "quasi": ("准物业", "quasi"),
    "basic": ("基础物业", "basic"),
    "community_custody": ("社区代管", "community custody"),
    "owner_self": ("业主自治", "owners themselves"),
    "unit_self": ("产权单位自管", "owner unit"),
    "emergency_only": ("应急托管", "emergency only"),
    "railway": ("铁路", "railway"),
    "expressway": ("快速路", "expressway"),
    "river": ("河流", "river"),
    "canal": ("渠道", "canal"),
    "factory_wall": ("厂区围墙", "factory wall"),
    "arterial": ("主干路", "arterial"),
    "closed_park": ("封闭公园", "closed park"),
}
_OF_WALL = {"none": ("不设边界", "none")}
_NONE = {
    "company_growth": ("不核对", "not held to"),
    "areas": ("不限", "any"),
    "streets": ("全部街道", "all streets"),
    "objective": ("步行加片区代价", "walking and the price of areas"),
}
_UNITS = {"m": ("m", "m"), "m2": ("㎡", "m²"), "year": ("年", ""), "month": ("个月", "months")}
_UNIT_OF = {
    "radius_m": "m",
    "gap_m": "m",
    "facing_m": "m",
    "walk_m": "m",
    "walk_limit_m": "m",
    "road_access_m": "m",
    "road_snap_m": "m",
    "road_scrap_m": "m",
    "old_until_year": "year",
    "min_contract_months": "month",
    "custody_months": "month",
}


def rule_label(rule: str) -> tuple[str, str]:
    """What a rule is called, Chinese and English.

    Examples
    --------
    >>> rule_label("lower")[1]
    'least size'
    """
    return LABELS.get(rule, (rule, rule))


def value_text(value: Any, rule: str = "") -> tuple[str, str]:
    """A value of a rule as a sentence has it, Chinese and English.

    Parameters
    ----------
    value
        As the plan or the policy has it.
    rule
        Name of the rule, for its unit of measure; "" for none.

    Examples
    --------
    >>> value_text(1000, "radius_m")[1], value_text(True)[0], value_text(("railway",), "hard_kinds")[0]
    ('1,000 m', '是', '铁路')
    >>> value_text((), "hard_kinds")[1]
    'none'
    """
    if (value is None or value in ((), [])) and rule in _NONE:
        return _NONE[rule]
    if value is None:
        return "无", "none"
    if isinstance(value, bool):
        return ("是", "yes") if value else ("否", "no")
    if isinstance(value, int | float):
        return _number(value, rule)
    if isinstance(value, tuple | list):
        parts = [value_text(item) for item in value]
        zh, en = "、".join(one for one, _ in parts), ", ".join(one for _, one in parts)
        return zh or "无", en or "none"
    if hasattr(value, "weight"):
        value = {"weight": value.weight, "lower": value.lower, "upper": value.upper}
    if isinstance(value, Mapping) and "weight" in value:
        zh, en = value_text(value["weight"])
        least, most = value.get("lower") or "", value.get("upper")
        sides = ":".join("" if one in ("", None) else f"{one:.10g}" for one in (least, most))
        return f"{zh}={sides}", f"{en}={sides}"
    if rule == "within":
        return (_OF_WALL | dict(_WORDS)).get(str(value), (str(value), str(value)))
    return _WORDS.get(str(value), (str(value), str(value)))


def _number(value: float, rule: str) -> tuple[str, str]:
    unit_zh, unit_en = _UNITS.get(_UNIT_OF.get(rule, ""), ("", ""))
    text = f"{value:g}" if rule == "old_until_year" else f"{value:,.10g}"
    return f"{text} {unit_zh}".strip(), f"{text} {unit_en}".strip()


LEVELS: Mapping[str, str] = {
    "left_over_households": "未划入户数",
    "unled_households": "没有牵头小区的片区中户数",
    "household_metres": "步行总量(户·米)",
    "walks_and_areas": "步行加片区代价(户·米)",
    "areas": "片区个数",
    "shared_posts": "岗位数",
    "cut_pairs": "边界切断的相邻对",
    "cut_facing_m": "边界长度(米)",
    "units_moved": "与起始方案相比移动的单元",
}
"""What a level of the objective is called in Chinese."""


def level_label_zh(name: str) -> str:
    """A level in planners' words; its key where it has none.

    Parameters
    ----------
    name
        `levels[].name` of PLAN.json.

    Examples
    --------
    >>> level_label_zh("household_metres"), level_label_zh("households_against_R12")
    ('步行总量(户·米)', 'households_against_R12')
    """
    return LEVELS.get(name, name)
