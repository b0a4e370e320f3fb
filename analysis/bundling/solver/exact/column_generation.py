"""Restricted master and exact pricing of anchored areas, with rank-1 cuts: what column generation is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.base.work_log import ENDLESS, TimeLimit
from analysis.bundling.solver.exact.set_partitioning import membership, set_partitioning_model
from analysis.bundling.solver.kernels.pricing import (
    AnchorPricing,
    CutDuals,
    bound_with_each,
    find_violated_triples,
    search_areas,
)
from analysis.bundling.solver.models.mip import INFINITY, LinearRow, silent_highs

EPS = 1e-7
MapFunction = Callable[..., Iterable[Any]]
SLACK = 3e-4
"""Share of all prices by which a search that is cut off is bounded above what it found."""
ANCHORS_AT_A_TIME = 16
"""Anchors searched between two questions whether there is time, by however many threads."""
MAX_REACH = 100
"""Units in reach of an anchor beyond which its search is given fewer nodes: each takes longer."""
MAX_COLUMNS_AN_ANCHOR = 8
"""Areas one anchor offers at a time."""
MAX_CUTS = 100
"""Cuts added at a time."""


@dataclass(frozen=True)
class RankOneCut:
    """Σ over areas of ⌊Σ numerators of its units / denominator⌋ ≤ ⌊Σ numerators / denominator⌋.

    Valid for every partition (Chvátal 1973): rows “each unit once” times numerator / denominator,
    added up and rounded down.
    """

    units: tuple[int, ...]
    numerators: tuple[int, ...]
    denominator: int

    @property
    def most(self) -> int:
        """The right-hand side."""
        return sum(self.numerators) // self.denominator


@dataclass(frozen=True, eq=False)
class AreaColumn:
    """A connected area an anchor may lead: its units but the anchor, and what it costs."""

    anchor: int
    units: np.ndarray
    cost: float


@dataclass(frozen=True, eq=False)
class Duals:
    """Dual prices of the unit rows and of the cuts."""

    prices: np.ndarray
    cut_duals: np.ndarray


@dataclass(frozen=True, eq=False)
class PricingResult:
    """Result of pricing all anchors at some duals.

    Parameters
    ----------
    bound
        No plan costs less.
    reduced_values
        (m,) no area of an anchor is worth more, its cost taken off.
    areas
        Good ones, the best among them where the search was exact.
    is_exact
        Whether every search was.
    n_nodes
        Of all searches together.
    """

    bound: float
    reduced_values: np.ndarray
    areas: list[AreaColumn]
    is_exact: bool
    n_nodes: int


class PricingProblem:
    """Pricing problems of the anchors of a subproblem.

    Parameters
    ----------
    part
        Of stage "lead", anchors always open.
    left_over, area
        Price of a household in no area (∞ = everyone must have one: left over for a high price, in
        the linear programme alone), and of an area.
    each
        How a function is applied to the anchors, `map` or that of a pool.
    """

    def __init__(self, part: Subproblem, left_over: float, area: float, each: MapFunction = map) -> None:
        self.part = part
        self._each = each
        self.units = np.flatnonzero(~np.isin(np.arange(part.n_units), part.anchors))
        self.must_serve = not np.isfinite(left_over)
        if self.must_serve:  # dear enough that nobody is left over
            walk = part.cost / np.maximum(part.households, 1)
            self.penalty = 3.0 * float(walk.max(initial=1)) * np.maximum(part.households, 1)
        else:
            self.penalty = part.households * left_over
        self.opening = part.opening + area
        self.cost = part.cost.astype(float)
        self._reach = [
            np.flatnonzero((part.cost[j] >= 0) & (part.load <= part.capacity[j])) for j in range(len(part.anchors))
        ]

    def anchor_data(self, j: int, prices: np.ndarray, floor: float = -np.inf) -> AnchorPricing:
        """What anchor j may take in at these prices, in an area worth more than a floor.

        Parameters
        ----------
        j
            Index of an anchor.
        prices
            (n,) dual price of each unit.
        floor
            Areas of less reduced value are of no interest.
        """
        units = self._reach[j]
        anchor_data = self._anchor_data(j, prices, units)
        while floor > -np.inf and len(units):
            units = units[bound_with_each(anchor_data) > floor]
            if len(units) == len(anchor_data.units):
                break
            anchor_data = self._anchor_data(j, prices, units)
        return anchor_data

    def _anchor_data(self, j: int, prices: np.ndarray, units: np.ndarray) -> AnchorPricing:
        part = self.part
        return AnchorPricing(
            part.indptr,
            part.indices,
            units,
            prices[units] - self.cost[j, units],
            part.load[units],
            int(part.anchors[j]),
            int(part.capacity[j]),
        )

    def fix_by_reduced_cost(self, duals: Duals, floors: np.ndarray) -> None:
        """Reduced-cost fixing: drop units that no area of an anchor above its floor can have at these duals.

        Fines are left away, which only makes areas worth more.

        Parameters
        ----------
        duals
            Dual prices of units and cuts.
        floors
            (m,) least reduced value of interest of each anchor.
        """
        prices = np.minimum(duals.prices, self.penalty)
        for j in range(len(self.part.anchors)):
            self._reach[j] = self.anchor_data(j, prices, float(self.opening[j] + floors[j])).units

    @property
    def n_pairs(self) -> int:
        """Units that anchors may still take in, counted once for each anchor."""
        return sum(len(some) for some in self._reach)

    def area(self, j: int, units: np.ndarray) -> AreaColumn:
        """The area of anchor j with these units.

        Parameters
        ----------
        j
            Index of an anchor.
        units
            (k,) units, the anchor not among them.
        """
        return AreaColumn(j, units, float(self.cost[j, units].sum() + self.opening[j]))

    def cost_of(self, areas: Sequence[AreaColumn]) -> float:
        """What a plan of these areas costs, what it leaves over included."""
        left = np.ones(self.part.n_units, dtype=bool)
        left[self.part.anchors] = False
        for area in areas:
            left[area.units] = False
        return float(sum(area.cost for area in areas) + self.penalty[left].sum())

    def cut_duals(self, cuts: Sequence[RankOneCut], price: np.ndarray) -> CutDuals:
        """Cuts with a price.

        Parameters
        ----------
        cuts
            Cuts in force.
        price
            (c,) dual price of each cut.
        """
        used = np.flatnonzero(price > 1e-9).tolist()
        return CutDuals(
            np.concatenate([[0], np.cumsum([len(cuts[c].units) for c in used])]).astype(np.int64),
            np.array([unit for c in used for unit in cuts[c].units], dtype=np.int64),
            np.array([k for c in used for k in cuts[c].numerators], dtype=np.int64),
            np.array([cuts[c].denominator for c in used], dtype=np.int64),
            price[used].astype(float),
        )

    def price(
        self,
        cuts: Sequence[RankOneCut],
        duals: Duals,
        floors: np.ndarray,
        max_nodes: int,
        *,
        is_sure: bool = True,
        has_time: TimeLimit = ENDLESS,
    ) -> PricingResult:
        """Price every anchor at some duals, each searched to the end or for `max_nodes`.

        Parameters
        ----------
        cuts, duals
            See `RankOneCut`, `Duals`.
        floors
            (m,) what an area at hand of each anchor is worth; 0 = none.
        max_nodes
            Of each anchor's search, where it reaches no more than `MAX_REACH` units.
        is_sure
            Whether a search that is cut off is followed by quicker ones that only bound.
        has_time
            Asked before the search of each anchor; without every one of them nothing is proven.
        """
        prices = np.minimum(duals.prices, self.penalty)
        cut_duals = self.cut_duals(cuts, duals.cut_duals)

        slack = SLACK * float(np.abs(prices[self.units]).sum())

        def search(j: int) -> tuple[float, int, bool, list[AreaColumn]]:
            fixed = float(self.opening[j])
            floor = fixed + max(floors[j], 0.0)
            anchor_data = self.anchor_data(j, prices, 0.999 * floor)
            found = np.zeros((MAX_COLUMNS_AN_ANCHOR, len(anchor_data.units)), dtype=np.bool_)
            values = np.zeros(MAX_COLUMNS_AN_ANCHOR)
            limit = int(max_nodes * min(1.0, MAX_REACH / max(len(anchor_data.units), 1)))
            n_kept, best, _, n_nodes = search_areas(
                anchor_data, cut_duals, floor, False, 0.999 * floor, limit, found, values
            )
            is_exact = n_nodes <= limit
            areas = [self.area(j, anchor_data.units[found[k]]) for k in range(n_kept)]
            if not is_exact and is_sure:  # what is not found is bounded a little above
                floor = max(floor, float(values[:n_kept].max(initial=floor)))
                for times in (1, 4, 16):
                    least = floor + times * slack
                    _, most, _, n_more = search_areas(
                        self.anchor_data(j, prices, least), cut_duals, least, False, np.inf, limit, found, values
                    )
                    best = min(best, most)
                    if n_more <= limit:
                        break
            return best - fixed, n_nodes, is_exact, areas

        results, m = list[tuple[float, int, bool, list[AreaColumn]]](), len(self.part.anchors)
        for first in range(0, m, ANCHORS_AT_A_TIME):
            some = [j for j in range(first, min(first + ANCHORS_AT_A_TIME, m)) if has_time()]
            results += self._each(search, some)
        results += [(np.inf, 0, False, [])] * (m - len(results))
        reduced_values = np.array([reduced_value for reduced_value, _, _, _ in results])
        bound = float(prices[self.units].sum() - reduced_values.sum())
        bound -= sum(f * cut.most for f, cut in zip(duals.cut_duals, cuts, strict=True))
        is_exact = all(exact for _, _, exact, _ in results)
        areas = [area for _, _, _, some in results for area in some]
        n_nodes = sum(n_nodes for _, n_nodes, _, _ in results)
        return PricingResult(bound, reduced_values, areas, is_exact, n_nodes)

    def enumerate_above(
        self, cuts: Sequence[RankOneCut], duals: Duals, floors: np.ndarray, max_nodes: int, most: int
    ) -> list[AreaColumn] | None:
        """Every area worth more than its anchor's floor at some duals; None = too many to tell.

        Parameters
        ----------
        cuts
            Cuts in force.
        duals
            Dual prices of units and cuts.
        floors
            (m,) least reduced value of interest of each anchor.
        max_nodes
            Of each anchor's search.
        most
            Columns an anchor beyond which there are too many.
        """
        prices = np.minimum(duals.prices, self.penalty)
        cut_duals = self.cut_duals(cuts, duals.cut_duals)

        def search(j: int) -> list[AreaColumn] | None:
            floor = float(self.opening[j] + floors[j])
            anchor_data = self.anchor_data(j, prices, floor)
            found = np.zeros((most, len(anchor_data.units)), dtype=np.bool_)
            values = np.zeros(most)
            n_kept, _, n_lost, n_nodes = search_areas(
                anchor_data, cut_duals, floor, True, floor, max_nodes, found, values
            )
            if n_lost or n_nodes > max_nodes:
                return None
            return [self.area(j, anchor_data.units[found[k]]) for k in range(n_kept)]

        areas: list[AreaColumn] = []
        for some in self._each(search, range(len(self.part.anchors))):
            if some is None:
                return None
            areas += some
        return areas


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
        self._scale = max(1.0, float(np.median(pricing.penalty[units])))
        for unit in units:
            row = np.array([self._row[unit]], dtype=np.int32)
            self._solver.addCol(pricing.penalty[unit] / self._scale, 0.0, INFINITY, 1, row, np.ones(1))
        self._first = len(units)
        self._held = np.zeros((256, pricing.part.n_units), dtype=np.int8)
        self._costs = np.zeros(256)
        self._anchors = np.zeros(256, dtype=np.int64)
        self._counted = np.zeros((64, 256), dtype=np.int8)

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
                self._counted[c, at] = _cut_coefficients(cut, self._held[at : at + 1])[0]
            cuts = np.flatnonzero(self._counted[: len(self.cuts), at])
            rows = [self._row[area.units], [self._convex + area.anchor], self._cut_row(0) + cuts]
            values = [np.ones(len(area.units) + 1), self._counted[cuts, at].astype(float)]
            index = np.concatenate(rows).astype(np.int32)
            self._solver.addCol(area.cost / self._scale, 0.0, INFINITY, len(index), index, np.concatenate(values))
            count += 1
        return count

    def add_cuts(self, cuts: Sequence[RankOneCut]) -> None:
        """Forbid what cuts forbid."""
        for cut in cuts:
            if len(self.cuts) == len(self._counted):
                self._counted = np.concatenate([self._counted, np.zeros_like(self._counted)])
            counted = _cut_coefficients(cut, self.held)
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
        self._counted = np.concatenate([self._counted, np.zeros_like(self._counted)], axis=1)

    def reduced_values(self, duals: Duals) -> np.ndarray:
        """(a,) what each area is worth at these duals, its cost taken off."""
        count = len(self.areas)
        reduced_value = self.held @ np.minimum(duals.prices, self._pricing.penalty) - self._costs[:count]
        return reduced_value - duals.cut_duals @ self._counted[: len(self.cuts), :count]

    def best_reduced_values(self, duals: Duals) -> np.ndarray:
        """(m,) the most an area of each anchor is worth, 0 when none is worth anything."""
        best = np.zeros(len(self._pricing.part.anchors))
        np.maximum.at(best, self._anchors[: len(self.areas)], self.reduced_values(duals))
        return best

    def _cut_row(self, c: int) -> int:
        return self._convex + len(self._pricing.part.anchors) + c

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
        return value, shares, Duals(prices, cut_duals)


def solve_set_partitioning(
    pricing: PricingProblem,
    areas: Sequence[AreaColumn],
    cuts: Sequence[RankOneCut],
    start: Sequence[AreaColumn],
    has_time: TimeLimit,
    nodes: int | None,
) -> tuple[list[AreaColumn] | None, float]:
    """The cheapest areas that share no unit, one an anchor at most, by branch and bound.

    Parameters
    ----------
    pricing, areas
        What is given, and what is chosen from; those of `start` among them.
    cuts
        What every choice keeps; they make the search short.
    start
        A choice to begin with.
    has_time, nodes
        Limits.

    Returns
    -------
    choice, bound
        No choice from these areas costs less than `bound`; None = none was found.
    """
    units, n_units = pricing.units, len(pricing.units)
    scale = max(1.0, float(np.median(pricing.penalty[units])))
    cost = np.concatenate([pricing.penalty[units], [area.cost for area in areas]]) / scale
    whole = np.arange(len(cost)) >= n_units
    most = np.where(whole, 1.0, 0.0 if pricing.must_serve else 1.0)
    row = np.full(pricing.part.n_units, -1)
    row[units] = np.arange(n_units)
    anchors = np.unique([area.anchor for area in areas])  # those with a column
    places = np.searchsorted(anchors, [area.anchor for area in areas])
    members = membership([row[area.units] for area in areas], places.tolist(), (n_units, len(anchors)))
    left_first = np.roll(np.arange(len(cost)), n_units)  # units left over come before the areas
    model = set_partitioning_model(cost, members[:, left_first], n_units, is_whole=whole, upper=most)
    held = np.zeros((len(areas), pricing.part.n_units), dtype=np.int8)
    for k, area in enumerate(areas):
        held[k, area.units] = 1
    for cut in cuts:
        counted = _cut_coefficients(cut, held)
        columns = np.flatnonzero(counted)
        model.add([LinearRow(n_units + columns, counted[columns], -INFINITY, float(cut.most))])
    names = {(area.anchor, area.units.tobytes()): k for k, area in enumerate(areas)}
    point = np.zeros(len(cost))
    point[:n_units] = 1.0
    for area in start:
        point[n_units + names[area.anchor, area.units.tobytes()]] = 1.0
        point[row[area.units]] = 0.0
    answer = model.solve(start=point, has_time=has_time, nodes=nodes)
    if answer.values is None:
        return None, answer.bound * scale
    chosen = np.flatnonzero(answer.values[n_units:] > 0.5).tolist()
    return [areas[k] for k in chosen], answer.bound * scale


def _cut_coefficients(cut: RankOneCut, held: np.ndarray) -> np.ndarray:
    """(a,) what each area counts in a cut."""
    return held[:, list(cut.units)] @ np.array(cut.numerators) // cut.denominator


def separate_subset_rows(areas: Sequence[AreaColumn], shares: np.ndarray, n: int) -> list[RankOneCut]:
    """Triples of units that more than one area's share holds two of.

    Parameters
    ----------
    areas
        The columns.
    shares
        (a,) how much of each is taken.
    n
        Number of units.
    """
    chosen = [k for k in range(len(shares)) if shares[k] > EPS]
    if not chosen:
        return []
    units = [np.sort(areas[k].units) for k in chosen]
    first = np.concatenate([[0], np.cumsum([len(one) for one in units])]).astype(np.int64)
    out, excess = np.zeros((1000, 3), dtype=np.int64), np.zeros(1000)
    count = find_violated_triples(first, np.concatenate(units), shares[chosen].astype(float), n, 0.02, out, excess)
    order = np.argsort(-excess[:count], kind="stable")
    used = np.zeros(n, dtype=np.int64)
    cuts: list[RankOneCut] = []
    for k in order:
        if len(cuts) == MAX_CUTS:
            break
        if used[out[k]].max() < 8:
            used[out[k]] += 1
            cuts.append(RankOneCut(tuple(int(i) for i in out[k]), (1, 1, 1), 2))
    return cuts
