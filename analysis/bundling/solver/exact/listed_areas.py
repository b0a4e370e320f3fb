"""Small parts of stage "whole" solved to the end: every connected area is listed, and the best choice of them made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.base.work_log import TimeLimit
from analysis.bundling.solver.exact.set_partitioning import membership, set_partitioning_model
from analysis.bundling.solver.models.mip import LinearRow

MOST_SETS = 200_000
"""Connected sets looked at; a part with more of them is not listed. As many take about a second."""

MOST_SETS_UNTIMED = 20_000
"""The same where no clock is read."""

MOST_UNITS = 128
"""Parts of more units are not begun with: their sets are too many, or their areas so small that others prove them."""

NODES = 5_000
"""Of branch and bound, for the choice."""

_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True, eq=False)
class ListedSolution:
    """The best choice of areas.

    Parameters
    ----------
    cost
        No plan of the part costs less; ∞ = there is none.
    labels
        (n,) the best plan found; None where there is none or none was found.
    """

    cost: float
    labels: np.ndarray | None


def solve_by_listing(
    part: Subproblem, *, left_over: float, area: float, has_time: TimeLimit, most_sets: int = MOST_SETS
) -> ListedSolution | None:
    """The best plan of a part by listing its connected areas within the bounds.

    Areas are grown unit by unit (ESU; Wernicke 2006), left alone when they are too heavy, and chosen by a set
    partitioning model.

    Parameters
    ----------
    part
        Of stage "whole", measured in walks.
    left_over, area
        Price of a household in no area (∞ = everyone must have one) and of an area.
    has_time
        For the choice, besides its nodes.
    most_sets
        See `MOST_SETS`.

    Returns
    -------
    None where the part is none of these, or has too many connected sets.
    """
    if (
        part.n_units > MOST_UNITS
        or part.stage != "whole"
        or part.measure == "cut"
        or not part.is_contiguous
        or len(part.more_weight)
    ):
        return None
    masks = _list_masks(part, most_sets)
    if masks is None:
        return None
    is_in = _unpack(masks, part.n_units)
    return _choose(part, is_in, _measure(part, is_in) + area, left_over, has_time)


def _list_masks(part: Subproblem, most_sets: int) -> list[int] | None:
    """Every connected set within the bounds as a bit mask; None where more sets than `most_sets` were met."""
    weight = part.weight.tolist()
    near = [sum(1 << j for j in part.adjacency.row(i).tolist()) for i in range(part.n_units)]
    found, met = [], 0
    for root in range(part.n_units):
        later = -1 << (root + 1)
        start = near[root] & later
        stack = [(1 << root, start, start | 1 << root, weight[root])] if weight[root] <= part.upper else []
        while stack:
            mask, edge, seen, total = stack.pop()
            met += 1
            if met > most_sets:
                return None
            if total >= part.lower:
                found.append(mask)
            while edge:
                bit = edge & -edge
                edge ^= bit
                unit = bit.bit_length() - 1
                if total + weight[unit] <= part.upper:
                    new = near[unit] & later & ~seen
                    stack.append((mask | bit, edge | new, seen | new, total + weight[unit]))
    return found


def _unpack(masks: list[int], n_units: int) -> np.ndarray:
    """(s, n) bool of bit masks."""
    n_bytes = (n_units + 7) // 8
    packed = np.frombuffer(b"".join(mask.to_bytes(n_bytes, "little") for mask in masks), dtype=np.uint8)
    bits = np.unpackbits(packed.reshape(len(masks), n_bytes), axis=1, count=n_units, bitorder="little")
    return bits.astype(bool)


def _measure(part: Subproblem, is_in: np.ndarray) -> np.ndarray:
    """(s,) least Σ walkers × metres to a member, of each set."""
    cost = np.empty(len(is_in))
    metres = part.metres.astype(float)
    for first in range(0, len(is_in), _ROWS_AT_ONCE):
        some = is_in[first : first + _ROWS_AT_ONCE]
        walked = (some * part.walkers) @ metres.T
        cost[first : first + _ROWS_AT_ONCE] = np.where(some, walked, np.inf).min(axis=1)
    return cost


def _choose(
    part: Subproblem, is_in: np.ndarray, cost: np.ndarray, left_over: float, has_time: TimeLimit
) -> ListedSolution:
    """The cheapest sets that share no unit."""
    n, must = part.n_units, not np.isfinite(left_over)
    left = np.zeros(n) if must else part.households * left_over
    members = membership([np.flatnonzero(row) for row in is_in], [0] * len(is_in), (n, 1))[:n]
    everything = np.concatenate([cost, left])
    scale = max(1.0, float(np.median(cost))) if len(cost) else 1.0
    upper = np.concatenate([np.ones(len(cost)), np.full(n, 0.0 if must else 1.0)])
    is_whole = np.ones(len(everything), dtype=bool)
    model = set_partitioning_model(everything / scale, members, n, is_whole=is_whole, upper=upper)
    if part.k:
        model.add([LinearRow(np.arange(len(cost)), np.ones(len(cost)), part.k, part.k)])
    found = model.solve(has_time=has_time, nodes=NODES)
    if found.values is None:
        return ListedSolution(found.bound * scale, None)
    labels = np.full(n, -1, dtype=np.int64)
    for number, k in enumerate(np.flatnonzero(found.values[: len(cost)] > 0.5).tolist()):
        labels[is_in[k]] = number
    return ListedSolution(found.bound * scale, labels)
