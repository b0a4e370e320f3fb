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

    def hits(self, shapes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
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

    def stops(self, shapes: np.ndarray) -> np.ndarray:
        """(k,) bool: whether each shape meets any hard barrier."""
        stopped = np.zeros(len(shapes), dtype=bool)
        stopped[self.hits(shapes)[0]] = True
        return stopped

    def first_along(self, lines: np.ndarray) -> np.ndarray:
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
        which, barrier = self.hits(lines)
        if not len(which):
            return first
        met = shapely.intersection(lines[which], self.shapes[barrier])
        away = np.round(shapely.distance(shapely.get_point(lines[which], 0), met), 3)
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
    shapes
        (m,) points, lines (a bridge) or polygons, metric CRS.
    points
        (m,) the point of each a walk passes: the middle of a line, a point inside a polygon.
    kinds_served
        (m,) sets of the kinds of hard barriers within `CROSSING_REACH_M`.
    """

    ids: np.ndarray
    shapes: np.ndarray
    points: np.ndarray
    kinds_served: tuple[frozenset[str], ...]


def hard_barriers(barriers: gpd.GeoDataFrame, hard_kinds: tuple[str, ...]) -> Barriers:
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
    >>> hard_barriers(rail, ("railway",)).stops(np.array([shapely.LineString([(5, -5), (5, 5)])]))
    array([ True])
    """
    usable = _usable(barriers, "barriers", "barrier_id")
    hard = usable[usable["kind"].isin(hard_kinds)]
    shapes = hard.geometry.to_numpy()
    # A self-crossing river still stops a walk: it is read as the water its outline covers.
    shapes = np.where(shapely.is_valid(shapes), shapes, shapely.make_valid(shapes))
    shapely.prepare(shapes)
    ids, kinds = (hard[name].to_numpy(dtype=object) for name in ("barrier_id", "kind"))
    return Barriers(ids, kinds, shapes)


def serving_crossings(crossings: gpd.GeoDataFrame, barriers: Barriers) -> Crossings:
    """Keep the crossings within `CROSSING_REACH_M` of a hard barrier, with the kinds they serve.

    A crossing serves a *kind* at its place, not one feature: rivers and railways come cut into
    many features, and the bridge often lies on the next piece.

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
    """
    usable = _usable(crossings, "crossings", "crossing_id")
    shapes = usable.geometry.to_numpy()
    served: list[set[str]] = [set() for _ in shapes]
    if len(shapes) and len(barriers.ids):
        near = barriers.tree.query(shapes, predicate="dwithin", distance=CROSSING_REACH_M)
        for crossing, barrier in near.T:
            served[crossing].add(barriers.kinds[barrier])
    keep = np.array([i for i, kinds in enumerate(served) if kinds], dtype=np.intp)
    return Crossings(
        usable["crossing_id"].to_numpy(dtype=object)[keep],
        shapes[keep],
        _passing_points(shapes[keep]),
        tuple(frozenset(served[i]) for i in keep),
    )


def free_legs(
    barriers: Barriers, crossings: Crossings, which: np.ndarray, ends: np.ndarray
) -> np.ndarray:
    """Whether one can go straight from a crossing to a point.

    The barriers the crossing serves are excepted where it passes them: a leg is free when each
    hard barrier it meets begins within `CROSSING_REACH_M` of the crossing, or within that distance
    after the far bank of the water (any polygon) the crossing lies on. So a point in the middle of
    a wide river passes the river and the railway along its bank, but no second river beyond.

    Parameters
    ----------
    barriers, crossings
        Of the map.
    which
        (k,) positions in `crossings`: where each leg starts.
    ends
        (k,) points: where it ends, metric CRS.

    Returns
    -------
    (k,) bool.
    """
    starts = crossings.points[which]
    free = np.ones(len(which), dtype=bool)
    long = np.flatnonzero(shapely.distance(starts, ends) > CROSSING_REACH_M)
    legs = _straight(starts[long], ends[long])
    beyond = _straight(shapely.line_interpolate_point(legs, CROSSING_REACH_M), ends[long])
    doubtful = barriers.stops(beyond)
    long, legs = long[doubtful], legs[doubtful]
    leg, barrier = barriers.hits(legs)
    met, part_of = shapely.get_parts(
        shapely.intersection(legs[leg], barriers.shapes[barrier]), return_index=True
    )
    leg, barrier = leg[part_of], barrier[part_of]
    start = starts[long][leg]
    begins = shapely.distance(crossings.shapes[which[long]][leg], met)
    reach = np.full(len(legs), CROSSING_REACH_M)
    water = (begins <= CROSSING_REACH_M) & (shapely.get_dimensions(barriers.shapes[barrier]) == 2)
    far_bank = shapely.hausdorff_distance(start[water], met[water])
    np.maximum.at(reach, leg[water], far_bank + CROSSING_REACH_M)
    free[long[leg[begins > reach[leg]]]] = False
    return free


def points_at(xy: np.ndarray) -> np.ndarray:
    """(k,) points at (k, 2) coordinates."""
    return np.asarray(shapely.points(xy), dtype=object)


def lines_between(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """(k,) straight lines from (k, 2) to (k, 2) coordinates."""
    return np.asarray(shapely.linestrings(np.stack([starts, ends], axis=1)), dtype=object)


def _usable(layer: gpd.GeoDataFrame, name: str, key: str) -> gpd.GeoDataFrame:
    """Rows with a geometry, sorted by id; the CRS is checked where there are any."""
    if not len(layer):
        return gpd.GeoDataFrame({key: [], "kind": []}, geometry=[])
    require_metric(layer, name)
    shapes = layer.geometry.to_numpy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return layer[there].sort_values(key, kind="stable")


def _passing_points(shapes: np.ndarray) -> np.ndarray:
    """The point of each crossing that a walk passes."""
    is_line = shapely.get_type_id(shapes) == shapely.GeometryType.LINESTRING
    points = shapely.point_on_surface(shapes)
    points[is_line] = shapely.line_interpolate_point(shapes[is_line], 0.5, normalized=True)
    return points


def _straight(starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Straight lines between two arrays of points."""
    return lines_between(shapely.get_coordinates(starts), shapely.get_coordinates(ends))
