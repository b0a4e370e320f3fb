"""Whole places drawn for paper: the streets, say, in the colours of a theme with their values."""

from __future__ import annotations

from collections.abc import Collection

from markupsafe import Markup

from analysis.indicators.classes import Method
from app.i18n import Words
from app.maps.admin_units import PLACE_THEMES, place_bands, place_record, places_of
from app.maps.svg_map import Frame, place_map, place_pattern
from app.maps.themes import Band
from app.workbench.scenario import ORIGINAL, Choice
from app.workbench.workbench import Workbench


def has_places(bench: Workbench, key: str, level: str) -> bool:
    """Whether a theme has a figure for the places of a level, and any of them has a shape."""
    return level in places_of(bench).levels and any(theme.key == key for theme in PLACE_THEMES)


def place_plate(
    bench: Workbench,
    key: str,
    level: str,
    frame: Frame,
    title: str,
    words: Words,
    method: Method = "policy",
    choice: Choice = ORIGINAL,
    hidden_bands: Collection[str] = (),
) -> tuple[Markup, tuple[Band, ...]]:
    """The drawing of a theme at a level as the reader turned it, and its legend.

    Parameters
    ----------
    hidden_bands
        Keys of the classes drawn faintly.
    """
    places = places_of(bench).frame
    chosen = (places["level"] == level).to_numpy()
    record = place_record(bench, choice)
    rows = record.get(f"{key}~{method}", record[key])
    own = [row for row, there in zip(rows, chosen, strict=True) if there]
    names = [name if isinstance(name, str) else "" for name in places["name"][chosen]]
    texts = ["\n".join(filter(None, [name, row[2]])) for name, row in zip(names, own, strict=True)]
    bands = place_bands(bench, key, level, words, choice, method)
    pattern = {band.colours[0]: place_pattern(band) for band in bands}
    looks = [(row[0], pattern[row[0]]) for row in own]
    hidden = {band.colours[0] for band in bands if band.key in hidden_bands}
    return place_map(bench, places[chosen], looks, texts, frame, title, hidden), bands
