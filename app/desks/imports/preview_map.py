"""Where an uploaded file lies, drawn on a blank map as one small picture."""

from __future__ import annotations

import base64
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import shapely

Shapes = npt.NDArray[np.object_]

WIDTH, HEIGHT = 400, 240
_MARGIN = 14
_OTHERS = 400
_NICE = (1, 2, 5)


def draw_extent(own: Shapes, others: Iterable[Shapes]) -> str:
    """A picture of places over the places already known, as a data URI.

    Parameters
    ----------
    own
        (m,) geometries, WGS84 degrees; drawn in blue.
    others
        Geometries of the dataset and of other files; drawn in grey beneath, a sample of each.

    Returns
    -------
    An SVG image of 400 × 240 pixels with a scale bar. It holds numbers only, nothing of a file's text.
    """
    context = [_sample(shapes) for shapes in others if len(shapes)]
    everything = np.concatenate([own, *context])
    west, south, east, north = shapely.total_bounds(everything)
    squeeze = float(np.cos(np.radians((south + north) / 2)))
    scale = min(
        (WIDTH - 2 * _MARGIN) / max((east - west) * squeeze, 1e-4), (HEIGHT - 2 * _MARGIN) / max(north - south, 1e-4)
    )
    left = (WIDTH - (east - west) * squeeze * scale) / 2
    top = (HEIGHT - (north - south) * scale) / 2

    def to_pixels(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack([left + (xy[:, 0] - west) * squeeze * scale, top + (north - xy[:, 1]) * scale])

    parts = [f'<g class="o">{_drawn(shapely.transform(c, to_pixels))}</g>' for c in context]
    parts.append(f'<g class="f">{_drawn(shapely.transform(own, to_pixels))}</g>')
    parts.append(_scale_bar(scale))
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"<style>{_STYLE}</style><rect width='{WIDTH}' height='{HEIGHT}' fill='#f4f6f8'/>"
        f"{''.join(parts)}</svg>"
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _sample(shapes: Shapes) -> Shapes:
    return shapes[np.unique(np.linspace(0, len(shapes) - 1, _OTHERS).astype(int))]


def _drawn(shapes: Shapes) -> str:
    """Paths of polygons and lines, dots of points."""
    parts = shapely.get_parts(shapes)
    kinds = shapely.get_type_id(parts)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2"/>' for x, y in shapely.get_coordinates(parts[kinds == 0]))
    lines = "".join(_path(line, "") for line in parts[np.isin(kinds, (1, 2))])
    rings = "".join(_path(ring, "Z") for ring in shapely.get_rings(parts[kinds == 3]))
    return f'<path class="l" d="{lines}"/><path d="{rings}"/>{dots}'


def _path(line: shapely.Geometry, end: str) -> str:
    xy = np.round(shapely.get_coordinates(line), 1)
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in xy) + end


def _scale_bar(pixels_per_degree: float) -> str:
    """A round number of metres or kilometres, at most a quarter of the width."""
    metres_per_pixel = 111_320 / pixels_per_degree
    longest = metres_per_pixel * WIDTH / 4
    power = 10.0 ** np.floor(np.log10(longest))
    metres = max(step * power for step in _NICE if step * power <= longest)
    width = metres / metres_per_pixel
    text = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    y = HEIGHT - 10
    return (
        f'<path class="s" d="M10 {y - 5}V{y}H{10 + width:.1f}V{y - 5}"/>'
        f'<text x="{14 + width:.1f}" y="{y}">{text}</text>'
    )


_STYLE = (
    ".o path{fill:#dfe3e8;stroke:#b4bcc6;stroke-width:.5}.o .l{fill:none;stroke:#c3cad2}"
    ".o circle{fill:#c3cad2}"
    ".f path{fill:#0b63b0;fill-opacity:.22;stroke:#0b63b0;stroke-width:1}.f .l{fill:none}"
    ".f circle{fill:#0b63b0;fill-opacity:.7}"
    ".s{fill:none;stroke:#1d2b3a;stroke-width:1.4}text{font:11px sans-serif;fill:#1d2b3a}"
)
