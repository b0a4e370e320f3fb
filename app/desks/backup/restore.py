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
from app.session.plan_session import default_store_path
from geo.errors import NotADatasetError, UnreadableFileError, UsageError
from geo.storage.commits import MANIFEST
from geo.storage.dataset import check_hashes, open_dataset

MOST_FILES = 5_000
MOST_BYTES = 100_000_000_000
MOST_CONTENTS = 4_000_000
MOST_RATIO = 200
"""Most times its packed size that a file may have."""
_SMALL = 1_000_000
_FLAG_ENCRYPTED = 0x1


def restore(archive: Path, into: Path) -> BackupContents:
    """Put a backup back; all of it, or nothing.

    Parameters
    ----------
    archive
        As :func:`app.desks.backup.backup.back_up` writes it.
    into
        Folder of the dataset; must be empty or not there. The store comes next to it.

    Raises
    ------
    PlanningError
        If the folder is not empty, or the archive is damaged, no backup, or hostile.
    """
    if not archive.is_file():
        raise UsageError(f"没有文件“{archive}”。", f"There is no file '{archive}'.")
    _check_place(into)
    into.parent.mkdir(parents=True, exist_ok=True)
    with _opened(archive) as opened, tempfile.TemporaryDirectory(prefix=f".{into.name}-", dir=into.parent) as work:
        contents = _contents(opened)
        _unpack(opened, contents, Path(work))
        _prove(Path(work), contents)
        _put_in_place(Path(work), into)
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
        raise UsageError(
            f"“{there[0]}”已有内容, 没有覆盖; 请恢复到一个空文件夹, 核对后再换上。",
            f"'{there[0]}' holds something and stays; restore into an empty folder, and swap them "
            "when you have looked.",
        )


def _contents(archive: zipfile.ZipFile) -> BackupContents:
    """What the archive says it holds, in agreement with what is in it, and no name that is unsafe."""
    infos = archive.infolist()
    if len(infos) > MOST_FILES:
        raise _hostile(f"{len(infos):,} 个文件", f"{len(infos):,} files")
    names = [info.filename for info in infos]
    if len({name.casefold() for name in names}) != len(names):
        raise _hostile("重名的文件", "files of the same name")
    if CONTENTS not in names:
        raise UnreadableFileError(
            f"这不是 pianqu backup 的备份 (没有 {CONTENTS})。",
            f"This is no backup made by pianqu backup (no {CONTENTS}).",
        )
    for info in infos:
        _check_member(info)
    if sum(info.file_size for info in infos) > MOST_BYTES:
        raise _hostile("解开后过大", "too large when unpacked")
    contents = _read_contents(archive)
    held = set(names) - {CONTENTS}
    if held != set(contents.files):
        odd = sorted(held ^ set(contents.files))
        raise _damaged(f"清单与文件不一致: {odd[0][:80]}", f"list and files differ: {odd[0][:80]}")
    return contents


def _check_member(info: zipfile.ZipInfo) -> None:
    name = info.filename
    if not is_safe_name(name) or name != info.orig_filename:
        raise _hostile(f"文件名“{name[:80]}”", f"the name '{name[:80]}'")
    mode = info.external_attr >> 16
    if info.is_dir() or stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise _hostile(f"“{name}”不是普通文件", f"'{name}' is no plain file")
    plain = info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    if info.flag_bits & _FLAG_ENCRYPTED or not plain:
        raise _hostile(f"“{name}”的压缩方式", f"the packing of '{name}'")
    if info.file_size > _SMALL + MOST_RATIO * info.compress_size:
        raise _hostile(f"“{name}”解开后过大", f"'{name}' would be too large unpacked")


def _read_contents(archive: zipfile.ZipFile) -> BackupContents:
    if archive.getinfo(CONTENTS).file_size > MOST_CONTENTS:
        raise _hostile(f"{CONTENTS} 过大", f"{CONTENTS} is too large")
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
        raise UsageError(f"磁盘空间不够: 须 {need / 1e6:,.0f} MB。", f"Not enough disk: {need / 1e6:,.0f} MB needed.")
    for name, sha in contents.files.items():
        info, path = archive.getinfo(name), work.joinpath(*name.split("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as target:
            try:
                with archive.open(info) as source:
                    found = copy_bytes(source, target, info.file_size)
            except OverflowError as error:
                raise _hostile(f"“{name}”大小不实", f"'{name}' is larger than it says") from error
            except Exception as error:  # zlib.error, BadZipFile: whatever unpacking stumbles over
                raise _damaged(f"{name}: {error}") from error
            target.flush()
            os.fsync(target.fileno())
        if found != sha:
            raise _damaged(f"{name} 与清单不符", f"{name} differs from the list")


def _prove(work: Path, contents: BackupContents) -> None:
    """The dataset opens and its own hashes hold; the store is sound and has nothing but tables."""
    if not (work / DATASET / MANIFEST).is_file():
        raise _damaged(f"没有 {MANIFEST}", f"no {MANIFEST}")
    try:
        wrong = check_hashes(open_dataset(work / DATASET))
    except NotADatasetError as error:
        raise _damaged(MANIFEST) from error
    if wrong:
        raise _damaged(wrong[0].zh, wrong[0].en)
    if PLANS not in contents.files:
        return
    try:
        with closing(sqlite3.connect(f"file:{work / PLANS}?mode=ro", uri=True)) as store:
            kinds = "SELECT count(*) FROM sqlite_master WHERE type NOT IN ('table', 'index') OR sql LIKE '%VIRTUAL%'"
            if store.execute(kinds).fetchone()[0]:
                raise _hostile("方案库中有触发器或视图", "the store holds triggers or views")
            rows = count_rows(store)
    except sqlite3.Error as error:
        raise _damaged(f"{PLANS}: {error}") from error
    if rows != contents.rows:
        raise _damaged(f"{PLANS} 的行数与清单不符", f"{PLANS} has other rows than the list says")


def _put_in_place(work: Path, into: Path) -> None:
    if into.exists():
        into.rmdir()  # empty, or this fails
    os.rename(work / DATASET, into)
    if (work / PLANS).exists():
        os.replace(work / PLANS, default_store_path(into))


def _damaged(zh: str, en: str | None = None) -> UnreadableFileError:
    return UnreadableFileError(
        f"备份已损坏: {zh}。没有恢复任何内容; 请用另一份备份。",
        f"The backup is damaged: {en or zh}. Nothing was restored; use another one.",
    )


def _hostile(zh: str, en: str) -> UnreadableFileError:
    return UnreadableFileError(
        f"备份中有不该有的内容: {zh}。没有恢复任何内容; 请核实它的来源。",
        f"The backup holds what no backup holds: {en}. Nothing was restored; find out where it came from.",
    )
