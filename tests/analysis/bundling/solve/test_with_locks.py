"""What is proven of a problem stays proven where locks restrict it or a plan at hand is the better one."""

import numpy as np

from analysis.bundling.evaluation.score import score
from analysis.bundling.locks.locks import Lock
from analysis.bundling.model.plan import Plan
from analysis.bundling.solve import with_locks
from analysis.bundling.solve.result import Certificate, JurisdictionBound, Result
from analysis.bundling.solver.base.stop import StopAfter

ROUNDS = StopAfter(rounds=1)


def found_of(problem, plan, bound):
    return Result(plan, score(problem, plan), bound, "feasible", 0, 0.1, 1, "rounds")


def test_a_better_start_keeps_the_bounds_and_their_methods(make_problem, monkeypatch):
    problem = make_problem([(0, 1), (1, 2), (2, 3)], [6000] * 4, lower=10_000, upper=25_000)
    far, near = (Plan(np.array(a), np.full(n, -1)) for a, n in (([0] * 4, 1), ([0, 0, 1, 1], 2)))
    metres = score(problem, far).household_metres
    streets = (JurisdictionBound(0, 0, 0, metres, 1000),)
    proven = Certificate(0, 1000, "companies", "medoid_knapsacks", streets)
    monkeypatch.setattr(with_locks, "solve", lambda *_, **__: found_of(problem, far, proven))
    bound = with_locks.solve_with_locks(problem, start=near, stop=ROUNDS).bound
    now = score(problem, near).household_metres
    assert now < metres
    assert bound == Certificate(0, 1000, "companies", "medoid_knapsacks", (JurisdictionBound(0, 0, 0, now, 1000),))


def test_metres_are_not_bounded_where_the_start_leaves_more_over(make_problem, monkeypatch):
    """Under other aims a plan at hand may win with more households left over."""
    problem = make_problem([(0, 1)], [600, 600, 600], lower=500, upper=2500)
    fewer, more = (Plan(np.array([0, 0, 1]), np.full(2, -1)), Plan(np.array([0, 0, -1]), np.array([-1])))
    proven = Certificate(0, 1000, "counting", "medoid_knapsacks", (JurisdictionBound(0, 0, 0, 60_000, 1000),))
    bound = with_locks.transfer_certificate(problem, fewer, proven, more)
    assert (bound.left_over_households, bound.household_metres, bound.metres_method) == (0, None, "")
    assert bound.streets[0].least_metres is None


def test_with_locks_both_levels_and_every_street_are_bounded(random_town):
    problem = random_town(3, n=20, mode="whole", n_walls=2, lower=300, upper=1500)
    locks = [Lock("together", tuple(str(unit) for unit in problem.unit_ids[[0, 1]]))]
    result = with_locks.solve_with_locks(problem, locks, stop=ROUNDS)
    worth, bound = result.score, result.bound
    assert 0 <= bound.left_over_households <= worth.left_over_households
    assert 0 < bound.household_metres <= worth.household_metres
    assert bound.metres_method == "medoid_knapsacks"
    assert len(bound.streets) == len(np.unique(problem.jurisdiction))
    free = with_locks.solve_with_locks(problem, stop=ROUNDS)
    if free.score.left_over_households == worth.left_over_households:
        assert bound.household_metres <= free.score.household_metres
