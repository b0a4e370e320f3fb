"""Districts, streets and neighbourhoods on the map, coloured by the figure of a theme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.figures.figure import CITY_CODE, CURRENT, Figure, format_figure
from analysis.indicators.classes import METHODS, Method
from analysis.indicators.registry import THEMES
from app.i18n import Words
from app.maps.place_classes import NAMED_CLASSES, classify_places
from app.maps.themes import LegendClass, theme_key
from app.workbench.scenario import BASE_SCENARIO, Scenario, select_figures
from app.workbench.workbench import DatasetContext, Workbench
from geo.admin.gazetteer import district_names, gazetteer_layers

UNIT = "unit"
PLACE_LEVELS = ("neighbourhood", "street", "district", "city")
_SIMPLE_M = 4.0
PLACE_THEMES = tuple(theme for theme in THEMES if theme.indicator_key is not None)
"""The themes with a figure for whole places."""


@dataclass(frozen=True, eq=False)
class AdminUnits:
    """All places with a shape: rows of level, code, name, geometry (metric CRS)."""

    frame: gpd.GeoDataFrame

    @property
    def levels(self) -> list[str]:
        """The levels of which any place has a shape, from small to large."""
        there = set(self.frame["level"])
        return [level for level in PLACE_LEVELS if level in there]


@lru_cache(maxsize=4)
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
    frame = read_admin_units(bench.context).frame
    levels = frame.groupby("level", sort=False).indices
    out = {}
    for theme in PLACE_THEMES:
        figures = _by_place(bench, scenario, str(theme.indicator_key))
        own = [figures.get(place) for place in zip(frame["level"], frame["code"], strict=True)]
        texts = ["" if f is None or f.value is None else format_figure(f) for f in own]
        for method in METHODS:
            rows: list[list[Any]] = [[] for _ in own]
            for places in levels.values():
                found = classify_places(theme, [own[i] for i in places], bench.policy, method)
                fill_of = {band.key: band.colours[0] for band in found.bands}
                for i, key in zip(places, found.keys, strict=True):
                    rows[i] = [fill_of[key], int(key == "no_data"), texts[i]]
            out[theme_key(theme.key, method, "place")] = rows
    return out


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
    theme = next(entry for entry in PLACE_THEMES if entry.key == key)
    figures = _by_place(bench, scenario, str(theme.indicator_key))
    frame = read_admin_units(bench.context).frame
    own = [figures.get((level, code)) for code in frame[frame["level"] == level]["code"]]
    named = {name: words(f"places.{name}") for name in NAMED_CLASSES}
    return tuple(
        replace(band, zh=named.get(band.key, band.zh), en=named.get(band.key, band.en))
        for band in classify_places(theme, own, bench.policy, method).bands
    )


@lru_cache(maxsize=64)
def _by_place(bench: Workbench, scenario: Scenario, key: str) -> Mapping[tuple[str, str], Figure]:
    return {
        (figure.level, figure.admin_code): figure
        for level in PLACE_LEVELS
        for figure in select_figures(bench, scenario, level)
        if figure.key == key and figure.roster == CURRENT
    }


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
