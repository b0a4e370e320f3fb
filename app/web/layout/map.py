"""The map as the page has it: its component, its layers, and the cards that explain what is selected on it."""

from __future__ import annotations

import math
from typing import Any

from dash import html
from dash.development.base_component import Component

from analysis.indicators.classes import METHODS
from app.desks.selection.explanation import ExplanationCard
from app.i18n import Words
from app.maps.admin_units import find_first_level
from app.maps.buildings import BuildingTiles
from app.session.page import PageData
from app.web.components.map_view import MapView
from app.web.components.scripts import vendor_address
from app.web.layout import ids
from app.web.layout.widgets import aria_label
from app.workbench.base_map import find_base_map

LAYER_GROUPS = ("areas", "units", "names", "buildings", "streets", "barriers", "roads", "edges", "sites")
"""Groups of map layers the reader switches, as `map_style.js` names them."""

_UNITS_FROM = 12.2
"""Zoom from which units are coloured, as `map_places.js` has it."""
_MAP_WIDTH_PX, _MAP_HEIGHT_PX = 714.0, 453.0
"""Of the first view on a screen of 1366 × 768, without its margins."""
_LAYERS_OF_GROUP = {"names": "units"}


def first_map(data: PageData, words: Words) -> MapView:
    """The map before anything was chosen.

    Parameters
    ----------
    data
        All that one page is made of.
    words
        Texts in the reader's language.
    """
    return MapView(
        id=ids.MAP,
        sources=map_sources(data, words),
        values_url=f"geo/{data.values.name}",
        cards_url=f"geo/{data.cards[words.language].name}",
        theme=data.themes[0].key,
        level=find_first_level(data.bench.context),
        far=is_far(data.opening_bounds),
        classes=METHODS[0],
        values=None,
        dimmed=None,
        drawn=None,
        visible=visible_groups(data),
        bounds=list(data.bounds),
        opens_on=list(data.opening_bounds),
        kept_as=data.bench.version.plan_id if data.bench.version else "-",
        selected={"area": None, "unit": None},
        words=map_texts(words),
        vendor=vendor_address(),
        base_map=describe_base_map(),
    )


def describe_base_map() -> dict[str, object] | None:
    """What the map draws below everything; None where the office set nothing."""
    base = find_base_map()
    return None if base is None else base.describe()


def is_far(bounds: tuple[float, float, float, float]) -> bool:
    """Whether the first view of a map shows so much that units would be confetti; the map itself tells later."""
    west, south, east, north = bounds
    height = (north - south) / math.cos(math.radians((south + north) / 2))
    return max((east - west) / _MAP_WIDTH_PX, height / _MAP_HEIGHT_PX) > 360 / 512 / 2**_UNITS_FROM


def map_sources(data: PageData, words: Words) -> dict[str, Any]:
    """Where the component finds each layer.

    Parameters
    ----------
    data
        All that one page is made of.
    words
        Texts in the reader's language.
    """
    sources: dict[str, Any] = {name: f"geo/{file.name}" for name, file in data.layers.items()}
    if data.buildings is not None:
        kind = "pmtiles" if isinstance(data.buildings, BuildingTiles) else "geojson"
        sources["buildings"] = {"kind": kind, "url": f"geo/{data.buildings.name}"}
    for layer, later in data.lazy_layers.items():
        sources[layer] = {"kind": "later", "url": f"geo/{later.name(words.language)}"}
    return sources


def present_groups(data: PageData) -> list[str]:
    """The groups of layers of which the dataset has anything."""
    there = set(data.layers) | ({"buildings"} if data.buildings else set())
    there |= set(data.lazy_layers)
    return [group for group in LAYER_GROUPS if _LAYERS_OF_GROUP.get(group, group) in there]


def visible_groups(data: PageData) -> list[str]:
    """The groups that are on at first: all but those that take a while."""
    return [group for group in present_groups(data) if group not in data.lazy_layers]


def map_texts(words: Words) -> dict[str, Any]:
    """The texts the component shows itself."""
    return {
        "lite": words("map.lite"),
        "lite_back": words("map.lite_back"),
        "failed": words("map.failed"),
        "open_street": words("map.open_street"),
        "locale": {
            "Map.Title": words("panel.map"),
            "NavigationControl.ZoomIn": words("map.zoom_in"),
            "NavigationControl.ZoomOut": words("map.zoom_out"),
            "ScaleControl.Meters": words("map.metres"),
            "ScaleControl.Kilometers": words("map.kilometres"),
        },
    }


def explanation_box(words: Words) -> html.Div:
    """Where the card goes; not shown while it is empty."""
    return html.Div(id=ids.EXPLANATION, className="explanation", role="region", **aria_label(words("explain.title")))


def explanation_card(card: ExplanationCard | None, words: Words, opinions: str | None = None) -> list[Component]:
    """The card that explains what is selected; nothing without one.

    Parameters
    ----------
    card
        Its sentences.
    words
        Texts in the reader's language.
    opinions
        Address where opinions on it are given; None where nobody signs in.
    """
    if card is None:
        return []
    close = html.Button("×", type="button", className="card-close", **aria_label(words("explain.close")))
    body: list[Component] = [html.H3(card.title), close]
    for heading, sentences in card.sections:
        body += [html.H4(heading), html.Ul([html.Li(sentence) for sentence in sentences])]
    if opinions is not None:
        body.append(html.A(words("approval.open_unit"), href=opinions, className="inline-link"))
    return body


def walk_sentences(sentences: tuple[str, ...]) -> list[Component]:
    """What is said about the walk that is drawn."""
    return [html.P(sentence) for sentence in sentences]
