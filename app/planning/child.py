"""A planning run: started by the page, done by a process of its own, followed through its folder.

Beside the files of every job (`app.planning.job_folder`) there are ``start.json``, a plan to start from,
``best.json``, the best plan so far, and in the end ``plan.json``.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from analysis.policy import Policy
from app.planning.job_folder import JobFolder, start_job
from app.planning.run import PlanOptions, RunProgress, make_plan
from app.workbench.plans_on_disk import write_plan
from app.workbench.policies import resolve_folder_rules
from geo.errors import PlanningError
from geo.storage.disk_errors import disk_error, memory_error

MODULE = "app.planning.child"
UNSIGNED = "未署名 unsigned"
"""Who chooses the rules of a run that nobody signed."""
PLAN, BEST, START = "plan.json", "best.json", "start.json"
MOST_POINTS = 300
"""Points of the curve that are kept; older ones are thinned out."""
_TELL_S = 0.4
_BEST_S = 3.0
_BEST_SHARE = 0.1
"""Most of the time that may go into writing the best plan so far."""


@dataclass(frozen=True)
class RunState:
    """How far a planning run is.

    Parameters
    ----------
    job
        Its id.
    phase
        "running", "stopping" (asked to end), "done", "failed", or "lost" (its process died).
    step
        Of a running one: "preparing", "searching" or "explaining".
    share
        0 to 1.
    request
        What was asked.
    curve
        (seconds, households left over, household-metres, areas) of the best so far, in time.
    least_left_over
        Households that every plan leaves over; None before that is known.
    has_best
        A plan is there even if the process died.
    fault
        Why it failed, Chinese and English.
    """

    job: str
    phase: Literal["running", "stopping", "done", "failed", "lost"]
    step: str = "preparing"
    share: float = 0.0
    request: Mapping[str, Any] | None = None
    curve: tuple[tuple[float, int, int, int], ...] = ()
    least_left_over: int | None = None
    has_best: bool = False
    fault: tuple[str, str] | None = None

    @property
    def is_running(self) -> bool:
        """Whether there is something to wait for."""
        return self.phase in ("running", "stopping")


def start_run(jobs: Path, request: Mapping[str, Any], start: Mapping[str, Any] | None) -> tuple[JobFolder, Any]:
    """Start planning in a process of its own.

    Parameters
    ----------
    jobs
        Folder of all jobs.
    request
        "data" (the dataset folder), "options" (of `PlanOptions`, files left out), and whatever
        the asker wants to find again.
    start
        A plan to start from.
    """
    if start is None:
        return start_job(jobs, MODULE, request)
    return start_job(jobs, MODULE, {**request, "has_start": True}, {START: start})


def read_run_state(job: JobFolder) -> RunState:
    """How far a run is; one whose process ended without a last word is lost."""
    is_alive = job.is_alive()  # asked before the result is read: it may come in between
    result, progress = job.result(), job.progress()
    curve = tuple((p[0], p[1], p[2], p[3]) for p in progress.get("curve", ()))
    now = float(progress.get("seconds", 0.0))
    if curve and now > curve[-1][0]:
        curve = (*curve, (now, *curve[-1][1:]))  # the best still is what it was
    state: Literal["running", "stopping", "done", "failed", "lost"]
    fault = None
    if result is not None:
        state = "failed" if "zh" in result else "done"
        fault = (result["zh"], result["en"]) if "zh" in result else None
    elif is_alive:
        state = "stopping" if job.is_stop_asked() else "running"
    else:
        state = "lost"
        fault = (
            f"规划进程意外结束, 已有的方案都没有改动; 详情见 jobs/{job.id}/log.txt。",
            f"The planning process ended unexpectedly; no plan there was changed. See jobs/{job.id}/log.txt.",
        )
    return RunState(
        job=job.id,
        phase=state,
        step=progress.get("phase", "preparing"),
        share=float(progress.get("share", 0.0)),
        request=job.request(),
        curve=curve,
        least_left_over=progress.get("least_left_over"),
        has_best=(job.path / BEST).is_file(),
        fault=fault,
    )


def parse_options(request: Mapping[str, Any], folder: Path) -> PlanOptions:
    """The options of a request; lists become tuples, a start is the file beside it."""
    told = dict(request.get("options", {}))
    for name in ("streets", "relaxed"):
        told[name] = tuple(tuple(v) if isinstance(v, list) else v for v in told.get(name, ()))
    told["bounds"] = None if told.get("bounds") is None else tuple(told["bounds"])
    start = folder / START if request.get("has_start") else None
    return PlanOptions(**told, start=start, by=str(request.get("author") or UNSIGNED))


class ProgressWriter:
    """Writes how far a run is, twice a second and more, and its best plan now and then."""

    def __init__(self, job: JobFolder) -> None:
        self.job = job
        self._news = RunProgress("preparing")
        self._curve: list[tuple[float, int, int, int]] = []
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def hear(self, news: RunProgress) -> None:
        """Take news; quick, for the search waits meanwhile."""
        with self._lock:
            self._news = news
            worth = news.score
            if worth is None:
                return
            told = (worth.left_over_households, worth.household_metres, worth.n_areas)
            if not self._curve or self._curve[-1][1:] != told:
                self._curve.append((round(news.seconds, 2), *told))
            if len(self._curve) > MOST_POINTS:
                self._curve = [*self._curve[:-1:2], self._curve[-1]]

    def end(self) -> None:
        """Write the last news and stop."""
        self._is_over.set()
        self._thread.join()
        self._tell()

    def _work(self) -> None:
        next_best = time.monotonic() + _BEST_S
        while not self._is_over.wait(_TELL_S):
            self._tell()
            if time.monotonic() >= next_best:
                began = time.monotonic()
                self._keep_best()
                cost = time.monotonic() - began
                next_best = time.monotonic() + max(_BEST_S, cost / _BEST_SHARE)

    def _tell(self) -> None:
        with self._lock:
            news, curve = self._news, list(self._curve)
        body = {
            "phase": news.phase,
            "share": news.share,
            "seconds": news.seconds,
            "least_left_over": news.least_left_over,
            "curve": curve,
        }
        self.job.write("progress.json", body)

    def _keep_best(self) -> None:
        with self._lock:
            document = self._news.document
        if document is not None:
            write_plan(self.job.path / BEST, document())


def _policy_of(request: Mapping[str, Any]) -> Policy:
    """The policy of the server that asked, or of the dataset as it is now."""
    named = request.get("policy")
    return resolve_folder_rules(Path(request["data"]), None if named is None else Path(named)).policy


def main() -> None:
    """Do the run of the folder named on the command line."""
    job = JobFolder(Path(sys.argv[1]))
    request = job.request()
    teller = ProgressWriter(job)
    try:
        document = make_plan(
            Path(request["data"]),
            _policy_of(request),
            parse_options(request, job.path),
            on_progress=teller.hear,
            when=job.is_stop_asked,
        )
        write_plan(job.path / PLAN, document)
        teller.end()
        job.write("result.json", {"status": document["status"], "areas": len(document["areas"])})
    except Exception as error:
        told = error if isinstance(error, PlanningError) else None
        told = told or disk_error(error, is_write=False) or memory_error(error)
        if told is None:
            raise
        with suppress(OSError):  # a disk that is full may refuse these as well
            teller.end()
        job.write("result.json", {"zh": told.zh, "en": told.en})


if __name__ == "__main__":
    main()
