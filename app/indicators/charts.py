"""What the charts show: how a theme is spread, which places lead and lag, how far the targets are."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.figures.figure import CURRENT, Figure, format_figure, format_rate, format_ratio
from analysis.figures.indicator import count_units_needed, find_target
from analysis.indicators.registry import REGISTRY, THEMES
from app.i18n import Words
from app.maps.admin_units import UNIT, read_admin_units
from app.maps.themes import LegendClass, MapTheme
from app.workbench.formats import format_count
from app.workbench.scenario import BASE_SCENARIO, Scenario, apply_scenario, list_years, select_figures
from app.workbench.workbench import Workbench

MOST_PLACES = 30


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its length, the length in words, its colour; where a click leads.

    Parameters
    ----------
    hatched
        Drawn with lines: no data.
    fills
        Colours of the class on the map.
    bounds
        Of the place, degrees; None where it has none.
    """

    name: str
    value: float
    text: str
    fill: str
    hatched: bool = False
    fills: tuple[str, ...] = ()
    bounds: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Chart:
    """One chart.

    Parameters
    ----------
    key
        "spread", "ranking" or "progress".
    title, note
        In the reader's language; what it says in one sentence.
    bars
        In drawing order.
    head
        Names of the two columns of its table.
    target
        A line to hold the bars against: value and text; None without one.
    """

    key: str
    title: str
    note: str
    bars: tuple[Bar, ...]
    head: tuple[str, str]
    target: tuple[float, str] | None = None


def make_charts(
    bench: Workbench,
    theme: MapTheme,
    bands: tuple[LegendClass, ...],
    level: str,
    words: Words,
    scenario: Scenario = BASE_SCENARIO,
) -> tuple[Chart, ...]:
    """The charts of a theme; ranking and progress only where it has an indicator.

    Parameters
    ----------
    bands
        The classes as the legend shows them.
    level
        What the map colours; the ranking is of streets where that is units or the city.
    """
    spread = Chart(
        "spread",
        words("charts.spread", theme=words.pick(theme.zh, theme.en)),
        words("charts.spread_note"),
        tuple(_class_bar(band, words) for band in bands),
        (words("charts.class"), words("charts.count")),
    )
    key = next((t.indicator_key for t in THEMES if t.key == theme.base), None)
    if key is None:
        return (spread,)
    return (
        spread,
        _ranking(bench, key, "street" if level in (UNIT, "city") else level, words, scenario),
        *_progress(bench, key, words, scenario),
    )


def _class_bar(band: LegendClass, words: Words) -> Bar:
    return Bar(
        words.pick(band.zh, band.en),
        band.n_units,
        format_count(band.n_units),
        band.colours[0],
        band.hatched,
        band.colours,
    )


def _ranking(bench: Workbench, key: str, level: str, words: Words, scenario: Scenario) -> Chart:
    """The places of a level, those farthest from the target first."""
    frame = read_admin_units(bench.context).frame.to_crs("EPSG:4326")
    own = frame[frame["level"] == level]
    boxes = {code: tuple(box) for code, box in zip(own["code"], own.bounds.to_numpy().tolist(), strict=True)}
    names = dict(zip(own["code"], own["name"], strict=True))
    indicator = next(one for one in REGISTRY if one.key == key)
    found = [
        figure
        for figure in select_figures(bench, scenario, level)
        if figure.key == key and figure.roster == CURRENT and figure.value is not None
    ]
    found.sort(key=lambda f: (f.value or 0, f.admin_code), reverse=indicator.better == "lower")
    bars = tuple(
        Bar(
            str(names.get(figure.admin_code) or figure.admin_code),
            float(figure.value or 0),
            format_figure(figure),
            "#31688E",
            bounds=boxes.get(figure.admin_code),
        )
        for figure in found[:MOST_PLACES]
    )
    target = found[0].target if found else None
    line = None if target is None else (float(target), words("charts.target", value=_text(found[0], target)))
    name = words.pick(indicator.name_zh, indicator.name_en)
    note = (
        words("charts.ranking_note")
        if len(found) <= MOST_PLACES
        else words("charts.ranking_most", n=MOST_PLACES, all=len(found))
    )
    return Chart(
        "ranking",
        words("charts.ranking", name=name, level=words(f"places.{level}")),
        note,
        bars,
        (words(f"places.{level}"), words("charts.value")),
        line,
    )


def _progress(bench: Workbench, key: str, words: Words, scenario: Scenario) -> tuple[Chart, ...]:
    """Today's value next to the target of each year, and what is still needed; none without targets."""
    indicator = next(one for one in REGISTRY if one.key == key)
    now = next((f for f in select_figures(bench, scenario, "city") if f.key == key and f.roster == CURRENT), None)
    if now is None or now.value is None:
        return ()
    policy = apply_scenario(bench, scenario).policy
    targets = {year: find_target(policy, indicator, year) for year in list_years(bench)}
    bars = [Bar(words("charts.now"), float(now.value), format_figure(now), "#0072B2")]
    labels = []
    for year, target in targets.items():
        if target is None:
            continue
        bars.append(Bar(words("charts.of_year", year=year), target, _text(now, target), "#B9C3CD"))
        if now.unit == "ratio" and now.numerator is not None and now.denominator:
            lacking = count_units_needed(target, now.denominator, now.numerator)
            labels.append(words("charts.still" if lacking else "charts.reached", year=year, n=format_count(lacking)))
    if len(bars) == 1:
        return ()
    name = words.pick(indicator.name_zh, indicator.name_en)
    note = " ".join(labels) or words("charts.progress_note")
    head = (words("charts.when"), words("charts.value"))
    return (Chart("progress", words("charts.progress", name=name), note, tuple(bars), head),)


def _text(figure: Figure, value: float) -> str:
    if figure.unit == "ratio":
        return format_rate(value, decimals=0)
    return format_ratio(value, decimals=0) if figure.unit == "bikes/port" else format_count(value)
