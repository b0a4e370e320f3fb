"""Compiled bounds of further weights of whole areas: code that is not there where there are none.

Without further weights both arguments are None, for which the compiler leaves nothing of these
functions: plain arrays of no row made every search of whole areas 1.4 to 2.3 times as slow.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.kernels.jit import inner


class ExtraWeights(NamedTuple):
    """Further weights of the units.

    Parameters
    ----------
    weight
        (n, q) int64.
    bounds
        (q, 3) float64: the least and the most of each, and how much of the first weight one is.
    """

    weight: np.ndarray
    bounds: np.ndarray


class ExtraWeightState(NamedTuple):
    """Further weights of the areas, kept up to date by every change.

    Parameters
    ----------
    weight
        (n, q) int64.
    beyond
        (n,) int64: what they are outside their bounds, as so much of the first weight.
    """

    weight: np.ndarray
    beyond: np.ndarray


def extra_weights(part: Subproblem) -> ExtraWeights | None:
    """The further weights of a part; None where there are none."""
    if not len(part.more_weight):
        return None
    usual = max(1.0, float(part.weight.mean()))
    scale = usual / np.maximum(part.more_weight.mean(axis=1), 1e-6)
    return ExtraWeights(
        np.ascontiguousarray(part.more_weight.T), np.column_stack([part.more_lower, part.more_upper, scale])
    )


def extra_weight_state(data: ExtraWeights | None) -> ExtraWeightState | None:
    """As many areas as units, all empty."""
    if data is None:
        return None
    return ExtraWeightState(np.zeros_like(data.weight), np.zeros(len(data.weight), dtype=np.int64))


@inner
def _excess(bounds: np.ndarray, weights: np.ndarray) -> int:
    """Weights (q,) outside their bounds, as so much of the first weight, at least 1 each."""
    total = 0
    for q in range(len(weights)):
        outside = max(0.0, bounds[q, 0] - weights[q]) + max(0.0, weights[q] - bounds[q, 1])
        if outside > 0:
            total += max(1, int(np.ceil(bounds[q, 2] * outside)))
    return total


@inner
def extra_excess(state: ExtraWeightState | None, a: int) -> int:
    """What area a is outside the bounds of its further weights.

    Parameters
    ----------
    state
        What is decided; changed.
    a
        An area.
    """
    if state is None:
        return 0
    return int(state.beyond[a])


@inner
def extra_excess_change(
    data: ExtraWeights | None, state: ExtraWeightState | None, size: np.ndarray, unit: int, a: int, b: int
) -> int:
    """How that of areas a and b (−1 = none) changes when a unit goes from a to b.

    Parameters
    ----------
    data
        Arrays of the subproblem.
    state
        What is decided; changed.
    size
        (n,) units of each area.
    unit
        The unit that moves.
    a
        Area it leaves, −1 = none.
    b
        An area, −1 = none.
    """
    if data is None or state is None:
        return 0
    bounds, own, weight = data.bounds, data.weight[unit], state.weight
    change = 0
    if b >= 0:
        change += _excess(bounds, weight[b] + own) - state.beyond[b]
    if a >= 0:
        change -= state.beyond[a]
        if size[a] > 1:
            change += _excess(bounds, weight[a] - own)
    return int(change)


@inner
def update_extra_weights(
    data: ExtraWeights | None, state: ExtraWeightState | None, unit: int, a: int, sign: int
) -> None:
    """A unit comes to area a (sign 1) or leaves it (−1).

    Parameters
    ----------
    data
        Arrays of the subproblem.
    state
        What is decided; changed.
    unit
        The unit that moves.
    a
        An area.
    sign
        1 = it comes, −1 = it leaves.
    """
    if data is None or state is None:
        return
    weight = state.weight[a]
    for q in range(len(weight)):
        weight[q] += sign * data.weight[unit, q]
    state.beyond[a] = _excess(data.bounds, weight)


@inner
def extra_weight_side(data: ExtraWeights | None, members: np.ndarray, count: int) -> int:
    """−1 where the first `count` members are below the least of a weight, 1 above the most, else 0.

    Parameters
    ----------
    data
        Arrays of the subproblem.
    members
        (k,) units.
    count
        How many of them count, from the first.
    """
    if data is None:
        return 0
    side = 0
    for q in range(len(data.bounds)):
        total = 0
        for k in range(count):
            total += data.weight[members[k], q]
        if total < data.bounds[q, 0]:
            return -1
        if total > data.bounds[q, 1]:
            side = 1
    return side
