"""How long work goes on: by the clock, whose answers are recorded, or by what an earlier run recorded of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

CLOCK_STEPS = 64
"""Steps in which the search of a part sees its seconds pass."""

ClockSteps = Sequence[Sequence[Sequence[int]]]
"""Of each search of all parts, of each part: the questions asked when each step of its seconds was over, the last
when it ended."""


@dataclass(frozen=True)
class ClockRecord:
    """What the clock decided in a run; whoever is told it does the same work on any machine, however fast.

    Parameters
    ----------
    steps
        How the seconds of each search passed.
    ended
        Of each time limit that was reached its part, its number in that part, and the question that was answered
        by no; sorted.
    """

    steps: ClockSteps = ()
    ended: Sequence[Sequence[int]] = ()

    def __bool__(self) -> bool:
        return bool(self.ended) or any(steps for one in self.steps for steps in one)

    def find_steps(self, number: int, part: int) -> Sequence[int]:
        """The steps of a part in a search; those of a part that the record lacks are over at once.

        Parameters
        ----------
        number, part
            Of the search and of the part, from 0.
        """
        is_there = number < len(self.steps) and part < len(self.steps[number])
        return self.steps[number][part] if is_there else [0] * CLOCK_STEPS


NOTHING_DECIDED = ClockRecord()


class TimeLimit(Protocol):
    """Whether there is time for a further step of some work; asked by one thread. Once no, always no."""

    @property
    def is_endless(self) -> bool:
        """Whether no clock is read at all, so that only counts end the work."""

    def __call__(self) -> bool:
        """Whether there is time."""

    def share(self, of: float, most_s: float = float("inf")) -> TimeLimit:
        """A limit inside this one: a share of the seconds left, no more than so many.

        Parameters
        ----------
        of
            Share, 0 to 1.
        most_s
            Most seconds.
        """


@dataclass(frozen=True)
class _Constant:
    """The same answer always."""

    is_endless: bool

    def __call__(self) -> bool:
        return self.is_endless

    def share(self, of: float, most_s: float = float("inf")) -> TimeLimit:
        return self


ENDLESS: TimeLimit = _Constant(is_endless=True)
NO_TIME: TimeLimit = _Constant(is_endless=False)


class ClockLimit:
    """A limit by the clock, from now on, of which nothing is recorded.

    Parameters
    ----------
    seconds
        Until it is reached.

    Examples
    --------
    >>> ClockLimit(0.0)(), ClockLimit(60.0)()
    (False, True)
    """

    is_endless = False

    def __init__(self, seconds: float) -> None:
        self._end = time.perf_counter() + seconds

    def __call__(self) -> bool:
        """Whether it is not reached."""
        return time.perf_counter() < self._end

    def share(self, of: float, most_s: float = float("inf")) -> TimeLimit:
        """A share of the seconds left, no more than so many.

        Parameters
        ----------
        of, most_s
            As of :meth:`TimeLimit.share`.
        """
        return ClockLimit(min(most_s, of * max(0.0, self._end - time.perf_counter())))


class WorkLog:
    """The time of one run: what is asked of it is counted, and the count at which it was over is recorded.

    Limits are named by their part and their number in it; all of a part are asked for by one thread at a time,
    one after the other, so that their names are the same in every run that does the same work.

    Parameters
    ----------
    told
        The record of an earlier run, which is followed; None = the clock is read.
    is_asked
        Whether somebody wants the end.

    Examples
    --------
    >>> first = WorkLog()
    >>> limit = first.limit(3, lambda: 0.0)
    >>> limit(), first.record.ended
    (False, ((3, 0, 1),))
    >>> again = WorkLog(ClockRecord(ended=[(3, 0, 2)])).limit(3, lambda: 0.0)
    >>> again(), again()
    (True, False)
    """

    def __init__(self, told: ClockRecord | None = None, is_asked: Callable[[], bool] = lambda: False) -> None:
        self.told = told
        self.is_asked = is_asked
        self.steps: list[list[list[int]]] = []
        self._began = time.perf_counter()
        self._ended: dict[tuple[int, int], int] = {}
        self._n_limits = Counter[int]()
        self._told = {} if told is None else {(part, number): asked for part, number, asked in told.ended}

    @property
    def seconds(self) -> float:
        """Seconds since the run began."""
        return time.perf_counter() - self._began

    @property
    def record(self) -> ClockRecord:
        """What the clock decided so far."""
        ended = tuple(sorted((*name, asked) for name, asked in self._ended.items()))
        return ClockRecord(tuple(tuple(tuple(steps) for steps in one) for one in self.steps), ended)

    def limit(self, part: int, seconds_left: Callable[[], float], *, ends_when_asked: bool = True) -> TimeLimit:
        """A limit of the work on a part.

        Parameters
        ----------
        part
            Number of the part from 1; 0 = all of them.
        seconds_left
            By the clock; ∞ = it is not read, and only `is_asked` ends the work.
        ends_when_asked
            Whether somebody who wants the end is heeded at once; else the seconds say when.
        """
        return _RecordedLimit(self, part, seconds_left, ends_when_asked=ends_when_asked)

    def decide(self, is_so: Callable[[], bool], part: int = 0) -> bool:
        """The answer to a question about all parts that depends on the clock: as it is, or as it was.

        Parameters
        ----------
        is_so
            What is asked.
        part
            The number it is named by.
        """
        name = self._next_name(part)
        answer = is_so() if self.told is None else name not in self._told
        if not answer:
            self._ended[name] = 0
        return answer

    def _next_name(self, part: int) -> tuple[int, int]:
        number = self._n_limits[part]
        self._n_limits[part] += 1
        return part, number


class _RecordedLimit:
    """See `WorkLog.limit`."""

    is_endless = False

    def __init__(
        self, log: WorkLog, part: int, seconds_left: Callable[[], float], *, ends_when_asked: bool = True
    ) -> None:
        self._log, self._part, self._seconds_left = log, part, seconds_left
        self._ends_when_asked = ends_when_asked
        self._name = log._next_name(part)
        self._n_asked, self._is_over = 0, False

    def __call__(self) -> bool:
        self._n_asked += 1
        if not self._is_over:
            log = self._log
            if log.told is None:
                is_over = self._seconds_left() <= 0
            else:
                is_over = self._n_asked >= log._told.get(self._name, float("inf"))
            self._is_over = is_over or (self._ends_when_asked and log.is_asked())
            if self._is_over:
                log._ended[self._name] = self._n_asked
        return not self._is_over

    def share(self, of: float, most_s: float = float("inf")) -> TimeLimit:
        left = self._seconds_left() if self._log.told is None else 0.0
        end = self._log.seconds + min(most_s, of * left)
        return self._log.limit(self._part, lambda: end - self._log.seconds)
