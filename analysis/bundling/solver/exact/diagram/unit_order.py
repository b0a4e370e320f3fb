"""In which order units come into a diagram: few of them have neighbours still to come at any time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.bundling.model.adjacency import Adjacency
from analysis.bundling.solver.kernels.partition_diagram import MOST_FRONTIER

STATES_A_UNIT = 3.0
"""By how much each unit of the frontier multiplies the states, about; orders are compared by it."""

MOST_STARTS = 128
"""Units that an order is begun from."""


@dataclass(frozen=True, eq=False)
class Arrival:
    """A unit that comes, and the frontier it comes to.

    Parameters
    ----------
    unit
        The unit.
    frontier
        (f,) int64 units that came before and had neighbours to come, in the order of their coming.
    joined
        (e,) int64 positions in it of the unit's neighbours.
    leaves
        (f + 1,) bool: of them and of the unit, who has no neighbours to come any more.
    """

    unit: int
    frontier: np.ndarray
    joined: np.ndarray
    leaves: np.ndarray


def order_units(adjacency: Adjacency) -> list[Arrival] | None:
    """Units of a graph in an order of narrow frontiers.

    From each unit in turn the next is always one that leaves the smallest frontier, and of those the neighbour of
    whoever waits longest; the best of these orders counts.

    Parameters
    ----------
    adjacency
        Neighbours.

    Returns
    -------
    None where every frontier found is wider than `MOST_FRONTIER` somewhere.
    """
    near = [set(adjacency.row(unit).tolist()) for unit in range(adjacency.n_units)]
    best: list[int] | None = None
    fewest = float("inf")
    for start in range(0, len(near), -(-len(near) // MOST_STARTS)):
        found = _grow(near, start, fewest)
        if found is not None:
            fewest, best = found
    return None if best is None else list(_arrivals(near, best))


def _grow(near: list[set[int]], start: int, below: float) -> tuple[float, list[int]] | None:
    """An order from a unit and its states, about; None where these are not fewer than known."""
    order, frontier, to_come = [start], {start}, [len(of) for of in near]
    came, states = {start: 0}, 0.0
    for i in near[start]:
        to_come[i] -= 1

    def width(unit: int) -> int:
        """Units in the frontier after it, compared to before."""
        return (to_come[unit] > 0) - sum(to_come[i] == 1 for i in near[unit] if i in frontier)

    while len(order) < len(near):
        next_units = {i for unit in frontier for i in near[unit]} - came.keys() or set(range(len(near))) - came.keys()
        waiting = {one: min((came[i] for i in near[one] if i in came), default=0) for one in next_units}
        unit = min(next_units, key=lambda one: (width(one), waiting[one], one))
        came[unit] = len(order)
        order.append(unit)
        for i in near[unit]:
            to_come[i] -= 1
        frontier = {i for i in frontier | {unit} if to_come[i] > 0}
        states += STATES_A_UNIT ** len(frontier)
        if len(frontier) > MOST_FRONTIER or states >= below:
            return None
    return states, order


def _arrivals(near: list[set[int]], order: list[int]) -> list[Arrival]:
    frontier: list[int] = []
    came: set[int] = set()
    found = []
    for unit in order:
        joined = np.array([p for p, other in enumerate(frontier) if other in near[unit]], dtype=np.int64)
        came.add(unit)
        members = [*frontier, unit]
        leaves = np.array([near[one] <= came for one in members])
        found.append(Arrival(unit, np.array(frontier, dtype=np.int64), joined, leaves))
        frontier = [one for one, is_gone in zip(members, leaves.tolist(), strict=True) if not is_gone]
    return found
