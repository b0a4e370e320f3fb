"""Areas of a small group listed one by one, and the best choice of them: what no plan of the group can better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
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
    cost
        Household-metres, and areas at their price, of choices that leave no more over.
    """

    left_over: int
    cost: float


def find_minimum(
    neighbours: Sequence[Sequence[int]],
    weights: Sequence[Weight],
    people: np.ndarray,
    walks: np.ndarray,
    *,
    area_m: float,
) -> GroupMinimum | None:
    """The fewest households a group leaves over, and the least cost beside them.

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

    Returns
    -------
    None where the group has too many connected sets.
    """
    sets = _list_sets(neighbours, weights)
    if sets is None:
        return None
    n = len(people)
    row = np.concatenate([np.zeros(0, dtype=np.int64), *(np.array(one) for one in sets)])
    column = np.repeat(np.arange(len(sets)), [len(one) for one in sets])
    inside = csc_array((np.ones(len(row)), (row, column)), shape=(n, len(sets)))
    cost = np.array([(walks[np.ix_(one, one)] @ people[one]).min() for one in sets]) + area_m
    covered = inside.T @ people
    most_covered = _most(covered, inside, None)
    if most_covered is None:
        return None
    households = float(people.sum())
    left_over = max(0, int(np.ceil(households - most_covered - 1e-6)))
    dearest = _most(-cost, inside, (covered, households - left_over - 0.5))
    return None if dearest is None else GroupMinimum(left_over, max(0.0, -dearest))


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


def _most(worth: np.ndarray, inside: csc_array, floor: tuple[np.ndarray, float] | None) -> float | None:
    """What choices of sets without a unit in common are worth at most; None where that is not known."""
    n_sets = len(worth)
    if not n_sets:
        return 0.0 if floor is None or floor[1] <= 0 else None
    rows = [LinearConstraint(inside, -np.inf, 1.0)]
    if floor is not None:
        rows.append(LinearConstraint(floor[0][None, :], floor[1], np.inf))
    scale = max(1.0, float(np.abs(worth).max()))
    found = milp(
        -worth / scale,
        constraints=rows,
        integrality=np.ones(n_sets, dtype=np.int64),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0.0, "node_limit": MOST_NODES},
    )
    bound = found.mip_dual_bound
    return None if bound is None or not np.isfinite(bound) else -float(bound) * scale
