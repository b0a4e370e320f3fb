"""Who must be bundled, who may lead, who is a member besides, and who is out of scope (rules R01-R14, R40)."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from analysis.bundling.model.rules import PlanRules
from geo.values.years import is_old_by_year, is_year_known

TARGET, ANCHOR, MEMBER, OUT = "target", "anchor", "member", "out"
CREDIT_BEST_FIRST = ("AAA", "AA", "A", "B", "C")


def assign_roles(
    units: pd.DataFrame,
    contracts: pd.DataFrame | None,
    companies: pd.DataFrame,
    rules: PlanRules,
    *,
    data_date: str | None,
    confirmed: Collection[str] = (),
    overridden: Collection[str] = (),
) -> pd.DataFrame:
    """Role of every unit, and the reason of those that are out.

    Parameters
    ----------
    units
        The `units` layer, n rows.
    contracts
        The `contracts` layer; None when nothing is known of contracts: R10's remaining term is
        then not checked.
    companies
        The `companies` layer, may be empty.
    rules
        The values in force.
    data_date
        ISO date the data speak of; None = the remaining term cannot be known and any contract with
        an end date counts.
    confirmed
        Ids of units of a special type that were confirmed one by one (R05).
    overridden
        Ids of units that are planned although their owners refuse (R40).

    Returns
    -------
    DataFrame of n rows, index as `units`: role {target, anchor, member, out}, reason (missing unless
    out). A member is in an area of mode "area" without being led or leading.

    Notes
    -----
    The first reason that holds is given, in the order: not placed, street not chosen, special
    type, owners unwilling, no target by R01, figures missing.
    """
    professional = is_professional(units, rules)
    is_area = rules.mode == "area"
    of_old = is_target(units, rules)
    wanted = pd.Series(True, index=units.index) if rules.scope == "all" and not is_area else of_old
    leads = rules.mode != "whole"
    eligible = may_lead(units, contracts, companies, rules, data_date=data_date) & leads
    if is_area and rules.must_be_new:
        eligible &= ~is_old(units, rules).fillna(False).astype(bool)
    fixed = eligible | (professional & (rules.scope == "targets"))
    unsure = is_old(units, rules).isna() & ~fixed & ~wanted

    reason = pd.Series(None, index=units.index, dtype=object)

    def give(where: pd.Series, key: str) -> None:
        reason[where & reason.isna()] = key

    give(units["geom_quality"].eq("missing"), "not_placed")
    if rules.streets:
        give(~units["street_code"].isin(rules.streets), "street_not_chosen")
    if not rules.auto_absorb_special:
        unsettled = units["special_type"].notna() & ~units["unit_id"].isin(list(confirmed))
        give(unsettled, "special_needs_confirmation")
    if rules.exclude_unwilling:
        refused = units["merge_willingness"].eq("no") & ~units["unit_id"].isin(list(overridden))
        give(refused, "owner_unwilling")
    if rules.scope == "targets" and not (is_area and rules.managed_members):
        give(professional & ~eligible, "anchor_ineligible" if leads else "already_well_managed")
        give(unsure, "data_missing")
        give(~wanted & ~eligible, "not_a_target")
    give(lacks_figures(units, rules), "data_missing")

    role = np.where(reason.notna(), OUT, np.where(eligible, ANCHOR, np.where(wanted, TARGET, MEMBER)))
    return pd.DataFrame({"role": role, "reason": reason}, index=units.index)


def is_professional(units: pd.DataFrame, rules: PlanRules) -> pd.Series:
    """Whether the management mode counts as professional; an unknown mode does not.

    Parameters
    ----------
    units
        The `units` layer, n rows.
    rules
        The values in force.
    """
    return units["management_mode"].isin(rules.professional_modes)


def is_old(units: pd.DataFrame, rules: PlanRules) -> pd.Series:
    """R02 under the rules in force: by the year built, by the flag where nothing is known of it.

    Parameters
    ----------
    units
        The `units` layer, n rows.
    rules
        The values in force.

    Returns
    -------
    (n,) nullable boolean; missing where neither is known, and where an interval of years leaves it
    open: the flag was derived from the same interval, under another year perhaps.
    """
    flag = units["is_old"].astype("boolean").mask(is_year_known(units))
    is_old = is_old_by_year(units, rules.old_until_year).fillna(flag)
    if "is_old_by" not in units:
        return is_old
    by_statement = units["is_old_by"].eq("statement").fillna(False).astype(bool)
    return is_old.mask(by_statement, units["is_old"].astype("boolean"))


def is_target(units: pd.DataFrame, rules: PlanRules) -> pd.Series:
    """R01: old, a single building or in an owner's custody, and not professionally managed.

    An unknown year is not old here; :func:`assign_roles` reports it as missing.

    Parameters
    ----------
    units
        The `units` layer, n rows.
    rules
        The values in force.
    """
    kind = (
        is_old(units, rules).fillna(False).astype(bool)
        | units["kind"].eq("single_building")
        | units["community_type"].eq("unit_custody")
    )
    return kind & ~is_professional(units, rules)


def may_lead(
    units: pd.DataFrame,
    contracts: pd.DataFrame | None,
    companies: pd.DataFrame,
    rules: PlanRules,
    *,
    data_date: str | None,
) -> pd.Series:
    """R10-R12: professional, a contract that runs on, no blacklisted or badly rated company.

    A unit's contract is the one that ends last; its company is the unit's own `company_id`, else
    that contract's. An unknown or unrated company may lead when the policy lets unrated ones.

    Parameters
    ----------
    units
        The `units` layer, n rows.
    contracts
        The `contracts` layer, None = nothing is known of it.
    companies
        The `companies` layer.
    rules
        The values in force.
    data_date
        ISO date the data speak of; None = unknown.
    """
    lead = is_professional(units, rules)
    company = company_of(units, contracts)
    if contracts is not None:
        ends = units["unit_id"].map(find_last_contracts(contracts)["end_date"])
        end = pd.to_datetime(ends, errors="coerce")
        lead &= end.notna()
        if data_date is not None:
            needed = pd.Timestamp(data_date) + pd.DateOffset(months=rules.min_contract_months)
            lead &= end >= needed
    known = companies.set_index("company_id")
    blacklisted = company.isin(known.index[known["blacklisted"].fillna(False).astype(bool)])
    return lead & ~blacklisted & _credit_suffices(company.map(known["credit_rating"]), rules)


def company_of(units: pd.DataFrame, contracts: pd.DataFrame | None) -> pd.Series:
    """Company of each unit: its own `company_id`, else that of the contract which ends last.

    Parameters
    ----------
    units
        The `units` layer, n rows.
    contracts
        The `contracts` layer, None = nothing is known of it.

    Returns
    -------
    (n,) text, index as `units`; missing where neither is known.
    """
    company = units["company_id"]
    if contracts is None:
        return company
    return company.fillna(units["unit_id"].map(find_last_contracts(contracts)["company_id"]))


def find_last_contracts(contracts: pd.DataFrame) -> pd.DataFrame:
    """The contract of each unit that ends last, by unit id."""
    return (
        contracts.dropna(subset=["unit_id", "end_date"])
        .sort_values(["unit_id", "end_date", "contract_id"])
        .drop_duplicates("unit_id", keep="last")
        .set_index("unit_id")
    )


def lacks_figures(units: pd.DataFrame, rules: PlanRules) -> pd.Series:
    """Whether a figure the rules count is missing: households always, floor area where it counts.

    Parameters
    ----------
    units
        The `units` layer, n rows.
    rules
        The values in force.
    """
    missing = units["households"].isna()
    counted = {rules.weight, *(bound.weight for bound in rules.bounds)}
    if rules.mode != "whole" or "floor_area" in counted:
        missing |= units["floor_area_m2"].isna()
    return missing


def _credit_suffices(rating: pd.Series, rules: PlanRules) -> pd.Series:
    enough = CREDIT_BEST_FIRST[: CREDIT_BEST_FIRST.index(rules.min_credit_rating) + 1]
    unrated = rating.isna() | rating.eq("unrated")
    return rating.isin(enough) | (unrated & rules.allow_unrated)
