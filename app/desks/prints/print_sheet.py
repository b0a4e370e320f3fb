"""The printed sheet: the map as the reader has it, legend, figures, table, date, notice."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from analysis.indicators.classes import METHODS, Method
from app.desks.plans.tables import make_table_rows
from app.drawings.frames import PAPERS as SHEETS
from app.drawings.frames import Paper, make_frame
from app.drawings.patterns import class_pattern, draw_sign, draw_swatch, place_pattern
from app.drawings.plan_map import LEFT_OVER, UNLED, draw_place_theme, draw_unit_map, has_places
from app.i18n import Words, load_words
from app.indicators.scorecard import FigureView, make_indicator_views
from app.maps.admin_units import PLACE_LEVELS, UNIT, find_place_indicator, find_place_target
from app.maps.cards import format_mode
from app.maps.themes import AREAS, LegendClass, recolour_theme
from app.session.page import PageData
from app.workbench.formats import MISSING, format_count
from app.workbench.scenario import Scenario, data_year, parse_scenario
from app.workbench.workbench import Workbench

PAPERS = tuple(SHEETS)
_LEGEND_MM, _ROW_MM, _FIGURE_MM = 36.0, 6.4, 22.0
"""Height of caption and headings, of a row of the legend, and of a figure."""
TABLES = ("areas", "leading", "unled", "left_over", "out_of_scope", "none")


@dataclass(frozen=True)
class PrintRequest:
    """What to print, checked.

    Parameters
    ----------
    theme, method
        The theme and the way its classes are made.
    level
        "unit", or the level whose places are coloured as a whole.
    bounds
        West, south, east, north in degrees; None = everything.
    paper, table
        One of `PAPERS`, one of `TABLES`.
    hidden
        Keys of the classes switched off in the legend, joined by commas.
    tried
        What the reader turned, as JSON; "" = nothing.
    unsaved
        The screen shows edits that are not saved, and so not on the sheet.
    """

    theme: str
    method: Method
    level: str
    bounds: tuple[float, float, float, float] | None
    paper: str
    table: str
    hidden: str = ""
    tried: str = ""
    unsaved: bool = False


@dataclass(frozen=True)
class PrintSheet:
    """The sheet ready to be laid out.

    Parameters
    ----------
    paper
        The sheet.
    caption
        What the colours mean.
    legend
        (sign, name, count) of each class that is drawn, then of lines and points, without a count.
    notes
        What was hidden or tried, in words.
    head, rows
        The table as text; (n, columns).
    """

    title: str
    paper: Paper
    caption: str
    drawing: Markup
    legend: tuple[tuple[Markup, str, str], ...]
    notes: tuple[str, ...]
    figures: tuple[FigureView, ...]
    table_title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def parse_print_request(told: Mapping[str, str]) -> PrintRequest:
    """What an address asks for; what makes no sense is left at its default.

    Examples
    --------
    >>> request = parse_print_request({"paper": "A3", "bounds": "1,2,3"})
    >>> request.paper, request.bounds, request.theme
    ('A3', None, 'areas')
    """

    def choice(name: str, choices: tuple[str, ...]) -> str:
        found = told.get(name, choices[0])
        return found if found in choices else choices[0]

    method = next((m for m in METHODS if m == told.get("classes")), METHODS[0])
    return PrintRequest(
        told.get("theme", AREAS),
        method,
        choice("level", (UNIT, *PLACE_LEVELS)),
        _bounds(told.get("bounds", "")),
        choice("paper", PAPERS),
        choice("table", TABLES),
        told.get("hidden", ""),
        told.get("tried", ""),
        told.get("unsaved") == "1",
    )


def build_print_sheet(data: PageData, wish: PrintRequest, words: Words) -> PrintSheet:
    """The sheet of a wish; an unknown theme gives the first.

    Parameters
    ----------
    data
        All that one page is made of.
    wish
        Theme, part of the map, paper.
    words
        Texts in the reader's language.
    """
    bench, theme = data.bench, data.theme(wish.theme, wish.method)
    choice = parse_scenario(bench, wish.tried)
    target = f"{bench.policy.value('ebike.bikes_per_port'):g}"
    title = words.pick(theme.zh, theme.en)
    frame = make_frame(bench, wish.bounds, wish.paper)
    hidden = wish.hidden.split(",")
    if has_places(bench, theme.base, wish.level):
        drawn, bands = draw_place_theme(bench, theme.base, wish.level, frame, title, words, wish.method, choice, hidden)
        signs = [place_pattern(band) for band in bands]
        caption = describe_places(bench, theme.base, wish.level, words, choice)
    else:
        theme = recolour_theme(bench, theme, choice)
        bands = theme.bands
        fills = {colour for band in bands if band.key in hidden for colour in band.colours}
        drawn = draw_unit_map(bench, theme, frame, title, words, fills)
        is_led = theme.key == AREAS and bench.has_leaders_inside
        caption = words("caption.areas_led" if is_led else f"caption.{theme.base}", target=target)
        signs = [
            ("lines" if band.hatched else "") if theme.key == AREAS else class_pattern(theme, number)
            for number, band in enumerate(bands)
        ]
    legend = make_legend(
        [one for one in zip(bands, signs, strict=True) if one[0].key not in hidden], drawn.signs, words
    )
    room = max(1, int((SHEETS[wish.paper].map_mm[1] - _LEGEND_MM - _ROW_MM * len(legend)) // _FIGURE_MM))
    unseen = [words.pick(band.zh, band.en) for band in bands if band.key in hidden]
    head, rows = _table(bench, wish.table, words)
    return PrintSheet(
        title=title,
        paper=SHEETS[wish.paper],
        caption=caption,
        drawing=drawn.svg,
        legend=legend,
        notes=(*_hidden_note(unseen, words), *_describe_scenario(bench, choice, words)),
        figures=tuple(_figure(view, words) for view in make_indicator_views(bench, words, choice)[:room]),
        table_title="" if wish.table == "none" else words(f"tabs.{wish.table}"),
        head=head,
        rows=rows,
    )


def make_legend(
    bands: Sequence[tuple[LegendClass, str]], signs: Sequence[str], words: Words
) -> tuple[tuple[Markup, str, str], ...]:
    """Sign, name and count of the classes anything is in, then of the lines and points that are drawn.

    Parameters
    ----------
    bands
        Each class and its pattern.
    signs
        Keys of the others.
    words
        Texts in the reader's language.
    """
    classes = [
        (draw_swatch(band, pattern), words.pick(band.zh, band.en), words("legend.count", n=format_count(band.n_units)))
        for band, pattern in bands
        if band.n_units
    ]
    return (*classes, *((draw_sign(key), words(f"legend.print_{key}"), "") for key in signs))


def make_rest_classes(left_over: int, unled: int) -> list[tuple[LegendClass, str]]:
    """What a plan leaves over, each class with its pattern.

    Parameters
    ----------
    left_over, unled
        Units in no area, and units in an area without a leader.
    """
    zh, en = load_words("zh"), load_words("en")
    kinds = (("left_over", LEFT_OVER, "lines", "rest_left", left_over), ("unled", UNLED, "", "rest_unled_class", unled))
    return [
        (LegendClass(key, (fill,), False, zh(f"story.{text}"), en(f"story.{text}"), count), pattern)
        for key, fill, pattern, text, count in kinds
    ]


def describe_places(bench: Workbench, key: str, level: str, words: Words, scenario: Scenario) -> str:
    """What the colours of whole places mean, and which side of the target is which.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    key
        Of the theme.
    level
        What places are: "district", "street" …
    words
        Texts in the reader's language.
    scenario
        What the reader turned.
    """
    own = find_place_indicator(bench, key) if key == AREAS else key
    target = find_place_target(bench, key, level, scenario)
    sides = words("print.sides", target=target) if target else ""
    return " ".join(filter(None, (words(f"places.print_{own}" if key == AREAS else f"places.caption_{own}"), sides)))


def _describe_scenario(bench: Workbench, scenario: Scenario, words: Words) -> tuple[str, ...]:
    """What was turned, each value with that of the policy; empty where nothing was."""
    entries = bench.policy.entries
    changes = [
        words(
            "print.tried_value",
            label=words.pick(entries[key].label_zh, entries[key].label_en),
            value=_value_text(value, words),
            original=_value_text(entries[key].value, words),
        )
        for key, value in scenario.changes
    ]
    year = [words("print.year", year=scenario.year, now=data_year(bench))] if scenario.year else []
    return (*year, *([words("print.tried", changes="; ".join(changes))] if changes else []))


def _value_text(value: Any, words: Words) -> str:
    if isinstance(value, bool):
        return words("print.on" if value else "print.off")
    if isinstance(value, int | float):
        return f"{value:g}"
    return "、".join(format_mode(mode, words) for mode in value) or MISSING


def _hidden_note(unseen: Sequence[str], words: Words) -> tuple[str, ...]:
    return (words("print.hidden", classes="、".join(unseen)),) if unseen else ()


def _figure(view: FigureView, words: Words) -> FigureView:
    """With the original before its target, where what is tried moves it."""
    if not view.original:
        return view
    original = words("figure.original", value=view.original)
    return replace(view, target=" · ".join(filter(None, (original, view.target))))


_NUMBERS = ("households", "floor_area_m2", "units", "walk", "led", "unled")
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "areas": ("number", "name", "street", "anchor", "units", "households", "floor_area_m2"),
    "leading": ("number", "name", "role", "walk", "households", "floor_area_m2", "company"),
    "unled": ("area", "name", "households", "floor_area_m2", "reason"),
}
_LED_AREA_COLUMNS = (*_COLUMNS["areas"], "led", "unled", "operator", "preferred")
_TITLES = {
    ("areas", "name"): "area_name",
    ("leading", "name"): "leading_name",
    ("leading", "walk"): "leader_walk",
    ("unled", "reason"): "unled_reason",
}


def _table(bench: Workbench, which: str, words: Words) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    rows: list[dict[str, Any]] = [] if which == "none" else make_table_rows(bench, words, which)
    columns = _COLUMNS.get(which, ("name", "street", "mode", "households", "reason"))
    if which == "areas" and bench.has_leaders_inside:
        columns = _LED_AREA_COLUMNS
    head = tuple(words(f"column.{_TITLES.get((which, column), column)}") for column in columns)
    body = tuple(
        tuple(
            _indent(row) + _cell(row.get(column), column) if column == "name" else _cell(row.get(column), column)
            for column in columns
        )
        for row in rows
    )
    return (head, body) if rows else ((), ())


def _indent(row: Mapping[str, Any]) -> str:
    """How deep a row of the tree of leaders stands, and its star."""
    return "　└ " * (row.get("level") == 2) + "★ " * bool(row.get("is_leader"))


def _cell(value: Any, column: str) -> str:
    if value is None:
        return MISSING
    return format_count(value) if column in _NUMBERS else str(value)


def _bounds(text: str) -> tuple[float, float, float, float] | None:
    """Four degrees that enclose something on this earth; None where they do not."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    sound = all(math.isfinite(one) for one in (west, south, east, north))
    if not sound or not (-180 <= west < east <= 180 and -85 <= south < north <= 85):
        return None
    return west, south, east, north
