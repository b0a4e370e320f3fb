"""The rules a plan must obey, read from the policy in force, and when two values of a rule mean the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Protocol

from analysis.bundling.verify.base.schema import BoundPart, PlanPart, RulesPart


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


_NORMS = ("cleaning_m2", "greening_m2", "repair_m2", "green_share")


_SETS = frozenset({"hard_kinds", "closed_road_classes", "professional_modes", "streets"})


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


def find_binding_rules(plan: PlanPart, policy: PolicyValues, *, management_known: bool) -> dict[str, Any]:
    """The rules in force, with the default mode of the time at which the plan was made.

    Before areas with leaders inside it was "mixed", or "whole" where no mode of management is known; whoever
    chose another recorded which was meant.

    Parameters
    ----------
    plan
        The document, read.
    policy
        In force for the dataset.
    management_known
        Whether any unit has a known management mode.
    """
    force = rules_in_force(policy, plan.rules, management_known=management_known)
    former = "mixed" if management_known else "whole"
    recorded = [record.policy for record in plan.chosen or () if record.rule == "mode"]
    if former in recorded or (not recorded and plan.mode == former):
        force["mode"] = former
    return force


def _parse_bound(text: str) -> BoundPart:
    """A bound of a policy, "name=least:most"."""
    weight, _, sides = text.partition("=")
    least, _, most = (side.strip().replace(",", "") for side in sides.partition(":"))
    return BoundPart.model_validate({"weight": weight.strip(), "lower": least or 0, "upper": most or None})


def is_same_value(one: Any, other: Any) -> bool:
    """Whether two values mean the same; names in another order do, aims do not.

    Parameters
    ----------
    one, other
        As a policy or a plan has them.
    """
    one, other = to_json(one), to_json(other)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same_value, one, other))
    return bool(one == other)


def is_same_rule_value(rule: str, one: Any, other: Any) -> bool:
    """Whether two values of a rule mean the same.

    Parameters
    ----------
    rule
        Its name; of some the order of names does not count.
    one, other
        Two values of it.
    """
    if rule in _SETS and isinstance(one, tuple | list) and isinstance(other, tuple | list):
        return {*map(str, one)} == {*map(str, other)}
    return is_same_value(one, other)


def to_json(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, BoundPart):
        return {"weight": value.weight, "lower": value.lower, "upper": value.upper}
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    return value
