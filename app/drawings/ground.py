"""The ground under a plan: green, roads, water, barriers, passages, streets, and their names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from app.drawings.frames import Frame
from app.drawings.names import Name, measure_text
from app.drawings.strokes import draw_path, find_label_points, pick_seen
from app.maps.background import join_roads, pick_green
from app.workbench.kept import keep_with_owner
from app.workbench.workbench import DatasetContext, Workbench

LINES: tuple[tuple[str, tuple[str, ...], str, float], ...] = (
    ("river", ("river", "canal"), 'stroke="#a8cdea"', 5.0),
    ("arterial", ("arterial",), 'stroke="#d8ccb2"', 2.2),
    ("expressway", ("expressway",), 'stroke="#c58a2e"', 4.0),
    ("railway", ("railway",), 'stroke="#2b2f36"', 3.4),
    ("wall", ("factory_wall", "closed_park"), 'stroke="#5d5348" stroke-dasharray="1.5 2"', 1.2),
)
"""Sign, kinds of barriers, look, width in units of the drawing; from below to above."""
STREET_LINE = 'fill="none" stroke="#6b5a86" stroke-width="1.4" stroke-dasharray="8 3 2 3"'

_NAMED = ("river", "canal", "railway", "expressway")
_NAME_FILLS = {"river": "#2f6f9f", "canal": "#2f6f9f"}
_ROAD_WIDTHS = (3.0, 3.0, 2.2, 1.2)
_RANKS_AT = ((6_000, 3), (15_000, 2), (50_000, 1))
"""Up to which denominator roads up to a rank have names; beyond it only the widest."""


def draw_ground(bench: Workbench, frame: Frame) -> list[str]:
    """Green, roads and water, for under the units.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    frame
        Where metres go on the drawing.
    """
    green, roads = pick_green(_read_layer(bench.context, "open_spaces")), _roads(bench.context)
    parts = [draw_path(green.geometry, frame, 'fill="#cfe3c4"')]
    case = max(0.4, min(1.0, 3.0 / frame.metres))
    for rank, width in enumerate(_ROAD_WIDTHS):
        own = roads.geometry[roads["rank"] == rank]
        if rank > 1 and frame.metres > 6:
            continue  # lanes of a whole city are a haze
        parts.append(draw_path(own, frame, f'fill="none" stroke="#d5d0c6" stroke-width="{width * case + 0.8:.1f}"'))
        parts.append(draw_path(own, frame, f'fill="none" stroke="#fff" stroke-width="{width * case:.1f}"'))
    return parts


def draw_barriers(bench: Workbench, frame: Frame) -> tuple[list[str], tuple[str, ...]]:
    """What parts the town, for over the units, and the signs of what is seen of it.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    frame
        Where metres go on the drawing.
    """
    barriers, crossings = _read_layer(bench.context, "barriers"), _read_layer(bench.context, "crossings")
    parts, signs = [], []
    for sign, kinds, look, width in LINES:
        own = barriers[barriers["kind"].isin(kinds)].geometry if len(barriers) else barriers.geometry
        is_ground = own.geom_type.isin(("Polygon", "MultiPolygon"))
        ground = draw_path(own[is_ground], frame, f'fill="{"#a8cdea" if sign == "river" else "#cfc9c0"}"')
        line = draw_path(own[~is_ground], frame, f'fill="none" {look} stroke-width="{width:g}"')
        if sign == "railway" and line:
            dashes = f'fill="none" stroke="#fff" stroke-width="{width - 1.4:g}" stroke-dasharray="7 7"'
            line += draw_path(own[~is_ground], frame, dashes)
        parts += [ground, line]
        signs += [sign] if ground or line else []
    points = pick_seen(crossings.geometry if frame.metres < 4 else [], frame, 0.0)
    size = 0.32 * frame.text
    for x, y in frame.to_paper(shapely.get_coordinates(points)).tolist():
        parts.append(
            f'<path d="M{x:.1f} {y - size:.1f}l{size:.1f} {size:.1f}l{-size:.1f} {size:.1f}l{-size:.1f} {-size:.1f}Z" '
            'fill="#fff" stroke="#2b2f36" stroke-width="1.2"/>'
        )
    return parts, (*signs, *(["crossing"] if len(points) else []))


def draw_streets(bench: Workbench, frame: Frame) -> str:
    """The lines of the streets.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    frame
        Where metres go on the drawing.
    """
    return draw_path(_read_layer(bench.context, "streets").geometry, frame, STREET_LINE)


def name_streets(bench: Workbench, frame: Frame) -> list[Name]:
    """The names of the streets that are seen, each in the middle of what is seen of it.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    frame
        Where metres go on the drawing.
    """
    streets = _read_layer(bench.context, "streets").dropna(subset=["geometry", "name"])
    view = shapely.box(frame.west, frame.south, frame.east, frame.north)
    seen = streets[streets.geometry.intersects(view)]
    if seen.empty:
        return []
    shapes = shapely.intersection(seen.geometry.to_numpy(), view)
    spots, _ = find_label_points(shapes, frame)
    return [
        Name(x, y, (str(name),), frame.text, "#57407c")
        for (x, y), name in zip(frame.to_paper(shapely.get_coordinates(spots)).tolist(), seen["name"], strict=True)
    ]


def name_lines(bench: Workbench, frame: Frame) -> list[Name]:
    """Names along waters, railways and roads, the most important first.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    frame
        Where metres go on the drawing.
    """
    barriers, roads = _read_layer(bench.context, "barriers"), _roads(bench.context)
    known = barriers[barriers["kind"].isin(_NAMED)] if len(barriers) else barriers
    names = []
    for kind in _NAMED:
        own = known[known["kind"] == kind]
        names += _along(own["name"].tolist(), own.geometry, frame, 0.85 * frame.text, _NAME_FILLS.get(kind, "#55504a"))
    denominator = frame.denominator or frame.metres * 5_000
    most = next((rank for limit, rank in _RANKS_AT if denominator <= limit), 0)
    for rank in range(most + 1):
        own = roads[roads["rank"] == rank]
        names += _along(own["name"].tolist(), own.geometry, frame, 0.72 * frame.text, "#6b6257")
    return names


def _along(names: Sequence[str], shapes: Iterable[BaseGeometry], frame: Frame, size: float, fill: str) -> list[Name]:
    """A name on the longest straight piece of what is seen of each line, where it is long enough."""
    view = shapely.box(frame.west, frame.south, frame.east, frame.north)
    size, found = max(size, frame.least), []
    for name, shape in zip(names, shapes, strict=True):
        if not isinstance(name, str) or shapely.get_dimensions(shape) != 1:
            continue
        piece = _longest_piece(shapely.simplify(shapely.intersection(shape, view), 2 / frame.scale), frame)
        if piece is None:
            continue
        (x0, y0), (x1, y1) = piece
        if np.hypot(x1 - x0, y1 - y0) < 1.2 * measure_text(name) * size:
            continue
        angle = float(np.degrees(np.arctan2(y1 - y0, x1 - x0)))
        angle = angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle
        found.append(Name((x0 + x1) / 2, (y0 + y1) / 2, (name,), size, fill, angle, is_fixed=True))
    return found


def _longest_piece(shape: BaseGeometry, frame: Frame) -> list[list[float]] | None:
    best, longest = None, 0.0
    for part in shapely.get_parts(shape).tolist():
        points = frame.to_paper(shapely.get_coordinates(part))
        if len(points) < 2:
            continue
        lengths = np.hypot(*np.diff(points, axis=0).T)
        k = int(lengths.argmax())
        if lengths[k] > longest:
            best, longest = points[k : k + 2].tolist(), float(lengths[k])
    return best


@keep_with_owner
def _read_layer(context: DatasetContext, name: str) -> gpd.GeoDataFrame:
    """A layer of the ground, read once for all drawings of a dataset; nobody changes it."""
    return context.dataset.layer(name)


@keep_with_owner
def _roads(context: DatasetContext) -> gpd.GeoDataFrame:
    return join_roads(context.dataset.layer("roads"))
