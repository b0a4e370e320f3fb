"""What columns and cuts prove never exceeds what any plan costs."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from analysis.bundling.model.score import Objective
from analysis.bundling.solver.base.evaluate import drop_infeasible_areas, evaluate
from analysis.bundling.solver.base.subproblem import split_lead
from analysis.bundling.solver.base.work_log import ENDLESS, ClockLimit
from analysis.bundling.solver.construct import construct
from analysis.bundling.solver.exact.columns.proof import prove_by_column_generation
from tests.analysis.bundling.solver.exact.columns.little_parts import LEFT, all_areas
from tests.effort import examples


@pytest.mark.parametrize("seconds", [0.0, 60.0])
@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 10**6))
@example(seed=179262)  # the plan given is best already, which HiGHS sees before its search begins
def test_the_proof_never_exceeds_the_best_of_all_plans(random_town, best_score, seconds, seed):
    town = random_town(seed, n=8, mode="lead", n_walls=1, anchor_share=0.3)
    inside = np.zeros(town.n_units, dtype=bool)
    bound = cost = 0.0
    for part in split_lead(town):
        inside[part.units] = True
        labels = construct(part)
        objective = Objective(left_over_m=LEFT)
        aim = float(evaluate(part, labels).key(objective)[1])
        proven = prove_by_column_generation(
            part,
            labels,
            left_over=LEFT,
            area=0.0,
            prices=np.zeros(part.n_units),
            bound=0.0,
            aim=aim,
            has_time=ClockLimit(seconds),
        )
        assert np.array_equal(proven.labels, drop_infeasible_areas(part, proven.labels))
        bound += proven.bound
        cost += evaluate(part, proven.labels).key(objective)[1]
    outside = LEFT * town.households[~inside & town.is_target].sum()
    left, metres = best_score(town)
    assert bound + outside <= LEFT * left + metres + 1e-3
    if seconds:  # little towns are solved
        assert np.isclose(bound, cost)


@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_where_the_bound_is_known_already_the_best_plan_is_found_all_the_same(random_town, seed):
    town = random_town(seed, n=8, mode="lead", n_walls=1, anchor_share=0.3)
    for part in split_lead(town):

        def prove(bound, part=part):
            labels = construct(part)
            aim = float(evaluate(part, labels).key(Objective(left_over_m=LEFT))[1])
            prices, has_time = np.zeros(part.n_units), ClockLimit(60.0)
            return prove_by_column_generation(
                part, labels, left_over=LEFT, area=0.0, prices=prices, bound=bound, aim=aim, has_time=has_time
            )

        first = prove(0.0)
        again = prove(first.bound)
        key = [evaluate(part, one.labels).key(Objective(left_over_m=LEFT)) for one in (first, again)]
        assert key[0] == key[1]
        assert np.isclose(again.bound, first.bound)


@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_where_everyone_must_have_an_area_the_best_of_all_plans_is_proven(random_town, best_score, seed):
    town = random_town(seed, n=8, mode="lead", n_walls=1, anchor_share=0.3)
    parts = split_lead(town)
    inside = np.zeros(town.n_units, dtype=bool)
    for part in parts:
        inside[part.units] = True
    left, metres = best_score(town)
    assume(left == town.households[~inside & town.is_target].sum())
    objective = Objective(left_over_m=None)
    bound = 0.0
    for part in parts:
        labels = construct(part)
        over, known = evaluate(part, labels).key(objective)
        aim = float(10 * known + metres if over else known)
        proven = prove_by_column_generation(
            part,
            labels,
            left_over=np.inf,
            area=0.0,
            prices=np.zeros(part.n_units),
            bound=0.0,
            aim=aim,
            has_time=ENDLESS,
            met=[
                (j, np.array(units)) for j in range(len(part.anchors)) for units in islice(all_areas(part, j), seed % 9)
            ],
        )
        assert evaluate(part, proven.labels).key(objective) == (0, round(proven.bound))
        bound += proven.bound
    assert np.isclose(bound, metres)
