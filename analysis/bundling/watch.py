"""The budget of a search: when it must end, how the parts share it, what it tells meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from analysis.bundling.objective import Score
from analysis.bundling.parts import Part, Stage
from analysis.bundling.search import Spent, sound_labels, value
from geo.errors import UsageError

REPORT_EVERY_S = 0.2


@dataclass(frozen=True)
class Progress:
    """What a running search tells.

    Parameters
    ----------
    seconds
        Since the search began.
    rounds
        Rounds done, all parts together.
    stage
        "lead" or "whole".
    part, n_parts
        The part being searched, from 1, and how many the stage has.
    score
        The best so far, over the whole problem.
    """

    seconds: float
    rounds: int
    stage: Stage
    part: int
    n_parts: int
    score: Score


class Stop(Protocol):
    """When a search must end: its budget, and a question asked after every round."""

    @property
    def seconds(self) -> float | None:
        """Budget of the whole search in seconds; None = no clock is read."""

    @property
    def rounds(self) -> int | None:
        """Budget of each part in rounds; None = any number."""

    def is_asked(self) -> bool:
        """Whether somebody wants the search to end now."""


@dataclass(frozen=True)
class StopAfter:
    """End after a time, after a number of rounds a part, or when asked: whichever comes first.

    Parameters
    ----------
    seconds
        For the whole search, shared among the parts by their size. Given the same rounds and no
        seconds, results are the same on every machine.
    rounds
        For each part; a round is `search.MOVES_PER_ROUND` tried moves.
    when
        Asked after every round, for instance whether a file named "stop" is there.

    Raises
    ------
    UsageError
        If there is neither seconds nor rounds, or one is negative.

    Examples
    --------
    >>> stop = StopAfter(rounds=20)
    >>> stop.seconds, stop.rounds, stop.is_asked()
    (None, 20, False)
    """

    seconds: float | None = None
    rounds: int | None = None
    when: Callable[[], bool] | None = None

    def __post_init__(self) -> None:
        if self.seconds is None and self.rounds is None:
            raise UsageError(
                "请用 --seconds 或 --rounds 给出优化时间或轮数。",
                "Give the search a budget: --seconds or --rounds.",
            )
        for name, budget in (("seconds", self.seconds), ("rounds", self.rounds)):
            if budget is not None and not budget >= 0:
                raise UsageError(
                    f"优化的 {name} 不能为负: {budget}。", f"{name} cannot be negative: {budget}."
                )

    def is_asked(self) -> bool:
        """Whether `when` says so."""
        return self.when is not None and self.when()


class Watch:
    """The clock of one search: shares the budget among parts, asks `stop`, reports progress.

    Attributes
    ----------
    rounds
        Rounds done so far, all parts together.
    why_stopped
        "nothing to search" until a part was searched, then "seconds", "rounds", "asked", or
        "searched out" when more rounds would find nothing new.
    """

    def __init__(self, stop: Stop, on_progress: Callable[[Progress], None] | None) -> None:
        self.rounds = 0
        self.why_stopped = "nothing to search"
        self._stop = stop
        self._on_progress = on_progress
        self._began = time.perf_counter()
        self._reported = self._began

    @property
    def seconds(self) -> float:
        """Seconds since the search began."""
        return time.perf_counter() - self._began

    def budget(
        self, part: Part, *, place: tuple[int, int], n_waiting: int, rest: Callable[[Score], Score]
    ) -> Spent:
        """What tells the search of a part how much of its budget is spent.

        Parameters
        ----------
        part
            The part to be searched.
        place
            Its number, from 1, and the number of parts.
        n_waiting
            Units still to be searched, this part's included: the time left is shared by units.
        rest
            Makes the score of the whole problem from the part's.
        """
        began, done_before = self.seconds, self.rounds
        enough = max(20, part.n_units**2)  # a pair of units has been tried in every way by then
        seconds = self._stop.seconds
        share = None
        if seconds is not None:
            share = max(0.0, seconds - began) * part.n_units / n_waiting

        def spent(rounds: int, labels: np.ndarray) -> float:
            self.rounds = done_before + rounds
            spent_shares = {"searched out": rounds / enough}
            if self._stop.rounds is not None:
                spent_shares["rounds"] = rounds / self._stop.rounds if self._stop.rounds else 1.0
            if share is not None:
                spent_shares["seconds"] = (self.seconds - began) / share if share else 1.0
            self.why_stopped = max(spent_shares, key=lambda name: spent_shares[name])
            done = spent_shares[self.why_stopped]
            if self._stop.is_asked():
                self.why_stopped, done = "asked", 1.0
            self._report(part, place, labels, rest, is_end=done >= 1)
            return done

        return spent

    def _report(
        self,
        part: Part,
        place: tuple[int, int],
        labels: np.ndarray,
        rest: Callable[[Score], Score],
        *,
        is_end: bool,
    ) -> None:
        now = time.perf_counter()
        if self._on_progress is None or not (is_end or now - self._reported >= REPORT_EVERY_S):
            return
        self._reported = now
        score = rest(value(part, sound_labels(part, labels)))
        self._on_progress(Progress(self.seconds, self.rounds, part.stage, *place, score))
