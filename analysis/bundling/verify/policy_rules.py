"""The rules a plan must obey, read from the policy in force, next to what the plan says they are."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Protocol

from analysis.bundling.verify.base.rule_labels import rule_label, value_text
from analysis.bundling.verify.base.schema import BoundPart, PlanPart, RulesPart
from analysis.bundling.verify.base.verification import RuleDifference
from geo.errors import UsageError
from geo.messages import EMPTY, join_names, load_catalogue

say = load_catalogue(__file__)


class PolicyValues(Protocol):
    """A policy as the check needs it: named values with a hash; `analysis.policy.Policy` is one."""

    @property
    def name(self) -> str:
        """What the policy calls itself."""

    @property
    def sha256(self) -> str:
        """Hash of all its values."""

    @property
    def entries(self) -> Mapping[str, Any]:
        """Entries by key, each with its `rule` id and its labels."""

    def value(self, key: str) -> Any:
        """The value of an entry."""


KEYS: Mapping[str, str] = {
    "within": "jurisdiction.within",
    "radius_m": "anchor.radius_m",
    "capacity_ratio": "anchor.capacity_ratio",
    "unit_ratio": "anchor.unit_ratio",
    "gap_m": "neighbour.gap_m",
    "facing_m": "neighbour.facing_m",
    "walk_m": "neighbour.walk_m",
    "detour_factor": "neighbour.detour_factor",
    "walk_limit_m": "neighbour.walk_limit_m",
    "road_access_m": "neighbour.road_access_m",
    "road_snap_m": "neighbour.road_snap_m",
    "road_scrap_m": "neighbour.road_scrap_m",
    "closed_road_classes": "neighbour.closed_road_classes",
    "hard_kinds": "neighbour.hard_kinds",
    "professional_modes": "mode.professional",
    "old_until_year": "unit.old_until_year",
    "min_contract_months": "anchor.min_contract_months",
    "min_credit_rating": "anchor.min_credit_rating",
    "allow_unrated": "anchor.allow_unrated",
    "auto_absorb_special": "target.auto_absorb_special",
    "exclude_unwilling": "target.exclude_unwilling",
    "area_worth": "objective.area_worth",
    "company_years": "company.years",
    "custody_months": "island.custody_months",
    "years_newer": "anchor.years_newer",
    "preferred_credit": "anchor.preferred_credit",
    "preferred_members": "area.preferred_members",
    "preferred_floor_area_m2": "area.preferred_floor_area_m2",
    "reach_m": "area.reach_m",
    "managed_members": "area.managed_members",
    "must_be_new": "anchor.must_be_new",
}
"""The entry of a policy that each of these rules has its value from."""

AREA_DEFAULTS: Mapping[str, Any] = {
    "area.preferred_members": (3, 12),
    "area.preferred_floor_area_m2": (100_000, 300_000),
    "area.floor_area_most_m2": 500_000,
    "area.reach_m": 1500.0,
    "area.managed_members": True,
    "anchor.must_be_new": False,
}
"""Values of areas with leaders inside where a policy, written before there were any, has no entry."""

CHOICES = frozenset(
    {"mode", "scope", "within", "weight", "lower", "upper", "bounds", "streets", "areas", "objective", "area_worth"}
)
"""What a planner may choose."""

RELAXATIONS = frozenset(
    {
        "radius_m",
        "capacity_ratio",
        "unit_ratio",
        "min_contract_months",
        "min_credit_rating",
        "auto_absorb_special",
        "exclude_unwilling",
        "company_growth",
    }
)
"""Rules that the tool itself offers to relax for one plan; the plan records who chose it."""

ACCOUNTS = frozenset({"mode", "objective", "area_worth", "staffing_norms", "walk_limit_m"})
"""Rules the plan's own accounts were made with: reported where they differ, and the accounts checked by them."""

_NORMS = ("cleaning_m2", "greening_m2", "repair_m2", "green_share")
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
_SETS = frozenset({"hard_kinds", "closed_road_classes", "professional_modes", "streets"})
_NOT_RULES = frozenset({"policy_name"})
_WITH_DEFAULT = ("mode", "scope", "weight", "streets", "areas", "objective")
"""Rules whose value is a default of the program where the policy has none."""
_MISSING = object()
"""Stands for a value that the policy does not have."""
_HASH = re.compile(r"[0-9a-f]{64}")


def rules_in_force(policy: PolicyValues, rules: RulesPart, *, management_known: bool) -> dict[str, Any]:
    """Value of each rule by the policy, in the types of `RulesPart`; those it has no entry for are absent.

    Parameters
    ----------
    policy
        In force for the dataset.
    rules
        Of the plan: only its `weight` is used, for a policy bounds each weight by itself, and its `mode`,
        for areas with leaders inside have bounds of both households and floor area.
    management_known
        Whether any unit has a known management mode: else there is no target to tell.
    """
    found: dict[str, Any] = {
        "mode": "area",
        "scope": "targets" if management_known else "all",
        "weight": "households",
        "streets": (),
        "areas": None,
        "objective": (),
        "bounds": (),
    }
    if rules.mode == "area":
        found |= {rule: AREA_DEFAULTS[key] for rule, key in KEYS.items() if key in AREA_DEFAULTS}
    found |= {rule: policy.value(key) for rule, key in KEYS.items() if key in policy.entries}
    size = f"size.{rules.weight}"
    if size in policy.entries:
        found["lower"], found["upper"] = policy.value(size)
    if "size.bounds" in policy.entries:
        bounds = (_parse_bound(str(text)) for text in policy.value("size.bounds"))
        found["bounds"] = tuple(bound for bound in bounds if bound.weight != rules.weight)
    if rules.mode == "area":
        found["bounds"] = (*found["bounds"], *_bounds_of_areas(policy, rules.weight, found["bounds"]))
    if {"company.limit", "company.growth_share"} <= policy.entries.keys():
        is_held = bool(policy.value("company.limit"))
        found["company_growth"] = policy.value("company.growth_share") if is_held else None
    norms = [f"economics.{name}" for name in _NORMS]
    if all(key in policy.entries for key in norms):
        found["staffing_norms"] = tuple(policy.value(key) for key in norms)
    return found


def _bounds_of_areas(policy: PolicyValues, weight: str, own: Collection[BoundPart]) -> Iterator[BoundPart]:
    """The bounds of an area with leaders inside besides those of `weight`: of floor area, or of households."""
    named = {bound.weight for bound in own}
    if weight == "households" and "floor_area" not in named:
        key = "area.floor_area_most_m2"
        most = policy.value(key) if key in policy.entries else AREA_DEFAULTS[key]
        yield BoundPart(weight="floor_area", lower=0, upper=most)
    if weight == "floor_area" and "households" not in named and "size.households" in policy.entries:
        lower, upper = policy.value("size.households")
        yield BoundPart(weight="households", lower=lower, upper=upper)


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
    force = _rules_held_to(plan, policy, management_known=management_known)
    found = [
        *_values_differ(plan, policy, force, allowed),
        *_growth_differs(plan, policy, force, allowed),
        *_unknown_rules(plan, allowed),
        *_wrong_records(plan, policy, force, allowed),
        *_policy_differs(plan, policy, allowed),
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
    force = _rules_held_to(plan, policy, management_known=management_known)
    wrong = {one.rule for one in differ if one.is_fault} & force.keys() - ACCOUNTS
    return RulesPart.model_validate({**plan.rules.model_dump(), **{rule: force[rule] for rule in wrong}})


def _rules_held_to(plan: PlanPart, policy: PolicyValues, *, management_known: bool) -> dict[str, Any]:
    """The rules in force, with the default mode of the time at which the plan was made.

    Before areas with leaders inside it was "mixed", or "whole" where no mode of management is known; whoever
    chose another recorded which was meant.
    """
    force = rules_in_force(policy, plan.rules, management_known=management_known)
    former = "mixed" if management_known else "whole"
    recorded = [record.policy for record in plan.chosen or () if record.rule == "mode"]
    if former in recorded or (not recorded and plan.mode == former):
        force["mode"] = former
    return force


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
        elif not _is_same_rule_value(rule, stated, force[rule]):
            may = rule in CHOICES | RELAXATIONS and _is_chosen(plan, rule, stated)
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
    if _is_same(stated, wanted):
        return
    own = policy.entries.get("company.growth_share")
    is_switched = stated is None or (own is not None and _is_same(stated, own.value))
    is_old = plan.chosen is None and is_switched
    may = is_old or _is_recorded(plan, "company_growth", stated)
    yield _difference(plan, "company_growth", stated, wanted, may=may, allowed=allowed)


def _unknown_rules(plan: PlanPart, allowed: Collection[str]) -> Iterator[RuleDifference]:
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


def _wrong_records(
    plan: PlanPart, policy: PolicyValues, force: Mapping[str, Any], allowed: Collection[str]
) -> Iterator[RuleDifference]:
    """What the plan records as chosen is what its rules hold, and was chosen instead of the policy's."""
    is_same = plan.policy_sha256 == policy.sha256
    for record in plan.chosen or ():
        label = rule_label(record.rule)
        name, stated = f"chosen.{record.rule}", getattr(plan.rules, record.rule, None)
        if record.rule not in RulesPart.model_fields or not _is_same_rule_value(record.rule, record.value, stated):
            yield RuleDifference(
                name,
                _to_json(record.value),
                _to_json(stated),
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
        elif is_same and not _is_same_rule_value(record.rule, record.policy, wanted := force.get(record.rule)):
            yield RuleDifference(
                name,
                _to_json(record.policy),
                _to_json(wanted),
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


def _policy_differs(plan: PlanPart, policy: PolicyValues, allowed: Collection[str]) -> Iterator[RuleDifference]:
    """The plan names the policy it was made under: another one is named, a hash that is none is a fault."""
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


def _difference(
    plan: PlanPart, rule: str, stated: Any, wanted: Any, *, may: bool, allowed: Collection[str]
) -> RuleDifference:
    """One value in words: its label, the plan's value, the policy's, and who chose it."""
    by = next((one.by for one in plan.chosen or () if one.rule == rule), None) if may else None
    uses = is_used(rule, plan)
    chosen = EMPTY if by is None else say("difference.by", by=by)
    if not uses:
        chosen = say("difference.unused", chosen=chosen)
    elif not may and rule in CHOICES | RELAXATIONS:
        chosen = say("difference.by_nobody")
    key = "default" if rule in _WITH_DEFAULT else "policy_value"
    if wanted is _MISSING:
        key, wanted = "no_value", None
    return RuleDifference(
        rule,
        _to_json(stated),
        _to_json(wanted),
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


def _is_chosen(plan: PlanPart, rule: str, stated: Any) -> bool:
    """Whether the plan records the choice; plans made before choices were recorded have theirs by name."""
    if plan.chosen is None:
        return rule in CHOICES
    return _is_recorded(plan, rule, stated)


def _is_recorded(plan: PlanPart, rule: str, stated: Any) -> bool:
    return any(one.rule == rule and _is_same_rule_value(rule, one.value, stated) for one in plan.chosen or ())


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


def _parse_bound(text: str) -> BoundPart:
    """A bound of a policy, "name=least:most"."""
    weight, _, sides = text.partition("=")
    least, _, most = (side.strip().replace(",", "") for side in sides.partition(":"))
    return BoundPart.model_validate({"weight": weight.strip(), "lower": least or 0, "upper": most or None})


def _is_same(one: Any, other: Any) -> bool:
    """Whether two values mean the same; names in another order do, aims do not."""
    one, other = _to_json(one), _to_json(other)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    return bool(one == other)


def _is_same_rule_value(rule: str, one: Any, other: Any) -> bool:
    """Whether two values of a rule mean the same."""
    if rule in _SETS and isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return {*map(str, one)} == {*map(str, other)}
    return _is_same(one, other)


def _to_json(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, BoundPart):
        return {"weight": value.weight, "lower": value.lower, "upper": value.upper}
    if isinstance(value, tuple | list):
        return [_to_json(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _to_json(item) for key, item in value.items()}
    return value
