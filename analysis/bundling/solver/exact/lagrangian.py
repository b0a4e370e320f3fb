"""Lagrangian bound of anchored areas with connectivity cuts, and reduced-cost fixing of pairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.exact.assignment_mip import PlanCosts
from analysis.bundling.solver.kernels import knapsack
from analysis.bundling.solver.kernels.subgradient import (
    PricingData,
    evaluate_lagrangian,
    forcing_penalties,
    subgradient_ascent,
)
from analysis.bundling.solver.models.separators import Separator, allowed_pairs, find_reachable, separate_fractional

MAX_STATES = 5_000
"""States of one knapsack where very many are solved."""


@dataclass(frozen=True, eq=False)
class LagrangianState:
    """Multipliers of units and separators, and the Lagrangian bound they prove.

    Parameters
    ----------
    bound
        No plan of the part costs less.
    prices
        (n,) what serving each unit is worth.
    cut_multipliers
        What each separator adds to the pair it forbids and takes off the pairs that allow it.
    mean
        (m, n) how much of each unit each anchor has, on average of the last steps.
    """

    bound: float
    prices: np.ndarray
    cut_multipliers: dict[Separator, float]
    mean: np.ndarray


def pricing_data(
    part: Subproblem,
    costs: PlanCosts,
    cuts: Sequence[Separator],
    may: np.ndarray | None = None,
    *,
    max_states: int = MAX_STATES,
) -> PricingData:
    """The arrays of a part of stage "lead" for the compiled pricing.

    Parameters
    ----------
    part
        The subproblem.
    costs
        Prices of a household left over and of an area.
    cuts
        Separators with a multiplier.
    may
        (m, n) bool: pairs allowed; None = all that the subproblem allows.
    max_states
        Of one knapsack.
    """
    cost = part.cost.astype(float)
    cost[(part.cost < 0) if may is None else ~may] = np.inf
    must = np.ones(part.n_units, dtype=bool)
    must[part.anchors] = part.may_close
    ceiling = np.full(part.n_units, np.inf)
    if np.isfinite(costs.left_over):
        ceiling = part.households * float(costs.left_over)
    ceiling[~must] = 0.0
    lengths = np.array([len(between) for _, _, between in cuts], dtype=np.int64)
    return PricingData(
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
        max_states=max_states,
    )


def tighten_bound(
    part: Subproblem,
    costs: PlanCosts,
    start: LagrangianState,
    *,
    aim: float,
    enough: float = np.inf,
    rounds: int = 1,
    steps: int = 60,
    length: float = 0.5,
    goes_on: Callable[[], bool] = lambda: True,
    max_states: int = MAX_STATES,
) -> LagrangianState:
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
    max_states
        States of one knapsack.
    """
    cut_multipliers = dict(start.cut_multipliers)
    may = allowed_pairs(part)
    data = pricing_data(part, costs, list(cut_multipliers), max_states=max_states)
    prices = np.clip(np.where(data.must, start.prices, 0.0), None, data.ceiling)
    mean = np.zeros(part.cost.shape)
    bound, best = -np.inf, (prices, cut_multipliers)
    for k in range(rounds):
        if k > 0 and not goes_on():
            break
        multiplier_values = np.array(list(cut_multipliers.values()), dtype=float)
        found, _ = subgradient_ascent(data, prices, multiplier_values, mean, length, aim, enough, steps)
        cut_multipliers = dict(zip(cut_multipliers, multiplier_values.tolist(), strict=True))
        if found > bound:
            bound, best = found, (prices.copy(), cut_multipliers)
        if bound >= enough or not part.is_contiguous or k == rounds - 1:
            break
        cut_multipliers = {cut: toll for cut, toll in cut_multipliers.items() if toll > 0}
        for cut in separate_fractional(part, may, mean):
            cut_multipliers.setdefault(cut, 0.0)
        data = pricing_data(part, costs, list(cut_multipliers), max_states=max_states)
    return LagrangianState(bound, best[0], best[1], mean)


def tighten_for_proof(
    part: Subproblem, costs: PlanCosts, prices: np.ndarray, bound: float, *, aim: float, goes_on: Callable[[], bool]
) -> LagrangianState:
    """Separators and prices with which a branch and cut begins, at the full resolution of the knapsacks.

    Parameters
    ----------
    part, costs
        What is given.
    prices, bound
        Prices of the units without separators, and what they prove.
    aim
        What the best plan known costs.
    goes_on
        Asked before every round.
    """
    return tighten_bound(
        part,
        costs,
        LagrangianState(bound, prices, {}, np.zeros(part.cost.shape)),
        aim=aim,
        enough=aim - 1,
        rounds=15,
        steps=80,
        length=0.3,
        goes_on=goes_on,
        max_states=knapsack.MAX_STATES,
    )


def surviving_pairs(
    part: Subproblem, costs: PlanCosts, priced: LagrangianState, aim: float, *, max_states: int = MAX_STATES
) -> tuple[np.ndarray, np.ndarray]:
    """What a plan cheaper than `aim` may contain, and how much dearer each pair makes a plan.

    Parameters
    ----------
    part
        The subproblem.
    costs
        Prices of a household left over and of an area.
    priced
        Multipliers and the bound they prove.
    aim
        Cost that a better plan stays below.
    max_states
        Of one knapsack.

    Returns
    -------
    may
        (m, n) bool: pairs that may be, and that the anchor reaches over such pairs.
    extra
        (m, n) float: by how much the bound rises at least with the pair, ∞ where it cannot be.
    """
    cuts = list(priced.cut_multipliers)
    data = pricing_data(part, costs, cuts, max_states=max_states)
    multiplier_values = np.array([priced.cut_multipliers[cut] for cut in cuts], dtype=float)
    m, n = part.cost.shape
    now, taken, values = np.empty((m, n)), np.zeros((m, n), dtype=np.bool_), np.zeros(m)
    bound = evaluate_lagrangian(data, priced.prices, multiplier_values, now, taken, values)
    inside, outside = np.empty((m, n)), np.empty((m, n))
    forcing_penalties(data, priced.prices, now, values, inside, outside)
    extra = inside + np.where(data.must, outside.sum(axis=0) - outside, 0.0)
    extra[:, ~data.must] = np.inf
    may = bound + extra < aim
    if part.is_contiguous:
        may &= reachable_pairs(part, may)
    return may, extra


def reachable_pairs(part: Subproblem, may: np.ndarray) -> np.ndarray:
    """(m, n) bool: units an anchor reaches over the pairs it may have.

    Parameters
    ----------
    part
        The subproblem.
    may
        (m, n) bool: pairs allowed.
    """
    return np.array(
        [find_reachable(part, int(start), may[k]) for k, start in enumerate(part.anchors)], dtype=bool
    ).reshape(may.shape)
