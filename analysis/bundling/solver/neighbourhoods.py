"""Neighbourhoods of a plan: some areas that lie together, destroyed and reoptimised by branch and bound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.bundling.solver.base.subproblem import Subproblem, restrict
from analysis.bundling.solver.exact.assignment_mip import PlanCosts
from analysis.bundling.solver.exact.contraction import contract_fixed_units
from analysis.bundling.solver.exact.lagrangian import LagrangianState, pricing_data, surviving_pairs, tighten_bound
from analysis.bundling.solver.kernels.branch_and_bound import branch_and_bound
from analysis.bundling.solver.kernels.subgradient import PricingData
from analysis.bundling.solver.models.separators import Separator, find_violated_separators

CUTOFFS = 0.15, 0.4, 1.0
"""How far above its bound a group's areas are looked for, as shares of what is known; in turn."""

STEPS_A_NODE = 15
"""Of raising the bound of a node."""

BRANCHING_WORK = 100_000
"""Pairs looked at by branch and bound, all nodes together."""

STEPS = 60
"""Of raising a group's own bound."""


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """Anchors whose areas are reoptimised, and the units they may share.

    Parameters
    ----------
    anchors
        Indices, ascending.
    units
        Local positions, ascending: members of the areas, units left over beside them.
    """

    anchors: np.ndarray
    units: np.ndarray


def draw_neighbourhoods(
    part: Subproblem, labels: np.ndarray, k: int, count: int, rng: np.random.Generator, near: np.ndarray | None = None
) -> list[Neighbourhood]:
    """Up to `count` groups of about k areas each that have nothing in common.

    Each begins at a random unit, one of the positions `near` where given, more often at one left
    over, and grows over neighbouring areas; where anchors may be closed, those inside its areas
    belong to it.

    Parameters
    ----------
    part
        The subproblem.
    labels
        (n,) int: area of each unit, −1 = left over.
    k
        Areas in each, on average.
    count
        Neighbourhoods at most.
    rng
        The only source of randomness.
    near
        (k,) units they begin at; None = anywhere.
    """
    found: list[Neighbourhood] = []
    is_free = np.ones(part.n_units, dtype=bool)
    for _ in range(count):
        left = np.flatnonzero((labels < 0) & is_free & (part.cost >= 0).any(axis=0))
        anywhere = np.flatnonzero(is_free) if near is None else near[is_free[near]]
        if len(anywhere) == 0:
            break
        begin = rng.choice(left if len(left) and rng.random() < 0.5 else anywhere)
        chosen = _grow_anchors(part, labels, is_free, int(begin), k, rng)
        if len(chosen) == 0:
            continue
        held = np.isin(labels, chosen) & is_free
        held[part.anchors[chosen]] = True
        if part.may_close:
            inside = np.flatnonzero(held[part.anchors])
            chosen = np.union1d(chosen, inside)
        loose = (labels < 0) & is_free & (part.cost[chosen] >= 0).any(axis=0)
        units = np.flatnonzero(held | loose)
        is_free[units] = False
        found.append(Neighbourhood(chosen, units))
    return found


def _grow_anchors(
    part: Subproblem, labels: np.ndarray, is_free: np.ndarray, begin: int, k: int, rng: np.random.Generator
) -> np.ndarray:
    """Up to k anchors of free areas that lie together around a unit; ascending."""
    chosen: list[int] = []
    ring = _anchors_by_cost(part, labels, begin)
    while ring and len(chosen) < k:
        anchor = ring.pop(int(rng.integers(min(len(ring), 3))))
        if anchor in chosen or not is_free[part.anchors[anchor]]:
            continue
        chosen.append(anchor)
        around = _adjacent_anchors(part, labels, labels == anchor)
        rng.shuffle(around)
        ring += [int(other) for other in around if other not in chosen and other not in ring]
    return np.array(sorted(chosen), dtype=np.int64)


def _anchors_by_cost(part: Subproblem, labels: np.ndarray, unit: int) -> list[int]:
    if labels[unit] >= 0:
        return [int(labels[unit])]
    reach = np.flatnonzero(part.cost[:, unit] >= 0)
    return [int(k) for k in reach[np.argsort(part.cost[reach, unit], kind="stable")]]


def _adjacent_anchors(part: Subproblem, labels: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Anchors whose areas touch the units inside, directly or over units left over."""
    around = part.links @ inside > 0
    left = around & (labels < 0)
    if left.any():
        around |= part.links @ left > 0
    found = np.unique(labels[around])
    return found[found >= 0]


@dataclass(frozen=True, eq=False)
class Reoptimised:
    """Result of reoptimising a neighbourhood.

    Parameters
    ----------
    labels
        (u,) the anchor of each of the group's units, −1 = left over; never worse than before.
    is_proven
        Whether nothing better is there.
    cuts
        Separators of the part found on the way.
    """

    labels: np.ndarray
    is_proven: bool
    cuts: tuple[Separator, ...] = ()


def neighbourhood_subproblem(
    part: Subproblem, labels: np.ndarray, neighbourhood: Neighbourhood
) -> tuple[Subproblem, np.ndarray]:
    """The part a group makes up, and its units' labels there: places in the group's anchors.

    Parameters
    ----------
    part
        The subproblem.
    labels
        (n,) int: area of each unit, −1 = left over.
    neighbourhood
        Its anchors and units.
    """
    place = np.full(len(part.anchors) + 1, -1, dtype=np.int64)  # the last stands for "left over"
    place[neighbourhood.anchors] = np.arange(len(neighbourhood.anchors))
    return restrict(part, neighbourhood.anchors, neighbourhood.units), place[labels[neighbourhood.units]]


def reoptimise(
    part: Subproblem, labels: np.ndarray, neighbourhood: Neighbourhood, costs: PlanCosts, state: LagrangianState
) -> Reoptimised:
    """Labels of a group's units in which their areas are best.

    The group's own prices, begun with those of the whole part, prove most pairs too dear for
    anything better than what is there, and often all; branch and bound decides among the rest.
    No clock is read: the answer is the same on every machine.

    Parameters
    ----------
    part, labels
        A sound plan of the part.
    neighbourhood
        What is decided anew.
    costs, state
        Prices of plans; prices of units with which the group's bound begins.
    """
    inner, now = neighbourhood_subproblem(part, labels, neighbourhood)
    before = Reoptimised(labels[neighbourhood.units], True)
    may_leave = bool((now < 0).any()) or costs.area > 0  # else leaving over could not be better
    if not may_leave:
        costs = PlanCosts(np.inf, costs.area)
    known_cost = costs.of(inner, now)
    better = known_cost - 1 + 1e-3  # costs are whole numbers
    aim = min(known_cost, _optimistic_cost(inner, now, costs))
    inner_state = tighten_bound(
        inner,
        costs,
        _restrict_multipliers(part, neighbourhood, state),
        aim=aim,
        enough=better,
        rounds=2,
        steps=STEPS // 2,
        length=0.3,
    )
    if inner_state.bound >= better:
        return before
    return _branch_and_bound(inner, neighbourhood, now, costs, inner_state, known_cost, aim, may_leave)


def _branch_and_bound(
    inner: Subproblem,
    neighbourhood: Neighbourhood,
    now: np.ndarray,
    costs: PlanCosts,
    inner_state: LagrangianState,
    known_cost: float,
    aim: float,
    may_leave: bool,
) -> Reoptimised:
    """The best areas by branch and bound, first far below what is there: that is soon decided."""
    m = len(inner.anchors)
    found = now.copy()
    is_proven = False
    for share in CUTOFFS:
        cutoff = inner_state.bound + share * (known_cost - inner_state.bound) if share < 1 else known_cost
        may, _ = surviving_pairs(inner, costs, inner_state, cutoff - 1 + 1e-3)
        contracted = contract_fixed_units(inner, may, inner_state, is_allowed=not may_leave)
        data = pricing_data(contracted.part, costs, list(contracted.cut_multipliers))
        anchors = contracted.part.anchors
        if may_leave:
            data, anchors = _with_left_over_place(data), np.append(anchors, -1)
        size = contracted.part.cost.size * max(1.0, contracted.part.n_units / 100)
        labels = found[contracted.kept]
        cost, n_open, _ = branch_and_bound(
            data,
            contracted.part.indptr,
            contracted.part.indices,
            anchors,
            inner.is_contiguous,
            inner_state.prices[contracted.kept],
            np.array(list(contracted.cut_multipliers.values()), dtype=float),
            cutoff - contracted.fixed,
            aim - contracted.fixed,
            STEPS_A_NODE,
            max(30, int(BRANCHING_WORK / size)),
            labels,
        )
        is_proven = n_open == 0
        if cost < cutoff - contracted.fixed:
            found = contracted.fixed_to.copy()
            found[contracted.kept] = labels
            break
    found = np.where(found == m, -1, found)  # the last place is "left over"
    if not inner.may_close:
        found[inner.anchors] = np.arange(m)
    return Reoptimised(np.append(neighbourhood.anchors, -1)[found], is_proven)


def _with_left_over_place(data: PricingData) -> PricingData:
    """One more place, with room for everyone: to be left over there costs its price."""
    return data._replace(
        cost=np.vstack([data.cost, np.where(data.must, data.ceiling, np.inf)]),
        room=np.append(data.room, data.load.sum()),
        opening=np.append(data.opening, 0.0),
        own=np.append(data.own, -1),
        ceiling=np.full_like(data.ceiling, np.inf),
    )


def _restrict_multipliers(part: Subproblem, neighbourhood: Neighbourhood, state: LagrangianState) -> LagrangianState:
    """Prices and tolls of the whole part as far as they concern a group."""
    anchor_at = {int(anchor): k for k, anchor in enumerate(neighbourhood.anchors)}
    unit_at = np.full(part.n_units, -1, dtype=np.int64)
    unit_at[neighbourhood.units] = np.arange(len(neighbourhood.units))
    cut_multipliers = {}
    for (anchor, unit, between), multiplier in state.cut_multipliers.items():
        if anchor in anchor_at and unit_at[unit] >= 0:
            inside = unit_at[list(between)]
            cut = anchor_at[anchor], int(unit_at[unit]), tuple(inside[inside >= 0].tolist())
            cut_multipliers[cut] = multiplier
    return LagrangianState(state.bound, state.prices[neighbourhood.units], cut_multipliers, state.mean)


def _optimistic_cost(part: Subproblem, labels: np.ndarray, costs: PlanCosts) -> float:
    """What serving everyone might cost: those left over as dear as they can be."""
    left = np.flatnonzero((labels < 0) & (part.cost >= 0).any(axis=0))
    dearest = part.cost[:, left].max(axis=0, initial=0).sum()
    served = np.where(labels < 0, -1, labels)
    rest = PlanCosts(0.0, costs.area).of(part, served)
    return rest + 2.0 * float(dearest)


def compile_kernels(part: Subproblem) -> None:
    """Have the kernels ready that groups are solved with: `part` is any small one with an anchor."""
    everyone = Neighbourhood(np.arange(len(part.anchors)), np.arange(part.n_units))
    costs = PlanCosts(np.inf, 0.0)
    now = np.where(part.cost[0] >= 0, 0, -1)
    now[part.anchors] = np.arange(len(part.anchors))
    start = LagrangianState(-np.inf, np.zeros(part.n_units), {}, np.zeros(part.cost.shape))
    state = tighten_bound(part, costs, start, aim=1.0, rounds=2, steps=2)
    _branch_and_bound(part, everyone, now, costs, state, 10.0, 10.0, False)
    find_violated_separators(part, now)
