"""Keys and field names in the words a Chinese bureau uses, slips of the pen included."""

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
    """Management modes in one of the words in use; unknown stays blank."""
    draw = rng.random(len(modes))
    return [
        MODES[mode][int(share * len(MODES[mode]))] if isinstance(mode, str) else ""
        for mode, share in zip(modes, draw, strict=True)
    ]


def type_households(households: pd.Series, rng: np.random.Generator) -> list[str | int | None]:
    """Counts of households, a few typed as text: "1，200户", full-width digits.

    Examples
    --------
    >>> households_as_typed(pd.Series([1200.0, np.nan]), np.random.default_rng(3))
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
    """Years of completion, a few as text: "1998年底", "1985-1989" (the first year counts)."""
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
    """Rates as "85%" or 0.85."""
    return [None if value != value else f"{value:.0%}" if percent else float(value) for value in shares]
