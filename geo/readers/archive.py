"""Zip archives, unpacked within limits into a folder of their own."""

from __future__ import annotations

import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from geo.errors import UnreadableFileError
from geo.messages import load_catalogue
from geo.readers.text import choose_encoding
from geo.sandbox.processes import ReadLimits

say = load_catalogue(__file__)

_ARCHIVES = (".zip", ".kmz", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")
_SMALL = 1_000_000
"""Archives that unpack to less than these bytes may be packed at any ratio."""
_DAMAGE = (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, EOFError, ValueError)


@contextmanager
def unpack_archive(path: Path, limits: ReadLimits, *, refuse_nested: bool = True) -> Iterator[Path]:
    """A folder with the files of an archive, in their folders; removed at the end of the block.

    Parameters
    ----------
    path
        The archive.
    limits
        Number of members, their size together, and how tightly they may be packed.
    refuse_nested
        Whether archives inside are refused.

    Raises
    ------
    UnreadableFileError
        If it is damaged, encrypted, beyond the limits, or a member is a link, an archive or
        points outside.
    """
    with tempfile.TemporaryDirectory(prefix="unzipped-") as folder, open_archive(path, limits) as archive:
        for member in archive.infolist():
            name = member_name(member)
            if member.is_dir() or "__MACOSX" in name or PurePosixPath(name).name == ".DS_Store":
                continue
            if refuse_nested and PurePosixPath(name).suffix.lower() in _ARCHIVES:
                raise UnreadableFileError(*say("archive.nested", name=path.name, inner=PurePosixPath(name).name))
            inside = Path(folder) / name
            inside.parent.mkdir(parents=True, exist_ok=True)
            _extract(archive, member, inside, path.name)
        yield Path(folder)


@contextmanager
def open_archive(path: Path, limits: ReadLimits) -> Iterator[zipfile.ZipFile]:
    """An archive whose list of contents is harmless.

    Parameters
    ----------
    path
        The archive.
    limits
        Number of members, their size together, how tightly they may be packed.
    """
    try:
        archive = zipfile.ZipFile(path)
    except _DAMAGE as error:
        raise _damaged_error(path.name) from error
    with archive:
        _check_members(path.name, archive.infolist(), limits)
        yield archive


def _check_members(file: str, members: list[zipfile.ZipInfo], limits: ReadLimits) -> None:
    """Refuse what would fill the disk, leave the folder or hide something."""
    total = sum(m.file_size for m in members)
    packed = max(1, sum(m.compress_size for m in members))
    is_bomb = total > _SMALL and total / packed > limits.archive_ratio
    if len(members) > limits.archive_members or total > limits.archive_mb * 1_000_000 or is_bomb:
        raise UnreadableFileError(
            *say(
                "error.would_unpack_files_mb",
                file=file,
                n=len(members),
                total=total / 1000000.0,
                archive_members=limits.archive_members,
                archive_mb=limits.archive_mb,
                archive_ratio=limits.archive_ratio,
            )
        )
    seen: set[str] = set()
    for member in members:
        name = member_name(member)
        parts = PurePosixPath(name).parts
        is_link = stat.S_ISLNK(member.external_attr >> 16)
        if is_link or ".." in parts or name.startswith("/") or ":" in name or "\x00" in name:
            raise UnreadableFileError(*say("archive.outside", file=file))
        if name.lower() in seen and not member.is_dir():
            raise UnreadableFileError(*say("archive.twice", file=file, parts=parts[-1]))
        seen.add(name.lower())
        if member.flag_bits & 0x1:
            raise UnreadableFileError(*say("archive.password", file=file))


def member_name(member: zipfile.ZipInfo) -> str:
    """A member's name with forward slashes; Windows packs Chinese names as GBK without saying so."""
    name = member.filename
    try:
        data = name.encode("cp437")  # as zipfile reads names that are not declared as UTF-8
        name = name if name.isascii() else data.decode(choose_encoding([data], None))
    except UnicodeError:
        pass
    return name.replace("\\", "/")


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, to: Path, file: str) -> None:
    """Unpack one member, never more bytes than its header promised."""
    left = member.file_size
    try:
        with archive.open(member) as source, to.open("wb") as target:
            while chunk := source.read(1 << 20):
                left -= len(chunk)
                if left < 0:
                    raise zipfile.BadZipFile("member is longer than declared")
                target.write(chunk)
    except _DAMAGE as error:
        raise _damaged_error(file) from error


def _damaged_error(file: str) -> UnreadableFileError:
    return UnreadableFileError(*say("archive.damaged", file=file))
