"""Value and bound of an assignment: as a whole, level by level and street by street."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.bundling.benchmark.decomposition import Decomposition, find_outside_units
from analysis.bundling.benchmark.instance import Instance
from analysis.bundling.model.score import Score
from analysis.bundling.solver.base.evaluate import evaluate, sum_scores


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


@dataclass(frozen=True)
class StreetBound:
    """What an assignment costs in one street, and what none can cost less than there.

    Parameters
    ----------
    code
        Of the street.
    objective, bound
        In the instance's measure; edges between streets count in none.
    levels
        As those of the whole, of this street alone.
    """

    code: int
    objective: float
    bound: float
    levels: tuple[Level, ...]


@dataclass(frozen=True, eq=False)
class PartBounds:
    """What is proven of every part of an instance.

    Parameters
    ----------
    cost
        (p,) float: in the instance's measure.
    left
        (p,) int: weight that every assignment leaves over; 0 where there are no levels.
    is_open
        (p,) bool: parts that may have better labels than those at hand.
    method
        How the costs were bounded.
    """

    cost: np.ndarray
    left: np.ndarray
    is_open: np.ndarray
    method: str


def has_levels(instance: Instance) -> bool:
    """Whether leads take units in and some may be left over: then both are told apart."""
    return instance.problem == 1 and instance.lead_cost is None and instance.penalty_m > 0


def evaluate_labels(
    decomposition: Decomposition, labels: Sequence[np.ndarray], assignment: np.ndarray, inside: np.ndarray | None = None
) -> float:
    """What an assignment costs, in the instance's measure.

    Parameters
    ----------
    labels, assignment
        (n,) of every part, and of the instance.
    inside
        (n,) bool: the units it is asked of, whole parts of them; None = all.
    """
    instance = decomposition.instance
    inside = np.ones(instance.n_units, dtype=bool) if inside is None else inside
    left = float(instance.weight[inside & (assignment < 0)].sum())
    if instance.objective == "cut_edges":
        edges = instance.edges[inside[instance.edges].all(axis=1)]
        cut = np.count_nonzero(np.diff(assignment[edges], axis=1))
        n_areas = len(np.unique(assignment[inside & (assignment >= 0)]))
        return float(cut + instance.open_cost * n_areas + instance.penalty_m * left)
    pairs = zip(decomposition.parts, labels, strict=True)
    total = sum_scores([evaluate(part, one) for part, one in pairs if inside[part.units].any()])
    return evaluate_total(decomposition, total, left)


def evaluate_total(decomposition: Decomposition, total: Score, left: float) -> float:
    """What areas with distances cost, in the instance's measure, from what all parts together are worth.

    Parameters
    ----------
    decomposition
        The instance and its parts.
    total
        Sum of the parts' scores.
    left
        Weight of the units in no area.
    """
    cost = total.household_metres + total.opening_m + decomposition.objective.area_m * total.n_areas
    return float(cost / decomposition.scale + decomposition.instance.penalty_m * left)


def total_bound(decomposition: Decomposition, least: PartBounds) -> float:
    """What no assignment costs less than, in the instance's measure.

    Parameters
    ----------
    decomposition
        The instance and its parts.
    least
        What is proven of every part.
    """
    instance = decomposition.instance
    total = float(least.cost.sum())
    if instance.objective == "cut_edges" and not instance.penalty_m:
        total += np.count_nonzero(np.diff(instance.street[instance.edges], axis=1))
    outside = int(instance.weight[find_outside_units(decomposition)].sum())
    return float(max(total + instance.penalty_m * outside, 0.0))


def build_levels(
    decomposition: Decomposition, assignment: np.ndarray, least: PartBounds, objective: float, bound: float
) -> tuple[Level, ...]:
    """Both levels of led areas that may leave units over; none of other instances.

    Parameters
    ----------
    decomposition
        The instance and its parts.
    assignment
        (n,) as `build_assignment` makes it.
    least
        What is proven of every part.
    objective, bound
        What the assignment costs, and what none costs less than, in the instance's measure.
    """
    everyone = np.ones(decomposition.instance.n_units, dtype=bool)
    return _levels(decomposition, assignment, everyone, float(least.left.sum()), objective, bound)


def bound_streets(
    decomposition: Decomposition,
    labels: Sequence[np.ndarray],
    assignment: np.ndarray,
    least: PartBounds,
    *,
    is_complete: bool,
) -> tuple[StreetBound, ...]:
    """Every street by code; none where a number of areas is shared out among several.

    Pairs' costs were rounded: a bound is no more than what a complete assignment costs.

    Parameters
    ----------
    decomposition
        The instance and its parts.
    labels, assignment
        (n,) labels of every part, and the assignment they make.
    least
        What is proven of every part.
    is_complete
        Whether all that must have an area have one.
    """
    instance = decomposition.instance
    codes = np.unique(instance.street)
    if instance.k and len(codes) > 1:
        return ()
    of_part = np.array([instance.street[part.units[0]] for part in decomposition.parts], dtype=np.int64)
    is_outside = find_outside_units(decomposition)
    found = []
    for code in codes.tolist():
        inside, mine = instance.street == code, of_part == code
        outside = float(instance.weight[inside & is_outside].sum())
        objective = evaluate_labels(decomposition, labels, assignment, inside)
        bound = float(least.cost[mine].sum()) + instance.penalty_m * outside
        bound = max(0.0, min(bound, objective) if is_complete else bound)
        levels = _levels(decomposition, assignment, inside, float(least.left[mine].sum()), objective, bound)
        found.append(StreetBound(code, objective, bound, levels))
    return tuple(found)


def _levels(
    decomposition: Decomposition,
    assignment: np.ndarray,
    inside: np.ndarray,
    least_left: float,
    objective: float,
    bound: float,
) -> tuple[Level, ...]:
    instance = decomposition.instance
    if not has_levels(instance):
        return ()
    left = float(instance.weight[inside & (assignment < 0)].sum())
    outside = float(instance.weight[inside & find_outside_units(decomposition)].sum())
    priced = instance.penalty_m * left
    return (
        Level("left_over_households", left, min(least_left + outside, left)),
        Level("household_metres", objective - priced, max(0.0, bound - priced)),
    )
