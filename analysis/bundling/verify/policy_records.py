"""What a plan records of the policy and of what was chosen, held against its own rules and the policy in force."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from analysis.bundling.verify.base.rule_labels import rule_label, value_text
from analysis.bundling.verify.base.schema import PlanPart, RulesPart
from analysis.bundling.verify.base.verification import RuleDifference
from analysis.bundling.verify.rules_in_force import CHOICES, PolicyValues, is_same_rule_value, to_json
from geo.messages import load_catalogue

say = load_catalogue(__file__)


_NOT_RULES = frozenset({"policy_name"})


_HASH = re.compile(r"[0-9a-f]{64}")


def find_unknown_rules(plan: PlanPart, allowed: Collection[str]) -> Iterator[RuleDifference]:
    """Rules of a plan that nobody knows.

    Parameters
    ----------
    plan
        The document, read.
    allowed
        Rules that may differ.
    """
    for rule, stated in sorted((plan.rules.model_extra or {}).items()):
        if rule not in _NOT_RULES:
            yield RuleDifference(
                rule,
                stated,
                None,
                False,
                rule in allowed,
                True,
                None,
                *say("difference.unknown_rule", rule=rule, value=value_text(stated)),
            )


def find_wrong_records(
    plan: PlanPart, policy: PolicyValues, force: Mapping[str, Any], allowed: Collection[str]
) -> Iterator[RuleDifference]:
    """What the plan records as chosen is what its rules hold, and was chosen instead of the policy's.

    Parameters
    ----------
    plan
        The document, read.
    policy
        In force for the dataset.
    force
        Value of each rule by the policy.
    allowed
        Rules that may differ.
    """
    is_same = plan.policy_sha256 == policy.sha256
    for record in plan.chosen or ():
        label = rule_label(record.rule)
        name, stated = f"chosen.{record.rule}", getattr(plan.rules, record.rule, None)
        if record.rule not in RulesPart.model_fields or not is_same_rule_value(record.rule, record.value, stated):
            yield RuleDifference(
                name,
                to_json(record.value),
                to_json(stated),
                False,
                name in allowed,
                True,
                record.by,
                *say(
                    "difference.record",
                    by=record.by,
                    label=label,
                    value=value_text(record.value, record.rule),
                    stated=value_text(stated, record.rule),
                ),
            )
        elif is_same and not is_same_rule_value(record.rule, record.policy, wanted := force.get(record.rule)):
            yield RuleDifference(
                name,
                to_json(record.policy),
                to_json(wanted),
                False,
                name in allowed,
                True,
                record.by,
                *say(
                    "difference.recorded_policy",
                    label=label,
                    value=value_text(record.policy, record.rule),
                    wanted=value_text(wanted, record.rule),
                ),
            )


def find_other_policy(plan: PlanPart, policy: PolicyValues, allowed: Collection[str]) -> Iterator[RuleDifference]:
    """The plan names the policy it was made under: another one is named, a hash that is none is a fault.

    Parameters
    ----------
    plan
        The document, read.
    policy
        In force for the dataset.
    allowed
        Rules that may differ.
    """
    stated, own = plan.policy_sha256, policy.sha256
    if stated != own:
        is_hash = bool(_HASH.fullmatch(stated)) and len(set(stated)) > 1
        shown = stated if len(stated) <= 12 else f"{stated[:8]}…"
        yield RuleDifference(
            "policy_sha256",
            stated,
            own,
            is_hash,
            "policy_sha256" in allowed,
            True,
            None,
            *say(
                "difference.policy" if is_hash else "difference.no_policy", stated=shown, name=policy.name, own=own[:8]
            ),
        )
        return
    name = (plan.rules.model_extra or {}).get("policy_name")
    if name is not None and name != policy.name:
        yield RuleDifference(
            "policy_name",
            name,
            policy.name,
            True,
            False,
            True,
            None,
            *say("difference.policy_name", stated=name, name=policy.name),
        )


def is_chosen(plan: PlanPart, rule: str, stated: Any) -> bool:
    """Whether the plan records the choice; plans made before choices were recorded have theirs by name.

    Parameters
    ----------
    plan
        The document, read.
    rule
        Name of a rule.
    stated
        The plan's value of it.
    """
    if plan.chosen is None:
        return rule in CHOICES
    return is_recorded(plan, rule, stated)


def is_recorded(plan: PlanPart, rule: str, stated: Any) -> bool:
    """Whether the plan records who chose the value.

    Parameters
    ----------
    plan
        The document, read.
    rule
        Name of a rule.
    stated
        The plan's value of it.
    """
    return any(one.rule == rule and is_same_rule_value(rule, one.value, stated) for one in plan.chosen or ())
