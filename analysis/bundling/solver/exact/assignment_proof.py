"""The proof of a whole part of stage "lead": prices leave few pairs, and one branch and cut decides them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from analysis.bundling.solver.base.bound_limits import OnBound, tell_nobody
from analysis.bundling.solver.base.evaluate import BoundResult
from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.base.work_log import TimeLimit
from analysis.bundling.solver.exact.assignment_mip import AssignmentMip, AssignmentSolution, PlanCosts
from analysis.bundling.solver.exact.lagrangian import surviving_pairs, tighten_for_proof
from analysis.bundling.solver.kernels.knapsack import MAX_STATES
from analysis.bundling.solver.models.separators import (
    Separator,
    allowed_pairs,
    neighbour_separators,
    separate_fractional,
)

MAX_PAIRS = 12_000
"""Pairs left by the prices beyond which no tree is grown."""

PRICING_SHARE = 0.3
"""Of the seconds, at most for prices with separators."""

SHARES = 0.25, 1.0
"""How far above the bound of prices plans are looked for, as shares of the way to the plan known; in
turn: the nearer, the fewer pairs are left, and where there is none the bound has risen."""

VIOLATED, VIOLATED_WHOLE = 0.05, 0.5
"""Violation from which a separator is worth a row: in a relaxation, and in a whole point."""


def prove_by_branch_and_cut(
    part: Subproblem,
    labels: np.ndarray,
    *,
    left_over: float,
    area: float,
    prices: np.ndarray,
    bound: float,
    aim: float,
    has_time: TimeLimit,
    on_bound: OnBound = tell_nobody,
    nodes: int | None = None,
) -> BoundResult:
    """Raise a bound of a part of stage "lead", or find a better plan, by branch and cut.

    Pairs that prices prove too dear for any plan cheaper than `aim` are left out; separators are added in
    every node, for split units as for whole ones.

    Parameters
    ----------
    part, labels
        What is given, and the best plan known.
    left_over, area
        Price of a household in no area (∞ = everyone must have one) and of an area.
    prices, bound
        Prices of the units and what they prove (`subgradient_bound.bound_assignment`).
    aim
        What the plan costs.
    has_time
        Asked in the nodes; the tree then ends with the bound it has.
    on_bound
        Told whenever the bound rises.
    nodes
        Limit of each tree; None = any number.
    """
    if not has_time():
        return BoundResult(bound, labels)
    costs = PlanCosts(left_over, area)
    fixing = tighten_for_proof(part, costs, prices, bound, aim=aim, goes_on=has_time.share(PRICING_SHARE))
    bound = max(bound, min(fixing.bound, aim))
    on_bound(bound)
    for share in SHARES:
        below = aim - 1 + 1e-3  # costs are whole numbers
        below = fixing.bound + share * (below - fixing.bound)
        may, _ = surviving_pairs(part, costs, fixing, below, max_states=MAX_STATES)
        if may.sum() > MAX_PAIRS or bound >= aim or not has_time():
            break
        found = _grow_tree(part, costs, may, fixing.cut_multipliers, has_time, below, nodes)
        bound = max(bound, min(found.bound, aim))
        on_bound(bound)
        better = found.labels
        if better is not None:
            if not _keeps_capacity(part, better):
                break
            if (cost := costs.of(part, better)) < aim:
                labels, aim = better, cost
        if not found.is_proven:
            break
        if better is not None or share == 1.0:
            bound = aim
    return BoundResult(min(bound, aim), labels)


def _grow_tree(
    part: Subproblem,
    costs: PlanCosts,
    may: np.ndarray,
    cuts: Iterable[Separator],
    has_time: TimeLimit,
    below: float,
    nodes: int | None,
) -> AssignmentSolution:
    """The best connected areas made of some pairs that cost less than `below`."""
    inside = may & allowed_pairs(part)

    def separate(shares: np.ndarray, is_whole: bool) -> list[Separator]:
        if not part.is_contiguous:
            return []
        return separate_fractional(part, inside, shares, VIOLATED_WHOLE if is_whole else VIOLATED)

    model = AssignmentMip(part, may, np.full(part.n_units, bool(np.isfinite(costs.left_over))), costs)
    model.add_cuts(neighbour_separators(part, may))
    model.add_cuts(cuts)
    return model.prove(separate, has_time, below=below, nodes=nodes)


def _keeps_capacity(part: Subproblem, labels: np.ndarray) -> bool:
    """Whether no anchor takes on a unit of load too much: a solver's tolerance is relative."""
    taken = np.flatnonzero(labels >= 0)
    taken = taken[part.anchors[labels[taken]] != taken]
    return bool((np.bincount(labels[taken], part.load[taken], len(part.anchors)) <= part.capacity).all())
