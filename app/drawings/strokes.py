"""Shapes of the ground as paths of a drawing."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from app.drawings.frames import Frame


def draw_path(shapes: Iterable[BaseGeometry], frame: Frame, look: str) -> str:
    """Many shapes as one path: what lies outside the frame is left out, details below half a unit too.

    Parameters
    ----------
    shapes
        Lines and polygons, metric CRS; points and missing ones are passed over.
    frame
        Where metres go on the drawing.
    look
        Attributes of SVG.
    """
    found = pick_seen(shapes, frame, 60.0)
    thin = shapely.simplify(found, 0.5 / frame.scale)
    rings: list[str] = []
    for part in shapely.get_parts(thin).tolist():
        closed = part.geom_type == "Polygon"
        lines = [part.exterior, *part.interiors] if closed else [part]
        rings += [draw_line(line, frame, closed=closed) for line in lines if line.geom_type != "Point"]
    return f'<path d="{"".join(rings)}" {look} fill-rule="evenodd"/>' if rings else ""


def draw_filled(
    shapes: Iterable[BaseGeometry],
    frame: Frame,
    fill: str,
    pattern: str,
    hidden: Collection[str],
    *,
    is_estimated: bool = False,
) -> str:
    """Units or places of one class, with its pattern; faint where the class is hidden.

    Parameters
    ----------
    shapes
        Polygons, metric CRS.
    frame
        Where metres go on the drawing.
    fill, pattern
        Of the class.
    hidden
        Fills that are drawn faintly.
    is_estimated
        Whether they are ground estimated around points: dashed.
    """
    look = f'fill="{fill}" stroke="#5b6672" stroke-width=".5"'
    if is_estimated:
        look += ' stroke-dasharray="2.4 2"'
    if fill in hidden:
        return draw_path(shapes, frame, f'{look} fill-opacity=".06"')
    found = list(shapes)
    over = draw_path(found, frame, f'fill="url(#{pattern})"') if pattern else ""
    return draw_path(found, frame, look) + over


def draw_circle(point: BaseGeometry, frame: Frame, radius: float, look: str) -> str:
    """A point as a circle; nothing outside the frame.

    Parameters
    ----------
    point
        Metric CRS.
    frame
        Where metres go on the drawing.
    radius
        Units of the drawing.
    look
        Attributes of SVG.
    """
    ((x, y),) = frame.to_paper(shapely.get_coordinates(point)).tolist()
    inside = 0 <= x <= frame.width and 0 <= y <= frame.height
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" {look}/>' if inside else ""


def draw_line(line: BaseGeometry, frame: Frame, *, closed: bool) -> str:
    """The commands of a path along a line or ring.

    Parameters
    ----------
    line
        Metric CRS.
    frame
        Where metres go on the drawing.
    closed
        Whether its end is its beginning.
    """
    points = frame.to_paper(shapely.get_coordinates(line))
    text = "L".join(f"{x:.1f} {y:.1f}" for x, y in points.tolist())
    return f"M{text}{'Z' if closed else ''}"


def pick_seen(shapes: Iterable[BaseGeometry], frame: Frame, margin: float) -> NDArray[np.object_]:
    """The shapes that are inside a frame.

    Parameters
    ----------
    shapes
        Metric CRS; missing ones are passed over.
    frame
        What is seen.
    margin
        Units of the drawing around it that count as inside.
    """
    more = margin / frame.scale
    view = shapely.box(frame.west - more, frame.south - more, frame.east + more, frame.north + more)
    found = np.asarray(list(shapes), dtype=object)
    found = found[~shapely.is_missing(found)]
    seen: NDArray[np.object_] = found[shapely.intersects(found, view)] if len(found) else found
    return seen


def find_label_points(shapes: Iterable[BaseGeometry], frame: Frame) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Where a text has most room in each shape, and how much: the largest circle inside, its radius on paper.

    Parameters
    ----------
    shapes
        Polygons, metric CRS.
    frame
        Where metres go on the drawing.
    """
    radii = shapely.maximum_inscribed_circle(np.asarray(list(shapes), dtype=object), 1 / frame.scale)
    return shapely.get_point(radii, 0), shapely.length(radii) * frame.scale
