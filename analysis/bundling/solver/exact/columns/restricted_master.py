"""The restricted master of anchored areas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from analysis.bundling.solver.exact.columns.pricing_problem import AreaColumn, Duals, PricingProblem
from analysis.bundling.solver.exact.columns.rank_one_cuts import RankOneCut
from analysis.bundling.solver.models.mip import INFINITY, silent_highs

EPS = 1e-7


class RestrictedMaster:
    """The linear programme: each unit in one area or left over, each anchor at most one area."""

    def __init__(self, pricing: PricingProblem) -> None:
        self._pricing = pricing
        self.areas: list[AreaColumn] = []
        self.cuts: list[RankOneCut] = []
        self.left_over = pricing.units  # by the last solution, at least in part
        self._known: set[tuple[int, bytes]] = set()
        self._solver = silent_highs()
        units = pricing.units
        self._row = np.full(pricing.part.n_units, -1)
        self._row[units] = np.arange(len(units))
        self._convex = len(units)
        nothing = np.zeros(0, dtype=np.int32), np.zeros(0)
        for _ in units:
            self._solver.addRow(1.0, 1.0, 0, *nothing)
        for _ in pricing.part.anchors:
            self._solver.addRow(-INFINITY, 1.0, 0, *nothing)
        self._count_row = self._convex + len(pricing.part.anchors)
        self._is_counted = pricing.limits.count > 0
        if self._is_counted:
            self._solver.addRow(pricing.limits.count, pricing.limits.count, 0, *nothing)
        self._scale = max(1.0, float(np.median(pricing.penalty[units])))
        for unit in units:
            row = np.array([self._row[unit]], dtype=np.int32)
            self._solver.addCol(pricing.penalty[unit] / self._scale, 0.0, INFINITY, 1, row, np.ones(1))
        self._first = len(units)
        self._held = np.zeros((256, pricing.part.n_units), dtype=np.int8)
        self._costs = np.zeros(256)
        self._anchors = np.zeros(256, dtype=np.int64)
        self._counted = np.zeros((64, 256), dtype=np.int8)
        self._is_dropped = np.zeros(256, dtype=bool)

    @property
    def held(self) -> np.ndarray:
        """(a, n) int8: which units each area holds."""
        return self._held[: len(self.areas)]

    @property
    def anchors(self) -> np.ndarray:
        """(a,) the anchor of each area."""
        return self._anchors[: len(self.areas)]

    def cap_duals(self, ceilings: np.ndarray) -> None:
        """Let no unit be worth more than its ceiling, (n,): for that price it is left over."""
        for k, unit in enumerate(self._pricing.units.tolist()):
            self._solver.changeColCost(k, float(ceilings[unit]) / self._scale)

    def add_areas(self, areas: Iterable[AreaColumn]) -> int:
        """Take in areas that are not yet there; how many were new."""
        count = 0
        for area in areas:
            name = area.anchor, area.units.tobytes()
            if name in self._known:
                continue
            self._known.add(name)
            at = len(self.areas)
            if at == len(self._costs):
                self._grow()
            self.areas.append(area)
            self._held[at, area.units] = 1
            self._costs[at] = area.cost
            self._anchors[at] = area.anchor
            for c, cut in enumerate(self.cuts):
                self._counted[c, at] = cut.coefficients(self._held[at : at + 1])[0]
            cuts = np.flatnonzero(self._counted[: len(self.cuts), at])
            counted = [self._count_row] if self._is_counted else []
            rows = [self._row[area.units], [self._convex + area.anchor, *counted], self._cut_row(0) + cuts]
            values = [np.ones(len(area.units) + 1 + len(counted)), self._counted[cuts, at].astype(float)]
            index = np.concatenate(rows).astype(np.int32)
            self._solver.addCol(area.cost / self._scale, 0.0, INFINITY, len(index), index, np.concatenate(values))
            count += 1
        return count

    def add_cuts(self, cuts: Sequence[RankOneCut]) -> None:
        """Forbid what cuts forbid."""
        for cut in cuts:
            if len(self.cuts) == len(self._counted):
                self._counted = np.concatenate([self._counted, np.zeros_like(self._counted)])
            counted = cut.coefficients(self.held)
            self._counted[len(self.cuts), : len(self.areas)] = counted
            columns = np.flatnonzero(counted)
            self._solver.addRow(
                -INFINITY,
                float(cut.most),
                len(columns),
                (self._first + columns).astype(np.int32),
                counted[columns].astype(float),
            )
            self.cuts.append(cut)

    def _grow(self) -> None:
        self._held = np.concatenate([self._held, np.zeros_like(self._held)])
        self._costs = np.concatenate([self._costs, np.zeros_like(self._costs)])
        self._anchors = np.concatenate([self._anchors, np.zeros_like(self._anchors)])
        self._is_dropped = np.concatenate([self._is_dropped, np.zeros_like(self._is_dropped)])
        self._counted = np.concatenate([self._counted, np.zeros_like(self._counted)], axis=1)

    def reduced_values(self, duals: Duals) -> np.ndarray:
        """(a,) what each area is worth at these duals, its cost taken off."""
        count = len(self.areas)
        reduced_value = self.held @ np.minimum(duals.prices, self._pricing.penalty) - self._costs[:count]
        reduced_value += duals.of_area - duals.cut_duals @ self._counted[: len(self.cuts), :count]
        return np.where(self._is_dropped[:count], -np.inf, reduced_value)

    def drop_unreachable(self) -> None:
        """Take no areas any more with units that their anchor need not be offered (`PricingProblem.reach`)."""
        for j in range(len(self._pricing.part.anchors)):
            may = np.zeros(self._pricing.part.n_units, dtype=np.int8)
            may[self._pricing.reach(j)] = 1
            own = np.flatnonzero((self.anchors == j) & ~self._is_dropped[: len(self.areas)])
            for k in own[(self.held[own] > may).any(axis=1)].tolist():
                self._is_dropped[k] = True
                self._solver.changeColBounds(self._first + k, 0.0, 0.0)

    def best_reduced_values(self, duals: Duals) -> np.ndarray:
        """(m,) the most an area of each anchor is worth, 0 when none is worth anything."""
        best = np.zeros(len(self._pricing.part.anchors))
        np.maximum.at(best, self._anchors[: len(self.areas)], self.reduced_values(duals))
        return best

    def best_areas(self, duals: Duals, most: int) -> list[AreaColumn]:
        """The areas of each anchor that are worth most at these duals.

        Parameters
        ----------
        duals
            Of units and cuts.
        most
            Areas of each anchor at most.
        """
        values = self.reduced_values(duals)
        order = np.lexsort((-values, self.anchors))
        anchors = self.anchors[order]
        rank = np.arange(len(order)) - np.searchsorted(anchors, anchors)
        return [self.areas[k] for k in order[(rank < most) & (values[order] > -np.inf)].tolist()]

    def _cut_row(self, c: int) -> int:
        return self._count_row + int(self._is_counted) + c

    def solve(self) -> tuple[float, np.ndarray, Duals]:
        """The least cost, how much of each area it takes, and its duals."""
        self._solver.run()
        solution = self._solver.getSolution()
        duals = np.array(solution.row_dual) * self._scale
        prices = np.zeros(self._pricing.part.n_units)
        prices[self._pricing.units] = duals[: self._convex]
        taken = np.array(solution.col_value)
        self.left_over = self._pricing.units[taken[: self._first] > EPS]
        shares = taken[self._first :]
        value = float(self._solver.getInfo().objective_function_value) * self._scale
        cut_duals = np.maximum(-duals[self._cut_row(0) :], 0.0)
        return value, shares, Duals(prices, cut_duals, float(duals[self._count_row]) if self._is_counted else 0.0)
