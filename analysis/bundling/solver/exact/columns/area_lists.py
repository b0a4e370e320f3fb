"""All areas that a plan within the gap may be made of, listed anchor by anchor, each list shortening the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.bundling.solver.base.work_log import TimeLimit
from analysis.bundling.solver.exact.columns.pricing_problem import AreaColumn, Duals, PricingProblem
from analysis.bundling.solver.exact.columns.rank_one_cuts import RankOneCut

LIMITS = ((20_000, 500), (200_000, 20_000), (3_000_000, 20_000))
"""Nodes of an anchor's search and areas listed of it, from the first attempt to the last."""
MAX_COMPARED = 10_000
"""Areas beyond which they are not compared pair by pair."""
NEAR_SHARE, NEAR_NODES, NEAR_AN_ANCHOR, MAX_NEAR = 0.3, 20_000, 300, 5_000
"""Of areas near the best: share of the gap that they may lose, nodes of an anchor's search, areas of an anchor, and
of all. The areas of a better plan lose less than the gap together, so each of them loses little of it."""


def list_near_areas(
    pricing: PricingProblem, cuts: Sequence[RankOneCut], duals: Duals, best: np.ndarray, gap: float, has_time: TimeLimit
) -> list[AreaColumn]:
    """Areas that lose little beside the best of their anchors, those that lose least first: a choice for a heuristic.

    Parameters
    ----------
    pricing, cuts, duals
        What areas are worth by.
    best
        (m,) what the best area at hand of each anchor is worth, its cost taken off; 0 = none.
    gap
        What the best plan known costs above the linear programme.
    has_time
        Asked before each anchor.
    """
    nobody = np.zeros(pricing.part.n_units, dtype=bool)
    found: list[tuple[float, AreaColumn]] = []
    for j in range(len(pricing.part.anchors)):
        if not has_time():
            break
        floor = float(best[j] - NEAR_SHARE * gap)
        held, values, _ = pricing.areas_above(j, cuts, duals, floor, ~nobody, nobody, NEAR_NODES, NEAR_AN_ANCHOR)
        found += zip((best[j] - values).tolist(), (pricing.area(j, np.flatnonzero(one)) for one in held), strict=True)
    return [area for _, area in sorted(found, key=lambda pair: pair[0])[:MAX_NEAR]]


class AreaLists:
    """What each anchor may lead in any plan that costs less than the best known.

    The cost of a plan is the bound, plus for each anchor what its area is worth less than the best (its loss; of
    an anchor without an area, all that the best is worth), plus what units left over cost above their price. So an
    area whose loss is more than the gap is in no better plan. A unit that no other anchor's list has must be in the
    area of the one that is left; a unit in every area of an anchor is in no other's.

    Parameters
    ----------
    pricing, cuts, duals
        What areas are worth by.
    reduced_values
        (m,) no area of an anchor is worth more; of one that may well have none, no less than 0.
    gap
        What the best plan known costs above the bound of these duals.
    """

    def __init__(
        self, pricing: PricingProblem, cuts: Sequence[RankOneCut], duals: Duals, reduced_values: np.ndarray, gap: float
    ) -> None:
        self._pricing, self._cuts, self._duals = pricing, cuts, duals
        self._best, self._gap = np.maximum(reduced_values, 0.0), gap
        n, m = pricing.part.n_units, len(pricing.part.anchors)
        self._held: list[np.ndarray | None] = [None] * m  # (a, n) bool of each anchor that is listed
        self._loss = [np.zeros(0)] * m
        self.may_hold = np.zeros((m, n), dtype=bool)
        for j in range(m):
            self.may_hold[j, pricing.reach(j)] = True
        self._must_hold = np.zeros((m, n), dtype=bool)
        prices = np.minimum(duals.prices, pricing.penalty)
        self._may_be_left = np.zeros(n, dtype=bool)
        if not pricing.must_serve:
            self._may_be_left = pricing.penalty - prices <= gap
        self._has_one = self._best > gap  # anchors that cannot stay without an area

    @property
    def is_complete(self) -> bool:
        """Whether every anchor is listed."""
        return all(held is not None for held in self._held)

    @property
    def n_areas(self) -> int:
        """Areas of all anchors listed."""
        return sum(len(held) for held in self._held if held is not None)

    @property
    def is_listed(self) -> np.ndarray:
        """(m,) bool: which anchors are."""
        return np.array([held is not None for held in self._held], dtype=bool)

    @property
    def open_anchors(self) -> dict[int, np.ndarray]:
        """Units that each anchor that is not listed may hold."""
        return {j: np.flatnonzero(self.may_hold[j]) for j, held in enumerate(self._held) if held is None}

    def columns(self, most: int | None = None) -> list[AreaColumn]:
        """Areas of all anchors listed.

        Parameters
        ----------
        most
            At most so many, those that lose least; None = all.
        """
        held = [(j, one) for j, some in enumerate(self._held) if some is not None for one in some]
        loss = np.concatenate([self._loss[j] for j, some in enumerate(self._held) if some is not None] or [np.zeros(0)])
        order = np.argsort(loss, kind="stable")[:most].tolist()
        return [self._pricing.area(held[k][0], np.flatnonzero(held[k][1])) for k in order]

    def list_anchors(self, has_time: TimeLimit, n_attempts: int = len(LIMITS)) -> bool:
        """List anchors, the easiest first; whether all are.

        Parameters
        ----------
        has_time
            Asked before each anchor.
        n_attempts
            How many of the limits are tried.
        """
        for max_nodes, most in LIMITS[:n_attempts]:
            is_new = True
            while is_new and not self.is_complete:
                is_new = False
                waiting = [j for j, held in enumerate(self._held) if held is None]
                for j in sorted(waiting, key=lambda j: int(self.may_hold[j].sum() - 5 * self._must_hold[j].sum())):
                    if not has_time():
                        return False
                    if self._list(j, max_nodes, most):
                        is_new = True
                        self._propagate()
                if (max_nodes, most) == LIMITS[0]:
                    break
        self._compare()
        return self.is_complete

    def _list(self, j: int, max_nodes: int, most: int) -> bool:
        floor = float(self._best[j] - self._gap)
        held, values, is_all = self._pricing.areas_above(
            j, self._cuts, self._duals, floor, self.may_hold[j], self._must_hold[j], max_nodes, most
        )
        if not is_all:
            return False
        self._held[j], self._loss[j] = held, self._best[j] - values
        return True

    def _propagate(self) -> None:
        """Let what is known of each anchor shorten what the others may hold, until nothing changes."""
        is_new = True
        while is_new:
            before = int(self.may_hold.sum()), int(self._must_hold.sum()), self.n_areas
            for j, held in enumerate(self._held):
                if held is not None:
                    held = self._keep(j, held)
                    self.may_hold[j] = held.any(axis=0)
                    if self._has_one[j] and len(held):
                        self._must_hold[j] = held.all(axis=0)
            alone = (self.may_hold.sum(axis=0) == 1) & ~self._may_be_left
            self._must_hold |= self.may_hold & alone
            self._has_one |= self._must_hold.any(axis=1)
            taken = self._must_hold.any(axis=0)
            self.may_hold &= ~taken | self._must_hold
            is_new = before != (int(self.may_hold.sum()), int(self._must_hold.sum()), self.n_areas)

    def _keep(self, j: int, held: np.ndarray) -> np.ndarray:
        """Areas of an anchor that hold what they must and nothing they may not."""
        is_kept = ~(held & ~self.may_hold[j]).any(axis=1) & (held | ~self._must_hold[j]).all(axis=1)
        if not is_kept.all():
            self._held[j] = held = held[is_kept]
            self._loss[j] = self._loss[j][is_kept]
        return held

    def _compare(self) -> None:
        """Drop areas whose loss, with the least that every other anchor loses beside them, is more than the gap."""
        for _ in range(3):
            lists = [(j, held) for j, held in enumerate(self._held) if held is not None]
            if not lists or not 0 < self.n_areas <= MAX_COMPARED:
                return
            count = self.n_areas
            least = {j: self._least(j, np.ones((1, len(held)), dtype=bool))[0] for j, held in lists}
            everyone = sum(least.values())
            if everyone == np.inf:  # an anchor has no area left and may not stay without one: no plan is better
                least, everyone = dict.fromkeys(least, 0.0), np.inf
            kept = {}
            for j, held in lists:
                total = self._loss[j] + everyone - least[j]
                for i, other in lists:
                    if i != j and len(held):
                        apart = held.astype(np.float32) @ other.astype(np.float32).T == 0
                        total = total + self._least(i, apart) - least[i]
                kept[j] = total <= self._gap
            for j, held in lists:
                self._held[j], self._loss[j] = held[kept[j]], self._loss[j][kept[j]]
            self._propagate()
            if self.n_areas > 0.9 * count:
                return

    def _least(self, j: int, may: np.ndarray) -> np.ndarray:
        """(k,) the least that an anchor loses with some of its areas, or with none where it may have none."""
        none = np.inf if self._has_one[j] else float(self._best[j])
        return np.where(may, self._loss[j], np.inf).min(axis=1, initial=none)
