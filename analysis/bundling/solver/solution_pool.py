"""Pool of areas met by a search, recombined to a better plan by set partitioning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.sparse import csc_array

from analysis.bundling.solver.base.evaluate import drop_infeasible_areas, is_within_bounds
from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.base.work_log import ENDLESS, TimeLimit
from analysis.bundling.solver.exact.assignment_mip import PlanCosts
from analysis.bundling.solver.models.mip import LinearRow, MipModel
from analysis.bundling.solver.models.set_partitioning import membership, set_partitioning_model

MAX_AREAS = 6_000
"""Areas of a pool: those met last."""

NODES = 200
"""Of HiGHS, for one choice."""

EPS = 1e-6
"""Share of the best plan's cost by which an area may miss it and is kept: HiGHS rounds."""

AreaKey = tuple[int, bytes]
"""Of an area: its anchor or medoid, and its units but an anchor that is always open, as bytes of int64."""


AnchorArea = tuple[int, np.ndarray]
"""An anchor or medoid, and the (k,) int64 units of its area, an anchor that is always open not among them."""


class SolutionPool:
    """Areas, connected and within their bounds, as a search met them.

    The best choice of them is often better than every plan they come from (Rochat & Taillard 1995;
    for service areas Kong et al. 2021; decision 0020).

    Parameters
    ----------
    part, costs
        Of stage "lead" or "whole"; what plans cost.
    """

    def __init__(self, part: Subproblem, costs: PlanCosts) -> None:
        self._part, self._costs = part, costs
        self._areas: dict[AreaKey, float] = {}
        self._best, self._best_cost = np.full(part.n_units, -1, dtype=np.int64), np.inf
        self._is_changed = False

    def add(self, labels: np.ndarray) -> None:
        """Add the areas of a plan; those known already count as met last.

        Parameters
        ----------
        labels
            (n,) int: area of each unit, −1 = left over; in stage "whole" areas may break their bounds, and are
            then passed over.
        """
        plan = drop_infeasible_areas(self._part, labels) if self._part.stage == "whole" else labels
        cost = self._costs.of(self._part, plan)
        if cost < self._best_cost:
            self._best, self._best_cost = plan, cost
        self._put(self._of(labels))

    def merge(self, other: SolutionPool) -> None:
        """Add all areas of another pool."""
        if other._best_cost < self._best_cost:
            self._best, self._best_cost = other._best, other._best_cost
        self._put(other._areas)

    @property
    def areas(self) -> list[AnchorArea]:
        """All of them."""
        return [(name[0], _units(name)) for name in self._areas]

    def _put(self, areas: Mapping[AreaKey, float]) -> None:
        for name, cost in areas.items():
            self._is_changed |= self._areas.pop(name, None) is None
            self._areas[name] = cost
        while len(self._areas) > MAX_AREAS:
            self._areas.pop(next(iter(self._areas)))

    def solve_set_partitioning(self, *, has_time: TimeLimit = ENDLESS) -> np.ndarray:
        """The best plan HiGHS makes of these areas, or the best of those they come from.

        What the linear programme proves too dear for anything better is left out beforehand.

        Asked again with no new areas, it is the same.

        Parameters
        ----------
        has_time
            Besides the nodes.
        """
        if not self._is_changed:
            return self._best
        self._put(self._of(self._best))
        self._is_changed = False
        names, cost, members = self._columns()
        scale = max(1.0, float(np.median(cost[: len(names)]))) if names else 1.0
        everything = np.arange(len(cost))
        relaxed = self._model(cost / scale, members, everything, is_whole=False)
        answer = relaxed.solve(has_time=has_time)
        room = self._best_cost - 1 + 1e-3 - answer.bound * scale  # costs are whole numbers
        if answer.values is None or room <= 0:
            return self._best
        duals = answer.row_duals * scale
        reduced = cost - duals[: members.shape[0]] @ members
        if self._part.k:
            reduced[: len(names)] -= duals[-1]
        kept = np.flatnonzero(reduced < room + EPS * self._best_cost)
        model = self._model(cost[kept] / scale, members[:, kept], kept, is_whole=True)
        found = model.solve(has_time=has_time, nodes=NODES)
        if found.values is not None:
            chosen = kept[found.values > 0.5]
            plan = self._plan([names[k] for k in chosen[chosen < len(names)]])
            known = self._costs.of(self._part, plan)
            if known < self._best_cost:
                self._best, self._best_cost = plan, known
        return self._best

    def _model(self, cost: np.ndarray, members: csc_array, kept: np.ndarray, *, is_whole: bool) -> MipModel:
        """The choice of columns `kept`, of which areas come first; as many areas as the part asks for."""
        model = set_partitioning_model(cost, members, len(self._asked), is_whole=np.full(len(cost), is_whole))
        if self._part.k:
            areas = np.flatnonzero(kept < len(self._areas))
            model.add([LinearRow(areas, np.ones(len(areas)), self._part.k, self._part.k)])
        return model

    def _columns(self) -> tuple[list[AreaKey], np.ndarray, csc_array]:
        """Areas, then each unit left over: names of the areas, costs, and which rows each is in.

        Rows: each unit in one area or none, then each anchor, where there are some, with one area at most.
        """
        part, asked, names = self._part, self._asked, list(self._areas)
        row = np.full(part.n_units, -1)
        row[asked] = np.arange(len(asked))
        elements = [row[_units(name)] for name in names]
        left = part.households[asked] * self._costs.left_over
        cost = np.concatenate([list(self._areas.values()), left])
        if part.stage == "whole":  # each area has a medoid of its own anyway
            return names, cost, membership(elements, [0] * len(names), (len(asked), 1))[: len(asked)]
        shape = len(asked), len(part.anchors)
        return names, cost, membership(elements, [anchor for anchor, _ in names], shape)

    def _plan(self, names: Sequence[AreaKey]) -> np.ndarray:
        """Labels of a choice of areas."""
        labels = np.full(self._part.n_units, -1, dtype=np.int64)
        if self._part.stage == "whole":
            for number, name in enumerate(names):
                labels[_units(name)] = number
            return labels
        if not self._part.may_close:
            labels[self._part.anchors] = np.arange(len(self._part.anchors))
        for name in names:
            labels[_units(name)] = name[0]
        return labels

    @property
    def _asked(self) -> np.ndarray:
        """Units that areas are made of: anchors too, where they may be led by others."""
        if self._part.may_close or self._part.stage == "whole":
            return np.arange(self._part.n_units)
        return np.flatnonzero(~np.isin(np.arange(self._part.n_units), self._part.anchors))

    def _of(self, labels: np.ndarray) -> dict[AreaKey, float]:
        part = self._part
        areas: dict[AreaKey, float] = {}
        if part.stage == "whole":
            for label in np.unique(labels[labels >= 0]).tolist():
                units = np.flatnonzero(labels == label).astype(np.int64)
                if is_within_bounds(part, units):
                    medoid, cost = _medoid_and_cost(part, units)
                    areas[medoid, units.tobytes()] = cost + self._costs.area
            return areas
        for anchor in np.unique(labels[labels >= 0]).tolist():
            units = np.flatnonzero(labels == anchor)
            if not part.may_close:
                units = units[units != part.anchors[anchor]]
            if len(units):
                cost = part.cost[anchor, units].sum() + part.opening[anchor] + self._costs.area
                areas[anchor, units.astype(np.int64).tobytes()] = float(cost)
        return areas


def _medoid_and_cost(part: Subproblem, units: np.ndarray) -> tuple[int, float]:
    """Of an area of stage "whole": its medoid, and walks to it or, of each edge that leaves it, a half."""
    if part.measure == "cut":
        inside = np.zeros(part.n_units, dtype=bool)
        inside[units] = True
        return int(units[0]), float((inside[part.adjacency.sources] & ~inside[part.indices]).sum()) / 2
    walks = part.metres[np.ix_(units, units)] @ part.walkers[units]
    at = int(np.argmin(walks))
    return int(units[at]), float(walks[at])


def _units(name: AreaKey) -> np.ndarray:
    return np.frombuffer(name[1], dtype=np.int64)
