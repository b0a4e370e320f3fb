"""The planning run the page may start: one at a time, for the dataset that is shown."""

from __future__ import annotations

import secrets
import threading

from app.jobs.planning import PlanningRun, RunState, start_run, state_of
from app.services.buildings import cache_folder
from app.services.shown import Shown

SECONDS: float | None = None
"""Search time of a run; the policy's when None."""


class PlanDesk:
    """Starts, follows and ends planning runs.

    Parameters
    ----------
    shown
        The dataset folder they are for.
    """

    def __init__(self, shown: Shown) -> None:
        self.shown = shown
        self._run: PlanningRun | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start a run, unless one is under way."""
        with self._lock:
            if self._run is not None and state_of(self._run).phase == "running":
                return
            job = cache_folder(self.shown.folder) / "jobs" / f"plan-{secrets.token_hex(4)}"
            self._run = start_run(job, self.shown.folder, job / "plan.json", seconds=SECONDS)

    def state(self) -> RunState | None:
        """How far the run is; None while there is none. A finished plan is shown from then on."""
        with self._lock:
            if self._run is None:
                return None
            state = state_of(self._run)
            if state.phase == "done":
                self.shown.take(self._run.folder / "plan.json")
            return state

    def cancel(self) -> None:
        """End the run that is under way; no plan is written, an older one stays."""
        with self._lock:
            if self._run is not None and self._run.process.poll() is None:
                self._run.process.terminate()
                self._run.process.wait(10)
            self._run = None
