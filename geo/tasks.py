"""Parts of the work in processes of this computer or on a cluster: what a part came to, and which part fails alone."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from geo.errors import PlanningError, UsageError
from geo.extras import import_extra
from geo.messages import load_catalogue

say = load_catalogue(__file__)

logger = logging.getLogger(__name__)

Task = TypeVar("Task")
TaskResult = TypeVar("TaskResult")

CONNECT_S = 20
"""How long a scheduler may take to answer, and its first worker to be there, seconds."""

LOST_S = 60
"""How long a cluster may have no worker before the work ends with a sentence, seconds."""

_ASK_S = 0.5  # how often somebody is asked whether to end, and the cluster how many workers it has


class TaskError(PlanningError, RuntimeError):
    """A part of the work could not be done, not even alone."""


@dataclass(frozen=True, eq=False)
class Outcome(Generic[TaskResult]):
    """What came of one part.

    Parameters
    ----------
    place
        Which part: its position among those given.
    value
        Its result; None where there is none.
    fault
        Why there is none; None where there is one.
    """

    place: int
    value: TaskResult | None = None
    fault: PlanningError | None = None


@dataclass(frozen=True, eq=False)
class _Workers:
    """Whoever does the work: hands a part over, and says how many are done at a time."""

    submit: Callable[..., Future[Any]]
    count: Callable[[], int]


def run_tasks(
    function: Callable[..., TaskResult], parts: Sequence[Task], *arguments: Any, scheduler: str | None = None
) -> list[TaskResult]:
    """Map a function over parts of the work, in this process or on a cluster; the results in the order of the parts.

    Parameters
    ----------
    function, parts, *arguments, scheduler
        As for :func:`run_each`; without a scheduler all is done in this process.

    Raises
    ------
    UsageError
        As there.
    PlanningError
        That of the first part that fails.
    """
    if scheduler is None:
        return [function(part, *arguments) for part in parts]
    outcomes = sorted(run_each(function, parts, *arguments, scheduler=scheduler), key=lambda one: one.place)
    for one in outcomes:
        if one.fault is not None:
            raise one.fault
    return [one.value for one in outcomes]  # type: ignore[misc]


def run_each(
    function: Callable[..., TaskResult],
    parts: Sequence[Task],
    *arguments: Any,
    scheduler: str | None = None,
    workers: int = 1,
    when: Callable[[], bool] = lambda: False,
) -> Iterator[Outcome[TaskResult]]:
    """Do every part of the work and tell what came of each, as they end.

    As many are handed over as there are workers. What fails otherwise than by a sentence for people (a worker that
    died may take innocent neighbours along) is tried again alone when the others are done; only what fails alone
    has a fault.

    Parameters
    ----------
    function
        From a part and the arguments to its result; importable, so that workers find it.
    parts
        Each holds all it needs.
    *arguments
        The same for all parts.
    scheduler
        Address of a `distributed` scheduler, such as tcp://10.0.0.5:8786; None = processes of this computer, a new
        one for each part.
    workers
        Processes at a time, without a scheduler.
    when
        Asked again and again: whether to end. Parts at work are waited for, no other is begun.

    Raises
    ------
    UsageError
        If no scheduler answers at the address, it has no worker, or `distributed` is not installed.
    TaskError
        If the scheduler no longer answers, or has had no worker for `LOST_S` seconds.
    """
    if not parts:
        return
    with _open_workers(scheduler, workers, function) as crew:
        failed: list[int] = []
        for place, future in _hand_over(crew, function, parts, range(len(parts)), arguments, when):
            fault = _find_fault(future)
            if fault is not None and not isinstance(fault, PlanningError):
                failed.append(place)
                logger.warning("part %d of %d failed (%s)", place + 1, len(parts), type(fault).__name__)
            else:
                yield Outcome(place, None if fault else future.result(), fault)
        for place, future in _hand_over(crew, function, parts, sorted(failed), arguments, when, at_once=1):
            fault = _find_fault(future)
            said = None if fault is None else _explain(fault, place, len(parts))
            yield Outcome(place, None if fault else future.result(), said)


def _hand_over(
    crew: _Workers,
    function: Callable[..., TaskResult],
    parts: Sequence[Task],
    places: Sequence[int],
    arguments: tuple[Any, ...],
    when: Callable[[], bool],
    at_once: int | None = None,
) -> Iterator[tuple[int, Future[TaskResult]]]:
    """The parts at some places that ended, each with its place; as many at work as there are workers, or `at_once`."""
    waiting = iter(places)
    at_work: dict[Future[TaskResult], int] = {}
    is_more, last_seen_s = True, time.monotonic()
    while at_work or is_more:
        n_workers = crew.count()
        if n_workers:
            last_seen_s = time.monotonic()
        elif time.monotonic() - last_seen_s > LOST_S:
            begun = ", ".join(str(place + 1) for place in at_work.values())
            raise TaskError(*say("tasks.no_worker_left", seconds=LOST_S, parts=begun, n=len(parts)))
        while is_more and len(at_work) < (at_once or max(1, n_workers)):
            place = None if when() else next(waiting, None)
            is_more = place is not None
            if place is not None:
                if at_once:
                    logger.warning("part %d of %d is tried again, alone", place + 1, len(parts))
                at_work[crew.submit(function, parts[place], *arguments)] = place
        if at_work:
            for future in wait(at_work, timeout=_ASK_S, return_when=FIRST_COMPLETED).done:
                yield at_work.pop(future), future


def _find_fault(future: Future[Any]) -> BaseException | None:
    try:
        return future.exception()
    except CancelledError as error:  # the connection to the scheduler is lost
        return error


def _explain(fault: BaseException, place: int, n: int) -> PlanningError:
    """What a part failed of, in words."""
    if isinstance(fault, PlanningError):
        return fault
    if isinstance(fault, BrokenProcessPool) or type(fault).__name__ == "KilledWorker":
        return TaskError(*say("tasks.died", part=place + 1, n=n))
    return TaskError(*say("tasks.failed", part=place + 1, n=n, kind=type(fault).__name__, error=fault))


@contextmanager
def _open_workers(scheduler: str | None, workers: int, function: Callable[..., Any]) -> Iterator[_Workers]:
    if scheduler is None:
        context = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")
        if os.name == "posix":
            context.set_forkserver_preload([function.__module__])

        def submit(*call: Any) -> Future[Any]:
            pool = ProcessPoolExecutor(1, mp_context=context, initializer=_ignore_interrupts)
            future = pool.submit(*call)
            pool.shutdown(wait=False)  # it ends with its one part
            return future

        yield _Workers(submit, lambda: max(1, workers))
        return
    connect = import_extra("distributed", "cluster").Client
    try:
        client = connect(scheduler, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(*say("tasks.no_scheduler", scheduler=scheduler, error=error)) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=CONNECT_S)
        except TimeoutError as error:
            raise UsageError(*say("tasks.no_worker", scheduler=scheduler)) from error

        def count() -> int:
            try:
                return sum(client.nthreads().values())
            except (OSError, RuntimeError, ValueError) as error:  # a client without a connection raises any of them
                raise TaskError(*say("tasks.lost", scheduler=scheduler)) from error

        yield _Workers(client.get_executor(pure=False).submit, count)


def _ignore_interrupts() -> None:
    """Ctrl+C is for whoever hands the work over; the part at work is finished."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
