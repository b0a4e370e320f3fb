"""Compiled pricing: the best area of one anchor or medoid when every unit has a price of its own."""

from __future__ import annotations

import numpy as np

from analysis.bundling.kernels.compiled import entry, inner

MAX_NODES = 20_000
"""Nodes of one knapsack; beyond them its fractional value stands in, which is never too good."""


MAX_TABLE = 400_000
"""Cells of a table that a knapsack may be solved with, well under a millisecond."""


@entry
def price_anchors(
    cost: np.ndarray,
    load: np.ndarray,
    room: np.ndarray,
    opening: np.ndarray,
    own: np.ndarray,
    prices: np.ndarray,
    used: np.ndarray,
    values: np.ndarray,
) -> None:
    """The most each anchor's area is worth at the given prices.

    Parameters
    ----------
    cost
        (m, n) float, ∞ = not allowed.
    load, room
        (n,) int64 and (m,) int64.
    opening
        (m,) float: what an area with any unit costs.
    own
        (m,) the unit that an open anchor serves without load, −1 = none.
    prices
        (n,) what serving a unit is worth.
    used
        (n,) int64, changed: how many areas take each unit in.
    values
        (m,) float, changed: what each area is worth, 0 = it stays closed. Never less than true.
    """
    m, n = cost.shape
    profit = np.empty(n)
    weight = np.empty(n, dtype=np.int64)
    unit = np.empty(n, dtype=np.int64)
    for j in range(m):
        count = 0
        gained = -opening[j]
        if own[j] >= 0:
            gained += prices[own[j]] - cost[j, own[j]]
        for i in range(n):
            if i != own[j] and cost[j, i] < prices[i] and load[i] <= room[j]:
                profit[count] = prices[i] - cost[j, i]
                weight[count] = load[i]
                unit[count] = i
                count += 1
        taken, best = knapsack(profit[:count], weight[:count], room[j], MAX_NODES)
        values[j] = max(0.0, gained + best)
        if gained + best > 0:
            for k in range(count):
                if taken[k]:
                    used[unit[k]] += 1
            if own[j] >= 0:
                used[own[j]] += 1


@inner
def knapsack(
    profit: np.ndarray, weight: np.ndarray, room: int, max_nodes: int
) -> tuple[np.ndarray, float]:
    """Items taken and an upper bound of their value, seldom more than it.

    Depth first (Horowitz & Sahni 1974); where that takes too long, by a table over the room filled
    (Bellman 1957), unless the table were too large.
    """
    n = len(profit)
    order = np.argsort(-profit / np.maximum(weight, 1e-9))
    p, w = profit[order], weight[order]
    now = np.zeros(n, dtype=np.bool_)
    best_now = np.zeros(n, dtype=np.bool_)
    best, value, left = -1.0, 0.0, room
    root = _dantzig(p, w, 0, 0.0, room)
    tie = 1e-7 * root
    j, nodes = 0, 0
    while True:
        if _dantzig(p, w, j, value, left) > best + tie:
            while j < n and w[j] <= left:
                now[j] = True
                left -= w[j]
                value += p[j]
                j += 1
            if j < n:
                now[j] = False
                j += 1
            if j < n:
                continue
            if value > best:
                best = value
                best_now[:] = now
        i = j - 1
        while i >= 0 and not now[i]:
            i -= 1
        nodes += 1
        if i < 0 or nodes > max_nodes:
            break
        now[i] = False
        left += w[i]
        value -= p[i]
        j = i + 1
    taken = np.zeros(n, dtype=np.bool_)
    if nodes > max_nodes and n * (room + 1) <= MAX_TABLE:
        best = _by_table(p, w, room, best_now)
        nodes = 0
    taken[order] = best_now
    return taken, root if nodes > max_nodes else min(root, max(best, 0.0) + tie)


@inner
def _by_table(p: np.ndarray, w: np.ndarray, room: int, taken: np.ndarray) -> float:
    """The best value of whole items, `taken` (n,) changed to them."""
    n = len(p)
    value = np.zeros(room + 1)
    is_in = np.zeros((n, room + 1), dtype=np.bool_)
    for i in range(n):
        for left in range(room, w[i] - 1, -1):
            more = value[left - w[i]] + p[i]
            if more > value[left]:
                value[left] = more
                is_in[i, left] = True
    left = room
    for i in range(n - 1, -1, -1):
        taken[i] = is_in[i, left]
        if taken[i]:
            left -= w[i]
    return float(value[room])


@inner
def _dantzig(p: np.ndarray, w: np.ndarray, j: int, value: float, left: int) -> float:
    """Value when the items from j on may be taken in part."""
    for i in range(j, len(p)):
        if w[i] > left:
            return float(value + p[i] * left / w[i])
        left -= w[i]
        value += p[i]
    return float(value)


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
        least = _fractional(cost, weight, j, lower, upper)
        if least >= worth_below:
            values[j] = least
            continue
        values[j] = _exact(cost, weight, j, lower, upper, members[j], is_filled)


@inner
def _fractional(cost: np.ndarray, weight: np.ndarray, j: int, lower: int, upper: int) -> float:
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
def _exact(
    cost: np.ndarray,
    weight: np.ndarray,
    j: int,
    lower: int,
    upper: int,
    row: np.ndarray,
    is_filled: bool,
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
