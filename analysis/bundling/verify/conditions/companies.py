"""What each company takes on in the whole city, against what it manages already (R15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pandas as pd

from analysis.bundling.model.violations import Violation
from analysis.bundling.verify.base.context import CheckContext, make_violation
from analysis.bundling.verify.base.schema import AreaPart
from geo.messages import load_catalogue

say = load_catalogue(__file__)


def check_companies(context: CheckContext) -> Iterator[Violation]:
    """R15: over all its areas no company takes in more than its share of what it manages.

    Companies whose managed area neither their own figure nor the units they serve tell are held to
    nothing; floor area that is missing is reported under R13.
    """
    rules = context.plan.rules
    if rules.company_growth is None:
        return
    serves = companies_of_units(context)
    led: dict[str, list[tuple[AreaPart, list[str]]]] = defaultdict(list)
    for area, anchor, absorbed in context.leading:
        company = serves.get(anchor)
        if isinstance(company, str):
            led[company].append((area, absorbed))
    for company, groups in sorted(led.items()):
        managed = managed_m2(context, company, serves)
        areas = list({area.area_id: area for area, _ in groups}.values())
        units = [unit for _, absorbed in groups for unit in absorbed]
        taken, _ = context.total(units, "floor_area_m2")
        if managed is None:
            continue
        limit = rules.company_growth * rules.company_years * managed
        if taken > limit + 1e-6 * max(1.0, limit):
            name = _name(context, company)
            numbers = ", ".join(area.area_id for area in areas)
            yield make_violation(
                "R15",
                say(
                    "R15.too_much", name=name, n=len(areas), numbers=numbers, taken=taken, limit=limit, managed=managed
                ),
                units=units,
                value=taken,
                limit=limit,
            )


def companies_of_units(context: CheckContext) -> dict[str | None, str]:
    """Company of each unit by id: the unit's own, else that of its contract which ends last."""
    found: dict[str | None, str] = {}
    if context.dataset.has("contracts"):
        contracts = context.dataset.layer("contracts").dropna(subset=["unit_id", "end_date"])
        ordered = contracts.sort_values(["unit_id", "end_date", "contract_id"])
        for unit, company in zip(ordered["unit_id"], ordered["company_id"], strict=True):
            if pd.isna(company):
                found.pop(str(unit), None)
            else:
                found[str(unit)] = str(company)
    own = context.units["company_id"].dropna()
    found.update(zip(own.index.astype(str), own.astype(str), strict=True))
    return found


def managed_m2(context: CheckContext, company: str, serves: dict[str | None, str]) -> float | None:
    """What a company manages: its own figure, else all units it serves if all are known.

    Parameters
    ----------
    context
        The plan and its tables.
    company
        Id of the company.
    serves
        Company of each unit by its id (`companies_of_units`).
    """
    layer = context.companies
    own = layer.loc[layer["company_id"] == company, "managed_area_m2"]
    if len(own) and pd.notna(own.iloc[0]):
        return float(own.iloc[0])
    units = [unit for unit, by in serves.items() if by == company and unit in context.position]
    total, n_known = context.total([str(unit) for unit in units], "floor_area_m2")
    return total if n_known == len(units) else None


def _name(context: CheckContext, company: str) -> str:
    layer = context.companies
    names = layer.loc[layer["company_id"] == company, "name"].dropna()
    return f"{names.iloc[0]} ({company})" if len(names) else company
