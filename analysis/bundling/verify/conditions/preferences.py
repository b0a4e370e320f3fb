"""Households led against what is preferred of an anchor, rule by rule (R12, R14, R16)."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

from analysis.bundling.verify.base.context import CheckContext
from analysis.bundling.verify.conditions.companies import companies_of_units

_RATINGS = ("AAA", "AA", "A", "B", "C")


def households_against(context: CheckContext) -> dict[str, float]:
    """Level names with the households whose anchor does not meet a preference; all of them as a sum.

    A preference that cannot be known (no year, no company, no rating) is not met.
    """
    serves = companies_of_units(context)
    companies_near: dict[str, set[str]] = defaultdict(set)
    edges = context.dataset.layer("edges")
    joined = edges.loc[edges["allowed"].astype(bool), ["unit_a", "unit_b"]]
    for a, b in joined.itertuples(index=False):
        companies_near[a] |= {serves[b]} if b in serves else set()
        companies_near[b] |= {serves[a]} if a in serves else set()
    _add_service_points(context, companies_near)
    counts = dict.fromkeys(("r12", "r14", "r16"), 0.0)
    for _, anchor, absorbed in context.leading:
        company = serves.get(anchor)
        is_rated = _is_rated(context, company)
        for unit in absorbed:
            households, _ = context.total([unit], "households")
            counts["r12"] += 0 if is_rated else households
            counts["r14"] += 0 if _is_newer(context, anchor, unit) else households
            counts["r16"] += 0 if company is not None and company in companies_near[unit] else households
    by_rule = {f"households_against_{rule}": count for rule, count in counts.items()}
    return {"households_against": sum(counts.values()), **by_rule}


def _add_service_points(context: CheckContext, companies_near: dict[str, set[str]]) -> None:
    """R16: companies with a service point within the radius of an anchor from each unit."""
    points = context.dataset.layer("service_points").dropna(subset=["company_id"])
    found = context.units[["geometry"]].sjoin(
        points[["company_id", "geometry"]], predicate="dwithin", distance=context.plan.rules.radius_m
    )
    for unit, company in zip(found.index, found["company_id"], strict=True):
        companies_near[unit].add(company)


def _is_rated(context: CheckContext, company: str | None) -> bool:
    """R12: rated as good as preferred, or better."""
    layer = context.dataset.layer("companies")
    rating = layer.loc[layer["company_id"] == company, "credit_rating"]
    if company is None or rating.empty or rating.iloc[-1] not in _RATINGS:
        return False
    return _RATINGS.index(rating.iloc[-1]) <= _RATINGS.index(context.plan.rules.preferred_credit)


def _is_newer(context: CheckContext, anchor: str, unit: str) -> bool:
    """R14: built after the old ones or renewed, and by so many years newer than the unit."""
    rules = context.plan.rules
    earliest, latest = context.built_between
    built, other = earliest[anchor], latest[unit]
    if pd.isna(built) or pd.isna(other):
        return False
    is_new = built > rules.old_until_year or context.cell(anchor, "renewal_status") == "done"
    return bool(is_new and built - other >= rules.years_newer)
