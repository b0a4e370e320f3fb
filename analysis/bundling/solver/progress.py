"""The news of a long run are told again by a clock of their own, whatever the run is doing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Protocol, Self, TypeVar

HEARTBEAT_S = 0.3
"""News are told about this often at least, changed or not."""


class ProgressReport(Protocol):
    """News that know what they are some time later."""

    def later(self, seconds: float) -> Self:
        """The same so many seconds later."""


Report = TypeVar("Report", bound=ProgressReport)


@contextmanager
def heartbeat(on_report: Callable[[Report], None] | None, first: Report) -> Iterator[Callable[[Report], None] | None]:
    """What tells news meanwhile, and tells the last ones again where nothing came for `HEARTBEAT_S`.

    Parameters
    ----------
    on_report
        Called from this thread and others, never from two at a time; None = nobody listens, and
        there is nothing to tell them by.
    first
        Told at once.
    """
    if on_report is None:
        yield None
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
    try:
        yield report
    finally:
        is_over.set()
        thread.join()
