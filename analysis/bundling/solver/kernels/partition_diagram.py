"""Compiled layers of a decision diagram of partitions: which states a further unit makes of each state.

Units come one after the other. The frontier are the units that have come and have neighbours yet to come. A state is
what the rest of a plan depends on: the area and the connected piece of every frontier unit, the number of areas that
are closed (no unit of theirs is in the frontier), and the weight of the open ones, known to a cell of so many units
of weight. Areas and pieces have no names, they are numbered as they appear in the frontier, four bits a unit.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analysis.bundling.solver.kernels.jit import entry, inner

MOST_FRONTIER = 15
"""Units in a frontier, besides the one that comes: sixteen times four bits."""

CELL_BITS = 11
"""Bits of the cell of one area's weight, five areas a word; the nine bits left count the closed areas."""

MOST_CLOSED = 500
"""Closed areas that can be counted."""

UNREACHABLE = 2**30
"""More edges than any plan cuts."""

KEY_WORDS = 5
"""Of a key: pieces, areas, three of cells."""

_PER_WORD = 5
_CLOSED_AT = np.uint64(_PER_WORD * CELL_BITS)
_FOUR, _FIFTEEN, _ONE = np.uint64(4), np.uint64(15), np.uint64(1)


class Window(NamedTuple):
    """What every area weighs and how many there are.

    Parameters
    ----------
    total
        Weight of all units.
    lower, upper
        Of an area; `upper` is no more than `total`.
    fewest, most
        Number of areas.
    """

    total: int
    lower: int
    upper: int
    fewest: int
    most: int


class Step(NamedTuple):
    """A unit that comes.

    Parameters
    ----------
    n_frontier
        Units in the frontier before it.
    joined
        (e,) int64 positions in that frontier of its neighbours.
    leaves
        (n_frontier + 1,) bool: who is in the frontier no more, the unit itself last.
    weight
        Its weight.
    done
        Weight of all units that have come, with it.
    """

    n_frontier: int
    joined: np.ndarray
    leaves: np.ndarray
    weight: int
    done: int


class States(NamedTuple):
    """The states of one layer.

    Parameters
    ----------
    keys
        (s, 5) uint64: pieces, areas, and cells with the number of closed areas; see the module.
    cost
        (s,) int64: the fewest edges cut on any way to the state.
    least, most
        (s, f) int64: weight of each open area, at least and at most; f units in the frontier.
    to_go
        (s,) int64: edges that any plan cuts yet, by the coarser diagram; 0 where there is none.
    """

    keys: np.ndarray
    cost: np.ndarray
    least: np.ndarray
    most: np.ndarray
    to_go: np.ndarray


class Arcs(NamedTuple):
    """The ways from the states of a layer to those of the next.

    Parameters
    ----------
    start
        (s + 1,) int64: the arcs of state i are those from start[i] to start[i + 1].
    child, cut, area
        (a,) int32, int16 and int8: the state reached, the edges cut, and the number of the area that the unit joins
        among those open before, one more than those for a new one.
    """

    start: np.ndarray
    child: np.ndarray
    cut: np.ndarray
    area: np.ndarray


class CoarseLayer(NamedTuple):
    """The same layer of a coarser diagram.

    Parameters
    ----------
    slots, keys
        (h,) int32 and (s, 5) uint64: its states, see `find_state`.
    to_go
        (s,) int64: edges that any plan cuts from each state on.
    ratio
        Cells of the layer to be made in one of its cells; 0 = there is no coarser diagram.
    """

    slots: np.ndarray
    keys: np.ndarray
    to_go: np.ndarray
    ratio: int


@inner
def _hash(key: np.ndarray) -> np.uint64:
    mixed = np.uint64(0x9E3779B97F4A7C15)
    for word in key:
        mixed = (mixed ^ word) * np.uint64(0xBF58476D1CE4E5B9)
        mixed ^= mixed >> np.uint64(29)
        mixed = mixed * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(32)
    return mixed


@inner
def find_state(slots: np.ndarray, keys: np.ndarray, key: np.ndarray) -> tuple[int, int]:
    """The state of a key, −1 where there is none, and its slot, or the one where it would be (open addressing).

    Parameters
    ----------
    slots
        (h,) int32, h a power of two: states, −1 = empty.
    keys
        (s, 5) uint64.
    key
        (5,) uint64.
    """
    mask = np.uint64(len(slots) - 1)
    at = _hash(key) & mask
    while True:
        state = slots[at]
        if state < 0:
            return -1, int(at)
        is_same = True
        for word in range(KEY_WORDS):
            is_same = is_same and keys[state, word] == key[word]
        if is_same:
            return int(state), int(at)
        at = (at + _ONE) & mask


@inner
def _more_slots(slots: np.ndarray, keys: np.ndarray, n: int) -> np.ndarray:
    more = np.full(2 * len(slots), -1, np.int32)
    for state in range(n):
        _, at = find_state(more, keys, keys[state])
        more[at] = state
    return more


@inner
def _twice(array: np.ndarray) -> np.ndarray:
    return np.concatenate((array, np.empty_like(array)))


@inner
def _join(
    piece: np.ndarray, area: np.ndarray, step: Step, into: int, n_pieces: int, n_open: int, closes: np.ndarray
) -> bool:
    """Let the unit, last in the frontier, join an area; mark who closes. False: an area would come apart for good."""
    f = step.n_frontier
    piece[f], area[f] = n_pieces, into
    for i in step.joined:
        if area[i] == into and piece[i] != n_pieces:
            old = piece[i]
            for p in range(f):
                if piece[p] == old:
                    piece[p] = n_pieces
    for j in range(n_open):
        closes[j] = False
    for p in range(f + 1):
        if not step.leaves[p]:
            continue
        is_last, is_alone = True, True
        for q in range(f + 1):
            if piece[q] == piece[p]:
                is_last = is_last and step.leaves[q]
            elif area[q] == area[p]:
                is_alone = False
        if is_last:
            if not is_alone:
                return False
            closes[area[p]] = True
    return True


@inner
def _weigh_closed(
    closes: np.ndarray, lightest: np.ndarray, heaviest: np.ndarray, n: int, were_closed: int, window: Window
) -> tuple[int, int, int]:
    """Number of closed areas, and their weight, at least and at most: by what they may weigh and by what others may."""
    closed, low, high = were_closed, were_closed * window.lower, were_closed * window.upper
    is_sound = True
    for j in range(n):
        if closes[j]:
            closed += 1
            low += max(lightest[j], window.lower)
            high += min(heaviest[j], window.upper)
            is_sound = is_sound and heaviest[j] >= window.lower
    low = max(low, window.total - (window.most - closed) * window.upper)
    high = min(high, window.total - max(window.fewest - closed, 0) * window.lower)
    return closed, low, high if is_sound else low - 1


@inner
def _number(
    piece: np.ndarray, area: np.ndarray, leaves: np.ndarray, key: np.ndarray, number: np.ndarray, place: np.ndarray
) -> int:
    """Number areas and pieces as they appear in the frontier, write the key's first words; how many areas are open."""
    number[:] = -1
    place[:] = -1
    key[0] = key[1] = np.uint64(0)
    shift, n_open, n_placed = np.uint64(0), 0, 0
    for p in range(len(area)):
        if leaves[p]:
            continue
        j, i = area[p], piece[p]
        if number[j] < 0:
            number[j] = n_open
            n_open += 1
        if place[i] < 0:
            place[i] = n_placed
            n_placed += 1
        key[0] |= np.uint64(place[i]) << shift
        key[1] |= np.uint64(number[j]) << shift
        shift += _FOUR
    return n_open


@inner
def _tighten(least: np.ndarray, most: np.ndarray, n: int, low: int, high: int) -> bool:
    """Weights of n open areas, such that together they weigh from low to high. False: they cannot."""
    lightest, heaviest = 0, 0
    for j in range(n):
        lightest += least[j]
        heaviest += most[j]
    if lightest > high or heaviest < low:
        return False
    for j in range(n):
        at_least, at_most = low - (heaviest - most[j]), high - (lightest - least[j])
        if at_least > least[j]:
            lightest += at_least - least[j]
            least[j] = at_least
        if at_most < most[j]:
            heaviest -= most[j] - at_most
            most[j] = at_most
        if least[j] > most[j]:
            return False
    return True


@inner
def _write_cells(key: np.ndarray, least: np.ndarray, n: int, closed: int, cell: int) -> None:
    """The words of a key after the second."""
    key[2:] = np.uint64(0)
    key[2] = np.uint64(closed) << _CLOSED_AT
    for j in range(n):
        word = 2 + j // _PER_WORD
        key[word] |= np.uint64(least[j] // cell) << np.uint64(CELL_BITS * (j % _PER_WORD))


@entry
def expand_layer(
    states: States,
    step: Step,
    window: Window,
    cell: int,
    most_cut: int,
    coarse: CoarseLayer,
    is_relaxed: bool,
    room: int,
) -> tuple[States, np.ndarray, Arcs, bool]:
    """Every state that a further unit makes of those of a layer.

    Relaxed (Bergman, Cire, van Hoeve & Hooker 2016): states of one key are one, whose areas weigh anything from the
    least to the most of them, so that the diagram has every plan and others. Else the first of the fewest edges
    stands for all, so that the diagram has plans only.

    Parameters
    ----------
    states
        Of the layer before.
    step, window
        The unit that comes, and the bounds of areas.
    cell
        Width of a cell of weight; `window.upper` // cell is below 2 ** 11.
    most_cut
        States from which every plan cuts more edges are left out.
    coarse
        What tells how many a state cuts yet; a state that it does not have leads to no plan worth having.
    is_relaxed
        See above.
    room
        States that may be made.

    Returns
    -------
    states, slots, arcs, is_whole
        The states of the layer, their slots (`find_state`), and how they are reached; False where there was no
        room for all of them, and there are none.
    """
    f, n = step.n_frontier, len(states.keys)
    size = max(1024, 2 * n)
    keys, cost, to_go = np.empty((size, KEY_WORDS), np.uint64), np.empty(size, np.int64), np.empty(size, np.int64)
    n_stay = f + 1 - step.leaves.sum()
    least, most = np.empty((size, n_stay), np.int64), np.empty((size, n_stay), np.int64)
    n_slots = 2048
    while n_slots < 2 * size:
        n_slots *= 2
    slots, made = np.full(n_slots, -1, np.int32), 0
    start, n_arcs = np.empty(n + 1, np.int64), 0
    child, cut, joins = np.empty(2 * size, np.int32), np.empty(2 * size, np.int16), np.empty(2 * size, np.int8)
    before, piece = np.empty(f + 1, np.int64), np.empty(f + 1, np.int64)
    area, number = np.empty(f + 1, np.int64), np.empty(f + 2, np.int64)
    closes, place = np.empty(f + 1, np.bool_), np.empty(f + 2, np.int64)
    lightest, heaviest = np.empty(f + 1, np.int64), np.empty(f + 1, np.int64)
    low, high = np.empty(f + 1, np.int64), np.empty(f + 1, np.int64)
    key, coarse_key = np.empty(KEY_WORDS, np.uint64), np.empty(KEY_WORDS, np.uint64)
    for s in range(n):
        start[s] = n_arcs
        pieces, areas = states.keys[s, 0], states.keys[s, 1]
        n_open, n_pieces = 0, 0
        for p in range(f):
            before[p], area[p] = int(pieces & _FIFTEEN), int(areas & _FIFTEEN)
            pieces, areas = pieces >> _FOUR, areas >> _FOUR
            n_pieces, n_open = max(n_pieces, before[p] + 1), max(n_open, area[p] + 1)
        were_closed = int(states.keys[s, 2] >> _CLOSED_AT)
        for into in range(n_open + 1):
            if into == n_open and were_closed + n_open >= window.most:
                continue
            edges = 0
            for i in step.joined:
                edges += area[i] != into
            value = states.cost[s] + edges
            if value > most_cut:
                continue
            for j in range(n_open):
                lightest[j], heaviest[j] = states.least[s, j], states.most[s, j]
            n_areas = max(n_open, into + 1)
            if into == n_open:
                lightest[into] = heaviest[into] = 0
            lightest[into] += step.weight
            heaviest[into] = min(heaviest[into] + step.weight, window.upper)
            if lightest[into] > window.upper:
                continue
            piece[:] = before
            if not _join(piece, area, step, into, n_pieces, n_areas, closes):
                continue
            closed, in_closed, most_closed = _weigh_closed(closes, lightest, heaviest, n_areas, were_closed, window)
            if in_closed > most_closed:
                continue
            is_open = _number(piece, area, step.leaves, key, number, place)
            for j in range(n_areas):
                if number[j] >= 0:
                    low[number[j]], high[number[j]] = lightest[j], heaviest[j]
            if not _tighten(low, high, is_open, step.done - most_closed, step.done - in_closed):
                continue
            grown = -1 if closes[into] else number[into]  # the only one that may lie in two cells
            from_weight, to_weight = low[max(grown, 0)], high[max(grown, 0)]
            first = 0 if grown < 0 else from_weight // cell
            last = 0 if grown < 0 else to_weight // cell
            for at_cell in range(first, last + 1):
                if grown >= 0:
                    low[grown] = max(from_weight, at_cell * cell)
                    high[grown] = min(to_weight, at_cell * cell + cell - 1)
                _write_cells(key, low, is_open, closed, cell)
                rest = 0
                if coarse.ratio > 0:
                    coarse_key[0], coarse_key[1] = key[0], key[1]
                    _write_cells(coarse_key, low, is_open, closed, cell * coarse.ratio)
                    known, _ = find_state(coarse.slots, coarse.keys, coarse_key)
                    if known < 0 or value + coarse.to_go[known] > most_cut:
                        continue
                    rest = coarse.to_go[known]
                state, slot = find_state(slots, keys, key)
                if state < 0:
                    if made == room:
                        nothing = States(keys[:0], cost[:0], least[:0], most[:0], to_go[:0])
                        return nothing, slots, Arcs(start[:1], child[:0], cut[:0], joins[:0]), False
                    if made == len(cost):
                        keys, cost, to_go = _twice(keys), _twice(cost), _twice(to_go)
                        least, most = _twice(least), _twice(most)
                    state = made
                    keys[state] = key
                    cost[state], to_go[state] = value, rest
                    for j in range(is_open):
                        least[state, j], most[state, j] = low[j], high[j]
                    slots[slot] = state
                    made += 1
                    if 2 * made > len(slots):
                        slots = _more_slots(slots, keys, made)
                elif is_relaxed:
                    cost[state] = min(cost[state], value)
                    for j in range(is_open):
                        least[state, j] = min(least[state, j], low[j])
                        most[state, j] = max(most[state, j], high[j])
                elif value < cost[state]:
                    cost[state] = value
                    for j in range(is_open):
                        least[state, j], most[state, j] = low[j], high[j]
                if n_arcs == len(child):
                    child, cut, joins = _twice(child), _twice(cut), _twice(joins)
                child[n_arcs], cut[n_arcs], joins[n_arcs] = state, edges, into
                n_arcs += 1
    start[n] = n_arcs
    found = States(keys[:made].copy(), cost[:made].copy(), least[:made].copy(), most[:made].copy(), to_go[:made].copy())
    return found, slots, Arcs(start, child[:n_arcs].copy(), cut[:n_arcs].copy(), joins[:n_arcs].copy()), True


@entry
def bound_completions(arcs: Arcs, to_go: np.ndarray) -> np.ndarray:
    """Edges that any plan of a diagram cuts from each state of a layer on; `UNREACHABLE` where none goes through it.

    Parameters
    ----------
    arcs
        From the layer to the next.
    to_go
        (s,) int64: the same of the next layer.

    Returns
    -------
    (r,) int64.
    """
    n = len(arcs.start) - 1
    found = np.full(n, UNREACHABLE, np.int64)
    for s in range(n):
        for e in range(arcs.start[s], arcs.start[s + 1]):
            found[s] = min(found[s], arcs.cut[e] + to_go[arcs.child[e]])
    return found
