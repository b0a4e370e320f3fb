"""From an instance to areas: the one way that `bundle`, `pianqu solve` and the benchmark take."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from analysis.bundling.benchmark.infeasibility import prove_infeasible
from analysis.bundling.benchmark.instance import Instance
from analysis.bundling.benchmark.solve import Assignment, infeasible_assignment, solve_instance
from analysis.bundling.explain.infeasibility import Cause
from analysis.bundling.solver.base.budget import Progress
from analysis.bundling.solver.base.stop import Stop


def solve(
    instance: Instance,
    *,
    stop: Stop,
    seed: int = 0,
    workers: int = 1,
    on_progress: Callable[[Progress], None] | None = None,
) -> tuple[Assignment, tuple[Cause, ...]]:
    """Search an instance, unless arithmetic proves that no assignment keeps every rule.

    Parameters
    ----------
    instance
        What must be decided.
    stop
        Budget of the search.
    seed, workers, on_progress
        As of `analysis.bundling.benchmark.solve.solve_instance`.

    Returns
    -------
    The assignment with its bound; and the proofs, where there are any: then nobody has an area.

    Examples
    --------
    >>> import numpy as np
    >>> from analysis.bundling.solver.base.stop import StopAfter
    >>> none, street = np.zeros(0, dtype=int), np.zeros(2, dtype=int)
    >>> pair = Instance(
    ...     2, np.zeros((2, 2)), np.array([3, 4]), np.array([[0, 1]]), np.array([9]), street, none, none, lower=8
    ... )
    >>> found, causes = solve(pair, stop=StopAfter(rounds=1))
    >>> found.status, causes[0].kind
    ('infeasible', 'below_minimum')
    """
    if causes := prove_infeasible(instance):
        return infeasible_assignment(instance), causes
    return solve_instance(instance, seed=seed, stop=stop, workers=workers, on_progress=on_progress), ()


def tabulate_trace(found: Assignment) -> pd.DataFrame:
    """The best cost and the best bound over the time of a run, a row whenever one of them became better.

    Columns: seconds and cpu_seconds since the search began, objective (missing before there is a complete
    assignment) and bound (missing before anything is proven).

    Parameters
    ----------
    found
        What `solve` found.
    """
    rows = [(one.seconds, one.cpu_seconds, one.cost, one.bound) for one in found.trace]
    return pd.DataFrame(rows, columns=["seconds", "cpu_seconds", "objective", "bound"], dtype=float)
