"""Whether some connected units of a group can weigh between two bounds: subset sums and connected subsets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

MOST_SETS = 20_000
"""Connected sets looked at; where there are more, nothing is claimed."""


def has_feasible_subset(weight: np.ndarray, edges: np.ndarray, lower: int, upper: int, *, must_connect: bool) -> bool:
    """Whether some units of a group may weigh between lower and upper together.

    Parameters
    ----------
    weight
        (n,) int.
    edges
        (e, 2) int pairs of neighbours, by position in `weight`.
    lower, upper
        Bounds of an area's weight, both included.
    must_connect
        Whether an area must be connected over `edges`.

    Returns
    -------
    False only where it is proven that none may.

    Examples
    --------
    >>> line = np.array([[0, 1], [1, 2]])
    >>> has_feasible_subset(np.array([250, 90, 250]), line, 300, 360, must_connect=True)
    True
    >>> has_feasible_subset(np.array([290, 90, 15]), line, 300, 360, must_connect=True)
    False
    >>> has_feasible_subset(np.array([290, 90, 15]), line, 300, 360, must_connect=False)
    True
    """
    if not _adds_up(weight, lower, upper):
        return False
    if not must_connect:
        return True
    sets = _connected_weights(weight, _neighbour_lists(len(weight), edges), upper)
    return any(total >= lower or count >= MOST_SETS for count, total in enumerate(sets))


def _adds_up(weight: np.ndarray, lower: int, upper: int) -> bool:
    """Whether some of the weights add up to a number within the bounds: bit s is set for a sum s."""
    sums, most = 1, (1 << (upper + 1)) - 1
    for one in weight.tolist():
        sums |= (sums << one) & most
        if sums >> lower:
            return True
    return bool(sums >> lower)


def _connected_weights(weight: np.ndarray, neighbours: Sequence[Sequence[int]], upper: int) -> Iterator[int]:
    """The weight of every connected set that is not above upper, each set once (ESU, Wernicke 2006)."""
    for root in range(len(weight)):
        first = tuple(j for j in neighbours[root] if j > root)
        stack = [(int(weight[root]), first, frozenset((root, *first)))]
        while stack:
            total, next_ones, seen = stack.pop()
            if total > upper:
                continue
            yield total
            for k, unit in enumerate(next_ones):
                new = tuple(j for j in neighbours[unit] if j > root and j not in seen)
                stack.append((total + int(weight[unit]), (*next_ones[k + 1 :], *new), seen | {*new}))


def _neighbour_lists(n: int, edges: np.ndarray) -> list[list[int]]:
    neighbours: list[list[int]] = [[] for _ in range(n)]
    for i, j in edges.tolist():
        neighbours[i].append(j)
        neighbours[j].append(i)
    return neighbours
