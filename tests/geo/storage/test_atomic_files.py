"""What a disk refuses is a sentence that says what, where and what to do."""

import errno
import os
import sqlite3
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import sqlalchemy

from geo.dataset import check_hashes, new_manifest, open_dataset, write_dataset
from geo.errors import NotADatasetError, NotWrittenError, UsageError
from geo.storage import commits
from geo.storage.atomic_files import atomic_write, disk_error, explain_disk_errors, find_write_fault, memory_error
from geo.storage.locks import LOCK

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


def test_a_file_is_whole_or_not_there(tmp_path, monkeypatch):
    path = tmp_path / "a" / "b.txt"
    atomic_write(path, b"1")
    monkeypatch.setattr(os, "fsync", refusing(errno.ENOSPC))
    with pytest.raises(NotWrittenError, match="磁盘已满"):
        atomic_write(path, b"22")
    assert path.read_bytes() == b"1"
    assert [one.name for one in path.parent.iterdir()] == ["b.txt"]


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


STEPS = {
    "the folder": ("mkdir", Path),
    "a layer": ("to_parquet", gpd.GeoDataFrame),
    "the manifest": ("write_text", Path),
    "to disk": ("_fsync", commits),
    "done": ("touch", Path),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
def test_a_dataset_is_as_it_was_when_the_disk_refuses_at_any_step(tmp_path, monkeypatch, step, number):
    folder = tmp_path / "D"
    one, two = (pd.DataFrame({"street_code": [c], "name": [c]}) for c in "12")
    old = write_dataset(folder, new_manifest("城", "EPSG:4546"), {"streets": one})
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    name, where = STEPS[step]
    with monkeypatch.context() as patched:
        patched.setattr(where, name, refusing(number))
        with pytest.raises(NotWrittenError, match="数据集没有改动"):
            write_dataset(folder, old.manifest, {"streets": two})
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
    again = open_dataset(folder)
    assert check_hashes(again) == ()
    assert list(write_dataset(folder, again.manifest, {"streets": two}).layer("streets")["name"]) == ["2"]


def test_renames_that_were_refused_are_done_when_the_dataset_is_opened_again(tmp_path, monkeypatch):
    one, two = (pd.DataFrame({"street_code": [c], "name": [c]}) for c in "12")
    old = write_dataset(tmp_path, new_manifest("城", "EPSG:4546"), {"streets": one})
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", refusing(errno.EIO))
        with pytest.raises(NotWrittenError, match="自动完成") as told:
            write_dataset(tmp_path, old.manifest, {"streets": two})
        assert "没有改动" not in told.value.zh
        with pytest.raises(NotADatasetError, match="没有完成"):
            open_dataset(tmp_path)
    found = open_dataset(tmp_path)
    assert list(found.layer("streets")["name"]) == ["2"]
    assert check_hashes(found) == ()


def test_a_folder_that_was_made_for_nothing_is_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(gpd.GeoDataFrame, "to_parquet", refusing(errno.ENOSPC))
    with pytest.raises(NotWrittenError):
        write_dataset(
            tmp_path / "a" / "D", new_manifest("城", "EPSG:4546"), {"streets": pd.DataFrame({"street_code": ["1"]})}
        )
    assert list(tmp_path.iterdir()) == []


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
