"""Neighbours that a plan does not decide about, by name: which rule keeps each out, and the figure it goes by."""

from __future__ import annotations

import pandas as pd

from analysis.bundling.document.reasons import REASONS
from analysis.bundling.document.wording import Wording
from analysis.bundling.model.eligibility import CREDIT_BEST_FIRST, company_of, find_last_contracts
from geo.messages import Sentence, load_catalogue

say = load_catalogue(__file__)

SHOWN = 6
"""Neighbours that are named; of more the number is given."""


def describe_unplanned_neighbours(wording: Wording, unit_id: str) -> list[Sentence]:
    """One sentence for each neighbour of a unit that is out of scope: its name, the rule, the figure.

    Parameters
    ----------
    wording
        Of the plan.
    unit_id
        Any unit of the dataset.
    """
    opened = wording.opened
    pairs = opened.graph.pairs
    is_a, is_b = pairs["unit_a"].eq(unit_id), pairs["unit_b"].eq(unit_id)
    rows = pairs[(is_a | is_b) & pairs["allowed"].astype(bool)]
    others = rows["unit_b"].where(rows["unit_a"].eq(unit_id), rows["unit_a"]).astype(str)
    table = opened.problem.out_of_scope
    reasons = dict(zip(table["unit_id"].astype(str), table["reason"].astype(str), strict=True))
    named = [other for other in sorted(set(others)) if other in reasons]
    found = [
        say("neighbour.named", unit=wording.unit_id(other), why=describe_exclusion(wording, other, reasons[other]))
        for other in named[:SHOWN]
    ]
    return [*found, say("neighbour.more", n=len(named) - SHOWN)] if len(named) > SHOWN else found


def describe_exclusion(wording: Wording, unit_id: str, reason: str) -> Sentence:
    """Why a unit is out of scope, with the figure where there is one.

    Parameters
    ----------
    wording
        Of the plan.
    unit_id
        A unit that is out of scope.
    reason
        Key of `REASONS`.
    """
    row = wording.opened.tables.by_id.loc[unit_id]
    if reason == "special_needs_confirmation":
        return say("neighbour.special", kind=say.get(f"special.{row['special_type']}", str(row["special_type"])))
    if reason == "owner_unwilling":
        return say("neighbour.unwilling")
    if reason == "anchor_ineligible":
        found = _describe_ineligible(wording, unit_id)
        if found:
            return Sentence.join(found, (", ", ", "))
    return Sentence(REASONS[reason].zh.rstrip("。"), REASONS[reason].en.rstrip("."))


def _describe_ineligible(wording: Wording, unit_id: str) -> list[Sentence]:
    """Which of R10-R12 keep a managed community from leading."""
    opened = wording.opened
    rules, dataset = opened.problem.rules, opened.dataset
    units = opened.tables.units
    unit = units[units["unit_id"].astype(str) == unit_id]
    contracts = dataset.layer("contracts") if dataset.has("contracts") else None
    found = []
    if contracts is not None:
        last = find_last_contracts(contracts)["end_date"]
        end = pd.to_datetime(last.reindex([unit_id]), errors="coerce").iloc[0]
        if pd.isna(end):
            found.append(say("neighbour.no_contract"))
        elif dataset.manifest.data_date is not None:
            date = pd.Timestamp(dataset.manifest.data_date)
            months = (end.year - date.year) * 12 + end.month - date.month - (end.day < date.day)
            if end < date:
                found.append(say("neighbour.contract_over", end=f"{end:%Y-%m-%d}"))
            elif months < rules.min_contract_months:
                found.append(say("neighbour.contract", months=months, least=rules.min_contract_months))
    company = company_of(unit, contracts).iloc[0]
    companies = dataset.layer("companies").drop_duplicates("company_id").set_index("company_id")
    if pd.isna(company) or company not in companies.index:
        return found
    row = companies.loc[company]
    if not pd.isna(row["blacklisted"]) and bool(row["blacklisted"]):
        found.append(
            say("neighbour.blacklisted", company=wording.opened.tables.company_names.get(str(company), company))
        )
    rating = row["credit_rating"]
    is_rated = not pd.isna(rating) and rating in CREDIT_BEST_FIRST
    least = rules.min_credit_rating
    if is_rated and CREDIT_BEST_FIRST.index(rating) > CREDIT_BEST_FIRST.index(least):
        found.append(say("neighbour.credit", rating=rating, least=least))
    return found
