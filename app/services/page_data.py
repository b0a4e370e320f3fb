"""All that the page and the browser need of one workbench, made once when the server starts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from app.i18n import DEFAULT, LANGUAGES, load_words
from app.services.buildings import BuildingTiles, building_tiles, few_buildings
from app.services.cards import unit_cards
from app.services.edge_map import edge_files
from app.services.later import LaterFile
from app.services.map_layers import (
    BrowserFile,
    area_bounds,
    browser_file,
    map_layers,
    unit_bounds,
    whole_bounds,
)
from app.services.map_themes import MapTheme, area_fill, map_themes, theme_key, theme_record
from app.services.places import place_record
from app.services.site_map import site_files
from app.services.unit_index import unit_index
from app.services.workbench import Workbench

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class PageData:
    """A workbench made ready for the browser.

    Parameters
    ----------
    bench
        What is shown.
    themes
        In the order of their keys.
    layers
        GeoJSON of each layer of the map.
    buildings
        GeoJSON, tiles, or None where there are no buildings.
    values
        The colours of every theme.
    cards
        The hover cards by language.
    indexes
        What search, filter and the table of units read, by language.
    later
        Layers made when somebody asks: "sites", candidate charging places; "edges", who is next
        to whom.
    bounds, area_bounds, unit_bounds
        West, south, east, north in degrees: of everything, of each area, of each placed unit.
    """

    bench: Workbench
    themes: tuple[MapTheme, ...]
    layers: Mapping[str, BrowserFile]
    buildings: BrowserFile | BuildingTiles | None
    values: BrowserFile
    cards: Mapping[str, BrowserFile]
    indexes: Mapping[str, BrowserFile]
    later: Mapping[str, LaterFile]
    bounds: Bounds
    area_bounds: tuple[Bounds, ...]
    unit_bounds: Mapping[int, Bounds]

    def theme(self, key: str, method: str | None = None) -> MapTheme:
        """A theme by its key and the way its classes are made; the first where the key is unknown."""
        wanted = theme_key(key, method)
        return next((theme for theme in self.themes if theme.key == wanted), self.themes[0])

    @property
    def theme_list(self) -> list[MapTheme]:
        """The themes a reader chooses from, in the order of their keys."""
        return [theme for theme in self.themes if theme.key == theme.base]

    @property
    def version(self) -> str:
        """Tells pages apart whose positions of units or areas mean something else."""
        return self.cards[DEFAULT].name

    @property
    def files(self) -> dict[str, bytes]:
        """Every file in memory the browser may ask for, by name."""
        kept = [*self.layers.values(), self.values, *self.cards.values(), *self.indexes.values()]
        if isinstance(self.buildings, BrowserFile):
            kept.append(self.buildings)
        return {file.name: file.packed for file in kept}


def prepare_page(bench: Workbench) -> PageData:
    """Make the files for the browser: geometry once, values and cards beside it."""
    themes = map_themes(bench, load_words("zh"), load_words("en"))
    record = {**theme_record(themes, area_fill(bench)), "places": place_record(bench)}
    cards = {
        language: browser_file(
            f"cards-{language}", unit_cards(bench, load_words(language)), suffix="json"
        )
        for language in LANGUAGES
    }
    boxes = area_bounds(bench)
    indexes = {
        language: browser_file(
            f"index-{language}", unit_index(bench, load_words(language), boxes), suffix="json"
        )
        for language in LANGUAGES
    }
    return PageData(
        bench=bench,
        themes=themes,
        layers=map_layers(bench, themes),
        buildings=few_buildings(bench.dataset) or building_tiles(bench.dataset),
        values=browser_file("themes", json.dumps(record, separators=(",", ":")), suffix="json"),
        cards=cards,
        indexes=indexes,
        later=_later(bench, cards[DEFAULT].name.split("-")[-1][:16]),
        bounds=whole_bounds(bench),
        area_bounds=tuple(boxes),
        unit_bounds=unit_bounds(bench),
    )


def _later(bench: Workbench, version: str) -> dict[str, LaterFile]:
    """The layers of which there is anything to make."""
    words = {language: load_words(language) for language in LANGUAGES}
    makers = {
        "sites": ("buildings", lambda: site_files(bench, words)),
        "edges": ("edges", lambda: edge_files(bench, words)),
    }
    return {
        layer: LaterFile(layer, version, LANGUAGES, make)
        for layer, (needed, make) in makers.items()
        if bench.dataset.has(needed)
    }
