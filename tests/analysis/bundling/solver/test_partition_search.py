"""Areas without an anchor: the best choice of areas met, and a search that keeps every bound and finds the best."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.model.score import PEOPLE_FIRST, Objective
from analysis.bundling.solver.base.evaluate import drop_infeasible_areas, evaluate
from analysis.bundling.solver.base.subproblem import split_whole
from analysis.bundling.solver.base.work_log import ENDLESS
from analysis.bundling.solver.construct import construct
from analysis.bundling.solver.exact.assignment_mip import PlanCosts
from analysis.bundling.solver.exact.listed_areas import solve_by_listing
from analysis.bundling.solver.partition_search import search_partition
from analysis.bundling.solver.solution_pool import SolutionPool
from tests.effort import examples

LEFT, AREA = 900, 20_000
PRICED = Objective(left_over_m=LEFT, area_m=AREA)


def little_part(random_town, seed, **changes):
    town = random_town(seed, n=9, n_walls=1, lower=300, upper=900)
    parts = split_whole(town, np.arange(town.n_units))
    return replace(parts[0], **changes) if parts else None


def plan_of(part, areas):
    labels = np.full(part.n_units, -1, dtype=np.int64)
    for number, units in enumerate(areas):
        labels[list(units)] = number
    return labels


@pytest.mark.parametrize("rounds", [0, 2])
def test_a_start_of_another_number_of_areas_is_no_plan(random_town, rounds):
    """Cheaper than any plan of the number that is given: nobody is left over."""
    part = little_part(random_town, 1, k=2)
    start = plan_of(part, [[unit] for unit in range(part.n_units)])
    spent = lambda done, _: done / rounds if rounds else 1.0  # noqa: E731
    found = search_partition(part, start, PEOPLE_FIRST, np.random.default_rng(0), spent, ENDLESS, [])
    assert len(np.unique(found[found >= 0])) in (0, 2)


@pytest.mark.parametrize("k", [0, 2])
@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 6))
def test_areas_met_are_put_together_as_well_as_by_trying_all(random_town, k, seed, count):
    """What labels hold outside the bounds is passed over."""
    part = little_part(random_town, seed, k=k)
    if part is None:
        return
    costs, rng = PlanCosts(LEFT, AREA), np.random.default_rng(seed)
    pool, met = SolutionPool(part, costs), set()
    for _ in range(count):
        labels = rng.integers(-1, 4, part.n_units)
        pool.add(labels)
        for area in np.unique(labels[labels >= 0]):
            units = np.flatnonzero(labels == area)
            totals = part.weights[:, units].sum(axis=1)
            if ((part.lowers <= totals) & (totals <= part.uppers)).all():
                met.add(tuple(units.tolist()))
    sizes = [k] if k else range(part.n_units + 1)
    plans = [
        plan_of(part, some)
        for size in sizes
        for some in combinations(sorted(met), size)
        if sum(map(len, some)) == len(set().union(*some))
    ]
    found = pool.solve_set_partitioning()
    assert np.array_equal(drop_infeasible_areas(part, found), found)
    if plans:
        assert np.isclose(costs.of(part, found), min(costs.of(part, plan) for plan in plans))
    else:
        assert (found == -1).all()


@pytest.mark.parametrize("objective", [PEOPLE_FIRST, PRICED])
@pytest.mark.parametrize("measure", ["walk", "cut"])
@settings(max_examples=examples(6), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_search_is_sound_never_worse_and_the_same_again(random_town, measure, objective, seed):
    town = random_town(seed, n=30, n_walls=1, lower=700, upper=2_500)
    for part in split_whole(town, np.arange(town.n_units)):
        part = replace(part, measure=measure)
        start, met = construct(part), []

        def search(met, part=part, start=start):
            rng = np.random.default_rng(seed)
            return search_partition(part, start, objective, rng, lambda n, _: n / 12, ENDLESS, met)

        found = search(met)
        assert np.array_equal(drop_infeasible_areas(part, found), found)
        for area in np.unique(found[found >= 0]):
            assert part.adjacency.reach(int(np.flatnonzero(found == area)[0]), found == area).sum() == sum(
                found == area
            )
        assert evaluate(part, found).key(objective) <= evaluate(part, start).key(objective)
        assert np.array_equal(search([]), found)
        names = {tuple(units.tolist()) for _, units in met}
        assert all(tuple(np.flatnonzero(found == area).tolist()) in names for area in np.unique(found[found >= 0]))
        for medoid, units in met:
            assert medoid in units


def test_little_parts_are_searched_to_the_best(random_town):
    """As good as the best of all areas listed in all parts but one, and never better."""
    hits = tried = 0
    for seed in range(24):
        part = little_part(random_town, seed)
        if part is None:
            continue
        found = search_partition(
            part, construct(part), PRICED, np.random.default_rng(seed), lambda n, _: n / 4, ENDLESS, []
        )
        best = solve_by_listing(part, left_over=LEFT, area=AREA, has_time=ENDLESS).cost
        cost = evaluate(part, found).key(PRICED)[1]
        assert cost >= best - 1e-6
        hits, tried = hits + (cost <= best + 1e-6), tried + 1
    assert tried >= 12
    assert hits >= tried - 1
