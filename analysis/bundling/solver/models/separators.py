"""Connectivity cuts: sets of units (vertex separators) without which a unit cannot join an anchor."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.kernels.graph_search import label_pieces, mark_reachable
from analysis.bundling.solver.kernels.min_vertex_cut import find_violated_cuts

Separator = tuple[int, int, tuple[int, ...]]
"""(anchor, unit, separator): the unit joins the anchor only with a unit of the separator."""

MAX_SEPARATORS = 400
"""Violated separators looked for at a time."""


def find_violated_separators(part: Subproblem, labels: np.ndarray) -> list[Separator]:
    """A cut for every member its anchor does not reach; none when all areas are connected.

    Parameters
    ----------
    part
        The subproblem.
    labels
        (n,) int: area of each unit, −1 = left over.
    """
    return [
        (anchor, int(unit), between)
        for anchor, group in disconnected_groups(part, labels)
        for between in [minimal_separator(part, anchor, group)]
        for unit in group
    ]


def separate_fractional(part: Subproblem, may: np.ndarray, mean: np.ndarray, least: float = 0.05) -> list[Separator]:
    """Cuts that an average of areas violates by more than `least`.

    Parameters
    ----------
    part
        What is given.
    may
        (m, n) bool: pairs the cuts may count on; they hold for plans of these pairs.
    mean
        (m, n) how much of each unit each anchor has.
    """
    m, n = mean.shape
    share = np.where(may, np.maximum(mean, 0.0), -1.0)
    share[np.arange(m), part.anchors] = np.maximum(share[np.arange(m), part.anchors], 1.0)
    anchor, unit = np.zeros(MAX_SEPARATORS, dtype=np.int64), np.zeros(MAX_SEPARATORS, dtype=np.int64)
    start = np.zeros(MAX_SEPARATORS + 1, dtype=np.int64)
    member = np.zeros(32 * MAX_SEPARATORS + n, dtype=np.int64)
    count = find_violated_cuts(
        part.indptr, part.indices, part.back, part.anchors, share, least, anchor, unit, start, member
    )
    return [(int(anchor[c]), int(unit[c]), tuple(member[start[c] : start[c + 1]].tolist())) for c in range(count)]


def disconnected_groups(part: Subproblem, labels: np.ndarray) -> Iterable[tuple[int, np.ndarray]]:
    """(anchor, group) for every group of members its anchor does not reach.

    Parameters
    ----------
    part
        The subproblem.
    labels
        (n,) int: area of each unit, −1 = left over.
    """
    piece = np.full(part.n_units, -1, dtype=np.int64)
    n_pieces = label_pieces(part.indptr, part.indices, part.anchors, labels, piece)
    for k in range(len(part.anchors), n_pieces):
        group = np.flatnonzero(piece == k)
        yield int(labels[group[0]]), group


def minimal_separator(part: Subproblem, anchor: int, group: np.ndarray) -> tuple[int, ...]:
    """A smallest-by-inclusion set of units without which `group` is cut off from the anchor.

    Parameters
    ----------
    part
        The subproblem.
    anchor
        Index of the anchor.
    group
        (k,) units cut off from it.
    """
    allowed = allowed_pairs(part)[anchor]
    inside = np.zeros(part.n_units, dtype=bool)
    inside[group] = True
    beside = _adjacent(part, inside) & allowed & ~inside
    reached = find_reachable(part, int(part.anchors[anchor]), allowed & ~beside)
    return tuple(int(unit) for unit in np.flatnonzero(beside & _adjacent(part, reached)))


def allowed_pairs(part: Subproblem) -> np.ndarray:
    """(m, n) bool: units an area may hold, its own anchor among them."""
    allowed = part.cost >= 0
    if not part.may_close:
        allowed[:, part.anchors] = False
    allowed[np.arange(len(part.anchors)), part.anchors] = True
    return allowed


def find_reachable(part: Subproblem, start: int, allowed: np.ndarray) -> np.ndarray:
    """(n,) bool: units reached from `start` over allowed units, `start` included.

    Parameters
    ----------
    part
        The subproblem.
    start
        Unit the search begins at.
    allowed
        (n,) bool: units that may be passed.
    """
    reached, stack = np.zeros(part.n_units, dtype=np.bool_), np.empty(part.n_units, dtype=np.int64)
    mark_reachable(part.indptr, part.indices, start, ~allowed, reached, stack)
    return reached


def _adjacent(part: Subproblem, inside: np.ndarray) -> np.ndarray:
    """(n,) bool: units with a neighbour inside."""
    beside = np.zeros(part.n_units, dtype=bool)
    row = np.repeat(inside, np.diff(part.indptr))
    beside[part.indices[row]] = True
    return beside


def neighbour_separators(part: Subproblem, pairs: np.ndarray) -> dict[Separator, None]:
    """For each pair away from its anchor: the unit joins only with one of its neighbours.

    Parameters
    ----------
    part
        The subproblem.
    pairs
        (m, n) bool: anchor and unit.
    """
    cuts: dict[Separator, None] = {}
    for anchor, unit in zip(*np.nonzero(pairs), strict=True):
        near = part.indices[part.indptr[unit] : part.indptr[unit + 1]]
        start = part.anchors[anchor]
        if unit != start and start not in near:
            cuts[int(anchor), int(unit), tuple(int(i) for i in near)] = None
    return cuts
