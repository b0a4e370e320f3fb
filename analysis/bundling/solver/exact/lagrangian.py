"""Prices of led areas: a lower bound, and the pairs a better plan may contain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.bundling.solver.exact.area_model import Costs
from analysis.bundling.solver.exact.separators import Cut, allowed_pairs, cuts_of_mean, reach
from analysis.bundling.solver.kernels.subgradient import Quay, ascend, penalties, price_areas
from analysis.bundling.solver.subproblem import Part

PATIENCE = 5_000
"""States of one knapsack where very many are solved."""


@dataclass(frozen=True, eq=False)
class Priced:
    """The best that prices of units and tolls of separators prove.

    Parameters
    ----------
    bound
        No plan of the part costs less.
    prices
        (n,) what serving each unit is worth.
    tolls
        What each separator adds to the pair it forbids and takes off the pairs that allow it.
    mean
        (m, n) how much of each unit each anchor has, on average of the last steps.
    """

    bound: float
    prices: np.ndarray
    tolls: dict[Cut, float]
    mean: np.ndarray


def quay_of(
    part: Part, costs: Costs, cuts: Sequence[Cut], may: np.ndarray | None = None, *, patience: int = PATIENCE
) -> Quay:
    """The arrays of a part of stage "lead" for the compiled pricing."""
    cost = part.cost.astype(float)
    cost[(part.cost < 0) if may is None else ~may] = np.inf
    must = np.ones(part.n_units, dtype=bool)
    must[part.anchors] = part.may_close
    ceiling = np.full(part.n_units, np.inf)
    if np.isfinite(costs.left_over):
        ceiling = part.households * float(costs.left_over)
    ceiling[~must] = 0.0
    lengths = np.array([len(between) for _, _, between in cuts], dtype=np.int64)
    return Quay(
        cost=cost,
        load=part.load,
        room=part.capacity,
        opening=(part.opening + costs.area).astype(float),
        own=part.anchors.copy() if part.may_close else np.full(len(part.anchors), -1),
        must=must,
        ceiling=ceiling,
        anchor=np.array([anchor for anchor, _, _ in cuts], dtype=np.int64),
        unit=np.array([unit for _, unit, _ in cuts], dtype=np.int64),
        start=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        member=np.array([i for _, _, between in cuts for i in between], dtype=np.int64),
        patience=patience,
    )


def price_part(
    part: Part,
    costs: Costs,
    start: Priced,
    *,
    aim: float,
    enough: float = np.inf,
    rounds: int = 1,
    steps: int = 60,
    length: float = 0.5,
    goes_on: Callable[[], bool] = lambda: True,
    patience: int = PATIENCE,
) -> Priced:
    """Raise a bound: some rounds of steps, and after each the separators its mean violates.

    Parameters
    ----------
    part, costs
        What is given.
    start
        Prices and tolls to begin with; its bound counts for nothing.
    aim
        What the best plan known costs; prices rise towards it.
    enough
        Bound that ends the work.
    rounds, steps
        Steps of each round.
    length
        Of the first step, as a share of Polyak's.
    goes_on
        Asked before every round.
    patience
        States of one knapsack.
    """
    tolls = dict(start.tolls)
    may = allowed_pairs(part)
    quay = quay_of(part, costs, list(tolls), patience=patience)
    prices = np.clip(np.where(quay.must, start.prices, 0.0), None, quay.ceiling)
    mean = np.zeros(part.cost.shape)
    bound, best = -np.inf, (prices, tolls)
    for k in range(rounds):
        if k > 0 and not goes_on():
            break
        paid = np.array(list(tolls.values()), dtype=float)
        found, _ = ascend(quay, prices, paid, mean, length, aim, enough, steps)
        tolls = dict(zip(tolls, paid.tolist(), strict=True))
        if found > bound:
            bound, best = found, (prices.copy(), tolls)
        if bound >= enough or not part.is_contiguous or k == rounds - 1:
            break
        tolls = {cut: toll for cut, toll in tolls.items() if toll > 0}
        for cut in cuts_of_mean(part, may, mean):
            tolls.setdefault(cut, 0.0)
        quay = quay_of(part, costs, list(tolls), patience=patience)
    return Priced(bound, best[0], best[1], mean)


def surviving_pairs(
    part: Part, costs: Costs, priced: Priced, aim: float, *, patience: int = PATIENCE
) -> tuple[np.ndarray, np.ndarray]:
    """What a plan cheaper than `aim` may contain, and how much dearer each pair makes a plan.

    Returns
    -------
    may
        (m, n) bool: pairs that may be, and that the anchor reaches over such pairs.
    extra
        (m, n) float: by how much the bound rises at least with the pair, ∞ where it cannot be.
    """
    cuts = list(priced.tolls)
    quay = quay_of(part, costs, cuts, patience=patience)
    paid = np.array([priced.tolls[cut] for cut in cuts], dtype=float)
    m, n = part.cost.shape
    now, taken, values = np.empty((m, n)), np.zeros((m, n), dtype=np.bool_), np.zeros(m)
    bound = price_areas(quay, priced.prices, paid, now, taken, values)
    inside, outside = np.empty((m, n)), np.empty((m, n))
    penalties(quay, priced.prices, now, values, inside, outside)
    extra = inside + np.where(quay.must, outside.sum(axis=0) - outside, 0.0)
    extra[:, ~quay.must] = np.inf
    may = bound + extra < aim
    if part.is_contiguous:
        may &= reachable(part, may)
    return may, extra


def reachable(part: Part, may: np.ndarray) -> np.ndarray:
    """(m, n) bool: units an anchor reaches over the pairs it may have."""
    return np.array([reach(part, int(start), may[k]) for k, start in enumerate(part.anchors)], dtype=bool).reshape(
        may.shape
    )
