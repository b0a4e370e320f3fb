"""OpenStreetMap's features of a place, from the network through osmnx: only when the user asks."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import require_metric
from geo.errors import EmptyLayerError, NetworkError, UsageError
from geo.extras import import_extra
from geo.messages import load_catalogue
from geo.osm.extract_file import OSM_TAGS
from geo.osm.layers import choose_manifest, store_town
from geo.osm.town import OsmTown, build_town
from geo.rules import UnitRules
from geo.storage.commits import lock_dataset
from geo.storage.dataset import Dataset, open_dataset

say = load_catalogue(__file__)

MARGIN_M = 1500.0
"""How far around the units roads are fetched: the longest walk that is stored."""

OVERPASS, NOMINATIM = "PIANQU_OVERPASS_URL", "PIANQU_NOMINATIM_URL"
"""Environment variables that name other servers: a mirror inside the office's network."""

_NETWORK: dict[str, bool | str | list[str]] = {
    "highway": True,
    "railway": True,
    "waterway": ["river", "canal", "riverbank"],
    "natural": "water",
}
_TOWN: dict[str, bool | str | list[str]] = {**_NETWORK, "building": True, "landuse": "residential"}


def fetch_place(
    place: str, folder: str | Path, *, unit_rules: UnitRules, metric_crs: str | None = None, name: str | None = None
) -> Dataset:
    """Make a dataset of a named place, or add the place to a dataset that is there.

    Parameters
    ----------
    place
        As OpenStreetMap's search knows it, such as "昆都仑区, 包头市".
    folder, unit_rules, metric_crs, name
        As in :func:`geo.osm.layers.import_osm`.

    Raises
    ------
    NetworkError
        If the servers cannot be reached or refuse.
    EmptyLayerError
        If the place is not known, or holds neither residential areas nor buildings.
    NotMetricError, UsageError
        As :func:`geo.osm.layers.import_osm`.
    """
    if metric_crs is not None:
        require_metric(gpd.GeoSeries([], crs=metric_crs), "--metric-crs")
    city = build_town(*_fetch_features(_fetch_outline(place), _TOWN, place), source=place)
    with lock_dataset(folder):
        manifest = choose_manifest(Path(folder), name or place, metric_crs, city)
        return store_town(city, Path(folder), manifest, source=place, sha256=None, unit_rules=unit_rules)


def fetch_around(folder: str | Path, *, unit_rules: UnitRules) -> Dataset:
    """Add the roads, barriers and crossings around a dataset's units to it.

    Parameters
    ----------
    folder
        A dataset with placed units.
    unit_rules
        As in :func:`geo.osm.layers.import_osm`.

    Raises
    ------
    NetworkError
        If the servers cannot be reached or refuse.
    EmptyLayerError
        If there is no road, rail or water there.
    UsageError
        If the dataset has no placed unit: there is no place to fetch.
    """
    dataset = open_dataset(folder)
    shapes = dataset.layer("units").geometry.dropna()
    if shapes.empty:
        raise UsageError(*say("download.no_unit"))
    around = shapes.union_all().envelope.buffer(MARGIN_M, join_style="mitre")
    outline = gpd.GeoSeries([around], crs=shapes.crs).to_crs("EPSG:4326").iloc[0]
    source = f"OpenStreetMap: {dataset.manifest.name}"
    city = build_town(
        *_fetch_features(outline, _NETWORK, source), source=source, metric_crs=dataset.manifest.metric_crs
    )
    only = {name: city.layers[name] for name in _NETWORK_LAYERS if name in city.layers}
    with lock_dataset(folder):
        return store_town(
            OsmTown(only, city.findings, city.metric_crs),
            Path(folder),
            open_dataset(folder).manifest,
            source=source,
            sha256=None,
            unit_rules=unit_rules,
        )


_NETWORK_LAYERS = ("roads", "barriers", "crossings")


def _fetch_outline(place: str) -> BaseGeometry:
    """The polygon of a place, EPSG:4326."""
    osmnx = import_extra("osmnx", "fetch")

    with _overpass_session(place):
        try:
            found = osmnx.geocode_to_gdf(place)
        except TypeError as error:  # osmnx: the place is a point or a line
            raise EmptyLayerError(*say("download.no_outline", place=place)) from error
    return found.geometry.union_all()


def _fetch_features(
    outline: BaseGeometry, tags: Mapping[str, bool | str | list[str]], source: str
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Points, lines and areas of an outline, as `geo.osm.extract_file` reads them from a file."""
    osmnx = import_extra("osmnx", "fetch")
    area = shapely.MultiPolygon(shapely.get_parts(outline).tolist())
    with _overpass_session(source):
        found = osmnx.features_from_polygon(area, dict(tags))
    kinds = found.index.get_level_values(0).astype("str").str[0]
    ids = kinds + found.index.get_level_values(1).astype("str")
    found = found.reset_index(drop=True).assign(id=ids)
    dimension = shapely.get_dimensions(found.geometry.to_numpy())
    wanted = {"points": dimension == 0, "lines": dimension == 1, "multipolygons": dimension == 2}
    points, lines, areas = (_tag_columns(found[wanted[layer]], layer) for layer in wanted)
    return points, lines, areas


def _tag_columns(found: gpd.GeoDataFrame, layer: str) -> gpd.GeoDataFrame:
    """Features with every tag of their layer as a text column, sorted by id."""
    columns = {tag: _text_column(found, tag) for tag in OSM_TAGS[layer]}
    table = gpd.GeoDataFrame({"id": found["id"].astype("str"), **columns}, geometry=found.geometry, crs="EPSG:4326")
    return table.sort_values("id", ignore_index=True)


def _text_column(found: gpd.GeoDataFrame, tag: str) -> pd.Series:
    if tag not in found:
        return pd.Series(np.nan, index=found.index, dtype=object).astype("str")
    return found[tag].astype("str").where(found[tag].notna())


@contextmanager
def _overpass_session(source: str) -> Iterator[None]:
    """Ask OpenStreetMap's servers; what goes wrong becomes a sentence, osmnx is left as it was."""
    osmnx, requests = import_extra("osmnx", "fetch"), import_extra("requests", "fetch")

    chosen: dict[str, Any] = {
        "use_cache": False,
        "overpass_rate_limit": OVERPASS not in os.environ,
        "overpass_url": os.environ.get(OVERPASS, osmnx.settings.overpass_url),
        "nominatim_url": os.environ.get(NOMINATIM, osmnx.settings.nominatim_url),
        "doh_url_template": None,  # never ask a third server for an address
    }
    before = {key: getattr(osmnx.settings, key) for key in chosen}
    look_up = socket.getaddrinfo  # osmnx replaces it
    try:
        for key, value in chosen.items():
            setattr(osmnx.settings, key, value)
        yield
    except (requests.RequestException, OSError) as error:
        raise NetworkError(*say("download.no_connection", kind=type(error).__name__)) from error
    except osmnx._errors.ResponseStatusCodeError as error:
        raise NetworkError(*say("download.refused")) from error
    except osmnx._errors.InsufficientResponseError as error:
        raise EmptyLayerError(*say("download.not_known", source=source)) from error
    finally:
        socket.getaddrinfo = look_up
        for key, value in before.items():
            setattr(osmnx.settings, key, value)
