"""Ctrl+C on the command line: once keeps the best plan, twice gives up. Real processes, real signals."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows sends Ctrl+C to a whole console, not to one process"
)

ROOT = Path(__file__).resolve().parents[3]

TELLING = """
import sys, time
from app.planning import benchmark
from app.planning import run
from app.cli import main

def telling(made, is_deaf):
    def make(*arguments, on_progress, when, **options):
        def tell(*news):
            print("news", flush=True)
            time.sleep(0.2)
            on_progress(*news)
        return made(*arguments, on_progress=tell, when=(lambda: False) if is_deaf else when, **options)
    return make

is_deaf = sys.argv.pop(1) == "deaf"
run.make_checked_plan = telling(run.make_checked_plan, is_deaf)
benchmark.solve_file = telling(benchmark.solve_file, is_deaf)
main()
"""
"""The command line with a word for every news; a deaf run is never asked to end."""


def write_line(path, n):
    """Units in a line, 100 m apart."""
    np.savez(
        path,
        name="line",
        problem=2,
        xy=np.column_stack([np.arange(n) * 100.0, np.zeros(n)]),
        weight=np.arange(n) + 1,
        edges=np.array([[i, i + 1] for i in range(n - 1)]),
        edge_m=np.full(n - 1, 100),
        street=np.zeros(n, dtype=int),
        lower=1000,
        upper=4000,
    )
    return path


def started(how, *arguments):
    """A command that has begun to work."""
    command = [sys.executable, "-c", TELLING, how, *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, cwd=ROOT, text=True, encoding="utf-8", **pipes)
    assert process.stdout.readline() == "news\n"
    return process


def test_once_writes_the_best_plan(town, tmp_path):
    out = tmp_path / "plan.json"
    process = started("heeding", "plan", town[0], "--seconds", 600, "--out", out)
    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=240)
    assert process.returncode == 0, told
    assert "Ended early" in told
    document = json.loads(out.read_text(encoding="utf-8"))
    assert document["areas"]
    assert document["status"] == "feasible"


@pytest.mark.full
def test_once_writes_the_best_assignment(tmp_path):
    out = tmp_path / "out.json"
    path = write_line(tmp_path / "line.npz", 400)
    process = started("heeding", "solve", path, "--seconds", 600, "--out", out)
    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=240)
    assert process.returncode == 0, told
    assert len(json.loads(out.read_text(encoding="utf-8"))["assignment"]) == 400


def test_twice_gives_up_at_once(town, tmp_path):
    out = tmp_path / "plan.json"
    process = started("deaf", "plan", town[0], "--seconds", 600, "--out", out)
    os.kill(process.pid, signal.SIGINT)
    assert "正在结束" in process.stderr.readline() + process.stderr.readline()
    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=240)
    assert process.returncode == 130
    assert "nothing was written" in told
    assert not out.exists()
