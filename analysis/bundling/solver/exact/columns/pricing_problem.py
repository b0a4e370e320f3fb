"""Exact pricing of anchored areas at duals of units and rank-1 cuts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.base.work_log import ENDLESS, TimeLimit
from analysis.bundling.solver.exact.columns.rank_one_cuts import RankOneCut
from analysis.bundling.solver.kernels.pricing import AnchorPricing, CutDuals, bound_with_each, search_areas
from analysis.bundling.solver.kernels.pricing_heuristic import improve_areas

MapFunction = Callable[..., Iterable[Any]]
SLACK = 3e-4
"""Share of all prices by which a search that is cut off is bounded above what it found."""
ANCHORS_AT_A_TIME, NODES_AT_A_TIME = 16, 2_000_000
"""Anchors searched between two questions whether there is time, by however many threads; where searches are long
fewer, two at least."""
NODES_ALONE = 10_000
"""Searches of no more nodes are done by one thread: to hand them over takes as long as they do."""
MAX_REACH = 100
"""Units in reach of an anchor beyond which its search is given fewer nodes: each takes longer."""
MAX_COLUMNS_AN_ANCHOR = 8
"""Areas one anchor offers at a time."""
MAX_CLIMB = 50
"""Steps from one area to better ones at most."""
KEPT_BELOW = 1e-3
"""Share by which areas may be worth less than the best at hand and are still offered."""


@dataclass(frozen=True, eq=False)
class AreaColumn:
    """A connected area an anchor may lead: its units but the anchor, and what it costs."""

    anchor: int
    units: np.ndarray
    cost: float


@dataclass(frozen=True, eq=False)
class Duals:
    """Dual prices of the unit rows, of the cuts, and of one area more where their number is given."""

    prices: np.ndarray
    cut_duals: np.ndarray
    of_area: float = 0.0


@dataclass(frozen=True)
class AreaLimits:
    """What areas keep besides the capacities of their anchors.

    Parameters
    ----------
    least
        Load of an area at least; 0 = any.
    count
        Number of areas; 0 = any.
    most
        Areas there can be at most; None = as many as anchors.
    """

    least: int = 0
    count: int = 0
    most: int | None = None


NO_LIMITS = AreaLimits()


@dataclass(frozen=True, eq=False)
class PricingResult:
    """Result of pricing all anchors at some duals.

    Parameters
    ----------
    bound
        No plan costs less.
    base
        What a plan in which each anchor had its best area would cost: no more than `bound`, which counts
        no more areas than there can be.
    reduced_values
        (m,) no area of an anchor is worth more, its cost taken off.
    areas
        Good ones, the best among them where the search was exact.
    cut_off
        (m,) bool: anchors whose search was not exact.
    n_nodes
        Of all searches together.
    """

    bound: float
    base: float
    reduced_values: np.ndarray
    areas: list[AreaColumn]
    cut_off: np.ndarray
    n_nodes: int

    @property
    def is_exact(self) -> bool:
        """Whether every search was."""
        return not self.cut_off.any()


@dataclass(frozen=True, eq=False)
class _AnchorResult:
    """Result of pricing one anchor: no area is worth more than `most`, one at least is worth `at_hand`, net of cost."""

    most: float
    at_hand: float
    n_nodes: int
    is_exact: bool
    areas: list[AreaColumn]


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
    limits
        What areas keep besides.
    """

    def __init__(
        self, part: Subproblem, left_over: float, area: float, each: MapFunction = map, limits: AreaLimits = NO_LIMITS
    ) -> None:
        self.part = part
        self.limits = limits
        self._each = each
        self.units = np.flatnonzero(~np.isin(np.arange(part.n_units), part.anchors))
        self.must_serve = not np.isfinite(left_over)
        if self.must_serve:  # dear enough that nobody is left over
            walk = part.cost / np.maximum(part.households, 1)
            self.penalty = 3.0 * float(walk.max(initial=1)) * np.maximum(part.households, 1)
        else:
            self.penalty = part.households * left_over
        self.opening = part.opening + area
        self._effort = np.zeros(len(part.anchors), dtype=np.int64)  # nodes of each anchor's last search
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
            self.limits.least,
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
            self._reach[j] = self.anchor_data(j, prices, float(self.opening[j] - duals.of_area + floors[j])).units

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

        def search(j: int) -> _AnchorResult:
            fixed = float(self.opening[j]) - duals.of_area
            floor = fixed + max(floors[j], 0.0)
            nearly = floor - KEPT_BELOW * abs(floor)  # where areas are counted, it may be below 0
            anchor_data = self.anchor_data(j, prices, nearly)
            found = np.zeros((MAX_COLUMNS_AN_ANCHOR, len(anchor_data.units)), dtype=np.bool_)
            values = np.zeros(MAX_COLUMNS_AN_ANCHOR)
            limit = int(max_nodes * min(1.0, MAX_REACH / max(len(anchor_data.units), 1)))
            n_kept, best, n_nodes = search_areas(anchor_data, cut_duals, floor, False, nearly, limit, found, values)
            areas = [self.area(j, anchor_data.units[found[k]]) for k in range(n_kept)]
            at_hand = max(floor, float(values[:n_kept].max(initial=floor)))
            return _AnchorResult(best - fixed, at_hand - fixed, n_nodes, n_nodes <= limit, areas)

        def bound_cut_off(j: int) -> float:
            """What is not found is bounded a little above what is at hand, by quicker searches."""
            fixed = float(self.opening[j]) - duals.of_area
            best = results[j].most + fixed
            for times in (1, 4, 16):
                least = results[j].at_hand + fixed + times * slack
                data = self.anchor_data(j, prices, least)
                limit = int(max_nodes * min(1.0, MAX_REACH / max(len(data.units), 1)))
                nothing = np.zeros((1, len(data.units)), dtype=np.bool_), np.zeros(1)
                _, most, n_nodes = search_areas(data, cut_duals, least, False, np.inf, limit, *nothing)
                best = min(best, most)
                if n_nodes <= limit:
                    break
            return best - fixed

        m = len(self.part.anchors)
        results = [_AnchorResult(np.inf, 0.0, 0, False, [])] * m
        each = self._each if max_nodes > NODES_ALONE else map
        at_a_time = min(ANCHORS_AT_A_TIME, max(2, NODES_AT_A_TIME // max_nodes))
        order = np.argsort(-self._effort, kind="stable").tolist()  # the longest first, side by side
        for first in range(0, m, at_a_time):
            some = [j for j in order[first : first + at_a_time] if has_time()]
            for j, result in zip(some, each(search, some), strict=True):
                results[j] = result
            cut_off = [j for j in some if is_sure and not results[j].is_exact]
            if cut_off and has_time():
                for j, value in zip(cut_off, each(bound_cut_off, cut_off), strict=True):
                    results[j] = replace(results[j], most=value)
        self._effort = np.array([result.n_nodes for result in results])
        reduced_values = np.array([result.most for result in results])
        paid = float(prices[self.units].sum()) + self.limits.count * duals.of_area
        paid -= sum(f * cut.most for f, cut in zip(duals.cut_duals, cuts, strict=True))
        most = m if self.limits.most is None else min(m, self.limits.most)
        bound = paid - float(np.sort(reduced_values)[m - most :].sum())
        base = paid - float(reduced_values.sum())
        is_cut_off = np.array([not result.is_exact for result in results])
        areas = [area for result in results for area in result.areas]
        n_nodes = sum(result.n_nodes for result in results)
        return PricingResult(bound, base, reduced_values, areas, is_cut_off, n_nodes)

    def improve_areas(
        self, cuts: Sequence[RankOneCut], duals: Duals, starts: Sequence[AreaColumn], floors: np.ndarray
    ) -> list[AreaColumn]:
        """Areas worth more than a floor, by local search from others: many, soon, and nothing is proven.

        Parameters
        ----------
        cuts, duals
            Cuts in force; dual prices of units and cuts.
        starts
            Areas to begin with.
        floors
            (m,) least reduced value of interest of each anchor.
        """
        prices = np.minimum(duals.prices, self.penalty)
        cut_duals = self.cut_duals(cuts, duals.cut_duals)
        better = list[AreaColumn]()
        for j in sorted({area.anchor for area in starts}):
            floor = float(self.opening[j]) - duals.of_area + max(floors[j], 0.0)
            data = self.anchor_data(j, prices, floor)
            if len(data.units) == 0:
                continue
            begun = np.array([np.isin(data.units, area.units) for area in starts if area.anchor == j])
            found, values = np.zeros_like(begun), np.zeros(len(begun))
            n_kept = improve_areas(data, cut_duals, begun, floor + 1e-6 * abs(floor), MAX_CLIMB, found, values)
            better += [self.area(j, data.units[found[k]]) for k in range(n_kept)]
        return better

    def reach(self, j: int) -> np.ndarray:
        """Units that anchor j may still take in.

        Parameters
        ----------
        j
            Index of an anchor.
        """
        return self._reach[j]

    def restrict_reach(self, may_hold: np.ndarray) -> None:
        """Drop units that anchors need not be offered.

        Parameters
        ----------
        may_hold
            (m, n) bool.
        """
        self._reach = [units[may_hold[j, units]] for j, units in enumerate(self._reach)]

    def areas_above(
        self,
        j: int,
        cuts: Sequence[RankOneCut],
        duals: Duals,
        floor: float,
        may_hold: np.ndarray,
        must_hold: np.ndarray,
        max_nodes: int,
        most: int,
    ) -> tuple[np.ndarray, np.ndarray, bool]:
        """Areas of an anchor worth more than a floor at some duals, its cost taken off: all, or the best of those met.

        Parameters
        ----------
        j
            Index of an anchor.
        cuts, duals
            Cuts in force; dual prices of units and cuts.
        floor
            Least reduced value of interest.
        may_hold, must_hold
            (n,) bool: units that areas are made of, and those in each of them.
        max_nodes, most
            Nodes of the search, and areas, at most.

        Returns
        -------
        held, values, is_all
            (a, n) bool units of each area, the anchor not among them; (a,) what each is worth; whether there
            are no others.
        """
        n, opening = self.part.n_units, float(self.opening[j]) - duals.of_area
        prices = np.minimum(duals.prices, self.penalty)
        units = self._reach[j][may_hold[self._reach[j]]]
        dear = 2.0 * float(np.abs(prices[units] - self.cost[j, units]).sum() + abs(opening) + abs(floor))
        n_must = int(must_hold.sum())
        floor = floor + opening + dear * n_must
        data = self._anchor_data(j, prices + dear * must_hold, units)  # with all that must be in: above the floor
        while len(units):
            is_kept = bound_with_each(data) > floor
            if is_kept.all():
                break
            units = units[is_kept]
            data = self._anchor_data(j, prices + dear * must_hold, units)
        found, values = np.zeros((most, len(units)), dtype=np.bool_), np.zeros(most)
        n_kept, _, n_nodes = search_areas(
            data, self.cut_duals(cuts, duals.cut_duals), floor, True, floor, max_nodes, found, values
        )
        held = np.zeros((n_kept, n), dtype=bool)
        held[:, units] = found[:n_kept]
        return held, values[:n_kept] - opening - dear * n_must, n_kept < most and n_nodes <= max_nodes


def compile_kernels(part: Subproblem) -> None:
    """Have the kernels ready that only long proofs need: `part` is any small one of stage "lead" with an anchor."""
    pricing = PricingProblem(part, 1.0, 0.0)
    worth_much = Duals(np.full(part.n_units, 1e6), np.zeros(0))
    pricing.penalty = np.full(part.n_units, 1e6)
    pricing.improve_areas([], worth_much, [pricing.area(0, pricing.reach(0)[:1])], np.zeros(len(part.anchors)))
