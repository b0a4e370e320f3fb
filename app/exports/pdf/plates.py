"""The plates of a plan: overview, themes, what is left, one a street, one an area."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from app.desks.prints.print_sheet import describe_places, make_legend, make_rest_classes
from app.drawings.frames import Frame, Paper, frame_ground, surround
from app.drawings.patterns import class_pattern, place_pattern
from app.drawings.plan_map import Drawing, draw_place_theme, draw_rest_map, draw_unit_map, has_places, label_members
from app.exports.request import ExportPart, ExportRequest, note_hidden
from app.i18n import Words, load_words
from app.maps.themes import AREAS, LegendClass, MapTheme, make_themes
from app.workbench.formats import MISSING, format_count
from app.workbench.scenario import BASE_SCENARIO

_THEMES = ("professional_coverage", "ebike_ports", "unmanaged_single_buildings", "old_service")
_ROOM_M = 80.0
"""Ground shown around an area, metres, and at least a fifth of its extent."""
_MEMBER_COLUMNS = ("name", "role_label", "leader_name", "households", "floor_area_m2")


@dataclass(frozen=True)
class Plate:
    """One page.

    Parameters
    ----------
    title
        What it shows, and where.
    caption
        What the colours mean.
    svg
        The map.
    denominator
        N of 1:N.
    legend
        (sign, name, count).
    facts
        Label and value, of the area of the page.
    head, rows
        Its members as a table.
    """

    title: str
    caption: str
    svg: Markup
    denominator: int
    legend: tuple[tuple[Markup, str, str], ...]
    facts: tuple[tuple[str, str], ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def list_plates(request: ExportRequest, part: ExportPart, paper: Paper) -> Iterator[Plate]:
    """The pages of a part of a plan, in order.

    Parameters
    ----------
    request
        What is exported.
    part
        The city, a district or a street.
    paper
        The sheet.
    """
    shapes = part.units.geometry.dropna()
    if shapes.empty:
        return
    zh, en = load_words("zh"), load_words("en")
    areas = make_themes(request.bench, zh, en, ())[0]
    whole = frame_ground(shapes.total_bounds.tolist(), paper)
    name = part.name or request.words("plates.whole")
    if part.level != "street":
        yield _street_plate(request, areas, request.words("plates.areas", name=name), whole)
        for key in (AREAS, *_THEMES):
            if has_places(request.bench, key, "street"):
                yield _theme_plate(request, key, name, whole)
    yield _rest_plate(request, part, name, whole)
    streets = part.units["street_code"].dropna().unique().tolist()
    for code in sorted(streets):
        own = part.units.loc[part.units["street_code"] == code].geometry.dropna()
        if len(own):
            title = request.words("plates.street", name=request.street_names.get(str(code), str(code)))
            members = [request.bench.position_of[unit] for unit in part.units["unit_id"][own.index]]
            yield _street_plate(
                request, areas, title, frame_ground(surround(request.bench, members, _ROOM_M, 0.1), paper)
            )
    for number in part.areas["area_number"].tolist():
        yield _area_plate(request, areas, int(number) - 1, paper)


def _theme_plate(request: ExportRequest, key: str, place: str, frame: Frame) -> Plate:
    words = request.words
    title = words("plates.coverage_by_plan" if key == AREAS else f"plates.{key}", name=place)
    drawn, bands = draw_place_theme(request.bench, key, "street", frame, title, words)
    legend = make_legend([(band, place_pattern(band)) for band in bands], drawn.signs, words)
    caption = describe_places(request.bench, key, "street", words, BASE_SCENARIO)
    return Plate(title, caption, drawn.svg, _scale(frame), legend)


def _rest_plate(request: ExportRequest, part: ExportPart, place: str, frame: Frame) -> Plate:
    bench, words = request.bench, request.words
    title = words("plates.rest", name=place)
    drawn = draw_rest_map(bench, frame, title, words)
    inside = set(part.units["unit_id"].map(bench.position_of).dropna().astype(int))
    left, unled = (len(inside.intersection(units)) for units in (bench.left_over.tolist(), bench.unled_reasons))
    legend = make_legend(make_rest_classes(left, unled), drawn.signs, words)
    return Plate(title, words("plates.rest_caption"), drawn.svg, _scale(frame), legend)


def _street_plate(request: ExportRequest, theme: MapTheme, title: str, frame: Frame) -> Plate:
    words = request.words
    drawn = draw_unit_map(request.bench, theme, frame, title, words)
    caption = words("caption.areas_led" if request.bench.has_leaders_inside else "caption.areas")
    return Plate(title, caption, drawn.svg, _scale(frame), _area_legend(theme, drawn, words))


def _area_plate(request: ExportRequest, theme: MapTheme, number: int, paper: Paper) -> Plate:
    """An area: its members by their number in the table, the others faint."""
    bench, words = request.bench, request.words
    area = bench.areas[number]
    members = [bench.position_of[unit] for unit in area["unit_ids"]]
    frame = frame_ground(surround(bench, members, _ROOM_M, 0.1), paper)
    labels = label_members(bench, members, frame)
    own = {theme.palette[theme.class_of[unit]] for unit in members}
    title = words("plates.area", name=area["name"], number=number + 1)
    drawn = draw_unit_map(bench, theme, frame, title, words, set(theme.palette) - own, labels)
    table = request.units.iloc[members]
    columns = [f"{name}_shown" if f"{name}_shown" in table else name for name in _MEMBER_COLUMNS]
    rows = tuple(
        (f"{k}", *(_cell(row[column]) for column in columns)) for k, row in enumerate(table.to_dict("records"), 1)
    )
    facts = (
        (words("plates.members"), format_count(len(members))),
        (words("column.households"), _households(request, area)),
        (words("column.floor_area_m2"), format_count(area["floor_area_m2"])),
        (words("plates.code"), str(area["area_id"])),
    )
    head = ("#", *(words(f"plates.column_{column}") for column in _MEMBER_COLUMNS))
    legend = make_legend([], [sign for sign in drawn.signs if sign != "area_number"], words)
    return Plate(title, words("plates.area_caption"), drawn.svg, _scale(frame), legend, facts, head, rows)


def _households(request: ExportRequest, area: Mapping[str, Any]) -> str:
    """Of an area; how many units of it are not told to the public."""
    return " ".join(filter(None, (format_count(area["households"]), note_hidden(area, request.dataset, request.words))))


def _area_legend(theme: MapTheme, drawn: Drawing, words: Words) -> tuple[tuple[Markup, str, str], ...]:
    is_own = theme.key == AREAS
    patterns = [
        ("lines" if band.hatched else "") if is_own else class_pattern(theme, number)
        for number, band in enumerate(theme.bands)
    ]
    plain = [
        (LegendClass(b.key, b.colours, b.hatched, b.zh, b.en, b.n_units), p)
        for b, p in zip(theme.bands, patterns, strict=True)
    ]
    classes = make_legend(plain, (), words)
    return (*((sign, text, "") for sign, text, _ in classes), *make_legend([], drawn.signs, words))


def _scale(frame: Frame) -> int:
    assert frame.denominator is not None  # on paper
    return frame.denominator


def _cell(value: object) -> str:
    if value is None or value != value:
        return MISSING
    return format_count(value) if isinstance(value, int | float | np.number) else str(value)
