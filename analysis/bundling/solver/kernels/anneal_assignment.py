"""Compiled moves of led areas: annealing over connected shifts and ejection chains around anchors."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analysis.bundling.solver.kernels.jit import below, entry, inner, uniform
from analysis.bundling.solver.subproblem import Subproblem

# Positions in `AssignmentState.sums`.
METRES, LEFT, OVERLOAD, OPENING, N_AREAS = range(5)
MAX_CHAIN = 4


class AssignmentData(NamedTuple):
    """What is given: the arrays of a part (see `parts.Part`)."""

    indptr: np.ndarray
    indices: np.ndarray
    households: np.ndarray
    load: np.ndarray
    cost: np.ndarray
    anchors: np.ndarray
    capacity: np.ndarray
    opening: np.ndarray


def assignment_data(part: Subproblem) -> AssignmentData:
    """The arrays of a part of stage "lead"."""
    return AssignmentData(
        part.indptr, part.indices, part.households, part.load, part.cost, part.anchors, part.capacity, part.opening
    )


class AssignmentState(NamedTuple):
    """What is decided about the units around the anchors of a part.

    Parameters
    ----------
    area
        (n,) int64: index of the anchor of each unit, −1 = left over; an anchor has its own.
    taken
        (m,) int64: load each anchor has taken in.
    size
        (m,) int64: units each anchor has taken in.
    sums
        (5,) int64: totals, kept up to date by every change.
    seen, stack
        (n,) int64 and int64: room for a search over neighbours.
    stamp
        (1,) int64: the mark of the last search in `seen`.
    moved_unit, moved_from
        ((1 + MAX_CHAIN) n,) int64: what the move under trial has changed so far, to undo it.
    best
        (n,) int64: the best labels met so far.
    best_key
        (2,) int64: what they are worth.
    """

    area: np.ndarray
    taken: np.ndarray
    size: np.ndarray
    sums: np.ndarray
    seen: np.ndarray
    stack: np.ndarray
    stamp: np.ndarray
    moved_unit: np.ndarray
    moved_from: np.ndarray
    best: np.ndarray
    best_key: np.ndarray


class AssignmentPenalties(NamedTuple):
    """How the annealing weighs the parts, all in household-metres.

    Parameters
    ----------
    heat
        Temperature.
    overload
        For one unit of load above capacity.
    left_over
        For one household in no area.
    area
        For an anchor that takes a unit in, besides its own opening cost.
    """

    heat: float
    overload: float
    left_over: float
    area: float


def assignment_state(quarter: AssignmentData, labels: np.ndarray) -> AssignmentState:
    """The state of labels (n,), −1 = left over; anchors are put into their own areas."""
    n, m = len(quarter.households), len(quarter.anchors)
    leads = AssignmentState(
        area=np.full(n, -1, dtype=np.int64),
        taken=np.zeros(m, dtype=np.int64),
        size=np.zeros(m, dtype=np.int64),
        sums=np.zeros(5, dtype=np.int64),
        seen=np.zeros(n, dtype=np.int64),
        stack=np.zeros(n, dtype=np.int64),
        stamp=np.zeros(1, dtype=np.int64),
        moved_unit=np.zeros((1 + MAX_CHAIN) * n, dtype=np.int64),
        moved_from=np.zeros((1 + MAX_CHAIN) * n, dtype=np.int64),
        best=np.full(n, -1, dtype=np.int64),
        best_key=np.full(2, np.iinfo(np.int64).max, dtype=np.int64),
    )
    leads.area[quarter.anchors] = np.arange(m)
    leads.sums[LEFT] = quarter.households.sum()
    _fill(quarter, leads, labels.astype(np.int64))
    leads.best[:] = labels
    leads.best[quarter.anchors] = np.arange(m)
    return leads


@entry
def anneal_assignment(
    quarter: AssignmentData,
    leads: AssignmentState,
    prices: AssignmentPenalties,
    first_price: int,
    area_price: int,
    n_moves: int,
    random: np.ndarray,
) -> int:
    """Try `n_moves` moves at one temperature; keep the best labels in `leads.best`.

    A best is within every capacity and judged exactly: by left-over households, then metres
    (`first_price` < 0), or by their sum at that price. Returns the number of accepted moves.
    """
    n = len(quarter.households)
    accepted = 0
    _note_best(leads, first_price, area_price)
    for _ in range(n_moves):
        unit = below(random, n)
        degree = quarter.indptr[unit + 1] - quarter.indptr[unit]
        if degree == 0:
            continue
        a = leads.area[unit]
        if a >= 0 and quarter.anchors[a] == unit:
            continue
        b = leads.area[quarter.indices[quarter.indptr[unit] + below(random, degree)]]
        if a == b:
            if a < 0 or uniform(random) > 0.05:
                continue
            if area_price > 0 and uniform(random) < 0.5:
                if _try_close(quarter, leads, prices, a, random):
                    accepted += 1
                    _note_best(leads, first_price, area_price)
                continue
            b = -1
        if _try_chain(quarter, leads, prices, unit, b, random):
            accepted += 1
            _note_best(leads, first_price, area_price)
    return accepted


@inner
def _try_chain(
    quarter: AssignmentData, leads: AssignmentState, prices: AssignmentPenalties, unit: int, b: int, random: np.ndarray
) -> bool:
    """A unit joins area b; where that overloads an area, others leave it, up to `MAX_CHAIN` times.

    Those that leave join another area beside them, or none. Units that only the moved one joins
    to their anchor go with it where allowed.
    """
    old = _energy(leads, prices)
    count = _move(quarter, leads, unit, b, 0)
    if count == 0:
        return False
    full = b
    for _ in range(MAX_CHAIN):
        if full < 0 or leads.taken[full] <= quarter.capacity[full] or uniform(random) < 0.3:
            break
        second = _random_member(quarter, leads, full, unit, random)
        if second < 0:
            break
        c = -1 if uniform(random) < 0.3 else _random_target(quarter, leads, second, full, random)
        more = _move(quarter, leads, second, c, count)
        if more == 0:
            break
        count += more
        if leads.taken[full] <= quarter.capacity[full]:
            full, unit = c, second
    if _accept(_energy(leads, prices) - old, prices.heat, random):
        return True
    for k in range(count - 1, -1, -1):
        _set(quarter, leads, leads.moved_unit[k], leads.moved_from[k])
    return False


@inner
def _try_close(
    quarter: AssignmentData, leads: AssignmentState, prices: AssignmentPenalties, a: int, random: np.ndarray
) -> bool:
    """All units an anchor has taken in join areas beside them, or none."""
    old = _energy(leads, prices)
    count = 0
    for _ in range(3):
        for unit in range(len(quarter.households)):
            if leads.area[unit] == a and unit != quarter.anchors[a]:
                c = _random_target(quarter, leads, unit, a, random)
                if c >= 0:
                    leads.moved_unit[count], leads.moved_from[count] = unit, a
                    _set(quarter, leads, unit, c)
                    count += 1
    for unit in range(len(quarter.households)):
        if leads.area[unit] == a and unit != quarter.anchors[a]:
            leads.moved_unit[count], leads.moved_from[count] = unit, a
            _set(quarter, leads, unit, -1)
            count += 1
    if _accept(_energy(leads, prices) - old, prices.heat, random):
        return True
    for k in range(count - 1, -1, -1):
        _set(quarter, leads, leads.moved_unit[k], leads.moved_from[k])
    return False


@inner
def _move(quarter: AssignmentData, leads: AssignmentState, unit: int, b: int, count: int) -> int:
    """Move a unit, with those it alone holds, to area b (−1 = none); how many moved, 0 = refused."""
    a = leads.area[unit]
    if b >= 0 and quarter.cost[b, unit] < 0:
        return 0
    n_held = 0
    if a >= 0:
        n_held = _find_cut_off(quarter, leads, unit)
    if b >= 0:
        for k in range(n_held):
            if quarter.cost[b, leads.stack[k]] < 0:
                return 0
    leads.moved_unit[count] = unit
    leads.moved_from[count] = a
    for k in range(n_held):
        leads.moved_unit[count + 1 + k] = leads.stack[k]
        leads.moved_from[count + 1 + k] = a
    for k in range(count, count + 1 + n_held):
        _set(quarter, leads, leads.moved_unit[k], b)
    return 1 + n_held


@inner
def _find_cut_off(quarter: AssignmentData, leads: AssignmentState, unit: int) -> int:
    """Members the anchor no longer reaches without `unit`; they stand in `leads.stack`."""
    a = leads.area[unit]
    n_neighbours = 0
    for e in range(quarter.indptr[unit], quarter.indptr[unit + 1]):
        if leads.area[quarter.indices[e]] == a:
            n_neighbours += 1
    if n_neighbours <= 1:
        return 0
    leads.stamp[0] += 1
    mark = leads.stamp[0]
    leads.seen[unit] = mark
    _mark_reachable(quarter, leads, quarter.anchors[a], mark)
    count = 0
    for e in range(quarter.indptr[unit], quarter.indptr[unit + 1]):
        start = quarter.indices[e]
        if leads.area[start] == a and leads.seen[start] != mark:
            count = _collect_reachable(quarter, leads, start, mark, count)
    return count


@inner
def _mark_reachable(quarter: AssignmentData, leads: AssignmentState, start: int, mark: int) -> None:
    a = leads.area[start]
    leads.seen[start] = mark
    leads.stack[0] = start
    top = 1
    while top > 0:
        top -= 1
        i = leads.stack[top]
        for e in range(quarter.indptr[i], quarter.indptr[i + 1]):
            j = quarter.indices[e]
            if leads.area[j] == a and leads.seen[j] != mark:
                leads.seen[j] = mark
                leads.stack[top] = j
                top += 1


@inner
def _collect_reachable(quarter: AssignmentData, leads: AssignmentState, start: int, mark: int, count: int) -> int:
    """Append the unmarked members reached from `start` to `leads.stack`, breadth first."""
    a = leads.area[start]
    leads.seen[start] = mark
    leads.stack[count] = start
    k = count
    count += 1
    while k < count:
        i = leads.stack[k]
        k += 1
        for e in range(quarter.indptr[i], quarter.indptr[i + 1]):
            j = quarter.indices[e]
            if leads.area[j] == a and leads.seen[j] != mark:
                leads.seen[j] = mark
                leads.stack[count] = j
                count += 1
    return count


@inner
def _random_member(quarter: AssignmentData, leads: AssignmentState, a: int, but: int, random: np.ndarray) -> int:
    """A member of an area other than its anchor and `but`; −1 when there is none.

    Walks at random from unit to neighbouring member, starting at `but`.
    """
    i = but
    for _ in range(1 + below(random, 4)):
        degree = quarter.indptr[i + 1] - quarter.indptr[i]
        j = quarter.indices[quarter.indptr[i] + below(random, degree)]
        if leads.area[j] == a:
            i = j
    return i if i != but and i != quarter.anchors[a] else -1


@inner
def _random_target(quarter: AssignmentData, leads: AssignmentState, unit: int, b: int, random: np.ndarray) -> int:
    """An area beside `unit` other than b, or −1."""
    degree = quarter.indptr[unit + 1] - quarter.indptr[unit]
    offset = below(random, degree)
    for k in range(degree):
        e = quarter.indptr[unit] + (offset + k) % degree
        c = leads.area[quarter.indices[e]]
        if c != b and c >= 0 and quarter.cost[c, unit] >= 0:
            return c
    return -1


@inner
def _set(quarter: AssignmentData, leads: AssignmentState, unit: int, b: int) -> None:
    """Give a unit to area b (−1 = none) and bring the totals up to date."""
    a = leads.area[unit]
    load = quarter.load[unit]
    if a >= 0:
        leads.sums[METRES] -= quarter.cost[a, unit]
        leads.sums[OVERLOAD] -= max(0, leads.taken[a] - quarter.capacity[a])
        leads.taken[a] -= load
        leads.sums[OVERLOAD] += max(0, leads.taken[a] - quarter.capacity[a])
        leads.size[a] -= 1
        if leads.size[a] == 0:
            leads.sums[OPENING] -= quarter.opening[a]
            leads.sums[N_AREAS] -= 1
    else:
        leads.sums[LEFT] -= quarter.households[unit]
    if b >= 0:
        leads.sums[METRES] += quarter.cost[b, unit]
        leads.sums[OVERLOAD] -= max(0, leads.taken[b] - quarter.capacity[b])
        leads.taken[b] += load
        leads.sums[OVERLOAD] += max(0, leads.taken[b] - quarter.capacity[b])
        leads.size[b] += 1
        if leads.size[b] == 1:
            leads.sums[OPENING] += quarter.opening[b]
            leads.sums[N_AREAS] += 1
    else:
        leads.sums[LEFT] += quarter.households[unit]
    leads.area[unit] = b


@entry
def _fill(quarter: AssignmentData, leads: AssignmentState, labels: np.ndarray) -> None:
    for unit in range(len(labels)):
        if labels[unit] >= 0 and leads.area[unit] < 0:
            _set(quarter, leads, unit, labels[unit])


@inner
def _accept(change: float, heat: float, random: np.ndarray) -> bool:
    return change <= 0 or uniform(random) < np.exp(-change / heat)


@inner
def _energy(leads: AssignmentState, prices: AssignmentPenalties) -> float:
    return (
        leads.sums[METRES]
        + leads.sums[OPENING]
        + prices.area * leads.sums[N_AREAS]
        + prices.left_over * leads.sums[LEFT]
        + prices.overload * leads.sums[OVERLOAD]
    )


@inner
def _note_best(leads: AssignmentState, first_price: int, area_price: int) -> None:
    if leads.sums[OVERLOAD] > 0:
        return
    left = leads.sums[LEFT]
    cost = leads.sums[METRES] + leads.sums[OPENING] + area_price * leads.sums[N_AREAS]
    if first_price >= 0:
        cost += first_price * left
        left = 0
    key = leads.best_key
    if left < key[0] or (left == key[0] and cost < key[1]):
        key[0], key[1] = left, cost
        for i in range(len(leads.best)):
            leads.best[i] = leads.area[i]
