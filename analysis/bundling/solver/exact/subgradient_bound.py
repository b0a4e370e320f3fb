"""Lagrangian relaxation of the assignment rows, raised by a subgradient ascent with knapsack subproblems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from analysis.bundling.solver.base.bound_limits import OnBound, tell_nobody
from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.exact.assignment_mip import PlanCosts
from analysis.bundling.solver.exact.lagrangian import pricing_data
from analysis.bundling.solver.kernels.knapsack import MAX_STATES, price_medoids
from analysis.bundling.solver.kernels.subgradient import evaluate_lagrangian, start_ascent, take_step

LagrangianFunction = Callable[[np.ndarray], tuple[float, np.ndarray]]
"""Prices (n,) → the bound they prove, and how many areas take each unit in."""


FIRST_INTEGRAL_STEP = 600
"""Step as which the first of those that fill areas up with whole units counts: whoever allows no
more steps than that has no time for them."""


@dataclass(frozen=True, eq=False)
class SubgradientBound:
    """The best that prices proved.

    Parameters
    ----------
    bound
        No plan of the part costs less.
    prices
        (n,) what serving each unit is worth.
    """

    bound: float
    prices: np.ndarray


def bound_assignment(
    part: Subproblem,
    left_over: float,
    area: float,
    start: np.ndarray,
    aim: float,
    goes_on: Callable[[int], bool],
    on_bound: OnBound = tell_nobody,
) -> SubgradientBound:
    """Bound of a part of stage "lead": one exact knapsack an anchor, connection not asked for.

    Parameters
    ----------
    part
        What is given.
    left_over, area
        Price of a household in no area (∞ = everyone must be served) and of an area.
    start
        (n,) prices to begin with, for instance those of `transport`.
    aim
        What the best plan known costs; prices rise towards it.
    goes_on
        Asked before every step with its number.
    on_bound
        Told of the best bound after every step.
    """
    data = pricing_data(part, PlanCosts(left_over, area), [], max_states=MAX_STATES)
    no_cuts, now = np.zeros(0), np.empty(part.cost.shape)
    taken, values = np.zeros(part.cost.shape, dtype=np.bool_), np.zeros(len(part.anchors))

    def evaluate(prices: np.ndarray) -> tuple[float, np.ndarray]:
        evaluate_lagrangian(data, prices, no_cuts, now, taken, values)
        return float(prices[data.must].sum() - values.sum()), taken.sum(axis=0)

    return _subgradient_ascent(evaluate, start, data.ceiling, data.must, aim, goes_on, on_bound)


def bound_partition(
    part: Subproblem,
    left_over: float,
    area: float,
    start: np.ndarray,
    aim: float,
    goes_on: Callable[[int], bool],
    on_bound: OnBound = tell_nobody,
) -> SubgradientBound:
    """Bound of a part of stage "whole": one knapsack a medoid with both bounds of its weight.

    Disjoint areas of at least `lower` are at most ⌊total / lower⌋, so no more medoids are counted.
    Connection is not asked for, nor what an area has of further weights but for that count: a plan
    that keeps their bounds keeps these.

    Parameters
    ----------
    part
        A subproblem of stage "whole".
    left_over
        Price of a household in no area (∞ = everyone must be served).
    area
        Price of an area.
    start
        (n,) prices to begin with.
    aim
        What the best plan known costs; prices rise towards it.
    goes_on
        Asked before every step with its number.
    on_bound
        Told of the best bound after every step.
    """
    n = part.n_units
    is_asked = part.lowers > 0
    counts = part.weights.sum(axis=1)[is_asked] // part.lowers[is_asked]
    most = int(counts.min(initial=n))
    ceiling = part.households * left_over if np.isfinite(left_over) else np.full(n, np.inf)

    price = partial(price_medoids, part.metres, part.walkers, part.weight, part.lower, part.upper)

    def evaluate(prices: np.ndarray, *, is_filled: bool) -> tuple[float, np.ndarray]:
        members = np.zeros((n, n), dtype=np.bool_)
        values = np.zeros(n)
        below = -area
        if part.k:  # those that come into question, and as many more
            price(-np.inf, False, prices, members, values)
            below = float(np.partition(values, min(2 * part.k, n - 1))[min(2 * part.k, n - 1)])
        price(below, is_filled, prices, members, values)
        order = np.argsort(values, kind="stable")[: part.k or most]
        if not part.k:
            order = order[values[order] + area < 0]
        paid = float((values[order] + area).sum())
        return float(prices.sum() + paid), members[order].sum(axis=0)

    everyone = np.ones(n, dtype=bool)
    quick, full = partial(evaluate, is_filled=False), partial(evaluate, is_filled=True)
    found = _subgradient_ascent(quick, start, ceiling, everyone, aim, goes_on, on_bound)
    if part.lower <= 0 or not goes_on(FIRST_INTEGRAL_STEP):
        return found
    later = partial(_ask_later, goes_on)
    better = _subgradient_ascent(full, found.prices, ceiling, everyone, aim, later, on_bound, length=0.3)
    return better if better.bound > found.bound else found


def _ask_later(goes_on: Callable[[int], bool], step: int) -> bool:
    return goes_on(FIRST_INTEGRAL_STEP + step)


def _subgradient_ascent(
    evaluate: LagrangianFunction,
    start: np.ndarray,
    ceiling: np.ndarray,
    must: np.ndarray,
    aim: float,
    goes_on: Callable[[int], bool],
    on_bound: OnBound,
    *,
    length: float = 1.0,
) -> SubgradientBound:
    """Raise the bound by `take_step` until the limits or the step length end it."""
    begun = np.clip(np.where(must, start, 0.0), None, ceiling)
    ascent = start_ascent(begun, np.full(len(begun), -np.inf), ceiling, length)
    step, is_rising = 0, True
    while is_rising and (step == 0 or goes_on(step)):
        bound, used = evaluate(ascent.multipliers)
        is_rising = take_step(ascent, bound, (1.0 - used) * must, aim, 1e-4)
        step += 1
        on_bound(float(ascent.scalars[0]))
    return SubgradientBound(float(ascent.scalars[0]), ascent.best_multipliers)
