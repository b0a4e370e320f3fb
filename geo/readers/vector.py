"""Map layers from GeoJSON, GeoPackage, FlatGeobuf, file geodatabases and GeoParquet."""

from __future__ import annotations

import json
import logging
import re
import struct
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pyproj
import shapely

from geo.errors import EmptyLayerError, UnreadableFileError
from geo.findings import Finding
from geo.messages import join_names, load_catalogue
from geo.raw_layer import RawLayer
from geo.readers.text import copy_as_utf8

say = load_catalogue(__file__)

logger = logging.getLogger(__name__)

VECTOR_SUFFIXES = (".geojson", ".json", ".gpkg", ".fgb", ".gdb", ".parquet", ".geoparquet")

GDAL_FAULTS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.FieldError,
    UnicodeDecodeError,
    ValueError,
    RuntimeError,
    OverflowError,
    shapely.errors.ShapelyError,
)
"""What reading a damaged file by GDAL may raise."""

_SHOWN = 50
"""Rows with a broken outline named one by one."""


def read_vector(path: Path, *, encoding: str | None = None, file: str | None = None) -> tuple[RawLayer, ...]:
    """Read every layer of a map file as it stands.

    Only the format its extension names is read: the first bytes are checked before GDAL opens the
    file, so that a virtual format under a false name cannot reach other files or the network.

    Parameters
    ----------
    path
        .geojson, .json, .gpkg, .fgb, .parquet, .geoparquet, or a folder .gdb.
    encoding
        Of a GeoJSON; by default UTF-8, then GB18030. The other formats fix theirs.
    file
        Name to report instead of the path's own.

    Returns
    -------
    One layer for each layer of the file that has rows, in the CRS the file states.

    Raises
    ------
    UnreadableFileError
        If the file is missing, damaged, or something else than its name says.
    EmptyLayerError
        If no layer has a row.
    """
    file, suffix = file or path.name, path.suffix.lower()
    if not path.exists():
        raise UnreadableFileError(*say("error.no_file", path=path))
    if suffix in (".parquet", ".geoparquet"):
        layers = [_read_geoparquet(path, file)]
    elif suffix in (".geojson", ".json"):
        layers = _read_geojson(path, file, encoding)
    else:
        _check_head(path, file)
        layers = [
            make_raw_layer(frame, file, sheet=sheet, crs_stated=frame.crs is not None)
            for sheet, frame in read_layers(str(path.resolve()), file)
        ]
        layers += _read_plain_tables(str(path.resolve()), file)
    return drop_empty_layers(layers, file)


_PROGRAM_TABLES = re.compile(r"layer_styles|qgis_projects|qgis_.*|gpkg_.*|rtree_.*|gdb_.*", re.IGNORECASE)
"""Tables that GIS programs keep for themselves."""


def _read_plain_tables(source: str, file: str) -> list[RawLayer]:
    """Tables without geometry, as GeoPackages and geodatabases carry them next to the maps."""
    found = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            listed = pyogrio.list_layers(source)
        for position, (name, kind) in enumerate(listed):
            if kind is not None or _PROGRAM_TABLES.fullmatch(str(name)):
                continue
            frame = pd.DataFrame(_read_layer(source, position, {})).reset_index(drop=True)
            for column, dtype in frame.dtypes.items():
                if pd.api.types.is_object_dtype(dtype):
                    frame[column] = frame[column].map(_plain_value)
            rows = np.arange(1, len(frame) + 1, dtype=np.int64)
            found.append(RawLayer(file, frame, rows, sheet=str(name)))
    except GDAL_FAULTS as error:
        raise damaged_file_error(file, error) from error
    return found


def drop_empty_layers(layers: list[RawLayer], file: str) -> tuple[RawLayer, ...]:
    """The layers that have rows.

    Parameters
    ----------
    layers
        As read.
    file
        Bare name, for messages.

    Raises
    ------
    EmptyLayerError
        If none has.
    """
    kept = tuple(layer for layer in layers if len(layer.frame))
    if not kept:
        raise EmptyLayerError(*say("error.no_feature", file=file))
    empty = [layer.sheet or file for layer in layers if not len(layer.frame)]
    if empty:
        finding = Finding("warning", "layer.empty", *say("layer.empty", empty=join_names(empty)), file=file)
        kept = (replace(kept[0], findings=(*kept[0].findings, finding)), *kept[1:])
    return kept


def read_layers(source: str, file: str, **options: Any) -> Iterator[tuple[str | None, gpd.GeoDataFrame]]:
    """Name (None where there is one only) and rows of every layer GDAL finds in a source.

    Tables without geometry, as GeoPackages carry them next to the maps, are left out. Outlines that
    are no geometry (rings that do not close) come as null, `frame.attrs["broken"]` tells where.

    Parameters
    ----------
    source
        What GDAL opens: a path, or one with a driver's prefix.
    file
        Bare name, for messages.
    **options
        Of `pyogrio.read_dataframe`.

    Raises
    ------
    UnreadableFileError
        If GDAL cannot read it.
    """
    try:
        with warnings.catch_warnings():  # what GDAL finds odd is reported by findings
            warnings.simplefilter("ignore")
            names = [str(name) for name, _ in pyogrio.list_layers(source)]
        for position, name in enumerate(names):
            frame = _read_layer(source, position, options)
            if isinstance(frame, gpd.GeoDataFrame):
                yield name if len(names) > 1 else None, frame
    except GDAL_FAULTS as error:
        raise damaged_file_error(file, error) from error


def _read_layer(source: str, layer: int, options: dict[str, Any]) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = pyogrio.read_dataframe(source, layer=layer, on_invalid="ignore", **options)
        if isinstance(frame, gpd.GeoDataFrame):
            frame.attrs["broken"] = _find_broken(source, layer, frame)
    return frame


def _find_broken(source: str, layer: int, frame: gpd.GeoDataFrame) -> list[int]:
    """Positions of rows that have a geometry in the file which is none."""
    missing = shapely.is_missing(frame.geometry.to_numpy())
    if not missing.any():
        return []
    _, _, wkb, _ = pyogrio.raw.read(source, layer=layer, columns=[])
    return [int(i) for i in np.flatnonzero(missing & (wkb != None))]  # noqa: E711


def make_raw_layer(
    frame: gpd.GeoDataFrame,
    file: str,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    crs_stated: bool = False,
    findings: tuple[Finding, ...] = (),
) -> RawLayer:
    """A raw layer with plain columns and a finding for each outline that is none.

    Parameters
    ----------
    frame
        n features as GDAL gives them; `frame.attrs["broken"]` holds positions of rows without a usable outline.
    file, sheet, encoding, crs_stated, findings
        As in :class:`geo.raw_layer.RawLayer`.
    """
    broken = frame.attrs.get("broken", [])
    frame = _normalise_columns(frame)
    return RawLayer(
        file=file,
        frame=frame,
        rows=np.arange(1, len(frame) + 1, dtype=np.int64),
        sheet=sheet,
        encoding=encoding,
        crs_stated=crs_stated,
        findings=(*findings, *_broken_findings(broken, file, sheet), *_missing_shape_findings(frame, file, sheet)),
    )


def _normalise_columns(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Geometry in the column "geometry"; lists and records as JSON text."""
    frame = gpd.GeoDataFrame(frame.reset_index(drop=True))
    frame.attrs.clear()
    if frame.geometry.name != "geometry":
        frame = frame.rename_geometry("geometry")
    for column, dtype in frame.dtypes.items():
        if pd.api.types.is_object_dtype(dtype):
            frame[column] = frame[column].map(_plain_value)
    return frame


def _plain_value(value: object) -> object:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return None if isinstance(value, (bytes, memoryview)) else value


def damaged_file_error(file: str, error: Exception) -> UnreadableFileError:
    """The error for a file a reader gave up on.

    Parameters
    ----------
    file
        Bare name.
    error
        What the reader raised; paths in its message are cut.
    """
    reason = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
    reason = re.sub(r"\S*[/\\]\S*[/\\]", "", reason)
    return UnreadableFileError(*say("error.incomplete", file=file, reason=reason))


def wrong_format_error(file: str, suffix: str) -> UnreadableFileError:
    """The error for a file of another kind than its extension.

    Parameters
    ----------
    file
        Bare name.
    suffix
        The format its name says, such as ".kml".
    """
    return UnreadableFileError(*say("error.other_content", file=file, suffix=suffix))


def _broken_findings(broken: list[int], file: str, sheet: str | None) -> list[Finding]:
    found = [
        Finding("error", "geometry.unreadable", *say("geometry.unreadable"), file=file, sheet=sheet, row=i + 1)
        for i in broken[:_SHOWN]
    ]
    if len(broken) > _SHOWN:
        found.append(
            Finding(
                "error",
                "geometry.unreadable",
                *say("geometry.many_unreadable", n=len(broken), shown=_SHOWN),
                file=file,
                sheet=sheet,
            )
        )
    return found


def _missing_shape_findings(frame: gpd.GeoDataFrame, file: str, sheet: str | None) -> list[Finding]:
    missing = int(shapely.is_missing(frame.geometry.to_numpy()).sum())
    if len(frame) < 4 or missing < 0.25 * len(frame):
        return []
    return [
        Finding(
            "warning",
            "geometry.many_missing",
            *say("geometry.many_missing", n=len(frame), missing=missing),
            file=file,
            sheet=sheet,
        )
    ]


# --- formats ------------------------------------------------------------------------------------


def _check_head(path: Path, file: str) -> None:
    """Refuse a file that is not what its extension says."""
    suffix = path.suffix.lower()
    if suffix == ".gdb":
        if not path.is_dir() or not any(path.glob("a*.gdbtable")):
            raise wrong_format_error(file, suffix)
        return
    head = path.open("rb").read(16) if path.is_file() else b""
    magic = {".gpkg": b"SQLite format 3\x00", ".fgb": b"fgb\x03fgb"}
    if not head.startswith(magic[suffix]):
        raise wrong_format_error(file, suffix)
    if suffix == ".fgb":
        _check_flatgeobuf(path, file)


def _check_flatgeobuf(path: Path, file: str) -> None:
    """The first length in the file must fit into the file."""
    data = path.open("rb").read(12)
    size = struct.unpack("<I", data[8:12])[0] if len(data) == 12 else 0
    if not 8 <= size <= path.stat().st_size:
        raise damaged_file_error(file, ValueError("header size"))


def _read_geojson(path: Path, file: str, encoding: str | None) -> list[RawLayer]:
    with tempfile.TemporaryDirectory(prefix="geojson-") as folder:
        source, used = copy_as_utf8(path, file, Path(folder), encoding)
        crs_stated = _check_geojson(source, file)
        return [
            make_raw_layer(
                frame,
                file,
                sheet=sheet,
                crs_stated=crs_stated and frame.crs is not None,
                encoding=used,
                findings=_encoding_findings(used, file),
            )
            for sheet, frame in read_layers(f"GeoJSON:{source.resolve()}", file)
        ]


def _encoding_findings(used: str | None, file: str) -> tuple[Finding, ...]:
    if used in (None, "utf-8"):
        return ()
    return (Finding("info", "encoding.not_utf8", *say("encoding.not_utf8", used=used), file=file),)


def _check_geojson(path: Path, file: str) -> bool:
    """Whether it names its CRS; refuses what is no GeoJSON by its first bytes."""
    with path.open("rb") as handle:
        head = handle.read(4096)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        raise EmptyLayerError(*say("error.empty_file", file=file))
    if not text.startswith(b"{") or b'"Topology"' in head[:1024]:
        raise wrong_format_error(file, path.suffix.lower())
    named = re.search(rb'"crs"\s*:\s*\{.*?"name"\s*:\s*"([^"]+)"\s*\}', head, re.DOTALL)
    return named is not None and b"CRS84" not in named.group(1)


def _read_geoparquet(path: Path, file: str) -> RawLayer:
    with path.open("rb") as handle:
        head = handle.read(4)
    if head != b"PAR1":
        raise wrong_format_error(file, path.suffix.lower())
    try:
        frame = gpd.read_parquet(path)
        for name in frame.select_dtypes("str"):
            pa.array(frame[name]).validate(full=True)  # reading does not look whether text is UTF-8
    except (
        pa.ArrowException,
        ValueError,
        OSError,
        KeyError,
        TypeError,
        AttributeError,
        shapely.errors.ShapelyError,
        pyproj.exceptions.ProjError,
    ) as error:
        raise damaged_file_error(file, error) from error
    others = [c for c in frame.columns[(frame.dtypes == "geometry").to_numpy()] if c != frame.geometry.name]
    frame = gpd.GeoDataFrame(frame.drop(columns=others))
    return make_raw_layer(_plain_dtypes(frame), file, crs_stated=frame.crs is not None)


def _plain_dtypes(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Categories and extension types of Arrow as the plain types other readers give."""
    plain = frame.copy()
    plain.columns = [str(c) for c in frame.columns]
    for column, dtype in plain.dtypes.items():
        if isinstance(dtype, (pd.CategoricalDtype, pd.ArrowDtype)):
            plain[column] = plain[column].astype(object)
    return plain
