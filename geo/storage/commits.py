"""Files of a folder replaced as one step: written next to the old ones, then renamed into place.

A writer holds the folder's lock (:func:`lock_dataset`). New files and the manifest that names them are
written to `.pending`, fsynced, and called done by a file `COMMIT`; then they are renamed over the
old ones, the manifest last. What a crash interrupts is finished or discarded by whoever comes next.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from geo.errors import BusyError, NotADatasetError, NotWrittenError
from geo.messages import load_catalogue
from geo.storage.atomic_files import sync_to_disk
from geo.storage.disk_errors import explain_disk_errors
from geo.storage.locks import acquire_lock, folder_key, holds_lock

say = load_catalogue(__file__)

MANIFEST = "manifest.json"
_PENDING = ".pending"
_COMMIT = "COMMIT"
_RENAMES, _PAUSE_S = 200, 0.05
_LATER_ZH = "这一步已经写好, 下次打开数据集时自动完成。"
_LATER_EN = "This step is written and will be completed when the dataset is opened next."


class _Transaction(threading.local):
    """The folders this thread writes as one step, each with the files dropped so far."""

    def __init__(self) -> None:
        self.dropped: dict[str, set[str]] = {}


_TRANSACTION = _Transaction()


@contextmanager
def lock_dataset(folder: str | Path, *, wait_s: float | None = None) -> Iterator[None]:
    """Hold a dataset against every other writer, from reading what is there to writing what comes of it.

    Whoever changes a dataset reads, computes and writes inside one such block; what does not depend
    on the dataset (reading files) is best done before. Readers need no lock and are never kept
    waiting, but for the moment in which files are renamed into place. Blocks of one thread may
    stand in each other; the lock ends with the process.

    Parameters
    ----------
    folder
        The dataset folder; made when it does not exist, and removed again if nothing came of it.
    wait_s
        How long to wait for another writer; None = `geo.storage.locks.WAIT_S`.

    Raises
    ------
    BusyError
        If another writer is not done after that.
    NotWrittenError
        If the folder cannot be written: full, read-only, no right, no such place. Unless the write
        was done before, nothing was changed.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> from geo.storage.dataset import open_dataset, write_dataset
    >>> from geo.storage.manifest import new_manifest
    >>> with tempfile.TemporaryDirectory() as place, lock_dataset(place):
    ...     _ = write_dataset(place, new_manifest("城", "EPSG:4546"), {})
    ...     dataset = open_dataset(place)
    ...     streets = pd.DataFrame({"street_code": ["150203001"], "name": ["甲街道"]})
    ...     len(write_dataset(place, dataset.manifest, {"streets": streets}).layer("streets"))
    1
    """
    folder = Path(folder)
    if holds_lock(folder):
        yield
        return
    with explain_disk_errors(folder, *say("commit.unchanged")), acquire_lock(folder, wait_s=wait_s):
        _complete(folder)
        yield


@contextmanager
def transaction(folder: str | Path) -> Iterator[None]:
    """Several writes of a dataset as one step: all of them are there at the end of the block, or none.

    Inside the block this thread reads what it wrote; others see it when the block is done. The lock
    is held.

    Raises
    ------
    BusyError, NotWrittenError
        As :func:`lock_dataset`; nothing was changed.
    """
    folder = Path(folder)
    key = folder_key(folder)
    with lock_dataset(folder):
        if key in _TRANSACTION.dropped:
            yield
            return
        with pending_folder(folder):
            _TRANSACTION.dropped[key] = set()
            try:
                yield
            finally:
                dropped = _TRANSACTION.dropped.pop(key)
            if (folder / _PENDING / MANIFEST).exists():
                commit(folder, dropped)
            else:
                shutil.rmtree(folder / _PENDING)


def resolve_path(folder: Path, name: str) -> Path:
    """Where a file of a dataset is read: what this thread wrote in an unfinished step comes first.

    Parameters
    ----------
    folder
        The dataset.
    name
        Of the file, relative to the folder.
    """
    if folder_key(folder) in _TRANSACTION.dropped:
        pending = folder / _PENDING / name
        if pending.exists():
            return pending
    return folder / name


def is_being_replaced(folder: Path) -> bool:
    """Whether a finished write is being renamed into place, by somebody other than this thread."""
    return not holds_lock(folder) and (folder / _PENDING / _COMMIT).exists()


def recover(folder: Path) -> None:
    """Finish a committed write or discard an unfinished one, unless its writer is still at work.

    A reader waits only for a write that is being renamed into place; until then the old version
    stands.
    """
    if holds_lock(folder) or not (folder / _PENDING).is_dir():
        return
    is_committed = (folder / _PENDING / _COMMIT).exists()
    try:
        with lock_dataset(folder, wait_s=None if is_committed else 0.0):
            pass
    except (BusyError, NotWrittenError) as error:
        if not is_committed:  # a writer is at work, or nothing can be written: the old version stands
            return
        if isinstance(error, BusyError):
            raise
        raise NotADatasetError(*say("commit.interrupted", folder=folder, error=error)) from error


def commit(folder: Path, dropped: Collection[str] = ()) -> None:
    """Bring what is pending to disk, call it done, and rename it into place.

    Within :func:`transaction` that is left to the end of the step.

    Parameters
    ----------
    folder
        The dataset; its lock is held.
    dropped
        Names of files the pending manifest no longer has.
    """
    pending = folder / _PENDING
    if (step := _TRANSACTION.dropped.get(folder_key(folder))) is not None:
        for name in dropped:
            (pending / name).unlink(missing_ok=True)
        step.update(dropped)
        return
    for path in sorted(pending.rglob("*")):
        sync_to_disk(path)
    kept = {path.relative_to(pending).as_posix() for path in pending.rglob("*")}
    (pending / _COMMIT).touch()
    try:
        sync_to_disk(pending)
    except OSError:
        (pending / _COMMIT).unlink()
        raise
    with explain_disk_errors(folder, _LATER_ZH, _LATER_EN):
        _complete(folder)
    for name in set(dropped) - kept:
        with suppress(OSError):  # no manifest names it any more
            (folder / name).unlink(missing_ok=True)


def _complete(folder: Path) -> None:
    """Rename the files of a committed write into place, the manifest last, and clear up; lock held."""
    pending = folder / _PENDING
    if not pending.is_dir():
        return
    if (pending / _COMMIT).exists():
        for path in sorted(pending.rglob("*"), key=lambda p: (p.name == MANIFEST, p)):
            target = folder / path.relative_to(pending)
            if path.is_dir():
                target.mkdir(exist_ok=True)
            elif path.name != _COMMIT:
                _replace(path, target)
                sync_to_disk(target.parent)
    shutil.rmtree(pending)


def _replace(path: Path, target: Path) -> None:
    """Rename over a file; Windows refuses as long as a reader has it open."""
    for _ in range(_RENAMES if os.name == "nt" else 0):
        try:
            os.replace(path, target)
        except PermissionError:
            time.sleep(_PAUSE_S)
        else:
            return
    os.replace(path, target)


def file_stamp(path: Path) -> tuple[int, int, int] | None:
    """What tells a file from the one that replaces it; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


@contextmanager
def pending_folder(folder: Path) -> Iterator[Path]:
    """A folder for a write, gone again if it comes to nothing; lock held. Of a step, its own."""
    pending = folder / _PENDING
    if folder_key(folder) in _TRANSACTION.dropped:
        yield pending
        return
    _complete(folder)
    pending.mkdir()
    try:
        yield pending
    except BaseException:
        if not (pending / _COMMIT).exists():
            shutil.rmtree(pending, ignore_errors=True)
        raise


def read_file_hashes(folder: Path) -> dict[str, str] | None:
    """The files of the manifest that is there now; None where there is none."""
    try:
        files = json.loads(resolve_path(folder, MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return dict(files) if isinstance(files, dict) else None
