"""The rules a plan was made with, each with the areas it holds for: the list that "every rule is met" refers to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from analysis.bundling.document.summary import RuleScope, find_rule_scopes
from analysis.bundling.model.rules import rules_from_policy
from analysis.policy import Policy
from app.i18n import Words
from app.workbench.formats import format_count


def format_rules(document: Mapping[str, Any], policy: Policy, words: Words) -> list[tuple[str, str, str]]:
    """The values the plan was made with: label, value with its unit and the areas it holds for, source tag.

    Parameters
    ----------
    document
        PLAN.json.
    policy
        Which names the rules.
    words
        Texts in the reader's language.
    """
    usual = asdict(rules_from_policy(policy, mode=document["mode"]))  # for what an older plan does not state
    rules = {**usual, **document["rules"]}
    size_key = "size.households" if rules["weight"] == "households" else "size.floor_area"
    measure = words("measure.households" if rules["weight"] == "households" else "measure.m2")
    values = (
        (size_key, f"{format_count(rules['lower'])}–{format_count(rules['upper'])} {measure}"),
        ("jurisdiction.within", words(f"within.{rules['within']}")),
        ("neighbour.gap_m", f"{rules['gap_m']:g} {words('measure.m')}"),
        ("neighbour.walk_m", f"{rules['walk_m']:g} {words('measure.m')}"),
        ("anchor.radius_m", f"{rules['radius_m']:g} {words('measure.m')}"),
        ("anchor.capacity_ratio", f"{rules['capacity_ratio']:g}"),
        *(_area_rules(rules, words) if rules.get("mode") == "area" else ()),
    )
    entries, scopes = policy.entries, find_rule_scopes(document)
    return [
        (
            words.pick(entries[key].label_zh, entries[key].label_en),
            f"{value}{_scope_text(scopes.get(key), words)}",
            entries[key].source,
        )
        for key, value in values
        if key in entries  # a policy of before areas had leaders inside has no label for it
    ]


def _scope_text(scope: RuleScope | None, words: Words) -> str:
    """For which areas a rule holds, where that is not all of them."""
    if scope is None or scope.kind == "all" or not scope.total:
        return ""
    return f" ({words(f'plan.holds_{scope.kind}', n=format_count(scope.n), total=format_count(scope.total))})"


def _area_rules(rules: Mapping[str, Any], words: Words) -> list[tuple[str, str]]:
    """The values of areas with leaders inside: key and value with its unit."""
    members, floor = rules["preferred_members"], rules["preferred_floor_area_m2"]
    most = next((one["upper"] for one in rules["bounds"] if one["weight"] == "floor_area"), None)
    return [
        ("area.preferred_members", f"{members[0]}–{members[1]}"),
        ("area.preferred_floor_area_m2", f"{format_count(floor[0])}–{format_count(floor[1])} {words('measure.m2')}"),
        *([] if most is None else [("area.floor_area_most_m2", f"{format_count(most)} {words('measure.m2')}")]),
        ("area.reach_m", f"{rules['reach_m']:g} {words('measure.m')}"),
        ("area.managed_members", words("facts.yes" if rules["managed_members"] else "facts.no")),
        ("anchor.must_be_new", words("facts.yes" if rules["must_be_new"] else "facts.no")),
    ]
