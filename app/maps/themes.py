"""The themes of the map: a colour for every unit, and the legend that explains it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.figures.indicator import Theme
from analysis.indicators.classes import METHODS, Method, classify_values
from analysis.indicators.registry import THEMES, classify_units
from analysis.studies.colouring import OKABE_ITO, colour_areas, find_adjacent_areas
from app.i18n import Words
from app.maps.palettes import BAND_COLOURS, MET, NO_DATA, sample_diverging, sample_viridis
from app.workbench.scenario import Scenario, apply_scenario
from app.workbench.workbench import NO_AREA, Workbench

AREAS = "areas"
NEXT_TO_M = 150.0
"""Areas this close get different colours, metres: what the eye takes for neighbours."""

_LEFT_OVER_COLOUR, _OTHER_COLOUR, _PALE_OTHER_COLOUR = "#ffffff", "#d9dce1", "#e7e9ec"
_DARK_IS_LOW = ("built_year",)
"""Themes of numbers whose low end deserves the dark colour; elsewhere it is the high end."""
_LOAD = "ebike_ports"
"""The theme of numbers that has a target of its own."""


@dataclass(frozen=True)
class LegendClass:
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
    is_met
        Whether what is in it meets the target; None where there is no target.
    """

    key: str
    colours: tuple[str, ...]
    hatched: bool
    zh: str
    en: str
    n_units: int
    is_met: bool | None = None


@dataclass(frozen=True)
class _AreaLook:
    """How units of one kind are coloured inside areas: how much of the area's colour they have, 0 to 1."""

    key: str
    strength: float = 1.0
    is_hatched: bool = False


_PLAIN_LOOKS = (_AreaLook("area"),)
_LED_LOOKS = (_AreaLook("led", 0.48), _AreaLook("unled", 0.32, is_hatched=True), _AreaLook("member", 0.17))


@dataclass(frozen=True, eq=False)
class MapTheme:
    """One way to colour the map.

    Parameters
    ----------
    key
        "areas" or the key of a theme of `analysis.indicators`; "key~method" where its classes are
        made another way.
    method
        How its classes are made; None where there is no choice.
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
    bands: tuple[LegendClass, ...]
    palette: tuple[str, ...]
    class_of: np.ndarray
    hatched: np.ndarray
    method: Method | None = None

    @property
    def base(self) -> str:
        """The key without the way its classes are made."""
        return self.key.partition("~")[0]


def make_themes(
    bench: Workbench, words_zh: Words, words_en: Words, of_indicators: tuple[MapTheme, ...] | None = None
) -> tuple[MapTheme, ...]:
    """All themes in the order of the list, one with another way of making classes after its own.

    `of_indicators` are those of `make_indicator_themes`, where they are made already: no plan changes them.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    words_zh, words_en
        Texts in both languages.
    of_indicators
        Those of `make_indicator_themes`, where they are made already.
    """
    own = make_indicator_themes(bench) if of_indicators is None else of_indicators
    return (_areas_theme(bench, words_zh, words_en), *own)


def pick_area_colours(bench: Workbench) -> list[str]:
    """A colour for each area, so that areas next to each other differ."""
    pairs = find_adjacent_areas(bench.units.geometry.to_numpy(), bench.area_of, gap_m=NEXT_TO_M)
    return [OKABE_ITO[colour] for colour in colour_areas(len(bench.areas), pairs)]


def make_indicator_themes(bench: Workbench) -> tuple[MapTheme, ...]:
    """The themes of indicators under the policy of a workbench; the areas do not change with it."""
    return tuple(one for theme in THEMES for one in _indicator_themes(bench, theme))


def recolour_theme(bench: Workbench, theme: MapTheme, scenario: Scenario) -> MapTheme:
    """A theme under the policy that is tried; areas do not change with it.

    Parameters
    ----------
    bench
        The dataset and the plan that a page shows.
    theme
        Of the map.
    scenario
        What the reader turned.
    """
    if theme.key == AREAS or not scenario.changes:
        return theme
    return next(one for one in make_indicator_themes(apply_scenario(bench, scenario)) if one.key == theme.key)


def theme_key(base: str, method: str | None, level: str = "unit") -> str:
    """The key under which a theme's colours are kept; the policy's own classes have the plain key.

    Parameters
    ----------
    base
        Key of the theme.
    method
        How its classes are made; None = by the policy.
    level
        What places are: "district", "street" …

    Examples
    --------
    >>> theme_key("built_year", "natural"), theme_key("built_year", "policy"), theme_key("areas", "natural")
    ('built_year~natural', 'built_year', 'areas')
    """
    can_choose = level != "unit" or any(t.key == base and t.step is not None for t in THEMES)
    return f"{base}~{method}" if can_choose and method in METHODS[1:] else base


def theme_patches(themes: Iterable[MapTheme]) -> dict[str, dict[str, Any]]:
    """The colours of themes by key, as the map component paints them."""
    return {
        theme.key: {
            "colours": theme.palette,
            "hatched": sorted(set(theme.class_of[theme.hatched].tolist())),
            "class_of": theme.class_of.tolist(),
        }
        for theme in themes
    }


def diff_themes(before: Iterable[MapTheme], after: Iterable[MapTheme]) -> dict[str, dict[str, Any]]:
    """Those of :func:`theme_patches` that look otherwise than before.

    Parameters
    ----------
    before, after
        The themes, in the same order.
    """
    known = {theme.key: theme for theme in before}
    return theme_patches(
        theme
        for theme in after
        if theme.palette != known[theme.key].palette or not np.array_equal(theme.class_of, known[theme.key].class_of)
    )


def theme_record(themes: Iterable[MapTheme], area_fills: list[str]) -> dict[str, Any]:
    """What the map component needs to paint every theme without asking again.

    Parameters
    ----------
    themes
        Of the map.
    area_fills
        Colour of each area.
    """
    return {"areas": [{"fill": fill, "edge": darken(fill)} for fill in area_fills], "themes": theme_patches(themes)}


def tint(colour: str, strength: float) -> str:
    """A colour mixed with white.

    Parameters
    ----------
    colour
        "#rrggbb".
    strength
        Share of the colour, 0 to 1.

    Examples
    --------
    >>> tint("#FF0000", 0.5), tint("#0072B2", 1.0)
    ('#FF8080', '#0072B2')
    """
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    red, green, blue = (round(255 - (255 - part) * strength) for part in parts)
    return f"#{red:02X}{green:02X}{blue:02X}"


def darken(colour: str) -> str:
    """A colour at 60 % of its light, for outlines that must show on white.

    Examples
    --------
    >>> darken("#FFFF00")
    '#999900'
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"#{red * 6 // 10:02x}{green * 6 // 10:02x}{blue * 6 // 10:02x}"


def _areas_theme(bench: Workbench, words_zh: Words, words_en: Words) -> MapTheme:
    """Areas apart by colour; where leaders are inside, what is led stronger than what only shares services."""
    looks = _LED_LOOKS if bench.has_leaders_inside else _PLAIN_LOOKS
    colours = np.array([OKABE_ITO.index(colour) for colour in pick_area_colours(bench)], dtype=np.int64)
    palette = [tint(colour, look.strength) for look in looks for colour in OKABE_ITO]
    left_over, other = len(palette), len(palette) + 1
    class_of = np.full(len(bench.units), other, dtype=np.int64)
    inside = bench.area_of != NO_AREA
    look_of = np.zeros(len(bench.units), dtype=np.int64)
    if bench.has_leaders_inside:
        number = {look.key: k for k, look in enumerate(looks)}
        look_of[:] = number["member"]
        look_of[[*bench.leaders, *bench.followers]] = number["led"]
        look_of[list(bench.unled_reasons)] = number["unled"]
    class_of[inside] = colours[bench.area_of[inside]] + len(OKABE_ITO) * look_of[inside] if inside.any() else NO_AREA
    class_of[bench.left_over] = left_over
    sizes = {
        look.key: (
            tuple(palette[number * len(OKABE_ITO) : (number + 1) * len(OKABE_ITO)]),
            look.is_hatched,
            int((inside & (look_of == number)).sum()),
        )
        for number, look in enumerate(looks)
    }
    other_colour = _PALE_OTHER_COLOUR if bench.has_leaders_inside else _OTHER_COLOUR
    sizes |= {
        "left_over": ((_LEFT_OVER_COLOUR,), True, len(bench.left_over)),
        "out_of_scope": ((other_colour,), False, int((class_of == other).sum())),
    }
    if bench.plan is None:
        sizes = {"no_plan": ((_OTHER_COLOUR,), False, len(bench.units))}
    bands = tuple(
        LegendClass(key, fill, hatched, words_zh(f"areas.{key}"), words_en(f"areas.{key}"), count)
        for key, (fill, hatched, count) in sizes.items()
    )
    hatched_looks = [number for number, look in enumerate(looks) if look.is_hatched]
    return MapTheme(
        AREAS,
        words_zh("areas.title"),
        words_en("areas.title"),
        bands,
        (*palette, _LEFT_OVER_COLOUR, other_colour),
        class_of,
        (class_of == left_over) | (inside & np.isin(look_of, hatched_looks)),
    )


def _indicator_themes(bench: Workbench, theme: Theme) -> list[MapTheme]:
    """A theme, and where it shows numbers also with its classes made the other ways."""
    table = classify_units(bench.layers, bench.policy, theme.key)
    methods: Sequence[Method] = METHODS if theme.step is not None else METHODS[:1]
    return [_classed_theme(bench, theme, table, method) for method in methods]


def _classed_theme(bench: Workbench, theme: Theme, table: pd.DataFrame, method: Method) -> MapTheme:
    target = float(bench.policy.value("ebike.bikes_per_port")) if theme.key == _LOAD else None
    named, band_of = classify_values(theme, table, bench.policy, method, target)
    order = {band.key: number for number, band in enumerate(named)}
    class_of = band_of.map(order).to_numpy(dtype=np.int64)
    colours, met = dict(BAND_COLOURS[theme.key]), dict(MET.get(theme.key, {}))
    if method != "policy":
        made = [band.key for band in named if band.key not in theme.kept]
        if theme.key == _LOAD:
            values = table["value"].groupby(band_of).max()
            met = {key: bool(values[key] <= target) for key in made}
        is_judged = theme.key in MET
        dark_is_low = theme.key in _DARK_IS_LOW
        fills_of = (
            sample_diverging([met[key] for key in made], is_lower_better=True)
            if is_judged
            else sample_viridis(len(made), dark_is_low=dark_is_low)
        )
        colours.update(zip(made, fills_of, strict=True))
    fills = [colours.get(band.key, NO_DATA) for band in named]
    counts = np.bincount(class_of, minlength=len(named))
    bands = tuple(
        LegendClass(band.key, (fill,), band.key not in colours, band.zh, band.en, int(count), met.get(band.key))
        for band, fill, count in zip(named, fills, counts, strict=True)
    )
    hatched = np.array([band.hatched for band in bands])[class_of]
    return MapTheme(
        theme_key(theme.key, method),
        theme.zh,
        theme.en,
        bands,
        tuple(fills),
        class_of,
        hatched,
        method if theme.step is not None else None,
    )
