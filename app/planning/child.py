"""A planning run: started by the page, done by a process of its own, followed through its folder.

Next to the files of every job (`app.jobs.folder`) there are ``start.json``, a plan to start from,
``best.json``, the best plan so far, and in the end ``plan.json``.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import Any, Literal

from analysis.policy import Policy
from app.i18n import say
from app.jobs.folder import JobFolder
from app.jobs.queue import read_cores, read_limit_reached
from app.planning.options import PlanOptions, read_options
from app.planning.proposals import make_curve, make_proposals
from app.planning.run import RunProgress, make_plan
from app.planning.run_clock import RunClock
from app.store.records import Version
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
_WRITE_S = 0.4
_BEST_S = 3.0
_BEST_SHARE = 0.1
"""Most of the time that may go into writing the best plan so far."""


Point = tuple[float, int, int, int]
"""(seconds, households left over, household-metres, areas) of the best plan so far."""


RunKind = Literal["plan", "proposals", "curve"]
"""One plan; three proposals; plans from many and near to few and large."""
COMPARISONS: Mapping[RunKind, str] = {"proposals": "comparison.json", "curve": "curve.json"}
"""The file in which the plans of a run that makes several are compared."""


def run_kind(request: Mapping[str, Any]) -> RunKind:
    """What a request asks for.

    Examples
    --------
    >>> run_kind({"kind": "curve"}), run_kind({})
    ('curve', 'plan')
    """
    return next((kind for kind in COMPARISONS if kind == request.get("kind")), "plan")


@dataclass(frozen=True)
class RunState:
    """How far a planning run is.

    Parameters
    ----------
    job
        Its id.
    phase
        "waiting" (for its turn), "running", "stopping" (asked to end), "done", "failed", or "lost" (its
        process died).
    step
        Of a running one: "preparing", "searching" or "explaining".
    share
        0 to 1.
    request
        What was asked.
    points
        Of the best so far, in time.
    least_left_over
        Households that every plan leaves over; None before that is known.
    fault
        Why it failed, or had to end before it was through, Chinese and English.
    version
        What its plan is kept as in the store; None while there is none.
    part
        Key of the proposal at work; "" for one plan.
    ahead
        How many jobs get their turn before it, while it waits.
    """

    job: str
    phase: Literal["waiting", "running", "stopping", "done", "failed", "lost"]
    step: str = "preparing"
    share: float = 0.0
    request: Mapping[str, Any] | None = None
    points: tuple[Point, ...] = ()
    least_left_over: int | None = None
    fault: tuple[str, str] | None = None
    version: Version | None = None
    part: str = ""
    ahead: int = 0

    @property
    def kind(self) -> RunKind:
        """What is made."""
        return run_kind(self.request or {})

    @property
    def is_unfinished(self) -> bool:
        """Whether there is something to wait for."""
        return self.phase in ("waiting", "running", "stopping")


@dataclass(frozen=True)
class RunCurve:
    """What is drawn of a run.

    Parameters
    ----------
    level
        "left_over" (households) while somebody more might be taken in, then "metres" (household-metres)
        of the plans that leave over as few as the best.
    seconds, values
        Of the points, in time.
    bound
        What no plan goes below; None where nothing is proven, as for household-metres.
    gap_share
        How far households left over may still be from the best possible, 0 to 1 of those of the best
        plan; None before the bound is known.
    """

    level: Literal["left_over", "metres"]
    seconds: tuple[float, ...]
    values: tuple[int, ...]
    bound: int | None
    gap_share: float | None

    @property
    def gain_share(self) -> float:
        """How much less the last value is than the first that is drawn, 0 to 1."""
        return 1 - self.values[-1] / self.values[0] if self.values[0] else 0.0


def fit_run_curve(points: Sequence[Point], least_left_over: int | None) -> RunCurve:
    """The curve of the level that still moves.

    Parameters
    ----------
    points
        One or more, in time.
    least_left_over
        Households that every plan leaves over; None before that is known.

    Examples
    --------
    >>> fit_run_curve([(0.1, 90, 500, 3), (1, 80, 900, 4)], 60)
    RunCurve(level='left_over', seconds=(0.1, 1), values=(90, 80), bound=60, gap_share=0.25)
    >>> fit_run_curve([(0.1, 90, 500, 3), (1, 80, 900, 4), (2, 80, 720, 4)], 80)
    RunCurve(level='metres', seconds=(1, 2), values=(900, 720), bound=None, gap_share=0.0)
    """
    left = points[-1][1]
    gap = None if least_left_over is None else (left - least_left_over) / left if left else 0.0
    if left > (least_left_over or 0):
        seconds, values = [p[0] for p in points], [p[1] for p in points]
        return RunCurve("left_over", tuple(seconds), tuple(values), least_left_over, gap)
    last = list(takewhile(lambda point: point[1] == left, reversed(points)))[::-1]
    return RunCurve("metres", tuple(p[0] for p in last), tuple(p[2] for p in last), None, gap)


def read_run_state(job: JobFolder) -> RunState:
    """How far a run is; one whose process ended without a last word is lost."""
    is_waiting, is_alive = job.is_waiting(), job.is_alive()  # asked before the result is read: it may come in between
    result, progress = job.result(), job.progress()
    curve = tuple((p[0], p[1], p[2], p[3]) for p in progress.get("curve", ()))
    now = float(progress.get("seconds", 0.0))
    if curve and now > curve[-1][0]:
        curve = (*curve, (now, *curve[-1][1:]))  # the best still is what it was
    state: Literal["waiting", "running", "stopping", "done", "failed", "lost"]
    fault = None
    if result is not None:
        state = "failed" if "zh" in result else "done"
        fault = (result["zh"], result["en"]) if "zh" in result else read_limit_reached(job)
    elif is_waiting:
        state = "waiting"
    elif is_alive:
        state = "stopping" if job.is_stop_asked() else "running"
    else:
        state = "lost"
        fault = say("planning.ended_unexpectedly", id=job.id)
    return RunState(
        job=job.id,
        phase=state,
        step=progress.get("phase", "preparing"),
        share=float(progress.get("share", 0.0)),
        request=job.request(),
        points=curve,
        least_left_over=progress.get("least_left_over"),
        fault=fault,
        part=str(progress.get("part", "")),
    )


def parse_options(request: Mapping[str, Any], folder: Path) -> PlanOptions:
    """The options of a request; a start is the file next to it.

    Parameters
    ----------
    request
        As it was written.
    folder
        Of the job.
    """
    start = folder / START if request.get("has_start") else None
    options = read_options(request.get("options", {}), start=start, by=str(request.get("author") or UNSIGNED))
    return options if options.workers else replace(options, workers=read_cores(JobFolder(folder)))


class ProgressWriter:
    """Writes how far a run is, twice a second and more, and its best plan now and then."""

    def __init__(self, job: JobFolder) -> None:
        self.job = job
        self._latest = RunProgress("preparing")
        self._curve: list[Point] = []
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def update(self, progress: RunProgress) -> None:
        """Take the latest progress; quick, for the search waits meanwhile."""
        with self._lock:
            self._latest = progress
            score = progress.score
            if score is None:
                return
            levels = (score.left_over_households, score.household_metres, score.n_areas)
            if not self._curve or self._curve[-1][1:] != levels:
                self._curve.append((round(progress.seconds, 2), *levels))
            if len(self._curve) > MOST_POINTS:
                self._curve = [*self._curve[:-1:2], self._curve[-1]]

    def close(self) -> None:
        """Write the latest progress and stop."""
        self._is_over.set()
        self._thread.join()
        self._write()

    def _run(self) -> None:
        next_best = time.monotonic() + _BEST_S
        while not self._is_over.wait(_WRITE_S):
            self._write()
            if time.monotonic() >= next_best:
                began = time.monotonic()
                self._write_best()
                cost = time.monotonic() - began
                next_best = time.monotonic() + max(_BEST_S, cost / _BEST_SHARE)

    def _write(self) -> None:
        with self._lock:
            latest, curve = self._latest, list(self._curve)
        body = {
            "phase": latest.phase,
            "share": latest.share,
            "seconds": latest.seconds,
            "least_left_over": latest.least_left_over,
            "curve": curve,
            "part": latest.part,
        }
        self.job.write("progress.json", body)

    def _write_best(self) -> None:
        with self._lock:
            document = self._latest.document
        if document is not None:
            write_plan(self.job.path / BEST, document())


def _policy_of(request: Mapping[str, Any]) -> Policy:
    """The policy of the server that asked, or of the dataset as it is now."""
    named = request.get("policy")
    return resolve_folder_rules(Path(request["data"]), None if named is None else Path(named)).policy


def _make_one(job: JobFolder, request: Mapping[str, Any], writer: ProgressWriter, clock: RunClock) -> dict[str, Any]:
    """One plan, written next to the request; what is told of it."""
    document = make_plan(
        Path(request["data"]),
        _policy_of(request),
        parse_options(request, job.path),
        on_progress=writer.update,
        when=job.is_stop_asked,
        clock=clock,
    )
    write_plan(job.path / PLAN, document)
    return {"status": document["status"], "areas": len(document["areas"])}


def _make_several(
    job: JobFolder, request: Mapping[str, Any], writer: ProgressWriter, clock: RunClock
) -> dict[str, Any]:
    """Several plans with their comparison, written next to the request; the time is that of all together."""
    policy, options = _policy_of(request), parse_options(request, job.path)
    make = make_curve if run_kind(request) == "curve" else make_proposals
    comparison = make(
        Path(request["data"]),
        policy,
        job.path,
        seconds=options.seconds or float(policy.value("search.seconds")),
        seed=options.seed,
        workers=options.workers,
        streets=options.streets,
        by=options.by,
        is_kept=True,
        on_progress=lambda share, part: writer.update(RunProgress("searching", share, part=part)),
        when=job.is_stop_asked,
        clock=clock,
    )
    return {"plans": len(comparison["proposals"])}


def main() -> None:
    """Make the plan, or the plans, of the folder named on the command line."""
    clock = RunClock()
    job = JobFolder(Path(sys.argv[1]))
    request = job.request()
    writer = ProgressWriter(job)
    make = _make_one if run_kind(request) == "plan" else _make_several
    try:
        result = make(job, request, writer, clock)
        writer.close()
        job.write("result.json", result)
    except Exception as error:
        fault = error if isinstance(error, PlanningError) else None
        fault = fault or disk_error(error, is_write=False) or memory_error(error)
        if fault is None:
            raise
        with suppress(OSError):  # a disk that is full may refuse these as well
            writer.close()
        job.write("result.json", {"zh": fault.zh, "en": fault.en})


if __name__ == "__main__":
    main()
