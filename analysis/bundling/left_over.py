"""The truest reason for every unit that asked for an area and got none."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from analysis.bundling.bound import reachable
from analysis.bundling.parts import split_lead
from analysis.bundling.plan import Plan
from analysis.bundling.problem import Problem
from analysis.bundling.reasons import REASONS


def explain_left_over(problem: Problem, plan: Plan, pairs: pd.DataFrame) -> pd.DataFrame:
    """Reason and rules of each target in no area.

    Parameters
    ----------
    problem, plan
        What was asked and what was decided.
    pairs
        The `edges` layer with refused pairs and their `blocked_by`; may be empty, then a missing
        neighbour is not told apart from a barrier.

    Returns
    -------
    DataFrame: position (in the problem), unit_id, reason (a key of `REASONS`), rules (tuple).

    Notes
    -----
    A unit is alone behind a barrier, or without a street code, before anything else is said of it.
    Then mode "lead" gives what keeps it from anchors, mode "whole" what keeps it from a group.
    In mode "mixed" lacking capacity comes first, for a permit can cure it; otherwise the reason is
    the group's, and the rules name both.
    """
    units = np.flatnonzero(problem.is_target & (plan.area_of < 0))
    alone = _reasons_alone(problem, pairs)
    mode = problem.rules.mode
    no_anchor = _reasons_lead(problem, plan) if mode != "whole" else None
    no_group = _reasons_whole(problem) if mode != "lead" else None
    rows = []
    for i in units:
        keys = [alone[i]] if alone[i] else []
        keys += [no_anchor[i]] if no_anchor is not None else []
        keys += [no_group[i]] if no_group is not None else []
        first = next((key for key in keys if key in _FIRST), keys[-1])
        rules = dict.fromkeys(rule for key in [first, *keys] for rule in REASONS[key].rules)
        rows.append((int(i), str(problem.unit_ids[i]), first, tuple(rules)))
    return pd.DataFrame(rows, columns=["position", "unit_id", "reason", "rules"])


_FIRST = ("barrier", "street_unknown", "no_neighbour", "anchor_capacity", "anchor_too_small")


def _reasons_alone(problem: Problem, pairs: pd.DataFrame) -> np.ndarray:
    """(n,) text: why a unit without any neighbour has none; "" for units that have one."""
    reasons = np.full(problem.n_units, "", dtype=object)
    lonely = np.diff(problem.indptr) == 0
    reasons[lonely] = "no_neighbour"
    kind = pairs["blocked_by"].fillna("").astype(str).str.split(":").str[0]
    allowed = pairs["allowed"].fillna(False).astype(bool)
    hard = kind.isin(problem.rules.hard_kinds) & ~allowed
    reasons[lonely & _is_named(problem, pairs[hard])] = "barrier"
    # An allowed pair that the problem does not have: one of the two has no code of the wall.
    position = {unit: i for i, unit in enumerate(problem.unit_ids)}
    for a, b in zip(pairs.loc[allowed, "unit_a"], pairs.loc[allowed, "unit_b"], strict=True):
        i, j = position.get(a, -1), position.get(b, -1)
        if i >= 0 and j >= 0 and problem.wall[i] != problem.wall[j]:
            for one in (i, j):
                if lonely[one]:
                    reasons[one] = "street_unknown"
    return reasons


def _is_named(problem: Problem, pairs: pd.DataFrame) -> np.ndarray:
    named = pd.concat([pairs["unit_a"], pairs["unit_b"]]).unique()
    return pd.Index(problem.unit_ids).isin(named)


def _reasons_lead(problem: Problem, plan: Plan) -> np.ndarray:
    """(n,) text: what keeps each unit from an anchor."""
    reasons = np.full(problem.n_units, "no_adjacent_anchor", dtype=object)
    taken = _taken(problem, plan)
    for part in split_lead(problem, any_size=True):
        reasons[part.units[reachable(part)]] = "anchor_too_small"
    for part in split_lead(problem):
        of_anchor = np.searchsorted(problem.anchors, part.units[part.anchors])
        room = part.capacity - taken[of_anchor]
        inside = reachable(part)
        most = np.where(part.cost >= 0, room[:, None], -1).max(axis=0)
        fits = inside & (most >= part.load)
        reasons[part.units[inside & ~fits]] = "anchor_capacity"
        reasons[part.units[fits]] = "no_fit"
    return reasons


def _taken(problem: Problem, plan: Plan) -> np.ndarray:
    """(m,) load each anchor of the problem has taken in."""
    taken = np.zeros(len(problem.anchors), dtype=np.int64)
    for area in np.flatnonzero(plan.anchor_of >= 0):
        anchor = plan.anchor_of[area]
        members = plan.members(int(area))
        taken[np.searchsorted(problem.anchors, anchor)] = (
            problem.load[members].sum() - problem.load[anchor]
        )
    return taken


def _reasons_whole(problem: Problem) -> np.ndarray:
    """(n,) text: what keeps each unit from an area without an anchor."""
    reasons = np.full(problem.n_units, "no_fit", dtype=object)
    member = problem.is_target & (problem.weight <= problem.rules.upper)
    row = np.repeat(np.arange(problem.n_units), np.diff(problem.indptr))
    joined = member[row] & member[problem.indices]
    links = csr_array(
        (np.ones(joined.sum(), dtype=np.int8), (row[joined], problem.indices[joined])),
        shape=(problem.n_units, problem.n_units),
    )
    label = connected_components(links, directed=False)[1]
    total = np.bincount(label, weights=problem.weight)[label]
    reasons[total < problem.rules.lower] = "below_min_size"
    reasons[problem.weight > problem.rules.upper] = "above_max_size"
    return reasons
