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

from geo.dataset import new_manifest, open_dataset, prove_hashes, write_dataset

METRIC = "EPSG:4546"
WRITER = """
import sys
import pandas as pd
from geo.dataset import open_dataset, write_dataset
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
    assert prove_hashes(dataset) == ()
    names = {*dataset.layer("streets")["name"], *dataset.layer("companies")["name"]}
    (version,) = names
    return int(version)


def kill_at_random(folder, root, rng, version):
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), str(version)], cwd=root,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert writer.stdout.readline() == "ready\n"
        time.sleep(rng.uniform(0.0, 0.4))
        writer.send_signal(signal.SIGKILL)
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill so")
@pytest.mark.parametrize(
    "trials", [4, pytest.param(24, marks=pytest.mark.full)], ids=["few", "many"]
)
def test_a_writer_killed_at_any_moment_leaves_a_whole_version(tmp_path, root, trials):
    folder, rng = tmp_path / "D", random.Random(7)
    one = pd.DataFrame({"street_code": ["000000000"], "name": "0"})
    firm = pd.DataFrame({"company_id": ["0"], "name": "0"})
    write_dataset(
        folder, new_manifest("城", METRIC), {"streets": one, "companies": firm}, findings=[]
    )
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
    write_dataset(
        folder, new_manifest("城", METRIC), {"streets": one, "companies": firm}, findings=[]
    )
    first = (folder / "manifest.json").read_bytes()
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), "0"],
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
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


def test_two_writers_take_turns(tmp_path):
    folder = tmp_path / "D"
    manifest = new_manifest("城", METRIC)
    frames = [pd.DataFrame({"street_code": [str(i)], "name": str(i)}) for i in range(24)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda f: write_dataset(folder, manifest, {"streets": f}), frames))
    assert prove_hashes(open_dataset(folder)) == ()
    assert sorted(p.name for p in folder.iterdir()) == ["manifest.json", "streets.parquet"]
