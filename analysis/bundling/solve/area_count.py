"""A given number of areas is allocated to the parts: greedy by marginal cost, each found by a short search."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from analysis.bundling.model.objectives import objectives_of
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.score import Score
from analysis.bundling.solver.base.evaluate import evaluate
from analysis.bundling.solver.base.subproblem import Subproblem, split_whole
from analysis.bundling.solver.construct import construct, max_areas
from analysis.bundling.solver.search import improve_subproblem

TRIAL_ROUNDS = 12
"""Rounds of search that tell what a part with so many areas is worth."""


def allocate_area_count(
    problem: Problem,
    parts: Sequence[Subproblem],
    number: int,
    stream: np.random.SeedSequence,
    goes_on: Callable[[], bool],
) -> tuple[tuple[Subproblem, ...], list[np.ndarray]]:
    """Parts with a number of areas each, `number` in all, and the best labels tried of each.

    Every part is tried with as many areas as it likes; then one part after the other is given one
    more or less, always where that costs least by a short search.

    Parameters
    ----------
    parts
        Of stage "whole".
    number
        Areas in all.
    stream
        Where the trials' seeds come from.
    goes_on
        Whether there is time to try more, asked after every round; without, areas are given as arithmetic lets them be.

    Returns
    -------
    Parts without an area are left out. Fewer areas than asked for where there cannot be more.
    """
    trials = _Trials(problem, parts, stream, goes_on)
    counts = [len(np.unique(labels[labels >= 0])) for labels in trials.free]
    step = 1 if sum(counts) < number else -1
    queue = [(trials.more(p, counts[p], step), p) for p in range(len(parts))]
    heapq.heapify(queue)
    while queue and sum(counts) != number:
        cost, p = heapq.heappop(queue)
        if cost == _NEVER:
            break
        counts[p] += step
        heapq.heappush(queue, (trials.more(p, counts[p], step), p))
    chosen = [p for p in range(len(parts)) if counts[p] > 0]
    return (tuple(replace(parts[p], k=counts[p]) for p in chosen), [trials.labels(p, counts[p]) for p in chosen])


def fix_area_counts(
    parts: Sequence[Subproblem], labels: Sequence[np.ndarray]
) -> tuple[tuple[Subproblem, ...], list[np.ndarray]]:
    """Parts that must have as many areas as their labels have; those without an area are left out.

    Parameters
    ----------
    parts, labels
        Of stage "whole", and (n,) labels of each.
    """
    counts = [len(np.unique(one[one >= 0])) for one in labels]
    fixed = [(replace(part, k=k), one) for part, one, k in zip(parts, labels, counts, strict=True) if k]
    return tuple(part for part, _ in fixed), [one for _, one in fixed]


def max_area_counts(problem: Problem) -> tuple[tuple[np.ndarray, int], ...]:
    """Units of each connected group that is heavy enough for an area, and how many it can have."""
    parts = split_whole(problem, np.flatnonzero(problem.is_target))
    return tuple((part.units, max_areas(part)) for part in parts)


_NEVER: tuple[float, ...] = (float("inf"),)


class _Trials:
    """What parts with a number of areas are worth, each tried once."""

    def __init__(
        self, problem: Problem, parts: Sequence[Subproblem], stream: np.random.SeedSequence, goes_on: Callable[[], bool]
    ) -> None:
        self._problem, self._parts, self._goes_on = problem, parts, goes_on
        self._seeds = stream.spawn(len(parts))
        self._found: dict[tuple[int, int], np.ndarray] = {}
        self.free = [self._tried(p, 0) for p in range(len(parts))]
        for p, labels in enumerate(self.free):
            self._found[p, len(np.unique(labels[labels >= 0]))] = labels

    def labels(self, p: int, count: int) -> np.ndarray:
        """The best labels tried of a part with so many areas; all −1 without any."""
        if count == 0:
            return np.full(self._parts[p].n_units, -1, dtype=np.int64)
        if (p, count) not in self._found:
            more = self._found.get((p, count + 1))
            start = None if more is None else _without_lightest(self._parts[p], more)
            self._found[p, count] = self._tried(p, count, start)
        return self._found[p, count]

    def more(self, p: int, count: int, step: int) -> tuple[float, ...]:
        """What one area more, or less, costs a part: households left over, then metres."""
        if not 0 <= count + step <= max_areas(self._parts[p]):
            return _NEVER
        before, after = self._worth(p, count), self._worth(p, count + step)
        return tuple(float(b - a) for a, b in zip(before, after, strict=True))

    def _worth(self, p: int, count: int) -> tuple[int, int]:
        worth: Score = evaluate(self._parts[p], self.labels(p, count))
        return worth.left_over_households, worth.household_metres

    def _tried(self, p: int, count: int, start: np.ndarray | None = None) -> np.ndarray:
        part = replace(self._parts[p], k=count)
        start = construct(part) if start is None else start
        if not self._goes_on():
            return start
        rng = np.random.default_rng([*self._seeds[p].generate_state(2), count])
        return improve_subproblem(
            part,
            start,
            objectives_of(self._problem.rules).objective(),
            rng,
            lambda rounds, _: rounds / TRIAL_ROUNDS if self._goes_on() else 1.0,
        )


def _without_lightest(part: Subproblem, labels: np.ndarray) -> np.ndarray:
    """Labels with the area of fewest households taken apart, areas numbered from 0."""
    if not (labels >= 0).any():
        return labels
    names, areas = np.unique(labels[labels >= 0], return_inverse=True)
    found = np.full_like(labels, -1)
    found[labels >= 0] = areas
    people = np.bincount(areas, part.households[labels >= 0], len(names))
    lightest = int(np.argmin(people))
    found[found == lightest] = -1
    return np.where(found > lightest, found - 1, found)
