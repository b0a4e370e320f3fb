"""The parts of one stage are searched, several at a time, each for its share of the budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from analysis.bundling.model.plan import Plan
from analysis.bundling.model.score import Objective, Score
from analysis.bundling.solver.base.budget import SearchBudget
from analysis.bundling.solver.base.evaluate import evaluate
from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.lns_step import MapFunction
from analysis.bundling.solver.search import improve_subproblem


def search_parts(
    parts: Sequence[Subproblem],
    labels: Sequence[np.ndarray],
    objective: Objective,
    stream: np.random.SeedSequence,
    watch: SearchBudget,
    *,
    around: Score,
    plan_of: Callable[[Sequence[np.ndarray]], Plan] | None = None,
    n_later: int = 0,
    workers: int = 1,
) -> list[np.ndarray]:
    """Labels of every part, none worse than those given.

    Every part has its own stream of random numbers, so the number of workers changes nothing but
    the time. Compiled moves and HiGHS leave Python's lock alone, so threads do.

    Parameters
    ----------
    parts, labels
        What is given, and a sound start of each (see `construct`).
    objective
        What the best is judged by.
    stream
        Where the parts' seeds come from.
    watch
        The budget.
    around
        What all that the parts do not decide is worth.
    plan_of
        Makes a plan of the labels of all parts, for who watches.
    n_later
        Units that wait in the next stage.
    workers
        Threads.
    """
    if not parts:
        return []
    values = [evaluate(part, one) for part, one in zip(parts, labels, strict=True)]
    n_waiting = sum(part.n_units for part in parts) + n_later
    watch.begin(parts[0].stage, values, around, n_waiting, labels, plan_of)
    seeds = stream.spawn(len(parts))

    def search(k: int) -> np.ndarray:
        found = improve_subproblem(
            parts[k],
            labels[k],
            objective,
            np.random.default_rng(seeds[k]),
            watch.part_budget(k, parts[k]),
            each=each,
            seconds_left=lambda: watch.seconds_left,
        )
        better = evaluate(parts[k], found).key(objective) < values[k].key(objective)
        return found if better else labels[k]

    each: MapFunction = map
    if workers == 1:
        return [search(k) for k in range(len(parts))]
    with ThreadPoolExecutor(workers) as pool:
        if len(parts) > 1:
            return list(pool.map(search, range(len(parts))))
        each = pool.map  # one part alone has its groups of areas searched several at a time
        return [search(0)]
