"""The network of roads one may walk on, made from the layer of roads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.crs import require_metric
from geo.network.barriers import CROSSING_REACH_M, Barriers, Crossings, make_lines, make_points
from geo.network.noding import JOIN_M, node_lines
from geo.rules import NeighbourRules

_CLEAR_M = 1.0  # a road that a barrier stops ends this far before it
_CROSSING = 1_000  # the level of crossings: what they pass they do not meet
_NO_ROAD = -1
_NOTHING = np.empty(0, dtype=object)


@dataclass(frozen=True, eq=False)
class FootwayNetwork:
    """Roads as a network: nodes where they meet or end, edges between them.

    Parameters
    ----------
    xy
        (n, 2) nodes, metric CRS.
    ends
        (m, 2) nodes of each edge.
    shapes
        (m,) lines from the first to the second of them.
    is_ground
        (m,) bool: neither on a bridge nor in a tunnel, so that one may step onto it anywhere.
    road
        (m,) position of the road an edge is part of; −1 for a crossing and for what links ends
        that stop short.
    road_ids, road_names
        (r,) text of each road; names may be missing.
    """

    xy: np.ndarray
    ends: np.ndarray
    shapes: np.ndarray
    is_ground: np.ndarray
    road: np.ndarray
    road_ids: np.ndarray
    road_names: np.ndarray

    @property
    def n_edges(self) -> int:
        """Number of edges; 0 where no road is known."""
        return len(self.shapes)

    @cached_property
    def length_m(self) -> np.ndarray:
        """(m,) metres of each edge."""
        return np.asarray(shapely.length(self.shapes))

    @cached_property
    def ground(self) -> np.ndarray:
        """Positions of the edges on the ground."""
        return np.flatnonzero(self.is_ground)

    @cached_property
    def ground_tree(self) -> shapely.STRtree:
        """Index over the edges on the ground, in the order of `ground`."""
        return shapely.STRtree(self.shapes[self.ground])


def build_footways(
    roads: gpd.GeoDataFrame,
    barriers: Barriers,
    crossings: Crossings,
    rules: NeighbourRules,
    *,
    closed: np.ndarray = _NOTHING,
) -> FootwayNetwork:
    """Make the network one may walk on.

    Roads closed to walkers are left out (`walkable` where known, else by `road_class`). The others
    are joined where they meet on one level (:func:`geo.network.noding.node_lines`). On the ground
    a road that meets a hard barrier goes on only at a crossing; bridges and tunnels pass, but where
    somebody found a crossing closed. Every
    crossing is a way from head to head. Ends that stop short of a road by at most `road_snap_m`
    reach it unless a barrier lies between, heads of crossings from as far as `road_access_m`.
    Scraps that are shorter than `road_scrap_m` altogether are left out: they lead nowhere.

    Parameters
    ----------
    roads
        The `roads` layer, metric CRS; may be empty.
    barriers, crossings
        The hard barriers and the crossings that serve them.
    rules
        `closed_road_classes`, `road_snap_m`, `road_access_m` and `road_scrap_m` are used.
    closed
        Shapes of the crossings that somebody found closed.

    Raises
    ------
    MissingCRSError, NotMetricError
        If the layer has rows but cannot be measured in metres.

    Examples
    --------
    >>> from geo.network.barriers import find_serving_crossings, select_hard_barriers
    >>> none = select_hard_barriers(gpd.GeoDataFrame(), ())
    >>> roads = gpd.GeoDataFrame(
    ...     {"road_id": ["r1", "r2"], "name": ["钢铁大街", None]},
    ...     geometry=[shapely.LineString([(0, 0), (800, 0)]), shapely.LineString([(90, 9), (90, 90)])],
    ...     crs="EPSG:4546",
    ... )
    >>> no_crossing = find_serving_crossings(gpd.GeoDataFrame(), none)
    >>> footways = build_footways(roads, none, no_crossing, NeighbourRules())
    >>> footways.length_m.round().tolist()  # r1 in two parts, r2, and the link between them
    [90.0, 710.0, 81.0, 9.0]
    """
    walked = _walkable_roads(roads, rules)
    shapes, road = _explode_lines(walked.geometry.to_numpy(), np.arange(len(walked)))
    levels = _levels(walked)[road]
    shapes, kept = _cut_at_barriers(shapes, levels == 0, barriers, crossings, closed)
    road, levels = road[kept], levels[kept]
    across = _crossing_lines(crossings) if len(shapes) else np.empty(0, dtype=object)
    shapes = np.concatenate([shapes, across])
    levels = np.concatenate([levels, np.full(len(across), _CROSSING)])
    links, of_level = _snap_links(shapes, levels, barriers, rules)
    noded = node_lines(np.concatenate([shapes, links]), np.concatenate([levels, of_level]))
    of_line = np.concatenate([road, np.full(len(across) + len(links), _NO_ROAD)])
    is_ground = np.concatenate([levels == 0, np.zeros(len(links), dtype=bool)])
    kept = _is_large_component(noded.ends, shapely.length(noded.pieces), rules.road_scrap_m)
    used, ends = np.unique(noded.ends[kept], return_inverse=True)
    return FootwayNetwork(
        xy=noded.xy[used],
        ends=ends.reshape(-1, 2),
        shapes=noded.pieces[kept],
        is_ground=is_ground[noded.line[kept]],
        road=of_line[noded.line[kept]],
        road_ids=walked["road_id"].to_numpy(dtype=object),
        road_names=walked["name"].to_numpy(dtype=object),
    )


def _walkable_roads(roads: gpd.GeoDataFrame, rules: NeighbourRules) -> gpd.GeoDataFrame:
    """Roads with a geometry that one may walk on, sorted by id, with all columns looked at."""
    columns = ("road_id", "name", "road_class", "is_bridge", "is_tunnel", "level", "walkable")
    if not len(roads):
        return gpd.GeoDataFrame({name: [] for name in columns}, geometry=[])
    require_metric(roads, "roads")
    given = roads.reindex(columns=[*columns, "geometry"])
    by_class = ~given["road_class"].isin(rules.closed_road_classes).to_numpy()
    walkable = given["walkable"].astype("boolean")
    is_open = np.where(walkable.isna(), by_class, walkable.fillna(value=False))
    shapes = roads.geometry.to_numpy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return gpd.GeoDataFrame(given[there & is_open.astype(bool)], geometry="geometry").sort_values(
        "road_id", kind="stable"
    )


def _levels(roads: gpd.GeoDataFrame) -> np.ndarray:
    """(k,) 0 on the ground; bridges as high and tunnels as low as is known, else one level."""
    on_bridge, in_tunnel = (
        roads[name].astype("boolean").fillna(value=False).to_numpy(dtype=bool) for name in ("is_bridge", "is_tunnel")
    )
    known = roads["level"].astype("float64").fillna(0.0).to_numpy().astype(np.int64)
    above = np.where(known > 0, known, 1)
    below = np.where(known < 0, known, -1)
    return np.where(on_bridge, above, np.where(in_tunnel, below, 0))


def _explode_lines(shapes: np.ndarray, owner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The single lines that shapes consist of, and the owner of each."""
    parts, of_shape = shapely.get_parts(shapes, return_index=True)
    real = (shapely.get_dimensions(parts) == 1) & (shapely.length(parts) > JOIN_M)
    return parts[real], owner[of_shape[real]]


def _crossing_lines(crossings: Crossings) -> np.ndarray:
    """The way over each crossing, from head to head."""
    heads = shapely.get_coordinates(crossings.heads.ravel()).reshape(-1, 2, 2)
    return make_lines(heads[:, 0], heads[:, 1])


def _cut_at_barriers(
    shapes: np.ndarray, is_ground: np.ndarray, barriers: Barriers, crossings: Crossings, closed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Lines without what barriers stop, and the position of the line each part comes from.

    Within `CROSSING_REACH_M` of the way over a crossing nothing is stopped on the ground; above
    and below it only what is as near to a crossing that is closed.
    """
    which, barrier = barriers.query(shapes)
    met, of_hit = shapely.get_parts(shapely.intersection(shapes[which], barriers.shapes[barrier]), return_index=True)
    which = which[of_hit]
    shut = shapely.dwithin(met, shapely.union_all(closed), CROSSING_REACH_M)
    stopped = is_ground[which] | shut
    which, met = which[stopped], shapely.buffer(met[stopped], _CLEAR_M)
    open_ = shapely.buffer(_crossing_lines(crossings), CROSSING_REACH_M)
    shapes = shapes.copy()
    tree = shapely.STRtree(open_)
    for line in np.unique(which):
        stops = shapely.union_all(met[which == line])
        passages = open_[np.sort(tree.query(stops))] if is_ground[line] else _NOTHING
        cut = shapely.difference(stops, shapely.union_all(passages))
        shapes[line] = shapely.difference(shapes[line], cut)
    return _explode_lines(shapes, np.arange(len(shapes)))


def _snap_links(
    shapes: np.ndarray, levels: np.ndarray, barriers: Barriers, rules: NeighbourRules
) -> tuple[np.ndarray, np.ndarray]:
    """Straight lines from ends that stop short to the nearest road, and the level of each."""
    noded = node_lines(shapes, levels)
    of_piece = levels[noded.line]
    node, side = _dangling_ends(noded.ends)
    level = of_piece[side]
    points = make_points(noded.xy[node])
    reach = np.where(level == _CROSSING, rules.road_access_m, rules.road_snap_m)
    tree = shapely.STRtree(noded.pieces)
    which, target = tree.query(points, predicate="dwithin", distance=reach)
    usable = (of_piece[target] == 0) | ((of_piece[target] == level[which]) & (level[which] != _CROSSING))
    for near in noded.ends[side].T:  # what meets the road itself is reached on it
        usable &= (noded.ends[target] != near[which][:, None]).all(axis=1)
    which, target = which[usable], target[usable]
    links = np.asarray(shapely.shortest_line(points[which], noded.pieces[target]), dtype=object)
    free = ~barriers.intersects(links)
    which, target, links = which[free], target[free], links[free]
    order = np.lexsort((target, np.round(shapely.length(links), 6), which))
    first = order[np.diff(which[order], prepend=-1) != 0]
    return links[first], of_piece[target[first]]


def _dangling_ends(ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes where one piece ends and nothing else, and that piece."""
    degree = np.bincount(ends.ravel())
    piece, side = np.nonzero(degree[ends] == 1)
    return ends[piece, side], piece


def _is_large_component(ends: np.ndarray, length_m: np.ndarray, least_m: float) -> np.ndarray:
    """(m,) whether each edge is in a part of the network that is long enough."""
    n = int(ends.max(initial=-1)) + 1
    links = (np.ones(len(ends), dtype=np.int8), (ends[:, 0], ends[:, 1]))
    part = connected_components(coo_array(links, shape=(n, n)), directed=False)[1][ends[:, 0]]
    return np.asarray(np.bincount(part, weights=length_m)[part] >= least_m)
