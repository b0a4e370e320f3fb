"""Compiled separation of rank-1 cuts over the areas of a fractional choice."""

from __future__ import annotations

import numpy as np

from analysis.bundling.solver.kernels.jit import entry, inner
from analysis.bundling.solver.kernels.pricing import MAX_CUT_UNITS

MAX_SWAPS = 20
"""Swaps that one start of a local search makes at most."""


@entry
def find_violated_triples(
    first: np.ndarray, unit: np.ndarray, share: np.ndarray, n: int, least: float, out: np.ndarray, excess: np.ndarray
) -> int:
    """Triples of units of which areas hold two or more, together more than once.

    Parameters
    ----------
    first, unit
        CSR by area: its units, ascending.
    share
        How much of each area is chosen.
    n
        Number of units.
    least
        Smallest excess of interest.
    out
        (k, 3) int64, changed.
    excess
        (k,) float, changed.

    Returns
    -------
    How many were found; those of least excess give way when there is no room.
    """
    pair = np.zeros((n, n))
    for s in range(len(share)):
        for e in range(first[s], first[s + 1]):
            for f in range(e + 1, first[s + 1]):
                pair[unit[e], unit[f]] += share[s]
                pair[unit[f], unit[e]] += share[s]
    triple = np.zeros((n, n))  # for one unit a: areas with a, b and c
    count, lowest = 0, 0
    for a in range(n):
        triple[:] = 0.0
        for s in range(len(share)):
            has = False
            for e in range(first[s], first[s + 1]):
                if unit[e] == a:
                    has = True
            if has:
                for e in range(first[s], first[s + 1]):
                    for f in range(e + 1, first[s + 1]):
                        triple[unit[e], unit[f]] += share[s]
        for b in range(a + 1, n):
            for c in range(b + 1, n):
                total = pair[a, b] + pair[a, c] + pair[b, c] - 2 * triple[b, c] - 1.0
                if total < least:
                    continue
                if count < len(excess):
                    at = count
                    count += 1
                elif total > excess[lowest]:
                    at = lowest
                else:
                    continue
                out[at, 0], out[at, 1], out[at, 2], excess[at] = a, b, c, total
                if count == len(excess):
                    lowest = int(np.argmin(excess))
    return count


@entry
def find_violated_sets(
    first: np.ndarray,
    unit: np.ndarray,
    share: np.ndarray,
    n: int,
    numerators: np.ndarray,
    denominators: np.ndarray,
    n_candidates: int,
    least: float,
    out: np.ndarray,
    kind: np.ndarray,
    excess: np.ndarray,
) -> int:
    """Rank-1 cuts of given numerators that the shares break, by local search (Pecin et al. 2017).

    From every unit, on every place of other numerator: the other places are filled with units that share areas
    with it, each the best for the moment; then single units are swapped while that breaks the cut more.

    Parameters
    ----------
    first, unit
        CSR by area: its units, ascending.
    share
        How much of each area is chosen.
    n
        Number of units.
    numerators
        (k, 5) int64, descending, 0 = place not used.
    denominators
        (k,) int64.
    n_candidates
        Units that are tried around each.
    least
        Smallest excess of interest.
    out
        (c, 5) int64, changed: units of each cut found, in the order of the numerators.
    kind
        (c,) int64, changed: row of `numerators`.
    excess
        (c,) float, changed.

    Returns
    -------
    How many were found; those of least excess give way when there is no room.
    """
    pair = np.zeros((n, n))
    at_first = np.zeros(n + 1, dtype=np.int64)
    for s in range(len(share)):
        for e in range(first[s], first[s + 1]):
            at_first[unit[e] + 1] += 1
            for f in range(first[s], first[s + 1]):
                pair[unit[e], unit[f]] += share[s]
    for i in range(n):
        at_first[i + 1] += at_first[i]
    filled = at_first.copy()
    at = np.empty(len(unit), dtype=np.int64)  # areas of each unit
    for s in range(len(share)):
        for e in range(first[s], first[s + 1]):
            at[filled[unit[e]]] = s
            filled[unit[e]] += 1
    held = np.zeros(len(share), dtype=np.int64)  # Σ numerators of the units of each area
    place = np.empty(MAX_CUT_UNITS, dtype=np.int64)
    is_used = np.zeros(n, dtype=np.bool_)
    count, lowest = 0, 0
    for u in range(n):
        near = np.argsort(-pair[u])[: n_candidates + 1]
        n_near = 0
        while n_near < len(near) and pair[u, near[n_near]] > 1e-6:
            n_near += 1
        for t in range(len(denominators)):
            d, size, total = denominators[t], 0, 0
            while size < MAX_CUT_UNITS and numerators[t, size] > 0:
                total += numerators[t, size]
                size += 1
            if n_near < size:
                continue
            for own in range(size):
                if own > 0 and numerators[t, own] == numerators[t, own - 1]:
                    continue
                value = _put(at_first, at, share, held, u, numerators[t, own], d)
                place[own] = u
                is_used[u] = True
                for k in range(size):
                    if k == own:
                        continue
                    best, most = -1, -1.0
                    for c in range(n_near):
                        i = near[c]
                        if not is_used[i]:
                            worth = _gain(at_first, at, share, held, i, numerators[t, k], d, 0.1)
                            if worth > most:
                                best, most = i, worth
                    value += _put(at_first, at, share, held, best, numerators[t, k], d)
                    place[k] = best
                    is_used[best] = True
                for _ in range(MAX_SWAPS):
                    best_k, best, most = -1, -1, 1e-9
                    for k in range(size):
                        p = numerators[t, k]
                        lost = _put(at_first, at, share, held, place[k], -p, d)
                        for c in range(n_near):
                            i = near[c]
                            if not is_used[i]:
                                change = lost + _gain(at_first, at, share, held, i, p, d, 0.0)
                                if change > most:
                                    best_k, best, most = k, i, change
                        _put(at_first, at, share, held, place[k], p, d)
                    if best_k < 0:
                        break
                    p = numerators[t, best_k]
                    value += _put(at_first, at, share, held, place[best_k], -p, d)
                    value += _put(at_first, at, share, held, best, p, d)
                    is_used[place[best_k]] = False
                    is_used[best] = True
                    place[best_k] = best
                over = value - total // d
                if over >= least:
                    if count < len(excess):
                        to = count
                        count += 1
                    else:
                        to = lowest if over > excess[lowest] else -1
                    if to >= 0:
                        out[to, :size] = place[:size]
                        kind[to], excess[to] = t, over
                        if count == len(excess):
                            lowest = int(np.argmin(excess))
                for k in range(size):
                    _put(at_first, at, share, held, place[k], -numerators[t, k], d)
                    is_used[place[k]] = False
    return count


@inner
def _put(
    at_first: np.ndarray, at: np.ndarray, share: np.ndarray, held: np.ndarray, unit: int, amount: int, d: int
) -> float:
    """A unit comes with an amount (or goes, below 0); what that changes."""
    change = 0.0
    for e in range(at_first[unit], at_first[unit + 1]):
        s = at[e]
        change += share[s] * ((held[s] + amount) // d - held[s] // d)
        held[s] += amount
    return change


@inner
def _gain(
    at_first: np.ndarray,
    at: np.ndarray,
    share: np.ndarray,
    held: np.ndarray,
    unit: int,
    amount: int,
    d: int,
    towards: float,
) -> float:
    """What a unit would bring; and a little for areas that come nearer to counting once more."""
    gain = 0.0
    for e in range(at_first[unit], at_first[unit + 1]):
        s = at[e]
        gain += share[s] * ((held[s] + amount) // d - held[s] // d)
        if held[s] > 0:
            gain += towards * share[s] * amount / d
    return gain
