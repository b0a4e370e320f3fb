"""What no plan can do better than: lower bounds of the households left over, and of the metres."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from analysis.bundling.construct import construct
from analysis.bundling.parts import Part, split_lead, split_whole
from analysis.bundling.problem import Problem
from analysis.bundling.proof import bound_part
from analysis.bundling.relaxation import relax_lead
from analysis.bundling.search import value

GoesOn = Callable[[int], bool]


def left_over_bound(problem: Problem, goes_on: GoesOn = lambda step: step < 40) -> int:
    """Households that every plan leaves over.

    Counted are units no anchor can reach through neighbours it may take in (stages with anchors)
    and that lie in no connected group heavy enough for an area, or are too heavy themselves
    (stages without). In mode "lead" the anchors' capacity counts too, for each part by a
    fractional knapsack of all anchors together and by one exact knapsack an anchor, whichever
    proves more. Streets that codes do not settle (`Problem.is_settled`) are not counted, and
    floor areas get back the m² that whole numbers cost them.

    Parameters
    ----------
    problem
        What must be decided.
    goes_on
        Asked before every step of a part's relaxation with its number.

    Returns
    -------
    Households; valid for every plan of the problem, not always attainable.
    """
    mode = problem.rules.mode
    problem = _with_slack(problem)
    can_join = ~problem.is_settled
    over_capacity = 0
    if mode != "whole":
        for part in split_lead(problem):
            inside = reachable(part)
            can_join[part.units[inside]] = True
            if mode == "lead" and problem.is_settled[part.units].all():
                over_capacity += max(
                    households_above_capacity(part, inside),
                    households_no_anchor_takes(part, inside, goes_on),
                )
    if mode != "lead":
        for part in split_whole(problem, np.flatnonzero(problem.is_target)):
            can_join[part.units] = True
    return int(problem.households[problem.is_target & ~can_join].sum()) + over_capacity


def metres_bound(problem: Problem, left_over: int, goes_on: GoesOn) -> int | None:
    """Household-metres of every plan that leaves no more than `left_over` households over.

    At a price p a household the cost L(p) of every plan is bounded part by part; a plan that
    leaves at most b over walks at least L(p) − p·b. The best of a few prices counts. Streets that
    codes do not settle count as 0.

    Parameters
    ----------
    problem
        What must be decided.
    left_over
        Households, those of a plan at hand for instance.
    goes_on
        Asked before every step of a part's relaxation with its number.

    Returns
    -------
    None where nothing is claimed: in mode "mixed", and where areas are bounded in m², which whole
    numbers only approach.
    """
    mode = problem.rules.mode
    if mode == "mixed" or (mode == "whole" and problem.rules.weight != "households"):
        return None
    problem = _with_slack(problem)
    targets = np.flatnonzero(problem.is_target)
    split = split_lead(problem) if mode == "lead" else split_whole(problem, targets)
    parts = [part for part in split if problem.is_settled[part.units].all()]
    inside = np.zeros(problem.n_units, dtype=bool)
    for part in split:
        inside[part.units] = True
    surely_left = int(problem.households[problem.is_target & problem.is_settled & ~inside].sum())
    most = max(0, left_over - surely_left)
    usual = float(np.median(problem.walks.data)) if problem.walks.nnz else 1.0
    best = 0.0
    for price in (usual, 4 * usual, 16 * usual):
        cost = sum(_part_bound(part, price, goes_on) for part in parts)
        best = max(best, cost - price * most)
    return int(np.ceil(best * (1 - 1e-9) - 1e-6))


def _part_bound(part: Part, price: float, goes_on: GoesOn) -> float:
    """Least cost of a part at a price for each household left over."""
    labels = construct(part)
    worth = value(part, labels)
    known = worth.household_metres + price * worth.left_over_households
    found = bound_part(part, labels, left_over=price, area=0.0, aim=float(known), goes_on=goes_on)
    return found.cost


def _with_slack(problem: Problem) -> Problem:
    """The problem with the m² given back that whole numbers took from anchors."""
    return replace(
        problem,
        load=np.maximum(problem.load - 1, 0),
        capacity=problem.capacity + 1,
        largest=problem.largest + 1,
    )


def households_no_anchor_takes(part: Part, inside: np.ndarray, goes_on: GoesOn) -> int:
    """Households among the units `inside` that no choice of whole units for each anchor takes in."""
    free = replace(part, cost=np.where(part.cost >= 0, 0, -1), opening=0 * part.opening)
    aim = float(part.households[inside].sum())
    start = 0.5 * part.households
    reached = relax_lead(free, 1.0, 0.0, start, aim, goes_on).bound
    outside = float(part.households[~inside].sum())  # counted by whoever asks
    return max(0, int(np.ceil(reached - outside - 1e-6)))


def reachable(part: Part) -> np.ndarray:
    """(n,) bool: units some anchor reaches through units it may take in; anchors are False."""
    found = np.zeros(part.n_units, dtype=bool)
    for anchor, start in enumerate(part.anchors):
        seen = {int(start)}
        stack = [int(start)]
        while stack:
            unit = stack.pop()
            for i in part.indices[part.indptr[unit] : part.indptr[unit + 1]].tolist():
                if i not in seen and part.cost[anchor, i] >= 0:
                    seen.add(i)
                    stack.append(i)
        found[list(seen - {int(start)})] = True
    return found


def households_above_capacity(part: Part, inside: np.ndarray) -> int:
    """Households among the units `inside` that the anchors' joint capacity cannot take.

    The units with most households for their load are taken first, the last one in part: no
    selection of whole units covers more.
    """
    units = np.flatnonzero(inside)
    load, households = part.load[units].astype(float), part.households[units]
    order = np.argsort(-households / np.maximum(load, 1e-9), kind="stable")
    room = float(part.capacity.sum())
    before = np.cumsum(load[order]) - load[order]
    share = np.clip((room - before) / np.maximum(load[order], 1e-9), 0.0, 1.0)
    covered = float((share * households[order]).sum())
    return max(0, int(np.ceil(households.sum() - covered - 1e-6)))
