"""Contiguous areas of hard sizes from a frame and its graph, with a bound and the reasons for who is left over."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis.bundling.benchmark.infeasibility import prove_infeasible
from analysis.bundling.benchmark.instance import evaluate_assignment
from analysis.bundling.benchmark.solve import Assignment
from analysis.bundling.explain.infeasibility import Cause
from analysis.bundling.solve.result import Status
from analysis.bundling.solver.base.budget import Progress
from analysis.bundling.solver.base.stop import StopAfter
from geo.errors import UsageError
from geo.messages import Sentence, load_catalogue
from pianqu.checks import BrokenRule
from pianqu.frames import Column
from pianqu.graph import Graph
from pianqu.pictures import draw_areas, draw_folium_map
from pianqu.question import Objective, Question, number_areas
from pianqu.solving import solve, tabulate_trace

say = load_catalogue(__file__)

LEFT_OVER = -1
"""Label of a unit in no area."""


@dataclass(frozen=True, eq=False)
class Areas:
    """What `bundle` found.

    Parameters
    ----------
    asked
        The units, their neighbours and the rules.
    found
        The assignment with its bound.
    causes
        Proofs that some units, or all, can be in no complete plan.

    Examples
    --------
    >>> from shapely import box
    >>> flats = gpd.GeoDataFrame(
    ...     {"homes": [40, 60, 50]}, geometry=[box(60 * k, 0, 60 * k + 50, 50) for k in range(3)], crs="EPSG:4546"
    ... )
    >>> plan = bundle(flats, Graph.from_pairs([(0, 1), (1, 2)], flats), weight="homes", lower=90, upper=110, rounds=2)
    >>> plan.labels.tolist(), plan.areas["weight"].tolist()
    ([-1, 0, 0], [110])
    >>> plan.status, plan.gap, plan.reasons.loc[0, "reason_en"] != ""
    ('optimal', 0.0, True)
    """

    asked: Question
    found: Assignment
    causes: tuple[Cause, ...]

    @cached_property
    def labels(self) -> pd.Series:
        """(n,) area of each unit on the frame's index: 0, 1 … by first unit; −1 = left over."""
        return pd.Series(number_areas(self.found.assignment), index=self.asked.frame.index, name="area")

    @property
    def status(self) -> Status:
        """Either "optimal", proven; "feasible"; or "infeasible": not every unit that must have an area has one."""
        return self.found.status

    @property
    def objective(self) -> float:
        """The cost: weight × metres to the middle or lead, or edges cut, and the price of who is left over."""
        return self.found.objective

    @property
    def bound(self) -> float:
        """No areas cost less."""
        return self.found.bound

    @property
    def gap(self) -> float:
        """(objective − bound) ÷ objective; 0 = proven optimal."""
        return max(0.0, (self.objective - self.bound) / self.objective) if self.objective else 0.0

    @cached_property
    def trace(self) -> pd.DataFrame:
        """The best objective and bound over the search: seconds, cpu_seconds, objective, bound; missing = none yet."""
        return tabulate_trace(self.found)

    @cached_property
    def centres(self) -> pd.Series:
        """By area, the label of its lead; without leads, of the unit with the least sum of weight × metres."""
        return pd.Series(
            {area: self.asked.frame.index[self._centre(members)] for area, members in self._members.items()},
            name="centre",
            dtype=object,
        )

    @cached_property
    def areas(self) -> gpd.GeoDataFrame:
        """One row an area: centre, units, weight, farthest_m (longest walk to the centre), geometry."""
        rows = []
        for area, members in self._members.items():
            metres = self._metres_from(self._centre(members), members)
            rows.append(
                {
                    "centre": self.centres[area],
                    "units": len(members),
                    "weight": int(self.asked.instance.weight[members].sum()),
                    "farthest_m": float(metres.max()),
                    "geometry": self.asked.frame.geometry.iloc[members].union_all(),
                }
            )
        columns = ["centre", "units", "weight", "farthest_m", "geometry"]
        table = pd.DataFrame(rows, columns=columns, index=pd.Index([*self._members], name="area"))
        return gpd.GeoDataFrame(table, geometry="geometry", crs=self.asked.frame.crs)

    @cached_property
    def reasons(self) -> pd.DataFrame:
        """Why each unit is where it is, on the frame's index: area, centre, metres, reason_zh, reason_en."""
        rows = [self._reason(unit, int(area)) for unit, area in enumerate(self.labels)]
        table = pd.DataFrame([[metres, text.zh, text.en] for metres, text in rows], index=self.asked.frame.index)
        table.columns = ["metres", "reason_zh", "reason_en"]
        table.insert(0, "area", self.labels)
        table.insert(1, "centre", self.labels.map(self.centres))
        return table

    def verify(self) -> list[BrokenRule]:
        """Hold the areas against everything that was asked for, see `pianqu.verify`."""
        return self.asked.check(self.labels)

    def evaluate(self, labels: pd.Series) -> float:
        """The cost of other labels, measured as `objective` is; whether they keep the rules says `pianqu.verify`.

        Parameters
        ----------
        labels
            Area of each unit on the frame's index; −1 or missing = left over.
        """
        of = labels.reindex(self.asked.frame.index).fillna(LEFT_OVER).to_numpy().astype(np.int64)
        if self.asked.instance.problem == 1:
            lead_of = {of[lead]: lead for lead in self.asked.instance.leads.tolist()}
            of = np.array([lead_of.get(area, LEFT_OVER) if area >= 0 else LEFT_OVER for area in of.tolist()])
        return evaluate_assignment(self.asked.instance, of)

    def plot(self, ax: Any = None, **options: Any) -> Any:
        """Draw the areas with matplotlib: neighbours in different colours, left-over units grey.

        Parameters
        ----------
        ax
            Axes; None = new ones.
        options
            For `GeoDataFrame.plot`.

        Returns
        -------
        The axes.
        """
        return draw_areas(self.asked.frame, self.labels, self.asked.graph, ax, **options)

    def explore(self) -> Any:
        """A `folium.Map` of the areas with the reason of each unit; it needs no internet and has no background."""
        return draw_folium_map(self.asked.frame, self.labels, self.asked.graph, self.reasons)

    @cached_property
    def _members(self) -> dict[int, np.ndarray]:
        labels = self.labels.to_numpy()
        return {area: np.flatnonzero(labels == area) for area in range(labels.max(initial=LEFT_OVER) + 1)}

    def _centre(self, members: np.ndarray) -> int:
        if self.asked.instance.problem == 1:
            return int(self.found.assignment[members[0]])
        return int(members[(self.asked.instance.distances(members) @ self.asked.instance.weight[members]).argmin()])

    def _metres_from(self, centre: int, members: np.ndarray) -> np.ndarray:
        return np.asarray(self.asked.instance.distances(members)[np.searchsorted(members, centre)])

    def _reason(self, unit: int, area: int) -> tuple[float, Sentence]:
        name = str(unit)
        if area == LEFT_OVER:
            cause = next((one for one in self.causes if name in one.units), None)
            return np.nan, say("left.search") if cause is None else cause.sentence
        members = self._members[area]
        centre = self._centre(members)
        metres = float(self._metres_from(centre, members)[np.searchsorted(members, unit)])
        if unit == centre:
            return 0.0, say("unit.lead" if self.asked.instance.problem == 1 else "unit.middle")
        return metres, say("unit.member", metres=metres, centre=self.asked.frame.index[centre])


def bundle(
    frame: gpd.GeoDataFrame,
    graph: Graph,
    *,
    weight: Column | float = 1,
    lower: float = 0,
    upper: float | None = None,
    areas: int | None = None,
    leads: Column | Sequence[Hashable] | None = None,
    capacity: Column | float | None = None,
    reach_m: float | None = None,
    walls: Column | None = None,
    objective: Objective = "distance",
    everyone: bool = False,
    seconds: float | None = None,
    rounds: int | None = None,
    seed: int = 0,
    workers: int = 1,
    on_progress: Callable[[Progress], None] | None = None,
) -> Areas:
    """Group units into contiguous areas whose weight keeps a hard minimum and a hard maximum.

    Without leads, areas weigh `lower` to `upper`. With leads, each lead gathers units up to its capacity.

    Parameters
    ----------
    frame
        n units, those of the graph.
    graph
        Of `neighbours`, or taken over from libpysal.
    weight
        Of each unit, rounded to whole numbers: a column, or one number for all (then areas are counted in units).
    lower, upper
        Least and most weight of an area; None = no most.
    areas
        Number of areas; None = as many as is best.
    leads
        Units that lead: a column of booleans, or labels. Each leads an area of its own.
    capacity
        Most weight a lead takes in besides its own: a column or a number; None = `upper`, else no limit.
    reach_m
        Longest walk from a lead to a unit, metres.
    walls
        Column of what no area crosses, for instance the street; None = nothing. Missing is a value of its own.
    objective
        "distance": weight × metres to the middle or lead; "cut_edges": pairs of neighbours in different areas.
    everyone
        Whether every unit must be in an area: where that cannot be, the status is "infeasible". Else who fits in
        none is left over, as little weight as possible.
    seconds, rounds
        Time or work to search; 10 seconds where neither is given. The same rounds and seed give the same areas.
    seed
        Of the random numbers.
    workers
        Processes.
    on_progress
        Called now and then.

    Returns
    -------
    The areas, with a bound on how much better any could be.

    Raises
    ------
    UsageError
        If the frame is not that of the graph, a column is not there, or limits contradict each other.

    Examples
    --------
    >>> units = gpd.GeoDataFrame({"homes": [3, 4]}, geometry=gpd.points_from_xy([0, 9], [0, 0]), crs="EPSG:4546")
    >>> graph = Graph.from_pairs([(0, 1)], units)
    >>> found = bundle(units, graph, weight="homes", lower=5, upper=8, rounds=1)
    >>> found.labels.tolist(), found.status, found.areas["weight"].tolist()
    ([0, 0], 'optimal', [7])

    Notes
    -----
    Search and bounds are those that plan whole cities: annealing and large neighbourhood search, column generation and
    Lagrangian relaxation (`docs/site/en/method.md`).
    """
    asked = Question(
        frame,
        graph,
        weight,
        lower,
        upper,
        areas,
        leads,
        capacity,
        reach_m,
        walls,
        objective=objective,
        everyone=everyone,
    )
    if seconds is None and rounds is None:
        seconds = 10.0
    stop = StopAfter(seconds=seconds, rounds=rounds)
    found, causes = solve(asked.instance, seed=seed, stop=stop, workers=workers, on_progress=on_progress)
    return Areas(asked, found, causes or prove_infeasible(replace(asked.instance, penalty_m=0)))


def verify(
    frame: gpd.GeoDataFrame,
    graph: Graph,
    labels: pd.Series | Sequence[int],
    *,
    weight: Column | float = 1,
    lower: float = 0,
    upper: float | None = None,
    areas: int | None = None,
    leads: Column | Sequence[Hashable] | None = None,
    capacity: Column | float | None = None,
    reach_m: float | None = None,
    walls: Column | None = None,
    everyone: bool = False,
) -> list[BrokenRule]:
    """Check areas, whoever made them, by networkx and plain sums; nothing of the solver is used.

    Parameters
    ----------
    frame, graph
        The units and their neighbours.
    labels
        Area of each unit on the frame's index, or as many as there are rows, in their order; −1 or missing = left over.
    weight, lower, upper, areas, leads, capacity, reach_m, walls, everyone
        As for `bundle`.

    Returns
    -------
    Every rule that is broken, with its figures; empty where all are kept.

    Raises
    ------
    UsageError
        As `bundle`; or if a unit has no label.

    Examples
    --------
    >>> units = gpd.GeoDataFrame(index=[7, 8], geometry=gpd.points_from_xy([0, 9], [0, 0]), crs="EPSG:4546")
    >>> graph = Graph.from_pairs([(7, 8)], units)
    >>> [one.rule for one in verify(units, graph, pd.Series([0, 1], index=[7, 8]), lower=2)]
    ['below_minimum', 'below_minimum']
    """
    asked = Question(frame, graph, weight, lower, upper, areas, leads, capacity, reach_m, walls, everyone=everyone)
    if not isinstance(labels, pd.Series):
        if len(labels) != len(frame):
            raise UsageError(*say("areas.labels_length", n=len(labels), rows=len(frame)))
        labels = pd.Series([*labels], index=frame.index)
    return asked.check(labels)
