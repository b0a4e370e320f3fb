"""Facility selection: which anchors to open, by a MIP of aggregated demand, ranked by Lagrangian bounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from scipy.sparse import csr_array

from analysis.bundling.solver.base.budget import MapFunction
from analysis.bundling.solver.base.subproblem import IMPOSSIBLE, Subproblem, open_anchors
from analysis.bundling.solver.base.work_log import ENDLESS, TimeLimit
from analysis.bundling.solver.exact.assignment_mip import (
    AssignmentMip,
    PlanCosts,
    TransportRelaxation,
    solve_transport_relaxation,
)
from analysis.bundling.solver.exact.lagrangian import LagrangianState, tighten_bound

CAPACITY_MARGINS = 0.0, 0.01
"""Shares of all load by which the room of the chosen exceeds it, a list of choices for each: whole units fill no anchor
to the last household, and how much is lost is not known beforehand."""

N_NEAREST = 2
"""Units with the same so many nearest anchors, in order, are one while anchors are chosen."""

N_CANDIDATES = 8
"""Anchors each of these may go to, those of least reduced cost."""

NODES = 20
"""Of HiGHS, for one choice."""

N_LISTED = 3
"""Choices listed for each margin."""

LISTED_SHARE = 0.8
"""Share of the time for choosing that lists have; then choices are priced."""

MAX_RELAXED_PAIRS = 2_000_000
"""Pairs of anchor and unit in all the relaxations tried of choices beside one, some seconds."""

N_EXCHANGES = 6
"""An open anchor is exchanged with this many closed ones, the nearest."""

N_PRICED = 8
"""Choices beside one whose knapsacks are priced, those of the best transportation relaxations."""

SPARE_UNITS = 0.25
"""Room an anchor, in mean units, that a choice should leave: with less of it whole units seldom fit."""


@dataclass(frozen=True, eq=False)
class FacilitySelection:
    """Anchors that might lead.

    Parameters
    ----------
    chosen
        Indices of the open anchors, ascending.
    labels
        (n,) index of the anchor that would serve most of each unit, −1 = none would.
    bound
        No plan of these anchors costs less, openings among it.
    estimate
        The bound, higher by as much as room is scarce: what choices are ranked by.
    """

    chosen: np.ndarray
    labels: np.ndarray
    bound: float
    estimate: float


def select_facilities(
    part: Subproblem, costs: PlanCosts, *, has_time: TimeLimit = ENDLESS, each: MapFunction = map
) -> list[FacilitySelection]:
    """Good choices of leads, the most promising first.

    Demand is aggregated (`aggregate_units`), and of what is left HiGHS finds the best choices one after the other,
    for two margins of room (decision 0061).

    Parameters
    ----------
    part
        Of stage "lead", where anchors may be closed.
    costs
        Prices of a household left over and of an area.
    has_time
        For all of it.
    each
        `map`, or what does the same several at a time.
    """
    whole = aggregate_units(part)
    n = len(CAPACITY_MARGINS)
    asked = [(spare, has_time.share(LISTED_SHARE * (k + 1) / n)) for k, spare in enumerate(CAPACITY_MARGINS)]
    found = {
        chosen.tobytes(): chosen
        for choices in each(lambda one: list(islice(_list_choices(whole, *one), N_LISTED)), asked)
        for chosen in choices
    }
    return _price_choices(costs, _relax_choices(part, found.values()), has_time)


def aggregate_units(part: Subproblem) -> Subproblem:
    """A part in which units with the same nearest anchors, in order, are one unit; anchors stay as they are.

    Demand is aggregated, walks are not: what a group costs with an anchor is what its units cost. It has no edges.

    Parameters
    ----------
    part
        Of stage "lead".
    """
    m = len(part.anchors)
    is_allowed = part.cost >= 0
    order = np.argsort(np.where(is_allowed, part.cost, np.inf), axis=0, kind="stable")[:N_NEAREST]
    own = np.full(part.n_units, -1)
    own[part.anchors] = np.arange(m)
    _, group = np.unique(np.concatenate([order, is_allowed, own[None, :]]), axis=1, return_inverse=True)
    group = group.ravel()
    n = int(group.max(initial=-1)) + 1
    total = csr_array(
        (np.ones(part.n_units, dtype=np.int64), (group, np.arange(part.n_units))), shape=(n, part.n_units)
    )
    first = np.unique(group, return_index=True)[1]
    return replace(
        part,
        units=np.arange(n),
        indptr=np.zeros(n + 1, dtype=np.int64),
        indices=np.zeros(0, dtype=np.int64),
        households=total @ part.households,
        weight=total @ part.weight,
        load=total @ part.load,
        walkers=total @ part.walkers,
        cost=np.where(is_allowed[:, first], (total @ part.cost.T).T, IMPOSSIBLE),
        anchors=group[part.anchors],
    )


def _list_choices(part: Subproblem, spare: float, has_time: TimeLimit) -> Iterator[np.ndarray]:
    """Choices of anchors with room to spare, the cheapest first, as far as the nodes see; units may be split."""
    m, n = part.cost.shape
    relaxation = solve_transport_relaxation(part, 100.0 * float(part.cost.max(initial=1)))
    reduced = np.where(part.cost >= 0, relaxation.reduced, np.inf)
    may = np.zeros((m, n), dtype=bool)
    nearest = np.argsort(reduced, axis=0, kind="stable")[:N_CANDIDATES]
    np.put_along_axis(may, nearest, np.isfinite(np.take_along_axis(reduced, nearest, 0)), axis=0)
    own = np.arange(m), part.anchors
    may[own] = part.cost[own] >= 0
    model = AssignmentMip(part, may, np.zeros(n, dtype=bool), PlanCosts(np.inf, 0.0), relax=True)
    model.require_room(spare)
    while has_time():
        answer = model.solve(has_time=has_time, nodes=NODES)
        if answer.labels is None:
            return
        yield np.flatnonzero(answer.opened)
        model.forbid_choice(answer.opened)


def neighbouring_selections(
    part: Subproblem, costs: PlanCosts, leads: np.ndarray, *, below: float, has_time: TimeLimit = ENDLESS
) -> list[FacilitySelection]:
    """Selections one exchange away from the open anchors `leads`, the most promising first.

    Ranked by transportation relaxations, and the best of these by knapsacks and separators.

    Parameters
    ----------
    part
        Of stage "lead", where anchors may be closed.
    costs
        Prices of a household left over and of an area.
    leads
        Indices of the open anchors.
    below
        Selections that cannot cost less are left out.
    has_time
        For all of it.
    """
    now = frozenset(leads.tolist())
    steps = _neighbouring_sets(now, _anchor_distances(part))[: max(30, MAX_RELAXED_PAIRS // part.cost.size)]
    relaxed = []
    for step in steps:
        if not has_time():
            break
        relaxed += _relax_choices(part, [np.array(sorted(step), dtype=np.int64)])
    ranked = sorted((one for one in relaxed if one.cost < below), key=lambda one: one.cost * one.scarcity)
    return _price_choices(costs, ranked[:N_PRICED], has_time)


@dataclass(frozen=True, eq=False)
class _RelaxedChoice:
    """A choice with its part, in which its anchors always lead, and what the transportation relaxation says of it."""

    chosen: np.ndarray
    free: Subproblem
    relaxation: TransportRelaxation
    opening: float
    scarcity: float

    @property
    def cost(self) -> float:
        """By transportation, with all openings."""
        return self.relaxation.bound + self.opening


def _relax_choices(part: Subproblem, choices: Iterable[np.ndarray]) -> list[_RelaxedChoice]:
    """Those of the choices that have room for all load, each with its transportation relaxation."""
    return [_relax(part, chosen) for chosen in choices if len(chosen) and _room(part, chosen) >= _load(part, chosen)]


def _relax(part: Subproblem, chosen: np.ndarray) -> _RelaxedChoice:
    free = lead_always(part, chosen)
    wanted = _load(part, chosen) + SPARE_UNITS * float(part.load.mean()) * len(chosen)
    return _RelaxedChoice(
        chosen,
        free,
        solve_transport_relaxation(free, 10.0 * float(part.cost.max(initial=1))),
        float(part.opening[chosen].sum()),
        max(1.0, wanted / max(1.0, _room(part, chosen))),
    )


def _price_choices(costs: PlanCosts, choices: Iterable[_RelaxedChoice], has_time: TimeLimit) -> list[FacilitySelection]:
    """Selections of the choices, the most promising first: by how scarce room is, and by knapsacks and separators.

    Where time is over, by transportation instead of these, which is a bound as well.
    """
    found = []
    for one in choices:
        bound = one.cost
        if has_time():
            start = LagrangianState(-np.inf, one.relaxation.prices, {}, np.zeros(one.free.cost.shape))
            aim = 1.005 * one.relaxation.bound
            priced = tighten_bound(one.free, costs, start, aim=aim, rounds=4, steps=100, length=1.0)
            bound = max(bound, priced.bound + one.opening)
        labels = np.append(one.chosen, -1)[one.relaxation.labels]
        found.append(FacilitySelection(one.chosen, labels, bound, bound * one.scarcity))
    return sorted(found, key=lambda selection: selection.estimate)


def lead_always(part: Subproblem, chosen: np.ndarray) -> Subproblem:
    """The part in which the anchors at indices `chosen` always lead, the others never; opening them costs nothing.

    Parameters
    ----------
    part
        Of stage "lead", where anchors may be closed.
    chosen
        (k,) indices of anchors, ascending.
    """
    free = open_anchors(part, chosen)
    return replace(free, opening=np.zeros_like(free.opening))


def _load(part: Subproblem, chosen: np.ndarray) -> int:
    """What the chosen anchors are to take in, their own units apart."""
    return int(part.load.sum() - part.load[part.anchors[chosen]].sum())


def _room(part: Subproblem, chosen: np.ndarray) -> int:
    return int(part.capacity[chosen].sum())


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


def _anchor_distances(part: Subproblem) -> np.ndarray:
    """(m, m) cost of serving one anchor's unit from another, a household; ∞ where it may not be."""
    cost = part.cost[:, part.anchors].astype(float)
    cost[cost < 0] = np.inf
    return cost / np.maximum(part.households[part.anchors], 1)
