"""The graph of neighbours: which units a person can walk between, how far it is, and why others are refused."""

from __future__ import annotations

import importlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.bundling.model.adjacency import Adjacency
from geo.adjacency.edge_reasons import reason_text
from geo.adjacency.graph import AdjacencyGraph, build_graph, explain_pair
from geo.errors import UsageError
from geo.messages import EMPTY, Sentence, load_catalogue
from geo.rules import NeighbourRules
from geo.storage.layer_frames import shape_layer
from pianqu.frames import Column, find_positions, read_column, require_unique, to_metres

say = load_catalogue(__file__)

_MEASURES = ("gap_m", "facing_m", "walk_m")


@dataclass(frozen=True, eq=False)
class Graph:
    """Neighbours of n units, by the labels of the frame they came from.

    Parameters
    ----------
    index
        (n,) labels of the units.
    xy
        (n, 2) a point inside each unit, metres in `crs`; NaN where a unit has no shape.
    edges
        (e, 2) int positions i < j of neighbours, sorted.
    walk_m
        (e,) walk between the two points of an edge, metres.
    crs
        Of `xy`, projected in metres.
    rules
        The thresholds it was found with; None where it came from another library.
    adjacency
        The same with every refused pair; None where it came from another library.

    Examples
    --------
    >>> units = gpd.GeoDataFrame(index=["a", "b"], geometry=[shapely.box(0, 0, 9, 9), shapely.box(20, 0, 29, 9)])
    >>> graph = neighbours(units.set_crs("EPSG:4546"))
    >>> graph.pairs[["unit_a", "unit_b", "gap_m", "allowed"]].to_numpy().tolist()
    [['a', 'b', 11.0, True]]
    """

    index: pd.Index
    xy: np.ndarray
    edges: np.ndarray
    walk_m: np.ndarray
    crs: Any
    rules: NeighbourRules | None = None
    adjacency: AdjacencyGraph | None = None

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.index)

    @property
    def n_edges(self) -> int:
        """Number of pairs of neighbours."""
        return len(self.edges)

    @property
    def pairs(self) -> pd.DataFrame:
        """Every pair that was looked at, neighbours or not, with its measures and why it was refused.

        Columns: unit_a, unit_b (labels), gap_m, facing_m, walk_m, allowed, blocked_by, reason_zh, reason_en.
        """
        if self.adjacency is None:
            a, b = (self.index.take(self.edges[:, k]) for k in (0, 1))
            return pd.DataFrame({"unit_a": a, "unit_b": b, "walk_m": self.walk_m, "allowed": True})
        found = self.adjacency.pairs[["unit_a", "unit_b", "gap_m", "facing_m", "walk_m", "allowed", "blocked_by"]]
        reasons = [
            EMPTY if pd.isna(blocked_by) else reason_text(blocked_by, _measures(measured))
            for blocked_by, *measured in found[["blocked_by", *_MEASURES]].astype(object).to_numpy().tolist()
        ]
        of = dict(zip(self.adjacency.unit_ids, self.index, strict=True))
        return found.assign(
            unit_a=found["unit_a"].map(of),
            unit_b=found["unit_b"].map(of),
            reason_zh=[one.zh for one in reasons],
            reason_en=[one.en for one in reasons],
        )

    @property
    def components(self) -> pd.Series:
        """Number of the connected component of each unit, from 0; units without neighbours have their own."""
        found = Adjacency.from_edges(self.n_units, self.edges).components
        return pd.Series(pd.factorize(found)[0], index=self.index, name="component")

    def explain(self, unit_a: Hashable, unit_b: Hashable) -> Sentence:
        """Why two units are neighbours or not, in Chinese and English.

        Parameters
        ----------
        unit_a, unit_b
            Labels of two units.

        Raises
        ------
        UsageError
            If there is no such unit, or both are the same.
        """
        i, j = find_positions(self.index, [unit_a, unit_b], "unit")
        if self.adjacency is None:
            is_edge = bool((self.edges == sorted((i, j))).all(axis=1).any())
            return say("pair.edge" if is_edge else "pair.no_edge")
        ids = self.adjacency.unit_ids
        found = explain_pair(self.adjacency, ids[i], ids[j], rules=self.rules)
        if found.allowed:
            return say("pair.allowed", gap_m=found.gap_m or 0.0, walk_m=found.walk_m or 0.0)
        return reason_text(str(found.blocked_by), _measures([getattr(found, name) for name in _MEASURES]))

    def to_networkx(self) -> Any:
        """A `networkx.Graph`: nodes are labels with x and y, edges have `walk_m` and, where known, `gap_m`."""
        networkx = importlib.import_module("networkx")
        graph = networkx.Graph(crs=self.crs)
        graph.add_nodes_from(
            (label, {"x": float(x), "y": float(y)}) for label, (x, y) in zip(self.index, self.xy, strict=True)
        )
        gaps = self._gaps_m()
        for (i, j), metres, gap in zip(self.edges.tolist(), self.walk_m.tolist(), gaps, strict=True):
            more = {} if gap is None else {"gap_m": gap}
            graph.add_edge(self.index[i], self.index[j], walk_m=metres, **more)
        return graph

    def to_libpysal(self) -> Any:
        """A binary `libpysal.graph.Graph` on the same index.

        Raises
        ------
        UsageError
            If libpysal is not installed.
        """
        graph = _import("libpysal.graph").Graph
        i, j = self.edges.T
        alone = np.setdiff1d(np.arange(self.n_units), self.edges)
        focal, other = np.concatenate([i, j, alone]), np.concatenate([j, i, alone])
        weight = np.concatenate([np.ones(2 * self.n_edges, dtype=int), np.zeros(len(alone), dtype=int)])
        order = np.lexsort((other, focal))
        return graph.from_arrays(self.index[focal[order]], self.index[other[order]], weight[order])

    @classmethod
    def from_libpysal(cls, graph: Any, frame: gpd.GeoDataFrame) -> Graph:
        """Take over neighbours found by libpysal: its `Graph`, or weights `W`.

        Walks between neighbours are straight lines × the detour factor.

        Parameters
        ----------
        graph
            `libpysal.graph.Graph` or `libpysal.weights.W`; its ids are labels of the frame.
        frame
            The units, n rows with a CRS.

        Raises
        ------
        UsageError
            If it names units that the frame has not.
        """
        near = graph.adjacency if hasattr(graph, "adjacency") else None
        if near is not None:
            near = near[near != 0]
            labels = [(a, b) for a, b in near.index if a != b]
        else:
            labels = [(a, b) for a, others in graph.neighbors.items() for b in others if a != b]
        return cls.from_pairs(labels, frame)

    @classmethod
    def from_pairs(cls, pairs: Sequence[tuple[Hashable, Hashable]], frame: gpd.GeoDataFrame) -> Graph:
        """Take over neighbours found elsewhere.

        Parameters
        ----------
        pairs
            Labels of two neighbours each, in any order, once or twice.
        frame
            The units, n rows with a CRS.

        Raises
        ------
        UsageError
            If they name units that the frame has not.

        Examples
        --------
        >>> units = gpd.GeoDataFrame(index=["a", "b"], geometry=gpd.points_from_xy([0, 300], [0, 400]), crs="EPSG:4546")
        >>> Graph.from_pairs([("b", "a")], units).walk_m
        array([650.])
        """
        require_unique(frame.index)
        units = to_metres(frame)
        i, j = (find_positions(units.index, [pair[k] for pair in pairs], "graph") for k in (0, 1))
        edges = np.unique(np.sort(np.column_stack([i, j]).astype(np.int64), axis=1), axis=0).reshape(-1, 2)
        xy = _places(units)
        metres = NeighbourRules().detour_factor * np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T)
        return cls(units.index, xy, edges, metres, units.crs)

    def _gaps_m(self) -> list[float | None]:
        if self.adjacency is None:
            return [None] * self.n_edges
        sources = np.repeat(np.arange(self.n_units), np.diff(self.adjacency.indptr))
        once = sources < self.adjacency.indices
        return [float(one) for one in self.adjacency.gap_m[once]]


def neighbours(
    frame: gpd.GeoDataFrame,
    *,
    barriers: gpd.GeoDataFrame | None = None,
    crossings: gpd.GeoDataFrame | None = None,
    roads: gpd.GeoDataFrame | None = None,
    gates: gpd.GeoDataFrame | None = None,
    streets: Column | None = None,
    rules: NeighbourRules | None = None,
) -> Graph:
    """Find which units are neighbours: near, facing each other, and a short walk apart.

    A railway, a river or another barrier parts them unless a crossing lies on it; so does the border of a street.

    Parameters
    ----------
    frame
        n units: polygons (points have no outline to face each other) with a unique index, in any CRS.
    barriers
        Lines or polygons with `kind` (railway, expressway, river, canal, factory_wall; railway where there is no
        such column).
    crossings
        Points or lines where one gets across them.
    roads
        Lines with, where known, `road_class`, `is_bridge`, `is_tunnel`, `level`, `walkable`; without them walks
        are straight lines × `rules.detour_factor`.
    gates
        Points with `unit_id`, the label of the unit they lead into.
    streets
        Column of the street of each unit, or a Series: pairs of two streets are refused; missing = no street.
    rules
        The thresholds; None = the defaults of `NeighbourRules`.

    Returns
    -------
    The graph.

    Raises
    ------
    MissingCRSError
        If a frame has no CRS.
    UsageError
        If labels repeat or a column is not there.

    Examples
    --------
    >>> from shapely import LineString, box
    >>> yards = gpd.GeoDataFrame(geometry=[box(120 * k, 0, 120 * k + 100, 90) for k in range(3)], crs="EPSG:4546")
    >>> rail = gpd.GeoDataFrame({"kind": ["railway"]}, geometry=[LineString([(110, -50), (110, 150)])], crs="EPSG:4546")
    >>> graph = neighbours(yards, barriers=rail)
    >>> graph.n_edges, graph.explain(0, 1).en
    (1, 'railway 0 stands between, with no crossing near enough')

    Notes
    -----
    The rules are R20, R22 and R23 of the action plan's reading; see `docs/site/en/neighbours.md`.
    """
    rules = rules or NeighbourRules()
    require_unique(frame.index)
    units = to_metres(frame)
    ids = _unit_ids(units.index)
    table = gpd.GeoDataFrame({"unit_id": ids, "street_code": None}, geometry=units.geometry.to_numpy(), crs=units.crs)
    if streets is not None:
        codes = read_column(frame, streets, "streets")
        table["street_code"] = codes.astype(object).where(codes.notna(), None).map(_text).to_numpy()
    found = build_graph(
        table,
        to_layer("barriers", barriers, units.crs, kind="railway"),
        to_layer("crossings", crossings, units.crs, kind="underpass"),
        rules,
        roads=to_layer("roads", roads, units.crs),
        gates=_gates(gates, units, ids),
    )
    sources = np.repeat(np.arange(len(units)), np.diff(found.indptr))
    once = sources < found.indices
    edges = np.column_stack([sources[once], found.indices[once]]).astype(np.int64)
    xy = _places(units)
    straight = rules.detour_factor * np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T)
    walked = np.asarray(found.walks[edges[:, 0], edges[:, 1]]).ravel() if len(edges) else straight
    return Graph(units.index, xy, edges, np.where(walked > 0, walked, straight), units.crs, rules, found)


def to_layer(name: str, frame: gpd.GeoDataFrame | None, crs: Any, kind: str | None = None) -> gpd.GeoDataFrame:
    """A frame as the layer of a dataset; ids and its kind are filled in where it has none.

    Parameters
    ----------
    name
        Of the layer.
    frame
        Its rows; None = none.
    crs
        Wanted, in metres.
    kind
        Of all rows of a frame without that column.
    """
    if frame is None or not len(frame):
        return gpd.GeoDataFrame()
    key = f"{name.removesuffix('s')}_id"
    rows = to_metres(frame, crs)
    rows = rows if rows.geometry.name == "geometry" else rows.rename_geometry("geometry")
    if key not in rows:
        rows = rows.assign(**{key: _unit_ids(rows.index)})
    if kind is not None and "kind" not in rows:
        rows = rows.assign(kind=kind)
    return gpd.GeoDataFrame(shape_layer(name, rows.assign(**{key: rows[key].map(_text)}), crs))


def _gates(gates: gpd.GeoDataFrame | None, units: gpd.GeoDataFrame, ids: list[str]) -> gpd.GeoDataFrame:
    if gates is None or not len(gates):
        return gpd.GeoDataFrame()
    of = find_positions(units.index, read_column(gates, "unit_id", "gates").tolist(), "gates")
    return to_layer("gates", gates.assign(unit_id=[ids[k] for k in of]), units.crs)


def _unit_ids(index: pd.Index) -> list[str]:
    """Texts of the labels; where two labels read alike (1 and "1"), their positions."""
    texts = [str(label) for label in index]
    return texts if len(set(texts)) == len(texts) else [f"{k:08d}" for k in range(len(texts))]


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _places(units: gpd.GeoDataFrame) -> np.ndarray:
    """(n, 2) a point inside each unit; NaN where it has no shape."""
    inside = shapely.point_on_surface(units.geometry.to_numpy())
    return np.column_stack([shapely.get_x(inside), shapely.get_y(inside)])


def _measures(values: Sequence[Any]) -> dict[str, float | None]:
    return {
        name: None if value is None or pd.isna(value) else float(value)
        for name, value in zip(_MEASURES, values, strict=True)
    }


def _import(name: str) -> Any:
    """A library that is needed for this alone.

    Raises
    ------
    UsageError
        If it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise UsageError(*say("missing.library", name=name.split(".")[0])) from error
