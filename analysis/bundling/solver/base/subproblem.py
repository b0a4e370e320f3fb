"""Decomposition of a problem into independent subproblems: one connected component at a time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
from scipy.sparse import csr_array

from analysis.bundling.evaluation.dense_walks import require_memory
from analysis.bundling.evaluation.score import walk_matrix
from analysis.bundling.model.adjacency import Adjacency
from analysis.bundling.model.objectives import objectives_of
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.sizes import UNBOUNDED

Stage = Literal["lead", "whole", "area"]
Measure = Literal["walk", "cut"]
IMPOSSIBLE = -1


def _empty() -> np.ndarray:
    return np.zeros(0, dtype=np.int64)


def _no_rows() -> np.ndarray:
    return np.zeros((0, 0), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Subproblem:
    """Units that can only share areas with each other: a connected component; positions are local, 0..n-1.

    Parameters
    ----------
    stage
        "lead": members gather around anchors; "whole": areas within [lower, upper].
    units
        (n,) positions in the problem, ascending.
    indptr, indices
        CSR adjacency among them.
    households, weight, load
        (n,) int64; for an anchor households are 0: it is in its own area anyway.
    metres
        (n, n) int32, walks between units; only in stage "whole", else (0, 0).
    cost
        (m, n) int64 household-metres of a unit with an anchor, −1 = not allowed; only in "lead".
    anchors
        (m,) local positions.
    capacity
        (m,) int64.
    lower, upper
        Bounds of an area's weight; not used in stage "lead".
    opening
        (m,) int64 household-metres an anchor's area costs as soon as it takes a unit in.
    walkers
        (n,) int64: what a walk to the medoid is weighed with, households as a rule.
    k
        Number of areas in stage "whole"; 0 = any.
    is_contiguous
        False: areas need not be connected, and the edges only tell who is near.
    measure
        "walk": household-metres; "cut": edges between different areas, stage "whole" only.
    may_close
        Stage "lead": an anchor may be closed and is then a unit like any other; its households
        and load count, and it costs 0 with itself. False: anchors are always in their own area.
    more_weight
        (q, n) int64: further weights, bounded as hard as `weight`; only in stage "whole", (0, 0)
        where there are none.
    more_lower, more_upper
        (q,) int64: their bounds.
    """

    stage: Stage
    units: np.ndarray
    indptr: np.ndarray
    indices: np.ndarray
    households: np.ndarray
    weight: np.ndarray
    load: np.ndarray
    metres: np.ndarray
    cost: np.ndarray
    anchors: np.ndarray
    capacity: np.ndarray
    lower: int
    upper: int
    opening: np.ndarray
    walkers: np.ndarray
    k: int = 0
    is_contiguous: bool = True
    measure: Measure = "walk"
    may_close: bool = False
    more_weight: np.ndarray = field(default_factory=_no_rows)
    more_lower: np.ndarray = field(default_factory=_empty)
    more_upper: np.ndarray = field(default_factory=_empty)

    @cached_property
    def weights(self) -> np.ndarray:
        """(1 + q, n) all weights that are bounded, the first one first."""
        first = self.weight[None, :]
        return np.concatenate([first, self.more_weight]) if len(self.more_weight) else first

    @cached_property
    def lowers(self) -> np.ndarray:
        """(1 + q,) the least of each of `weights`."""
        return np.concatenate([[self.lower], self.more_lower]).astype(np.int64)

    @cached_property
    def uppers(self) -> np.ndarray:
        """(1 + q,) the most of each of `weights`."""
        return np.concatenate([[self.upper], self.more_upper]).astype(np.int64)

    @property
    def n_units(self) -> int:
        """Number of units, anchors included."""
        return len(self.units)

    @cached_property
    def adjacency(self) -> Adjacency:
        """Neighbours among the n units."""
        return Adjacency(self.indptr, self.indices)

    @property
    def links(self) -> csr_array:
        """(n, n) neighbours."""
        return self.adjacency.matrix

    @cached_property
    def back(self) -> np.ndarray:
        """(e,) position of the reverse of each directed edge."""
        row = self.adjacency.sources
        back = np.empty(len(row), dtype=np.int64)
        back[np.lexsort((self.indices, row))] = np.lexsort((row, self.indices))
        return back


def open_anchors(part: Subproblem, chosen: np.ndarray) -> Subproblem:
    """The part in which only the anchors at indices `chosen` lead, and always do.

    Parameters
    ----------
    part
        The subproblem.
    chosen
        (k,) indices of anchors, ascending.
    """
    households, load, cost = part.households.copy(), part.load.copy(), part.cost[chosen]
    anchors = part.anchors[chosen]
    households[anchors] = load[anchors] = 0
    cost[:, anchors] = IMPOSSIBLE
    return replace(
        part,
        households=households,
        load=load,
        cost=cost,
        anchors=anchors,
        capacity=part.capacity[chosen],
        opening=part.opening[chosen],
        may_close=False,
    )


def restrict(part: Subproblem, anchors: np.ndarray, units: np.ndarray) -> Subproblem:
    """The part of stage "lead" that only some anchors and units make up.

    Parameters
    ----------
    anchors
        Indices of anchors, ascending.
    units
        Local positions, ascending; those of the anchors among them.
    """
    links = part.links[units][:, units]
    return replace(
        part,
        units=part.units[units],
        indptr=links.indptr.astype(np.int64),
        indices=links.indices.astype(np.int64),
        households=part.households[units],
        weight=part.weight[units],
        load=part.load[units],
        walkers=part.walkers[units],
        cost=part.cost[np.ix_(anchors, units)],
        anchors=np.searchsorted(units, part.anchors[anchors]),
        capacity=part.capacity[anchors],
        opening=part.opening[anchors],
    )


def split_lead(problem: Problem, *, any_size: bool = False) -> tuple[Subproblem, ...]:
    """Parts with at least one anchor and one unit it may take in, in order of their first unit.

    Two anchors are never in one area, so an edge between them joins nothing. With `any_size` the
    floor areas of units and anchors (R13) forbid no pair: who would be in reach otherwise?

    Parameters
    ----------
    problem
        The problem.
    any_size
        Whether floor areas (R13) forbid no pair.
    """
    is_anchor = np.isin(np.arange(problem.n_units), problem.anchors)
    return tuple(
        part
        for units in group_units(problem)
        if is_anchor[units].any() and not is_anchor[units].all()
        if ((part := _lead_part(problem, units, any_size=any_size)).cost >= 0).any()
    )


def group_units(problem: Problem) -> list[np.ndarray]:
    """Positions of units that may share areas, anchors among them, by group; each ascending, by first unit.

    Two anchors are never in one area: an edge between them joins nothing.

    Parameters
    ----------
    problem
        Of any mode but "area".
    """
    return _components(problem, np.arange(problem.n_units), np.isin(np.arange(problem.n_units), problem.anchors))


def reachable_units(part: Subproblem) -> np.ndarray:
    """(n,) bool: units some anchor reaches through units it may take in; anchors are False."""
    found = np.zeros(part.n_units, dtype=bool)
    for anchor, start in enumerate(part.anchors.tolist()):
        reached = part.adjacency.reach(start, part.cost[anchor] >= 0)
        reached[start] = False
        found |= reached
    return found


def split_whole(problem: Problem, free: np.ndarray) -> tuple[Subproblem, ...]:
    """Parts among the units at positions `free` that are heavy enough for one area.

    Units heavier than an area may be, in any of the weights bounded, are taken out first: they
    cannot be members.

    Parameters
    ----------
    problem
        The problem.
    free
        (k,) positions of units without an area.
    """
    fits = free[np.all([size.fits(size.weight[free]) for size in problem.sizes], axis=0)]
    nobody = np.zeros(problem.n_units, dtype=bool)
    return tuple(
        _whole_part(problem, units)
        for units in _components(problem, fits, nobody)
        if all(size.weight[units].sum() >= size.lower for size in problem.sizes)
    )


def _components(problem: Problem, units: np.ndarray, is_anchor: np.ndarray) -> list[np.ndarray]:
    """Connected components among `units`, each ascending, by first unit; no anchor-anchor edges."""
    near, is_lead = Adjacency(*_csr(problem, units)), is_anchor[units]
    useful = ~(is_lead[near.sources] & is_lead[near.indices])
    return [units[group] for group in near.only(useful).groups]


def _pairs(problem: Problem, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Local (row, column) of every directed edge among `units`, sorted."""
    position = np.full(problem.n_units, -1, dtype=np.int64)
    position[units] = np.arange(len(units))
    degree = np.diff(problem.indptr)[units]
    row = np.repeat(np.arange(len(units)), degree)
    offset = np.arange(degree.sum()) - np.repeat(np.cumsum(degree) - degree, degree)
    column = position[problem.indices[np.repeat(problem.indptr[units], degree) + offset]]
    inside = column >= 0
    return row[inside], column[inside]


def _csr(problem: Problem, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    row, column = _pairs(problem, units)
    counts = np.bincount(row, minlength=len(units))
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), column.astype(np.int64)


def _whole_part(problem: Problem, units: np.ndarray) -> Subproblem:
    require_memory(len(units))
    indptr, indices = _csr(problem, units)
    none = np.zeros(0, dtype=np.int64)
    more = problem.sizes[1:]
    most = [UNBOUNDED if size.upper is None else size.upper for size in more]
    return Subproblem(
        stage="whole",
        units=units,
        indptr=indptr,
        indices=indices,
        households=problem.households[units],
        weight=problem.weight[units],
        load=problem.load[units],
        metres=walk_matrix(problem, units, units).astype(np.int32),
        cost=np.zeros((0, len(units)), dtype=np.int64),
        anchors=none,
        capacity=none,
        lower=problem.rules.lower,
        upper=problem.rules.upper,
        opening=none,
        walkers=problem.households[units],
        measure="cut" if objectives_of(problem.rules).is_cut_first else "walk",
        more_weight=np.array([size.weight[units] for size in more]) if more else _no_rows(),
        more_lower=np.array([size.lower for size in more], dtype=np.int64),
        more_upper=np.array(most, dtype=np.int64),
    )


def _lead_part(problem: Problem, units: np.ndarray, *, any_size: bool) -> Subproblem:
    indptr, indices = _csr(problem, units)
    chosen = np.isin(problem.anchors, units)
    anchors = np.searchsorted(units, problem.anchors[chosen])
    households = problem.households[units].copy()
    households[anchors] = 0
    return Subproblem(
        stage="lead",
        units=units,
        indptr=indptr,
        indices=indices,
        households=households,
        weight=problem.weight[units],
        load=problem.load[units],
        metres=np.zeros((0, 0), dtype=np.int32),
        cost=assignment_costs(problem, problem.anchors[chosen], units, any_size=any_size),
        anchors=anchors,
        capacity=problem.capacity[chosen],
        lower=problem.rules.lower,
        upper=problem.rules.upper,
        opening=np.zeros(int(chosen.sum()), dtype=np.int64),
        walkers=households,
    )


def assignment_costs(problem: Problem, anchors: np.ndarray, units: np.ndarray, *, any_size: bool = False) -> np.ndarray:
    """(m, n) household-metres of each unit with each anchor; −1 where R13 or R26 forbid the pair.

    Anchors themselves belong to no other anchor.

    Parameters
    ----------
    problem
        The problem.
    anchors
        (m,) positions.
    units
        (n,) positions, ascending.
    any_size
        Whether floor areas (R13) forbid no pair.
    """
    of_anchor = np.searchsorted(problem.anchors, anchors)
    walk = problem.walks[anchors][:, units].toarray()
    allowed = (walk > 0) & (walk <= problem.rules.radius_m)
    if not any_size:
        most = np.minimum(problem.largest[of_anchor], problem.capacity[of_anchor])
        allowed &= problem.load[units][None, :] <= most[:, None]
    asks = problem.is_target if problem.asks_leader is None else problem.asks_leader
    allowed &= asks[units][None, :]
    cost = walk * problem.households[units][None, :]
    if problem.move_m and problem.start_of is not None:
        home, there = problem.start_of[units][None, :], problem.start_of[anchors][:, None]
        cost += problem.move_m * ((home >= 0) & (home != there))
    if problem.preferences is not None and problem.preferences.price_m:
        against = problem.preferences.households_against(anchors, units, problem.households[units])
        cost += problem.preferences.price_m * against
    return np.where(allowed, cost, IMPOSSIBLE)
