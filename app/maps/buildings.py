"""Building outlines for close zoom: GeoJSON while few, else tiles made next to the dataset."""

from __future__ import annotations

import logging
import os
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pyogrio

from app.maps.layers import LONLAT, BrowserFile, make_browser_file, to_geojson
from geo.storage.atomic_files import atomic_path
from geo.storage.dataset import Dataset

logger = logging.getLogger(__name__)

MOST_AS_GEOJSON = 8_000
_TILE_OPTIONS: Mapping[str, str] = {"MINZOOM": "13", "MAXZOOM": "15", "MAX_SIZE": "2000000", "MAX_FEATURES": "200000"}


@dataclass(frozen=True)
class BuildingTiles:
    """A PMTiles file that is there, or is being made.

    Parameters
    ----------
    name
        "buildings-<hash>.pmtiles", by the sha256 of the layer.
    path
        Where it is once it is done.
    """

    name: str
    path: Path

    @property
    def is_ready(self) -> bool:
        """Whether the file is whole: it is renamed into place when it is."""
        return self.path.is_file()


def building_geojson(dataset: Dataset) -> BrowserFile | None:
    """The buildings as GeoJSON; None when there are none or too many for that."""
    if not dataset.has("buildings"):
        return None
    buildings = dataset.layer("buildings")[["geometry"]].dropna(subset=["geometry"])
    if buildings.empty or len(buildings) > MOST_AS_GEOJSON:
        return None
    return make_browser_file("buildings", to_geojson(buildings))


def building_tiles(dataset: Dataset) -> BuildingTiles | None:
    """The tiles of many buildings, whether made already or not; None where GeoJSON will do."""
    if not dataset.has("buildings"):
        return None
    count = int(dataset.layer("buildings").geometry.notna().sum())
    if count <= MOST_AS_GEOJSON:
        return None
    digest = dataset.manifest.files["buildings.parquet"][:16]
    name = f"buildings-{digest}.pmtiles"
    return BuildingTiles(name, cache_folder(dataset.folder) / name)


def cache_folder(folder: Path) -> Path:
    """Where files made for the browser are kept: next to the dataset, never inside it.

    Where that place cannot be written (a read-only share), the system's temporary folder.
    """
    cache = folder.resolve().parent / f"{folder.resolve().name}.cache"
    try:
        cache.mkdir(exist_ok=True)
    except OSError:
        return Path(tempfile.gettempdir())
    return cache if os.access(cache, os.W_OK) else Path(tempfile.gettempdir())


def start_tiling(dataset: Dataset, tiles: BuildingTiles) -> threading.Thread | None:
    """Make the tiles in the background; the page works meanwhile. None when they are there.

    Parameters
    ----------
    dataset
        The dataset.
    tiles
        Where they are kept.
    """
    if tiles.is_ready:
        return None
    thread = threading.Thread(target=make_tiles, args=(dataset, tiles), name="building-tiles", daemon=True)
    thread.start()
    return thread


def make_tiles(dataset: Dataset, tiles: BuildingTiles) -> None:
    """Write the tiles of all building outlines, whole or not at all.

    Parameters
    ----------
    dataset
        Its layer `buildings` is drawn, in degrees.
    tiles
        Where to.
    """
    buildings = dataset.layer("buildings")[["geometry"]].dropna(subset=["geometry"])
    degrees = gpd.GeoDataFrame(geometry=buildings.geometry.to_crs(LONLAT))
    try:
        with atomic_path(tiles.path, suffix=".pmtiles") as pending:
            pyogrio.write_dataframe(degrees, pending, driver="PMTiles", layer="buildings", **_TILE_OPTIONS)
    except Exception:  # the map is usable without buildings; the log says why they are missing
        logger.exception("building tiles could not be made")
