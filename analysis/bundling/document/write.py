"""The plan as a document: PLAN.json made from a result, and checked when read back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, fields
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from analysis.bundling.document.fallbacks import add_fallbacks
from analysis.bundling.document.left_over_reasons import explain_left_over
from analysis.bundling.document.reasons import REASONS
from analysis.bundling.locks.locks import NO_LOCKS, IndexedLocks
from analysis.bundling.model.boundary_length import measure_boundary
from analysis.bundling.model.companies import floor_area_taken
from analysis.bundling.model.objectives import (
    LEVEL_OF,
    households_against_by_rule,
    initial_areas,
    measure_objectives,
    objectives_of,
    staffing_bound,
    walking_with_area_price,
)
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.preferences import PREFERENCES
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.rules import PlanRules, planner_choices
from analysis.bundling.model.score import unanchored_by_jurisdiction
from analysis.bundling.model.sizes import is_valid_bound
from analysis.bundling.solve.certificate import METRES_METHOD, certificate_document
from analysis.bundling.solve.result import Result
from analysis.policy import Policy
from geo.admin.gazetteer import gazetteer_layers, street_names
from geo.corrections.permits import read_permits
from geo.dataset import Dataset
from geo.errors import PlanningError

SCHEMA = "pianqu.plan/1"
COMMAND_LINE_AUTHOR = "命令行 command line"
"""Who chooses the rules of a plan where nobody is named."""
_NUMBER = (int, float)
_MAYBE_TEXT = (str, type(None))
_MAYBE_NUMBER = (int, float, type(None))
_FIELDS: dict[str, tuple[type, ...]] = {
    "schema": (str,),
    "planning_sha256": (str,),
    "policy_sha256": (str,),
    "rules": (dict,),
    "locks": (list,),
    "permits": (list,),
    "seed": (int,),
    "mode": (str,),
    "status": (str,),
    "levels": (list,),
    "seconds": _NUMBER,
    "areas": (list,),
    "left_over": (list,),
    "out_of_scope": (list,),
}
_LEVEL_FIELDS: dict[str, tuple[type, ...]] = {
    "name": (str,),
    "value": _NUMBER,
    "bound": _MAYBE_NUMBER,
    "gap": _MAYBE_NUMBER,
}
_AREA_FIELDS: dict[str, tuple[type, ...]] = {
    "area_id": (str,),
    "name": (str,),
    "street_code": _MAYBE_TEXT,
    "anchor_unit_id": _MAYBE_TEXT,
    "unit_ids": (list,),
    "households": _MAYBE_NUMBER,
    "floor_area_m2": _MAYBE_NUMBER,
}
_LEFT_FIELDS: dict[str, tuple[type, ...]] = {"unit_id": (str,), "reason": (str,), "rules": (list,)}
_OUT_FIELDS: dict[str, tuple[type, ...]] = {"unit_id": (str,), "reason": (str,)}


class MalformedPlanError(PlanningError, ValueError):
    """A document is no plan; all faults are named together."""


def to_document(
    problem: Problem,
    result: Result,
    dataset: Dataset,
    policy: Policy,
    locks: IndexedLocks = NO_LOCKS,
    *,
    by: str = COMMAND_LINE_AUTHOR,
) -> dict[str, Any]:
    """A result as PLAN.json (architecture.md §5), ready for `json.dumps`.

    Parameters
    ----------
    problem, result
        What was asked and what was found.
    dataset
        The data the problem was built from: names, figures and hashes.
    policy
        The policy in force, with nothing relaxed.
    locks
        What was settled, on the problem.
    by
        Who chose what of the rules differs from it.

    Returns
    -------
    dict with plain Python values. Areas are ordered by street code and first unit; everything but
    `seconds` follows from data, policy, rules, seed and rounds. A sum is null where a figure of a
    member is missing.
    """
    units = pd.DataFrame(dataset.layer("units")).set_index("unit_id")
    edges = dataset.layer("edges")
    left = explain_left_over(problem, result.plan, edges, locks)
    areas = _areas(problem, result, units, street_names(gazetteer_layers(dataset)))
    return {
        "schema": SCHEMA,
        "planning_sha256": dataset.manifest.planning_sha256,
        "policy_sha256": policy.sha256,
        "rules": rules_document(problem.rules, policy),
        "chosen": planner_choices(problem.rules, policy, by, management_known=is_management_known(units)),
        "locks": [],
        "permits": find_used_permits(areas, units["street_code"], dataset.layer("permits")),
        "seed": int(result.seed),
        "mode": problem.rules.mode,
        "status": result.status,
        "levels": [*_levels(problem, result), *objective_levels(problem, result.plan, edges)],
        **_start_areas(problem),
        "streets": _streets(problem, result, units["street_code"]),
        "seconds": round(float(result.seconds), 2),
        "areas": areas,
        "companies": company_rows(problem, result.plan),
        "notes": [{"rule": n.rule, "zh": n.zh, "en": n.en} for n in problem.notes],
        "left_over": add_fallbacks(
            [
                {"unit_id": row["unit_id"], "reason": row["reason"], "rules": list(row["rules"])}
                for row in left.sort_values("unit_id").to_dict("records")
            ],
            units,
            problem.rules,
            data_date=dataset.manifest.data_date,
        ),
        "out_of_scope": out_of_scope_rows(problem, result.plan),
        **_certificate(problem, result),
    }


def is_management_known(units: pd.DataFrame) -> bool:
    """Whether any unit has a known management mode: else nobody can tell targets.

    Examples
    --------
    >>> is_management_known(pd.DataFrame({"management_mode": [None, "unknown"]}))
    False
    """
    return bool((units["management_mode"].dropna() != "unknown").any())


def _certificate(problem: Problem, result: Result) -> dict[str, Any]:
    """What proves the bounds, as far as multipliers do; nothing where there are none."""
    if not result.bound.paid:
        return {}
    return {"certificate": certificate_document(problem, result.bound.paid)}


def find_used_permits(
    areas: Sequence[Mapping[str, Any]], street_of: pd.Series, permits: pd.DataFrame
) -> list[dict[str, Any]]:
    """The permits without which an area would not be in one street, by id.

    Parameters
    ----------
    areas
        The `areas` of a plan.
    street_of
        Street code of each unit, by unit id.
    permits
        The layer of this name.
    """
    together = read_permits(permits)
    code_of = street_of.dropna().to_dict()
    used: set[str] = set()
    for area in areas:
        members = [(unit, code_of[unit]) for unit in area["unit_ids"] if unit in code_of]
        if len({code for _, code in members}) < 2:
            continue
        for (a, of_a), (b, of_b) in combinations(members, 2):
            permit = together.of((a, b), (of_a, of_b)) if of_a != of_b else None
            used |= {permit} if permit is not None else set()
    listed = permits[permits["permit_id"].isin(used)] if used else permits[:0]
    columns = ["permit_id", "unit_a", "unit_b", "street_a", "street_b", "reason", "document_no"]
    rows = listed.sort_values("permit_id")[columns].astype(object)
    records: list[dict[str, Any]] = rows.where(rows.notna(), None).to_dict("records")  # type: ignore[assignment]
    return records


def rules_document(rules: PlanRules, policy: Policy) -> dict[str, Any]:
    """All values of the rules, tuples as lists, with the policy's name."""
    body = {key: list(v) if isinstance(v, tuple) else v for key, v in asdict(rules).items()}
    return {**body, "policy_name": policy.name}


def plan_sha(document: Mapping[str, Any]) -> str:
    """Hash of a plan's content, the time it took aside.

    Examples
    --------
    >>> plan_sha({"seed": 1, "seconds": 2.0}) == plan_sha({"seed": 1, "seconds": 3.0})
    True
    """
    body = {key: value for key, value in document.items() if key != "seconds"}
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def check_document(document: Any) -> None:
    """Refuse what is no plan: wrong schema, fields missing or of another kind, ids twice.

    Whether a plan keeps the rules is `verify`'s question, not this one's.

    Raises
    ------
    MalformedPlanError
        With up to five of the faults in one sentence.
    """
    faults = _faults(document)
    if faults:
        shown = "; ".join(faults[:5])
        raise MalformedPlanError(
            f"这不是有效的方案文件({len(faults)} 处错误): {shown}。请用 pianqu plan 重新生成。",
            f"This is no valid plan ({len(faults)} faults): {shown}. Make it again with pianqu plan.",
        )


def _levels(problem: Problem, result: Result) -> list[dict[str, Any]]:
    """Levels in the order in which they count, each with its bound.

    Where areas have a price, walking alone is no level that a plan is best by: beside a plan proven best
    no bound of it is told.
    """
    worth, bound = result.score, result.bound
    unled = sum(unanchored_by_jurisdiction(problem, result.plan).values())
    is_open = bound.household_metres != worth.household_metres
    metres = None if result.status == "optimal" and is_open else bound.household_metres
    rows = [
        ("left_over_households", worth.left_over_households, bound.left_over_households, bound.left_over_method),
        (
            "unled_households",
            unled,
            bound.unled_households,
            "" if bound.unled_households is None else "anchor_capacity",
        ),
        ("household_metres", worth.household_metres, metres, "" if metres is None else bound.metres_method),
    ]
    if problem.rules.mode != "mixed":
        del rows[1]
    priced = walking_with_area_price(problem, result.plan)
    if priced is not None:
        least, method = bound.walks_and_areas, METRES_METHOD[problem.rules.mode]
        rows.append(("walks_and_areas", priced, least, "" if least is None else method))
    return [
        {"name": name, "value": value, "bound": least, "gap": _gap(value, least), "method": method or None}
        for name, value, least, method in rows
    ]


def objective_levels(problem: Problem, plan: Plan, edges: pd.DataFrame) -> list[dict[str, Any]]:
    """A level for each objective named besides walking, with its bound where there is one.

    Compact outlines have two: pairs of neighbours parted, of all that the `edges` layer has among
    the units decided about, and the metres along which these face each other, where all are known;
    short ones have the metres. Preferences have one for all, and one for each soft rule.
    """
    if not problem.rules.objective:
        return []
    names = [name for name in objectives_of(problem.rules).names if name != "walking"]
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
        rows.append(_named_level(LEVEL_OF[name], value, bound, method))
    return rows


def _preference_levels(problem: Problem, plan: Plan, value: int) -> list[dict[str, Any]]:
    """Households led against a preference, in all and for each soft rule."""
    by_rule = sum((households_against_by_rule(problem, plan, area) for area in range(plan.n_areas)), np.zeros(3, int))
    each = zip(PREFERENCES, by_rule.tolist(), strict=True)
    return [
        _named_level(LEVEL_OF["preferences"], value),
        *(_named_level(f"{LEVEL_OF['preferences']}_{rule.lower()}", count) for rule, count in each),
    ]


def _outline_levels(
    problem: Problem, plan: Plan, edges: pd.DataFrame, name: str, *, is_both: bool
) -> list[dict[str, Any]]:
    ids = problem.unit_ids.astype(str)
    is_in = plan.area_of >= 0
    area_of = dict(zip(ids[is_in].tolist(), plan.area_of[is_in].tolist(), strict=True))
    found = measure_boundary(edges, area_of, ids.tolist())
    rows = [_named_level(LEVEL_OF["compact"], found.pairs)] if name == "compact" else []
    if found.facing_m is not None and (name == "border" or not is_both):
        rows.append(_named_level(LEVEL_OF["border"], found.facing_m))
    return rows


def _named_level(name: str, value: int, bound: int | None = None, method: str | None = None) -> dict[str, Any]:
    gap = _gap(value, bound)
    return {"name": name, "value": value, "bound": bound, "gap": gap, "method": method}


def _start_areas(problem: Problem) -> dict[str, list[list[str]]]:
    """What closeness is measured from: the units of each area begun with; nothing without that aim."""
    if problem.start_of is None or "closeness" not in objectives_of(problem.rules).names:
        return {}
    start = initial_areas(problem)
    ids = problem.unit_ids.astype(str)
    areas = [sorted(ids[start == area].tolist()) for area in np.unique(start[start >= 0])]
    return {"start_areas": sorted(areas)}


def _streets(problem: Problem, result: Result, street_of: pd.Series) -> list[dict[str, Any]]:
    """Levels and bounds of each street, or of streets that permits joined, by their codes."""
    codes = street_of.reindex(problem.unit_ids)
    is_mixed = problem.rules.mode == "mixed"
    rows = []
    for street in result.bound.streets:
        named = sorted(codes[problem.jurisdiction == street.wall].dropna().unique().tolist())
        rows.append(
            {
                "street_codes": named,
                "left_over_households": street.left_over_households,
                "left_over_bound": street.least_left_over,
                "household_metres": street.household_metres,
                "metres_bound": street.least_metres,
                **({"unled_households": street.unled_households} if is_mixed else {}),
            }
        )
    return sorted(rows, key=lambda row: row["street_codes"])


def _gap(value: int, bound: int | None) -> float | None:
    if bound is None:
        return None
    return round((value - bound) / value, 6) if value else 0.0


def _areas(problem: Problem, result: Result, units: pd.DataFrame, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Areas in order of street code and first unit, numbered and named within their street."""
    facts = units.reindex(problem.unit_ids)
    drafts = sorted(
        (_area(problem, result, facts, area) for area in range(result.plan.n_areas)),
        key=lambda draft: (draft["street_code"] or "", draft["unit_ids"][0]),
    )
    counts: dict[str | None, int] = {}
    named = []
    for draft in drafts:
        code = draft["street_code"]
        number = counts[code] = counts.get(code, 0) + 1
        name = draft.pop("anchor_name") or f"{names.get(code, code) or ''}第{number}"
        named.append({"area_id": f"P-{code or 0}-{number:03d}", "name": f"{name}片区", **draft})
    return named


def _area(problem: Problem, result: Result, facts: pd.DataFrame, area: int) -> dict[str, Any]:
    """One area, not yet numbered; `facts` are the rows of the problem's units."""
    members = result.plan.members(area)
    anchor = int(result.plan.anchor_of[area])
    codes = facts["street_code"].iloc[members].dropna().unique()
    return {
        "anchor_name": str(facts["name"].iloc[anchor]) if anchor >= 0 else None,
        "street_code": str(codes[0]) if len(codes) == 1 else None,
        "anchor_unit_id": str(problem.unit_ids[anchor]) if anchor >= 0 else None,
        "unit_ids": sorted(str(problem.unit_ids[i]) for i in members),
        "households": total_of(facts["households"].iloc[members]),
        "floor_area_m2": total_of(facts["floor_area_m2"].iloc[members]),
    }


def company_rows(problem: Problem, plan: Plan) -> list[dict[str, Any]]:
    """What each company that leads an area takes on, and what it may (R15); additive to the contract."""
    companies, taken = problem.companies, floor_area_taken(problem, plan)
    if companies is None:
        return []
    return [
        {
            "company_id": str(companies.ids[k]),
            "managed_m2": round(float(companies.managed_m2[k]), 1),
            "managed_from": "companies" if companies.is_recorded[k] else "units",
            "most_m2": int(companies.allowance[k]),
            "taken_m2": int(taken[k]),
        }
        for k in np.flatnonzero(taken > 0).tolist()
    ]


def total_of(figures: pd.Series) -> int | None:
    """Sum in whole units of measure; None where a figure is missing."""
    if figures.isna().any():
        return None
    return round(float(figures.astype(float).sum()))


def out_of_scope_rows(problem: Problem, plan: Plan) -> list[dict[str, Any]]:
    """The `out_of_scope` of a plan: units not decided about, and anchors that lead nobody."""
    rows = list(zip(problem.out_of_scope["unit_id"], problem.out_of_scope["reason"], strict=True))
    idle = ~problem.is_target & (plan.area_of < 0)
    rows += [(unit, "anchor_unused") for unit in problem.unit_ids[np.flatnonzero(idle)]]
    return [{"unit_id": str(unit), "reason": str(reason)} for unit, reason in sorted(rows)]


def _faults(document: Any) -> list[str]:
    if not isinstance(document, Mapping):
        return ["not an object"]
    faults = _kind_faults("plan", document, _FIELDS)
    if faults:
        return faults
    if document["schema"] != SCHEMA:
        return [f"schema is '{document['schema']}', not '{SCHEMA}'"]
    needed = {field.name for field in fields(PlanRules) if field.default is MISSING}
    faults += [f"rules.{name} is missing" for name in sorted(needed - set(document["rules"]))]
    bounds = document["rules"].get("bounds", ())
    if not isinstance(bounds, list | tuple) or not all(is_valid_bound(bound) for bound in bounds):
        faults.append("rules.bounds holds no weight with its lower and upper")
    for name, kinds in (
        ("levels", _LEVEL_FIELDS),
        ("areas", _AREA_FIELDS),
        ("left_over", _LEFT_FIELDS),
        ("out_of_scope", _OUT_FIELDS),
    ):
        for k, item in enumerate(document[name]):
            faults += _kind_faults(f"{name}[{k}]", item, kinds)
    start = document.get("start_areas", [])
    if not isinstance(start, list) or not all(
        isinstance(area, list) and all(isinstance(unit, str) for unit in area) for area in start
    ):
        faults.append("start_areas holds no lists of units")
    return faults or _content_faults(document)


def _kind_faults(where: str, item: Any, fields: dict[str, tuple[type, ...]]) -> list[str]:
    if not isinstance(item, Mapping):
        return [f"{where} is not an object"]
    faults = [f"{where}.{name} is missing" for name in fields if name not in item]
    return faults + [
        f"{where}.{name} is {type(item[name]).__name__}"
        for name, kinds in fields.items()
        if name in item and (not isinstance(item[name], kinds) or isinstance(item[name], bool))
    ]


def _content_faults(document: Mapping[str, Any]) -> list[str]:
    faults = []
    area_ids = [area["area_id"] for area in document["areas"]]
    faults += [f"area {a} twice" for a in dict.fromkeys(area_ids) if area_ids.count(a) > 1]
    seen: set[str] = set()
    listed = [unit for area in document["areas"] for unit in area["unit_ids"]]
    listed += [row["unit_id"] for row in (*document["left_over"], *document["out_of_scope"])]
    for unit in listed:
        if not isinstance(unit, str):
            faults.append(f"unit {unit!r} is not text")
        elif unit in seen:
            faults.append(f"unit {unit} is listed twice")
        else:
            seen.add(unit)
    for area in document["areas"]:
        anchor = area["anchor_unit_id"]
        if anchor is not None and anchor not in area["unit_ids"]:
            faults.append(f"anchor {anchor} is no member of {area['area_id']}")
        if not area["unit_ids"]:
            faults.append(f"area {area['area_id']} has no unit")
    for row in (*document["left_over"], *document["out_of_scope"]):
        if row["reason"] not in REASONS:
            faults.append(f"unknown reason '{row['reason']}' of {row['unit_id']}")
    return faults
