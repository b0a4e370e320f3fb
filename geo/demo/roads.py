"""Roads and the crossings that carry them over or under rail and water, on the straight plan."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.demo.grid import LinearObstacle, StreetGrid

_SPACING_M = 700.0
_FAR_M = 1_500.0
_ON_M = 1.0
_OPENS_M = 45.0  # a local road opens onto the road at most this far ahead of its end


def build_roads(grid: StreetGrid, local: NDArray[np.float64]) -> pd.DataFrame:
    """All roads before anything is cut: line (index of the whole road), road_class, geometry.

    Parameters
    ----------
    grid
        Arterials and secondary roads.
    local
        (n, 4) local roads, x0 y0 x1 y1.
    """
    columns, rows = grid.cells["column"].to_numpy(), grid.cells["row"].to_numpy()
    parts: list[tuple[str, int, str, NDArray[np.float64]]] = []
    for j in range(len(grid.ys)):
        spans = np.unique(columns[(rows == j) | (rows == j - 1)])
        parts += [("y", j, "主干路", _h(grid.xs[i], grid.xs[i + 1], grid.ys[j])) for i in spans]
    for i in range(len(grid.xs)):
        spans = np.unique(rows[(columns == i) | (columns == i - 1)])
        parts += [("x", i, "主干路", _v(grid.xs[i], grid.ys[j], grid.ys[j + 1])) for j in spans]
    for i, j in grid.cells.loc[~grid.cells["factory"], ["column", "row"]].to_numpy():
        parts.append(("ym", j, "次干路", _h(grid.xs[i], grid.xs[i + 1], grid.ym[j])))
        parts.append(("xm", i, "次干路", _v(grid.xm[i], grid.ys[j], grid.ys[j + 1])))
    main = pd.DataFrame(
        {
            "line": [f"{axis}{number}" for axis, number, _, _ in parts],
            "road_class": [kind for _, _, kind, _ in parts],
            "geometry": shapely.get_parts(shapely.linestrings(np.array([xy for *_, xy in parts]))),
        }
    )
    small = pd.DataFrame(
        {
            "line": [f"l{k}" for k in range(len(local))],
            "road_class": "支路",
            "geometry": _opening(local.reshape(-1, 2, 2), main["geometry"].to_numpy()),
        }
    )
    return pd.concat([main, small], ignore_index=True)


def _opening(local: NDArray[np.float64], main: NDArray[np.object_]) -> NDArray[np.object_]:
    """Local roads, (n, 2, 2), led on at both ends to the middle of the road they open onto."""
    others = np.concatenate([main, shapely.get_parts(shapely.linestrings(local))])
    tree = shapely.STRtree(others)
    ends = local.copy()
    for side in (0, 1):
        start = local[:, side]
        ahead = start - local[:, 1 - side]
        ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
        reach = np.stack([start + ahead, start + ahead * _OPENS_M], axis=1)
        rays = np.asarray(shapely.linestrings(reach), dtype=object)
        ray, met = tree.query(rays, predicate="intersects")
        points = shapely.intersection(rays[ray], others[met])
        away = shapely.distance(shapely.points(start[ray]), points)
        order = np.lexsort((away, ray))
        first = order[np.diff(ray[order], prepend=-1) != 0]
        ends[ray[first], side] = start[ray[first]] + ahead[ray[first]] * away[first, None]
    return np.asarray(shapely.linestrings(ends), dtype=object)


def _h(x0: float, x1: float, y: float) -> NDArray[np.float64]:
    return np.array([[x0, y], [x1, y]])


def _v(x: float, y0: float, y1: float) -> NDArray[np.float64]:
    return np.array([[x, y0], [x, y1]])


def cross_obstacles(roads: pd.DataFrame, obstacles: Sequence[LinearObstacle]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cut roads at every obstacle but where a crossing is worth building.

    Main roads cross where the last crossing is at least 700 m away; secondary roads fill gaps of
    more than 1,500 m.

    Parameters
    ----------
    roads
        Lines with their class, metric CRS.
    obstacles
        Railway, river, expressway, canal; same CRS.

    Returns
    -------
    Roads with is_bridge and is_tunnel; crossings: obstacle (position), kind, geometry (Point).
    """
    roads = roads.assign(is_bridge=False, is_tunnel=False)
    found = []
    for number, obstacle in enumerate(obstacles):
        roads = _unbuilt(roads, obstacle)
        points, kinds = _choose_crossings(roads, obstacle)
        roads = _cut_roads(roads, obstacle, points, kinds)
        found.append(pd.DataFrame({"obstacle": number, "kind": kinds, "geometry": list(points)}))
    return roads.reset_index(drop=True), pd.concat(found, ignore_index=True)


def _unbuilt(roads: pd.DataFrame, obstacle: LinearObstacle) -> pd.DataFrame:
    """Take away roads that would run along inside the obstacle (a canal's or expressway's own line)."""
    along = shapely.covered_by(roads["geometry"].to_numpy(), obstacle.corridor)
    return roads[~along]


def _choose_crossings(roads: pd.DataFrame, obstacle: LinearObstacle) -> tuple[NDArray[np.object_], list[str]]:
    main = _meets(roads[roads["road_class"] == "主干路"], obstacle)
    side = _meets(roads[roads["road_class"] == "次干路"], obstacle)
    chosen: list[float] = []
    for at in main:
        if not chosen or at - chosen[-1] >= _SPACING_M:
            chosen.append(float(at))
    for low, high in list(zip([-np.inf, *chosen], [*chosen, np.inf], strict=True)):
        if high - low <= _FAR_M:
            continue
        last = low
        for at in side:
            if last + _SPACING_M <= at <= high - _SPACING_M:
                chosen.append(float(at))
                last = float(at)
    chosen.sort()
    points = shapely.line_interpolate_point(obstacle.axis, np.array(chosen))
    kinds = [obstacle.crossing_kinds[k % len(obstacle.crossing_kinds)] for k in range(len(chosen))]
    return np.asarray(points, dtype=object).reshape(-1), kinds


def _meets(roads: pd.DataFrame, obstacle: LinearObstacle) -> NDArray[np.float64]:
    """Where roads meet the obstacle's middle line: metres along it, rising."""
    points = shapely.get_parts(shapely.intersection(roads["geometry"].to_numpy(), obstacle.axis))
    points = points[shapely.get_type_id(points) == 0]
    return np.unique(np.round(shapely.line_locate_point(obstacle.axis, points), 1))


def _cut_roads(
    roads: pd.DataFrame, obstacle: LinearObstacle, points: NDArray[np.object_], kinds: list[str]
) -> pd.DataFrame:
    """Split roads at the corridor; inside it only pieces that hold a crossing stay."""
    geometry = roads["geometry"].to_numpy()
    hit = shapely.intersects(geometry, obstacle.corridor)
    outside, owner = shapely.get_parts(shapely.difference(geometry[hit], obstacle.corridor), return_index=True)
    open_road = roads[hit].iloc[owner].assign(geometry=outside)
    inside, owner = shapely.get_parts(shapely.intersection(geometry[hit], obstacle.corridor), return_index=True)
    over = roads[hit].iloc[owner].assign(geometry=inside)
    over = over[shapely.get_type_id(inside) == 1]
    tree = shapely.STRtree(points)
    pieces = over["geometry"].to_numpy()
    piece, point = tree.query(pieces, predicate="dwithin", distance=_ON_M)
    kept = over.iloc[piece].copy()
    under = np.array([kinds[p] == "underpass" for p in point], dtype=bool)
    kept["is_tunnel"] |= under
    kept["is_bridge"] |= ~under
    both = pd.concat([roads[~hit], open_road, kept])
    return both[shapely.length(both["geometry"].to_numpy()) > 2.0]
