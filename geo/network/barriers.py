"""What stops a walk between two places, and the crossings that let it through (R22, R23)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely

from geo.crs import require_metric

CROSSING_REACH_M = 40.0
"""A crossing serves the barriers it lies on or within this distance of.

[A] Wide enough for a point drawn at one end of an underpass below two or three parallel tracks or
both carriageways of an expressway; narrower than the usual distance between two crossings.
"""

_HEAD_OFFSET_M = 2.0  # a head lies this far behind the last barrier passed
_RAY_M = 1000.0  # a river is not wider
_ON_LINE_M = 0.5  # a point this near to a barrier lies on it: it has no direction from there
_TANGENT_M = 10.0  # a barrier's direction is taken from what lies within this distance


@dataclass(frozen=True, eq=False)
class Barriers:
    """The hard barriers of a map, sorted by id, ready for many tests.

    Parameters
    ----------
    ids, kinds
        (m,) text.
    shapes
        (m,) valid lines or polygons, metric CRS, prepared.
    """

    ids: np.ndarray
    kinds: np.ndarray
    shapes: np.ndarray

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index over `shapes`."""
        return shapely.STRtree(self.shapes)

    def label(self, position: int) -> str:
        """How a refused pair names the barrier: "kind:id"."""
        return f"{self.kinds[position]}:{self.ids[position]}"

    def query(self, shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which shapes meet which barriers, touching included.

        Parameters
        ----------
        shapes
            (k,) geometries, metric CRS.

        Returns
        -------
        Two arrays of equal length: position in `shapes`, position in the barriers; sorted.
        """
        if not len(self.ids) or not len(shapes):
            return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
        which, barrier = self.tree.query(shapes)
        # The long-lived side is prepared: 5 times faster than the tree's own predicate on rivers.
        meets = shapely.intersects(self.shapes[barrier], shapes[which])
        which, barrier = which[meets], barrier[meets]
        order = np.lexsort((barrier, which))
        return which[order], barrier[order]

    def intersects(self, shapes: np.ndarray) -> np.ndarray:
        """(k,) bool: whether each shape meets any hard barrier."""
        stopped = np.zeros(len(shapes), dtype=bool)
        stopped[self.query(shapes)[0]] = True
        return stopped

    def find_first_crossed(self, lines: np.ndarray) -> np.ndarray:
        """The barrier each line meets first, walking from its start; −1 where none.

        Barriers met at the same place (to 1 mm) count in the order of their ids.

        Parameters
        ----------
        lines
            (k,) straight lines of two points, metric CRS.

        Returns
        -------
        (k,) positions in the barriers.
        """
        first = np.full(len(lines), -1, dtype=np.intp)
        which, barrier = self.query(lines)
        if not len(which):
            return first
        crossing = shapely.intersection(lines[which], self.shapes[barrier])
        away = np.round(shapely.distance(shapely.get_point(lines[which], 0), crossing), 3)
        order = np.lexsort((barrier, away, which))
        lead, at = np.unique(which[order], return_index=True)
        first[lead] = barrier[order][at]
        return first


@dataclass(frozen=True, eq=False)
class Crossings:
    """The crossings that serve a hard barrier, sorted by id.

    Parameters
    ----------
    ids
        (m,) text.
    points
        (m,) the point of each where it passes: itself, the middle of a line (a bridge), a point
        inside a polygon; metric CRS.
    heads
        (m, 2) points: where one stands before and after passing, on the two sides of the barriers
        the crossing serves.
    """

    ids: np.ndarray
    points: np.ndarray
    heads: np.ndarray


def select_hard_barriers(barriers: gpd.GeoDataFrame, hard_kinds: tuple[str, ...]) -> Barriers:
    """Keep the barriers that stop a walk.

    Parameters
    ----------
    barriers
        The `barriers` layer, n rows, metric CRS; may be empty.
    hard_kinds
        Kinds that stop; others (arterial roads by default: R24) never do.

    Raises
    ------
    MissingCRSError, NotMetricError
        If the layer has rows but cannot be measured in metres.

    Examples
    --------
    >>> rail = gpd.GeoDataFrame(
    ...     {"barrier_id": ["r1"], "kind": ["railway"]},
    ...     geometry=[shapely.LineString([(0, 0), (100, 0)])],
    ...     crs="EPSG:4546",
    ... )
    >>> select_hard_barriers(rail, ("railway",)).intersects(np.array([shapely.LineString([(5, -5), (5, 5)])]))
    array([ True])
    """
    usable = _rows_with_geometry(barriers, "barriers", "barrier_id")
    hard = usable[usable["kind"].isin(hard_kinds)]
    shapes = hard.geometry.to_numpy()
    # A self-crossing river still stops a walk: it is read as the water its outline covers.
    shapes = np.where(shapely.is_valid(shapes), shapes, shapely.make_valid(shapes, method="structure"))
    shapely.prepare(shapes)
    ids, kinds = (hard[name].to_numpy(dtype=object) for name in ("barrier_id", "kind"))
    return Barriers(ids, kinds, shapes)


def find_serving_crossings(crossings: gpd.GeoDataFrame, barriers: Barriers) -> Crossings:
    """Keep the crossings within `CROSSING_REACH_M` of a hard barrier, and find their two heads.

    One passes straight across the nearest barrier (along a bridge drawn as a line), and with it
    every barrier that begins within `CROSSING_REACH_M` of the crossing, or within that distance
    after the far bank of the water (any polygon) it lies on. So a point in the middle of a wide
    river passes the river and the railway along its bank, a point on one of two tracks passes
    both, and neither passes a second river beyond. A head lies 2 m behind the last barrier passed.

    Parameters
    ----------
    crossings
        The `crossings` layer, metric CRS; may be empty.
    barriers
        The hard barriers.

    Raises
    ------
    MissingCRSError, NotMetricError
        If the layer has rows but cannot be measured in metres.

    Examples
    --------
    >>> rail = gpd.GeoDataFrame(
    ...     {"barrier_id": ["r1"], "kind": ["railway"]},
    ...     geometry=[shapely.LineString([(0, 0), (100, 0)])],
    ...     crs="EPSG:4546",
    ... )
    >>> underpass = gpd.GeoDataFrame(
    ...     {"crossing_id": ["u1"], "kind": ["underpass"]},
    ...     geometry=[shapely.Point(50, 0)],
    ...     crs="EPSG:4546",
    ... )
    >>> found = find_serving_crossings(underpass, select_hard_barriers(rail, ("railway",)))
    >>> shapely.get_coordinates(found.heads).tolist()
    [[50.0, 2.0], [50.0, -2.0]]
    """
    usable = _rows_with_geometry(crossings, "crossings", "crossing_id")
    shapes = usable.geometry.to_numpy()
    near = np.empty((2, 0), dtype=np.intp)
    if len(shapes) and len(barriers.ids):
        near = barriers.tree.query(shapes, predicate="dwithin", distance=CROSSING_REACH_M)
    away = np.round(shapely.distance(shapes[near[0]], barriers.shapes[near[1]]), 3)
    order = np.lexsort((near[1], away, near[0]))
    keep, at = np.unique(near[0][order], return_index=True)
    nearest = barriers.shapes[near[1][order][at]]
    points = _crossing_points(shapes[keep])
    return Crossings(
        usable["crossing_id"].to_numpy(dtype=object)[keep],
        points,
        _crossing_heads(points, *_crossing_directions(shapes[keep], points, nearest), barriers),
    )


def point_coordinates(points: np.ndarray) -> np.ndarray:
    """(k, 2) coordinates of points, NaN where one is missing."""
    return np.stack([shapely.get_x(points), shapely.get_y(points)], axis=1)


def make_points(xy: np.ndarray) -> np.ndarray:
    """(k,) points at (k, 2) coordinates."""
    return np.asarray(shapely.points(xy), dtype=object)


def make_lines(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """(k,) straight lines from (k, 2) to (k, 2) coordinates.

    Parameters
    ----------
    starts, ends
        (k, 2) coordinates.
    """
    return np.asarray(shapely.linestrings(np.stack([starts, ends], axis=1)), dtype=object)


def _rows_with_geometry(layer: gpd.GeoDataFrame, name: str, key: str) -> gpd.GeoDataFrame:
    """Rows with a geometry, sorted by id; the CRS is checked where there are any."""
    if not len(layer):
        return gpd.GeoDataFrame({key: [], "kind": []}, geometry=[])
    require_metric(layer, name)
    shapes = layer.geometry.to_numpy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return layer[there].sort_values(key, kind="stable")


def _crossing_points(shapes: np.ndarray) -> np.ndarray:
    """The point of each crossing where one passes."""
    is_line = shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING
    points = shapely.point_on_surface(shapes)
    points[is_line] = shapely.line_interpolate_point(shapes[is_line], 0.5, normalized=True)
    return points


def _crossing_directions(shapes: np.ndarray, points: np.ndarray, nearest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two directions in which one passes, (m, 2, 2) unit vectors, and how far each is drawn.

    A bridge drawn as a line leads to its ends, (m, 2) metres away; a point straight across the
    nearest barrier, drawn 0 m.
    """
    ways, drawn_m = np.empty((len(shapes), 2, 2)), np.zeros((len(shapes), 2))
    for i, (shape, point, barrier) in enumerate(zip(shapes, points, nearest, strict=True)):
        ends = shapely.get_coordinates(shape)[[0, -1]] - shapely.get_coordinates(point)
        lengths = np.linalg.norm(ends, axis=1)
        if shape.geom_type == "LineString" and lengths.min() > 0:
            ways[i], drawn_m[i] = ends / lengths[:, None], lengths
        else:
            across = _unit_normal(point, barrier)
            ways[i] = [across, -across]
    return ways, drawn_m


def _unit_normal(point: shapely.Point, barrier: shapely.Geometry) -> np.ndarray:
    """Unit vector straight across a barrier, at the place nearest to a point."""
    parts = shapely.get_parts(barrier)
    is_area = shapely.get_dimensions(parts) == 2
    edge = shapely.union_all(np.where(is_area, shapely.boundary(parts), parts))
    line = shapely.get_coordinates(shapely.shortest_line(point, edge))
    towards = line[1] - line[0]
    if np.linalg.norm(towards) < _ON_LINE_M:
        here = shapely.intersection(edge, shapely.buffer(shapely.Point(line[1]), _TANGENT_M))
        parts = shapely.get_parts(here)
        ends = shapely.get_coordinates(parts[np.argmax(shapely.length(parts))])[[0, -1]]
        along = ends[1] - ends[0]
        towards = np.array([-along[1], along[0]])
    length = np.linalg.norm(towards)
    return towards / length if length > 0 else np.array([1.0, 0.0])


def _crossing_heads(points: np.ndarray, ways: np.ndarray, drawn_m: np.ndarray, barriers: Barriers) -> np.ndarray:
    """(m, 2) points behind the barriers passed in both directions."""
    start = np.repeat(shapely.get_coordinates(points), 2, axis=0)
    ahead, drawn = ways.reshape(-1, 2), drawn_m.ravel()
    rays = make_lines(start, start + ahead * (drawn[:, None] + _RAY_M))
    ray, barrier = barriers.query(rays)
    met, part_of = shapely.get_parts(shapely.intersection(rays[ray], barriers.shapes[barrier]), return_index=True)
    ray, barrier = ray[part_of], barrier[part_of]
    from_ = make_points(start[ray])
    begins, ends = shapely.distance(from_, met), shapely.hausdorff_distance(from_, met)
    reach = drawn + CROSSING_REACH_M
    water = (shapely.get_dimensions(barriers.shapes[barrier]) == 2) & (begins <= reach[ray])
    np.maximum.at(reach, ray[water], ends[water] + CROSSING_REACH_M)
    passed = drawn.copy()
    behind = begins <= reach[ray]
    np.maximum.at(passed, ray[behind], ends[behind])
    return make_points(start + ahead * (passed[:, None] + _HEAD_OFFSET_M)).reshape(-1, 2)
