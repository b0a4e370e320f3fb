"""Files a planner drops on the page, kept in a temporary folder under names made safe."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import IO

from app.i18n import say
from app.settings import UPLOAD_MB
from geo.errors import UnreadableFileError, UsageError
from geo.readers.file_kinds import SUFFIXES as READ_SUFFIXES
from geo.storage.atomic_files import atomic_path
from geo.storage.disk_errors import explain_disk_errors

SUFFIXES = tuple(s for s in READ_SUFFIXES if s != ".gdb")
"""What may be dropped; a geodatabase is a folder and comes as a zip."""

COMPANIONS = (".shx", ".dbf", ".prj", ".cpg")
"""Parts of a shapefile that come next to the .shp."""

RULES_SUFFIX = ".toml"
"""Of a policy, or of names, for the dataset."""

_MOST_LETTERS = 120
_CHUNK = 1 << 18
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)$", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]')


def sanitise_name(name: str) -> str:
    r"""The bare name under which an uploaded file is kept.

    Whatever a browser sends, the result is one name without a folder, control characters or
    invisible direction marks, of a kind that is read.

    Raises
    ------
    UsageError
        If nothing is left of the name.
    UnreadableFileError
        If files of its kind are not read.

    Examples
    --------
    >>> sanitise_name("../../etc/小区 台账.XLSX"), sanitise_name("C:\\temp\\a.csv")
    ('小区 台账.xlsx', 'a.csv')
    """
    bare = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    bare = _FORBIDDEN.sub("", bare).strip(" .")
    stem, dot, ending = bare.rpartition(".")
    stem = stem.strip(" .")[:_MOST_LETTERS]
    if not dot or not stem:
        raise UsageError(*say("importing.bad_name", name=bare or name[:40]))
    suffix = f".{ending.lower()}"
    if suffix not in (*SUFFIXES, *COMPANIONS, RULES_SUFFIX):
        raise UnreadableFileError(*say("importing.unknown_format", bare=bare, formats=" ".join(SUFFIXES)))
    return f"{'_' if _RESERVED.match(stem) else ''}{stem}{suffix}"


def save_stream(stream: IO[bytes], path: Path, *, most_mb: int = UPLOAD_MB) -> int:
    """Write a stream to a file, never more than allowed; the file is whole or not there.

    Parameters
    ----------
    stream
        What the browser sends.
    path
        Where to; replaced when it is there.
    most_mb
        Most megabytes.

    Returns
    -------
    Bytes written.

    Raises
    ------
    UsageError
        If the file is larger, or empty.
    """
    size = 0
    with explain_disk_errors(path), atomic_path(path) as pending, pending.open("xb") as target:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > most_mb * 1_000_000:
                raise too_large_error(path.name, most_mb)
            target.write(chunk)
        if not size:
            raise UsageError(*say("importing.empty_file", name=path.name))
    return size


def too_large_error(name: str, most_mb: int = UPLOAD_MB) -> UsageError:
    """The error for a file beyond the limit of the page.

    Parameters
    ----------
    name
        Of the file.
    most_mb
        The limit, megabytes.
    """
    return UsageError(*say("importing.file_too_large", name=name, most_mb=most_mb))


def list_main_files(paths: Iterable[Path]) -> list[Path]:
    """The files that are read by themselves; parts of a shapefile go with their .shp.

    A part whose .shp is not there yet is left out until it comes.

    Examples
    --------
    >>> [p.name for p in list_main_files([Path("a.shp"), Path("a.dbf"), Path("b.csv"), Path("c.shx")])]
    ['a.shp', 'b.csv']
    """
    return [path for path in paths if path.suffix not in COMPANIONS]


def list_parts(path: Path) -> list[Path]:
    """A file and, for a shapefile, what stands next to it."""
    if path.suffix != ".shp":
        return [path]
    companions = (path.with_suffix(suffix) for suffix in COMPANIONS)
    return [path, *(part for part in companions if part.is_file())]


def list_orphan_parts(paths: Iterable[Path]) -> list[Path]:
    """Parts of shapefiles whose .shp is missing."""
    there = list(paths)
    return [p for p in there if p.suffix in COMPANIONS and p.with_suffix(".shp") not in there]
