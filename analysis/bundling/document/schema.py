"""The form of PLAN.json: what a plan document must hold before anything reads it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from analysis.bundling.document.reasons import REASONS, say
from analysis.bundling.model.rules import PlanRules
from analysis.bundling.model.sizes import is_valid_bound
from geo.errors import PlanningError

SCHEMA = "pianqu.plan/1"
"""Name and version of the form."""


class MalformedPlanError(PlanningError, ValueError):
    """A document is no plan; all faults are named together."""


class _Row(BaseModel):
    """An object of the document: keys it does not name are let through, values are not converted."""

    model_config = ConfigDict(strict=True)


class _LevelRow(_Row):
    name: str
    value: float
    bound: float | None
    gap: float | None


class _AreaRow(_Row):
    area_id: str
    name: str
    street_code: str | None
    anchor_unit_id: str | None
    unit_ids: list[Any]
    households: float | None
    floor_area_m2: float | None


class _LeftOverRow(_Row):
    unit_id: str
    reason: str
    rules: list[Any]


class _OutOfScopeRow(_Row):
    unit_id: str
    reason: str


class _PlanDocument(_Row):
    plan_schema: str = Field(alias="schema")
    planning_sha256: str
    policy_sha256: str
    rules: dict[Any, Any]
    locks: list[Any]
    permits: list[Any]
    seed: int
    mode: str
    status: str
    levels: list[_LevelRow]
    seconds: float
    areas: list[_AreaRow]
    left_over: list[_LeftOverRow]
    out_of_scope: list[_OutOfScopeRow]
    start_areas: list[list[str]] = []


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
        text = say("error.malformed", n=len(faults), faults=shown)
        raise MalformedPlanError(text.zh, text.en)


def plan_sha(document: Mapping[str, Any]) -> str:
    """Hash of a plan's content, the time and work it took aside.

    Examples
    --------
    >>> plan_sha({"seed": 1, "seconds": 2.0}) == plan_sha({"seed": 1, "seconds": 3.0})
    True
    """
    body = {key: value for key, value in document.items() if key not in ("seconds", "work")}
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _faults(document: Any) -> list[str]:
    if not isinstance(document, Mapping):
        return ["not an object"]
    errors = _form_errors(document)
    of_plan = [error for error in errors if len(error["loc"]) == 1 and error["loc"] != ("start_areas",)]
    if of_plan:
        return _named_faults(of_plan)
    if document["schema"] != SCHEMA:
        return [f"schema is '{document['schema']}', not '{SCHEMA}'"]
    in_rows = [error for error in errors if error["loc"][0] != "start_areas"]
    faults = [*_rules_faults(document["rules"]), *_named_faults(in_rows)]
    if len(in_rows) < len(errors):
        faults.append("start_areas holds no lists of units")
    return faults or _content_faults(document)


def _form_errors(document: Mapping[str, Any]) -> list[ErrorDetails]:
    try:
        _PlanDocument.model_validate(dict(document))
    except ValidationError as error:
        return error.errors(include_url=False, include_context=False)
    return []


def _named_faults(errors: Iterable[ErrorDetails]) -> list[str]:
    """A sentence for each error; of each object what is missing comes first."""
    faults: dict[str, tuple[list[str], list[str]]] = {}
    for error in errors:
        *path, name = error["loc"]
        if error["type"] == "model_type":
            faults[_path_text(error["loc"])] = ([f"{_path_text(error['loc'])} is not an object"], [])
            continue
        where = _path_text(path) or "plan"
        missing, of_other_kind = faults.setdefault(where, ([], []))
        if error["type"] == "missing":
            missing.append(f"{where}.{name} is missing")
        else:
            of_other_kind.append(f"{where}.{name} is {type(error['input']).__name__}")
    return [fault for missing, of_other_kind in faults.values() for fault in dict.fromkeys(missing + of_other_kind)]


def _path_text(path: Iterable[int | str]) -> str:
    """A path into the document.

    >>> _path_text(("areas", 3))
    'areas[3]'
    """
    return "".join(f"[{step}]" if isinstance(step, int) else str(step) for step in path)


def _rules_faults(rules: Mapping[str, Any]) -> list[str]:
    needed = {field.name for field in fields(PlanRules) if field.default is MISSING}
    faults = [f"rules.{name} is missing" for name in sorted(needed - set(rules))]
    bounds = rules.get("bounds", ())
    if not isinstance(bounds, list | tuple) or not all(is_valid_bound(bound) for bound in bounds):
        faults.append("rules.bounds holds no weight with its lower and upper")
    return faults


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
