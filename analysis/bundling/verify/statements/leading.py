"""Mode "area": households nobody leads, areas outside the preferred windows, operators; recomputed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from analysis.bundling.model.violations import Violation
from analysis.bundling.verify.base.context import CheckContext, make_violation
from analysis.bundling.verify.base.schema import AreaPart
from analysis.bundling.verify.conditions.companies import companies_of_units
from analysis.bundling.verify.conditions.membership import find_oversize, read_weights
from analysis.bundling.verify.conditions.roles import UnitRoles
from geo.messages import load_catalogue

say = load_catalogue(__file__)

SPARE_M2 = 1e-3
"""By how much sums of floor area may differ by the order they are added up in."""


def find_unled(context: CheckContext) -> list[str]:
    """Targets that are in an area and that nobody leads, ascending.

    Parameters
    ----------
    context
        The plan and its tables.
    """
    asks, leader_of = UnitRoles(context).asks_leader, context.leaders
    inside = {unit for area in context.plan.areas for unit in context.members(area)}
    return sorted(unit for unit in inside if asks[unit] and unit not in leader_of)


def levels_of_leading(context: CheckContext) -> dict[str, float | None]:
    """The levels that every plan of mode "area" has besides those of all modes.

    Parameters
    ----------
    context
        The plan and its tables.
    """
    asks, leader_of = UnitRoles(context).asks_leader, context.leaders
    not_led = [str(unit) for unit in asks.index[asks] if unit not in leader_of]
    return {
        "unled_households": context.total(find_unled(context), "households")[0],
        "not_led_households": context.total(not_led, "households")[0],
        "areas_outside_preferred": sum(bool(_windows_missed(context, area)) for area in context.plan.areas),
        "areas": len(context.plan.areas),
    }


def households_led_by_old(context: CheckContext) -> float:
    """Households led by anchors that are old themselves (R02).

    Parameters
    ----------
    context
        The plan and its tables.
    """
    by_old = [unit for unit, leader in context.leaders.items() if context.old[leader]]
    return context.total(by_old, "households")[0]


def _windows_missed(context: CheckContext, area: AreaPart) -> set[str]:
    """Weights by which an area is outside the preferred window of its size."""
    rules, members = context.plan.rules, context.members(area)
    windows = {"members": rules.preferred_members, "floor_area": rules.preferred_floor_area_m2}
    totals = {weight: float(np.nansum(read_weights(context, members, weight)[0])) for weight in windows}
    return {
        weight for weight, (least, most) in windows.items() if not least - SPARE_M2 <= totals[weight] <= most + SPARE_M2
    }


def check_area_statements(context: CheckContext) -> Iterator[Violation]:
    """Operator, companies, units above the most, and windows missed, as each area tells them.

    Parameters
    ----------
    context
        The plan and its tables.
    """
    if not context.plan.has_leaders_inside:
        return
    serves = companies_of_units(context)
    for area in context.plan.areas:
        members = context.members(area)
        companies = sorted({serves[unit] for unit in members if unit in serves})
        if list(area.company_ids) != companies:
            yield _differs(area, "company_ids", area.company_ids, companies)
        operators = _find_operators(context, members, serves)
        if area.operator not in operators:
            yield _differs(area, "operator", area.operator, operators[0])
        surely, maybe = (find_oversize(context, members, surely=surely) for surely in (True, False))
        oversize = set(area.oversize_unit_ids)
        if not surely <= oversize <= maybe:
            yield _differs(area, "oversize_unit_ids", sorted(oversize), sorted(surely))
        missed = _windows_missed(context, area)
        if set(area.outside_preferred) != missed:
            yield _differs(area, "outside_preferred", sorted(area.outside_preferred), sorted(missed))


def _find_operators(context: CheckContext, members: list[str], serves: dict[str | None, str]) -> list[str | None]:
    """The company with the most floor area inside, the smallest id of equals; all that rounding leaves open."""
    floor: dict[str, float] = defaultdict(float)
    spare: dict[str, float] = defaultdict(float)
    figures, rounding = read_weights(context, members, "floor_area")
    for unit, figure in zip(members, figures, strict=True):
        if unit in serves:
            floor[serves[unit]] += float(np.nan_to_num(figure))
            spare[serves[unit]] += 0.0 if float(np.nan_to_num(figure)).is_integer() else rounding
    if not floor:
        return [None]
    most = max(floor.values())
    first = min(company for company, m2 in floor.items() if m2 == most)
    open_ones = {c for c, m2 in floor.items() if m2 < most and m2 + spare[c] + spare[first] >= most}
    open_ones |= {c for c, m2 in floor.items() if m2 == most and spare[c] + spare[first] > 0}
    return [first, *sorted(open_ones - {first})]


def _differs(area: AreaPart, name: str, stated: object, found: object) -> Violation:
    sentence = say(
        "figures.of_area", figure=say(f"figure.{name}"), name=name, stated=_shown(stated), found=_shown(found)
    )
    return make_violation("figures", sentence, units=area.unit_ids, area=area)


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) or "–" if isinstance(value, list | tuple) else str(value)
