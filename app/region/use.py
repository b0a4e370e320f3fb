"""What a piece of work takes of a computer: seconds, seconds of the processor, memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil

_MB = 1_000_000
_EVERY_S = 0.05
_CHILDREN_EVERY = 6  # looking for children costs more than looking at oneself


@dataclass(frozen=True)
class Use:
    """What a piece of work took.

    Parameters
    ----------
    seconds
        By the clock.
    cpu_s
        Of the processor, with the processes it started.
    peak_mb
        Most memory at a time (resident), with the processes it started, megabytes.
    """

    seconds: float
    cpu_s: float
    peak_mb: float


class UseMeter:
    """Measures this process from its making on."""

    def __init__(self) -> None:
        self._process = psutil.Process()
        self._began, self._cpu = time.perf_counter(), self._cpu_seconds()
        self._peak, self._over = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    @property
    def use(self) -> Use:
        """So far."""
        spent = self._cpu_seconds() - self._cpu
        return Use(round(time.perf_counter() - self._began, 2), round(spent, 2), round(self._peak / _MB, 1))

    def _cpu_seconds(self) -> float:
        return float(sum(self._process.cpu_times()[:4]))  # user, system, and both of ended children

    def _watch(self) -> None:
        children, n = 0, 0
        while True:
            with suppress(psutil.Error):
                if n % _CHILDREN_EVERY == 0:
                    children = sum(_find_rss(one) for one in self._process.children(recursive=True))
                self._peak = max(self._peak, self._process.memory_info().rss + children)
            n += 1
            if self._over.wait(_EVERY_S):
                return


@contextmanager
def measure_use() -> Iterator[UseMeter]:
    """What this process takes meanwhile; read `use` inside the block, at its end."""
    meter = UseMeter()
    meter._thread.start()
    try:
        yield meter
    finally:
        meter._over.set()
        meter._thread.join()


def _find_rss(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
