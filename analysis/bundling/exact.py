"""Led areas of a whole part, solved exactly as far as time allows: a proof, and sometimes a better plan."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from analysis.bundling.neighbourhood import AreaModel, Cut, Sight, cuts_of
from analysis.bundling.parts import Part

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
    pairs = surviving_pairs(part, prices, bound, aim, area)
    end = time.perf_counter() + seconds
    if pairs.sum() > MAX_PAIRS or seconds <= 0:
        return Proven(bound, labels)
    sight = Sight(pairs, left_over, area, bool(np.isfinite(left_over)), _beside(part, pairs))
    everyone = np.arange(len(part.anchors))
    model = AreaModel(part, labels, everyone, sight)
    outside = _left_outside(part, model.units, left_over)
    while (rest := end - time.perf_counter()) > 0:
        answer = model.solve(rest, None)
        bound = max(bound, min(answer.bound + outside, aim))
        if answer.labels is None:
            break
        cuts = cuts_of(part, answer.labels, everyone)
        if not cuts:
            cost = _cost(part, answer.labels, left_over, area)
            return Proven(max(bound, min(cost, aim)) if answer.is_proven else bound, answer.labels)
        model.add_cuts(cuts)
    return Proven(bound, labels)


def surviving_pairs(
    part: Part, prices: np.ndarray, bound: float, aim: float, area: float
) -> np.ndarray:
    """(m, n) bool: pairs that a plan cheaper than `aim` may contain.

    A pair is dropped when the bound with the pair forced in reaches `aim`: the anchor's knapsack
    then keeps room for the unit and fills the rest in part (Dantzig 1957).
    """
    keep = part.cost >= 0
    for anchor in range(len(part.anchors)):
        own = int(part.anchors[anchor]) if part.may_close else -1
        worth = np.where(keep[anchor], prices - part.cost[anchor], 0.0)
        fixed = worth[own] if own >= 0 else 0.0
        fixed -= float(part.opening[anchor]) + area
        load = part.load.astype(float)
        if own >= 0:
            worth[own], load = 0.0, np.where(np.arange(part.n_units) == own, 0.0, load)
        order = np.argsort(-worth / np.maximum(load, 1e-9), kind="stable")
        order = order[worth[order] > 0]
        filled = np.concatenate([[0.0], np.cumsum(load[order])])
        gained = np.concatenate([[0.0], np.cumsum(worth[order])])
        room = float(part.capacity[anchor])
        best = max(0.0, fixed + float(np.interp(room, filled, gained)))
        with_it = fixed + worth + np.interp(np.maximum(room - load, 0.0), filled, gained)
        keep[anchor] &= bound + best - with_it < aim
    return keep


def _beside(part: Part, pairs: np.ndarray) -> dict[Cut, None]:
    """For each pair away from its anchor: the unit joins only with one of its neighbours."""
    cuts: dict[Cut, None] = {}
    for anchor, unit in zip(*np.nonzero(pairs), strict=True):
        near = part.indices[part.indptr[unit] : part.indptr[unit + 1]]
        start = part.anchors[anchor]
        if unit != start and start not in near:
            cuts[int(anchor), int(unit), tuple(int(i) for i in near)] = None
    return cuts


def _left_outside(part: Part, units: np.ndarray, left_over: float) -> float:
    """Price of units the model does not hold: no anchor may take them in."""
    outside = np.ones(part.n_units, dtype=bool)
    outside[units] = False
    outside[part.anchors] &= part.may_close
    people = float(part.households[outside].sum())
    return people * left_over if people else 0.0


def _cost(part: Part, labels: np.ndarray, left_over: float, area: float) -> float:
    served = np.flatnonzero(labels >= 0)
    taken = served if part.may_close else served[part.anchors[labels[served]] != served]
    cost = float(part.cost[labels[taken], taken].sum())
    cost += float((part.opening[np.unique(labels[taken])] + area).sum())
    people = float(part.households[labels < 0].sum())
    return cost + (people * left_over if people else 0.0)
