"""Routes between two units of a dataset, and the isochrone of one, on foot."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from geo.adjacency.graph import AdjacencyGraph, EdgeDecision, explain_pair
from geo.adjacency.pairs import SpatialContext, build_access, build_context, find_positions
from geo.corrections.store import closed_crossings, correct_crossings, correct_gates
from geo.network.access import AccessPoints
from geo.network.barriers import Barriers, point_coordinates, select_hard_barriers
from geo.network.entry_lines import entry_lines
from geo.network.routing import Route, RouteSegment, find_routes, find_service_area
from geo.rules import NeighbourRules
from geo.schema import BARRIER_KINDS
from geo.storage.dataset import Dataset


@dataclass(frozen=True, eq=False)
class WalkRouter:
    """Routes and isochrones of one map; built once for many questions.

    Parameters
    ----------
    context
        Units in the order of their ids, hard barriers, crossings.
    access
        Where the units step onto the roads.
    barriers
        All barriers, hard or not.
    graph
        Of the same dataset and rules.
    rules
        The thresholds.
    """

    context: SpatialContext
    access: AccessPoints
    barriers: Barriers
    graph: AdjacencyGraph
    rules: NeighbourRules


@dataclass(frozen=True)
class UnitRoute:
    """The walk between two units, for telling and drawing.

    Parameters
    ----------
    decision
        Why the two are neighbours or not.
    route
        The walk from place to place, metric CRS; None beyond the limit.
    is_estimated
        Whether it is estimated without roads: its line is then a sketch.
    crosses
        Barriers of any kind on the route, "kind:id", in the order they are met.
    """

    decision: EdgeDecision
    route: Route | None
    is_estimated: bool
    crosses: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Isochrone:
    """What one reaches on foot from a unit.

    Parameters
    ----------
    unit_ids, metres
        (k,) the units within the metres, nearest first, and how far each is.
    roads
        (r,) lines: the stretches of road that are reached; none where walks are estimated.
    area
        The ground next to them, or all within the straight line; metric CRS.
    is_estimated
        Whether the unit reaches no road.
    """

    unit_ids: np.ndarray
    metres: np.ndarray
    roads: np.ndarray
    area: shapely.Geometry
    is_estimated: bool


def build_walk_router(dataset: Dataset, graph: AdjacencyGraph, rules: NeighbourRules) -> WalkRouter:
    """Build the router of a dataset.

    Parameters
    ----------
    dataset
        With a `units` layer.
    graph
        Of :func:`geo.adjacency.graph.refresh_graph`, for the same rules.
    rules
        The thresholds.
    """
    overrides = dataset.layer("overrides")
    barriers = dataset.layer("barriers")
    crossings = correct_crossings(dataset.layer("crossings"), overrides)
    context = build_context(dataset.layer("units"), barriers, crossings, rules)
    gates = correct_gates(dataset.layer("gates"), overrides)
    closed = closed_crossings(dataset.layer("crossings"), overrides)
    access = build_access(context, dataset.layer("roads"), gates, rules, closed=closed)
    return WalkRouter(context, access, select_hard_barriers(barriers, BARRIER_KINDS), graph, rules)


def find_unit_route(router: WalkRouter, unit_a: str, unit_b: str) -> UnitRoute:
    """The walk from the place of one unit to that of another.

    Where the stored walk is estimated the line is a sketch: straight, over the alley between two
    neighbours, or over the crossing that joins them.

    Parameters
    ----------
    router
        Of :func:`build_walk_router`.
    unit_a, unit_b
        Two ids: from, to.

    Raises
    ------
    UnknownCodeError
        If there is no such unit.
    UsageError
        If both ids are the same.
    """
    graph, context, rules = router.graph, router.context, router.rules
    units = gpd.GeoDataFrame({"unit_id": context.ids}, geometry=context.shapes)
    decision = explain_pair(graph, unit_a, unit_b, units=units, rules=rules)
    i, j = find_positions(graph.unit_ids, [unit_a, unit_b])
    is_estimated = graph.walks_estimated is None or bool(graph.walks_estimated[i, j])
    a, b = find_positions(context.ids, [unit_a, unit_b])
    route: Route | None = None
    if decision.place_walk_m is not None and is_estimated:
        line = _sketch(context, decision, int(a), int(b))
        segment = RouteSegment(None, None, decision.place_walk_m, line)
        route = Route(decision.place_walk_m, (segment,), (None, None))
    elif decision.place_walk_m is not None:
        places = point_coordinates(context.places)
        (route,) = find_routes(
            router.access, places, np.array([[a, b]]), detour_factor=rules.detour_factor, limit_m=rules.walk_limit_m
        )
    crosses = () if route is None else _barriers_crossed(router.barriers, route)
    return UnitRoute(decision, route, route is not None and is_estimated, crosses)


def compute_isochrone(router: WalkRouter, unit_id: str, metres: float) -> Isochrone:
    """The isochrone of a unit: units, roads and ground within some metres on foot.

    Parameters
    ----------
    router
        Of :func:`build_walk_router`.
    unit_id
        Where one starts.
    metres
        How far one walks; units farther than `walk_limit_m` are not known.

    Raises
    ------
    UnknownCodeError
        If there is no such unit.
    """
    graph, context, rules = router.graph, router.context, router.rules
    (here,) = find_positions(graph.unit_ids, [unit_id])
    row = graph.walks[[here]]
    near = row.data <= metres
    order = np.lexsort((graph.unit_ids[row.indices[near]].astype(str), row.data[near]))
    ids, found = graph.unit_ids[row.indices[near]][order], row.data[near][order]
    (at,) = find_positions(context.ids, [unit_id])
    no_roads = np.empty(0, dtype=object)
    if context.places[at] is None:
        return Isochrone(ids, found, no_roads, shapely.Polygon(), is_estimated=True)
    if len(router.access.rows_of(int(at))):
        reach = find_service_area(
            router.access,
            point_coordinates(context.places),
            context.shapes,
            int(at),
            detour_factor=rules.detour_factor,
            limit_m=metres,
        )
        return Isochrone(ids, found, reach.roads, reach.area, is_estimated=False)
    around = shapely.buffer(context.places[at], metres / rules.detour_factor)
    area = shapely.union(around, context.shapes[at])
    return Isochrone(ids, found, no_roads, area, is_estimated=True)


def _sketch(context: SpatialContext, decision: EdgeDecision, a: int, b: int) -> shapely.LineString:
    """A line for a walk that is estimated."""
    ends = [context.places[a], context.places[b]]
    between: list[shapely.Point] = []
    straight = np.array([shapely.LineString(ends)], dtype=object)
    if decision.crossing_id in context.crossings.ids:
        (which,) = find_positions(context.crossings.ids, [str(decision.crossing_id)])
        between = [context.crossings.points[which]]
    elif decision.gap_m and decision.walk_m is not None and context.barriers.intersects(straight)[0]:
        one, two = (np.array([context.shapes[i]], dtype=object) for i in (a, b))
        (door,) = entry_lines(one, two, np.array([decision.gap_m]))
        between = [shapely.get_point(door, k) for k in (0, 1)]
    return shapely.LineString([ends[0], *between, ends[1]])


def _barriers_crossed(barriers: Barriers, route: Route) -> tuple[str, ...]:
    """What of the barriers lies on a route, each once, in the order it is met."""
    lines = np.array([segment.shape for segment in route.segments], dtype=object)
    which, barrier = barriers.query(lines)
    crossing = shapely.get_point(
        shapely.shortest_line(
            shapely.get_point(lines[which], 0), shapely.intersection(lines[which], barriers.shapes[barrier])
        ),
        1,
    )
    along = shapely.line_locate_point(lines[which], crossing)
    order = np.lexsort((barrier, along, which))
    return tuple(dict.fromkeys(barriers.label(int(k)) for k in barrier[order]))
