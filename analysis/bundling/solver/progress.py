"""The news of a long run are told again by a clock of their own, whatever the run is doing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Protocol, Self, TypeVar

BEAT_S = 0.3
"""News are told about this often at least, changed or not."""


class Tells(Protocol):
    """News that know what they are some time later."""

    def later(self, seconds: float) -> Self:
        """The same so many seconds later."""


T = TypeVar("T", bound=Tells)


@contextmanager
def beating(tell: Callable[[T], None] | None, first: T) -> Iterator[Callable[[T], None] | None]:
    """What tells news meanwhile, and tells the last ones again where nothing came for `BEAT_S`.

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

    def hear(news: T) -> None:
        nonlocal last, came, told
        with lock:
            last, came = news, perf_counter()
            tell(news)
            told = perf_counter()

    def beat() -> None:
        nonlocal told
        while not is_over.wait(BEAT_S / 8):
            with lock:
                if perf_counter() - told >= BEAT_S:
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
