"""Where one passes from one unit into the next, and what stands in the way there (R22)."""

from __future__ import annotations

import numpy as np
import shapely

from geo.network.barriers import Barriers, make_lines, make_points

TOUCH_M = 1.0
"""Units this close have no line between them to test; the ground around their contact is tested."""

ZONE_M = 20.0
"""How far around a contact the ground is looked at."""

SAME_GAP_M = 0.1
"""Connectors this much longer than the shortest count as equally short."""

INSIDE_M = 5.0
"""A connector ends in the middle of what a unit has within this distance of its edge point."""

_DEPTHS_M = (10.0, 5.0, 2.0)
_LINE_HALF_WIDTH_M = 0.5
_ARC = 32  # segments of a quarter circle: a 60 m buffer is then true to 2 cm


def find_blocking_barriers(a: np.ndarray, b: np.ndarray, gap_m: np.ndarray, barriers: Barriers) -> np.ndarray:
    """The hard barrier that stands between each pair of units; −1 where none does.

    Pairs farther than `TOUCH_M` apart are tested along their connector (:func:`entry_lines`),
    nearer ones on the ground around their contact (:func:`find_contact_barrier`).

    Parameters
    ----------
    a, b
        (k,) valid polygons, metric CRS; "first" is seen from `a`.
    gap_m
        (k,) distances between them, metres.
    barriers
        The hard barriers.

    Returns
    -------
    (k,) positions in the barriers.
    """
    first = np.full(len(a), -1, dtype=np.intp)
    near = np.flatnonzero(barriers.intersects(_search_boxes(a, b, gap_m)))
    detached = near[gap_m[near] > TOUCH_M]
    first[detached] = barriers.find_first_crossed(entry_lines(a[detached], b[detached], gap_m[detached]))
    for pair in near[gap_m[near] <= TOUCH_M]:
        first[pair] = find_contact_barrier(a[pair], b[pair], barriers)
    return first


def entry_lines(a: np.ndarray, b: np.ndarray, gap_m: np.ndarray) -> np.ndarray:
    """The straight line on which one goes from each unit to the other.

    It is the shortest connector. Facing walls that run parallel have many equally short ones (to
    `SAME_GAP_M`); the middle one is taken, so that the choice does not hang on rounding, on the
    order of the units or on how the map is turned. Its ends are drawn into the units, to the
    centre of what each has within `INSIDE_M`: a railway drawn along the very edge of a unit is
    then crossed when one leaves over that edge, and not when one leaves next to it.

    Parameters
    ----------
    a, b
        (k,) polygons that are apart, metric CRS.
    gap_m
        (k,) distances between them, metres.

    Returns
    -------
    (k,) straight lines from inside `a` to inside `b`.

    Examples
    --------
    >>> line = entry_lines(
    ...     np.array([shapely.box(0, 0, 100, 80)]),
    ...     np.array([shapely.box(120, 40, 200, 300)]),
    ...     np.array([20.0]),
    ... )
    >>> shapely.get_coordinates(shapely.set_precision(line, 1)).tolist()
    [[98.0, 60.0], [122.0, 60.0]]
    """
    centre = _midpoints(_facing_middle(a, b, gap_m), _facing_middle(b, a, gap_m))
    ends = [interior_points(unit, _nearest_points(unit, centre)) for unit in (a, b)]
    return make_lines(*map(shapely.get_coordinates, ends))


def interior_points(units: np.ndarray, edge_points: np.ndarray) -> np.ndarray:
    """A point inside each unit, next to a point of its edge: the centre of what lies within 5 m.

    Parameters
    ----------
    units
        (k,) polygons, metric CRS.
    edge_points
        (k,) points of them.

    Returns
    -------
    (k,) points.
    """
    within = shapely.intersection(units, shapely.buffer(edge_points, INSIDE_M))
    centre = shapely.centroid(within)
    outside = ~shapely.intersects(within, centre)
    centre[outside] = shapely.point_on_surface(within[outside])
    lost = shapely.is_empty(centre)
    centre[lost] = edge_points[lost]
    return centre


def find_contact_barrier(a: shapely.Geometry, b: shapely.Geometry, barriers: Barriers) -> int:
    """The hard barrier that separates two touching or overlapping units; −1 if one gets through.

    The ground of both within `ZONE_M` of their contact is cut along the barriers. When no piece
    of what remains reaches deep (10 m where the unit is that deep) into both units, they are
    separated: by a railway on the shared border, a little inside it, or through a sliver in which
    the two overlap. A railway that crosses the border, or ends halfway along it, leaves a piece
    that joins them.

    Parameters
    ----------
    a, b
        Valid polygons at most `TOUCH_M` apart, metric CRS.
    barriers
        The hard barriers.

    Returns
    -------
    Position of the barrier: among those that separate alone (else among all on the ground) the
    one nearest to the centre of `a`, the smaller id where equally near.
    """
    contact = shapely.intersection(shapely.buffer(a, TOUCH_M), shapely.buffer(b, TOUCH_M))
    zone = shapely.buffer(contact, ZONE_M)
    ground = shapely.intersection(shapely.union_all([a, b, contact]), zone)
    deep_a, deep_b = _deep_part(a, contact, zone), _deep_part(b, contact, zone)
    found = barriers.query(np.array([ground]))[1]
    shapes = barriers.shapes[found]
    is_line = shapely.get_dimensions(shapes) < 2
    walls = np.where(is_line, shapely.buffer(shapes, _LINE_HALF_WIDTH_M, cap_style="flat"), shapes)
    if not len(found) or not _separates(walls, ground, deep_a, deep_b):
        return -1
    away = np.round(shapely.distance(shapely.centroid(a), shapes), 3)
    order = np.lexsort((found, away))
    alone = [i for i in order if _separates(walls[i : i + 1], ground, deep_a, deep_b)]
    return int(found[(alone or list(order))[0]])


def _separates(walls: np.ndarray, ground: shapely.Geometry, deep_a: shapely.Geometry, deep_b: shapely.Geometry) -> bool:
    """Whether no piece of the ground between the walls meets both deep parts."""
    pieces = shapely.get_parts(shapely.difference(ground, shapely.union_all(walls)))
    return not np.any(shapely.intersects(pieces, deep_a) & shapely.intersects(pieces, deep_b))


def _deep_part(unit: shapely.Geometry, contact: shapely.Geometry, zone: shapely.Geometry) -> shapely.Geometry:
    """What a unit has in the zone well away from the contact; all of it where it has no depth."""
    here = shapely.intersection(unit, zone)
    for depth_m in _DEPTHS_M:
        deep = shapely.difference(here, shapely.buffer(contact, depth_m))
        if not deep.is_empty:
            return deep
    return here


def _search_boxes(a: np.ndarray, b: np.ndarray, gap_m: np.ndarray) -> np.ndarray:
    """Boxes that hold everything :func:`find_blocking_barriers` looks at for each pair."""
    pad = (gap_m + SAME_GAP_M + ZONE_M + 2 * INSIDE_M)[:, None]
    one, two = shapely.bounds(a), shapely.bounds(b)
    low = np.maximum(one[:, :2], two[:, :2]) - pad
    high = np.minimum(one[:, 2:], two[:, 2:]) + pad
    return shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1])


def _facing_middle(unit: np.ndarray, other: np.ndarray, gap_m: np.ndarray) -> np.ndarray:
    """The middle of the stretch of a unit's edge that is as near to the other as it gets."""
    reach = shapely.buffer(other, gap_m + SAME_GAP_M, quad_segs=_ARC)
    stretch = shapely.intersection(shapely.boundary(unit), reach)
    none = shapely.is_empty(stretch)
    stretch[none] = shapely.get_point(shapely.shortest_line(unit[none], other[none]), 0)
    return _nearest_points(stretch, shapely.centroid(stretch))


def _nearest_points(shapes: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The point of each shape nearest to the point next to it."""
    return shapely.get_point(shapely.shortest_line(shapes, points), 0)


def _midpoints(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Midpoints of two arrays of points."""
    return make_points((shapely.get_coordinates(one) + shapely.get_coordinates(two)) / 2)
