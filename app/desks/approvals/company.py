"""What a company is shown: its own areas in plans the public has seen, and nothing of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.i18n import Words
from app.session.plan_session import PlanSession
from app.workbench.formats import format_count, to_plain


@dataclass(frozen=True)
class CompanyPlan:
    """The areas of one company in one plan.

    Parameters
    ----------
    name, stage
        Of the plan.
    areas
        Each: its name, a line of figures, and its members by name, households and floor area.
    """

    name: str
    stage: str
    areas: tuple[tuple[str, str, tuple[tuple[str, str, str], ...]], ...]


def list_company_plans(session: PlanSession, company: str, words: Words) -> list[CompanyPlan]:
    """The areas a company is to run, plan by plan; plans without one are left out, their names too.

    Parameters
    ----------
    session
        The dataset and the plans, as the company sees them.
    company
        Its id.
    words
        Texts in the reader's language.
    """
    data = session.data  # of the units alone
    units: Mapping[str, Any] = {}
    if data is not None:
        units = data.bench.units.set_index("unit_id")[["name", "households", "floor_area_m2", "company_id"]].to_dict(
            "index"
        )
    found = []
    for plan in session.store.plans():
        areas = session.store.document(plan.newest.id)["areas"]
        own = [area for area in areas if _operator(area, units) == company]
        if own:
            stage = words(f"approval.{plan.newest.stage}")
            found.append(CompanyPlan(plan.name, stage, tuple(_area(area, units, words) for area in own)))
    return found


def _operator(area: Mapping[str, Any], units: Mapping[str, Any]) -> Any:
    """The company that is to run an area: the one the plan names, else that of its anchor."""
    return area.get("operator") or units.get(area.get("anchor_unit_id") or "", {}).get("company_id")


def _area(
    area: Mapping[str, Any], units: Mapping[str, Any], words: Words
) -> tuple[str, str, tuple[tuple[str, str, str], ...]]:
    figures = words(
        "company.figures",
        n=len(area["unit_ids"]),
        households=format_count(area["households"]),
        floor_area=format_count(area["floor_area_m2"]),
    )
    rows = tuple(_member(units.get(unit, {}), unit, words) for unit in area["unit_ids"])
    return str(area.get("name") or area["area_id"]), figures, rows


def _member(unit: Mapping[str, Any], unit_id: str, words: Words) -> tuple[str, str, str]:
    def count(value: Any) -> str:
        plain = to_plain(value)
        return words("office.unknown") if plain is None else format_count(plain)

    return str(unit.get("name", unit_id)), count(unit.get("households")), count(unit.get("floor_area_m2"))
