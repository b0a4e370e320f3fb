"""Cores are those this process may use, not those of the machine."""

import os
import subprocess
import sys

import pytest

from app.jobs.cores import count_cores


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity on this system")
def test_a_process_held_to_one_core_counts_one():
    code = f"import os, sys; sys.path.insert(0, {os.getcwd()!r}); "
    code += "os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]); "
    code += "from app.jobs.cores import count_cores; print(count_cores())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "1"
    assert count_cores() >= 1
