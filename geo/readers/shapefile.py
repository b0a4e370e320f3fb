"""Shapefiles: several files that must fit together, and text whose encoding is often not stated."""

from __future__ import annotations

import shutil
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from geo.errors import UnreadableFileError
from geo.findings import Finding
from geo.messages import load_catalogue
from geo.raw_layer import RawLayer
from geo.readers.text import (
    LATIN,
    choose_encoding,
    decode_value,
    deduplicate_names,
    encoding_name,
    wrong_encoding_error,
)
from geo.readers.vector import damaged_file_error, drop_empty_layers, make_raw_layer, read_layers, wrong_format_error

say = load_catalogue(__file__)

_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def read_shapefile(path: Path, *, encoding: str | None = None, file: str | None = None) -> tuple[RawLayer, ...]:
    """Read a shapefile with its companions.

    Parameters
    ----------
    path
        The .shp; .dbf must lie next to it, .shx is restored where it is missing, without .prj the
        layer has no CRS.
    encoding
        Of the text; by default the declared one, UTF-8 or GB18030, whichever reads as plausible
        Chinese.
    file
        Name to report instead of the path's own; then the layer bears the name of the .shp.

    Raises
    ------
    UnreadableFileError
        If a companion is missing, a file is cut short, or they do not belong together.
    EmptyLayerError
        If there is no row.
    """
    name = file or path.name
    with _staged(path, name) as (main, found):
        _check_lengths(main, name)
        ((_, frame),) = read_layers(str(main.resolve()), name, encoding=LATIN)
        broken = frame.attrs.get("broken", [])
        frame, used, noticed = _decoded(frame, main, name, encoding)
        frame.attrs["broken"] = broken
    sheet = path.stem if file else None
    layer = make_raw_layer(
        frame, name, sheet=sheet, encoding=used, crs_stated=frame.crs is not None, findings=(*found, *noticed)
    )
    return drop_empty_layers([layer], name)


# --- companions ---------------------------------------------------------------------------------


@contextmanager
def _staged(path: Path, file: str) -> Iterator[tuple[Path, list[Finding]]]:
    """The .shp with all companions under lower-case names; a missing .shx is restored in a copy."""
    parts = {p.suffix.lower(): p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.lower() in _PARTS}
    if ".dbf" not in parts:
        raise UnreadableFileError(*say("shapefile.no_dbf", file=file))
    if ".shx" in parts and all(p.suffix == s for s, p in parts.items()):
        yield path, []
        return
    found = []
    with tempfile.TemporaryDirectory(prefix="shapefile-") as folder:
        for suffix, part in parts.items():
            shutil.copyfile(part, Path(folder) / f"{path.stem}{suffix}")
        main = Path(folder) / f"{path.stem}.shp"
        if ".shx" not in parts:
            found.append(_restore_index(main, file))
        yield main, found


def _restore_index(main: Path, file: str) -> Finding:
    option = "SHAPE_RESTORE_SHX"
    pyogrio.set_gdal_config_options({option: True})
    try:
        pyogrio.read_info(main, encoding=LATIN)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise damaged_file_error(file, error) from error
    finally:
        pyogrio.set_gdal_config_options({option: None})
    return Finding("warning", "shapefile.index_restored", *say("shapefile.index_restored"), file=file)


def _check_lengths(main: Path, file: str) -> None:
    """Every part as long as its head says, and as many shapes as rows."""
    head = main.open("rb").read(100)
    if len(head) < 100 or not head.startswith(b"\x00\x00\x27\x0a"):
        raise wrong_format_error(file, ".shp")
    if struct.unpack(">i", head[24:28])[0] * 2 > main.stat().st_size:
        raise _cut(file, ".shp")
    table = main.with_suffix(".dbf")
    head = table.open("rb").read(32)
    if len(head) < 32:
        raise _cut(file, ".dbf")
    n_rows, start, width = struct.unpack("<IHH", head[4:12])
    if start + n_rows * width > table.stat().st_size + 1:
        raise _cut(file, ".dbf")
    n_shapes = (main.with_suffix(".shx").stat().st_size - 100) // 8
    if n_shapes != n_rows:
        raise UnreadableFileError(*say("shapefile.rows", file=file, n_shapes=n_shapes, n_rows=n_rows))


def _cut(file: str, part: str) -> UnreadableFileError:
    return UnreadableFileError(*say("shapefile.cut_short", file=file, part=part))


# --- text ---------------------------------------------------------------------------------------


def _decoded(
    frame: gpd.GeoDataFrame, path: Path, file: str, encoding: str | None
) -> tuple[gpd.GeoDataFrame, str | None, list[Finding]]:
    """Column names and text, from bytes read as Latin-1 to what they mean."""
    columns = [c for c in frame.columns if c != "geometry"]
    texts = [c for c in columns if pd.api.types.is_string_dtype(frame[c].dtype)]
    uniques = {c: frame[c].dropna().unique().tolist() for c in texts}
    samples = [c.encode(LATIN) for c in columns]
    samples += [value.encode(LATIN) for values in uniques.values() for value in values]
    samples = [s for s in samples if not s.isascii()]
    declared = _declared_encoding(path)
    chosen = encoding or choose_encoding(samples, declared)
    others = [] if encoding else [e for e in ("utf-8", "gb18030") if e != chosen]
    found = []
    if samples and not encoding and chosen != (declared or chosen):
        found.append(_declared_wrong(file, declared, chosen))
    mixed: list[str] = []

    def meant(latin: str) -> str:
        if latin.isascii():
            return latin
        text, used = decode_value(latin.encode(LATIN), chosen, others)
        if text is not None:
            if used != chosen:
                mixed.append(text)
            return text
        raise wrong_encoding_error(file, chosen)

    try:
        renamed = dict(zip(columns, deduplicate_names(meant(c) for c in columns), strict=True))
        decoded = frame.rename(columns=renamed)
        for column, values in uniques.items():
            if all(value.isascii() for value in values):
                continue
            known = {value: meant(value) for value in values}
            decoded[renamed[column]] = frame[column].map(known).astype("str")
    except LookupError as error:
        raise wrong_encoding_error(file, chosen) from error
    if mixed:
        found.append(_mixed(file, chosen, mixed))
    return decoded, chosen if samples else None, found


def _declared_wrong(file: str, declared: str | None, chosen: str) -> Finding:
    return Finding(
        "warning",
        "encoding.declared_wrong",
        *say("encoding.declared_wrong", declared=declared, chosen=chosen),
        file=file,
    )


def _mixed(file: str, chosen: str, texts: list[str]) -> Finding:
    return Finding(
        "warning",
        "encoding.mixed",
        *say("encoding.mixed", n=len(texts), chosen=chosen, texts=texts[0]),
        file=file,
        value=texts[0],
    )


def _declared_encoding(path: Path) -> str | None:
    """What .cpg or the language byte of the .dbf says."""
    declared = path.with_suffix(".cpg")
    if declared.is_file():
        return encoding_name(declared.read_text(encoding="ascii", errors="ignore")[:100])
    with path.with_suffix(".dbf").open("rb") as handle:
        head = handle.read(32)
    return "gb18030" if len(head) > 29 and head[29] == 0x4D else None
