"""Reasons why two units are not adjacent, in words: the `blocked_by` of a pair as a planner reads it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from geo.schema import BARRIERS_ZH

_LIMITS = (
    ("gap>", "gap_m", "间距", "apart", "超过", "more than"),
    ("walk>", "walk_m", "门到门步行", "on foot from gate to gate", "超过", "more than"),
    ("facing<", "facing_m", "相对长度", "of facing edges", "不足", "less than"),
)
_FIXED = MappingProxyType(
    {
        "district": ("不在同一旗县区", "in another district"),
        "street": ("不在同一街道", "in another street"),
        "neighbourhood": ("不在同一社区", "in another neighbourhood"),
        "not_placed": ("尚未落图", "not placed on the map"),
        "alone": ("图上没有其他单元", "no other unit is on the map"),
    }
)


def reason_text(blocked_by: str, measures: Mapping[str, float | None] | None = None) -> tuple[str, str]:
    """Why a pair of units is refused, in Chinese and English.

    Parameters
    ----------
    blocked_by
        As in the `edges` layer and in :class:`geo.adjacency.graph.EdgeDecision`.
    measures
        gap_m, facing_m and walk_m of the pair in metres, None where not measured.

    Examples
    --------
    >>> reason_text("walk>500", {"walk_m": 640.0})
    ('门到门步行 640 米, 超过 500 米', '640 m on foot from gate to gate, more than 500 m')
    >>> reason_text("override:o1")
    ('人工更正 o1: 不相邻', 'no neighbours by the correction o1')
    """
    kind, _, which = blocked_by.partition(":")
    if kind == "override":
        return f"人工更正 {which}: 不相邻", f"no neighbours by the correction {which}"
    if which:
        return (
            f"被{BARRIERS_ZH.get(kind, kind)} {which} 阻隔, 没有够近的通道",
            f"{kind.replace('_', ' ')} {which} stands between, with no crossing near enough",
        )
    for sign, key, zh, en, than_zh, than_en in _LIMITS:
        if blocked_by.startswith(sign):
            limit, value = blocked_by.removeprefix(sign), (measures or {}).get(key)
            corner = (" (只是角对角)", ", a mere corner") if sign == "facing<" else ("", "")
            if value is None:
                return (f"{zh}{than_zh} {limit} 米{corner[0]}", f"{than_en} {limit} m {en}{corner[1]}")
            return (
                f"{zh} {value:.0f} 米, {than_zh} {limit} 米{corner[0]}",
                f"{value:.0f} m {en}, {than_en} {limit} m{corner[1]}",
            )
    return _FIXED.get(blocked_by, (blocked_by, blocked_by))
