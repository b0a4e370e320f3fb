"""What leading costs at least whatever the areas are: who one area can hold, and prices of a transportation problem."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from analysis.bundling.led_areas.leaders import LeadingPairs, leading_rows
from analysis.bundling.model.problem import Problem
from analysis.bundling.solver.models.mip import LinearRow, MipModel

TOLERANCE = 1e-6
"""Households or household-metres, relatively, that floating-point sums of the bounds may be off by."""

NOTHING = 1e-6
"""What passing a unit without weight counts, so that it is a step at all."""


@dataclass(frozen=True, eq=False)
class LeadingPrices:
    """Multipliers of a Lagrangian relaxation of who leads whom; any of the right sign prove a bound (Geoffrion 1974).

    Parameters
    ----------
    reward
        Of a household led; 0 where none is asked for.
    companies
        (c,) price of each m² that a company takes on.
    gain
        (p,) what each pair costs less than it should, at most 0.
    units, anchors
        (n,) and (m,) what is paid for each unit that is led, and for an anchor's capacity.
    bound
        No leading costs less.
    """

    reward: float
    companies: np.ndarray
    gain: np.ndarray
    units: np.ndarray
    anchors: np.ndarray
    bound: float


def keep_fitting_pairs(problem: Problem, pairs: LeadingPairs) -> LeadingPairs:
    """Those of which an area can hold both: with the lightest units between them they are below every most.

    A unit that alone is above the most counts nothing: the others then are below it.

    Parameters
    ----------
    problem
        Of mode "area".
    pairs
        By component, in the order of `find_pairs`.
    """
    keep = np.ones(len(pairs.unit), dtype=bool)
    component = problem.adjacency.components[pairs.unit]
    for size in problem.sizes:
        if size.upper is None:
            continue
        weight = np.where(size.weight > size.upper, 0, size.weight).astype(float)
        steps = csr_array(
            (np.maximum(weight[problem.indices], NOTHING), problem.indices, problem.indptr),
            shape=(problem.n_units, problem.n_units),
        )
        for number in np.unique(component):
            here = np.flatnonzero(component == number)
            units = np.flatnonzero(problem.adjacency.components == number)
            anchors, row = np.unique(problem.anchors[pairs.anchor[here]], return_inverse=True)
            start, end = np.searchsorted(units, anchors), np.searchsorted(units, pairs.unit[here])
            between = dijkstra(steps[units][:, units], indices=start)[row, end] + weight[anchors][row]
            keep[here] &= between <= size.upper + NOTHING * len(units)
    return pairs.select(keep)


def price_leading(problem: Problem, pairs: LeadingPairs, cost: np.ndarray, n_led: int | None) -> LeadingPrices:
    """Prices of the linear programme of leaders, and the bound they prove whatever the solver's tolerances.

    Parameters
    ----------
    problem
        Of mode "area".
    pairs
        Who may lead whom.
    cost
        (p,) of each pair.
    n_led
        Households to be led at least; None = any.
    """
    matrix, most = leading_rows(problem, pairs)
    n_companies = 0 if problem.companies is None else len(problem.companies.allowance)
    units, households = np.unique(pairs.unit), problem.households[pairs.unit].astype(float)
    duals = np.zeros(len(most) + 1)
    if len(cost):
        model = MipModel(cost, np.ones(len(cost)), np.zeros(len(cost), dtype=bool))
        model.add_matrix(matrix, np.full(len(most), -np.inf), most)
        if n_led is not None:
            model.add([LinearRow(np.arange(len(cost)), households, float(n_led), np.inf)])
        found = model.solve().row_duals
        duals[: len(found)] = found
    prices, reward = np.maximum(-duals[: len(most)], 0.0), 0.0 if n_led is None else max(float(duals[len(most)]), 0.0)
    gain = np.minimum(cost + matrix.T @ prices - reward * households, 0.0)
    of_units = np.zeros(problem.n_units)
    of_units[units] = prices[: len(units)]
    of_anchors = prices[len(units) : len(units) + len(problem.anchors)]
    bound = reward * (n_led or 0) - float(prices @ most) + float(gain.sum())
    return LeadingPrices(reward, prices[len(prices) - n_companies :], gain, of_units, of_anchors, bound)


def bound_leading_metres(problem: Problem, pairs: LeadingPairs, n_led: int, wall: int | None = None) -> int:
    """Household-metres of every plan that leads at least so many households (behind one wall).

    Parameters
    ----------
    problem
        Of mode "area".
    pairs
        Who may lead whom.
    n_led
        Households.
    wall
        Label of a jurisdiction; None = all.
    """
    if wall is not None:
        pairs = pairs.select(problem.jurisdiction[pairs.unit] == wall)
    if n_led <= 0 or not len(pairs.unit):
        return 0
    bound = price_leading(problem, pairs, measure_walks(problem, pairs), n_led).bound
    return max(0, int(np.ceil(bound * (1 - TOLERANCE) - TOLERANCE)))


def measure_walks(problem: Problem, pairs: LeadingPairs) -> np.ndarray:
    """(p,) household-metres of each pair, whatever else is priced.

    Parameters
    ----------
    problem
        Of mode "area".
    pairs
        Who may lead whom.
    """
    if not len(pairs.unit):
        return np.zeros(0)
    walks = np.asarray(problem.walks[pairs.unit, problem.anchors[pairs.anchor]]).ravel().astype(float)
    return walks * problem.households[pairs.unit]
