"""Restricted MIP: only pairs whose reduced cost leaves them in a plan near the Lagrangian bound."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.base.work_log import TimeLimit
from analysis.bundling.solver.exact.assignment_mip import AssignmentMip, PlanCosts
from analysis.bundling.solver.exact.lagrangian import LagrangianState, surviving_pairs
from analysis.bundling.solver.models.separators import Separator, find_violated_separators, neighbour_separators

MIN_UNITS_AN_ANCHOR = 40
"""Units an anchor, on average, from which it is worth while: among so many small ones depth-first
search of groups seldom meets a plan, and rounding what is not whole often does (decision 0013)."""

MAX_GAP = 0.01
"""Largest gap between the best plan and the bound, as a share of the plan's cost."""

GAP_SHARES = 0.03, 0.1, 0.3
"""How far up that gap plans are looked for, in turn."""

MODEL_SHARE, MODEL_NODES = 0.35, 200
"""Share of the time left that HiGHS has, where a clock is read, and its nodes."""

MAX_PAIRS = 4_500
"""Pairs beyond which it is not asked."""


@dataclass(frozen=True, eq=False)
class RestrictedMipResult:
    """What HiGHS found.

    Parameters
    ----------
    labels
        (n,) not always connected; None = none.
    cuts
        Separators that the labels violate.
    n_infeasible_shares
        Shares below which there is proven to be no plan.
    """

    labels: np.ndarray | None
    cuts: tuple[Separator, ...]
    n_infeasible_shares: int


def is_promising(part: Subproblem, priced: LagrangianState, best: float) -> bool:
    """Whether plans between the bound of prices and the best one known may be made of few pairs.

    Parameters
    ----------
    part
        The subproblem.
    priced
        Multipliers and the bound they prove.
    best
        What the best plan known costs.
    """
    has_many = part.n_units >= MIN_UNITS_AN_ANCHOR * len(part.anchors)
    return has_many and not part.may_close and priced.bound > (1 - MAX_GAP) * best


def solve_restricted_mip(
    part: Subproblem,
    costs: PlanCosts,
    priced: LagrangianState,
    best: float,
    cuts: Iterable[Separator],
    *,
    shares: Sequence[float] = GAP_SHARES,
    has_time: TimeLimit,
) -> RestrictedMipResult:
    """Labels that cost less than `best`, of the pairs that prices leave to plans little above their bound.

    Everyone is served; areas need not be connected.

    Parameters
    ----------
    part, costs, priced
        What is given, and what is known of its prices.
    best
        What the best plan known costs.
    cuts
        Separators known.
    shares
        How far up from the bound to `best`: in turn, until there are labels or too many pairs.
    has_time
        For the search that this is a part of; endless where no clock is read, then only nodes limit the work.
    """
    n_infeasible_shares = 0
    known = {**priced.cut_multipliers, **dict.fromkeys(cuts)}
    for share in shares:
        cutoff = priced.bound + share * (best - priced.bound)
        may, _ = surviving_pairs(part, costs, priced, cutoff)
        if may.sum() > MAX_PAIRS:
            break
        model = AssignmentMip(part, may, np.zeros(part.n_units, dtype=bool), costs)
        model.add_cuts(neighbour_separators(part, may))
        model.add_cuts(known)
        answer = model.solve(has_time=has_time.share(MODEL_SHARE), nodes=MODEL_NODES)
        if answer.labels is not None and costs.of(part, answer.labels) < best:
            return RestrictedMipResult(
                answer.labels, tuple(find_violated_separators(part, answer.labels)), n_infeasible_shares
            )
        if not answer.is_proven:
            break
        n_infeasible_shares += 1
    return RestrictedMipResult(None, (), n_infeasible_shares)
