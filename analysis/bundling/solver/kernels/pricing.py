"""Compiled pricing problem: the connected areas of one anchor of best reduced value, depth first."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analysis.bundling.solver.kernels.jit import entry, inner

UNTOUCHED, FRONTIER, INSIDE, OUTSIDE = range(4)

MAX_CUT_UNITS = 5
"""Units of a cut at most."""


class AnchorPricing(NamedTuple):
    """What one anchor's area may be made of, and what it is worth.

    Parameters
    ----------
    indptr, indices
        CSR adjacency of the part.
    units
        (r,) int64: units the anchor may take in.
    profit
        (r,) float: price of each less its cost with this anchor.
    load
        (r,) int64.
    start
        The anchor's own unit.
    room
        Its capacity.
    least
        Load of its units at least; 0 = any.
    """

    indptr: np.ndarray
    indices: np.ndarray
    units: np.ndarray
    profit: np.ndarray
    load: np.ndarray
    start: int
    room: int
    least: int


class CutDuals(NamedTuple):
    """What areas pay for rank-1 cuts: ⌊Σ numerators of its units / denominator⌋ times a price.

    Parameters
    ----------
    first, unit, numerator
        CSR by cut: (c + 1,), (z,), (z,) int64.
    denominator
        (c,) int64.
    price
        (c,) float, none negative.
    """

    first: np.ndarray
    unit: np.ndarray
    numerator: np.ndarray
    denominator: np.ndarray
    price: np.ndarray


class LabelSearch(NamedTuple):
    """A search under way; units are places in the order of profit to load.

    Parameters
    ----------
    unit, profit, load
        (r,) of each place: unit of the part, what it is worth, its load.
    near_first, near
        CSR of neighbours among the places.
    state
        (r,) one of UNTOUCHED, FRONTIER, INSIDE, OUTSIDE.
    cut_first, cut_place, cut_numerator, denominator, price
        Cuts that areas of this anchor can run into, by cut.
    by_first, by_cut, by_numerator
        The same by place.
    counts
        (c,) Σ numerators of the units inside.
    gain
        (r,) float: room for what open units may still bring.
    ratio
        (r,) float: room for gain to load.
    queue, seen, stamp
        Room for a walk over neighbours.
    reached
        (r,) 1 for units that are reached at no loss.
    """

    unit: np.ndarray
    profit: np.ndarray
    load: np.ndarray
    near_first: np.ndarray
    near: np.ndarray
    state: np.ndarray
    cut_first: np.ndarray
    cut_place: np.ndarray
    cut_numerator: np.ndarray
    denominator: np.ndarray
    price: np.ndarray
    by_first: np.ndarray
    by_cut: np.ndarray
    by_numerator: np.ndarray
    counts: np.ndarray
    gain: np.ndarray
    ratio: np.ndarray
    queue: np.ndarray
    seen: np.ndarray
    stamp: np.ndarray
    reached: np.ndarray


@entry
def search_areas(
    data: AnchorPricing,
    cut_duals: CutDuals,
    floor: float,
    keep_all: bool,
    keep_above: float,
    max_nodes: int,
    found: np.ndarray,
    values: np.ndarray,
) -> tuple[int, float, int]:
    """The connected areas worth most, the anchor alone not among them.

    Depth first: a unit beside the area is taken in, later left out. A branch ends when what it
    holds and the open units could bring at most is not enough: open units may be taken in part
    (Dantzig 1957), after those that need others, worth less than nothing, to be reached have paid
    for them (`_dual_ascent_bound`).

    Parameters
    ----------
    data, cut_duals
        What is given.
    floor
        Areas worth no more are of no interest.
    keep_all
        False: the floor rises to the best area found, which is exact in the end. True: every area
        above the floor is looked at, while there is room; then the floor rises to the least of those kept.
    keep_above
        Areas above it are kept while there is room, those worth least give way.
    max_nodes
        Nodes after which nothing new is looked at.
    found
        (k, r) bool, changed: the units of areas kept, in the order of `offer.units`.
    values
        (k,) float, changed: what they are worth.

    Returns
    -------
    n_kept, bound, n_nodes
        Nothing connected but what is kept is worth more than `bound` (≥ `floor`), also past `max_nodes`.
    """
    order = np.argsort(-data.profit / np.maximum(data.load, 1e-3))
    search = begin_search(data, cut_duals, order)
    state, profit, load = search.state, search.profit, search.load
    r = len(load)
    undo = np.empty(r, dtype=np.int64)  # units that came to the frontier, in order
    stack = np.empty(r, dtype=np.int64)
    undo_at = np.empty(r, dtype=np.int64)
    fine_at = np.empty(r)
    depth = n_undo = 0
    worth, left = 0.0, data.room
    best, bound = floor, floor
    n_kept = nodes = lowest = 0
    while True:
        nodes += 1
        unit = -1
        need = data.least - (data.room - left)
        most = worth + _fractional_bound(profit, load, state, left, need)
        if most > best + 1e-9:
            most = min(most, worth + _dual_ascent_bound(search, left, need))
        if most > best + 1e-9:
            unit = _next_frontier_unit(search, left)
        goes_down = unit >= 0
        if goes_down and nodes > max_nodes:
            bound = max(bound, most)
            goes_down = False
        if goes_down:
            state[unit] = INSIDE
            stack[depth], undo_at[depth] = unit, n_undo
            for e in range(search.near_first[unit], search.near_first[unit + 1]):
                k = search.near[e]
                if state[k] == UNTOUCHED:
                    state[k] = FRONTIER
                    undo[n_undo] = k
                    n_undo += 1
            left -= load[unit]
            fine_at[depth] = count_in_cuts(search, unit, 1)
            worth += profit[unit] - fine_at[depth]
            depth += 1
            if data.room - left < data.least:
                continue
            if worth > keep_above:
                if n_kept < len(values):
                    at = n_kept
                    n_kept += 1
                else:
                    at = lowest if worth > values[lowest] else -1
                if at >= 0:
                    values[at] = worth
                    for k in range(r):
                        found[at, order[k]] = state[k] == INSIDE
                    if n_kept == len(values):
                        lowest = int(np.argmin(values))
                        if keep_all:
                            best = max(best, values[lowest])
            if worth > best and not keep_all:
                best = worth
            continue
        while depth > 0 and state[stack[depth - 1]] == OUTSIDE:
            depth -= 1
            state[stack[depth]] = FRONTIER
        if depth == 0:
            break
        unit = stack[depth - 1]
        state[unit] = OUTSIDE
        left += load[unit]
        worth -= profit[unit] - fine_at[depth - 1]
        count_in_cuts(search, unit, -1)
        while n_undo > undo_at[depth - 1]:
            n_undo -= 1
            state[undo[n_undo]] = UNTOUCHED
    return n_kept, max(best, bound), nodes


@entry
def bound_with_each(data: AnchorPricing) -> np.ndarray:
    """(r,) no connected area with a unit is worth more; −∞ where none has it.

    The unit's own profit, less what units worth less than nothing on its way from the anchor lose
    at least, and the others that fit in beside it, the last of them in part. Fines are left away.
    """
    order = np.argsort(-data.profit / np.maximum(data.load, 1e-3))
    none = np.zeros(0, dtype=np.int64)
    cut_duals = CutDuals(np.zeros(1, dtype=np.int64), none, none, none, np.zeros(0))
    search = begin_search(data, cut_duals, order)
    state, profit, load = search.state, search.profit, search.load
    r = len(load)
    loss = np.full(r, np.inf)
    count = 0
    is_waiting = search.seen
    for k in range(r):
        if state[k] == FRONTIER:
            loss[k] = 0.0
            search.queue[count] = k
            count += 1
            is_waiting[k] = 1
    while count > 0:
        count -= 1
        k = search.queue[count]
        is_waiting[k] = 0
        through = loss[k] + max(0.0, -profit[k])
        for e in range(search.near_first[k], search.near_first[k + 1]):
            other = search.near[e]
            if through < loss[other] - 1e-9:
                loss[other] = through
                if is_waiting[other] == 0:
                    is_waiting[other] = 1
                    search.queue[count] = other
                    count += 1
    most = np.full(r, -np.inf)
    for k in range(r):
        if loss[k] < np.inf and load[k] <= data.room:
            before = state[k]
            state[k] = INSIDE
            rest = _fractional_bound(profit, load, state, data.room - load[k], 0)
            most[order[k]] = profit[k] - loss[k] + rest
            if data.least > load[k]:  # what is on the way loads, too: it may not lose twice
                rest = _fractional_bound(profit, load, state, data.room - load[k], data.least - load[k])
                most[order[k]] = min(most[order[k]], profit[k] + rest)
            state[k] = before
    return most


@inner
def begin_search(data: AnchorPricing, cut_duals: CutDuals, order: np.ndarray) -> LabelSearch:
    """A search with nothing inside yet.

    Parameters
    ----------
    data, cut_duals
        What is given.
    order
        (r,) int64: `data.units` by place.
    """
    n, r = len(data.indptr) - 1, len(order)
    place = np.full(n, -1, dtype=np.int64)
    for k in range(r):
        place[data.units[order[k]]] = k
    near_first = np.zeros(r + 1, dtype=np.int64)
    near = np.empty(len(data.indices), dtype=np.int64)
    count = 0
    for k in range(r):
        i = data.units[order[k]]
        for e in range(data.indptr[i], data.indptr[i + 1]):
            if place[data.indices[e]] >= 0:
                near[count] = place[data.indices[e]]
                count += 1
        near_first[k + 1] = count
    state = np.full(r, UNTOUCHED, dtype=np.int64)
    for e in range(data.indptr[data.start], data.indptr[data.start + 1]):
        if place[data.indices[e]] >= 0:
            state[place[data.indices[e]]] = FRONTIER
    cut_first = np.zeros(len(cut_duals.price) + 1, dtype=np.int64)
    cut_place = np.empty(len(cut_duals.unit), dtype=np.int64)
    cut_numerator = np.empty(len(cut_duals.unit), dtype=np.int64)
    denominator = np.empty(len(cut_duals.price), dtype=np.int64)
    price = np.empty(len(cut_duals.price))
    n_cuts = count = 0
    by_first = np.zeros(r + 1, dtype=np.int64)
    for c in range(len(cut_duals.price)):
        total, at = 0, count
        for e in range(cut_duals.first[c], cut_duals.first[c + 1]):
            k = place[cut_duals.unit[e]]
            if k >= 0:
                cut_place[at], cut_numerator[at] = k, cut_duals.numerator[e]
                total += cut_duals.numerator[e]
                at += 1
        if total >= cut_duals.denominator[c]:
            for e in range(count, at):
                by_first[cut_place[e] + 1] += 1
            count = at
            denominator[n_cuts], price[n_cuts] = cut_duals.denominator[c], cut_duals.price[c]
            n_cuts += 1
            cut_first[n_cuts] = count
    for k in range(r):
        by_first[k + 1] += by_first[k]
    filled = by_first.copy()
    by_cut = np.empty(count, dtype=np.int64)
    by_numerator = np.empty(count, dtype=np.int64)
    for c in range(n_cuts):
        for e in range(cut_first[c], cut_first[c + 1]):
            at = filled[cut_place[e]]
            by_cut[at], by_numerator[at] = c, cut_numerator[e]
            filled[cut_place[e]] += 1
    return LabelSearch(
        data.units[order],
        data.profit[order],
        data.load[order],
        near_first,
        near,
        state,
        cut_first[: n_cuts + 1],
        cut_place,
        cut_numerator,
        denominator,
        price[:n_cuts],
        by_first,
        by_cut,
        by_numerator,
        np.zeros(n_cuts, dtype=np.int64),
        np.empty(r),
        np.empty(r),
        np.empty(r, dtype=np.int64),
        np.zeros(r, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
        np.zeros(r, dtype=np.int64),
    )


@inner
def _next_frontier_unit(search: LabelSearch, left: int) -> int:
    """The unit beside the area, and fitting in, that most is to be gained by or through; or −1."""
    best, most = -1, -np.inf
    for k in range(len(search.load)):
        if search.state[k] == FRONTIER and search.load[k] <= left:
            through = search.gain[k] - min(search.profit[k], 0.0)
            if through > most:
                best, most = k, through
    return best


@inner
def _fractional_bound(profit: np.ndarray, load: np.ndarray, state: np.ndarray, left: int, need: int) -> float:
    """The most that open units may add, the last of them in part; they load `need` at least."""
    more, space, lack = 0.0, left, need
    for k in range(len(profit)):
        if profit[k] <= 0 and lack <= 0:
            break
        if state[k] > FRONTIER or load[k] > left:
            continue
        most = space if profit[k] > 0 else lack
        if load[k] > most:
            return more + profit[k] * most / load[k]
        more += profit[k]
        space -= load[k]
        lack -= load[k]
    return more if lack <= 0 else -np.inf


@inner
def _dual_ascent_bound(search: LabelSearch, left: int, need: int) -> float:
    """As `_fractional_bound`, after open units have paid for what they need and what they run into.

    A unit not beside the area is in it only with a unit of any set that separates the two. So the
    units around those reached from it at no loss may pass on what they lose to it: the area's
    total does not fall by that (dual ascent; Wong 1984). And of the units that bring a fine when
    they come next, each bears its part.
    """
    gain, state, load = search.gain, search.state, search.load
    r = len(load)
    for k in range(r):
        gain[k] = search.profit[k] if state[k] <= FRONTIER and load[k] <= left else -np.inf
    for c in range(len(search.price)):
        d = search.denominator[c]
        has = search.counts[c] % d
        if has == 0:
            continue
        n_open = 0
        for e in range(search.cut_first[c], search.cut_first[c + 1]):
            k = search.cut_place[e]
            if gain[k] > -np.inf and has + search.cut_numerator[e] >= d:
                n_open += 1
        for e in range(search.cut_first[c], search.cut_first[c + 1]):
            k = search.cut_place[e]
            if gain[k] > -np.inf and has + search.cut_numerator[e] >= d:
                gain[k] -= search.price[c] / n_open
    _flood_free(search)
    for k in range(r):
        while gain[k] > 0 and search.reached[k] == 0 and not _pay_path(search, k):
            pass
    most, n_taken = _fill_fractionally(search, left, need)
    paid = _charge_cut_sets(search, n_taken)
    if paid > 0:
        again, _ = _fill_fractionally(search, left, need)
        most = min(most, again + paid)
    return most


@inner
def _fill_fractionally(search: LabelSearch, left: int, need: int) -> tuple[float, int]:
    """What gains come to when the open units that bring most for their load fill the room.

    Those that cost something fill no more than `need`. The last of them goes in part. Those that bring
    something and go in whole are the first in `search.queue`, as many as the second number says.
    """
    gain, load, queue, ratio = search.gain, search.load, search.queue, search.ratio
    count = 0
    for k in range(len(load)):
        if gain[k] > 0 or (need > 0 and gain[k] > -np.inf):
            worth, at = gain[k] / max(load[k], 1e-3), count
            while at > 0 and ratio[at - 1] < worth:  # places are in this order but for what was paid
                ratio[at], queue[at] = ratio[at - 1], queue[at - 1]
                at -= 1
            ratio[at], queue[at] = worth, k
            count += 1
    more, space, lack, n_taken = 0.0, left, need, 0
    for at in range(count):
        k = queue[at]
        if gain[k] <= 0 and lack <= 0:
            return more, n_taken
        most = space if gain[k] > 0 else lack
        if load[k] > most:
            return more + gain[k] * most / load[k], n_taken
        more += gain[k]
        space -= load[k]
        lack -= load[k]
        if gain[k] > 0:
            n_taken += 1
    return (more if lack <= 0 else -np.inf), n_taken


@inner
def _charge_cut_sets(search: LabelSearch, n_taken: int) -> float:
    """Sets of the first units in the queue pay the fine they bring together; what they paid.

    With all k of a set in, a cut's fine is due: p [Σ x = k] ≥ q (Σ x − k + 1) for every q ≤ p. So each may
    lose q, if the area's total gains (k − 1) q.
    """
    gain = search.gain
    search.stamp[0] += 1
    mark = search.stamp[0]
    for at in range(n_taken):
        search.seen[search.queue[at]] = mark
    chosen = np.empty(MAX_CUT_UNITS, dtype=np.int64)
    amount = np.empty(MAX_CUT_UNITS, dtype=np.int64)
    total = 0.0
    for c in range(len(search.price)):
        d = search.denominator[c]
        need = d - search.counts[c] % d
        count, brought, is_due_at_once = 0, 0, False
        for e in range(search.cut_first[c], search.cut_first[c + 1]):
            k, n = search.cut_place[e], search.cut_numerator[e]
            if need < d and n >= need and gain[k] > -np.inf:
                is_due_at_once = True  # paid already by those that come next
                break
            if search.seen[k] != mark or n == 0:
                continue
            at = count  # by gain, the highest first
            while at > 0 and gain[chosen[at - 1]] < gain[k]:
                chosen[at], amount[at] = chosen[at - 1], amount[at - 1]
                at -= 1
            chosen[at], amount[at] = k, n
            count += 1
            brought += n
        if is_due_at_once or brought < need:
            continue
        for at in range(count - 1, -1, -1):  # leave out what is not needed, the lowest gains first
            if brought - amount[at] >= need:
                brought -= amount[at]
                count -= 1
                for later in range(at, count):
                    chosen[later], amount[later] = chosen[later + 1], amount[later + 1]
        if count < 2:
            continue
        paid = min(search.price[c], gain[chosen[count - 1]])
        for at in range(count):
            gain[chosen[at]] -= paid
        total += (count - 1) * paid
    return total


@inner
def _flood_free(search: LabelSearch) -> None:
    """Mark what is reached from the area over units that lose nothing."""
    gain, count = search.gain, 0
    for k in range(len(gain)):
        search.reached[k] = 0
        if search.state[k] == FRONTIER and gain[k] >= 0:
            search.reached[k] = 1
            search.queue[count] = k
            count += 1
    while count > 0:
        count -= 1
        k = search.queue[count]
        for e in range(search.near_first[k], search.near_first[k + 1]):
            u = search.near[e]
            if gain[u] >= 0 and search.reached[u] == 0:
                search.reached[u] = 1
                search.queue[count] = u
                count += 1


@inner
def _pay_path(search: LabelSearch, unit: int) -> bool:
    """A unit pays a part of its way to the area; True when the rest of the way costs nothing."""
    gain = search.gain
    search.stamp[0] += 1
    mark = search.stamp[0]
    search.seen[unit] = mark
    search.queue[0] = unit
    head, count = 0, 1
    least = gain[unit]
    around = len(gain) - 1  # units around stand at the end of the queue
    while head < count:
        k = search.queue[head]
        head += 1
        if search.reached[k] == 1 or search.state[k] == FRONTIER:
            for at in range(count):
                search.reached[search.queue[at]] = 1
            return True
        for e in range(search.near_first[k], search.near_first[k + 1]):
            u = search.near[e]
            if search.seen[u] == mark or gain[u] == -np.inf:
                continue
            search.seen[u] = mark
            if gain[u] >= 0:
                search.queue[count] = u
                count += 1
            else:
                search.queue[around] = u
                around -= 1
                least = min(least, -gain[u])
    if around == len(gain) - 1:  # out of reach
        gain[unit] = 0.0
        return True
    for at in range(around + 1, len(gain)):
        u = search.queue[at]
        gain[u] = 0.0 if -gain[u] == least else gain[u] + least
    gain[unit] = 0.0 if gain[unit] == least else gain[unit] - least
    return False


@inner
def count_in_cuts(search: LabelSearch, unit: int, sign: int) -> float:
    """A unit comes (1) or goes (−1); what its coming adds to the fines.

    Parameters
    ----------
    search
        Under way; its counts are changed.
    unit
        Place of the unit.
    sign
        1 or −1.
    """
    total = 0.0
    for e in range(search.by_first[unit], search.by_first[unit + 1]):
        c, amount = search.by_cut[e], search.by_numerator[e]
        if sign > 0:
            before = search.counts[c] // search.denominator[c]
            search.counts[c] += amount
            if search.counts[c] // search.denominator[c] > before:
                total += search.price[c] * (search.counts[c] // search.denominator[c] - before)
        else:
            search.counts[c] -= amount
    return total
