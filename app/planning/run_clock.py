"""The seconds that a planner waits for a run, phase by phase; compiling is told apart."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

Phase = Literal["start", "data", "graph", "measuring", "search", "document", "advice", "check"]
"""What a run does: the program loaded; tables read and the problem built; the graph, where it is stale; what
follows the search measured on a sample; the search with its bounds; the plan written down; what relaxing rules
would bring; the check."""

MARGIN = 1.1
"""The measured rest is taken to be this many times as long."""
ADVICE_SHARE = 0.1
"""Of all seconds: kept for advice, which ends when they are over."""
LEAST_ADVICE = 0.02
"""Of all seconds: advice has so many at least."""
LEAST_SEARCH = 0.1
"""Of all seconds: the search has so many at least, however long the rest takes; then it is said."""


class RunClock:
    """The seconds of a run since it began, compiling aside, and what they went into.

    Parameters
    ----------
    asked
        Seconds that the planner waits; None = no clock decides.
    now
        Reads the clock, in seconds.

    Attributes
    ----------
    rest_s
        Seconds that the check of the plan is expected to take.
    is_short
        Whether the seconds were too few for more than the least search.

    Examples
    --------
    >>> times = iter([0.0, 2.0, 5.0, 6.0])
    >>> clock = RunClock(60.0, now=lambda: next(times))
    >>> with clock.count_phase("graph"):
    ...     pass
    >>> clock.spent, clock.seconds
    ({'graph': 3.0}, 6.0)
    """

    def __init__(self, asked: float | None = None, *, now: Callable[[], float] = time.perf_counter) -> None:
        self.asked = asked
        self.spent: dict[Phase, float] = {}
        self.rest_s, self.is_short = 0.0, False
        self._now, self._began, self._compiled = now, now(), 0.0
        self._compiling: Callable[[], float] = lambda: 0.0

    @property
    def seconds(self) -> float:
        """Since the run began, compiling aside."""
        return self._now() - self._began - self.compiling_s

    @property
    def compiling_s(self) -> float:
        """Seconds in which kernels were compiled."""
        return self._compiled + self._compiling()

    @contextmanager
    def leave_out(self, compiling: Callable[[], float]) -> Iterator[None]:
        """Leave out what somebody else counts meanwhile.

        Parameters
        ----------
        compiling
            Seconds compiled so far.
        """
        self._compiling = compiling
        try:
            yield
        finally:
            self._compiled, self._compiling = self._compiled + compiling(), lambda: 0.0

    @contextmanager
    def count_phase(self, name: Phase) -> Iterator[None]:
        """Count what passes meanwhile as this phase."""
        began = self.seconds
        try:
            yield
        finally:
            self.spent[name] = self.spent.get(name, 0.0) + self.seconds - began

    def allot_search(self, document_s: float) -> float | None:
        """Seconds of the search: those asked for, less what is spent and what follows; None where no clock decides.

        Parameters
        ----------
        document_s
            That writing the plan down is expected to take, as measured.
        """
        if self.asked is None:
            return None
        left = self.asked - self.seconds - MARGIN * (document_s + self.rest_s) - ADVICE_SHARE * self.asked
        self.is_short = left < LEAST_SEARCH * self.asked
        return max(left, LEAST_SEARCH * self.asked)

    def find_advice_end(self) -> float:
        """Seconds of this clock at which advice that begins now must end, so that the check has its own."""
        if self.asked is None:
            return float("inf")
        return max(self.asked - MARGIN * self.rest_s, self.seconds + LEAST_ADVICE * self.asked)

    @property
    def record(self) -> dict[str, Any]:
        """What the seconds went into, as JSON."""
        spent = {name: round(seconds, 2) for name, seconds in self.spent.items()}
        return {
            "asked_s": self.asked,
            "spent_s": spent,
            "compiling_s": round(self.compiling_s, 2),
            "is_short": self.is_short,
        }
