"""OSM extracts read in a child process, and stored as the layers of a dataset."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import geopandas as gpd

from geo.crs import require_metric
from geo.errors import NotADatasetError, UsageError
from geo.importing import store_layers
from geo.messages import load_catalogue
from geo.osm.town import OsmTown, build_town
from geo.rules import UnitRules
from geo.sandbox.processes import ReadLimits, run_task
from geo.sandbox.transport import load_layers
from geo.storage.commits import MANIFEST, lock_dataset
from geo.storage.dataset import Dataset, open_dataset
from geo.storage.manifest import Manifest, file_sha256, new_manifest

say = load_catalogue(__file__)

ATTRIBUTION = "© OpenStreetMap contributors, ODbL"


def read_osm(path: str | Path, *, limits: ReadLimits | None = None) -> OsmTown:
    """Read residential areas, buildings, roads, barriers and crossings from an OSM extract.

    `landuse=residential` areas become communities. Railways outside yards and tunnels, motorways
    and trunk roads, rivers and canals become barriers; where a road one may walk on passes one of
    them by a bridge or tunnel, or a railway on the level, there is a crossing.

    Parameters
    ----------
    path
        A file .osm.pbf, .osm or .osm.gz.
    limits
        What reading it in the child process may cost.

    Returns
    -------
    The town, EPSG:4326.

    Raises
    ------
    UnreadableFileError
        If the file is missing, is no OSM data, or is damaged or cut off.
    EmptyLayerError
        If it holds neither residential areas nor buildings.
    """
    path = Path(path)
    return build_town(*_read_extract(path, limits or ReadLimits()), source=path.name)


def import_osm(
    path: str | Path,
    folder: str | Path,
    *,
    unit_rules: UnitRules,
    metric_crs: str | None = None,
    name: str | None = None,
    limits: ReadLimits | None = None,
) -> Dataset:
    """Make a dataset of an OSM extract, or add the extract to a dataset that is there.

    Nothing is written unless the whole file could be read.

    Parameters
    ----------
    path
        A file .osm.pbf, .osm or .osm.gz.
    folder
        The dataset folder.
    unit_rules
        How units and their estimated figures are derived.
    metric_crs
        CRS of a new dataset, metres; the zone of the town by default. A dataset that is there
        keeps its own.
    name
        Name of a new dataset; the file's by default.
    limits
        What reading it in the child process may cost.

    Raises
    ------
    UnreadableFileError, EmptyLayerError
        As :func:`read_osm`.
    NotMetricError
        If `metric_crs` does not measure metres.
    UsageError
        If the dataset that is there is measured in another CRS than `metric_crs`.
    """
    path = Path(path)
    if metric_crs is not None:
        require_metric(gpd.GeoSeries([], crs=metric_crs), "--metric-crs")
    city = read_osm(path, limits=limits)
    sha256 = file_sha256(path)
    with lock_dataset(folder):
        manifest = choose_manifest(Path(folder), name or path.name.split(".")[0], metric_crs, city)
        return store_town(city, Path(folder), manifest, source=path.name, sha256=sha256, unit_rules=unit_rules)


def store_town(
    city: OsmTown, folder: Path, manifest: Manifest, *, source: str, sha256: str | None, unit_rules: UnitRules
) -> Dataset:
    """Add a town to a dataset, with its source named.

    Parameters
    ----------
    town
        Of :func:`read_osm` or :func:`build_town`.
    folder, manifest
        The dataset that is there, or a new one; its lock is held since the manifest was read.
    source, sha256
        Name and hash of the file; no hash of what the network sent.
    unit_rules
        How units and their estimated figures are derived.
    """
    record = {
        "file": source,
        "sha256": sha256,
        "layer": "osm",
        "datum": "wgs84",
        "crs": "EPSG:4326",
        "rows": {layer: len(frame) for layer, frame in city.layers.items()},
        "attribution": ATTRIBUTION,
    }
    kept = [s for s in manifest.sources if (s["file"], s["layer"]) != (source, "osm")]
    return store_layers(
        folder,
        city.layers,
        manifest=replace(manifest, sources=(*kept, record)),
        findings=city.findings,
        unit_rules=unit_rules,
        replace=False,
    )


def choose_manifest(folder: Path, name: str, metric_crs: str | None, city: OsmTown) -> Manifest:
    """The manifest of the dataset which is there, else a new one.

    Parameters
    ----------
    folder
        The dataset folder; need not be there.
    name
        Of a new dataset.
    metric_crs
        CRS asked for, metres; None takes what is there, else the town's.
    town
        Gives the CRS of a new dataset.

    Raises
    ------
    UsageError
        If the dataset that is there is measured in another CRS than `metric_crs`.
    """
    try:
        manifest = open_dataset(folder).manifest
    except NotADatasetError:
        if (folder / MANIFEST).exists():
            raise
        return new_manifest(name, metric_crs or city.metric_crs)
    if metric_crs not in (None, manifest.metric_crs):
        raise UsageError(*say("layers.other_crs", folder=folder, crs=manifest.metric_crs, asked=metric_crs))
    return manifest


def _read_extract(path: Path, limits: ReadLimits) -> tuple[gpd.GeoDataFrame, ...]:
    """Points, lines and areas, read by a child process."""
    with run_task("osm", path, limits=limits) as answer:
        return tuple(gpd.GeoDataFrame(raw.frame) for raw in load_layers(answer, answer["folder"]))
