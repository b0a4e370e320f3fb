"""The trace of a run: what the best solution cost, and what was proven, second by second."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Lock

LEAST_S, LEAST_SHARE = 0.01, 0.01
"""Points nearer to each other, in seconds or as a share of the time, become one: the last of them."""


@dataclass(frozen=True)
class TracePoint:
    """What was known at one moment.

    Parameters
    ----------
    seconds
        Since the search began, by the clock.
    cpu_seconds
        Since the search began, of all threads of the process.
    cost
        Of the best complete solution, in the measure of what is solved; None before there is one.
    bound
        No solution costs less; None before anything is proven.
    """

    seconds: float
    cpu_seconds: float
    cost: float | None
    bound: float | None


class Trace:
    """The best cost and the best bound so far, a point whenever one of them is better than before.

    Examples
    --------
    >>> trace = Trace()
    >>> trace.begin()
    >>> trace.note(0.0, cost=9.0)
    >>> trace.note(0.5, cost=9.5)
    >>> trace.note(1.0, cost=8.0, bound=6.0)
    >>> [(one.seconds, one.cost, one.bound) for one in trace.points]
    [(0.0, 9.0, None), (1.0, 8.0, 6.0)]
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._points: list[TracePoint] = []
        self._group_s = 0.0
        self.begin()

    def begin(self) -> None:
        """Count CPU seconds from here on."""
        self._cpu_began = time.process_time()

    @property
    def points(self) -> tuple[TracePoint, ...]:
        """In the order of time."""
        return tuple(self._points)

    def note(self, seconds: float, *, cost: float | None = None, bound: float | None = None) -> None:
        """Take what is known now; what is no better than before is passed over.

        Parameters
        ----------
        seconds
            Since the search began.
        cost
            Of a complete solution; None = none was found.
        bound
            What was proven; None = nothing.
        """
        with self._lock:
            last = self._points[-1] if self._points else TracePoint(0.0, 0.0, None, None)
            best = min((one for one in (last.cost, cost) if one is not None), default=None)
            proven = max((one for one in (last.bound, bound) if one is not None), default=None)
            if (best, proven) == (last.cost, last.bound):
                return
            if self._points and seconds - self._group_s < max(LEAST_S, LEAST_SHARE * seconds):
                self._points.pop()
            else:
                self._group_s = seconds
            self._points.append(TracePoint(seconds, time.process_time() - self._cpu_began, best, proven))
