"""Column generation with rank-1 cuts and dual smoothing: a lower bound, and better plans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from analysis.bundling.solver.base.bound_limits import OnBound, tell_nobody
from analysis.bundling.solver.base.evaluate import BoundResult
from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.base.work_log import TimeLimit
from analysis.bundling.solver.exact.columns.area_choice import NOBODY, choose_areas
from analysis.bundling.solver.exact.columns.area_lists import AreaLists, list_near_areas
from analysis.bundling.solver.exact.columns.pricing_problem import (
    NO_LIMITS,
    AreaColumn,
    AreaLimits,
    Duals,
    MapFunction,
    PricingProblem,
    PricingResult,
)
from analysis.bundling.solver.exact.columns.rank_one_cuts import RankOneCut, separate_rank_one
from analysis.bundling.solver.exact.columns.restricted_master import RestrictedMaster


@dataclass(frozen=True)
class _Effort:
    """When pricing ends.

    Parameters
    ----------
    patience
        Rounds in a row that gain nothing to speak of and end the pricing with each of `NODES`; 0 = none is made.
    n_exact
        Rounds with the third limit and above, at most.
    """

    patience: tuple[int, ...]
    n_exact: float


TO_THE_END = _Effort((10, 4, 4, 4), float("inf"))
BEFORE_CUTS = _Effort((10, 4, 2, 0), 6)
BETWEEN_CUTS = _Effort((4, 1, 1, 0), 2)
"""A programme that gets cuts at once is not worth its last digits: five times as many cuts in the same time."""
MAX_UNPROVEN = 0.25
"""Share of the gap that the programme closes and no bound proves, from which pricing goes to its end before more cuts:
each cut makes it longer."""
WIDE_GAP = 0.02
"""Share of the cost up to which cuts go before proofs: a programme so near finds better plans (`list_near_areas`)."""
MAX_UNITS_AN_ANCHOR = 12
"""Where anchors lead more units on average, areas are too many to be searched."""
NODES = (500, 10_000, 150_000, 4_000_000)
"""Limits of an anchor's search: at first, and when nothing new is found any more."""
TOLERANCE = 1e-3
"""Share of the cost by which a bound may miss the linear programme before cuts are looked for."""
DUAL_CEILING = 1.3
"""How far above known prices those of the programme may go at first, where everyone must have an area;
those that reach that are let go as much further."""
N_CLIMBS = 4
"""Areas of each anchor from which better ones are looked for."""
STALLED = 0.3
"""Share of what is close below which a gain of a round is none."""
MAX_ENUMERATED = 40_000
"""Areas among which a plan is chosen for good."""
NODES_AN_AREA = 100
"""Nodes that a proof has searched for each of them, above `MAX_CHOSEN`: where they are many HiGHS seldom asks for the
time, so that they are nothing for a proof of a few seconds."""
MAX_UNLISTED_PAIRS = 200
"""Units of anchors that are filled one by one beside them."""
MAX_CHOSEN = 2_000
"""Areas among which a better plan is looked for between rounds."""
ENUMERATED_GAP = 2e-3
"""Share of the cost below which areas within the gap are listed between rounds."""
NARROWER, MUCH_NARROWER = 0.95, 0.7
"""Share of the gap of the programme below which areas near those at hand are listed anew, where that brought a better
plan and where it did not."""
UNTIMED_NODES = 500_000
"""Nodes after which a proof ends where no clock is read; little parts need some thousands."""
PARTITIONING_SECONDS = 6.0
PARTITIONING_NODES = 500
"""Limits of putting areas at hand together; the nodes where no clock is read."""


def has_small_areas(part: Subproblem) -> bool:
    """Whether the areas of a part of stage "lead" can be searched one by one."""
    return not part.may_close and part.n_units <= MAX_UNITS_AN_ANCHOR * len(part.anchors)


def prove_by_column_generation(
    part: Subproblem,
    labels: np.ndarray,
    *,
    left_over: float,
    area: float,
    prices: np.ndarray,
    bound: float,
    aim: float,
    has_time: TimeLimit,
    workers: int = 1,
    on_bound: OnBound = tell_nobody,
    met: Iterable[tuple[int, np.ndarray]] = (),
    area_limits: AreaLimits = NO_LIMITS,
    first_nodes: int = NODES[-1],
) -> BoundResult:
    """Raise a bound of a part of stage "lead" by column generation (Desrosiers & Lübbecke 2005).

    The linear programme over all connected areas of all anchors, each unit once; areas are priced
    exactly (`kernels.pricing`). When it is solved, rank-1 cuts over three to five units (Pecin et al. 2017) are
    added, and it is solved again. A bound is claimed from prices alone: what they
    prove holds whether the programme is solved or not. Between the rounds the areas at hand are
    put together to better plans; where the gap is small every area that a better plan may have is listed, and one
    choice among them ends the proof (`area_lists`).

    Parameters
    ----------
    part, labels
        What is given, and the best plan known. Anchors may not be closed.
    left_over, area
        Price of a household in no area, and of an area.
    prices, bound
        Prices of the units and what they prove (`subgradient_bound.bound_assignment`).
    aim
        What the plan costs.
    has_time
        For the proof.
    workers
        Anchors searched at a time; changes the time only.
    on_bound
        Told whenever the bound rises.
    met
        Areas that a search met, to begin with: anchors, and units but those.
    area_limits
        What areas keep besides the capacities; the plan known keeps it.
    first_nodes
        Of each anchor's first search, at the prices given.
    """
    with _mapper(workers) as each:
        pricing = PricingProblem(part, left_over, area, each, area_limits)
        proof = _ColumnGeneration(pricing, labels, prices, bound, aim, on_bound)
        proof.begin(met, has_time, first_nodes)
        effort = BEFORE_CUTS
        while has_time() and not proof.is_over:
            if not proof.solve(has_time, effort):
                break
            proof.fix_by_reduced_cost()
            proof.improve_plan(has_time)
            if proof.list_areas(has_time, is_last=False):
                break
            has_cuts = proof.separate()
            if not has_cuts and effort is TO_THE_END:
                break
            effort = BETWEEN_CUTS if has_cuts and not proof.is_unproven else TO_THE_END
        proof.list_areas(has_time, is_last=True)
    return BoundResult(min(proof.bound, proof.aim), proof.labels)


@contextmanager
def _mapper(workers: int) -> Iterator[MapFunction]:
    if workers == 1:
        yield map
        return
    with ThreadPoolExecutor(workers) as pool:
        yield pool.map


@dataclass(frozen=True, eq=False)
class _ProvedBound:
    """The duals that prove a bound, what pricing found at them, and the cuts in force."""

    duals: Duals
    result: PricingResult
    cuts: tuple[RankOneCut, ...]


class _ColumnGeneration:
    """A proof under way: the programme, the best bound, the best plan."""

    def __init__(
        self,
        pricing: PricingProblem,
        labels: np.ndarray,
        prices: np.ndarray,
        bound: float,
        aim: float,
        on_bound: OnBound,
    ) -> None:
        self.bound, self.aim = bound, aim
        self._on_bound = on_bound
        self.labels = labels
        self._pricing = pricing
        self._master = RestrictedMaster(pricing)
        self._plan = _columns_of(pricing, labels)
        self._master.add_areas(self._plan)
        self._shares = np.zeros(0)
        self._value = -np.inf
        self._n_nodes = 0
        self._cut_off = np.zeros(len(pricing.part.anchors), dtype=np.bool_)  # anchors whose last search was
        self._level = 0
        self._centre = _first_duals(pricing, self._plan, prices)
        self._proved: _ProvedBound | None = None
        self._listed_gap = np.inf  # when areas were listed last
        self._near_gap = np.inf  # of the programme, below which areas near those at hand are

    @property
    def is_over(self) -> bool:
        """Whether bound and plan meet."""
        return self.bound >= self.aim - 1e-9 * abs(self.aim)

    @property
    def is_unproven(self) -> bool:
        """Whether the programme's value, far below the plan, is far above what is proven."""
        far_below = self.aim - self._value > WIDE_GAP * abs(self.aim)
        return far_below and self._value - self.bound > MAX_UNPROVEN * (self.aim - self.bound)

    def begin(self, met: Iterable[tuple[int, np.ndarray]], has_time: TimeLimit, max_nodes: int) -> None:
        """Connection asked for at the prices given: a better bound at once, and the first areas.

        Parameters
        ----------
        met
            Areas met before.
        has_time
            Asked before each anchor.
        max_nodes
            Of each anchor's search.
        """
        self._master.add_areas(self._pricing.area(j, units) for j, units in met)
        floors = np.zeros(len(self._pricing.part.anchors))
        result = self._pricing.price([], self._centre, floors, max_nodes, has_time=has_time)
        self._master.add_areas(result.areas)
        self._note(_ProvedBound(self._centre, result, ()))
        if self._pricing.must_serve:
            self._ceilings = np.minimum(self._pricing.penalty, DUAL_CEILING * np.maximum(self._centre.prices, 0.0))
            self._master.cap_duals(self._ceilings)

    def _note(self, proved: _ProvedBound) -> None:
        """Take what prices prove, where it is more than prices proved before; other bounds may be as good."""
        bound = proved.result.bound
        if np.isfinite(bound) and (self._proved is None or bound > self._proved.result.bound):
            self._proved = proved
        if bound > self.bound:
            self._raise_bound(bound)

    def _raise_bound(self, bound: float) -> None:
        self.bound = max(self.bound, min(bound, self.aim))
        self._on_bound(self.bound)

    def _raise_ceilings(self) -> bool:
        """Raise the ceilings of units left over at them; whether any was."""
        units = self._master.left_over
        if not self._pricing.must_serve or len(units) == 0:
            return False
        raised = np.minimum(
            self._pricing.penalty[units],
            np.maximum(DUAL_CEILING * self._ceilings[units], 0.01 * self._pricing.penalty[units]),
        )
        if (raised <= self._ceilings[units]).all():
            return False
        self._ceilings[units] = raised
        self._master.cap_duals(self._ceilings)
        return True

    def solve(self, has_time: TimeLimit, effort: _Effort) -> bool:
        """Price until nothing is gained any more; False when time was over before.

        Parameters
        ----------
        has_time
            Asked before each anchor.
        effort
            When it ends before.
        """
        master, pricing = self._master, self._pricing
        level, mix = self._level, 0.5
        local, last, n_stuck = -np.inf, (np.inf, -np.inf), 0
        patience, n_exact = effort.patience, 0
        close = TOLERANCE * abs(self.aim)
        while has_time() and (not has_time.is_endless or self._n_nodes < UNTIMED_NODES):
            here = self._solve_with_climbs(mix, close, has_time)
            value = self._value
            floors = master.best_reduced_values(here)
            if level > 0:  # what misses the best by less is not worth the search
                floors += 0.2 * close / len(floors)
            self._level = max(0, level - 1)
            result = pricing.price(
                master.cuts, here, floors, NODES[level], is_sure=level + 1 == len(NODES), has_time=has_time
            )
            self._n_nodes += result.n_nodes
            self._cut_off = result.cut_off
            count = master.add_areas(result.areas)
            # far from the optimum the mean of what the prices were is steadier than the best of them
            if result.bound > local or level == 0:
                self._centre = here
            local = max(local, result.bound)
            self._note(_ProvedBound(here, result, tuple(master.cuts)))
            close = min(TOLERANCE * abs(value), max(0.1 * (self.aim - self.bound), 1e-9 * abs(value)))
            if self.is_over or (value - local < close and not self._raise_ceilings()):
                return True
            gains = last[0] - value >= STALLED * close or (
                local - last[1] >= STALLED * close and (level < 2 or local >= self.bound)
            )
            n_stuck = 0 if gains else n_stuck + 1
            n_exact += level > 1
            if n_exact >= effort.n_exact:
                return True
            last = value, local
            if count and n_stuck < patience[level]:
                continue
            n_stuck = 0
            if (level + 1 == len(NODES) or result.is_exact) and self._raise_ceilings():
                continue
            if mix > 0:
                mix = mix * 0.4 if mix > 0.05 else 0.0
            elif level + 1 < len(NODES) and patience[level + 1] and not result.is_exact:
                level, mix = level + 1, 0.3
                local, last = -np.inf, (np.inf, -np.inf)
            else:
                return True
        return False

    def _solve_with_climbs(self, mix: float, close: float, has_time: TimeLimit) -> Duals:
        """Solve it; anchors whose search was cut off add areas by local search while that gains; the duals.

        Parameters
        ----------
        mix
            Share of the duals of before (Wentges 1997).
        close
            What is a gain (`STALLED`).
        has_time
            Asked before each local search.
        """
        master, before = self._master, np.inf
        while True:
            self._value, self._shares, duals = master.solve()
            centre = self._padded(self._centre)
            here = Duals(
                mix * centre.prices + (1 - mix) * np.minimum(duals.prices, self._pricing.penalty),
                mix * centre.cut_duals + (1 - mix) * duals.cut_duals,
                mix * centre.of_area + (1 - mix) * duals.of_area,
            )
            if not self._cut_off.any() or before - self._value < STALLED * close or not has_time():
                return here
            before = self._value
            starts, floors = master.best_areas(here, N_CLIMBS), master.best_reduced_values(here)
            starts = [area for area in starts if self._cut_off[area.anchor]]
            if not master.add_areas(self._pricing.improve_areas(master.cuts, here, starts, floors)):
                return here

    def fix_by_reduced_cost(self) -> None:
        """Forget pairs of anchor and unit that no plan cheaper than the best known has."""
        if self._proved is not None:
            result = self._proved.result
            floors = result.reduced_values - (self.aim - result.base)
            self._pricing.fix_by_reduced_cost(self._proved.duals, floors)
            self._master.drop_unreachable()

    def _padded(self, duals: Duals) -> Duals:
        """Duals with nothing for the cuts added since."""
        cut_duals = np.zeros(len(self._master.cuts))
        cut_duals[: len(duals.cut_duals)] = duals.cut_duals
        return Duals(duals.prices, cut_duals, duals.of_area)

    def separate(self) -> bool:
        """Add cuts that the present shares break; False when there are none."""
        areas = [area.units for area in self._master.areas]
        cuts = separate_rank_one(areas, self._shares, self._pricing.part.n_units)
        self._master.add_cuts(cuts)
        return bool(cuts)

    def improve_plan(self, has_time: TimeLimit) -> None:
        """Look for a better plan among the areas at hand that may be in one, and those near them.

        Parameters
        ----------
        has_time
            For the lists and the choice; without a clock the areas at hand are all there are.
        """
        if self._proved is None:
            return
        areas, aim = self._areas_at_hand(), self.aim
        value, _, duals = self._master.solve()
        is_near = not has_time.is_endless and aim - value < self._near_gap
        if is_near:
            best, cuts = self._master.best_reduced_values(duals), self._master.cuts
            areas += list_near_areas(self._pricing, cuts, duals, best, aim - value, has_time)
        self._solve_set_partitioning(areas, has_time.share(0.2, PARTITIONING_SECONDS))
        if is_near:
            self._near_gap = (NARROWER if self.aim < aim else MUCH_NARROWER) * (aim - value)

    def _areas_at_hand(self) -> list[AreaColumn]:
        """Areas of the master that may be in a better plan, those that lose least."""
        if self._proved is None:
            return []
        duals, result = self._proved.duals, self._proved.result
        loss = result.reduced_values[self._master.anchors] - self._master.reduced_values(self._padded(duals))
        chosen = np.argsort(loss, kind="stable")[:MAX_CHOSEN]
        chosen = chosen[loss[chosen] < self.aim - result.base]
        return [self._master.areas[k] for k in chosen]

    def list_areas(self, has_time: TimeLimit, *, is_last: bool) -> bool:
        """List every area that a better plan may contain, where they are few, and choose for good.

        Parameters
        ----------
        has_time
            For the lists and the choice.
        is_last
            Whether nothing else is tried afterwards, so that no search is too long.

        Returns
        -------
        Whether the best plan is known.
        """
        if self._proved is None or self.is_over or not has_time():
            return self.is_over
        duals, result = self._proved.duals, self._proved.result
        gap = self.aim - result.base
        is_near = gap < min(ENUMERATED_GAP * abs(self.aim), 0.8 * self._listed_gap)
        if not is_last and not is_near:
            return False
        self._listed_gap = gap
        lists = AreaLists(self._pricing, self._proved.cuts, duals, result.reduced_values, gap)
        is_complete = lists.list_anchors(has_time, 3 if is_last else 2)
        self._pricing.restrict_reach(lists.may_hold)
        self._master.drop_unreachable()
        unlisted = lists.open_anchors
        n_pairs = sum(len(units) for units in unlisted.values())
        most = max(MAX_CHOSEN, min(MAX_ENUMERATED, self._n_nodes // NODES_AN_AREA))
        if lists.n_areas <= most and (is_complete or (is_last and n_pairs <= MAX_UNLISTED_PAIRS)):
            found = self._solve_set_partitioning(lists.columns(), has_time, unlisted)
            self._raise_bound(found)
            return self.is_over
        aim, areas = self.aim, lists.columns(MAX_CHOSEN)
        areas += [area for area in self._areas_at_hand() if not lists.is_listed[area.anchor]]
        self._solve_set_partitioning(areas, has_time.share(0.2, PARTITIONING_SECONDS))
        return is_last and self.aim < aim and self.list_areas(has_time, is_last=True)

    def _solve_set_partitioning(
        self, areas: list[AreaColumn], has_time: TimeLimit, unlisted: Mapping[int, np.ndarray] = NOBODY
    ) -> float:
        """Choose among the areas, those of the plan, and any of other anchors; what no choice costs less than."""
        areas = list({(area.anchor, area.units.tobytes()): area for area in [*areas, *self._plan]}.values())
        cuts = self._master.cuts
        nodes = PARTITIONING_NODES if has_time.is_endless else None
        chosen, bound = choose_areas(self._pricing, areas, cuts, self._plan, has_time, nodes, unlisted)
        if chosen is not None:
            cost = self._pricing.cost_of(chosen)
            if cost < self.aim - 1e-9 * abs(self.aim):
                self.aim, self._plan = cost, chosen
                self.labels = _labels_of(self._pricing, chosen)
        return bound


def _first_duals(pricing: PricingProblem, plan: list[AreaColumn], prices: np.ndarray) -> Duals:
    """Duals to begin with: those given, at which the areas of the plan cost nothing in the mean."""
    prices = np.minimum(prices, pricing.penalty)
    if not pricing.limits.count:
        return Duals(prices, np.zeros(0))
    return Duals(prices, np.zeros(0), float(np.mean([area.cost - prices[area.units].sum() for area in plan])))


def _columns_of(pricing: PricingProblem, labels: np.ndarray) -> list[AreaColumn]:
    """The areas of a plan, anchors that lead nobody left out."""
    areas = []
    for j, anchor in enumerate(pricing.part.anchors):
        units = np.flatnonzero(labels == j)
        units = units[units != anchor]
        if len(units):
            areas.append(pricing.area(j, units))
    return areas


def _labels_of(pricing: PricingProblem, areas: list[AreaColumn]) -> np.ndarray:
    labels = np.full(pricing.part.n_units, -1, dtype=np.int64)
    labels[pricing.part.anchors] = np.arange(len(pricing.part.anchors))
    for area in areas:
        labels[area.units] = area.anchor
    return labels
