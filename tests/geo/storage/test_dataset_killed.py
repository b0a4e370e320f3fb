"""A writer killed at any moment leaves a whole dataset: the old version or the new one."""

from __future__ import annotations

import itertools
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from geo.errors import ChangedMeanwhileError
from geo.storage.commits import lock_dataset, transaction
from geo.storage.dataset import Dataset, check_hashes, open_dataset, read_consistently, write_dataset
from geo.storage.manifest import new_manifest

METRIC = "EPSG:4546"
WRITER = """
import sys
import pandas as pd
from geo.storage.dataset import open_dataset, write_dataset
folder, version = sys.argv[1], int(sys.argv[2])
print("ready", flush=True)
while True:
    version += 1
    codes = [f"{version:06d}{i:03d}" for i in range(200)]
    streets = pd.DataFrame({"street_code": codes, "name": str(version)})
    firms = pd.DataFrame({"company_id": codes, "name": str(version)})
    write_dataset(folder, open_dataset(folder).manifest, {"streets": streets, "companies": firms},
                  findings=[])
"""


def version_of(folder):
    """The one version all layers are of; proves every byte."""
    dataset = open_dataset(folder)
    assert check_hashes(dataset) == ()
    names = {*dataset.layer("streets")["name"], *dataset.layer("companies")["name"]}
    (version,) = names
    return int(version)


def kill_at_random(folder, root, rng, version):
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), str(version)], cwd=root, stdout=subprocess.PIPE, text=True
    )
    try:
        assert writer.stdout.readline() == "ready\n"
        time.sleep(rng.uniform(0.0, 0.4))
        writer.send_signal(signal.SIGKILL)
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill so")
@pytest.mark.parametrize("trials", [2, pytest.param(24, marks=pytest.mark.full)], ids=["few", "many"])
def test_a_writer_killed_at_any_moment_leaves_a_whole_version(tmp_path, root, trials):
    folder, rng = tmp_path / "D", random.Random(7)
    one = pd.DataFrame({"street_code": ["000000000"], "name": "0"})
    firm = pd.DataFrame({"company_id": ["0"], "name": "0"})
    write_dataset(folder, new_manifest("城", METRIC), {"streets": one, "companies": firm}, findings=[])
    version = 0
    for trial in itertools.count(1):
        kill_at_random(folder, root, rng, version)
        now = version_of(folder)
        assert now >= version
        version = now
        if trial >= trials and version > 0:  # on a busy machine the first die before they write
            break
    assert not (folder / ".pending").exists()


def test_readers_see_whole_versions_while_a_writer_is_at_work(tmp_path, root):
    folder = tmp_path / "D"
    one = pd.DataFrame({"street_code": ["000000000"], "name": "0"})
    firm = pd.DataFrame({"company_id": ["0"], "name": "0"})
    write_dataset(folder, new_manifest("城", METRIC), {"streets": one, "companies": firm}, findings=[])
    first = (folder / "manifest.json").read_bytes()
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), "0"], cwd=root, stdout=subprocess.PIPE, text=True
    )
    try:
        assert writer.stdout.readline() == "ready\n"
        sizes = {len(open_dataset(folder).manifest.files) for _ in range(150)}
        while (folder / "manifest.json").read_bytes() == first and writer.poll() is None:
            time.sleep(0.05)
        assert writer.poll() is None, "a reader broke the writer"
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()
    assert sizes == {3}
    assert version_of(folder) > 0


def add_street(folder, name):
    """Read what is there, add one row, write: the way every writer does."""
    with lock_dataset(folder):
        is_there = (folder / "manifest.json").is_file()
        manifest = open_dataset(folder).manifest if is_there else new_manifest("城", METRIC)
        there = Dataset(folder, manifest).layer("streets")
        new = pd.DataFrame({"street_code": [name], "name": [name]})
        write_dataset(folder, manifest, {"streets": pd.concat([there, new])})


def test_writers_take_turns_and_lose_nothing(tmp_path):
    folder = tmp_path / "D"
    names = [f"{i:02d}" for i in range(24)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: add_street(folder, name), names))
    dataset = open_dataset(folder)
    assert list(dataset.layer("streets")["street_code"]) == names
    assert check_hashes(dataset) == ()
    seen = sorted(p.name for p in folder.iterdir() if p.name != ".lock")
    assert seen == ["manifest.json", "streets.parquet"]


def test_what_was_made_of_an_older_version_is_refused(tmp_path):
    """A writer that forgot the lock overwrites nothing."""
    one, two = (pd.DataFrame({"street_code": [c], "name": [c]}) for c in "12")
    old = write_dataset(tmp_path, new_manifest("城", METRIC), {"streets": one})
    write_dataset(tmp_path, old.manifest, {"streets": two})
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with pytest.raises(ChangedMeanwhileError, match="别人"):
        write_dataset(tmp_path, old.manifest, {"companies": pd.DataFrame({"company_id": ["x"]})})
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_an_old_dataset_reads_its_own_layers_or_says_that_they_are_gone(tmp_path):
    one, two = (pd.DataFrame({"street_code": [c], "name": [c]}) for c in "12")
    firm = pd.DataFrame({"company_id": ["f"], "name": ["f"]})
    old = write_dataset(tmp_path, new_manifest("城", METRIC), {"streets": one, "companies": firm})
    write_dataset(tmp_path, old.manifest, {"streets": two})
    assert list(old.layer("companies")["company_id"]) == ["f"]
    with pytest.raises(ChangedMeanwhileError):
        old.layer("streets")
    assert read_consistently(tmp_path, lambda dataset: list(dataset.layer("streets")["name"])) == ["2"]


LAYERS_READER = """
import sys
from geo.storage.dataset import read_consistently
def names(dataset):
    return {*dataset.layer("streets")["name"], *dataset.layer("companies")["name"]}
for _ in range(60):
    assert len(read_consistently(sys.argv[1], names)) == 1
print("whole")
"""


def test_layers_of_one_dataset_are_of_one_version(tmp_path, root):
    folder = tmp_path / "D"
    one = pd.DataFrame({"street_code": ["000000000"], "name": "0"})
    firm = pd.DataFrame({"company_id": ["0"], "name": "0"})
    write_dataset(folder, new_manifest("城", METRIC), {"streets": one, "companies": firm}, findings=[])
    writer = subprocess.Popen(
        [
            sys.executable,
            "-c",
            WRITER.replace("version += 1", "version += 1; __import__('time').sleep(.05)"),
            str(folder),
            "0",
        ],
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert writer.stdout.readline() == "ready\n"
        reader = subprocess.run(
            [sys.executable, "-c", LAYERS_READER, str(folder)], cwd=root, capture_output=True, text=True
        )
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()
    assert reader.stdout == "whole\n", reader.stderr


def streets_of(folder):
    return list(open_dataset(folder).layer("streets")["name"])


def test_several_writes_are_one_step(tmp_path):
    """Who writes them reads them at once; others see all of them in the end, or none."""
    one, two = (pd.DataFrame({"street_code": [c], "name": [c]}) for c in "12")
    firm = pd.DataFrame({"company_id": ["f"], "name": ["f"]})
    write_dataset(tmp_path, new_manifest("城", METRIC), {"streets": one, "companies": firm})
    with ThreadPoolExecutor(1) as another:
        with transaction(tmp_path):
            dataset = write_dataset(tmp_path, open_dataset(tmp_path).manifest, {"streets": two})
            assert streets_of(tmp_path) == ["2"]
            assert another.submit(streets_of, tmp_path).result() == ["1"]
            with transaction(tmp_path):
                dataset = write_dataset(tmp_path, dataset.manifest, {}, dropped=("companies",))
        assert another.submit(streets_of, tmp_path).result() == ["2"]
    assert not (tmp_path / "companies.parquet").exists()
    assert check_hashes(open_dataset(tmp_path)) == ()

    def fails():
        with transaction(tmp_path):
            write_dataset(tmp_path, open_dataset(tmp_path).manifest, {"streets": one})
            raise KeyError("a later part of the step")

    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with pytest.raises(KeyError):
        fails()
    with transaction(tmp_path):  # a step may come to nothing
        assert streets_of(tmp_path) == ["2"]
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before
