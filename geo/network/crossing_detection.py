"""Crossings found where roads of the data pass barriers."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.findings import Finding
from geo.messages import load_catalogue

say = load_catalogue(__file__)

ROAD_PREFIX = "road:"
"""Ids of crossings found here begin with it: "road:<road_id>:<barrier_id>"."""

MERGE_DISTANCE_M = 20.0
"""Nearer to a crossing of the data a road tells nothing new; nearer to each other they are one."""

_WATER_KINDS = ("river", "canal")
_PASSABLE_KINDS = ("railway", "expressway", "arterial", *_WATER_KINDS)  # walls and parks have gates, not bridges
FOOT_CLASSES = ("footway", "pedestrian", "path", "steps", "cycleway", "living_street", "track")
"""Classes of OSM that people walk on in a tunnel under water; roads for cars do so only where it is stated."""
_FORD_CLASSES = ("path", "track", "footway", "cycleway", "steps")
"""Roads of these classes cross water without a bridge by a ford, if at all."""
_FOOT_PATTERN = r"人行|步行|行人|慢行|自行车|footway|pedestrian"
_TUNNEL_PATTERN = r"隧道$|tunnel$"
_OSM_PREFIX = "osm-"  # the reader of OSM finds crossings itself, from tags this layer does not keep


def detect_crossings(
    roads: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame, crossings: gpd.GeoDataFrame, closed_classes: Sequence[str]
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """The crossings of the data, and those where a road one may walk on passes a barrier.

    A road marked as a bridge or tunnel passes what it crosses. A road that is marked as neither
    passes water (by a bridge) and railways (on the level, under or over: one gets through), which
    is reported as assumed; it passes no expressway. A road that ends at a barrier does not cross it.
    Through a tunnel under water one walks only where class, name or `walkable` say so; a path that
    is marked as no bridge does not cross water.

    Parameters
    ----------
    roads, barriers, crossings
        The layers of these names, one metric CRS; may be empty. Rows found by an earlier call are
        found anew.
    closed_classes
        Values of `road_class` that nobody walks on, where `walkable` is unknown.

    Returns
    -------
    The `crossings` layer, and what was found and assumed.

    Examples
    --------
    >>> track = gpd.GeoDataFrame({"barrier_id": ["t"], "kind": ["railway"]},
    ...     geometry=[shapely.LineString([(0, 0), (100, 0)])], crs="EPSG:4546")
    >>> lane = gpd.GeoDataFrame({"road_id": ["r"], "road_class": ["支路"], "is_bridge": [None],
    ...     "is_tunnel": [True]}, geometry=[shapely.LineString([(50, -9), (50, 9)])], crs="EPSG:4546")
    >>> none = gpd.GeoDataFrame({"crossing_id": [], "kind": []}, geometry=[], crs="EPSG:4546")
    >>> detect_crossings(lane, track, none, ())[0][["crossing_id", "kind"]].values.tolist()
    [['road:r:t', 'underpass']]
    """
    given = crossings[~crossings["crossing_id"].astype("str").str.startswith(ROAD_PREFIX)]
    found, assumed, under_water = _intersect_roads(_walkable_roads(roads, closed_classes), _passable_barriers(barriers))
    not_on_foot = _underwater_findings(under_water)
    found = found[~_is_near_crossing(found.geometry.to_numpy(), given.geometry.to_numpy())]
    found = _drop_duplicates(found)
    if not len(found):
        return given, not_on_foot
    layer = gpd.GeoDataFrame(
        pd.concat([given, found[["crossing_id", "kind", "name", "geometry"]]], ignore_index=True)
        if len(given)
        else found[["crossing_id", "kind", "name", "geometry"]],
        crs=roads.crs,
    )
    return layer, [*_findings(found, assumed & set(found["crossing_id"])), *not_on_foot]


def _walkable_roads(roads: gpd.GeoDataFrame, closed_classes: Sequence[str]) -> gpd.GeoDataFrame:
    """Roads with a line that one may walk on."""
    if not len(roads):
        return roads
    unknown = roads["walkable"].isna() if "walkable" in roads else pd.Series(True, roads.index)
    closed = roads["road_class"].isin(closed_classes) & unknown
    if "walkable" in roads:
        closed |= roads["walkable"].eq(False).fillna(value=False)
    is_osm = roads["road_id"].str.startswith(_OSM_PREFIX)
    shapes = roads.geometry.to_numpy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    return roads[there & ~(closed | is_osm).to_numpy(dtype=bool)].sort_values("road_id")


def _passable_barriers(barriers: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Barriers that roads pass by bridges and tunnels."""
    if not len(barriers):
        return barriers
    shapes = barriers.geometry.to_numpy()
    there = shapely.is_valid(shapes) & ~shapely.is_empty(shapes)
    return barriers[there & barriers["kind"].isin(_PASSABLE_KINDS).to_numpy()].sort_values("barrier_id")


def _intersect_roads(roads: gpd.GeoDataFrame, walls: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, set[str], list[str]]:
    """A crossing for each place where a road passes a barrier; assumed ones; roads under water."""
    if not len(roads) or not len(walls):
        return gpd.GeoDataFrame({"crossing_id": [], "kind": [], "name": []}, geometry=[]), set(), []
    lines, shapes = roads.geometry.to_numpy(), walls.geometry.to_numpy()
    r, w = shapely.STRtree(shapes).query(lines, predicate="crosses")
    order = np.lexsort((w, r))
    r, w = r[order], w[order]
    in_tunnel, on_bridge = (
        roads[name].astype("boolean").fillna(value=False).to_numpy(dtype=bool)[r] for name in ("is_tunnel", "is_bridge")
    )
    over = walls["kind"].to_numpy(dtype=object)[w]
    on_water = np.isin(over, _WATER_KINDS)
    no_foot, no_bridge, named_tunnel = (mask[r] for mask in _read_walk_tags(roads))
    in_tunnel |= named_tunnel & on_water & ~on_bridge
    kind = np.select(
        [in_tunnel, on_bridge, np.isin(over, _WATER_KINDS), over == "railway"],
        ["underpass", "bridge", "bridge", "level_crossing"],
        default="",
    )
    under = in_tunnel & on_water & no_foot
    kind[under | (on_water & no_bridge & ~in_tunnel)] = ""
    used = np.flatnonzero(kind != "")
    met, of_used = shapely.get_parts(shapely.intersection(lines[r[used]], shapes[w[used]]), return_index=True)
    which = used[of_used]
    is_line = shapely.get_dimensions(met) == 1
    met[is_line] = shapely.line_interpolate_point(met[is_line], 0.5, normalized=True)
    part = pd.Series(which).groupby(which).cumcount().to_numpy()
    road, wall = roads["road_id"].to_numpy()[r[which]], walls["barrier_id"].to_numpy()[w[which]]
    ids = [f"{ROAD_PREFIX}{one}:{two}" + (f":{k}" if k else "") for one, two, k in zip(road, wall, part, strict=True)]
    is_marked = in_tunnel[which] | on_bridge[which]
    frame = {
        "crossing_id": ids,
        "kind": kind[which],
        "name": roads["name"].to_numpy(object)[r[which]] if "name" in roads else None,
    }
    assumed = {one for one, marked in zip(ids, is_marked, strict=True) if not marked}
    drowned = roads["road_id"].to_numpy()[np.unique(r[under])].tolist()
    return gpd.GeoDataFrame(frame, geometry=met, crs=roads.crs), assumed, drowned


def _read_walk_tags(roads: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n,) bool each: nobody says one walks in it; a path marked as no bridge; a tunnel by its name."""

    def text(column: str) -> pd.Series:
        if column not in roads:
            return pd.Series("", roads.index)
        return roads[column].astype("object").fillna("").astype("str").str.strip().str.lower()

    def is_(column: str, value: bool) -> pd.Series:
        if column not in roads:
            return pd.Series(False, roads.index)
        return roads[column].astype("boolean").eq(value).fillna(value=False).astype(bool)

    kind, name = text("road_class"), text("name")
    on_foot = kind.isin(FOOT_CLASSES) | is_("walkable", True)
    on_foot |= kind.str.contains(_FOOT_PATTERN) | name.str.contains(_FOOT_PATTERN)
    no_bridge = kind.isin(_FORD_CLASSES) & is_("is_bridge", False)
    named = name.str.contains(_TUNNEL_PATTERN)
    return tuple(one.to_numpy(dtype=bool) for one in (~on_foot, no_bridge, named))  # type: ignore[return-value]


def _underwater_findings(road_ids: list[str]) -> list[Finding]:
    if not road_ids:
        return []
    return [
        Finding(
            "warning",
            "crossings.under_water",
            *say("finding.under_water", n=len(road_ids)),
            layer="crossings",
            value=", ".join(road_ids[:5]),
        )
    ]


def _is_near_crossing(points: np.ndarray, given: np.ndarray) -> np.ndarray:
    """(k,) bool: whether each point lies near a crossing of the data."""
    near = np.zeros(len(points), dtype=bool)
    if len(points) and len(given):
        tree = shapely.STRtree(given)
        near[tree.query(points, predicate="dwithin", distance=MERGE_DISTANCE_M)[0]] = True
    return near


def _drop_duplicates(found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The first by id of crossings of one kind close to each other: two carriageways, two tracks."""
    found = found.sort_values("crossing_id", kind="stable", ignore_index=True)
    shapes, kind = found.geometry.to_numpy(), found["kind"].to_numpy(dtype=object)
    a, b = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=MERGE_DISTANCE_M)
    earlier: dict[int, list[int]] = {}
    for one, two in zip(a.tolist(), b.tolist(), strict=True):
        if two < one and kind[one] == kind[two]:
            earlier.setdefault(one, []).append(two)
    kept: set[int] = set()
    for one in range(len(found)):
        if not kept & set(earlier.get(one, ())):
            kept.add(one)
    return found.iloc[sorted(kept)]


def _findings(found: gpd.GeoDataFrame, assumed: set[str]) -> list[Finding]:
    findings = [
        Finding(
            "info",
            "crossings.from_roads",
            *say("finding.from_roads", n=len(found), prefix=ROAD_PREFIX),
            layer="crossings",
        )
    ]
    if assumed:
        some = ", ".join(sorted(assumed)[:5])
        findings.append(
            Finding(
                "warning", "crossings.assumed", *say("finding.assumed", n=len(assumed)), layer="crossings", value=some
            )
        )
    return findings
