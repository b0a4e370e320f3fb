"""Jobs that wait for their turn: started while there are slots, fairly by owner; ended when they take too much.

A job is a folder (`app.jobs.folder`), so the queue outlives the server: the next one goes on with it. Servers
of one folder take turns by its lock. Each job is a process of its own: what one does to itself harms no other.
"""

from __future__ import annotations

import logging
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from app.i18n import say
from app.jobs.cores import count_cores
from app.jobs.folder import JobFolder, jobs_in, start_job, write_job
from app.jobs.limits import JobLimits
from geo.errors import BusyError, PlanningError, UsageError
from geo.storage.locks import acquire_lock

logger = logging.getLogger(__name__)

MOST_WAITING = 10
"""Jobs of one owner that may wait."""
GRACE_S = 60.0
"""How long a job that was asked to end, for its time is over, may take to write its best."""
_TICK_S = 0.5
_SLOT, _PROCESS, _REACHED = "slot.json", "process.json", "limit.json"
_MB = 1_000_000


def order_waiting(
    waiting: Sequence[tuple[str, str]], running: Sequence[str], turns: Mapping[str, int]
) -> tuple[str, ...]:
    """In which order jobs get their turn: round robin by owner.

    Whoever has fewest jobs running or before in the queue comes next; of several the one whose last turn is longest
    ago, then the one who asked first.

    Parameters
    ----------
    waiting
        (owner, job), in the order in which they were asked for.
    running
        The owner of each job that runs.
    turns
        Number of the last turn of each owner; who is not in it had none.

    Examples
    --------
    >>> order_waiting([("王", "w1"), ("王", "w2"), ("李", "l1")], [], {})
    ('w1', 'l1', 'w2')
    >>> order_waiting([("王", "w2"), ("李", "l1")], [], {"王": 1})
    ('l1', 'w2')
    """
    has, last, left = Counter(running), dict(turns), list(waiting)
    order: list[str] = []
    following = max(last.values(), default=0) + 1
    while left:
        index = min(range(len(left)), key=lambda k: (has[left[k][0]], last.get(left[k][0], 0), k))
        owner, job = left.pop(index)
        has[owner] += 1
        last[owner] = following + len(order)
        order.append(job)
    return tuple(order)


def read_owner(job: JobFolder) -> str:
    """Whose job it is: the id of an account; "" without accounts."""
    return str(job.request().get("owner", ""))


def read_cores(job: JobFolder) -> int:
    """Cores a job may keep busy, as found when it was started."""
    return int((job.read(_SLOT) or {}).get("cores", 0)) or count_cores()


def read_limit_reached(job: JobFolder) -> tuple[str, str] | None:
    """The sentence of the limit for which a job was asked to end; None where there was none."""
    told = job.read(_REACHED)
    return None if told is None else (str(told["zh"]), str(told["en"]))


@dataclass(frozen=True)
class JobUse:
    """A job that runs, as whoever looks after the server sees it.

    Parameters
    ----------
    job
        The job.
    seconds
        Since it was started.
    memory_mb
        That it takes now, megabytes; 0 where that is not known.
    """

    job: JobFolder
    seconds: float
    memory_mb: float


class JobQueue:
    """The jobs of a folder.

    Parameters
    ----------
    folder
        Of all jobs.
    module
        Run as ``python -m module FOLDER`` for each.
    limits
        What they may take.
    after_end
        Told of each job that ended while this queue looked after it, and of those it finds ended at first.
    """

    def __init__(
        self, folder: Path, module: str, limits: JobLimits, after_end: Callable[[JobFolder], Any] | None = None
    ) -> None:
        self.folder, self.module, self.limits, self.after_end = folder, module, limits, after_end
        self._waking = threading.Lock()
        self._thread: threading.Thread | None = None
        self._processes: list[tuple[JobFolder, subprocess.Popen[bytes]]] = []
        self._told: set[str] = set()

    def add(
        self, request: Mapping[str, Any], files: Mapping[str, Mapping[str, Any]], owner: str, *, most: int | None = None
    ) -> JobFolder:
        """Write down a job; it starts at once where a slot is free.

        Parameters
        ----------
        request, files
            As of `write_job`; the owner is added to the request.
        owner
            Who gets a turn for it.
        most
            Jobs of the owner that may wait; None = `MOST_WAITING`.

        Raises
        ------
        UsageError
            If too many jobs of the owner wait.
        OSError
            If nothing can be written there.
        """
        most = MOST_WAITING if most is None else most
        if sum(read_owner(job) == owner for job in jobs_in(self.folder) if job.is_waiting()) >= most:
            raise UsageError(*say("planning.too_many_waiting", most=most))
        job = write_job(self.folder, {**request, "owner": owner}, files)
        self.tick()
        self.wake()
        return job

    def waiting(self) -> tuple[str, ...]:
        """The ids of those that wait, in the order of their turns."""
        return _order(jobs_in(self.folder))

    def running(self) -> list[JobUse]:
        """Those that run, the latest first."""
        return [_use(job) for job in jobs_in(self.folder) if not job.is_waiting() and job.is_alive()]

    def withdraw(self, job: JobFolder) -> bool:
        """Take a job out that waits still; whether that was in time."""
        with acquire_lock(self.folder):
            if not job.is_waiting():
                return False
            (job.path / "request.json").unlink(missing_ok=True)  # from now on it is no job
        for left in job.path.iterdir():
            left.unlink(missing_ok=True)
        job.path.rmdir()
        return True

    def tick(self) -> bool:
        """End what takes too much, start what may start; whether there is still something to look after."""
        self._note_ends()
        jobs = jobs_in(self.folder)
        if not any(job.is_unfinished() for job in jobs):
            self._tell_ended(jobs)
            return False
        try:
            with acquire_lock(self.folder, wait_s=2 * _TICK_S, on_wait=lambda _: None):
                jobs = jobs_in(self.folder)
                running = [job for job in jobs if not job.is_waiting() and job.is_alive()]
                for job in running:
                    self._hold_to_limits(job)
                self._start_next(jobs, running)
        except BusyError:
            return True
        self._tell_ended(jobs_in(self.folder))
        return True

    def wake(self) -> None:
        """Look after the jobs in the background, as long as there are any."""
        with self._waking:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._look_after, daemon=True)
                self._thread.start()

    def _look_after(self) -> None:
        while True:
            try:
                is_more = self.tick()
            except Exception:  # a disk that is full: the next time it may be well
                logger.exception("looking after the jobs failed")
                is_more = True
            if not is_more:
                with self._waking:
                    if not any(job.is_unfinished() for job in jobs_in(self.folder)):
                        self._thread = None
                        return
            time.sleep(_TICK_S)

    def _note_ends(self) -> None:
        """Note how those ended that were started here; none lingers."""
        ended = [(job, one) for job, one in self._processes if one.poll() is not None]
        self._processes = [(job, one) for job, one in self._processes if one.returncode is None]
        for job, _ in ended:
            result = job.result()
            end = "died" if result is None else "fault" if "zh" in result else "done"
            logger.info("job ended", extra={**_fields(job), "job_end": end})

    def _start_next(self, jobs: Sequence[JobFolder], running: Sequence[JobFolder]) -> None:
        free = self.limits.slots - len(running)
        if free <= 0:
            return
        named, turn = {job.id: job for job in jobs}, max(map(_turn, jobs), default=0)
        for number, job_id in enumerate(_order(jobs)[:free]):
            cores = max(1, count_cores() // min(self.limits.slots, len(running) + number + 1))
            job = named[job_id]
            job.write(_SLOT, {"turn": turn + number + 1, "cores": cores})
            process = start_job(job, self.module)
            job.write(_PROCESS, {"pid": process.pid, "begun": time.monotonic()})
            self._processes.append((job, process))
            logger.info("job started", extra=_fields(job))

    def _hold_to_limits(self, job: JobFolder) -> None:
        use = _use(job)
        if use.memory_mb > self.limits.memory_mb:
            logger.warning("job takes too much memory", extra=_fields(job))
            _end(job, say("planning.limit_memory", mb=self.limits.memory_mb))
        elif use.seconds > self.limits.wall_s:
            sentence = say("planning.limit_time", s=self.limits.wall_s)
            if read_limit_reached(job) is None:
                logger.warning("job takes too long", extra=_fields(job))
                job.write(_REACHED, sentence._asdict())
                job.ask_stop()
            elif use.seconds > self.limits.wall_s + GRACE_S:
                _end(job, sentence)

    def _tell_ended(self, jobs: Sequence[JobFolder]) -> None:
        if self.after_end is None:
            return
        for job in reversed(jobs):
            if job.id not in self._told and not job.is_unfinished():
                self._told.add(job.id)
                try:
                    self.after_end(job)
                except PlanningError as error:  # a store that cannot be written: whoever asks next tries again
                    logger.warning("a job ended, its plan could not be kept: %s", error.en, extra=_fields(job))


def _order(jobs: Sequence[JobFolder]) -> tuple[str, ...]:
    """Turns of those that wait of all jobs, given latest first."""
    waiting = [(read_owner(job), job.id) for job in reversed(jobs) if job.is_waiting()]
    running = [read_owner(job) for job in jobs if not job.is_waiting() and job.is_alive()]
    turns: dict[str, int] = {}
    for job in jobs:
        if _turn(job):
            turns[read_owner(job)] = max(turns.get(read_owner(job), 0), _turn(job))
    return order_waiting(waiting, running, turns)


def _fields(job: JobFolder) -> dict[str, str]:
    """What the log says of a job."""
    return {"job_id": job.id, "job_kind": str(job.request().get("kind") or "plan")}


def _turn(job: JobFolder) -> int:
    return int((job.read(_SLOT) or {}).get("turn", 0))


def _process_of(job: JobFolder) -> psutil.Process | None:
    """The process of a job that runs: its lock is held, so the number is its own."""
    told = job.read(_PROCESS)
    with suppress(psutil.Error):
        return None if told is None else psutil.Process(int(told["pid"]))
    return None


def _use(job: JobFolder) -> JobUse:
    told, process, memory = job.read(_PROCESS) or {}, _process_of(job), 0
    with suppress(psutil.Error):
        if process is not None:
            memory = sum(one.memory_info().rss for one in (process, *process.children(recursive=True)))
    begun = float(told.get("begun", time.monotonic()))
    return JobUse(job, max(0.0, time.monotonic() - begun), memory / _MB)


def _end(job: JobFolder, sentence: Any) -> None:
    """End a job with all its processes; its last word is the sentence, unless it was quicker."""
    process = _process_of(job)
    if process is None:
        return
    with suppress(psutil.Error):
        for one in (*process.children(recursive=True), process):
            with suppress(psutil.Error):
                one.kill()
        process.wait(10)
    if job.result() is None:
        job.write("result.json", sentence._asdict())
