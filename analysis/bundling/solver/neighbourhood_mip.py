"""Reoptimisation of a neighbourhood by MIP, for plans that leave units over: Lagrangian bounds are weak there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.base.work_log import ENDLESS, TimeLimit
from analysis.bundling.solver.exact.assignment_mip import AssignmentMip, PlanCosts
from analysis.bundling.solver.models.separators import Separator, find_violated_separators
from analysis.bundling.solver.neighbourhoods import Neighbourhood, Reoptimised, neighbourhood_subproblem

NODES = 200
"""Of HiGHS, for one group."""

MAX_REPAIRS = 6
"""Times a group is solved anew with separators of what came apart."""


def reoptimise_by_mip(
    part: Subproblem,
    labels: np.ndarray,
    group: Neighbourhood,
    costs: PlanCosts,
    pairs: np.ndarray,
    cuts: Iterable[Separator],
    *,
    has_time: TimeLimit = ENDLESS,
) -> Reoptimised:
    """Labels of a group's units in which their areas, and what is left over beside them, are best.

    Parameters
    ----------
    part, labels
        A sound plan of the part.
    group, costs
        What is decided anew, and the prices of plans.
    pairs
        (m, n) bool: anchor and unit may meet; the others are left to the annealing.
    cuts
        Separators of the part known so far; those found are in the answer.
    has_time
        For HiGHS, besides its nodes.
    """
    inner, now = neighbourhood_subproblem(part, labels, group)
    before = labels[group.units]
    may = pairs[np.ix_(group.anchors, group.units)] & (inner.cost >= 0)
    served = np.flatnonzero(now >= 0)
    may[now[served], served] = inner.cost[now[served], served] >= 0
    may_leave = bool((now < 0).any()) or costs.area > 0  # else leaving over could not be better
    new: list[Separator] = []

    def whole(found: np.ndarray) -> np.ndarray:
        """The part's labels with those of the group."""
        after = labels.copy()
        after[group.units] = np.append(group.anchors, -1)[found]
        return after

    def separate(found: np.ndarray) -> list[Separator]:
        apart = find_violated_separators(part, whole(found))
        new.extend(apart)
        return list(_restrict_separators(part, group, apart))

    model = AssignmentMip(inner, may, np.full(inner.n_units, may_leave), costs, lazy_connectivity=separate)
    model.add_cuts(_restrict_separators(part, group, cuts))
    answer = model.solve(now, has_time=has_time, nodes=NODES, rounds=MAX_REPAIRS)
    if answer.labels is None:
        return Reoptimised(before, False, tuple(new))
    return Reoptimised(whole(answer.labels)[group.units], answer.is_proven, tuple(new))


def _restrict_separators(part: Subproblem, group: Neighbourhood, cuts: Iterable[Separator]) -> Iterator[Separator]:
    """Separators of the part as the group sees them: units outside join none of its anchors."""
    anchor_at = {int(anchor): k for k, anchor in enumerate(group.anchors)}
    unit_at = np.full(part.n_units, -1, dtype=np.int64)
    unit_at[group.units] = np.arange(len(group.units))
    for anchor, unit, between in cuts:
        if anchor in anchor_at and unit_at[unit] >= 0:
            inside = unit_at[list(between)]
            yield anchor_at[anchor], int(unit_at[unit]), tuple(inside[inside >= 0].tolist())
