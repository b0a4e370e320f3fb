"""`pianqu solve`: a benchmark file in, an assignment with its figures out."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from analysis.bundling.benchmark import infeasibility
from app.cli import cli
from app.planning.benchmark import UnreadableInstanceError, read_instance
from pianqu import solving

RUN = CliRunner()


def write_line(path, **fields):
    """Six units in a line, 100 m apart, of 100 households each."""
    body = {
        "name": "line",
        "problem": 2,
        "xy": np.column_stack([np.arange(6) * 100.0, np.zeros(6)]),
        "weight": np.full(6, 100),
        "edges": np.array([[i, i + 1] for i in range(5)]),
        "edge_m": np.full(5, 100),
        "street": np.zeros(6, dtype=int),
        "lower": 300,
        "upper": 300,
    }
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


def test_what_cannot_be_is_proven_with_exit_code_1(tmp_path):
    path, out = write_line(tmp_path / "line.npz", lower=700, upper=0), tmp_path / "out.json"
    answer = RUN.invoke(cli, ["solve", str(path), "--rounds", "20", "--out", str(out)])
    assert answer.exit_code == 1
    assert "已证明无解" in answer.stderr
    assert "合计重 600, 低于片区下限 700" in answer.stderr
    [cause] = json.loads(out.read_text())["causes"]
    assert (cause["cause"], cause["field"], cause["units"]) == ("below_minimum", "lower", [*range(6)])


def test_what_arithmetic_forbids_is_answered_without_a_search(tmp_path, monkeypatch):
    """No two units of 200 weigh 300 to 380, nor does one; four areas are asked for."""
    path, out = tmp_path / "line.npz", tmp_path / "out.json"
    write_line(path, weight=np.full(6, 200), lower=300, upper=380, k=4, penalty_m=500)
    monkeypatch.setattr(solving, "solve_instance", None)
    answer = RUN.invoke(cli, ["solve", str(path), "--seconds", "600", "--out", str(out)])
    assert answer.exit_code == 1
    assert "1 群凑不出上下限之间的片区" in answer.stderr
    document = json.loads(out.read_text())
    assert (document["status"], document["method"], document["bound"]) == ("infeasible", "arithmetic", 0)
    assert document["assignment"] == [-1] * 6
    assert [(cause["cause"], cause["value"], cause["limit"]) for cause in document["causes"]] == [("areas", 0, 4)]


def test_what_is_not_proven_is_not_called_impossible(tmp_path, monkeypatch):
    """Each area may weigh 300 to 400, as the total allows, but no two of these units do; nor are areas listed."""
    monkeypatch.setattr(infeasibility, "MOST_SETS_UNTIMED", 0)
    path = write_line(
        tmp_path / "line.npz",
        weight=np.array([290, 20, 290, 150]),
        xy=np.zeros((4, 2)),
        lower=300,
        edges=np.array([[0, 1], [1, 2], [2, 3]]),
        edge_m=np.full(3, 100),
        street=np.zeros(4, dtype=int),
        upper=400,
    )
    answer = RUN.invoke(cli, ["solve", str(path), "--rounds", "20", "--out", str(tmp_path / "o.json")])
    assert answer.exit_code == 1
    assert "不证明无解" in answer.stderr


def test_bounds_are_written_street_by_street(tmp_path):
    path, out = tmp_path / "line.npz", tmp_path / "out.json"
    write_line(
        path,
        problem=1,
        leads=np.array([1, 4]),
        capacity=np.array([200, 100]),
        penalty_m=300,
        street=np.array([3, 3, 3, 8, 8, 8]),
    )
    RUN.invoke(cli, ["solve", str(path), "--rounds", "20", "--out", str(out)])
    assert json.loads(out.read_text())["streets"] == [
        {
            "street_codes": [3],
            "objective": 20_000,
            "bound": 20_000,
            "left_over_households": 0,
            "left_over_bound": 0,
            "household_metres": 20_000,
            "metres_bound": 20_000,
        },
        {
            "street_codes": [8],
            "objective": 40_000,
            "bound": 40_000,
            "left_over_households": 100,
            "left_over_bound": 100,
            "household_metres": 10_000,
            "metres_bound": 10_000,
        },
    ]


@pytest.mark.full
def test_a_search_that_is_killed_leaves_the_file_that_was_there(tmp_path):
    n, path, out = 400, tmp_path / "line.npz", tmp_path / "out.json"
    write_line(
        path,
        xy=np.column_stack([np.arange(n) * 100.0, np.zeros(n)]),
        weight=np.arange(n) + 1,
        edges=np.array([[i, i + 1] for i in range(n - 1)]),
        edge_m=np.full(n - 1, 100),
        street=np.zeros(n, dtype=int),
        lower=1000,
        upper=4000,
    )
    out.write_text("before")
    command = [sys.executable, "-m", "app.cli", "solve", path, "--seconds", "600", "--out", out]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[3])
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
