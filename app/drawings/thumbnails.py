"""A plan as a small picture beside its name."""

from __future__ import annotations

import base64

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.drawings.frames import Frame, frame_picture
from app.drawings.strokes import draw_line
from app.maps.themes import pick_area_colours
from app.workbench.kept import keep_with_owner
from app.workbench.workbench import Workbench

_WIDTH, _HEIGHT = 380.0, 200.0


@keep_with_owner
def draw_thumbnail(bench: Workbench) -> str:
    """The units of a workbench coloured by area, as a data URI.

    Returns
    -------
    An SVG image of 380 × 200 pixels. It holds numbers only, nothing of the data's texts.
    """
    shapes = bench.units.geometry.to_numpy()
    placed = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    if not len(placed):
        return _thumbnail("")
    streets = (bench.plan["rules"].get("streets") if bench.plan else None) or ()
    of_plan = placed[bench.units["street_code"].isin(list(streets)).to_numpy()[placed]]
    placed = of_plan if len(of_plan) else placed  # a plan of one street is seen on that street
    frame = frame_picture(shapely.total_bounds(shapes[placed]).tolist(), _WIDTH, _HEIGHT)
    fills = pick_area_colours(bench)
    left_over = set(bench.left_over.tolist())
    groups: dict[str, list[str]] = {}
    simple = shapely.simplify(shapes[placed], 0.4 / frame.scale)
    for position, shape in zip(placed.tolist(), simple, strict=True):
        area = int(bench.area_of[position])
        fill = fills[area] if area >= 0 else "url(#h)" if position in left_over else "#d9dce1"
        groups.setdefault(fill, []).append(_thumbnail_path(shape, frame))
    return _thumbnail("".join(f'<path fill="{fill}" d="{"".join(d)}"/>' for fill, d in groups.items()))


def _thumbnail_path(shape: BaseGeometry, frame: Frame) -> str:
    """The rings of a unit; a point is a dot of three pixels."""
    rings = shapely.get_rings(shapely.get_parts(shape))
    if not len(rings):
        x, y = frame.to_paper(shapely.get_coordinates(shape))[0]
        return f"M{x - 1.5:.1f} {y - 1.5:.1f}h3v3h-3Z"
    return "".join(draw_line(ring, frame, closed=True) for ring in rings)


def _thumbnail(body: str) -> str:
    size = f"{_WIDTH:g} {_HEIGHT:g}"
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}">'
        '<defs><pattern id="h" width="4" height="4" patternUnits="userSpaceOnUse">'
        '<rect width="4" height="4" fill="#fff"/><path d="M0 4L4 0" stroke="#57626e"/></pattern>'
        "</defs><g stroke='#44505e' stroke-width='.3'>"
        f"<rect width='{_WIDTH:g}' height='{_HEIGHT:g}' fill='#f4f6f8' stroke='none'/>{body}</g></svg>"
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
