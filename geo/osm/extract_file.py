"""The features of an OSM extract a town is made of, as GDAL reads them."""

from __future__ import annotations

import re
import tempfile
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, GeometryError

from geo.errors import UnreadableFileError
from geo.messages import load_catalogue
from geo.osm.sorting import is_sorted_xml, open_unpacked, write_sorted
from geo.raw_layer import RawLayer
from geo.sandbox.processes import ReadLimits

say = load_catalogue(__file__)

OSM_LAYERS = ("points", "lines", "multipolygons")

NON_RESIDENTIAL_TAGS = (
    "amenity",
    "shop",
    "office",
    "craft",
    "tourism",
    "leisure",
    "man_made",
    "military",
    "aeroway",
    "historic",
    "industrial",
    "healthcare",
    "public_transport",
)
"""A building of unknown kind with one of these tags is a school, a shop …, not a dwelling."""

OSM_TAGS = {
    "points": ("name", "highway", "railway"),
    "lines": (
        "name",
        "highway",
        "railway",
        "waterway",
        "bridge",
        "tunnel",
        "service",
        "foot",
        "access",
        "ford",
        "layer",
        "route",
        "motorroad",
        "location",
        "construction",
        "sidewalk",
        "ferry",
        "disused",
        "abandoned",
    ),
    "multipolygons": (
        "name",
        "name:zh",
        "building",
        "building:levels",
        "building:flats",
        "building:use",
        "start_date",
        "addr:housename",
        "addr:street",
        "addr:housenumber",
        "landuse",
        "natural",
        "water",
        "waterway",
        "access",
        "barrier",
        *NON_RESIDENTIAL_TAGS,
    ),
}
"""The tags of each layer that are read."""
_WANTED = {
    "points": "railway IN ('level_crossing', 'crossing') OR highway IN ('crossing', 'traffic_signals')",
    "lines": "highway IS NOT NULL OR railway IS NOT NULL OR waterway IN ('river', 'canal')",
    "multipolygons": "building IS NOT NULL OR landuse = 'residential' OR natural = 'water' "
    "OR waterway = 'riverbank' OR landuse = 'industrial' "
    "OR leisure IN ('park', 'golf_course')",
}


def read_osm_in_process(path: Path, *, limits: ReadLimits) -> tuple[RawLayer, ...]:
    """Read the wanted points, lines and areas of an OSM extract in this process.

    Parameters
    ----------
    path
        A file .osm.pbf, .osm (.gz, .bz2), sorted or not, or the JSON of Overpass.
    limits
        Of archives; `geo.osm.layers.read_osm` holds the others.

    Returns
    -------
    Three layers in the order of `OSM_LAYERS`, EPSG:4326: tags as text columns, `id` as "w123".

    Raises
    ------
    UnreadableFileError
        If the file is missing, is no OSM data, or is damaged or cut off.
    """
    kind = _require_osm(path)
    _require_whole(path, limits)
    with tempfile.TemporaryDirectory(prefix="osm-") as folder:
        source = path if kind == "pbf" else _prepare_source(path, kind, Path(folder))
        frames = [(layer, _read_layer(source, layer, path.name)) for layer in OSM_LAYERS]
    return tuple(
        RawLayer(path.name, frame, np.arange(1, len(frame) + 1, dtype=np.int64), sheet=layer) for layer, frame in frames
    )


def _prepare_source(path: Path, kind: str, folder: Path) -> Path:
    """The file itself where GDAL can read it as it is, else a sorted copy."""
    try:
        with path.open("rb") as handle:
            is_bzip2 = handle.read(3) == b"BZh"
        if kind == "xml" and not is_bzip2 and is_sorted_xml(path):
            return path
        copy = folder / "sorted.osm"
        write_sorted(path, copy)
    except (ValueError, KeyError, TypeError, OSError, EOFError, zlib.error) as error:
        raise _damaged_error(path.name, error) from error
    return copy


def _require_osm(path: Path) -> str:
    """What it is: pbf, xml or json; no OSM data by its first bytes is refused, whatever its name."""
    try:
        with open_unpacked(path) as stream:
            head = stream.read(65536)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFileError(*say("extract.unreadable", name=path.name, error=error)) from error
    if b"OSMHeader" in head[:64]:
        return "pbf"
    if re.search(rb"<osm[\s>]", head):
        return "xml"
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{") and b'"elements"' in head:
        return "json"
    raise UnreadableFileError(*say("extract.other_kind", name=path.name))


def _require_whole(path: Path, limits: ReadLimits) -> None:
    """GDAL does not notice a lost end of a .gz; and a bomb would keep it busy for hours."""
    with path.open("rb") as handle:
        if handle.read(3)[:2] not in (b"\x1f\x8b", b"BZ"):
            return
    unpacked, most = 0, path.stat().st_size * limits.archive_ratio
    try:
        with open_unpacked(path) as stream:
            while (chunk := stream.read(1 << 20)) and unpacked <= most:
                unpacked += len(chunk)
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged_error(path.name, error) from error
    if unpacked > most:
        raise UnreadableFileError(*say("extract.cut_off", name=path.name, archive_ratio=limits.archive_ratio))


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as handle:
        return handle.read(2) == b"\x1f\x8b"


def _damaged_error(file: str, error: Exception) -> UnreadableFileError:
    return UnreadableFileError(*say("extract.damaged", file=file, error=error))


def _read_layer(path: Path, layer: str, file: str) -> gpd.GeoDataFrame:
    """The wanted features of one GDAL layer, tags as text columns, `id` as "w123", "r123", "n123"."""
    source = f"/vsigzip/{path.resolve()}" if _is_gzip(path) else path
    try:
        with _osm_settings() as settings, warnings.catch_warnings():
            # Rings GDAL cannot close arrive without geometry and are reported by _repaired.
            warnings.simplefilter("ignore", RuntimeWarning)
            frame = pyogrio.read_dataframe(
                source,
                # Through SQL GDAL keeps only this layer's features in memory, at any file size.
                sql=f"SELECT * FROM {layer} WHERE {_WANTED[layer]}",  # noqa: S608 - names of ours
                on_invalid="ignore",
                encoding="utf-8",
                CONFIG_FILE=settings,
            )
    except (DataSourceError, DataLayerError, FeatureError, GeometryError) as error:
        raise _damaged_error(file, error) from error
    tags = {tag: frame[tag].astype("str") for tag in OSM_TAGS[layer]}
    kind = {"points": "n", "lines": "w", "multipolygons": "r"}[layer]
    ids = kind + frame["osm_id"].astype("str")
    if "osm_way_id" in frame:
        ids = ids.fillna("w" + frame["osm_way_id"].astype("str"))
    return gpd.GeoDataFrame({"id": ids, **tags}, geometry=frame.geometry, crs="EPSG:4326")


@contextmanager
def _osm_settings() -> Iterator[str]:
    """A settings file for GDAL's OSM driver with the tags we read, and no unclosed rings."""
    lines = [
        "closed_ways_are_polygons=building,landuse,natural,water,waterway=riverbank,amenity,leisure",
        "attribute_name_laundering=no",
    ]
    for layer in ("points", "lines", "multipolygons", "multilinestrings", "other_relations"):
        tags = ("type", *OSM_TAGS.get(layer, ()))
        lines += [f"[{layer}]", "osm_id=yes", f"attributes={','.join(tags)}", "other_tags=no"]
    option = "OGR_GEOMETRY_ACCEPT_UNCLOSED_RING"
    before = pyogrio.get_gdal_config_option(option)
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "osmconf.ini"
        settings.write_text("\n".join(lines), encoding="utf-8")
        pyogrio.set_gdal_config_options({option: False})
        try:
            yield str(settings)
        finally:
            pyogrio.set_gdal_config_options({option: before})
