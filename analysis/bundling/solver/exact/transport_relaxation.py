"""The transportation relaxation of led areas: what each pair of anchor and unit is worth at least."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.bundling.solver.exact.mip import INFINITY, LinearRow, MipModel
from analysis.bundling.solver.subproblem import Subproblem


@dataclass(frozen=True, eq=False)
class TransportRelaxation:
    """The relaxation's answer: units may be split, areas may fall apart.

    Parameters
    ----------
    reduced
        (m, n) float: how much a pair costs above the best, ∞ where it is not allowed.
    prices
        (n,) what serving a unit costs at the margin.
    labels
        (n,) the anchor that serves the largest share of each unit, −1 = the largest is left over;
        −1 for anchors that always lead.
    left_over
        Households left over, parts of units among them.
    bound
        No plan costs less, left-over households at the given price.
    """

    reduced: np.ndarray
    prices: np.ndarray
    labels: np.ndarray
    left_over: float
    bound: float


def solve_transport_relaxation(part: Subproblem, left_over: float, area: float = 0.0) -> TransportRelaxation:
    """Solve the relaxation, a household in no area at price `left_over`, an area at price `area`.

    Parameters
    ----------
    part
        Of stage "lead".
    left_over, area
        Household-metres.
    """
    anchor, unit = np.nonzero(part.cost >= 0)
    served = part.may_close | (part.households > 0) | (part.load > 0)
    served[part.anchors] &= part.may_close
    keep = served[unit]
    anchor, unit = anchor[keep], unit[keep]
    units = np.flatnonzero(served)
    m, n_pairs = len(part.anchors), len(unit)
    opening = part.opening + area
    doors = bool(opening.any())
    cost = np.concatenate(
        [
            part.cost[anchor, unit].astype(float),
            part.households[units] * left_over,
            opening.astype(float) if doors else np.zeros(0),
        ]
    )
    scale = max(1.0, float(np.median(cost[:n_pairs])) if n_pairs else 1.0)
    model = MipModel(cost / scale, np.ones(len(cost)), np.zeros(len(cost), dtype=bool))
    place = np.full(part.n_units, -1)
    place[units] = np.arange(len(units))
    by_unit = _positions_by_key(place[unit], len(units))
    model.add(
        [LinearRow([*columns, n_pairs + k], np.ones(len(columns) + 1), 1.0, 1.0) for k, columns in enumerate(by_unit)]
    )
    door = n_pairs + len(units)
    rows = []
    for j, columns in enumerate(_positions_by_key(anchor, m)):
        loads = np.where(unit[columns] == part.anchors[j], 0.0, part.load[unit[columns]])
        room = float(part.capacity[j])
        if doors:
            rows.append(LinearRow([*columns, door + j], [*loads, -room], -INFINITY, 0.0))
        else:
            rows.append(LinearRow(columns, loads, -INFINITY, room))
    model.add(rows)
    if doors:
        model.add([LinearRow([c, door + anchor[c]], [1.0, -1.0], -INFINITY, 0.0) for c in range(n_pairs)])
    answer = model.solve()
    reduced = np.full(part.cost.shape, np.inf)
    prices = np.zeros(part.n_units)
    duals = answer.row_duals * scale
    prices[units] = duals[: len(units)]
    loads = np.where(unit == part.anchors[anchor], 0, part.load[unit])
    reduced[anchor, unit] = cost[:n_pairs] - prices[unit] - duals[len(units) : len(units) + m][anchor] * loads
    if doors:
        reduced[anchor, unit] -= duals[len(units) + m :]
    share = np.zeros((m + 1, part.n_units))
    share[m, units] = 1.0
    if answer.values is not None:
        share[anchor, unit] = answer.values[:n_pairs]
        share[m, units] = answer.values[n_pairs : n_pairs + len(units)]
    labels = np.where(share.max(axis=0) > 0, share.argmax(axis=0), m)
    labels[labels == m] = -1
    left_over = float(share[m] @ part.households)
    return TransportRelaxation(reduced, prices, labels, left_over, answer.bound * scale)


def promising_pairs(found: TransportRelaxation, per_unit: float) -> np.ndarray:
    """(m, n) bool: the pairs of least reduced cost, `per_unit` of them a unit on average.

    Units deep inside one area keep a single pair, those between areas several.
    """
    finite = np.sort(found.reduced[np.isfinite(found.reduced)])
    if len(finite) == 0:
        return np.zeros(found.reduced.shape, dtype=bool)
    count = min(len(finite), int(per_unit * len(found.prices)) + 1)
    return found.reduced <= finite[count - 1]


def _positions_by_key(keys: np.ndarray, count: int) -> list[np.ndarray]:
    """Positions of each key 0..count-1."""
    order = np.argsort(keys, kind="stable")
    return np.split(order, np.cumsum(np.bincount(keys, minlength=count))[:-1])
