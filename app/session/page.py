"""All that the page and the browser need of one workbench, made when it is first opened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.desks.charging.site_map import site_files
from app.i18n import LANGUAGES, load_words
from app.maps.admin_units import place_record
from app.maps.buildings import BuildingTiles, building_tiles, few_buildings
from app.maps.cards import unit_cards
from app.maps.edges import edge_files
from app.maps.layers import (
    BrowserFile,
    area_bounds,
    browser_file,
    ground_layers,
    plan_layers,
    unit_bounds,
    whole_bounds,
)
from app.maps.lazy_layer import LaterFile
from app.maps.themes import MapTheme, area_fill, map_themes, theme_key, theme_record, tried_themes
from app.maps.unit_index import unit_index
from app.store.records import Version
from app.workbench.workbench import Ground, Workbench, with_plan

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class GroundFiles:
    """What the browser needs of a dataset, whatever the plan.

    Parameters
    ----------
    layers
        GeoJSON of the layers of the map.
    buildings
        GeoJSON, tiles, or None where there are no buildings.
    later
        Layers made when somebody asks: "sites", candidate charging places; "edges", who is next
        to whom.
    bounds, unit_bounds
        West, south, east, north in degrees: of everything, of each placed unit.
    themes, places
        The themes of indicators, and their colours of places.
    """

    layers: Mapping[str, BrowserFile]
    buildings: BrowserFile | BuildingTiles | None
    later: Mapping[str, LaterFile]
    bounds: Bounds
    unit_bounds: Mapping[int, Bounds]
    themes: tuple[MapTheme, ...]
    places: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class PageData:
    """A workbench made ready for the browser.

    Parameters
    ----------
    bench
        What is shown.
    ground
        The files that are the same for every plan.
    themes
        In the order of their keys.
    layers
        GeoJSON of each layer of the map.
    values
        The colours of every theme.
    cards
        The hover cards by language.
    indexes
        What search, filter and the table of units read, by language.
    area_bounds
        West, south, east, north of each area, degrees.
    """

    bench: Workbench
    ground: GroundFiles
    themes: tuple[MapTheme, ...]
    layers: Mapping[str, BrowserFile]
    values: BrowserFile
    cards: Mapping[str, BrowserFile]
    indexes: Mapping[str, BrowserFile]
    area_bounds: tuple[Bounds, ...]

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
        """Tells pages apart: the data, and the version of the plan."""
        return page_version(self.bench.ground, self.bench.version)

    @property
    def bounds(self) -> Bounds:
        """West, south, east, north of everything."""
        return self.ground.bounds

    @property
    def unit_bounds(self) -> Mapping[int, Bounds]:
        """West, south, east, north of each placed unit, by position."""
        return self.ground.unit_bounds

    @property
    def buildings(self) -> BrowserFile | BuildingTiles | None:
        """The outlines of the buildings."""
        return self.ground.buildings

    @property
    def later(self) -> Mapping[str, LaterFile]:
        """Layers made when somebody asks."""
        return self.ground.later

    @property
    def files(self) -> dict[str, bytes]:
        """Every file in memory the browser may ask for, by name."""
        kept = [*self.layers.values(), self.values, *self.cards.values(), *self.indexes.values()]
        if isinstance(self.buildings, BrowserFile):
            kept.append(self.buildings)
        return {file.name: file.packed for file in kept}


def page_version(ground: Ground, version: Version | None) -> str:
    """Name of a page: of its data, then of the version of the plan, "-" without one."""
    return f"{ground.key}.{version.id if version else '-'}"


def prepare_ground(ground: Ground) -> GroundFiles:
    """Make the files every plan of a dataset shares."""
    bare = with_plan(ground, None)
    return GroundFiles(
        layers=ground_layers(ground),
        buildings=few_buildings(ground.dataset) or building_tiles(ground.dataset),
        later=_later(ground),
        bounds=whole_bounds(ground),
        unit_bounds=unit_bounds(ground),
        themes=tried_themes(bare),
        places=place_record(bare),
    )


def prepare_page(bench: Workbench, ground: GroundFiles | None = None) -> PageData:
    """Make the files for the browser: geometry once, values and cards beside it.

    Parameters
    ----------
    bench
        What is shown.
    ground
        The files of its dataset, when another plan is shown already.
    """
    ground = ground or prepare_ground(bench.ground)
    themes = map_themes(bench, load_words("zh"), load_words("en"), ground.themes)
    record = {**theme_record(themes, area_fill(bench)), "places": ground.places}
    boxes = area_bounds(bench)
    return PageData(
        bench=bench,
        ground=ground,
        themes=themes,
        layers={**ground.layers, **plan_layers(bench, themes)},
        values=browser_file("themes", json.dumps(record, separators=(",", ":")), suffix="json"),
        cards={
            language: browser_file(f"cards-{language}", unit_cards(bench, load_words(language)), suffix="json")
            for language in LANGUAGES
        },
        indexes={
            language: browser_file(f"index-{language}", unit_index(bench, load_words(language), boxes), suffix="json")
            for language in LANGUAGES
        },
        area_bounds=tuple(boxes),
    )


def _later(ground: Ground) -> dict[str, LaterFile]:
    """The layers of which there is anything to make."""
    bench = with_plan(ground, None)
    words = {language: load_words(language) for language in LANGUAGES}
    makers = {
        "sites": ("buildings", lambda: site_files(bench, words)),
        "edges": ("edges", lambda: edge_files(bench, words)),
    }
    return {
        layer: LaterFile(layer, ground.key, LANGUAGES, make)
        for layer, (needed, make) in makers.items()
        if ground.dataset.has(needed)
    }
