"""Who leads whom inside given areas, solved exactly: most households led, then the shortest walks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from analysis.bundling.led_areas.part import leading_costs
from analysis.bundling.locks.index import NO_LOCKS, IndexedLocks
from analysis.bundling.model.problem import Problem
from analysis.bundling.solver.models.mip import MipModel

MAX_NODES = 200
"""Nodes of branch and bound; inside areas hardly any is needed, and no clock may decide who leads."""

LARGE, LARGE_GAP = 4000, 1e-4
"""Pairs that companies couple, above which a relative gap is left: whole regions, where a proof takes minutes."""


@dataclass(frozen=True, eq=False)
class LeadingPairs:
    """Who may lead whom.

    Parameters
    ----------
    unit
        (p,) positions of who is led.
    anchor
        (p,) numbers of anchors in `Problem.anchors`.
    cost
        (p,) int64 household-metres.
    """

    unit: np.ndarray
    anchor: np.ndarray
    cost: np.ndarray

    def select(self, keep: np.ndarray) -> LeadingPairs:
        """Some of them, by a (p,) bool."""
        return LeadingPairs(self.unit[keep], self.anchor[keep], self.cost[keep])


def find_pairs(problem: Problem, group_of: np.ndarray, locks: IndexedLocks = NO_LOCKS) -> LeadingPairs:
    """Targets with the anchors of their group that may lead them (R13, R26), by group, anchor and unit.

    Parameters
    ----------
    problem
        Of mode "area".
    group_of
        (n,) int: area or component of each unit, −1 = none.
    locks
        What is settled of who leads whom.
    """
    order = np.argsort(group_of, kind="stable")
    order = order[group_of[order] >= 0]
    starts = np.flatnonzero(np.diff(group_of[order], prepend=-2))
    found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    number = np.full(problem.n_units, -1, dtype=np.int64)
    number[problem.anchors] = np.arange(len(problem.anchors))
    for units in np.split(order, starts[1:]) if len(order) else []:
        anchors = number[units][number[units] >= 0]
        if not len(anchors):
            continue
        cost = leading_costs(problem, anchors, units, locks)
        row, column = np.nonzero(cost >= 0)
        found.append((units[column], anchors[row], cost[row, column]))
    joined = [np.concatenate(parts) for parts in zip(*found, strict=True)] if found else [np.zeros(0, np.int64)] * 3
    return LeadingPairs(*(np.asarray(part, dtype=np.int64) for part in joined))


def assign_leaders(problem: Problem, area_of: np.ndarray, locks: IndexedLocks = NO_LOCKS) -> np.ndarray:
    """Leaders inside areas within R13, R15 and R26.

    Two mixed-integer models, one after the other: households led, then what walking costs with no
    fewer led (both over all areas at once, for R15 couples them).

    Parameters
    ----------
    problem
        Of mode "area".
    area_of
        (n,) int: area of each unit, −1 = none.
    locks
        What is settled.

    Returns
    -------
    (n,) int64 position of the leader of each unit, −1 = none.
    """
    leader_of = np.full(problem.n_units, -1, dtype=np.int64)
    pairs = find_pairs(problem, area_of, locks)
    if not len(pairs.unit):
        return leader_of
    is_locked = np.isin(pairs.unit, [unit for unit, _ in locks.led_by])
    weight = problem.households[pairs.unit] + is_locked * float(problem.households.sum())  # locks come first
    rows, most = _binding_rows(problem, pairs)
    chosen = np.zeros(len(pairs.unit), dtype=bool)
    for part in _independent(rows):
        kept = rows[:, part]
        touched = np.diff(kept.indptr) > 0
        chosen[part] = _lead_most(weight[part], pairs.cost[part].astype(float), kept[touched], most[touched])
    leader_of[pairs.unit[chosen]] = problem.anchors[pairs.anchor[chosen]]
    return leader_of


def _binding_rows(problem: Problem, pairs: LeadingPairs) -> tuple[csr_array, np.ndarray]:
    """The rows of `leading_rows` that all their units together could exceed: no other ever binds."""
    rows, most = leading_rows(problem, pairs)
    row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    once = np.unique(np.column_stack([row, pairs.unit[rows.indices]]), axis=0, return_index=True)[1]
    could = np.bincount(row[once], rows.data[once], rows.shape[0])
    several = np.diff(rows.indptr) > np.bincount(row[once], minlength=rows.shape[0])  # one leader a unit
    binds = (could > most) | (several & (most == 1.0))
    return rows[binds], most[binds]


def _independent(rows: csr_array) -> list[np.ndarray]:
    """Positions of the pairs of each group that shares no row with another, in order of their first pair."""
    n = rows.shape[1]
    label = connected_components(csr_array(rows.T @ rows), directed=False)[1]
    order = np.argsort(label, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(label[order])) + 1) if n else []


def _lead_most(weight: np.ndarray, cost: np.ndarray, rows: csr_array, most: np.ndarray) -> np.ndarray:
    """(p,) bool: pairs chosen so that the weight led is largest and then the cost least.

    Without a row everybody is led. Proven but for `LARGE_GAP` where there are very many pairs.
    """
    if not rows.shape[0]:
        return np.ones(len(weight), dtype=bool)
    gap = LARGE_GAP if len(weight) > LARGE else 0.0
    first = _solve(-weight, rows, most, gap)
    if first is None:
        return np.zeros(len(weight), dtype=bool)
    total = csr_array(weight[None, :])
    bound = float(weight @ first)
    second = _solve(cost, rows, most, gap, least=(total, bound), start=first)
    return np.asarray((first if second is None else second) > 0.5)


def _solve(
    cost: np.ndarray,
    rows: csr_array,
    most: np.ndarray,
    gap: float,
    *,
    least: tuple[csr_array, float] | None = None,
    start: np.ndarray | None = None,
) -> np.ndarray | None:
    """(p,) 0 or 1 for each pair at the least cost, with at least so much led in all; None = none found."""
    n = len(cost)
    model = MipModel(cost, np.ones(n), np.ones(n, dtype=bool), mip_rel_gap=gap)
    model.add_matrix(rows, np.full(len(most), -np.inf), most)
    if least is not None:
        model.add_matrix(least[0], np.array([least[1]]), np.array([np.inf]))
    found = model.solve(start=start, nodes=MAX_NODES).values
    return None if found is None else np.rint(found)


def leading_rows(problem: Problem, pairs: LeadingPairs) -> tuple[csr_array, np.ndarray]:
    """Rows of an assignment of leaders and the most of each: one leader a unit, capacities, companies.

    Parameters
    ----------
    problem
        With capacities (R13) and companies (R15).
    pairs
        The columns.

    Returns
    -------
    (r, p) coefficients, and (r,) the most of each row: (u,) units that have a pair, (m,) anchors, (c,)
    companies where there are any.
    """
    n = len(pairs.unit)
    columns = np.arange(n)
    units, row = np.unique(pairs.unit, return_inverse=True)
    load = problem.load[pairs.unit].astype(float)
    blocks = [(np.ones(n), row, columns), (load, len(units) + pairs.anchor, columns)]
    most = [np.ones(len(units)), problem.capacity.astype(float)]
    if problem.companies is not None:
        company = problem.companies.of_anchor[pairs.anchor]
        is_held = company >= 0
        first = len(units) + len(problem.anchors)
        blocks.append((load[is_held], first + company[is_held], columns[is_held]))
        most.append(problem.companies.allowance.astype(float))
    value, row, column = (np.concatenate(part) for part in zip(*blocks, strict=True))
    limits = np.concatenate(most)
    return csr_array(coo_array((value, (row, column)), shape=(len(limits), n))), limits
