from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.errors import NotADatasetError, NotWrittenError
from geo.storage import commits
from geo.storage.dataset import check_hashes, open_dataset, write_dataset
from geo.storage.manifest import new_manifest


def refusing(number):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    return refuse


STEPS = {
    "the folder": ("mkdir", Path),
    "a layer": ("to_parquet", gpd.GeoDataFrame),
    "the manifest": ("write_text", Path),
    "to disk": ("sync_to_disk", commits),
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


CRS = "EPSG:4546"


def streets(*codes):
    boxes = [shapely.box(i, 0, i + 1, 1) for i in range(len(codes))]
    return gpd.GeoDataFrame({"street_code": codes, "name": codes}, geometry=boxes, crs=CRS)


def written(folder, **layers):
    return write_dataset(folder, new_manifest("测试", CRS, data_date="2026-06-30"), layers)


@pytest.mark.parametrize("committed", [True, False])
def test_interrupted_write_is_finished_or_discarded(tmp_path, committed):
    old, new = tmp_path / "old", tmp_path / "new"
    before = written(old, streets=streets("1"))
    after = written(new, streets=streets("1", "2"))
    pending = old / ".pending"
    pending.mkdir()
    for name in ("streets.parquet", "manifest.json"):
        shutil.copy(new / name, pending / name)
    if committed:
        (pending / "COMMIT").touch()
    found = open_dataset(old)
    assert found.manifest == (after if committed else before).manifest
    assert check_hashes(found) == ()
    assert not pending.exists()
