"""Presolve: a smaller problem in which locks are fixed, so that any search keeps them."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array

from analysis.bundling.evaluation.company_allowance import company_of_anchor
from analysis.bundling.evaluation.feasibility import anchor_index, may_take, neighbours
from analysis.bundling.locks.index import IndexedLocks, PairConstraint
from analysis.bundling.locks.locks import Lock
from analysis.bundling.model.companies import Companies
from analysis.bundling.model.plan import LEFT_OVER, Plan
from analysis.bundling.model.problem import Problem


@dataclass(frozen=True, eq=False)
class PresolvedProblem:
    """A smaller problem and the way back.

    Parameters
    ----------
    whole
        The problem it was made of.
    problem
        What is left to decide. A group that must stay together is one unit of it, an anchor with
        what is locked to it an anchor with less capacity.
    groups
        For each unit of `problem` the positions in `whole` it stands for, the first its own.
    kept
        Areas of `whole` that are settled: members and anchor (−1 none).
    """

    whole: Problem
    problem: Problem
    groups: tuple[np.ndarray, ...]
    kept: tuple[tuple[np.ndarray, int], ...]

    def expand(self, plan: Plan) -> Plan:
        """The plan of the whole problem that a plan of the smaller one stands for."""
        area_of = np.full(self.whole.n_units, LEFT_OVER)
        anchor_of = [int(self.groups[a][0]) if a >= 0 else -1 for a in plan.anchor_of.tolist()]
        for unit, group in enumerate(self.groups):
            area_of[group] = plan.area_of[unit]
        for anchor in self.problem.anchors.tolist():
            group = self.groups[anchor]
            if len(group) > 1 and plan.area_of[anchor] < 0:
                area_of[group] = len(anchor_of)
                anchor_of.append(int(group[0]))
        for members, anchor in self.kept:
            area_of[members] = len(anchor_of)
            anchor_of.append(anchor)
        return Plan(area_of, np.array(anchor_of, dtype=np.int64))


def exclude_locked_out(problem: Problem, locks: Sequence[Lock]) -> Problem:
    """The problem without the units that locks keep out of every area.

    Parameters
    ----------
    problem
        The problem.
    locks
        Those of kind "out" count.
    """
    out = {unit for lock in locks if lock.kind == "out" for unit in lock.unit_ids}
    if not out:
        return problem
    gone = np.isin(problem.unit_ids.astype(str), sorted(out))
    rows = pd.DataFrame({"unit_id": problem.unit_ids[gone], "reason": "locked_out"})
    left = subset(problem, np.flatnonzero(~gone))
    table = pd.concat([problem.out_of_scope, rows], ignore_index=True)
    table.loc[table["unit_id"].isin(sorted(out)), "reason"] = "locked_out"
    return replace(left, out_of_scope=table)


def subset(problem: Problem, keep: np.ndarray) -> Problem:
    """The problem of some of its units alone.

    Parameters
    ----------
    keep
        (k,) positions, ascending.
    """
    chosen = np.isin(problem.anchors, keep)
    links = csr_array(
        (_edge_lengths(problem), problem.indices, problem.indptr), shape=(problem.n_units, problem.n_units)
    )[keep][:, keep]
    links.sort_indices()
    return replace(
        problem,
        more_weight=None if problem.more_weight is None else problem.more_weight[:, keep],
        **{
            name: getattr(problem, name)[keep]
            for name in ("unit_ids", "households", "weight", "load", "jurisdiction", "is_target", "is_settled")
        },
        indptr=links.indptr.astype(np.int64),
        indices=links.indices.astype(np.int64),
        facing_m=None if problem.facing_m is None else links.data,
        walks=csr_array(problem.walks[keep][:, keep]),
        anchors=np.searchsorted(keep, problem.anchors[chosen]),
        capacity=problem.capacity[chosen],
        grounds_m2=None if problem.grounds_m2 is None else problem.grounds_m2[keep],
        start_of=None if problem.start_of is None else problem.start_of[keep],
        asks_leader=None if problem.asks_leader is None else problem.asks_leader[keep],
        is_old=None if problem.is_old is None else problem.is_old[keep],
        preferences=None if problem.preferences is None else problem.preferences.among(keep),
        companies=None if problem.companies is None else problem.companies.among(chosen),
        largest=problem.largest[chosen],
    )


def exclude_units(problem: Problem, held: Iterable[int]) -> Problem:
    """The problem where some units, by position, are in no area: neither targets nor anchors.

    Parameters
    ----------
    problem
        The problem.
    held
        Positions of the units that are in no area.
    """
    is_out = np.zeros(problem.n_units, dtype=bool)
    is_out[list(held)] = True
    leads = ~is_out[problem.anchors]
    return replace(
        problem,
        is_target=problem.is_target & ~is_out,
        asks_leader=None if problem.asks_leader is None else problem.asks_leader & ~is_out,
        anchors=problem.anchors[leads],
        capacity=problem.capacity[leads],
        companies=None if problem.companies is None else problem.companies.among(leads),
        largest=problem.largest[leads],
    )


def _edge_lengths(problem: Problem) -> np.ndarray:
    """What each entry of the neighbours carries along: its facing length, where lengths are known."""
    if problem.facing_m is None:
        return np.ones(len(problem.indices), dtype=np.int64)
    return problem.facing_m


def presolve(problem: Problem, locks: IndexedLocks) -> PresolvedProblem:
    """Fix the locks: what is left to decide.

    Areas that are kept are taken out, with units that cannot be where they are locked to and those
    that locks no plan can meet hold out. Units
    that must be together become one, with the units of the cheapest way between them where they
    are no neighbours: a way is chosen once, so a better one may be missed. Two units to be kept
    apart may still meet (unless one of them is settled): a repair parts them afterwards.

    Parameters
    ----------
    problem
        The problem.
    locks
        On the positions of the problem.

    Returns
    -------
    Reduced; its problem's walks are rounded means where units were joined, good for the search
    only.
    """
    kept = tuple((area.members, area.anchor) for area in locks.kept)
    taken = np.zeros(problem.n_units, dtype=bool)
    for members, _ in kept:
        taken[members] = True
    taken[list(locks.held)] = True
    groups, held = _merge_sets(problem, locks, taken)
    taken[sorted(held)] = True
    for group in groups:
        taken[group[1:]] = True
    of_first = {int(group[0]): group for group in groups}
    firsts = np.flatnonzero(~taken)
    all_groups = tuple(of_first.get(int(unit), np.array([unit])) for unit in firsts)
    rest = replace(problem, companies=_remaining_companies(problem, kept, groups))
    if len(groups):
        problem_left = _contract(rest, firsts, all_groups, locks)
    else:
        problem_left = _forbid_separated(subset(rest, firsts), firsts, all_groups, locks)
    return PresolvedProblem(problem, problem_left, all_groups, kept)


def _remaining_companies(
    problem: Problem, kept: Sequence[tuple[np.ndarray, int]], groups: Sequence[np.ndarray]
) -> Companies | None:
    """What companies may take on besides areas that are kept and units locked to their anchors."""
    if problem.companies is None:
        return None
    taken = np.zeros(len(problem.companies.ids), dtype=np.int64)
    led = [(members, anchor) for members, anchor in kept if anchor >= 0]
    led += [(group, int(group[0])) for group in groups if not problem.is_target[group[0]]]
    for members, anchor in led:
        company = company_of_anchor(problem, anchor)
        if company >= 0:
            taken[company] += problem.load[members[members != anchor]].sum()
    return problem.companies.less(taken)


def _merge_sets(problem: Problem, locks: IndexedLocks, taken: np.ndarray) -> tuple[list[np.ndarray], set[int]]:
    """Units that are together (the anchor or the smallest position first), and units held out."""
    pair_constraints = [
        constraint
        for constraint in locks.pair_constraints
        if constraint.kind != "apart" and not taken[[constraint.a, constraint.b]].any()
    ]
    clusters = _clusters(problem, pair_constraints)
    busy = taken.copy()
    for cluster, leads in clusters:
        busy[[*cluster, *leads]] = True
    groups, failed = [], set[int]()
    of_lead: dict[int, list[list[int]]] = {}
    for cluster, leads in clusters:
        if len(leads) == 1:
            of_lead.setdefault(leads[0], []).append(cluster)
        elif leads:  # two anchors are never in one area
            failed |= set(cluster)
        else:
            group, apart = _free_group(problem, cluster, busy)
            failed |= apart
            groups.append(group)
            busy[group] = True
    for anchor, wanted in sorted(of_lead.items()):
        group, apart = _anchor_group(problem, anchor, wanted, busy)
        failed |= apart
        groups.append(group)
        busy[group] = True
    held = {constraint.a for constraint in pair_constraints if constraint.a in failed}
    held |= {
        constraint.b for constraint in pair_constraints if constraint.kind == "together" and constraint.b in failed
    }
    return [np.array(group) for group in groups if len(group) > 1], held


def _clusters(problem: Problem, pair_constraints: Sequence[PairConstraint]) -> list[tuple[list[int], list[int]]]:
    """Targets that must be together, each ascending, with the anchors they are locked to."""
    is_target = problem.is_target
    pairs = [(b.a, b.b if is_target[b.b] else b.a) for b in pair_constraints]
    return [
        (cluster, sorted({b.b for b in pair_constraints if b.a in cluster and not is_target[b.b]}))
        for cluster in _union_find(pairs)
    ]


def _union_find(pairs: list[tuple[int, int]]) -> list[list[int]]:
    """Sets of units joined by pairs, each ascending, by first unit."""
    root: dict[int, int] = {}

    def find(unit: int) -> int:
        while root.setdefault(unit, unit) != unit:
            unit = root[unit]
        return unit

    for a, b in pairs:
        one, other = sorted((find(a), find(b)))
        root[other] = one
    sets: dict[int, list[int]] = {}
    for unit in sorted(root):
        sets.setdefault(find(unit), []).append(unit)
    return list(sets.values())


def _anchor_group(
    problem: Problem, anchor: int, clusters: list[list[int]], busy: np.ndarray
) -> tuple[list[int], set[int]]:
    """An anchor with what is locked to it and the ways there; and those it cannot have.

    A cluster of units that must be together comes as a whole or not at all.
    """
    may = may_take(problem, anchor, np.arange(problem.n_units))
    room = int(problem.capacity[anchor_index(problem, anchor)])
    group, failed = [anchor], set[int]()
    for cluster in clusters:
        ways = _connecting_units(problem, group, cluster, may & _available(busy, cluster))
        load = int(problem.load[ways].sum())
        if not set(cluster) <= {*group, *ways} or load > room:
            failed |= set(cluster) - set(group)
            continue
        group += ways
        room -= load
    return group, failed


def _free_group(problem: Problem, cluster: list[int], busy: np.ndarray) -> tuple[list[int], set[int]]:
    """Units that stay together and the ways between them; nobody where there is no way."""
    ways = _connecting_units(problem, cluster[:1], cluster[1:], problem.is_target & _available(busy, cluster))
    group = cluster[:1] + ways
    return (group, set()) if set(cluster) <= set(group) else ([], set(cluster))


def _available(busy: np.ndarray, cluster: list[int]) -> np.ndarray:
    """(n,) bool: units that nothing else asks for, and those of the cluster itself."""
    is_open = ~busy
    is_open[cluster] = True
    return is_open


def _connecting_units(problem: Problem, start: list[int], ends: list[int], may_pass: np.ndarray) -> list[int]:
    """Units of the ways from a group to one unit after the other, as far as there are ways."""
    group = list(start)
    for end in ends:
        if end not in group:
            group += _shortest_path(problem, group, end, may_pass)
    return group[len(start) :]


def _shortest_path(problem: Problem, start: Iterable[int], end: int, may_pass: np.ndarray) -> list[int]:
    """Units of the lightest way from a group to a unit, its end included; [] without one."""
    if not may_pass[end]:
        return []
    reached = {int(unit): (0, -1) for unit in start}
    queue = [(0, unit) for unit in sorted(reached)]
    while queue:
        load, unit = heapq.heappop(queue)
        if unit == end:
            way = []
            while unit >= 0 and reached[unit][1] >= -1 and reached[unit][0] > 0:
                way.append(unit)
                unit = reached[unit][1]
            return way[::-1]
        if load > reached[unit][0]:
            continue
        for j in neighbours(problem, unit).tolist():
            farther = load + int(problem.load[j]) + 1
            if may_pass[j] and farther < reached.get(j, (np.inf, 0))[0]:
                reached[j] = (farther, unit)
                heapq.heappush(queue, (farther, j))
    return []


def _contract(problem: Problem, firsts: np.ndarray, groups: tuple[np.ndarray, ...], locks: IndexedLocks) -> Problem:
    """One unit for each group; what anchors may take in is written into the walks."""
    of = np.full(problem.n_units, -1, dtype=np.int64)
    for k, group in enumerate(groups):
        of[group] = k
    left = subset(problem, firsts)
    many = [k for k, group in enumerate(groups) if len(group) > 1]
    anchors = {int(a): j for j, a in enumerate(left.anchors)}
    summed = ["households", "weight", "load"] + ([] if problem.grounds_m2 is None else ["grounds_m2"])
    sums = {name: getattr(left, name).copy() for name in summed}
    capacity, is_settled = left.capacity.copy(), left.is_settled.copy()
    more = None if left.more_weight is None else left.more_weight.copy()
    for k in many:
        is_settled[k] = problem.is_settled[groups[k]].all()
        if k in anchors:
            capacity[anchors[k]] -= problem.load[groups[k][1:]].sum()
            continue
        for name, values in sums.items():
            values[k] = getattr(problem, name)[groups[k]].sum(axis=0)
        if more is not None and problem.more_weight is not None:
            more[:, k] = problem.more_weight[:, groups[k]].sum(axis=1)
    links = _group_adjacency(problem, of, len(groups))
    joined = replace(
        left,
        **sums,
        more_weight=more,
        capacity=capacity,
        largest=np.maximum(left.largest, capacity),
        is_settled=is_settled,
        indptr=links.indptr.astype(np.int64),
        indices=links.indices.astype(np.int64),
        facing_m=None if problem.facing_m is None else links.data,
    )
    walks = _group_walks(problem, left, groups, many)
    return _forbid_separated(replace(joined, walks=walks), firsts, groups, locks)


def _group_adjacency(problem: Problem, of: np.ndarray, count: int) -> csr_array:
    """Groups that are side by side, with the length along which they face each other in all."""
    row = of[problem.adjacency.sources]
    column = of[problem.indices]
    inside = (row >= 0) & (column >= 0) & (row != column)
    entries = _edge_lengths(problem)[inside], (row[inside], column[inside])
    links = csr_array(coo_array(entries, shape=(count, count)))  # adds up what is there twice
    links.sort_indices()
    return links


def _group_walks(problem: Problem, left: Problem, groups: tuple[np.ndarray, ...], many: list[int]) -> csr_array:
    """Walks between groups: to an anchor only where it may take in all of a group."""
    walks = left.walks.tolil()
    cap = problem.walk_cap
    for k in many:
        group = groups[k]
        if not problem.is_target[group[0]]:
            continue
        people = np.maximum(problem.households[group], 1).astype(float)
        rows = problem.walks[group].toarray().astype(float)
        rows[rows == 0] = cap
        mean = np.maximum(np.rint(people @ rows / people.sum()), 1).astype(np.int64)
        for j, other in enumerate(groups):
            if j != k:
                walks[k, j] = walks[j, k] = mean[other].mean().round().astype(np.int64)
    for anchor in left.anchors.tolist():
        one = int(groups[anchor][0])
        may = may_take(problem, one, np.arange(problem.n_units))
        for j, group in enumerate(groups):
            if j != anchor and not may[group].all() and walks[anchor, j]:
                walks[anchor, j] = walks[j, anchor] = 0
    return csr_array(walks)


def _forbid_separated(
    left: Problem, firsts: np.ndarray, groups: tuple[np.ndarray, ...], locks: IndexedLocks
) -> Problem:
    """Without the walks between an anchor and units to be kept apart from it or its group."""
    of = {int(unit): k for k, group in enumerate(groups) for unit in group}
    anchors = set(left.anchors.tolist())
    pairs = [
        (of[b.a], of[b.b])
        for b in locks.pair_constraints
        if b.kind == "apart" and b.a in of and b.b in of and {of[b.a], of[b.b]} & anchors
    ]
    if not pairs:
        return left
    walks = left.walks.tolil()
    for one, other in pairs:
        walks[one, other] = walks[other, one] = 0
    return replace(left, walks=csr_array(walks))
