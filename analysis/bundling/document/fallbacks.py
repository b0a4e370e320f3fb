"""What is to be done for single buildings that no area takes in: the 孤岛清单, in the order of R28."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from analysis.bundling.model.rules import PlanRules

FALLBACK_RULE = "R28"
FALLBACK_WORDS = {
    "joint_tender": ("与同街道其他孤岛楼栋联合招标", "a joint tender with the other islands of its street"),
    "platform": ("由街道或国有平台兜底", "the platform of the street or the state takes it on"),
    "custody": ("社区代管, 限期落实", "custody of the neighbourhood, with a date"),
}
"""Every way out, first choice first."""


def add_fallbacks(
    rows: Sequence[dict[str, Any]], units: pd.DataFrame, rules: PlanRules, *, data_date: str | None
) -> list[dict[str, Any]]:
    """Rows of units left over; single buildings have their ways out, in order, under "fallback".

    Parameters
    ----------
    rows
        `left_over` of a plan.
    units
        The layer, indexed by unit id.
    rules
        In mode "whole" nobody is led, and the rule says nothing.
    data_date
        ISO date the data speak of; custody ends `custody_months` later, or has no date without it.

    Returns
    -------
    The rows, in their order. A joint tender is named where another island lies in the street.
    """
    if rules.mode == "whole":
        return list(rows)
    kind, street = units["kind"], units["street_code"]
    islands = {row["unit_id"] for row in rows if kind.get(row["unit_id"]) == "single_building"}
    by_street = street.reindex(sorted(islands)).dropna()
    until = None
    if data_date is not None:
        due = pd.Timestamp(data_date) + pd.DateOffset(months=rules.custody_months)
        until = due.date().isoformat()
    found = []
    for row in rows:
        unit = row["unit_id"]
        if unit not in islands:
            found.append(row)
            continue
        code = by_street.get(unit)
        partners = sorted(by_street.index[by_street == code].drop(unit)) if code else []
        ways: list[dict[str, Any]] = []
        if partners:
            ways.append({"kind": "joint_tender", "with_unit_ids": partners})
        ways.append({"kind": "platform", "street_code": code})
        ways.append({"kind": "custody", "until": until})
        ruled = list(dict.fromkeys([*row["rules"], FALLBACK_RULE]))
        found.append({**row, "rules": ruled, "fallback": ways})
    return found


def fallback_sentence(ways: Sequence[dict[str, Any]], *, zh: bool = True) -> str:
    """The ways out of an island in words, first choice first.

    Examples
    --------
    >>> fallback_sentence([{"kind": "platform"}, {"kind": "custody", "until": "2027-06-30"}])
    '孤岛楼栋 (R28), 依次: 1. 由街道或国有平台兜底; 2. 社区代管, 限期落实 (2027-06-30 前)。'
    """
    steps = []
    for number, way in enumerate(ways, start=1):
        text = FALLBACK_WORDS[way["kind"]][0 if zh else 1]
        if partners := way.get("with_unit_ids"):
            text += f" ({len(partners)} 栋)" if zh else f" ({len(partners)} of them)"
        if until := way.get("until"):
            text += f" ({until} 前)" if zh else f" (by {until})"
        steps.append(f"{number}. {text}")
    listed = "; ".join(steps)
    return (
        f"孤岛楼栋 ({FALLBACK_RULE}), 依次: {listed}。" if zh else f"An island ({FALLBACK_RULE}), in order: {listed}."
    )
