"""Small parts of stage "whole" solved to the end: every connected area is listed, and the best choice of them made."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from analysis.bundling.solver.base.digest import digest_parts
from analysis.bundling.solver.base.subproblem import Subproblem
from analysis.bundling.solver.base.work_log import ENDLESS, TimeLimit
from analysis.bundling.solver.exact.connected_sets import list_masks, unpack_masks
from analysis.bundling.solver.models.mip import INFINITY, LinearRow
from analysis.bundling.solver.models.set_partitioning import membership, set_partitioning_model

MOST_SETS = 200_000
"""Connected sets looked at; a part with more of them is not listed. As many take about a second."""

MOST_SETS_UNTIMED = 20_000
"""The same where no clock is read."""

LISTING_SHARE = 0.1
"""Of the time, that may go on listing: of many parts each has little of it, and its sets are mostly too many."""

MOST_SETS_OF_LEVELS = 5_000
"""The same where a plan's search and its bounds ask for few left over first; half a second."""

MOST_UNITS = 128
"""Parts of more units are not begun with: their sets are too many, or their areas so small that others prove them."""

NODES = 5_000
"""Of branch and bound, for the choice."""

_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True, eq=False)
class ListedSolution:
    """The best choice of areas.

    Parameters
    ----------
    cost
        No plan of the part costs less; ∞ = there is none.
    labels
        (n,) the best plan found; None where there is none or none was found.
    left_over
        Households that no plan leaves fewer than; those of the plans that the cost is about, where they come first.
    is_proven
        Whether no plan is better than the labels, or none is there.
    """

    cost: float
    labels: np.ndarray | None
    left_over: int = 0
    is_proven: bool = False


def solve_by_listing(
    part: Subproblem, *, left_over: float | None, area: float, has_time: TimeLimit, most_sets: int = MOST_SETS
) -> ListedSolution | None:
    """The best plan of a part by listing its connected areas within the bounds.

    Areas are grown unit by unit (ESU; Wernicke 2006), left alone when they are too heavy, and chosen by a set
    partitioning model.

    Parameters
    ----------
    part
        Of stage "whole", measured in walks.
    left_over
        Price of a household in no area (∞ = everyone must have one); None = as few as possible come first.
    area
        Price of an area.
    has_time
        For the choice, besides its nodes, and in part for listing.
    most_sets
        See `MOST_SETS`.

    Returns
    -------
    None where the part is none of these, or has too many connected sets for this number or the time.
    """
    if part.n_units > MOST_UNITS or part.stage != "whole" or part.measure == "cut" or not part.is_contiguous:
        return None
    is_in = list_areas(part, most_sets, has_time.share(LISTING_SHARE))
    if is_in is None:
        return None
    cost = measure_areas(part, is_in) + area
    if left_over is not None:
        return _choose(part, is_in, cost, left_over, has_time)
    nothing = np.zeros(len(cost))
    least = _whole(_choose(part, is_in, nothing, 1.0, has_time, relax=True).cost)
    found = _choose(
        part, is_in, cost, 0.0, has_time, most_left=least
    )  # mostly whole units can do as well as split ones
    if not found.is_proven or found.labels is not None:
        return found
    fewest = _choose(part, is_in, nothing, 1.0, has_time)
    least = max(least, _whole(fewest.cost))
    if not fewest.is_proven or fewest.labels is None:
        return ListedSolution(0.0 if np.isfinite(fewest.cost) else np.inf, None, least, not np.isfinite(fewest.cost))
    return _choose(part, is_in, cost, 0.0, has_time, most_left=least)


def _whole(households: float) -> int:
    """The least whole number that a bound proves; none of no plan."""
    return int(np.ceil(households - 1e-6)) if np.isfinite(households) else 0


def list_levels(part: Subproblem, area: float = 0.0) -> ListedSolution | None:
    """The fewest households that a part leaves over and the least cost beside them, without a clock.

    Search and bounds ask for the same: what was found is kept.

    Parameters
    ----------
    part
        The subproblem.
    area
        Price of an area.
    """
    if part.n_units > MOST_UNITS or part.stage != "whole":
        return None
    found = _solve_levels(_Listed(digest_parts([part]), part), area)
    return found if found is None or found.labels is None else replace(found, labels=found.labels.copy())


@dataclass(frozen=True)
class _Listed:
    """A part, known by what its solution depends on."""

    digest: bytes
    part: Subproblem = field(compare=False)


@lru_cache(maxsize=512)
def _solve_levels(listed: _Listed, area: float) -> ListedSolution | None:
    return solve_by_listing(listed.part, left_over=None, area=area, has_time=ENDLESS, most_sets=MOST_SETS_OF_LEVELS)


def list_areas(part: Subproblem, most_sets: int, has_time: TimeLimit = ENDLESS) -> np.ndarray | None:
    """(s, n) bool: every connected set of units within all bounds; None where there are too many of them.

    Parameters
    ----------
    part
        Of stage "whole".
    most_sets, has_time
        Sets met at most, and time for them (`connected_sets.list_masks`).
    """
    masks = list_masks(part.adjacency, part.weights, part.uppers, most_sets, has_time=has_time)
    if masks is None:
        return None
    is_in = unpack_masks(masks, part.n_units)
    return np.asarray(is_in[(is_in @ part.weights.T >= part.lowers).all(axis=1)])


def measure_areas(part: Subproblem, is_in: np.ndarray) -> np.ndarray:
    """(s,) least Σ walkers × metres to a member, of each set.

    Parameters
    ----------
    part
        Of stage "whole".
    is_in
        (s, n) bool.
    """
    cost = np.empty(len(is_in))
    metres = part.metres.astype(float)
    for first in range(0, len(is_in), _ROWS_AT_ONCE):
        some = is_in[first : first + _ROWS_AT_ONCE]
        walked = (some * part.walkers) @ metres.T
        cost[first : first + _ROWS_AT_ONCE] = np.where(some, walked, np.inf).min(axis=1)
    return cost


def _choose(
    part: Subproblem,
    is_in: np.ndarray,
    cost: np.ndarray,
    left_over: float,
    has_time: TimeLimit,
    *,
    most_left: int | None = None,
    relax: bool = False,
) -> ListedSolution:
    """The cheapest sets that share no unit, of those that leave no more than `most_left` households over."""
    n, must = part.n_units, not np.isfinite(left_over)
    left = np.zeros(n) if must else part.households * left_over
    members = membership([np.flatnonzero(row) for row in is_in], [0] * len(is_in), (n, 1))[:n]
    everything = np.concatenate([cost, left])
    scale = max(1.0, float(np.median(cost))) if len(cost) else 1.0
    upper = np.concatenate([np.ones(len(cost)), np.full(n, 0.0 if must else 1.0)])
    is_whole = np.full(len(everything), not relax)
    model = set_partitioning_model(everything / scale, members, n, is_whole=is_whole, upper=upper)
    if part.k:
        model.add([LinearRow(np.arange(len(cost)), np.ones(len(cost)), part.k, part.k)])
    if most_left is not None:
        model.add([LinearRow(len(cost) + np.arange(n), part.households.astype(float), -INFINITY, most_left + 0.5)])
    found = model.solve(has_time=has_time, nodes=NODES)
    if found.values is None:
        return ListedSolution(found.bound * scale, None, most_left or 0, found.is_proven)
    chosen = found.values > 0.5
    labels = np.full(n, -1, dtype=np.int64)
    for number, k in enumerate(np.flatnonzero(chosen[: len(cost)]).tolist()):
        labels[is_in[k]] = number
    least = float(everything[chosen].sum()) if found.is_proven and not relax else found.bound * scale
    return ListedSolution(least, labels, most_left or 0, found.is_proven)
