"""Compiled annealing of partitions without anchors: connected shifts, chains, merges and splits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analysis.bundling.solver.base.subproblem import Subproblem
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
from analysis.bundling.solver.kernels.jit import accept_move, below, entry, inner, uniform

# Positions in `PartitionState.sums`.
METRES, N_AREAS, LEFT, EXCESS, BAD_METRES, BAD_AREAS, BAD_HOUSEHOLDS = range(7)


class PartitionData(NamedTuple):
    """Arrays of a subproblem (see `Subproblem`)."""

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
    extra: ExtraWeights | None


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
    medoid_cost
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
    extra
        Further weights of each area; None where there are none.
    """

    area: np.ndarray
    medoid_cost: np.ndarray
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
    extra: ExtraWeightState | None


class PartitionPenalties(NamedTuple):
    """How the annealing weighs the parts, all in household-metres.

    Parameters
    ----------
    temperature
        Temperature.
    excess
        For one unit of weight outside [lower, upper].
    left_over
        For one household in no area.
    area
        For one area.
    """

    temperature: float
    excess: float
    left_over: float
    area: float


def partition_state(data: PartitionData, labels: np.ndarray) -> PartitionState:
    """The state of labels (n,), −1 = left over; every labelled area must be connected.

    Parameters
    ----------
    data
        Arrays of the subproblem.
    labels
        (n,) int: area of each unit, −1 = left over.
    """
    n = len(data.households)
    state = PartitionState(
        area=np.full(n, -1, dtype=np.int64),
        medoid_cost=np.zeros(n, dtype=np.int64),
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
        extra=extra_weight_state(data.extra),
    )
    state.sums[LEFT] = data.households.sum()
    state.best[:] = labels
    _fill(data, state, labels.astype(np.int64))
    return state


@entry
def anneal_partition(
    data: PartitionData,
    state: PartitionState,
    penalties: PartitionPenalties,
    first_price: int,
    area_price: int,
    n_moves: int,
    random: np.ndarray,
) -> int:
    """Try `n_moves` moves at one temperature; keep the best labels in `areas.best`.

    A best is judged exactly: by left-over households, then metres (`first_price` < 0), or by their
    sum at that price. Areas outside the bounds count as left over in it.
    Returns the number of accepted moves.

    Parameters
    ----------
    data
        Arrays of the subproblem.
    state
        What is decided; changed.
    penalties
        Temperature, and prices in household-metres.
    first_price
        Household-metres of a household left over where the best is judged; −1 = left over comes first.
    area_price
        Household-metres of an area where the best is judged.
    n_moves
        Moves tried.
    random
        (1,) uint64 state of the random numbers, changed.
    """
    n = len(data.households)
    accepted = 0
    _note_best(state, data.k, first_price, area_price)
    for _ in range(n_moves):
        unit = below(random, n)
        degree = data.indptr[unit + 1] - data.indptr[unit]
        if degree == 0:
            continue
        other = data.indices[data.indptr[unit] + below(random, degree)]
        a, b = state.area[unit], state.area[other]
        dice = uniform(random)
        done = False
        if a == b:
            if a < 0:
                done = data.k == 0 and _create_area(data, state, penalties, unit, random)
            elif dice < 0.02 and data.k == 0:
                done = _split(data, state, penalties, a, random)
        elif b < 0:
            if dice < 0.05:
                done = _leave_over(data, state, penalties, unit, random)
        elif a >= 0 and dice < 0.01:
            if data.k == 0:
                done = _merge(data, state, penalties, a, b, random)
            else:
                done = _merge_and_split(data, state, penalties, a, b, random)
        elif a >= 0 and dice < 0.02:
            done = _resplit(data, state, penalties, a, b, random)
        elif a >= 0 and dice < 0.25:
            done = _chain(data, state, penalties, unit, b, random)
        else:
            done = _shift(data, state, penalties, unit, b, random)
        if done:
            accepted += 1
            _note_best(state, data.k, first_price, area_price)
    return accepted


# --- the moves -----------------------------------------------------------------------------------


@inner
def _shift(
    data: PartitionData, state: PartitionState, penalties: PartitionPenalties, unit: int, b: int, random: np.ndarray
) -> bool:
    """One unit joins a neighbouring area."""
    a = state.area[unit]
    if data.k > 0 and a >= 0 and state.size[a] == 1:
        return False
    weight, people = data.weight[unit], data.households[unit]
    change = float(_cost_with(data, state, unit, b) - state.cost[b])
    excess = _excess(data, state.weight[b] + weight) - _excess(data, state.weight[b])
    if a < 0:
        change -= penalties.left_over * people
    else:
        change += _cost_without(data, state, unit) - state.cost[a]
        excess -= _excess(data, state.weight[a])
        if state.size[a] == 1:
            change -= penalties.area
        else:
            excess += _excess(data, state.weight[a] - weight)
    excess += extra_excess_change(data.extra, state.extra, state.size, unit, a, b)
    if not accept_move(change + penalties.excess * excess, penalties.temperature, random):
        return False
    if a >= 0 and not _connected_without(data, state, unit):
        return False
    if a >= 0:
        _remove(data, state, unit)
    _insert(data, state, unit, b)
    return True


@inner
def _leave_over(
    data: PartitionData, state: PartitionState, penalties: PartitionPenalties, unit: int, random: np.ndarray
) -> bool:
    """One unit leaves its area for none."""
    a = state.area[unit]
    if a < 0 or (data.k > 0 and state.size[a] == 1):
        return False
    change = penalties.left_over * data.households[unit]
    change += _cost_without(data, state, unit) - state.cost[a]
    excess = -_excess(data, state.weight[a])
    if state.size[a] == 1:
        change -= penalties.area
    else:
        excess += _excess(data, state.weight[a] - data.weight[unit])
    excess += extra_excess_change(data.extra, state.extra, state.size, unit, a, -1)
    if not accept_move(change + penalties.excess * excess, penalties.temperature, random):
        return False
    if not _connected_without(data, state, unit):
        return False
    _remove(data, state, unit)
    return True


@inner
def _chain(
    data: PartitionData, state: PartitionState, penalties: PartitionPenalties, unit: int, b: int, random: np.ndarray
) -> bool:
    """One unit joins area b, and one of b's moves on to a neighbouring area (or back: a swap)."""
    a = state.area[unit]
    second = _random_member(state, b, random)
    degree = data.indptr[second + 1] - data.indptr[second]
    c = state.area[data.indices[data.indptr[second] + below(random, degree)]]
    if c == b or c < 0 or state.size[a] == 1 or state.size[b] == 1:
        return False
    old = _energy(state, penalties)
    _remove(data, state, unit)
    _insert(data, state, unit, b)
    _remove(data, state, second)
    _insert(data, state, second, c)
    if (
        accept_move(_energy(state, penalties) - old, penalties.temperature, random)
        and _is_connected(data, state, a)
        and _is_connected(data, state, b)
        and _is_connected(data, state, c)
    ):
        return True
    _remove(data, state, second)
    _insert(data, state, second, b)
    _remove(data, state, unit)
    _insert(data, state, unit, a)
    return False


@inner
def _merge(
    data: PartitionData, state: PartitionState, penalties: PartitionPenalties, a: int, b: int, random: np.ndarray
) -> bool:
    """Two neighbouring areas become one."""
    if state.weight[a] + state.weight[b] > data.upper:
        return False
    members = _members(state, a)
    old = _energy(state, penalties)
    for unit in members:
        _remove(data, state, unit)
        _insert(data, state, unit, b)
    if accept_move(_energy(state, penalties) - old, penalties.temperature, random):
        return True
    for unit in members:
        _remove(data, state, unit)
        _insert(data, state, unit, a)
    return False


@inner
def _merge_and_split(
    data: PartitionData, state: PartitionState, penalties: PartitionPenalties, a: int, b: int, random: np.ndarray
) -> bool:
    """Two neighbouring areas become one and another becomes two, so that their number stays."""
    c = state.area[below(random, len(data.households))]
    if c < 0 or state.size[c] < 2:
        return False
    if c in (a, b):
        return False
    members = _members(state, a)
    old = _energy(state, penalties)
    for unit in members:
        _remove(data, state, unit)
        _insert(data, state, unit, b)
    if _divide(data, state, penalties, _members(state, c), c, a, old, random):
        return True
    for unit in members:
        _remove(data, state, unit)
        _insert(data, state, unit, a)
    return False


@inner
def _split(
    data: PartitionData, state: PartitionState, penalties: PartitionPenalties, a: int, random: np.ndarray
) -> bool:
    """One area becomes two connected ones grown from two of its members."""
    if state.size[a] < 2 or state.weight[a] < 2 * data.lower:
        return False
    old = _energy(state, penalties)
    return _divide(data, state, penalties, _members(state, a), a, _empty_area(state), old, random)


@inner
def _resplit(
    data: PartitionData, state: PartitionState, penalties: PartitionPenalties, a: int, b: int, random: np.ndarray
) -> bool:
    """Two neighbouring areas are thrown together and divided anew."""
    both = np.empty(state.size[a] + state.size[b], dtype=np.int64)
    _list_members(state, a, both, 0)
    _list_members(state, b, both, state.size[a])
    return _divide(data, state, penalties, both, a, b, _energy(state, penalties), random)


@inner
def _divide(
    data: PartitionData,
    state: PartitionState,
    penalties: PartitionPenalties,
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
    side = _grow_two(data, state, members, one, two)
    labels = np.empty(count, dtype=np.int64)
    for k in range(count):
        labels[k] = state.area[members[k]]
        _remove(data, state, members[k])
    for k in range(count):
        _insert(data, state, members[k], a if side[k] == 0 else b)
    if accept_move(_energy(state, penalties) - old, penalties.temperature, random):
        return True
    for k in range(count):
        _remove(data, state, members[k])
    for k in range(count):
        _insert(data, state, members[k], labels[k])
    return False


@inner
def _create_area(
    data: PartitionData, state: PartitionState, penalties: PartitionPenalties, unit: int, random: np.ndarray
) -> bool:
    """A new area grows from a left-over unit over left-over neighbours, nearest first."""
    members = np.empty(len(data.households), dtype=np.int64)
    members[0] = unit
    count, weight = 1, data.weight[unit]
    state.stamp[0] += 1
    mark = state.stamp[0]
    state.seen[unit] = mark
    while weight < data.lower or extra_weight_side(data.extra, members, count) < 0:
        nearest, least = -1, np.int64(1) << 60
        for k in range(count):
            i = members[k]
            for e in range(data.indptr[i], data.indptr[i + 1]):
                j = data.indices[e]
                if state.area[j] < 0 and state.seen[j] != mark and data.metres[unit, j] < least:
                    nearest, least = j, data.metres[unit, j]
        if nearest < 0:
            return False
        state.seen[nearest] = mark
        members[count] = nearest
        count += 1
        weight += data.weight[nearest]
    if weight > data.upper or extra_weight_side(data.extra, members, count) > 0:
        return False
    old = _energy(state, penalties)
    a = _empty_area(state)
    for k in range(count):
        _insert(data, state, members[k], a)
    if accept_move(_energy(state, penalties) - old, penalties.temperature, random):
        return True
    for k in range(count):
        _remove(data, state, members[k])
    return False


# --- their parts ---------------------------------------------------------------------------------


@inner
def _grow_two(data: PartitionData, state: PartitionState, members: np.ndarray, one: int, two: int) -> np.ndarray:
    """Side 0 or 1 of each member: the lighter side takes its nearest free neighbour, turn by turn."""
    count = len(members)
    side = np.empty(count, dtype=np.int64)
    for k in range(count):
        side[k] = -1
    place = state.stack  # position in `members` of each unit marked in `seen`
    state.stamp[0] += 1
    mark = state.stamp[0]
    for k in range(count):
        state.seen[members[k]] = mark
        place[members[k]] = k
    side[one], side[two] = 0, 1
    ahead = data.weight[members[one]] - data.weight[members[two]]
    for _ in range(count - 2):
        turn = 0 if ahead <= 0 else 1
        nearest = _nearest_free(data, state, members, side, turn, members[two if turn else one], mark)
        if nearest < 0:  # this side is closed in
            turn = 1 - turn
            nearest = _nearest_free(data, state, members, side, turn, members[two if turn else one], mark)
        if nearest < 0:  # only where areas need not be connected
            nearest = _first_free(side)
        side[nearest] = turn
        more = data.weight[members[nearest]]
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
    data: PartitionData, state: PartitionState, members: np.ndarray, side: np.ndarray, turn: int, seed: int, mark: int
) -> int:
    nearest, least = -1, np.int64(1) << 60
    for k in range(len(members)):
        if side[k] != turn:
            continue
        for e in range(data.indptr[members[k]], data.indptr[members[k] + 1]):
            j = data.indices[e]
            if state.seen[j] != mark or side[state.stack[j]] >= 0:
                continue
            if data.metres[seed, j] < least:
                nearest, least = state.stack[j], data.metres[seed, j]
    return nearest


@inner
def _energy(state: PartitionState, penalties: PartitionPenalties) -> float:
    return (
        state.sums[METRES]
        + penalties.area * state.sums[N_AREAS]
        + penalties.left_over * state.sums[LEFT]
        + penalties.excess * state.sums[EXCESS]
    )


@inner
def _excess(data: PartitionData, weight: int) -> int:
    """Weight outside the bounds, of an area that exists."""
    return max(0, data.lower - weight) + max(0, weight - data.upper)


@inner
def _note_best(state: PartitionState, k: int, first_price: int, area_price: int) -> None:
    sums = state.sums
    if k > 0 and (sums[N_AREAS] != k or sums[BAD_AREAS] > 0):
        return
    left = sums[LEFT] + sums[BAD_HOUSEHOLDS]
    cost = sums[METRES] - sums[BAD_METRES] + area_price * (sums[N_AREAS] - sums[BAD_AREAS])
    if first_price >= 0:
        cost += first_price * left
        left = 0
    key = state.best_key
    if left < key[0] or (left == key[0] and cost < key[1]):
        key[0], key[1] = left, cost
        for i in range(len(state.best)):
            state.best[i] = state.area[i]


@entry
def _fill(data: PartitionData, state: PartitionState, labels: np.ndarray) -> None:
    for unit in range(len(labels)):
        if labels[unit] >= 0:
            _insert(data, state, unit, labels[unit])


@inner
def _insert(data: PartitionData, state: PartitionState, unit: int, b: int) -> None:
    """A unit in no area becomes a member of b."""
    _count(data, state, b, -1)
    if data.is_cut:
        state.cost[b] -= _n_neighbours(data, state, unit, b)
    else:
        row, walkers = data.metres[unit], data.walkers[unit]
        own, least = np.int64(0), np.int64(1) << 60
        i = state.first[b]
        while i >= 0:
            state.medoid_cost[i] += walkers * row[i]
            least = min(least, state.medoid_cost[i])
            own += data.walkers[i] * row[i]
            i = state.after[i]
        state.medoid_cost[unit] = own
        state.cost[b] = min(least, own)
    head = state.first[b]
    state.after[unit], state.before[unit] = head, -1
    if head >= 0:
        state.before[head] = unit
    state.first[b] = unit
    state.area[unit] = b
    state.size[b] += 1
    state.weight[b] += data.weight[unit]
    update_extra_weights(data.extra, state.extra, unit, b, 1)
    state.people[b] += data.households[unit]
    state.sums[LEFT] -= data.households[unit]
    _count(data, state, b, 1)


@inner
def _remove(data: PartitionData, state: PartitionState, unit: int) -> None:
    """A unit leaves its area and is left over."""
    a = state.area[unit]
    _count(data, state, a, -1)
    before, after = state.before[unit], state.after[unit]
    if before >= 0:
        state.after[before] = after
    else:
        state.first[a] = after
    if after >= 0:
        state.before[after] = before
    state.area[unit] = -1
    if data.is_cut:
        state.cost[a] += _n_neighbours(data, state, unit, a)
    else:
        row, walkers = data.metres[unit], data.walkers[unit]
        least = np.int64(1) << 60
        i = state.first[a]
        while i >= 0:
            state.medoid_cost[i] -= walkers * row[i]
            least = min(least, state.medoid_cost[i])
            i = state.after[i]
        state.cost[a] = least if state.first[a] >= 0 else 0
    state.size[a] -= 1
    state.weight[a] -= data.weight[unit]
    update_extra_weights(data.extra, state.extra, unit, a, -1)
    state.people[a] -= data.households[unit]
    state.sums[LEFT] += data.households[unit]
    _count(data, state, a, 1)


@inner
def _count(data: PartitionData, state: PartitionState, a: int, sign: int) -> None:
    """Add an area to the totals (sign 1) or take it out of them (−1)."""
    if state.size[a] == 0:
        return
    sums = state.sums
    sums[METRES] += sign * state.cost[a]
    sums[N_AREAS] += sign
    excess = _excess(data, state.weight[a]) + extra_excess(state.extra, a)
    if excess > 0:
        sums[EXCESS] += sign * excess
        sums[BAD_METRES] += sign * state.cost[a]
        sums[BAD_AREAS] += sign
        sums[BAD_HOUSEHOLDS] += sign * state.people[a]


@inner
def _n_neighbours(data: PartitionData, state: PartitionState, unit: int, a: int) -> int:
    """Neighbours of a unit in area a."""
    count = 0
    for e in range(data.indptr[unit], data.indptr[unit + 1]):
        if state.area[data.indices[e]] == a:
            count += 1
    return count


@inner
def _cost_with(data: PartitionData, state: PartitionState, unit: int, b: int) -> int:
    """Cost of area b if `unit` joined it."""
    if data.is_cut:
        return int(state.cost[b] - _n_neighbours(data, state, unit, b))
    row, walkers = data.metres[unit], data.walkers[unit]
    own, least = np.int64(0), np.int64(1) << 60
    i = state.first[b]
    while i >= 0:
        least = min(least, state.medoid_cost[i] + walkers * row[i])
        own += data.walkers[i] * row[i]
        i = state.after[i]
    return int(own) if own < least else int(least)


@inner
def _cost_without(data: PartitionData, state: PartitionState, unit: int) -> int:
    """Cost of the unit's area if the unit left it."""
    a = state.area[unit]
    if data.is_cut:
        return int(state.cost[a] + _n_neighbours(data, state, unit, a))
    if state.size[a] == 1:
        return 0
    row, walkers = data.metres[unit], data.walkers[unit]
    least = np.int64(1) << 60
    i = state.first[a]
    while i >= 0:
        if i != unit:
            least = min(least, state.medoid_cost[i] - walkers * row[i])
        i = state.after[i]
    return int(least)


@inner
def _connected_without(data: PartitionData, state: PartitionState, unit: int) -> bool:
    """Whether the unit's area stays connected when the unit leaves it."""
    if not data.is_contiguous:
        return True
    a = state.area[unit]
    start, n_neighbours = -1, 0
    for e in range(data.indptr[unit], data.indptr[unit + 1]):
        j = data.indices[e]
        if state.area[j] == a:
            start = j
            n_neighbours += 1
    if n_neighbours <= 1:
        return True
    state.area[unit] = -1
    reached = _count_reachable(data, state, start)
    state.area[unit] = a
    return reached == state.size[a] - 1


@inner
def _is_connected(data: PartitionData, state: PartitionState, a: int) -> bool:
    return (
        state.size[a] == 0 or not data.is_contiguous or _count_reachable(data, state, state.first[a]) == state.size[a]
    )


@inner
def _count_reachable(data: PartitionData, state: PartitionState, start: int) -> int:
    """Number of units reached from `start` inside its area."""
    a = state.area[start]
    state.stamp[0] += 1
    mark = state.stamp[0]
    state.seen[start] = mark
    state.stack[0] = start
    top, reached = 1, 1
    while top > 0:
        top -= 1
        i = state.stack[top]
        for e in range(data.indptr[i], data.indptr[i + 1]):
            j = data.indices[e]
            if state.area[j] == a and state.seen[j] != mark:
                state.seen[j] = mark
                state.stack[top] = j
                top += 1
                reached += 1
    return reached


@inner
def _random_member(state: PartitionState, a: int, random: np.ndarray) -> int:
    i = state.first[a]
    for _ in range(below(random, state.size[a])):
        i = state.after[i]
    return i


@inner
def _members(state: PartitionState, a: int) -> np.ndarray:
    members = np.empty(state.size[a], dtype=np.int64)
    _list_members(state, a, members, 0)
    return members


@inner
def _list_members(state: PartitionState, a: int, into: np.ndarray, at: int) -> None:
    i = state.first[a]
    while i >= 0:
        into[at] = i
        at += 1
        i = state.after[i]


@inner
def _empty_area(state: PartitionState) -> int:
    for a in range(len(state.size)):
        if state.size[a] == 0:
            return a
    return -1
