"""Access points: where units are attached to the footway network, by gates or by outlines."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.network.barriers import Barriers, make_lines
from geo.network.footways import FootwayNetwork
from geo.rules import NeighbourRules

_INSET_M = 0.05  # what begins or ends at an outline or a road does not cross it


@dataclass(frozen=True, eq=False)
class AccessPoints:
    """The points where units are attached to the network; a unit may have several, or none.

    Parameters
    ----------
    footways
        The network.
    unit
        (k,) position of the unit, rising.
    edge, at_m
        (k,) edge of the network, and metres along it from its first node.
    unit_points, road_points
        (k, 2) coordinates: the gate, or the point of the outline; and the point on the road.
    gate_ids
        (k,) id of the gate, None where one leaves over the outline.
    """

    footways: FootwayNetwork
    unit: np.ndarray
    edge: np.ndarray
    at_m: np.ndarray
    unit_points: np.ndarray
    road_points: np.ndarray
    gate_ids: np.ndarray

    @property
    def access_m(self) -> np.ndarray:
        """(k,) metres from the unit's point to the road."""
        return np.asarray(np.hypot(*(self.unit_points - self.road_points).T))

    def legs_m(self, starts: np.ndarray | None) -> np.ndarray:
        """(k,) straight metres from where a walk begins in the unit over its door to the road.

        Parameters
        ----------
        starts
            (n, 2) coordinates of the place in each unit where walks begin; None = at the door.
        """
        if starts is None:
            return self.access_m
        inside = np.hypot(*(starts[self.unit] - self.unit_points).T)
        return np.asarray(inside + self.access_m)

    def rows_of(self, unit: int) -> np.ndarray:
        """Positions of a unit's access points, in order."""
        return np.arange(*np.searchsorted(self.unit, [unit, unit + 1]))

    def has_road(self, n_units: int) -> np.ndarray:
        """(n_units,) whether each unit steps onto the network anywhere."""
        return np.bincount(self.unit, minlength=n_units) > 0

    def has_gate(self, n_units: int) -> np.ndarray:
        """(n_units,) whether each unit does so from a gate that is known."""
        gated = self.unit[pd.notna(self.gate_ids)]
        return np.bincount(gated, minlength=n_units) > 0


def find_access_points(
    shapes: np.ndarray,
    gates: tuple[np.ndarray, np.ndarray, np.ndarray],
    footways: FootwayNetwork,
    barriers: Barriers,
    rules: NeighbourRules,
) -> AccessPoints:
    """Find where each unit steps onto the network.

    From each open gate, one goes to every road within `road_access_m` that is seen from it: the
    straight piece to the road's nearest point meets no hard barrier, no other road and no other
    unit. A unit without a known open gate does so from its outline, to that point of the road
    which is nearest to the unit's centre; where another unit stands before that point, to one a
    quarter of the unit's width farther along the road, on either side. What runs through the unit
    is stepped onto inside. Where no road is seen, the nearest without a barrier before it serves.

    Parameters
    ----------
    shapes
        (n,) valid polygons of the units, metric CRS; None where missing.
    gates
        Of :func:`select_open_gates`: unit of each gate, its point, its id.
    footways, barriers
        Of the map.
    rules
        `road_access_m` is used.
    """
    of_gate, points, ids = gates
    placed = np.flatnonzero(~shapely.is_missing(shapes))
    over = np.setdiff1d(placed, of_gate)  # those that leave over their outline
    starts = np.concatenate([points, shapes[over]])
    unit = np.concatenate([of_gate, over])
    start, near = footways.ground_tree.query(starts, predicate="dwithin", distance=rules.road_access_m)
    edge = footways.ground[near]
    at_m = shapely.line_locate_point(footways.shapes[edge], shapely.centroid(starts)[start])
    found = _AccessLines.to(footways, starts, start, edge, at_m, unit, barriers, rules)
    hidden = np.flatnonzero(found.is_free & ~found.is_seen(shapes, footways))
    aside = [
        _AccessLines.to(footways, starts, start[hidden], edge[hidden], beside, unit, barriers, rules)
        for beside in _fallback_offsets(starts[start[hidden]], footways.shapes[edge[hidden]], at_m[hidden])
    ]
    kept = _select_unobstructed_or_nearest([found, *aside], shapes, footways)
    names = np.concatenate([ids, np.full(len(over), None, dtype=object)])
    ends = shapely.get_coordinates(kept.lines).reshape(-1, 2, 2)
    return AccessPoints(footways, kept.unit, kept.edge, kept.at_m, ends[:, 0], ends[:, 1], names[kept.start])


def select_open_gates(gates: gpd.GeoDataFrame, unit_ids: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The gates through which one leaves a known unit; those not known to be closed are open.

    Parameters
    ----------
    gates
        The `gates` layer, same CRS as the units; may be empty.
    unit_ids
        (n,) text, sorted.

    Returns
    -------
    Position of the unit, point and id of each gate, sorted by id.
    """
    if not len(gates):
        nothing = np.empty(0, dtype=object)
        return np.empty(0, dtype=np.intp), nothing, nothing
    shapes = gates.geometry.to_numpy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    is_open = gates["is_open"].astype("boolean").fillna(value=True).to_numpy(dtype=bool)
    unit = pd.Index(unit_ids).get_indexer(pd.Index(gates["unit_id"], dtype=object))
    usable = gates.assign(unit=unit)[there & is_open & (unit >= 0)]
    usable = usable.sort_values("gate_id", kind="stable")
    points = np.asarray(shapely.centroid(usable.geometry.to_numpy()), dtype=object)
    return usable["unit"].to_numpy(), points, usable["gate_id"].to_numpy(dtype=object)


@dataclass(frozen=True, eq=False)
class _AccessLines:
    """Straight pieces from starts (gates, outlines) of units to points of edges."""

    start: np.ndarray
    unit: np.ndarray
    edge: np.ndarray
    at_m: np.ndarray
    lines: np.ndarray
    is_free: np.ndarray

    @classmethod
    def to(
        cls,
        footways: FootwayNetwork,
        starts: np.ndarray,
        start: np.ndarray,
        edge: np.ndarray,
        at_m: np.ndarray,
        unit: np.ndarray,
        barriers: Barriers,
        rules: NeighbourRules,
    ) -> _AccessLines:
        """The pieces to given places along edges; free if short enough and past no barrier."""
        steps = shapely.line_interpolate_point(footways.shapes[edge], at_m)
        lines = np.asarray(shapely.shortest_line(starts[start], steps), dtype=object)
        is_free = shapely.length(lines) <= rules.road_access_m
        is_free[is_free] = ~barriers.intersects(lines[is_free])
        return cls(start, unit[start], edge, at_m, lines, is_free)

    def is_seen(self, shapes: np.ndarray, footways: FootwayNetwork) -> np.ndarray:
        """(k,) whether each piece crosses no other road and no other unit."""
        seen = np.ones(len(self.lines), dtype=bool)
        length_m = shapely.length(self.lines)
        outside = np.flatnonzero(length_m > 2 * _INSET_M)
        ends = shapely.get_coordinates(self.lines[outside]).reshape(-1, 2, 2)
        inset = np.diff(ends, axis=1)[:, 0] * (_INSET_M / length_m[outside])[:, None]
        lines = make_lines(ends[:, 0] + inset, ends[:, 1] - inset)
        which, other = footways.ground_tree.query(lines, predicate="intersects")
        crossed = footways.ground[other] != self.edge[outside[which]]
        seen[outside[which[crossed]]] = False
        which, other = shapely.STRtree(shapes).query(lines, predicate="intersects")
        crossed = other != self.unit[outside[which]]
        seen[outside[which[crossed]]] = False
        return seen

    def chosen(self, which: np.ndarray) -> _AccessLines:
        """Some of them, by position or mask."""
        return _AccessLines(
            self.start[which],
            self.unit[which],
            self.edge[which],
            self.at_m[which],
            self.lines[which],
            self.is_free[which],
        )


def _fallback_offsets(starts: np.ndarray, edges: np.ndarray, at_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Metres along each edge, a quarter of the start's width before and after a place on it."""
    hull = shapely.simplify(shapely.convex_hull(starts), 1.0)
    xy, which = shapely.get_coordinates(hull, return_index=True)
    along = shapely.line_locate_point(edges[which], shapely.points(xy))
    low, high = np.full(len(starts), np.inf), np.full(len(starts), -np.inf)
    np.minimum.at(low, which, along)
    np.maximum.at(high, which, along)
    return (low + at_m) / 2, (high + at_m) / 2


def _select_unobstructed_or_nearest(
    tries: list[_AccessLines], shapes: np.ndarray, footways: FootwayNetwork
) -> _AccessLines:
    """For each start and edge the first try that is seen; of a start without any, the shortest."""
    every = _AccessLines(*(np.concatenate([getattr(one, name) for one in tries]) for name in _ACCESS_LINE_FIELDS))
    turn = np.repeat(np.arange(len(tries)), [len(one.lines) for one in tries])
    every, turn = every.chosen(every.is_free), turn[every.is_free]
    seen = every.is_seen(shapes, footways)
    length_m = np.round(shapely.length(every.lines), 3)
    order = np.lexsort((every.at_m, turn, every.edge, every.start, ~seen))
    order = order[seen[order]]
    new = (np.diff(every.start[order], prepend=-1) != 0) | (np.diff(every.edge[order], prepend=-1) != 0)
    lost = np.flatnonzero(~np.isin(every.start, every.start[seen]))
    nearest = lost[np.lexsort((every.edge[lost], length_m[lost], every.start[lost]))]
    kept = np.concatenate([order[new], nearest[np.diff(every.start[nearest], prepend=-1) != 0]])
    return every.chosen(kept[np.lexsort((every.edge[kept], every.start[kept], every.unit[kept]))])


_ACCESS_LINE_FIELDS = ("start", "unit", "edge", "at_m", "lines", "is_free")
