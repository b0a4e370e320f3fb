"""Walks on roads, measured afresh: a network made with shapely's noding, walked with networkx.

Written apart from `geo.network.footways`, from its rules alone: one line, one unit, one walk at a time.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely
from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from analysis.bundling.verify.base.schema import RulesPart

JOIN_M = 0.01
"""Lines this near to each other touch."""
CLEAR_M = 1.0
"""A road that a barrier stops ends this far before it."""
REACH_M = 40.0
"""This near to the way over a crossing a road may pass barriers."""
INSET_M = 0.05
"""What begins or ends at an outline or a road does not cross it."""

OVER = 1_000
"""The level of crossings: they meet roads at their ends only."""


@dataclass(frozen=True, eq=False)
class RoadPiece:
    """A line of the network between two junctions; 0 is the ground's level."""

    line: LineString
    level: int
    is_link: bool = False


@dataclass(frozen=True, eq=False)
class RoadAccess:
    """Where a unit steps onto the network: the edge, metres along it, the door, the place."""

    edge: int
    at_m: float
    door: Point
    place: Point


class Roads:
    """The roads of a map as a network, and the walks on it.

    Parameters
    ----------
    roads, gates
        The layers of these names.
    unit_ids, shapes
        (n,) id, and valid polygon or None, of each unit.
    over
        The way over each crossing, from head to head.
    walls
        Hard barriers.
    rules
        `road_access_m`, `road_snap_m`, `road_scrap_m`, `closed_road_classes`, `detour_factor`.
    closed
        Crossings that somebody found closed.
    """

    def __init__(
        self,
        roads: gpd.GeoDataFrame,
        gates: gpd.GeoDataFrame,
        unit_ids: Sequence[str],
        shapes: np.ndarray,
        over: list[LineString],
        walls: np.ndarray,
        rules: RulesPart,
        *,
        closed: Sequence[BaseGeometry] = (),
    ) -> None:
        self.rules, self.shapes, self.walls, self.closed = rules, shapes, walls, closed
        self.wall_tree, self.unit_tree = shapely.STRtree(walls), shapely.STRtree(shapes)
        pieces = self._linked(_node_lines(self._lines(roads, over)))
        self.network = _build_network(pieces, rules.road_scrap_m)
        self.lines = np.array([piece.line for piece in pieces], dtype=object)
        used = {key for *_, key in self.network.edges(keys=True)}
        on_ground = [k for k, p in enumerate(pieces) if k in used and p.level == 0 and not p.is_link]
        self.ground = np.array(on_ground, dtype=int)
        self.ground_tree = shapely.STRtree(self.lines[self.ground])
        self.gates = _open_gates(gates, unit_ids)
        self._steps: dict[int, list[RoadAccess]] = {}

    def __bool__(self) -> bool:
        """Whether there is any road to walk on."""
        return bool(len(self.ground))

    def steps(self, unit: int) -> list[RoadAccess]:
        """Where a unit steps onto the network; nowhere where no road is near enough."""
        if unit not in self._steps:
            starts = self.gates.get(unit) or [self.shapes[unit]]
            self._steps[unit] = [step for start in starts for step in self._steps_from(start, unit)]
        return self._steps[unit]

    def crosses(self, line: BaseGeometry) -> bool:
        """Whether a line meets a road on the ground."""
        return bool(len(self.ground_tree.query(line, "intersects")))

    def walks(
        self, unit: int, ends: Iterable[int], limit_m: float, places: np.ndarray | None = None
    ) -> dict[int, float]:
        """Metres from one unit to others on roads; who is not there is beyond the limit.

        Parameters
        ----------
        unit, ends
            Positions of units.
        limit_m
            Longest walk looked for.
        places
            (n, 2) where walks begin and end in each unit; None: at their gates or outlines.
        """
        network, detour = self.network, self.rules.detour_factor
        begin = {step: _leg_m(step, unit, places) * detour for step in self.steps(unit)}
        reached: dict[int, float] = {}
        for step, leg in begin.items():
            for node, along in self._ends(step):
                reached[node] = min(reached.get(node, math.inf), leg + along)
        metres = _dijkstra(network, reached, limit_m)
        found = {}
        for end in ends:
            best = math.inf
            for step in self.steps(end):
                leg = _leg_m(step, end, places) * detour
                best = min([best, *(metres[n] + m + leg for n, m in self._ends(step) if n in metres)])
                for own, own_leg in begin.items():
                    if own.edge == step.edge:
                        best = min(best, own_leg + abs(own.at_m - step.at_m) + leg)
            if best <= limit_m:
                found[end] = best
        return found

    def _lines(self, roads: gpd.GeoDataFrame, over: list[LineString]) -> list[RoadPiece]:
        """What one may walk on, cut where barriers stop it, and the crossings."""
        passing = [line.buffer(REACH_M) for line in over]
        found: list[RoadPiece] = []
        columns = ["road_id", "road_class", "is_bridge", "is_tunnel", "level", "walkable", "geometry"]
        for row in roads.reindex(columns=columns).sort_values("road_id").itertuples():
            if row.geometry is None or row.geometry.is_empty or not self._is_open(row):
                continue
            level = _level(row)
            rest = self._shut(row.geometry) if level else self._stopped(row.geometry, passing)
            parts = shapely.get_parts(rest)
            found += [RoadPiece(part, level) for part in parts if part.length > JOIN_M]
        return [*found, *(RoadPiece(line, OVER) for line in over)] if found else []

    def _is_open(self, road: Any) -> bool:
        if pd.notna(road.walkable):
            return bool(road.walkable)
        return road.road_class not in self.rules.closed_road_classes

    def _stopped(self, line: BaseGeometry, passing: Sequence[BaseGeometry]) -> BaseGeometry:
        """A line on the ground without what lies at a barrier and at no crossing."""
        crossed = [self.walls[i].intersection(line) for i in self.wall_tree.query(line, "intersects")]
        if not crossed:
            return line
        closed = shapely.union_all([one.buffer(CLEAR_M) for one in crossed])
        open_ = shapely.union_all([area for area in passing if area.intersects(closed)])
        return line.difference(closed.difference(open_))

    def _shut(self, line: BaseGeometry) -> BaseGeometry:
        """A bridge or tunnel without what passes a barrier where a crossing is closed."""
        for i in self.wall_tree.query(line, "intersects"):
            for met in shapely.get_parts(self.walls[i].intersection(line)):
                if any(met.distance(crossing) <= REACH_M for crossing in self.closed):
                    line = line.difference(met.buffer(CLEAR_M))
        return line

    def _meets_wall(self, shape: BaseGeometry) -> bool:
        return bool(len(self.wall_tree.query(shape, "intersects")))

    def _linked(self, pieces: list[RoadPiece]) -> list[RoadPiece]:
        """Ends that stop short of a road led straight to it, unless a barrier is between."""
        network = _build_network(pieces, 0.0)
        tree = shapely.STRtree([piece.line for piece in pieces])
        ends_of = {key: {a, b} for a, b, key in network.edges(keys=True)}
        links, cuts = [], defaultdict(list)
        for node in [node for node, degree in network.degree() if degree == 1]:
            ((_, other, own),) = network.edges(node, keys=True)
            level = pieces[own].level
            end = min((Point(pieces[own].line.coords[k]) for k in (0, -1)), key=network.nodes[node]["point"].distance)
            reach = self.rules.road_access_m if level == OVER else self.rules.road_snap_m
            near = []
            for i in tree.query(end, "dwithin", distance=reach):
                usable = pieces[i].level in ({0} if level == OVER else {0, level})
                if usable and int(i) in ends_of and not ends_of[int(i)] & {node, other}:
                    link = shapely.shortest_line(end, pieces[i].line)
                    near.append((round(link.length, 6), int(i), link))
            for _, i, link in sorted(near, key=lambda one: one[:2]):
                if not self._meets_wall(link):
                    links.append(RoadPiece(link, pieces[i].level, is_link=True))
                    cuts[i].append(pieces[i].line.project(Point(link.coords[-1])))
                    break
        whole = [part for k, piece in enumerate(pieces) for part in _split_piece(piece, cuts[k])]
        return [*whole, *links]

    def _ends(self, step: RoadAccess) -> list[tuple[int, float]]:
        """The nodes at both ends of a step's edge and how far along the edge they are."""
        line = self.lines[step.edge]
        a, b = self.network.graph["ends"][step.edge]
        return [(a, step.at_m), (b, line.length - step.at_m)]

    def _steps_from(self, start: BaseGeometry, unit: int) -> list[RoadAccess]:
        """From a gate or an outline: to every road that is seen, else to the nearest."""
        seen, hidden = [], []
        limit_m = self.rules.road_access_m
        centre = start.centroid
        corners = np.array(shapely.points(shapely.get_coordinates(start.convex_hull.simplify(1.0))))
        for k in sorted(self.ground_tree.query(start, "dwithin", distance=limit_m)):
            edge = int(self.ground[k])
            for turn, at_m in enumerate(_trial_places(centre, corners, self.lines[edge])):
                place = self.lines[edge].interpolate(at_m)
                piece = shapely.shortest_line(start, place)
                if piece.length > limit_m or self._meets_wall(piece):
                    if turn == 0:
                        break
                    continue
                step = RoadAccess(edge, at_m, Point(piece.coords[0]), place)
                if self._is_seen(piece, edge, unit):
                    seen.append(step)
                    break
                hidden.append((round(piece.length, 3), edge, step))
        return seen or [step for *_, step in sorted(hidden, key=lambda one: one[:2])[:1]]

    def _is_seen(self, piece: LineString, edge: int, unit: int) -> bool:
        """Whether a piece crosses no other road and no other unit."""
        if piece.length <= 2 * INSET_M:
            return True
        inner = LineString([piece.interpolate(INSET_M), piece.interpolate(piece.length - INSET_M)])
        roads = {int(self.ground[k]) for k in self.ground_tree.query(inner, "intersects")}
        units = {int(k) for k in self.unit_tree.query(inner, "intersects")}
        return not roads - {edge} and not units - {unit}


def _level(road: Any) -> int:
    known = 0 if pd.isna(road.level) else int(road.level)
    if pd.notna(road.is_bridge) and road.is_bridge:
        return max(known, 1)
    if pd.notna(road.is_tunnel) and road.is_tunnel:
        return min(known, -1)
    return 0


def _node_lines(lines: list[RoadPiece]) -> list[RoadPiece]:
    """Lines cut where they meet on their level, or where one of another level ends at a vertex."""
    ends, levels = _tips([piece.line for piece in lines]), [piece.level for piece in lines]
    cuts = defaultdict(list)
    for k, i in shapely.STRtree([piece.line for piece in lines]).query(ends, "dwithin", distance=JOIN_M).T:
        if levels[i] == levels[k // 2]:
            continue
        vertices = shapely.points(shapely.get_coordinates(lines[i].line))
        if shapely.distance(vertices, ends[k]).min() <= JOIN_M:
            cuts[int(i)].append(lines[i].line.project(ends[k]))
    parts: defaultdict[int, list[LineString]] = defaultdict(list)
    for k, piece in enumerate(lines):
        parts[piece.level] += [part.line for part in _split_piece(piece, cuts[k])]
    return [
        RoadPiece(part, level)
        for level in sorted(parts)
        for part in shapely.get_parts(shapely.node(shapely.MultiLineString(parts[level])))
    ]


def _split_piece(piece: RoadPiece, at_m: list[float]) -> list[RoadPiece]:
    """A piece cut at some places along it."""
    length = piece.line.length
    stops = [0.0, *sorted(m for m in at_m if JOIN_M < m < length - JOIN_M), length]
    spans = [(a, b) for a, b in pairwise(stops) if b - a > JOIN_M]
    if len(spans) < 2:
        return [piece]
    return [RoadPiece(LineString(substring(piece.line, a, b).coords), piece.level) for a, b in spans]


def _build_network(pieces: list[RoadPiece], least_m: float) -> nx.MultiGraph:
    """The pieces as a graph without its scraps; edges by their position, nodes by number."""
    points = _tips([piece.line for piece in pieces])
    levels = [piece.level for piece in pieces for _ in (0, 1)]
    tips = [piece.is_link or piece.level != 0 for piece in pieces for _ in (0, 1)]
    same = nx.Graph()
    same.add_nodes_from(range(len(points)))
    near = shapely.STRtree(points).query(points, "dwithin", distance=2 * JOIN_M)
    for a, b in near.T:
        if levels[a] == levels[b] or tips[a] or tips[b]:
            same.add_edge(int(a), int(b))
    node_of = {}
    network = nx.MultiGraph(ends={})
    for node, group in enumerate(nx.connected_components(same)):
        network.add_node(node, point=points[min(group)])
        node_of.update(dict.fromkeys(group, node))
    for k, piece in enumerate(pieces):
        a, b = node_of[2 * k], node_of[2 * k + 1]
        if a != b or piece.line.length > 2 * JOIN_M:
            network.add_edge(a, b, key=k, metres=piece.line.length)
            network.graph["ends"][k] = (a, b)
    for part in list(nx.connected_components(network)):
        if network.subgraph(part).size(weight="metres") < least_m:
            network.remove_nodes_from(list(part))
    return network


def _dijkstra(network: nx.MultiGraph, reached: dict[int, float], limit_m: float) -> dict[int, float]:
    """Metres to every node within a limit, beginning at nodes that are some way off already."""
    if not reached:
        return {}
    start = ("start",)
    network.add_node(start)
    network.add_edges_from((start, node, {"metres": metres}) for node, metres in reached.items())
    found = nx.single_source_dijkstra_path_length(network, start, cutoff=limit_m, weight="metres")
    network.remove_node(start)
    return {node: metres for node, metres in found.items() if node != start}


def _open_gates(gates: gpd.GeoDataFrame, unit_ids: Sequence[str]) -> dict[int, list[Point]]:
    """The points of the gates of each unit that are not known to be closed."""
    at = {unit: k for k, unit in enumerate(unit_ids)}
    found = defaultdict(list)
    for gate in gates.itertuples():
        is_there = gate.geometry is not None and not gate.geometry.is_empty
        is_open = pd.isna(gate.is_open) or bool(gate.is_open)
        if is_there and is_open and gate.unit_id in at:
            found[at[gate.unit_id]].append(gate.geometry.centroid)
    return found


def _tips(lines: Sequence[LineString]) -> np.ndarray:
    """(2n,) the first and the last point of each line."""
    return np.stack([shapely.get_point(lines, 0), shapely.get_point(lines, -1)], axis=1).ravel()


def _trial_places(centre: Point, corners: np.ndarray, line: LineString) -> Iterator[float]:
    """Metres along a line: next to the start's centre, and a quarter of its width to either side."""
    middle = line.project(centre)
    yield middle
    along = shapely.line_locate_point(line, corners)
    yield (middle + float(along.min())) / 2
    yield (middle + float(along.max())) / 2


def _leg_m(step: RoadAccess, unit: int, places: np.ndarray | None) -> float:
    """Straight metres from where walks begin in a unit over its door to the road."""
    inside = 0.0 if places is None else step.door.distance(Point(places[unit]))
    return inside + step.door.distance(step.place)
