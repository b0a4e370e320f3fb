"""The truest reason for every unit that asked for an area and got none, and neighbours out of scope by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.bundling.document.reasons import REASONS, say
from analysis.bundling.document.tables import DatasetTables
from analysis.bundling.evaluation.company_allowance import floor_area_taken
from analysis.bundling.led_areas.insertion import find_insertions
from analysis.bundling.locks.index import NO_LOCKS, IndexedLocks
from analysis.bundling.model.eligibility import CREDIT_BEST_FIRST
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.solve.single_moves import SingleMoves
from analysis.bundling.solver.base.subproblem import Subproblem, reachable_units, split_lead
from geo.messages import Sentence

SHOWN = 6
"""Neighbours of a unit that are named."""

_ALONE = ("street_unknown", "neighbours_not_planned", "other_street", "barrier")
_LEADING = (*_ALONE, "no_neighbour", "anchor_capacity", "company_capacity", "anchor_too_small")


def explain_left_over(
    problem: Problem, plan: Plan, pairs: pd.DataFrame, locks: IndexedLocks = NO_LOCKS
) -> pd.DataFrame:
    """Reason and rules of each target in no area.

    Parameters
    ----------
    problem, plan
        What was asked and what was decided.
    pairs
        The `edges` layer with refused pairs and their `blocked_by`; may be empty, then a missing
        neighbour is not distinguished from a barrier.
    locks
        What is settled.

    Returns
    -------
    DataFrame: position (in the problem), unit_id, reason (a key of `REASONS`), rules (tuple).

    Notes
    -----
    Whoever one move could place is told so (`could_join`), or that only a lock keeps it out; a search
    leaves nobody such. A unit is alone behind a barrier, or without a street code, before anything else is said of it.
    Then mode "lead" gives what keeps it from anchors, mode "whole" what keeps it from a group.
    In mode "mixed" lacking capacity comes first, for a permit can cure it; otherwise the reason is
    the group's, and the rules name both.
    """
    units = np.flatnonzero(problem.is_target & (plan.area_of < 0))
    free, settled = SingleMoves(problem, plan), SingleMoves(problem, plan, locks) if locks else None
    alone = _reasons_alone(problem, pairs)
    mode = problem.rules.mode
    if mode == "area":
        return _explain_with_leaders(problem, plan, alone, locks)
    no_anchor = _reasons_lead(problem, plan) if mode != "whole" else None
    no_group = _reasons_whole(problem) if mode != "lead" else None
    rows = []
    for i in units:
        keys = [alone[i]] if alone[i] else []
        keys += [no_anchor[i]] if no_anchor is not None else []
        keys += [no_group[i]] if no_group is not None else []
        first = next((key for key in keys if key in _LEADING), keys[-1])
        if free.places(int(i)):
            is_held = settled is not None and not settled.places(int(i))
            first, keys = "lock_forbids" if is_held else "could_join", []
        rules = dict.fromkeys(rule for key in [first, *keys] for rule in REASONS[key].rules)
        rows.append((int(i), str(problem.unit_ids[i]), first, tuple(rules)))
    return pd.DataFrame(rows, columns=["position", "unit_id", "reason", "rules"])


def _explain_with_leaders(problem: Problem, plan: Plan, alone: np.ndarray, locks: IndexedLocks) -> pd.DataFrame:
    """Why units that ask for an area of mode "area" are in none; as :func:`explain_left_over`."""
    component = problem.adjacency.components
    too_light = np.zeros(problem.n_units, dtype=bool)
    for size in problem.sizes:
        too_light |= np.bincount(component, size.weight)[component] < size.lower
    rows = []
    for i in np.flatnonzero(problem.is_target & (plan.area_of < 0)).tolist():
        keys = [key for key in (alone[i], "below_min_size" if too_light[i] else "") if key] or ["no_fit"]
        if next(find_insertions(problem, plan, i), None) is not None:
            is_free = next(find_insertions(problem, plan, i, locks), None) is not None
            keys = ["could_join" if is_free else "lock_forbids"]
        rules = dict.fromkeys(rule for key in keys for rule in REASONS[key].rules)
        rows.append((i, str(problem.unit_ids[i]), keys[0], tuple(rules)))
    return pd.DataFrame(rows, columns=["position", "unit_id", "reason", "rules"])


def _reasons_alone(problem: Problem, pairs: pd.DataFrame) -> np.ndarray:
    """(n,) text: why a unit without any neighbour has none; "" for units that have one.

    Of several causes the one nearest to a cure is given: a code to fill in, a neighbour out of
    scope, a permit for another street, a barrier.
    """
    causes = _causes(problem, pairs)
    reasons = np.full(problem.n_units, "", dtype=object)
    for i in np.flatnonzero(np.diff(problem.indptr) == 0):
        found = causes.get(str(problem.unit_ids[i]), set())
        reasons[i] = next((key for key in _ALONE if key in found), "no_neighbour")
    return reasons


def _causes(problem: Problem, pairs: pd.DataFrame) -> dict[str, set[str]]:
    """What parts each unit from the units it makes a pair with, by unit id."""
    wall = dict(zip(problem.unit_ids, problem.jurisdiction, strict=True))
    by_permit = _units_with_permits(wall, pairs)
    causes: dict[str, set[str]] = {}
    rows = zip(pairs["unit_a"], pairs["unit_b"], pairs["allowed"], pairs["blocked_by"], strict=True)
    for a, b, allowed, blocked_by in rows:
        kind = str(blocked_by).split(":")[0]
        if allowed and a in wall and b in wall and wall[a] != wall[b]:
            # A guest is planned with its host's street and parted from its own.
            cause = "other_street" if by_permit & {a, b} else "street_unknown"
        elif allowed:
            cause = "neighbours_not_planned"
        elif kind in problem.rules.hard_kinds:
            cause = "barrier"
        else:
            cause = "other_street" if kind in ("street", "district") else "no_neighbour"
        causes.setdefault(a, set()).add(cause)
        causes.setdefault(b, set()).add(cause)
    return causes


def _units_with_permits(wall: dict[str, int], pairs: pd.DataFrame) -> set[str]:
    """Ids of units that a permit joins to one of another street: guests, hosts, and who may be."""
    if "permit_id" not in pairs:
        return set()
    named = pairs[pairs["permit_id"].notna()]
    return {unit for unit in (*named["unit_a"], *named["unit_b"]) if unit in wall}


def _reasons_lead(problem: Problem, plan: Plan) -> np.ndarray:
    """(n,) text: what keeps each unit from an anchor."""
    reasons = np.full(problem.n_units, "no_adjacent_anchor", dtype=object)
    taken, left = _load_taken(problem, plan), _allowance_left(problem, plan)
    for part in split_lead(problem, any_size=True):
        reasons[part.units[reachable_units(part)]] = "anchor_too_small"
    for part in split_lead(problem):
        of_anchor = np.searchsorted(problem.anchors, part.units[part.anchors])
        room = part.capacity - taken[of_anchor]
        inside = reachable_units(part)
        fits = inside & _has_room(part, room)
        allowed = fits & _has_room(part, np.minimum(room, left[of_anchor]))
        reasons[part.units[inside & ~fits]] = "anchor_capacity"
        reasons[part.units[fits & ~allowed]] = "company_capacity"
        reasons[part.units[allowed]] = "no_fit"
    return reasons


def _has_room(part: Subproblem, room: np.ndarray) -> np.ndarray:
    """(n,) bool: units that some anchor in reach has room for; `room` (m,) in m²."""
    most = np.where(part.cost >= 0, room[:, None], -1).max(axis=0)
    return np.asarray(most >= part.load)


def _allowance_left(problem: Problem, plan: Plan) -> np.ndarray:
    """(m,) m² that the company of each anchor may still take on; much where R15 does not hold it."""
    much = np.iinfo(np.int64).max
    if problem.companies is None:
        return np.full(len(problem.anchors), much)
    left = problem.companies.allowance - floor_area_taken(problem, plan)
    return np.append(left, much)[problem.companies.of_anchor]


def _load_taken(problem: Problem, plan: Plan) -> np.ndarray:
    """(m,) load each anchor of the problem has taken in."""
    taken = np.zeros(len(problem.anchors), dtype=np.int64)
    for area in np.flatnonzero(plan.anchor_of >= 0):
        anchor = plan.anchor_of[area]
        members = plan.members(int(area))
        taken[np.searchsorted(problem.anchors, anchor)] = problem.load[members].sum() - problem.load[anchor]
    return taken


def _reasons_whole(problem: Problem) -> np.ndarray:
    """(n,) text: what keeps each unit from an area without an anchor."""
    reasons = np.full(problem.n_units, "no_fit", dtype=object)
    sizes = problem.sizes
    too_heavy = ~np.all([size.fits(size.weight) for size in sizes], axis=0)
    member = problem.is_target & ~too_heavy
    near = problem.adjacency
    label = near.only(member[near.sources] & member[near.indices]).components
    for size in sizes:
        total = np.bincount(label, weights=size.weight)[label]
        reasons[total < size.lower] = "below_min_size"
    reasons[too_heavy] = "above_max_size"
    return reasons


def find_unplanned_neighbours(problem: Problem, pairs: pd.DataFrame) -> dict[str, list[tuple[str, str]]]:
    """Neighbours of each unit that a plan does not decide about: id and reason, by id.

    Parameters
    ----------
    problem
        What was asked.
    pairs
        The `edges` layer, with refused pairs or without.
    """
    table = problem.out_of_scope
    reasons = dict(zip(table["unit_id"].astype(str), table["reason"].astype(str), strict=True))
    allowed = pairs[pairs["allowed"].astype(bool)]
    found: dict[str, set[tuple[str, str]]] = {}
    for one, other in zip(allowed["unit_a"].astype(str), allowed["unit_b"].astype(str), strict=True):
        for unit, beside in ((one, other), (other, one)):
            if beside in reasons:
                found.setdefault(unit, set()).add((beside, reasons[beside]))
    return {unit: sorted(beside) for unit, beside in found.items()}


def name_neighbours(
    rows: Sequence[dict[str, Any]], problem: Problem, tables: DatasetTables, pairs: pd.DataFrame
) -> list[dict[str, Any]]:
    """Rows of units left over, with the neighbours that no plan of these rules decides about, and why.

    Parameters
    ----------
    rows
        `left_over` of a plan.
    problem, tables
        What was asked, and of what.
    pairs
        The `edges` layer.

    Returns
    -------
    The rows; one with such neighbours has them under "neighbours": unit_id, name, reason, zh, en.
    """
    beside = find_unplanned_neighbours(problem, pairs)
    return [
        {**row, "neighbours": [_neighbour_row(problem, tables, *one) for one in named[:SHOWN]]}
        if (named := beside.get(row["unit_id"]))
        else row
        for row in rows
    ]


def _neighbour_row(problem: Problem, tables: DatasetTables, unit_id: str, reason: str) -> dict[str, Any]:
    why = describe_exclusion(problem, tables, unit_id, reason)
    return {"unit_id": unit_id, "name": tables.name_of[unit_id], "reason": reason, "zh": why.zh, "en": why.en}


def describe_exclusion(problem: Problem, tables: DatasetTables, unit_id: str, reason: str) -> Sentence:
    """Why a unit is out of scope, with the figure where there is one.

    Parameters
    ----------
    problem, tables
        What was asked, and of what.
    unit_id
        A unit that is out of scope.
    reason
        Key of `REASONS`.
    """
    if reason == "special_needs_confirmation":
        kind = str(tables.by_id.loc[unit_id]["special_type"])
        return say("neighbour.special", kind=say.get(f"special.{kind}", kind))
    if reason == "owner_unwilling":
        return say("neighbour.unwilling")
    if reason == "anchor_ineligible":
        found = _describe_ineligible(problem, tables, unit_id)
        if found:
            return Sentence.join(found, (", ", ", "))
    return Sentence(REASONS[reason].zh.rstrip("\u3002"), REASONS[reason].en.rstrip("."))


def _describe_ineligible(problem: Problem, tables: DatasetTables, unit_id: str) -> list[Sentence]:
    """Which of R10-R12 keep a managed community from leading."""
    rules, data_date = problem.rules, tables.dataset.manifest.data_date
    found = []
    if tables.contracts is not None:
        end = tables.contract_ends.get(unit_id)
        if end is None:
            found.append(say("neighbour.no_contract"))
        elif data_date is not None:
            date = pd.Timestamp(data_date)
            months = (end.year - date.year) * 12 + end.month - date.month - (end.day < date.day)
            if end < date:
                found.append(say("neighbour.contract_over", end=f"{end:%Y-%m-%d}"))
            elif months < rules.min_contract_months:
                found.append(say("neighbour.contract", months=months, least=rules.min_contract_months))
    company = tables.company_ids[tables.position[unit_id]]
    if company is None or company not in tables.companies.index:
        return found
    row = tables.companies.loc[company]
    if not pd.isna(row["blacklisted"]) and bool(row["blacklisted"]):
        found.append(say("neighbour.blacklisted", company=tables.company_names.get(company, company)))
    rating = row["credit_rating"]
    is_rated = bool(not pd.isna(rating) and rating in CREDIT_BEST_FIRST)
    least = rules.min_credit_rating
    if is_rated and CREDIT_BEST_FIRST.index(rating) > CREDIT_BEST_FIRST.index(least):
        found.append(say("neighbour.credit", rating=rating, least=least))
    return found
