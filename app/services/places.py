"""Districts, streets and neighbourhoods on the map, coloured by the figure of a theme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.indicators import THEMES, Figure
from analysis.indicators.display import format_figure
from analysis.indicators.figure import CITY_CODE, CURRENT
from app.i18n import Words
from app.services.map_themes import Band
from app.services.what_if import ORIGINAL, Choice, figures_at
from app.services.workbench import Workbench

UNIT = "unit"
PLACE_LEVELS = ("neighbourhood", "street", "district", "city")
_SIMPLE_M = 4.0
_NO_DATA = "#f4f5f7"
_SEQUENCE = ("#440154", "#31688E", "#35B779", "#90D743", "#FDE725")
"""Dark = far from the target: five classes of viridis."""

_RATE_EDGES = (0.60, 0.70, 0.80, 0.90)
_COUNT_EDGES = (1, 5, 10, 20)


@dataclass(frozen=True, eq=False)
class Places:
    """All places with a shape: rows of level, code, name, geometry (metric CRS)."""

    frame: gpd.GeoDataFrame

    @property
    def levels(self) -> list[str]:
        """The levels of which any place has a shape, from small to large."""
        there = set(self.frame["level"])
        return [level for level in PLACE_LEVELS if level in there]


@lru_cache(maxsize=4)
def places_of(bench: Workbench) -> Places:
    """Streets and neighbourhoods as imported; districts as imported, else their streets together."""
    layer = bench.dataset.layer
    streets, quarters, boundary = layer("streets"), layer("neighbourhoods"), layer("boundary")
    named = dict(zip(streets["district_code"], streets["district_name"], strict=True))
    own = boundary[boundary["district_code"].notna()]
    districts = (
        _rows("district", own["district_code"], own["name"], own.geometry)
        if own.geometry.notna().any()
        else _dissolved(streets, named)
    )
    rows = [
        *_rows(
            "neighbourhood", quarters["neighbourhood_code"], quarters["name"], quarters.geometry
        ),
        *_rows("street", streets["street_code"], streets["name"], streets.geometry),
        *districts,
    ]
    if districts:
        whole = shapely.union_all([row["geometry"] for row in districts])
        rows.append({"level": "city", "code": CITY_CODE, "name": None, "geometry": whole})
    frame = pd.DataFrame(rows, columns=["level", "code", "name", "geometry"])
    shapes = gpd.GeoSeries(frame["geometry"], crs=bench.dataset.manifest.metric_crs)
    return Places(
        gpd.GeoDataFrame(
            frame.drop(columns="geometry"), geometry=shapes.simplify(_SIMPLE_M), crs=shapes.crs
        )
    )


def place_record(bench: Workbench, choice: Choice = ORIGINAL) -> dict[str, list[list[Any]]]:
    """For every theme, in the order of the places: fill, 1 where there are no data, value as text."""
    frame = places_of(bench).frame
    out = {}
    for theme in THEMES:
        figures = _by_place(bench, choice, theme.indicator_key)
        rows = []
        for level, code in zip(frame["level"], frame["code"], strict=True):
            figure = figures.get((level, code))
            key = _class_of(figure, bench)
            text = "" if figure is None or figure.value is None else format_figure(figure)
            rows.append([_fills(theme.key)[key], int(key == "no_data"), text])
        out[theme.key] = rows
    return out


def place_bands(
    bench: Workbench, theme_key: str, level: str, words: Words, choice: Choice = ORIGINAL
) -> tuple[Band, ...]:
    """The legend of a theme at a level, with how many places are in each class."""
    theme = next(entry for entry in THEMES if entry.key == theme_key)
    figures = _by_place(bench, choice, theme.indicator_key)
    frame = places_of(bench).frame
    own = frame[frame["level"] == level]["code"]
    found = [_class_of(figures.get((level, code)), bench) for code in own]
    return tuple(
        Band(
            key, (fill,), key == "no_data", *_names(theme_key, key, bench, words), found.count(key)
        )
        for key, fill in _fills(theme_key).items()
    )


@lru_cache(maxsize=64)
def _by_place(bench: Workbench, choice: Choice, key: str) -> Mapping[tuple[str, str], Figure]:
    return {
        (figure.level, figure.admin_code): figure
        for level in PLACE_LEVELS
        for figure in figures_at(bench, choice, level)
        if figure.key == key and figure.roster == CURRENT
    }


def _class_of(figure: Figure | None, bench: Workbench) -> str:
    if figure is None or figure.numerator is None or figure.denominator is None:
        return "no_data"
    if figure.unit == "bikes/port":
        good, fair = (float(bound) for bound in bench.policy.value("ebike.bands"))
        if not figure.denominator:
            return "no_ports" if figure.numerator else "no_data"
        ratio = figure.numerator / figure.denominator
        return "ok" if ratio <= good else "mid" if ratio <= fair else "high"
    if figure.value is None:
        return "no_data"
    edges = _RATE_EDGES if figure.unit == "ratio" else _COUNT_EDGES
    at = int(np.searchsorted(np.array(edges) - 1e-12, figure.value, side="right"))
    return f"c{at}"


def _fills(theme_key: str) -> dict[str, str]:
    """The colour of each class of a theme, in the order of the legend."""
    if theme_key == "ebike_ports":
        named = {"ok": "#FDE725", "mid": "#35B779", "high": "#31688E", "no_ports": "#440154"}
    else:
        order = _SEQUENCE if theme_key == "professional_coverage" else _SEQUENCE[::-1]
        named = {f"c{number}": fill for number, fill in enumerate(order)}
    return {**named, "no_data": _NO_DATA}


def _names(theme_key: str, key: str, bench: Workbench, words: Words) -> tuple[str, str]:
    """What the legend calls a class; numbers are the same in both languages."""
    if key in ("no_data", "no_ports"):
        text = words(f"places.{key}")
    elif theme_key == "ebike_ports":
        good, fair = (f"{float(bound):g}" for bound in bench.policy.value("ebike.bands"))
        text = {"ok": f"≤ {good}", "mid": f"{good}–{fair}", "high": f"> {fair}"}[key]
    elif theme_key == "professional_coverage":
        low, high = _ends([f"{edge:.0%}" for edge in _RATE_EDGES], int(key[1:]))
        text = f"{low}–{high}" if low and high else f"≥ {low}" if low else f"< {high}"
    else:
        starts = (0, *_COUNT_EDGES)
        at = int(key[1:])
        last = starts[at + 1] - 1 if at + 1 < len(starts) else None
        text = (
            f"≥ {starts[at]}"
            if last is None
            else f"{starts[at]}–{last}".removesuffix(f"–{starts[at]}")
        )
    return text, text


def _ends(edges: list[str], at: int) -> tuple[str, str]:
    return (edges[at - 1] if at else "", edges[at] if at < len(edges) else "")


def _rows(level: str, codes: Any, names: Any, shapes: Any) -> list[dict[str, Any]]:
    return [
        {"level": level, "code": str(code), "name": name if isinstance(name, str) else None, "geometry": shape}
        for code, name, shape in zip(codes, names, shapes, strict=True)
        if shape is not None and not shapely.is_empty(shape) and shapely.get_dimensions(shape) == 2
    ]  # fmt: skip


def _dissolved(streets: gpd.GeoDataFrame, named: Mapping[Any, Any]) -> list[dict[str, Any]]:
    """Districts drawn from their streets."""
    known = streets[streets["district_code"].notna() & streets.geometry.notna()]
    shapes = {
        code: shapely.union_all(np.asarray(rows.geometry, dtype=object))
        for code, rows in known.groupby("district_code", sort=True)
    }
    return _rows("district", list(shapes), [named.get(code) for code in shapes], shapes.values())
