"""Led areas of a whole part, solved exactly as far as time allows: a proof, and sometimes a better plan."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from analysis.bundling.parts import Part
from analysis.bundling.proving.area_model import AreaModel, Costs
from analysis.bundling.proving.priced import Priced, price_part, surviving_pairs
from analysis.bundling.proving.separators import Cut, cuts_of

MAX_PAIRS = 12_000
"""Pairs left after fixing beyond which the exact model is not tried."""


@dataclass(frozen=True, eq=False)
class Proven:
    """A bound of a part and the best labels known.

    Parameters
    ----------
    bound
        No plan costs less; at most what the labels given cost.
    labels
        (n,) those given, or better ones.
    """

    bound: float
    labels: np.ndarray


def prove_lead(
    part: Part,
    labels: np.ndarray,
    *,
    left_over: float,
    area: float,
    prices: np.ndarray,
    bound: float,
    aim: float,
    seconds: float,
) -> Proven:
    """Raise a bound of a part of stage "lead" by branch and cut with HiGHS.

    Pairs that prices prove too dear for any plan cheaper than `aim` are left out; separators are
    added until the best point is connected or time is over.

    Parameters
    ----------
    part, labels
        What is given, and the best plan known.
    left_over, area
        Price of a household in no area (∞ = everyone must have one) and of an area.
    prices, bound
        Prices of the units and what they prove (`relaxation.relax_lead`).
    aim
        What the plan costs.
    seconds
        Limit.
    """
    if seconds <= 0:
        return Proven(bound, labels)
    end = time.perf_counter() + seconds
    costs = Costs(left_over, area)
    priced = Priced(bound, prices, {}, np.zeros(part.cost.shape))
    priced = price_part(
        part, costs, priced, aim=aim, enough=aim - 1, rounds=15, steps=80, length=0.3,
        goes_on=lambda: time.perf_counter() < end - 0.7 * seconds,
    )  # fmt: skip
    bound = max(bound, min(priced.bound, aim))
    may, _ = surviving_pairs(part, costs, priced, aim - 1 + 1e-3)
    if bound >= aim - 1 + 1e-3 or may.sum() > MAX_PAIRS:
        return Proven(bound, labels)
    can_leave = np.isfinite(left_over)
    may_leave = np.full(part.n_units, can_leave)
    served = np.flatnonzero(labels >= 0)
    may[labels[served], served] = (part.cost >= 0)[labels[served], served]
    model = AreaModel(part, may, may_leave, costs)
    model.add_cuts(_beside(part, may))
    model.add_cuts(priced.tolls)
    start = labels if can_leave or not (labels < 0).any() else None
    while (rest := end - time.perf_counter()) > 0:
        answer = model.solve(start, seconds=rest)
        bound = max(bound, min(answer.bound, aim))
        if answer.labels is None:
            break
        cuts = cuts_of(part, answer.labels)
        if not cuts:
            cost = costs.of(part, answer.labels)
            return Proven(max(bound, min(cost, aim)) if answer.is_proven else bound, answer.labels)
        model.add_cuts(cuts)
    return Proven(bound, labels)


def _beside(part: Part, pairs: np.ndarray) -> dict[Cut, None]:
    """For each pair away from its anchor: the unit joins only with one of its neighbours."""
    cuts: dict[Cut, None] = {}
    for anchor, unit in zip(*np.nonzero(pairs), strict=True):
        near = part.indices[part.indptr[unit] : part.indptr[unit + 1]]
        start = part.anchors[anchor]
        if unit != start and start not in near:
            cuts[int(anchor), int(unit), tuple(int(i) for i in near)] = None
    return cuts
