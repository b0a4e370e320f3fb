"""The fewest edges that any plan cuts: a diagram of all plans, made finer until it proves the best one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.bundling.solver.base.bound_limits import OnBound, tell_nobody
from analysis.bundling.solver.base.evaluate import BoundResult, drop_infeasible_areas, evaluate
from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.base.work_log import TimeLimit
from analysis.bundling.solver.exact.diagram.unit_order import Arrival, order_units
from analysis.bundling.solver.kernels.partition_diagram import (
    CELL_BITS,
    KEY_WORDS,
    MOST_CLOSED,
    Arcs,
    CoarseLayer,
    States,
    Step,
    Window,
    bound_completions,
    expand_layer,
)

MOST_STATES = 8_000_000
"""States of one diagram: a gigabyte for two of them."""

MOST_PLANS = 2_000
"""States of a layer that are kept where plans are looked for."""

FINEST = 1 << CELL_BITS
"""Cells of an area's weight."""


def prove_cut_edges(
    part: Subproblem,
    labels: np.ndarray,
    has_time: TimeLimit,
    on_bound: OnBound = tell_nobody,
    *,
    room: int = MOST_STATES,
) -> BoundResult | None:
    """The fewest edges that any plan cuts, everyone in an area, and a plan that does if it is met.

    A relaxed decision diagram (Bergman, Cire, van Hoeve & Hooker 2016, *Decision Diagrams for Optimization*) over the
    frontiers of an order of units (Kawahara et al. 2017): its states know areas and pieces of the frontier, and the
    weight of open areas to a cell. Every diagram tells the next one, of cells half as wide, how many edges a state
    still cuts at least, so that only what may beat the best plan is made finer. After each a restricted
    diagram of its best states looks for a better plan.

    Parameters
    ----------
    part
        Of stage "whole" and measure "cut", with areas between `lower` and `upper`; further weights are
        not looked at by the bound, only by plans.
    labels
        (n,) the best plan known, or one that leaves somebody over.
    has_time
        Asked at every layer.
    on_bound
        Told of the bound after every diagram.
    room
        States of one diagram.

    Returns
    -------
    None where frontiers are too wide, or there was no time or no room for the first diagram. Where no plan is known and
    none is met, a bound of more edges than there are says that there is none.
    """
    diagrams = _prepare(part)
    if diagrams is None:
        return None
    best, bound, coarse, cells = BoundResult(_cut(part, labels), labels), None, None, 1
    while cells <= FINEST and (bound is None or bound < best.bound):
        most_cut = int(best.bound) - 1
        found = diagrams.relax(cells, most_cut, coarse, has_time, room)
        if found is None:
            break
        bound, coarse = max(bound or 0, found[0]), found[1]
        on_bound(float(bound))
        if bound <= most_cut:
            met = diagrams.restrict(most_cut, coarse, cells, has_time)
            if met is not None and _cut(part, met) < best.bound:
                best = BoundResult(_cut(part, met), met)
        cells *= 2
    return None if bound is None else BoundResult(float(bound), best.labels)


def _prepare(part: Subproblem) -> _PartitionDiagrams | None:
    total = int(part.weight.sum())
    upper = min(part.upper, total)
    fewest = part.k or -(-total // max(upper, 1))
    most = part.k or (min(part.n_units, total // part.lower) if part.lower > 0 else part.n_units)
    arrivals = order_units(part.adjacency) if most <= MOST_CLOSED else None
    if arrivals is None:
        return None
    done = np.cumsum([part.weight[one.unit] for one in arrivals]).tolist()
    steps = [
        Step(len(one.frontier), one.joined, one.leaves, int(part.weight[one.unit]), after)
        for one, after in zip(arrivals, done, strict=True)
    ]
    return _PartitionDiagrams(
        arrivals, steps, Window(total, part.lower, upper, fewest, most), -(-(upper + 1) // FINEST)
    )


def _cut(part: Subproblem, labels: np.ndarray) -> int:
    """Edges that a plan cuts; one more than there are where it leaves somebody over or breaks a bound."""
    if (drop_infeasible_areas(part, labels) < 0).any():
        return len(part.indices) // 2 + 1
    return evaluate(part, labels).household_metres


_ROOT = States(
    keys=np.zeros((1, KEY_WORDS), np.uint64),
    cost=np.zeros(1, np.int64),
    least=np.zeros((1, 0), np.int64),
    most=np.zeros((1, 0), np.int64),
    to_go=np.zeros(1, np.int64),
)
"""Nobody has come."""

_NO_COARSER_LAYER = CoarseLayer(np.full(2, -1, np.int32), _ROOT.keys, _ROOT.to_go, 0)


@dataclass(frozen=True, eq=False)
class _PartitionDiagrams:
    """Diagrams of one part.

    Parameters
    ----------
    arrivals, steps
        Of each unit, in their order.
    window
        Bounds of areas.
    cell
        Width of the finest cell of weight.
    """

    arrivals: Sequence[Arrival]
    steps: Sequence[Step]
    window: Window
    cell: int

    def relax(
        self, cells: int, most_cut: int, coarse: list[CoarseLayer] | None, has_time: TimeLimit, room: int
    ) -> tuple[int, list[CoarseLayer]] | None:
        """Edges that every plan cuts, and the layers for finer diagrams; None where time or room ended.

        Parameters
        ----------
        cells
            Cells of an area's weight.
        most_cut
            Plans that cut more are left out: where all do, it is one more.
        coarse
            Layers of the diagram of half as many cells, if there is one.
        has_time
            Asked at every layer.
        room
            States of all layers.
        """
        states, kept = _ROOT, []
        for k, step in enumerate(self.steps):
            if not has_time():
                return None
            known = _NO_COARSER_LAYER if coarse is None else coarse[k]._replace(ratio=2)
            cell = self.cell * (FINEST // cells)
            states, slots, arcs, is_whole = expand_layer(states, step, self.window, cell, most_cut, known, True, room)
            if not is_whole:
                return None
            if not len(states.keys):
                return most_cut + 1, []
            room -= len(states.keys)
            kept.append((slots, states.keys, arcs))
        to_go, layers = np.zeros(len(states.keys), np.int64), []
        for slots, keys, arcs in reversed(kept):
            layers.append(CoarseLayer(slots, keys, to_go, 0))
            to_go = bound_completions(arcs, to_go)
        return int(to_go[0]), layers[::-1]

    def restrict(self, most_cut: int, layers: list[CoarseLayer], cells: int, has_time: TimeLimit) -> np.ndarray | None:
        """(n,) a plan that cuts no more than so many edges, if one of the best states leads to it.

        Parameters
        ----------
        most_cut
            Edges.
        layers, cells
            Of a relaxed diagram, and its cells of an area's weight.
        has_time
            Asked at every layer.
        """
        states, ways = _ROOT, []
        for step, layer in zip(self.steps, layers, strict=True):
            if not has_time():
                return None
            known = layer._replace(ratio=FINEST // cells)
            before = states
            states, _, arcs, _ = expand_layer(before, step, self.window, self.cell, most_cut, known, False, MOST_STATES)
            best = np.argsort(states.cost + states.to_go, kind="stable")[:MOST_PLANS]
            if not len(best):
                return None
            parent, area = _first_ways(before, arcs, states)
            ways.append((before.keys[:, 1], parent[best], area[best]))
            states = States(*(field[best] for field in states))
        return self._trace(ways, int(np.argmin(states.cost)))

    def _trace(self, ways: list[tuple[np.ndarray, np.ndarray, np.ndarray]], state: int) -> np.ndarray:
        """(n,) the plan that ends in a state."""
        path = []
        for areas, parent, area in reversed(ways):
            state, into = int(parent[state]), int(area[state])
            path.append((int(areas[state]), into))
        labels, n_areas = np.full(len(path), -1, dtype=np.int64), 0
        for arrival, (areas, into) in zip(self.arrivals, reversed(path), strict=True):
            met = [p for p in range(len(arrival.frontier)) if areas >> 4 * p & 15 == into]
            labels[arrival.unit] = labels[arrival.frontier[met[0]]] if met else n_areas
            n_areas += not met
        return labels


def _first_ways(before: States, arcs: Arcs, states: States) -> tuple[np.ndarray, np.ndarray]:
    """(s,) and (s,) the state each state was first reached from with the fewest edges, and the area that was joined."""
    parent = np.repeat(np.arange(len(before.cost)), np.diff(arcs.start))
    is_best = before.cost[parent] + arcs.cut == states.cost[arcs.child]
    _, first = np.unique(arcs.child[is_best], return_index=True)
    return parent[is_best][first], arcs.area[is_best][first]
