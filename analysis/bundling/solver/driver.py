"""The driver of every run: construct, bound where a gap is asked for, search, bound (and search), search again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import Generic, Protocol, TypeVar

import numpy as np

from analysis.bundling.model.score import Score
from analysis.bundling.solver.base.budget import Progress, SearchBudget
from analysis.bundling.solver.base.policy import BudgetPolicy
from analysis.bundling.solver.base.progress import heartbeat
from analysis.bundling.solver.base.stop import Stop
from analysis.bundling.solver.base.subproblem import Measure, Stage
from analysis.bundling.solver.base.work_log import WorkLog
from analysis.bundling.solver.search import compile_kernels

Solution = TypeVar("Solution")
Prior = TypeVar("Prior")
Bound = TypeVar("Bound")
GapTest = Callable[[Sequence[np.ndarray], Score], bool]
"""Whether the labels of all parts, with their total score, are near enough to a bound."""


class SearchTask(Protocol[Solution, Prior, Bound]):
    """What is to be solved, as the driver sees it: how solutions are made, bounded and compared."""

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Of the subproblems; their kernels are compiled before the clock runs."""

    @property
    def is_bounded(self) -> bool:
        """Whether further weights of areas are bounded (`search.compile_kernels`)."""

    @property
    def measure(self) -> Measure:
        """What areas cost, which may need further kernels."""

    @property
    def sizes(self) -> Sequence[int]:
        """Units of the parts that are searched and bounded each by itself."""

    def initial_progress(self) -> Progress:
        """What is reported before there is a solution."""

    def construct(self) -> Solution:
        """A first solution, sound and quickly made."""

    def bound_before(self, solution: Solution, budget: SearchBudget) -> tuple[Solution, Prior]:
        """What is proven in the policy's share of the time before a search, and a solution no worse.

        Parameters
        ----------
        solution
            The best so far.
        budget
            Of the run.
        """

    def gap_test(self, prior: Prior, gap: float) -> GapTest:
        """What tells whether the search has come near enough to such a bound.

        Parameters
        ----------
        prior
            What was proven before the search.
        gap
            Share of the value, 0 to 1, that is near enough.
        """

    def search(self, solution: Solution, budget: SearchBudget, bound: Bound | None = None) -> Solution:
        """A solution no worse; what is proven best is not searched again.

        It is called beside `bound`, too, from another thread.

        Parameters
        ----------
        solution
            The best so far.
        budget
            Of the run.
        bound
            In a second search, what is proven beside the solution.
        """

    def bound(self, solution: Solution, budget: SearchBudget, prior: Prior | None) -> tuple[Solution, Bound]:
        """What is proven in the time left, and a solution no worse that the proofs met.

        Parameters
        ----------
        solution
            The best so far.
        budget
            Of the run.
        prior
            What was proven before the search, if anything.
        """

    def choose_better(self, one: Solution, other: Solution) -> Solution:
        """What is best of two solutions; the first where they are as good.

        Parameters
        ----------
        one, other
            Sound solutions.
        """

    def is_open(self, solution: Solution, bound: Bound) -> bool:
        """Whether a solution is not proven best.

        Parameters
        ----------
        solution, bound
            The best so far, and what is proven beside it.
        """

    def bound_again(
        self, before: Solution, solution: Solution, bound: Bound, budget: SearchBudget
    ) -> tuple[Solution, Bound]:
        """The bound beside a better solution than the one it was made for.

        Parameters
        ----------
        before, bound
            The best before a second search, and what is proven beside it.
        solution
            What that search found; `before` itself where that is nothing better.
        budget
            Of the run.
        """


@dataclass(frozen=True)
class Solved(Generic[Solution, Bound]):
    """What a run found.

    Parameters
    ----------
    solution, bound
        The best solution, and what no solution can do better than.
    seconds, rounds
        Time of the run, compiling not counted, and rounds done, all parts together.
    why_stopped
        "seconds", "rounds", "asked", "gap", "searched out" or "nothing to search".
    """

    solution: Solution
    bound: Bound
    seconds: float
    rounds: int
    why_stopped: str


def search_and_bound(
    task: SearchTask[Solution, Prior, Bound],
    policy: BudgetPolicy,
    *,
    stop: Stop,
    on_progress: Callable[[Progress], None] | None = None,
    workers: int = 1,
    log: WorkLog | None = None,
) -> Solved[Solution, Bound]:
    """Solve a task within a budget, and bound what cannot be done better.

    Where a gap is asked for, bounds are made before the search, which ends near them. Where a clock is read
    and half of the workers do for the parts, the search goes on while bounds are made (decision 0059). Where bounds
    left more than a little of the seconds and something is not proven best, it is searched once more, from the
    solution at hand and with other random numbers. Runs of given rounds are searched once.

    Parameters
    ----------
    task
        What is to be solved.
    policy
        How the seconds are shared.
    stop
        Budget and question; see `stop.StopAfter`.
    on_progress
        Called at least twice a second from beginning to end, and at the end of each part; from
        several threads, one at a time.
    workers
        Parts searched or bounded at a time; it changes the time, not the solution of given rounds.
    log
        Where what the clock decides is recorded; None = nowhere.
    """
    with heartbeat(on_progress, task.initial_progress()) as report:
        compile_kernels(task.stages, is_bounded=task.is_bounded, measure=task.measure)
        budget = SearchBudget(stop, policy, report, workers, log=log)
        solution, prior = task.construct(), None
        if stop.gap is not None and policy.prior_bounds > 0:
            solution, prior = task.bound_before(solution, budget)
            budget.stop_when(task.gap_test(prior, stop.gap))
        solution = task.search(solution, budget)
        if budget.decide_concurrent(task.sizes):
            solution, bound = _search_while_bounding(task, solution, budget, prior)
        else:
            solution, bound = task.bound(solution, budget, prior)
        if task.is_open(solution, bound) and budget.begin_second_search():
            found = task.search(solution, budget, bound)
            solution, bound = task.bound_again(solution, found, bound, budget)
        return Solved(solution, bound, budget.seconds, budget.rounds, budget.why_stopped)


def _search_while_bounding(
    task: SearchTask[Solution, Prior, Bound], solution: Solution, budget: SearchBudget, prior: Prior | None
) -> tuple[Solution, Bound]:
    """What is proven in the time left, and the better of what the proofs and a search beside them met.

    Neither asks the other for anything but whether all is proven, which ends the search and is recorded.
    """
    is_closed = Event()

    def prove() -> tuple[Solution, Bound]:
        try:
            found = task.bound(solution, for_proof, prior)
        except BaseException:
            is_closed.set()
            raise
        if not task.is_open(*found):
            is_closed.set()
        return found

    for_search, for_proof = budget.split_concurrent(is_closed.is_set)
    with ThreadPoolExecutor(1) as pool:
        proof = pool.submit(prove)
        found = task.search(solution, for_search)
        proven, bound = proof.result()
    budget.join_concurrent(for_search)
    return task.bound_again(proven, task.choose_better(proven, found), bound, budget)
