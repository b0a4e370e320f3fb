"""Several people write one dataset at once: nothing that was acknowledged is lost."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pandas as pd
import pytest
from typer.testing import CliRunner

from app.cli.main import cli
from geo.storage.dataset import check_hashes, open_dataset
from tests.forks import FORKS


def district_file(folder, district, rows=200):
    """A table of one district's communities."""
    path = folder / f"{district}.xlsx"
    frame = pd.DataFrame(
        {
            "小区编码": [f"{district}-{n:04d}" for n in range(rows)],
            "小区名称": [f"{district}小区{n}" for n in range(rows)],
            "户数": [100 + n for n in range(rows)],
            "经度": [109.80 + 0.0005 * (n % 20) for n in range(rows)],
            "纬度": [40.60 + 0.0005 * (n // 20) for n in range(rows)],
        }
    )
    frame.to_excel(path, index=False)
    return path


def run(*arguments):
    """The command line in this process."""
    return CliRunner().invoke(cli, [str(one) for one in arguments])


def run_and_exit(*arguments):
    answer = run(*arguments)
    sys.stdout.write(answer.output)
    sys.exit(answer.exit_code)


@pytest.mark.full
@pytest.mark.parametrize("is_new", [True, False], ids=["new dataset", "dataset there"])
def test_two_imports_at_once_lose_no_row(tmp_path, is_new):
    folder = tmp_path / "city"
    files = [district_file(tmp_path, name) for name in ("甲区", "乙区", "丙区")]
    if not is_new:
        assert run("import", files[2], "--into", folder, "--datum", "wgs84").exit_code == 0
    writers = [
        FORKS.Process(target=run_and_exit, args=("import", file, "--into", folder, "--datum", "wgs84"))
        for file in files[:2]
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    dataset = open_dataset(folder)
    assert len(dataset.layer("communities")) == (400 if is_new else 600)
    assert len(dataset.manifest.sources) == (2 if is_new else 3)
    assert check_hashes(dataset) == ()


def test_rejected_rows_of_two_files_are_both_kept(tmp_path):
    """The second import does not replace rows that nobody has corrected yet; the same file does."""
    folder = tmp_path / "city"
    for name in ("甲", "乙"):
        text = "小区编码,小区名称,户数,经度,纬度\n1,园,100,109.81234,40.61234\n2,园二,50,109.91234,40.61234,多,余\n"
        (tmp_path / f"{name}.csv").write_text(text.replace("园", f"{name}园"), encoding="utf-8")
    for name in ("甲", "乙", "甲"):
        path = tmp_path / f"{name}.csv"
        answer = run("import", path, "--into", folder, "--datum", "wgs84", "--layer", "communities")
        assert answer.exit_code == 1, answer.output
    assert sorted(path.name for path in folder.glob("rejected*")) == ["rejected-2.xlsx", "rejected.xlsx"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the rounds fork")
@pytest.mark.parametrize(("rounds", "seed"), [(1, 1), pytest.param(20, 3, marks=pytest.mark.full)], ids=["one", "many"])
def test_nothing_acknowledged_is_lost_while_everybody_writes_and_some_are_killed(root, rounds, seed):
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.concurrency", "--rounds", str(rounds), "--seed", str(seed)],
        cwd=root,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"round {rounds}/{rounds}" in done.stdout
    assert "pianqu check: 0" in done.stdout
    assert int(re.search(r"^killed: (\d+)$", done.stdout, re.M)[1]) > 0
