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


class DiskFailure(NamedTuple):
    """Why a disk refuses, and what to do, in both languages."""

    zh: str
    en: str
    do_zh: str
    do_en: str


_FULL = DiskFailure(
    "磁盘已满", "the disk is full", "请清理磁盘空间, 或换一块盘", "free some space, or choose another disk"
)
_READ_ONLY = DiskFailure(
    "只读文件系统, 不能写入", "it is read-only", "请换一个可写的位置", "choose a place that can be written"
)
_RIGHTS = DiskFailure(
    "没有写入权限, 或文件正被别的程序打开",
    "no right to write it, or another program has it open",
    "请关闭 Excel、WPS 等打开它的程序, 或请管理员给予权限, 或换一个位置",
    "close it in Excel or WPS, ask for the right to write, or choose another place",
)
_NOT_A_FOLDER = DiskFailure(
    "路径中有一段是文件, 不是文件夹",
    "a part of the path is a file, not a folder",
    "请核对路径, 换一个文件夹",
    "check the path and name a folder",
)
_IS_A_FOLDER = DiskFailure("这是一个文件夹, 不是文件", "it is a folder, not a file", "请写到一个文件名", "name a file")
_TOO_LONG = DiskFailure(
    "名称或路径太长",
    "its name or path is too long",
    "请改短名称, 或换一个较浅的文件夹",
    "shorten it, or choose a folder nearer to the root",
)
_GONE = DiskFailure(
    "没有这个位置", "there is no such place", "请核对路径, 或先建好文件夹", "check the path, or make the folder first"
)
_IN_THE_WAY = DiskFailure(
    "同名的文件或文件夹已在那里",
    "a file or folder of that name is there",
    "请换一个名称, 或移走它",
    "choose another name, or move it away",
)
_FAULTY = DiskFailure(
    "磁盘或网络读写出错",
    "the disk or network failed",
    "请检查磁盘和网络, 换一块盘后重试",
    "check disk and network, and try again on another disk",
)
_BUSY = DiskFailure(
    "文件正被别的程序使用",
    "another program uses it",
    "请关闭 Excel、WPS 等打开它的程序后重试",
    "close it in Excel, WPS or what else has it open, then try again",
)
_BAD_NAME = DiskFailure(
    "名称里有这个系统不允许的字符", "its name has signs this system does not allow", "请改名", "rename it"
)
_OPEN_FILES = DiskFailure(
    "打开的文件太多", "too many files are open", "请关闭别的程序后重试", "close other programs and try again"
)
_LARGE = DiskFailure(
    "文件超过这里允许的大小",
    "the file is larger than allowed here",
    "请换一块盘, 或放宽限制",
    "choose another disk, or raise the limit",
)

_REASONS: dict[int, DiskFailure] = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL._replace(zh="磁盘配额已用完", en="the disk quota is used up"),
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.ENOTDIR: _NOT_A_FOLDER,
    errno.EISDIR: _IS_A_FOLDER,
    errno.ENAMETOOLONG: _TOO_LONG,
    errno.ELOOP: _TOO_LONG._replace(zh="路径里的链接循环", en="its links lead in a circle"),
    errno.ENOENT: _GONE,
    errno.EEXIST: _IN_THE_WAY,
    errno.ENOTEMPTY: _IN_THE_WAY,
    errno.EIO: _FAULTY,
    errno.ENXIO: _FAULTY,
    errno.ENODEV: _FAULTY,
    errno.EBUSY: _BUSY,
    errno.ETXTBSY: _BUSY,
    errno.EINVAL: _BAD_NAME,
    errno.EILSEQ: _BAD_NAME,
    errno.EMFILE: _OPEN_FILES,
    errno.ENFILE: _OPEN_FILES,
    errno.EFBIG: _LARGE,
    getattr(errno, "ESTALE", -1): _FAULTY,
    getattr(errno, "ENOTCONN", -1): _FAULTY,
    getattr(errno, "EHOSTDOWN", -1): _FAULTY,
}
_WINDOWS = {32: _BUSY, 33: _BUSY, 112: _FULL, 39: _FULL, 19: _READ_ONLY, 123: _BAD_NAME, 206: _TOO_LONG}
_MESSAGES = {  # libraries that keep the system's words and lose its number: pyarrow, GDAL, SQLite
    "no space left on device": _FULL,
    "database or disk is full": _FULL,
    "disk quota": _FULL,
    "not enough space": _FULL,
    "read-only file system": _READ_ONLY,
    "readonly database": _READ_ONLY,
    "permission denied": _RIGHTS,
    "access is denied": _RIGHTS,
    "unable to open database": _RIGHTS,
    "not a directory": _NOT_A_FOLDER,
    "is a directory": _IS_A_FOLDER,
    "file name too long": _TOO_LONG,
    "disk i/o error": _FAULTY,
    "input/output error": _FAULTY,
    "file too large": _LARGE,
    "used by another process": _BUSY,
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
            zh, en = (f"“{place}”", f" '{place}'") if place else ("文件", " the file")
            verb_zh, verb_en = ("写不了", "write") if is_write else ("不能读写", "read or write")
            return NotWrittenError(
                f"{verb_zh}{zh}: {reason.zh}; {reason.do_zh}。", f"Cannot {verb_en}{en}: {reason.en}; {reason.do_en}."
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
    return PlanningError(
        "内存不够用; 请关闭别的程序, 或分街道、分文件处理。",
        "There is not enough memory; close other programs, or do it street by street or file by file.",
    )


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
