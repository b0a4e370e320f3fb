"""Lower bound of the number of cut edges: a small MIP around each unit."""

from __future__ import annotations

import numpy as np

from analysis.bundling.solver.base.bound_limits import OnBound, tell_nobody
from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.base.work_log import TimeLimit
from analysis.bundling.solver.models.mip import INFINITY, LinearRow, MipModel

SECONDS_A_UNIT = 4.0


def cut_edges_bound(part: Subproblem, has_time: TimeLimit, on_bound: OnBound = tell_nobody) -> float:
    """Edges between areas that every plan has in which everyone is in an area.

    Around every unit some set of the right weight is left by the fewest edges, m of them,
    connected or not (a small integer programme). An area of weight w ≤ `upper` is left by no fewer
    than any of its units asks for, so Σ weight × m / upper over its units is no more than the edges
    that leave it. Every edge cut leaves two areas.

    Parameters
    ----------
    part
        Of stage "whole", areas between `lower` and `upper`.
    has_time
        For the bound; heavy units are looked at first, what the others ask for is
        what any set of the right weight does.
    on_bound
        Told of the number after every unit.

    Returns
    -------
    A number of edges, not always whole.
    """
    if not has_time():
        return 0.0
    least = np.full(part.n_units, _min_cut_edges(part, None, has_time))
    for unit in np.argsort(-part.weight, kind="stable").tolist():
        if not has_time():
            break
        least[unit] = max(least[unit], _min_cut_edges(part, unit, has_time))
        on_bound(float(part.weight @ least) / (2 * part.upper))
    return float(part.weight @ least) / (2 * part.upper)


def _min_cut_edges(part: Subproblem, unit: int | None, has_time: TimeLimit) -> float:
    """No set of the right weight (with the unit) is left by fewer edges."""
    n = part.n_units
    row = part.adjacency.sources
    edges = np.column_stack([row, part.indices])[row < part.indices].tolist()
    cost = np.concatenate([np.zeros(n), np.ones(len(edges))])
    model = MipModel(cost, np.ones(len(cost)), np.arange(len(cost)) < n)
    rows = [LinearRow(range(n), part.weight.astype(float), float(part.lower), float(part.upper))]
    for k, (a, b) in enumerate(edges):
        rows.append(LinearRow([n + k, a, b], [1.0, -1.0, 1.0], 0.0, INFINITY))
        rows.append(LinearRow([n + k, a, b], [1.0, 1.0, -1.0], 0.0, INFINITY))
    if unit is not None:
        rows.append(LinearRow([unit], [1.0], 1.0, 1.0))
    model.add(rows)
    bound = model.solve(has_time=has_time.share(1.0, SECONDS_A_UNIT)).bound
    if bound == INFINITY:  # no set has the right weight: nothing is said
        return 0.0
    return max(0.0, float(np.ceil(bound - 1e-6)))
