"""Connected sets of few units, every one of them, as bit masks (ESU; Wernicke 2006)."""

from __future__ import annotations

import numpy as np

from analysis.bundling.model.adjacency import Adjacency
from analysis.bundling.solver.base.work_log import ENDLESS, TimeLimit

SETS_UNASKED, SETS_A_LOOK = 20_000, 1_000
"""Sets met before the clock is looked at, and then between two looks."""


def list_masks(
    adjacency: Adjacency,
    weights: np.ndarray,
    uppers: np.ndarray,
    most_sets: int,
    *,
    root: int | None = None,
    among: np.ndarray | None = None,
    has_time: TimeLimit = ENDLESS,
) -> list[int] | None:
    """Every connected set below the most as a bit mask.

    All weights of a set are one number, each in a field of its own: a bit above the field is set once it is too heavy.

    Parameters
    ----------
    adjacency
        Neighbours among n units.
    weights, uppers
        (q, n) int, and (q,) the most that a set sums up to.
    most_sets
        Sets met at most.
    root
        A unit that every set holds; None = any sets.
    among
        (n,) bool: the units besides the root that sets may hold; None = all.
    has_time
        Asked once more than `SETS_UNASKED` sets are met, now and then.

    Returns
    -------
    None where more sets than `most_sets` were met, or than there was time for.
    """
    n_units = adjacency.n_units
    totals = weights.sum(axis=1)
    n_bits = int(totals.max(initial=0)).bit_length() + 1
    fields = [q * (n_bits + 1) for q in range(len(totals))]
    weight = [sum(int(w) << at for w, at in zip(of, fields, strict=True)) for of in weights.T]
    most = np.clip(uppers, -1, totals).tolist()
    nothing = sum(((1 << n_bits) - 1 - upper) << at for upper, at in zip(most, fields, strict=True))
    too_heavy = sum(1 << (at + n_bits) for at in fields)
    near = [sum(1 << j for j in adjacency.row(i).tolist()) for i in range(n_units)]
    allowed = -1 if among is None else sum(1 << i for i in np.flatnonzero(among).tolist())
    found: list[int] = []
    look = SETS_UNASKED
    for first in range(n_units) if root is None else (root,):
        if (nothing + weight[first]) & too_heavy:
            continue
        later = allowed & (-1 << (first + 1) if root is None else ~(1 << first))
        start = near[first] & later
        stack = [(1 << first, start, start | 1 << first, nothing + weight[first])]
        while stack:
            mask, edge, seen, total = stack.pop()
            if len(found) >= most_sets or (len(found) >= look and not has_time()):
                return None
            look += SETS_A_LOOK * (len(found) >= look)
            found.append(mask)
            while edge:
                bit = edge & -edge
                edge ^= bit
                unit = bit.bit_length() - 1
                if not (total + weight[unit]) & too_heavy:
                    new = near[unit] & later & ~seen
                    stack.append((mask | bit, edge | new, seen | new, total + weight[unit]))
    return found


def unpack_masks(masks: list[int], n_units: int) -> np.ndarray:
    """(s, n) bool of bit masks.

    Parameters
    ----------
    masks
        s sets as `list_masks` gives them.
    n_units
        n.

    Examples
    --------
    >>> unpack_masks([0b101], 3)
    array([[ True, False,  True]])
    """
    n_bytes = (n_units + 7) // 8
    packed = np.frombuffer(b"".join(mask.to_bytes(n_bytes, "little") for mask in masks), dtype=np.uint8)
    bits = np.unpackbits(packed.reshape(len(masks), n_bytes), axis=1, count=n_units, bitorder="little")
    return bits.astype(bool)
