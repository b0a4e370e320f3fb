"""Capacitated assignment of units to anchors: the MIP, its cuts, and its transportation relaxation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import csr_array

from analysis.bundling.solver.base.evaluate import evaluate
from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.base.work_log import ENDLESS, TimeLimit
from analysis.bundling.solver.models.branch_and_cut import solve_by_branch_and_cut
from analysis.bundling.solver.models.mip import INFINITY, LinearRow, MipModel
from analysis.bundling.solver.models.separators import Separator


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
        if part.stage == "whole":
            worth = evaluate(part, labels)
            left = worth.left_over_households
            return worth.household_metres + self.area * worth.n_areas + (left * self.left_over if left else 0.0)
        own = part.anchors[labels] == np.arange(part.n_units)
        taken = np.flatnonzero((labels >= 0) & (part.may_close | ~own))
        cost = float(part.cost[labels[taken], taken].sum())
        if self.area or part.opening.any():
            cost += float((part.opening[np.unique(labels[taken])] + self.area).sum())
        people = float(part.households[labels < 0].sum())
        return cost + (people * self.left_over if people else 0.0)


@dataclass(frozen=True, eq=False)
class AssignmentSolution:
    """What the model says.

    Parameters
    ----------
    labels
        (n,) the anchor with the largest share of each unit, −1 = the largest is left over, or nobody
        has any; None = none found.
    bound
        No labels cost less.
    is_proven
        Whether both are final.
    opened
        (m,) bool: anchors open; all where they are no decision of the model.
    """

    labels: np.ndarray | None
    bound: float
    is_proven: bool
    opened: np.ndarray


@dataclass(frozen=True, eq=False)
class TransportRelaxation:
    """The linear relaxation's answer: units may be split, areas may fall apart.

    Parameters
    ----------
    reduced
        (m, n) float: how much a pair costs above the best, ∞ where it is not allowed.
    prices
        (n,) what serving a unit costs at the margin.
    labels
        (n,) the anchor that serves the largest share of each unit, −1 = the largest is left over.
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


Opening = Literal["integer", "continuous", "fixed"]
"""Whether an anchor is open: a decision, a decision that may be taken in part, or always."""


class AssignmentMip:
    """Capacitated assignment of units i to anchors j with shares x, left over l, open y.

    min Σ cost x + Σ price l + Σ (opening + area) y, with Σ_j x_ij + l_i = 1, Σ_i load_i x_ij ≤ capacity_j y_j and
    x_ij ≤ y_j; an anchor that may be closed serves itself without load where it is open.

    Parameters
    ----------
    part
        Of stage "lead".
    may
        (m, n) bool: pairs the model may choose.
    may_leave
        (n,) bool: units that may be left over.
    costs
        Prices.
    units
        (n,) bool: who is to be served; None = everyone but anchors that always lead.
    relax
        Whether units may be split: x is continuous.
    opening
        What y is. Where no area has a price and no anchor may be closed, "integer" is "fixed".
    lazy_connectivity
        Given labels: separators of pieces that are apart from their area. Labels that have any are no
        solution, and the model is solved again; None = areas need not be connected.
    options
        Of HiGHS, by name.
    """

    def __init__(
        self,
        part: Subproblem,
        may: np.ndarray,
        may_leave: np.ndarray,
        costs: PlanCosts,
        *,
        units: np.ndarray | None = None,
        relax: bool = False,
        opening: Opening = "integer",
        lazy_connectivity: Callable[[np.ndarray], Sequence[Separator]] | None = None,
        **options: bool | int | float | str,
    ) -> None:
        self._part, self._separate = part, lazy_connectivity
        served = np.ones(part.n_units, dtype=bool) if units is None else units.copy()
        served[part.anchors] &= part.may_close
        if relax:
            self._anchor_of, self._unit_of = np.nonzero(may & served)  # by anchor
        else:
            self._unit_of, self._anchor_of = np.nonzero((may & served).T)  # by unit
        self._leaving = np.flatnonzero(served & may_leave)
        self._units = np.flatnonzero(served)
        n_pairs = len(self._unit_of)
        self._column = np.full(part.cost.shape, -1, dtype=np.int64)
        self._column[self._anchor_of, self._unit_of] = np.arange(n_pairs)
        self._left = np.full(part.n_units, -1, dtype=np.int64)
        self._left[self._leaving] = n_pairs + np.arange(len(self._leaving))
        self._door = n_pairs + len(self._leaving) + np.arange(len(part.anchors))
        self._has_doors = opening == "continuous" or (
            opening == "integer" and (part.may_close or costs.area > 0 or bool(part.opening.any()))
        )
        pairs = part.cost[self._anchor_of, self._unit_of].astype(float)
        people = part.households[self._leaving]
        cost = [pairs, people * (costs.left_over if np.isfinite(costs.left_over) else 0.0)]
        if self._has_doors:
            cost.append(part.opening + costs.area)
        usual = np.median if relax else np.mean
        self._scale = max(1.0, float(usual(np.abs(pairs)))) if n_pairs else 1.0
        self._cost = np.concatenate(cost) / self._scale
        self._n_columns = len(self._cost)
        whole = np.zeros(self._n_columns, dtype=bool)
        whole[:n_pairs] = not relax
        whole[n_pairs + len(self._leaving) :] = opening == "integer"
        self._model = MipModel(self._cost, np.ones(self._n_columns), whole, **options)
        self._add_rows(serves_itself=opening == "integer")

    @property
    def n_pairs(self) -> int:
        """Pairs to choose from."""
        return len(self._unit_of)

    def _add_rows(self, *, serves_itself: bool) -> None:
        part = self._part
        place = np.full(part.n_units, -1, dtype=np.int64)
        place[self._units] = np.arange(len(self._units))
        pairs = np.arange(self.n_pairs)
        rows = np.concatenate([place[self._unit_of], place[self._leaving]])
        columns = np.concatenate([pairs, self._left[self._leaving]])
        ones = np.ones(len(self._units))
        self._add_matrix(rows, columns, np.ones(len(rows)), ones, ones)
        load, room = self._loads().astype(float), part.capacity.astype(float)
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
        is_own = part.anchors[self._anchor_of] == self._unit_of
        floor = np.where(is_own & serves_itself, 0.0, -INFINITY)
        self._add_matrix(
            np.concatenate([pairs, pairs]),
            np.concatenate([pairs, self._door[self._anchor_of]]),
            np.concatenate([np.ones(len(pairs)), -np.ones(len(pairs))]),
            floor,
            np.zeros(len(pairs)),
        )
        owned = np.zeros(m, dtype=bool)
        owned[self._anchor_of[is_own]] = True
        if serves_itself and part.may_close and not owned.all():  # one that may not serve itself stays closed
            closed = self._door[~owned]
            none = np.zeros(len(closed))
            self._add_matrix(np.arange(len(closed)), closed, np.ones(len(closed)), none, none)

    def _loads(self) -> np.ndarray:
        """What each pair takes of its anchor's capacity; an anchor takes nothing of its own."""
        is_own = self._part.anchors[self._anchor_of] == self._unit_of
        return np.where(is_own, 0, self._part.load[self._unit_of])

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

    def require_room(self, share: float) -> None:
        """Open anchors whose room, their own load apart, exceeds all load by a share of it."""
        room = (self._part.capacity + self._part.load[self._part.anchors]).astype(float)
        self._model.add([LinearRow(self._door, room, (1 + share) * float(self._part.load.sum()), INFINITY)])

    def forbid_choice(self, opened: np.ndarray) -> None:
        """Look for another choice of open anchors than this one (a no-good cut).

        Parameters
        ----------
        opened
            (m,) bool.
        """
        self._model.add([LinearRow(self._door, np.where(opened, 1.0, -1.0), -INFINITY, float(opened.sum()) - 1.0)])

    def add_cuts(self, cuts: Iterable[Separator]) -> None:
        """Forbid what was found disconnected."""
        self._model.add(list(self._rows_of(cuts)))

    def _rows_of(self, cuts: Iterable[Separator]) -> Iterator[LinearRow]:
        for anchor, unit, between in cuts:
            column = int(self._column[anchor, unit])
            if column < 0:
                continue
            others = self._column[anchor, list(between)]
            others = others[others >= 0].tolist()
            yield LinearRow([column, *others], [1.0, *[-1.0] * len(others)], -INFINITY, 0.0)

    def solve(
        self,
        start: np.ndarray | None = None,
        *,
        has_time: TimeLimit = ENDLESS,
        nodes: int | None = None,
        rounds: int | None = None,
    ) -> AssignmentSolution:
        """The best labels found, and what no labels can do better than.

        Parameters
        ----------
        start
            (n,) labels the search begins with, connected where areas are to be, or None.
        has_time
            For all of it.
        nodes
            Of HiGHS, each time the model is solved; None = any number.
        rounds
            Times the model is solved at most with cuts of what came apart; None = any number.
        """
        point = None if start is None else self._point(start)
        if self._separate is None:
            found = self._model.solve(start=point, has_time=has_time, nodes=nodes)
        else:
            found = self._model.solve_lazily(self._cut, start=point, has_time=has_time, nodes=nodes, rounds=rounds)
        opened = np.ones(len(self._part.anchors), dtype=bool)
        if found.values is not None and self._has_doors:
            opened = found.values[self._door] > 0.5
        labels = None if found.values is None else self._labels(found.values)
        return AssignmentSolution(labels, found.bound * self._scale, found.is_proven, opened)

    def prove(
        self,
        separate: Callable[[np.ndarray, bool], Iterable[Separator]],
        has_time: TimeLimit,
        *,
        below: float,
        nodes: int | None = None,
    ) -> AssignmentSolution:
        """The best labels that cost less than `below`, and what no labels can do better than.

        Parameters
        ----------
        separate
            Given (m, n) how much of each unit each anchor has, and whether all is whole: separators that are
            violated; of whole points that are apart, at least one.
        has_time
            Asked in the nodes of the tree.
        below
            In the unit of `Subproblem.cost`.
        nodes
            Limit of branch and bound nodes; None = none.
        """

        def broken(values: np.ndarray, is_whole: bool) -> list[LinearRow]:
            return list(self._rows_of(separate(self._shares(values)[:-1], is_whole)))

        found = solve_by_branch_and_cut(self._model, broken, has_time, below=below / self._scale, nodes=nodes)
        opened = np.ones(len(self._part.anchors), dtype=bool)
        labels = None if found.values is None else self._labels(found.values)
        return AssignmentSolution(labels, min(found.bound * self._scale, below), found.is_proven, opened)

    def solve_relaxation(self) -> TransportRelaxation:
        """The solution of the linear programme; its parameters `relax` and `opening` leave nothing whole."""
        part, found = self._part, self._model.solve()
        duals = found.row_duals * self._scale
        n_units, m = len(self._units), len(part.anchors)
        prices = np.zeros(part.n_units)
        prices[self._units] = duals[:n_units]
        reduced = np.full(part.cost.shape, np.inf)
        served = part.cost[self._anchor_of, self._unit_of] - prices[self._unit_of]
        reduced[self._anchor_of, self._unit_of] = served - duals[n_units : n_units + m][self._anchor_of] * self._loads()
        if self._has_doors:
            reduced[self._anchor_of, self._unit_of] -= duals[n_units + m :]
        values = np.zeros(self._n_columns) if found.values is None else found.values
        left_over = float(self._shares(values)[m] @ part.households)
        return TransportRelaxation(reduced, prices, self._labels(values), left_over, found.bound * self._scale)

    def _cut(self, values: np.ndarray) -> bool:
        """Cut off labels whose areas are not connected; whether they were not."""
        cuts = self._separate(self._labels(values)) if self._separate else ()
        self.add_cuts(cuts)
        return bool(cuts)

    def _shares(self, values: np.ndarray) -> np.ndarray:
        """(m + 1, n) how much of each unit each anchor has, and how much is left over."""
        shares = np.zeros((len(self._part.anchors) + 1, self._part.n_units))
        shares[self._anchor_of, self._unit_of] = values[: self.n_pairs]
        shares[-1, self._leaving] = values[self._left[self._leaving]]
        return shares

    def _labels(self, values: np.ndarray) -> np.ndarray:
        """(n,) the anchor with the largest share of each unit, −1 = the largest is left over, or none is."""
        m, shares = len(self._part.anchors), self._shares(values)
        labels = np.where(shares.max(axis=0) > 0, shares.argmax(axis=0), m)
        labels[labels == m] = -1
        if not self._part.may_close:
            labels[self._part.anchors] = np.arange(m)
        return labels

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


def solve_transport_relaxation(part: Subproblem, left_over: float, area: float = 0.0) -> TransportRelaxation:
    """Solve the relaxation, a household in no area at price `left_over`, an area at price `area`.

    Parameters
    ----------
    part
        Of stage "lead".
    left_over, area
        Household-metres.
    """
    model = AssignmentMip(
        part,
        part.cost >= 0,
        np.ones(part.n_units, dtype=bool),
        PlanCosts(left_over, area),
        units=part.may_close | (part.households > 0) | (part.load > 0),
        relax=True,
        opening="continuous" if (part.opening + area).any() else "fixed",
    )
    return model.solve_relaxation()


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
