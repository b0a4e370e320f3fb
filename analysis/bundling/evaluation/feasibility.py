"""The rules a plan breaks, found from the problem alone: at once, while a planner edits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from analysis.bundling.evaluation.company_allowance import company_of_anchor, floor_area_taken
from analysis.bundling.evaluation.objective_values import group_led
from analysis.bundling.evaluation.score import medoid
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem


@dataclass(frozen=True)
class Fault:
    """One rule that one area breaks.

    Parameters
    ----------
    rule
        Rule id (docs/site/en/policy.md), or "mode".
    area
        Number of the area in the plan.
    units
        Positions of the units to blame, ascending.
    value, limit
        The measured value and the limit it breaks; None where nothing is measured.
    size
        The weight measured (`sizes.MEASURES`), with R31 only.
    """

    rule: str
    area: int
    units: tuple[int, ...]
    value: float | None = None
    limit: float | None = None
    size: str | None = None

    @property
    def rule_id(self) -> str:
        """The rule as readers know it: how far members may be from the middle of an area is part of R26."""
        return "R26" if self.rule == "reach" else self.rule


def plan_faults(problem: Problem, plan: Plan) -> tuple[Fault, ...]:
    """Every rule that every area breaks, area after area; empty for a sound plan.

    Unlike `verify` this trusts the problem's graph and walks, so that it takes milliseconds.

    Parameters
    ----------
    problem, plan
        The plan's `area_of` has one entry for each unit of the problem.
    """
    of_areas = [fault for area in range(plan.n_areas) for fault in area_faults(problem, plan, area)]
    return (*of_areas, *_company_faults(problem, plan))


def area_faults(problem: Problem, plan: Plan, area: int) -> tuple[Fault, ...]:
    """Every rule that one area breaks by itself; R15 is a matter of all areas of a company.

    An area whose anchor may not lead is told so (R10) and held to no other rule; one without a
    unit breaks none.

    Parameters
    ----------
    problem
        The problem.
    plan
        A plan of the problem.
    area
        Number of an area of the plan.
    """
    members, anchor = plan.members(area), int(plan.anchor_of[area])
    mode = problem.rules.mode
    if not len(members):
        return ()
    if mode == "area":
        return _faults_with_leaders(problem, plan, area, members)
    if mode == ("whole" if anchor >= 0 else "lead"):
        return (Fault("mode", area, _as_positions(members)),)
    if anchor >= 0 and anchor not in problem.anchors:
        return (Fault("R10", area, (anchor,)),)
    taken = members[members != anchor]
    found = [
        *_fault("R01", area, taken[~problem.is_target[taken]]),
        *_connection_faults(problem, area, members, anchor),
    ]
    judge = _lead_faults if anchor >= 0 else _whole_faults
    return (*found, *judge(problem, area, taken, anchor))


def find_connected_pieces(problem: Problem, members: Iterable[int]) -> list[list[int]]:
    """Connected pieces of some units, over these units alone; each ascending, by first unit.

    Parameters
    ----------
    problem
        The problem.
    members
        (k,) positions of units.
    """
    return problem.adjacency.pieces(members)


def main_piece(problem: Problem, found: list[list[int]], anchor: int) -> list[int]:
    """The anchor's piece of an area, else the heaviest one; the first of equals.

    Parameters
    ----------
    problem
        The problem.
    found
        Connected pieces of the area.
    anchor
        Position of its anchor, −1 = none.
    """
    led = next((piece for piece in found if anchor in piece), None)
    return led or max(found, key=lambda piece: (problem.weight[piece].sum(), -piece[0]))


def neighbours(problem: Problem, unit: int) -> np.ndarray:
    """Positions of the units next to one, ascending.

    Parameters
    ----------
    problem
        The problem.
    unit
        Position of a unit.
    """
    return problem.adjacency.row(unit)


def anchor_index(problem: Problem, anchor: int) -> int:
    """Place of an anchor in `problem.anchors`.

    Parameters
    ----------
    problem
        The problem.
    anchor
        Its position among the units.
    """
    return int(np.searchsorted(problem.anchors, anchor))


def remaining_capacity(problem: Problem, plan: Plan, area: int) -> int:
    """m² an anchored area may still take in; negative when it took in too much.

    Parameters
    ----------
    problem
        The problem.
    plan
        A plan of the problem.
    area
        Number of an area of the plan.
    """
    anchor = int(plan.anchor_of[area])
    members = plan.members(area)
    taken = problem.load[members].sum() - problem.load[anchor]
    return int(problem.capacity[anchor_index(problem, anchor)] - taken)


def walks_from(problem: Problem, unit: int, others: np.ndarray) -> np.ndarray:
    """(k,) metres from one unit to others; 0 where it is beyond the limit, and to itself.

    Parameters
    ----------
    problem
        The problem.
    unit
        Position of a unit.
    others
        (k,) positions.
    """
    walks, row = problem.walks, np.zeros(problem.n_units, dtype=np.int64)
    stretch = slice(walks.indptr[unit], walks.indptr[unit + 1])
    row[walks.indices[stretch]] = walks.data[stretch]
    return row[others]


def may_take(problem: Problem, anchor: int, units: np.ndarray) -> np.ndarray:
    """(k,) bool: units an anchor may take in as far as walk and size go (R01, R13, R26).

    Parameters
    ----------
    problem
        The problem.
    anchor
        Position of an anchor among the units.
    units
        (k,) positions of units.
    """
    k = anchor_index(problem, anchor)
    walk = walks_from(problem, anchor, units)
    largest = min(problem.largest[k], problem.capacity[k])
    within = (walk > 0) & (walk <= problem.rules.radius_m)
    return np.asarray(within & (problem.load[units] <= largest) & problem.is_target[units])


def find_leader_obstacles(problem: Problem, unit: int, anchor: int) -> tuple[str, ...]:
    """Rules that keep an anchor from ever leading a unit, whatever else it leads, mode "area".

    The unit asks for no leader (R01), the anchor may not lead (R10), a wall parts them (R20), the walk is too
    long (R26), or the unit too large (R13).

    Parameters
    ----------
    problem
        The problem.
    unit, anchor
        Positions.
    """
    asks = problem.asks_leader is not None and bool(problem.asks_leader[unit])
    found = [] if asks else ["R01"]
    if anchor not in problem.anchors:
        return (*found, "R10")
    if problem.jurisdiction[unit] != problem.jurisdiction[anchor]:
        found.append("R20")
    walk, k = int(walks_from(problem, anchor, np.array([unit]))[0]), anchor_index(problem, anchor)
    if walk == 0 or walk > problem.rules.radius_m:
        found.append("R26")
    if problem.load[unit] > min(problem.largest[k], problem.capacity[k]):
        found.append("R13")
    return tuple(found)


def max_areas_of(problem: Problem, units: np.ndarray) -> int:
    """Areas without an anchor that some units are heavy enough for, whatever lies between them.

    Parameters
    ----------
    problem
        The problem.
    units
        (k,) positions of units.
    """
    return min(int(size.weight[units].sum()) // max(size.lower, 1) for size in problem.sizes)


def _connection_faults(problem: Problem, area: int, members: np.ndarray, anchor: int) -> tuple[Fault, ...]:
    walls = problem.jurisdiction[members]
    if len(np.unique(walls)) > 1:
        home = walls[np.searchsorted(members, anchor)] if anchor in members else _most_common(walls)
        return _fault("R20", area, members[walls != home], len(np.unique(walls)), 1)
    found = find_connected_pieces(problem, members)
    if len(found) < 2:
        return ()
    cut_off = np.setdiff1d(members, main_piece(problem, found, anchor))
    return _fault("R22", area, cut_off, len(found), 1)


def _lead_faults(problem: Problem, area: int, taken: np.ndarray, anchor: int) -> tuple[Fault, ...]:
    k = anchor_index(problem, anchor)
    load = problem.load[taken]
    walk = walks_from(problem, anchor, taken)
    far = (walk == 0) | (walk > problem.rules.radius_m)
    large = load > problem.largest[k]
    found = [
        *_fault("R26", area, taken[far], _longest_walk(problem, walk[far]), problem.rules.radius_m),
        *_fault("R13", area, taken[large], load.max(initial=0), problem.largest[k]),
    ]
    if load.sum() > problem.capacity[k]:
        found.append(Fault("R13", area, _as_positions(taken), float(load.sum()), float(problem.capacity[k])))
    return tuple(found)


def _whole_faults(problem: Problem, area: int, taken: np.ndarray, _: int) -> tuple[Fault, ...]:
    found = []
    for size in problem.sizes:
        total = int(size.weight[taken].sum())
        limit = size.limit_broken(total)
        if limit is not None:
            found.append(Fault("R31", area, _as_positions(taken), float(total), float(limit), size.name))
    return tuple(found)


def _faults_with_leaders(problem: Problem, plan: Plan, area: int, members: np.ndarray) -> tuple[Fault, ...]:
    """Every rule that an area with leaders inside breaks."""
    unasked = members if not problem.is_target[members].any() else members[:0]
    found = [*_fault("R01", area, unasked), *_connection_faults(problem, area, members, -1)]
    for size in problem.sizes:
        total, bounded = int(size.weight[members].sum()), size.total_bounded(members)
        if total < size.lower:
            found.append(Fault("R31", area, _as_positions(members), float(total), float(size.lower), size.name))
        elif size.upper is not None and bounded > size.upper:
            found.append(Fault("R31", area, _as_positions(members), float(bounded), float(size.upper), size.name))
    by_anchor = group_led(plan, area)
    is_led = np.zeros(problem.n_units, dtype=bool)
    for taken in by_anchor.values():
        is_led[taken] = True
    rest = members[~is_led[members]]
    centre = medoid(problem, members)
    walk = np.where(rest == centre, 1, walks_from(problem, centre, rest))
    far = (walk == 0) | (walk > problem.rules.reach_m)
    found += _fault("reach", area, rest[far], _longest_walk(problem, walk[far]), problem.rules.reach_m)
    asks = np.zeros(problem.n_units, dtype=bool) if problem.asks_leader is None else problem.asks_leader
    for anchor, taken in by_anchor.items():
        if anchor not in problem.anchors:
            found.append(Fault("R10", area, (anchor,)))
        elif plan.area_of[anchor] != area or (plan.leader_of is not None and plan.leader_of[anchor] >= 0):
            found.append(Fault("R13", area, (anchor,)))
        else:
            found += [*_fault("R01", area, taken[~asks[taken]]), *_lead_faults(problem, area, taken, anchor)]
    return tuple(found)


def _company_faults(problem: Problem, plan: Plan) -> tuple[Fault, ...]:
    """R15: one fault for each area of a company that takes on too much, with the company's numbers."""
    companies, taken = problem.companies, floor_area_taken(problem, plan)
    if companies is None:
        return ()
    found: list[Fault] = []
    for area in range(plan.n_areas):
        for anchor, led in group_led(plan, area).items():
            k = company_of_anchor(problem, anchor)
            if k >= 0 and taken[k] > companies.allowance[k]:
                found += _fault("R15", area, led, taken[k], companies.allowance[k])
    return tuple(found)


def _longest_walk(problem: Problem, walk: np.ndarray) -> float | None:
    """The longest of walks that are too long; None where one is beyond all that was measured."""
    return float(walk.max()) if len(walk) and walk.all() else None


def _fault(
    rule: str, area: int, units: np.ndarray, value: float | None = None, limit: float | None = None
) -> tuple[Fault, ...]:
    """A fault where there is any unit to blame."""
    if not len(units):
        return ()
    measured, most = (None if number is None else float(number) for number in (value, limit))
    return (Fault(rule, area, _as_positions(units), measured, most),)


def _as_positions(units: np.ndarray) -> tuple[int, ...]:
    return tuple(int(unit) for unit in units)


def _most_common(walls: np.ndarray) -> int:
    labels, counts = np.unique(walls, return_counts=True)
    return int(labels[counts.argmax()])
