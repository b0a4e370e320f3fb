"""Whole places drawn for paper: the streets, say, in the colours of a theme with their values."""

from __future__ import annotations

from collections.abc import Collection

from markupsafe import Markup

from analysis.indicators.classes import Method
from app.i18n import Words
from app.maps.admin_units import PLACE_THEMES, make_place_bands, make_place_record, read_admin_units
from app.maps.svg_map import Frame, draw_place_map, place_pattern
from app.maps.themes import LegendClass
from app.workbench.scenario import BASE_SCENARIO, Scenario
from app.workbench.workbench import Workbench


def has_places(bench: Workbench, key: str, level: str) -> bool:
    """Whether a theme has a figure for the places of a level, and any of them has a shape."""
    return level in read_admin_units(bench).levels and any(theme.key == key for theme in PLACE_THEMES)


def draw_place_theme(
    bench: Workbench,
    key: str,
    level: str,
    frame: Frame,
    title: str,
    words: Words,
    method: Method = "policy",
    scenario: Scenario = BASE_SCENARIO,
    hidden_bands: Collection[str] = (),
) -> tuple[Markup, tuple[LegendClass, ...]]:
    """The drawing of a theme at a level as the reader turned it, and its legend.

    Parameters
    ----------
    hidden_bands
        Keys of the classes drawn faintly.
    """
    places = read_admin_units(bench).frame
    chosen = (places["level"] == level).to_numpy()
    record = make_place_record(bench, scenario)
    rows = record.get(f"{key}~{method}", record[key])
    own = [row for row, there in zip(rows, chosen, strict=True) if there]
    names = [name if isinstance(name, str) else "" for name in places["name"][chosen]]
    texts = ["\n".join(filter(None, [name, row[2]])) for name, row in zip(names, own, strict=True)]
    bands = make_place_bands(bench, key, level, words, scenario, method)
    pattern = {band.colours[0]: place_pattern(band) for band in bands}
    looks = [(row[0], pattern[row[0]]) for row in own]
    hidden = {band.colours[0] for band in bands if band.key in hidden_bands}
    return draw_place_map(bench, places[chosen], looks, texts, frame, title, hidden), bands
