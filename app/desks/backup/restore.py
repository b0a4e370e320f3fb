"""An archive of `app.desks.backup.backup` put back: proven first, and trusted in nothing."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.desks.backup.backup import (
    CONTENTS,
    DATASET,
    PLANS,
    SCHEMA,
    BackupContents,
    copy_bytes,
    count_rows,
    is_safe_name,
)
from app.i18n import say
from app.session.folders import default_store_path
from app.store.copying import copy_rows
from app.store.engine import begin_exclusive, open_engine, store_error
from app.store.tables import audit
from geo.errors import NotADatasetError, UnreadableFileError, UsageError
from geo.messages import Sentence
from geo.storage.commits import MANIFEST
from geo.storage.dataset import check_hashes, open_dataset

MOST_FILES = 5_000
MOST_BYTES = 100_000_000_000
MOST_CONTENTS = 4_000_000
MOST_RATIO = 200
"""Most times its packed size that a file may have."""
_SMALL = 1_000_000
_FLAG_ENCRYPTED = 0x1


def restore(archive: Path, into: Path, store_url: str | None = None) -> BackupContents:
    """Put a backup back; all of it, or nothing.

    Parameters
    ----------
    archive
        As :func:`app.desks.backup.backup.back_up` writes it.
    into
        Folder of the dataset; must be empty or not there.
    store_url
        Address of the store the plans go to, which holds none yet; the SQLite file next to the dataset when None.

    Raises
    ------
    PlanningError
        If the folder or the store is not empty, or the archive is damaged, no backup, or hostile.
    """
    if not archive.is_file():
        raise UsageError(*say("restore.no_file", archive=archive))
    _check_place(into)
    into.parent.mkdir(parents=True, exist_ok=True)
    with _opened(archive) as opened, tempfile.TemporaryDirectory(prefix=f".{into.name}-", dir=into.parent) as work:
        contents = _contents(opened)
        _unpack(opened, contents, Path(work))
        _prove(Path(work), contents)
        if store_url is None or PLANS not in contents.files:
            _put_in_place(Path(work), into)
        else:
            _put_into_store(Path(work), into, store_url)
        return contents


def _opened(archive: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(archive)
    except Exception as error:  # BadZipFile, UnicodeDecodeError: whatever its list stumbles over
        raise _damaged(str(error) or type(error).__name__) from error


def _check_place(into: Path) -> None:
    store = default_store_path(into)
    files = [store, *(store.with_name(store.name + end) for end in ("-wal", "-shm"))]
    there = [path for path in files if path.exists() or path.is_symlink()]
    if into.is_symlink() or (into.exists() and (not into.is_dir() or any(into.iterdir()))):
        there.insert(0, into)
    if there:
        raise UsageError(*say("restore.place_taken", place=there[0]))


def _contents(archive: zipfile.ZipFile) -> BackupContents:
    """What the archive says it holds, in agreement with what is in it, and no name that is unsafe."""
    infos = archive.infolist()
    if len(infos) > MOST_FILES:
        raise _hostile(say("restore.n_files", n=len(infos)))
    names = [info.filename for info in infos]
    if len({name.casefold() for name in names}) != len(names):
        raise _hostile(say("restore.same_names"))
    if CONTENTS not in names:
        raise UnreadableFileError(*say("restore.no_backup", file=CONTENTS))
    for info in infos:
        _check_member(info)
    if sum(info.file_size for info in infos) > MOST_BYTES:
        raise _hostile(say("restore.too_large"))
    contents = _read_contents(archive)
    held = set(names) - {CONTENTS}
    if held != set(contents.files):
        odd = sorted(held ^ set(contents.files))
        raise _damaged(say("restore.list_differs", name=odd[0][:80]))
    return contents


def _check_member(info: zipfile.ZipInfo) -> None:
    name = info.filename
    if not is_safe_name(name) or name != info.orig_filename:
        raise _hostile(say("restore.bad_name", name=name[:80]))
    mode = info.external_attr >> 16
    if info.is_dir() or stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise _hostile(say("restore.no_plain_file", name=name))
    plain = info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if info.flag_bits & _FLAG_ENCRYPTED or not plain:
        raise _hostile(say("restore.packing", name=name))
    if info.file_size > _SMALL + MOST_RATIO * info.compress_size:
        raise _hostile(say("restore.member_too_large", name=name))


def _read_contents(archive: zipfile.ZipFile) -> BackupContents:
    if archive.getinfo(CONTENTS).file_size > MOST_CONTENTS:
        raise _hostile(say("restore.contents_too_large", file=CONTENTS))
    try:
        with archive.open(CONTENTS) as source:
            body = source.read(MOST_CONTENTS + 1)
    except Exception as error:  # as in `_unpack`
        raise _damaged(f"{CONTENTS} ({error})") from error
    try:
        raw = json.loads(body)
        if raw.pop("schema") != SCHEMA:
            raise ValueError("schema")
        contents = BackupContents(**raw)
        is_sound = isinstance(contents.files, dict) and all(isinstance(sha, str) for sha in contents.files.values())
        if not is_sound or not isinstance(contents.rows, dict | None):
            raise ValueError("files")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(f"{CONTENTS} ({error})") from error
    return contents


def _unpack(archive: zipfile.ZipFile, contents: BackupContents, work: Path) -> None:
    """Every file, never more bytes than announced, each by its sha256."""
    need = sum(archive.getinfo(name).file_size for name in contents.files)
    if need > shutil.disk_usage(work).free:
        raise UsageError(*say("restore.no_disk", need=need / 1000000.0))
    for name, sha in contents.files.items():
        info, path = archive.getinfo(name), work.joinpath(*name.split("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as target:
            try:
                with archive.open(info) as source:
                    found = copy_bytes(source, target, info.file_size)
            except OverflowError as error:
                raise _hostile(say("restore.size_untrue", name=name)) from error
            except Exception as error:  # zlib.error, BadZipFile: whatever unpacking stumbles over
                raise _damaged(f"{name}: {error}") from error
            target.flush()
            os.fsync(target.fileno())
        if found != sha:
            raise _damaged(say("restore.hash_differs", name=name))


def _prove(work: Path, contents: BackupContents) -> None:
    """The dataset opens and its own hashes hold; the store is sound and has nothing but tables."""
    if not (work / DATASET / MANIFEST).is_file():
        raise _damaged(say("restore.no_manifest", file=MANIFEST))
    try:
        wrong = check_hashes(open_dataset(work / DATASET))
    except NotADatasetError as error:
        raise _damaged(MANIFEST) from error
    if wrong:
        raise _damaged(wrong[0])
    if PLANS not in contents.files:
        return
    try:
        with closing(sqlite3.connect(f"file:{work / PLANS}?mode=ro", uri=True)) as store:
            kinds = "SELECT count(*) FROM sqlite_master WHERE type NOT IN ('table', 'index') OR sql LIKE '%VIRTUAL%'"
            if store.execute(kinds).fetchone()[0]:
                raise _hostile(say("restore.odd_store"))
            rows = count_rows(store)
    except sqlite3.Error as error:
        raise _damaged(f"{PLANS}: {error}") from error
    if rows != contents.rows:
        raise _damaged(say("restore.rows_differ", file=PLANS))


def _put_into_store(work: Path, into: Path, store_url: str) -> None:
    """The plans into a store of their own, the dataset in place: both, or neither where the store refuses."""
    engine = open_engine(store_url)
    try:
        with engine.begin() as connection:
            begin_exclusive(connection)
            if connection.execute(select(audit.c.number)).first() is not None:
                raise UsageError(*say("restore.store_taken"))
            copy_rows(f"sqlite:///{work / PLANS}", connection)
            (work / PLANS).unlink()
            _put_in_place(work, into)
    except SQLAlchemyError as error:
        raise store_error("write", engine.url.render_as_string(hide_password=True), error) from error
    finally:
        engine.dispose()


def _put_in_place(work: Path, into: Path) -> None:
    if into.exists():
        into.rmdir()  # empty, or this fails
    os.rename(work / DATASET, into)
    if (work / PLANS).exists():
        os.replace(work / PLANS, default_store_path(into))


def _damaged(what: object) -> UnreadableFileError:
    return UnreadableFileError(*say("restore.damaged", what=what))


def _hostile(what: Sentence) -> UnreadableFileError:
    return UnreadableFileError(*say("restore.hostile", what=what))
