"""Who takes part in a plan, and why others do not, from the tables alone (R01-R05, R10-R12, R40)."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from analysis.bundling.verify.base.context import CheckContext
from analysis.bundling.verify.conditions.companies import companies_of_units

_RATINGS = ("AAA", "AA", "A", "B", "C")


class UnitRoles:
    """The units a plan is about: targets, units that may lead, and all others with what is true of them.

    Parameters
    ----------
    context
        The plan next to the tables.
    """

    def __init__(self, context: CheckContext) -> None:
        self.context = context

    @property
    def has_leaders_inside(self) -> bool:
        """Whether the plan is of mode "area", where targets ask for an area and, in it, for a leader."""
        return self.context.plan.has_leaders_inside

    @cached_property
    def may_lead(self) -> pd.Series:
        """R10-R12 of every unit, and R14 where only new communities may lead; nobody leads in mode "whole"."""
        rules, may = self.context.plan.rules, self.is_eligible & (self.context.plan.mode != "whole")
        return may & ~self.context.old if self.has_leaders_inside and rules.must_be_new else may

    @cached_property
    def is_eligible(self) -> pd.Series:
        """R10-R12 of every unit, whatever the mode."""
        context, units, rules = self.context, self.context.units, self.context.plan.rules
        lead = context.professional.copy()
        if context.dataset.has("contracts"):
            lead &= self._contract_lasts
        company = pd.Series(companies_of_units(context), dtype=object).reindex(units.index)
        table = context.dataset.layer("companies").drop_duplicates("company_id", keep="last")
        table = table.set_index("company_id")
        black = table.index[table["blacklisted"].fillna(False).astype(bool)]
        rating = company.map(table["credit_rating"])
        good = _RATINGS[: _RATINGS.index(rules.min_credit_rating) + 1]
        unrated = rating.isna() | rating.eq("unrated")
        suffices = rating.isin(good) | (unrated & rules.allow_unrated)
        return lead & ~company.isin(black) & suffices

    @cached_property
    def _contract_lasts(self) -> pd.Series:
        context = self.context
        rows = context.dataset.layer("contracts").dropna(subset=["unit_id", "end_date"])
        rows = rows.sort_values(["unit_id", "end_date", "contract_id"])
        ends = rows.groupby("unit_id")["end_date"].last().reindex(context.units.index)
        end = pd.to_datetime(ends.astype(object), errors="coerce")
        date = context.dataset.manifest.data_date
        if date is None:
            return end.notna()
        months = pd.DateOffset(months=context.plan.rules.min_contract_months)
        return end >= pd.Timestamp(date) + months

    @cached_property
    def wanted(self) -> pd.Series:
        """Units that the chosen scope asks to be planned."""
        if self.context.plan.rules.scope == "all":
            return pd.Series(True, index=self.context.units.index)
        return self.context.target

    @cached_property
    def age_known(self) -> pd.Series:
        """Whether the data tell a unit's age (R02)."""
        earliest, latest = self.context.built_between
        limit = self.context.plan.rules.old_until_year
        decided = latest.le(limit).fillna(False) | earliest.gt(limit).fillna(False)
        flagged = earliest.isna() & latest.isna() & self.context.units["is_old"].notna()
        return (decided.astype(bool) | flagged).astype(bool)

    @cached_property
    def lacks_figures(self) -> pd.Series:
        """Units without a figure that the rules count."""
        units, rules = self.context.units, self.context.plan.rules
        missing = units["households"].isna()
        counted = {rules.weight, *(bound.weight for bound in rules.bounds)}
        if self.context.plan.mode != "whole" or "floor_area" in counted:
            missing = missing | units["floor_area_m2"].isna()
        return missing

    @cached_property
    def true_of(self) -> dict[str, pd.Series]:
        """For each reason to be out of scope, of which units the data bear it out."""
        context, units, rules = self.context, self.context.units, self.context.plan.rules
        no_unit = pd.Series(False, index=units.index)
        by_targets = rules.scope == "targets" and not (self.has_leaders_inside and rules.managed_members)
        leads = context.plan.mode != "whole"
        lead_or_professional = self.may_lead | context.professional
        conditions: dict[str, pd.Series] = {
            "not_placed": ~context.placed,
            "street_not_chosen": (~units["street_code"].isin(rules.streets) if rules.streets else no_unit),
            "special_needs_confirmation": (
                no_unit
                if rules.auto_absorb_special
                else units["special_type"].notna() & ~units.index.isin(list(context.confirmed))
            ),
            "owner_unwilling": (
                units["merge_willingness"].eq("no").fillna(False).astype(bool)
                & ~units.index.isin(list(context.overridden))
                if rules.exclude_unwilling
                else no_unit
            ),
            "anchor_ineligible": context.professional & ~(self.may_lead if leads else self.is_eligible) & by_targets,
            "already_well_managed": context.professional & (by_targets and not leads),
            "not_a_target": (~self.wanted & ~lead_or_professional & self.age_known & by_targets),
            "data_missing": self.lacks_figures | (~self.age_known & ~lead_or_professional & ~self.wanted & by_targets),
        }
        out = context.plan.locked_out()
        conditions["locked_out"] = pd.Series(units.index.isin(list(out)), index=units.index)
        return {reason: holds.astype(bool) for reason, holds in conditions.items()}

    @cached_property
    def takes_part(self) -> pd.Series:
        """Units for which no reason to be out of scope holds: targets, those that may lead, and other members."""
        out = pd.concat(list(self.true_of.values()), axis=1).any(axis=1)
        return ~out & (self.wanted | self.may_lead | self._may_be_member)

    @property
    def _may_be_member(self) -> bool:
        """Whether units that are neither targets nor anchors are planned, too."""
        return self.has_leaders_inside and self.context.plan.rules.managed_members

    @cached_property
    def targets_before_locks(self) -> pd.Series:
        """Units that ask for an area and may not lead; those that a lock keeps out are among them."""
        held = [holds for reason, holds in self.true_of.items() if reason != "locked_out"]
        return ~pd.concat(held, axis=1).any(axis=1) & self.asks_area & ~self.may_lead

    @cached_property
    def leads(self) -> pd.Series:
        """Units that take part and may lead."""
        return self.takes_part & self.may_lead

    @cached_property
    def asks_area(self) -> pd.Series:
        """Units that ask for an area if they take part: those wanted, and no anchors but in mode "area"."""
        is_in_all = self.has_leaders_inside and self.context.plan.rules.scope == "all"
        return self.wanted if is_in_all else self.wanted & ~self.may_lead

    @cached_property
    def targets(self) -> pd.Series:
        """Units that ask for an area."""
        return self.takes_part & self.asks_area

    @cached_property
    def asks_leader(self) -> pd.Series:
        """Units that ask for a leader inside their area: the targets of R01."""
        return self.takes_part & self.context.target & ~self.may_lead

    @cached_property
    def _may_be_idle(self) -> pd.Series:
        """Units that take part and need not be in an area."""
        return self.takes_part & ~self.asks_area

    def out_holds(self, reason: str, unit: str) -> bool:
        """Whether a reason to be out of scope is true of a unit.

        "anchor_unused" of any that may lead, "member_unused" of any other that asks for no area.

        Parameters
        ----------
        reason
            Its key.
        unit
            Id of the unit.
        """
        if reason == "anchor_unused":
            return bool(self.leads[unit] and self._may_be_idle[unit])
        if reason == "member_unused":
            return bool(self.has_leaders_inside and self._may_be_idle[unit] and not self.leads[unit])
        return reason in self.true_of and bool(self.true_of[reason][unit])
