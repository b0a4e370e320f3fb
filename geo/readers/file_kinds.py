"""Which reader reads which kind of file, in this process; `geo.readers.read_file` calls it in a child."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from geo.errors import EmptyLayerError, PlanningError, UnreadableFileError
from geo.findings import Finding
from geo.messages import Sentence, load_catalogue
from geo.raw_layer import RawLayer
from geo.readers.archive import unpack_archive
from geo.readers.dxf import read_dxf
from geo.readers.kml import read_kml
from geo.readers.shapefile import read_shapefile
from geo.readers.spreadsheets import TABLE_SUFFIXES
from geo.readers.table import read_table
from geo.readers.text import repair_layer_text
from geo.readers.vector import VECTOR_SUFFIXES, read_vector
from geo.sandbox.processes import ReadLimits
from geo.tables.headers import map_columns

say = load_catalogue(__file__)

SUFFIXES = (*TABLE_SUFFIXES, ".shp", *VECTOR_SUFFIXES, ".kml", ".kmz", ".dxf", ".zip")
"""What `read_file` reads."""

_REMEDIES = {
    ".pbf .osm": say("remedy.osm"),
    ".dbf .shx .prj .cpg .sbn .sbx": say("remedy.shapefile_part"),
    ".dwg": say("remedy.cad"),
    ".mdb .accdb": say("remedy.database"),
    ".tab .mif .mid .dgn .gml .wkt .topojson .svg .geobuf": say("remedy.gis"),
    ".doc .docx .wps .pdf .ppt .pptx .md .html .htm": say("remedy.document"),
    ".rar .7z .tar .gz .tgz .bz2": say("remedy.archive"),
    ".jpg .jpeg .png .tif .tiff .bmp .gif": say("remedy.picture"),
}


def read_in_process(path: Path, *, limits: ReadLimits, encoding: str | None = None) -> tuple[RawLayer, ...]:
    """Read a file of any kind in this process, with all text sound.

    Parameters
    ----------
    path
        The file, or a folder .gdb.
    limits
        Of archives.
    encoding
        Of its text, where the format does not fix it.

    Raises
    ------
    UnreadableFileError
        If it is missing, damaged, hostile, or of a kind that is not read.
    EmptyLayerError
        If it holds no row.
    """
    if path.suffix.lower() == ".zip":
        layers = _read_archive(path, limits, encoding)
    else:
        layers = _read_one(path, limits, encoding, None)
    return tuple(repair_layer_text(layer) for layer in layers)


def preview_in_process(path: Path, *, limits: ReadLimits, encoding: str | None = None) -> list[str]:
    """The first five names a file holds, read in this process; see `geo.readers.preview_names`.

    Parameters
    ----------
    path
        The file, or a folder .gdb.
    limits
        Of archives.
    encoding
        Of its text, where the format does not fix it.
    """
    for layer in read_in_process(path, limits=limits, encoding=encoding):
        names = _sample_names(layer)
        if names is not None:
            return names
    return []


def unsupported_file_error(name: str) -> UnreadableFileError:
    """The error for a kind of file that is not read, with what to do instead."""
    suffix = Path(name).suffix.lower()
    for suffixes, remedy in _REMEDIES.items():
        if suffix in suffixes.split():
            return UnreadableFileError(*say("error.unreadable", name=name, remedy=Sentence(*remedy)))
    known = " ".join(SUFFIXES)
    return UnreadableFileError(*say("error.unknown_format", name=name, known=known))


def _choose_reader(suffix: str, limits: ReadLimits) -> Callable[..., tuple[RawLayer, ...]] | None:
    if suffix in TABLE_SUFFIXES:
        return lambda path, **options: read_table(path, limits=limits, **options)
    if suffix in (".kml", ".kmz"):
        return lambda path, **options: read_kml(path, limits=limits, **options)
    if suffix in VECTOR_SUFFIXES:
        return read_vector
    return {".shp": read_shapefile, ".dxf": read_dxf}.get(suffix)


def _read_one(path: Path, limits: ReadLimits, encoding: str | None, file: str | None) -> tuple[RawLayer, ...]:
    reader = _choose_reader(path.suffix.lower(), limits)
    if reader is None:
        raise unsupported_file_error(path.name)
    if path.is_dir() and path.suffix.lower() != ".gdb":
        raise UnreadableFileError(*say("error.folder", name=path.name))
    return reader(path, encoding=encoding, file=file)


# --- archives -----------------------------------------------------------------------------------


def _read_archive(path: Path, limits: ReadLimits, encoding: str | None) -> tuple[RawLayer, ...]:
    """All files in a zip that can be read; the archive's name stands for theirs."""
    layers: list[RawLayer] = []
    faults: list[PlanningError] = []
    with unpack_archive(path, limits) as folder:
        members, others = _list_members(folder)
        for member in members:
            try:
                inside = _read_one(member, limits, encoding, path.name)
                layers += [_prefix_member(layer, path.name, member.stem) for layer in inside]
            except EmptyLayerError as error:
                faults.append(error)
    if not members:
        raise UnreadableFileError(*say("archive.nothing", name=path.name))
    if not layers:
        raise faults[0]
    if others:
        layers[0] = replace(layers[0], findings=(*layers[0].findings, _skipped_finding(others, path.name)))
    return tuple(layers)


def _list_members(folder: Path) -> tuple[list[Path], list[str]]:
    """What to read in an unpacked archive, and the names of the files that are left alone."""
    geodatabases = sorted(p for p in folder.rglob("*") if p.is_dir() and p.suffix.lower() == ".gdb")
    found, others = list(geodatabases), []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        suffix = path.suffix.lower()
        if any(g in path.parents for g in geodatabases):
            continue
        if suffix in SUFFIXES:
            found.append(path)
        elif suffix not in (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".xml", ".qix", ".qmd"):
            others.append(path.name)
    has_maps = any(p.suffix.lower() not in (*TABLE_SUFFIXES, ".json") for p in found)
    if has_maps:  # notes next to a map: readme.txt
        notes = [p for p in found if p.suffix.lower() in (".txt", ".json")]
        found = [p for p in found if p not in notes]
        others += [p.name for p in notes]
    return found, others


def _prefix_member(layer: RawLayer, file: str, member: str) -> RawLayer:
    """A layer of a file in an archive: the member's name stands where sheets do."""
    sheet = member if layer.sheet in (None, member) else f"{member}/{layer.sheet}"
    sheets = layer.sheets
    if sheets is not None:
        sheets = np.array([member if s is None else f"{member}/{s}" for s in sheets], dtype=object)
    titles = tuple((member if s is None else f"{member}/{s}", text) for s, text in layer.titles)
    findings = tuple(
        replace(f, file=file, sheet=sheet if f.sheet in (None, layer.sheet) else f"{member}/{f.sheet}")
        for f in layer.findings
    )
    return replace(layer, file=file, sheet=sheet, sheets=sheets, findings=findings, titles=titles)


def _skipped_finding(others: list[str], file: str) -> Finding:
    listed = "、".join(others[:5]) + ("…" if len(others) > 5 else "")
    return Finding(
        "info", "archive.member_skipped", *say("archive.member_skipped", n=len(others), listed=listed), file=file
    )


# --- names --------------------------------------------------------------------------------------


def _sample_names(layer: RawLayer) -> list[str] | None:
    """Five values of the column of names, or of the first column of Chinese text."""
    columns = [str(c) for c in layer.frame.columns if c != "geometry"]
    texts = {c: _first_texts(layer.frame[c]) for c in columns}
    for known in map_columns(columns, "communities").matches:
        if known.field == "name" and texts[known.source]:
            return texts[known.source]
    chinese = [t for t in texts.values() if any(not v.isascii() for v in t)]
    return chinese[0] if chinese else next((t for t in texts.values() if t), None)


def _first_texts(column: pd.Series) -> list[str]:
    return list(dict.fromkeys(v for v in column.head(200) if isinstance(v, str) and v.strip()))[:5]
