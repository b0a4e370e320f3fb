"""Compiled annealing of assignments to anchors: connected shifts and ejection chains."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.kernels.jit import accept_move, below, entry, inner, uniform

# Positions in `AssignmentState.sums`.
METRES, LEFT, OVERLOAD, OPENING, N_AREAS = range(5)
MAX_CHAIN = 4
HOPELESS = 40.0
"""Changes of so many temperatures are never accepted: less than one in 10^17."""


class AssignmentData(NamedTuple):
    """Arrays of a subproblem (see `Subproblem`); `cost` is turned, (n, m): the costs of a unit lie together."""

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
        part.indptr,
        part.indices,
        part.households,
        part.load,
        np.ascontiguousarray(part.cost.T),
        part.anchors,
        part.capacity,
        part.opening,
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
    chain_unit, chain_to
        (1 + MAX_CHAIN,) int64: the chain under trial: its units, and the areas they join.
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
    chain_unit: np.ndarray
    chain_to: np.ndarray
    best: np.ndarray
    best_key: np.ndarray


class AssignmentPenalties(NamedTuple):
    """How the annealing weighs the parts, all in household-metres.

    Parameters
    ----------
    temperature
        Temperature.
    overload
        For one unit of load above capacity.
    left_over
        For one household in no area.
    area
        For an anchor that takes a unit in, besides its own opening cost.
    """

    temperature: float
    overload: float
    left_over: float
    area: float


def assignment_state(data: AssignmentData, labels: np.ndarray) -> AssignmentState:
    """The state of labels (n,), −1 = left over; anchors are put into their own areas.

    Parameters
    ----------
    data
        Arrays of the subproblem.
    labels
        (n,) int: area of each unit, −1 = left over.
    """
    n, m = len(data.households), len(data.anchors)
    state = AssignmentState(
        area=np.full(n, -1, dtype=np.int64),
        taken=np.zeros(m, dtype=np.int64),
        size=np.zeros(m, dtype=np.int64),
        sums=np.zeros(5, dtype=np.int64),
        seen=np.zeros(n, dtype=np.int64),
        stack=np.zeros(n, dtype=np.int64),
        stamp=np.zeros(1, dtype=np.int64),
        moved_unit=np.zeros((1 + MAX_CHAIN) * n, dtype=np.int64),
        moved_from=np.zeros((1 + MAX_CHAIN) * n, dtype=np.int64),
        chain_unit=np.zeros(1 + MAX_CHAIN, dtype=np.int64),
        chain_to=np.zeros(1 + MAX_CHAIN, dtype=np.int64),
        best=np.full(n, -1, dtype=np.int64),
        best_key=np.full(2, np.iinfo(np.int64).max, dtype=np.int64),
    )
    state.area[data.anchors] = np.arange(m)
    state.sums[LEFT] = data.households.sum()
    _fill(data, state, labels.astype(np.int64))
    state.best[:] = labels
    state.best[data.anchors] = np.arange(m)
    return state


@entry
def anneal_assignment(
    data: AssignmentData,
    state: AssignmentState,
    penalties: AssignmentPenalties,
    first_price: int,
    area_price: int,
    n_moves: int,
    random: np.ndarray,
) -> int:
    """Try `n_moves` moves at one temperature; keep the best labels in `best`.

    A best is within every capacity and judged exactly: by left-over households, then metres
    (`first_price` < 0), or by their sum at that price. Returns the number of accepted moves.

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
    _note_best(state, first_price, area_price)
    for _ in range(n_moves):
        unit = below(random, n)
        degree = data.indptr[unit + 1] - data.indptr[unit]
        if degree == 0:
            continue
        a = state.area[unit]
        if a >= 0 and data.anchors[a] == unit:
            continue
        b = state.area[data.indices[data.indptr[unit] + below(random, degree)]]
        if a == b:
            if a < 0 or uniform(random) > 0.05:
                continue
            if area_price > 0 and uniform(random) < 0.5:
                if _try_close(data, state, penalties, a, random):
                    accepted += 1
                    _note_best(state, first_price, area_price)
                continue
            b = -1
        if _try_chain(data, state, penalties, unit, b, random):
            accepted += 1
            _note_best(state, first_price, area_price)
    return accepted


@inner
def _try_chain(
    data: AssignmentData, state: AssignmentState, penalties: AssignmentPenalties, unit: int, b: int, random: np.ndarray
) -> bool:
    """A unit joins area b; where that overloads an area, others leave it, up to `MAX_CHAIN` times.

    Those that leave join another area beside them, or none. Units that only the moved one joins
    to their anchor go with it where allowed. Whether the units of the chain alone are worth it is asked
    first, because that rejects nearly all chains: only then who is cut off is looked for.
    """
    if b >= 0 and data.cost[unit, b] < 0:
        return False
    draw = uniform(random)
    is_full = b >= 0 and state.taken[b] + data.load[unit] > data.capacity[b]
    if not is_full or uniform(random) < 0.3:
        if not _is_accepted(_shift_change(data, state, penalties, unit, b), penalties.temperature, draw):
            return False
        state.chain_unit[0], state.chain_to[0] = unit, b
        return _apply_chain(data, state, penalties, 1, draw)
    old = _energy(state, penalties)
    length = _draw_chain(data, state, unit, b, random)
    change = _energy(state, penalties) - old
    for k in range(length - 1, -1, -1):
        _set(data, state, state.chain_unit[k], state.moved_from[k])
    if not _is_accepted(change, penalties.temperature, draw):
        return False
    return _apply_chain(data, state, penalties, length, draw)


@inner
def _is_accepted(change: float, temperature: float, draw: float) -> bool:
    """Metropolis by a number drawn before from [0, 1); what is hopeless costs no exponential."""
    return change <= 0 or (change < HOPELESS * temperature and draw < np.exp(-change / temperature))


@inner
def _shift_change(
    data: AssignmentData, state: AssignmentState, penalties: AssignmentPenalties, unit: int, b: int
) -> float:
    """Change of energy when a unit alone moves to area b (−1 = none)."""
    a = state.area[unit]
    load = data.load[unit]
    cost, overload = 0, 0
    n_areas, left = 0, 0
    if a >= 0:
        cost -= data.cost[unit, a]
        over = state.taken[a] - data.capacity[a]
        overload += max(0, over - load) - max(0, over)
        if state.size[a] == 1:
            cost -= data.opening[a]
            n_areas -= 1
    else:
        left -= data.households[unit]
    if b >= 0:
        cost += data.cost[unit, b]
        over = state.taken[b] - data.capacity[b]
        overload += max(0, over + load) - max(0, over)
        if state.size[b] == 0:
            cost += data.opening[b]
            n_areas += 1
    else:
        left += data.households[unit]
    return cost + penalties.area * n_areas + penalties.left_over * left + penalties.overload * overload


@inner
def _draw_chain(data: AssignmentData, state: AssignmentState, unit: int, b: int, random: np.ndarray) -> int:
    """Draw a chain and move its units, each alone, cut off or not; how many there are.

    They stand in `chain_unit`, where they go in `chain_to`, where they were in `moved_from`.
    """
    state.chain_unit[0], state.chain_to[0], state.moved_from[0] = unit, b, state.area[unit]
    _set(data, state, unit, b)
    full, length = b, 1
    for _ in range(MAX_CHAIN):
        second = _random_member(data, state, full, unit, random)
        if second < 0:
            break
        c = -1 if uniform(random) < 0.3 else _random_target(data, state, second, full, random)
        state.chain_unit[length], state.chain_to[length], state.moved_from[length] = second, c, full
        _set(data, state, second, c)
        length += 1
        if state.taken[full] <= data.capacity[full]:
            full, unit = c, second
        if full < 0 or state.taken[full] <= data.capacity[full] or uniform(random) < 0.3:
            break
    return length


@inner
def _apply_chain(
    data: AssignmentData, state: AssignmentState, penalties: AssignmentPenalties, length: int, draw: float
) -> bool:
    """Move the units of a chain, with those each alone holds, unless these make it too dear for what was drawn."""
    old = _energy(state, penalties)
    count, moved = 0, 0
    for k in range(length):
        unit, b = state.chain_unit[k], state.chain_to[k]
        # whom it was to join may have gone along with another
        moved = _move(data, state, unit, b, count) if _is_beside(data, state, unit, b) else 0
        if moved == 0:
            break
        count += moved
    if moved > 0 and (count == length or _is_accepted(_energy(state, penalties) - old, penalties.temperature, draw)):
        return True
    for k in range(count - 1, -1, -1):
        _set(data, state, state.moved_unit[k], state.moved_from[k])
    return False


@inner
def _is_beside(data: AssignmentData, state: AssignmentState, unit: int, b: int) -> bool:
    """Whether a unit may join area b as far as connection goes: it is outside, with a neighbour inside; −1 = none."""
    has_neighbour = b < 0
    for e in range(data.indptr[unit], data.indptr[unit + 1]):
        has_neighbour |= state.area[data.indices[e]] == b
    return has_neighbour and state.area[unit] != b


@inner
def _try_close(
    data: AssignmentData, state: AssignmentState, penalties: AssignmentPenalties, a: int, random: np.ndarray
) -> bool:
    """All units an anchor has taken in join areas beside them, or none."""
    old = _energy(state, penalties)
    count = 0
    for _ in range(3):
        for unit in range(len(data.households)):
            if state.area[unit] == a and unit != data.anchors[a]:
                c = _random_target(data, state, unit, a, random)
                if c >= 0:
                    state.moved_unit[count], state.moved_from[count] = unit, a
                    _set(data, state, unit, c)
                    count += 1
    for unit in range(len(data.households)):
        if state.area[unit] == a and unit != data.anchors[a]:
            state.moved_unit[count], state.moved_from[count] = unit, a
            _set(data, state, unit, -1)
            count += 1
    if accept_move(_energy(state, penalties) - old, penalties.temperature, random):
        return True
    for k in range(count - 1, -1, -1):
        _set(data, state, state.moved_unit[k], state.moved_from[k])
    return False


@inner
def _move(data: AssignmentData, state: AssignmentState, unit: int, b: int, count: int) -> int:
    """Move a unit, with those it alone holds, to area b (−1 = none); how many moved, 0 = refused."""
    a = state.area[unit]
    if b >= 0 and data.cost[unit, b] < 0:
        return 0
    n_held = 0
    if a >= 0:
        n_held = _find_cut_off(data, state, unit)
    if b >= 0:
        for k in range(n_held):
            if data.cost[state.stack[k], b] < 0:
                return 0
    state.moved_unit[count] = unit
    state.moved_from[count] = a
    for k in range(n_held):
        state.moved_unit[count + 1 + k] = state.stack[k]
        state.moved_from[count + 1 + k] = a
    for k in range(count, count + 1 + n_held):
        _set(data, state, state.moved_unit[k], b)
    return 1 + n_held


@inner
def _find_cut_off(data: AssignmentData, state: AssignmentState, unit: int) -> int:
    """Members the anchor no longer reaches without `unit`; they stand in `stack`."""
    if _are_neighbours_joined(data, state, unit):
        return 0
    a = state.area[unit]
    state.stamp[0] += 1
    mark = state.stamp[0]
    state.seen[unit] = mark
    _mark_reachable(data, state, data.anchors[a], mark)
    count = 0
    for e in range(data.indptr[unit], data.indptr[unit + 1]):
        start = data.indices[e]
        if state.area[start] == a and state.seen[start] != mark:
            count = _collect_reachable(data, state, start, mark, count)
    return count


@inner
def _are_neighbours_joined(data: AssignmentData, state: AssignmentState, unit: int) -> bool:
    """Whether the neighbours of a unit in its area reach one another without it: mostly over a step or two."""
    a = state.area[unit]
    state.stamp[0] += 2
    mark = state.stamp[0]
    n_wanted, last = 0, -1
    for e in range(data.indptr[unit], data.indptr[unit + 1]):
        i = data.indices[e]
        if state.area[i] == a:
            state.seen[i] = mark - 1
            n_wanted += 1
            last = i
    if n_wanted <= 1:
        return True
    state.seen[unit] = state.seen[last] = mark
    state.stack[0] = last
    n_wanted -= 1
    k, count = 0, 1
    while k < count:
        i = state.stack[k]
        k += 1
        for e in range(data.indptr[i], data.indptr[i + 1]):
            j = data.indices[e]
            if state.area[j] != a or state.seen[j] == mark:
                continue
            if state.seen[j] == mark - 1:
                n_wanted -= 1
                if n_wanted == 0:
                    return True
            state.seen[j] = mark
            state.stack[count] = j
            count += 1
    return False


@inner
def _mark_reachable(data: AssignmentData, state: AssignmentState, start: int, mark: int) -> None:
    a = state.area[start]
    state.seen[start] = mark
    state.stack[0] = start
    top = 1
    while top > 0:
        top -= 1
        i = state.stack[top]
        for e in range(data.indptr[i], data.indptr[i + 1]):
            j = data.indices[e]
            if state.area[j] == a and state.seen[j] != mark:
                state.seen[j] = mark
                state.stack[top] = j
                top += 1


@inner
def _collect_reachable(data: AssignmentData, state: AssignmentState, start: int, mark: int, count: int) -> int:
    """Append the unmarked members reached from `start` to `stack`, breadth first."""
    a = state.area[start]
    state.seen[start] = mark
    state.stack[count] = start
    k = count
    count += 1
    while k < count:
        i = state.stack[k]
        k += 1
        for e in range(data.indptr[i], data.indptr[i + 1]):
            j = data.indices[e]
            if state.area[j] == a and state.seen[j] != mark:
                state.seen[j] = mark
                state.stack[count] = j
                count += 1
    return count


@inner
def _random_member(data: AssignmentData, state: AssignmentState, a: int, but: int, random: np.ndarray) -> int:
    """A member of an area other than its anchor and `but`; −1 when there is none.

    Walks at random from unit to neighbouring member, starting at `but`.
    """
    i = but
    for _ in range(1 + below(random, 4)):
        degree = data.indptr[i + 1] - data.indptr[i]
        j = data.indices[data.indptr[i] + below(random, degree)]
        if state.area[j] == a:
            i = j
    return i if i != but and i != data.anchors[a] else -1


@inner
def _random_target(data: AssignmentData, state: AssignmentState, unit: int, b: int, random: np.ndarray) -> int:
    """An area beside `unit` other than b, or −1."""
    degree = data.indptr[unit + 1] - data.indptr[unit]
    offset = below(random, degree)
    for k in range(degree):
        place = offset + k
        if place >= degree:
            place -= degree
        c = state.area[data.indices[data.indptr[unit] + place]]
        if c != b and c >= 0 and data.cost[unit, c] >= 0:
            return c
    return -1


@inner
def _set(data: AssignmentData, state: AssignmentState, unit: int, b: int) -> None:
    """Give a unit to area b (−1 = none) and bring the totals up to date."""
    a = state.area[unit]
    load = data.load[unit]
    if a >= 0:
        state.sums[METRES] -= data.cost[unit, a]
        state.sums[OVERLOAD] -= max(0, state.taken[a] - data.capacity[a])
        state.taken[a] -= load
        state.sums[OVERLOAD] += max(0, state.taken[a] - data.capacity[a])
        state.size[a] -= 1
        if state.size[a] == 0:
            state.sums[OPENING] -= data.opening[a]
            state.sums[N_AREAS] -= 1
    else:
        state.sums[LEFT] -= data.households[unit]
    if b >= 0:
        state.sums[METRES] += data.cost[unit, b]
        state.sums[OVERLOAD] -= max(0, state.taken[b] - data.capacity[b])
        state.taken[b] += load
        state.sums[OVERLOAD] += max(0, state.taken[b] - data.capacity[b])
        state.size[b] += 1
        if state.size[b] == 1:
            state.sums[OPENING] += data.opening[b]
            state.sums[N_AREAS] += 1
    else:
        state.sums[LEFT] += data.households[unit]
    state.area[unit] = b


@entry
def _fill(data: AssignmentData, state: AssignmentState, labels: np.ndarray) -> None:
    for unit in range(len(labels)):
        if labels[unit] >= 0 and state.area[unit] < 0:
            _set(data, state, unit, labels[unit])


@inner
def _energy(state: AssignmentState, penalties: AssignmentPenalties) -> float:
    return (
        state.sums[METRES]
        + state.sums[OPENING]
        + penalties.area * state.sums[N_AREAS]
        + penalties.left_over * state.sums[LEFT]
        + penalties.overload * state.sums[OVERLOAD]
    )


@inner
def _note_best(state: AssignmentState, first_price: int, area_price: int) -> None:
    if state.sums[OVERLOAD] > 0:
        return
    left = state.sums[LEFT]
    cost = state.sums[METRES] + state.sums[OPENING] + area_price * state.sums[N_AREAS]
    if first_price >= 0:
        cost += first_price * left
        left = 0
    key = state.best_key
    if left < key[0] or (left == key[0] and cost < key[1]):
        key[0], key[1] = left, cost
        for i in range(len(state.best)):
            state.best[i] = state.area[i]
