"""Areas and units of a plan as vector tiles, after OGC API – Tiles: Mapbox Vector Tiles in WebMercatorQuad."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import shapely

from app.desks.publishing.features import FeatureLayer, LayerName, make_feature_layer
from app.i18n import say
from app.workbench.kept import keep_with_owner
from app.workbench.workbench import Workbench
from geo.errors import UsageError

LEAST_ZOOM, MOST_ZOOM = 8, 18
"""Zooms that are served: about 38 m and 4 cm for one step of a tile; viewers enlarge the last."""

EXTENT = 4096
"""Steps of a tile from edge to edge, by the specification's usual choice."""

BUFFER = 64
"""Steps beyond the edge that a tile holds too, so that outlines do not show its edge."""

_HALF_WORLD_M = 20037508.342789244
"""Half the edge of the square of WebMercatorQuad (OGC 17-083r4, annex D), metres of EPSG:3857."""

_DRAWN = (shapely.GeometryType.POINT, shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True, eq=False)
class TileLayer:
    """The shapes of a layer where tiles are cut from.

    Parameters
    ----------
    features
        The features, as pages of them are given.
    shapes
        (n,) their geometries, EPSG:3857; None without a place.
    tree
        Finds shapes by their boxes.
    """

    features: FeatureLayer
    shapes: np.ndarray
    tree: shapely.STRtree


@keep_with_owner
def make_tile_layer(bench: Workbench, layer: LayerName) -> TileLayer:
    """A layer ready to be cut into tiles; made once for each page.

    Parameters
    ----------
    bench
        The plan on its data; one with a plan.
    layer
        Which one.
    """
    features = make_feature_layer(bench, layer)
    geometries = [json.dumps(json.loads(text)["geometry"]) for text in features.texts]
    degrees = shapely.from_geojson([None if text == "null" else text for text in geometries])
    shapes = gpd.GeoSeries(degrees, crs="EPSG:4326").to_crs("EPSG:3857").to_numpy()
    return TileLayer(features, shapes, shapely.STRtree(shapes))


def encode_tile(layer: TileLayer, name: str, zoom: int, row: int, column: int) -> bytes:
    """The bytes of a tile; none where nothing lies in it.

    What is smaller than one step of the tile at its zoom is left out of it.

    Parameters
    ----------
    layer
        The layer.
    name
        How it is called within the tile.
    zoom, row, column
        Which tile: rows count from the north, columns from the west.

    Raises
    ------
    UsageError
        If there is no such tile.
    """
    if not LEAST_ZOOM <= zoom <= MOST_ZOOM or not (0 <= row < 2**zoom and 0 <= column < 2**zoom):
        raise UsageError(*say("publishing.tile", least=LEAST_ZOOM, most=MOST_ZOOM))
    step_m = 2 * _HALF_WORLD_M / 2**zoom / EXTENT
    west_m, north_m = column * EXTENT * step_m - _HALF_WORLD_M, _HALF_WORLD_M - row * EXTENT * step_m
    edge = (-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    box_m = (
        west_m + edge[0] * step_m,
        north_m - edge[3] * step_m,
        west_m + edge[2] * step_m,
        north_m - edge[1] * step_m,
    )
    found = np.sort(layer.tree.query(shapely.box(*box_m)))
    within = shapely.clip_by_rect(layer.shapes[found], *box_m)
    steps = shapely.transform(within, lambda xy: (xy - (west_m, north_m)) / step_m * (1, -1))
    steps = shapely.set_precision(steps, 1.0)  # whole steps; what has no extent any more is empty
    is_drawn = np.isin(shapely.get_type_id(steps), _DRAWN) & ~shapely.is_empty(steps)
    features = [
        {"geometry": shape, "properties": _properties(layer.features.texts[k])}
        for shape, k in zip(steps[is_drawn], found[is_drawn], strict=True)
    ]
    if not features:
        return b""
    options = {"extents": EXTENT, "y_coord_down": True}
    return bytes(mapbox_vector_tile.encode({"name": name, "features": features}, default_options=options))


def _properties(text: bytes) -> Mapping[str, Any]:
    """Properties as a tile holds them: what is missing is not there, lists are JSON."""
    found = json.loads(text)["properties"]
    return {
        key: json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
        for key, value in found.items()
        if value is not None
    }
