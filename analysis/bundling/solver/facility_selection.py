"""Facility selection: which anchors to open, by a MIP, then by the neighbourhood of a selection."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.bundling.solver.base.subproblem import Subproblem, open_anchors
from analysis.bundling.solver.base.work_log import ENDLESS, TimeLimit
from analysis.bundling.solver.exact.assignment_mip import (
    AssignmentMip,
    PlanCosts,
    TransportRelaxation,
    solve_transport_relaxation,
)

CAPACITY_MARGINS = 0.01, 0.003, 0.02, 0.04
"""Shares of all load by which the room of the chosen exceeds it, one choice each, in turn: whole
units fill no anchor to the last household, and how much is lost is not known beforehand."""

N_CANDIDATES = 8
"""Anchors each unit may go to while anchors are chosen, those of least reduced cost."""

NODES = 500
"""Of HiGHS, for one choice."""

MAX_RELAXED_PAIRS = 2_000_000
"""Pairs of anchor and unit in all the relaxations tried of choices beside one, some seconds."""

N_EXCHANGES = 6
"""An open anchor is exchanged with this many closed ones, the nearest."""


@dataclass(frozen=True, eq=False)
class FacilitySelection:
    """Anchors that might lead.

    Parameters
    ----------
    chosen
        Indices of the open anchors, ascending.
    labels
        (n,) index of the anchor that would serve most of each unit, −1 = none would.
    """

    chosen: np.ndarray
    labels: np.ndarray


def select_facilities(
    part: Subproblem, found: TransportRelaxation, spare: float, *, has_time: TimeLimit = ENDLESS
) -> FacilitySelection | None:
    """The best choice of leads whose room exceeds all load by a share; None where none is found.

    Units may be split and areas fall apart, but anchors are open or closed: choose_zyc3, 5 s: a
    choice worth 4.158 M, where exchanging anchors one by one while the relaxation gained ended at
    4.237 M (best plan known: 4.162 M).

    Parameters
    ----------
    part
        Of stage "lead", where anchors may be closed.
    found
        Its transportation relaxation.
    spare
        See `CAPACITY_MARGINS`.
    has_time
        Besides the nodes.
    """
    m, n = part.cost.shape
    reduced = np.where(part.cost >= 0, found.reduced, np.inf)
    may = np.zeros((m, n), dtype=bool)
    nearest = np.argsort(reduced, axis=0, kind="stable")[:N_CANDIDATES]
    np.put_along_axis(may, nearest, np.isfinite(np.take_along_axis(reduced, nearest, 0)), axis=0)
    own = np.arange(m), part.anchors
    may[own] = part.cost[own] >= 0
    model = AssignmentMip(part, may, np.zeros(n, dtype=bool), PlanCosts(np.inf, 0.0), relax=True)
    model.require_room(spare)
    answer = model.solve(has_time=has_time, nodes=NODES)
    if answer.labels is None:
        return None
    return FacilitySelection(np.flatnonzero(answer.opened), answer.labels)


def neighbouring_selections(part: Subproblem, leads: np.ndarray) -> list[FacilitySelection]:
    """Selections one exchange away from the open anchors `leads`: the best relaxation first.

    Parameters
    ----------
    part
        The subproblem.
    leads
        Indices of the open anchors.
    """
    now = frozenset(leads.tolist())
    steps = _neighbouring_sets(now, _anchor_distances(part))[: max(30, MAX_RELAXED_PAIRS // part.cost.size)]
    ranked = sorted(((*_evaluate_relaxation(part, step), step) for step in steps), key=lambda one: one[0])
    return [
        FacilitySelection(chosen, np.append(chosen, -1)[labels])
        for cost, labels, step in ranked
        if np.isfinite(cost) and len(chosen := np.array(sorted(step), dtype=np.int64))
    ]


def _neighbouring_sets(now: frozenset[int], apart: np.ndarray) -> list[frozenset[int]]:
    """Choices one step away: exchanges with near anchors, nearest first, one less, one more."""
    closed = np.array([k for k in range(len(apart)) if k not in now], dtype=np.int64)
    steps: list[tuple[float, frozenset[int]]] = []
    for out in sorted(now):
        near = closed[np.argsort(apart[out, closed], kind="stable")][:N_EXCHANGES]
        steps += [(float(rank), (now - {out}) | {int(k)}) for rank, k in enumerate(near)]
        steps.append((0.5, now - {out}))
    steps += [(1.5, now | {int(new)}) for new in closed]
    return [choice for _, choice in sorted(steps, key=lambda step: step[0])]


def _evaluate_relaxation(part: Subproblem, choice: frozenset[int]) -> tuple[float, np.ndarray]:
    """What the transportation relaxation says of a choice: cost with all openings, and labels.

    Whole units fill no anchor to the last household: where less than a quarter of a unit an
    anchor would be left of all room, the cost counts as higher by as much as room lacks.
    """
    chosen = np.array(sorted(choice), dtype=np.int64)
    load = part.load.sum() - part.load[part.anchors[chosen]].sum()
    if load > part.capacity[chosen].sum():
        return float("inf"), np.full(part.n_units, -1)
    free = replace(open_anchors(part, chosen), opening=np.zeros(len(chosen), dtype=np.int64))
    found = solve_transport_relaxation(free, 10.0 * float(part.cost.max(initial=1)))
    cost = found.bound + float(part.opening[chosen].sum())
    wanted = load + 0.25 * float(part.load.mean()) * len(chosen)
    lacking = max(0.0, wanted / max(1.0, float(part.capacity[chosen].sum())) - 1.0)
    return cost * (1.0 + lacking), found.labels


def _anchor_distances(part: Subproblem) -> np.ndarray:
    """(m, m) cost of serving one anchor's unit from another, a household; ∞ where it may not be."""
    cost = part.cost[:, part.anchors].astype(float)
    cost[cost < 0] = np.inf
    return cost / np.maximum(part.households[part.anchors], 1)
