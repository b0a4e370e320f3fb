"""Invented names: put together from a stock of syllables, never taken from a map."""

from __future__ import annotations

import numpy as np

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

    Examples
    --------
    >>> words = word_pairs(500, np.random.default_rng(0))
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
    >>> len(set(community_names(["old", "soe", "new"] * 100, np.random.default_rng(0))))
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
    """Return n different road names."""
    words = draw_word_pairs(n, rng)
    return [word + _ROADS[int(rng.integers(len(_ROADS)))] for word in words]


def draw_company_names(n: int, rng: np.random.Generator) -> list[str]:
    """Return n different company names, each marked as invented."""
    words = draw_word_pairs(n, rng)
    kinds = ("物业服务有限公司", "物业管理有限公司", "城市服务有限公司")
    return [f"{word}{kinds[int(rng.integers(3))]}（虚构）" for word in words]
