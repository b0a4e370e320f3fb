"""PLAN.json written: from what a solver found, or again after a plan changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from analysis.bundling.document.areas import number_areas, revise_areas
from analysis.bundling.document.fallbacks import add_fallbacks
from analysis.bundling.document.leading import list_unled
from analysis.bundling.document.left_over_reasons import explain_left_over, name_neighbours
from analysis.bundling.document.levels import (
    bounds_of_result,
    bounds_that_hold,
    levels_of_plan,
    revise_streets,
    streets_of_result,
)
from analysis.bundling.document.read import OpenPlan
from analysis.bundling.document.schema import SCHEMA
from analysis.bundling.document.tables import DatasetTables
from analysis.bundling.document.unmet_locks import add_unmet_locks
from analysis.bundling.evaluation.company_allowance import floor_area_taken
from analysis.bundling.evaluation.objective_values import initial_areas
from analysis.bundling.locks.index import NO_LOCKS, IndexedLocks
from analysis.bundling.locks.locks import lock_documents
from analysis.bundling.model.objectives import objectives_of
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.rules import AREA_RULES, PlanRules, planner_choices
from analysis.bundling.solve.certificate import certificate_document
from analysis.bundling.solve.result import Result
from analysis.policy import Policy
from geo.corrections.permits import read_permits
from geo.storage.dataset import Dataset

COMMAND_LINE_AUTHOR = "命令行 command line"
"""Who chooses the rules of a plan where no person is named."""


def write_document(
    problem: Problem,
    result: Result,
    dataset: Dataset,
    policy: Policy,
    locks: IndexedLocks = NO_LOCKS,
    *,
    by: str = COMMAND_LINE_AUTHOR,
) -> dict[str, Any]:
    """A result as PLAN.json (docs/site/en/files.md), ready for `json.dumps`.

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
    tables, edges, plan = DatasetTables(dataset), dataset.layer("edges"), result.plan
    street_of = tables.by_id["street_code"]
    parts = _parts_of_plan(problem, plan, tables, edges, locks, number_areas(problem, plan, tables))
    return {
        "schema": SCHEMA,
        "planning_sha256": dataset.manifest.planning_sha256,
        "policy_sha256": policy.sha256,
        "rules": rules_document(problem.rules, policy),
        "chosen": planner_choices(problem.rules, policy, by, management_known=is_management_known(tables.units)),
        "locks": [],
        "permits": parts["permits"],
        "seed": int(result.seed),
        "mode": problem.rules.mode,
        "status": result.status,
        "levels": levels_of_plan(problem, plan, edges, bounds_of_result(problem, result)),
        **_start_areas(problem),
        "streets": streets_of_result(problem, result, street_of),
        "seconds": round(float(result.seconds), 2),
        "areas": parts["areas"],
        "companies": parts["companies"],
        "notes": [{"rule": n.rule, "zh": n.zh, "en": n.en} for n in problem.notes],
        "left_over": parts["left_over"],
        **({"unled": parts["unled"]} if "unled" in parts else {}),
        "out_of_scope": parts["out_of_scope"],
        **_certificate(problem, result),
    }


def revise_document(opened: OpenPlan, plan: Plan, *, unknown_units: Sequence[tuple[str, int]] = ()) -> dict[str, Any]:
    """The document with other areas: ids and names of areas stay, sums and reasons are made anew.

    Parameters
    ----------
    opened
        The document as it was.
    plan
        Areas in the document's order, new ones after them; an area without a unit goes.
    unknown_units
        Units the problem does not decide about that are in an area all the same: id and number of
        the area. `verify` will report them.

    Returns
    -------
    PLAN.json with the bounds of the document that still hold: none where locks keep other units out;
    those of metres where no more households are left over.
    """
    problem, tables, document = opened.problem, opened.tables, opened.document
    edges, kept = opened.graph.pairs, plan.without_empty_areas()
    areas = revise_areas(problem, plan, tables, before=document["areas"], unknown_units=unknown_units)
    parts = _parts_of_plan(problem, kept, tables, edges, opened.placed, areas)
    placed = {unit for unit, _ in unknown_units}
    is_same = _is_same_problem(opened)
    is_unchanged = is_same and not unknown_units and _are_equal(plan, opened.plan)
    bounds = bounds_that_hold(problem, kept, document["levels"]) if is_same else {}
    before = document.get("streets", []) if is_same else []
    streets = revise_streets(problem, kept, tables.by_id["street_code"], before)
    lost = {"streets", "work"} if is_same else {"streets", "certificate", "work"}  # no search made it any more
    revised = {
        **{key: part for key, part in document.items() if key not in lost},
        **({"streets": streets} if streets else {}),
        **parts,
        "locks": lock_documents(opened.locks),
        "status": document["status"] if is_unchanged else "feasible" if areas else "infeasible",
        "levels": levels_of_plan(problem, kept, edges, bounds),
        "out_of_scope": [row for row in parts["out_of_scope"] if row["unit_id"] not in placed],
    }
    return add_unmet_locks(revised, opened.locks, opened.placed, tables.name_of)


def _are_equal(plan: Plan, other: Plan) -> bool:
    """Whether every unit is in the same area, with the same anchor and leader."""
    mine, theirs = (np.zeros(0) if one.leader_of is None else one.leader_of for one in (plan, other))
    return (
        np.array_equal(plan.area_of, other.area_of)
        and np.array_equal(plan.anchor_of, other.anchor_of)
        and np.array_equal(mine, theirs)
    )


def is_management_known(units: pd.DataFrame) -> bool:
    """Whether any unit has a known management mode: else nobody can tell targets.

    Examples
    --------
    >>> is_management_known(pd.DataFrame({"management_mode": [None, "unknown"]}))
    False
    """
    return bool((units["management_mode"].dropna() != "unknown").any())


def rules_document(rules: PlanRules, policy: Policy) -> dict[str, Any]:
    """All values of the rules, tuples as lists, with the policy's name.

    Parameters
    ----------
    rules
        What the plan is made by.
    policy
        Where they come from.
    """
    named = {key: v for key, v in asdict(rules).items() if rules.mode == "area" or key not in AREA_RULES}
    body = {key: list(v) if isinstance(v, tuple) else v for key, v in named.items()}
    return {**body, "policy_name": policy.name}


def _parts_of_plan(
    problem: Problem,
    plan: Plan,
    tables: DatasetTables,
    edges: pd.DataFrame,
    locks: IndexedLocks,
    areas: list[dict[str, Any]],
) -> dict[str, list[dict[str, Any]]]:
    """What of a document follows from its areas, data and locks alone, whoever made them."""
    left = explain_left_over(problem, plan, edges, locks)
    left_over = [
        {"unit_id": row["unit_id"], "reason": row["reason"], "rules": list(row["rules"])}
        for row in left.sort_values("unit_id").to_dict("records")
    ]
    dataset, units = tables.dataset, tables.by_id
    is_known = is_management_known(tables.units)
    unled = list_unled(problem, plan, locks, management_known=is_known) if problem.rules.mode == "area" else None
    return {
        "permits": _used_permits(areas, units["street_code"], dataset.layer("permits")),
        "areas": areas,
        "companies": _company_rows(problem, plan),
        "left_over": name_neighbours(
            add_fallbacks(left_over, units, problem.rules, data_date=dataset.manifest.data_date), problem, tables, edges
        ),
        **({} if unled is None else {"unled": unled}),
        "out_of_scope": _out_of_scope_rows(problem, plan),
    }


def _used_permits(
    areas: Sequence[Mapping[str, Any]], street_of: pd.Series, permits: pd.DataFrame
) -> list[dict[str, Any]]:
    """The permits without which an area would not be in one street, by id."""
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


def _company_rows(problem: Problem, plan: Plan) -> list[dict[str, Any]]:
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


def _out_of_scope_rows(problem: Problem, plan: Plan) -> list[dict[str, Any]]:
    """The `out_of_scope` of a plan: units not decided about, and anchors that lead nobody."""
    rows = list(zip(problem.out_of_scope["unit_id"], problem.out_of_scope["reason"], strict=True))
    idle = ~problem.is_target & (plan.area_of < 0)
    anchors = {int(anchor) for anchor in problem.anchors}
    rows += [
        (problem.unit_ids[unit], "anchor_unused" if unit in anchors else "member_unused")
        for unit in np.flatnonzero(idle).tolist()
    ]
    return [{"unit_id": str(unit), "reason": str(reason)} for unit, reason in sorted(rows)]


def _start_areas(problem: Problem) -> dict[str, list[list[str]]]:
    """What closeness is measured from: the units of each area begun with; nothing without that aim."""
    if problem.start_of is None or "closeness" not in objectives_of(problem.rules).names:
        return {}
    start = initial_areas(problem)
    ids = problem.unit_ids.astype(str)
    areas = [sorted(ids[start == area].tolist()) for area in np.unique(start[start >= 0])]
    return {"start_areas": sorted(areas)}


def _certificate(problem: Problem, result: Result) -> dict[str, Any]:
    """What proves the bounds, as far as multipliers do; nothing where there are none."""
    if not result.bound.paid:
        return {}
    return {"certificate": certificate_document(problem, result.bound.paid)}


def _is_same_problem(opened: OpenPlan) -> bool:
    """Whether bounds of the document still hold: locks only restrict, but for those that keep units out."""
    rows = opened.document["locks"], lock_documents(opened.locks)
    before, now = (
        {unit for row in locks if row["kind"] == "out" for unit in row.get("unit_ids", [row.get("unit_id")])}
        for locks in rows
    )
    return before == now
