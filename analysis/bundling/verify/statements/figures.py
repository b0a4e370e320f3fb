"""Everything else a plan tells: streets, companies, names, ways out, notes; recomputed, or said not to be."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

import numpy as np
import pandas as pd

from analysis.bundling.model.violations import Violation
from analysis.bundling.verify.base.context import make_violation
from analysis.bundling.verify.base.schema import AreaPart, OutsidePart
from analysis.bundling.verify.base.verification import Unchecked
from analysis.bundling.verify.conditions.companies import companies_of_units, managed_m2
from analysis.bundling.verify.conditions.connection import may_mix_streets
from analysis.bundling.verify.statements.leading import check_area_statements
from analysis.bundling.verify.statements.planned_units import PlannedUnits
from analysis.bundling.verify.statements.totals import household_metres_of_areas
from analysis.bundling.verify.statements.unled import check_unled
from geo.messages import Sentence, load_catalogue

say = load_catalogue(__file__)

KNOWN = {
    "schema",
    "planning_sha256",
    "policy_sha256",
    "rules",
    "locks",
    "permits",
    "seed",
    "mode",
    "status",
    "levels",
    "start_areas",
    "streets",
    "seconds",
    "work",
    "read_back",
    "areas",
    "companies",
    "notes",
    "left_over",
    "out_of_scope",
    "advice",
    "method",
    "violations",
    "certificate",
    "chosen",
}
"""Keys of PLAN.json that something here looks at."""
_WAYS = ("joint_tender", "platform", "custody")


def check_figures(planned: PlannedUnits) -> tuple[list[Violation], list[Unchecked]]:
    """Streets, companies, areas' streets and names, ways out of islands, permits, notes, advice."""
    violations, unchecked = list[Violation](), list[Unchecked]()
    extra = planned.context.plan.model_extra or {}
    for found in (
        _check_streets(planned, extra.get("streets")),
        _check_companies(planned, extra.get("companies")),
        _check_areas(planned),
        check_area_statements(planned.context),
        check_unled(planned),
        _check_fallbacks(planned),
        _check_others(planned, extra),
    ):
        for one in found:
            if isinstance(one, Unchecked):
                unchecked.append(one)
            else:
                violations.append(one)
    return violations, unchecked


def _check_figure(where: str, name: Sentence, stated: Any, found: Any, units: tuple[str, ...] = ()) -> Violation:
    return make_violation(
        "figures",
        say("figures.differs", name=name, where=where, stated=stated, found=found),
        units=units,
        value=stated if _is_number(stated) else None,
        limit=found if _is_number(found) else None,
    )


def _is_number(value: Any) -> TypeGuard[float]:
    is_one = isinstance(value, int | float) and not isinstance(value, bool)
    return is_one and math.isfinite(value)


# --- streets ------------------------------------------------------------------------------------


def _check_streets(planned: PlannedUnits, rows: Any) -> Iterator[Violation | Unchecked]:
    """Households left over and not led, and household-metres, of each street."""
    if rows is None or (rows == [] and not planned.context.plan.areas):  # older plans; nothing to say
        return
    if rows == []:  # the best of a run that ended before its bounds
        yield Unchecked("streets", (), *say("unchecked.no_streets"))
        return
    if not isinstance(rows, list | tuple) or not all(_is_street(row) for row in rows):
        yield make_violation("figures", say("figures.malformed_streets"))
        return
    names = ("left_over_households", "unled_households", "household_metres")
    stated: dict[tuple[str, ...], dict[str, float]] = defaultdict(lambda: dict.fromkeys(names, 0.0))
    for row in rows:
        for name in names:
            stated[tuple(sorted(map(str, row["street_codes"])))][name] += row.get(name, 0)
    bounds = ("left_over_bound", "unled_bound", "metres_bound")
    if not all(_is_bound(row.get(name)) for row in rows for name in bounds):
        yield make_violation("figures", say("figures.malformed_bound"))
    for row in rows:
        yield from _street_bounds(row)
    found = _sums_by_street(planned)
    street = planned.units["street_code"]
    is_clear = street.notna().all() and not planned.permitted.units
    if not is_clear:
        yield Unchecked("streets", (), *say("unchecked.streets"))
        stated = {(): {name: sum(row[name] for row in stated.values()) for name in names}}
        found = {(): {name: sum(row[name] for row in found.values()) for name in names}}
    else:
        found = _sum_streets(found, list(stated))
    for codes in sorted({*stated, *found}):
        one, other = stated.get(codes), found.get(codes)
        where = "+".join(codes) or "合计 in all"
        if one is None or other is None:
            yield _check_figure(where, say("figure.street"), "有" if one else "无", "有" if other else "无")
            continue
        for name in names:
            tolerance = 0.5 if name != "household_metres" else 1e-4 * max(1.0, other[name])
            if abs(one[name] - other[name]) > tolerance:
                yield _check_figure(where, say("figure.of_street", name=name), one[name], other[name])


def _is_street(row: Any) -> bool:
    return (
        isinstance(row, Mapping)
        and isinstance(row.get("street_codes"), list | tuple)
        and _is_number(row.get("left_over_households"))
        and _is_number(row.get("household_metres"))
        and _is_number(row.get("unled_households", 0))
    )


def _is_bound(value: Any) -> bool:
    return value is None or _is_number(value)


def _street_bounds(row: Mapping[str, Any]) -> Iterator[Violation]:
    where = "+".join(map(str, row["street_codes"]))
    for bound, name in (
        ("left_over_bound", "left_over_households"),
        ("unled_bound", "unled_households"),
        ("metres_bound", "household_metres"),
    ):
        stated, value = row.get(bound), row.get(name, 0)
        if _is_number(stated) and not 0 <= stated <= value + 1e-6 * max(1.0, value):
            yield make_violation(
                "figures",
                say("figures.impossible_bound", where=where, bound=bound, stated=stated, value=value),
                value=stated,
                limit=value,
            )


def _sums_by_street(planned: PlannedUnits) -> dict[tuple[str, ...], dict[str, float]]:
    """The same figures from the tables, by the code of each unit, or of an area's first unit."""
    street = planned.units["street_code"].fillna("").astype(str).tolist()
    plan = planned.context.plan
    found: dict[tuple[str, ...], dict[str, float]] = {}
    led = planned.context.leaders

    def row(code: str) -> dict[str, float]:
        names = ("left_over_households", "unled_households", "household_metres")
        return found.setdefault((code,), dict.fromkeys(names, 0.0))

    for i in range(planned.n):
        own = row(street[i])
        k = int(planned.area_of[i])
        if planned.asks_leader[i] and plan.has_leaders_inside and k >= 0 and planned.ids[i] not in led:
            own["unled_households"] += float(planned.households[i])
        if not planned.targets[i]:
            continue
        if k < 0:
            own["left_over_households"] += float(planned.households[i])
        elif plan.mode == "mixed" and plan.areas[k].anchor_unit_id is None:
            own["unled_households"] += float(planned.households[i])
    for area, metres in zip(plan.areas, household_metres_of_areas(planned.context), strict=True):
        first = next((planned.place[i] for i in area.unit_ids if i in planned.place), None)
        if first is not None:
            row(street[first])["household_metres"] += metres
    return found


def _sum_streets(
    found: Mapping[tuple[str, ...], Mapping[str, float]], rows: list[tuple[str, ...]]
) -> dict[tuple[str, ...], dict[str, float]]:
    """Figures added up over the streets that rows name together."""
    of = {code: codes for codes in rows for code in codes}
    total: dict[tuple[str, ...], dict[str, float]] = {}
    for (code,), figures in found.items():
        row = total.setdefault(of.get(code, (code,)), dict.fromkeys(figures, 0.0))
        for name, value in figures.items():
            row[name] += value
    return total


# --- companies ----------------------------------------------------------------------------------


def _check_companies(planned: PlannedUnits, rows: Any) -> Iterator[Violation]:
    """What each company that leads manages, may take on, and takes on (R15)."""
    if rows is None:
        return
    if not isinstance(rows, list | tuple) or not all(isinstance(row, Mapping) for row in rows):
        yield make_violation("figures", say("figures.malformed_companies"))
        return
    context, rules = planned.context, planned.context.plan.rules
    serves = companies_of_units(context)
    taken: dict[str, float] = defaultdict(float)
    units: dict[str, int] = defaultdict(int)
    for _, anchor, absorbed in context.leading:
        company = serves.get(anchor)
        if not isinstance(company, str):
            continue
        floor = context.figure(absorbed, "floor_area_m2")
        taken[company] += float(np.nansum(np.ceil(floor)))
        units[company] += len(floor)
    stated = {str(row.get("company_id")): row for row in rows}
    table = context.dataset.layer("companies").drop_duplicates("company_id").set_index("company_id")
    expected = {
        company
        for company, m2 in taken.items()
        if m2 > 0 and rules.company_growth is not None and managed_m2(context, company, serves) is not None
    }
    for company in sorted(expected ^ set(stated)):
        yield _check_figure(company, say("figure.company_row"), company in stated, company in expected)
    for company in sorted(expected & set(stated)):
        row, managed = stated[company], managed_m2(context, company, serves) or 0.0
        own = table["managed_area_m2"].get(company)
        most = math.floor((rules.company_growth or 0.0) * rules.company_years * managed + 1e-6)
        for name, value, tolerance in (
            ("managed_m2", round(managed, 1), 0.51),
            ("most_m2", most, 1.0),
            ("taken_m2", taken[company], 0.5),
        ):
            given = row.get(name)
            if not _is_number(given) or abs(given - value) > tolerance:
                yield _check_figure(company, say("figure.company", name=name), given, value)
        source = "companies" if pd.notna(own) else "units"
        if row.get("managed_from") != source:
            yield _check_figure(company, say("figure.managed_from"), row.get("managed_from"), source)


# --- areas --------------------------------------------------------------------------------------


def _check_areas(planned: PlannedUnits) -> Iterator[Violation | Unchecked]:
    """The street of each area, and whether its name and id are those its street and anchor give it."""
    context = planned.context
    streets = context.dataset.layer("streets")
    names = {str(c): str(n) for c, n in zip(streets["street_code"], streets["name"], strict=True)}
    street, called_by = context.units["street_code"].to_dict(), context.units["name"].to_dict()
    odd: list[AreaPart] = []
    for area in context.plan.areas:
        found = (street[unit] for unit in context.members(area))
        codes = sorted({str(code) for code in found if pd.notna(code)})
        expected = codes[0] if len(codes) == 1 else None
        is_told = len(codes) > 1 and not may_mix_streets(context, area)  # R20 tells of it
        if area.street_code != expected and not is_told and (expected is None) != (area.street_code is None):
            yield make_violation(
                "figures",
                say("figures.stated_street", street_code=area.street_code, expected=expected),
                units=area.unit_ids,
                area=area,
            )
        anchor = area.anchor_unit_id
        if anchor is not None and anchor in context.units.index:
            called = str(called_by[anchor])
        else:
            called = names.get(expected or "", expected or "")
        is_named = not called or called.startswith("N-") or area.name.startswith(called)
        is_numbered = area.area_id.startswith(f"P-{expected or 0}-")
        if not is_named or not is_numbered:
            odd.append(area)
    if odd:
        some = ", ".join(f"{area.area_id} {area.name}" for area in odd[:5])
        yield Unchecked(
            "names",
            tuple(unit for area in odd for unit in area.unit_ids[:1]),
            *say("unchecked.names", n=len(odd), some=some),
        )


# --- islands ------------------------------------------------------------------------------------


def _check_fallbacks(planned: PlannedUnits) -> Iterator[Violation]:
    """R28: the ways out of each island are all there, with whom, where and until when."""
    context = planned.context
    rows = [row for row in context.plan.left_over if row.unit_id in context.units.index]
    if all(row.fallback is None for row in rows):
        return
    is_led = context.plan.mode != "whole"
    islands = [row for row in rows if is_led and context.cell(row.unit_id, "kind") == "single_building"]
    street = {row.unit_id: context.cell(row.unit_id, "street_code") for row in islands}
    for row in rows:
        if row.unit_id not in street:
            if row.fallback is not None:
                yield _fallback_violation(planned, row, say("fallback.no_island"))
            continue
        own = street[row.unit_id]
        partners = sorted(
            unit for unit, code in street.items() if unit != row.unit_id and code == own and pd.notna(own)
        )
        ways = {way.kind: way for way in row.fallback or ()}
        wanted = [kind for kind in _WAYS if kind != "joint_tender" or partners]
        if [way.kind for way in row.fallback or ()] != wanted:
            yield _fallback_violation(planned, row, say("fallback.order", wanted=wanted))
        elif partners and sorted(ways["joint_tender"].with_unit_ids) != partners:
            yield _fallback_violation(planned, row, say("fallback.partners"))
        elif (ways["platform"].model_extra or {}).get("street_code") != (own if pd.notna(own) else None):
            yield _fallback_violation(planned, row, say("fallback.street", own=own))
        elif (until := (ways["custody"].model_extra or {}).get("until")) != _custody_end(planned):
            yield _fallback_violation(planned, row, say("fallback.date", date=_custody_end(planned), until=until))


def _custody_end(planned: PlannedUnits) -> str | None:
    date = planned.context.dataset.manifest.data_date
    if date is None:
        return None
    months = planned.context.plan.rules.custody_months
    return (pd.Timestamp(date) + pd.DateOffset(months=months)).date().isoformat()


def _fallback_violation(planned: PlannedUnits, row: OutsidePart, fault: Sentence) -> Violation:
    named = planned.context.named(row.unit_id)
    return make_violation("R28", say("R28.fallback", named=named, fault=fault), units=[row.unit_id])


# --- permits, notes, advice, anything else -------------------------------------------------------


def _check_others(planned: PlannedUnits, extra: Mapping[str, Any]) -> Iterator[Violation | Unchecked]:
    plan = planned.context.plan
    n_unknown = _management_unknown(planned)
    for note in plan.notes:
        text = str((note.model_extra or {}).get("zh", ""))
        if note.rule == "plan.management_unknown" and not text.startswith(f"{n_unknown} "):
            yield _check_figure("notes", say("figure.no_mode"), text, n_unknown)
    if plan.start_areas is not None:
        yield Unchecked("start_areas", (), *say("unchecked.start_areas"))
    unknown = sorted({*extra} - KNOWN)
    if unknown:
        yield Unchecked("keys", (), *say("unchecked.keys", unknown=", ".join(unknown)))


def _management_unknown(planned: PlannedUnits) -> int:
    """Units planned as not professional because nobody knows; those locked out counted in."""
    mode = planned.context.units["management_mode"]
    unknown = mode.isna() | mode.eq("unknown").fillna(False).astype(bool)
    return int((unknown & planned.roles.targets_before_locks).sum())
