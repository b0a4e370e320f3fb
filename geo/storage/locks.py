"""One writer at a time: a lock file of the folder, which the system releases when its process ends."""

from __future__ import annotations

import datetime
import errno
import json
import logging
import os
import platform
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from filelock import FileLock, Timeout

from geo.errors import BusyError
from geo.messages import load_catalogue

say = load_catalogue(__file__)

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

logger = logging.getLogger(__name__)

LOCK = ".lock"
"""The file that is locked; it says nothing and is no part of a dataset."""
HOLDER = ".writer"
"""Who is writing: told to those who wait, believed by nobody."""
WAIT_S = 600.0
"""How long a writer waits for its turn: ten districts import one after the other."""
NOTIFY_AFTER_S = 3.0
"""After so long a writer who waits is told for whom."""
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


@dataclass(frozen=True)
class Holder:
    """Who holds a lock, as far as the holder said.

    Parameters
    ----------
    pid, host
        Process and computer.
    doing
        Its command, such as "pianqu import".
    since
        Local time, "10:05:30".
    """

    pid: int | None = None
    host: str = ""
    doing: str = ""
    since: str = ""

    @property
    def zh(self) -> str:
        """In Chinese."""
        if self.pid is None:
            return "另一个程序"
        return f"{self.doing} (电脑 {self.host}, 进程 {self.pid}, {self.since} 开始)"

    @property
    def en(self) -> str:
        """In English."""
        if self.pid is None:
            return "another program"
        return f"{self.doing} (computer {self.host}, process {self.pid}, since {self.since})"


class _ThreadLocks(threading.local):
    """The folders this thread holds, and how often."""

    def __init__(self) -> None:
        self.depth: dict[str, int] = {}


_THREAD_LOCKS = _ThreadLocks()
if hasattr(os, "register_at_fork"):  # a child holds nothing
    os.register_at_fork(after_in_child=lambda: _THREAD_LOCKS.depth.clear())


def holds_lock(folder: Path) -> bool:
    """Whether this very thread holds a folder's lock."""
    return folder_key(folder) in _THREAD_LOCKS.depth


@contextmanager
def acquire_lock(
    folder: Path, *, wait_s: float | None = None, on_wait: Callable[[Holder], None] | None = None
) -> Iterator[bool]:
    """Hold the lock of a folder; once more in the same thread costs nothing.

    The lock is the system's: it ends with the process, however that ends.

    Parameters
    ----------
    folder
        Made when it does not exist, and removed again when nothing was put into it.
    wait_s
        How long to wait while another has it; None = `WAIT_S`.
    on_wait
        Told once, after `NOTIFY_AFTER_S`, who has it; None tells a terminal.

    Yields
    ------
    Whether it was taken just now: False where this thread had it.

    Raises
    ------
    BusyError
        If another still has it after `wait_s`, or the disk knows no locks.
    OSError
        If nothing can be written there.
    """
    key = folder_key(folder)
    if key in _THREAD_LOCKS.depth:
        _THREAD_LOCKS.depth[key] += 1
        try:
            yield False
        finally:
            _THREAD_LOCKS.depth[key] -= 1
        return
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    lock = FileLock(folder / LOCK, mode=0o666, fallback_to_soft=False)
    _acquire(lock, folder, WAIT_S if wait_s is None else wait_s, on_wait or _notify_terminal)
    _THREAD_LOCKS.depth[key] = 1
    try:
        _write_holder(folder)
        yield True
    finally:
        del _THREAD_LOCKS.depth[key]
        _remove_holder(folder)
        lock.release()
        with suppress(OSError):  # folders made for nothing, the inmost first
            for place in missing:
                place.rmdir()


def _acquire(lock: FileLock, folder: Path, wait_s: float, on_wait: Callable[[Holder], None]) -> None:
    began, is_told = time.monotonic(), False
    while True:
        left = wait_s - (time.monotonic() - began)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=max(0.0, left if is_told else min(left, NOTIFY_AFTER_S)))
            return
        except Timeout:
            holder = read_holder(folder)
            if is_told or time.monotonic() - began >= wait_s:
                raise _busy_error(folder, holder, wait_s) from None
            is_told = True
            logger.info("waiting for %s: %s", folder, holder.en)
            on_wait(holder)
        except FileNotFoundError:  # whoever made the folder had nothing to put into it
            if time.monotonic() - began >= wait_s:
                raise
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise OSError(error.errno or 0, error.strerror or "", str(folder)) from error
            raise BusyError(*say("lock.no_locks", folder=folder)) from error


def _busy_error(folder: Path, holder: Holder, wait_s: float) -> BusyError:
    return BusyError(*say("lock.busy", folder=folder, holder=holder, wait_s=wait_s))


def read_holder(folder: Path) -> Holder:
    """Who says to be writing; nobody known where that cannot be read."""
    try:
        record = json.loads((folder / HOLDER).read_text(encoding="utf-8"))
        return Holder(int(record["pid"]), str(record["host"]), str(record["doing"]), str(record["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Holder()


def _write_holder(folder: Path) -> None:
    """Say who writes; a disk too full for that is full for the rest as well, and reported there."""
    command = next((part for part in sys.argv[1:] if not part.startswith("-")), "")
    name = Path(sys.argv[0]).stem if sys.argv and sys.argv[0] else "python"
    is_ours = name in ("cli", "pianqu", "__main__")
    record = {
        "pid": os.getpid(),
        "host": platform.node(),
        "doing": f"pianqu {command}".strip() if is_ours else name,
        "since": datetime.datetime.now().strftime("%H:%M:%S"),
    }
    with suppress(OSError):
        (folder / HOLDER).write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")


def _remove_holder(folder: Path) -> None:
    """Nobody writes any more; where nothing was stored, the lock goes as well, still held."""
    with suppress(OSError):
        (folder / HOLDER).unlink(missing_ok=True)
        if {path.name for path in folder.iterdir()} == {LOCK}:
            (folder / LOCK).unlink()


def _notify_terminal(holder: Holder) -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        sys.stderr.write(
            f"数据集正被 {holder.zh} 写入, 等待中… 按 Ctrl+C 放弃。\n"
            f"The dataset is being written by {holder.en}; waiting, Ctrl+C gives up.\n"
        )
        sys.stderr.flush()


def lock_for_child(file: IO[bytes]) -> tuple[int, ...]:
    """Lock an open file for a process that is about to be started.

    Returns
    -------
    Descriptors the process must inherit to hold the lock as long as it lives; none where the system
    knows no such locks (Windows).
    """
    if fcntl is None:
        return ()
    fcntl.flock(file, fcntl.LOCK_EX)
    return (file.fileno(),)


def is_lock_held(path: Path) -> bool | None:
    """Whether a process lives that holds the lock of :func:`lock_for_child`; None where nobody can tell (Windows)."""
    if fcntl is None:
        return None
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # two who ask do not meet
        except BlockingIOError:
            return True
    return False


def folder_key(folder: Path) -> str:
    """One name for a folder, however it is written."""
    return os.path.normcase(os.path.realpath(folder))
