"""Parts share time and threads by their size, and what is proven best is not searched again."""

import numpy as np
import pytest

from analysis.bundling.model.score import PEOPLE_FIRST, Score
from analysis.bundling.solver import parallel
from analysis.bundling.solver.base.bound_limits import BoundLimits
from analysis.bundling.solver.base.budget import SearchBudget
from analysis.bundling.solver.base.policy import POLICIES
from analysis.bundling.solver.base.stop import StopAfter
from analysis.bundling.solver.base.subproblem import split_whole
from analysis.bundling.solver.base.work_log import NO_TIME, WorkLog
from analysis.bundling.solver.construct import construct


def parts_of(random_town, n_walls):
    problem = random_town(3, n=40, n_walls=n_walls)
    return split_whole(problem, np.arange(problem.n_units))


def test_bounds_share_the_time_by_size(random_town):
    parts = parts_of(random_town, 3)
    shares, numbers = [], []

    def limits(share, part):
        shares.append(share)
        numbers.append(part)
        return BoundLimits(lambda step: False, NO_TIME)

    assert parallel.bound_parts(parts, lambda k, _: k, limits) == list(range(len(parts)))
    assert numbers == [1, 2, 3]
    sizes = [part.n_units for part in parts]
    assert shares == pytest.approx([size / sum(sizes[k:]) for k, size in enumerate(sizes)])


@pytest.mark.parametrize(("n_walls", "workers", "inside"), [(1, 1, 1), (1, 4, 4), (2, 4, 2), (3, 2, 1)])
def test_workers_that_have_no_part_of_their_own_work_inside_the_others(random_town, n_walls, workers, inside):
    parts = parts_of(random_town, n_walls)
    assert len(parts) == n_walls
    budget = SearchBudget(StopAfter(rounds=1), POLICIES["plan"], workers=workers)
    found = parallel.bound_parts(parts, lambda _, limits: limits.workers, budget.bound_budget, workers=workers)
    assert found == [inside] * n_walls


@pytest.mark.parametrize("workers", [1, 2])
def test_only_open_parts_are_searched(random_town, monkeypatch, workers):
    parts = parts_of(random_town, 3)
    labels = [construct(part) for part in parts]
    searched = []
    monkeypatch.setattr(
        parallel, "improve_subproblem", lambda part, labels, *_, **__: searched.append(part.units[0]) or labels
    )
    budget = SearchBudget(StopAfter(rounds=1), POLICIES["plan"], workers=workers)
    found = parallel.search_parts(
        parts,
        labels,
        PEOPLE_FIRST,
        np.random.SeedSequence(0),
        budget,
        around=Score(0, 0, 0),
        is_open=[True, False, True],
    )
    assert sorted(searched) == [parts[0].units[0], parts[2].units[0]]
    assert all(one is other for one, other in zip(found, labels, strict=True))


@pytest.mark.parametrize(("workers", "n_starts"), [(1, 1), (2, parallel.N_STARTS)])
def test_one_part_alone_is_searched_side_by_side_and_so_again_by_its_record(
    random_town, monkeypatch, workers, n_starts
):
    (part,) = parts_of(random_town, 1)
    start = construct(part)

    def search(part, labels, objective, rng, spent, *, each, has_time, met):
        asked = 1
        while spent(1, labels) < 1:
            asked += 1
        met.append((asked, rng.random()))
        return np.full(part.n_units, -1) if len(met) % 2 else labels

    def run(stop, workers):
        met = [[]]
        budget = SearchBudget(stop, POLICIES["instance"], workers=workers)
        seeds = np.random.SeedSequence(0)
        (found,) = parallel.search_parts([part], [start], PEOPLE_FIRST, seeds, budget, around=Score(0, 0, 0), met=met)
        assert (found == start).all()  # nobody led is worse
        return met[0], budget.log.record

    monkeypatch.setattr(parallel, "improve_subproblem", search)
    met, record = run(StopAfter(seconds=0.05), workers)
    assert len({drawn for _, drawn in met}) == len(met) == n_starts
    for other in (1, 2, 4):
        assert run(StopAfter(seconds=0.05, clock=record), other) == (met, record)


@pytest.mark.parametrize("stop", [StopAfter(rounds=3), StopAfter(seconds=10, rounds=3)])
def test_where_rounds_are_counted_no_part_is_searched_twice(random_town, monkeypatch, stop):
    (part,) = parts_of(random_town, 1)
    searched = []
    monkeypatch.setattr(parallel, "improve_subproblem", lambda part, labels, *_, **__: searched.append(1) or labels)
    budget = SearchBudget(stop, POLICIES["instance"], workers=4)
    seeds = np.random.SeedSequence(0)
    parallel.search_parts([part], [construct(part)], PEOPLE_FIRST, seeds, budget, around=Score(0, 0, 0))
    assert searched == [1]


class Clock(WorkLog):
    """Seconds pass when they are told to."""

    seconds = 0.0


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_a_part_alone_leaves_later_stages_their_share_of_the_seconds(random_town, workers):
    (part,) = parts_of(random_town, 1)
    clock = Clock()
    budget = SearchBudget(StopAfter(seconds=100.0), POLICIES["plan"], workers=workers, log=clock)
    budget.begin("lead", [Score(0, 0, 0)], Score(0, 0, 0), 2 * part.n_units)
    start = construct(part)
    assert budget.decide_multistart(2) is (workers > 1)
    spent = [budget.part_budget(0, part, number) for number in range(1 + (workers > 1))]
    clock.seconds = 22.5  # half of its half of the search's 90 s
    assert [one(1, start) for one in spent] == [0.5] * len(spent)
