"""Heartbeat of a long run: the last progress report is repeated by one thread, whatever the run is doing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter
from typing import Protocol, Self, TypeVar

HEARTBEAT_S = 0.3
"""Reports come about this often at least, changed or not."""


class ProgressReport(Protocol):
    """A report that knows what it is some time later."""

    def later(self, seconds: float) -> Self:
        """The same so many seconds later."""


Report = TypeVar("Report", bound=ProgressReport)

_is_beating: ContextVar[bool] = ContextVar("_is_beating", default=False)
"""Whether a heartbeat further out repeats the reports already."""


@contextmanager
def heartbeat(on_report: Callable[[Report], None] | None, first: Report) -> Iterator[Callable[[Report], None] | None]:
    """Take reports, and repeat the last one where none came for `HEARTBEAT_S`.

    Inside another heartbeat the reports are passed on as they come: what `on_report` hands them to is
    repeated out there.

    Parameters
    ----------
    on_report
        Called from this thread and others, never from two at a time; None = nobody listens, and
        there is nothing to report by.
    first
        Reported at once.
    """
    if on_report is None:
        yield None
        return
    if _is_beating.get():
        on_report(first)
        yield on_report
        return
    lock, is_over = threading.Lock(), threading.Event()
    last, received_at, reported_at = first, 0.0, 0.0

    def report(current: Report) -> None:
        nonlocal last, received_at, reported_at
        with lock:
            last, received_at = current, perf_counter()
            on_report(current)
            reported_at = perf_counter()

    def repeat_last() -> None:
        nonlocal reported_at
        while not is_over.wait(HEARTBEAT_S / 8):
            with lock:
                if perf_counter() - reported_at >= HEARTBEAT_S:
                    on_report(last.later(perf_counter() - received_at))
                    reported_at = perf_counter()

    report(first)
    thread = threading.Thread(target=repeat_last, daemon=True)
    thread.start()
    beating = _is_beating.set(True)
    try:
        yield report
    finally:
        _is_beating.reset(beating)
        is_over.set()
        thread.join()
