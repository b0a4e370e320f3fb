"""A policy whose values are those of a plan: for tests of anything but the rules themselves."""

from dataclasses import replace

from analysis.bundling.verify.base.schema import RulesPart
from analysis.bundling.verify.rules_in_force import AREA_DEFAULTS, KEYS
from analysis.policy import Policy, PolicyEntry, read_policy


def policy_of_areas() -> Policy:
    """The shipped policy, with entries for areas with leaders inside where it has none of its own."""
    policy = read_policy()
    entries = {key: PolicyEntry(key, value, "", "A", "R31", True, key, key) for key, value in AREA_DEFAULTS.items()}
    return replace(policy, entries={**entries, **policy.entries})


def agreeing(document) -> Policy:
    """The shipped policy with the values that the plan's rules have."""
    try:
        rules = RulesPart.model_validate(document["rules"])
    except ValueError:  # of a wrong form: told before any policy is asked
        return read_policy()
    values = {key: getattr(rules, rule) for rule, key in KEYS.items()}
    values |= {f"size.{rules.weight}": [rules.lower, rules.upper]}
    most_m2 = [bound.upper for bound in rules.bounds if bound.weight == "floor_area"]
    if rules.mode == "area" and most_m2:  # households are the weight, floor area is the other bound
        values["area.floor_area_most_m2"] = most_m2[0]
    values |= {"company.limit": rules.company_growth is not None}
    if rules.company_growth is not None:
        values["company.growth_share"] = rules.company_growth
    if len(rules.staffing_norms) == 4:
        names = ("cleaning_m2", "greening_m2", "repair_m2", "green_share")
        norms = zip(names, rules.staffing_norms, strict=True)
        values |= {f"economics.{name}": value for name, value in norms}
    return policy_of_areas().replaced(values)
