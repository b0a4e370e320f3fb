"""What the clock decides is recorded, and whoever is told it does the same work, however fast."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from analysis.bundling.solve.solve import solve
from analysis.bundling.solver.base.budget import CONCURRENT
from analysis.bundling.solver.base.stop import StopAfter
from analysis.bundling.solver.base.subproblem import group_units
from analysis.bundling.solver.base.work_log import ENDLESS, NO_TIME, ClockLimit, ClockRecord, WorkLog
from analysis.bundling.solver.models.mip import INFINITY, MipModel


@pytest.fixture
def speed(monkeypatch):
    """Sets how many seconds pass in a second."""
    passed = WorkLog.seconds.fget
    return lambda factor: monkeypatch.setattr(WorkLog, "seconds", property(lambda self: factor * passed(self)))


def ask(limit, times):
    return [limit() for _ in range(times)]


def test_a_limit_ends_where_it_ended_before():
    left = iter([3.0, 2.0, 0.0, 9.0])
    first = WorkLog()
    assert ask(first.limit(2, lambda: next(left)), 4) == [True, True, False, False]
    told = WorkLog(first.record)
    assert ask(told.limit(1, lambda: 0.0), 3) == [True] * 3  # of another part
    assert ask(told.limit(2, lambda: 9.0), 4) == [True, True, False, False]
    assert ask(told.limit(2, lambda: 0.0), 3) == [True] * 3  # the next of the part
    assert told.record == first.record


def test_a_share_of_the_time_is_a_limit_of_its_own():
    log = WorkLog()
    whole = log.limit(1, lambda: 1000.0)
    assert not whole.share(0.5, 0.0)()
    assert whole.share(0.5)()
    assert whole()
    assert log.record.ended == ((1, 1, 1),)


def test_decisions_are_told_too():
    log = WorkLog()
    assert [log.decide(lambda: True), log.decide(lambda: False)] == [True, False]
    again = WorkLog(log.record)
    assert [again.decide(lambda: False), again.decide(lambda: True)] == [True, False]


def test_who_wants_the_end_gets_it_even_where_the_work_is_told():
    wanted = []
    limit = WorkLog(ClockRecord(), lambda: bool(wanted)).limit(0, lambda: 1.0)
    assert limit()
    wanted.append(1)
    assert not limit()


def test_limits_that_record_nothing():
    assert (ENDLESS(), NO_TIME(), ENDLESS.share(0.1)(), NO_TIME.share(1.0)()) == (True, False, True, False)
    assert ClockLimit(60.0).share(0.5)()
    assert not ClockLimit(60.0).share(0.5, 0.0)()


def hard_model():
    rng = np.random.default_rng(1)
    model = MipModel(-rng.integers(10, 100, 50).astype(float), np.ones(50), np.ones(50, dtype=bool))
    model.add_matrix(csr_array(rng.integers(5, 60, (30, 50)).astype(float)), np.full(30, -INFINITY), np.full(30, 300.0))
    return model


def test_a_solver_is_interrupted_at_the_same_place():
    first = WorkLog()
    asked = iter([1.0] * 60)
    one = hard_model().solve(has_time=first.limit(0, lambda: next(asked, 0.0)))
    assert first.record.ended == ((0, 0, 61),)
    told = WorkLog(first.record)
    other = hard_model().solve(has_time=told.limit(0, lambda: 1.0))
    assert not one.is_proven
    assert (one.bound, one.values.tolist()) == (other.bound, other.values.tolist())
    whole = hard_model().solve()
    assert whole.is_proven
    assert one.bound < whole.bound


def test_a_model_solved_again_without_a_limit_is_not_interrupted():
    model = hard_model()
    asked = iter([1.0] * 20)
    assert not model.solve(has_time=WorkLog().limit(0, lambda: next(asked, 0.0))).is_proven
    assert model.solve().is_proven


@pytest.mark.parametrize(
    ("mode", "gap", "n_walls"),
    [(mode, gap, n_walls) for n_walls in (2, 1) for mode, gap in (("lead", None), ("whole", None), ("mixed", 0.2))],
)
def test_a_search_by_seconds_is_done_again(random_town, speed, mode, gap, n_walls):
    """Of one street, the search goes on beside the proof."""
    problem = random_town(5, n=40, mode=mode, n_walls=n_walls, anchor_share=0.15)
    speed(20.0)  # its seconds end in the middle of every step
    first = solve(problem, seed=1, stop=StopAfter(seconds=10.0, gap=gap), workers=2)
    is_concurrent = any(part >= CONCURRENT for part, *_ in first.clock.ended)
    sizes = [len(units) for units in group_units(problem)]
    assert is_concurrent == (sum(sizes) < 1.5 * max(sizes)) == (n_walls == 1)
    speed(0.001)
    again = solve(problem, seed=1, stop=StopAfter(seconds=10.0, gap=gap, clock=first.clock), workers=1)
    assert np.array_equal(again.plan.area_of, first.plan.area_of)
    assert np.array_equal(again.plan.anchor_of, first.plan.anchor_of)
    assert (again.bound, again.rounds, again.clock) == (first.bound, first.rounds, first.clock)
