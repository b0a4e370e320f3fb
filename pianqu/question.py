"""What is asked of a bundling: units, weights, sizes, leads and walls, read from a frame and made into an instance."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse.csgraph import connected_components, dijkstra

from analysis.bundling.benchmark.instance import Instance
from geo.errors import UsageError
from geo.messages import load_catalogue
from pianqu.checks import BrokenRule, Limits, find_violations, round_metres
from pianqu.frames import Column, find_positions, read_codes, read_column, read_numbers
from pianqu.graph import Graph

say = load_catalogue(__file__)

Objective = Literal["distance", "cut_edges"]


@dataclass(frozen=True, eq=False)
class Question:
    """The arguments of `pianqu.bundle`, see there; what contradicts itself is refused when it is first read."""

    frame: gpd.GeoDataFrame
    graph: Graph
    weight: Column | float = 1
    lower: float = 0
    upper: float | None = None
    areas: int | None = None
    leads: Column | Sequence[Hashable] | None = None
    capacity: Column | float | None = None
    reach_m: float | None = None
    walls: Column | None = None
    objective: Objective = "distance"
    everyone: bool = False

    @cached_property
    def lead_positions(self) -> np.ndarray:
        """(m,) positions of the units that lead, ascending."""
        leads, frame = self.leads, self.frame
        if leads is None:
            return np.zeros(0, dtype=np.int64)
        if isinstance(leads, str | pd.Series) or np.asarray(leads).dtype == bool:
            flags = read_column(frame, leads, "leads").fillna(value=False).astype(bool)
            return np.flatnonzero(flags.to_numpy())
        return np.unique(find_positions(frame.index, list(leads), "leads"))

    @cached_property
    def limits(self) -> Limits:
        """The rules as arrays, for the independent check."""
        self._require_consistent()
        weight = read_numbers(self.frame, self.weight, "weight")
        leads = self.lead_positions
        return Limits(
            weight=weight,
            walls=read_codes(self.frame, self.walls, "walls"),
            lower=round(self.lower),
            upper=None if self.upper is None or self.leads is not None else round(self.upper),
            areas=self.areas,
            leads=leads if self.leads is not None else None,
            capacity=self._capacity(weight, leads),
            reach_m=self.reach_m,
            everyone=self.everyone,
        )

    @cached_property
    def instance(self) -> Instance:
        """The arrays that are solved.

        Raises
        ------
        UsageError
            If the frame is not that of the graph, a column is not there, or the limits contradict each other.
        """
        limits, graph = self.limits, self.graph
        instance = Instance(
            problem=2 if limits.leads is None else 1,
            xy=np.nan_to_num(graph.xy),
            weight=limits.weight,
            edges=graph.edges,
            edge_m=round_metres(graph.walk_m),
            street=limits.walls,
            leads=self.lead_positions,
            capacity=limits.capacity,
            radius_m=0 if self.reach_m is None else int(self.reach_m),
            lower=limits.lower,
            upper=limits.upper or 0,
            k=self.areas or 0,
            objective=self.objective,
            names=self.frame.index.astype(str).to_numpy(),
        )
        return instance if self.everyone else replace(instance, penalty_m=find_left_over_price(instance))

    def check(self, labels: pd.Series) -> list[BrokenRule]:
        """Every rule that labels break, by networkx and plain sums."""
        return find_violations(self.frame.index, self.graph, self.limits, labels)

    def _capacity(self, weight: np.ndarray, leads: np.ndarray) -> np.ndarray:
        if self.capacity is not None:
            return read_numbers(self.frame, self.capacity, "capacity")[leads]
        if self.upper is not None:
            return np.maximum(round(self.upper) - weight[leads], 0)
        return np.full(len(leads), weight.sum(), dtype=np.int64)

    def _require_consistent(self) -> None:
        """Refuse a question that has no meaning, all faults together."""
        leads = self.leads is not None
        faults = [
            (not self.frame.index.equals(self.graph.index), say("fault.other_units")),
            (
                self.upper is not None and self.upper < self.lower,
                say("fault.sizes", lower=self.lower, upper=self.upper),
            ),
            (self.lower < 0 or (self.areas is not None and self.areas < 1), say("fault.negative")),
            (leads and bool(self.lower), say("fault.lower_of_leads")),
            (leads and self.areas is not None, say("fault.areas_of_leads")),
            (leads and not len(self.lead_positions), say("fault.no_lead")),
            (not leads and (self.capacity is not None or self.reach_m is not None), say("fault.no_leads")),
            (leads and self.objective == "cut_edges", say("fault.cut_edges_of_leads")),
        ]
        found = [fault for is_wrong, fault in faults if is_wrong]
        if found:
            raise UsageError("".join(one.zh for one in found), " ".join(one.en for one in found))


def find_left_over_price(instance: Instance) -> int:
    """Metres that one unit of weight in no area counts for: more than it can walk, or cut, inside any area."""
    if instance.objective == "cut_edges":
        return 1 + int(np.bincount(instance.edges.ravel(), minlength=1).max(initial=0))
    count, component = connected_components(instance.graph, directed=False)
    starts = np.unique(component, return_index=True)[1]
    metres = dijkstra(instance.graph, indices=starts[np.bincount(component, minlength=count) > 1])
    return 1 + 2 * int(metres[np.isfinite(metres)].max(initial=0.0))  # a component is no wider than two of its radii


def number_areas(assignment: np.ndarray) -> np.ndarray:
    """(n,) areas numbered 0, 1 … by their first units; −1 stays.

    Examples
    --------
    >>> number_areas(np.array([7, -1, 3, 7]))
    array([ 0, -1,  1,  0])
    """
    codes, _ = pd.factorize(np.where(assignment < 0, -1, assignment), use_na_sentinel=False)
    is_in = assignment >= 0
    numbers = np.full(len(assignment), -1, dtype=np.int64)
    numbers[is_in] = pd.factorize(codes[is_in])[0]
    return numbers
