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


class Ascent(NamedTuple):
    """State of a subgradient ascent, changed in place: `start_ascent` makes it, `take_step` moves it.

    Parameters
    ----------
    multipliers, best_multipliers
        (k,) float: the multipliers now, and those of the best bound.
    direction
        (k,) float: the deflected subgradient.
    floor, ceiling
        (k,) float: least and most that a multiplier may be.
    scalars
        (3,) float: best bound, length of step as a share of Polyak's, steps in a row without a better bound.
    """

    multipliers: np.ndarray
    best_multipliers: np.ndarray
    direction: np.ndarray
    floor: np.ndarray
    ceiling: np.ndarray
    scalars: np.ndarray


@entry
def start_ascent(multipliers: np.ndarray, floor: np.ndarray, ceiling: np.ndarray, length: float) -> Ascent:
    """An ascent that has taken no step.

    Parameters
    ----------
    multipliers
        (k,) float: where to begin, within the bounds.
    floor, ceiling
        (k,) float: least and most that a multiplier may be.
    length
        Of the first step, as a share of Polyak's.
    """
    scalars = np.array([-np.inf, length, 0.0])
    return Ascent(multipliers.copy(), multipliers.copy(), np.zeros(len(multipliers)), floor, ceiling, scalars)


@entry
def take_step(ascent: Ascent, bound: float, violation: np.ndarray, aim: float, shortest: float) -> bool:
    """Move the multipliers by a deflected subgradient with Polyak's step towards `aim`; False when the ascent is over.

    A step length that fails 8 times in a row is shortened and the multipliers go back to the best
    (Held, Wolfe & Crowder 1974; deflection by Camerini, Fratta & Maffioli 1975).

    Parameters
    ----------
    ascent
        Changed.
    bound
        What the present multipliers prove.
    violation
        (k,) float: the subgradient, by how much each relaxed row is violated.
    aim
        Cost of the best plan known.
    shortest
        Length of step that ends the ascent.
    """
    multipliers, direction, scalars = ascent.multipliers, ascent.direction, ascent.scalars
    if bound > scalars[0] + 1e-9 * abs(bound):
        scalars[0], scalars[2] = bound, 0.0
        ascent.best_multipliers[:] = multipliers
    else:
        scalars[2] += 1.0
    norm = 0.0
    for i in range(len(direction)):
        direction[i] = violation[i] + 0.6 * direction[i]
        # A price at its ceiling cannot rise: the unit is left over.
        if multipliers[i] >= ascent.ceiling[i] and direction[i] > 0:
            direction[i] = 0.0
        if multipliers[i] <= ascent.floor[i] and direction[i] < 0:
            direction[i] = 0.0
        norm += direction[i] * direction[i]
    if norm == 0:
        return False
    if scalars[2] >= 8:
        scalars[1], scalars[2] = scalars[1] * 0.6, 0.0
        multipliers[:] = ascent.best_multipliers
        direction[:] = 0.0
        return bool(scalars[1] > shortest)
    stride = scalars[1] * max(aim - bound, 1e-7 * abs(aim) + 1e-9) / norm
    for i in range(len(multipliers)):
        multipliers[i] = min(max(multipliers[i] + stride * direction[i], ascent.floor[i]), ascent.ceiling[i])
    return True


@entry
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
    """Raise the bound of anchored areas: each unit has a price instead of exactly one area, each separator a toll.

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
    floor = np.concatenate((np.full(n, -np.inf), np.zeros(n_cuts)))
    ceiling = np.concatenate((data.ceiling, np.full(n_cuts, np.inf)))
    ascent = start_ascent(np.concatenate((prices, cut_multipliers)), floor, ceiling, length)
    reduced_cost, taken, values = data.cost.copy(), np.zeros((m, n), dtype=np.bool_), np.zeros(m)
    violation = np.zeros(n + n_cuts)
    for step in range(n_steps):
        multipliers, current_cut_multipliers = ascent.multipliers[:n], ascent.multipliers[n:]
        bound = evaluate_lagrangian(data, multipliers, current_cut_multipliers, reduced_cost, taken, values)
        keep = MEMORY if step > 0 else 0.0
        for j in range(m):
            for i in range(n):
                mean[j, i] = keep * mean[j, i] + (1.0 - keep if taken[j, i] else 0.0)
        _measure_violation(data, taken, violation)
        goes_on = take_step(ascent, bound, violation, aim, 1e-3)
        if not goes_on or ascent.scalars[0] >= enough:
            break
    prices[:], cut_multipliers[:] = ascent.best_multipliers[:n], ascent.best_multipliers[n:]
    return ascent.scalars[0], ascent.scalars[1]


@inner
def _measure_violation(data: PricingData, taken: np.ndarray, violation: np.ndarray) -> None:
    """By how much the areas chosen violate each unit's and each separator's row: written into (n + c,)."""
    n = len(data.must)
    for i in range(n):
        violation[i] = 0.0
        if data.must[i]:
            violation[i] = 1.0
            for j in range(len(taken)):
                violation[i] -= 1.0 if taken[j, i] else 0.0
    for c in range(len(data.anchor)):
        j = data.anchor[c]
        violation[n + c] = 1.0 if taken[j, data.unit[c]] else 0.0
        for s in range(data.start[c], data.start[c + 1]):
            violation[n + c] -= 1.0 if taken[j, data.member[s]] else 0.0


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
    _lagrangian_costs(data, cut_multipliers, reduced_cost)
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


@inner
def _lagrangian_costs(data: PricingData, cut_multipliers: np.ndarray, reduced_cost: np.ndarray) -> None:
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
