"""The three coverages, the owners' bodies and charging, place by place, for the right panel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from analysis.figures.figure import BASELINE, CITY_CODE, UNKNOWN_CODE, Figure, Level, format_rate, format_ratio
from analysis.indicators.registry import is_target_met
from app.i18n import Words
from app.indicators.figures import read_place_names
from app.workbench.formats import format_count
from app.workbench.scenario import BASE_SCENARIO, COVERAGES, Scenario, select_figures
from app.workbench.workbench import Workbench

LEVELS: tuple[Level, ...] = ("city", "district", "street", "neighbourhood")


@dataclass(frozen=True)
class CoverageCell:
    """A figure in a narrow table.

    `text`, the whole story as `title`, met or not; `original` is the text under the policy's own
    values where what is tried moves it, else "".
    """

    text: str
    title: str
    met: bool | None
    original: str = ""


@dataclass(frozen=True)
class CoverageRow:
    """One place on one roster."""

    name: str
    cells: tuple[CoverageCell, ...]


def make_coverage_rows(
    bench: Workbench, words: Words, level: Level, scenario: Scenario = BASE_SCENARIO
) -> list[CoverageRow]:
    """The rows of a level, by code; the baseline follows the current roster of its place.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words
        Texts in the reader's language.
    level
        What places are.
    scenario
        What the reader turned.
    """
    now = _by_place(bench, level, scenario)
    before = _by_place(bench, level, Scenario(scenario.year))
    names = _names(bench, words)
    return [
        CoverageRow(
            _name(names, words, code, roster),
            tuple(_cell(by_key.get(key), before.get((code, roster), {}).get(key), words) for key in COVERAGES),
        )
        for (code, roster), by_key in sorted(now.items(), key=lambda item: (item[0][0], item[0][1] == BASELINE))
    ]


def count_coverage_rows(bench: Workbench, level: Level, scenario: Scenario = BASE_SCENARIO) -> int:
    """How many rows a level has.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    level
        What places are.
    scenario
        What the reader turned.
    """
    return len(_by_place(bench, level, scenario))


def _by_place(bench: Workbench, level: Level, scenario: Scenario) -> dict[tuple[str, str], dict[str, Figure]]:
    """Figures by key, by place and roster."""
    found: dict[tuple[str, str], dict[str, Figure]] = {}
    for figure in select_figures(bench, scenario, level):
        if figure.key in COVERAGES:
            found.setdefault((figure.admin_code, figure.roster), {})[figure.key] = figure
    return found


def _names(bench: Workbench, words: Words) -> dict[str, str]:
    """Name of every place by its code."""
    here = {CITY_CODE: words("coverage.city"), UNKNOWN_CODE: words("coverage.unknown")}
    return {**read_place_names(bench.dataset), **here}


def _name(names: Mapping[str, str], words: Words, code: str, roster: str) -> str:
    name = names.get(code, code)
    return f"{name} · {words('coverage.baseline')}" if roster == BASELINE else name


def _cell(figure: Figure | None, before: Figure | None, words: Words) -> CoverageCell:
    if figure is None:
        return CoverageCell("", "", None)
    text, was = _text(figure), _text(before) if before else ""
    title = words(
        "coverage.title",
        name=words.pick(figure.name_zh, figure.name_en),
        top=format_count(figure.numerator),
        bottom=format_count(figure.denominator),
        completeness=format_rate(figure.completeness, decimals=0),
        target="—" if figure.target is None else _shown(figure)(figure.target, decimals=0),
    )
    return CoverageCell(text, title, is_target_met(figure), "" if was == text else was)


def _shown(figure: Figure) -> Callable[..., str]:
    return format_ratio if figure.unit == "bikes/port" else format_rate


def _text(figure: Figure) -> str:
    return _shown(figure)(figure.value, target=figure.target, decimals=1)
