"""Contraction of a subproblem: units with one anchor left are merged into it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.bundling.solver.base.subproblem import IMPOSSIBLE, Subproblem, restrict
from analysis.bundling.solver.exact.lagrangian import LagrangianState
from analysis.bundling.solver.models.separators import Separator, find_reachable


@dataclass(frozen=True, eq=False)
class ContractedSubproblem:
    """A part in which units that have one place left, beside their anchor, are one with it.

    Parameters
    ----------
    part
        What is left to decide.
    kept
        (k,) positions in the given part of the units left.
    fixed_to
        (n,) the anchor of each unit that is one with it, −1 for the units kept.
    cut_multipliers
        Separators that still say something.
    fixed
        What the units that are one with their anchors cost.
    """

    part: Subproblem
    kept: np.ndarray
    fixed_to: np.ndarray
    cut_multipliers: dict[Separator, float]
    fixed: float


def contract_fixed_units(
    given: Subproblem, may: np.ndarray, state: LagrangianState, *, is_allowed: bool
) -> ContractedSubproblem:
    """What is left of a part when only the pairs `may` (m, n) are looked at.

    Parameters
    ----------
    is_allowed
        False where units may be left over: then one place left is no certain place.
    """
    allowed = replace(given, cost=np.where(may, given.cost, IMPOSSIBLE))
    fixed_to = np.full(given.n_units, -1, dtype=np.int64)
    if is_allowed and not given.may_close and not given.opening.any():
        single = may.sum(axis=0) == 1
        single[given.anchors] = False
        for k, anchor in enumerate(given.anchors):
            fixed_to[single & may[k] & find_reachable(given, int(anchor), single & may[k])] = k
    inside = fixed_to >= 0
    if not inside.any():
        return ContractedSubproblem(allowed, np.arange(given.n_units), fixed_to, state.cut_multipliers, 0.0)
    kept = np.flatnonzero(~inside)
    place = np.full(given.n_units, -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    merged = np.where(inside, place[given.anchors[fixed_to]], place)
    row = given.adjacency.sources
    one, other = merged[row], merged[given.indices]
    pairs = np.unique((one * len(kept) + other)[one != other])
    indptr = np.searchsorted(pairs, len(kept) * np.arange(len(kept) + 1)).astype(np.int64)
    part = replace(
        restrict(allowed, np.arange(len(given.anchors)), kept),
        indptr=indptr,
        indices=(pairs % len(kept)).astype(np.int64),
        capacity=given.capacity
        - np.bincount(fixed_to[inside], given.load[inside], len(given.anchors)).astype(np.int64),
    )
    units = np.flatnonzero(inside)
    fixed = float(given.cost[fixed_to[units], units].sum())
    return ContractedSubproblem(part, kept, fixed_to, _contract_multipliers(state, place, fixed_to), fixed)


def _contract_multipliers(state: LagrangianState, place: np.ndarray, fixed_to: np.ndarray) -> dict[Separator, float]:
    """The separators between units kept; one that a unit of its anchor belongs to holds anyway."""
    cut_multipliers: dict[Separator, float] = {}
    for (anchor, unit, between), multiplier in state.cut_multipliers.items():
        if place[unit] >= 0 and not any(fixed_to[i] == anchor for i in between):
            left = tuple(int(place[i]) for i in between if place[i] >= 0)
            cut_multipliers[anchor, int(place[unit]), left] = multiplier
    return cut_multipliers
