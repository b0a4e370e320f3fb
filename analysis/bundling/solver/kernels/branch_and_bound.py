"""Compiled branch and bound of a few anchored areas: Lagrangian bounds, fixing, depth first."""

from __future__ import annotations

import numpy as np

from analysis.bundling.solver.kernels.graph_search import mark_reachable
from analysis.bundling.solver.kernels.jit import entry, inner
from analysis.bundling.solver.kernels.subgradient import (
    PricingData,
    evaluate_lagrangian,
    forcing_penalties,
    subgradient_ascent,
)


@entry
def branch_and_bound(
    data: PricingData,
    indptr: np.ndarray,
    indices: np.ndarray,
    anchors: np.ndarray,
    is_contiguous: bool,
    prices: np.ndarray,
    cut_multipliers: np.ndarray,
    cutoff: float,
    aim: float,
    n_steps: int,
    max_nodes: int,
    labels: np.ndarray,
) -> tuple[float, int, float]:
    """The cheapest areas below `cutoff`, where every unit of `data.must` has one.

    Parameters
    ----------
    data
        What is given; `ceiling` is not asked for: nobody is left over.
    indptr, indices
        CSR adjacency of the units.
    anchors
        (m,) int64; −1 = its area need not be connected.
    is_contiguous
        Whether areas must be connected.
    prices, cut_multipliers
        (n,) and (c,) float: where bounds begin.
    cutoff
        Only plans that cost less by at least one are looked for.
    aim
        What the best plan may cost; prices rise towards it.
    n_steps
        Steps of raising the bound of each node.
    max_nodes
        Nodes after which the search ends unproven.
    labels
        (n,) int64, changed where a plan is found.

    Returns
    -------
    What the plan costs (`cutoff` where none was found), nodes left over (0 = it is proven best),
    and the least bound among them.
    """
    m, n = data.cost.shape
    max_depth = 2 * n + 2
    excluded_at = np.zeros((max_depth, m, n), dtype=np.bool_)
    price_at, cut_multipliers_at = np.zeros((max_depth, n)), np.zeros((max_depth, len(cut_multipliers)))
    bound_at = np.zeros(max_depth)
    price_at[0], cut_multipliers_at[0] = prices, cut_multipliers
    bound_at[0] = -np.inf
    for j in range(m):
        for i in range(n):
            excluded_at[0, j, i] = not data.cost[j, i] < np.inf
    mean = np.zeros((m, n))
    inside, outside = np.zeros((m, n)), np.zeros((m, n))
    cost = data.cost.copy()
    node = PricingData(
        cost,
        data.load,
        data.room,
        data.opening,
        data.own,
        data.must,
        data.ceiling,
        data.anchor,
        data.unit,
        data.start,
        data.member,
        data.max_states,
    )
    now, taken, values = cost.copy(), np.zeros((m, n), dtype=np.bool_), np.zeros(m)
    trial = np.zeros(n, dtype=np.int64)
    seen, stack = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.int64)
    top, n_nodes = 1, 0
    while top > 0 and n_nodes < max_nodes:
        top -= 1
        n_nodes += 1
        if bound_at[top] >= cutoff - 1 + 1e-3:
            continue
        excluded, multipliers, current_cut_multipliers = excluded_at[top], price_at[top], cut_multipliers_at[top]
        is_pruned = False
        for _ in range(2):
            if not _propagate(data, excluded, indptr, indices, anchors, is_contiguous, seen, stack):
                is_pruned = True
                break
            for j in range(m):
                for i in range(n):
                    cost[j, i] = np.inf if excluded[j, i] else data.cost[j, i]
            n_open = _forced_assignment(data, excluded, trial)
            if n_open <= 0:
                is_pruned = True
                if n_open < 0:
                    break
                trial_cost = _assignment_cost(data, trial)
                if trial_cost < cutoff and _is_feasible(
                    data, indptr, indices, anchors, is_contiguous, trial, seen, stack
                ):
                    cutoff = trial_cost
                    labels[:] = trial
                break
            bound, _ = subgradient_ascent(
                node, multipliers, current_cut_multipliers, mean, 0.3, min(aim, cutoff), cutoff - 1 + 1e-3, n_steps
            )
            bound = evaluate_lagrangian(node, multipliers, current_cut_multipliers, now, taken, values)
            bound_at[top] = max(bound_at[top], bound)
            if bound >= cutoff - 1 + 1e-3:
                is_pruned = True
                break
            if _relaxed_assignment(data, taken, trial):
                trial_cost = _assignment_cost(data, trial)
                if trial_cost < cutoff and _is_feasible(
                    data, indptr, indices, anchors, is_contiguous, trial, seen, stack
                ):
                    cutoff = trial_cost
                    labels[:] = trial
            forcing_penalties(node, multipliers, now, values, inside, outside)
            n_banned = _fix_by_bounds(data, excluded, inside, outside, cutoff - 1 + 1e-3 - bound)
            if n_banned * 8 < n_open:
                break
        if is_pruned:
            continue
        if not _propagate(data, excluded, indptr, indices, anchors, is_contiguous, seen, stack):
            continue
        unit, anchor = _select_branching_pair(data, excluded, mean)
        if unit < 0:  # everything is decided: look at it once more
            top += 1
            continue
        # Without the pair below, with it above: it is looked at first.
        excluded_at[top + 1], price_at[top + 1], cut_multipliers_at[top + 1] = (
            excluded,
            multipliers,
            current_cut_multipliers,
        )
        bound_at[top + 1] = bound_at[top]
        excluded_at[top, anchor, unit] = True
        for j in range(m):
            if j != anchor:
                excluded_at[top + 1, j, unit] = True
        top += 2
    least = cutoff
    for k in range(top):
        least = min(least, bound_at[k])
    return cutoff, top, least


@inner
def _propagate(
    data: PricingData,
    excluded: np.ndarray,
    indptr: np.ndarray,
    indices: np.ndarray,
    anchors: np.ndarray,
    is_contiguous: bool,
    seen: np.ndarray,
    stack: np.ndarray,
) -> bool:
    """Ban what an anchor does not reach, or has no room for; False where a unit has no place left."""
    m, n = excluded.shape
    for j in range(m):
        own = data.own[j]
        if own >= 0 and excluded[j, own]:  # closed
            excluded[j, :] = True
            continue
        if is_contiguous and anchors[j] >= 0:
            mark_reachable(indptr, indices, anchors[j], excluded[j], seen, stack)
            for i in range(n):
                if not seen[i]:
                    excluded[j, i] = True
    held = np.zeros(m, dtype=np.int64)
    only = np.full(n, -1, dtype=np.int64)
    for i in range(n):
        if not data.must[i]:
            continue
        count = 0
        for j in range(m):
            if not excluded[j, i]:
                count += 1
                only[i] = j
        if count == 0:
            return False
        if count > 1:
            only[i] = -1
        elif data.own[only[i]] != i:
            held[only[i]] += data.load[i]
    for j in range(m):
        if held[j] > data.room[j]:
            return False
        for i in range(n):
            is_loose = not excluded[j, i] and only[i] != j and data.own[j] != i
            if is_loose and held[j] + data.load[i] > data.room[j]:
                excluded[j, i] = True
    for i in range(n):  # who leads a unit that has no other place is open
        if only[i] >= 0:
            own = data.own[only[i]]
            if own >= 0:
                for j in range(m):
                    if j != only[i]:
                        excluded[j, own] = True
    return True


@inner
def _forced_assignment(data: PricingData, excluded: np.ndarray, trial: np.ndarray) -> int:
    """Units with more than one place left, −1 where one has none; `trial`: the only place of the others."""
    m, n = excluded.shape
    n_open = 0
    for i in range(n):
        trial[i] = -1
        if not data.must[i]:
            continue
        count = 0
        for j in range(m):
            if not excluded[j, i]:
                count += 1
                trial[i] = j
        if count == 0:
            return -1
        if count > 1:
            n_open += 1
    return n_open


@inner
def _relaxed_assignment(data: PricingData, taken: np.ndarray, trial: np.ndarray) -> bool:
    """Whether the areas take every unit in exactly once; who, is written into `trial`."""
    m, n = taken.shape
    for i in range(n):
        trial[i] = -1
        if not data.must[i]:
            continue
        for j in range(m):
            if taken[j, i]:
                if trial[i] >= 0:
                    return False
                trial[i] = j
        if trial[i] < 0:
            return False
    return True


@inner
def _assignment_cost(data: PricingData, trial: np.ndarray) -> float:
    m, n = data.cost.shape
    trial_cost = 0.0
    is_used = np.zeros(m, dtype=np.bool_)
    for i in range(n):
        if trial[i] >= 0:
            trial_cost += data.cost[trial[i], i]
            is_used[trial[i]] = True
    for j in range(m):
        if is_used[j]:
            trial_cost += data.opening[j]
    return trial_cost


@inner
def _is_feasible(
    data: PricingData,
    indptr: np.ndarray,
    indices: np.ndarray,
    anchors: np.ndarray,
    is_contiguous: bool,
    trial: np.ndarray,
    seen: np.ndarray,
    stack: np.ndarray,
) -> bool:
    """Whether areas keep capacity, are led by their anchors, and are connected."""
    m, n = data.cost.shape
    excluded_at = np.zeros(n, dtype=np.bool_)
    for j in range(m):
        taken = 0
        for i in range(n):
            excluded_at[i] = trial[i] != j
            if trial[i] == j and i != data.own[j]:
                taken += data.load[i]
        if taken > data.room[j] or (taken > 0 and data.own[j] >= 0 and excluded_at[data.own[j]]):
            return False
        if is_contiguous and anchors[j] >= 0:
            mark_reachable(indptr, indices, anchors[j], excluded_at, seen, stack)
            for i in range(n):
                if trial[i] == j and not seen[i]:
                    return False
    return True


@inner
def _fix_by_bounds(data: PricingData, excluded: np.ndarray, inside: np.ndarray, outside: np.ndarray, gap: float) -> int:
    """Ban pairs that cost the whole gap or more, and all others of a unit that must be where it is."""
    m, n = excluded.shape
    n_banned = 0
    for i in range(n):
        if not data.must[i]:
            continue
        total = 0.0
        for j in range(m):
            if not excluded[j, i]:
                total += outside[j, i]
        for j in range(m):
            if excluded[j, i]:
                continue
            if outside[j, i] >= gap:
                for other in range(m):
                    if other != j and not excluded[other, i]:
                        excluded[other, i] = True
                        n_banned += 1
                break
            if inside[j, i] + total - outside[j, i] >= gap:
                excluded[j, i] = True
                n_banned += 1
    return n_banned


@inner
def _select_branching_pair(data: PricingData, excluded: np.ndarray, mean: np.ndarray) -> tuple[int, int]:
    """The unit that is least settled, heavy ones first, and the anchor it leans to.

    Which anchors lead is settled before anything else.
    """
    m, n = excluded.shape
    is_door = np.zeros(n, dtype=np.bool_)
    for j in range(m):
        if data.own[j] >= 0 and not excluded[j, data.own[j]]:
            is_door[data.own[j]] = True
    best, unit, anchor = -1.0, -1, -1
    for i in range(n):
        if not data.must[i]:
            continue
        count, most, multipliers = 0, -1.0, -1
        for j in range(m):
            if not excluded[j, i]:
                count += 1
                if mean[j, i] > most:
                    most, multipliers = mean[j, i], j
        if count < 2:
            continue
        doubt = (1.02 - min(most, 1.0)) * float(max(data.load[i], 1)) ** 0.5
        if is_door[i]:
            doubt *= 1000.0
        if doubt > best:
            best, unit, anchor = doubt, i, multipliers
    return unit, anchor
