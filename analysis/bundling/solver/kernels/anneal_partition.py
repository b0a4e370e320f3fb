"""Compiled moves of whole areas: annealing over connected shifts, chains, merges and splits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analysis.bundling.solver.kernels.extra_weights import (
    ExtraWeights,
    ExtraWeightState,
    extra_excess,
    extra_excess_change,
    extra_weight_side,
    extra_weight_state,
    extra_weights,
    update_extra_weights,
)
from analysis.bundling.solver.kernels.jit import below, entry, inner, uniform
from analysis.bundling.solver.subproblem import Subproblem

# Positions in `PartitionState.sums`.
METRES, N_AREAS, LEFT, EXCESS, BAD_METRES, BAD_AREAS, BAD_HOUSEHOLDS = range(7)


class PartitionData(NamedTuple):
    """What is given: the arrays of a part (see `parts.Part`)."""

    indptr: np.ndarray
    indices: np.ndarray
    households: np.ndarray
    walkers: np.ndarray
    weight: np.ndarray
    metres: np.ndarray
    lower: int
    upper: int
    k: int
    is_contiguous: bool
    is_cut: bool
    further: ExtraWeights | None


def partition_data(part: Subproblem) -> PartitionData:
    """The arrays of a part of stage "whole"."""
    return PartitionData(
        part.indptr,
        part.indices,
        part.households,
        part.walkers,
        part.weight,
        part.metres,
        part.lower,
        part.upper,
        part.k,
        part.is_contiguous,
        part.measure == "cut",
        extra_weights(part),
    )


class PartitionState(NamedTuple):
    """What is decided, with everything that makes the value of a move cheap to tell.

    Parameters
    ----------
    area
        (n,) int64: area of each unit, −1 = left over.
    hub_cost
        (n,) int64: household-metres of the unit's area if the unit were its medoid; not kept up
        to date where areas are judged by the edges they cut.
    after, before
        (n,) int64: members of an area as a linked list.
    first
        (n,) int64: first member of each area, −1 = the area does not exist.
    size, weight, people, cost
        (n,) int64 of each area: members, weight, households, and household-metres or, where the
        measure is the edges cut, minus the edges inside.
    sums
        (7,) int64: totals, kept up to date by every change.
    seen, stack
        (n,) int64 and int64: room for a search over neighbours.
    stamp
        (1,) int64: the mark of the last search in `seen`.
    best
        (n,) int64: the best labels met so far.
    best_key
        (2,) int64: what they are worth.
    further
        Further weights of each area; None where there are none.
    """

    area: np.ndarray
    hub_cost: np.ndarray
    after: np.ndarray
    before: np.ndarray
    first: np.ndarray
    size: np.ndarray
    weight: np.ndarray
    people: np.ndarray
    cost: np.ndarray
    sums: np.ndarray
    seen: np.ndarray
    stack: np.ndarray
    stamp: np.ndarray
    best: np.ndarray
    best_key: np.ndarray
    further: ExtraWeightState | None


class PartitionPenalties(NamedTuple):
    """How the annealing weighs the parts, all in household-metres.

    Parameters
    ----------
    heat
        Temperature.
    excess
        For one unit of weight outside [lower, upper].
    left_over
        For one household in no area.
    area
        For one area.
    """

    heat: float
    excess: float
    left_over: float
    area: float


def partition_state(town: PartitionData, labels: np.ndarray) -> PartitionState:
    """The state of labels (n,), −1 = left over; every labelled area must be connected."""
    n = len(town.households)
    areas = PartitionState(
        area=np.full(n, -1, dtype=np.int64),
        hub_cost=np.zeros(n, dtype=np.int64),
        after=np.full(n, -1, dtype=np.int64),
        before=np.full(n, -1, dtype=np.int64),
        first=np.full(n, -1, dtype=np.int64),
        size=np.zeros(n, dtype=np.int64),
        weight=np.zeros(n, dtype=np.int64),
        people=np.zeros(n, dtype=np.int64),
        cost=np.zeros(n, dtype=np.int64),
        sums=np.zeros(7, dtype=np.int64),
        seen=np.zeros(n, dtype=np.int64),
        stack=np.zeros(n, dtype=np.int64),
        stamp=np.zeros(1, dtype=np.int64),
        best=np.full(n, -1, dtype=np.int64),
        best_key=np.full(2, np.iinfo(np.int64).max, dtype=np.int64),
        further=extra_weight_state(town.further),
    )
    areas.sums[LEFT] = town.households.sum()
    areas.best[:] = labels
    _fill(town, areas, labels.astype(np.int64))
    return areas


@entry
def anneal_partition(
    town: PartitionData,
    areas: PartitionState,
    prices: PartitionPenalties,
    first_price: int,
    area_price: int,
    n_moves: int,
    random: np.ndarray,
) -> int:
    """Try `n_moves` moves at one temperature; keep the best labels in `areas.best`.

    A best is judged exactly: by left-over households, then metres (`first_price` < 0), or by their
    sum at that price. Areas outside the bounds count as left over in it.
    Returns the number of accepted moves.
    """
    n = len(town.households)
    accepted = 0
    _note_best(areas, town.k, first_price, area_price)
    for _ in range(n_moves):
        unit = below(random, n)
        degree = town.indptr[unit + 1] - town.indptr[unit]
        if degree == 0:
            continue
        other = town.indices[town.indptr[unit] + below(random, degree)]
        a, b = areas.area[unit], areas.area[other]
        dice = uniform(random)
        done = False
        if a == b:
            if a < 0:
                done = town.k == 0 and _create_area(town, areas, prices, unit, random)
            elif dice < 0.02 and town.k == 0:
                done = _split(town, areas, prices, a, random)
        elif b < 0:
            if dice < 0.05:
                done = _leave_over(town, areas, prices, unit, random)
        elif a >= 0 and dice < 0.01:
            if town.k == 0:
                done = _merge(town, areas, prices, a, b, random)
            else:
                done = _merge_and_split(town, areas, prices, a, b, random)
        elif a >= 0 and dice < 0.02:
            done = _resplit(town, areas, prices, a, b, random)
        elif a >= 0 and dice < 0.25:
            done = _chain(town, areas, prices, unit, b, random)
        else:
            done = _shift(town, areas, prices, unit, b, random)
        if done:
            accepted += 1
            _note_best(areas, town.k, first_price, area_price)
    return accepted


# --- the moves -----------------------------------------------------------------------------------


@inner
def _shift(
    town: PartitionData, areas: PartitionState, prices: PartitionPenalties, unit: int, b: int, random: np.ndarray
) -> bool:
    """One unit joins a neighbouring area."""
    a = areas.area[unit]
    if town.k > 0 and a >= 0 and areas.size[a] == 1:
        return False
    weight, people = town.weight[unit], town.households[unit]
    change = float(_cost_with(town, areas, unit, b) - areas.cost[b])
    excess = _excess(town, areas.weight[b] + weight) - _excess(town, areas.weight[b])
    if a < 0:
        change -= prices.left_over * people
    else:
        change += _cost_without(town, areas, unit) - areas.cost[a]
        excess -= _excess(town, areas.weight[a])
        if areas.size[a] == 1:
            change -= prices.area
        else:
            excess += _excess(town, areas.weight[a] - weight)
    excess += extra_excess_change(town.further, areas.further, areas.size, unit, a, b)
    if not _accept(change + prices.excess * excess, prices.heat, random):
        return False
    if a >= 0 and not _connected_without(town, areas, unit):
        return False
    if a >= 0:
        _remove(town, areas, unit)
    _insert(town, areas, unit, b)
    return True


@inner
def _leave_over(
    town: PartitionData, areas: PartitionState, prices: PartitionPenalties, unit: int, random: np.ndarray
) -> bool:
    """One unit leaves its area for none."""
    a = areas.area[unit]
    if a < 0 or (town.k > 0 and areas.size[a] == 1):
        return False
    change = prices.left_over * town.households[unit]
    change += _cost_without(town, areas, unit) - areas.cost[a]
    excess = -_excess(town, areas.weight[a])
    if areas.size[a] == 1:
        change -= prices.area
    else:
        excess += _excess(town, areas.weight[a] - town.weight[unit])
    excess += extra_excess_change(town.further, areas.further, areas.size, unit, a, -1)
    if not _accept(change + prices.excess * excess, prices.heat, random):
        return False
    if not _connected_without(town, areas, unit):
        return False
    _remove(town, areas, unit)
    return True


@inner
def _chain(
    town: PartitionData, areas: PartitionState, prices: PartitionPenalties, unit: int, b: int, random: np.ndarray
) -> bool:
    """One unit joins area b, and one of b's moves on to a neighbouring area (or back: a swap)."""
    a = areas.area[unit]
    second = _random_member(areas, b, random)
    degree = town.indptr[second + 1] - town.indptr[second]
    c = areas.area[town.indices[town.indptr[second] + below(random, degree)]]
    if c == b or c < 0 or areas.size[a] == 1 or areas.size[b] == 1:
        return False
    old = _energy(areas, prices)
    _remove(town, areas, unit)
    _insert(town, areas, unit, b)
    _remove(town, areas, second)
    _insert(town, areas, second, c)
    if (
        _accept(_energy(areas, prices) - old, prices.heat, random)
        and _is_connected(town, areas, a)
        and _is_connected(town, areas, b)
        and _is_connected(town, areas, c)
    ):
        return True
    _remove(town, areas, second)
    _insert(town, areas, second, b)
    _remove(town, areas, unit)
    _insert(town, areas, unit, a)
    return False


@inner
def _merge(
    town: PartitionData, areas: PartitionState, prices: PartitionPenalties, a: int, b: int, random: np.ndarray
) -> bool:
    """Two neighbouring areas become one."""
    if areas.weight[a] + areas.weight[b] > town.upper:
        return False
    members = _members(areas, a)
    old = _energy(areas, prices)
    for unit in members:
        _remove(town, areas, unit)
        _insert(town, areas, unit, b)
    if _accept(_energy(areas, prices) - old, prices.heat, random):
        return True
    for unit in members:
        _remove(town, areas, unit)
        _insert(town, areas, unit, a)
    return False


@inner
def _merge_and_split(
    town: PartitionData, areas: PartitionState, prices: PartitionPenalties, a: int, b: int, random: np.ndarray
) -> bool:
    """Two neighbouring areas become one and another becomes two, so that their number stays."""
    c = areas.area[below(random, len(town.households))]
    if c < 0 or areas.size[c] < 2:
        return False
    if c in (a, b):
        return False
    members = _members(areas, a)
    old = _energy(areas, prices)
    for unit in members:
        _remove(town, areas, unit)
        _insert(town, areas, unit, b)
    if _divide(town, areas, prices, _members(areas, c), c, a, old, random):
        return True
    for unit in members:
        _remove(town, areas, unit)
        _insert(town, areas, unit, a)
    return False


@inner
def _split(town: PartitionData, areas: PartitionState, prices: PartitionPenalties, a: int, random: np.ndarray) -> bool:
    """One area becomes two connected ones grown from two of its members."""
    if areas.size[a] < 2 or areas.weight[a] < 2 * town.lower:
        return False
    old = _energy(areas, prices)
    return _divide(town, areas, prices, _members(areas, a), a, _empty_area(areas), old, random)


@inner
def _resplit(
    town: PartitionData, areas: PartitionState, prices: PartitionPenalties, a: int, b: int, random: np.ndarray
) -> bool:
    """Two neighbouring areas are thrown together and divided anew."""
    both = np.empty(areas.size[a] + areas.size[b], dtype=np.int64)
    _list_members(areas, a, both, 0)
    _list_members(areas, b, both, areas.size[a])
    return _divide(town, areas, prices, both, a, b, _energy(areas, prices), random)


@inner
def _divide(
    town: PartitionData,
    areas: PartitionState,
    prices: PartitionPenalties,
    members: np.ndarray,
    a: int,
    b: int,
    old: float,
    random: np.ndarray,
) -> bool:
    """Grow areas a and b over `members` (connected) from two random seeds; `old` is the energy before."""
    count = len(members)
    one, two = below(random, count), below(random, count)
    if one == two:
        return False
    side = _grow_two(town, areas, members, one, two)
    labels = np.empty(count, dtype=np.int64)
    for k in range(count):
        labels[k] = areas.area[members[k]]
        _remove(town, areas, members[k])
    for k in range(count):
        _insert(town, areas, members[k], a if side[k] == 0 else b)
    if _accept(_energy(areas, prices) - old, prices.heat, random):
        return True
    for k in range(count):
        _remove(town, areas, members[k])
    for k in range(count):
        _insert(town, areas, members[k], labels[k])
    return False


@inner
def _create_area(
    town: PartitionData, areas: PartitionState, prices: PartitionPenalties, unit: int, random: np.ndarray
) -> bool:
    """A new area grows from a left-over unit over left-over neighbours, nearest first."""
    members = np.empty(len(town.households), dtype=np.int64)
    members[0] = unit
    count, weight = 1, town.weight[unit]
    areas.stamp[0] += 1
    mark = areas.stamp[0]
    areas.seen[unit] = mark
    while weight < town.lower or extra_weight_side(town.further, members, count) < 0:
        nearest, least = -1, np.int64(1) << 60
        for k in range(count):
            i = members[k]
            for e in range(town.indptr[i], town.indptr[i + 1]):
                j = town.indices[e]
                if areas.area[j] < 0 and areas.seen[j] != mark and town.metres[unit, j] < least:
                    nearest, least = j, town.metres[unit, j]
        if nearest < 0:
            return False
        areas.seen[nearest] = mark
        members[count] = nearest
        count += 1
        weight += town.weight[nearest]
    if weight > town.upper or extra_weight_side(town.further, members, count) > 0:
        return False
    old = _energy(areas, prices)
    a = _empty_area(areas)
    for k in range(count):
        _insert(town, areas, members[k], a)
    if _accept(_energy(areas, prices) - old, prices.heat, random):
        return True
    for k in range(count):
        _remove(town, areas, members[k])
    return False


# --- their parts ---------------------------------------------------------------------------------


@inner
def _grow_two(town: PartitionData, areas: PartitionState, members: np.ndarray, one: int, two: int) -> np.ndarray:
    """Side 0 or 1 of each member: the lighter side takes its nearest free neighbour, turn by turn."""
    count = len(members)
    side = np.empty(count, dtype=np.int64)
    for k in range(count):
        side[k] = -1
    place = areas.stack  # position in `members` of each unit marked in `seen`
    areas.stamp[0] += 1
    mark = areas.stamp[0]
    for k in range(count):
        areas.seen[members[k]] = mark
        place[members[k]] = k
    side[one], side[two] = 0, 1
    ahead = town.weight[members[one]] - town.weight[members[two]]
    for _ in range(count - 2):
        turn = 0 if ahead <= 0 else 1
        nearest = _nearest_free(town, areas, members, side, turn, members[two if turn else one], mark)
        if nearest < 0:  # this side is closed in
            turn = 1 - turn
            nearest = _nearest_free(town, areas, members, side, turn, members[two if turn else one], mark)
        if nearest < 0:  # only where areas need not be connected
            nearest = _first_free(side)
        side[nearest] = turn
        more = town.weight[members[nearest]]
        ahead += -more if turn else more
    return side


@inner
def _first_free(side: np.ndarray) -> int:
    for k in range(len(side)):
        if side[k] < 0:
            return k
    return -1


@inner
def _nearest_free(
    town: PartitionData, areas: PartitionState, members: np.ndarray, side: np.ndarray, turn: int, seed: int, mark: int
) -> int:
    nearest, least = -1, np.int64(1) << 60
    for k in range(len(members)):
        if side[k] != turn:
            continue
        for e in range(town.indptr[members[k]], town.indptr[members[k] + 1]):
            j = town.indices[e]
            if areas.seen[j] != mark or side[areas.stack[j]] >= 0:
                continue
            if town.metres[seed, j] < least:
                nearest, least = areas.stack[j], town.metres[seed, j]
    return nearest


@inner
def _accept(change: float, heat: float, random: np.ndarray) -> bool:
    return change <= 0 or uniform(random) < np.exp(-change / heat)


@inner
def _energy(areas: PartitionState, prices: PartitionPenalties) -> float:
    return (
        areas.sums[METRES]
        + prices.area * areas.sums[N_AREAS]
        + prices.left_over * areas.sums[LEFT]
        + prices.excess * areas.sums[EXCESS]
    )


@inner
def _excess(town: PartitionData, weight: int) -> int:
    """Weight outside the bounds, of an area that exists."""
    return max(0, town.lower - weight) + max(0, weight - town.upper)


@inner
def _note_best(areas: PartitionState, k: int, first_price: int, area_price: int) -> None:
    sums = areas.sums
    if k > 0 and (sums[N_AREAS] != k or sums[BAD_AREAS] > 0):
        return
    left = sums[LEFT] + sums[BAD_HOUSEHOLDS]
    cost = sums[METRES] - sums[BAD_METRES] + area_price * (sums[N_AREAS] - sums[BAD_AREAS])
    if first_price >= 0:
        cost += first_price * left
        left = 0
    key = areas.best_key
    if left < key[0] or (left == key[0] and cost < key[1]):
        key[0], key[1] = left, cost
        for i in range(len(areas.best)):
            areas.best[i] = areas.area[i]


@entry
def _fill(town: PartitionData, areas: PartitionState, labels: np.ndarray) -> None:
    for unit in range(len(labels)):
        if labels[unit] >= 0:
            _insert(town, areas, unit, labels[unit])


@inner
def _insert(town: PartitionData, areas: PartitionState, unit: int, b: int) -> None:
    """A unit in no area becomes a member of b."""
    _count(town, areas, b, -1)
    if town.is_cut:
        areas.cost[b] -= _n_neighbours(town, areas, unit, b)
    else:
        row, walkers = town.metres[unit], town.walkers[unit]
        own, least = np.int64(0), np.int64(1) << 60
        i = areas.first[b]
        while i >= 0:
            areas.hub_cost[i] += walkers * row[i]
            least = min(least, areas.hub_cost[i])
            own += town.walkers[i] * row[i]
            i = areas.after[i]
        areas.hub_cost[unit] = own
        areas.cost[b] = min(least, own)
    head = areas.first[b]
    areas.after[unit], areas.before[unit] = head, -1
    if head >= 0:
        areas.before[head] = unit
    areas.first[b] = unit
    areas.area[unit] = b
    areas.size[b] += 1
    areas.weight[b] += town.weight[unit]
    update_extra_weights(town.further, areas.further, unit, b, 1)
    areas.people[b] += town.households[unit]
    areas.sums[LEFT] -= town.households[unit]
    _count(town, areas, b, 1)


@inner
def _remove(town: PartitionData, areas: PartitionState, unit: int) -> None:
    """A unit leaves its area and is left over."""
    a = areas.area[unit]
    _count(town, areas, a, -1)
    before, after = areas.before[unit], areas.after[unit]
    if before >= 0:
        areas.after[before] = after
    else:
        areas.first[a] = after
    if after >= 0:
        areas.before[after] = before
    areas.area[unit] = -1
    if town.is_cut:
        areas.cost[a] += _n_neighbours(town, areas, unit, a)
    else:
        row, walkers = town.metres[unit], town.walkers[unit]
        least = np.int64(1) << 60
        i = areas.first[a]
        while i >= 0:
            areas.hub_cost[i] -= walkers * row[i]
            least = min(least, areas.hub_cost[i])
            i = areas.after[i]
        areas.cost[a] = least if areas.first[a] >= 0 else 0
    areas.size[a] -= 1
    areas.weight[a] -= town.weight[unit]
    update_extra_weights(town.further, areas.further, unit, a, -1)
    areas.people[a] -= town.households[unit]
    areas.sums[LEFT] += town.households[unit]
    _count(town, areas, a, 1)


@inner
def _count(town: PartitionData, areas: PartitionState, a: int, sign: int) -> None:
    """Add an area to the totals (sign 1) or take it out of them (−1)."""
    if areas.size[a] == 0:
        return
    sums = areas.sums
    sums[METRES] += sign * areas.cost[a]
    sums[N_AREAS] += sign
    excess = _excess(town, areas.weight[a]) + extra_excess(areas.further, a)
    if excess > 0:
        sums[EXCESS] += sign * excess
        sums[BAD_METRES] += sign * areas.cost[a]
        sums[BAD_AREAS] += sign
        sums[BAD_HOUSEHOLDS] += sign * areas.people[a]


@inner
def _n_neighbours(town: PartitionData, areas: PartitionState, unit: int, a: int) -> int:
    """Neighbours of a unit in area a."""
    count = 0
    for e in range(town.indptr[unit], town.indptr[unit + 1]):
        if areas.area[town.indices[e]] == a:
            count += 1
    return count


@inner
def _cost_with(town: PartitionData, areas: PartitionState, unit: int, b: int) -> int:
    """Cost of area b if `unit` joined it."""
    if town.is_cut:
        return int(areas.cost[b] - _n_neighbours(town, areas, unit, b))
    row, walkers = town.metres[unit], town.walkers[unit]
    own, least = np.int64(0), np.int64(1) << 60
    i = areas.first[b]
    while i >= 0:
        least = min(least, areas.hub_cost[i] + walkers * row[i])
        own += town.walkers[i] * row[i]
        i = areas.after[i]
    return int(own) if own < least else int(least)


@inner
def _cost_without(town: PartitionData, areas: PartitionState, unit: int) -> int:
    """Cost of the unit's area if the unit left it."""
    a = areas.area[unit]
    if town.is_cut:
        return int(areas.cost[a] + _n_neighbours(town, areas, unit, a))
    if areas.size[a] == 1:
        return 0
    row, walkers = town.metres[unit], town.walkers[unit]
    least = np.int64(1) << 60
    i = areas.first[a]
    while i >= 0:
        if i != unit:
            least = min(least, areas.hub_cost[i] - walkers * row[i])
        i = areas.after[i]
    return int(least)


@inner
def _connected_without(town: PartitionData, areas: PartitionState, unit: int) -> bool:
    """Whether the unit's area stays connected when the unit leaves it."""
    if not town.is_contiguous:
        return True
    a = areas.area[unit]
    start, n_neighbours = -1, 0
    for e in range(town.indptr[unit], town.indptr[unit + 1]):
        j = town.indices[e]
        if areas.area[j] == a:
            start = j
            n_neighbours += 1
    if n_neighbours <= 1:
        return True
    areas.area[unit] = -1
    reached = _count_reachable(town, areas, start)
    areas.area[unit] = a
    return reached == areas.size[a] - 1


@inner
def _is_connected(town: PartitionData, areas: PartitionState, a: int) -> bool:
    return (
        areas.size[a] == 0 or not town.is_contiguous or _count_reachable(town, areas, areas.first[a]) == areas.size[a]
    )


@inner
def _count_reachable(town: PartitionData, areas: PartitionState, start: int) -> int:
    """Number of units reached from `start` inside its area."""
    a = areas.area[start]
    areas.stamp[0] += 1
    mark = areas.stamp[0]
    areas.seen[start] = mark
    areas.stack[0] = start
    top, reached = 1, 1
    while top > 0:
        top -= 1
        i = areas.stack[top]
        for e in range(town.indptr[i], town.indptr[i + 1]):
            j = town.indices[e]
            if areas.area[j] == a and areas.seen[j] != mark:
                areas.seen[j] = mark
                areas.stack[top] = j
                top += 1
                reached += 1
    return reached


@inner
def _random_member(areas: PartitionState, a: int, random: np.ndarray) -> int:
    i = areas.first[a]
    for _ in range(below(random, areas.size[a])):
        i = areas.after[i]
    return i


@inner
def _members(areas: PartitionState, a: int) -> np.ndarray:
    members = np.empty(areas.size[a], dtype=np.int64)
    _list_members(areas, a, members, 0)
    return members


@inner
def _list_members(areas: PartitionState, a: int, into: np.ndarray, at: int) -> None:
    i = areas.first[a]
    while i >= 0:
        into[at] = i
        at += 1
        i = areas.after[i]


@inner
def _empty_area(areas: PartitionState) -> int:
    for a in range(len(areas.size)):
        if areas.size[a] == 0:
            return a
    return -1
