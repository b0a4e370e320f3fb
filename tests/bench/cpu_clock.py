"""The command line with CPU seconds as its clock, so that other work on the machine decides nothing.

Run: python -m tests.bench.cpu_clock solve INSTANCE --seconds 60 --workers 1, which are then 60 seconds of one core. The
clock counts the threads of this process together; only runs that do their work alone are meant: what sleeps, or waits
for another process, sees no time pass.
"""

from __future__ import annotations

import runpy
import time


def main() -> None:
    """Exchange the clocks before anything reads them, then do what the command line says."""
    time.perf_counter = time.monotonic = time.process_time
    runpy.run_module("app.cli", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
