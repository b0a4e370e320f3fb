"""Subproblems are searched, or bounded, several at a time, each for its share of the budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Lock
from typing import TypeVar

import numpy as np

from analysis.bundling.model.plan import Plan
from analysis.bundling.model.score import Objective, Score
from analysis.bundling.solver.base.bound_limits import BoundBudget, BoundLimits
from analysis.bundling.solver.base.budget import MapFunction, SearchBudget
from analysis.bundling.solver.base.evaluate import evaluate
from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.exact.columns.proof import has_small_areas
from analysis.bundling.solver.search import improve_subproblem
from analysis.bundling.solver.solution_pool import AnchorArea

T = TypeVar("T")

N_STARTS = 2
"""Searches of one part side by side, each with random numbers of its own (multistart)."""


def search_parts(
    parts: Sequence[Subproblem],
    labels: Sequence[np.ndarray],
    objective: Objective,
    stream: np.random.SeedSequence,
    budget: SearchBudget,
    *,
    around: Score,
    plan_of: Callable[[Sequence[np.ndarray]], Plan] | None = None,
    n_later: int = 0,
    is_open: Sequence[bool] | None = None,
    met: Sequence[list[AnchorArea]] | None = None,
) -> list[np.ndarray]:
    """Labels of every part, none worse than those given.

    Every part has its own stream of random numbers, so the number of workers changes nothing but
    the time. Compiled moves and HiGHS leave Python's lock alone, so threads do. By the clock, one part alone is
    searched `N_STARTS` times side by side where a single search would leave workers idle, and the best is kept
    (decision 0064).

    Parameters
    ----------
    parts, labels
        What is given, and a sound start of each (see `construct`).
    objective
        What the best is judged by.
    stream
        Where the parts' seeds come from.
    budget
        Of the whole search; its `workers` are the threads.
    around
        What all that the parts do not decide is worth.
    plan_of
        Makes a plan of the labels of all parts, for who watches.
    n_later
        Units that wait in the next stage.
    is_open
        (p,) which parts are searched; the others are proven best and keep their labels. None = all.
    met
        Of each part, where small led areas that its search met are added, for a proof to begin with; None = nowhere.
    """
    if not parts:
        return []
    chosen = [k for k in range(len(parts)) if is_open is None or is_open[k]]
    values = [evaluate(part, one) for part, one in zip(parts, labels, strict=True)]
    n_waiting = sum(parts[k].n_units for k in chosen) + n_later
    budget.begin(parts[0].stage, values, around, n_waiting, labels, plan_of)
    seeds = stream.spawn(len(parts))
    is_multistart = len(chosen) == 1 and _uses_one_thread(parts[chosen[0]]) and budget.decide_multistart(N_STARTS)
    asked = [(k, start) for k in chosen for start in range(N_STARTS if is_multistart else 1)]

    def search(which: tuple[int, int]) -> tuple[np.ndarray, list[AnchorArea]]:
        k, start = which
        areas: list[AnchorArea] = []
        found = improve_subproblem(
            parts[k],
            labels[k],
            objective,
            np.random.default_rng(seeds[k] if start == 0 else seeds[k].spawn(start)[-1]),
            budget.part_budget(k, parts[k], start),
            each=each,
            has_time=budget.search_limit(k + 1 + start * len(parts)),
            met=areas,
        )
        return found, areas

    each: MapFunction = map
    if budget.workers == 1:
        some = [search(which) for which in asked]
    else:
        with ThreadPoolExecutor(budget.workers) as pool:
            if len(asked) == 1:
                each = pool.map  # one search alone has its groups of areas solved several at a time
                some = [search(asked[0])]
            else:
                some = list(pool.map(search, asked))
    best = list(labels)
    for (k, _), (found, areas) in zip(asked, some, strict=True):
        if evaluate(parts[k], found).key(objective) < evaluate(parts[k], best[k]).key(objective):
            best[k] = found
        if met is not None:
            met[k].extend(areas)
    return best


def _uses_one_thread(part: Subproblem) -> bool:
    """Whether a search of a part has work for one thread only: no groups of small areas, no choices of leads."""
    return part.stage == "whole" or not (part.may_close or has_small_areas(part))


def bound_parts(
    parts: Sequence[Subproblem],
    bound: Callable[[int, BoundLimits], T],
    budget: BoundBudget,
    *,
    of: float = 1.0,
    workers: int = 1,
) -> list[T]:
    """What `bound` says of each part, several at a time, each for its share of the time by size.

    Parameters
    ----------
    parts
        What is given.
    bound
        Called with the number of a part and its limits. Where there are fewer parts than workers, each
        has several of them.
    budget
        See `BoundBudget`.
    of
        Share of the time left that all together may use.
    workers
        Threads; compiled code and HiGHS leave Python's lock alone.
    """
    total = waiting = sum(part.n_units for part in parts)
    lock = Lock()
    inside = max(1, workers // max(1, len(parts)))

    def one(k: int) -> T:
        nonlocal waiting
        with lock:
            share = workers * parts[k].n_units / max(1.0, waiting + total * (1 / of - 1))
            limits = budget(min(1.0, share), k + 1)
            waiting -= parts[k].n_units
        return bound(k, replace(limits, workers=inside))

    if workers == 1:
        return [one(k) for k in range(len(parts))]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(one, range(len(parts))))
