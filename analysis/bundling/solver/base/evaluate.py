"""Evaluation of labels from scratch, and removal of areas that break a bound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.bundling.model.score import Score
from analysis.bundling.solver.base.subproblem import Subproblem


@dataclass(frozen=True, eq=False)
class BoundResult:
    """A bound of a part and the best labels known.

    Parameters
    ----------
    bound
        No plan costs less; at most what the labels given cost.
    labels
        (n,) those given, or better ones.
    """

    bound: float
    labels: np.ndarray


def drop_infeasible_areas(part: Subproblem, labels: np.ndarray) -> np.ndarray:
    """Labels with every area outside the bounds ("whole") or above capacity ("lead") taken apart.

    Parameters
    ----------
    part
        The subproblem.
    labels
        (n,) int: area of each unit, −1 = left over.
    """
    labels = np.asarray(labels, dtype=np.int64).copy()
    for area in np.unique(labels[labels >= 0]):
        members = np.flatnonzero(labels == area)
        if part.stage == "whole":
            sound = is_within_bounds(part, members)
        else:
            taken = part.load[members].sum() - part.load[part.anchors[area]]
            sound = taken <= part.capacity[area]
        if not sound:
            labels[members] = -1
    if part.stage == "lead" and not part.may_close:
        labels[part.anchors] = np.arange(len(part.anchors))
    if part.k and len(np.unique(labels[labels >= 0])) != part.k:
        labels[:] = -1
    return labels


def is_within_bounds(part: Subproblem, members: np.ndarray) -> bool:
    """Whether an area of stage "whole" keeps the bounds of every weight.

    Parameters
    ----------
    part
        The subproblem.
    members
        (k,) units of the area.
    """
    totals = part.weights[:, members].sum(axis=1)
    return bool(((part.lowers <= totals) & (totals <= part.uppers)).all())


def measure_labels(part: Subproblem, labels: np.ndarray) -> tuple[np.ndarray, Score]:
    """Labels without areas that break a bound, and what they are worth.

    Parameters
    ----------
    part
        The subproblem.
    labels
        (n,) int: area of each unit, −1 = left over.
    """
    sound = drop_infeasible_areas(part, labels)
    return sound, evaluate(part, sound)


def evaluate(part: Subproblem, labels: np.ndarray) -> Score:
    """What sound labels of a part are worth, computed from scratch.

    Anchors that take nothing in are no areas.

    Parameters
    ----------
    part
        The subproblem.
    labels
        (n,) int: area of each unit, −1 = left over.
    """
    left = int(part.households[labels < 0].sum())
    metres = opening = n_areas = 0
    for area in np.unique(labels[labels >= 0]):
        members = np.flatnonzero(labels == area)
        if part.stage == "whole":
            metres += 0 if part.measure == "cut" else medoid_metres(part, members)
            n_areas += 1
        elif part.may_close or len(members) > 1:
            taken = members if part.may_close else members[members != part.anchors[area]]
            metres += int(part.cost[area, taken].sum())
            opening += int(part.opening[area])
            n_areas += 1
    if part.measure == "cut":
        row = part.adjacency.sources
        metres = int((labels[row] != labels[part.indices]).sum()) // 2
    return Score(left, metres, n_areas, opening)


def medoid_metres(part: Subproblem, members: np.ndarray) -> int:
    """Household-metres of an area, walked to its medoid.

    Parameters
    ----------
    part
        The subproblem.
    members
        (k,) units of the area.
    """
    return int((part.metres[np.ix_(members, members)] @ part.walkers[members]).min())


def sum_scores(scores: Sequence[Score]) -> Score:
    """The score of things that have nothing in common.

    Examples
    --------
    >>> sum_scores([Score(1, 20, 1), Score(2, 30, 1)])
    Score(left_over_households=3, household_metres=50, n_areas=2, opening_m=0, unled_households=0)
    """
    return Score(
        sum(one.left_over_households for one in scores),
        sum(one.household_metres for one in scores),
        sum(one.n_areas for one in scores),
        sum(one.opening_m for one in scores),
        sum(one.unled_households for one in scores),
    )
