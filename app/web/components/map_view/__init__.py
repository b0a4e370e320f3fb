"""The map of the workbench: a Dash component around MapLibre GL JS, written by hand, no build step.

The browser half is `map_view.js` (the component) and `map_style.js` (the look). They use the
React that Dash brings and load MapLibre from the app's own server, so nothing is fetched from
elsewhere. See `README.md` next to this file for the properties.
"""

from __future__ import annotations

from typing import Any

from dash.development.base_component import Component

__version__ = "0.1.0"

SCRIPTS = (
    "map_style.js",
    "map_base.js",
    "map_corners.js",
    "map_draw.js",
    "map_frames.js",
    "map_geometry.js",
    "map_kept.js",
    "map_marks.js",
    "map_pad.js",
    "map_places.js",
    "map_surface.js",
    "map_tools.js",
    "map_view.js",
    "map_lite.js",
    "map_lite_surface.js",
    "map_swipe.js",
)


class MapView(Component):
    """The map; every property is plain JSON.

    Parameters
    ----------
    id
        Dash id.
    sources
        URL of each layer's file: units, dots, areas, area_points, anchors, spokes, led_points,
        streets, barriers, crossings, roads, places, place_points, buildings, sites (absent layers are left out).
        Buildings and sites are `{"kind", "url"}`; sites are asked for when they are first shown.
    values_url
        URL of the themes: for each theme the fill of each unit, see `app.maps.themes`.
    cards_url
        URL of the hover cards by unit position.
    theme
        Key of the theme shown.
    classes
        The way the theme's classes are made: "policy", "natural" or "quantile".
    level
        "unit", the level whose places are coloured as a whole, or "auto": streets from afar, units from near.
    far
        Whether "auto" shows streets now; the page guesses, the map tells.
    values
        Colours that stand before those of `values_url`: `{"themes", "places"}`; None = none.
    dimmed
        What gives way: `{"fills": [colours of classes], "units": [positions that stay] or None}`.
    visible
        Groups of layers that are shown.
    bounds
        West, south, east, north of everything, degrees.
    opens_on
        The same of the first view; None = everything.
    kept_as
        Of what the place is kept over a reload: the plan; None = it is not.
    selected
        `{"area": position or None, "unit": position or None}`.
    fly
        `{"bounds": [w, s, e, n]}`; the map moves there whenever it is set, and outlines `place`, the number of
        a place of the layer "places", until something else is selected.
    drawn
        GeoJSON of a walk or of what is reached on foot; property `what`: "way", "reach_road",
        "reach_area". None for nothing.
    pin
        `[lon, lat]` of a place being chosen; None for none.
    built
        GeoJSON of places somebody chose to build; None for none.
    sketch
        `{"tool", "shape", "unit", "fly", "words", "n"}`: what is to be drawn: "polygon", "line",
        "point", or picked: "unit", "crossing"; and a GeoJSON geometry that is shown, or taken hold
        of by the tool "corners": the outline of the unit at this position. None for neither.
    sketched
        Reported by the map: `{"tool", "geometry" | "unit" | "crossing" | "cancelled", "n"}`.
    counted
        `{"key", "units": [positions]}`: units outlined because they are behind a figure; None = none.
    words
        Texts the component itself shows, in the page's language.
    vendor
        URL prefix of the front-end parts.
    base_map
        `{"kind": "mbtiles" | "pmtiles" | "foreign", "tiles": [addresses], "minzoom", "maxzoom",
        "bounds"}`; None for none.
    click, ready, problem
        Reported by the map: `{"unit", "area", "pair", "site", "lon", "lat", "n"}`,
        `{"ms", "webgl", "renderer"}`, text.
    """

    _children_props: list[str] = []  # noqa: RUF012 (the names Dash asks for)
    _base_nodes: list[str] = []  # noqa: RUF012
    _namespace = "pianqu_map"
    _type = "MapView"

    def __init__(self, id: str, **properties: Any) -> None:  # noqa: A002
        self._prop_names = [
            "id",
            "sources",
            "values_url",
            "cards_url",
            "theme",
            "classes",
            "level",
            "far",
            "values",
            "dimmed",
            "visible",
            "bounds",
            "opens_on",
            "kept_as",
            "selected",
            "fly",
            "drawn",
            "pin",
            "sketch",
            "sketched",
            "built",
            "counted",
            "words",
            "vendor",
            "base_map",
            "click",
            "ready",
            "problem",
        ]
        self._valid_wildcard_attributes: list[str] = []
        self.available_properties = self._prop_names
        self.available_wildcard_properties: list[str] = []
        super().__init__(id=id, **properties)
