"""Lower bound where anchors may be closed: which of them are open is decided, units may be split."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis.bundling.solver.base.subproblem import IMPOSSIBLE, Subproblem
from analysis.bundling.solver.base.work_log import TimeLimit
from analysis.bundling.solver.exact.assignment_mip import AssignmentMip, PlanCosts

MAX_PAIRS = 12_000
"""Pairs of the model; of more only those of the nearest anchors are in it, the same number of each unit."""


def bound_selection(part: Subproblem, *, left_over: float, area: float, has_time: TimeLimit) -> float:
    """Cost that no choice of anchors is below, by branch and bound over the choice alone.

    Areas may fall apart and units may be split: what is lost is small beside what splitting openings loses.
    Anchors far from a unit stand together as one that costs what the nearest of them does, has room for all
    and is always open, so that the model of many units stays small, and its bound holds.

    Parameters
    ----------
    part
        Of stage "lead", where anchors may be closed.
    left_over, area
        Price of a household in no area (∞ = everyone must be served) and of an area.
    has_time
        Asked by HiGHS; the bound reached is kept.
    """
    m, n = part.cost.shape
    cost = np.where(part.cost >= 0, part.cost, np.inf)
    may = np.zeros((m, n), dtype=bool)
    nearest = np.argsort(cost, axis=0, kind="stable")[: max(1, MAX_PAIRS // n)]
    np.put_along_axis(may, nearest, True, axis=0)
    may[np.arange(m), part.anchors] = True
    may &= part.cost >= 0
    elsewhere = np.where(may, np.inf, cost).min(axis=0)
    wider = _with_anchor(part, np.where(np.isfinite(elsewhere), elsewhere, IMPOSSIBLE).astype(np.int64), area)
    pairs = wider.cost >= 0
    pairs[:m, :n] = may
    may_leave = np.full(n + 1, bool(np.isfinite(left_over)))
    model = AssignmentMip(
        wider,
        pairs,
        may_leave,
        PlanCosts(left_over, area),
        relax=True,
        mip_heuristic_effort=0.0,  # the bound is all that is asked for
    )
    return model.solve(has_time=has_time).bound


def _with_anchor(part: Subproblem, cost: np.ndarray, area: float) -> Subproblem:
    """The part with one more anchor, a unit of nobody, that takes everyone in at such a cost and opens for nothing.

    An area has the price `area`, which it takes off.
    """
    m, n = part.cost.shape
    wider = np.full((m + 1, n + 1), IMPOSSIBLE)
    wider[:m, :n], wider[m, :n], wider[m, n] = part.cost, cost, 0
    return replace(
        part,
        units=np.arange(n + 1),
        indptr=np.append(part.indptr, part.indptr[-1]),
        households=np.append(part.households, 0),
        weight=np.append(part.weight, 0),
        load=np.append(part.load, 0),
        walkers=np.append(part.walkers, 0),
        cost=wider,
        anchors=np.append(part.anchors, n),
        capacity=np.append(part.capacity, part.load.sum()),
        opening=np.append(part.opening, -area),
    )
