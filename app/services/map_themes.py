"""The themes of the map: a colour for every unit, and the legend that explains it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.colouring import OKABE_ITO, area_colours, neighbouring_areas
from analysis.indicators import THEMES, theme_values
from app.i18n import Words
from app.services.workbench import NO_AREA, Workbench

AREAS = "areas"
NEXT_TO_M = 150.0
"""Areas this close get different colours, metres: what the eye takes for neighbours."""

_LEFT_OVER, _OTHER = len(OKABE_ITO), len(OKABE_ITO) + 1
_LEFT_OVER_COLOUR, _OTHER_COLOUR = "#ffffff", "#d9dce1"
_NO_DATA = "#f4f5f7"
_BAND_COLOURS = {
    "professional_coverage": {
        "professional": "#0072B2", "other_managed": "#9CCBEA", "unmanaged": "#D55E00",
    },
    "ebike_ports": {
        "ok": "#FDE725", "mid": "#35B779", "high": "#31688E", "no_ports": "#440154",
    },
    "unmanaged_single_buildings": {
        "unmanaged": "#D55E00", "managed": "#0072B2", "not_applicable": "#D9DCE1",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Band:
    """One class of a theme as it is drawn.

    Parameters
    ----------
    key
        Stable key; "area" stands for all area colours together.
    colours
        One colour, or the palette of the areas.
    hatched
        Drawn with diagonal lines: something is missing.
    zh, en
        What the legend calls it.
    n_units
        How many units are in it.
    """

    key: str
    colours: tuple[str, ...]
    hatched: bool
    zh: str
    en: str
    n_units: int


@dataclass(frozen=True, eq=False)
class MapTheme:
    """One way to colour the map.

    Parameters
    ----------
    key
        "areas" or the key of a theme of `analysis.indicators`.
    zh, en
        Its title.
    bands
        The legend, in order.
    palette
        Fill of each class.
    class_of
        (n,) int: class of each unit.
    hatched
        (n,) bool.
    """

    key: str
    zh: str
    en: str
    bands: tuple[Band, ...]
    palette: tuple[str, ...]
    class_of: np.ndarray
    hatched: np.ndarray


def map_themes(bench: Workbench, words_zh: Words, words_en: Words) -> tuple[MapTheme, ...]:
    """All themes, in the order of their keys 1, 2, 3, 4."""
    return (_areas_theme(bench, words_zh, words_en), *tried_themes(bench))


def area_fill(bench: Workbench) -> list[str]:
    """A colour for each area, so that areas next to each other differ."""
    pairs = neighbouring_areas(bench.units.geometry.to_numpy(), bench.area_of, gap_m=NEXT_TO_M)
    return [OKABE_ITO[colour] for colour in area_colours(len(bench.areas), pairs)]


def tried_themes(bench: Workbench) -> tuple[MapTheme, ...]:
    """The themes of indicators under the policy of a workbench; the areas do not change with it."""
    return tuple(_indicator_theme(bench, theme.key) for theme in THEMES)


def theme_record(themes: Iterable[MapTheme], area_fills: list[str]) -> dict[str, Any]:
    """What the map component needs to paint every theme without asking again."""
    return {
        "areas": [{"fill": fill, "edge": darker(fill)} for fill in area_fills],
        "themes": {
            theme.key: {"colours": theme.palette, "class_of": theme.class_of.tolist()}
            for theme in themes
        },
    }


def darker(colour: str) -> str:
    """A colour at 60 % of its light, for outlines that must show on white.

    Examples
    --------
    >>> darker("#FFFF00")
    '#999900'
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"#{red * 6 // 10:02x}{green * 6 // 10:02x}{blue * 6 // 10:02x}"


def _areas_theme(bench: Workbench, words_zh: Words, words_en: Words) -> MapTheme:
    colours = np.array([OKABE_ITO.index(colour) for colour in area_fill(bench)], dtype=np.int64)
    class_of = np.full(len(bench.units), _OTHER, dtype=np.int64)
    inside = bench.area_of != NO_AREA
    class_of[inside] = colours[bench.area_of[inside]] if inside.any() else NO_AREA
    class_of[bench.left_over] = _LEFT_OVER
    sizes = {
        "area": (OKABE_ITO, False, int(inside.sum())),
        "left_over": ((_LEFT_OVER_COLOUR,), True, len(bench.left_over)),
        "out_of_scope": ((_OTHER_COLOUR,), False, int((class_of == _OTHER).sum())),
    }
    if bench.plan is None:
        sizes = {"no_plan": ((_OTHER_COLOUR,), False, len(bench.units))}
    bands = tuple(
        Band(key, fill, hatched, words_zh(f"areas.{key}"), words_en(f"areas.{key}"), count)
        for key, (fill, hatched, count) in sizes.items()
    )
    return MapTheme(
        AREAS, words_zh("areas.title"), words_en("areas.title"), bands,
        (*OKABE_ITO, _LEFT_OVER_COLOUR, _OTHER_COLOUR), class_of, class_of == _LEFT_OVER,
    )  # fmt: skip


def _indicator_theme(bench: Workbench, key: str) -> MapTheme:
    theme = next(entry for entry in THEMES if entry.key == key)
    table = theme_values(bench.layers, bench.policy, key)
    named = theme.bands(bench.policy)
    order = {band.key: number for number, band in enumerate(named)}
    class_of = table["band"].map(order).to_numpy(dtype=np.int64)
    fills = [_BAND_COLOURS[key].get(band.key, _NO_DATA) for band in named]
    bands = tuple(
        Band(band.key, (fill,), band.key not in _BAND_COLOURS[key], band.zh, band.en,
             int((class_of == order[band.key]).sum()))
        for band, fill in zip(named, fills, strict=True)
    )  # fmt: skip
    hatched = np.array([band.hatched for band in bands])[class_of]
    return MapTheme(key, theme.zh, theme.en, bands, tuple(fills), class_of, hatched)
