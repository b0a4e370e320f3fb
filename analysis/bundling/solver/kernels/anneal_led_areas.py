"""Compiled annealing of areas with leaders inside: shifts, pairs, merges; each area evaluated from scratch.

An area of mode "area" is worth what its households walk, and a small assignment of its targets to its
anchors (Kong 2021 calls such pairs of levels a service area problem in a partition). Areas hold a dozen
units or so: evaluating the one or two that a move changes takes microseconds, keeps every rule in one
place, and needs no sums kept up to date beside the totals.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analysis.bundling.solver.kernels.jit import below, entry, inner, uniform

# Columns of `LedAreaState.values` and positions in `LedAreaState.sums`.
LEFT, UNLED, OUTSIDE, AREAS, METRES, OLD, BROKEN, SHAPE, COST = range(9)
N_VALUES = 9

# Columns of `LedAreaData.pairs`: two units and what holds of them.
TOGETHER, JOINED, APART, LED = 0, 1, 2, 3

_P_LEAVE, _P_MERGE, _P_SPLIT = 0.08, 0.10, 0.05


class LedAreaData(NamedTuple):
    """Arrays of a subproblem of n units and m anchors; see `led_areas.part`.

    Parameters
    ----------
    indptr, indices
        CSR adjacency.
    households, load, floor_m2
        (n,) int64.
    weights
        (q, n) int64 of each weight that is bounded, with lower and upper (q,).
    metres
        (n, n) int64 walks.
    is_within_reach
        (n, n) bool: whether a member that is not led may be so far from a medoid.
    asks_area, asks_leader
        (n,) bool.
    anchor
        (n,) int64: number of the anchor that a unit is, −1 = none.
    capacity
        (m,) int64: the largest sum of `load` it may lead.
    cost
        (m, n) int64: what it costs to be led, −1 = not allowed.
    is_old
        (m,) bool.
    pairs
        (p, 3) int64: locks between two units.
    priority
        (n,) int64: who is given a leader first; its households, and more where a lock says who leads it.
    links_m
        (e,) int64, as `indices`: household-metres that parting each pair of neighbours costs.
    home
        (n,) int64: area of each unit in the plan begun with, −1 = none.
    """

    indptr: np.ndarray
    indices: np.ndarray
    households: np.ndarray
    load: np.ndarray
    floor_m2: np.ndarray
    weights: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    metres: np.ndarray
    is_within_reach: np.ndarray
    asks_area: np.ndarray
    asks_leader: np.ndarray
    anchor: np.ndarray
    capacity: np.ndarray
    cost: np.ndarray
    is_old: np.ndarray
    least_members: int
    most_members: int
    least_floor_m2: int
    most_floor_m2: int
    pairs: np.ndarray
    priority: np.ndarray
    links_m: np.ndarray
    home: np.ndarray


class LedAreaPrices(NamedTuple):
    """Household-metres that one of each costs.

    Parameters
    ----------
    left_over, unled
        A household of who asks for an area and has none, and of who is in one without a leader.
    outside
        An area outside its preferred window.
    area
        An area.
    led_by_old
        A household led by an old anchor.
    broken
        A lock that an area breaks.
    moved
        A unit in another area than in the plan begun with.
    """

    left_over: int
    unled: int
    outside: int
    area: int
    led_by_old: int
    broken: int
    moved: int


class LedAreaState(NamedTuple):
    """What is decided, with the totals, and room to work in.

    Parameters
    ----------
    area
        (n,) int64: area of each unit, −1 = none.
    leader
        (n,) int64: position of the leader found last, −1 = none; of current use while an area is evaluated.
    size
        (n + 1,) int64 members of each area.
    values
        (n + 1, 9) int64 of each area.
    free, n_free
        Stack of numbers no area has.
    sums
        (9,) int64: totals over areas, and what is left over.
    best, best_key
        (n,) int64 best labels, and (4,) int64: left over, unled, broken, objective; −1 = none yet.
    seen, stamp, members, others, order, room, found, found_other
        Room to work in.
    """

    area: np.ndarray
    leader: np.ndarray
    size: np.ndarray
    values: np.ndarray
    free: np.ndarray
    n_free: np.ndarray
    sums: np.ndarray
    best: np.ndarray
    best_key: np.ndarray
    seen: np.ndarray
    stamp: np.ndarray
    members: np.ndarray
    others: np.ndarray
    order: np.ndarray
    room: np.ndarray
    found: np.ndarray
    found_other: np.ndarray


def build_state(data: LedAreaData, prices: LedAreaPrices, labels: np.ndarray) -> LedAreaState:
    """The state of labels.

    Parameters
    ----------
    data, prices
        What they are evaluated by.
    labels
        (n,) int: area of each unit, numbered from 0, −1 = none; areas are connected and none is above a most.
    """
    n = len(labels)
    room = [np.zeros(n, dtype=np.int64) for _ in range(4)]
    state = LedAreaState(
        area=np.array(labels, dtype=np.int64),
        leader=np.full(n, -1, dtype=np.int64),
        size=np.zeros(n + 1, dtype=np.int64),
        values=np.zeros((n + 1, N_VALUES), dtype=np.int64),
        free=np.zeros(n + 1, dtype=np.int64),
        n_free=np.zeros(1, dtype=np.int64),
        sums=np.zeros(N_VALUES, dtype=np.int64),
        best=np.full(n, -1, dtype=np.int64),
        best_key=np.full(4, -1, dtype=np.int64),
        seen=np.zeros(n, dtype=np.int64),
        stamp=np.zeros(1, dtype=np.int64),
        members=room[0],
        others=room[1],
        order=room[2],
        room=room[3],
        found=np.zeros(N_VALUES, dtype=np.int64),
        found_other=np.zeros(N_VALUES, dtype=np.int64),
    )
    evaluate_areas(data, prices, state)
    return state


@inner
def _gather(data: LedAreaData, state: LedAreaState, start: int, label: int, members: np.ndarray) -> int:
    """Units of an area that are connected with one of them, written into `members`; how many."""
    state.stamp[0] += 1
    stamp = state.stamp[0]
    members[0] = start
    state.seen[start] = stamp
    n, at = 1, 0
    while at < n:
        unit = members[at]
        at += 1
        for e in range(data.indptr[unit], data.indptr[unit + 1]):
            other = data.indices[e]
            if state.area[other] == label and state.seen[other] != stamp:
                state.seen[other] = stamp
                members[n] = other
                n += 1
    return n


@inner
def _is_too_large(data: LedAreaData, members: np.ndarray, n: int) -> bool:
    """Whether an area is above a most that no member exceeds alone, or adds more than it to one that does."""
    for q in range(len(data.upper)):
        total, largest = 0, 0
        for i in range(n):
            weight = data.weights[q, members[i]]
            total += weight
            largest = max(largest, weight)
        if total > data.upper[q] and not (largest > data.upper[q] and total - largest <= data.upper[q]):
            return True
    return False


@inner
def _share_of_least(data: LedAreaData, members: np.ndarray, n: int) -> float:
    """How far an area is from the least it must weigh: the smallest share, 1 = it is there."""
    share = 1.0
    for q in range(len(data.lower)):
        total = 0
        for i in range(n):
            total += data.weights[q, members[i]]
        if total < data.lower[q]:
            share = min(share, total / data.lower[q])
    return share


@inner
def _medoid(data: LedAreaData, members: np.ndarray, n: int) -> int:
    """The member with the least household-metres from all; the first position of equals."""
    best, least = -1, 0
    for i in range(n):
        unit, metres = members[i], 0
        for j in range(n):
            metres += data.households[members[j]] * data.metres[unit, members[j]]
        if best < 0 or metres < least or (metres == least and unit < best):
            best, least = unit, metres
    return best


@inner
def _nearest_with_room(data: LedAreaData, state: LedAreaState, unit: int, but: int, members: np.ndarray, n: int) -> int:
    """The member that leads a unit at the least cost and has room for it, −1 = none; never `but`."""
    best, least = -1, 0
    for i in range(n):
        anchor = members[i]
        k = data.anchor[anchor]
        if k < 0 or anchor == but or data.cost[k, unit] < 0 or state.room[anchor] < data.load[unit]:
            continue
        cost = data.cost[k, unit]
        if best < 0 or cost < least or (cost == least and anchor < best):
            best, least = anchor, cost
    return best


@inner
def _make_room(data: LedAreaData, state: LedAreaState, unit: int, members: np.ndarray, n: int, n_placed: int) -> int:
    """An anchor that can lead a unit once one of its own goes to another, which it then does; −1 = none."""
    for i in range(n):
        anchor = members[i]
        k = data.anchor[anchor]
        if k < 0 or data.cost[k, unit] < 0:
            continue
        lacking = data.load[unit] - state.room[anchor]
        for j in range(n_placed):
            led = state.order[j]
            if state.leader[led] != anchor or data.load[led] < lacking:
                continue
            other = _nearest_with_room(data, state, led, anchor, members, n)
            if other >= 0:
                state.leader[led] = other
                state.room[other] -= data.load[led]
                state.room[anchor] += data.load[led]
                return anchor
    return -1


@inner
def _assign_leaders(data: LedAreaData, state: LedAreaState, members: np.ndarray, n: int) -> None:
    """Leaders of the members that ask for one: most households first, to the nearest with room."""
    n_asking = 0
    for i in range(n):
        unit = members[i]
        state.leader[unit] = -1
        if data.anchor[unit] >= 0:
            state.room[unit] = data.capacity[data.anchor[unit]]
        if not data.asks_leader[unit]:
            continue
        at = n_asking
        n_asking += 1
        while at > 0:
            before = state.order[at - 1]
            larger = data.priority[before] > data.priority[unit]
            if larger or (data.priority[before] == data.priority[unit] and before < unit):
                break
            state.order[at] = before
            at -= 1
        state.order[at] = unit
    for i in range(n_asking):
        unit = state.order[i]
        leader = _nearest_with_room(data, state, unit, -1, members, n)
        if leader < 0:
            leader = _make_room(data, state, unit, members, n, i)
        state.leader[unit] = leader
        if leader >= 0:
            state.room[leader] -= data.load[unit]


@inner
def _broken_locks(data: LedAreaData, state: LedAreaState, members: np.ndarray, n: int) -> int:
    """Locks between two units that an area breaks; `members` were gathered last, and are led."""
    broken, stamp = 0, state.stamp[0]
    for p in range(len(data.pairs)):
        one = state.seen[data.pairs[p, 0]] == stamp
        other = state.seen[data.pairs[p, 1]] == stamp
        kind = data.pairs[p, 2]
        if (
            (kind == APART and one and other)
            or (kind == TOGETHER and one != other)
            or (kind == JOINED and one and not other)
            or (kind == LED and one and other and state.leader[data.pairs[p, 0]] != data.pairs[p, 1])
        ):
            broken += 1
    return broken


@inner
def _shape(data: LedAreaData, prices: LedAreaPrices, state: LedAreaState, members: np.ndarray, n: int) -> int:
    """What neighbours kept together and units that stay save, in household-metres, as a cost.

    `members` were gathered last. Units stay whose area in the plan begun with is that of most.
    """
    saved, stamp = 0, state.stamp[0]
    for i in range(n):
        unit = members[i]
        for e in range(data.indptr[unit], data.indptr[unit + 1]):
            if state.seen[data.indices[e]] == stamp:
                saved += data.links_m[e]
    saved //= 2  # each pair was met from both sides
    if prices.moved == 0:
        return -saved
    new, most = 0, 0
    for i in range(n):
        home = data.home[members[i]]
        if home < 0:
            new += 1
            continue
        n_stay = 0
        for j in range(n):
            n_stay += int(data.home[members[j]] == home)
        most = max(most, n_stay)
    return prices.moved * (new - most) - saved


@inner
def _evaluate(
    data: LedAreaData, prices: LedAreaPrices, state: LedAreaState, members: np.ndarray, n: int, found: np.ndarray
) -> bool:
    """What an area is worth, written into `found`; False where it may not be.

    One below the least, or in which nobody asks for an area, is none: its units count as left over,
    the less the nearer it is to the least, so that the search finds its way.
    """
    for q in range(len(found)):
        found[q] = 0
    if _is_too_large(data, members, n):
        return False
    asking = 0
    is_asked = False
    for i in range(n):
        if data.asks_area[members[i]]:
            asking += data.households[members[i]]
            is_asked = True
    if not is_asked:
        return True
    share = _share_of_least(data, members, n)
    if share < 1.0:
        found[LEFT] = asking
        found[COST] = asking * prices.left_over - int(0.25 * share * asking * prices.left_over)
        return True
    centre = _medoid(data, members, n)
    _assign_leaders(data, state, members, n)
    floor_m2 = 0
    for i in range(n):
        unit = members[i]
        leader = state.leader[unit]
        floor_m2 += data.floor_m2[unit]
        if leader >= 0:
            found[METRES] += data.cost[data.anchor[leader], unit]
            if data.is_old[data.anchor[leader]]:
                found[OLD] += data.households[unit]
            continue
        if not data.is_within_reach[centre, unit]:
            return False
        found[METRES] += data.households[unit] * data.metres[centre, unit]
        if data.asks_leader[unit]:
            found[UNLED] += data.households[unit]
    found[AREAS] = 1
    lacking = max(0, data.least_members - n)
    spare = max(0, n - data.most_members)
    is_outside = lacking > 0 or spare > 0 or not data.least_floor_m2 <= floor_m2 <= data.most_floor_m2
    found[OUTSIDE] = int(is_outside)
    found[BROKEN] = _broken_locks(data, state, members, n)
    found[SHAPE] = _shape(data, prices, state, members, n)
    found[COST] = (
        prices.unled * found[UNLED]
        + prices.outside * found[OUTSIDE]
        + prices.outside * lacking // 2
        + prices.outside * spare // 8
        + prices.area
        + prices.led_by_old * found[OLD]
        + prices.broken * found[BROKEN]
        + found[METRES]
        + found[SHAPE]
    )
    return True


@entry
def evaluate_areas(data: LedAreaData, prices: LedAreaPrices, state: LedAreaState) -> bool:
    """Evaluate all areas from scratch, and their leaders; whether every one may be and is connected.

    Parameters
    ----------
    data, prices
        What is given.
    state
        Its `area` holds; everything else is made.
    """
    n_units, n_free, is_sound = len(state.area), 0, True
    state.size[:] = 0
    state.values[:] = 0
    state.sums[:] = 0
    for unit in range(n_units):
        if state.area[unit] >= 0:
            state.size[state.area[unit]] += 1
        elif data.asks_area[unit]:
            state.sums[LEFT] += data.households[unit]
            state.sums[COST] += data.households[unit] * prices.left_over
    for label in range(n_units, -1, -1):
        if state.size[label] == 0:
            state.free[n_free] = label
            n_free += 1
    state.n_free[0] = n_free
    for unit in range(n_units):
        label = state.area[unit]
        if label < 0 or state.values[label, COST] != 0 or state.values[label, AREAS] != 0:
            continue
        n = _gather(data, state, unit, label, state.members)
        if n < state.size[label] or not _evaluate(data, prices, state, state.members, n, state.found):
            is_sound = False
        for q in range(N_VALUES):
            state.sums[q] += state.found[q]
            state.values[label, q] = state.found[q]
        if state.values[label, COST] == 0 and state.values[label, AREAS] == 0:
            state.values[label, AREAS] = -1  # seen, though worth nothing
    for label in range(n_units + 1):
        state.values[label, AREAS] = max(0, state.values[label, AREAS])
    return is_sound


@inner
def _note_best(state: LedAreaState, prices: LedAreaPrices, outside_first: int) -> None:
    """Keep the labels where they are better than the best: left over, locks, unled, then the objective."""
    sums, key = state.sums, state.best_key
    objective = sums[METRES] + sums[SHAPE] + prices.area * sums[AREAS] + prices.led_by_old * sums[OLD]
    objective += outside_first * sums[OUTSIDE]
    if key[0] >= 0:
        now = (sums[BROKEN], sums[LEFT], sums[UNLED], objective)
        if not now < (key[2], key[0], key[1], key[3]):
            return
    key[0], key[1], key[2], key[3] = sums[LEFT], sums[UNLED], sums[BROKEN], objective
    for unit in range(len(state.area)):
        state.best[unit] = state.area[unit]


@inner
def _accepts(delta: int, temperature: float, stream: np.ndarray) -> bool:
    return delta <= 0 or uniform(stream) < np.exp(-delta / temperature)


@inner
def _cost_alone(data: LedAreaData, prices: LedAreaPrices, unit: int) -> int:
    """What a unit in no area costs."""
    return data.households[unit] * prices.left_over if data.asks_area[unit] else 0


@inner
def _replace(state: LedAreaState, label: int, found: np.ndarray, n: int) -> None:
    """Give an area its new value and size; one without a unit goes."""
    if state.size[label] == 0 and n > 0:
        state.n_free[0] -= 1  # it was on top of the stack
    for q in range(N_VALUES):
        state.sums[q] += found[q] - state.values[label, q]
        state.values[label, q] = found[q] if n > 0 else 0
    state.size[label] = n
    if n == 0:
        state.free[state.n_free[0]] = label
        state.n_free[0] += 1


@inner
def _join(
    data: LedAreaData,
    prices: LedAreaPrices,
    state: LedAreaState,
    unit: int,
    into: int,
    temperature: float,
    stream: np.ndarray,
) -> bool:
    """Try to merge the area of a unit into another."""
    label = state.area[unit]
    n_moved = _gather(data, state, unit, label, state.others)
    for i in range(n_moved):
        state.area[state.others[i]] = into
    n = _gather(data, state, unit, into, state.members)
    is_kept = _evaluate(data, prices, state, state.members, n, state.found)
    if is_kept:
        before = state.values[label, COST] + state.values[into, COST]
        is_kept = _accepts(state.found[COST] - before, temperature, stream)
    if not is_kept:
        for i in range(n_moved):
            state.area[state.others[i]] = label
        return False
    state.found_other[:] = 0
    _replace(state, into, state.found, n)
    _replace(state, label, state.found_other, 0)
    return True


@inner
def _shift(
    data: LedAreaData,
    prices: LedAreaPrices,
    state: LedAreaState,
    unit: int,
    into: int,
    with_unit: int,
    temperature: float,
    stream: np.ndarray,
) -> bool:
    """Try to move a unit into an area (−1 = none), with a unit that has none, if `with_unit` ≥ 0."""
    label = state.area[unit]
    state.area[unit] = into
    if with_unit >= 0:
        state.area[with_unit] = into
    is_kept, n_left, n = True, 0, 0
    state.found_other[:] = 0
    if label >= 0 and state.size[label] > 1:
        start = -1
        for e in range(data.indptr[unit], data.indptr[unit + 1]):
            if state.area[data.indices[e]] == label:
                start = data.indices[e]
                break
        n_left = _gather(data, state, start, label, state.others) if start >= 0 else 0
        is_kept = n_left == state.size[label] - 1
        is_kept = is_kept and _evaluate(data, prices, state, state.others, n_left, state.found_other)
    delta = state.found_other[COST]
    if is_kept and into >= 0:
        n = _gather(data, state, unit, into, state.members)
        is_kept = _evaluate(data, prices, state, state.members, n, state.found)
        delta += state.found[COST] - state.values[into, COST]
    if is_kept:
        delta -= state.values[label, COST] if label >= 0 else _cost_alone(data, prices, unit)
        delta += _cost_alone(data, prices, unit) if into < 0 else 0
        delta -= _cost_alone(data, prices, with_unit) if with_unit >= 0 else 0
        is_kept = _accepts(delta, temperature, stream)
    if not is_kept:
        state.area[unit] = label
        if with_unit >= 0:
            state.area[with_unit] = -1
        return False
    for one in (unit, with_unit):
        if one >= 0 and data.asks_area[one] and (one == with_unit or label < 0):
            state.sums[LEFT] -= data.households[one]
            state.sums[COST] -= _cost_alone(data, prices, one)
    if into < 0 and data.asks_area[unit]:
        state.sums[LEFT] += data.households[unit]
        state.sums[COST] += _cost_alone(data, prices, unit)
    if into >= 0:
        _replace(state, into, state.found, n)
    if label >= 0:
        _replace(state, label, state.found_other, n_left)
    return True


@entry
def anneal_led_areas(
    data: LedAreaData,
    prices: LedAreaPrices,
    state: LedAreaState,
    outside_first: int,
    temperature: float,
    n_moves: int,
    stream: np.ndarray,
) -> None:
    """Try moves at one temperature (Kirkpatrick, Gelatt & Vecchi 1983).

    A move takes a unit into a neighbour's area, out of every area, or into a new one with a neighbour;
    or merges two areas side by side. Areas stay connected and below every most.

    Parameters
    ----------
    data, prices
        What is given.
    state
        Changed; see `LedAreaState`.
    outside_first
        Household-metres that an area outside the preferred window costs where the best is judged.
    temperature
        In household-metres.
    n_moves
        Moves tried.
    stream
        (1,) uint64 state of the random numbers, changed.
    """
    n_units = len(state.area)
    if state.best_key[0] < 0:
        _note_best(state, prices, outside_first)
    for _ in range(n_moves):
        unit = below(stream, n_units)
        kind = uniform(stream)
        label = state.area[unit]
        degree = data.indptr[unit + 1] - data.indptr[unit]
        is_changed = False
        if label >= 0 and kind < _P_LEAVE:
            is_changed = _shift(data, prices, state, unit, -1, -1, temperature, stream)
        elif degree > 0:
            other = data.indices[data.indptr[unit] + below(stream, degree)]
            into = state.area[other]
            if label < 0 and into < 0:
                new = state.free[state.n_free[0] - 1]
                is_changed = _shift(data, prices, state, unit, new, other, temperature, stream)
            elif into < 0:
                is_changed = _shift(data, prices, state, other, label, -1, temperature, stream)
            elif into == label:
                if kind > 1.0 - _P_SPLIT:
                    new = state.free[state.n_free[0] - 1]
                    is_changed = _shift(data, prices, state, unit, new, -1, temperature, stream)
            elif label >= 0 and kind > 1.0 - _P_MERGE:
                is_changed = _join(data, prices, state, unit, into, temperature, stream)
            else:
                is_changed = _shift(data, prices, state, unit, into, -1, temperature, stream)
        if is_changed:
            _note_best(state, prices, outside_first)
