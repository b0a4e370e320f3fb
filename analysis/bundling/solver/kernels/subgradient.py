"""Compiled subgradient ascent of the Lagrangian bound, and penalties of forcing a pair in or out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analysis.bundling.solver.kernels.jit import entry, inner
from analysis.bundling.solver.kernels.knapsack import knapsack

MEMORY = 0.92
"""What the running mean of the areas keeps of itself from step to step."""


class PricingData(NamedTuple):
    """What is given: anchors, units, and separators between them.

    Parameters
    ----------
    cost
        (m, n) float, ∞ = not allowed.
    load, room
        (n,) int64 and (m,) int64.
    opening
        (m,) float: what an area costs as soon as it has a unit.
    own
        (m,) int64: the unit that an open anchor serves without load, −1 = none.
    must
        (n,) bool: whether the unit is to be served at all.
    ceiling
        (n,) float: what leaving it over costs, ∞ = it may not be.
    anchor, unit
        (c,) int64: a unit that joins an anchor only with a unit of the separator.
    start, member
        (c + 1,) and (s,) int64: the units of each separator.
    max_states
        States of one knapsack; what those left over could come to stands in beyond them.
    """

    cost: np.ndarray
    load: np.ndarray
    room: np.ndarray
    opening: np.ndarray
    own: np.ndarray
    must: np.ndarray
    ceiling: np.ndarray
    anchor: np.ndarray
    unit: np.ndarray
    start: np.ndarray
    member: np.ndarray
    max_states: int


@entry
def ascend_from_python(
    data: PricingData,
    prices: np.ndarray,
    cut_multipliers: np.ndarray,
    mean: np.ndarray,
    length: float,
    aim: float,
    enough: float,
    n_steps: int,
) -> tuple[float, float]:
    """`subgradient_ascent` for callers that are not compiled.

    Parameters
    ----------
    data
        Arrays of the subproblem.
    prices
        (n,) float, changed.
    cut_multipliers
        (c,) float, changed.
    mean
        (m, n) float, changed.
    length
        Of the first step, as a share of Polyak's.
    aim
        Cost of the best plan known.
    enough
        Bound that ends the ascent.
    n_steps
        At most.
    """
    return subgradient_ascent(data, prices, cut_multipliers, mean, length, aim, enough, n_steps)


@inner
def subgradient_ascent(
    data: PricingData,
    prices: np.ndarray,
    cut_multipliers: np.ndarray,
    mean: np.ndarray,
    length: float,
    aim: float,
    enough: float,
    n_steps: int,
) -> tuple[float, float]:
    """Raise the bound by deflected subgradients with Polyak's step towards `aim`.

    Each unit has a price instead of exactly one area, each separator a toll. A step length that
    fails 8 times in a row is shortened and the prices go back to the best.

    Parameters
    ----------
    data
        What is given.
    prices, cut_multipliers
        (n,) and (c,) float, changed: where to begin; afterwards the best met.
    mean
        (m, n) float, changed: the running mean of the areas.
    length
        Of a step, as a share of Polyak's.
    aim, enough
        What the best plan known costs; the bound that ends the work.
    n_steps
        At most.

    Returns
    -------
    The best bound, and the length of step at the end.
    """
    n, n_cuts = len(prices), len(cut_multipliers)
    m = len(data.room)
    reduced_cost = data.cost.copy()
    best, best_prices, best_cut_multipliers = -np.inf, prices.copy(), cut_multipliers.copy()
    multipliers, current_cut_multipliers = prices.copy(), cut_multipliers.copy()
    direction, cut_direction = np.zeros(n), np.zeros(n_cuts)
    taken = np.zeros((m, n), dtype=np.bool_)
    values = np.zeros(m)
    failed = 0
    for step in range(n_steps):
        bound = evaluate_lagrangian(data, multipliers, current_cut_multipliers, reduced_cost, taken, values)
        keep = MEMORY if step > 0 else 0.0
        for j in range(m):
            for i in range(n):
                mean[j, i] = keep * mean[j, i] + (1.0 - keep if taken[j, i] else 0.0)
        if bound > best + 1e-9 * abs(bound):
            best, failed = bound, 0
            best_prices[:], best_cut_multipliers[:] = multipliers, current_cut_multipliers
            if best >= enough:
                break
        else:
            failed += 1
        norm = _update_direction(data, taken, multipliers, current_cut_multipliers, direction, cut_direction)
        if norm == 0:
            break
        if failed >= 8:
            length, failed = length * 0.6, 0
            multipliers[:], current_cut_multipliers[:] = best_prices, best_cut_multipliers
            direction[:], cut_direction[:] = 0.0, 0.0
            if length <= 1e-3:
                break
            continue
        stride = length * max(aim - bound, 1e-7 * abs(aim) + 1e-9) / norm
        for i in range(n):
            multipliers[i] = min(multipliers[i] + stride * direction[i], data.ceiling[i])
        for c in range(n_cuts):
            current_cut_multipliers[c] = max(current_cut_multipliers[c] + stride * cut_direction[c], 0.0)
    prices[:], cut_multipliers[:] = best_prices, best_cut_multipliers
    return best, length


@inner
def _update_direction(
    data: PricingData,
    taken: np.ndarray,
    multipliers: np.ndarray,
    current_cut_multipliers: np.ndarray,
    direction: np.ndarray,
    cut_direction: np.ndarray,
) -> float:
    """Turn the direction towards what is violated now; its squared length."""
    norm = 0.0
    for i in range(len(direction)):
        wanted = 0.0
        if data.must[i]:
            wanted = 1.0
            for j in range(len(taken)):
                wanted -= 1.0 if taken[j, i] else 0.0
        direction[i] = wanted + 0.6 * direction[i]
        if multipliers[i] >= data.ceiling[i] and direction[i] > 0:  # it cannot rise: the unit is left over
            direction[i] = 0.0
        norm += direction[i] * direction[i]
    for c in range(len(cut_direction)):
        j = data.anchor[c]
        wanted = 1.0 if taken[j, data.unit[c]] else 0.0
        for s in range(data.start[c], data.start[c + 1]):
            wanted -= 1.0 if taken[j, data.member[s]] else 0.0
        cut_direction[c] = wanted + 0.6 * cut_direction[c]
        if current_cut_multipliers[c] <= 0 and cut_direction[c] < 0:
            cut_direction[c] = 0.0
        norm += cut_direction[c] * cut_direction[c]
    return norm


@entry
def evaluate_lagrangian(
    data: PricingData,
    prices: np.ndarray,
    cut_multipliers: np.ndarray,
    reduced_cost: np.ndarray,
    taken: np.ndarray,
    values: np.ndarray,
) -> float:
    """The bound that prices and tolls prove.

    Parameters
    ----------
    reduced_cost
        (m, n) float, changed: what a pair costs, tolls included.
    taken
        (m, n) bool, changed: the area each anchor would choose.
    values
        (m,) float, changed: what it is worth to the anchor, 0 = closed. Never less than true.
    """
    m, n = data.cost.shape
    lagrangian_costs(data, cut_multipliers, reduced_cost)
    profit = np.empty(n)
    weight = np.empty(n, dtype=np.int64)
    unit = np.empty(n, dtype=np.int64)
    bound = 0.0
    for i in range(n):
        if data.must[i]:
            bound += prices[i]
    for j in range(m):
        own, count = data.own[j], 0
        gained = -data.opening[j]
        if own >= 0:
            gained += prices[own] - reduced_cost[j, own]
        for i in range(n):
            taken[j, i] = False
            if i != own and reduced_cost[j, i] < prices[i] and data.load[i] <= data.room[j]:
                profit[count] = prices[i] - reduced_cost[j, i]
                weight[count] = data.load[i]
                unit[count] = i
                count += 1
        chosen, best = knapsack(profit[:count], weight[:count], data.room[j], data.max_states)
        values[j] = max(0.0, gained + best)
        if gained + best > 0:
            for k in range(count):
                taken[j, unit[k]] = chosen[k]
            if own >= 0:
                taken[j, own] = True
        bound -= values[j]
    return bound


@entry
def lagrangian_costs(data: PricingData, cut_multipliers: np.ndarray, reduced_cost: np.ndarray) -> None:
    """What each pair costs with the tolls of its separators: written into `reduced_cost` (m, n).

    Parameters
    ----------
    data
        Arrays of the subproblem.
    cut_multipliers
        (c,) float.
    reduced_cost
        (m, n) float, changed.
    """
    reduced_cost[:] = data.cost
    for c in range(len(cut_multipliers)):
        if cut_multipliers[c] > 0:
            j = data.anchor[c]
            reduced_cost[j, data.unit[c]] += cut_multipliers[c]
            for s in range(data.start[c], data.start[c + 1]):
                reduced_cost[j, data.member[s]] -= cut_multipliers[c]


@entry
def forcing_penalties(
    data: PricingData,
    prices: np.ndarray,
    reduced_cost: np.ndarray,
    values: np.ndarray,
    inside: np.ndarray,
    outside: np.ndarray,
) -> None:
    """How much the bound rises at least with a pair forced in, or forced out.

    The rest of the anchor's area is filled in part (Dantzig 1957).

    Parameters
    ----------
    reduced_cost, values
        See `evaluate_lagrangian`.
    inside, outside
        (m, n) float, changed; ∞ where the pair cannot be.
    """
    m, n = data.cost.shape
    for j in range(m):
        own = data.own[j]
        gained = -data.opening[j]
        if own >= 0:
            gained += prices[own] - reduced_cost[j, own]
        profit, weight = np.zeros(n), np.zeros(n, dtype=np.int64)
        count = 0
        ratio = np.empty(n)
        item = np.empty(n, dtype=np.int64)
        for i in range(n):
            if i != own and reduced_cost[j, i] < prices[i] and data.load[i] <= data.room[j]:
                ratio[count] = -(prices[i] - reduced_cost[j, i]) / max(float(data.load[i]), 1e-9)
                item[count] = i
                count += 1
        order = np.argsort(ratio[:count])
        place = np.full(n, -1, dtype=np.int64)
        filled, sums = np.zeros(count + 1, dtype=np.int64), np.zeros(count + 1)
        for k in range(count):
            i = item[order[k]]
            place[i] = k
            profit[k], weight[k] = prices[i] - reduced_cost[j, i], data.load[i]
            filled[k + 1] = filled[k] + weight[k]
            sums[k + 1] = sums[k] + profit[k]
        for i in range(n):
            inside[j, i], outside[j, i] = np.inf, 0.0
            if not reduced_cost[j, i] < np.inf:
                continue
            if i == own:
                inside[j, i] = max(0.0, values[j] - gained - _fractional_knapsack(filled, sums, data.room[j], -1))
                outside[j, i] = values[j]
                continue
            room = data.room[j] - data.load[i]
            if room < 0:
                continue
            with_it = gained + prices[i] - reduced_cost[j, i] + _fractional_knapsack(filled, sums, room, place[i])
            inside[j, i] = max(0.0, values[j] - with_it)
            if place[i] >= 0:
                without = gained + _fractional_knapsack(filled, sums, data.room[j], place[i])
                outside[j, i] = max(0.0, values[j] - max(without, 0.0))


@inner
def _fractional_knapsack(filled: np.ndarray, sums: np.ndarray, room: int, but: int) -> float:
    """Value of a room filled in part with the sorted items, without the one at place `but`."""
    count = len(filled) - 1
    t = np.searchsorted(filled, room, side="right") - 1  # the first t items fit
    lost = 0.0
    if 0 <= but <= t and but < count:
        w = filled[but + 1] - filled[but]
        lost = sums[but + 1] - sums[but]
        room += w
        t = np.searchsorted(filled, room, side="right") - 1
    value = sums[t] - lost
    if t < count:
        w = filled[t + 1] - filled[t]
        if w > 0:
            value += (sums[t + 1] - sums[t]) * (room - filled[t]) / w
    return float(value)
