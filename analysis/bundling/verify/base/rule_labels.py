"""Rules and their values in words, Chinese and English, as the verdict on a plan names them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geo.messages import EMPTY, Sentence, load_catalogue

say = load_catalogue(__file__)


_UNITS = {"m": Sentence("m", "m"), "year": Sentence("年", ""), "month": Sentence("个月", "months")}
_UNSET = ("company_growth", "areas", "streets", "objective")
"""Rules with a name for not being set."""
_UNIT_OF = {
    "radius_m": "m",
    "gap_m": "m",
    "facing_m": "m",
    "walk_m": "m",
    "walk_limit_m": "m",
    "reach_m": "m",
    "road_access_m": "m",
    "road_snap_m": "m",
    "road_scrap_m": "m",
    "old_until_year": "year",
    "min_contract_months": "month",
    "custody_months": "month",
}


def rule_label(rule: str) -> Sentence:
    """What a rule is called, Chinese and English.

    Examples
    --------
    >>> rule_label("lower")[1]
    'least size'
    """
    return say.get(f"rule.{rule}", rule)


def value_text(value: Any, rule: str = "") -> Sentence:
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
    if value is None or value in ((), []):
        return say(f"unset.{rule}") if rule in _UNSET else say("value.none")
    if isinstance(value, bool):
        return say("value.yes" if value else "value.no")
    if isinstance(value, int | float):
        return _number(value, rule)
    if isinstance(value, tuple | list):
        return Sentence.join(map(value_text, value), ("、", ", "))
    if hasattr(value, "weight"):
        value = {"weight": value.weight, "lower": value.lower, "upper": value.upper}
    if isinstance(value, Mapping) and "weight" in value:
        weight = value_text(value["weight"])
        least, most = value.get("lower") or "", value.get("upper")
        sides = ":".join("" if one in ("", None) else f"{one:.10g}" for one in (least, most))
        return Sentence(f"{weight.zh}={sides}", f"{weight.en}={sides}")
    if rule == "within" and value == "none":
        return say("value.no_wall")
    return say.get(f"word.{value}", str(value))


def _number(value: float, rule: str) -> Sentence:
    unit = _UNITS.get(_UNIT_OF.get(rule, ""), EMPTY)
    text = f"{value:g}" if rule == "old_until_year" else f"{value:,.10g}"
    return Sentence(f"{text} {unit.zh}".strip(), f"{text} {unit.en}".strip())


def level_label(name: str) -> Sentence:
    """A level in planners' words; its key where it has none.

    Parameters
    ----------
    name
        `levels[].name` of PLAN.json.

    Examples
    --------
    >>> level_label("household_metres")
    Sentence(zh='步行总量(户·米)', en='household_metres')
    """
    return say.get(f"level.{name}", name)
