"""A transportation problem of who may lead whom, by linear programming; its duals prove what no plan is below.

Targets i and anchors j are paired where the walk (R26), the sizes (R13) and one connected group of
neighbours under one wall, heavy enough for an area, let j lead i, and one area can hold both (R31). With
x_ij the share of i that j leads,

    minimise Σ c_ij x_ij   subject to   Σ_j x_ij ≤ 1,   Σ_i a_i x_ij ≤ b_j (R13),
                                        Σ over anchors of a company a_i x_ij ≤ κ (R15),
                                        Σ h_i x_ij ≥ N where so many households are to be led.

For any prices λ of anchors, μ of companies and p of households led, all ≥ 0, every plan costs at least

    p N − Σ λ_j b_j − Σ μ κ + Σ_i min(0, min_j (c_ij − p h_i + (λ_j + μ) a_i)):

the solver's prices are used, its word on the value is not. Areas need not be connected or of any size here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from analysis.bundling.verify.statements.planned_units import SHARE, PlannedUnits

SECONDS = 120.0
"""Time the linear program has at most; what is proven then is less."""

MOST_KEPT = 256
"""Programs whose answers are kept: those of a city, one a street and a few of all."""


@dataclass(frozen=True, eq=False)
class LeaderPairs:
    """The m pairs of target and anchor that may be, with what each takes and each has room for.

    Parameters
    ----------
    unit, anchor
        (m,) positions.
    metres
        (m,) walk of each pair.
    load
        (n,) m² that each unit takes.
    room
        (n,) m² that each anchor has; 0 of others.
    company
        (n,) number of the company of each unit that is held to a limit, −1 = none.
    allowance
        (f,) m² that each such company may take on.
    """

    unit: np.ndarray
    anchor: np.ndarray
    metres: np.ndarray
    load: np.ndarray
    room: np.ndarray
    company: np.ndarray
    allowance: np.ndarray

    def select(self, inside: np.ndarray) -> LeaderPairs:
        """The pairs whose unit is among some; no company is held to anything but anchor by anchor.

        Parameters
        ----------
        inside
            (n,) bool.
        """
        chosen = inside[self.unit]
        nobody = np.full(len(self.company), -1)
        pairs = self.unit[chosen], self.anchor[chosen], self.metres[chosen]
        return LeaderPairs(*pairs, self.load, self.room, nobody, np.zeros(0))


def find_pairs(planned: PlannedUnits, *, in_whole_m2: bool) -> LeaderPairs:
    """Who may lead whom.

    Parameters
    ----------
    planned
        Units, walks and limits as arrays.
    in_whole_m2
        Whether floor areas count as planning counts them: loads up, room down to whole m². Else whatever
        passes the check may be. Walks are those of the layer, to the metre.
    """
    rules, floor = planned.context.plan.rules, planned.floor_m2
    spare, spare_m2 = (0.0, 0.0) if in_whole_m2 else (SHARE, 1e-6)
    load = np.ceil(floor) if in_whole_m2 else floor
    is_whole = in_whole_m2 or bool((floor == np.rint(floor)).all())

    def limit(m2: np.ndarray) -> np.ndarray:
        widened = m2 * (1 + spare) + spare_m2
        return np.floor(widened + 1e-9 * widened) if is_whole else widened

    names = {company: k for k, company in enumerate(planned.allowances)}
    company = np.array([names.get(own or "", -1) for own in planned.company_of], dtype=np.int64)
    allowance = limit(np.array([*planned.allowances.values()], dtype=float))
    room = np.where(planned.leads, limit(rules.capacity_ratio * floor), 0.0)
    is_held = company >= 0
    room[is_held] = np.minimum(room[is_held], allowance[company[is_held]])
    largest = np.minimum(limit(rules.unit_ratio * floor), room)
    group = planned.groups
    walks = planned.walks[planned.leads].tocoo()
    anchor, unit = np.flatnonzero(planned.leads)[walks.coords[0]], walks.coords[1]
    may = (
        planned.asks_leader[unit]
        & (group[unit] == group[anchor])
        & (group[unit] >= 0)
        & (load[unit] <= largest[anchor])
    )
    may &= walks.data <= rules.radius_m
    may[may] = planned.may_share_area(unit[may], anchor[may])
    beside = {j: planned.companions(j, surely=in_whole_m2) for j in np.unique(anchor[may]).tolist()}
    may[may] = [i in beside[j] for i, j in zip(unit[may].tolist(), anchor[may].tolist(), strict=True)]
    return LeaderPairs(unit[may], anchor[may], walks.data[may], load, room, company, allowance)


def least_cost_of_leading(
    pairs: LeaderPairs, costs: np.ndarray, households: np.ndarray, *, led_at_least: float | None = None
) -> float:
    """What no choice of leaders costs less than, proven from the prices of the linear program.

    Parameters
    ----------
    pairs
        Who may lead whom.
    costs
        (m,) cost of each pair.
    households
        (n,) households of each unit.
    led_at_least
        Households that are to be led; None = as many as pays.
    """
    if not len(costs):
        return 0.0
    led_by, of_company, led, _ = _solve(pairs, costs, households, led_at_least)
    of_anchor = pairs.company[pairs.anchor]
    per_m2 = led_by[pairs.anchor]
    if len(of_company):
        per_m2 = per_m2 + np.where(of_anchor >= 0, of_company[np.maximum(of_anchor, 0)], 0.0)
    reduced = costs - led * households[pairs.unit] + per_m2 * pairs.load[pairs.unit]
    best = np.zeros(len(households))
    np.minimum.at(best, pairs.unit, reduced)
    anchors = np.unique(pairs.anchor)
    paid = float(led_by[anchors] @ pairs.room[anchors] + of_company @ pairs.allowance)
    return led * (led_at_least or 0.0) - paid + float(best.sum())


class _SolvedPrograms:
    """Answers to the programs last solved: a plan checked again asks for most of them once more."""

    def __init__(self) -> None:
        self._kept: dict[bytes, tuple[np.ndarray, np.ndarray] | None] = {}

    def solve(self, costs: np.ndarray, matrix: csr_array, limit: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """Prices ≥ 0 of the rows and shares of the columns; None where the solver has none."""
        digest = hashlib.sha256()
        for part in (costs, matrix.data, matrix.indices, matrix.indptr, limit):
            digest.update(np.ascontiguousarray(part).tobytes() + b"|")
        key = digest.digest()
        if key not in self._kept:
            while len(self._kept) >= MOST_KEPT:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[key] = _solve_program(costs, matrix, limit)
        return self._kept[key]


_SOLVED = _SolvedPrograms()


def _solve_program(costs: np.ndarray, matrix: csr_array, limit: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """See `_SolvedPrograms.solve`."""
    options = {"time_limit": SECONDS}
    solved = linprog(  # type: ignore[call-overload]
        costs, A_ub=matrix, b_ub=limit, bounds=(0, 1), method="highs", options=options
    )
    marginals = None if solved.status else solved.ineqlin.marginals
    if marginals is None or not np.isfinite(marginals).all():
        return None
    return np.maximum(-marginals, 0.0), solved.x


def _solve(
    pairs: LeaderPairs, costs: np.ndarray, households: np.ndarray, led_at_least: float | None
) -> tuple[np.ndarray, np.ndarray, float, np.ndarray]:
    """Prices ≥ 0 of each unit's room as an anchor (n,), of companies (f,), of a household led; shares (m,)."""
    n, m = len(households), len(costs)
    load = pairs.load[pairs.unit]
    columns = np.arange(m)

    def rows(of_pair: np.ndarray, values: np.ndarray, n_rows: int) -> csr_array:
        there = of_pair >= 0
        return csr_array((values[there], (of_pair[there], columns[there])), shape=(n_rows, m))

    n_companies = len(pairs.allowance)
    company = pairs.company[pairs.anchor]
    blocks = [rows(pairs.unit, np.ones(m), n), rows(pairs.anchor, load, n), rows(company, load, n_companies)]
    limits = [np.ones(n), pairs.room, pairs.allowance]
    if led_at_least is not None:
        blocks.append(csr_array(-households[pairs.unit][None, :]))
        limits.append(np.array([-led_at_least]))
    matrix, limit = vstack(blocks).tocsr(), np.concatenate(limits)
    most = np.asarray(matrix.maximum(0).sum(axis=1)).ravel()
    binding = (most > limit) | (np.arange(len(limit)) >= 2 * n + n_companies)
    prices, shares = np.zeros(len(limit)), np.ones(m)
    if binding.any():
        found = _SOLVED.solve(costs, matrix[binding], limit[binding])
        if found is not None:
            prices[binding], shares = found
    led = float(prices[-1]) if led_at_least is not None else 0.0
    return prices[n : 2 * n], prices[2 * n : 2 * n + n_companies], led, shares


def count_led(pairs: LeaderPairs, households: np.ndarray) -> float:
    """The most households that can be led.

    Parameters
    ----------
    pairs
        Who may lead whom.
    households
        (n,) households of each unit.
    """
    return -least_cost_of_leading(pairs, -households[pairs.unit], households)


def count_led_by_choice(pairs: LeaderPairs, households: np.ndarray) -> float:
    """Households that a choice of leaders leads, each of one; what is proven of all choices is not below it.

    Parameters
    ----------
    pairs
        Who may lead whom.
    households
        (n,) households of each unit.
    """
    if not len(pairs.unit):
        return 0.0
    shares = _solve(pairs, -households[pairs.unit], households, None)[-1]
    room, allowance, led = pairs.room.copy(), pairs.allowance.copy(), np.zeros(len(households), dtype=bool)
    for k in np.lexsort((-households[pairs.unit], -np.round(shares, 6))).tolist():
        i, j, company = pairs.unit[k], pairs.anchor[k], pairs.company[pairs.anchor[k]]
        load = pairs.load[i]
        if led[i] or load > room[j] or (company >= 0 and load > allowance[company]):
            continue
        led[i] = True
        room[j] -= load
        if company >= 0:
            allowance[company] -= load
    return float(households[led].sum())
