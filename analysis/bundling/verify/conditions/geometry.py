"""The ground between units, measured afresh: gaps, barriers, crossings and walks.

Written apart from `geo.adjacency.graph`, `geo.network.entry_lines` and `geo.network.walking`, from their
rules alone: one pair, one line at a time, with plain shapely; walks on roads are measured by `verify.roads`. Where
a rule rests on a measured line, a barrier counts only if it is still met with the line moved by a
few centimetres, so that rounding alone never makes a violation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra
from shapely import LineString, Point
from shapely.geometry.base import BaseGeometry

from analysis.bundling.verify.base.schema import RulesPart
from analysis.bundling.verify.conditions.roads import Roads

CROSSING_REACH_M = 40.0
"""A crossing passes barriers that begin this near to it, or this near behind water it passes."""
RIVER_M = 1000.0
"""No water is wider."""
HEAD_M = 2.0
"""A crossing's head lies this far behind the last barrier it passes."""
ON_LINE_M, TANGENT_M = 0.5, 10.0
"""A point this near lies on a barrier, whose direction is then that of the stretch around it."""
TOUCH_M = 1.0
"""Up to this gap the ground around the contact is looked at instead of a connecting line."""
ZONE_M = 20.0
"""How far around the contact."""
EQUALLY_NEAR_M = 0.1
"""Points of an edge this much farther than the gap still count as facing."""
INSIDE_M = 5.0
"""How far from its edge a connecting line begins inside a unit."""
DEPTHS_M = (10.0, 5.0, 2.0)
"""How deep a way must reach into a unit that touches another; less where the unit is shallow."""
WALL_HALF_WIDTH_M = 0.5
"""Half the width that a barrier drawn as a line has on the ground."""
MILLIMETRE = 0.001
"""Coordinates and gaps are stored to the millimetre."""
WALK_TOLERANCE_M = 1.0
"""Walks may differ by this much from those the plan was made with."""
SHIFT_M = 0.05
"""How far a connecting line is moved aside to see whether it only grazes a barrier."""


@dataclass(frozen=True, eq=False)
class Crossing:
    """A way through hard barriers: where it passes them, and its heads on their two sides."""

    crossing_id: str
    point: Point
    heads: tuple[Point, Point]


@dataclass(frozen=True, eq=False)
class _KeptLine:
    """The line between two shapes, which are kept with it, so that no others have their ids."""

    a: BaseGeometry
    b: BaseGeometry
    line: LineString


class GroundGeometry:
    """The units of a map, its hard barriers and crossings, and what can be walked between them.

    Parameters
    ----------
    shapes
        (n,) polygons of the units, metric CRS; None without a geometry.
    barriers, crossings
        The layers of these names, same CRS.
    rules
        `gap_m`, `walk_m`, `detour_factor`, `hard_kinds` and those about roads are used.
    joined
        Positions i < j of units between which one can walk by somebody's word.
    roads, gates, unit_ids
        The layers of these names, and the id of each unit by which gates name it; without roads
        all walks are estimated.
    closed
        Crossings that somebody found closed.
    """

    def __init__(
        self,
        shapes: Iterable[BaseGeometry | None],
        barriers: gpd.GeoDataFrame,
        crossings: gpd.GeoDataFrame,
        rules: RulesPart,
        *,
        joined: frozenset[tuple[int, int]] = frozenset(),
        roads: gpd.GeoDataFrame | None = None,
        gates: gpd.GeoDataFrame | None = None,
        unit_ids: Sequence[str] = (),
        closed: Sequence[BaseGeometry] = (),
    ) -> None:
        self.shapes = np.array([make_measurable(shape) for shape in shapes], dtype=object)
        places = shapely.point_on_surface(self.shapes)
        self.places = np.stack([shapely.get_x(places), shapely.get_y(places)], axis=1)
        self.gap_m, self.walk_m = rules.gap_m, rules.walk_m
        hard = barriers[barriers["kind"].isin(rules.hard_kinds)]
        hard = hard[~(hard.geometry.isna() | hard.geometry.is_empty)]
        self.detour = rules.detour_factor
        self.labels = [f"{k}:{i}" for k, i in zip(hard["kind"], hard["barrier_id"], strict=True)]
        self.kinds = hard["kind"].tolist()
        walls = [make_measurable(shape, keep_collapsed=True) for shape in hard.geometry]
        self.walls = np.array(walls, dtype=object)
        shapely.prepare(self.walls)
        self.tree = shapely.STRtree(self.walls)
        self.crossings = tuple(self._serving(crossings))
        self._joined = joined
        self._ways: dict[tuple[int, int], float] = {}
        self._lines: dict[tuple[int, int], _KeptLine] = {}
        self.heads = np.array([[p.x, p.y] for c in self.crossings for p in c.heads]).reshape(-1, 2)
        self.roads: Roads | None = None
        if roads is not None and gates is not None and len(roads):
            over = [LineString(crossing.heads) for crossing in self.crossings]
            found = Roads(roads, gates, unit_ids, self.shapes, over, self.walls, rules, closed=closed)
            self.roads = found if found else None

    def _serving(self, crossings: gpd.GeoDataFrame) -> Iterable[Crossing]:
        """Crossings that lie near a hard barrier, with their heads."""
        for name, shape in zip(crossings["crossing_id"], crossings.geometry, strict=True):
            if shape is None or shape.is_empty:
                continue
            near = self.tree.query(shape, predicate="dwithin", distance=CROSSING_REACH_M)
            if not len(near):
                continue
            nearest = min(near, key=lambda i: (round(shape.distance(self.walls[i]), 3), i))
            point, ways = _crossing_directions(shape, self.walls[nearest])
            heads = [self._head(point, way, drawn_m) for way, drawn_m in ways]
            yield Crossing(name, point, (heads[0], heads[1]))

    def _head(self, point: Point, way: np.ndarray, drawn_m: float) -> Point:
        """Where one stands behind the barriers passed in one direction from a crossing."""
        start = np.array([point.x, point.y])
        ray = LineString([start, start + way * (drawn_m + RIVER_M)])
        stretches = []  # where each barrier begins and ends on the ray, and whether it is water
        for i in self.barriers_on(ray):
            for part in shapely.get_parts(ray.intersection(self.walls[i])):
                away = [point.distance(Point(xy)) for xy in part.coords]
                is_area = bool(shapely.get_dimensions(self.walls[i]) == 2)
                stretches.append((min(away), max(away), is_area))
        near = reach = drawn_m + CROSSING_REACH_M
        for begins, ends, is_area in stretches:
            if is_area and begins <= near:
                reach = max(reach, ends + CROSSING_REACH_M)
        passed = max([drawn_m, *(ends for begins, ends, _ in stretches if begins <= reach)])
        return Point(start + way * (passed + HEAD_M))

    def barriers_on(self, shape: BaseGeometry) -> set[int]:
        """Positions of the hard barriers that a shape meets, touching included."""
        near = self.tree.query(shape)
        return {int(i) for i in near if self.walls[i].intersects(shape)}

    def barriers_between(self, a: BaseGeometry, b: BaseGeometry, gap_m: float) -> set[int]:
        """Positions of the hard barriers that stand between two units; empty where one gets through.

        Parameters
        ----------
        a, b
            Valid polygons.
        gap_m
            Distance between them, metres.
        """
        pad = gap_m + ZONE_M + 2 * INSIDE_M + 1.0
        if not len(self.tree.query(a.buffer(pad).envelope.intersection(b.buffer(pad).envelope))):
            return set()
        if gap_m <= TOUCH_M:
            return self._at_contact(a, b)
        return self.barriers_across(self._line_between(a, b, gap_m))

    def _line_between(self, a: BaseGeometry, b: BaseGeometry, gap_m: float) -> LineString:
        """The connecting line of two units, found once: several rules ask for it."""
        key = (id(a), id(b))
        if key not in self._lines:
            self._lines[key] = _KeptLine(a, b, connecting_line(a, b, gap_m))
        return self._lines[key].line

    def barriers_across(self, line: LineString) -> set[int]:
        """Positions of the hard barriers across a line; empty where it only grazes them.

        A barrier that is met at an end of the line alone, or only until the line is moved aside by
        `SHIFT_M`, is not across it.
        """
        crossed = self.barriers_on(line)
        if not crossed or line.length <= 2 * SHIFT_M:
            return crossed
        inner = LineString([line.interpolate(SHIFT_M), line.interpolate(-SHIFT_M)])
        moved = (inner, inner.offset_curve(SHIFT_M), inner.offset_curve(-SHIFT_M))
        return crossed if all(self.barriers_on(other) for other in moved) else set()

    def _at_contact(self, a: BaseGeometry, b: BaseGeometry) -> set[int]:
        """Barriers that leave no way between two touching units on the ground around their contact."""
        contact = a.buffer(TOUCH_M).intersection(b.buffer(TOUCH_M))
        zone = contact.buffer(ZONE_M)
        ground = shapely.union_all([a, b, contact]).intersection(zone)
        found = self.barriers_on(ground)
        if not found:
            return set()
        standing = shapely.union_all([_make_wall(self.walls[i]) for i in sorted(found)])
        depth_a, depth_b = _deep_interior(a, contact, zone), _deep_interior(b, contact, zone)
        pieces = shapely.get_parts(ground.difference(standing))
        if any(piece.intersects(depth_a) and piece.intersects(depth_b) for piece in pieces):
            return set()
        return found

    def crossing_between(self, a: BaseGeometry, b: BaseGeometry) -> int:
        """Number of the crossing on the shortest way between two units; −1 if none is in reach.

        One goes straight and freely from one unit to a head of the crossing, and from the other
        head to the other unit; the walk over the crossing is at most `walk_m`.

        Parameters
        ----------
        a, b
            Polygons of the units, metric CRS.
        """
        best, least = -1, self.walk_m + MILLIMETRE
        for k, crossing in enumerate(self.crossings):
            walk = (a.distance(crossing.point) + b.distance(crossing.point)) * self.detour
            if walk < least and self._passes(crossing, a, b):
                best, least = k, walk
        return best

    def _passes(self, crossing: Crossing, a: BaseGeometry, b: BaseGeometry) -> bool:
        """Whether a crossing leads from one unit to the other, in either direction."""
        one, two = _entrance(a, crossing.point), _entrance(b, crossing.point)
        return any(
            not self.barriers_across(LineString([one, head]))
            and not self.barriers_across(LineString([two, other_head]))
            for head, other_head in (crossing.heads, crossing.heads[::-1])
        )

    def has_way(self, i: int, j: int, gap_m: float, walls: set[int]) -> bool:
        """Whether one walks from one unit into another next to it within `walk_m`.

        Through a barrier it must be over a crossing, or on roads. Without one between them, two
        units without known gates need no road but where they have to cross one; others walk on
        roads from gate to gate where both reach one, else straight.

        Parameters
        ----------
        i, j
            Positions of the units.
        gap_m
            Distance between them, metres.
        walls
            The barriers between them, of :meth:`between`.
        """
        if walls and self.crossing_between(self.shapes[i], self.shapes[j]) >= 0:
            return True
        if not walls and self._has_alley(i, j, gap_m):
            return gap_m * self.detour <= self.walk_m + MILLIMETRE
        if self.roads is None:
            return False
        return bool(self.roads.walks(i, [j], self.walk_m + WALK_TOLERANCE_M))

    def _has_alley(self, i: int, j: int, gap_m: float) -> bool:
        """Whether two units need no road between them, or reach none."""
        roads = self.roads
        if roads is None or not roads.steps(i) or not roads.steps(j):
            return True
        if self._is_joined(i, j):
            return True
        if i in roads.gates or j in roads.gates:
            return False
        if gap_m <= TOUCH_M:
            return True
        line = self._line_between(self.shapes[i], self.shapes[j], gap_m)
        aside = (line, line.offset_curve(SHIFT_M), line.offset_curve(-SHIFT_M))
        return not all(roads.crosses(one) for one in aside)

    def _is_joined(self, i: int, j: int) -> bool:
        """Whether two units are neighbours by somebody's word."""
        return (min(i, j), max(i, j)) in self._joined

    def walks_from(self, source: int, ends: list[int], limit_m: float) -> np.ndarray:
        """Shortest walks from the place of one unit to those of others; infinite beyond the limit.

        A place is a unit's representative point. On roads where both units reach one, or straight
        into a neighbour; else as :meth:`straight_walks_from` has it.

        Parameters
        ----------
        source, ends
            Positions of units that have a geometry.
        limit_m
            Longest walk looked for, metres.
        """
        roads = self.roads
        if roads is None or not roads.steps(source):
            return self.straight_walks_from(source, ends, limit_m)
        found = roads.walks(source, ends, limit_m, self.places)
        walks = np.array([found.get(end, math.inf) for end in ends])
        off_road = np.array([not roads.steps(end) for end in ends], dtype=bool)
        others = [end for end, is_off in zip(ends, off_road, strict=True) if is_off]
        if others:
            walks[off_road] = self.straight_walks_from(source, others, limit_m)
        for k in np.flatnonzero(~off_road):
            a, b = self.shapes[source], self.shapes[ends[k]]
            gap_m = float(a.distance(b))
            if gap_m > self.gap_m + MILLIMETRE and not self._is_joined(source, ends[k]):
                continue
            if self._has_alley(source, ends[k], gap_m) or self.barriers_between(a, b, gap_m):
                walks[k] = min(walks[k], self._into_neighbour(source, ends[k]) * self.detour)
        return walks

    def straight_walks_from(self, source: int, ends: list[int], limit_m: float) -> np.ndarray:
        """Shortest walks where no road is known; infinite beyond the limit.

        A place is a unit's representative point. Straight × detour factor where no hard barrier is
        met; else over other places and crossings, every stretch straight and free, or from a unit
        into its neighbour by the line or the crossing that makes them neighbours.

        Parameters
        ----------
        source, ends
            Positions of units that have a geometry.
        limit_m
            Longest walk looked for, metres.
        """
        straight = np.hypot(*(self.places[ends] - self.places[source]).T) * self.detour
        blocked = np.array([bool(self.barriers_on(LineString(self.places[[source, end]]))) for end in ends], dtype=bool)
        walks = np.where(straight <= limit_m, straight, np.inf)
        if (blocked & (straight <= limit_m)).any():
            around = self._walks_around(source, limit_m)
            walks[blocked] = around[np.array(ends)[blocked]]
        return walks

    def _walks_around(self, source: int, limit_m: float) -> np.ndarray:
        """(n,) shortest walks from one place over a network of free stretches."""
        reach = limit_m / self.detour
        near = np.flatnonzero(np.hypot(*(self.places - self.places[source]).T) <= reach)
        n, points = len(near), np.concatenate([self.places[near], self.heads])
        points_near = np.hypot(*(points - self.places[source]).T) <= reach
        rows, columns = np.triu_indices(len(points), k=1)
        used = points_near[rows] & points_near[columns]
        rows, columns = rows[used], columns[used]
        lengths = np.hypot(*(points[rows] - points[columns]).T)
        lines = shapely.linestrings(np.stack([points[rows], points[columns]], axis=1))
        blocked = np.unique(self.tree.query(lines, predicate="intersects")[0])
        for line in blocked:
            i, j = rows[line], columns[line]
            if j < n:
                lengths[line] = self._into_neighbour(int(near[i]), int(near[j]))
            elif i < n or (i - n) // 2 != (j - n) // 2:  # not the two heads of one crossing
                lengths[line] = np.inf
        free = np.isfinite(lengths)
        links = (lengths[free] * self.detour, (rows[free], columns[free]))
        network = csr_array(coo_array(links, shape=(len(points), len(points))))
        start = np.searchsorted(near, [source])
        walks = np.full(len(self.places), np.inf)
        walks[near] = dijkstra(network, directed=False, indices=start)[0, :n]
        return walks

    def _into_neighbour(self, i: int, j: int) -> float:
        """Length of the way between the places of two neighbours; infinite if they are none."""
        if (i, j) not in self._ways:
            self._ways[i, j] = self._way_into_neighbour(i, j)
        return self._ways[i, j]

    def _way_into_neighbour(self, i: int, j: int) -> float:
        a, b = self.shapes[i], self.shapes[j]
        gap_m, by_word = a.distance(b), (min(i, j), max(i, j)) in self._joined
        if gap_m > self.gap_m + MILLIMETRE and not by_word:
            return math.inf
        walls = self.barriers_between(a, b, gap_m)
        if not walls or (by_word and self.crossing_between(a, b) < 0):
            doors = self._line_between(a, b, gap_m).coords
            return LineString([self.places[i], *doors, self.places[j]]).length
        through = self.crossing_between(a, b)
        if through < 0:
            return math.inf
        return LineString([self.places[i], self.crossings[through].point, self.places[j]]).length


def make_measurable(shape: BaseGeometry | None, *, keep_collapsed: bool = False) -> BaseGeometry | None:
    """A shape that can be measured; None where there is none.

    One that crosses itself is read as the land its outline covers.

    Parameters
    ----------
    shape
        In a projected CRS, metres; None for none.
    keep_collapsed
        Whether what has no area stays as a line or point.
    """
    if shape is not None and not shape.is_valid:
        shape = shapely.make_valid(shape, method="structure", keep_collapsed=keep_collapsed)
    return None if shape is None or shape.is_empty else shape


def connecting_line(a: BaseGeometry, b: BaseGeometry, gap_m: float) -> LineString:
    """The line one takes between two units that are apart.

    It runs through the middle between the stretches of edge that face each other, and begins and
    ends in the middle of what each unit has within 5 m of there.

    Parameters
    ----------
    a, b
        Polygons in a projected CRS, metres.
    gap_m
        Their distance in metres.

    Examples
    --------
    >>> line = connecting_line(shapely.box(0, 0, 100, 80), shapely.box(120, 40, 200, 300), 20.0)
    >>> [(round(x), round(y)) for x, y in line.coords]
    [(98, 60), (122, 60)]
    """
    middles = [_facing_middle(a, b, gap_m), _facing_middle(b, a, gap_m)]
    centre = LineString(middles).interpolate(0.5, normalized=True)
    return LineString([_entrance(a, centre), _entrance(b, centre)])


def _crossing_directions(shape: BaseGeometry, barrier: BaseGeometry) -> tuple[Point, list[tuple[np.ndarray, float]]]:
    """Where a crossing passes, and the two directions, each with how far it is drawn that way.

    A bridge drawn as a line passes in its middle and leads to its ends; anything else passes
    straight across the barrier.
    """
    if shape.geom_type == "LineString":
        point = shape.interpolate(0.5, normalized=True)
        ends = np.array([shape.coords[0], shape.coords[-1]]) - np.array(point.coords)
        lengths = np.hypot(*ends.T)
        if lengths.min() > 0:
            return point, [(ends[k] / lengths[k], float(lengths[k])) for k in (0, 1)]
    else:
        point = shape.representative_point()
    across = _direction_across(point, barrier)
    return point, [(across, 0.0), (-across, 0.0)]


def _direction_across(point: Point, barrier: BaseGeometry) -> np.ndarray:
    """Unit vector across a barrier at the place nearest to a point."""
    edge = shapely.union_all([_outline(part) for part in shapely.get_parts(barrier)])
    there = Point(shapely.shortest_line(point, edge).coords[-1])
    towards = np.array([there.x - point.x, there.y - point.y])
    if math.hypot(*towards) < ON_LINE_M:
        parts = shapely.get_parts(edge.intersection(there.buffer(TANGENT_M)))
        coords = max(parts, key=lambda part: part.length).coords
        towards = np.array([coords[0][1] - coords[-1][1], coords[-1][0] - coords[0][0]])
    length = math.hypot(*towards)
    return towards / length if length > 0 else np.array([1.0, 0.0])


def _outline(part: BaseGeometry) -> BaseGeometry:
    """The outline of an area; a line is its own."""
    return part.boundary if part.geom_type == "Polygon" else part


def _facing_middle(unit: BaseGeometry, other: BaseGeometry, gap_m: float) -> Point:
    """The middle of the stretch of a unit's edge that is as near to the other as it gets."""
    stretch = unit.boundary.intersection(other.buffer(gap_m + EQUALLY_NEAR_M, quad_segs=32))
    if stretch.is_empty:
        stretch = Point(shapely.shortest_line(unit, other).coords[0])
    return Point(shapely.shortest_line(stretch, stretch.centroid).coords[0])


def _entrance(unit: BaseGeometry, towards: Point) -> Point:
    """Where one is after going into a unit at its nearest point: 5 m deep at most."""
    edge = Point(shapely.shortest_line(unit, towards).coords[0])
    inside = unit.intersection(edge.buffer(INSIDE_M))
    if inside.is_empty:
        return edge
    centre = inside.centroid
    return centre if inside.intersects(centre) else inside.representative_point()


def _make_wall(shape: BaseGeometry) -> BaseGeometry:
    """A barrier with a width: lines get that of a fence, a little less than allowed for."""
    is_line = shapely.get_dimensions(shape) < 2
    return shape.buffer(WALL_HALF_WIDTH_M - SHIFT_M, cap_style="flat") if is_line else shape


def _deep_interior(unit: BaseGeometry, contact: BaseGeometry, zone: BaseGeometry) -> BaseGeometry:
    """What of a unit near a contact lies well inside it."""
    here = unit.intersection(zone)
    for depth_m in DEPTHS_M:
        deep = here.difference(contact.buffer(depth_m))
        if not deep.is_empty:
            return deep
    return here
