"""Proofs that households must be left over: sums of weights and capacities, reachability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.bundling.evaluation.feasibility import connected_pieces
from analysis.bundling.model.problem import Problem
from analysis.bundling.solve.area_count import max_area_counts
from analysis.bundling.solver.base.subproblem import Subproblem, reachable_units, split_lead


@dataclass(frozen=True)
class Cause:
    """Arithmetic that no plan can escape, of one group of units that can only share areas.

    Parameters
    ----------
    kind
        "below_minimum", "largest_unit", "no_anchor", "anchor_too_small", "behind_too_large", "capacity",
        "company" or "areas".
    rule
        The rule it comes from.
    units
        Ids of the units concerned, ascending.
    households
        Of these units.
    value, limit
        What is there and what is needed: weight, or m² of load and capacity; None for "no_anchor" and
        "behind_too_large".
    sentence_zh, sentence_en
        The same in words.
    """

    kind: str
    rule: str
    units: tuple[str, ...]
    households: int
    value: int | None
    limit: int | None
    sentence_zh: str
    sentence_en: str


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
    """What is said where arithmetic allows a number of areas and the search has found no such plan."""
    number = problem.rules.areas
    most = sum(count for _, count in max_area_counts(problem))
    return _cause(
        problem,
        "areas",
        "R31",
        np.flatnonzero(problem.is_target).tolist(),
        most,
        number,
        f"给定时间内没有找到恰好 {number} 个片区的方案 (按下限合计至多 {most} 个); 这不证明不可行",
        f"no plan of exactly {number} areas was found in the time given (the least size allows {most} "
        "at most); that proves nothing",
    )


def _size_causes(problem: Problem, alone: np.ndarray, led: np.ndarray) -> list[Cause]:
    """Units too heavy for an area, and groups too light for one, that no anchor reaches."""
    found, is_heavy = [], np.zeros(problem.n_units, dtype=bool)
    for size in problem.sizes:
        heavy = alone & ~size.fits(size.weight) & ~is_heavy
        is_heavy |= ~size.fits(size.weight)
        zh, en = size.measure
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
                    f"单个单元 {weight:,} {zh}, 超过上限 {most:,} {zh}",
                    f"a single unit of {weight:,} {en} exceeds the most of {most:,}",
                )
            )
    for group in connected_pieces(problem, np.flatnonzero(problem.is_target & ~is_heavy)):
        stuck = [unit for unit in group if not led[unit]]
        lacking = [size for size in problem.sizes if size.weight[group].sum() < size.lower]
        if not lacking or not stuck:
            continue
        size = lacking[0]
        total, least, (zh, en) = int(size.weight[group].sum()), size.lower, size.measure
        told_zh = f"相连的 {len(group)} 个单元合计 {total:,} {zh}, 低于下限 {least:,} {zh}"
        told_en = f"{len(group)} connected units add up to {total:,} {en}, below the least of {least:,}"
        if size.name == "members":
            told_zh = f"相连的单元只有 {total} 个, 低于下限 {least} 个"
            told_en = f"only {total} units are connected, below the least of {least}"
        found.append(_cause(problem, "below_minimum", "R31", stuck, total, least, told_zh, told_en))
    return found


def _number_causes(problem: Problem) -> list[Cause]:
    """Why there cannot be as many areas as asked for, or why so few leave households over."""
    number = problem.rules.areas
    if number is None or problem.rules.mode != "whole":
        return []
    groups = max_area_counts(problem)
    most = sum(count for _, count in groups)
    units = np.concatenate([units for units, _ in groups]) if groups else np.zeros(0, dtype=int)
    if number > most:
        each_zh = ", ".join(f"{problem.unit_ids[u[0]]} 等 {len(u)} 个单元至多 {k}" for u, k in groups)
        each_en = ", ".join(f"{len(u)} units with {problem.unit_ids[u[0]]}: {k}" for u, k in groups)
        return [
            _cause(
                problem,
                "areas",
                "R31",
                units.tolist(),
                most,
                number,
                f"要求 {number} 个片区, 按下限合计至多 {most} 个 ({each_zh or '没有够大的相连单元'})",
                f"{number} areas are asked for, the least size allows {most} ({each_en or 'no group is large enough'})",
            )
        ]
    for size in problem.sizes:
        total, (zh, en) = int(size.weight[problem.is_target].sum()), size.measure
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
                    f"{number} 个片区按上限至多容 {held:,} {zh}, 共有 {total:,} {zh}",
                    f"{number} areas hold {held:,} {en} at most, there are {total:,}",
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
            f"单个单元 {problem.load[unit]:,} ㎡, 可到达的牵头小区一次至多带入 {most[unit]:,} ㎡的单元",
            f"a single unit of {problem.load[unit]:,} m²; the anchors in reach take units of {most[unit]:,} m² at most",
        )
        for unit in np.flatnonzero(is_large).tolist()
    ]
    found += [
        _cause(
            problem,
            "behind_too_large",
            "R13",
            group,
            None,
            None,
            f"相连的 {len(group)} 个单元到牵头小区都要经过牵头小区带不下的单元",
            f"every way from {len(group)} connected units to an anchor leads through a unit too large for it",
        )
        for group in connected_pieces(problem, np.flatnonzero(alone & (most >= 0) & ~is_large))
    ]
    return found + [
        _cause(
            problem,
            "no_anchor",
            "R26",
            group,
            None,
            None,
            f"相连的 {len(group)} 个单元没有可到达的牵头小区",
            f"no anchor can be reached from {len(group)} connected units",
        )
        for group in connected_pieces(problem, np.flatnonzero(alone & (most < 0)))
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
                    f"{len(inside)} 个单元共需带入 {load:,} ㎡, {len(part.anchors)} 个牵头小区合计只有 {capacity:,} ㎡",
                    f"{len(inside)} units need {load:,} m², {len(part.anchors)} anchors have {capacity:,} m² in all",
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
                    f"{len(mine)} 个单元共 {load:,} ㎡ 只有企业 {name} 的牵头小区可到达, 该企业只能承接 {most:,} ㎡",
                    f"{len(mine)} units with {load:,} m² are in reach of anchors of the company {name} alone, "
                    f"which may take on {most:,} m²",
                )
            )
    return found


def _cause(
    problem: Problem, kind: str, rule: str, units: Sequence[int], value: int | None, limit: int | None, zh: str, en: str
) -> Cause:
    ids = tuple(sorted(str(problem.unit_ids[unit]) for unit in units))
    households = int(problem.households[list(units)].sum())
    return Cause(
        kind,
        rule,
        ids,
        households,
        value,
        limit,
        f"{zh}: {households:,} 户 ({rule})。",
        f"{en}: {households:,} households ({rule}).",
    )
