"""What no plan can do better than, proven again from multipliers by weak duality.

Every unit has a price π instead of being in one area at most once, a household left over costs p, one in
an area without an anchor q, a square metre that a company takes on μ. Whatever the multipliers are, as
long as π ≤ p × households, every plan costs at least

    Σ π − Σ anchors (dearest knapsack of units in reach) − Σ medoids (dearest knapsack with both bounds)
        − Σ companies μ × what it may take on

and so walks at least that − p × households left over − q × households not led. Areas need not be
connected here, beyond what each anchor or group of units can reach at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from analysis.bundling.verify.statements.planned_units import SHARE, PlannedUnits

MAX_STATES = 2_000
"""States of one knapsack; one that needs more counts with its fractional value."""
CELLS = 1_000_000
"""Pairs of medoid and unit looked at together."""


@dataclass(frozen=True, eq=False)
class StatedMultipliers:
    """What is paid for in a relaxation.

    Parameters
    ----------
    left_over, unled
        Price of a household in no area, and of one in an area without an anchor.
    prices
        (n,) what serving each unit is worth; of anchors 0.
    companies
        Price of each m² that a company takes on.
    """

    left_over: float
    unled: float
    prices: np.ndarray
    companies: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class LeastCost:
    """The cost that no plan is below, altogether and street by street.

    Parameters
    ----------
    of_all
        Companies and a number of areas asked for heeded.
    by_code
        What of it belongs to each street (`PlannedUnits.codes`).
    """

    of_all: float
    by_code: dict[str, float]


def least_cost(
    planned: PlannedUnits, given: StatedMultipliers, *, counts_walks: bool, area_m: float = 0.0, has_groups: bool = True
) -> LeastCost:
    """The least cost of all plans at some multipliers.

    Parameters
    ----------
    planned
        Who takes part.
    given
        Prices above p × households are cut down to that.
    counts_walks
        Whether household-metres are a part of the cost.
    area_m
        Household-metres each area costs.
    has_groups
        False: being in an area without an anchor counts as being left over (mode "mixed").
    """
    households = planned.households
    prices = np.where(planned.targets, np.minimum(given.prices, given.left_over * households), 0.0)
    in_groups = (planned.groups >= 0) & has_groups
    if planned.context.plan.mode == "lead":
        in_groups[:] = False
    reached = np.zeros(planned.n, dtype=bool)
    for walk in planned.reach.values():
        reached[list(walk)] = True
    nowhere = planned.targets & ~reached & ~in_groups  # whatever is done, they are left over
    prices = np.where(nowhere, given.left_over * households, prices)
    by_code: dict[str, float] = defaultdict(float)
    for code, price in zip(planned.codes.tolist(), prices.tolist(), strict=True):
        by_code[code] += price
    for anchor, walk in planned.reach.items():
        by_code[planned.codes[anchor]] -= _anchor_gain(planned, given, prices, anchor, walk, counts_walks, area_m)
    gains: list[np.ndarray] = []
    for label in np.unique(planned.groups[in_groups]).tolist():
        members = np.flatnonzero(planned.groups == label)
        paid = prices[members] - given.unled * households[members]
        if not (paid > 0).any() and planned.context.plan.rules.areas is None:
            continue
        values = _medoid_gains(planned, members, paid, counts_walks) - area_m
        most = _max_areas(planned, members)
        gains.append(values)
        best = np.sort(values)[::-1][:most]
        by_code[planned.codes[members[0]]] -= float(best[best > 0].sum())
    of_all = sum(by_code.values())
    number = planned.context.plan.rules.areas
    if number is not None and gains:  # exactly so many areas are paid for, each with its medoid
        each = np.sort(np.concatenate(gains))[::-1][:number]
        if np.isfinite(each).all():
            of_all = float(prices.sum() - each.sum())
    for company, price in given.companies.items():
        of_all -= max(price, 0.0) * planned.allowances.get(company, 0.0) * (1 + SHARE)
    return LeastCost(float(of_all), dict(by_code))


def _anchor_gain(
    planned: PlannedUnits,
    given: StatedMultipliers,
    prices: np.ndarray,
    anchor: int,
    walk: Mapping[int, float],
    counts_walks: bool,
    area_m: float,
) -> float:
    """What the dearest load of one anchor is worth; 0 where none pays for its area."""
    units = np.array(list(walk), dtype=np.int64)
    values = prices[units]
    if counts_walks:
        values = values - np.array(list(walk.values())) * planned.households[units]
    company = planned.company_of[anchor]
    if company in planned.allowances and company in given.companies:
        values = values - max(given.companies[company], 0.0) * planned.floor_m2[units]
    return max(0.0, knapsack(values, planned.floor_m2[units], planned.room_m2(anchor)) - area_m)


def knapsack(values: np.ndarray, weights: np.ndarray, room: float) -> float:
    """The largest value of items that have room together, or what is above it where that takes long.

    Parameters
    ----------
    values
        (n,) worth of each item; only positive ones count.
    weights
        (n,) weight of each, of the same measure as `room`.
    room
        What the chosen items may weigh together.

    Examples
    --------
    >>> round(knapsack(np.array([60.0, 100.0, 120.0]), np.array([10.0, 20.0, 30.0]), 50.0), 3)
    220.0
    """
    chosen = (values > 0) & (weights <= room)
    value, weight = values[chosen], weights[chosen]
    if weight.sum() <= room:
        return float(value.sum())
    order = np.argsort(-value / np.maximum(weight, 1e-9), kind="stable")
    items = list(zip(value[order].tolist(), weight[order].tolist(), strict=True))
    n = len(items)

    def fractional(k: int, left: float) -> float:
        total = 0.0
        for v, w in items[k:]:
            if w > left:
                return total + v * left / w
            total, left = total + v, left - w
        return total

    best, states, stack = 0.0, 0, [(0, room, 0.0)]
    while stack:
        k, left, total = stack.pop()
        states += 1
        if states > MAX_STATES:
            return fractional(0, room)
        best = max(best, total)
        if k == n or total + fractional(k, left) <= best + 1e-9 * max(1.0, best):
            continue
        v, w = items[k]
        stack.append((k + 1, left, total))
        if w <= left:
            stack.append((k + 1, left - w, total + v))
    return best * (1 + 1e-9) + 1e-9


def _max_areas(planned: PlannedUnits, members: np.ndarray) -> int:
    """Areas that a group is heavy enough for."""
    most = len(members)
    for figures, least, _, rounding in planned.sizes:
        if least > 0:
            most = min(most, int((figures[members] + rounding).sum() // least))
    return most


def _medoid_gains(planned: PlannedUnits, members: np.ndarray, paid: np.ndarray, counts_walks: bool) -> np.ndarray:
    """(k,) what the dearest area around each member as its medoid is worth at most; units may be split."""
    figures, least, most, rounding = planned.sizes[0]
    light = np.maximum(figures[members] - rounding, 1e-9)
    heavy = np.maximum(figures[members] + rounding, 1e-9)
    found = np.empty(len(members))
    step = max(1, CELLS // len(members))
    for start in range(0, len(members), step):
        rows = np.arange(start, min(start + step, len(members)))
        values = np.tile(paid, (len(rows), 1))
        if counts_walks:
            metres = planned.walks[members[rows]][:, members].toarray()
            metres[metres == 0] = planned.limit_m
            metres[np.arange(len(rows)), rows] = 0.0
            values -= metres * planned.households[members]
        gain = np.maximum(values, 0.0)
        order = np.argsort(-gain / light, axis=1, kind="stable")
        filled = np.take_along_axis(gain, order, axis=1) * _knapsack_shares(light[order], most)
        lacking = least - (heavy * (values > 0)).sum(axis=1)
        loss = np.where(values > 0, 0.0, values)
        back = np.argsort(-loss / heavy, axis=1, kind="stable")
        weight = np.take_along_axis(np.where(values > 0, 0.0, heavy), back, axis=1)
        share = _knapsack_shares(weight, np.maximum(lacking, 0.0)[:, None])
        brought = gain.sum(axis=1) + (np.take_along_axis(loss, back, axis=1) * share).sum(axis=1)
        brought[heavy.sum() < least * (1 - 1e-12)] = -np.inf
        found[rows] = np.minimum(filled.sum(axis=1), brought)
    return found


def _knapsack_shares(weights: np.ndarray, room: np.ndarray | float) -> np.ndarray:
    """(r, k) how much of each item, in their order, has room."""
    before = np.cumsum(weights, axis=1) - weights
    return np.clip((room - before) / np.maximum(weights, 1e-9), 0.0, 1.0)
