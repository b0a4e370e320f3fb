"""Reassignment of a few units to areas: a mixed-integer programme with lazy connectivity cuts (separators)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np

from analysis.bundling.evaluation.company_allowance import company_of_anchor
from analysis.bundling.evaluation.feasibility import find_connected_pieces, main_piece, neighbours
from analysis.bundling.evaluation.objective_values import cut_edge_costs_m
from analysis.bundling.evaluation.score import walk_matrix
from analysis.bundling.locks.index import PairConstraint
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.sizes import Size
from analysis.bundling.solver.base.work_log import ENDLESS, ClockLimit, TimeLimit
from analysis.bundling.solver.models.mip import INFINITY, LinearRow, MipModel

ReassignmentGoal = Literal["moves", "left_over", "metres", "cost"]
UNASSIGNED = -1


@dataclass(frozen=True, eq=False)
class AreaSlot:
    """A place units may go to: an area that is there, or one that may come to be.

    Parameters
    ----------
    anchor
        Position of its anchor, −1 = the area has none.
    fixed
        Positions of the units that are in it whatever is decided; the anchor among them.
    """

    anchor: int
    fixed: np.ndarray


@dataclass(frozen=True, eq=False)
class ReassignmentTask:
    """What must be decided about a few units.

    Parameters
    ----------
    problem
        What the positions refer to, and the rules.
    free
        (f,) positions of the targets to be placed.
    slots
        The s places.
    may
        (f, s) bool: whether a unit may go to a place at all.
    home
        (f,) int: place of each unit now, −1 = left over: what a move is counted from.
    pair_constraints
        Locks between units. As many units as possible are joined to where they are locked.
    allowance
        (c,) int, m² that the anchors of each company may take in in these places, what is fixed
        there included (R15); None = they are held to nothing.
    """

    problem: Problem
    free: np.ndarray
    slots: tuple[AreaSlot, ...]
    may: np.ndarray
    home: np.ndarray
    pair_constraints: tuple[PairConstraint, ...] = ()
    allowance: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Reassignment:
    """Where the units go.

    Parameters
    ----------
    place
        (f,) int: slot of each free unit, −1 = left over.
    is_proven
        No answer is better; False where a limit ended the work early.
    """

    place: np.ndarray
    is_proven: bool


@dataclass(frozen=True)
class SolveLimits:
    """When to be content with what was found.

    Parameters
    ----------
    nodes
        Of branch and bound, each time a programme is solved: the same on every machine.
    cut_rounds
        Times a programme is solved again because an area came apart, for each aim.
    seconds
        For all of it; answers are the same on every machine as long as it is not reached.
    has_time
        Instead of the seconds; None = these, once the work begins.
    """

    nodes: int = 4000
    cut_rounds: int = 80
    seconds: float = 1.0
    has_time: TimeLimit | None = None

    def begin(self) -> SolveLimits:
        """The same, with the clock running."""
        if self.has_time is not None:
            return self
        return replace(self, has_time=ENDLESS if self.seconds == float("inf") else ClockLimit(self.seconds))


def reassign(
    task: ReassignmentTask,
    *,
    aims: Sequence[ReassignmentGoal] = ("moves", "left_over", "cost"),
    effort: SolveLimits | None = None,
) -> Reassignment | None:
    """The best places of the free units; None where there are none, or none was found in time.

    Areas are connected over their members, keep capacity ("R13") or all bounds ("R31"), companies what
    they may take on ("R15"), and units go where `task.may` lets them.

    Parameters
    ----------
    task
        The units that are free, and where each may go.
    aims
        After the locks, each as far as those before it allow: units moved from home, households left over, and
        household-metres ("metres"), or these with what the problem's objectives ask for each area and for
        neighbours that are parted ("cost").
    effort
        Limits of the search; None = the default ones.

    Parameters
    ----------
    task
        The free units, the areas, and what binds them.
    aims
        In their order.
    effort
        Limits of time; none when None.

    Notes
    -----
    Connection is not in the programme from the start. Whenever a solution has a piece C of an area
    apart from the rest, it is asked that a unit of C is there only if a unit around C is, too (a,b
    separators; Oehrlein & Haunert 2017), and the programme is solved again.
    """
    programme = _ReassignmentModel(task, effort or SolveLimits())
    best: np.ndarray | None = None
    for aim in ("locks", *aims):
        found = programme.minimise(aim)
        best = best if found is None else found
        if found is None or not programme.is_proven:
            programme.is_proven = False
            break
    if best is None:
        return None
    return Reassignment(best, programme.is_proven)


class _ReassignmentModel:
    """The integer programme of a task, solved for one aim after the other."""

    def __init__(self, task: ReassignmentTask, effort: SolveLimits) -> None:
        self.task, self.effort = task, effort
        self.has_time = effort.begin().has_time or ENDLESS
        self.is_proven = True
        self.local = {int(unit): i for i, unit in enumerate(task.free)}
        pairs, empty = np.argwhere(task.may), [s.anchor < 0 and not len(s.fixed) for s in task.slots]
        locks = sorted({c.number for c in task.pair_constraints if c.kind == "joined"})
        n_columns = len(pairs) + sum(empty) + len(locks)
        self.model = MipModel(
            np.zeros(n_columns),
            np.ones(n_columns),
            np.ones(n_columns, dtype=bool),
            mip_abs_gap=0.5,
            mip_feasibility_tolerance=1e-9,
        )
        self.x = np.full(task.may.shape, -1, dtype=np.int64)
        self.x[pairs[:, 0], pairs[:, 1]] = np.arange(len(pairs))
        self.opened = np.where(empty, len(pairs) + np.cumsum(empty) - 1, -1)
        self.unmet = {number: n_columns - len(locks) + k for k, number in enumerate(locks)}
        self._add_place_rows()
        self._add_size_rows()
        self._add_company_rows()
        self._add_pair_rows()
        self._order_empty_slots()

    def minimise(self, aim: str) -> np.ndarray | None:
        """Places with the least of an aim, which is then held; None where none is found."""
        columns, costs = self._costs(aim)
        self.model.set_cost(columns, costs)
        if not (self.x >= 0).any():
            return np.full(len(self.task.free), UNASSIGNED)
        effort = self.effort
        found = self.model.solve_lazily(self._cut, has_time=self.has_time, nodes=effort.nodes, rounds=effort.cut_rounds)
        self.is_proven &= found.is_proven
        if found.values is None:
            return None
        if len(columns) and aim not in ("metres", "cost"):  # those come last
            self._row(-INFINITY, float(np.rint(found.values[columns]) @ costs) + 0.5, columns, costs)
        return self._places(found.values)

    # --- the rows --------------------------------------------------------------------------------

    def _add_place_rows(self) -> None:
        for i in range(len(self.task.free)):
            columns = self.x[i][self.x[i] >= 0]
            self._row(-INFINITY, 1, columns, np.ones(len(columns)))

    def _add_size_rows(self) -> None:
        task, problem = self.task, self.task.problem
        for s, slot in enumerate(task.slots):
            inside = np.flatnonzero(self.x[:, s] >= 0)
            columns, units = self.x[inside, s], task.free[inside]
            if slot.anchor >= 0:
                k = int(np.searchsorted(problem.anchors, slot.anchor))
                taken = problem.load[slot.fixed].sum() - problem.load[slot.anchor]
                room = float(problem.capacity[k] - taken)
                self._row(-INFINITY, room, columns, problem.load[units])
                continue
            opened = self.opened[s]
            for size in problem.sizes:
                self._add_bound_rows(size, slot, columns, units, opened)
            for column in columns if opened >= 0 else ():
                self._row(-INFINITY, 0, np.array([column, opened]), np.array([1, -1]))

    def _add_bound_rows(self, size: Size, slot: AreaSlot, columns: np.ndarray, units: np.ndarray, opened: int) -> None:
        """A place without an anchor keeps the bounds of one weight (R31) where it is an area."""
        there, weights = float(size.weight[slot.fixed].sum()), size.weight[units]
        lower, upper = size.lower, np.inf if size.upper is None else size.upper
        if opened < 0:
            most = INFINITY if size.upper is None else upper - there
            self._row(lower - there, most, columns, weights)
            return
        both = np.append(columns, opened)
        self._row(0, INFINITY, both, np.append(weights, -lower))
        if size.upper is not None:
            self._row(-INFINITY, 0, both, np.append(weights, -upper))

    def _add_company_rows(self) -> None:
        """No company takes in more than it may, over all its anchors among the places (R15)."""
        task, problem = self.task, self.task.problem
        if task.allowance is None:
            return
        of_slot = np.array([company_of_anchor(problem, slot.anchor) for slot in task.slots])
        for company in np.unique(of_slot[of_slot >= 0]).tolist():
            mine = np.flatnonzero(of_slot == company)
            there = sum(int(problem.load[task.slots[s].fixed].sum() - problem.load[task.slots[s].anchor]) for s in mine)
            i, s = np.nonzero(self.x[:, mine] >= 0)
            room = float(task.allowance[company] - there)
            columns = self.x[i, mine[s]]
            self._row(-INFINITY, room, columns, problem.load[task.free[i]])

    def _add_pair_rows(self) -> None:
        for constraint in self.task.pair_constraints:
            here = range(len(self.task.slots))
            pairs = [(self._presence(constraint.a, s), self._presence(constraint.b, s)) for s in here]
            for a, b in pairs:
                if constraint.kind == "apart":
                    self._relation([(a, 1), (b, 1)], 1)
                    continue
                self._relation([(a, 1), (b, -1)], 0)
                if constraint.kind == "together":
                    self._relation([(b, 1), (a, -1)], 0)
            if constraint.kind == "joined":
                self._relation([(a, -1) for a, _ in pairs], -1, self.unmet[constraint.number])

    def _presence(self, unit: int, s: int) -> tuple[int, int]:
        """How a unit shows in a slot: (its column, 0), or (−1, whether it is always there)."""
        i = self.local.get(unit)
        if i is None:
            return -1, int(unit in self.task.slots[s].fixed)
        return int(self.x[i, s]), 0

    def _relation(self, terms: list[tuple[tuple[int, int], int]], most: int, unmet: int | None = None) -> None:
        """Σ sign × presence ≤ most; one more where the lock is given up."""
        constant = sum(sign * always for (_, always), sign in terms)
        columns = [(column, sign) for (column, _), sign in terms if column >= 0]
        columns += [(unmet, -1)] if unmet is not None else []
        if not columns:
            return
        names, signs = zip(*columns, strict=True)
        self._row(-INFINITY, most - constant, np.array(names), np.array(signs))

    def _order_empty_slots(self) -> None:
        """Of places that are all alike the first ones are used first."""
        alike = [s for s, column in enumerate(self.opened) if column >= 0]
        for s, later in pairwise(alike):
            if not (self.task.home == s).any() and not (self.task.home == later).any():
                pair = np.array([self.opened[later], self.opened[s]])
                self._row(-INFINITY, 0, pair, np.array([1, -1]))

    # --- the aims --------------------------------------------------------------------------------

    def _costs(self, aim: str) -> tuple[np.ndarray, np.ndarray]:
        """Columns and costs of an aim, constants left out."""
        task = self.task
        if aim == "locks":
            columns = np.array(sorted(self.unmet.values()), dtype=np.int64)
            return columns, np.ones(len(columns))
        if aim == "metres":
            return self._metres_costs()
        if aim == "cost":
            parts = self._metres_costs(), self._area_costs(), self._outline_costs()
            columns, costs = (np.concatenate(of) for of in zip(*parts, strict=True))
            columns, which = np.unique(columns, return_inverse=True)
            return columns, np.bincount(which, weights=costs, minlength=len(columns))
        pairs = np.argwhere(self.x >= 0)
        i, s = pairs[:, 0], pairs[:, 1]
        columns = self.x[i, s]
        if aim == "left_over":
            return columns, -task.problem.households[task.free[i]].astype(float)
        away = np.where(task.home[i] < 0, 1.0, np.where(task.home[i] == s, -1.0, 0.0))
        return columns, away

    def _metres_costs(self) -> tuple[np.ndarray, np.ndarray]:
        """Walks to anchors as they are; for an area without one a column as long as its medoid's.

        For each member h that may be the medoid: θ ≥ Σ households × metres to h − (all of it) ×
        (1 − y_h), one y_h = 1, and y_h only where h is a member.
        """
        problem, task = self.task.problem, self.task
        columns: list[int] = []
        costs: list[float] = []
        for s, slot in enumerate(task.slots):
            inside = np.flatnonzero(self.x[:, s] >= 0)
            units = task.free[inside]
            if slot.anchor >= 0:
                metres = walk_matrix(problem, np.array([slot.anchor]), units)[0]
                columns += self.x[inside, s].tolist()
                costs += (metres * problem.households[units]).astype(float).tolist()
            elif len(inside):
                columns.append(self._medoid_column(s, inside))
                costs.append(1.0)
        return np.array(columns, dtype=np.int64), np.array(costs)

    def _area_costs(self) -> tuple[np.ndarray, np.ndarray]:
        """The price of each area that units may begin, or leave without one; others are there anyway."""
        price = self.task.problem.objective.area_m
        columns = []
        for s, slot in enumerate(self.task.slots if price else ()):
            inside = self.x[:, s][self.x[:, s] >= 0]
            if self.opened[s] >= 0:
                columns.append(self.opened[s])
            elif slot.anchor >= 0 and len(slot.fixed) == 1 and len(inside):
                used = self.model.add_column()
                for column in inside:
                    self._row(-INFINITY, 0, np.array([column, used]), np.array([1, -1]))
                columns.append(used)
        return np.array(columns, dtype=np.int64), np.full(len(columns), float(price))

    def _outline_costs(self) -> tuple[np.ndarray, np.ndarray]:
        """What is saved by neighbours that share a place, where short outlines are asked for."""
        problem, task = self.task.problem, self.task
        prices = cut_edge_costs_m(problem)
        saved: dict[int, float] = {}
        for unit in task.free.tolist() if prices.any() else ():
            for at in range(problem.indptr[unit], problem.indptr[unit + 1]):
                other, price = int(problem.indices[at]), float(prices[at])
                if other in self.local and other < unit:  # told by the other of the two
                    continue
                for s in range(len(task.slots)):
                    (a, _), (b, is_fixed) = self._presence(unit, s), self._presence(other, s)
                    if a >= 0 and (b >= 0 or is_fixed):
                        both = a if is_fixed else self._both(a, b)
                        saved[both] = saved.get(both, 0.0) - price
        return np.array(list(saved), dtype=np.int64), np.array(list(saved.values()))

    def _both(self, a: int, b: int) -> int:
        """A column that is 1 only where both of two are; what it saves drives it there."""
        both = self.model.add_column(is_whole=False)
        for one in (a, b):
            self._row(-INFINITY, 0, np.array([both, one]), np.array([1, -1]))
        return both

    def _medoid_column(self, s: int, inside: np.ndarray) -> int:
        task, problem = self.task, self.task.problem
        slot, units = task.slots[s], task.free[inside]
        hubs = np.concatenate([slot.fixed, units]).astype(np.int64)
        metres = walk_matrix(problem, hubs, hubs) * problem.households[hubs]
        theta = self.model.add_column(INFINITY, is_whole=False)
        picks = []
        n_fixed = len(slot.fixed)
        for h in range(len(hubs)):
            pick = self.model.add_column()
            picks.append(pick)
            most = float(metres[h].sum())
            there = float(metres[h, :n_fixed].sum())
            names = np.concatenate([[theta, pick], self.x[inside, s]])
            self._row(there - most, INFINITY, names, np.concatenate([[1.0, -most], -metres[h, n_fixed:]]))
            if h >= n_fixed:
                pair = np.array([pick, self.x[inside[h - n_fixed], s]])
                self._row(-INFINITY, 0, pair, np.array([1, -1]))
        opened = self.opened[s]
        names, one = np.array(picks), np.ones(len(picks))
        if opened < 0:
            self._row(1, 1, names, one)
        else:
            self._row(0, 0, np.append(names, opened), np.append(one, -1))
        return theta

    # --- solving ---------------------------------------------------------------------------------

    def _places(self, values: np.ndarray) -> np.ndarray:
        chosen = np.where(self.x >= 0, values[np.maximum(self.x, 0)], 0.0) > 0.5
        return np.where(chosen.any(axis=1), chosen.argmax(axis=1), UNASSIGNED)

    def _cut(self, values: np.ndarray) -> bool:
        """Add cuts against every piece that is apart from its area; whether there is any."""
        place, is_cut = self._places(values), False
        for s, slot in enumerate(self.task.slots):
            members = np.concatenate([slot.fixed, self.task.free[place == s]]).astype(np.int64)
            found = find_connected_pieces(self.task.problem, members)
            if len(found) > 1:
                self._cut_area(s, found)
                is_cut = True
        return is_cut

    def _cut_area(self, s: int, found: list[list[int]]) -> None:
        slot, weight = self.task.slots[s], self.task.problem.weight
        fixed = set(slot.fixed.tolist())
        held = next((piece for piece in found if fixed & set(piece)), None)
        root = main_piece(self.task.problem, found, slot.anchor)
        root = root if slot.anchor in root or held is None else held
        chief = next((u for u in root if u in fixed), max(root, key=lambda u: (weight[u], -u)))
        for piece in (p for p in found if p is not root):
            around = self._around(piece, s)
            for unit in [next(u for u in piece if u in fixed)] if fixed & set(piece) else piece:
                ends = [self._presence(end, s) for end in (unit, chief)]
                terms = [(column, 1.0) for column, _ in ends if column >= 0]
                n_always = sum(always for _, always in ends)
                terms += [(column, -1.0) for column in around]
                names, signs = zip(*terms, strict=True) if terms else ((), ())
                self._row(-INFINITY, 1 - n_always, np.array(names, dtype=np.int64), np.array(signs))

    def _around(self, piece: list[int], s: int) -> list[int]:
        """Columns of the units around a piece that may come to the slot."""
        problem, inside = self.task.problem, set(piece)
        around = {
            int(j) for unit in piece for j in neighbours(problem, unit) if int(j) not in inside and int(j) in self.local
        }
        columns = [int(self.x[self.local[unit], s]) for unit in sorted(around)]
        return [column for column in columns if column >= 0]

    def _row(self, lower: float, upper: float, columns: np.ndarray, values: np.ndarray) -> None:
        self.model.add([LinearRow(columns, values, lower, upper)])
