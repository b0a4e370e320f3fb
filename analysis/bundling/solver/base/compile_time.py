"""How long compiling kernels took: once on a machine, so that no run's seconds are counted for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from numba.core import event


class CompileTimer:
    """Seconds by the clock in which something was compiled, in whatever thread; code read from the cache is none.

    Parameters
    ----------
    now
        Reads the clock, in seconds.

    Examples
    --------
    >>> times = iter([3.0, 5.0])
    >>> timer = CompileTimer(lambda: next(times))
    >>> for tell in (timer.begin, timer.begin, timer.end, timer.end):
    ...     tell()
    >>> timer.seconds
    2.0
    """

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now, self._lock = now, threading.Lock()
        self._depth, self._began, self._seconds = 0, 0.0, 0.0

    @property
    def seconds(self) -> float:
        """So far."""
        with self._lock:
            return self._seconds + (self._now() - self._began if self._depth else 0.0)

    def begin(self) -> None:
        """Something begins to be compiled, perhaps inside something else."""
        with self._lock:
            if not self._depth:
                self._began = self._now()
            self._depth += 1

    def end(self) -> None:
        """It is compiled."""
        with self._lock:
            self._depth -= 1
            if not self._depth:
                self._seconds += self._now() - self._began


class _Listener(event.Listener):
    """Tells a timer what numba tells."""

    def __init__(self, timer: CompileTimer) -> None:
        self._timer = timer

    def on_start(self, event: event.Event) -> None:
        self._timer.begin()

    def on_end(self, event: event.Event) -> None:
        self._timer.end()


@contextmanager
def time_compiling() -> Iterator[CompileTimer]:
    """A timer that hears of all compiling meanwhile."""
    timer = CompileTimer()
    with event.install_listener("numba:compile", _Listener(timer)):
        yield timer
