"""How long two units face each other, found by looking straight out from points of their walls.

Written apart from `geo.network.shared_frontage`: one pair at a time, by sight lines.
"""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

STEP_M = 0.25
"""One looks out every so many metres of wall."""
TOLERANCE_M = 0.5
"""Two steps: what looking from points may miss of a length."""
REACH_M = 0.1
"""One looks this much farther than the gap limit."""
GRAZE_M = 0.01
"""One stands this far before the wall: a wall that runs on in one line with it is not seen."""


def is_facing(a: BaseGeometry, b: BaseGeometry, gap_m: float, least_m: float) -> bool:
    """Whether two units face each other along a length, within `TOLERANCE_M`.

    Looking straight out from the walls of a unit, at most `gap_m` far, one sees the other unit
    from this length of them; that side counts from which more is seen. Where two units overlap,
    half the outline of what they share will do as well.

    Parameters
    ----------
    a, b
        Polygons in a projected CRS, metres.
    gap_m
        How far one looks, in metres.
    least_m
        The length in metres; 0 or less is always given.

    Examples
    --------
    >>> from shapely import box
    >>> is_facing(box(0, 0, 100, 80), box(120, 30, 200, 200), 60.0, 3.0)
    True
    >>> is_facing(box(0, 0, 100, 80), box(120, 90, 200, 200), 60.0, 3.0)
    False
    """
    if least_m <= 0:
        return True
    least_m -= TOLERANCE_M
    overlap = a.intersection(b)
    if overlap.area > 0 and overlap.length / 2 >= least_m:
        return True
    return facing_length_m(a, b, gap_m) >= least_m or facing_length_m(b, a, gap_m) >= least_m


def facing_length_m(unit: BaseGeometry, other: BaseGeometry, gap_m: float) -> float:
    """Metres of a unit's walls from which another is seen straight ahead.

    Parameters
    ----------
    unit, other
        Polygons in a projected CRS, metres.
    gap_m
        How far one looks, in metres.
    """
    reach = gap_m + REACH_M
    low, high = np.array(other.bounds[:2]), np.array(other.bounds[2:])
    shapely.prepare(other)
    walls = _straight_walls(unit)
    walls = walls[((walls.max(axis=1) >= low - reach) & (walls.min(axis=1) <= high + reach)).all(axis=1)]
    along = walls[:, 1] - walls[:, 0]
    lengths = np.hypot(*along.T)
    walls, along, lengths = walls[lengths > 0], along[lengths > 0], lengths[lengths > 0]
    if not len(walls):
        return 0.0
    steps = np.maximum(1, np.rint(lengths / STEP_M).astype(int))
    wall = np.repeat(np.arange(len(walls)), steps)
    share = (np.arange(len(wall)) - np.repeat(np.cumsum(steps) - steps, steps) + 0.5) / steps[wall]
    points = walls[wall, 0] + share[:, None] * along[wall]
    out = np.stack([along[:, 1], -along[:, 0]], axis=1) / lengths[:, None]
    eyes, ends = points + out[wall] * GRAZE_M, points + out[wall] * reach
    may = ((np.maximum(eyes, ends) >= low) & (np.minimum(eyes, ends) <= high)).all(axis=1)  # others look past it
    seen = np.zeros(len(wall), dtype=bool)
    seen[may] = shapely.intersects(other, shapely.linestrings(np.stack([eyes[may], ends[may]], axis=1)))
    return float((lengths * np.bincount(wall, seen, len(walls)) / steps).sum())


def _straight_walls(unit: BaseGeometry) -> np.ndarray:
    """(w, 2, 2) both ends of the straight walls of a unit, which lies on their left."""
    rings = shapely.get_rings(shapely.orient_polygons(shapely.get_parts(unit)))
    return np.concatenate([np.stack([xy[:-1], xy[1:]], axis=1) for xy in map(shapely.get_coordinates, rings)])
