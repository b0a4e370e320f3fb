"""Routes and service areas on the footway network, as lines (R22, R26)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree
from shapely.ops import substring

from geo.network.access import AccessPoints
from geo.network.shortest_paths import build_routing_matrix, find_nodes_around

SIDE_M = 30.0
"""What lies this near to a road that is reached counts as reached."""

_NO_NODES = np.empty(0, dtype=np.intp)


@dataclass(frozen=True)
class RouteSegment:
    """A part of a route on one road, or off the roads.

    Parameters
    ----------
    road_id, name
        Of the road; None off the roads and on a crossing.
    metres
        Length as it counts for the walk.
    shape
        The line, in the direction of the walk.
    """

    road_id: str | None
    name: str | None
    metres: float
    shape: shapely.LineString

    def reverse(self) -> RouteSegment:
        """The same segment walked the other way."""
        return RouteSegment(self.road_id, self.name, self.metres, self.shape.reverse())


@dataclass(frozen=True)
class Route:
    """A walk from one unit to another.

    Parameters
    ----------
    metres
        Its length: that of its segments together.
    segments
        In the direction of the walk.
    gate_ids
        The gates it leaves and enters by; None where none is known.
    """

    metres: float
    segments: tuple[RouteSegment, ...]
    gate_ids: tuple[str | None, str | None]

    @property
    def shape(self) -> shapely.Geometry:
        """The whole route as one line."""
        return shapely.line_merge(shapely.MultiLineString([s.shape for s in self.segments]))

    @property
    def road_names(self) -> tuple[str, ...]:
        """Names (ids where unnamed) of the roads, each once, in the order they are walked."""
        named = (s.name or s.road_id for s in self.segments)
        return tuple(dict.fromkeys(name for name in named if name))


@dataclass(frozen=True, eq=False)
class ServiceArea:
    """What one reaches on foot from a unit within some metres: its isochrone.

    Parameters
    ----------
    units, metres
        (k,) positions of the units, nearest first, and how far each is.
    roads
        (r,) lines: the stretches of road that are reached.
    area
        The ground next to them, the unit included.
    """

    units: np.ndarray
    metres: np.ndarray
    roads: np.ndarray
    area: shapely.Geometry


def find_routes(
    access: AccessPoints, starts: np.ndarray | None, pairs: np.ndarray, *, detour_factor: float, limit_m: float
) -> list[Route | None]:
    """The shortest walk on roads between the units of each pair; None beyond the limit.

    Parameters
    ----------
    access
        Of the map.
    starts
        (n, 2) coordinates of the place in each unit where walks begin and end; None for walks
        from gate to gate.
    pairs
        (k, 2) positions of two units.
    detour_factor
        Off the roads a walk is straight × this.
    limit_m
        Longest walk, metres.
    """
    if not len(pairs) or not len(access.unit):
        return [None] * len(pairs)
    legs_m = access.legs_m(starts) * detour_factor
    n, n_units = len(access.footways.xy), int(max(access.unit.max(), pairs.max())) + 1
    network = build_routing_matrix(access, legs_m, n_units)
    tree, edge_between = cKDTree(access.footways.xy), _shortest_edges(access)
    found: list[Route | None] = []
    for a, b in pairs:
        ends = access.footways.xy[access.footways.ends[access.edge[access.rows_of(a)]].ravel()]
        near = find_nodes_around(tree, ends.min(axis=0), ends.max(axis=0), limit_m) if len(ends) else _NO_NODES
        around = np.concatenate([near, [n + a, n + n_units + b]])
        local = network[around][:, around]  # a walk within the limit stays near where it begins
        (metres,), (before,) = dijkstra(local, indices=[len(near)], limit=limit_m + 0.001, return_predecessors=True)
        if not np.isfinite(metres[-1]):
            found.append(None)
            continue
        back = [int(before[-1])]
        while back[-1] != len(near):
            back.append(int(before[back[-1]]))
        nodes = [int(near[at]) for at in back[-2::-1]]
        leave, enter = _access_used(access, legs_m, a, b, nodes)
        segments = [
            *_off_road_segments(access, starts, leave, a, detour_factor),
            *_road_segments(access, leave, enter, nodes, edge_between),
            *(segment.reverse() for segment in _off_road_segments(access, starts, enter, b, detour_factor)),
        ]
        gates = (access.gate_ids[leave], access.gate_ids[enter])
        found.append(Route(round(float(metres[-1]), 3), tuple(_merge_segments(segments)), gates))
    return found


def find_service_area(
    access: AccessPoints, starts: np.ndarray, shapes: np.ndarray, unit: int, *, detour_factor: float, limit_m: float
) -> ServiceArea:
    """The service area (isochrone) of a unit: what one reaches from it on roads within a limit.

    Parameters
    ----------
    access, detour_factor, limit_m
        As in :func:`find_routes`.
    starts
        (n, 2) coordinates of the place in each unit where walks begin and end.
    shapes
        (n,) polygons of the units.
    unit
        Position of the unit.
    """
    n, n_units = len(access.footways.xy), len(shapes)
    legs_m = access.legs_m(starts) * detour_factor
    network = build_routing_matrix(access, legs_m, n_units)
    (metres,) = dijkstra(network, indices=[n + unit], limit=limit_m)
    to_units = metres[n + n_units :].copy()
    to_units[unit] = np.inf
    units = np.flatnonzero(np.isfinite(to_units))
    units = units[np.lexsort((units, to_units[units]))]
    lines = _reached_lines(access, legs_m, unit, limit_m - metres[:n], limit_m)
    sides = shapely.buffer(lines, SIDE_M, quad_segs=4)
    area = shapely.union_all(np.append(sides, shapes[unit]))
    return ServiceArea(units, to_units[units].round(3), lines, area)


def _access_used(
    access: AccessPoints, legs_m: np.ndarray, unit_a: int, unit_b: int, nodes: list[int]
) -> tuple[int, int]:
    """The access a way leaves by and the one it enters by; `nodes` of the network lie between."""
    if nodes:
        used = []
        for unit, node in ((unit_a, nodes[0]), (unit_b, nodes[-1])):
            mine = access.rows_of(unit)
            ends, length_m = (
                of_edge[access.edge[mine]] for of_edge in (access.footways.ends, access.footways.length_m)
            )
            along = np.where(
                ends == node, np.stack([access.at_m[mine], length_m - access.at_m[mine]], axis=1), np.inf
            ).min(axis=1)
            used.append(int(mine[np.argmin(legs_m[mine] + along)]))
        return used[0], used[1]
    i, j = (grid.ravel() for grid in np.meshgrid(access.rows_of(unit_a), access.rows_of(unit_b)))
    along = legs_m[i] + np.abs(access.at_m[i] - access.at_m[j]) + legs_m[j]
    best = int(np.argmin(np.where(access.edge[i] == access.edge[j], along, np.inf)))
    return int(i[best]), int(j[best])


def _off_road_segments(
    access: AccessPoints, starts: np.ndarray | None, which: int, unit: int, detour_factor: float
) -> list[RouteSegment]:
    """From where a walk begins in the unit to the road."""
    points = [access.unit_points[which], access.road_points[which]]
    if starts is not None:
        points.insert(0, starts[unit])
    line = shapely.LineString(points)
    return [RouteSegment(None, None, line.length * detour_factor, line)] if line.length else []


def _shortest_edges(access: AccessPoints) -> dict[tuple[int, int], tuple[int, bool]]:
    """The shortest edge from each node to its neighbours, and whether it is drawn that way.

    Of equally long ones the one drawn that way, then the first.
    """
    ends, length_m = access.footways.ends, access.footways.length_m
    number = np.arange(len(ends))
    begin, end = np.concatenate([ends, ends[:, ::-1]]).T
    is_back, edge = np.repeat([False, True], len(ends)), np.tile(number, 2)
    order = np.lexsort((edge, is_back, np.tile(length_m, 2)))
    shortest: dict[tuple[int, int], tuple[int, bool]] = {}
    for k in order.tolist():
        shortest.setdefault((int(begin[k]), int(end[k])), (int(edge[k]), not is_back[k]))
    return shortest


def _road_segments(
    access: AccessPoints,
    leave: int,
    enter: int,
    nodes: list[int],
    edge_between: dict[tuple[int, int], tuple[int, bool]],
) -> list[RouteSegment]:
    """From the access one leaves by, over the nodes, to the access one enters by."""
    footways = access.footways
    at = (float(access.at_m[leave]), float(access.at_m[enter]))
    if not nodes:
        found = [_road_segment(access, int(access.edge[leave]), *at)]
        return [segment for segment in found if segment.metres > 0]
    found = [_road_segment(access, int(access.edge[leave]), at[0], _node_offset_m(access, leave, nodes[0]))]
    for a, b in pairwise(nodes):
        edge, is_drawn_so = edge_between[a, b]
        span = (0.0, float(footways.length_m[edge]))
        found.append(_road_segment(access, edge, *(span if is_drawn_so else span[::-1])))
    found.append(_road_segment(access, int(access.edge[enter]), _node_offset_m(access, enter, nodes[-1]), at[1]))
    return [segment for segment in found if segment.metres > 0]


def _node_offset_m(access: AccessPoints, which: int, node: int) -> float:
    """Metres along an access's edge at which a node lies: at its end nearer to the access."""
    edge = access.edge[which]
    length_m = float(access.footways.length_m[edge])
    is_head, is_tail = access.footways.ends[edge] == node
    if is_head and is_tail:  # a loop
        return 0.0 if access.at_m[which] <= length_m / 2 else length_m
    return 0.0 if is_head else length_m


def _road_segment(access: AccessPoints, edge: int, from_m: float, to_m: float) -> RouteSegment:
    footways = access.footways
    xy = shapely.get_coordinates(substring(footways.shapes[edge], from_m, to_m))
    line = shapely.LineString(xy if len(xy) > 1 else np.repeat(xy, 2, axis=0))
    road = footways.road[edge]
    if road < 0:
        return RouteSegment(None, None, abs(to_m - from_m), line)
    name = footways.road_names[road]
    name = name if isinstance(name, str) else None
    return RouteSegment(str(footways.road_ids[road]), name, abs(to_m - from_m), line)


def _merge_segments(segments: list[RouteSegment]) -> list[RouteSegment]:
    """Stretches on one road that follow each other as one."""
    found: list[RouteSegment] = []
    for new in segments:
        if found and found[-1].road_id == new.road_id and new.road_id is not None:
            old = found.pop()
            xy = np.concatenate([shapely.get_coordinates(s.shape) for s in (old, new)])
            kept = np.append(True, (np.diff(xy, axis=0) != 0).any(axis=1))
            new = RouteSegment(new.road_id, new.name, old.metres + new.metres, shapely.LineString(xy[kept]))
        found.append(new)
    return found


def _reached_lines(
    access: AccessPoints, legs_m: np.ndarray, unit: int, left_m: np.ndarray, limit_m: float
) -> np.ndarray:
    """The stretches of road within a limit; `left_m` (n,) is what is left of it at each node."""
    footways = access.footways
    left, mine = left_m[footways.ends], access.rows_of(unit)
    spans: dict[int, list[tuple[float, float]]] = {}
    for edge in np.flatnonzero((left > 0).any(axis=1)):
        length = float(footways.length_m[edge])
        head, tail = np.clip(left[edge], 0.0, length)
        spans[int(edge)] = [(0.0, float(head)), (length - float(tail), length)]
    for which in mine[legs_m[mine] < limit_m]:
        at, ahead = float(access.at_m[which]), limit_m - float(legs_m[which])
        length = float(footways.length_m[access.edge[which]])
        span = (max(0.0, at - ahead), min(length, at + ahead))
        spans.setdefault(int(access.edge[which]), []).append(span)
    lines = [
        substring(footways.shapes[edge], *span) for edge in sorted(spans) for span in _union_intervals(spans[edge])
    ]
    return np.array(lines, dtype=object)


def _union_intervals(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Intervals that overlap as one; those without length dropped."""
    found: list[tuple[float, float]] = []
    for low, high in sorted(spans):
        if high <= low:
            continue
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found
