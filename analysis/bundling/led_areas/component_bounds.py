"""What areas outside their window, walks and areas cost at least, component by component."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from analysis.bundling.led_areas.area_model import AreaModel, LevelPrices
from analysis.bundling.led_areas.leader_prices import TOLERANCE, LeadingPrices, measure_walks, price_leading
from analysis.bundling.led_areas.leaders import LeadingPairs
from analysis.bundling.model.objectives import objectives_of
from analysis.bundling.model.problem import Problem
from analysis.bundling.solver.models.mip import MipSolution

MODEL_UNITS, WHOLE_UNITS = 50, 12
"""Units of a component up to which it is modelled, and up to which nobody is split in the model."""

MOST_MODELS = 150
"""Components modelled, the smallest first: those of a large city."""

NODES, ROUNDS = 300, 12
"""Nodes of branch and bound each time that a model is solved, and times: counts, not a clock."""

SCALE = 1e-5
"""Of household-metres in the model: costs near 1 suit its tolerances."""


@dataclass(frozen=True)
class NoWorse:
    """Plans that a bound is about: those that are no worse than one on the levels above.

    Parameters
    ----------
    spare
        Households they leave over at most, of those that an area could have.
    n_led
        Households they lead at least.
    areas
        That they have at least.
    """

    spare: int
    n_led: int
    areas: int


@dataclass(frozen=True)
class WalkBounds:
    """Bounds of two levels.

    Parameters
    ----------
    household_metres
        Of walking.
    walks_and_areas
        With areas at their price; None where they have none.
    """

    household_metres: int
    walks_and_areas: int | None


def bound_outside(
    problem: Problem, component: np.ndarray, spare: int, has_time: Callable[[], bool] = lambda: True
) -> int:
    """Areas outside their preferred window that every plan has which leaves so few over.

    Only components of few units are looked at, where whoever asks for an area has one; leaving over its unit
    with fewest households is what it takes at least to have none outside in one of them.

    Parameters
    ----------
    problem
        Of mode "area".
    component
        (n,) as of `feasible_components`.
    spare
        Households that may be left over, of those that an area could have.
    has_time
        Asked before each model; once it says no there are no further ones.
    """
    found: list[tuple[int, int]] = []
    for units in _modelled(problem, component):
        if len(units) <= WHOLE_UNITS and has_time():
            prices = LevelPrices(outside=1.0)
            bound = AreaModel(problem, units, must_place=True).solve(prices, nodes=NODES, rounds=ROUNDS).bound
            outside = int(np.ceil(bound - 1e-3)) if np.isfinite(bound) else 0
            if outside > 0:
                found.append((int(problem.households[units[problem.is_target[units]]].min()), outside))
    saved = 0.0
    for households, outside in sorted(found, key=lambda one: one[0] / one[1]):
        share = 1.0 if households <= spare else spare / households  # the last in part: no choice saves more
        saved, spare = saved + share * outside, max(0, spare - households)
    return sum(outside for _, outside in found) - int(saved + 1e-9)


def bound_walks(
    problem: Problem,
    pairs: LeadingPairs,
    component: np.ndarray,
    aims: NoWorse,
    has_time: Callable[[], bool] = lambda: True,
) -> WalkBounds:
    """What every plan walks that is no worse, and what it pays with areas at their price.

    A Lagrangian relaxation in which households led and m² of companies have the prices of the linear programme.
    Components are then apart: small ones are modelled, in whole units where they are very small; in the others
    whoever is led by nobody walks nothing.

    Parameters
    ----------
    problem
        Of mode "area".
    pairs
        Who may lead whom.
    component
        (n,) as of `feasible_components`.
    aims
        Which plans it is about.
    has_time
        Asked before each model; once it says no there are no further ones.
    """
    price_m = objectives_of(problem.rules).area_price_m
    paid = price_leading(problem, pairs, measure_walks(problem, pairs), max(0, aims.n_led))
    by_leading = paid.bound * (1 - TOLERANCE)
    metres, both = by_leading, 0.0 if price_m is None else by_leading + price_m * aims.areas
    if aims.spare <= 0:
        walked, priced = _sum_components(problem, pairs, component, aims, paid, price_m, has_time)
        metres = max(metres, walked)
        if price_m is not None:
            both = max(both, metres + price_m * aims.areas, priced)
    return WalkBounds(_round_up(metres), None if price_m is None else _round_up(both))


def _sum_components(
    problem: Problem,
    pairs: LeadingPairs,
    component: np.ndarray,
    aims: NoWorse,
    paid: LeadingPrices,
    price_m: int | None,
    has_time: Callable[[], bool],
) -> tuple[float, float]:
    """The relaxation where everybody is placed whom an area could have: of walks, and with areas at their price."""
    led = _by_component(problem, pairs, component, paid)
    walked, priced = led.copy(), led.copy()
    prices = LevelPrices(metres=SCALE, not_led=paid.reward * SCALE, companies=paid.companies * SCALE)
    asks = np.zeros(problem.n_units, dtype=bool) if problem.asks_leader is None else problem.asks_leader
    for units in _modelled(problem, component):
        if not has_time():
            break
        number, reward = int(component[units[0]]), paid.reward * float(problem.households[units[asks[units]]].sum())
        split = AreaModel(problem, units, relax=True, must_place=True)
        walked[number] = max(led[number], _least(split.solve_relaxed(prices)) - reward)
        with_areas = replace(prices, area=(price_m or 0) * SCALE)
        priced[number] = max(walked[number], _least(split.solve_relaxed(with_areas)) - reward)
        if len(units) <= WHOLE_UNITS:
            whole = AreaModel(problem, units, must_place=True).solve(with_areas, nodes=NODES, rounds=ROUNDS)
            priced[number] = max(priced[number], _least(whole) - reward)
    apart = paid.reward * aims.n_led
    if problem.companies is not None:
        apart -= float(paid.companies @ problem.companies.allowance)
    return apart + float(walked.sum()), apart + float(priced.sum())


def _least(found: MipSolution) -> float:
    """Household-metres that a model proves, by its tolerances; −∞ where it proves nothing."""
    if not np.isfinite(found.bound):
        return -np.inf
    return found.bound / SCALE - abs(found.bound / SCALE) * TOLERANCE


def _by_component(problem: Problem, pairs: LeadingPairs, component: np.ndarray, paid: LeadingPrices) -> np.ndarray:
    """(k,) what leading in each component costs at least, less the reward, companies' m² paid for."""
    n = int(component.max(initial=-1)) + 1
    found = np.bincount(component[pairs.unit], paid.gain, n)
    units = np.flatnonzero((paid.units > 0) & (component >= 0))
    found -= np.bincount(component[units], paid.units[units], n)
    at = component[problem.anchors]
    inside = at >= 0
    return found - np.bincount(at[inside], (paid.anchors * problem.capacity)[inside], n)


def _modelled(problem: Problem, component: np.ndarray) -> Iterator[np.ndarray]:
    """Units of the components that are modelled, the smallest first."""
    sizes = np.bincount(component[component >= 0]) if (component >= 0).any() else np.zeros(0, dtype=np.int64)
    asks = np.bincount(component[(component >= 0) & problem.is_target], minlength=len(sizes))
    numbers = np.flatnonzero((asks > 0) & (sizes <= MODEL_UNITS))
    for number in numbers[np.argsort(sizes[numbers], kind="stable")][:MOST_MODELS].tolist():
        yield np.flatnonzero(component == number)


def _round_up(least: float) -> int:
    return max(0, int(np.ceil(least - TOLERANCE)))
