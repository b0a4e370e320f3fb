"""What a bound may use: steps, time, threads; and who is told as it rises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from analysis.bundling.solver.base.work_log import ENDLESS, NO_TIME, TimeLimit

GoesOn = Callable[[int], bool]
"""Asked before every step of a part's relaxation with its number."""

OnBound = Callable[[float], None]
"""Told of a bound that was proven, by one thread; what it is told changes nothing."""


def tell_nobody(bound: float) -> None:
    """Pass a bound over: nobody asked for it."""


@dataclass(frozen=True)
class BoundLimits:
    """What the bound of one part may use.

    Parameters
    ----------
    goes_on
        Asked before every step of a relaxation; the first step is always done.
    has_time
        Time that exact models have besides; none where no clock is read.
    workers
        Threads inside the part.
    on_bound
        Told of what is proven, as it rises.
    """

    goes_on: GoesOn
    has_time: TimeLimit
    workers: int = 1
    on_bound: OnBound = tell_nobody


class BoundBudget(Protocol):
    """What bounds may use of the time left."""

    def __call__(self, share: float, part: int = 0, /) -> BoundLimits:
        """Limits of the bound of a part, by its number from 1, in a share of the time left; 0 = of all parts."""


def scale_budget(budget: BoundBudget, share: float) -> BoundBudget:
    """A budget of a share of what a budget gives.

    Parameters
    ----------
    budget
        The whole.
    share
        0 to 1.
    """
    return lambda of, part=0, /: budget(share * of, part)


def step_budget(count: int, *, has_time: TimeLimit = ENDLESS) -> BoundBudget:
    """A budget of so many steps for each part.

    Parameters
    ----------
    count
        Steps of each part's relaxation.
    has_time
        For all parts together, bounded one after the other.

    Examples
    --------
    >>> limits = step_budget(3)(0.5)
    >>> limits.goes_on(2), limits.goes_on(3), limits.has_time()
    (True, False, False)
    """
    limits = BoundLimits(lambda step: step < count and has_time(), NO_TIME)
    return lambda share, part=0, /: limits


QUICK_STEPS = 40
QUICK_BUDGET = step_budget(QUICK_STEPS)
