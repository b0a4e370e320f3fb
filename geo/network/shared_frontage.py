"""How long the outlines of two units run opposite each other (R22: not a mere corner)."""

from __future__ import annotations

import numpy as np
import shapely

SIGHT_MARGIN_M = 0.1
"""One looks this much farther than the gap limit: a wall just at the limit still faces."""

MIN_DEPTH_M = 0.01
"""What is seen less deep than this is only grazed: two walls that run on in one line."""


def shared_frontage_m(shapes: np.ndarray, a: np.ndarray, b: np.ndarray, gap_m: float) -> np.ndarray:
    """The length along which two outlines run opposite each other within a gap.

    From every point of one outline one looks straight out, at a right angle to the wall one stands
    at, as far as the gap limit. The points from which the other unit is seen, or which lie in it,
    make up what faces it. The larger of the two sides' lengths counts: a small building inside a
    courtyard or inside a polygon drawn too large faces all round, though the other looks past it.
    Units that overlap have at least half the outline of what they share: the same outline drawn
    twice sees nothing by looking out.

    Two parallel walls have the length of their overlap, whatever their gap; units that share a
    border, the border; two blocks that meet at a corner only, or stand diagonally across a
    crossroads, 0. What stands between the two units is not looked at.

    Parameters
    ----------
    shapes
        (n,) valid polygons, metric CRS.
    a, b
        (k,) positions of the pairs' units, which have a shape.
    gap_m
        How far one looks, metres.

    Returns
    -------
    (k,) metres, rounded to 1 mm.

    Examples
    --------
    >>> blocks = shapely.box([0, 120, 120], [0, 30, 90], [100, 220, 220], [80, 85, 170])
    >>> shared_frontage_m(blocks, np.array([0, 0]), np.array([1, 2]), 60.0).tolist()
    [50.0, 0.0]
    """
    if not len(a):
        return np.empty(0)
    walls = _walls(shapes, np.unique(np.concatenate([a, b])))
    reach = gap_m + SIGHT_MARGIN_M
    longer = np.maximum(
        _visible_frontage_m(walls, a, shapes[b], reach), _visible_frontage_m(walls, b, shapes[a], reach)
    )
    shared = np.flatnonzero(shapely.distance(shapes[a], shapes[b]) == 0)
    overlap = shapely.intersection(shapes[a[shared]], shapes[b[shared]])
    is_area = shapely.area(overlap) > 0
    shared, overlap = shared[is_area], overlap[is_area]
    longer[shared] = np.maximum(longer[shared], shapely.length(overlap) / 2)
    return np.round(longer, 3)


def _walls(shapes: np.ndarray, used: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Straight walls of the used units: (m, 2, 2) ends, the unit on the left, and their places.

    `first[i]:first[i + 1]` are the walls of unit i.
    """
    parts, of_part = shapely.get_parts(shapes[used], return_index=True)
    rings, of_ring = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
    xy, of_point = shapely.get_coordinates(rings, return_index=True)
    same = of_point[1:] == of_point[:-1]
    ends = np.stack([xy[:-1], xy[1:]], axis=1)[same]
    unit = used[of_part[of_ring[of_point[1:][same]]]]
    return ends, np.searchsorted(unit, np.arange(len(shapes) + 1))


def _visible_frontage_m(
    walls: tuple[np.ndarray, np.ndarray], units: np.ndarray, others: np.ndarray, reach: float
) -> np.ndarray:
    """(k,) metres of each unit's outline from which the other is seen straight ahead."""
    ends, first = walls
    counts = first[units + 1] - first[units]
    pair = np.repeat(np.arange(len(units)), counts)
    before = np.cumsum(counts) - counts
    wall = np.arange(len(pair)) + np.repeat(first[units] - before, counts)
    start, end = ends[wall, 0], ends[wall, 1]
    box = shapely.bounds(others)[pair]
    near = (np.minimum(start, end) <= box[:, 2:] + reach).all(axis=1)
    near &= (np.maximum(start, end) >= box[:, :2] - reach).all(axis=1)
    pair, start, end = pair[near], start[near], end[near]
    length = np.hypot(*(end - start).T)
    real = length > 0
    pair, start, length = pair[real], start[real], length[real]
    along = (end[real] - start) / length[:, None]
    out = np.stack([along[:, 1], -along[:, 0]], axis=1) * reach
    far = start + along * length[:, None]
    corners = np.stack([start, far, far + out, start + out], axis=1)
    view = np.asarray(shapely.polygons(corners), dtype=object)
    sees = shapely.intersects(view, others[pair])
    pair, start, along, view = pair[sees], start[sees], along[sees], view[sees]
    stretch = _projected_lengths(shapely.intersection(view, others[pair]), start, along)
    return np.bincount(pair, weights=stretch, minlength=len(units))


def _projected_lengths(seen: np.ndarray, start: np.ndarray, along: np.ndarray) -> np.ndarray:
    """(k,) length of the stretch of each wall that what is seen from it casts its shadow on."""
    parts, wall = shapely.get_parts(seen, return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    away, axis = xy - start[wall[part]], along[wall[part]]
    low, high = _extent((away * axis).sum(axis=1), part, len(parts))
    near, far = _extent(away[:, 0] * axis[:, 1] - away[:, 1] * axis[:, 0], part, len(parts))
    real = far - near > MIN_DEPTH_M
    wall, low, high = wall[real], low[real], high[real]
    order = np.lexsort((low, wall))
    wall, low, high = wall[order], low[order], high[order]
    stretch = np.zeros(len(seen))
    alone = np.bincount(wall, minlength=len(seen))[wall] == 1
    stretch[wall[alone]] = high[alone] - low[alone]
    for one in np.unique(wall[~alone]):
        mine = slice(*np.searchsorted(wall, [one, one + 1]))
        stretch[one] = _union_length(low[mine], high[mine])
    return stretch


def _extent(at: np.ndarray, part: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Least and largest value of each of n parts."""
    low, high = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(low, part, at)
    np.maximum.at(high, part, at)
    return low, high


def _union_length(low: np.ndarray, high: np.ndarray) -> float:
    """Length of the union of intervals that are sorted by their lower end."""
    reached = np.maximum.accumulate(high)
    starts_at = np.maximum(low[1:], reached[:-1])
    return float(high[0] - low[0] + np.maximum(high[1:] - starts_at, 0.0).sum())
