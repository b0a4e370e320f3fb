"""The `levels` and `streets` of a plan document: values of a plan with the bounds that hold for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.bundling.evaluation.boundary_length import measure_boundary
from analysis.bundling.evaluation.objective_values import (
    households_against_by_rule,
    measure_objectives,
    staffing_bound,
    walking_with_area_price,
)
from analysis.bundling.evaluation.score import score, score_by_jurisdiction, unanchored_by_jurisdiction
from analysis.bundling.model.objectives import LEVEL_OF, objectives_of
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.preferences import PREFERENCES
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.score import Score
from analysis.bundling.solve.certificate import METRES_METHOD
from analysis.bundling.solve.result import Result

LevelBounds = Mapping[str, tuple[int | None, str | None]]
"""Bound of a level and how it was found, by the level's name; (None, None) where nothing is claimed."""


def levels_of_plan(problem: Problem, plan: Plan, edges: pd.DataFrame, bounds: LevelBounds) -> list[dict[str, Any]]:
    """Levels in the order in which they count, each with its bound; then those of further objectives.

    Parameters
    ----------
    problem, plan
        What was asked and what was decided.
    edges
        The layer, with the metres along which neighbours face each other.
    bounds
        Of the levels that every plan has.
    """
    rows = [_level(name, value, *bounds.get(name, (None, None))) for name, value in _values(problem, plan).items()]
    return [*rows, *objective_levels(problem, plan, edges)]


def bounds_of_result(problem: Problem, result: Result) -> LevelBounds:
    """The bounds proven with a plan.

    Where areas have a price, walking alone is no level that a plan is best by: next to a plan proven best
    no bound of it is written.

    Parameters
    ----------
    problem, result
        What was asked and what was found.
    """
    bound = result.bound
    is_open = bound.household_metres != result.score.household_metres
    metres = None if result.status == "optimal" and is_open else bound.household_metres
    found = {
        "left_over_households": (bound.left_over_households, bound.left_over_method),
        "unled_households": (bound.unled_households, "anchor_capacity"),
        "household_metres": (metres, bound.metres_method),
        "walks_and_areas": (bound.walks_and_areas, METRES_METHOD[problem.rules.mode]),
    }
    if problem.rules.mode == "area":
        found["unled_households"] = (bound.unled_households, "leader_assignment_mip")
        found["not_led_households"] = (bound.not_led_households, "leader_assignment_mip")
        outside = bound.areas_outside_preferred or 0
        found["areas_outside_preferred"] = (outside, "component_models" if outside else "counting_from_zero")
        found["areas"] = (bound.areas, "component_sizes")
    return {name: (least, None if least is None else how or None) for name, (least, how) in found.items()}


def bounds_that_hold(problem: Problem, plan: Plan, before: Sequence[Mapping[str, Any]]) -> LevelBounds:
    """Of the bounds of a document those that still hold for another plan of the same problem.

    Those of walks hold for plans that leave no more households over and lead no fewer.

    Parameters
    ----------
    problem, plan
        The plan as it is now.
    before
        The document's `levels`.
    """
    rows = {row["name"]: row for row in before if row.get("bound") is not None}
    if not rows:
        return {}
    rows = {row["name"]: row for row in before}
    bounds: dict[str, tuple[int | None, str | None]] = {}
    holds = True
    for name, value in _values(problem, plan).items():
        row = rows.get(name, {})
        bound = row.get("bound") if holds else None
        if bound is not None and bound <= value:
            bounds[name] = bound, row.get("method")
        if name in ("left_over_households", "unled_households"):  # those below hold for plans no worse in these
            holds = holds and value <= row.get("value", -1)
    return bounds


def streets_of_result(problem: Problem, result: Result, street_of: pd.Series) -> list[dict[str, Any]]:
    """Values and bounds of each street, or of streets that permits joined, by their codes.

    Parameters
    ----------
    problem, result
        What was asked and what was found.
    street_of
        Street code of each unit, by unit id.
    """
    bounds = {street.wall: street for street in result.bound.streets}
    rows = []
    for wall, values in _values_by_street(problem, result.plan, street_of):
        if wall in bounds:
            bound = {"left_over_bound": bounds[wall].least_left_over, "metres_bound": bounds[wall].least_metres}
            row = {**values, **bound}
            rows.append({key: row[key] for key in _STREET_KEYS if key in row})
    return rows


def revise_streets(
    problem: Problem, plan: Plan, street_of: pd.Series, before: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The `streets` of a document with the values of another plan; empty where their bounds are lost.

    A street's bound of metres holds where no more households are left over or in areas without an anchor.
    Bounds are of plans that keep the rules: one that a plan undercuts by breaking them is not stated of it.

    Parameters
    ----------
    problem, plan
        The plan as it is now.
    street_of
        Street code of each unit, by unit id.
    before
        The document's `streets`.
    """
    now = [values for _, values in _values_by_street(problem, plan, street_of)] if before else []
    if [row["street_codes"] for row in before] != [values["street_codes"] for values in now]:
        return []
    rows = []
    for row, values in zip(before, now, strict=True):
        least = row["metres_bound"]
        holds = least is not None and least <= values["household_metres"]
        counts = [name for name in ("left_over_households", "unled_households") if name in row]
        holds = holds and all(values[name] <= row[name] for name in counts)
        revised = {**row, **{name: value for name, value in values.items() if name in row}}
        if (row["left_over_bound"] or 0) > values["left_over_households"]:
            revised["left_over_bound"] = None
        rows.append({**revised, "metres_bound": least if holds else None})
    return rows


_STREET_KEYS = (
    "street_codes",
    "left_over_households",
    "left_over_bound",
    "household_metres",
    "metres_bound",
    "unled_households",
)


def _values(problem: Problem, plan: Plan) -> dict[str, int]:
    """Value of each level that every plan of this mode has, in the order in which they count."""
    value = score(problem, plan)
    values = {"left_over_households": value.left_over_households}
    if problem.rules.mode in ("mixed", "area"):
        values["unled_households"] = sum(unanchored_by_jurisdiction(problem, plan).values())
    if problem.rules.mode == "area":
        return {**values, **_values_with_leaders(problem, plan, value)}
    values["household_metres"] = value.household_metres
    priced = walking_with_area_price(problem, plan, value)
    return values if priced is None else {**values, "walks_and_areas": priced}


def _values_with_leaders(problem: Problem, plan: Plan, value: Score) -> dict[str, int]:
    """Levels of mode "area" after who is left over and who is unled."""
    asks = np.zeros(problem.n_units, dtype=bool) if problem.asks_leader is None else problem.asks_leader
    is_led = np.zeros(problem.n_units, dtype=bool) if plan.leader_of is None else plan.leader_of >= 0
    priced = walking_with_area_price(problem, plan, value)
    return {
        "not_led_households": int(problem.households[asks & ~is_led].sum()),
        "areas_outside_preferred": measure_objectives(problem, plan, ["window"])["window"],
        **({} if priced is None else {"walks_and_areas": priced}),
        "areas": plan.n_areas,
        "household_metres": value.household_metres,
    }


def _values_by_street(problem: Problem, plan: Plan, street_of: pd.Series) -> list[tuple[int, dict[str, Any]]]:
    """Label of each jurisdiction and its part of the levels, by street codes."""
    codes = street_of.reindex(problem.unit_ids)
    left, metres = score_by_jurisdiction(problem, plan)
    unled = unanchored_by_jurisdiction(problem, plan) if problem.rules.mode in ("mixed", "area") else None
    rows = [
        (
            wall,
            {
                "street_codes": sorted(codes[problem.jurisdiction == wall].dropna().unique().tolist()),
                "left_over_households": left[wall],
                "household_metres": metres[wall],
                **({} if unled is None else {"unled_households": unled[wall]}),
            },
        )
        for wall in left
    ]
    return sorted(rows, key=lambda row: row[1]["street_codes"])


def objective_levels(problem: Problem, plan: Plan, edges: pd.DataFrame) -> list[dict[str, Any]]:
    """A level for each objective named besides walking, with its bound where there is one.

    Compact outlines have two: pairs of neighbours parted, of all that the `edges` layer has among
    the units decided about, and the metres along which these face each other, where all are known;
    short ones have the metres. Preferences have one for all, and one for each soft rule.

    Parameters
    ----------
    problem, plan
        What was asked and what was decided.
    edges
        The layer, with the metres along which neighbours face each other.
    """
    is_area = problem.rules.mode == "area"
    if not problem.rules.objective and not is_area:
        return []
    always = ("walking", "window", "areas") if is_area else ("walking",)
    names = [name for name in objectives_of(problem.rules).names if name not in always]
    if problem.start_of is None:
        names = [name for name in names if name != "closeness"]
    rows = []
    for name, value in measure_objectives(problem, plan, names).items():
        if name in ("compact", "border"):
            rows += _outline_levels(problem, plan, edges, name, is_both={"compact", "border"} <= {*names})
            continue
        if name == "preferences":
            rows += _preference_levels(problem, plan, value)
            continue
        bound = staffing_bound(problem) if name == "staffing" else None
        method = None if bound is None else "one_area_a_wall"
        rows.append(_level(LEVEL_OF[name], value, bound, method))
    return rows


def _preference_levels(problem: Problem, plan: Plan, value: int) -> list[dict[str, Any]]:
    """Households led against a preference, in all and for each soft rule."""
    by_rule = sum((households_against_by_rule(problem, plan, area) for area in range(plan.n_areas)), np.zeros(3, int))
    each = zip(PREFERENCES, by_rule.tolist(), strict=True)
    return [
        _level(LEVEL_OF["preferences"], value),
        *(_level(f"{LEVEL_OF['preferences']}_{rule.lower()}", count) for rule, count in each),
    ]


def _outline_levels(
    problem: Problem, plan: Plan, edges: pd.DataFrame, name: str, *, is_both: bool
) -> list[dict[str, Any]]:
    ids = problem.unit_ids.astype(str)
    is_in = plan.area_of >= 0
    area_of = dict(zip(ids[is_in].tolist(), plan.area_of[is_in].tolist(), strict=True))
    found = measure_boundary(edges, area_of, ids.tolist())
    least = (None, None) if found.pairs else (0, "counting_from_zero")
    rows = [_level(LEVEL_OF["compact"], found.pairs, *least)] if name == "compact" else []
    if found.facing_m is not None and (name == "border" or not is_both):
        rows.append(_level(LEVEL_OF["border"], found.facing_m))
    return rows


def _level(name: str, value: int, bound: int | None = None, method: str | None = None) -> dict[str, Any]:
    return {"name": name, "value": value, "bound": bound, "gap": _gap(value, bound), "method": method}


def _gap(value: int, bound: int | None) -> float | None:
    if bound is None:
        return None
    return round((value - bound) / value, 6) if value else 0.0
