"""The strongest lower bound of a subproblem that the time allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.bundling.solver.base.bound_limits import BoundLimits
from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.base.work_log import ENDLESS
from analysis.bundling.solver.exact.assignment_mip import solve_transport_relaxation
from analysis.bundling.solver.exact.assignment_proof import prove_by_branch_and_cut
from analysis.bundling.solver.exact.columns.medoids import has_small_medoid_areas, prove_partition_by_columns
from analysis.bundling.solver.exact.columns.proof import has_small_areas, prove_by_column_generation
from analysis.bundling.solver.exact.cut_bound import cut_edges_bound
from analysis.bundling.solver.exact.diagram.cut_edges import MOST_STATES, prove_cut_edges
from analysis.bundling.solver.exact.facility_bound import bound_selection
from analysis.bundling.solver.exact.facility_solver import prove_assignment
from analysis.bundling.solver.exact.subgradient_bound import bound_assignment, bound_partition
from analysis.bundling.solver.models.branch_and_cut import HAS_SCIP

MAX_CELLS = 4_000_000
"""Pairs of units beyond which a part is bounded by counting only."""

PRICES_SHARE, PRICES_MOST = 0.2, 0.6
"""Share of the time for prices of units, where columns follow; and while they still close the gap."""

RISE_STEPS, RISE_SHARE = 20, 0.02
"""Prices close the gap where so many steps take so much of it."""

MAX_UNITS_UNTIMED = 40
"""Led areas of so few units are proven to the end, whatever the time: in some hundredths of a
second, the same on every machine."""


MOST_STATES_UNTIMED = 200_000
"""States of a diagram, where no clock is read: some tenths of a second."""

SELECTION_SHARE = 0.9
"""Share of the time for the bound of which anchors are open: HiGHS may not ask for some seconds."""


@dataclass(frozen=True, eq=False)
class SubproblemBound:
    """A bound of one part.

    Parameters
    ----------
    cost
        No plan of the part costs less.
    method
        "knapsack relaxation", "counting", …
    labels
        (n,) the plan given, or a better one met on the way.
    prices, priced
        (n,) of units, and the cost that these prove by knapsacks alone; None where nothing was priced.
    """

    cost: float
    method: str
    labels: np.ndarray
    prices: np.ndarray | None = None
    priced: float = 0.0


def is_bounded_by_columns(part: Subproblem) -> bool:
    """Whether areas of a part are searched one by one for its bound, and put together to plans."""
    if part.n_units**2 > MAX_CELLS:
        return False
    return has_small_areas(part) if part.stage == "lead" else has_small_medoid_areas(part)


def bound_subproblem(
    part: Subproblem,
    labels: np.ndarray,
    *,
    left_over: float,
    area: float,
    aim: float,
    limits: BoundLimits,
    met: Sequence[tuple[int, np.ndarray]] = (),
) -> SubproblemBound:
    """Bound the cost of walks, openings, areas and left-over households of a part.

    Parameters
    ----------
    part, labels
        What is given, and the best plan known.
    left_over, area
        Price of a household in no area (∞ = everyone must have one) and of an area.
    aim
        What the best plan known costs; any number above the truth does.
    limits
        Steps of the relaxation, which is ready in a second or two, and time for the exact model after it.
    met
        Small areas that a search met: anchors or medoids, and units.
    """
    if part.measure == "cut" or part.n_units**2 > MAX_CELLS:
        counted = _counting_bound(part, left_over, area)
        if part.measure == "cut" and area == 0 and not np.isfinite(left_over):
            return _bound_cut(part, labels, counted, limits)
        return SubproblemBound(counted, "counting", labels)
    if part.stage == "lead":
        return _bound_led(part, labels, left_over, area, aim, limits, met)
    start = _component_bounds(part, labels, left_over, area)
    is_whole = np.isfinite(left_over) or bool((labels >= 0).all())
    has_columns = has_small_medoid_areas(part) and is_whole and part.k in (0, len(np.unique(labels[labels >= 0])))
    if not has_columns or not limits.has_time():
        found = bound_partition(part, left_over, area, start, aim, limits.goes_on, limits.on_bound)
    else:
        rising = PricesLimit(limits, aim)
        found = bound_partition(part, left_over, area, start, aim, rising.allow_step, rising.record_bound)
        better = prove_partition_by_columns(
            part,
            labels,
            left_over=left_over,
            area=area,
            prices=found.prices,
            bound=max(found.bound, 0.0),
            aim=aim,
            has_time=limits.has_time,
            workers=limits.workers,
            on_bound=limits.on_bound,
            met=met,
        )
        if better.bound > found.bound or better.labels is not labels:
            return SubproblemBound(better.bound, "column generation", better.labels, found.prices, found.bound)
    return SubproblemBound(max(found.bound, 0.0), "knapsack relaxation", labels, found.prices, found.bound)


def _bound_cut(part: Subproblem, labels: np.ndarray, counted: float, limits: BoundLimits) -> SubproblemBound:
    """The same of edges that are cut, everyone in an area: by diagrams, where these are too large around each unit."""
    is_timed = limits.has_time()
    if part.is_contiguous:
        has_time, room = (limits.has_time, MOST_STATES) if is_timed else (ENDLESS, MOST_STATES_UNTIMED)
        proven = prove_cut_edges(part, labels, has_time, limits.on_bound, room=room)
        if proven is not None and proven.bound > counted:
            return SubproblemBound(proven.bound, "decision diagram", proven.labels)
    cut = cut_edges_bound(part, limits.has_time, limits.on_bound)
    return SubproblemBound(max(cut, counted), "fewest edges around each unit" if cut > counted else "counting", labels)


def _bound_led(
    part: Subproblem,
    labels: np.ndarray,
    left_over: float,
    area: float,
    aim: float,
    limits: BoundLimits,
    met: Sequence[tuple[int, np.ndarray]],
) -> SubproblemBound:
    """The same of stage "lead": prices, then which anchors are open, then areas or a tree, while time lasts."""
    price = left_over if np.isfinite(left_over) else 100.0 * float(part.cost.max(initial=1))
    start = solve_transport_relaxation(part, price, area).prices
    found = bound_assignment(part, left_over, area, start, aim, limits.goes_on, limits.on_bound)
    result = SubproblemBound(max(found.bound, 0.0), "knapsack relaxation", labels, found.prices, found.bound)
    is_timed = part.n_units > MAX_UNITS_UNTIMED
    if part.may_close and is_timed and limits.has_time():
        for_selection = limits.has_time.share(SELECTION_SHARE)
        selected = bound_selection(part, left_over=left_over, area=area, has_time=for_selection)
        if selected > result.cost:
            result = replace(result, cost=min(selected, aim), method="facility selection")
            limits.on_bound(result.cost)
        if not for_selection():  # what is left is too little for the rest
            return result
    least, has_time = result.cost, limits.has_time if is_timed else ENDLESS

    def tell(bound: float) -> None:
        limits.on_bound(max(bound, least))

    if has_small_areas(part) and has_time():
        method = "column generation"
        proven = prove_by_column_generation(
            part,
            labels,
            left_over=left_over,
            area=area,
            prices=found.prices,
            bound=found.bound,
            aim=aim,
            has_time=has_time,
            workers=limits.workers,
            on_bound=tell,
            met=met,
        )
    else:
        method = "branch and cut"
        prove = prove_by_branch_and_cut if HAS_SCIP else prove_assignment
        proven = prove(
            part,
            labels,
            left_over=left_over,
            area=area,
            prices=found.prices,
            bound=found.bound,
            aim=aim,
            has_time=limits.has_time,
            on_bound=tell,
        )
    if proven.bound > least:
        return replace(result, cost=proven.bound, method=method, labels=proven.labels)
    return replace(result, labels=proven.labels)


class PricesLimit:
    """Time for prices of units before columns: a share of it, and more while they still close the gap.

    Parameters
    ----------
    limits
        Of the whole bound.
    aim
        What the best plan known costs.
    """

    def __init__(self, limits: BoundLimits, aim: float) -> None:
        self._early, self._late = limits.has_time.share(PRICES_SHARE), limits.has_time.share(PRICES_MOST)
        self._tell, self._aim = limits.on_bound, aim
        self._bounds: list[float] = []

    def record_bound(self, bound: float) -> None:
        """Be told of the best bound after a step.

        Parameters
        ----------
        bound
            Cost that no plan is below.
        """
        self._bounds.append(bound)
        self._tell(bound)

    def allow_step(self, step: int) -> bool:
        """Whether another step is worth its time.

        Parameters
        ----------
        step
            Its number, which is not looked at.
        """
        if self._early():
            return True
        if len(self._bounds) <= RISE_STEPS:
            return self._late()
        before, now = self._bounds[-RISE_STEPS - 1], self._bounds[-1]
        return now - before > RISE_SHARE * (self._aim - before) and self._late()


def _counting_bound(part: Subproblem, left_over: float, area: float) -> float:
    """Areas there must be, and the edges between them, where everyone must have one."""
    if np.isfinite(left_over):
        return area * part.k
    least = max(part.k, -(-int(part.weight.sum()) // max(part.upper, 1)))
    joined = least - len(np.unique(part.adjacency.components))
    return area * least + (max(joined, 0) if part.measure == "cut" else 0)


def _component_bounds(part: Subproblem, labels: np.ndarray, left_over: float, area: float) -> np.ndarray:
    """(n,) prices that share the cost of each area of a plan among its units."""
    prices = np.zeros(part.n_units)
    for label in np.unique(labels[labels >= 0]):
        members = np.flatnonzero(labels == label)
        walks = part.metres[np.ix_(members, members)]
        medoid = int(np.argmin(walks @ part.walkers[members]))
        prices[members] = walks[medoid] * part.walkers[members]
        prices[members] += area * part.weight[members] / max(1, part.weight[members].sum())
    if np.isfinite(left_over):
        prices[labels < 0] = (part.households * left_over)[labels < 0]
    return prices
