"""The map in the middle, with the line that says what is selected."""

from __future__ import annotations

from typing import Any

from dash import html

from analysis.indicators.classes import METHODS
from app.desks.selection.selected import NOTHING, selection_sentence
from app.i18n import Words
from app.maps.admin_units import UNIT
from app.maps.buildings import BuildingTiles
from app.session.page import PageData
from app.web.components.map_view import MapView
from app.web.layout import ids
from app.web.layout.aria import live, named
from app.web.layout.corrections.correcting import correcting_button
from app.web.layout.explained import explanation_box
from app.web.layout.figures.facts import facts_button
from app.web.layout.plans.editor import map_tools
from app.web.layout.sidebar import shown_groups


def map_panel(data: PageData, words: Words) -> html.Main:
    """The map and the selection line."""
    return html.Main(
        [
            first_map(data, words),
            html.Div(
                [
                    html.Div(
                        selection_sentence(data.bench, NOTHING, words),
                        id=ids.SELECTION_LINE,
                        className="selection-line",
                        role="status",
                        **live(),
                    ),
                    explanation_box(words),
                ],
                className="map-told",
            ),
            html.Div(
                [
                    facts_button(words),
                    html.A(
                        words("print.open"),
                        href="print",
                        id=ids.PRINT_OPEN,
                        target="_blank",
                        className="button quiet",
                        title=words("print.open_hint"),
                    ),
                    correcting_button(words),
                ],
                className="map-buttons",
            ),
            *(map_tools(words) if data.bench.plan else []),
            _corner(data, words),
            html.Div(id=ids.WALK_TOLD, className="walk-told", **live()),
            html.Div(id=ids.COMPARE_MAP, className="compare-map only-compare"),
        ],
        className="map-panel",
        **named(words("panel.map")),
    )


def first_map(data: PageData, words: Words) -> MapView:
    """The map before anything was chosen."""
    return MapView(
        id=ids.MAP,
        sources=map_sources(data, words),
        values_url=f"geo/{data.values.name}",
        cards_url=f"geo/{data.cards[words.language].name}",
        theme=data.themes[0].key,
        level=UNIT,
        classes=METHODS[0],
        values=None,
        dimmed=None,
        drawn=None,
        visible=shown_groups(data),
        bounds=list(data.bounds),
        selected={"area": None, "unit": None},
        words=words_of_map(words),
        vendor="vendor/",
    )


def map_sources(data: PageData, words: Words) -> dict[str, Any]:
    """Where the component finds each layer."""
    sources: dict[str, Any] = {name: f"geo/{file.name}" for name, file in data.layers.items()}
    if data.buildings is not None:
        kind = "pmtiles" if isinstance(data.buildings, BuildingTiles) else "geojson"
        sources["buildings"] = {"kind": kind, "url": f"geo/{data.buildings.name}"}
    for layer, later in data.later.items():
        sources[layer] = {"kind": "later", "url": f"geo/{later.name(words.language)}"}
    return sources


def _corner(data: PageData, words: Words) -> html.Div:
    """Where the figures on the map come from, and of when they are."""
    manifest = data.bench.dataset.manifest
    files = sorted({str(source.get("file", "")) for source in manifest.sources} - {""})
    parts = [
        words("corner.source", files=files[0] if files else words("corner.unknown")),
        *([words("corner.more", n=len(files))] if len(files) > 1 else []),
        words("page.data_date", date=manifest.data_date) if manifest.data_date else words("page.data_date_unknown"),
        words("corner.basis"),
    ]
    return html.Div(" · ".join(parts), className="corner", id=ids.CORNER)


def words_of_map(words: Words) -> dict[str, Any]:
    """The texts the component shows itself."""
    return {
        "lite": words("map.lite"),
        "failed": words("map.failed"),
        "locale": {
            "Map.Title": words("panel.map"),
            "NavigationControl.ZoomIn": words("map.zoom_in"),
            "NavigationControl.ZoomOut": words("map.zoom_out"),
            "ScaleControl.Meters": words("map.metres"),
            "ScaleControl.Kilometers": words("map.kilometres"),
        },
    }
