"""Reasons why two units are not adjacent, in words: the `blocked_by` of a pair as a planner reads it."""

from __future__ import annotations

from collections.abc import Mapping

from geo.messages import Sentence, load_catalogue
from geo.schema import BARRIERS_ZH

say = load_catalogue(__file__)

_LIMITS = {"gap>": "gap_m", "walk>": "walk_m", "facing<": "facing_m"}


def reason_text(blocked_by: str, measures: Mapping[str, float | None] | None = None) -> Sentence:
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
    Sentence(zh='门到门步行 640 米, 超过 500 米', en='640 m on foot from gate to gate, more than 500 m')
    >>> reason_text("override:o1")
    Sentence(zh='人工更正 o1: 不相邻', en='no neighbours by the correction o1')
    """
    kind, _, which = blocked_by.partition(":")
    if kind == "override":
        return say("reason.override", which=which)
    if which:
        barrier = Sentence(BARRIERS_ZH.get(kind, kind), kind.replace("_", " "))
        return say("reason.barrier", barrier=barrier, which=which)
    for sign, key in _LIMITS.items():
        if blocked_by.startswith(sign):
            limit, value = blocked_by.removeprefix(sign), (measures or {}).get(key)
            if value is None:
                return say(f"limit.{key}", limit=limit)
            return say(f"measured.{key}", limit=limit, value=value)
    return say.get(f"reason.{blocked_by}", blocked_by)
