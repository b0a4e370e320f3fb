"""A theme, a plan or what it leaves over as a drawing, with names, scale and the signs its legend must explain."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from markupsafe import Markup, escape
from shapely.geometry.base import BaseGeometry

from analysis.indicators.classes import Method
from app.drawings.frames import UNITS_A_PT, Frame, find_nearest
from app.drawings.ground import draw_barriers, draw_ground, draw_streets, name_lines, name_streets
from app.drawings.names import Box, Name, draw_name, place_names
from app.drawings.patterns import class_pattern, place_pattern
from app.drawings.pins import Pin, draw_pins
from app.drawings.strokes import draw_circle, draw_filled, draw_path, find_label_points, pick_seen
from app.i18n import Words
from app.maps.admin_units import PLACE_INDICATORS, make_place_bands, make_theme_places, read_admin_units
from app.maps.layers import area_outlines
from app.maps.leaders import make_led_points, make_spokes
from app.maps.themes import AREAS, LegendClass, MapTheme
from app.workbench.scenario import BASE_SCENARIO, Scenario
from app.workbench.workbench import Workbench
from geo.schema import ESTIMATED_GROUND

_NEXT_M = 300.0
"""Metres a unit is from the next, about: where a sign has no room within them, signs are left out."""
_NAMED = 8
"""Units next to one alone whose names are written."""
_CROWD = 200
"""Areas of which more are seen at once are drawn thin, or their outlines run together."""
_LEAST_ROOM = 3.0
"""Units of a drawing within an area: with less it is not seen, and where it is no crowd it gets a dot."""
_CORNER_PT = 9.0
"""Least size of the scale and of the north on paper: 12 px of a screen."""
_STAR, _INK, _GAP = "#a5501b", "#1d2b3a", "#b3401c"
_LED, _LEAD = "#a9cbe4", "#e7b48f"
LEFT_OVER, UNLED = "#8C510A", "#EBB968"
"""What a plan leaves over: units in no area, units in an area without a leader."""


@dataclass(frozen=True)
class Drawing:
    """A map that is drawn.

    Parameters
    ----------
    svg
        It, with what is read out.
    signs
        Keys of the signs on it, next to the classes of its theme: `legend.<key>` of `app.i18n`.
    names
        The names on it.
    """

    svg: Markup
    signs: tuple[str, ...]
    names: tuple[Name, ...]


def draw_unit_map(
    bench: Workbench,
    theme: MapTheme,
    frame: Frame,
    title: str,
    words: Words,
    hidden: Collection[str] = (),
    labels: Sequence[tuple[BaseGeometry, str]] = (),
    pins: Sequence[Pin] = (),
) -> Drawing:
    """The units in the colours of a theme, the areas around them, on the ground they stand on.

    Those whose fill is hidden are drawn faintly, as on the screen.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    theme
        Of the map.
    frame
        Where metres go on the drawing.
    title
        What is read out.
    words
        Texts in the reader's language.
    hidden
        Colours of classes that are hidden.
    labels
        Points and what is written there, instead of the numbers of areas.
    pins
        What leads to something said of a place.
    """
    shapes = bench.units.geometry.to_numpy()
    estimated = bench.units["geom_quality"].isin(ESTIMATED_GROUND).to_numpy()
    parts = [
        draw_filled(shapes[own], frame, fill, class_pattern(theme, number), hidden, is_estimated=is_estimated)
        for number, fill in enumerate(theme.palette)
        for is_estimated in (True, False)
        for own in [(theme.class_of == number) & (estimated == is_estimated)]
        if own.any() or not is_estimated
    ]
    over, signs, taken, numbers = _areas(bench, frame, is_own=theme.key == AREAS)
    if labels:
        points = frame.to_paper(shapely.get_coordinates([point for point, _ in labels])).tolist()
        numbers = [Name(x, y, (text,), frame.text, _INK) for (x, y), (_, text) in zip(points, labels, strict=True)]
    signs = (*(["estimated"] if estimated.any() else []), *signs)
    marks, covered = draw_pins(pins, frame)
    over, taken = [*over, *marks], [*taken, *covered]
    role = "group" if marks else "img"  # an image has no links in it
    return _finish(bench, frame, title, words, parts, over, signs, taken, numbers, role=role)


def label_members(bench: Workbench, members: Sequence[int], frame: Frame) -> list[tuple[BaseGeometry, str]]:
    """The numbers of the units of an area; of one unit alone its name and those of the nearest, below them.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    members
        Positions of the units, in the order of their numbers.
    frame
        Where metres go on the drawing.
    """
    shapes = bench.units.geometry.to_numpy()
    points = shapely.point_on_surface(shapes[list(members)])
    labels = [(point, f"{k}") for k, point in enumerate(points, 1) if point is not None]
    if len(members) > 1:
        return labels
    near = [*members, *find_nearest(bench, members[0], _NAMED)]
    below = -1.4 * frame.text * frame.metres
    for unit in near:
        name, point = bench.units["name"].iloc[unit], shapely.point_on_surface(shapes[unit])
        if isinstance(name, str) and point is not None:
            labels.append((shapely.Point(point.x, point.y + below), name))
    return labels


def draw_own_map(
    bench: Workbench, members: Sequence[int], leaders: Collection[int], frame: Frame, title: str, words: Words
) -> Drawing:
    """Some units alone, numbered in their order, on the ground they stand on; of other units nothing.

    Parameters
    ----------
    bench
        The dataset that a page shows.
    members
        Positions of the units.
    leaders
        Positions of those that lead others.
    frame
        Where metres go on the drawing.
    title
        What is read out.
    words
        Texts in the reader's language.
    """
    shapes = bench.units.geometry.to_numpy()
    placed = [(number, unit) for number, unit in enumerate(members, 1) if shapes[unit] is not None]
    led = [shapes[unit] for _, unit in placed if unit not in leaders]
    lead = [shapes[unit] for _, unit in placed if unit in leaders]
    parts = [draw_filled(led, frame, _LED, "", ()), draw_filled(lead, frame, _LEAD, "", ())]
    spots = frame.to_paper(shapely.get_coordinates(shapely.point_on_surface([shapes[unit] for _, unit in placed])))
    names = [
        Name(x, y, (f"{number}",), frame.text, _INK, is_fixed=True)
        for (number, _), (x, y) in zip(placed, spots.tolist(), strict=True)
    ]
    return _finish(bench, frame, title, words, parts, [], (), [], names)


def draw_rest_map(bench: Workbench, frame: Frame, title: str, words: Words) -> Drawing:
    """What a plan leaves over, pointed out: units in no area, and units in an area without a leader.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    frame
        Where metres go on the drawing.
    title
        What is read out.
    words
        Texts in the reader's language.
    """
    shapes = bench.units.geometry.to_numpy()
    parts = [draw_path(shapes, frame, 'fill="#e9ebee" stroke="#c3c9d0" stroke-width=".4"')]
    outlines = area_outlines(bench).geometry if bench.areas else []
    parts.append(draw_path(outlines, frame, 'fill="none" stroke="#8aa0ac" stroke-width=".8"'))
    radius = 0.22 * frame.text
    for positions, fill, pattern in (
        (list(bench.unled_reasons), UNLED, ""),
        (bench.left_over.tolist(), LEFT_OVER, "lines"),
    ):
        own = bench.units.geometry.iloc[positions].dropna()
        parts.append(draw_filled(own, frame, fill, pattern, ()))
        spots = own.representative_point()
        parts += [
            draw_circle(spot, frame, radius, f'fill="{fill}" stroke="{_INK}" stroke-width=".5"') for spot in spots
        ]
    return _finish(bench, frame, title, words, parts, [], ("area_hair",), [], [])


def draw_place_map(
    bench: Workbench,
    places: gpd.GeoDataFrame,
    looks: Sequence[tuple[str, str]],
    texts: Sequence[str],
    frame: Frame,
    title: str,
    words: Words,
    hidden: Collection[str] = (),
    *,
    has_hairs: bool = False,
) -> Drawing:
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
        p names and values, in lines.
    frame
        Where metres go on the drawing.
    title
        What is read out.
    words
        Texts in the reader's language.
    hidden
        Colours of classes that are hidden.
    has_hairs
        Whether the areas are drawn as hairlines.
    """
    shapes = places.geometry.to_numpy()
    parts = [
        draw_filled([shape], frame, fill, pattern, hidden) for shape, (fill, pattern) in zip(shapes, looks, strict=True)
    ]
    over = [draw_path(shapes, frame, 'fill="none" stroke="#fff" stroke-width="2.2"')]
    signs: tuple[str, ...] = ()
    if has_hairs and bench.areas:
        over.append(draw_path(area_outlines(bench).geometry, frame, 'fill="none" stroke="#3f5a66" stroke-width=".6"'))
        signs = ("area_hair",)
    spots, _ = find_label_points(shapes, frame)
    points = frame.to_paper(shapely.get_coordinates(spots)).tolist()
    names = [
        Name(x, y, tuple(text.split("\n")), frame.text)
        for (x, y), text in zip(points, texts, strict=True)
        if text and 0 <= x <= frame.width and 0 <= y <= frame.height
    ]
    return _finish(bench, frame, title, words, parts, over, signs, [], names, has_streets=False)


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
    return level in read_admin_units(bench.context).levels and key in PLACE_INDICATORS


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
) -> tuple[Drawing, tuple[LegendClass, ...]]:
    """The drawing of a theme at a level as the reader turned it, and its legend.

    Parameters
    ----------
    hidden_bands
        Keys of the classes drawn faintly.
    """
    places = read_admin_units(bench.context).frame
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
    drawn = draw_place_map(
        bench, places[chosen], looks, texts, frame, title, words, hidden, has_hairs=key == AREAS and level == "street"
    )
    return drawn, bands


def _finish(
    bench: Workbench,
    frame: Frame,
    title: str,
    words: Words,
    parts: Sequence[str],
    over: Sequence[str],
    signs: Sequence[str],
    taken: Sequence[Box],
    names: Sequence[Name],
    *,
    has_streets: bool = True,
    role: str = "img",
) -> Drawing:
    """Ground below, barriers above, names on top where they have room."""
    barriers, barrier_signs = draw_barriers(bench, frame)
    streets = draw_streets(bench, frame) if has_streets else ""
    corner, corner_boxes = _corner(frame, words)
    wanted = [*names, *(name_streets(bench, frame) if has_streets else []), *name_lines(bench, frame)]
    placed = place_names(wanted, frame, [*taken, *corner_boxes])
    body = "".join([*draw_ground(bench, frame), *parts, *barriers, streets, *over, *map(draw_name, placed), corner])
    svg = Markup(  # noqa: S704 - names are escaped where they are drawn
        f'<svg class="plate-map" viewBox="0 0 {frame.width:g} {frame.height:g}" role="{role}" '
        f'aria-label="{escape(title)}" preserveAspectRatio="xMidYMid meet" font-family="inherit">'
        f'<rect width="{frame.width:g}" height="{frame.height:g}" fill="#f6f5f1"/>{body}</svg>'
    )
    return Drawing(svg, (*signs, *(["street"] if streets else []), *barrier_signs), placed)


def _areas(bench: Workbench, frame: Frame, *, is_own: bool) -> tuple[list[str], tuple[str, ...], list[Box], list[Name]]:
    """Outlines, leaders and numbers: what is drawn, its signs, what it covers, and the numbers wanted.

    Over another theme outlines are pale and alone.
    """
    if not bench.areas:
        return [], (), [], []
    outlines = area_outlines(bench).geometry
    if not is_own:
        return [draw_path(outlines, frame, 'fill="none" stroke="#7b8894" stroke-width="1"')], ("area_hair",), [], []
    seen = np.flatnonzero(outlines.intersects(shapely.box(frame.west, frame.south, frame.east, frame.north)))
    spots, room = find_label_points(outlines.iloc[seen], frame)
    points = frame.to_paper(shapely.get_coordinates(spots)).tolist()
    is_crowd = len(seen) > _CROWD
    is_dot = (room < _LEAST_ROOM) & (not is_crowd)
    numbers = [
        Name(x + dot * frame.text, y, (str(number + 1),), frame.text, _INK)
        for number, (x, y), free, dot in zip(seen.tolist(), points, room.tolist(), is_dot.tolist(), strict=True)
        if (dot or free > 0.7 * frame.text) and 0 <= x <= frame.width and 0 <= y <= frame.height
    ]
    over = [draw_path(outlines, frame, f'fill="none" stroke="{_INK}" stroke-width="{0.5 if is_crowd else 1.6}"')]
    over += [draw_circle(spot, frame, _LEAST_ROOM, f'fill="{_INK}" stroke="#fff"') for spot in spots[is_dot]]
    leaders, signs, taken = _leaders(bench, frame)
    return [*over, *leaders], (*(["area_number"] if numbers else ["area_hair"]), *signs), taken, numbers


def _leaders(bench: Workbench, frame: Frame) -> tuple[list[str], list[str], list[Box]]:
    """Stars of leaders, spokes to whom they lead, open circles where nobody leads; none where all would be confetti."""
    if not bench.followers or frame.scale * _NEXT_M < frame.text:
        return [], [], []
    spokes, points = make_spokes(bench), make_led_points(bench)
    thread = 'fill="none" stroke="#123f66" stroke-width="1.5" stroke-dasharray="1 3.4" stroke-linecap="round"'
    parts = [draw_path(spokes.geometry, frame, 'fill="none" stroke="#fff" stroke-width="3"')]
    parts.append(draw_path(spokes.geometry, frame, thread))
    unled = points.geometry[~points["is_led"].to_numpy(dtype=bool)]
    led = points.geometry[points["is_led"].to_numpy(dtype=bool)]
    open_look = f'fill="#fff" stroke="{_GAP}" stroke-width="{frame.text / 9:.1f}"'
    parts += [draw_circle(spot, frame, 0.17 * frame.text, 'fill="#123f66" stroke="#fff"') for spot in led]
    parts += [draw_circle(spot, frame, 0.22 * frame.text, open_look) for spot in unled]
    stars = bench.units.iloc[list(bench.followers)].geometry.dropna().representative_point()
    seen = pick_seen(stars, frame, 0.0)
    radius, taken = 0.5 * frame.text, []
    for x, y in frame.to_paper(shapely.get_coordinates(seen)).tolist():
        parts.append(f'<path d="{_star(x, y, radius)}" fill="{_STAR}" stroke="#fff" stroke-width=".8"/>')
        taken.append((x - radius, y - radius, x + radius, y + radius))
    return parts, ["anchor", "spoke", *(["unled"] if len(pick_seen(unled, frame, 0.0)) else [])], taken


def _star(x: float, y: float, radius: float) -> str:
    """A star of five points, drawn, since not every font has one."""
    angles = np.radians(-90 + 36 * np.arange(10))
    radii = np.where(np.arange(10) % 2, 0.42 * radius, radius)
    points = "L".join(f"{x + r * np.cos(a):.1f} {y + r * np.sin(a):.1f}" for r, a in zip(radii, angles, strict=True))
    return f"M{points}Z"


def _corner(frame: Frame, words: Words) -> tuple[str, list[Box]]:
    """A bar of a round length, the scale, and an arrow to the north; and what they cover."""
    room = frame.width / 5 / frame.scale
    power = 10 ** np.floor(np.log10(room))
    metres = next(step * power for step in (5, 2, 1) if step * power <= room)
    text = max(frame.text, _CORNER_PT * UNITS_A_PT) if frame.denominator else frame.text
    length = metres * frame.scale
    told = f"{metres / 1000:g} {words('map.kilometres')}" if metres >= 1000 else f"{metres:g} {words('map.metres')}"
    if frame.denominator:
        told = f"1:{frame.denominator:,}　{told}"
    y, right = frame.height - 0.7 * text, frame.width - 1.6 * text
    wide = max(length, len(told) * 0.62 * text) + 1.6 * text
    box = (0.4 * text, y - 1.9 * text, 0.4 * text + wide, y + 0.4 * text)
    arrow = (right - text, 0.4 * text, right + text, 4 * text)
    svg = (
        f'<g font-size="{text:.1f}" fill="{_INK}"><rect x="{box[0]:.1f}" y="{box[1]:.1f}" width="{wide:.1f}" '
        f'height="{2.3 * text:.1f}" fill="#fff" fill-opacity=".85"/>'
        f'<path d="M{1.2 * text:.1f} {y - 0.5 * text:.1f}v{0.5 * text:.1f}h{length:.1f}v{-0.5 * text:.1f}" fill="none" '
        f'stroke="{_INK}" stroke-width="1.4"/>'
        f'<text class="scale" x="{1.2 * text:.1f}" y="{y - 0.75 * text:.1f}">{told}</text>'
        f'<path d="M{right:.1f} {2.8 * text:.1f}l{-0.55 * text:.1f} {0.25 * text:.1f}l{0.55 * text:.1f} '
        f'{-2.4 * text:.1f}l{0.55 * text:.1f} {2.4 * text:.1f}z"/>'
        f'<text class="north" x="{right:.1f}" y="{3.9 * text:.1f}" text-anchor="middle">{words("map.north")}</text></g>'
    )
    return svg, [box, arrow]
