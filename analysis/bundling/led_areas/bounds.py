"""What no plan of mode "area" can do better than, level by level: components, and a transportation problem."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analysis.bundling.evaluation.score import score, score_by_jurisdiction, unanchored_by_jurisdiction
from analysis.bundling.led_areas.component_bounds import NoWorse, bound_outside, bound_walks
from analysis.bundling.led_areas.leader_prices import TOLERANCE, bound_leading_metres, keep_fitting_pairs, price_leading
from analysis.bundling.led_areas.leaders import LeadingPairs, find_pairs, leading_rows
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import Problem
from analysis.bundling.model.sizes import UNBOUNDED
from analysis.bundling.solve.certificate import LEFT_OVER_METHOD, METRES_METHOD
from analysis.bundling.solve.result import Certificate, JurisdictionBound
from analysis.bundling.solver.models.mip import MipModel

MOST_PAIRS = 20_000
"""Pairs of a unit and a leader up to which leading is bounded in whole units, a large city; above, units are split."""

LEADERS_GAP, LEADERS_NODES = 5e-4, 100
"""Gap at which that is near enough, and nodes of branch and bound that it takes at most: a count, not a clock."""


def certify_led_areas(problem: Problem, plan: Plan, has_time: Callable[[], bool] = lambda: True) -> Certificate:
    """A bound of each level, of all and by jurisdiction; each holds for plans no worse on the levels above.

    Left over is whoever is in a component of neighbours too light for an area. Not led is what a mixed-integer
    model of leaders leaves (R13, R15, R26; units and leaders that one area can hold, whatever the areas). Areas are
    at least what the most of an area asks for. Areas outside their window and walks are those of
    `component_bounds`.

    Parameters
    ----------
    problem
        Of mode "area".
    plan
        What was found.
    has_time
        Asked before each model of a component; without more of them bounds are weaker, and hold.
    """
    component = feasible_components(problem)
    pairs = keep_fitting_pairs(problem, find_pairs(problem, component))
    value = score(problem, plan)
    left, metres_by_wall = score_by_jurisdiction(problem, plan)
    unled = unanchored_by_jurisdiction(problem, plan)
    left_bound = _stuck_by_wall(problem, component)
    not_led = _least_not_led(problem, pairs)
    asked = _households_asking(problem)
    is_led = np.zeros(problem.n_units, dtype=bool) if plan.leader_of is None else plan.leader_of >= 0
    total_left = sum(left_bound.values())
    spare = value.left_over_households - total_left
    asks_area_alone = (component < 0) & problem.is_target & ~asked
    of_left = value.left_over_households - int(problem.households[asks_area_alone].sum())
    least_led = int(problem.households[asked].sum()) - of_left - value.unled_households
    areas = least_areas(problem, component, spare)
    walks = bound_walks(problem, pairs, component, NoWorse(spare, least_led, areas), has_time)
    streets = tuple(
        JurisdictionBound(
            wall=wall,
            left_over_households=left[wall],
            least_left_over=left_bound[wall],
            household_metres=metres_by_wall[wall],
            least_metres=bound_leading_metres(problem, pairs, _led_behind(problem, is_led, wall), wall),
            unled_households=unled[wall],
        )
        for wall in left
    )
    return Certificate(
        left_over_households=total_left,
        household_metres=min(walks.household_metres, value.household_metres),
        left_over_method=LEFT_OVER_METHOD["area"],
        metres_method=METRES_METHOD["area"],
        streets=streets,
        unled_households=max(0, not_led - of_left),
        not_led_households=not_led,
        walks_and_areas=walks.walks_and_areas,
        areas=areas,
        areas_outside_preferred=bound_outside(problem, component, spare, has_time),
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


def _least_not_led(problem: Problem, pairs: LeadingPairs) -> int:
    """Households asking for a leader of which no plan leads more."""
    asking = int(problem.households[_households_asking(problem)].sum())
    if not len(pairs.unit):
        return asking
    people = problem.households[pairs.unit].astype(float)
    matrix, most = leading_rows(problem, pairs)
    most_led = -price_leading(problem, pairs, -people, None).bound
    if len(people) <= MOST_PAIRS:
        model = MipModel(-people, np.ones(len(people)), np.ones(len(people), dtype=bool), mip_rel_gap=LEADERS_GAP)
        model.add_matrix(matrix, np.full(len(most), -np.inf), most)
        most_led = min(most_led, -model.solve(nodes=LEADERS_NODES).bound)
    return max(0, asking - int(np.floor(most_led * (1 + TOLERANCE) + TOLERANCE)))
