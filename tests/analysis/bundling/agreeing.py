"""A policy whose values are those of a plan: for tests of anything but the rules themselves."""

from analysis.bundling.verify.base.schema import RulesPart
from analysis.bundling.verify.policy_rules import KEYS
from analysis.policy import Policy, read_policy


def agreeing(document) -> Policy:
    """The shipped policy with the values that the plan's rules have."""
    try:
        rules = RulesPart.model_validate(document["rules"])
    except ValueError:  # of a wrong form: told before any policy is asked
        return read_policy()
    values = {key: getattr(rules, rule) for rule, key in KEYS.items()}
    values |= {f"size.{rules.weight}": [rules.lower, rules.upper]}
    values |= {"company.limit": rules.company_growth is not None}
    if rules.company_growth is not None:
        values["company.growth_share"] = rules.company_growth
    if len(rules.staffing_norms) == 4:
        names = ("cleaning_m2", "greening_m2", "repair_m2", "green_share")
        norms = zip(names, rules.staffing_norms, strict=True)
        values |= {f"economics.{name}": value for name, value in norms}
    return read_policy().replaced(values)
