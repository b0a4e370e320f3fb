"""The rules a plan must obey, read from the policy in force, next to what the plan says they are."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from analysis.bundling.verify.base.rule_labels import rule_label, value_text
from analysis.bundling.verify.base.schema import PlanPart, RulesPart
from analysis.bundling.verify.base.verification import RuleDifference
from analysis.bundling.verify.policy_records import (
    find_other_policy,
    find_unknown_rules,
    find_wrong_records,
    is_chosen,
    is_recorded,
)
from analysis.bundling.verify.rules_in_force import (
    CHOICES,
    KEYS,
    RELAXATIONS,
    PolicyValues,
    find_binding_rules,
    is_same_rule_value,
    is_same_value,
    to_json,
)
from geo.errors import UsageError
from geo.messages import EMPTY, Sentence, join_names, load_catalogue

say = load_catalogue(__file__)


ACCOUNTS = frozenset({"mode", "objective", "area_worth", "staffing_norms", "walk_limit_m"})
"""Rules the plan's own accounts were made with: reported where they differ, and the accounts checked by them."""

_IDS = {
    "lower": "R31",
    "upper": "R31",
    "bounds": "R31",
    "weight": "R31",
    "scope": "R01",
    "streets": "R20",
    "company_growth": "R15",
    "preferred_members": "R31",
    "preferred_floor_area_m2": "R31",
    "reach_m": "R26",
    "managed_members": "R31",
    "must_be_new": "R14",
    "staffing_norms": "R35",
}
_WITH_DEFAULT = ("mode", "scope", "weight", "streets", "areas", "objective")
"""Rules whose value is a default of the program where the policy has none."""
_MISSING = object()
"""Stands for a value that the policy does not have."""


def compare_rules(
    plan: PlanPart, policy: PolicyValues, allow: Collection[str], *, management_known: bool
) -> tuple[RuleDifference, ...]:
    """Each value of the plan's rules that is not the one in force; faults come first.

    Parameters
    ----------
    plan
        The document, read.
    policy
        In force for the dataset.
    allow
        Names of rules that may differ: as in the plan, as in the policy, or rule ids.
    management_known
        Whether any unit has a known management mode.

    Raises
    ------
    UsageError
        If `allow` names no rule.
    """
    allowed = _expand_allowed(allow, plan, policy)
    force = find_binding_rules(plan, policy, management_known=management_known)
    found = [
        *_values_differ(plan, policy, force, allowed),
        *_growth_differs(plan, policy, force, allowed),
        *find_unknown_rules(plan, allowed),
        *find_wrong_records(plan, policy, force, allowed),
        *find_other_policy(plan, policy, allowed),
    ]
    return tuple(sorted(found, key=lambda one: not one.is_fault))


def apply_choices(
    plan: PlanPart, policy: PolicyValues, differ: Collection[RuleDifference], *, management_known: bool
) -> RulesPart:
    """The rules the plan is held to: those in force, but for what was chosen or allowed.

    Parameters
    ----------
    plan
        Its rules as stated.
    policy
        The one in force.
    differ
        What `compare_rules` found.
    management_known
        Whether any unit has a known management mode.
    """
    force = find_binding_rules(plan, policy, management_known=management_known)
    wrong = {one.rule for one in differ if one.is_fault} & force.keys() - ACCOUNTS
    return RulesPart.model_validate({**plan.rules.model_dump(), **{rule: force[rule] for rule in wrong}})


def _values_differ(
    plan: PlanPart, policy: PolicyValues, force: Mapping[str, Any], allowed: Collection[str]
) -> Iterator[RuleDifference]:
    for rule in RulesPart.model_fields:
        if rule == "company_growth":
            continue
        stated = getattr(plan.rules, rule)
        if rule not in plan.rules.model_fields_set and not is_used(rule, plan):
            continue
        if rule not in force:
            yield _difference(plan, rule, stated, _MISSING, may=False, allowed=allowed)
        elif not is_same_rule_value(rule, stated, force[rule]):
            may = rule in CHOICES | RELAXATIONS and is_chosen(plan, rule, stated)
            yield _difference(plan, rule, stated, force[rule], may=may, allowed=allowed)


_OF_ANCHORS = frozenset(
    {
        "radius_m",
        "capacity_ratio",
        "unit_ratio",
        "min_contract_months",
        "min_credit_rating",
        "allow_unrated",
        "company_growth",
        "company_years",
    }
)


def is_used(rule: str, plan: PlanPart) -> bool:
    """Whether anything in a plan depends on the value of a rule.

    Parameters
    ----------
    rule
        Name of a value of the rules.
    plan
        The document's parts.
    """
    rules = plan.rules
    aims = {part.partition("=")[0] for part in rules.objective} | {level.name for level in plan.levels}
    if rule in _OF_ANCHORS:
        is_held = rule != "company_years" or rules.company_growth is not None
        return plan.mode != "whole" and is_held
    if rule in ("lower", "upper", "bounds", "weight"):
        return plan.mode != "lead"
    if rule in ("professional_modes", "old_until_year"):
        return plan.mode != "whole" or rules.scope == "targets"
    if rule == "staffing_norms":
        return bool(aims & {"staffing", "shared_posts"})
    if rule in ("preferred_members", "preferred_floor_area_m2", "reach_m", "managed_members", "must_be_new"):
        return plan.has_leaders_inside
    if rule in ("years_newer", "preferred_credit"):
        return any(aim.startswith(("preferences", "households_against")) for aim in aims)
    if rule == "custody_months":
        return any(row.fallback for row in plan.left_over)
    if rule == "area_worth":
        return not rules.objective
    return True


def _growth_differs(
    plan: PlanPart, policy: PolicyValues, force: Mapping[str, Any], allowed: Collection[str]
) -> Iterator[RuleDifference]:
    """R15 may be switched off, or on with the policy's share; another share is a relaxation."""
    stated, wanted = plan.rules.company_growth, force.get("company_growth")
    if is_same_value(stated, wanted):
        return
    own = policy.entries.get("company.growth_share")
    is_switched = stated is None or (own is not None and is_same_value(stated, own.value))
    is_old = plan.chosen is None and is_switched
    may = is_old or is_recorded(plan, "company_growth", stated)
    yield _difference(plan, "company_growth", stated, wanted, may=may, allowed=allowed)


def _name_in_both(name: str) -> Sentence:
    """A name given in Chinese and then in English ("未署名 unsigned"), each in its own sentence.

    Examples
    --------
    >>> _name_in_both("未署名 unsigned").en, _name_in_both("李工").en
    ('unsigned', '李工')
    """
    both = re.fullmatch(r"([\u4e00-\u9fff]+) ([A-Za-z][A-Za-z ]*)", name)
    return Sentence(*both.groups()) if both else Sentence(name, name)


def _difference(
    plan: PlanPart, rule: str, stated: Any, wanted: Any, *, may: bool, allowed: Collection[str]
) -> RuleDifference:
    """One value in words: its label, the plan's value, the policy's, and who chose it."""
    by = next((one.by for one in plan.chosen or () if one.rule == rule), None) if may else None
    uses = is_used(rule, plan)
    chosen = EMPTY if by is None else say("difference.by", by=_name_in_both(by))
    if not uses:
        chosen = say("difference.unused", chosen=chosen)
    elif not may and rule in CHOICES | RELAXATIONS:
        chosen = say("difference.by_nobody")
    key = "default" if rule in _WITH_DEFAULT else "policy_value"
    if wanted is _MISSING:
        key, wanted = "no_value", None
    return RuleDifference(
        rule,
        to_json(stated),
        to_json(wanted),
        may,
        rule in allowed,
        uses,
        by,
        *say(
            f"difference.{key}",
            label=rule_label(rule),
            stated=value_text(stated, rule),
            wanted=value_text(wanted, rule),
            chosen=chosen,
        ),
    )


def _expand_allowed(allow: Collection[str], plan: PlanPart, policy: PolicyValues) -> frozenset[str]:
    """Names of the plan's rules that `allow` means."""
    named = [one.strip() for text in allow for one in text.split(",") if one.strip()]
    known = {*RulesPart.model_fields, *(plan.rules.model_extra or {}), "policy_sha256"}
    known |= {f"chosen.{one.rule}" for one in plan.chosen or ()}
    meant: dict[str, set[str]] = {name: {name} for name in known}
    for rule, rule_id in _IDS.items():
        meant.setdefault(rule_id, set()).add(rule)
    for rule, key in KEYS.items():
        entry = policy.entries.get(key)
        for name in (key, None if entry is None else entry.rule):
            if name:
                meant.setdefault(str(name), set()).add(rule)
    unknown = [one for one in named if one not in meant]
    if unknown:
        raise UsageError(*say("error.no_rule", unknown=unknown[0], known=join_names(sorted(known))))
    return frozenset().union(*(meant[one] for one in named))
