"""The budget of a search: the share of each subproblem, and progress reports."""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from analysis.bundling.model.plan import Plan
from analysis.bundling.model.score import Score
from analysis.bundling.solver.base.bound_limits import BoundLimits
from analysis.bundling.solver.base.evaluate import measure_labels, sum_scores
from analysis.bundling.solver.base.policy import BudgetPolicy
from analysis.bundling.solver.base.stop import Stop
from analysis.bundling.solver.base.subproblem import Stage
from analysis.bundling.solver.base.work_log import CLOCK_STEPS, ENDLESS, NO_TIME, TimeLimit, WorkLog

REPORT_EVERY_S = 0.2
MAX_BOUND_STEPS = 600
"""Steps of one bound where no clock is read, which are then all that ends it."""
MAX_TIMED_STEPS = 1200
MIN_SPARE_SHARE = 0.05
"""Of all seconds: with less left after the bounds there is no second search."""

CONCURRENT = 1_000_000
"""Added to the numbers of parts where a search goes on beside a proof: each asks for limits of its own."""

MULTISTART = 500_000
"""Number of the decision whether a part is searched several times side by side."""

MapFunction = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]
"""`map`, or what does the same several at a time."""

BudgetShare = Callable[[int, np.ndarray], float]
"""Called after every round with its number and the best labels so far; returns the share of the
budget that is spent. The search ends at 1."""


@dataclass(frozen=True)
class Progress:
    """Progress of a running search.

    Parameters
    ----------
    seconds
        Since the search began.
    rounds
        Rounds done, all parts together.
    stage
        "lead", "whole" or "area".
    part, n_parts
        The part begun last, from 1, and how many the stage has; both 0 before there is a first plan. A second
        search has begun them all.
    score
        The best so far, over the whole problem.
    plan
        Makes the plan of that score; None where nothing is kept to make it from.
    """

    seconds: float
    rounds: int
    stage: Stage
    part: int
    n_parts: int
    score: Score
    plan: Callable[[], Plan] | None = None

    def later(self, seconds: float) -> Progress:
        """The same so many seconds later."""
        return replace(self, seconds=self.seconds + seconds)


class Part(Protocol):
    """What is searched by itself: some units that share areas with no others."""

    @property
    def n_units(self) -> int:
        """Number of its units."""


class SearchBudget:
    """The budget of one search: shares it among subproblems, checks the stopping criterion, reports progress.

    Parts of one stage may be searched by several threads.

    Attributes
    ----------
    rounds
        Rounds done so far, all parts together.
    why_stopped
        "nothing to search" until a part was searched, then "seconds", "rounds", "asked", "gap", or
        "searched out" when more rounds would find nothing new.
    within_gap
        Whether the best so far was found to be near enough to what no plan can better; see `stop_when`.
    log
        Where what the clock decides is recorded.
    policy, workers
        As given.

    Parameters
    ----------
    stop, on_progress
        See `solve.solve`.
    policy
        How the seconds are shared between plans and bounds.
    workers
        Parts searched or bounded at a time.
    measure
        Makes labels of a part sound, and tells what they are worth.
    log
        Of the run that the search is a part of; None = a new one.
    """

    def __init__(
        self,
        stop: Stop,
        policy: BudgetPolicy,
        on_progress: Callable[[Progress], None] | None = None,
        workers: int = 1,
        *,
        measure: Callable[[Any, np.ndarray], tuple[np.ndarray, Score]] = measure_labels,
        log: WorkLog | None = None,
    ) -> None:
        self.policy = policy
        self.workers = workers
        self.rounds = 0
        self.why_stopped = "nothing to search"
        self.within_gap = False
        self.log = WorkLog(stop.clock, stop.is_asked) if log is None else log
        self._gap_test: Callable[[Sequence[np.ndarray], Score], bool] | None = None
        self._watch: Callable[[Sequence[np.ndarray], Score], None] | None = None
        self._stop = stop
        self._on_progress = on_progress
        self._measure = measure
        self._share = policy.search_share(stop.seconds)
        self._is_second = False
        self._lane = 0
        self._is_over: Callable[[], bool] = bool
        self._best: _Best | None = None
        self._began = self.log.seconds
        self._reported = time.perf_counter()
        self._lock = threading.Lock()
        self.begin("lead", [], Score(0, 0, 0), 0)

    @property
    def seconds(self) -> float:
        """Seconds since the search began."""
        return self.log.seconds - self._began

    @property
    def seconds_left(self) -> float:
        """Seconds of the search's share of the budget that are left; ∞ where no clock is read."""
        if self._stop.seconds is None:
            return float("inf")
        if self._is_over():
            return 0.0
        return max(0.0, self._share * self._stop.seconds - self.seconds)

    def is_asked(self) -> bool:
        """Whether somebody wants the search to end now."""
        return self._stop.is_asked()

    def limit(self, share: float = 1.0) -> TimeLimit:
        """Until so large a share of all seconds is over, where a clock is read, or somebody wants the end."""
        end = float("inf") if self._stop.seconds is None else share * self._stop.seconds
        return self.log.limit(self._lane, lambda: end - self.seconds)

    def search_limit(self, part: int = 0) -> TimeLimit:
        """Until the search's share of the seconds is over, for work on a part (its number from 1; 0 = all).

        It is endless where no clock is read.
        """
        if self._stop.seconds is None:
            return ENDLESS
        return self.log.limit(self._lane + part, lambda: self.seconds_left)

    def is_near_enough(self) -> bool:
        """Whether the best so far is within the gap asked for; asked by one thread."""
        return self._stop.gap is not None and not self.log.decide(lambda: not self.within_gap)

    def begin_second_search(self) -> bool:
        """Give a second search its share of the time that the bounds left; whether there is reason for one.

        There is where the clock is what ends the search, more than `MIN_SPARE_SHARE` of the seconds is
        left, the best so far is not near enough, and nobody wants the end.
        """
        seconds, share = self._stop.seconds, self.policy.second_search
        if seconds is None or self._stop.rounds is not None or share == 0:
            return False
        spare = seconds - self.seconds
        may = spare > MIN_SPARE_SHARE * seconds and not self.within_gap and not self.is_asked()
        if not self.log.decide(lambda: may):
            return False
        self._begin_again(share, seconds)
        return True

    def decide_concurrent(self, sizes: Sequence[int]) -> bool:
        """Whether bounds are made while the search goes on: by the clock, where half of the workers do for either.

        Parameters
        ----------
        sizes
            Units of each part: all keep as many workers busy as they are times the size of the largest.
        """
        policy, stop = self.policy, self._stop
        if stop.seconds is None or stop.rounds is not None or not policy.second_search * policy.has_search_beside:
            return False
        busy = max(1, round(sum(sizes) / max(sizes, default=1)))
        return not self.log.decide(lambda: 2 * busy > self.workers, part=CONCURRENT)

    def decide_multistart(self, n_starts: int) -> bool:
        """Whether one part is searched several times side by side: by the clock, where there are workers for it.

        Parameters
        ----------
        n_starts
            Searches of the part.
        """
        if self._stop.seconds is None or self._stop.rounds is not None:
            return False
        with self._lock:
            if not self.log.decide(lambda: self.workers < n_starts, part=self._lane + MULTISTART):
                self.log.steps[-1] += [[] for _ in range((n_starts - 1) * len(self._values))]
                return True
        return False

    def split_concurrent(self, is_over: Callable[[], bool]) -> tuple[SearchBudget, SearchBudget]:
        """Budgets of a search and of a proof beside it, with half of the workers each.

        Parameters
        ----------
        is_over
            Whether the proof leaves nothing to be searched.
        """
        assert self._stop.seconds is not None
        search, proof = copy(self), copy(self)
        search.workers = max(1, self.workers // 2)
        proof.workers = max(1, self.workers - search.workers)
        search._lane, search._is_over = CONCURRENT, is_over
        search._begin_again(self.policy.second_search, self._stop.seconds)
        return search, proof

    def join_concurrent(self, search: SearchBudget) -> None:
        """Take over the rounds of a search beside a proof, by its budget, and why it was ended before its time."""
        self.rounds, self.within_gap = search.rounds, search.within_gap
        if search.why_stopped in ("asked", "gap"):
            self.why_stopped = search.why_stopped

    def _begin_again(self, share: float, seconds: float) -> None:
        self._share = 1.0 - (1.0 - share) * (seconds - self.seconds) / seconds
        self._is_second = True

    @property
    def is_concurrent(self) -> bool:
        """Whether a proof goes on beside the search."""
        return self._lane > 0

    def bound_budget(self, share: float, part: int = 0) -> BoundLimits:
        """What a bound may use of the time left.

        Parameters
        ----------
        share
            Of the time left, 0 to 1. Where no clock is read the steps alone end it, and it has no
            seconds for anything else.
        part
            Number of the part from 1; 0 = all.
        """
        is_timed, end = self._stop.seconds is not None, float("inf")
        if self._stop.seconds is not None:
            end = self.seconds + share * max(0.0, self._stop.seconds - self.seconds)
        most = MAX_TIMED_STEPS if is_timed else MAX_BOUND_STEPS
        has_time = self.log.limit(part, lambda: end - self.seconds)
        return BoundLimits(lambda step: step < most and has_time(), has_time if is_timed else NO_TIME)

    def keep_best(self, score: Score, plan_of: Callable[[], Plan], is_better: Callable[[Score], bool]) -> None:
        """Report the best so far where what is searched is no better.

        Parameters
        ----------
        score, plan_of
            Of the best so far.
        is_better
            Whether a score of the search is better.
        """
        self._best = _Best(score, plan_of, is_better)

    def stop_when(self, within_gap: Callable[[Sequence[np.ndarray], Score], bool]) -> None:
        """Stop once the gap of the labels of all subproblems, with their total score, is small enough."""
        if self.log.told is None:
            self._gap_test = within_gap

    def watch(self, told: Callable[[Sequence[np.ndarray], Score], None]) -> None:
        """Have the labels of all subproblems, with their total score, told whenever they are measured.

        Parameters
        ----------
        told
            Called by one thread at a time.
        """
        self._watch = told

    def begin(
        self,
        stage: Stage,
        values: Sequence[Score],
        around: Score,
        n_waiting: int,
        labels: Sequence[np.ndarray] = (),
        plan_of: Callable[[Sequence[np.ndarray]], Plan] | None = None,
    ) -> None:
        """Begin a stage.

        Parameters
        ----------
        stage
            "lead", "whole" or "area".
        values
            What the first plan of each part is worth.
        around
            What all that the parts do not decide is worth.
        n_waiting
            Units still to be searched, those of later stages included: they share the time left.
        labels, plan_of
            Sound labels of the parts, and what makes a plan of them.
        """
        with self._lock:
            self._labels = list(labels)
            self._plan_of = plan_of
            self._stage: Stage = stage
            self._values = list(values)
            self._around = around
            self._n_waiting = self._n_at_first = n_waiting
            self._n_begun = len(values) if self._is_second else 0
            if values:
                self.log.steps.append([[] for _ in values])
                self._look(self._total())

    def part_budget(self, k: int, part: Part, start: int = 0) -> BudgetShare:
        """Share of its budget that the search of subproblem k has spent, as a function of rounds and labels.

        Parameters
        ----------
        k
            Number of the subproblem in its stage.
        part
            The subproblem.
        start
            Number of the search of the part; of several side by side the first is reported.
        """
        with self._lock:
            began = self.seconds
            seconds = self.seconds_left
            waiting = self._n_at_first if start else self._n_waiting
            if seconds < float("inf"):  # no more of them at a time than the stage has
                at_a_time = min(self.workers, len(self._values))
                seconds *= min(1.0, at_a_time * part.n_units / max(1, waiting))
            if start == 0:
                self._n_waiting -= part.n_units
                self._n_begun = min(self._n_begun + 1, len(self._values))
        enough = max(20, part.n_units**2)  # a pair of units has been tried in every way by then
        counted = asked = 0
        at = k + start * len(self._values)
        steps = self.log.steps[-1][at]
        told = None if self.log.told is None else self.log.told.find_steps(len(self.log.steps) - 1, at)

        def spent(rounds: int, labels: np.ndarray) -> float:
            nonlocal counted, asked
            asked += 1
            shares = {"searched out": rounds / enough}
            if self._stop.rounds is not None:
                shares["rounds"] = rounds / self._stop.rounds if self._stop.rounds else 1.0
            ended = "asked" if self.is_asked() else "gap" if self.within_gap else None
            if ended is None and told is None and self._is_over():
                ended = "seconds"
            passed = 0
            if told is not None:
                passed = bisect_right(told, asked)
            elif seconds < float("inf"):
                passed = int(CLOCK_STEPS * (self.seconds - began) / seconds) if seconds else CLOCK_STEPS
            passed = CLOCK_STEPS if ended else min(passed, CLOCK_STEPS)
            steps.extend([asked] * (passed - len(steps)))
            if passed:
                shares["seconds"] = passed / CLOCK_STEPS
            why = max(shares, key=lambda name: shares[name])
            done = shares[why]
            if ended:
                why, done = ended, 1.0
            with self._lock:
                self.why_stopped = why
                self.rounds += rounds - counted
                counted = rounds
                if start == 0:
                    self._report(k, part, labels, is_end=done >= 1)
            return done

        return spent

    def _report(self, k: int, part: Part, labels: np.ndarray, *, is_end: bool) -> None:
        now = time.perf_counter()
        if self._on_progress is None and self._gap_test is None and self._watch is None:
            return
        if not (is_end or now - self._reported >= REPORT_EVERY_S):
            return
        self._reported = now
        self._labels[k], self._values[k] = self._measure(part, labels)
        total = self._total()
        self._look(total)
        self._emit(total)

    def _total(self) -> Score:
        return sum_scores([self._around, *self._values])

    def _look(self, total: Score) -> None:
        """Tell who watches, and test the gap."""
        if self._watch is not None:
            self._watch(self._labels, total)
        if self._gap_test is not None and not self.within_gap:
            self.within_gap = self._gap_test(list(self._labels), total)

    def _emit(self, total: Score) -> None:
        """Report progress; the caller holds the lock."""
        if self._on_progress is None:
            return
        labels, make = list(self._labels), self._plan_of
        plan_of = None if make is None else lambda: make(labels)
        if self._best is not None and not self._best.is_better(total):
            total, plan_of = self._best.score, self._best.plan_of
        parts = self._n_begun, len(self._values)
        self._on_progress(Progress(self.seconds, self.rounds, self._stage, *parts, total, plan_of))


@dataclass(frozen=True)
class _Best:
    """The best so far, and what tells whether another is better; see `SearchBudget.keep_best`."""

    score: Score
    plan_of: Callable[[], Plan]
    is_better: Callable[[Score], bool]
