"""The sketch on a sheet: numbered single buildings, their nearest anchors, roads and barriers, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import geopandas as gpd
import shapely

from app.desks.corrections.worklist import WorkItem
from app.i18n import Words
from app.workbench.kept import keep_with_owner
from app.workbench.workbench import Workbench

_WIDE, _HIGH, _MARGIN_M = 760.0, 300.0, 90.0
_LAYERS = {"roads": "stroke:#bbb;stroke-width:1.5", "barriers": "stroke:#555;stroke-width:2;stroke-dasharray:6 3"}
_BARS_M = (2000, 1000, 500, 200, 100, 50)
_LETTER, _DISC = 14.0, 20.0
_BESIDE = ((10, -10), (-10, -10), (10, 10), (-10, 10), (0, -24), (0, 24), (24, 0), (-24, 0))
"""Where the number of a building may stand from its middle, the best first."""
_AROUND = ((0, 0), (0, 22), (0, -22), (0, 38), (0, -38), (60, 0), (-60, 0), (60, 22), (-60, 22))
"""Where the name of an anchor may stand."""


@dataclass(frozen=True)
class _Box:
    """Room on the paper that something takes."""

    left: float
    top: float
    right: float
    foot: float

    @classmethod
    def about(cls, x: float, y: float, wide: float, high: float) -> _Box:
        return cls(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)

    def meets(self, other: _Box) -> bool:
        return self.left < other.right and other.left < self.right and self.top < other.foot and other.top < self.foot


_SCALE, _NORTH = _Box(0, _HIGH - 30, _WIDE / 4 + 70, _HIGH), _Box(_WIDE - 80, 0, _WIDE, 34)


@dataclass(frozen=True)
class _Frame:
    """Where metres go on the paper: north is up."""

    west: float
    south: float
    scale: float

    @classmethod
    def around(cls, shapes: Sequence[shapely.Geometry]) -> _Frame:
        west, south, east, north = shapely.total_bounds(shapes)
        wide, high = east - west + 2 * _MARGIN_M, north - south + 2 * _MARGIN_M
        scale = min(_WIDE / wide, _HIGH / high)
        middle = ((west + east) / 2, (south + north) / 2)
        return cls(middle[0] - _WIDE / scale / 2, middle[1] - _HIGH / scale / 2, scale)

    @property
    def box(self) -> shapely.Geometry:
        return shapely.box(self.west, self.south, self.west + _WIDE / self.scale, self.south + _HIGH / self.scale)

    def at(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.west) * self.scale, _HIGH - (y - self.south) * self.scale

    def middle(self, shape: shapely.Geometry) -> tuple[float, float]:
        x, y = shapely.get_coordinates(shapely.point_on_surface(shape))[0]
        return self.at(x, y)

    def holds(self, box: _Box) -> bool:
        return box.left >= 0 and box.top >= 0 and box.right <= _WIDE and box.foot <= _HIGH

    def path(self, shape: shapely.Geometry, style: str) -> str:
        lines = shapely.boundary(shape) if shapely.get_dimensions(shape) == 2 else shape
        steps = "".join(
            "M" + "L".join("{:.1f},{:.1f}".format(*self.at(x, y)) for x, y in shapely.get_coordinates(part))
            for part in shapely.get_parts(lines)
        )
        return f"<path d='{steps}' style='{style}'/>"


def draw_stray_map(bench: Workbench, strays: Sequence[WorkItem], words: Words) -> str:
    """The buildings by number and their nearest anchors, with a scale; without colours, for print.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    strays
        The buildings of the sheet, in its order.
    words
        Texts in the reader's language.

    Returns
    -------
    An SVG element; empty text where none of them has a place.
    """
    shape_of = bench.units.set_index("unit_id").geometry
    own = shape_of.reindex([one.unit_id for one in strays]).dropna()
    names = {one.anchors[0].unit_id: one.anchors[0].name for one in strays if one.anchors}
    near = shape_of.reindex(list(names)).dropna()
    if not len(own) and not len(near):
        return ""
    frame = _Frame.around([*own, *near])
    taken = [_SCALE, _NORTH]
    drawn = [
        *_ground(bench, frame),
        *(frame.path(shape, "fill:#eee;stroke:#888") for shape in near),
        *(frame.path(shape, "fill:#333;stroke:#000") for shape in own),
        *_numbers(strays, own, frame, taken),
        *_names([(names[str(unit_id)], shape) for unit_id, shape in near.items()], frame, taken),
        _scale_bar(frame, words),
    ]
    label = escape(words("sheet.map"), quote=True)
    return (
        f"<svg viewBox='0 0 {_WIDE:.0f} {_HIGH:.0f}' role='img' aria-label='{label}' "
        f"preserveAspectRatio='xMidYMid meet'>{''.join(drawn)}</svg>"
    )


@keep_with_owner
def _read_lines(bench: Workbench, layer: str) -> gpd.GeoSeries:
    """Roads or barriers, read once for all the sheets of a city; their index goes with them."""
    return gpd.GeoSeries(bench.dataset.layer(layer).geometry.dropna())


def _ground(bench: Workbench, frame: _Frame) -> list[str]:
    """Roads and barriers, cut at the edge of the paper."""
    drawn = []
    for layer, style in _LAYERS.items():
        shapes = _read_lines(bench, layer)
        if not len(shapes):
            continue
        inside = shapes.iloc[shapes.sindex.query(frame.box, predicate="intersects")]
        cut = shapely.intersection(inside.to_numpy(), frame.box)
        drawn += [frame.path(shape, f"fill:none;{style}") for shape in cut]
    return drawn


def _numbers(strays: Sequence[WorkItem], own: gpd.GeoSeries, frame: _Frame, taken: list[_Box]) -> list[str]:
    drawn = []
    for number, one in enumerate(strays, 1):
        if one.unit_id not in own.index:
            continue
        middle = frame.middle(own.loc[one.unit_id])
        x, y = _free(middle, _BESIDE, (_DISC, _DISC), frame, taken)
        drawn.append(f"<circle cx='{x:.1f}' cy='{y:.1f}' r='10' style='fill:#fff;stroke:#000'/>")
        drawn.append(_text(x, y + 5, str(number)))
    return drawn


def _names(shapes: Sequence[tuple[str, shapely.Geometry]], frame: _Frame, taken: list[_Box]) -> list[str]:
    drawn = []
    for name, shape in shapes:
        text = f"★ {name}"
        size = (_LETTER * sum(0.6 if letter.isascii() else 1 for letter in text), _LETTER)
        x, y = _free(frame.middle(shape), _AROUND, size, frame, taken)
        drawn.append(_text(x, y + 5, text))
    return drawn


def _free(
    middle: tuple[float, float],
    offsets: Sequence[tuple[int, int]],
    size: tuple[float, float],
    frame: _Frame,
    taken: list[_Box],
) -> tuple[float, float]:
    """The first place by a middle where nothing is written yet; taken from now on."""
    boxes = [_Box.about(middle[0] + dx, middle[1] + dy, *size) for dx, dy in offsets]
    free = (box for box in boxes if frame.holds(box) and not any(map(box.meets, taken)))
    box = next(free, boxes[0])
    taken.append(box)
    return (box.left + box.right) / 2, (box.top + box.foot) / 2


def _scale_bar(frame: _Frame, words: Words) -> str:
    metres = next((m for m in _BARS_M if m * frame.scale < _WIDE / 4), 20)
    end, foot = 12 + metres * frame.scale, _HIGH - 10
    return (
        f"<path d='M12,{foot - 5}V{foot}H{end:.1f}V{foot - 5}' style='fill:none;stroke:#000'/>"
        + _text(end + 6, foot, f"{metres} {words('measure.m')}", anchor="start")
        + _text(_WIDE - 20, 24, f"↑ {words('sheet.north')}", anchor="end")
    )


def _text(x: float, y: float, text: str, *, anchor: str = "middle") -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' font-size='14' text-anchor='{anchor}' "
        f"style='paint-order:stroke;stroke:#fff;stroke-width:3'>{escape(text)}</text>"
    )
