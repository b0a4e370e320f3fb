"""The three coverages, the owners' bodies and charging, place by place, for the right panel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from analysis.indicators import Figure, figures, scenes_of
from analysis.indicators.display import format_rate, format_ratio, is_target_met
from analysis.indicators.figure import BASELINE, CITY_CODE, UNKNOWN_CODE, Level
from app.i18n import Words
from app.services.numbers import count_text
from app.services.scorecard import data_year
from app.services.workbench import Workbench

COLUMNS = (
    "management_coverage_rate", "professional_coverage_rate", "old_community_service_rate",
    "owners_body_formation_rate", "ebike_port_ratio",
)  # fmt: skip
"""Keys of the indicators shown, in the order of the columns."""

LEVELS: tuple[Level, ...] = ("city", "district", "street")


@dataclass(frozen=True)
class Cell:
    """A figure in a narrow table: its text, the whole story as a title, met or not."""

    text: str
    title: str
    met: bool | None


@dataclass(frozen=True)
class Row:
    """One place on one roster."""

    name: str
    cells: tuple[Cell, ...]


def coverage_rows(bench: Workbench, words: Words, level: Level) -> list[Row]:
    """The rows of a level, by code; the baseline follows the current roster of its place."""
    by_place: dict[tuple[str, str], dict[str, Figure]] = {}
    for figure in _figures(bench, level):
        by_place.setdefault((figure.admin_code, figure.roster), {})[figure.key] = figure
    return [
        Row(
            _name(bench, words, code, roster),
            tuple(_cell(by_key.get(key), words) for key in COLUMNS),
        )
        for (code, roster), by_key in sorted(
            by_place.items(), key=lambda item: (item[0][0], item[0][1] == BASELINE)
        )
    ]


@lru_cache(maxsize=8)
def _figures(bench: Workbench, level: Level) -> tuple[Figure, ...]:
    date = bench.dataset.manifest.data_date
    scenes = scenes_of(bench.layers, bench.policy, year=data_year(bench), as_of=date)
    return figures(scenes, level=level, keys=COLUMNS)


def _name(bench: Workbench, words: Words, code: str, roster: str) -> str:
    streets = bench.dataset.layer("streets")
    districts = dict(zip(streets["district_code"], streets["district_name"], strict=True))
    known = {
        CITY_CODE: words("coverage.city"),
        UNKNOWN_CODE: words("coverage.unknown"),
        **{key: name for key, name in districts.items() if isinstance(name, str)},
        **bench.street_names,
    }
    name = known.get(code, code)
    return f"{name} · {words('coverage.baseline')}" if roster == BASELINE else name


def _cell(figure: Figure | None, words: Words) -> Cell:
    if figure is None:
        return Cell("", "", None)
    is_ratio = figure.unit == "bikes/port"
    show = format_ratio if is_ratio else format_rate
    text = show(figure.value, target=figure.target, decimals=1)
    title = words(
        "coverage.title",
        name=words.pick(figure.name_zh, figure.name_en),
        top=count_text(figure.numerator),
        bottom=count_text(figure.denominator),
        completeness=format_rate(figure.completeness, decimals=0),
        target="—" if figure.target is None else show(figure.target, decimals=0),
    )
    return Cell(text, title, is_target_met(figure))
