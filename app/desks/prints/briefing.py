"""Five maps for the leader's briefing: state, gap, plan, what remains, next year's target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from analysis.figures.figure import CURRENT, Figure, format_figure, format_target
from analysis.figures.indicator import count_units_needed, find_target
from analysis.indicators.coverage import COVERAGE_THEME
from analysis.indicators.registry import REGISTRY
from app.desks.prints.print_sheet import make_legend, make_rest_classes
from app.drawings.frames import Frame, frame_screen
from app.drawings.patterns import class_pattern, place_pattern
from app.drawings.plan_map import draw_place_theme, draw_rest_map, draw_unit_map, has_places
from app.i18n import Words, load_words
from app.indicators.scorecard import format_coverage, summarise_plan
from app.maps.cards import format_reason
from app.maps.themes import AREAS, LegendClass
from app.session.page import PageData
from app.workbench.formats import format_count
from app.workbench.kept import keep_with_owner
from app.workbench.scenario import BASE_SCENARIO, compute_city_scoreboard, list_years, select_figures
from app.workbench.workbench import Workbench

COVERAGE, SINGLES, OLD = ("professional_coverage_rate", "unmanaged_single_building_count", "old_community_service_rate")
_MOST_REASONS = 3
_SCREEN = (1200.0, 860.0, 17.0, 16.0)
"""Width, height, size of text and its least size of a map, in its units: 12 px on a screen of 1366 by 768."""
_NEXT_M = 150.0
"""Metres across a unit, about: where a letter has no room within them, whole streets are coloured."""


@dataclass(frozen=True)
class Slide:
    """One map of the briefing.

    Parameters
    ----------
    key
        "state", "gap", "plan", "rest" or "next".
    title, sentence
        What it is about, and what it says.
    numbers
        (value, what it counts): few, large.
    drawing
        The map.
    legend
        (sign, name, count) of each class.
    """

    key: str
    title: str
    sentence: str
    numbers: tuple[tuple[str, str], ...]
    drawing: Markup
    legend: tuple[tuple[Markup, str, str], ...]


@keep_with_owner
def build_briefing(data: PageData, language: str) -> tuple[Slide, ...]:
    """The slides in order; those of the plan are left out where there is none.

    Parameters
    ----------
    data
        All that one page is made of.
    language
        "zh" or "en".
    """
    words = load_words(language)
    makers: list[Callable[[PageData, Words], Slide]] = [_state, _gap]
    if data.bench.plan:
        makers += [_plan, _rest]
    return tuple(make(data, words) for make in (*makers, _next))


def _state(data: PageData, words: Words) -> Slide:
    figure = _city(data.bench, COVERAGE)
    units = data.bench.units
    numbers = [
        (format_count(len(units)), words("story.units")),
        (format_count(units["households"].sum(min_count=1)), words("story.households")),
        (format_figure(figure), words("story.coverage")),
    ]
    sentence = words(
        "story.state_text", value=format_figure(figure), year=figure.year or "—", target=format_target(figure) or "—"
    )
    return _map_slide(data, "state", "professional_coverage", sentence, numbers, words)


def _gap(data: PageData, words: Words) -> Slide:
    singles, old = _city(data.bench, SINGLES), _city(data.bench, OLD)
    unserved = None
    if old.numerator is not None and old.denominator is not None:
        unserved = old.denominator - old.numerator
    numbers = [
        (format_count(singles.value), words("story.singles")),
        (format_count(unserved), words("story.old")),
        (format_figure(old), words("story.old_rate")),
    ]
    sentence = words("story.gap_text", singles=format_count(singles.value), old=format_count(unserved))
    return _map_slide(data, "gap", "old_service", sentence, numbers, words)


def _plan(data: PageData, words: Words) -> Slide:
    summary = summarise_plan(data.bench)
    assert summary is not None  # asked for only with a plan
    after = next(
        f
        for f in compute_city_scoreboard(data.bench).figures
        if f.key == "professional_coverage_by_plan_rate" and f.roster == CURRENT
    )
    numbers = [
        (format_count(summary.areas), words("story.areas")),
        (format_count(summary.area_units), words("story.area_units")),
        (format_count(summary.area_households), words("story.area_households")),
        (format_coverage(data.bench, "count"), words("story.after")),
        (format_coverage(data.bench, "households"), words("story.after_households")),
    ]
    sentence = words(
        "story.plan_text",
        areas=format_count(summary.areas),
        units=format_count(summary.area_units),
        value=format_figure(after),
    )
    if summary.leading:
        units, households = summary.leading.led
        numbers[1:3] = [
            (format_count(units), words("story.led_units")),
            (format_count(households), words("story.led_households")),
        ]
        sentence = words(
            "story.plan_led_text",
            areas=format_count(summary.areas),
            leaders=format_count(summary.leading.leaders),
            units=format_count(units),
            value=format_figure(after),
        )
    return _map_slide(data, "plan", AREAS, sentence, numbers, words)


def _rest(data: PageData, words: Words) -> Slide:
    summary = summarise_plan(data.bench)
    assert summary is not None  # asked for only with a plan
    reasons = sorted(summary.left_over, key=lambda count: -count.units)[:_MOST_REASONS]
    numbers = [
        (format_count(summary.left_over_units), words("story.left_units")),
        (format_count(summary.left_over_households), words("story.left_households")),
    ]
    told = words("story.and").join(
        words("story.reason", n=format_count(c.units), reason=format_reason(c.reason, words).rstrip("。."))
        for c in reasons
    )
    sentence = words("story.rest_text", reasons=told) if reasons else words("story.rest_none")
    if summary.leading:
        numbers.append((format_count(summary.leading.n_unled_households), words("story.unled_households")))
        sentence += " " + words("story.rest_unled", n=format_count(summary.leading.n_unled_units))
    bench, title = data.bench, words("story.rest")
    drawn = draw_rest_map(bench, _frame(bench), f"{title}. {sentence}", words)
    bands = make_rest_classes(len(bench.left_over), len(bench.unled_reasons))
    return Slide("rest", title, sentence, tuple(numbers), drawn.svg, make_legend(bands, drawn.signs, words))


def _next(data: PageData, words: Words) -> Slide:
    """The streets by their coverage, and what the coming target asks for."""
    bench, figure = data.bench, _city(data.bench, COVERAGE)
    indicator = next(one for one in REGISTRY if one.key == COVERAGE)
    year = next((y for y in list_years(bench) if figure.year and y > figure.year), figure.year)
    target = find_target(bench.policy, indicator, year)
    lacking = None
    if target is not None and figure.denominator and figure.numerator is not None:
        lacking = count_units_needed(target, figure.denominator, figure.numerator)
    gap = _city(bench, "ebike_port_gap")
    numbers = [
        ("—" if target is None else f"{target:.0%}", words("story.target", year=year or "—")),
        (format_count(lacking), words("story.needed")),
        (format_count(gap.value), words("story.ports")),
    ]
    sentence = words("story.next_text", year=year or "—", n=format_count(lacking))
    return _map_slide(data, "next", COVERAGE_THEME.key, sentence, numbers, words, is_of_places=True)


def _map_slide(
    data: PageData,
    key: str,
    theme_key: str,
    sentence: str,
    numbers: list[tuple[str, str]],
    words: Words,
    *,
    is_of_places: bool = False,
) -> Slide:
    """A theme on the whole of the dataset: of streets where units would be confetti."""
    theme, bench, title = data.theme(theme_key), data.bench, words(f"story.{key}")
    frame, told = _frame(bench), f"{title}. {sentence}"
    bands: Sequence[LegendClass]
    if has_places(bench, theme_key, "street") and (is_of_places or frame.scale * _NEXT_M < frame.text):
        drawn, bands = draw_place_theme(bench, theme_key, "street", frame, told, words)
        patterns = [place_pattern(band) for band in bands]
    else:
        drawn, bands = draw_unit_map(bench, theme, frame, told, words), theme.bands
        patterns = [_band_pattern(data, theme_key, number) for number in range(len(bands))]
    legend = make_legend(list(zip(bands, patterns, strict=True)), drawn.signs, words)
    return Slide(key, title, sentence, tuple(numbers), drawn.svg, legend)


def _frame(bench: Workbench) -> Frame:
    return frame_screen(bench, *_SCREEN)


def _band_pattern(data: PageData, theme_key: str, number: int) -> str:
    theme = data.theme(theme_key)
    if theme.key == AREAS:
        return "lines" if theme.bands[number].hatched else ""
    return class_pattern(theme, number)


def _city(bench: Workbench, key: str) -> Figure:
    return next(f for f in select_figures(bench, BASE_SCENARIO, "city") if f.key == key and f.roster == CURRENT)
