"""Areas with leaders inside as a linear model of one component of neighbours: relaxed, or whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array

from analysis.bundling.led_areas.leaders import find_pairs
from analysis.bundling.model.problem import Problem
from analysis.bundling.solver.models.mip import INFINITY, LinearRow, MipModel, MipSolution

LEAST_CUT = 0.02
"""How far a leading must be from being inside areas for a row against it."""

CUT_ROUNDS = 10
"""Times that such rows are added to a relaxation at most."""


@dataclass(frozen=True)
class LevelPrices:
    """What a plan of a component pays.

    Parameters
    ----------
    left_over, not_led
        For a household that asks for an area and has none, and for one that asks for a leader and has none.
    area, outside
        For an area, and for one outside its preferred window (R31).
    metres
        For a household-metre.
    companies
        (c,) for each m² that a company takes on; None = nothing.
    """

    left_over: float = 0.0
    not_led: float = 0.0
    area: float = 0.0
    outside: float = 0.0
    metres: float = 0.0
    companies: np.ndarray | None = None


class AreaModel:
    """A plan of a component; each area is known by its middle c, the medoid.

    s_ic: unit i is in the area of c and led by nobody; t_ic: it is, and is led; y_ia: anchor a leads it; o_c: the
    area is outside its preferred window. An area is there where its middle is in it. Units that nobody leads
    are within reach of the middle, sizes are between least and most, Σ_a y_ia = Σ_c t_ic, and leading is inside
    an area: y_ia ≤ Σ_c min(t_ic, s_ac + t_ac). Of these last rows, of those of connection (a unit away from the
    middle has a neighbour in its area, a piece one around it), and of those by which the middle is the member with
    the least household-metres, such are added as a point breaks (lazy constraints).

    Parameters
    ----------
    problem
        Of mode "area".
    units
        (n,) positions of a component, ascending.
    relax
        Whether units may be split.
    must_place
        Whether everybody who asks for an area is to be in one.
    """

    def __init__(self, problem: Problem, units: np.ndarray, *, relax: bool = False, must_place: bool = False) -> None:
        self._problem, self._units, n = problem, units, len(units)
        self._place = np.full(problem.n_units, -1, dtype=np.int64)
        self._place[units] = np.arange(n)
        self._pairs = find_pairs(problem, np.where(self._place >= 0, 0, -1))
        self._led = self._place[self._pairs.unit]
        self._leader = self._place[problem.anchors[self._pairs.anchor]]
        self._walks = problem.walks[units][:, units].toarray().astype(float)
        self._walks[(self._walks == 0) & ~np.eye(n, dtype=bool)] = np.inf
        self._people = problem.households[units].astype(float)
        self._asks_area = problem.is_target[units]
        self._asks_leader = np.isin(np.arange(n), self._led)
        stay_unit, stay_middle = np.nonzero(self._walks <= problem.rules.reach_m)
        led_unit, led_middle = np.nonzero(np.repeat(self._asks_leader[:, None], n, axis=1))
        self._unit = np.concatenate([stay_unit, led_unit])
        self._middle = np.concatenate([stay_middle, led_middle])
        self._is_middle = self._unit == self._middle
        self._n_stays, n_in = len(stay_unit), len(self._unit)
        self._columns_at = np.full((2, n, n), -1, dtype=np.int64)
        self._columns_at[0, stay_unit, stay_middle] = np.arange(self._n_stays)
        self._columns_at[1, led_unit, led_middle] = np.arange(self._n_stays, n_in)
        self._lead = n_in + np.arange(len(self._led))
        self._outside = n_in + len(self._led) + np.arange(n)
        self._n_columns = n_in + len(self._led) + n
        whole = np.full(self._n_columns, not relax)
        self._model = MipModel(np.zeros(self._n_columns), np.ones(self._n_columns), whole)
        self._add_membership(must_place=must_place)
        self._add_leading()
        self._add_windows()
        self._model.add(list(self._neighbour_rows()))

    # --- rows that are there from the beginning -----------------------------------------------------

    def _add_membership(self, *, must_place: bool) -> None:
        n, unit, middle, inside = len(self._units), self._unit, self._middle, np.arange(len(self._unit))
        is_placed = np.where(self._asks_area & must_place, 1.0, 0.0)
        self._add(unit, inside, np.ones(len(unit)), is_placed, np.ones(n))
        self._model.add(
            [
                LinearRow([*own, *self._at(c, c)], [1.0] * len(own) + [-1.0] * len(self._at(c, c)), -INFINITY, 0.0)
                for i in range(n)
                for c in range(n)
                if i != c and len(own := self._at(i, c))
            ]
        )
        for size in self._problem.sizes:
            weight = size.weight[self._units].astype(float)[unit]
            if size.lower > 0:
                self._add(middle, inside, weight - size.lower * self._is_middle, np.zeros(n), np.full(n, INFINITY))
            if size.upper is not None:  # one unit alone may be above the most; the others are not, in all
                is_above, most = weight > size.upper, np.full(n, -INFINITY)
                self._add(
                    middle, inside, np.where(is_above, 0.0, weight) - size.upper * self._is_middle, most, np.zeros(n)
                )
                self._add(middle, inside, 1.0 * is_above - self._is_middle, most, np.zeros(n))
        asks = 1.0 * self._asks_area[unit]
        self._add(middle, inside, asks - self._is_middle, np.zeros(n), np.full(n, INFINITY))

    def _add_leading(self) -> None:
        problem, n, none = self._problem, len(self._units), np.zeros(len(self._units))
        load, inside = problem.load[self._units].astype(float), np.arange(len(self._unit))
        is_led = inside >= self._n_stays
        self._add(
            np.concatenate([self._led, self._unit[is_led]]),
            np.concatenate([self._lead, inside[is_led]]),
            np.concatenate([np.ones(len(self._led)), -np.ones(is_led.sum())]),
            none,
            none,
        )
        capacity = np.zeros(n)
        capacity[self._place[problem.anchors[self._pairs.anchor]]] = problem.capacity[self._pairs.anchor]
        self._add(
            np.concatenate([self._leader, self._unit]),
            np.concatenate([self._lead, inside]),
            np.concatenate([load[self._led], -capacity[self._unit]]),
            np.full(n, -INFINITY),
            none,
        )
        companies = problem.companies
        if companies is not None and len(self._led):
            of = companies.of_anchor[self._pairs.anchor]
            held, most = of >= 0, companies.allowance.astype(float)
            self._add(of[held], self._lead[held], load[self._led[held]], np.full(len(most), -INFINITY), most)

    def _add_windows(self) -> None:
        """o_c is 1 where the area of c has too few or too many members, or too little or too much floor area."""
        rules, n = self._problem.rules, len(self._units)
        grounds = self._problem.grounds_m2
        floor_m2 = (self._problem.load if grounds is None else grounds[:, 0])[self._units].astype(float)
        row, columns = (
            np.concatenate([self._middle, np.arange(n)]),
            np.append(np.arange(len(self._unit)), self._outside),
        )
        for weight, (least, most) in ((np.ones(n), rules.preferred_members), (floor_m2, rules.preferred_floor_area_m2)):
            below = np.append(weight[self._unit] - least * self._is_middle, np.full(n, float(least)))
            self._add(row, columns, below, np.zeros(n), np.full(n, INFINITY))
            above = np.append(weight[self._unit] - most * self._is_middle, np.full(n, -max(weight.sum() - most, 0.0)))
            self._add(row, columns, above, np.full(n, -INFINITY), np.zeros(n))

    def _neighbour_rows(self) -> Iterator[LinearRow]:
        """A unit that is not beside the middle is in an area with one of its neighbours."""
        for i, unit in enumerate(self._units.tolist()):
            near = self._place[self._problem.adjacency.row(unit)]
            near = near[near >= 0]
            for c in range(len(self._units)):
                if c != i and c not in near and len(self._at(i, c)):
                    yield self._joins_with(i, c, near)

    def _joins_with(self, unit: int, middle: int, others: Iterable[int]) -> LinearRow:
        """A unit is in the area of a middle only with one of some others."""
        own = self._at(unit, middle)
        beside = np.concatenate([np.zeros(0, dtype=np.int64), *(self._at(int(j), middle) for j in others)])
        return LinearRow([*own, *beside], [1.0] * len(own) + [-1.0] * len(beside), -INFINITY, 0.0)

    def _at(self, unit: int, middle: int) -> np.ndarray:
        """Columns that put a unit into the area of a middle: one or two, or none."""
        both = self._columns_at[:, unit, middle]
        return both[both >= 0]

    def _add(
        self, row: np.ndarray, column: np.ndarray, value: np.ndarray, lower: np.ndarray, upper: np.ndarray
    ) -> None:
        matrix = csr_array(coo_array((value, (row, column)), shape=(len(lower), self._n_columns)))
        matrix.eliminate_zeros()
        used = np.diff(matrix.indptr) > 0
        self._model.add_matrix(matrix[used], lower[used], upper[used])

    # --- what is asked of it ------------------------------------------------------------------------

    def require(self, *, most_left_over: int | None = None, least_led: int | None = None) -> None:
        """Demand no more households left over, or no fewer led.

        Parameters
        ----------
        most_left_over, least_led
            Households; None = nothing is demanded.
        """
        asked = np.flatnonzero(self._asks_area[self._unit])
        if most_left_over is not None:
            least_in = float(self._people[self._asks_area].sum()) - most_left_over
            self._model.add([LinearRow(asked, self._people[self._unit[asked]], least_in, INFINITY)])
        if least_led is not None:
            self._model.add([LinearRow(self._lead, self._people[self._led], float(least_led), INFINITY)])

    def solve_relaxed(self, prices: LevelPrices) -> MipSolution:
        """The best point of a model whose units may be split; no plan costs less than its bound.

        Parameters
        ----------
        prices
            What plans pay.
        """
        paid = self._set_prices(prices)
        solution = self._model.solve()
        for _ in range(CUT_ROUNDS):
            if solution.values is None or not self._separate_leading(solution.values):
                break
            solution = self._model.solve()
        return MipSolution(solution.values, solution.bound + paid, solution.is_proven, solution.row_duals)

    def solve(self, prices: LevelPrices, *, nodes: int | None = None, rounds: int | None = None) -> MipSolution:
        """The best plan, proven where `nodes` and `rounds` suffice; no plan costs less than its bound.

        Parameters
        ----------
        prices
            What plans pay.
        nodes, rounds
            See `MipModel.solve_lazily`.
        """
        paid = self._set_prices(prices)
        solution = self._model.solve_lazily(self._separate, nodes=nodes, rounds=rounds)
        return MipSolution(solution.values, solution.bound + paid, solution.is_proven, solution.row_duals)

    def read_labels(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(n,) the place of the middle of each unit's area, and of who leads it, of a whole point; −1 = none.

        Parameters
        ----------
        values
            As `solve` found them.
        """
        inside = self._shares(values).sum(axis=0)
        leader = np.full(len(self._units), -1, dtype=np.int64)
        chosen = values[self._lead] > 0.5
        leader[self._led[chosen]] = self._leader[chosen]
        return np.where(inside.max(axis=1) > 0.5, inside.argmax(axis=1), -1), leader

    def _set_prices(self, prices: LevelPrices) -> float:
        """Let plans pay for something else; what every plan pays besides the cost of its columns."""
        cost = np.zeros(self._n_columns)
        inside = np.arange(len(self._unit))
        cost[inside] = prices.area * self._is_middle
        cost[inside] -= prices.left_over * self._people[self._unit] * self._asks_area[self._unit]
        stays = inside < self._n_stays
        walks = self._walks[self._unit[stays], self._middle[stays]]
        cost[: self._n_stays] += prices.metres * self._people[self._unit[stays]] * walks
        cost[self._lead] = prices.metres * self._pairs.cost - prices.not_led * self._people[self._led]
        companies = self._problem.companies
        if prices.companies is not None and companies is not None:
            paid = np.append(prices.companies, 0.0)[companies.of_anchor[self._pairs.anchor]]
            cost[self._lead] += paid * self._problem.load[self._pairs.unit]
        cost[self._outside] = prices.outside
        self._model.set_cost(np.arange(self._n_columns), cost)
        asks = self._problem.asks_leader
        asking = 0.0 if asks is None else float(self._people[asks[self._units]].sum())
        return prices.left_over * float(self._people[self._asks_area].sum()) + prices.not_led * asking

    # --- rows that a point breaks -------------------------------------------------------------------

    def _separate(self, values: np.ndarray) -> bool:
        found = self._separate_leading(values)
        area = self.read_labels(values)[0]
        rows = list(self._connection_rows(area)) or list(self._middle_rows(area))
        self._model.add(rows)
        return found or bool(rows)

    def _shares(self, values: np.ndarray) -> np.ndarray:
        """(2, n, n) how much of each unit is in the area of each middle, led by nobody and led."""
        return np.where(self._columns_at >= 0, values[self._columns_at], 0.0)

    def _separate_leading(self, values: np.ndarray) -> bool:
        stays, led = self._shares(values)
        inside, rows = stays + led, list[LinearRow]()
        for column, unit, leader in zip(self._lead.tolist(), self._led.tolist(), self._leader.tolist(), strict=True):
            share = float(values[column])
            if share < LEAST_CUT or share <= np.minimum(led[unit], inside[leader]).sum() + LEAST_CUT:
                continue
            by_led = led[unit] < inside[leader]
            others = np.concatenate([self._columns_at[1, unit, by_led], *self._columns_at[:, leader, ~by_led]])
            others = others[others >= 0]
            rows.append(LinearRow([column, *others], [1.0] + [-1.0] * len(others), -INFINITY, 0.0))
        self._model.add(rows)
        return bool(rows)

    def _connection_rows(self, area: np.ndarray) -> Iterator[LinearRow]:
        """For pieces apart from their middle: each unit joins it only with a unit around the piece."""
        row = self._problem.adjacency.row
        for c in np.unique(area[area >= 0]).tolist():
            for piece in self._problem.adjacency.pieces(self._units[area == c].tolist()):
                if self._units[c] not in piece:
                    around = self._place[np.setdiff1d(np.concatenate([row(unit) for unit in piece]), piece)]
                    for unit in self._place[piece].tolist():
                        yield self._joins_with(unit, c, around[around >= 0])

    def _middle_rows(self, area: np.ndarray) -> Iterator[LinearRow]:
        """Where k has fewer household-metres than the middle c, or as many and comes first: not c with k in the area.

        Σ_j h_j (d_cj − d_kj) x_jc + M x_kc ≤ M, and less by one where k comes first.
        """
        walks = np.where(np.isfinite(self._walks), self._walks, float(self._problem.walk_cap))
        for c in np.unique(area[area >= 0]).tolist():
            members = np.flatnonzero(area == c)
            k = int(members[np.argmin(walks[np.ix_(members, members)] @ self._people[members])])
            if k == c:
                continue
            gain, inside = self._people * (walks[c] - walks[k]), np.flatnonzero(self._middle == c)
            much = float(np.maximum(gain, 0.0).sum()) + 1.0
            unit = self._unit[inside]
            yield LinearRow(inside, gain[unit] + much * (unit == k), -INFINITY, much - float(k < c))
