"""Invented names, and keys and fields in the words a Chinese bureau uses, slips of the pen included."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pandas as pd

MODES = MappingProxyType(
    {
        "professional": ("专业物业", "市场化物业"),
        "standard_grade": ("标准物业服务",),
        "quasi": ("准物业",),
        "basic": ("基础物业",),
        "community_custody": ("社区代管", "社区托管"),
        "owner_self": ("业主自治", "居民自治"),
        "unit_self": ("产权单位自管",),
        "emergency_only": ("应急托管",),
        "none": ("无物业", "失管"),
        "unknown": ("",),
    }
)
"""How a management mode may be written; one of the words is drawn."""

OWNERS_BODIES = MappingProxyType({"ywh": "业委会", "wgh": "物管会", "none": "无"})
TICKED_OWNERS_BODIES = MappingProxyType({"ywh": "√", "wgh": "物管会", "none": "×"})
WILLINGNESS = MappingProxyType({"yes": "同意", "no": "不同意", "unsurveyed": "未征询"})
SPECIAL_TYPES = MappingProxyType({"soe_transfer": "国企移交", "nonop_asset_transfer": "市级非经营性资产移交"})
COMMUNITY_TYPES = MappingProxyType(
    {
        "new_commodity": "新建商品房",
        "commodity_existing": "既有商品房",
        "old": "老旧小区",
        "unit_custody": "产权单位代管小区",
        "soe_transfer": "国企移交",
        "nonop_asset_transfer": "市级非经营性资产移交",
        "affordable": "保障房",
    }
)
RENEWAL = MappingProxyType(
    {
        "done": "已改造",
        "in_progress": "改造中",
        "planned": "列入计划",
        "not_planned": "未列入计划",
        "not_needed": "无需改造",
    }
)
USES = MappingProxyType({"residential": "住宅", "mixed": "商住", "non_residential": "非住宅"})
RATINGS = MappingProxyType({"unrated": "未评级"})
METHODS = MappingProxyType({"registered": "上牌登记", "survey": "摸排"})
GROUNDS = MappingProxyType(
    {"green": "绿地", "parking": "停车场", "plaza": "广场", "playground": "健身场地", "vacant": "闲置空地"}
)
POINTS = MappingProxyType(
    {
        "shop": "便民店",
        "repair_station": "维修站",
        "party_centre": "党群服务中心",
        "property_office": "物业服务用房",
        "cleaning_room": "保洁班房",
    }
)
YES_NO = MappingProxyType({True: "是", False: "否"})
TICKS = MappingProxyType({True: "√", False: "×"})

_FULL_WIDTH = str.maketrans("0123456789,", "０１２３４５６７８９，")


def write_modes(modes: pd.Series, rng: np.random.Generator) -> list[str]:
    """Management modes in one of the words in use; unknown stays blank.

    Parameters
    ----------
    modes
        n keys of management modes.
    rng
        The only source of randomness.
    """
    draw = rng.random(len(modes))
    return [
        MODES[mode][int(share * len(MODES[mode]))] if isinstance(mode, str) else ""
        for mode, share in zip(modes, draw, strict=True)
    ]


def type_households(households: pd.Series, rng: np.random.Generator) -> list[str | int | None]:
    """Counts of households, a few typed as text: "1，200户", full-width digits.

    Parameters
    ----------
    households
        n counts, missing ones among them.
    rng
        The only source of randomness.

    Examples
    --------
    >>> type_households(pd.Series([1200.0, np.nan]), np.random.default_rng(3))
    ['1，200户', None]
    """
    draw = rng.random(len(households))
    out: list[str | int | None] = []
    for value, share in zip(households, draw, strict=True):
        if value != value:
            out.append(None)
        elif share < 0.03:
            out.append(f"{int(value)}".translate(_FULL_WIDTH))
        elif share < 0.10:
            out.append(f"{int(value):,}户".replace(",", "，"))
        else:
            out.append(int(value))
    return out


def type_years(years: pd.Series, rng: np.random.Generator) -> list[str | int | None]:
    """Years of completion, a few as text: "1998年底", "1985-1989" (the first year counts).

    Parameters
    ----------
    years
        n years, missing ones among them.
    rng
        The only source of randomness.
    """
    draw = rng.random(len(years))
    out: list[str | int | None] = []
    for value, share in zip(years, draw, strict=True):
        if value != value:
            out.append(None)
        elif share < 0.02:
            out.append(f"{int(value)}年底")
        elif share < 0.05 and value < 2000:
            out.append(f"{int(value)}-{int(value) + 4}")
        else:
            out.append(int(value))
    return out


def type_shares(shares: pd.Series, *, percent: bool) -> list[str | float | None]:
    """Rates as "85%" or 0.85.

    Parameters
    ----------
    shares
        n shares from 0 to 1, missing ones among them.
    percent
        Whether they are written with %.
    """
    return [None if value != value else f"{value:.0%}" if percent else float(value) for value in shares]


DISTRICTS = ("岚渡区", "砚溪区", "禾埠区", "松坞区", "麓桥区", "雁汀区")
"""Names of districts; their codes are 159901 and so on."""


_FIRST = (
    "岚砚禾松麓雁澄栖芷蘅漪筠棠霁珩瑾荻萤漱枕桐杼栎葭菡沅汐溆湄璟琬钰穗稔沣皓晏昀暄煦"
    "嵘岫峤峋澍泓涵湛漾潋黛翎翊翡鹭鹤鸾隽岱崧"
)


_SECOND = "渡溪埠坞桥汀岭湾洲浦港泽澜汇畔堤陂塬岗坪庭轩榭廊阙台苑圃畦园序筑居邻舍和安宁泰祥瑞康悦禧颐朗晖曦映辰曜"


COMMUNITY_ENDINGS = {
    "old": ("小区", "里", "北里", "南里", "住宅楼院", "新村", "街坊"),
    "soe": ("家属院", "职工新村", "生活区", "工房小区"),
    "mid": ("花园", "小区", "家园", "嘉园", "苑"),
    "new": ("府", "公馆", "壹号院", "云庭", "国际", "天境", "雅筑"),
}
"""Endings of community names, by the character of the quarter."""


_ROADS = ("大道", "大街", "路", "街", "道")


_WORKS = ("云岭重机厂", "云岭二机厂", "云岭铸造厂", "云岭化工厂", "云岭电缆厂")


PROPERTY_UNITS = (*_WORKS, "云岭纺织厂", "云岭粮油公司", "云岭供销总社", "云岭运输公司", "云岭建工总队")
"""Invented bodies that own or handed over housing."""


def draw_word_pairs(n: int, rng: np.random.Generator) -> list[str]:
    """Return n different two-syllable names, in random order.

    Parameters
    ----------
    n
        How many.
    rng
        The only source of randomness.

    Examples
    --------
    >>> words = draw_word_pairs(500, np.random.default_rng(0))
    >>> len(set(words)), {len(word) for word in words}
    (500, {2})
    """
    order = rng.permutation(len(_FIRST) * len(_SECOND))[:n]
    return [_FIRST[k // len(_SECOND)] + _SECOND[k % len(_SECOND)] for k in order]


def draw_community_names(characters: list[str], rng: np.random.Generator) -> list[str]:
    """Name communities so that no two have the same name.

    Parameters
    ----------
    characters
        n quarter characters: old, soe, mid or new.
    rng
        Where the choice comes from.

    Examples
    --------
    >>> len(set(draw_community_names(["old", "soe", "new"] * 100, np.random.default_rng(0))))
    300
    """
    words = draw_word_pairs(min(len(characters), len(_FIRST) * len(_SECOND)), rng)
    names: list[str] = []
    seen: dict[str, int] = {}
    for number, character in enumerate(characters):
        endings = COMMUNITY_ENDINGS[character]
        stem = words[number % len(words)]
        if character == "soe":
            stem = _WORKS[int(rng.integers(len(_WORKS)))] + stem
        elif rng.random() < 0.12 and names and character != "new":
            stem = names[-1][:2]  # a second part of the community next door
        name = stem + endings[int(rng.integers(len(endings)))]
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}{_CHINESE[seen[name]]}区")
    return names


_CHINESE = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十")


def draw_road_names(n: int, rng: np.random.Generator) -> list[str]:
    """Return n different road names.

    Parameters
    ----------
    n
        How many.
    rng
        The only source of randomness.
    """
    words = draw_word_pairs(n, rng)
    return [word + _ROADS[int(rng.integers(len(_ROADS)))] for word in words]


def draw_company_names(n: int, rng: np.random.Generator) -> list[str]:
    """Return n different company names, each marked as invented.

    Parameters
    ----------
    n
        How many.
    rng
        The only source of randomness.
    """
    words = draw_word_pairs(n, rng)
    kinds = ("物业服务有限公司", "物业管理有限公司", "城市服务有限公司")
    return [f"{word}{kinds[int(rng.integers(3))]}（虚构）" for word in words]
