"""Errors of the disk classified, and reported in sentences: full, read-only, no right, no such place."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from geo.errors import NotWrittenError, PlanningError
from geo.messages import Sentence, load_catalogue

say = load_catalogue(__file__)


class DiskFailure(NamedTuple):
    """Why a disk refuses, and what to do, in both languages."""

    reason: Sentence
    remedy: Sentence


def _failure(name: str, remedy: str = "") -> DiskFailure:
    return DiskFailure(say(f"disk.{name}"), say(f"remedy.{remedy or name}"))


_REASONS: dict[int, DiskFailure] = {
    errno.ENOSPC: _failure("full"),
    errno.EDQUOT: _failure("quota", "full"),
    errno.EROFS: _failure("read_only"),
    errno.EACCES: _failure("rights"),
    errno.EPERM: _failure("rights"),
    errno.ENOTDIR: _failure("not_a_folder"),
    errno.EISDIR: _failure("is_a_folder"),
    errno.ENAMETOOLONG: _failure("too_long"),
    errno.ELOOP: _failure("circle", "too_long"),
    errno.ENOENT: _failure("gone"),
    errno.EEXIST: _failure("in_the_way"),
    errno.ENOTEMPTY: _failure("in_the_way"),
    errno.EIO: _failure("faulty"),
    errno.ENXIO: _failure("faulty"),
    errno.ENODEV: _failure("faulty"),
    errno.EBUSY: _failure("busy"),
    errno.ETXTBSY: _failure("busy"),
    errno.EINVAL: _failure("bad_name"),
    errno.EILSEQ: _failure("bad_name"),
    errno.EMFILE: _failure("open_files"),
    errno.ENFILE: _failure("open_files"),
    errno.EFBIG: _failure("large"),
    getattr(errno, "ESTALE", -1): _failure("faulty"),
    getattr(errno, "ENOTCONN", -1): _failure("faulty"),
    getattr(errno, "EHOSTDOWN", -1): _failure("faulty"),
}
_WINDOWS = {
    32: _failure("busy"),
    33: _failure("busy"),
    112: _failure("full"),
    39: _failure("full"),
    19: _failure("read_only"),
    123: _failure("bad_name"),
    206: _failure("too_long"),
}
_MESSAGES = {  # libraries that keep the system's words and lose its number: pyarrow, GDAL, SQLite
    "no space left on device": _failure("full"),
    "database or disk is full": _failure("full"),
    "disk quota": _failure("full"),
    "not enough space": _failure("full"),
    "read-only file system": _failure("read_only"),
    "readonly database": _failure("read_only"),
    "permission denied": _failure("rights"),
    "access is denied": _failure("rights"),
    "unable to open database": _failure("rights"),
    "not a directory": _failure("not_a_folder"),
    "is a directory": _failure("is_a_folder"),
    "file name too long": _failure("too_long"),
    "disk i/o error": _failure("faulty"),
    "input/output error": _failure("faulty"),
    "file too large": _failure("large"),
    "used by another process": _failure("busy"),
}
_DEPTH = 8


def disk_error(error: BaseException, where: Path | None = None, *, is_write: bool = True) -> NotWrittenError | None:
    """The sentence for a disk that refused; None where the error is of another kind.

    Parameters
    ----------
    error
        What was raised, by Python, or by a library around it.
    where
        What was being written, where the error does not say so itself.
    is_write
        Whether it is known that something was to be written, not read.

    Examples
    --------
    >>> print(disk_error(OSError(28, "No space left on device", "D/units.parquet")).en)
    Cannot write 'D/units.parquet': the disk is full; free some space, or choose another disk.
    >>> disk_error(ValueError("x")) is None
    True
    """
    for one in _iterate_causes(error):
        reason = classify_disk_error(one)
        if reason is not None:
            named = getattr(one, "filename2", None) or getattr(one, "filename", None)
            place = where if named is None or isinstance(named, int) else os.fsdecode(named)
            return NotWrittenError(
                *say(
                    "disk.refused",
                    deed=say("disk.write" if is_write else "disk.read_or_write"),
                    place=say("disk.place", place=place) if place else say("disk.file"),
                    reason=reason.reason,
                    remedy=reason.remedy,
                )
            )
    return None


@contextmanager
def explain_disk_errors(where: Path, zh: str = "", en: str = "") -> Iterator[None]:
    """Work that writes; what the disk refuses becomes a sentence.

    Parameters
    ----------
    where
        What is being written, where the error does not say so itself.
    zh, en
        One more sentence: what was kept, and what not.

    Raises
    ------
    NotWrittenError
        If the disk refuses.
    """
    try:
        yield
    except PlanningError:
        raise
    except Exception as error:
        refused = disk_error(error, where)
        if refused is None:
            raise
        raise NotWrittenError(refused.zh + zh, f"{refused.en} {en}".rstrip()) from error


def memory_error(error: BaseException) -> PlanningError | None:
    """The sentence for a computer without memory left; None where the error is of another kind."""
    if not any(isinstance(one, MemoryError) for one in _iterate_causes(error)):
        return None
    return PlanningError(*say("memory.full"))


def find_write_fault(folder: Path, name: str = "") -> NotWrittenError | None:
    """Why nothing can be put into a folder, or made where it will be; None where it can.

    Found out by writing: permissions alone do not tell.

    Parameters
    ----------
    folder
        It need not be there.
    name
        Of the file that is to lie in it.
    """
    folder = there = folder.absolute()
    try:
        with suppress(FileNotFoundError):
            (folder / name).lstat()  # too long a name, a file on the way
        there = next(place for place in (folder, *folder.parents) if os.path.lexists(place))
        for part in (folder / name).relative_to(there).parts:
            with suppress(FileNotFoundError):
                (there / part).lstat()
        if not there.is_dir():
            return disk_error(NotADirectoryError(errno.ENOTDIR, "", str(there)))
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"\0" * 4096)
            file.flush()
            return None
    except OSError as error:
        place = folder / name if error.errno == errno.ENAMETOOLONG else there
        return disk_error(OSError(error.errno or 0, "", str(place)))


def _iterate_causes(error: BaseException) -> Iterator[BaseException]:
    """An error and those it comes from, each once."""
    todo, seen = [error], 0
    while todo and seen < _DEPTH:
        one, seen = todo.pop(0), seen + 1
        yield one
        inner = (getattr(one, "orig", None), one.__cause__, one.__context__, *one.args)
        todo += [each for each in inner if isinstance(each, BaseException)]


def classify_disk_error(error: BaseException) -> DiskFailure | None:
    """Why the disk refused, of this very error; None where it is of another kind."""
    if isinstance(error, ConnectionError | TimeoutError | PlanningError):
        return None
    if isinstance(error, OSError):
        known = _WINDOWS.get(getattr(error, "winerror", None) or 0)
        known = known or _REASONS.get(error.errno or 0)
        if known is not None:
            return known
    message = str(error).lower()
    return next((failure for part, failure in _MESSAGES.items() if part in message), None)
