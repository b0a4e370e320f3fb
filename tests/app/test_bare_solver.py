"""`pianqu solve`: a benchmark file in, an assignment with its figures out."""

import json

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


def test_a_file_that_is_no_instance_is_refused(tmp_path):
    path = tmp_path / "text.npz"
    path.write_text("no archive")
    with pytest.raises(UnreadableInstanceError, match=r"text\.npz"):
        read_instance(path)
