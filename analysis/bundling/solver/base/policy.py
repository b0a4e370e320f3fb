"""How the seconds of a run are shared between plans and bounds: one policy for each kind of problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class BudgetPolicy:
    """Shares of the time, each 0 to 1; see `driver.search_and_bound` for the phases.

    Parameters
    ----------
    search
        Of all seconds, after which the search of the parts ends.
    plans
        Of all seconds, after which the local search that follows it ends, too.
    prior_bounds
        Of the time left, for bounds made before the search where it may end near them; 0 = it may not.
    left_over, unled, metres
        Of the time left, for the bounds of the households left over, of those in areas without an anchor, and
        of the metres where a further bound is made after them.
    quick_bounds
        Of all seconds, at most for the bounds of a plan that was made with locks or is still searched for.
    start
        Of all seconds, at most for the local search of a plan to start from.
    second_search
        Of the time that the bounds left, for a second search; 0 = none.
    has_search_beside
        Whether the search goes on while bounds are made, where they leave workers to it.
    long_s, later
        Seconds after which plans are seldom better, and the share of those after it that the search still has.

    Examples
    --------
    >>> policy = BudgetPolicy(search=0.7, long_s=100, later=0.1)
    >>> policy.search_share(60.0), round(policy.search_share(600.0), 3)
    (0.7, 0.2)
    """

    search: float
    plans: float = 0.9
    prior_bounds: float = 0.1
    left_over: float = 0.4
    unled: float = 0.2
    metres: float = 0.3
    quick_bounds: float = 0.05
    start: float = 0.5
    second_search: float = 0.9
    has_search_beside: bool = True
    long_s: float = float("inf")
    later: float = 1.0

    def search_share(self, seconds: float | None) -> float:
        """The share of so many seconds that the search has; None = no clock is read."""
        if seconds is None or seconds <= self.long_s:
            return self.search
        return (self.search * self.long_s + self.later * (seconds - self.long_s)) / seconds


Kind = Literal[
    "plan",
    "plan_areas",
    "plan_mixed",
    "plan_by_objectives",
    "instance",
    "instance_all",
    "instance_small",
    "instance_choice",
    "instance_partition",
    "instance_cut",
]
POLICIES: dict[Kind, BudgetPolicy] = {
    "plan": BudgetPolicy(search=0.9),
    # leaders are assigned and levels bounded in moments
    "plan_areas": BudgetPolicy(search=0.92, plans=0.92, prior_bounds=0.0, second_search=0.0),
    # units go between led areas and others, too: by local search
    "plan_mixed": BudgetPolicy(search=0.85),
    # the search goes by walking; bounds made before it would say nothing of the other objectives
    "plan_by_objectives": BudgetPolicy(search=0.5, prior_bounds=0.0),
    "instance": BudgetPolicy(search=0.7, left_over=0.1, second_search=1.0),
    # everyone must be led: a long run is the proof's
    "instance_all": BudgetPolicy(search=0.7, left_over=0.1, second_search=1.0, long_s=100.0, later=0.1),
    # what the columns of many small areas put together is often the better plan
    "instance_small": BudgetPolicy(search=0.45, left_over=0.1, second_search=1.0, long_s=100.0, later=0.1),
    # which leads are open is bounded in half a minute, and what is left of the gap seldom closed
    "instance_choice": BudgetPolicy(search=0.6, left_over=0.1, second_search=1.0, long_s=100.0, later=0.4),
    # columns of small areas without an anchor find the better plan as well as the bound, and a search beside them
    # takes a quarter of their time (Python's lock)
    "instance_partition": BudgetPolicy(search=0.3, left_over=0.1, second_search=1.0, has_search_beside=False),
    # a diagram finds the fewest cut edges as well as proving them, where it has room
    "instance_cut": BudgetPolicy(search=0.2, second_search=1.0),
}
"""For planning problems and for benchmark instances, by what is asked; measured, see decision 0012."""
