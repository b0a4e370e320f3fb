"""In which order a run constructs, bounds and searches, and when it searches once more."""

from dataclasses import dataclass, field

import pytest

from analysis.bundling.model.score import Score
from analysis.bundling.solver import driver
from analysis.bundling.solver.base.budget import Progress, StopAfter
from analysis.bundling.solver.base.policy import BudgetPolicy

POLICY = BudgetPolicy(search=0.5)
HOUR = StopAfter(seconds=3600)


@dataclass
class Counting:
    """A task whose solutions are numbers: each search finds the next one, and `best` cannot be better."""

    best: int = 9
    is_near: bool = False
    stages = ("lead",)
    is_bounded = False
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

    def is_open(self, solution, bound):
        return solution < bound

    def bound_again(self, before, solution, bound, budget):
        self.phases.append("bound again")
        return solution, bound


@pytest.fixture(autouse=True)
def _without_kernels(monkeypatch):
    monkeypatch.setattr(driver, "compile_kernels", lambda stages, *, is_bounded: None)


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
