"""A benchmark instance: arrays of a bundling problem, checked, and the objective of an assignment recomputed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geo.errors import PlanningError
from geo.messages import Sentence, join_names, load_catalogue

say = load_catalogue(__file__)


class MalformedInstanceError(PlanningError, ValueError):
    """The arrays are no instance; the sentence names what is wrong."""


@dataclass(frozen=True, eq=False)
class Instance:
    """What a bare problem gives, in the words of the benchmark format.

    Parameters
    ----------
    problem
        1: units gather around leads; 2: areas within bounds.
    xy
        (n, 2) float, metres.
    weight
        (n,) int64: households, population or demand.
    edges, edge_m
        (e, 2) int64 pairs i < j of neighbours, and (e,) int64 metres of their walk.
    street
        (n,) int64: no area crosses from one into another.
    leads, capacity
        (m,) unit positions and (m,) the largest weight each takes in besides its own.
    lead_cost
        (m,) cost of an open lead, or None: every lead is open.
    radius_m
        Longest distance from lead to unit; 0 = none.
    lower, upper
        Weight of an area, problem 2; `upper` 0 = none.
    k
        Number of areas; 0 = free.
    open_cost
        Cost of an area, problem 2.
    penalty_m
        Cost of one unit of weight in no area; 0 = every unit must have one.
    metric
        "graph": shortest way over the edges; "euclid": straight line.
    floor_distance
        Straight lines only: 0 = as they are, s = ⌊s·d⌋/s.
    objective
        "distance" or "cut_edges".
    contiguous, weighted
        0: areas need not be connected; distances are not weighed.
    names
        (n,) what sentences call the units; None = their positions. No field of a file.
    """

    problem: int
    xy: np.ndarray
    weight: np.ndarray
    edges: np.ndarray
    edge_m: np.ndarray
    street: np.ndarray
    leads: np.ndarray
    capacity: np.ndarray
    lead_cost: np.ndarray | None = None
    radius_m: int = 0
    lower: int = 0
    upper: int = 0
    k: int = 0
    open_cost: int = 0
    penalty_m: int = 0
    metric: str = "graph"
    floor_distance: int = 1000
    objective: str = "distance"
    contiguous: int = 1
    weighted: int = 1
    names: np.ndarray | None = None

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.weight)

    @cached_property
    def graph(self) -> csr_array:
        """(n, n) metres of the edges, symmetric."""
        i, j = self.edges.T
        metres = np.maximum(self.edge_m.astype(float), 1e-9)  # a stored zero would be no edge
        pairs = (np.r_[i, j], np.r_[j, i])
        return csr_array((np.r_[metres, metres], pairs), shape=(self.n_units, self.n_units))

    def straight_m(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """(r, c) straight distances, rounded as `floor_distance` says.

        Parameters
        ----------
        rows
            (r,) positions.
        columns
            (c,) positions.
        """
        away = self.xy[rows][:, None, :] - self.xy[columns][None, :, :]
        metres = np.sqrt((away**2).sum(axis=2))
        scale = self.floor_distance
        return np.floor(scale * metres) / scale if scale else metres

    def distances(self, members: np.ndarray) -> np.ndarray:
        """(a, a) distances in metres between the members of a group, in the whole instance.

        A way between two members that is no longer than their longest way inside the group stays
        within half of that from one of them, so only that surrounding is looked at.
        """
        if self.metric != "graph":
            return self.straight_m(members, members)
        graph = self.graph
        inside = dijkstra(graph[members][:, members])
        longest = inside[np.isfinite(inside)].max(initial=0.0)
        if not np.isfinite(inside).all():
            return dijkstra(graph, indices=members)[:, members]
        near = dijkstra(graph, indices=members, min_only=True, limit=longest / 2 + 1)
        ball = np.flatnonzero(np.isfinite(near))
        place = np.searchsorted(ball, members)
        return dijkstra(graph[ball][:, ball], indices=place)[:, place]


def parse_instance(arrays: Mapping[str, Any]) -> Instance:
    """An instance from the arrays of a benchmark file; fields it does not know are left aside.

    Raises
    ------
    MalformedInstanceError
        If a field is missing, has another shape, or points outside the units.
    """
    names = {field.name for field in fields(Instance)} - {"names"}
    values = {name: _plain(arrays[name]) for name in names if name in arrays}
    values.setdefault("leads", np.zeros(0, dtype=np.int64))
    values.setdefault("capacity", np.zeros(0, dtype=np.int64))
    missing = [name for name in ("problem", "xy", "weight", "edges", "edge_m", "street") if name not in values]
    if missing:
        raise _malformed(say("fault.missing", missing=join_names(missing)))
    instance = Instance(**values)
    for is_wrong, fault in _faults(instance):
        if is_wrong:
            raise _malformed(fault)
    return instance


def evaluate_assignment(instance: Instance, assignment: np.ndarray) -> float:
    """What an assignment costs, recomputed from distances; its rules are not checked.

    Parameters
    ----------
    assignment
        (n,) −1 = in no area, else the lead's position (problem 1) or a label (problem 2).
    """
    left = assignment < 0
    measured = instance.weight if instance.weighted else np.ones(instance.n_units)
    cost = 0.0
    if instance.problem == 1:
        is_open = assignment[instance.leads] == instance.leads
        if instance.lead_cost is not None:
            cost += float(instance.lead_cost[is_open].sum())
        else:
            left = left & ~np.isin(np.arange(instance.n_units), instance.leads)
    cost += float(instance.penalty_m) * float(instance.weight[left].sum())
    labels = np.unique(assignment[assignment >= 0])
    if instance.objective == "cut_edges":
        cut = np.count_nonzero(np.diff(assignment[instance.edges], axis=1))
        return cost + float(cut + instance.open_cost * len(labels))
    for label in labels:
        members = np.flatnonzero(assignment == label)
        distances = instance.distances(members)
        if instance.problem == 1:
            lead = np.searchsorted(members, label)
            cost += float(distances[lead] @ measured[members])
        else:
            cost += float((distances @ measured[members]).min()) + instance.open_cost
    return cost


def _plain(value: Any) -> Any:
    """Arrays as int64 or float, scalars as Python's."""
    array = np.asarray(value)
    if array.ndim == 0:
        return array.item()
    return array if array.dtype.kind == "f" else array.astype(np.int64)


def _faults(instance: Instance) -> list[tuple[bool, Sentence]]:
    n, e, m = instance.n_units, len(instance.edges), len(instance.leads)
    shapes = {"xy": (n, 2), "street": (n,), "edges": (e, 2), "edge_m": (e,), "capacity": (m,)}
    if instance.lead_cost is not None:
        shapes["lead_cost"] = (m,)
    wrong = [name for name, shape in shapes.items() if getattr(instance, name).shape != shape]
    pairs = instance.edges.reshape(-1, 2)
    return [
        (instance.problem not in (1, 2), say("fault.problem", problem=instance.problem)),
        (bool(wrong), say("fault.shape", wrong=join_names(wrong))),
        (e > 0 and (pairs.min() < 0 or pairs.max() >= n), say("fault.edges")),
        (m > 0 and (instance.leads.min() < 0 or instance.leads.max() >= n), say("fault.leads")),
        (len(np.unique(instance.leads)) != m, say("fault.twice")),
        (bool((instance.weight < 0).any()), say("fault.negative")),
        (instance.metric not in ("graph", "euclid"), say("fault.metric", metric=instance.metric)),
        (instance.objective not in ("distance", "cut_edges"), say("fault.objective", objective=instance.objective)),
    ]


def _malformed(fault: Sentence) -> MalformedInstanceError:
    return MalformedInstanceError(*say("error.malformed", fault=fault))
