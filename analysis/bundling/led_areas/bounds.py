"""What no plan of mode "area" can do better than, level by level: components, and a transportation problem."""

from __future__ import annotations

import numpy as np

from analysis.bundling.evaluation.score import score, score_by_jurisdiction, unanchored_by_jurisdiction
from analysis.bundling.led_areas.leaders import LeadingPairs, find_pairs, leading_rows
from analysis.bundling.model.objectives import objectives_of
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.sizes import UNBOUNDED
from analysis.bundling.solve.certificate import LEFT_OVER_METHOD, METRES_METHOD
from analysis.bundling.solve.result import Certificate, JurisdictionBound
from analysis.bundling.solver.exact.mip import LinearRow, MipModel

TOLERANCE = 1e-6
"""Households or household-metres, relatively, that floating-point sums of the bounds may be off by."""


def certify_led_areas(problem: Problem, plan: Plan) -> Certificate:
    """A bound of each level, of all and by jurisdiction; each holds for plans no worse on the levels above.

    Left over is whoever is in a component of neighbours too light for an area. Not led is what the
    linear programme of leaders leaves (R13, R15, R26; units and leaders of one component, whatever the
    areas). Areas are at least what the most of an area asks for; metres what leading so many costs.

    Parameters
    ----------
    problem
        Of mode "area".
    plan
        What was found.
    """
    component = feasible_components(problem)
    pairs = find_pairs(problem, component)
    value = score(problem, plan)
    left, metres_by_wall = score_by_jurisdiction(problem, plan)
    unled = unanchored_by_jurisdiction(problem, plan)
    left_bound = _stuck_by_wall(problem, component)
    not_led = _least_not_led(problem, pairs, problem.jurisdiction >= 0)
    asked = _households_asking(problem)
    is_led = np.zeros(problem.n_units, dtype=bool) if plan.leader_of is None else plan.leader_of >= 0
    n_led = int(problem.households[is_led].sum())
    total_left = sum(left_bound.values())
    metres = _least_metres(problem, pairs, n_led)
    spare = value.left_over_households - total_left
    areas = least_areas(problem, component, spare)
    price_m = objectives_of(problem.rules).area_price_m
    asks_area_alone = (component < 0) & problem.is_target & ~asked
    of_left = value.left_over_households - int(problem.households[asks_area_alone].sum())
    streets = tuple(
        JurisdictionBound(
            wall=wall,
            left_over_households=left[wall],
            least_left_over=left_bound[wall],
            household_metres=metres_by_wall[wall],
            least_metres=_least_metres(problem, pairs, _led_behind(problem, is_led, wall), wall),
            unled_households=unled[wall],
        )
        for wall in left
    )
    return Certificate(
        left_over_households=total_left,
        household_metres=min(metres, value.household_metres),
        left_over_method=LEFT_OVER_METHOD["area"],
        metres_method=METRES_METHOD["area"],
        streets=streets,
        unled_households=max(0, not_led - of_left),
        not_led_households=not_led,
        walks_and_areas=None if price_m is None else metres + price_m * areas,
        areas=areas,
    )


def count_stuck_households(problem: Problem) -> int:
    """Households that every plan leaves over: those in components too light for an area.

    Parameters
    ----------
    problem
        Of mode "area".
    """
    return sum(_stuck_by_wall(problem, feasible_components(problem)).values())


def feasible_components(problem: Problem) -> np.ndarray:
    """(n,) int: component of neighbours of each unit, −1 where it is too light for an area.

    Parameters
    ----------
    problem
        The problem.
    """
    component = problem.adjacency.components.copy()
    for size in problem.sizes:
        weights = np.bincount(component[component >= 0], size.weight[component >= 0], component.max(initial=0) + 1)
        component[(component >= 0) & (weights[component] < size.lower)] = -1
    return component


def least_areas(problem: Problem, component: np.ndarray, spare: int) -> int:
    """Areas that every plan has which leaves at most `spare` households over that an area could have.

    Parameters
    ----------
    problem
        Of mode "area".
    component
        (n,) as of `feasible_components`.
    spare
        Households.
    """
    asking = np.flatnonzero((component >= 0) & problem.is_target)
    if not len(asking):
        return 0
    inverse = np.unique(component[asking], return_inverse=True)[1]
    households = np.bincount(inverse, problem.households[asking]).astype(np.int64)
    least = np.ones(len(households), dtype=np.int64)
    most_households = np.full(len(households), UNBOUNDED, dtype=np.int64)
    for size in problem.sizes:
        if size.upper is None:
            continue
        largest = np.zeros(len(households), dtype=np.int64)
        np.maximum.at(largest, inverse, size.weight[asking])
        most = np.where(largest > size.upper, largest + size.upper, size.upper)
        if size.name == "households":
            most_households = most
        elif spare > 0:  # whoever is left over may be anybody, of any floor area
            continue
        least = np.maximum(least, -(-np.bincount(inverse, size.weight[asking]).astype(np.int64) // most))
    if spare <= 0:
        return int(least.sum())
    return int(least.sum()) - _areas_saved(households, most_households, least, spare)


def _areas_saved(households: np.ndarray, most: np.ndarray, least: np.ndarray, spare: int) -> int:
    """Areas that leaving over `spare` households could save at most.

    The first area of a component is saved by what exceeds the others' most, each further one by a most more:
    costs rise, so that the cheapest first are the most that can be saved.
    """
    excess = households - (least - 1) * most
    costs = [[first] + [whole] * (n - 1) for first, whole, n in zip(excess, most, least, strict=True)]
    spent = np.cumsum(np.sort(np.concatenate(costs)))
    return int((spent <= spare).sum())


def _stuck_by_wall(problem: Problem, component: np.ndarray) -> dict[int, int]:
    """Households asking for an area in components too light for one, behind each wall."""
    found = dict.fromkeys(np.unique(problem.jurisdiction).tolist(), 0)
    for unit in np.flatnonzero(problem.is_target & (component < 0)):
        found[int(problem.jurisdiction[unit])] += int(problem.households[unit])
    return found


def _households_asking(problem: Problem) -> np.ndarray:
    return np.zeros(problem.n_units, dtype=bool) if problem.asks_leader is None else problem.asks_leader


def _led_behind(problem: Problem, is_led: np.ndarray, wall: int) -> int:
    return int(problem.households[is_led & (problem.jurisdiction == wall)].sum())


def _least_not_led(problem: Problem, pairs: LeadingPairs, among: np.ndarray) -> int:
    """Households asking for a leader of which no plan leads more, among some units."""
    asking = int(problem.households[_households_asking(problem) & among].sum())
    if not len(pairs.unit):
        return asking
    most_led = -_lagrangian_value(problem, pairs, -problem.households[pairs.unit].astype(float), None)
    return max(0, asking - int(np.floor(most_led * (1 + TOLERANCE) + TOLERANCE)))


def _least_metres(problem: Problem, pairs: LeadingPairs, n_led: int, wall: int | None = None) -> int:
    """Household-metres of every plan that leads at least so many households (behind one wall)."""
    if wall is not None:
        pairs = pairs.select(problem.jurisdiction[pairs.unit] == wall)
    if not n_led or not len(pairs.unit):
        return 0
    walks = np.asarray(problem.walks[pairs.unit, problem.anchors[pairs.anchor]]).ravel().astype(float)
    cost = walks * problem.households[pairs.unit]
    return max(0, int(np.ceil(_lagrangian_value(problem, pairs, cost, n_led) * (1 - TOLERANCE) - TOLERANCE)))


def _lagrangian_value(problem: Problem, pairs: LeadingPairs, cost: np.ndarray, n_led: int | None) -> float:
    """A lower bound of the cost of an assignment, valid whatever the solver's tolerances.

    The rows' duals are taken as multipliers of a Lagrangian relaxation in which each pair is chosen where
    that pays: any multipliers of the right sign give a bound (Geoffrion 1974).
    """
    matrix, most = leading_rows(problem, pairs)
    households = problem.households[pairs.unit].astype(float)
    model = MipModel(cost, np.ones(len(cost)), np.zeros(len(cost), dtype=bool))
    model.add_matrix(matrix, np.full(len(most), -np.inf), most)
    if n_led is not None:
        model.add([LinearRow(np.arange(len(cost)), households, float(n_led), np.inf)])
    duals = model.solve().row_duals
    if not len(duals):
        return float(np.minimum(cost, 0.0).sum())
    prices = np.maximum(-duals[: len(most)], 0.0)
    reduced = cost + matrix.T @ prices
    constant = -float(prices @ most)
    if n_led is not None:
        reward = max(float(duals[-1]), 0.0)
        reduced = reduced - reward * households
        constant += reward * n_led
    return constant + float(np.minimum(reduced, 0.0).sum())
