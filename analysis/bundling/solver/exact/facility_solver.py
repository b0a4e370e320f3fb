"""Branch and cut of a whole subproblem with anchors: reduced-cost fixing, then a MIP with lazy separators."""

from __future__ import annotations

import numpy as np

from analysis.bundling.solver.base.bound_limits import OnBound, tell_nobody
from analysis.bundling.solver.base.evaluate import BoundResult
from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.base.work_log import TimeLimit
from analysis.bundling.solver.exact.assignment_mip import AssignmentMip, AssignmentSolution, PlanCosts
from analysis.bundling.solver.exact.lagrangian import surviving_pairs, tighten_for_proof
from analysis.bundling.solver.kernels.knapsack import MAX_STATES
from analysis.bundling.solver.models.separators import Separator, find_violated_separators, neighbour_separators

MAX_PAIRS = 12_000
"""Pairs left after fixing beyond which the exact model is not tried."""

MAX_GAP = 0.01
"""Share of the plan's cost above its bound beyond which it is not tried where everyone must have an
area: in minutes HiGHS closes some tenths of a per cent (decision 0013)."""

SHARES = 0.05, 0.2, 0.5, 1.0
"""How far above the bound of prices plans are looked for, as shares of the way to the plan known; in
turn: the nearer, the fewer pairs are left, and where there is none the bound has risen."""


def prove_assignment(
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
) -> BoundResult:
    """Raise a bound of a part of stage "lead" by branch and cut with HiGHS.

    Pairs that prices prove too dear for any plan cheaper than `aim` are left out; separators are
    added until the best point is connected or time is over.

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
        For all of it.
    on_bound
        Told whenever the bound rises.
    """
    if not has_time():
        return BoundResult(bound, labels)
    costs = PlanCosts(left_over, area)
    priced = tighten_for_proof(part, costs, prices, bound, aim=aim, goes_on=has_time.share(0.3))
    bound = max(bound, min(priced.bound, aim))
    on_bound(bound)
    if not np.isfinite(left_over) and bound < (1 - MAX_GAP) * aim:
        return BoundResult(bound, labels)
    cuts: dict[Separator, None] = dict.fromkeys(priced.cut_multipliers)
    for share in SHARES:
        better = aim - 1 + 1e-3  # costs are whole numbers
        cutoff = priced.bound + share * (better - priced.bound)
        may, _ = surviving_pairs(part, costs, priced, cutoff, max_states=MAX_STATES)
        if may.sum() > MAX_PAIRS or not has_time():
            break
        found = _cheapest(part, costs, may, cutoff, cuts, has_time)
        if found.labels is not None and (cost := costs.of(part, found.labels)) < aim:
            labels, aim = found.labels, cost
        bound = max(bound, min(found.bound, aim if share == 1 else cutoff))
        on_bound(bound)
        if not found.is_proven or bound >= aim:
            break
    return BoundResult(min(bound, aim), labels)


def _cheapest(
    part: Subproblem, costs: PlanCosts, may: np.ndarray, most: float, cuts: dict[Separator, None], has_time: TimeLimit
) -> AssignmentSolution:
    """The cheapest connected areas made of some pairs, and what none of them can do better than.

    None that cost more than `most` are looked for. `cuts` (changed) are the separators known; those
    of what comes apart are added until nothing does any more or time is over.
    """

    def separate(labels: np.ndarray) -> list[Separator]:
        found = find_violated_separators(part, labels)
        cuts.update(dict.fromkeys(found))
        return found

    may_leave = np.full(part.n_units, bool(np.isfinite(costs.left_over)))
    model = AssignmentMip(part, may, may_leave, costs, lazy_connectivity=separate)
    model.add_cuts(neighbour_separators(part, may))
    model.add_cuts(cuts)
    model.forbid_above(most)
    return model.solve(has_time=has_time)
