"""Districts, streets and neighbourhoods on the map, coloured by the figure of a theme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.figures.figure import CITY_CODE, CURRENT, Figure, Level, format_figure, format_target
from analysis.figures.indicator import find_target
from analysis.indicators.classes import METHODS, Method
from analysis.indicators.coverage import PROFESSIONAL_BY_PLAN, PROFESSIONAL_COVERAGE
from analysis.indicators.registry import THEMES
from app.i18n import Words
from app.maps.place_classes import NAMED_CLASSES, classify_places
from app.maps.themes import AREAS, LegendClass, theme_key
from app.workbench.kept import keep_with_owner
from app.workbench.scenario import BASE_SCENARIO, Scenario, compute_plan_figures, compute_scoreboard
from app.workbench.workbench import DatasetContext, Workbench
from geo.admin.gazetteer import district_names, gazetteer_layers

UNIT = "unit"
AUTO = "auto"
"""Streets from afar, units from near: how the map begins where the streets have shapes."""
PLACE_LEVELS = ("neighbourhood", "street", "district", "city")
_SIMPLE_M = 4.0
PLACE_INDICATORS: Mapping[str, str] = {
    AREAS: PROFESSIONAL_BY_PLAN.key,
    **{theme.key: theme.indicator_key for theme in THEMES if theme.indicator_key is not None},
}
"""The themes with a figure for whole places, and which it is: of the plan what it brings."""


@dataclass(frozen=True, eq=False)
class AdminUnits:
    """All places with a shape: rows of level, code, name, geometry (metric CRS)."""

    frame: gpd.GeoDataFrame

    @property
    def levels(self) -> list[str]:
        """The levels of which any place has a shape, from small to large."""
        there = set(self.frame["level"])
        return [level for level in PLACE_LEVELS if level in there]


def find_shown_level(level: str, *, is_far: bool) -> str:
    """The level that is coloured: `AUTO` changes with the zoom.

    Parameters
    ----------
    level
        `AUTO`, `UNIT`, or a level whose places are coloured as a whole.
    is_far
        Whether the map shows so much that units would be confetti.
    """
    return level if level != AUTO else "street" if is_far else UNIT


def find_first_level(context: DatasetContext) -> str:
    """The level a map begins with."""
    return AUTO if "street" in read_admin_units(context).levels else UNIT


@keep_with_owner
def read_admin_units(context: DatasetContext) -> AdminUnits:
    """Streets and neighbourhoods as imported; districts as imported, else their streets together."""
    layer = context.dataset.layer
    streets, quarters, boundary = layer("streets"), layer("neighbourhoods"), layer("boundary")
    named = district_names(gazetteer_layers(context.dataset))
    own = boundary[boundary["district_code"].notna()]
    districts = (
        _rows("district", own["district_code"], own["name"], own.geometry)
        if own.geometry.notna().any()
        else _dissolved(streets, named)
    )
    rows = [
        *_rows("neighbourhood", quarters["neighbourhood_code"], quarters["name"], quarters.geometry),
        *_rows("street", streets["street_code"], streets["name"], streets.geometry),
        *districts,
    ]
    if districts:
        whole = shapely.union_all([row["geometry"] for row in districts])
        rows.append({"level": "city", "code": CITY_CODE, "name": None, "geometry": whole})
    frame = pd.DataFrame(rows, columns=["level", "code", "name", "geometry"])
    shapes = gpd.GeoSeries(frame["geometry"], crs=context.dataset.manifest.metric_crs)
    return AdminUnits(
        gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes.simplify(_SIMPLE_M), crs=shapes.crs)
    )


def make_place_record(bench: Workbench, scenario: Scenario = BASE_SCENARIO) -> dict[str, list[list[Any]]]:
    """For every theme and way of classes, in the order of the places: fill, 1 without data, value as text.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    scenario
        What the reader turned.
    """
    return {name: rows for key in PLACE_INDICATORS for name, rows in make_theme_places(bench, key, scenario).items()}


def make_theme_places(bench: Workbench, key: str, scenario: Scenario = BASE_SCENARIO) -> dict[str, list[list[Any]]]:
    """That of :func:`make_place_record` for one theme, also that of the areas, which follows the plan.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    key
        Of the theme.
    scenario
        What the reader turned.
    """
    frame = read_admin_units(bench.context).frame
    figures = _by_place(bench, scenario, key)
    own = [figures.get(place) for place in zip(frame["level"], frame["code"], strict=True)]
    texts = ["" if f is None or f.value is None else format_figure(f) for f in own]
    out = {}
    for method in METHODS:
        rows: list[list[Any]] = [[] for _ in own]
        for places in frame.groupby("level", sort=False).indices.values():
            found = classify_places(find_place_indicator(bench, key), [own[i] for i in places], method)
            fill_of = {band.key: band.colours[0] for band in found.bands}
            for i, band in zip(places, found.keys, strict=True):
                rows[i] = [fill_of[band], int(band == "no_data"), texts[i]]
        out[theme_key(key, method, "place")] = rows
    return out


def find_place_indicator(bench: Workbench, key: str) -> str:
    """Key of the indicator whose figure a theme shows of whole places; without a plan, areas show how things are.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    key
        Of the theme, one of `PLACE_INDICATORS`.
    """
    return PROFESSIONAL_COVERAGE.key if key == AREAS and bench.plan is None else PLACE_INDICATORS[key]


def find_place_target(bench: Workbench, key: str, level: str, scenario: Scenario = BASE_SCENARIO) -> str:
    """The target that all places of a level share, as text; "" where there is none, or theirs differ.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    key
        Of the theme.
    level
        What places are: "district", "street" …
    scenario
        What the reader turned.
    """
    told = {format_target(f) for (at, _), f in _by_place(bench, scenario, key).items() if at == level}
    return told.pop() if len(told) == 1 else ""


def make_place_bands(
    bench: Workbench, key: str, level: str, words: Words, scenario: Scenario = BASE_SCENARIO, method: Method = "policy"
) -> tuple[LegendClass, ...]:
    """The legend of a theme at a level, with how many places are in each class.

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
    method
        How its classes are made.
    """
    figures = _by_place(bench, scenario, key)
    frame = read_admin_units(bench.context).frame
    own = [figures.get((level, code)) for code in frame[frame["level"] == level]["code"]]
    named = {name: words(f"places.{name}") for name in NAMED_CLASSES}
    return tuple(
        replace(band, zh=named.get(band.key, band.zh), en=named.get(band.key, band.en))
        for band in classify_places(find_place_indicator(bench, key), own, method).bands
    )


@keep_with_owner
def _by_place(bench: Workbench, scenario: Scenario, key: str) -> Mapping[tuple[str, str], Figure]:
    indicator = find_place_indicator(bench, key)
    is_of_plan = indicator == PROFESSIONAL_BY_PLAN.key
    figures = compute_plan_figures(bench, scenario) if is_of_plan else compute_scoreboard(bench, scenario).figures
    found = {
        (figure.level, figure.admin_code): figure
        for figure in figures
        if figure.key == indicator and figure.roster == CURRENT
    }
    return {place: _with_target(bench, figure) for place, figure in found.items()}


def _with_target(bench: Workbench, figure: Figure) -> Figure:
    """What a plan brings is held against the target of what there is."""
    if figure.key != PROFESSIONAL_BY_PLAN.key:
        return figure
    level = cast(Level, figure.level)
    target = find_target(bench.policy, PROFESSIONAL_COVERAGE, figure.year, level, figure.admin_code)
    return replace(figure, target=target)


def _rows(level: str, codes: Any, names: Any, shapes: Any) -> list[dict[str, Any]]:
    return [
        {"level": level, "code": str(code), "name": name if isinstance(name, str) else None, "geometry": shape}
        for code, name, shape in zip(codes, names, shapes, strict=True)
        if shape is not None and not shapely.is_empty(shape) and shapely.get_dimensions(shape) == 2
    ]


def _dissolved(streets: gpd.GeoDataFrame, named: Mapping[Any, Any]) -> list[dict[str, Any]]:
    """Districts drawn from their streets."""
    known = streets[streets["district_code"].notna() & streets.geometry.notna()]
    shapes = {
        code: shapely.union_all(np.asarray(rows.geometry, dtype=object))
        for code, rows in known.groupby("district_code", sort=True)
    }
    return _rows("district", list(shapes), [named.get(code) for code in shapes], shapes.values())
