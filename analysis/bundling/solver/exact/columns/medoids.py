"""Areas around a medoid as areas of an anchor each: what column generation proves of a part of stage "whole"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analysis.bundling.solver.base.bound_limits import OnBound, tell_nobody
from analysis.bundling.solver.base.evaluate import BoundResult, drop_infeasible_areas
from analysis.bundling.solver.base.subproblem import IMPOSSIBLE, Subproblem
from analysis.bundling.solver.base.work_log import TimeLimit
from analysis.bundling.solver.exact.columns.pricing_problem import AreaLimits
from analysis.bundling.solver.exact.columns.proof import NODES, prove_by_column_generation

MAX_UNITS_AN_AREA = 20
"""Where areas have more units on average, they are too many to be searched."""


def has_small_medoid_areas(part: Subproblem) -> bool:
    """Whether the areas of a part of stage "whole" can be searched one by one, medoid by medoid."""
    if part.measure == "cut" or not part.is_contiguous:
        return False
    n_areas = part.k or part.weight.sum() / max(1, part.upper)
    return bool(part.n_units <= MAX_UNITS_AN_AREA * n_areas)


def prove_partition_by_columns(
    part: Subproblem,
    labels: np.ndarray,
    *,
    left_over: float,
    area: float,
    prices: np.ndarray,
    bound: float,
    aim: float,
    has_time: TimeLimit,
    workers: int = 1,
    on_bound: OnBound = tell_nobody,
    met: Sequence[tuple[int, np.ndarray]] = (),
) -> BoundResult:
    """Raise a bound of a part of stage "whole" by column generation.

    Every unit has an anchor of its own, joined to it alone: an area of that anchor is a connected area with
    the unit, which is its medoid or costs no less than by its medoid. Further weights are not asked for.

    Parameters
    ----------
    part, labels
        What is given, walks measured and areas connected, and the best plan known; of `part.k` areas, where
        that is given.
    left_over, area
        Price of a household in no area, and of an area.
    prices, bound
        Prices of the units, and what they prove (`subgradient_bound.bound_partition`).
    aim
        What the plan costs.
    has_time
        For the proof.
    workers
        Medoids searched at a time; changes the time only.
    on_bound
        Told whenever the bound rises.
    met
        Areas that a search met, to begin with: medoids, and units.
    """
    n = part.n_units
    areas = [np.flatnonzero(labels == area) for area in np.unique(labels[labels >= 0])]
    anchored = np.concatenate([np.full(n, -1, dtype=np.int64), np.arange(n)])
    for members in areas:
        anchored[members] = medoid(part, members)
    most = int(np.min(part.weights.sum(axis=1)[part.lowers > 0] // part.lowers[part.lowers > 0], initial=n))
    found = prove_by_column_generation(
        anchor_at_each_unit(part),
        anchored,
        left_over=left_over,
        area=area,
        prices=np.concatenate([prices, np.zeros(n)]),
        bound=bound,
        aim=aim,
        has_time=has_time,
        workers=workers,
        on_bound=on_bound,
        met=met,
        area_limits=AreaLimits(part.lower, part.k, part.k or most),
        first_nodes=NODES[0],  # as many medoids as units: searched to the end they take the time of all other parts
    )
    better = found.labels[:n]
    is_sound = found.labels is not anchored and np.array_equal(drop_infeasible_areas(part, better), better)
    return replace(found, labels=better if is_sound else labels)


def anchor_at_each_unit(part: Subproblem) -> Subproblem:
    """A part of stage "lead": beside each of n units an anchor, n + its number, that leads any of them.

    Parameters
    ----------
    part
        Of stage "whole".
    """
    n = part.n_units
    own = np.arange(n)
    row = np.concatenate([part.adjacency.sources, own, n + own])
    column = np.concatenate([part.indices, n + own, own])
    order = np.lexsort((column, row))
    nothing = np.zeros(n, dtype=np.int64)
    cost = np.full((n, 2 * n), IMPOSSIBLE, dtype=np.int64)
    cost[:, :n] = part.metres.astype(np.int64) * part.walkers
    return Subproblem(
        stage="lead",
        units=np.arange(2 * n),
        indptr=np.concatenate([[0], np.cumsum(np.bincount(row, minlength=2 * n))]).astype(np.int64),
        indices=column[order].astype(np.int64),
        households=np.concatenate([part.households, nothing]),
        weight=np.concatenate([part.weight, nothing]),
        load=np.concatenate([part.weight, nothing]),
        metres=np.zeros((0, 0), dtype=np.int32),
        cost=cost,
        anchors=n + own,
        capacity=np.full(n, min(part.upper, int(part.weight.sum())), dtype=np.int64),
        lower=0,
        upper=0,
        opening=nothing,
        walkers=np.concatenate([part.walkers, nothing]),
    )


def medoid(part: Subproblem, members: np.ndarray) -> int:
    """The member that all walk least to.

    Parameters
    ----------
    part
        Of stage "whole".
    members
        (k,) units of an area.
    """
    return int(members[np.argmin(part.metres[np.ix_(members, members)] @ part.walkers[members])])
