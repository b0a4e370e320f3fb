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
def heartbeat(tell: Callable[[Report], None] | None, first: Report) -> Iterator[Callable[[Report], None] | None]:
    """What tells news meanwhile, and tells the last ones again where nothing came for `HEARTBEAT_S`.

    Parameters
    ----------
    tell
        Called from this thread and others, never from two at a time; None = nobody listens, and
        there is nothing to tell them by.
    first
        Told at once.
    """
    if tell is None:
        yield None
        return
    lock, is_over = threading.Lock(), threading.Event()
    last, came, told = first, 0.0, 0.0

    def hear(news: Report) -> None:
        nonlocal last, came, told
        with lock:
            last, came = news, perf_counter()
            tell(news)
            told = perf_counter()

    def beat() -> None:
        nonlocal told
        while not is_over.wait(HEARTBEAT_S / 8):
            with lock:
                if perf_counter() - told >= HEARTBEAT_S:
                    tell(last.later(perf_counter() - came))
                    told = perf_counter()

    hear(first)
    heart = threading.Thread(target=beat, daemon=True)
    heart.start()
    try:
        yield hear
    finally:
        is_over.set()
        heart.join()
