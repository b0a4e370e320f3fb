"""Parts share time and threads by their size, and what is proven best is not searched again."""

import numpy as np
import pytest

from analysis.bundling.model.score import PEOPLE_FIRST, Score
from analysis.bundling.solver import parallel
from analysis.bundling.solver.base.bound_limits import BoundLimits
from analysis.bundling.solver.base.budget import SearchBudget, StopAfter
from analysis.bundling.solver.base.policy import POLICIES
from analysis.bundling.solver.base.subproblem import split_whole
from analysis.bundling.solver.base.work_log import NO_TIME
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
