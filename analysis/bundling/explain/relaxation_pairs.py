"""Pairs of rules that keep a unit out of an area together, so that relaxing either alone brings nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.bundling.evaluation.company_allowance import company_of_anchor, floor_area_taken
from analysis.bundling.evaluation.feasibility import anchor_index, neighbours, walks_from
from analysis.bundling.explain.relaxations import Relaxation
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem

MOST_PAIRS = 12
"""Pairs that are tried: a count, not a clock, so that the same plan gets the same advice."""


@dataclass(frozen=True)
class RelaxationPair:
    """Two relaxations, by their places, that let units in together.

    Parameters
    ----------
    one, other
        Places in the list given; a border comes first.
    units
        Ids of the units left over that only these two keep out of some area.
    """

    one: int
    other: int
    units: frozenset[str]


def find_relaxation_pairs(
    problem: Problem, plan: Plan, relaxations: Sequence[Relaxation]
) -> tuple[RelaxationPair, ...]:
    """Pairs of relaxations that some unit next to some area needs both of; the most households first.

    Each unit left over is held against every area and every idle anchor beside it, or beyond a border
    that a relaxation would open. What it breaks there is looked up in the relaxations: of steps of one
    rule the smallest that is enough. Two breaches are a pair; one is no matter of pairs, three are
    left aside.

    Parameters
    ----------
    problem
        The problem.
    plan
        A plan of it.
    relaxations
        What each step of a rule brings alone.

    Returns
    -------
    At most `MOST_PAIRS`.
    """
    beyond = _beyond(problem, relaxations)
    found: dict[tuple[int, int], set[int]] = {}
    for unit in np.flatnonzero(problem.is_target & (plan.area_of < 0)).tolist():
        adjacent = {int(other): -1 for other in neighbours(problem, unit)}
        for other, border in [*beyond.get(unit, ()), *adjacent.items()]:
            for broken in _breaches(problem, plan, unit, other):
                needed = [_smallest(relaxations, kind, amount) for kind, amount in broken.items()]
                places = [*([border] if border >= 0 else []), *needed]
                if len(places) == 2 and -1 not in places:
                    found.setdefault((places[0], places[1]), set()).add(unit)
    ids, people = problem.unit_ids, problem.households
    both = [
        (-int(people[list(units)].sum()), pair, frozenset(str(ids[unit]) for unit in units))
        for pair, units in found.items()
    ]
    both.sort(key=lambda item: item[:2])
    return tuple(RelaxationPair(*pair, units) for _, pair, units in both[:MOST_PAIRS])


def _beyond(problem: Problem, relaxations: Sequence[Relaxation]) -> dict[int, list[tuple[int, int]]]:
    """Of each unit those that a relaxation would make its neighbours, each with its place."""
    place = {str(unit): i for i, unit in enumerate(problem.unit_ids)}
    found: dict[int, list[tuple[int, int]]] = {}
    for k, relaxation in enumerate(relaxations):
        for a, b in relaxation.pairs:
            if a in place and b in place:
                found.setdefault(place[a], []).append((place[b], k))
                found.setdefault(place[b], []).append((place[a], k))
    return found


def _breaches(problem: Problem, plan: Plan, unit: int, other: int) -> list[dict[tuple[str, str], float]]:
    """What a unit breaks in the area of another, or with it as its anchor: amounts by (kind, weight).

    One entry for a place it may be asked about, none where there is none: it cannot be reached at all.
    """
    area, mode = int(plan.area_of[other]), problem.rules.mode
    if area >= 0 and plan.anchor_of[area] < 0:
        return [_of_size(problem, unit, plan.members(area))] if mode != "lead" else []
    anchor = int(plan.anchor_of[area]) if area >= 0 else other
    if mode == "whole" or anchor not in problem.anchors:
        return []
    walk = int(walks_from(problem, anchor, np.array([unit]))[0])
    if not walk:
        return []
    return [_of_anchor(problem, plan, unit, anchor, walk)]


def _of_anchor(problem: Problem, plan: Plan, unit: int, anchor: int, walk: int) -> dict[tuple[str, str], float]:
    """Radius, size of one unit, capacity and company of an anchor."""
    rules, k, load = problem.rules, anchor_index(problem, anchor), int(problem.load[unit])
    area = int(plan.area_of[anchor])
    taken = 0 if area < 0 else int(problem.load[plan.members(area)].sum() - problem.load[anchor])
    found: dict[tuple[str, str], float] = {}
    if walk > rules.radius_m:
        found["radius_m", ""] = walk
    if load > problem.largest[k]:
        found["unit_ratio", ""] = rules.unit_ratio * load / max(int(problem.largest[k]), 1)
    if taken + load > problem.capacity[k]:
        more = (taken + load) / max(int(problem.capacity[k]), 1)
        found["capacity_ratio", ""] = rules.capacity_ratio * more
    company = company_of_anchor(problem, anchor)
    if company >= 0 and problem.companies is not None and rules.company_growth is not None:
        most = int(problem.companies.allowance[company])
        asked = int(floor_area_taken(problem, plan)[company]) + load
        if asked > most:
            found["company_growth", ""] = rules.company_growth * asked / max(most, 1)
    return found


def _of_size(problem: Problem, unit: int, members: np.ndarray) -> dict[tuple[str, str], float]:
    """The most of each weight of an area without an anchor."""
    found: dict[tuple[str, str], float] = {}
    for k, size in enumerate(problem.sizes):
        total = int(size.weight[members].sum() + size.weight[unit])
        if not size.fits(total):
            found["bound_upper" if k else "upper", size.name if k else ""] = total
    return found


def _smallest(relaxations: Sequence[Relaxation], kind: tuple[str, str], amount: float) -> int:
    """The place of the smallest step of a rule that is enough; −1 where none is."""
    enough = [
        (float(one.what["value"]), k)
        for k, one in enumerate(relaxations)
        if (one.what["kind"], one.what.get("weight", "")) == kind and one.what["value"] >= amount
    ]
    return min(enough)[1] if enough else -1
