"""What is to be done for single buildings that no area takes in: the 孤岛清单, in the order of R28."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from analysis.bundling.document.reasons import say
from analysis.bundling.model.rules import PlanRules
from geo.messages import Sentence

FALLBACK_RULE = "R28"


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

    Parameters
    ----------
    ways
        Entries of a row's `fallback`, first choice first.
    zh
        Whether in Chinese; else in English.

    Examples
    --------
    >>> fallback_sentence([{"kind": "platform"}, {"kind": "custody", "until": "2027-06-30"}])
    '孤岛楼栋 (R28), 依次: 1. 由街道或国有平台兜底; 2. 社区代管, 限期落实 (2027-06-30 前)。'
    """
    steps = []
    for number, way in enumerate(ways, start=1):
        step = say(f"fallback.{way['kind']}")
        if partners := way.get("with_unit_ids"):
            step = say("fallback.partners", way=step, n=len(partners))
        if until := way.get("until"):
            step = say("fallback.until", way=step, until=until)
        steps.append(Sentence(f"{number}. {step.zh}", f"{number}. {step.en}"))
    listed = Sentence("; ".join(step.zh for step in steps), "; ".join(step.en for step in steps))
    sentence = say("fallback.all", rule=FALLBACK_RULE, ways=listed)
    return sentence.zh if zh else sentence.en
