"""What a company is shown: its own areas in plans the public has seen, and nothing of others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from app.drawings.frames import frame_picture, surround
from app.drawings.plan_map import draw_own_map
from app.i18n import Words
from app.session.plan_session import PlanSession
from app.workbench.formats import format_count, to_plain
from app.workbench.workbench import Workbench

_WIDTH, _HEIGHT, _TEXT, _LEAST = 520.0, 360.0, 15.5, 12.1
"""A unit is about a pixel; nothing is written below 12 of them."""
_ROOM_M, _SHARE = 250.0, 0.15
"""Ground shown around an area."""


@dataclass(frozen=True)
class CompanyArea:
    """An area that a company is to run.

    Parameters
    ----------
    name, figures
        What it is called, and a line of figures.
    members
        Each: its number on the drawing, name, households and floor area, and whether it leads the others.
    drawing
        Its members alone, on the ground they stand on; None where none of them is on the map, or one is no
        longer among the data.
    """

    name: str
    figures: str
    members: tuple[tuple[int, str, str, str, bool], ...]
    drawing: Markup | None


@dataclass(frozen=True)
class CompanyPlan:
    """The areas of one company in one plan.

    Parameters
    ----------
    name, stage
        Of the plan.
    areas
        See `CompanyArea`.
    """

    name: str
    stage: str
    areas: tuple[CompanyArea, ...]


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
    bench = None if data is None else data.bench
    units: Mapping[str, Any] = {}
    if bench is not None:
        units = bench.units.set_index("unit_id")[["name", "households", "floor_area_m2", "company_id"]].to_dict("index")
    found = []
    for plan in session.store.plans():
        areas = session.store.document(plan.newest.id)["areas"]
        own = [area for area in areas if _operator(area, units) == company]
        if own:
            stage = words(f"approval.{plan.newest.stage}")
            shown = tuple(_area(area, units, bench, words) for area in own)
            found.append(CompanyPlan(plan.name, stage, shown))
    return found


def _operator(area: Mapping[str, Any], units: Mapping[str, Any]) -> Any:
    """The company that is to run an area: the one the plan names, else that of its anchor."""
    return area.get("operator") or units.get(area.get("anchor_unit_id") or "", {}).get("company_id")


def _area(area: Mapping[str, Any], units: Mapping[str, Any], bench: Workbench | None, words: Words) -> CompanyArea:
    figures = words(
        "company.figures",
        n=len(area["unit_ids"]),
        households=format_count(area["households"]),
        floor_area=format_count(area["floor_area_m2"]),
    )
    leaders = {area.get("anchor_unit_id"), *area.get("anchor_unit_ids", ())}
    rows = tuple(
        (number, *_member(units.get(unit, {}), unit, words), unit in leaders)
        for number, unit in enumerate(area["unit_ids"], 1)
    )
    name = str(area.get("name") or area["area_id"])
    return CompanyArea(
        name, figures, rows, None if bench is None else _draw(bench, area["unit_ids"], leaders, name, words)
    )


def _draw(
    bench: Workbench, unit_ids: Sequence[str], leaders: Collection[str | None], name: str, words: Words
) -> Markup | None:
    position_of = {unit: position for position, unit in enumerate(bench.units["unit_id"])}
    members = [position_of[unit] for unit in unit_ids if unit in position_of]
    if len(members) < len(unit_ids) or bench.units.geometry.iloc[members].isna().all():
        return None  # the data are others by now: the drawing would lack a number of the table
    frame = frame_picture(surround(bench, members, _ROOM_M, _SHARE), _WIDTH, _HEIGHT, _TEXT, _LEAST)
    leading = {position_of[unit] for unit in unit_ids if unit in leaders}
    return draw_own_map(bench, members, leading, frame, words("company.map", name=name), words).svg


def _member(unit: Mapping[str, Any], unit_id: str, words: Words) -> tuple[str, str, str]:
    def count(value: Any) -> str:
        plain = to_plain(value)
        return words("office.unknown") if plain is None else format_count(plain)

    return str(unit.get("name", unit_id)), count(unit.get("households")), count(unit.get("floor_area_m2"))
