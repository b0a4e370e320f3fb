"""The map as a drawing for paper and for the wall: SVG made on the server, sharp at any size."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import geopandas as gpd
import numpy as np
import shapely
from markupsafe import Markup, escape
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from analysis.indicators.classes import Method
from analysis.indicators.registry import THEMES
from app.i18n import Words
from app.maps.admin_units import PLACE_INDICATORS, make_place_bands, make_theme_places, read_admin_units
from app.maps.layers import area_outlines
from app.maps.leaders import make_led_points, make_spokes
from app.maps.palettes import MET
from app.maps.themes import AREAS, LegendClass, MapTheme, pick_area_colours
from app.workbench.scenario import BASE_SCENARIO, Scenario
from app.workbench.workbench import Workbench

WIDTH, HEIGHT = 1200.0, 800.0
_MARGIN = 24.0
_THUMB_WIDTH, _THUMB_HEIGHT, _THUMB_MARGIN = 380.0, 200.0, 6.0
_MOST_NAMES = 60
_NEXT_M = 300.0
"""Metres a unit is from the next, about: where a sign has no room within them, signs are left out."""
TEXT_ON = {"A4": 20.0, "A3": 13.0}
"""Size of text in units of the drawing: 12 px and more where it is printed on a sheet of a paper."""
_PATTERNS = ("", "dots", "bars", "grid", "posts", "slopes", "cross", "rings", "dashes")
"""What tells classes of names apart in grey print, in the order of the legend; the first is plain."""

_LINES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("river", "canal"), 'stroke="#74aede" stroke-width="4"'),
    (("arterial",), 'stroke="#c9b68f" stroke-width="1.6"'),
    (("expressway",), 'stroke="#8a5a1e" stroke-width="3"'),
    (("railway",), 'stroke="#2b2f36" stroke-width="2.4" stroke-dasharray="7 4"'),
    (("factory_wall", "closed_park"), 'stroke="#5d5348" stroke-width="1.2" stroke-dasharray="1.5 2"'),
)


@dataclass(frozen=True)
class Frame:
    """What part of the ground is drawn, and how large.

    Parameters
    ----------
    west, south, east, north
        Of the ground, metres in the metric CRS.
    text
        Size of text, units of the drawing; of `TEXT_ON`.
    width, height, margin
        Of the drawing, in its units.
    """

    west: float
    south: float
    east: float
    north: float
    text: float = TEXT_ON["A4"]
    width: float = WIDTH
    height: float = HEIGHT
    margin: float = _MARGIN

    @property
    def scale(self) -> float:
        """Units of the drawing a metre."""
        return min(
            (self.width - 2 * self.margin) / max(self.east - self.west, 1.0),
            (self.height - 2 * self.margin) / max(self.north - self.south, 1.0),
        )

    def to_paper(self, ground: NDArray[np.float64]) -> NDArray[np.float64]:
        """(k, 2) metres to (k, 2) units of the drawing, y downwards, the ground in its middle."""
        middle = np.array([(self.west + self.east) / 2, (self.south + self.north) / 2])
        return np.array([self.width / 2, self.height / 2]) + (ground - middle) * self.scale * [1, -1]


def make_frame(bench: Workbench, degrees: Sequence[float] | None = None, paper: str = "A4") -> Frame:
    """The whole of the units, or what lies between west, south, east and north in degrees.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    degrees
        West, south, east, north; None = the whole.
    paper
        "A4" or "A3".
    """
    west, south, east, north = _extent(bench, degrees)
    return Frame(west, south, east, north, TEXT_ON[paper])


def _extent(bench: Workbench, degrees: Sequence[float] | None) -> Sequence[float]:
    shapes = bench.units.geometry.dropna()
    if degrees is not None:
        west, south, east, north = degrees
        box = gpd.GeoSeries([shapely.box(west, south, east, north)], crs="EPSG:4326")
        shapes = box.to_crs(bench.units.crs)
    return (0.0, 0.0, 1.0, 1.0) if shapes.empty else shapes.total_bounds.tolist()


def draw_unit_map(bench: Workbench, theme: MapTheme, frame: Frame, title: str, hidden: Collection[str] = ()) -> Markup:
    """The units in the colours of a theme, with barriers and streets, the areas around them.

    Those whose fill is hidden are drawn faintly, as on the screen.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    theme
        Of the map.
    frame
        Where degrees go on the paper.
    title
        What is read out.
    hidden
        Keys of classes that are hidden.
    """
    shapes = bench.units.geometry.to_numpy()
    parts = [*_ground(bench, frame)]
    for number, fill in enumerate(theme.palette):
        own = shapes[theme.class_of == number]
        parts.append(_filled(own, frame, fill, class_pattern(theme, number), hidden))
    parts += [*_streets(bench, frame), *_areas(bench, theme, frame)]
    return _drawing(parts, frame, title)


def draw_place_map(
    bench: Workbench,
    places: gpd.GeoDataFrame,
    looks: Sequence[tuple[str, str]],
    texts: Sequence[str],
    frame: Frame,
    title: str,
    hidden: Collection[str] = (),
) -> Markup:
    """Whole places in their colours and patterns, each with its name and value.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    places
        p places, metric CRS.
    looks
        p colours and patterns.
    texts
        p values as text.
    frame
        Where degrees go on the paper.
    title
        What is read out.
    hidden
        Keys of classes that are hidden.
    """
    parts = [*_ground(bench, frame)]
    shapes = places.geometry.to_numpy()
    for shape, (fill, pattern) in zip(shapes, looks, strict=True):
        parts.append(_filled(np.array([shape], dtype=object), frame, fill, pattern, hidden))
    parts.append(_path(shapes, frame, 'fill="none" stroke="#1d2b3a" stroke-width="1.6"'))
    for spot, text in zip(find_label_points(shapes, frame)[0], texts, strict=True):
        parts.append(_text(spot, frame, text))
    return _drawing(parts, frame, title)


def has_places(bench: Workbench, key: str, level: str) -> bool:
    """Whether a theme has a figure for the places of a level, and any of them has a shape.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    key
        Of the theme.
    level
        What places are: "district", "street" …
    """
    return level in read_admin_units(bench).levels and key in PLACE_INDICATORS


def draw_place_theme(
    bench: Workbench,
    key: str,
    level: str,
    frame: Frame,
    title: str,
    words: Words,
    method: Method = "policy",
    scenario: Scenario = BASE_SCENARIO,
    hidden_bands: Collection[str] = (),
) -> tuple[Markup, tuple[LegendClass, ...]]:
    """The drawing of a theme at a level as the reader turned it, and its legend.

    Parameters
    ----------
    hidden_bands
        Keys of the classes drawn faintly.
    """
    places = read_admin_units(bench).frame
    chosen = (places["level"] == level).to_numpy()
    record = make_theme_places(bench, key, scenario)
    rows = record.get(f"{key}~{method}", record[key])
    own = [row for row, there in zip(rows, chosen, strict=True) if there]
    names = [name if isinstance(name, str) else "" for name in places["name"][chosen]]
    texts = ["\n".join(filter(None, [name, row[2]])) for name, row in zip(names, own, strict=True)]
    bands = make_place_bands(bench, key, level, words, scenario, method)
    pattern = {band.colours[0]: place_pattern(band) for band in bands}
    looks = [(row[0], pattern[row[0]]) for row in own]
    hidden = {band.colours[0] for band in bands if band.key in hidden_bands}
    return draw_place_map(bench, places[chosen], looks, texts, frame, title, hidden), bands


@lru_cache(maxsize=8)
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
    west, south, east, north = shapely.total_bounds(shapes[placed])
    frame = Frame(west, south, east, north, width=_THUMB_WIDTH, height=_THUMB_HEIGHT, margin=_THUMB_MARGIN)
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
    return "".join(_line(ring, frame, closed=True) for ring in rings)


def _thumbnail(body: str) -> str:
    size = f"{_THUMB_WIDTH:g} {_THUMB_HEIGHT:g}"
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}">'
        '<defs><pattern id="h" width="4" height="4" patternUnits="userSpaceOnUse">'
        '<rect width="4" height="4" fill="#fff"/><path d="M0 4L4 0" stroke="#57626e"/></pattern>'
        "</defs><g stroke='#44505e' stroke-width='.3'>"
        f"<rect width='{_THUMB_WIDTH:g}' height='{_THUMB_HEIGHT:g}' fill='#f4f6f8' stroke='none'/>{body}</g></svg>"
    )
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def class_pattern(theme: MapTheme, number: int) -> str:
    """The pattern of a class for grey print, by its number in the palette.

    Areas are distinguished by their outlines and numbers, classes of numbers by lightness; what is no
    number among them has dots.

    Parameters
    ----------
    theme
        Of the map.
    number
        Of the class, from 0.
    """
    if theme.key == AREAS:
        return "lines" if number in theme.class_of[theme.hatched] else ""
    band = theme.bands[number]
    if band.hatched:
        return "lines"
    if theme.method is not None:
        return place_pattern(band) if theme.base in MET else "dots" if band.key in _kept(theme.base) else ""
    return _PATTERNS[[one.key for one in theme.bands if not one.hatched].index(band.key)]


def place_pattern(band: LegendClass) -> str:
    """The pattern of a class of numbers for grey print: dots on what does not meet its target."""
    return "lines" if band.hatched else "cross" if band.key == "no_ports" else "dots" if band.is_met is False else ""


def _kept(base: str) -> tuple[str, ...]:
    return next(theme.kept for theme in THEMES if theme.key == base)


def draw_swatch(band: LegendClass, pattern: str) -> Markup:
    """The sign of a class in a legend.

    Parameters
    ----------
    band
        The class.
    pattern
        Its pattern for grey print.
    """
    step = 30 / len(band.colours)
    boxes = "".join(
        f'<rect x="{k * step:.1f}" width="{step:.1f}" height="18" fill="{colour}"/>'
        for k, colour in enumerate(band.colours)
    )
    over = f'<rect width="30" height="18" fill="url(#{pattern})"/>' if pattern else ""
    return Markup(
        '<svg class="swatch" width="30" height="18" viewBox="0 0 30 18" aria-hidden="true">'
        f'{boxes}{over}<rect x=".5" y=".5" width="29" height="17" fill="none" stroke="#44505e"/></svg>'
    )


def draw_patterns() -> Markup:
    """The definitions of the patterns, once a page."""
    ink = 'stroke="#1d2b3a" stroke-width="1.1" fill="none"'
    shapes = {
        "lines": f'<path d="M-2 8L8 -2M0 12L12 0" {ink}/>',
        "dots": '<circle cx="3" cy="3" r="1.1" fill="#1d2b3a"/>',
        "bars": f'<path d="M0 4H8" {ink}/>',
        "grid": f'<path d="M0 4H8M4 0V8" {ink}/>',
        "posts": f'<path d="M4 0V8" {ink}/>',
        "slopes": f'<path d="M10 8L0 -2M8 12L-4 0" {ink}/>',
        "cross": f'<path d="M-1 -1L9 9M-1 9L9 -1" {ink}/>',
        "rings": f'<circle cx="4" cy="4" r="2.4" {ink}/>',
        "dashes": f'<path d="M0 2H4M4 6H8" {ink}/>',
    }
    inner = "".join(
        f'<pattern id="{name}" width="8" height="8" patternUnits="userSpaceOnUse">{shape}</pattern>'
        for name, shape in shapes.items()
    )
    return Markup(f'<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>{inner}</defs></svg>')


def _drawing(parts: Iterable[str], frame: Frame, title: str) -> Markup:
    return Markup(
        f'<svg class="plate-map" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-label="{escape(title)}" '
        'preserveAspectRatio="xMidYMid meet">'
        f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="#f6f5f1"/>{"".join(parts)}{_scale_bar(frame)}</svg>'
    )


def _ground(bench: Workbench, frame: Frame) -> list[str]:
    roads, barriers = bench.dataset.layer("roads"), bench.dataset.layer("barriers")
    parts = []
    if len(roads):
        parts.append(_path(roads.geometry, frame, 'fill="none" stroke="#ffffff" stroke-width="1.4"'))
    for kinds, look in _LINES:
        own = barriers[barriers["kind"].isin(kinds)].geometry if len(barriers) else barriers.geometry
        is_ground = own.geom_type.isin(("Polygon", "MultiPolygon"))
        water = "#a8cdea" if "river" in kinds else "#cfc9c0"
        parts.append(_path(own[is_ground], frame, f'fill="{water}"'))
        parts.append(_path(own[~is_ground], frame, f'fill="none" {look}'))
    return parts


def _streets(bench: Workbench, frame: Frame) -> list[str]:
    streets = bench.dataset.layer("streets").dropna(subset=["geometry"])
    if streets.empty:
        return []
    look = 'fill="none" stroke="#6a4c93" stroke-width="1.2" stroke-dasharray="7 3 2 3"'
    names = [
        _text(spot, frame, name, fill="#57407c")
        for spot, name in zip(find_label_points(streets.geometry, frame)[0], streets["name"], strict=True)
    ]
    return [_path(streets.geometry, frame, look), *(names if len(names) <= _MOST_NAMES else [])]


def _areas(bench: Workbench, theme: MapTheme, frame: Frame) -> list[str]:
    if not bench.areas:
        return []
    outlines = area_outlines(bench).geometry
    width = "2" if theme.key == AREAS else "1.2"
    parts = [_path(outlines, frame, f'fill="none" stroke="#1d2b3a" stroke-width="{width}"')]
    if theme.key == AREAS:
        parts += _leaders(bench, frame)
        parts += [
            _text(spot, frame, str(number))
            for number, (spot, room) in enumerate(zip(*find_label_points(outlines, frame), strict=True), 1)
            if room > 0.7 * frame.text  # a number needs room
        ]
    return parts


def _leaders(bench: Workbench, frame: Frame) -> list[str]:
    """Stars of leaders, spokes to whom they lead, open circles where nobody leads; none where all would be confetti."""
    if frame.scale * _NEXT_M < frame.text:
        return []
    spokes, points = make_spokes(bench), make_led_points(bench)
    stars = bench.units.iloc[list(bench.followers)].geometry.dropna().representative_point()
    parts = [
        _path(spokes.geometry, frame, 'fill="none" stroke="#fff" stroke-width="3.6"'),
        _path(
            spokes.geometry,
            frame,
            'fill="none" stroke="#123f66" stroke-width="1.8" stroke-dasharray="1 4" stroke-linecap="round"',
        ),
    ]
    for is_led, look in (
        (True, 'fill="#123f66" stroke="#fff"'),
        (False, 'fill="#fff" stroke="#b3401c" stroke-width="2.4"'),
    ):
        chosen = points.geometry[points["is_led"] == is_led]
        parts += [_circle(spot, frame, look) for spot in chosen]
    return [*parts, *(_text(spot, frame, "★") for spot in stars)]


def _circle(point: BaseGeometry, frame: Frame, look: str) -> str:
    ((x, y),) = frame.to_paper(shapely.get_coordinates(point)).tolist()
    inside = 0 <= x <= WIDTH and 0 <= y <= HEIGHT
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{0.22 * frame.text:.1f}" {look}/>' if inside else ""


def find_label_points(shapes: Iterable[BaseGeometry], frame: Frame) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Where a text has most room in each shape, and how much: the largest circle inside, its radius on paper.

    Parameters
    ----------
    shapes
        Polygons, metric CRS.
    frame
        Where degrees go on the paper.
    """
    radii = shapely.maximum_inscribed_circle(np.asarray(list(shapes), dtype=object), 1 / frame.scale)
    return shapely.get_point(radii, 0), shapely.length(radii) * frame.scale


def _filled(shapes: NDArray[np.object_], frame: Frame, fill: str, pattern: str, hidden: Collection[str]) -> str:
    look = f'fill="{fill}" stroke="#5b6672" stroke-width=".5"'
    if fill in hidden:
        return _path(shapes, frame, f'{look} fill-opacity=".06"')
    over = _path(shapes, frame, f'fill="url(#{pattern})"') if pattern else ""
    return _path(shapes, frame, look) + over


def _path(shapes: Iterable[BaseGeometry], frame: Frame, look: str) -> str:
    """Many shapes as one path: what lies outside the frame is left out, details below half a unit too."""
    view = shapely.box(frame.west, frame.south, frame.east, frame.north).buffer(60 / frame.scale)
    found = np.asarray(list(shapes), dtype=object)
    found = found[~shapely.is_missing(found)]
    found = found[shapely.intersects(found, view)]
    if not len(found):
        return ""
    thin = shapely.simplify(found, 0.5 / frame.scale)
    rings: list[str] = []
    for part in shapely.get_parts(thin).tolist():
        closed = part.geom_type == "Polygon"
        lines = [part.exterior, *part.interiors] if closed else [part]
        rings += [_line(line, frame, closed=closed) for line in lines if line.geom_type != "Point"]
    return f'<path d="{"".join(rings)}" {look} fill-rule="evenodd"/>' if rings else ""


def _line(line: BaseGeometry, frame: Frame, *, closed: bool) -> str:
    points = frame.to_paper(shapely.get_coordinates(line))
    text = "L".join(f"{x:.1f} {y:.1f}" for x, y in points.tolist())
    return f"M{text}{'Z' if closed else ''}"


def _text(point: BaseGeometry, frame: Frame, text: str | None, *, fill: str = "#000") -> str:
    if not text:
        return ""
    ((x, y),) = frame.to_paper(shapely.get_coordinates(point)).tolist()
    if not (0 <= x <= WIDTH and 0 <= y <= HEIGHT):
        return ""
    lines = str(text).split("\n")
    y -= 0.575 * frame.text * (len(lines) - 1)  # all of them around the point
    spans = "".join(
        f'<tspan x="{x:.1f}" dy="{0 if k == 0 else 1.15 * frame.text:.1f}">{escape(line)}</tspan>'
        for k, line in enumerate(lines)
    )
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{frame.text:g}" text-anchor="middle" dominant-baseline="middle" '
        f'fill="{fill}" stroke="#fff" stroke-width="3.2" paint-order="stroke" stroke-linejoin="round">{spans}</text>'
    )


def _scale_bar(frame: Frame) -> str:
    """A bar of a round length, and an arrow to the north."""
    room = 180 / frame.scale
    power = 10 ** np.floor(np.log10(room))
    metres = next(step * power for step in (5, 2, 1) if step * power <= room)
    length = metres * frame.scale
    text = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    y = HEIGHT - 18
    return (
        f'<g font-size="{frame.text:g}" fill="#1d2b3a"><rect x="12" y="{y - 10 - frame.text:g}" '
        f'width="{length + 24:.0f}" height="{frame.text + 22:g}" '
        f'fill="#fff" fill-opacity=".85"/><path d="M24 {y - 4:g}v8h{length:.1f}v-8" fill="none" stroke="#1d2b3a" '
        f'stroke-width="1.6"/><text x="{24 + length / 2:.1f}" y="{y - 8:g}" text-anchor="middle">{text}</text>'
        f'<path d="M{WIDTH - 30:g} 52l-9 -4l9 -32l9 32z"/>'
        f'<text x="{WIDTH - 30:g}" y="{56 + frame.text:g}" text-anchor="middle">N</text></g>'
    )
