"""Compiled knapsacks: the best area of one anchor (MINKNAP) or medoid at given unit prices."""

from __future__ import annotations

import numpy as np

from analysis.bundling.solver.kernels.jit import entry, inner

MAX_STATES = 50_000
"""States of one knapsack where a bound is proven, some tenths of a millisecond."""


@inner
def knapsack(profit: np.ndarray, weight: np.ndarray, room: int, max_states: int) -> tuple[np.ndarray, float]:
    """Items taken and an upper bound of their value, no more than 1e-8 of it above it.

    Dynamic programming over a growing core of items around the first that does not fit; states
    that another dominates, or that cannot beat the best, are dropped (MINKNAP, Pisinger 1997).
    After `max_states` the bound is what the states left over could still come to.

    Parameters
    ----------
    profit
        (n,) float, positive.
    weight
        (n,) int64.
    room
        Capacity.
    max_states
        States of the dynamic programme after which only a bound is given.
    """
    order = np.argsort(-profit / np.maximum(weight, 1e-9))
    p, w = profit[order], weight[order]
    ratio = p / np.maximum(w, 1e-9)
    n, first, load, value = len(p), 0, 0, 0.0
    while first < n and load + w[first] <= room:
        load += w[first]
        value += p[first]
        first += 1
    taken = np.zeros(n, dtype=np.bool_)
    if first == n:
        taken[:] = True
        return taken, value
    fractional = value + ratio[first] * (room - load)
    tie = 1e-8 * fractional
    # States by load: what is carried, what it is worth, and the last item that was changed.
    loads, values, ends = np.empty(64, np.int64), np.empty(64), np.empty(64, np.int64)
    loads2, values2, ends2 = np.empty(64, np.int64), np.empty(64), np.empty(64, np.int64)
    before, item = np.empty(256, np.int64), np.empty(256, np.int64)  # trails of changes
    loads[0], values[0], ends[0] = load, value, -1
    count, n_changes, n_states = 1, 0, 0
    best, best_end = value, -1
    low, high = first, first  # items from low to before high are decided
    is_right = True
    while count > 0 and (low > 0 or high < n) and n_states <= max_states:
        is_right = high < n and (is_right or low == 0)
        if is_right:
            k, sign = high, 1
            high += 1
        else:
            k, sign = low - 1, -1
            low -= 1
        if 2 * count > len(loads2):
            size = 4 * count
            loads2, values2, ends2 = (np.empty(size, np.int64), np.empty(size), np.empty(size, np.int64))
        if n_changes + count > len(item):
            size = 2 * (n_changes + count)
            before, item = _grow(before, n_changes, size), _grow(item, n_changes, size)
        gain, loss = ratio[high] if high < n else 0.0, ratio[low - 1] if low > 0 else np.inf
        i, j, kept, most = 0, 0, 0, -np.inf
        while i < count or j < count:  # states as they were, and with item k changed
            with_load, with_value = np.int64(0), -np.inf
            if j < count:
                with_load, with_value = loads[j] + sign * w[k], values[j] + sign * p[k]
            is_same = j == count or (
                i < count and (loads[i] < with_load or (loads[i] == with_load and values[i] >= with_value))
            )
            if is_same:
                load, value, end = int(loads[i]), values[i], int(ends[i])
                i += 1
            else:
                load, value, end = int(with_load), with_value, int(ends[j])
                j += 1
            if value <= most:  # one that carries no more is worth as much
                continue
            is_better = load <= room and value > best
            could_be = _state_bound(load, value, room, gain, loss)
            if not is_better and could_be <= best + tie:
                continue
            if not is_same:
                before[n_changes], item[n_changes] = end, k
                end = n_changes
                n_changes += 1
            if is_better:
                best, best_end = value, end
            if could_be > best + tie:
                loads2[kept], values2[kept], ends2[kept] = load, value, end
                kept += 1
                most = value
        n_states += kept + 1
        loads, loads2, values, values2, ends, ends2 = loads2, loads, values2, values, ends2, ends
        count = kept
        is_right = not is_right
    bound = best + tie
    gain, loss = ratio[high] if high < n else 0.0, ratio[low - 1] if low > 0 else np.inf
    for i in range(count):  # none, unless there were too many
        bound = max(bound, _state_bound(loads[i], values[i], room, gain, loss))
    now = np.zeros(n, dtype=np.bool_)
    now[:first] = True
    while best_end >= 0:
        now[item[best_end]] = item[best_end] >= first
        best_end = before[best_end]
    taken[order] = now
    return taken, min(fractional, bound)


@inner
def _state_bound(load: int, value: float, room: int, gain: float, loss: float) -> float:
    """What a state can come to: room filled at `gain`, or what is too much taken out at `loss`."""
    return value + (room - load) * (gain if load <= room else loss)


@inner
def _grow(old: np.ndarray, count: int, size: int) -> np.ndarray:
    new = np.empty(size, dtype=np.int64)
    new[:count] = old[:count]
    return new


@entry
def price_medoids(
    metres: np.ndarray,
    walkers: np.ndarray,
    weight: np.ndarray,
    lower: int,
    upper: int,
    worth_below: float,
    is_filled: bool,
    prices: np.ndarray,
    members: np.ndarray,
    values: np.ndarray,
) -> None:
    """The least the area of each medoid costs at the given prices: cost of walks minus prices.

    Parameters
    ----------
    metres, walkers, weight
        (n, n) int, (n,) int64, (n,) int64.
    lower, upper
        Bounds of an area's weight; connection is not asked for.
    worth_below
        Medoids that cannot cost less than this are given their fractional value.
    is_filled
        What an area lacks to `lower` is made up of whole units, not of parts of them: dearer to
        tell, and proves more where the bounds are close.
    prices
        (n,) what serving a unit is worth.
    members
        (n, n) bool, changed: row j tells the units of medoid j's area.
    values
        (n,) float, changed: cost of each medoid's area, never more than true.
    """
    n = len(weight)
    cost = np.empty(n)
    for j in range(n):
        for i in range(n):
            cost[i] = walkers[i] * float(metres[j, i]) - prices[i]
        members[j, :] = False
        if weight[j] > upper:
            values[j] = np.inf
            continue
        least = _fractional_medoid(cost, weight, j, lower, upper)
        if least >= worth_below:
            values[j] = least
            continue
        values[j] = _exact_medoid(cost, weight, j, lower, upper, members[j], is_filled)


@inner
def _fractional_medoid(cost: np.ndarray, weight: np.ndarray, j: int, lower: int, upper: int) -> float:
    """Lower bound of a medoid's area: units may be taken in part."""
    ratio = cost / np.maximum(weight, 1e-9)
    order = np.argsort(ratio)
    value, total = cost[j], weight[j]
    for i in order:
        if i == j:
            continue
        if cost[i] >= 0 and total >= lower:
            break
        room = (upper if cost[i] < 0 else lower) - total
        if weight[i] > room:
            return float(value + cost[i] * max(room, 0) / weight[i])
        value += cost[i]
        total += weight[i]
    return float(value) if total >= lower else np.inf


@inner
def _exact_medoid(
    cost: np.ndarray, weight: np.ndarray, j: int, lower: int, upper: int, row: np.ndarray, is_filled: bool
) -> float:
    """Least cost of an area with unit j, by total weight.

    What lacks to `lower` is taken in part, or (`is_filled`) in whole units that cost something; of
    those none is in a best area that would be heavy enough without it.
    """
    n = len(cost)
    items = np.empty(n, dtype=np.int64)
    count = 0
    fill = np.inf  # least cost of one unit of weight among units that cost something
    for i in range(n):
        if i == j:
            continue
        if cost[i] < 0:
            if weight[i] <= upper - weight[j]:
                items[count] = i
                count += 1
        elif weight[i] > 0:
            fill = min(fill, cost[i] / weight[i])
    room, lacking = upper - weight[j], lower - weight[j]
    best = np.full(room + 1, np.inf)
    best[0] = cost[j]
    took = np.zeros((n if is_filled else count, room + 1), dtype=np.bool_)
    top = 0
    for k in range(count):
        w, c = weight[items[k]], cost[items[k]]
        top = min(top + w, room)
        for t in range(top, w - 1, -1):
            with_it = best[t - w] + c
            if with_it < best[t]:
                best[t] = with_it
                took[k, t] = True
    if is_filled and lacking > 0 and fill < np.inf:
        freely = best[: top + 1].min()
        enough = best[lacking : top + 1].min() if top >= lacking else np.inf
        for i in range(n):
            if i == j or cost[i] < 0 or weight[i] > room or freely + cost[i] >= enough:
                continue
            w, c = weight[i], cost[i]
            top = max(top, min(min(top, lacking - 1) + w, room))
            for t in range(min(lacking - 1 + w, room), w - 1, -1):
                with_it = best[t - w] + c
                if with_it < best[t]:
                    best[t] = with_it
                    took[count, t] = True
            items[count] = i
            count += 1
            if room >= lacking:
                enough = min(enough, best[lacking:].min())
        fill = np.inf
    least, at = np.inf, 0
    for t in range(top + 1):
        missing = lacking - t
        if best[t] == np.inf or (missing > 0 and fill == np.inf):
            continue
        total = best[t] + (fill * missing if missing > 0 else 0.0)
        if total < least:
            least, at = total, t
    row[j] = True
    for k in range(count - 1, -1, -1):
        if took[k, at]:
            row[items[k]] = True
            at -= weight[items[k]]
    return float(least)
