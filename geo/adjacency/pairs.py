"""Candidate pairs of units and their evaluation against the rules of adjacency (R20, R22, R23)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.corrections.permits import NO_PERMITS, Permits, find_border_permits
from geo.crs import require_metric
from geo.errors import UnknownCodeError, UsageError
from geo.messages import join_names, load_catalogue
from geo.network.access import AccessPoints, find_access_points, select_open_gates
from geo.network.barriers import Barriers, Crossings, find_serving_crossings, make_lines, select_hard_barriers
from geo.network.entry_lines import entry_lines, find_blocking_barriers, interior_points
from geo.network.footways import build_footways
from geo.network.gate_walks import find_crossings_used, measure_gate_walks
from geo.network.shared_frontage import shared_frontage_m
from geo.network.walking import WalkDistances
from geo.rules import NeighbourRules
from geo.storage.layer_frames import shape_layer

say = load_catalogue(__file__)

BORDER_LEVELS = ("street", "neighbourhood", "none")
"""What `NeighbourRules.within` may be."""


@dataclass(frozen=True, eq=False)
class SpatialContext:
    """Everything pairs of units are evaluated on; units in the order of their ids, not of the layer.

    Parameters
    ----------
    ids
        (n,) text, sorted.
    shapes
        (n,) valid polygons, metric CRS; None for a unit without geometry.
    places
        (n,) the point inside each that stands for it (`shapely.point_on_surface`), or None.
    streets, neighbourhoods
        (n,) codes, missing where unknown.
    barriers, crossings
        The hard barriers and the crossings that serve them.
    permits
        Who may go together across a border of streets.
    """

    ids: np.ndarray
    shapes: np.ndarray
    places: np.ndarray
    streets: np.ndarray
    neighbourhoods: np.ndarray
    districts: np.ndarray
    barriers: Barriers
    crossings: Crossings
    permits: Permits = NO_PERMITS


def build_context(
    units: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame,
    crossings: gpd.GeoDataFrame,
    rules: NeighbourRules,
    permits: Permits = NO_PERMITS,
) -> SpatialContext:
    """Read the layers that pairs are evaluated on.

    Parameters
    ----------
    units
        The `units` layer, n rows, metric CRS: `unit_id`, polygons, and, where known,
        `district_code`, `street_code` and `neighbourhood_code`.
    barriers, crossings
        The layers of these names, same CRS; may be empty.
    rules
        `hard_kinds` and `within` are used.
    permits
        Who may go together across a border of streets.

    Raises
    ------
    MissingCRSError, NotMetricError
        If a layer with rows cannot be measured in metres.
    UsageError
        If layers differ in CRS, unit ids repeat, or `rules.within` is not in `BORDER_LEVELS`.
    """
    if rules.within not in BORDER_LEVELS:
        raise UsageError(*say("error.wall", within=rules.within, walls=join_names(BORDER_LEVELS)))
    _check_crs({"units": units, "barriers": barriers, "crossings": crossings})
    by_id = units.sort_values("unit_id", kind="stable") if len(units) else units
    ids = _column(by_id, "unit_id")
    _check_unique(ids)
    shapes = repair_polygons(by_id)
    hard = select_hard_barriers(barriers, rules.hard_kinds)
    return SpatialContext(
        ids=ids,
        shapes=shapes,
        places=shapely.point_on_surface(shapes),
        streets=_column(by_id, "street_code"),
        neighbourhoods=_column(by_id, "neighbourhood_code"),
        districts=_column(by_id, "district_code"),
        barriers=hard,
        crossings=find_serving_crossings(crossings, hard),
        permits=permits,
    )


def build_access(
    context: SpatialContext,
    roads: gpd.GeoDataFrame | None,
    gates: gpd.GeoDataFrame | None,
    rules: NeighbourRules,
    *,
    closed: gpd.GeoDataFrame | None = None,
) -> AccessPoints:
    """Where the units of a map step onto its roads; nowhere without roads.

    Parameters
    ----------
    context
        Of the map.
    roads, gates
        The layers of these names, same CRS; may be empty or None.
    rules
        Its values about roads are used.
    closed
        The crossings that somebody found closed: no bridge or tunnel passes a barrier there.

    Raises
    ------
    MissingCRSError, NotMetricError, UsageError
        As :func:`build_context`.
    """
    roads = gpd.GeoDataFrame() if roads is None else roads
    gates = gpd.GeoDataFrame() if gates is None else gates
    _check_crs({"roads": roads, "gates": gates})
    shut = np.empty(0, dtype=object)
    if closed is not None and len(closed):
        shut = closed.geometry.dropna().to_numpy()
    footways = build_footways(roads, context.barriers, context.crossings, rules, closed=shut)
    return find_access_points(context.shapes, select_open_gates(gates, context.ids), footways, context.barriers, rules)


def find_candidate_pairs(shapes: np.ndarray, gap_m: float) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of polygons at most a gap apart, found by an index over the polygons.

    Parameters
    ----------
    shapes
        (n,) polygons, metric CRS; missing ones pair with nothing.
    gap_m
        Largest gap, metres; gaps count rounded to 1 mm.

    Returns
    -------
    Positions a < b, sorted: two arrays of equal length.

    Examples
    --------
    >>> squares = shapely.box([0, 30, 200], 0, [10, 40, 210], 10)
    >>> [array.tolist() for array in find_candidate_pairs(squares, 60.0)]
    [[0], [1]]
    """
    a, b = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=gap_m + 0.001)
    near = (a < b) & (gaps_m(shapes[a], shapes[b]) <= gap_m)
    order = np.lexsort((b[near], a[near]))
    return a[near][order], b[near][order]


def gaps_m(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Gaps between pairs of polygons, rounded to 1 mm; 0 where they touch or overlap.

    Parameters
    ----------
    a, b
        (k,) polygons, metric CRS.

    Returns
    -------
    (k,) metres.
    """
    return np.round(shapely.distance(a, b), 3)


def evaluate_pairs(
    context: SpatialContext, access: AccessPoints, a: np.ndarray, b: np.ndarray, rules: NeighbourRules
) -> pd.DataFrame:
    """Accept or refuse each pair: the first of gap, barrier, walk, frontage and border that refuses it is named.

    Parameters
    ----------
    context, access
        Of the map.
    a, b
        (k,) positions a < b of units that have a geometry.
    rules
        The thresholds.

    Returns
    -------
    The `edges` layer of k rows, sorted by `unit_a`, `unit_b`. `walk_m` is missing where a barrier
    stops the pair and no crossing joins it, and beyond `walk_limit_m` on roads; `permit_id` is there
    where the pair is allowed across a border of streets.
    """
    one, two = context.shapes[a], context.shapes[b]
    gap_m = gaps_m(one, two)
    first = find_blocking_barriers(one, two, gap_m, context.barriers)
    walk_m, crossing, by_road = _walk_between_gates(context, access, a, b, first, rules)
    blocked_by, permit = find_borders(context, a, b, rules.within)
    faces_m = shared_frontage_m(context.shapes, a, b, rules.gap_m)
    blocked_by[faces_m < rules.facing_m] = f"facing<{rules.facing_m:g}"
    blocked_by[walk_m > rules.walk_m] = f"walk>{rules.walk_m:g}"
    for pair in np.flatnonzero((first >= 0) & np.isnan(walk_m)):
        blocked_by[pair] = context.barriers.label(first[pair])
    blocked_by[gap_m > rules.gap_m] = f"gap>{rules.gap_m:g}"
    permit[pd.notna(blocked_by)] = None
    table = pd.DataFrame(
        {
            "unit_a": context.ids[a],
            "unit_b": context.ids[b],
            "gap_m": gap_m,
            "facing_m": faces_m,
            "walk_m": np.where(np.isinf(walk_m), np.nan, walk_m),
            "walk_estimated": ~by_road,
            "crossing_id": crossing,
            "allowed": pd.isna(blocked_by),
            "blocked_by": blocked_by,
            "permit_id": permit,
        }
    )
    return shape_layer("edges", table, "")


def find_borders(context: SpatialContext, a: np.ndarray, b: np.ndarray, within: str) -> tuple[np.ndarray, np.ndarray]:
    """The administrative border between two units whose codes are both known, and who lifts it.

    Parameters
    ----------
    context
        Of the map.
    a, b
        (k,) positions of the pairs' units.
    within
        One of `BORDER_LEVELS`.

    Returns
    -------
    (k,) None or the border that parts the pair; (k,) None or the permit that lifts the border of
    its streets. No permit lifts a border of neighbourhoods, and nothing one of districts, which is named
    where no other border parts the pair.
    """
    wall, permit = np.full(len(a), None, dtype=object), np.full(len(a), None, dtype=object)
    across = _has_different_codes(context.districts, a, b)
    if within == "none":
        wall[across] = "district"
        return wall, permit
    if within == "neighbourhood":
        wall[_has_different_codes(context.neighbourhoods, a, b)] = "neighbourhood"
    parted = np.flatnonzero(_has_different_codes(context.streets, a, b))
    pairs = np.stack([a[parted], b[parted]], axis=1)
    permit[parted] = find_border_permits(context.permits, context.ids, context.streets, pairs)
    wall[parted[pd.isna(permit[parted])]] = "street"
    permit[across] = None
    wall[across & pd.isna(wall)] = "district"
    return wall, permit


def estimate_neighbour_walks(
    context: SpatialContext, access: AccessPoints, edges: pd.DataFrame, rules: NeighbourRules
) -> WalkDistances:
    """How far it is between the places of units that lie next to each other with a way between.

    The straight line between the places of two neighbours may cross a barrier (a river bends round
    one of them) where the way from one to the other does not; and two units with an alley between
    them need no road.

    Parameters
    ----------
    context, access
        Of the map.
    edges
        From :func:`evaluate_pairs`; borders do not matter here.
    rules
        `detour_factor` is used.

    Returns
    -------
    The way over the connector, or the crossing, each stretch straight × detour factor: of those
    pairs that do not go by road though both reach one, or whose straight line is not free.
    """
    open_ = edges[edges["walk_m"].notna() & edges["walk_estimated"].astype(bool)]
    a, b = (find_positions(context.ids, open_[name]) for name in ("unit_a", "unit_b"))
    start, end = (shapely.get_coordinates(context.places[i]) for i in (a, b))
    has_road = access.has_road(len(context.ids))
    used = has_road[a] & has_road[b]
    used |= context.barriers.intersects(make_lines(start, end))
    a, b, start, end, open_ = a[used], b[used], start[used], end[used], open_[used]
    gap_m = open_["gap_m"].to_numpy(dtype=float)
    door = shapely.get_coordinates(entry_lines(context.shapes[a], context.shapes[b], gap_m))
    door = door.reshape(-1, 2, 2)
    crossed = open_["crossing_id"].notna().to_numpy()
    which = find_positions(context.crossings.ids, open_["crossing_id"][crossed])
    door[crossed] = shapely.get_coordinates(context.crossings.points[which])[:, None, :]
    way = np.stack([start, door[:, 0], door[:, 1], end], axis=1)
    metres = np.linalg.norm(np.diff(way, axis=1), axis=2).sum(axis=1)
    return WalkDistances.estimate(np.stack([a, b], axis=1), metres * rules.detour_factor)


def find_positions(ids: np.ndarray, wanted: pd.Series | Sequence[str]) -> np.ndarray:
    """Position of each wanted id.

    Parameters
    ----------
    ids
        (n,) unique ids.
    wanted
        Some of them, any number of times.

    Raises
    ------
    UnknownCodeError
        If an id is not among `ids`.

    Examples
    --------
    >>> find_positions(np.array(["a", "b"], dtype=object), ["b", "b"]).tolist()
    [1, 1]
    """
    found = pd.Index(ids).get_indexer(pd.Index(wanted, dtype=object))
    if (found < 0).any():
        unknown = list(dict.fromkeys(np.asarray(wanted, dtype=object)[found < 0]))
        some = ", ".join(map(str, unknown[:5]))
        raise UnknownCodeError(*say("error.unknown_ids", n=len(unknown), some=some))
    return found


def repair_polygons(units: gpd.GeoDataFrame) -> np.ndarray:
    """(n,) polygons as they stand in the layer, None where missing or empty.

    Distances need valid polygons: one that crosses itself is read as the land its outline covers,
    as the import does (which reports it; rounding to 1 mm can break a sliver afterwards).
    """
    if not len(units):
        return np.empty(0, dtype=object)
    shapes = units.geometry.to_numpy().copy()
    broken = ~shapely.is_missing(shapes) & ~shapely.is_valid(shapes)
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    shapes[shapely.is_empty(shapes)] = None
    return shapes


def _walk_between_gates(
    context: SpatialContext,
    access: AccessPoints,
    a: np.ndarray,
    b: np.ndarray,
    first: np.ndarray,
    rules: NeighbourRules,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The walk of each pair, the crossing it takes, and whether it is measured on roads.

    On roads where both units reach one and do not share an alley; else straight × detour factor,
    or over a crossing where a barrier stands between (`first`, −1 for none).

    Returns
    -------
    (k,) metres, NaN where a barrier lets nobody through, infinite where it is too far on roads;
    (k,) ids or None; (k,) bool.
    """
    walk_m = gaps_m(context.shapes[a], context.shapes[b]) * rules.detour_factor
    crossing = np.full(len(a), None, dtype=object)
    stopped = np.flatnonzero(first >= 0)
    walk_m[stopped], through = _route_over_crossings(context, a[stopped], b[stopped], rules)
    crossing[stopped[through >= 0]] = context.crossings.ids[through[through >= 0]]
    road_m, by_road = measure_gate_walks(access, context.shapes, a, b, first >= 0, rules)
    near = stopped[by_road[stopped] & (road_m[stopped] <= rules.walk_m)]
    passed = find_crossings_used(access, context.barriers, context.crossings, a[near], b[near], first[near], rules)
    by_road[stopped] = False
    by_road[near] = pd.notna(passed)  # who walks round the barrier's end passes no crossing
    crossing[by_road & (first >= 0)] = passed[pd.notna(passed)]
    walk_m[by_road] = road_m[by_road]
    return np.round(walk_m, 3), crossing, by_road


def _route_over_crossings(
    context: SpatialContext, a: np.ndarray, b: np.ndarray, rules: NeighbourRules
) -> tuple[np.ndarray, np.ndarray]:
    """Walk (NaN where none) and crossing (−1 where none) of each stopped pair.

    The shortest A → crossing → B of at most `walk_m`, the smaller id where equal; A comes straight
    and free to one head of the crossing, B to the other.
    """
    walk_m, through = np.full(len(a), np.nan), np.full(len(a), -1, dtype=np.intp)
    if not len(context.crossings.ids) or not len(a):
        return walk_m, through
    routes = _routes(context, a, b, rules)
    best = routes[_is_unobstructed(context, routes)].sort_values(["pair", "walk_m", "crossing"]).drop_duplicates("pair")
    walk_m[best["pair"]], through[best["pair"]] = best["walk_m"], best["crossing"]
    return walk_m, through


def _routes(context: SpatialContext, a: np.ndarray, b: np.ndarray, rules: NeighbourRules) -> pd.DataFrame:
    """Every A → crossing → B of at most `walk_m`: pair, a, b, crossing, walk_m."""
    points = context.crossings.points
    used = np.unique(np.concatenate([a, b]))
    at, crossing = shapely.STRtree(points).query(
        context.shapes[used], predicate="dwithin", distance=rules.walk_m / rules.detour_factor
    )
    legs = pd.DataFrame({"unit": used[at], "crossing": crossing})
    legs["leg_m"] = shapely.distance(context.shapes[used[at]], points[crossing])
    routes = (
        pd.DataFrame({"pair": np.arange(len(a)), "a": a, "b": b})
        .merge(legs.rename(columns={"unit": "a"}), on="a")
        .merge(legs.rename(columns={"unit": "b"}), on=["b", "crossing"], suffixes=("_a", "_b"))
    )
    metres = routes["leg_m_a"] + routes["leg_m_b"]
    routes["walk_m"] = (metres * rules.detour_factor).round(3)
    return routes[routes["walk_m"] <= rules.walk_m]


def _is_unobstructed(context: SpatialContext, routes: pd.DataFrame) -> np.ndarray:
    """Whether each route reaches both heads of its crossing freely; a unit's leg is tested once."""
    ends = np.concatenate([routes[[side, "crossing"]].to_numpy() for side in ("a", "b")])
    legs, of_end = np.unique(ends, axis=0, return_inverse=True)
    unit, crossing = context.shapes[legs[:, 0]], legs[:, 1]
    edge = shapely.get_point(shapely.shortest_line(unit, context.crossings.points[crossing]), 0)
    start = shapely.get_coordinates(interior_points(unit, edge))
    free = np.empty((len(legs), 2), dtype=bool)
    for side in (0, 1):
        head = shapely.get_coordinates(context.crossings.heads[crossing, side])
        free[:, side] = ~context.barriers.intersects(make_lines(start, head))
    of_a, of_b = of_end.reshape(2, -1)
    to_and_from = free[of_a] & free[of_b][:, ::-1]
    return to_and_from[:, 0] | to_and_from[:, 1]


def _has_different_codes(codes: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(k,) bool: whether two units have known and different codes."""
    known = pd.notna(codes)
    return known[a] & known[b] & (codes[a] != codes[b])


def _check_crs(layers: dict[str, gpd.GeoDataFrame]) -> None:
    """Refuse layers that are not metric, or not all in the CRS of the units."""
    known = {name: require_metric(layer, name) for name, layer in layers.items() if len(layer)}
    for name, crs in known.items():
        if "units" in known and crs != known["units"]:
            raise UsageError(*say("error.other_crs", name=name, crs=crs.name, units_crs=known["units"].name))


def _check_unique(ids: np.ndarray) -> None:
    repeated = pd.unique(ids[pd.Series(ids).duplicated().to_numpy(dtype=bool)])
    if len(repeated):
        some = ", ".join(map(str, repeated[:5]))
        raise UsageError(*say("error.repeated_ids", n=len(repeated), some=some))


def _column(units: pd.DataFrame, name: str) -> np.ndarray:
    """A column as objects; all missing where it is absent."""
    if name not in units:
        return np.full(len(units), None, dtype=object)
    return units[name].to_numpy(dtype=object)
