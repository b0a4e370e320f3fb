"""A benchmark instance becomes an assignment with a bound, by the search every plan is made with."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.bundling.bare.instance import Instance, objective_of
from analysis.bundling.bare.parts import Bare, assignment_of, bare_parts, outside_weight
from analysis.bundling.bound import (
    GoesOn,
    SecondsLeft,
    households_above_capacity,
    over_parts,
)
from analysis.bundling.construct import construct
from analysis.bundling.objective import Score
from analysis.bundling.proving.proof import PartBound, bound_part, is_bounded_by_columns
from analysis.bundling.search import compile_kernels, value
from analysis.bundling.searching.several import search_parts
from analysis.bundling.searching.watch import Progress, Stop, Watch, add_scores

TIE = 1e-8
"""A bound this close to the objective, relatively, meets it: published values are no rounder."""

SEARCH_SHARE, SEARCH_SHARE_CHOOSING, SEARCH_SHARE_SMALL = 0.7, 0.9, 0.55
"""Share of the seconds spent on plans; the rest is for the bound. Where leads are chosen, the gap is
seldom one that a proof closes; where everyone must have one of many small areas, what its columns put
together is often the better plan."""

LONG_S, LATER_SHARE = 100.0, 0.1
"""Seconds after which plans of leads that must serve all are seldom better, and the share of those after
it that the search still has: the rest is the proof's."""

logger = logging.getLogger(__name__)


Status = Literal["optimal", "feasible", "infeasible"]


@dataclass(frozen=True)
class Level:
    """One part of an objective: what an assignment comes to, and what none can do better than.

    Parameters
    ----------
    name
        "left_over_households" or "household_metres"; the bound of the metres holds for all that
        leave no more over.
    value, bound
        Households, or metres weighed as the instance weighs them.
    """

    name: Literal["left_over_households", "household_metres"]
    value: float
    bound: float


@dataclass(frozen=True, eq=False)
class Assignment:
    """What is found for an instance.

    Parameters
    ----------
    assignment
        (n,) −1 = in no area, else the lead's position (problem 1) or a label (problem 2).
    objective
        What it costs in the instance's own measure.
    bound
        No assignment costs less.
    method
        How the bound was found.
    status
        "optimal": proven; "infeasible": not every unit that must have an area has one, or their
        number is not the one asked for; "feasible" otherwise.
    n_left
        Units in no area.
    levels
        Where leads take units in and some may be left over: the households left over, and the
        metres walked by the others, each with what no assignment can do better than.
    seconds, rounds
        Time of search and bound, compiling not counted, and rounds done.
    why_stopped
        See `solve.Result`.
    """

    assignment: np.ndarray
    objective: float
    bound: float
    method: str
    status: Status
    n_left: int
    levels: tuple[Level, ...]
    seconds: float
    rounds: int
    why_stopped: str


def solve_instance(
    instance: Instance,
    *,
    seed: int = 0,
    stop: Stop,
    on_progress: Callable[[Progress], None] | None = None,
    workers: int = 1,
) -> Assignment:
    """The best assignment found within the budget, and what no assignment can do better than.

    Parameters
    ----------
    instance
        What must be decided.
    seed, stop, on_progress, workers
        As in `solve.solve`.
    """
    bare = bare_parts(instance)
    compile_kernels(("lead" if instance.problem == 1 else "whole",))
    is_choosing = any(part.may_close for part in bare.parts)
    share = SEARCH_SHARE_CHOOSING if is_choosing else SEARCH_SHARE
    serves_all = bare.objective.left_over_m is None
    if serves_all and bare.parts and all(is_bounded_by_columns(part) for part in bare.parts):
        share = SEARCH_SHARE_SMALL
    if serves_all and instance.problem == 1 and not is_choosing:
        share = share_of_search(share, stop.seconds)
    watch = Watch(stop, on_progress, workers, share=share)
    labels = [construct(part) for part in bare.parts]
    outside = Score(outside_weight(bare), 0, 0)
    stream = np.random.SeedSequence(seed)

    def searched(labels: list[np.ndarray]) -> list[np.ndarray]:
        return search_parts(
            bare.parts, labels, bare.objective, stream, watch, around=outside, workers=workers
        )

    with watch.beating():
        labels = searched(labels)
        bound, method, labels = _bound(bare, labels, watch, workers)
        is_open = bound < _cost(bare, labels, assignment_of(bare, labels))
        if is_open and not is_choosing and watch.take_rest():
            labels = searched(labels)
    assignment = assignment_of(bare, labels)
    left = assignment < 0
    n_areas = len(np.unique(assignment[~left]))
    is_complete = (instance.penalty_m > 0 or not left.any()) and instance.k in (0, n_areas)
    objective = _cost(bare, labels, assignment)
    status: Status = "feasible" if is_complete else "infeasible"
    if is_complete and bound >= objective - TIE * abs(objective):
        # the instance's own measure: pairs' costs were rounded
        bound, status = min(objective, objective_of(instance, assignment)), "optimal"
    return Assignment(
        assignment=assignment,
        objective=objective,
        bound=bound,
        method=method,
        status=status,
        n_left=int(left.sum()),
        levels=_levels(bare, assignment, objective, bound),
        seconds=watch.seconds,
        rounds=watch.rounds,
        why_stopped=watch.why_stopped,
    )


def share_of_search(share: float, seconds: float | None) -> float:
    """The share of the seconds spent on plans, from that of a short run.

    Examples
    --------
    >>> share_of_search(0.7, 60.0), round(share_of_search(0.7, 600.0), 3)
    (0.7, 0.2)
    """
    if seconds is None or seconds <= LONG_S:
        return share
    return (share * LONG_S + LATER_SHARE * (seconds - LONG_S)) / seconds


def _bound(
    bare: Bare, labels: list[np.ndarray], watch: Watch, workers: int
) -> tuple[float, str, list[np.ndarray]]:
    """A lower bound in the instance's measure, how it was found, and labels no worse."""
    instance, objective = bare.instance, bare.objective
    price = np.inf if objective.left_over_m is None else float(objective.left_over_m)

    def bound(k: int, goes_on: GoesOn, seconds_left: SecondsLeft) -> PartBound:
        worth = value(bare.parts[k], labels[k])
        known = float(worth.key(objective)[1])
        is_served = np.isfinite(price) or not worth.left_over_households
        return bound_part(
            bare.parts[k], labels[k], left_over=price, area=float(objective.area_m),
            aim=float(known if is_served else 3 * known + 1), goes_on=goes_on,
            seconds_left=seconds_left, workers=workers if len(bare.parts) == 1 else 1,
        )  # fmt: skip

    some = over_parts(bare.parts, bound, watch.bound_budget, workers=workers)
    better = [
        found.labels
        if value(part, found.labels).key(objective) < value(part, one).key(objective)
        else one
        for part, one, found in zip(bare.parts, labels, some, strict=True)
    ]
    # Costs are whole numbers; the sum of a part's prices is off by rounding at most.
    total = sum(np.ceil(found.cost - 1e-9 * abs(found.cost) - 1e-6) for found in some)
    methods = {found.method for found in some}
    total /= bare.scale
    if bare.scale > 1:  # every pair's cost was rounded to a whole number, at most by a half
        total -= 0.5 * sum(part.n_units for part in bare.parts) / bare.scale
    if instance.objective == "cut_edges" and not instance.penalty_m:
        total += np.count_nonzero(np.diff(instance.street[instance.edges], axis=1))
    total += instance.penalty_m * outside_weight(bare)
    return float(max(total, 0.0)), " + ".join(sorted(methods)), better


def _levels(
    bare: Bare, assignment: np.ndarray, objective: float, bound: float
) -> tuple[Level, ...]:
    """Both levels of led areas that may leave units over; none of other instances."""
    instance = bare.instance
    if instance.problem != 1 or instance.lead_cost is not None or not instance.penalty_m:
        return ()
    left = float(instance.weight[assignment < 0].sum())
    least = float(outside_weight(bare))
    for part in bare.parts:
        asking = part.households > 0
        reached = asking & (part.cost >= 0).any(axis=0)
        least += float(part.households[asking & ~reached].sum())
        least += households_above_capacity(part, reached)
    priced = instance.penalty_m * left
    metres = Level("household_metres", objective - priced, max(0.0, bound - priced))
    return Level("left_over_households", left, min(least, left)), metres


def _cost(bare: Bare, labels: list[np.ndarray], assignment: np.ndarray) -> float:
    """What an assignment costs, in the instance's measure."""
    instance = bare.instance
    if instance.objective == "cut_edges":
        cut = np.count_nonzero(np.diff(assignment[instance.edges], axis=1))
        n_areas = len(np.unique(assignment[assignment >= 0]))
        left = float(instance.weight[assignment < 0].sum())
        return float(cut + instance.open_cost * n_areas + instance.penalty_m * left)
    total = add_scores([value(part, one) for part, one in zip(bare.parts, labels, strict=True)])
    left = total.left_over_households + outside_weight(bare)
    cost = total.household_metres + total.opening_m + bare.objective.area_m * total.n_areas
    return float(cost / bare.scale + instance.penalty_m * left)
