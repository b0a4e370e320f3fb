"""The subproblems of mode "area": connected units behind one wall that are heavy enough for an area."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from analysis.bundling.evaluation.dense_walks import require_memory
from analysis.bundling.evaluation.objective_values import cut_edge_costs_m
from analysis.bundling.evaluation.score import walk_matrix
from analysis.bundling.locks.index import NO_LOCKS, IndexedLocks
from analysis.bundling.model.adjacency import Adjacency
from analysis.bundling.model.objectives import ObjectiveSpec, objectives_of
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.sizes import UNBOUNDED
from analysis.bundling.solver.base.subproblem import IMPOSSIBLE, assignment_costs
from analysis.bundling.solver.kernels.anneal_led_areas import APART, JOINED, LED, TOGETHER, LedAreaData, LedAreaPrices

UNLED_M = 10_000
"""Household-metres that a household without a leader costs in the search, where areas are cheap."""

LEFT_OVER_TIMES = 2
"""How many times dearer it is to be in no area."""

OUTSIDE_M = 900_000
"""Household-metres that an area outside its preferred window costs in the search, at most: more, and the
search climbs over no such area on its way to a better plan."""

LOCKED_FIRST = 10**9
"""Households that stand for a lock where it is decided who is given a leader first."""

_KINDS = {"together": TOGETHER, "joined": JOINED, "apart": APART}


@dataclass(frozen=True, eq=False)
class LedAreaPart:
    """Units that can only share areas with each other.

    Parameters
    ----------
    units
        (n,) positions in the problem, ascending.
    anchors
        (m,) numbers of the anchors among them in `Problem.anchors`, ascending.
    is_target
        (n,) bool: who asks for an area; in the search so does whoever is locked into one.
    data, prices
        What the search is given.
    outside_first_m
        Household-metres that an area outside its preferred window costs where the best is judged.
    """

    units: np.ndarray
    anchors: np.ndarray
    is_target: np.ndarray
    data: LedAreaData
    prices: LedAreaPrices
    outside_first_m: int

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.units)


def split_led_areas(problem: Problem, capacity: np.ndarray, locks: IndexedLocks = NO_LOCKS) -> tuple[LedAreaPart, ...]:
    """Parts in which an area is possible and asked for, in order of their first unit.

    Parameters
    ----------
    problem
        Of mode "area".
    capacity
        (m,) int, m²: the most each anchor of the problem may lead.
    locks
        Units of areas that stay as they are belong to no part; neither do units held out.
    """
    is_free = np.ones(problem.n_units, dtype=bool)
    for kept in locks.kept:
        is_free[kept.members] = False
    is_free[list(locks.held)] = False
    return tuple(
        _part(problem, units, capacity, locks)
        for units in find_components(problem.adjacency, np.flatnonzero(is_free))
        if problem.is_target[units].any() and all(size.weight[units].sum() >= size.lower for size in problem.sizes)
    )


def find_components(adjacency: Adjacency, units: np.ndarray) -> list[np.ndarray]:
    """Connected components among some units, each ascending, by first unit.

    Parameters
    ----------
    adjacency
        Neighbours among all units.
    units
        (k,) positions, ascending.
    """
    return [np.array(piece, dtype=np.int64) for piece in adjacency.pieces(units)]


def search_prices(problem: Problem) -> tuple[LedAreaPrices, int]:
    """What the search pays for each level, and what an area outside its window costs where plans are compared.

    Parameters
    ----------
    problem
        Of mode "area".
    """
    spec = objectives_of(problem.rules)
    area_m = spec.objective().area_m
    unled_m = UNLED_M + area_m // 20  # as much dearer as areas are: a level above stays above
    outside_m = _price_if_named(spec, "window")
    prices = LedAreaPrices(
        left_over=LEFT_OVER_TIMES * unled_m,
        unled=unled_m,
        outside=min(outside_m, OUTSIDE_M + area_m),
        area=area_m,
        led_by_old=min(_price_if_named(spec, "new_leads_old"), unled_m // 2),
        broken=100 * unled_m,
        moved=problem.move_m if problem.start_of is not None else 0,
    )
    return prices, outside_m


def _price_if_named(spec: ObjectiveSpec, name: str) -> int:
    return spec.price_m(name) if name in spec.names else 0


def _part(problem: Problem, units: np.ndarray, capacity: np.ndarray, locks: IndexedLocks) -> LedAreaPart:
    """The part that some units make up."""
    require_memory(len(units))
    if problem.asks_leader is None or problem.is_old is None:
        raise ValueError("not a problem of mode 'area'")
    anchors = np.flatnonzero(np.isin(problem.anchors, units))
    places = np.searchsorted(units, problem.anchors[anchors])
    anchor = np.full(len(units), -1, dtype=np.int64)
    anchor[places] = np.arange(len(places))
    links = _neighbours_among(problem, units)
    walks = problem.walks[units][:, units].toarray()
    rules = problem.rules
    floor_m2 = problem.load if problem.grounds_m2 is None else np.rint(problem.grounds_m2[:, 0])
    prices, outside_first_m = search_prices(problem)
    is_locked = np.isin(units, [unit for unit, _ in locks.led_by])
    # Whoever is locked into an area asks for one in the search, though nothing else asks it to.
    is_wanted = np.isin(units, [constraint.a for constraint in locks.pair_constraints if constraint.kind == "joined"])
    data = LedAreaData(
        indptr=links.indptr.astype(np.int64),
        indices=links.indices.astype(np.int64),
        households=problem.households[units],
        load=problem.load[units],
        floor_m2=floor_m2[units].astype(np.int64),
        weights=np.array([size.weight[units] for size in problem.sizes], dtype=np.int64),
        lower=np.array([size.lower for size in problem.sizes], dtype=np.int64),
        upper=np.array([_most(size.upper) for size in problem.sizes], dtype=np.int64),
        metres=walk_matrix(problem, units, units),
        is_within_reach=((walks > 0) & (walks <= rules.reach_m)) | np.eye(len(units), dtype=bool),
        asks_area=problem.is_target[units] | is_wanted,
        asks_leader=problem.asks_leader[units],
        anchor=anchor,
        capacity=capacity[anchors],
        cost=leading_costs(problem, anchors, units, locks),
        is_old=problem.is_old[problem.anchors[anchors]],
        least_members=rules.preferred_members[0],
        most_members=rules.preferred_members[1],
        least_floor_m2=rules.preferred_floor_area_m2[0],
        most_floor_m2=rules.preferred_floor_area_m2[1],
        pairs=_pairs_among(units, locks),
        priority=problem.households[units] + LOCKED_FIRST * is_locked,
        links_m=links.data - 1,
        home=np.full(len(units), -1, dtype=np.int64) if problem.start_of is None else problem.start_of[units],
    )
    return LedAreaPart(units, anchors, problem.is_target[units], data, prices, outside_first_m)


def leading_costs(
    problem: Problem, anchors: Sequence[int] | np.ndarray, units: np.ndarray, locks: IndexedLocks = NO_LOCKS
) -> np.ndarray:
    """(m, n) int64 household-metres of each unit with each anchor that may lead it, −1 = it may not.

    Parameters
    ----------
    problem
        Of mode "area".
    anchors
        (m,) numbers in `Problem.anchors`.
    units
        (n,) positions, ascending.
    locks
        What is settled of who leads whom.
    """
    at = problem.anchors[np.asarray(anchors, dtype=np.int64)]
    cost = assignment_costs(problem, at, units)
    for k, unit in enumerate(at.tolist()):
        if unit in locks.leads_nobody:
            cost[k] = IMPOSSIBLE
    place = {int(unit): column for column, unit in enumerate(units.tolist())}
    row = {int(unit): k for k, unit in enumerate(at.tolist())}
    for unit, leader in locks.led_by:
        if unit in place:
            others = np.arange(len(at)) != row.get(leader, -1)
            cost[others, place[unit]] = IMPOSSIBLE
    for unit, leader in locks.not_led_by:
        if unit in place and leader in row:
            cost[row[leader], place[unit]] = IMPOSSIBLE
    return cost


def _neighbours_among(problem: Problem, units: np.ndarray) -> csr_array:
    """Links among some units, ascending in each row, each with one more than what parting it costs: none is 0."""
    costs = cut_edge_costs_m(problem) + 1
    links = csr_array((costs, problem.indices, problem.indptr), shape=(problem.n_units, problem.n_units))
    links = links[units][:, units].tocsr()
    links.sort_indices()
    return links


def _pairs_among(units: np.ndarray, locks: IndexedLocks) -> np.ndarray:
    """(p, 3) int64: locks between two units of a part; where one is elsewhere the other joins nothing here."""
    place = {int(unit): k for k, unit in enumerate(units.tolist())}
    rows = [
        (place[constraint.a], place[constraint.b], _KINDS[constraint.kind])
        for constraint in locks.pair_constraints
        if constraint.a in place and constraint.b in place
    ]
    rows += [(place[unit], place[leader], LED) for unit, leader in locks.led_by if unit in place and leader in place]
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


def _most(upper: int | None) -> int:
    return UNBOUNDED if upper is None else upper


def place_labels(parts: Iterable[tuple[LedAreaPart, np.ndarray]], n_units: int) -> np.ndarray:
    """(n,) int64: area of each unit of the problem, numbered from 0 in the parts' order, −1 = none.

    Parameters
    ----------
    parts
        Each with labels of its units.
    n_units
        Units of the problem.
    """
    area_of, n_areas = np.full(n_units, -1, dtype=np.int64), 0
    for part, labels in parts:
        numbers, inverse = np.unique(labels, return_inverse=True)
        is_in = labels >= 0
        area_of[part.units[is_in]] = n_areas + inverse[is_in] - int(numbers[0] < 0 if len(numbers) else 0)
        n_areas += int((numbers >= 0).sum())
    return area_of
