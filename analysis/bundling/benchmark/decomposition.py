"""An instance is decomposed into subproblems, and their labels are put together to an assignment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra, shortest_path
from scipy.spatial import cKDTree

from analysis.bundling.benchmark.instance import Instance
from analysis.bundling.evaluation.dense_walks import require_memory
from analysis.bundling.model.adjacency import Adjacency
from analysis.bundling.model.score import Objective
from analysis.bundling.solver.base.subproblem import IMPOSSIBLE, Subproblem

MILLI, FINE = 1_000, 100_000
"""Units of cost a metre where distances are straight, for the search adds whole numbers only: of areas
without leads, and of what leads cost, where what is rounded off must not hide that a plan is proven."""

N_NEAR = 12
"""Where areas need not be connected, units are tried with the areas of this many nearest ones."""


@dataclass(frozen=True, eq=False)
class Decomposition:
    """An instance cut into parts.

    Parameters
    ----------
    instance
        Where the parts come from.
    parts
        Streets and connected components; one part where the number of areas is given. Groups that can
        have no area, and no lead, are in none.
    objective
        What labels are judged by, in the parts' unit of cost.
    scale
        Units of cost a metre; the parts count whole ones.
    """

    instance: Instance
    parts: tuple[Subproblem, ...]
    objective: Objective
    scale: int


def decompose(instance: Instance) -> Decomposition:
    """Cut an instance into parts that can be decided one by one."""
    is_whole_metres = instance.metric == "graph" or instance.floor_distance == 1
    scale = FINE if instance.problem == 1 else MILLI
    if is_whole_metres or instance.objective == "cut_edges":
        scale = 1
    penalty = instance.penalty_m * scale
    objective = Objective(penalty or None, instance.open_cost * scale)
    make = _lead_parts if instance.problem == 1 else _whole_parts
    return Decomposition(instance, tuple(make(instance, scale)), objective, scale)


def build_assignment(decomposition: Decomposition, labels: list[np.ndarray]) -> np.ndarray:
    """(n,) assignment in the benchmark's words from (n,) labels of every part.

    Leads that must be open lead themselves, also outside every part.

    Parameters
    ----------
    decomposition
        The instance and its parts.
    labels
        Area of each unit of each part, −1 = none.
    """
    instance = decomposition.instance
    assignment = np.full(instance.n_units, -1, dtype=np.int64)
    if instance.problem == 1 and instance.lead_cost is None:
        assignment[instance.leads] = instance.leads
    n_areas = 0
    for part, label in zip(decomposition.parts, labels, strict=True):
        inside = np.flatnonzero(label >= 0)
        if instance.problem == 1:
            assignment[part.units[inside]] = part.units[part.anchors[label[inside]]]
            continue
        _, numbered = np.unique(label[inside], return_inverse=True)
        assignment[part.units[inside]] = n_areas + numbered
        n_areas += int(numbered.max(initial=-1)) + 1
    return assignment


def rounding_error(decomposition: Decomposition, part: Subproblem) -> float:
    """What whole units of cost can have added to an assignment of a part, in the instance's measure.

    Led pairs are rounded as they are weighed; other walks are rounded before they are.

    Parameters
    ----------
    decomposition
        The instance and its scale.
    part
        One of its parts.
    """
    finest = decomposition.instance.floor_distance
    if decomposition.scale == 1 or (finest and decomposition.scale % finest == 0):
        return 0.0
    halves = part.n_units if part.stage == "lead" else int(part.walkers.sum())
    return 0.5 * halves / decomposition.scale


def find_outside_units(decomposition: Decomposition) -> np.ndarray:
    """(n,) bool: the units in no part; they are left over in every plan."""
    instance = decomposition.instance
    outside = np.ones(instance.n_units, dtype=bool)
    for part in decomposition.parts:
        outside[part.units] = False
    if instance.problem == 1 and instance.lead_cost is None:
        outside[instance.leads] = False
    return outside


# --- problem 1 -----------------------------------------------------------------------------------


def _lead_parts(instance: Instance, scale: int) -> list[Subproblem]:
    may_close = instance.lead_cost is not None
    edges = _inner_edges(instance)
    if not may_close:
        is_lead = np.isin(np.arange(instance.n_units), instance.leads)
        edges = edges[~is_lead[edges].all(axis=1)]
    streets = [np.flatnonzero(instance.street == code) for code in np.unique(instance.street)]
    groups = _components(instance.n_units, edges) if instance.contiguous else streets
    return [
        _lead_part(instance, units, edges, scale)
        for units in groups
        if (may_close or len(units) > 1) and np.isin(instance.leads, units).any()
    ]


def _lead_part(instance: Instance, units: np.ndarray, edges: np.ndarray, scale: int) -> Subproblem:
    chosen = np.isin(instance.leads, units)
    leads = instance.leads[chosen]
    anchors = np.searchsorted(units, leads)
    may_close = instance.lead_cost is not None
    weight = instance.weight[units]
    households = weight.copy()
    if not may_close:
        households[anchors] = 0
    cost = _lead_cost(instance, leads, units, scale)
    if may_close:
        cost[np.arange(len(leads)), anchors] = 0
    else:
        cost[:, anchors] = IMPOSSIBLE
    if instance.contiguous:
        indptr, indices = _csr(units, edges, instance.n_units)
    else:
        indptr, indices = _star(cost, anchors)
    opening = instance.lead_cost[chosen] * scale if instance.lead_cost is not None else 0 * leads
    return Subproblem(
        stage="lead",
        units=units,
        indptr=indptr,
        indices=indices,
        households=households,
        weight=weight,
        load=weight,
        metres=np.zeros((0, 0), dtype=np.int32),
        cost=np.ascontiguousarray(cost),  # rows are read, and kernels compiled, for this order
        anchors=anchors,
        capacity=instance.capacity[chosen],
        lower=0,
        upper=0,
        opening=opening,
        walkers=weight if instance.weighted else np.ones_like(weight),
        may_close=may_close,
    )


def _lead_cost(instance: Instance, leads: np.ndarray, units: np.ndarray, scale: int) -> np.ndarray:
    """(m, n) whole units of cost, −1 = beyond the radius, in another street, or too heavy."""
    metres = _from_leads(instance, leads, units)
    far = ~np.isfinite(metres)
    if instance.radius_m:
        far |= metres > instance.radius_m
    walkers = instance.weight[units] if instance.weighted else np.ones(len(units))
    cost = np.rint(np.where(far, 0.0, metres) * walkers * scale).astype(np.int64)
    cost[far] = IMPOSSIBLE
    cost[instance.street[leads][:, None] != instance.street[units][None, :]] = IMPOSSIBLE
    order = np.argsort(instance.leads)
    capacity = instance.capacity[order[np.searchsorted(instance.leads, leads, sorter=order)]]
    cost[instance.weight[units][None, :] > capacity[:, None]] = IMPOSSIBLE
    return cost


def _from_leads(instance: Instance, leads: np.ndarray, units: np.ndarray) -> np.ndarray:
    if instance.metric != "graph":
        return instance.straight_m(leads, units)
    if not instance.radius_m:
        return dijkstra(instance.graph, indices=leads)[:, units]
    limit = float(instance.radius_m)
    near = dijkstra(instance.graph, indices=leads, min_only=True, limit=limit)
    ball = np.union1d(np.flatnonzero(np.isfinite(near)), units)
    rows = dijkstra(instance.graph[ball][:, ball], indices=np.searchsorted(ball, leads), limit=limit)
    return rows[:, np.searchsorted(ball, units)]


def _star(cost: np.ndarray, anchors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every unit beside every anchor it may join: areas that need not be connected always are."""
    anchor, unit = np.nonzero(cost >= 0)
    row = np.concatenate([unit, anchors[anchor]])
    column = np.concatenate([anchors[anchor], unit])
    different = row != column
    links = csr_array(
        (np.ones(different.sum()), (row[different], column[different])), shape=(cost.shape[1], cost.shape[1])
    )
    links.sum_duplicates()
    return links.indptr.astype(np.int64), links.indices.astype(np.int64)


# --- problem 2 -----------------------------------------------------------------------------------


def _whole_parts(instance: Instance, scale: int) -> list[Subproblem]:
    upper = instance.upper or int(instance.weight.sum())
    groups, edges = find_groups(instance)
    groups = [units for units in groups if instance.weight[units].sum() >= instance.lower]
    if instance.k and groups:
        groups = [np.sort(np.concatenate(groups))]
    return [_whole_part(instance, units, edges, upper, scale) for units in groups]


def find_groups(instance: Instance) -> tuple[list[np.ndarray], np.ndarray]:
    """Groups of units, none above `upper`, that can only share areas with each other (problem 2).

    Returns
    -------
    groups, edges
        Each group ascending, by first unit, and the (e, 2) edges by which its units are near.
    """
    fits = instance.weight <= (instance.upper or instance.weight.sum())
    edges = _inner_edges(instance) if instance.contiguous else _near_edges(instance, fits)
    edges = edges[fits[edges].all(axis=1)]
    groups = [units for units in _components(instance.n_units, edges) if fits[units].all()]
    return groups, edges


def _whole_part(instance: Instance, units: np.ndarray, edges: np.ndarray, upper: int, scale: int) -> Subproblem:
    require_memory(len(units))
    indptr, indices = _csr(units, edges, instance.n_units)
    weight = instance.weight[units]
    none = np.zeros(0, dtype=np.int64)
    is_cut = instance.objective == "cut_edges"
    metres = _steps(indptr, indices) if is_cut else instance.distances(units) * scale
    far = int(metres[np.isfinite(metres)].max(initial=1.0)) + 1
    return Subproblem(
        stage="whole",
        units=units,
        indptr=indptr,
        indices=indices,
        households=weight,
        weight=weight,
        load=weight,
        metres=np.rint(np.where(np.isfinite(metres), metres, far)).astype(np.int32, order="C"),
        cost=np.zeros((0, len(units)), dtype=np.int64),
        anchors=none,
        capacity=none,
        lower=instance.lower,
        upper=upper,
        opening=none,
        walkers=weight if instance.weighted else np.ones_like(weight),
        k=instance.k,
        is_contiguous=bool(instance.contiguous),
        measure="cut" if is_cut else "walk",
    )


def _steps(indptr: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """(n, n) fewest edges from unit to unit: who is near where only edges count."""
    return shortest_path(Adjacency(indptr, indices).matrix, unweighted=True)


def _near_edges(instance: Instance, fits: np.ndarray) -> np.ndarray:
    """(e, 2) pairs of units that are among each other's nearest of one street; each street is joined."""
    pairs = [np.zeros((0, 2), dtype=np.int64)]
    for street in np.unique(instance.street[fits]):
        units = np.flatnonzero(fits & (instance.street == street))
        count = min(N_NEAR + 1, len(units))
        near = cKDTree(instance.xy[units]).query(instance.xy[units], k=range(1, count + 1))[1]
        near = np.column_stack([np.repeat(units, count), units[near.reshape(-1)]])
        firsts = np.array([group[0] for group in _components(instance.n_units, near)])
        firsts = np.intersect1d(firsts, units)
        pairs += [near, np.column_stack([firsts[:-1], firsts[1:]])]
    both = np.sort(np.concatenate(pairs), axis=1)
    return np.unique(both[both[:, 0] != both[:, 1]], axis=0)


# --- both ----------------------------------------------------------------------------------------


def _inner_edges(instance: Instance) -> np.ndarray:
    """(e, 2) edges inside one street."""
    return instance.edges[np.diff(instance.street[instance.edges], axis=1)[:, 0] == 0]


def _components(n: int, edges: np.ndarray) -> list[np.ndarray]:
    """Connected components, each ascending, by first unit."""
    return Adjacency.from_edges(n, edges).groups


def _csr(units: np.ndarray, edges: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """CSR adjacency among some units, positions local."""
    place = np.full(n, -1, dtype=np.int64)
    place[units] = np.arange(len(units))
    pairs = place[edges]
    pairs = pairs[(pairs >= 0).all(axis=1)]
    near = Adjacency.from_edges(len(units), pairs)
    return near.indptr, near.indices
