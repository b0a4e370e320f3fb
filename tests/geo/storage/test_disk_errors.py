"""What a disk refuses is a sentence that says what, where and what to do."""

import errno
import os
import sqlite3
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy

from geo.errors import NotWrittenError, UsageError
from geo.storage.dataset import open_dataset, write_dataset
from geo.storage.disk_errors import disk_error, explain_disk_errors, find_write_fault, memory_error
from geo.storage.locks import LOCK
from geo.storage.manifest import new_manifest

NUMBERS = {
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "配额",
    errno.EROFS: "只读",
    errno.EACCES: "Excel",
    errno.EPERM: "权限",
    errno.ENOTDIR: "不是文件夹",
    errno.EISDIR: "文件夹",
    errno.EIO: "出错",
    errno.ENAMETOOLONG: "太长",
    errno.EEXIST: "已在",
    errno.ENOENT: "没有这个位置",
    errno.EBUSY: "Excel",
    errno.EMFILE: "太多",
    errno.EFBIG: "大小",
}
WRAPPED = {
    "number lost": OSError("[Errno 28] Error writing bytes to file. Detail: No space left on device"),
    "of a library": RuntimeError("write failed: Permission denied"),
    "sqlite full": sqlite3.OperationalError("database or disk is full"),
    "sqlite read-only": sqlite3.OperationalError("attempt to write a readonly database"),
    "sqlalchemy": sqlalchemy.exc.OperationalError("INSERT", {}, sqlite3.OperationalError("disk I/O error")),
}


@pytest.mark.parametrize("number", NUMBERS)
def test_every_refusal_names_the_place_the_reason_and_the_remedy(number):
    told = disk_error(OSError(number, os.strerror(number), "D/x.xlsx"))
    assert NUMBERS[number] in told.zh
    assert "“D/x.xlsx”" in told.zh
    assert "'D/x.xlsx'" in told.en
    assert "; 请" in told.zh


@pytest.mark.parametrize("error", WRAPPED.values(), ids=WRAPPED)
def test_refusals_that_libraries_wrap_are_known(error):
    outer = ValueError("the export failed")
    outer.__cause__ = error
    assert isinstance(disk_error(outer, Path("p")), NotWrittenError)


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyError("is"), ConnectionResetError(104, "reset"), UsageError("中", "e")]
)
def test_other_errors_are_left_alone(error):
    assert disk_error(error) is None
    with pytest.raises(type(error)), explain_disk_errors(Path("p")):
        raise error


def test_no_memory_is_a_sentence():
    assert "内存" in memory_error(MemoryError()).zh
    assert memory_error(ValueError()) is None


@pytest.mark.parametrize(
    ("place", "says"),
    [("file", "文件, 不是文件夹"), ("file/below", "不是文件夹"), ("n" * 300, "太长"), ("x/" + "n" * 300, "太长")],
)
def test_an_impossible_folder_is_known_beforehand(tmp_path, place, says):
    (tmp_path / "file").touch()
    assert says in find_write_fault(tmp_path / place).zh
    assert find_write_fault(tmp_path / "new" / "deeper") is None
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def refusing(number):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    return refuse


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="root becomes another")
def test_a_dataset_that_may_not_be_written_is_read(tmp_path):
    folder = tmp_path / "D"
    one = pd.DataFrame({"street_code": ["1"], "name": ["甲"]})
    old = write_dataset(folder, new_manifest("城", "EPSG:4546"), {"streets": one})
    (folder / LOCK).unlink()
    (folder / ".pending").mkdir()  # a writer was killed
    places = [tmp_path, *tmp_path.parents]
    modes = [place.stat().st_mode for place in places]
    for place in places[:-1]:
        place.chmod(0o755)
    os.seteuid(65534)
    try:
        found = open_dataset(folder)
        assert list(found.layer("streets")["name"]) == ["甲"]
        with pytest.raises(NotWrittenError, match="权限"):
            write_dataset(folder, old.manifest, {"streets": one})
    finally:
        os.seteuid(0)
        for place, mode in zip(places, modes, strict=True):
            place.chmod(mode)
    assert not (folder / LOCK).exists()
