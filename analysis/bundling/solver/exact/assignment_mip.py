"""Capacitated assignment of units to anchors: the MIP, its cuts, and its transportation relaxation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.exact.mip import INFINITY, LinearRow, MipModel
from analysis.bundling.solver.exact.separators import Separator


@dataclass(frozen=True)
class PlanCosts:
    """What the parts of a plan's cost weigh, in the unit of `Subproblem.cost`.

    Parameters
    ----------
    left_over
        Price of a household in no area; ∞ = nobody may be left over.
    area
        Price of an area, besides its anchor's opening.
    """

    left_over: float
    area: float

    def of(self, part: Subproblem, labels: np.ndarray) -> float:
        """What sound labels of a part cost.

        Parameters
        ----------
        part
            The subproblem.
        labels
            (n,) int: area of each unit, −1 = left over.
        """
        own = part.anchors[labels] == np.arange(part.n_units)
        taken = np.flatnonzero((labels >= 0) & (part.may_close | ~own))
        cost = float(part.cost[labels[taken], taken].sum())
        if self.area or part.opening.any():
            cost += float((part.opening[np.unique(labels[taken])] + self.area).sum())
        people = float(part.households[labels < 0].sum())
        return cost + (people * self.left_over if people else 0.0)


@dataclass(frozen=True, eq=False)
class AssignmentSolution:
    """What the exact model says: labels (None = none found), a bound, whether both are final."""

    labels: np.ndarray | None
    bound: float
    is_proven: bool


class AssignmentMip:
    """The exact model of a part of stage "lead", without connection until cuts ask for it.

    Parameters
    ----------
    part
        What is given.
    may
        (m, n) bool: pairs the model may choose.
    may_leave
        (n,) bool: units that may be left over.
    costs
        Prices.
    """

    def __init__(self, part: Subproblem, may: np.ndarray, may_leave: np.ndarray, costs: PlanCosts) -> None:
        self._part, self._costs = part, costs
        served = np.ones(part.n_units, dtype=bool)
        served[part.anchors] = part.may_close
        self._unit_of, self._anchor_of = np.nonzero((may & served).T)  # by unit
        self._leaving = np.flatnonzero(served & may_leave)
        self._units = np.flatnonzero(served)
        n_pairs = len(self._unit_of)
        self._column = np.full(part.cost.shape, -1, dtype=np.int64)
        self._column[self._anchor_of, self._unit_of] = np.arange(n_pairs)
        self._left = np.full(part.n_units, -1, dtype=np.int64)
        self._left[self._leaving] = n_pairs + np.arange(len(self._leaving))
        self._door = n_pairs + len(self._leaving) + np.arange(len(part.anchors))
        self._has_doors = part.may_close or costs.area > 0 or bool(part.opening.any())
        pairs = part.cost[self._anchor_of, self._unit_of].astype(float)
        self._scale = max(1.0, float(np.abs(pairs).mean())) if n_pairs else 1.0
        people = part.households[self._leaving]
        cost = [pairs, people * (costs.left_over if np.isfinite(costs.left_over) else 0.0)]
        if self._has_doors:
            cost.append(part.opening + costs.area)
        whole = np.ones(sum(map(len, cost)), dtype=bool)
        whole[self._left[self._leaving]] = False
        self._n_columns = len(whole)
        self._cost = np.concatenate(cost) / self._scale
        self._model = MipModel(self._cost, np.ones(len(whole)), whole)
        self._add_rows()

    @property
    def n_pairs(self) -> int:
        """Pairs to choose from."""
        return len(self._unit_of)

    def _add_rows(self) -> None:
        part = self._part
        place = np.full(part.n_units, -1, dtype=np.int64)
        place[self._units] = np.arange(len(self._units))
        pairs = np.arange(self.n_pairs)
        rows = np.concatenate([place[self._unit_of], place[self._leaving]])
        columns = np.concatenate([pairs, self._left[self._leaving]])
        ones = np.ones(len(self._units))
        self._add_matrix(rows, columns, np.ones(len(rows)), ones, ones)
        is_own = part.anchors[self._anchor_of] == self._unit_of
        load = np.where(is_own, 0, part.load[self._unit_of]).astype(float)
        room = part.capacity.astype(float)
        m = len(room)
        if not self._has_doors:
            self._add_matrix(self._anchor_of, pairs, load, np.full(m, -INFINITY), room)
            return
        self._add_matrix(
            np.concatenate([self._anchor_of, np.arange(m)]),
            np.concatenate([pairs, self._door]),
            np.concatenate([load, -room]),
            np.full(m, -INFINITY),
            np.zeros(m),
        )
        floor = np.where(is_own, 0.0, -INFINITY)  # an open anchor serves itself
        self._add_matrix(
            np.concatenate([pairs, pairs]),
            np.concatenate([pairs, self._door[self._anchor_of]]),
            np.concatenate([np.ones(len(pairs)), -np.ones(len(pairs))]),
            floor,
            np.zeros(len(pairs)),
        )
        owned = np.zeros(m, dtype=bool)
        owned[self._anchor_of[is_own]] = True
        if part.may_close and not owned.all():  # one that may not serve itself stays closed
            closed = self._door[~owned]
            none = np.zeros(len(closed))
            self._add_matrix(np.arange(len(closed)), closed, np.ones(len(closed)), none, none)

    def _add_matrix(
        self, rows: np.ndarray, columns: np.ndarray, values: np.ndarray, lower: np.ndarray, upper: np.ndarray
    ) -> None:
        shape = (len(lower), self._n_columns)
        matrix = csr_array((values, (rows, columns)), shape=shape)
        self._model.add_matrix(matrix, lower, upper)

    def forbid_above(self, cost: float) -> None:
        """Look for labels that cost no more.

        Where there are none, that is seen long before the best of those that cost more is found.
        """
        columns = np.flatnonzero(self._cost)
        most = cost / self._scale
        self._model.add([LinearRow(columns, self._cost[columns], -INFINITY, most)])

    def add_cuts(self, cuts: Iterable[Separator]) -> None:
        """Forbid what was found disconnected."""
        rows = []
        for anchor, unit, between in cuts:
            column = int(self._column[anchor, unit])
            if column < 0:
                continue
            others = self._column[anchor, list(between)]
            others = others[others >= 0].tolist()
            values = [1.0, *[-1.0] * len(others)]
            rows.append(LinearRow([column, *others], values, -INFINITY, 0.0))
        self._model.add(rows)

    def solve(
        self, start: np.ndarray | None, *, seconds: float = INFINITY, nodes: int | None = None
    ) -> AssignmentSolution:
        """The best labels found, connected or not, and what no labels can do better than.

        Parameters
        ----------
        start
            (n,) labels the search begins with, or None.
        """
        if start is not None:
            self._model.start_from(self._point(start))
        answer = self._model.solve(seconds=seconds, nodes=nodes)
        bound = answer.bound * self._scale
        if answer.values is None:
            return AssignmentSolution(None, bound, answer.is_proven)
        labels = np.full(self._part.n_units, -1, dtype=np.int64)
        if not self._part.may_close:
            labels[self._part.anchors] = np.arange(len(self._part.anchors))
        taken = np.flatnonzero(answer.values[: self.n_pairs] > 0.5)
        labels[self._unit_of[taken]] = self._anchor_of[taken]
        return AssignmentSolution(labels, bound, answer.is_proven)

    def _point(self, labels: np.ndarray) -> np.ndarray:
        """Labels as a point of the model."""
        point = np.zeros(self._n_columns)
        now = labels[self._units]
        column = np.where(now >= 0, self._column[now, self._units], self._left[self._units])
        point[column[column >= 0]] = 1.0
        if self._has_doors:
            chosen = np.flatnonzero(point[: self.n_pairs])
            point[self._door[np.unique(self._anchor_of[chosen])]] = 1.0
        return point


@dataclass(frozen=True, eq=False)
class TransportRelaxation:
    """The relaxation's answer: units may be split, areas may fall apart.

    Parameters
    ----------
    reduced
        (m, n) float: how much a pair costs above the best, ∞ where it is not allowed.
    prices
        (n,) what serving a unit costs at the margin.
    labels
        (n,) the anchor that serves the largest share of each unit, −1 = the largest is left over;
        −1 for anchors that always lead.
    left_over
        Households left over, parts of units among them.
    bound
        No plan costs less, left-over households at the given price.
    """

    reduced: np.ndarray
    prices: np.ndarray
    labels: np.ndarray
    left_over: float
    bound: float


def solve_transport_relaxation(part: Subproblem, left_over: float, area: float = 0.0) -> TransportRelaxation:
    """Solve the relaxation, a household in no area at price `left_over`, an area at price `area`.

    Parameters
    ----------
    part
        Of stage "lead".
    left_over, area
        Household-metres.
    """
    anchor, unit = np.nonzero(part.cost >= 0)
    served = part.may_close | (part.households > 0) | (part.load > 0)
    served[part.anchors] &= part.may_close
    keep = served[unit]
    anchor, unit = anchor[keep], unit[keep]
    units = np.flatnonzero(served)
    m, n_pairs = len(part.anchors), len(unit)
    opening = part.opening + area
    doors = bool(opening.any())
    cost = np.concatenate(
        [
            part.cost[anchor, unit].astype(float),
            part.households[units] * left_over,
            opening.astype(float) if doors else np.zeros(0),
        ]
    )
    scale = max(1.0, float(np.median(cost[:n_pairs])) if n_pairs else 1.0)
    model = MipModel(cost / scale, np.ones(len(cost)), np.zeros(len(cost), dtype=bool))
    place = np.full(part.n_units, -1)
    place[units] = np.arange(len(units))
    by_unit = _positions_by_key(place[unit], len(units))
    model.add(
        [LinearRow([*columns, n_pairs + k], np.ones(len(columns) + 1), 1.0, 1.0) for k, columns in enumerate(by_unit)]
    )
    door = n_pairs + len(units)
    rows = []
    for j, columns in enumerate(_positions_by_key(anchor, m)):
        loads = np.where(unit[columns] == part.anchors[j], 0.0, part.load[unit[columns]])
        room = float(part.capacity[j])
        if doors:
            rows.append(LinearRow([*columns, door + j], [*loads, -room], -INFINITY, 0.0))
        else:
            rows.append(LinearRow(columns, loads, -INFINITY, room))
    model.add(rows)
    if doors:
        model.add([LinearRow([c, door + anchor[c]], [1.0, -1.0], -INFINITY, 0.0) for c in range(n_pairs)])
    answer = model.solve()
    reduced = np.full(part.cost.shape, np.inf)
    prices = np.zeros(part.n_units)
    duals = answer.row_duals * scale
    prices[units] = duals[: len(units)]
    loads = np.where(unit == part.anchors[anchor], 0, part.load[unit])
    reduced[anchor, unit] = cost[:n_pairs] - prices[unit] - duals[len(units) : len(units) + m][anchor] * loads
    if doors:
        reduced[anchor, unit] -= duals[len(units) + m :]
    share = np.zeros((m + 1, part.n_units))
    share[m, units] = 1.0
    if answer.values is not None:
        share[anchor, unit] = answer.values[:n_pairs]
        share[m, units] = answer.values[n_pairs : n_pairs + len(units)]
    labels = np.where(share.max(axis=0) > 0, share.argmax(axis=0), m)
    labels[labels == m] = -1
    left_over = float(share[m] @ part.households)
    return TransportRelaxation(reduced, prices, labels, left_over, answer.bound * scale)


def promising_pairs(found: TransportRelaxation, per_unit: float) -> np.ndarray:
    """(m, n) bool: the pairs of least reduced cost, `per_unit` of them a unit on average.

    Units deep inside one area keep a single pair, those between areas several.

    Parameters
    ----------
    found
        The transportation relaxation.
    per_unit
        Pairs a unit on average.
    """
    finite = np.sort(found.reduced[np.isfinite(found.reduced)])
    if len(finite) == 0:
        return np.zeros(found.reduced.shape, dtype=bool)
    count = min(len(finite), int(per_unit * len(found.prices)) + 1)
    return found.reduced <= finite[count - 1]


def _positions_by_key(keys: np.ndarray, count: int) -> list[np.ndarray]:
    """Positions of each key 0..count-1."""
    order = np.argsort(keys, kind="stable")
    return np.split(order, np.cumsum(np.bincount(keys, minlength=count))[:-1])
