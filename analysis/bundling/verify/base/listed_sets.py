"""Areas of a small group listed one by one, and the best choice of them: what no plan of the group can better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array

MOST_MEMBERS, MOST_SETS = 60, 5_000
"""Units of a group, and connected sets among them, beyond which nothing is claimed."""
MOST_NODES = 20_000
"""Of branch and bound."""

Weight = tuple[np.ndarray, float, float, float]
"""(n,) figures, the least and the most that an area sums up to, and the rounding of each figure."""


@dataclass(frozen=True)
class GroupMinimum:
    """What no choice of areas in a group can better.

    Parameters
    ----------
    left_over
        Households in no area.
    metres
        Household-metres of choices that leave no more over.
    cost
        The same with areas at their price.
    """

    left_over: int
    metres: float
    cost: float


def find_minimum(
    neighbours: Sequence[Sequence[int]],
    weights: Sequence[Weight],
    people: np.ndarray,
    walks: np.ndarray,
    *,
    area_m: float,
    areas: Sequence[Sequence[int]] = (),
) -> GroupMinimum | None:
    """The fewest households a group leaves over, and the least metres and cost beside them.

    Parameters
    ----------
    neighbours
        Of each of n units, by position.
    weights
        What an area keeps to.
    people
        (n,) households.
    walks
        (n, n) metres.
    area_m
        Household-metres each area costs.
    areas
        A choice at hand, believed no more than it holds: areas that cost too much beside it are not looked at.

    Returns
    -------
    None where the group has too many connected sets.
    """
    sets = _list_sets(neighbours, weights)
    if sets is None:
        return None
    n, n_sets = len(people), len(sets)
    row = np.concatenate([np.zeros(0, dtype=np.int64), *(np.array(one) for one in sets), np.arange(n)])
    column = np.repeat(np.arange(n_sets + n), [len(one) for one in sets] + [1] * n)
    columns = csc_array((np.ones(len(row)), (row, column)), shape=(n, n_sets + n))  # the sets, then each unit left over
    metres = np.array([(walks[np.ix_(one, one)] @ people[one]).min() for one in sets])
    chosen = _positions(areas, sets)
    covers = sum(float(people[sets[k]].sum()) for k in chosen or ())
    out = np.concatenate([np.zeros(n_sets), people])
    fewest = _least(out, columns, np.ones(n_sets + n), float(people.sum()) - covers, None)
    left_over = max(0, int(np.ceil(fewest - 1e-6)))
    most = left_over + 0.5
    upper = np.concatenate([np.ones(n_sets), np.where(people > most, 0.0, 1.0)])
    is_kept = chosen is not None and people.sum() - covers <= most
    found = []
    for cost in (metres, metres + area_m) if area_m else (metres,):
        at_hand = float(cost[chosen].sum()) if is_kept else np.inf
        found.append(max(0.0, _least(np.concatenate([cost, np.zeros(n)]), columns, upper, at_hand, (out, most))))
    return GroupMinimum(left_over, found[0], found[-1])


def _positions(areas: Sequence[Sequence[int]], sets: list[list[int]]) -> list[int] | None:
    """Of these areas among the sets; None where one is not there or two share a unit."""
    place = {frozenset(one): k for k, one in enumerate(sets)}
    found = [place.get(frozenset(one), -1) for one in areas]
    members = [unit for one in areas for unit in one]
    return found if -1 not in found and len(members) == len(set(members)) else None


def _list_sets(neighbours: Sequence[Sequence[int]], weights: Sequence[Weight]) -> list[list[int]] | None:
    """Every connected set that may be an area, by its first unit and those that follow it; None = too many."""
    n, found, met = len(neighbours), list[list[int]](), 0
    if n > MOST_MEMBERS:
        return None
    heaviest = [(figures + rounding).tolist() for figures, _, _, rounding in weights]
    lightest = [(figures - rounding).tolist() for figures, _, _, rounding in weights]
    lower = [low for _, low, _, _ in weights]
    upper = [high * (1 + 1e-9) for _, _, high, _ in weights]
    for first in range(n):
        waiting: list[tuple[list[int], frozenset[int]]] = [([first], frozenset(range(first)))]
        while waiting:
            members, banned = waiting.pop()
            if any(sum(of[i] for i in members) > high for of, high in zip(lightest, upper, strict=True)):
                continue
            met += 1
            if met > MOST_SETS:
                return None
            if all(sum(of[i] for i in members) >= low for of, low in zip(heaviest, lower, strict=True)):
                found.append(members)
            beside = sorted({j for i in members for j in neighbours[i]} - banned - set(members))
            for k, other in enumerate(beside):
                waiting.append(([*members, other], banned | set(beside[:k])))
    return found


def _least(
    cost: np.ndarray, columns: csc_array, upper: np.ndarray, at_hand: float, row: tuple[np.ndarray, float] | None
) -> float:
    """What every choice of columns that holds each unit once costs at least; a choice of cost `at_hand` is known.

    `row`: coefficients, and the most that they may sum up to. Duals of the linear programme, however exact, bound the
    cost from below; a column whose reduced cost leads beyond what is at hand is in no better choice.
    """
    scale = max(1.0, float(np.abs(cost).max(initial=0.0)))
    share, limit, once = cost / scale, at_hand / scale, np.ones(columns.shape[0])
    bounds = np.column_stack([np.zeros(len(upper)), upper])
    above, most = (None, None) if row is None else (row[0][None, :], np.array([row[1]]))
    relaxed = linprog(  # type: ignore[call-overload]
        share, A_ub=above, b_ub=most, A_eq=columns, b_eq=once, bounds=bounds, method="highs"
    )
    if relaxed.status != 0:
        return 0.0
    prices = relaxed.eqlin.marginals
    reduced, least = share - columns.T @ prices, float(prices.sum())
    if row is not None:
        price = max(0.0, -float(relaxed.ineqlin.marginals[0]))
        reduced, least = reduced + price * row[0], least - price * row[1]
    least += float(np.minimum(reduced, 0.0) @ upper)
    kept = np.flatnonzero((least + reduced <= limit + 1e-9) & (upper > 0))
    if least < limit - 1e-9 and len(kept):
        rows = [LinearConstraint(columns[:, kept], once, once)]
        rows += [LinearConstraint(row[0][None, kept], -np.inf, row[1])] if row is not None else []
        found = milp(
            share[kept],
            constraints=rows,
            integrality=np.ones(len(kept), dtype=np.int64),
            bounds=Bounds(0, 1),
            options={"mip_rel_gap": 0.0, "node_limit": MOST_NODES},
        )
        bound = found.mip_dual_bound
        least = max(least, float(bound)) if bound is not None and np.isfinite(bound) else least
    return min(least * scale, at_hand)
