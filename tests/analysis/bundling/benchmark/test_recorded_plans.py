"""Plans that are better than the best value published: the benchmark's own checker says so of each."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PLANS = sorted((Path(__file__).parents[4] / "docs" / "benchmarks" / "plans").glob("*.json"))


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.stem)
def test_a_recorded_plan_is_sound_and_better_than_the_best_known(plan, shared):
    bench = shared / "bench"
    found = subprocess.run(
        [sys.executable, bench / "check_plan.py", bench / "instances" / f"{plan.stem}.npz", plan],
        capture_output=True,
        text=True,
        check=False,
    )
    checked = json.loads(found.stdout)
    assert (found.returncode, checked["feasible"], checked["bound_ok"]) == (0, True, True)
    assert checked["objective"] < checked["best_known"]
