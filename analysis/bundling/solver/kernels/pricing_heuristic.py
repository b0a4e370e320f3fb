"""Compiled pricing heuristic: areas of one anchor that are worth more, by local search from areas at hand."""

from __future__ import annotations

import numpy as np

from analysis.bundling.solver.kernels.jit import entry, inner
from analysis.bundling.solver.kernels.pricing import (
    FRONTIER,
    INSIDE,
    OUTSIDE,
    UNTOUCHED,
    AnchorPricing,
    CutDuals,
    LabelSearch,
    begin_search,
    count_in_cuts,
)


@entry
def improve_areas(
    data: AnchorPricing,
    cut_duals: CutDuals,
    starts: np.ndarray,
    keep_above: float,
    max_steps: int,
    found: np.ndarray,
    values: np.ndarray,
) -> int:
    """Climb from each start to an area that no removal and no insertion makes worth more.

    A step takes a unit out, with those that are connected to the anchor through it alone, or puts one in, with a path
    to it, while others go out until all fit; then units fill the room, those that bring most for their load first
    (ruin and recreate; Schrimpf et al. 2000). The best of these steps is made.

    Parameters
    ----------
    data, cut_duals
        What is given.
    starts
        (s, r) bool: units of areas to begin with, in the order of `data.units`; what is not connected goes out.
    keep_above
        Areas worth no more are not kept.
    max_steps
        Of each climb at most.
    found
        (s, r) bool, changed: the units of areas kept, in the order of `data.units`; no two are the same.
    values
        (s,) float, changed: what they are worth.

    Returns
    -------
    How many are kept.
    """
    order = np.argsort(-data.profit / np.maximum(data.load, 1e-3))
    search = begin_search(data, cut_duals, order)
    r = len(order)
    beside = search.state.copy()  # FRONTIER where the anchor itself touches a unit
    now, trial, best, spare = np.zeros(r, np.bool_), np.zeros(r, np.bool_), np.zeros(r, np.bool_), np.zeros(r, np.bool_)
    came_from = np.zeros(r, np.int64)
    n_kept = 0
    for s in range(len(starts)):
        for k in range(r):
            now[k] = starts[s, order[k]]
        _keep_connected(search, beside, now)
        _make_fit(search, beside, now, spare, data.room, -1)
        worth = _worth(search, now) if _load(search, now) >= data.least else -np.inf
        for _ in range(max_steps):
            most = worth
            for k in range(r):
                trial[:] = now
                if now[k]:
                    trial[k] = False
                    _keep_connected(search, beside, trial)
                elif search.load[k] > data.room or not _connect(search, beside, trial, k, came_from):
                    continue
                if not _make_fit(search, beside, trial, spare, data.room, k):
                    continue
                _fill(search, beside, trial, data.room, k if now[k] else -1)
                value = _worth(search, trial)
                if value - most > 1e-9 * abs(value) and _load(search, trial) >= data.least:
                    most = value
                    best[:] = trial
            if most <= worth:
                break
            worth = most
            now[:] = best
        if worth <= keep_above or not now.any():
            continue
        is_new = True
        for other in range(n_kept):
            is_same = True
            for k in range(r):
                if found[other, order[k]] != now[k]:
                    is_same = False
                    break
            if is_same:
                is_new = False
                break
        if is_new:
            for k in range(r):
                found[n_kept, order[k]] = now[k]
            values[n_kept] = worth
            n_kept += 1
    return n_kept


@inner
def _load(search: LabelSearch, units: np.ndarray) -> int:
    total = 0
    for k in range(len(units)):
        if units[k]:
            total += search.load[k]
    return total


@inner
def _worth(search: LabelSearch, units: np.ndarray) -> float:
    """Profits of units, less what they pay for cuts."""
    total = 0.0
    for k in range(len(units)):
        if units[k]:
            total += search.profit[k]
    for c in range(len(search.price)):
        count = 0
        for e in range(search.cut_first[c], search.cut_first[c + 1]):
            if units[search.cut_place[e]]:
                count += search.cut_numerator[e]
        total -= search.price[c] * (count // search.denominator[c])
    return total


@inner
def _keep_connected(search: LabelSearch, beside: np.ndarray, units: np.ndarray) -> None:
    """Take out what the anchor does not reach over the others."""
    search.stamp[0] += 1
    mark, count = search.stamp[0], 0
    for k in range(len(units)):
        if units[k] and beside[k] == FRONTIER:
            search.seen[k] = mark
            search.queue[count] = k
            count += 1
    head = 0
    while head < count:
        k = search.queue[head]
        head += 1
        for e in range(search.near_first[k], search.near_first[k + 1]):
            u = search.near[e]
            if units[u] and search.seen[u] != mark:
                search.seen[u] = mark
                search.queue[count] = u
                count += 1
    for k in range(len(units)):
        if units[k] and search.seen[k] != mark:
            units[k] = False


@inner
def _connect(search: LabelSearch, beside: np.ndarray, units: np.ndarray, unit: int, came_from: np.ndarray) -> bool:
    """Put a unit in with the fewest others that connect it; False where nothing does."""
    search.stamp[0] += 1
    mark = search.stamp[0]
    search.seen[unit] = mark
    search.queue[0] = unit
    came_from[unit] = -1
    head, count = 0, 1
    while head < count:
        k = search.queue[head]
        head += 1
        is_beside = beside[k] == FRONTIER
        for e in range(search.near_first[k], search.near_first[k + 1]):
            is_beside = is_beside or units[search.near[e]]
        if is_beside:
            while k >= 0:
                units[k] = True
                k = came_from[k]
            return True
        for e in range(search.near_first[k], search.near_first[k + 1]):
            u = search.near[e]
            if search.seen[u] != mark:
                search.seen[u] = mark
                came_from[u] = k
                search.queue[count] = u
                count += 1
    return False


@inner
def _make_fit(
    search: LabelSearch, beside: np.ndarray, units: np.ndarray, spare: np.ndarray, room: int, unit: int
) -> bool:
    """Take units out, those that bring least for their load first, until the rest fits; `unit` (−1 = none) stays."""
    left = room - _load(search, units)
    for k in range(len(units) - 1, -1, -1):
        if left >= 0:
            return True
        if not units[k] or k == unit:
            continue
        spare[:] = units
        spare[k] = False
        _keep_connected(search, beside, spare)
        if unit < 0 or spare[unit]:
            units[:] = spare
            left = room - _load(search, units)
    return left >= 0


@inner
def _fill(search: LabelSearch, beside: np.ndarray, units: np.ndarray, room: int, but: int) -> None:
    """Take in units, alone or with one behind them, while that brings something."""
    state, gain = search.state, search.gain
    r = len(units)
    search.counts[:] = 0
    for k in range(r):
        state[k] = UNTOUCHED
    for k in range(r):
        if units[k]:
            _enter(search, k)
        elif state[k] == UNTOUCHED and beside[k] == FRONTIER:
            state[k] = FRONTIER
    if but >= 0:
        state[but] = OUTSIDE
    left = room - _load(search, units)
    while True:
        most, first, second = 0.0, -1, -1
        for k in range(r):
            if state[k] <= FRONTIER and search.load[k] <= left:
                gain[k] = search.profit[k] - _fine(search, k)
            else:
                gain[k] = -np.inf
        for k in range(r):
            if state[k] != FRONTIER or gain[k] == -np.inf:
                continue
            if gain[k] > 0 and gain[k] / max(search.load[k], 1e-3) > most:
                most, first, second = gain[k] / max(search.load[k], 1e-3), k, -1
            for e in range(search.near_first[k], search.near_first[k + 1]):
                u = search.near[e]
                load = search.load[k] + search.load[u]
                if state[u] != UNTOUCHED or load > left or gain[u] <= 0:
                    continue
                if (gain[k] + gain[u]) / max(load, 1e-3) > most:
                    most, first, second = (gain[k] + gain[u]) / max(load, 1e-3), k, u
        if first < 0:
            return
        for k in (first, second):
            if k >= 0:
                units[k] = True
                left -= search.load[k]
                _enter(search, k)


@inner
def _enter(search: LabelSearch, unit: int) -> None:
    search.state[unit] = INSIDE
    for e in range(search.near_first[unit], search.near_first[unit + 1]):
        if search.state[search.near[e]] == UNTOUCHED:
            search.state[search.near[e]] = FRONTIER
    count_in_cuts(search, unit, 1)


@inner
def _fine(search: LabelSearch, unit: int) -> float:
    """What the coming of a unit adds to the fines."""
    added = count_in_cuts(search, unit, 1)
    count_in_cuts(search, unit, -1)
    return added
