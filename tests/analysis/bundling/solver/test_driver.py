"""In which order a run constructs, bounds and searches, and when it searches once more."""

import time
from dataclasses import dataclass, field

import pytest

from analysis.bundling.model.score import Score
from analysis.bundling.solver import driver
from analysis.bundling.solver.base.budget import CONCURRENT, Progress, SearchBudget
from analysis.bundling.solver.base.policy import BudgetPolicy
from analysis.bundling.solver.base.stop import StopAfter
from analysis.bundling.solver.base.work_log import WorkLog

POLICY = BudgetPolicy(search=0.5)
HOUR = StopAfter(seconds=3600)


@dataclass
class Counting:
    """A task whose solutions are numbers: each search finds the next one, and `best` cannot be better."""

    best: int = 9
    is_near: bool = False
    stages = ("lead",)
    is_bounded = False
    measure = "walk"
    sizes: tuple[int, ...] = (9,)
    phases: list[str] = field(default_factory=list)

    def initial_progress(self):
        return Progress(0.0, 0, "lead", 0, 0, Score(0, 0, 0))

    def construct(self):
        self.phases.append("construct")
        return 0

    def bound_before(self, solution, budget):
        self.phases.append("bound before")
        return solution, self.best

    def gap_test(self, prior, gap):
        return lambda labels, worth: self.is_near

    def search(self, solution, budget, bound=None):
        self.phases.append("search" if bound is None else "search again")
        budget.begin("lead", [Score(0, 0, 0)], Score(0, 0, 0), 1)
        return solution + 1

    def bound(self, solution, budget, prior):
        self.phases.append("bound")
        return solution, self.best

    def choose_better(self, one, other):
        return max(one, other)

    def is_open(self, solution, bound):
        return solution < bound

    def bound_again(self, before, solution, bound, budget):
        self.phases.append("bound again")
        return solution, bound


@pytest.fixture(autouse=True)
def _without_kernels(monkeypatch):
    monkeypatch.setattr(driver, "compile_kernels", lambda stages, *, is_bounded, measure: None)


def test_what_is_open_is_searched_again_in_the_time_the_bounds_left():
    task = Counting()
    found = driver.search_and_bound(task, POLICY, stop=HOUR)
    assert task.phases == ["construct", "search", "bound", "search again", "bound again"]
    assert (found.solution, found.bound) == (2, 9)


def test_bounds_are_made_before_the_search_where_a_gap_is_asked_for():
    task = Counting()
    driver.search_and_bound(task, POLICY, stop=StopAfter(seconds=3600, gap=0.01))
    assert task.phases[:3] == ["construct", "bound before", "search"]


@pytest.mark.parametrize(
    ("task", "policy", "stop"),
    [
        (Counting(best=1), POLICY, HOUR),  # proven best
        (Counting(), BudgetPolicy(search=0.5, second_search=0.0), HOUR),
        (Counting(), POLICY, StopAfter(rounds=5)),  # no clock is read
        (Counting(), POLICY, StopAfter(seconds=3600, rounds=5)),
        (Counting(), POLICY, StopAfter(seconds=0)),
        (Counting(), POLICY, StopAfter(seconds=3600, when=lambda: True)),
        (Counting(is_near=True), POLICY, StopAfter(seconds=3600, gap=0.5)),
    ],
)
def test_otherwise_it_is_searched_once(task, policy, stop):
    assert driver.search_and_bound(task, policy, stop=stop).solution == 1
    assert task.phases[-1] == "bound"


@dataclass
class Searching(Counting):
    """Searches until its limit says that time is over; the proof, which finds 7, may take a while."""

    proof_s: float = 0.0

    def search(self, solution, budget, bound=None):
        if budget.is_concurrent:
            limit = budget.search_limit(1)
            while limit():
                time.sleep(0.001)
        return super().search(solution, budget, bound)

    def bound(self, solution, budget, prior):
        limit = budget.bound_budget(1.0, 1).has_time
        end = time.monotonic() + self.proof_s
        while limit() and time.monotonic() < end:
            time.sleep(0.001)
        return max(7, solution), self.best


def test_where_half_of_the_workers_do_the_search_goes_on_beside_the_proof():
    task = Searching(best=7, proof_s=0.05)
    log = WorkLog()
    found = driver.search_and_bound(task, POLICY, stop=HOUR, workers=2, log=log)
    assert task.phases == ["construct", "search", "search", "bound again"]
    assert (found.solution, found.bound) == (7, 7)  # what the proof met; the search beside it ended then
    assert {part for part, *_ in log.record.ended} == {CONCURRENT, CONCURRENT + 1}


def test_a_search_beside_a_proof_that_leaves_something_open_has_all_the_time():
    task = Searching(best=9)
    policy = BudgetPolicy(search=0.5, second_search=1.0)
    found = driver.search_and_bound(task, policy, stop=StopAfter(seconds=0.3), workers=2)
    assert found.seconds >= 0.3
    assert found.bound == 9


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_beside_a_proof_is_done_again_by_its_record(workers):
    log, task = WorkLog(), Searching(best=9)
    driver.search_and_bound(task, POLICY, stop=StopAfter(seconds=0.2), workers=2, log=log)
    again = Searching(best=9)
    told = StopAfter(seconds=0.2, clock=log.record)
    driver.search_and_bound(again, POLICY, stop=told, workers=workers, log=(second := WorkLog(told.clock)))
    assert again.phases == task.phases
    assert second.record == log.record


def test_a_proof_that_fails_ends_the_search_beside_it(monkeypatch):
    task = Searching()
    monkeypatch.setattr(task, "bound", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        driver.search_and_bound(task, POLICY, stop=HOUR, workers=2)


@pytest.mark.parametrize(
    ("workers", "sizes", "is_concurrent"),
    [
        (2, (), True),
        (2, (90, 2, 1), True),
        (2, (70, 20), True),
        (2, (45, 30), False),
        (3, (45, 45), False),
        (4, (45, 45), True),
        (8, (9,) * 5, False),
        (8, (9,) * 4, True),
    ],
)
def test_parts_that_keep_the_workers_busy_are_searched_and_then_bounded(workers, sizes, is_concurrent):
    task = Searching(best=7, sizes=sizes)
    driver.search_and_bound(task, POLICY, stop=StopAfter(seconds=0.1), workers=workers)
    assert (task.phases.count("search") == 2) == is_concurrent


def test_half_of_the_workers_search_and_the_others_prove_and_rounds_are_counted_on():
    budget = SearchBudget(HOUR, POLICY, workers=3)
    budget.rounds = 5
    search, proof = budget.split_concurrent(bool)
    assert (search.workers, proof.workers, search.rounds) == (1, 2, 5)
    search.rounds, search.within_gap, search.why_stopped = 12, True, "gap"
    budget.join_concurrent(search)
    assert (budget.rounds, budget.within_gap, budget.why_stopped) == (12, True, "gap")


@pytest.mark.parametrize(
    ("workers", "policy", "stop"),
    [(1, POLICY, HOUR), (2, BudgetPolicy(search=0.5, second_search=0.0), HOUR), (2, POLICY, StopAfter(rounds=5))],
)
def test_else_one_follows_the_other(workers, policy, stop):
    task = Counting(best=1)
    driver.search_and_bound(task, policy, stop=stop, workers=workers)
    assert task.phases == ["construct", "search", "bound"]
