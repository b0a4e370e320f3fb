"""The choice of areas for good: from lists, and unit by unit for anchors whose areas are too many to list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from analysis.bundling.solver.base.work_log import TimeLimit
from analysis.bundling.solver.exact.columns.pricing_problem import AreaColumn, PricingProblem
from analysis.bundling.solver.exact.columns.rank_one_cuts import RankOneCut
from analysis.bundling.solver.models.mip import INFINITY, LinearRow, MipModel
from analysis.bundling.solver.models.separators import Separator, find_violated_separators, neighbour_separators
from analysis.bundling.solver.models.set_partitioning import membership, set_partitioning_model

NOBODY: Mapping[int, np.ndarray] = {}
"""No anchor is filled unit by unit."""


def choose_areas(
    pricing: PricingProblem,
    areas: Sequence[AreaColumn],
    cuts: Sequence[RankOneCut],
    start: Sequence[AreaColumn],
    has_time: TimeLimit,
    nodes: int | None,
    unlisted: Mapping[int, np.ndarray] = NOBODY,
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
    unlisted
        Anchors that may have any connected area besides, made of these units; separators are added where one
        comes apart, and the model is solved again.

    Returns
    -------
    choice, bound
        No choice costs less than `bound`; None = none was found.
    """
    choice = _AreaChoice(pricing, areas, cuts, unlisted)
    answer = choice.model.solve_lazily(choice.separate, start=choice.make_point(start), has_time=has_time, nodes=nodes)
    chosen = None if answer.values is None else choice.read_areas(answer.values)
    return chosen, answer.bound * choice.scale


class _AreaChoice:
    """The integer programme: units left over, areas listed, whether each other anchor is open, and its units."""

    def __init__(
        self,
        pricing: PricingProblem,
        areas: Sequence[AreaColumn],
        cuts: Sequence[RankOneCut],
        unlisted: Mapping[int, np.ndarray],
    ) -> None:
        self._pricing, self._areas, self._unlisted = pricing, areas, unlisted
        self._n_left = len(pricing.units)
        self._names = {(area.anchor, area.units.tobytes()): k for k, area in enumerate(areas)}
        self._row = np.full(pricing.part.n_units, -1)
        self._row[pricing.units] = np.arange(self._n_left)
        first = self._n_left + len(areas)
        self._open = {j: first + k for k, j in enumerate(unlisted)}
        pairs = [(j, int(unit)) for j, units in unlisted.items() for unit in units]
        self._joins = {pair: first + len(unlisted) + k for k, pair in enumerate(pairs)}
        self.scale = max(1.0, float(np.median(pricing.penalty[pricing.units])))
        self.model = self._build()
        self._add_cuts(cuts)
        if unlisted:
            self._fill_unlisted()

    def _build(self) -> MipModel:
        pricing, n_left = self._pricing, self._n_left
        single = [pricing.opening[list(self._open)], [pricing.cost[pair] for pair in self._joins]]
        areas = [area.cost for area in self._areas]
        cost = np.concatenate([pricing.penalty[pricing.units], areas, *single]) / self.scale
        whole = np.arange(len(cost)) >= n_left
        most = np.where(whole, 1.0, 0.0 if pricing.must_serve else 1.0)
        of_anchor = [area.anchor for area in self._areas] + list(self._open)
        anchors = np.unique(of_anchor)  # those with a column
        elements = [self._row[area.units] for area in self._areas] + [self._row[:0]] * len(self._open)
        # units by themselves: their anchor's row is that of its opening
        elements += [self._row[[unit]] for _, unit in self._joins]
        n_rows = n_left + len(anchors)
        places = np.searchsorted(anchors, of_anchor).tolist() + [len(anchors)] * len(self._joins)
        members = membership(elements, places, (n_left, len(anchors) + 1))[:n_rows]
        left_first = np.roll(np.arange(len(cost)), n_left)  # units left over come before the areas
        model = set_partitioning_model(cost, members[:, left_first], n_left, is_whole=whole, upper=most)
        if pricing.limits.count:
            counted = np.arange(n_left, n_left + len(of_anchor))
            model.add([LinearRow(counted, np.ones(len(counted)), *[float(pricing.limits.count)] * 2)])
        return model

    def _add_cuts(self, cuts: Sequence[RankOneCut]) -> None:
        held = np.zeros((len(self._areas), self._pricing.part.n_units), dtype=np.int8)
        for k, area in enumerate(self._areas):
            held[k, area.units] = 1
        for cut in cuts:
            counted = cut.coefficients(held)
            columns = np.flatnonzero(counted)
            self.model.add([LinearRow(self._n_left + columns, counted[columns], -INFINITY, float(cut.most))])

    def _fill_unlisted(self) -> None:
        """Loads of the anchors that are filled unit by unit, and the first separators."""
        part, least = self._pricing.part, float(self._pricing.limits.least)
        may = np.zeros((len(part.anchors), part.n_units), dtype=bool)
        for j, units in self._unlisted.items():
            may[j, units] = True
            columns = [self._open[j], *(self._joins[j, int(unit)] for unit in units)]
            load = part.load[units].astype(float)
            self.model.add([LinearRow(columns, [-float(part.capacity[j]), *load], -INFINITY, 0.0)])
            self.model.add([LinearRow(columns, [-least, *load], 0.0, INFINITY)])
            self.model.add([LinearRow(columns, [-1.0, *np.ones(len(units))], 0.0, INFINITY)])
            self.model.add([LinearRow([columns[0], one], [1.0, -1.0], 0.0, INFINITY) for one in columns[1:]])
        self._add_separators(neighbour_separators(part, may))

    def separate(self, point: np.ndarray) -> bool:
        """Add the separators that a whole point breaks; whether there were any.

        Parameters
        ----------
        point
            (c,) float.
        """
        part = self._pricing.part
        labels = np.full(part.n_units, -1, dtype=np.int64)
        labels[part.anchors] = np.arange(len(part.anchors))
        for area in self.read_areas(point):
            labels[area.units] = area.anchor
        broken = find_violated_separators(part, labels)
        self._add_separators(broken)
        return bool(broken)

    def _add_separators(self, separators: Iterable[Separator]) -> None:
        """Let units join an anchor only with a unit between."""
        rows = []
        for j, unit, between in separators:
            beside = [self._joins[j, other] for other in between if (j, other) in self._joins]
            rows.append(LinearRow([self._joins[j, unit], *beside], [1.0, *[-1.0] * len(beside)], -INFINITY, 0.0))
        self.model.add(rows)

    def make_point(self, areas: Sequence[AreaColumn]) -> np.ndarray:
        """(c,) a choice as a point.

        Parameters
        ----------
        areas
            All of them listed.
        """
        point = np.zeros(self._n_left + len(self._areas) + len(self._open) + len(self._joins))
        point[: self._n_left] = 1.0
        for area in areas:
            point[self._n_left + self._names[area.anchor, area.units.tobytes()]] = 1.0
            point[self._row[area.units]] = 0.0
        return point

    def read_areas(self, point: np.ndarray) -> list[AreaColumn]:
        """The areas of a whole point.

        Parameters
        ----------
        point
            (c,) float.
        """
        listed = np.flatnonzero(point[self._n_left : self._n_left + len(self._areas)] > 0.5).tolist()
        chosen = [self._areas[k] for k in listed]
        for j, units in self._unlisted.items():
            taken = [int(unit) for unit in units if point[self._joins[j, int(unit)]] > 0.5]
            if taken:
                chosen.append(self._pricing.area(j, np.array(taken, dtype=np.int64)))
        return chosen
