"""Listing led and unled areas together finds the best plan of mode "mixed" of all, level after level."""

import numpy as np
import pytest

from analysis.bundling.evaluation.objective_values import primary_levels, walking_with_area_price
from analysis.bundling.model.plan import Plan
from analysis.bundling.solve.solve import solve
from analysis.bundling.solver.base.stop import StopAfter
from analysis.bundling.solver.exact import listed_groups
from analysis.bundling.solver.exact.listed_groups import solve_groups
from analysis.bundling.verify.verify import verify_plan
from tests.analysis.bundling.agreeing import agreeing
from tests.analysis.bundling.drawn_data import dataset_of, document_of, lawful

N_TOWNS, STEP = 120, 20


def town_of(seed, random_town, company_town):
    """Eight units; every third town with companies that may take on less than their anchors could."""
    values = {"n": 8, "mode": "mixed", "anchor_share": 0.35, "lower": 300, "upper": 1000, "n_walls": 1 + seed % 2}
    town = company_town(seed, tightness=0.4, **values) if seed % 3 == 0 else random_town(seed, **values)
    return lawful(town)


def levels_of(problem, plan):
    return (*primary_levels(problem, plan), walking_with_area_price(problem, plan))


@pytest.mark.parametrize(
    "seeds",
    [range(0, N_TOWNS, 12)]
    + [pytest.param(range(k, k + STEP), marks=pytest.mark.full) for k in range(0, N_TOWNS, STEP)],
    ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}",
)
def test_plans_are_the_best_of_all_proven_and_the_independent_check_proves_it_again(
    seeds, random_town, company_town, best_key
):
    for seed in seeds:
        problem = town_of(seed, random_town, company_town)
        price_m = problem.rules.area_worth
        best = best_key(problem, lambda metres, price_m=price_m: (metres + price_m,))
        found = solve(problem, seed=seed, stop=StopAfter(rounds=1))
        assert levels_of(problem, found.plan) == best, seed
        bound = found.bound
        assert (bound.left_over_households, bound.unled_households, bound.walks_and_areas) == best, seed
        assert found.status == ("optimal" if found.plan.n_areas else "infeasible"), seed
        dataset = dataset_of(problem)
        document = document_of(problem, found, dataset)
        told = verify_plan(dataset, document, agreeing(document))
        assert [one.sentence_en for one in told.violations if one.rule not in ("R22", "R26")] == [], seed
        assert [one.sentence_en for one in told.unchecked if one.what in ("levels", "streets", "status")] == [], seed


def test_groups_are_placed_where_they_are_and_kept_apart(random_town):
    problem = random_town(3, n=36, mode="mixed", anchor_share=0.3, n_walls=6)
    groups = solve_groups(problem)
    assert len(groups) > 3
    assert (np.concatenate([group.units for group in groups]) >= 0).all()
    again = [(one.left_over, one.unled, one.cost) for one in solve_groups(problem)]
    assert again == [(one.left_over, one.unled, one.cost) for one in groups]
    for group in groups:
        alone = np.full(problem.n_units, -1)
        alone[group.units] = group.area_of
        plan = Plan(alone, group.anchor_of)
        assert group.left_over == int(
            problem.households[group.units][(group.area_of < 0) & problem.is_target[group.units]].sum()
        )
        assert primary_levels(problem, plan)[1] == group.unled
        assert set(group.anchor_of[group.anchor_of >= 0].tolist()) <= set(problem.anchors.tolist())


def test_too_many_sets_are_left_to_the_search_and_their_bounds_stay_valid(random_town, best_key, monkeypatch):
    problem = random_town(5, n=8, mode="mixed", anchor_share=0.3, lower=300, upper=1000)
    best = best_key(problem)
    monkeypatch.setattr(listed_groups, "MOST_UNITS", 3)
    listed_groups._read_groups.cache_clear()
    assert not any(len(group.units) > 3 for group in solve_groups(problem))
    found = solve(problem, seed=0, stop=StopAfter(rounds=2))
    assert found.bound.left_over_households <= best[0] <= found.score.left_over_households
    listed_groups._read_groups.cache_clear()
