"""`pianqu solve`: a benchmark file in, an assignment with its figures out."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from app.cli import cli
from app.services.bare_solver import UnreadableInstanceError, read_instance

RUN = CliRunner()


def write_line(path, **fields):
    """Six units in a line, 100 m apart, of 100 households each."""
    body = {
        "name": "line", "problem": 2, "xy": np.column_stack([np.arange(6) * 100.0, np.zeros(6)]),
        "weight": np.full(6, 100), "edges": np.array([[i, i + 1] for i in range(5)]),
        "edge_m": np.full(5, 100), "street": np.zeros(6, dtype=int), "lower": 300, "upper": 300,
    }  # fmt: skip
    np.savez(path, **(body | fields))
    return path


def test_an_instance_becomes_an_assignment(tmp_path):
    path, out = write_line(tmp_path / "line.npz"), tmp_path / "out.json"
    answer = RUN.invoke(cli, ["solve", str(path), "--rounds", "20", "--out", str(out)])
    assert answer.exit_code == 0, answer.output
    document = json.loads(out.read_text())
    assert document["assignment"] == [0, 0, 0, 1, 1, 1]
    assert document["objective"] == 40_000
    assert document.get("bound", 0) <= 40_000
    assert document["problem"] == 2


def test_what_cannot_be_is_said_with_exit_code_1(tmp_path):
    path, out = write_line(tmp_path / "line.npz", lower=400), tmp_path / "out.json"
    answer = RUN.invoke(cli, ["solve", str(path), "--rounds", "20", "--out", str(out)])
    assert answer.exit_code == 1
    assert "不证明无解" in answer.stderr
    assert json.loads(out.read_text())["status"] == "infeasible"


@pytest.mark.full
def test_a_search_that_is_killed_leaves_the_file_that_was_there(tmp_path):
    n, path, out = 400, tmp_path / "line.npz", tmp_path / "out.json"
    write_line(
        path, xy=np.column_stack([np.arange(n) * 100.0, np.zeros(n)]), weight=np.arange(n) + 1,
        edges=np.array([[i, i + 1] for i in range(n - 1)]), edge_m=np.full(n - 1, 100),
        street=np.zeros(n, dtype=int), lower=1000, upper=4000,
    )  # fmt: skip
    out.write_text("before")
    command = [sys.executable, "-m", "app.cli", "solve", path, "--seconds", "600", "--out", out]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[2])
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=8)
    process.kill()
    process.wait()
    assert out.read_text() == "before"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["line.npz", "out.json"]


def test_a_file_that_is_no_instance_is_refused(tmp_path):
    path = tmp_path / "text.npz"
    path.write_text("no archive")
    with pytest.raises(UnreadableInstanceError, match=r"text\.npz"):
        read_instance(path)
