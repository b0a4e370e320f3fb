"""A plan as one small picture: every area in its colour, units left over hatched."""

from __future__ import annotations

import base64

import numpy as np
import shapely

from app.maps.themes import pick_area_colours
from app.workbench.workbench import Workbench

WIDTH, HEIGHT = 380, 200
_MARGIN = 6


def draw_plan_thumbnail(bench: Workbench) -> str:
    """The units of a workbench coloured by area, as a data URI.

    Returns
    -------
    An SVG image of 380 × 200 pixels. It holds numbers only, nothing of the data's texts.
    """
    shapes = bench.units.geometry.to_numpy()
    placed = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    if not len(placed):
        return _uri("")
    west, south, east, north = shapely.total_bounds(shapes[placed])
    scale = min((WIDTH - 2 * _MARGIN) / max(east - west, 1.0), (HEIGHT - 2 * _MARGIN) / max(north - south, 1.0))
    left = (WIDTH - (east - west) * scale) / 2
    top = (HEIGHT - (north - south) * scale) / 2
    simple = shapely.simplify(shapes[placed], 0.4 / scale)

    def to_pixels(xy: np.ndarray) -> np.ndarray:
        return np.column_stack([left + (xy[:, 0] - west) * scale, top + (north - xy[:, 1]) * scale])

    drawn = dict(zip(placed.tolist(), shapely.transform(simple, to_pixels), strict=True))
    fills = pick_area_colours(bench)
    left_over = set(bench.left_over.tolist())
    groups: dict[str, list[str]] = {}
    for position, shape in drawn.items():
        area = int(bench.area_of[position])
        fill = fills[area] if area >= 0 else "url(#h)" if position in left_over else "#d9dce1"
        groups.setdefault(fill, []).append(_path(shape))
    return _uri("".join(f'<path fill="{fill}" d="{"".join(d)}"/>' for fill, d in groups.items()))


def _path(shape: shapely.Geometry) -> str:
    rings = shapely.get_rings(shapely.get_parts(shape))
    if not len(rings):  # a point: a dot of three pixels
        x, y = shapely.get_coordinates(shape)[0]
        return f"M{x - 1.5:.1f} {y - 1.5:.1f}h3v3h-3Z"
    return "".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in shapely.get_coordinates(ring)[:-1]) + "Z" for ring in rings
    )


def _uri(body: str) -> str:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        '<defs><pattern id="h" width="4" height="4" patternUnits="userSpaceOnUse">'
        '<rect width="4" height="4" fill="#fff"/><path d="M0 4L4 0" stroke="#57626e"/></pattern>'
        "</defs><g stroke='#44505e' stroke-width='.3'>"
        f"<rect width='{WIDTH}' height='{HEIGHT}' fill='#f4f6f8' stroke='none'/>{body}</g></svg>"
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
