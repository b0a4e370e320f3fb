"""Proofs that households must be left over: sums of weights and capacities, reachability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.bundling.evaluation.feasibility import find_connected_pieces
from analysis.bundling.evaluation.feasible_subsets import has_feasible_subset
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.sizes import Size
from analysis.bundling.solve.area_count import max_area_counts
from analysis.bundling.solver.base.subproblem import Subproblem, reachable_units, split_lead
from geo.messages import Sentence, load_catalogue

say = load_catalogue(__file__)


@dataclass(frozen=True)
class Cause:
    """Arithmetic that no plan can escape, of one group of units that can only share areas.

    Parameters
    ----------
    kind
        "below_minimum", "no_area_fits", "largest_unit", "no_anchor", "anchor_too_small", "behind_too_large",
        "capacity", "company" or "areas".
    rule
        The rule it comes from.
    units
        Ids of the units concerned, ascending.
    households
        Of these units.
    value, limit
        What is there and what is needed: weight, or m² of load and capacity; None for "no_area_fits",
        "no_anchor" and "behind_too_large".
    sentence
        The same in words.
    """

    kind: str
    rule: str
    units: tuple[str, ...]
    households: int
    value: int | None
    limit: int | None
    sentence: Sentence


def find_causes(problem: Problem) -> tuple[Cause, ...]:
    """What keeps units out of every plan, by arithmetic alone, before anything is solved.

    Returns
    -------
    Most households first. Units that either stage of mode "mixed" can take are in none.
    """
    mode = problem.rules.mode
    led = np.zeros(problem.n_units, dtype=bool)
    found: list[Cause] = []
    if mode != "whole":
        for part in split_lead(problem):
            led[part.units[reachable_units(part)]] = True
        if mode == "lead":
            found += _capacity_causes(problem)
            found += _company_causes(problem)
    found += _number_causes(problem)
    alone = problem.is_target & ~led
    found += _no_anchor(problem, alone) if mode == "lead" else _size_causes(problem, alone, led)
    return tuple(sorted(found, key=lambda cause: (-cause.households, cause.units)))


def area_count_not_found(problem: Problem) -> Cause:
    """What is stated where arithmetic allows a number of areas and the search has found no such plan."""
    number = problem.rules.areas
    most = sum(count for _, count in max_area_counts(problem))
    return _cause(
        problem,
        "areas",
        "R31",
        np.flatnonzero(problem.is_target).tolist(),
        most,
        number,
        say("cause.areas_not_found", number=number, most=most),
    )


def _size_causes(problem: Problem, alone: np.ndarray, led: np.ndarray) -> list[Cause]:
    """Units too heavy for an area, and groups too light for one, that no anchor reaches."""
    found, is_heavy = [], np.zeros(problem.n_units, dtype=bool)
    for size in problem.sizes:
        heavy = alone & ~size.fits(size.weight) & ~is_heavy
        is_heavy |= ~size.fits(size.weight)
        for unit in np.flatnonzero(heavy).tolist():
            weight, most = int(size.weight[unit]), size.upper or 0
            found.append(
                _cause(
                    problem,
                    "largest_unit",
                    "R31",
                    [unit],
                    weight,
                    most,
                    say("cause.largest_unit", weight=weight, most=most, measure=size.measure),
                )
            )
    for group in find_connected_pieces(problem, np.flatnonzero(problem.is_target & ~is_heavy)):
        stuck = [unit for unit in group if not led[unit]]
        if not stuck:
            continue
        lacking = [size for size in problem.sizes if size.weight[group].sum() < size.lower]
        if lacking:
            size = lacking[0]
            total, least = int(size.weight[group].sum()), size.lower
            key = "few_units" if size.name == "members" else "light_group"
            sentence = say(f"cause.{key}", n=len(group), total=total, least=least, measure=size.measure)
            found.append(_cause(problem, "below_minimum", "R31", stuck, total, least, sentence))
        elif barren := [size for size in problem.sizes if _holds_no_area(problem, size, group)]:
            size = barren[0]
            limits = {"lower": size.lower, "upper": size.upper, "measure": size.measure}
            sentence = say("cause.no_area_fits", n=len(group), **limits)
            found.append(_cause(problem, "no_area_fits", "R31", stuck, None, None, sentence))
    return found


def _holds_no_area(problem: Problem, size: Size, group: Sequence[int]) -> bool:
    """Whether no connected units of a connected group weigh between the bounds of a size."""
    if size.upper is None:
        return False
    adjacency, position = problem.adjacency, np.full(problem.n_units, -1)
    position[group] = np.arange(len(group))
    pairs = position[np.column_stack([adjacency.sources, adjacency.indices])]
    edges = pairs[(pairs[:, 0] >= 0) & (pairs[:, 0] < pairs[:, 1])]
    return not has_feasible_subset(size.weight[group], edges, size.lower, size.upper, must_connect=True)


def _number_causes(problem: Problem) -> list[Cause]:
    """Why there cannot be as many areas as asked for, or why so few leave households over."""
    number = problem.rules.areas
    if number is None or problem.rules.mode != "whole":
        return []
    groups = max_area_counts(problem)
    most = sum(count for _, count in groups)
    units = np.concatenate([units for units, _ in groups]) if groups else np.zeros(0, dtype=int)
    if number > most:
        each = [say("cause.each", unit=problem.unit_ids[u[0]], n=len(u), most=k) for u, k in groups]
        listed = Sentence.join(each, (", ", ", ")) if each else say("cause.no_group")
        return [
            _cause(
                problem,
                "areas",
                "R31",
                units.tolist(),
                most,
                number,
                say("cause.too_many_areas", number=number, most=most, each=listed),
            )
        ]
    for size in problem.sizes:
        total = int(size.weight[problem.is_target].sum())
        if size.upper is not None and number * size.upper < total:
            held = number * size.upper
            return [
                _cause(
                    problem,
                    "areas",
                    "R31",
                    units.tolist(),
                    total,
                    held,
                    say("cause.too_few_areas", number=number, held=held, total=total, measure=size.measure),
                )
            ]
    return []


def _no_anchor(problem: Problem, alone: np.ndarray) -> list[Cause]:
    """Units that no anchor takes: none is in reach, or those in reach are too small (R13)."""
    most = np.full(problem.n_units, -1, dtype=np.int64)
    for part in split_lead(problem, any_size=True):
        of_anchor = np.searchsorted(problem.anchors, part.units[part.anchors])
        takes = np.minimum(problem.largest[of_anchor], problem.capacity[of_anchor])
        most[part.units] = np.where(_reach(part), takes[:, None], -1).max(axis=0)
    is_large = alone & (most >= 0) & (problem.load > most)
    found = [
        _cause(
            problem,
            "anchor_too_small",
            "R13",
            [unit],
            int(problem.load[unit]),
            int(most[unit]),
            say("cause.anchor_too_small", load=problem.load[unit], most=most[unit]),
        )
        for unit in np.flatnonzero(is_large).tolist()
    ]
    found += [
        _cause(problem, "behind_too_large", "R13", group, None, None, say("cause.behind_too_large", n=len(group)))
        for group in find_connected_pieces(problem, np.flatnonzero(alone & (most >= 0) & ~is_large))
    ]
    return found + [
        _cause(problem, "no_anchor", "R26", group, None, None, say("cause.no_anchor", n=len(group)))
        for group in find_connected_pieces(problem, np.flatnonzero(alone & (most < 0)))
    ]


def _reach(part: Subproblem) -> np.ndarray:
    """(m, n) bool: the units that each anchor reaches through units it may take in."""
    ones = [np.array([k]) for k in range(len(part.anchors))]
    return np.array([reachable_units(replace(part, cost=part.cost[k], anchors=part.anchors[k])) for k in ones])


def _capacity_causes(problem: Problem) -> list[Cause]:
    found = []
    for part in split_lead(problem):
        inside = part.units[reachable_units(part)]
        load, capacity = int(problem.load[inside].sum()), int(part.capacity.sum())
        if load > capacity:
            found.append(
                _cause(
                    problem,
                    "capacity",
                    "R13",
                    inside.tolist(),
                    load,
                    capacity,
                    say("cause.capacity", n=len(inside), load=load, n_anchors=len(part.anchors), capacity=capacity),
                )
            )
    return found


def _company_causes(problem: Problem) -> list[Cause]:
    """Companies that may not take on all that only their own anchors reach (R15)."""
    companies = problem.companies
    if companies is None:
        return []
    reached: dict[int, set[int]] = {}
    for part in split_lead(problem):
        of_anchor = np.searchsorted(problem.anchors, part.units[part.anchors])
        for anchor, inside in zip(of_anchor.tolist(), _reach(part), strict=True):
            for unit in part.units[inside].tolist():
                reached.setdefault(unit, set()).add(int(companies.of_anchor[anchor]))
    found = []
    for company, name in enumerate(companies.ids):
        mine = sorted(unit for unit, by in reached.items() if by == {company})
        load, most = int(problem.load[mine].sum()), int(companies.allowance[company])
        if load > most:
            found.append(
                _cause(
                    problem,
                    "company",
                    "R15",
                    mine,
                    load,
                    most,
                    say("cause.company", n=len(mine), load=load, name=name, most=most),
                )
            )
    return found


def _cause(
    problem: Problem, kind: str, rule: str, units: Sequence[int], value: int | None, limit: int | None, reason: Sentence
) -> Cause:
    ids = tuple(sorted(str(problem.unit_ids[unit]) for unit in units))
    households = int(problem.households[list(units)].sum())
    sentence = say("cause.households", reason=reason, households=households, rule=rule)
    return Cause(kind, rule, ids, households, value, limit, sentence)
