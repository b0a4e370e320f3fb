"""Areas around a medoid, by columns: no bound above the best of all plans, and little parts are solved."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis.bundling.model.score import Objective
from analysis.bundling.solver.base.evaluate import drop_infeasible_areas, evaluate
from analysis.bundling.solver.base.subproblem import split_whole
from analysis.bundling.solver.base.work_log import ENDLESS, ClockLimit
from analysis.bundling.solver.exact.columns.medoids import has_small_medoid_areas, prove_partition_by_columns
from analysis.bundling.solver.exact.listed_areas import solve_by_listing
from tests.effort import examples

LEFT, AREA = 900, 20_000


def best_cost(part):
    return solve_by_listing(part, left_over=LEFT, area=AREA, has_time=ENDLESS).cost


def prove(part, labels, seconds=20.0):
    aim = float(evaluate(part, labels).key(Objective(left_over_m=LEFT, area_m=AREA))[1])
    return prove_partition_by_columns(
        part,
        labels,
        left_over=LEFT,
        area=AREA,
        prices=np.zeros(part.n_units),
        bound=0.0,
        aim=aim,
        has_time=ClockLimit(seconds),
    )


def parts_of(random_town, seed):
    town = random_town(seed, n=9, n_walls=1, lower=300, upper=900)
    return split_whole(town, np.arange(town.n_units))


@pytest.mark.parametrize("seconds", [0.0, 20.0])
@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_best_of_all_partitions_is_proven_and_never_exceeded(random_town, seconds, seed):
    for part in parts_of(random_town, seed):
        best, nobody = best_cost(part), np.full(part.n_units, -1)
        proven = prove(part, nobody, seconds)
        cost = evaluate(part, proven.labels).key(Objective(left_over_m=LEFT, area_m=AREA))[1]
        assert proven.bound <= best + 1e-3
        assert cost <= LEFT * part.households.sum()
        assert np.array_equal(drop_infeasible_areas(part, proven.labels), proven.labels)
        if seconds:
            assert np.isclose(proven.bound, best)
            assert np.isclose(cost, best)


@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 10**6), worse=st.booleans())
@example(seed=681436, worse=True)  # an area more is worth more than it costs to open
def test_a_number_of_areas_is_kept_and_proven(random_town, seed, worse):
    for part in parts_of(random_town, seed):
        found = solve_by_listing(part, left_over=LEFT, area=0.0, has_time=ENDLESS)
        n_areas = len(np.unique(found.labels[found.labels >= 0]))
        if n_areas < 1:
            continue
        given_k = replace(part, k=n_areas)
        labels = found.labels
        if worse:  # the same number of areas, another plan
            labels = solve_by_listing(
                replace(given_k, metres=given_k.metres.max() - given_k.metres),
                left_over=LEFT,
                area=0.0,
                has_time=ENDLESS,
            ).labels
        proven = prove(given_k, labels)
        assert np.isclose(proven.bound, best_cost(given_k))
        assert len(np.unique(proven.labels[proven.labels >= 0])) == n_areas


def test_units_in_any_order_are_proven_the_same(random_town):
    part = parts_of(random_town, 4)[0]
    order = np.random.default_rng(0).permutation(part.n_units)
    links = part.links[order][:, order].tocsr()
    links.sort_indices()
    turned = replace(
        part,
        indptr=links.indptr.astype(np.int64),
        indices=links.indices.astype(np.int64),
        metres=np.ascontiguousarray(part.metres[order][:, order]),
        households=part.households[order],
        weight=part.weight[order],
        load=part.load[order],
        walkers=part.walkers[order],
    )
    nobody = np.full(part.n_units, -1)
    assert np.isclose(prove(part, nobody).bound, prove(turned, nobody).bound)


def test_parts_cut_by_edges_or_not_connected_are_not_searched_medoid_by_medoid(random_town):
    part = parts_of(random_town, 4)[0]
    assert has_small_medoid_areas(part)
    assert not has_small_medoid_areas(replace(part, measure="cut"))
    assert not has_small_medoid_areas(replace(part, is_contiguous=False))
    assert not has_small_medoid_areas(replace(part, upper=10**9, units=np.arange(13)))
