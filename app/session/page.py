"""All that the page and the browser need of one workbench, made when it is first opened."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import metadata
from typing import Any

import numpy as np

from analysis.bundling.document.schema import plan_sha
from app.i18n import LANGUAGES, Words, load_words
from app.maps.admin_units import make_place_record, make_theme_places
from app.maps.buildings import BuildingTiles, building_geojson, building_tiles, start_tiling
from app.maps.cards import make_unit_cards
from app.maps.charging_sites import make_site_files
from app.maps.edges import make_edge_files
from app.maps.layers import (
    BrowserFile,
    LateFile,
    LazyLayer,
    area_bounds,
    make_browser_file,
    make_dataset_layers,
    make_plan_layers,
    total_bounds,
    unit_bounds,
)
from app.maps.themes import (
    AREAS,
    MapTheme,
    make_indicator_themes,
    make_themes,
    pick_area_colours,
    theme_key,
    theme_record,
)
from app.maps.unit_index import make_unit_index
from app.store.records import Version
from app.workbench.workbench import NOT_SHOWN, DatasetContext, Workbench, build_workbench

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class DatasetFiles:
    """What the browser needs of a dataset, whatever the plan.

    Parameters
    ----------
    layers
        GeoJSON of the layers of the map.
    buildings
        GeoJSON, tiles, or None where there are no buildings.
    lazy_layers
        Layers made when somebody asks: "sites", candidate charging places; "edges", who is next
        to whom.
    bounds, unit_bounds
        West, south, east, north in degrees: of everything, of each placed unit.
    themes, places
        The themes of indicators, and their colours of places.
    """

    layers: Mapping[str, BrowserFile]
    buildings: BrowserFile | BuildingTiles | None
    lazy_layers: Mapping[str, LazyLayer]
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
    files
        The files that are the same for every plan.
    themes
        In the order of their keys.
    layers
        GeoJSON of each layer of the map.
    values
        The colours of every theme.
    cards
        The hover cards by language, each made when it is first asked for.
    indexes
        What search, filter and the table of units read, by language, made as the cards are.
    area_bounds
        West, south, east, north of each area, degrees.
    """

    bench: Workbench
    dataset_files: DatasetFiles
    themes: tuple[MapTheme, ...]
    layers: Mapping[str, BrowserFile]
    values: BrowserFile
    cards: Mapping[str, LateFile]
    indexes: Mapping[str, LateFile]
    area_bounds: tuple[Bounds, ...]

    def theme(self, key: str, method: str | None = None) -> MapTheme:
        """A theme by its key and the way its classes are made; the first where the key is unknown.

        Parameters
        ----------
        key
            Of the theme.
        method
            None = by the policy.
        """
        wanted = theme_key(key, method)
        return next((theme for theme in self.themes if theme.key == wanted), self.themes[0])

    @property
    def theme_list(self) -> list[MapTheme]:
        """The themes a reader chooses from, in the order of their keys."""
        return [theme for theme in self.themes if theme.key == theme.base]

    @property
    def version(self) -> str:
        """Tells pages apart: the data, and the version of the plan."""
        return page_version(self.bench.context, self.bench.version)

    @property
    def bounds(self) -> Bounds:
        """West, south, east, north of everything."""
        return self.dataset_files.bounds

    @cached_property
    def opening_bounds(self) -> Bounds:
        """West, south, east, north of what the plan is about: the streets it was made for, or everything."""
        bench = self.bench
        streets = (bench.plan["rules"].get("streets") if bench.plan else None) or ()
        own = np.flatnonzero(bench.units["street_code"].isin(list(streets)).to_numpy())
        boxes = [self.unit_bounds[k] for k in own.tolist() if k in self.unit_bounds]
        if not boxes:
            return self.bounds
        west, south, east, north = zip(*boxes, strict=True)
        return min(west), min(south), max(east), max(north)

    @property
    def unit_bounds(self) -> Mapping[int, Bounds]:
        """West, south, east, north of each placed unit, by position."""
        return self.dataset_files.unit_bounds

    @property
    def buildings(self) -> BrowserFile | BuildingTiles | None:
        """The outlines of the buildings."""
        return self.dataset_files.buildings

    @property
    def lazy_layers(self) -> Mapping[str, LazyLayer]:
        """Layers made when somebody asks."""
        return self.dataset_files.lazy_layers

    @property
    def files(self) -> dict[str, BrowserFile | LateFile]:
        """Every file in memory the browser may ask for, by name."""
        kept: list[BrowserFile | LateFile] = [
            *self.layers.values(),
            self.values,
            *self.cards.values(),
            *self.indexes.values(),
        ]
        if isinstance(self.buildings, BrowserFile):
            kept.append(self.buildings)
        return {file.name: file for file in kept}


def page_version(context: DatasetContext, version: Version | None) -> str:
    """Name of a page: of its data, then of the version of the plan, "-" without one.

    Parameters
    ----------
    context
        The dataset and what is in force for it.
    version
        Of the plan; None = the plan is of no store.
    """
    return f"{context.key}.{version.id if version else '-'}"


_DRAWN = ("streets", "neighbourhoods", "boundary", "barriers", "crossings", "roads", "open_spaces")
"""The layers the map shows whatever the plan."""


def prepare_dataset_files(
    context: DatasetContext, before: tuple[DatasetContext, DatasetFiles] | None = None
) -> DatasetFiles:
    """Make the files every plan of a dataset shares.

    Parameters
    ----------
    context
        The dataset.
    before
        An earlier state and its files: what is drawn of the same layers is not drawn again.
    """
    kept = before[1] if before else None
    if kept and before and before[0].key == context.key:  # the same in another folder
        return replace(kept, lazy_layers=_make_lazy_layers(context))
    bare = build_workbench(context, None)

    def stands(*layers: str) -> bool:
        states = [one.dataset.manifest for one in (context, *(before or ())[:1])]
        return len(states) == 2 and states[0].layer_hashes(layers) == states[1].layer_hashes(layers)

    return DatasetFiles(
        layers=kept.layers if kept and stands(*_DRAWN) else make_dataset_layers(context),
        buildings=kept.buildings
        if kept and stands("buildings")
        else building_geojson(context.dataset) or building_tiles(context.dataset),
        lazy_layers=_make_lazy_layers(context),
        bounds=total_bounds(context),
        unit_bounds=unit_bounds(context),
        themes=make_indicator_themes(bare),
        places=make_place_record(bare),
    )


class DatasetState:
    """A dataset as it was read, and the files every plan of it shares, made when a page needs them.

    Parameters
    ----------
    context
        The dataset.
    before
        The state it followed: what is drawn of the same layers is not drawn again.
    """

    def __init__(self, context: DatasetContext, before: DatasetState | None = None) -> None:
        self.context = context
        drawn = before is not None and "files" in vars(before)
        self._before = (before.context, before.files) if before is not None and drawn else None

    def list_shared(self) -> list[BrowserFile]:
        """What is drawn whatever the plan, of files that are made."""
        made: DatasetFiles | None = vars(self).get("files")
        if made is None:
            return []
        drawn = [*made.layers.values(), made.buildings]
        return [file for file in drawn if isinstance(file, BrowserFile)]

    @cached_property
    def files(self) -> DatasetFiles:
        """What the browser needs of it."""
        made = prepare_dataset_files(self.context, self._before)
        self._before = None
        if isinstance(made.buildings, BuildingTiles):
            start_tiling(self.context.dataset, made.buildings)
        return made


def prepare_page(bench: Workbench, files: DatasetFiles | None = None) -> PageData:
    """Make the files for the browser: geometry once, values and cards next to it.

    Parameters
    ----------
    bench
        What is shown.
    files
        The files of its dataset, when another plan is shown already.
    """
    files = files or prepare_dataset_files(bench.context)
    themes = make_themes(bench, load_words("zh"), load_words("en"), files.themes)
    record = {
        **theme_record(themes, pick_area_colours(bench)),
        "places": {**files.places, **make_theme_places(bench, AREAS)},
    }
    boxes = area_bounds(bench)
    makers = {
        "cards": lambda words: make_unit_cards(bench, words),
        "index": lambda words: make_unit_index(bench, words, boxes),
    }
    late = {name: {lang: _name_late(bench, name, lang, make) for lang in LANGUAGES} for name, make in makers.items()}
    return PageData(
        bench=bench,
        dataset_files=files,
        themes=themes,
        layers={**files.layers, **make_plan_layers(bench, themes)},
        values=make_browser_file("themes", json.dumps(record, separators=(",", ":")), suffix="json"),
        cards=late["cards"],
        indexes=late["index"],
        area_bounds=tuple(boxes),
    )


def _name_late(bench: Workbench, name: str, language: str, make: Callable[[Words], str]) -> LateFile:
    """A file in one language, named by all it is made from: data, rules, plan, texts, program."""
    words, version = load_words(language), bench.version
    plan = "" if bench.plan is None else version.plan_sha256 if version else plan_sha(dict(bench.plan))
    content = bench.dataset.manifest.sha256_without(*NOT_SHOWN)
    made_from = (content, bench.policy.sha256, plan, *words.texts.values(), metadata.version("pianqu"))
    digest = hashlib.sha256("\x1f".join(made_from).encode()).hexdigest()[:16]
    return LateFile(f"{name}-{language}-{digest}.json", lambda: make(words))


def _make_lazy_layers(context: DatasetContext) -> dict[str, LazyLayer]:
    """The layers of which there is anything to make."""
    bench = build_workbench(context, None)
    words = {language: load_words(language) for language in LANGUAGES}
    makers = {
        "sites": ("buildings", lambda: make_site_files(bench, words)),
        "edges": ("edges", lambda: make_edge_files(bench, words)),
    }
    return {
        layer: LazyLayer(layer, context.key, LANGUAGES, make)
        for layer, (needed, make) in makers.items()
        if context.dataset.has(needed)
    }
