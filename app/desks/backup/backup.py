"""One archive of an office's work, the dataset and its plans, made while the server runs.

A zip: `backup.json` with the sha256 of every other file, the dataset's files under `dataset/`, and
the store of plans as `plans.sqlite`. Runs (`NAME.cache/`) are left out: they can be made again.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import sqlite3
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

from app.desks.backup.last import note_backup
from app.i18n import say
from app.session.folders import default_store_path
from app.store.copying import copy_rows, store_file
from app.store.engine import open_engine, store_address
from geo.errors import NotADatasetError, PlanningError, UsageError
from geo.storage.commits import MANIFEST
from geo.storage.dataset import check_hashes, open_dataset

SCHEMA = "pianqu.backup/1"
CONTENTS = "backup.json"
DATASET = "dataset"
PLANS = "plans.sqlite"
TRIES = 6
"""How often a backup begins anew because somebody wrote the data meanwhile."""
_PAUSE_S = 0.3
_CHUNK = 1 << 20
_DEPTH = 3
_PACKED = (".parquet", ".pmtiles", ".xlsx", ".zip")
"""Files that are packed already."""


class StillWritingError(PlanningError, RuntimeError):
    """The data were written again and again while they were copied."""


@dataclass(frozen=True)
class BackupContents:
    """What an archive holds: `backup.json`.

    Parameters
    ----------
    name, data_date
        Of the dataset.
    made
        When, ISO 8601 with zone.
    planning_sha256, all_sha256
        Of the dataset.
    rows
        Number of rows of each table of the store of plans; None where no store is in it.
    files
        sha256 of every file by its name in the archive.
    """

    name: str
    data_date: str | None
    made: str
    planning_sha256: str
    all_sha256: str
    rows: dict[str, int] | None
    files: dict[str, str]

    @property
    def text(self) -> str:
        """As it is written."""
        return json.dumps({"schema": SCHEMA, **asdict(self)}, ensure_ascii=False, indent=1) + "\n"


def back_up(folder: Path, out: Path, store_url: str | None = None, *, with_plans: bool = True) -> BackupContents:
    """Write the archive; it is there whole or not at all.

    Parameters
    ----------
    folder
        The dataset.
    out
        The archive; must not be there yet, nor lie in the dataset.
    store_url
        Address of the store of plans; the SQLite file next to the dataset when None.
    with_plans
        Whether the store is copied.

    Raises
    ------
    PlanningError
        If the folder is no dataset or is damaged, the archive is there already, the store cannot be
        read, or the data are written all the time.
    """
    _check_place(folder, out)
    store = _store_url(folder, store_url) if with_plans else None
    out.parent.mkdir(parents=True, exist_ok=True)
    for _ in range(TRIES):
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as work:
            found = _try(folder, store, Path(work))
            if found is not None:
                os.replace(Path(work) / "archive", out)
                note_backup(folder, found.made, out.stat().st_size, with_plans=found.rows is not None)
                return found
        time.sleep(_PAUSE_S)
    wrong = check_hashes(open_dataset(folder))
    if wrong:
        raise NotADatasetError(*say("backup.not_made", why=wrong[0]))
    raise StillWritingError(*say("backup.still_written", folder=folder))


def _check_place(folder: Path, out: Path) -> None:
    if out.exists():
        raise UsageError(*say("backup.out_exists", out=out))
    if out.resolve().is_relative_to(folder.resolve()):
        raise UsageError(*say("backup.out_in_dataset"))


def _store_url(folder: Path, url: str | None) -> str | None:
    """Address of the store; None where there is none."""
    if url is None:
        path = default_store_path(folder)
        return f"sqlite:///{path}" if path.is_file() else None
    address = store_address(url)
    path = Path(address.database or "")
    if address.get_backend_name() == "sqlite" and not path.is_file():
        raise UsageError(*say("backup.no_store", path=path))
    return url


def _try(folder: Path, store: str | None, work: Path) -> BackupContents | None:
    """Copy everything once; None where the data changed meanwhile."""
    dataset = open_dataset(folder)
    manifest = (folder / MANIFEST).read_bytes()
    rows = None if store is None else copy_store(store, work / PLANS)
    files: dict[str, str] = {}
    with (work / "archive").open("wb") as target:
        with zipfile.ZipFile(target, "w") as archive:
            try:
                for path in _files_of(folder):
                    name = f"{DATASET}/{path.relative_to(folder).as_posix()}"
                    files[name] = _put(archive, name, path)
                if rows is not None:
                    files[PLANS] = _put(archive, PLANS, work / PLANS)
            except FileNotFoundError:  # a layer went meanwhile
                return None
            wanted = {f"{DATASET}/{name}": sha for name, sha in dataset.manifest.files.items()}
            is_same = (folder / MANIFEST).read_bytes() == manifest
            if not is_same or any(files.get(name) != sha for name, sha in wanted.items()):
                return None
            found = BackupContents(
                dataset.manifest.name,
                dataset.manifest.data_date,
                datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
                dataset.manifest.planning_sha256,
                dataset.manifest.all_sha256,
                rows,
                files,
            )
            archive.writestr(_info(CONTENTS), found.text)
        target.flush()
        os.fsync(target.fileno())
    with zipfile.ZipFile(work / "archive") as archive:
        archive.testzip()  # what was written can be read
    return found


def copy_store(url: str, target: Path) -> dict[str, int]:
    """A copy of a store as it is at one moment, also while it is written, as a SQLite file; rows of its tables.

    Parameters
    ----------
    url
        Of the store.
    target
        The file to write.

    Raises
    ------
    UsageError
        If it is no sound SQLite file.
    StoreError
        If it is on a server that cannot be read.
    """
    source = store_file(url)
    if source is None:
        copy = open_engine(f"sqlite:///{target.with_suffix('.new')}")
        with copy.begin() as connection:
            copy_rows(url, connection)
        copy.dispose()
        source = target.with_suffix(".new")
    try:
        address = f"file:{quote(str(source.resolve()))}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=15)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
            new.execute("PRAGMA journal_mode=DELETE")  # one file, nothing next to it
            new.execute("VACUUM")
            return count_rows(new)
    except sqlite3.Error as error:
        raise UsageError(*say("backup.store_unreadable", source=source, error=error)) from error


def count_rows(connection: sqlite3.Connection) -> dict[str, int]:
    """Number of rows of each table of a sound database.

    Raises
    ------
    sqlite3.DatabaseError
        If it is damaged.
    """
    answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if answer != "ok":
        raise sqlite3.DatabaseError(answer)
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    names = sorted(name for (name,) in connection.execute(query))
    counted = {}
    for name in names:
        quoted = name.replace('"', '""')
        counted[name] = connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0]  # noqa: S608 - quoted
    return counted


def _files_of(folder: Path) -> Iterator[Path]:
    """Every file of a dataset but hidden ones: those are of writers at work."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in inside.parts)
        if hidden or path.is_symlink() or not path.is_file():
            continue
        if not is_safe_name(f"{DATASET}/{inside.as_posix()}"):
            raise UsageError(*say("backup.odd_file", inside=inside))
        yield path


def is_safe_name(name: str) -> bool:
    """Whether a name may stand in an archive: of the dataset or the store, safe on every system.

    Examples
    --------
    >>> [is_safe_name(name) for name in ("dataset/rosters/基准.parquet", "dataset/../x", "/etc/passwd")]
    [True, False, False]
    """
    parts = name.split("/")
    is_known = name in (CONTENTS, PLANS) or (parts[0] == DATASET and 2 <= len(parts) <= _DEPTH)
    is_odd = any(part[:1] in ("", ".") or part != part.strip() for part in parts)
    signs = any(sign in '\\:*?"<>|' or ord(sign) < 32 for sign in name)
    return is_known and not is_odd and not signs and len(name) <= 200


def _info(name: str) -> zipfile.ZipInfo:
    now = datetime.datetime.now()
    info = zipfile.ZipInfo(name, (now.year, now.month, now.day, now.hour, now.minute, now.second))
    packed = name.endswith(_PACKED)
    info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    info.external_attr = 0o100600 << 16
    return info


def _put(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    """Copy a file into the archive; its sha256."""
    with path.open("rb") as source, archive.open(_info(name), "w", force_zip64=True) as target:
        return copy_bytes(source, target)


def copy_bytes(source: IO[bytes], target: IO[bytes], most: int | None = None) -> str:
    """Copy bytes, never more than `most`; their sha256.

    Parameters
    ----------
    source
        Open for reading.
    target
        Open for writing.
    most
        Bytes; None = any number.

    Raises
    ------
    OverflowError
        If there are more.
    """
    digest, n = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK):
        n += len(chunk)
        if most is not None and n > most:
            raise OverflowError
        digest.update(chunk)
        target.write(chunk)
    return digest.hexdigest()
