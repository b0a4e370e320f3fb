"""Led areas that lie together are solved anew, exactly: the large neighbourhood of a plan."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from analysis.bundling.mip import INFINITY, Model, Row
from analysis.bundling.parts import Part

Cut = tuple[int, int, tuple[int, ...]]
"""(anchor, unit, separator): the unit joins the anchor only with a unit of the separator."""

MAX_REPAIRS = 6


@dataclass(frozen=True, eq=False)
class Sight:
    """What the exact solver is shown of a part.

    Parameters
    ----------
    pairs
        (m, n) bool: anchor and unit may meet; the others are left to the annealing.
    left_over
        Price of a household in no area, household-metres.
    area
        Price of an area.
    cuts
        Separators found so far, kept for models to come.
    may_leave
        None: units are left over only where one is now, which is enough to find better plans;
        else whether any unit may be, which is what a bound needs to know.
    """

    pairs: np.ndarray
    left_over: float
    area: float
    may_leave: bool | None = None
    cuts: dict[Cut, None] = field(default_factory=dict)


def neighbourhood(part: Part, labels: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """Up to k anchors whose areas, or left-over units between them, lie together; ascending.

    Begins at a random unit, more often at one left over, and grows over neighbouring areas.
    """
    left = np.flatnonzero((labels < 0) & (part.cost >= 0).any(axis=0))
    start = rng.choice(left) if len(left) and rng.random() < 0.5 else rng.integers(part.n_units)
    chosen: list[int] = []
    ring = _anchors_at(part, labels, int(start))
    while ring and len(chosen) < k:
        anchor = ring.pop(int(rng.integers(min(len(ring), 3))))
        if anchor in chosen:
            continue
        chosen.append(anchor)
        members = np.flatnonzero(labels == anchor)
        around = _anchors_beside(part, labels, members)
        rng.shuffle(around)
        ring += [int(other) for other in around if other not in chosen and other not in ring]
    return np.array(sorted(chosen), dtype=np.int64)


def resolve(
    part: Part,
    labels: np.ndarray,
    anchors: np.ndarray,
    sight: Sight,
    *,
    seconds: float = INFINITY,
    nodes: int | None = None,
) -> tuple[np.ndarray, bool]:
    """Labels in which the areas of some anchors, and what is left over beside them, are best.

    Parameters
    ----------
    part, labels
        A sound plan of the part.
    anchors
        Indices of the anchors whose areas are decided anew.
    sight
        Pairs, prices and cuts; new cuts are added to it.
    seconds, nodes
        Limits of the exact solver; without `seconds` no clock is read.

    Returns
    -------
    labels, is_proven
        Never worse than those given under the prices of `sight`.
    """
    model = AreaModel(part, labels, anchors, sight)
    if len(model.units) == 0:
        return labels, True
    end = time.perf_counter() + seconds
    for _ in range(MAX_REPAIRS):
        answer = model.solve(end - time.perf_counter(), nodes)
        if answer.labels is None:
            return labels, False
        if not (cuts := cuts_of(part, answer.labels, anchors)):
            return answer.labels, answer.is_proven
        model.add_cuts(cuts)
    return labels, False


def joined_labels(part: Part, labels: np.ndarray) -> np.ndarray:
    """Labels in which what an anchor does not reach over its own units is left over."""
    labels = labels.copy()
    labels[part.anchors] = np.arange(len(part.anchors))
    for anchor, group in _broken(part, labels, np.arange(len(part.anchors))):
        labels[group[labels[group] == anchor]] = -1
    return labels


def separator(part: Part, anchor: int, group: np.ndarray) -> tuple[int, ...]:
    """A smallest-by-inclusion set of units without which `group` is cut off from the anchor."""
    allowed = part.cost[anchor] >= 0
    allowed[part.anchors] = part.may_close & allowed[part.anchors]
    allowed[part.anchors[anchor]] = True
    inside = np.zeros(part.n_units, dtype=bool)
    inside[group] = True
    beside = _neighbours_of(part, group)
    beside = beside[~inside[beside] & allowed[beside]]
    closed = np.zeros(part.n_units, dtype=bool)
    closed[beside] = True
    reached = _reach(part, int(part.anchors[anchor]), allowed & ~closed)
    around = np.zeros(part.n_units, dtype=bool)
    around[_neighbours_of(part, np.flatnonzero(reached))] = True
    return tuple(int(unit) for unit in beside[around[beside]])


@dataclass(frozen=True, eq=False)
class ModelAnswer:
    """What the exact model says: labels (None = none found), a bound, whether both are final."""

    labels: np.ndarray | None
    bound: float
    is_proven: bool


class AreaModel:
    """The exact model of some areas: who joins which anchor, who is left over, who leads."""

    def __init__(self, part: Part, labels: np.ndarray, anchors: np.ndarray, sight: Sight) -> None:
        self._part, self._labels, self._anchors, self._sight = part, labels, anchors, sight
        may = (part.cost[anchors] >= 0) & sight.pairs[anchors]
        held = np.isin(labels, anchors)
        is_anchor = np.zeros(part.n_units, dtype=bool)
        is_anchor[part.anchors] = not part.may_close
        self.units = np.flatnonzero((held | (labels < 0)) & ~is_anchor & (may.any(axis=0) | held))
        may[labels[None, :] == anchors[:, None]] = True
        place, unit = np.nonzero(may[:, self.units])
        self._anchor_of = anchors[place]
        self._unit_of = self.units[unit]
        self._column = np.full((len(part.anchors), part.n_units), -1, dtype=np.int64)
        self._column[self._anchor_of, self._unit_of] = np.arange(len(place))
        self._n_pairs = len(place)
        self._left = self._n_pairs + np.arange(len(self.units))
        self._open = self._left[-1:].sum() + 1 + np.arange(len(anchors))
        self._scale = max(1.0, float(np.abs(part.cost[self._anchor_of, self._unit_of]).mean() or 1))
        self._model = Model(self._costs(), self._uppers(), self._whole())
        self._model.add(self._rows())
        self._model.add([row for cut in sight.cuts if (row := self._cut_row(cut)) is not None])

    @property
    def _has_opening(self) -> bool:
        part = self._part
        return part.may_close or self._sight.area > 0 or bool(part.opening[self._anchors].any())

    def _costs(self) -> np.ndarray:
        part, sight = self._part, self._sight
        cost = [part.cost[self._anchor_of, self._unit_of].astype(float)]
        price = sight.left_over if np.isfinite(sight.left_over) else 0.0
        cost.append(part.households[self.units] * price)
        if self._has_opening:
            cost.append(part.opening[self._anchors] + sight.area)
        return np.concatenate(cost) / self._scale

    def _uppers(self) -> np.ndarray:
        """Nobody is left over where nobody was: such a plan could not be better."""
        ones = np.ones(self._n_pairs + len(self.units) + self._has_opening * len(self._anchors))
        may_leave = self._sight.may_leave
        if may_leave is None:
            may_leave = bool((self._labels[self.units] < 0).any()) or self._sight.area > 0
        if not may_leave:
            ones[self._left] = 0.0
        return ones

    def _whole(self) -> np.ndarray:
        whole = np.ones(len(self._uppers()), dtype=bool)
        whole[self._left] = False
        return whole

    def _rows(self) -> list[Row]:
        part = self._part
        rows = []
        order = np.argsort(self._unit_of, kind="stable")
        at = np.searchsorted(self._unit_of[order], self.units)
        ends = np.append(at[1:], self._n_pairs)
        for k in range(len(self.units)):
            served = [*order[at[k] : ends[k]].tolist(), int(self._left[k])]
            rows.append(Row(served, np.ones(len(served)), 1.0, 1.0))
        for k, anchor in enumerate(self._anchors):
            columns = np.flatnonzero(self._anchor_of == anchor)
            columns = columns[self._unit_of[columns] != part.anchors[anchor]]
            loads = part.load[self._unit_of[columns]].astype(float)
            room = float(part.capacity[anchor])
            if not self._has_opening:
                rows.append(Row(columns, loads, -INFINITY, room))
                continue
            door = int(self._open[k])
            rows.append(Row([*columns, door], [*loads, -room], -INFINITY, 0.0))
            rows += [Row([c, door], [1.0, -1.0], -INFINITY, 0.0) for c in columns]
            own = self._column[anchor, part.anchors[anchor]]
            if part.may_close and own >= 0:
                rows.append(Row([own, door], [1.0, -1.0], 0.0, 0.0))
        return rows

    def _cut_row(self, cut: Cut) -> Row | None:
        anchor, unit, between = cut
        column = self._column[anchor, unit]
        if column < 0:
            return None
        others = self._column[anchor, list(between)]
        others = others[others >= 0]
        return Row([int(column), *others.tolist()], [1.0, *[-1.0] * len(others)], -INFINITY, 0.0)

    def add_cuts(self, cuts: Iterable[Cut]) -> None:
        """Forbid what was found disconnected, here and in models to come."""
        rows = []
        for cut in cuts:
            self._sight.cuts[cut] = None
            if (row := self._cut_row(cut)) is not None:
                rows.append(row)
        self._model.add(rows)

    def solve(self, seconds: float, nodes: int | None) -> ModelAnswer:
        """The best labels found, connected or not, and what no labels can do better than."""
        self._model.start_from(self._point())
        answer = self._model.solve(seconds=seconds, nodes=nodes)
        bound = answer.bound * self._scale
        if answer.values is None:
            return ModelAnswer(None, bound, answer.is_proven)
        labels = self._labels.copy()
        labels[self.units] = -1
        taken = np.flatnonzero(answer.values[: self._n_pairs] > 0.5)
        labels[self._unit_of[taken]] = self._anchor_of[taken]
        return ModelAnswer(labels, bound, answer.is_proven)

    def _point(self) -> np.ndarray:
        """The present plan as a point of the model."""
        point = np.zeros(len(self._uppers()))
        now = self._labels[self.units]
        served = now >= 0
        point[self._column[now[served], self.units[served]]] = 1.0
        point[self._left[~served]] = 1.0
        if self._has_opening:
            for k, anchor in enumerate(self._anchors):
                members = np.flatnonzero(self._labels == anchor)
                own = self._part.anchors[anchor]
                point[self._open[k]] = float((members != own).any() or own in self.units[served])
            if self._part.may_close:
                is_open = self._labels[self._part.anchors[self._anchors]] == self._anchors
                point[self._open] = is_open.astype(float)
        return point


def _broken(
    part: Part, labels: np.ndarray, anchors: np.ndarray
) -> Iterable[tuple[int, np.ndarray]]:
    """(anchor, group) for every group of members its anchor does not reach."""
    for anchor in anchors:
        inside = labels == anchor
        inside[part.anchors[anchor]] = True
        missing = inside & ~_reach(part, int(part.anchors[anchor]), inside)
        while missing.any():
            group = _reach(part, int(np.flatnonzero(missing)[0]), missing)
            missing &= ~group
            yield int(anchor), np.flatnonzero(group)


def cuts_of(part: Part, labels: np.ndarray, anchors: np.ndarray) -> list[Cut]:
    """A cut for every member its anchor does not reach; none when all areas are connected."""
    return [
        (anchor, int(unit), between)
        for anchor, group in _broken(part, labels, anchors)
        for between in [separator(part, anchor, group)]
        for unit in group
    ]


def _reach(part: Part, start: int, allowed: np.ndarray) -> np.ndarray:
    """(n,) bool: units reached from `start` over allowed units, `start` included."""
    reached = np.zeros(part.n_units, dtype=bool)
    reached[start] = True
    stack = [start]
    while stack:
        unit = stack.pop()
        for i in part.indices[part.indptr[unit] : part.indptr[unit + 1]].tolist():
            if allowed[i] and not reached[i]:
                reached[i] = True
                stack.append(i)
    return reached


def _neighbours_of(part: Part, units: np.ndarray) -> np.ndarray:
    """All neighbours of some units, each once, ascending."""
    if len(units) == 0:
        return units
    rows = [part.indices[part.indptr[unit] : part.indptr[unit + 1]] for unit in units]
    return np.unique(np.concatenate(rows))


def _anchors_at(part: Part, labels: np.ndarray, unit: int) -> list[int]:
    if labels[unit] >= 0:
        return [int(labels[unit])]
    reach = np.flatnonzero(part.cost[:, unit] >= 0)
    return [int(k) for k in reach[np.argsort(part.cost[reach, unit], kind="stable")]]


def _anchors_beside(part: Part, labels: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Anchors whose areas touch the members, directly or over units left over."""
    around = _neighbours_of(part, members)
    left = around[labels[around] < 0]
    if len(left):
        around = np.union1d(around, _neighbours_of(part, left))
    found = np.unique(labels[around])
    closed = np.flatnonzero(np.isin(part.anchors, around) & part.may_close)
    return np.union1d(found[found >= 0], closed).astype(np.int64)
