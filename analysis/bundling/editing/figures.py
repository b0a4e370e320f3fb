"""What a plan changed by hand comes to: figures of its areas, figures of the whole, rules broken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.bundling.document.read import OpenPlan
from analysis.bundling.document.reasons import REASONS
from analysis.bundling.document.wording import Wording
from analysis.bundling.evaluation.feasibility import Fault, plan_faults
from analysis.bundling.evaluation.score import area_metres, find_unled, metres_of_area
from analysis.bundling.locks.locks import areas_by_units, is_lock_satisfied
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.violations import Violation
from geo.messages import Sentence, load_catalogue

say = load_catalogue(__file__)


@dataclass(frozen=True)
class AreaFigures:
    """The figures of some units, an area or all areas.

    Parameters
    ----------
    units
        Number of units, anchors included.
    households, floor_area_m2
        Sums over the units whose figure is known; None where none is known.
    households_missing, floor_area_missing
        Units without the figure.
    household_metres
        Σ households × walk to the anchor, or to the medoid of an area without one; units the plan
        does not decide about are not in it.
    mean_walk_m
        Of a household, metres; None without households.
    """

    units: int
    households: int | None
    households_missing: int
    floor_area_m2: int | None
    floor_area_missing: int
    household_metres: int
    mean_walk_m: float | None


@dataclass(frozen=True)
class PlanFigures:
    """The figures of a plan.

    Parameters
    ----------
    areas
        By number of the area; of areas without a unit all are 0 or None.
    n_areas
        Areas that have a unit.
    inside
        All areas together.
    left_over_units, left_over_households
        Of units the plan is for and that are in no area.
    led_units, led_households, unled_units, unled_households
        Of units that ask for a leader and are in an area: with one, and without; 0 where areas have no
        leaders inside.
    """

    areas: tuple[AreaFigures, ...]
    n_areas: int
    inside: AreaFigures
    left_over_units: int
    left_over_households: int
    led_units: int = 0
    led_households: int = 0
    unled_units: int = 0
    unled_households: int = 0


def measure_plan(opened: OpenPlan) -> PlanFigures:
    """The figures of a plan as it is opened."""
    problem, plan, tables = opened.problem, opened.plan, opened.tables
    number = np.full(len(tables.units), -1)
    number[[tables.position[str(unit)] for unit in problem.unit_ids]] = plan.area_of
    for unit, area in opened.unknown_units:
        number[tables.position[unit]] = area
    people, floor = tables.households, tables.floor_area_m2
    inside = plan.area_of >= 0
    walked = np.bincount(plan.area_of[inside], weights=problem.households[inside], minlength=plan.n_areas)
    metres = _metres(problem, plan)
    members = _members(number, plan.n_areas)
    areas = tuple(
        _figures(members[area], people, floor, metres[area], int(walked[area])) for area in range(plan.n_areas)
    )
    left = problem.is_target & (plan.area_of < 0)
    led, unled = (np.zeros(problem.n_units, dtype=bool) for _ in range(2))
    if plan.leader_of is not None:
        led, unled = plan.leader_of >= 0, find_unled(problem, plan)
    return PlanFigures(
        areas=areas,
        n_areas=sum(area.units > 0 for area in areas),
        inside=_figures(np.flatnonzero(number >= 0), people, floor, sum(metres), int(walked.sum())),
        left_over_units=int(left.sum()),
        left_over_households=int(problem.households[left].sum()),
        led_units=int(led.sum()),
        led_households=int(problem.households[led].sum()),
        unled_units=int(unled.sum()),
        unled_households=int(problem.households[unled].sum()),
    )


def find_violations(opened: OpenPlan) -> tuple[Violation, ...]:
    """The rules and locks a plan breaks, found from its problem alone: milliseconds, for editing.

    `verify` recomputes them from geometry and tables, and more besides.
    """
    wording = Wording(opened)
    faults = {
        (fault.rule, fault.area, fault.value, fault.limit): fault
        for fault in reversed(plan_faults(opened.problem, opened.plan))
    }  # one unit that is too large alone is not reported twice
    found = [_by_rule(wording, fault) for fault in reversed(faults.values())]
    found += [_unknown_unit(wording, unit, area) for unit, area in opened.unknown_units]
    found += [_by_lock(wording, number) for number in _unmet(opened)]
    return tuple(found)


def _metres(problem: Problem, plan: Plan) -> list[int]:
    """Household-metres of each area; those with an anchor all at once."""
    if plan.leader_of is not None:
        areas = range(plan.n_areas)
        return [metres_of_area(problem, plan, area) if len(plan.members(area)) else 0 for area in areas]
    found = np.zeros(plan.n_areas)
    inside = np.flatnonzero(plan.area_of >= 0)
    home = plan.area_of[inside]
    anchor = plan.anchor_of[home]
    led, home, anchor = inside[anchor >= 0], home[anchor >= 0], anchor[anchor >= 0]
    walk = np.asarray(problem.walks[anchor, led] if len(led) else ())  # none led: the matrix would answer with a matrix
    walk = np.where(walk == 0, problem.walk_cap, walk)
    walk[led == anchor] = 0
    found += np.bincount(home, weights=walk * problem.households[led], minlength=plan.n_areas)
    for area, members in enumerate(_members(plan.area_of, plan.n_areas)):
        if len(members) and plan.anchor_of[area] < 0:
            found[area] = area_metres(problem, members, -1)
    return [int(metres) for metres in found]


def _members(area_of: np.ndarray, n_areas: int) -> list[np.ndarray]:
    order = np.argsort(area_of, kind="stable")
    ends = np.searchsorted(area_of[order], np.arange(n_areas + 1))
    return [order[ends[k] : ends[k + 1]] for k in range(n_areas)]


def _figures(chosen: np.ndarray, people: np.ndarray, floor: np.ndarray, metres: int, walked: int) -> AreaFigures:
    households, no_households = _sum(people[chosen])
    area_m2, no_area = _sum(floor[chosen])
    mean = round(metres / walked, 1) if walked else None
    return AreaFigures(len(chosen), households, no_households, area_m2, no_area, metres, mean)


def _sum(figures: np.ndarray) -> tuple[int | None, int]:
    known = figures[~np.isnan(figures)]
    return (round(float(known.sum())) if len(known) else None), len(figures) - len(known)


def _by_rule(wording: Wording, fault: Fault) -> Violation:
    sentence = wording.fault(fault)
    ids = tuple(str(wording.opened.problem.unit_ids[unit]) for unit in fault.units)
    return _violation(wording, fault.rule_id, ids, fault.area, sentence, fault.value, fault.limit)


def _unknown_unit(wording: Wording, unit: str, area: int) -> Violation:
    table = wording.opened.problem.out_of_scope.set_index("unit_id")["reason"]
    reason = REASONS[str(table.get(unit, "not_placed"))]
    name = wording.unit_id(unit)
    sentence = Sentence(f"{name}: {reason.zh}", f"{name}: {reason.en}")
    return _violation(wording, next(iter(reason.rules), "R01"), (unit,), area, sentence)


def _unmet(opened: OpenPlan) -> list[int]:
    """Numbers of the locks the plan does not meet."""
    if not opened.locks:
        return []
    ids, plan = opened.problem.unit_ids.astype(str), opened.plan
    inside = np.flatnonzero(plan.area_of >= 0)
    area_of = dict(zip(ids[inside].tolist(), plan.area_of[inside].tolist(), strict=True))
    area_of |= dict(opened.unknown_units)
    leads = [str(ids[anchor]) if anchor >= 0 else None for anchor in plan.anchor_of.tolist()]
    areas = areas_by_units(area_of, leads)
    leader_of = None
    if plan.leader_of is not None:
        led = np.flatnonzero(plan.leader_of >= 0)
        leader_of = dict(zip(ids[led].tolist(), ids[plan.leader_of[led]].tolist(), strict=True))
    return [n for n, lock in enumerate(opened.locks) if not is_lock_satisfied(lock, area_of, areas, leader_of)]


def _by_lock(wording: Wording, number: int) -> Violation:
    lock = wording.opened.locks[number]
    return _violation(wording, lock.rule, lock.unit_ids, None, say("lock.broken", lock=wording.lock(lock)))


def _violation(
    wording: Wording,
    rule: str,
    units: tuple[str, ...],
    area: int | None,
    sentence: Sentence,
    value: float | None = None,
    limit: float | None = None,
) -> Violation:
    areas = wording.opened.document["areas"]
    area_id = None if area is None else str(areas[area]["area_id"])
    name = "" if area is None else f"{areas[area]['name']}: "
    return Violation(rule, units, area_id, value, limit, f"{name}{sentence.zh}", f"{name}{sentence.en}")
