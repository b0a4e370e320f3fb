"""Areas of a small group listed one by one, and the best choice of them: what no plan of the group can better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

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
class Lead:
    """An anchor of a group, by positions in it.

    Parameters
    ----------
    at
        The anchor's.
    takes
        Metres to each unit that it may take in.
    load_m2
        (n,) what each unit counts, and `room_m2` how much it has room for.
    company
        Its company, if any.
    """

    at: int
    takes: Mapping[int, float]
    load_m2: np.ndarray
    room_m2: float
    company: str | None = None


@dataclass(frozen=True)
class GroupMinimum:
    """What no choice of areas in a group can better.

    Parameters
    ----------
    left_over
        Households in no area.
    unled
        Households in areas without an anchor, of choices that leave no more over; 0 where there is no anchor.
    metres
        Household-metres of choices that are no worse at both.
    cost
        The same with areas at their price.
    """

    left_over: int
    unled: int
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
    leads: Sequence[Lead] | None = None,
    rooms_m2: Mapping[str, float] = MappingProxyType({}),
    most_sets: int = MOST_SETS,
) -> GroupMinimum | None:
    """The fewest households a group leaves over, then in areas without an anchor, and the least metres and cost.

    Parameters
    ----------
    neighbours
        Of each of n units, by position.
    weights
        What an area keeps to.
    people
        (n,) households; 0 for anchors.
    walks
        (n, n) metres.
    area_m
        Household-metres each area costs.
    areas
        A choice at hand, believed no more than it holds: areas that cost too much beside it are not looked at.
    leads
        Anchors among the units; None = areas have none, and nobody asks for one.
    rooms_m2
        What companies may take on, all their anchors together (R15).
    most_sets
        Connected sets beyond which nothing is claimed.

    Returns
    -------
    None where the group has too many connected sets.
    """
    sets = _list_sets(neighbours, weights, frozenset(lead.at for lead in leads or ()), most_sets)
    if sets is None:
        return None
    n_unled = len(sets)
    metres = [(walks[np.ix_(one, one)] @ people[one]).min() for one in sets]
    taken = {company: np.zeros(n_unled) for company in rooms_m2}
    for lead in leads or ():
        led = _list_led(neighbours, lead, most_sets - len(sets))
        if led is None:
            return None
        sets += led
        metres += [sum(lead.takes[i] * people[i] for i in one[1:]) for one in led]
        for company, loads in taken.items():
            own = [lead.load_m2[one[1:]].sum() if lead.company == company else 0.0 for one in led]
            taken[company] = np.concatenate([loads, own])
    n, n_sets = len(people), len(sets)
    row = np.concatenate([np.zeros(0, dtype=np.int64), *(np.array(one) for one in sets), np.arange(n)])
    column = np.repeat(np.arange(n_sets + n), [len(one) for one in sets] + [1] * n)
    columns = csc_array((np.ones(len(row)), (row, column)), shape=(n, n_sets + n))  # the sets, then each unit left over
    chosen = _positions(areas, sets)
    covered = np.array([float(people[one].sum()) for one in sets])
    out = np.concatenate([np.zeros(n_sets), people])
    no_leader = np.concatenate([np.where(np.arange(n_sets) < n_unled, covered, 0.0), np.zeros(n)])
    at_hand = np.inf if chosen is None else float(people.sum() - covered[chosen].sum())
    upper, least = np.ones(n_sets + n), [0, 0]
    rows = [
        (np.concatenate([loads, np.zeros(n)]), rooms_m2[c]) for c, loads in taken.items() if loads.sum() > rooms_m2[c]
    ]
    is_kept = chosen is not None
    for level, value in enumerate((out,) if leads is None else (out, no_leader)):
        if level:
            at_hand = float(value[chosen].sum()) if is_kept else np.inf
        least[level] = max(0, int(np.ceil(_least(value, columns, upper, at_hand, rows) - 1e-6)))
        rows.append((value, least[level] + 0.5))
        upper = np.where(value > least[level] + 0.5, 0.0, upper)
        is_kept = is_kept and at_hand <= least[level] + 0.5
    walked = np.array(metres)
    found = []
    for cost in (walked, walked + area_m) if area_m else (walked,):
        at_hand = float(cost[chosen].sum()) if is_kept else np.inf
        found.append(max(0.0, _least(np.concatenate([cost, np.zeros(n)]), columns, upper, at_hand, rows)))
    return GroupMinimum(least[0], least[1], found[0], found[-1])


def _positions(areas: Sequence[Sequence[int]], sets: list[list[int]]) -> list[int] | None:
    """Of these areas among the sets; None where one is not there or two share a unit."""
    place = {frozenset(one): k for k, one in enumerate(sets)}
    found = [place.get(frozenset(one), -1) for one in areas]
    members = [unit for one in areas for unit in one]
    return found if -1 not in found and len(members) == len(set(members)) else None


def _list_led(neighbours: Sequence[Sequence[int]], lead: Lead, most: int) -> list[list[int]] | None:
    """Every connected set that an anchor may lead, the anchor first; None = more than `most`."""
    found = list[list[int]]()
    waiting: list[tuple[list[int], frozenset[int]]] = [([lead.at], frozenset())]
    while waiting:
        members, banned = waiting.pop()
        if sum(lead.load_m2[i] for i in members[1:]) > lead.room_m2:
            continue
        if len(members) > 1:
            found.append(members)
        if len(found) > most:
            return None
        beside = sorted(({j for i in members for j in neighbours[i]} & lead.takes.keys()) - banned - set(members))
        for k, other in enumerate(beside):
            waiting.append(([*members, other], banned | set(beside[:k])))
    return found


def _list_sets(
    neighbours: Sequence[Sequence[int]], weights: Sequence[Weight], anchors: frozenset[int], most_sets: int
) -> list[list[int]] | None:
    """Every connected set that may be an area without an anchor, from its first unit on; None = too many."""
    n, found, met = len(neighbours), list[list[int]](), 0
    heaviest = [(figures + rounding).tolist() for figures, _, _, rounding in weights]
    lightest = [(figures - rounding).tolist() for figures, _, _, rounding in weights]
    lower = [low for _, low, _, _ in weights]
    upper = [high * (1 + 1e-9) for _, _, high, _ in weights]
    for first in range(n):
        if first in anchors:
            continue
        waiting: list[tuple[list[int], frozenset[int]]] = [([first], frozenset(range(first)) | anchors)]
        while waiting:
            members, banned = waiting.pop()
            if any(sum(of[i] for i in members) > high for of, high in zip(lightest, upper, strict=True)):
                continue
            met += 1
            if met > most_sets:
                return None
            if all(sum(of[i] for i in members) >= low for of, low in zip(heaviest, lower, strict=True)):
                found.append(members)
            beside = sorted({j for i in members for j in neighbours[i]} - banned - set(members))
            for k, other in enumerate(beside):
                waiting.append(([*members, other], banned | set(beside[:k])))
    return found


def _least(
    cost: np.ndarray, columns: csc_array, upper: np.ndarray, at_hand: float, rows: Sequence[tuple[np.ndarray, float]]
) -> float:
    """What every choice of columns that holds each unit once costs at least; a choice of cost `at_hand` is known.

    `rows`: coefficients, and the most that they may sum up to. Duals of the linear programme, however exact, bound the
    cost from below; a column whose reduced cost leads beyond what is at hand is in no better choice.
    """
    scale = max(1.0, float(np.abs(cost).max(initial=0.0)))
    share, limit, once = cost / scale, at_hand / scale, np.ones(columns.shape[0])
    bounds = np.column_stack([np.zeros(len(upper)), upper])
    above = np.array([row for row, _ in rows]) if rows else None
    most = np.array([value for _, value in rows]) if rows else None
    relaxed = linprog(  # type: ignore[call-overload]
        share, A_ub=above, b_ub=most, A_eq=columns, b_eq=once, bounds=bounds, method="highs"
    )
    if relaxed.status != 0:
        return 0.0
    prices = relaxed.eqlin.marginals
    reduced, least = share - columns.T @ prices, float(prices.sum())
    if above is not None:
        paid = np.maximum(0.0, -relaxed.ineqlin.marginals)
        reduced, least = reduced + paid @ above, least - float(paid @ most)
    least += float(np.minimum(reduced, 0.0) @ upper)
    kept = np.flatnonzero((least + reduced <= limit + 1e-9) & (upper > 0))
    if least < limit - 1e-9 and len(kept):
        held = [LinearConstraint(columns[:, kept], once, once)]
        held += [LinearConstraint(row[None, kept], -np.inf, value) for row, value in rows]
        found = milp(
            share[kept],
            constraints=held,
            integrality=np.ones(len(kept), dtype=np.int64),
            bounds=Bounds(0, 1),
            options={"mip_rel_gap": 0.0, "node_limit": MOST_NODES},
        )
        bound = found.mip_dual_bound
        least = max(least, float(bound)) if bound is not None and np.isfinite(bound) else least
    return min(least * scale, at_hand)
