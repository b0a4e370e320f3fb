"""What is preferred of an anchor: counted rule by rule, sought where it is asked for, never required."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from shapely import Point

from analysis.bundling.evaluation.objective_values import measure_area, measure_objectives
from analysis.bundling.model.objectives import objectives_of
from analysis.bundling.model.preferences import build_preferences
from analysis.bundling.model.rules import rules_from_policy
from analysis.bundling.solve.solve import solve
from analysis.bundling.solver.base.stop import StopAfter
from analysis.bundling.solver.base.subproblem import assignment_costs
from analysis.policy import read_policy
from tests.effort import examples

RULES = rules_from_policy(read_policy(), mode="mixed")
KNOWN = dict(zip("abcd", ("AAA", "AA", "A", None), strict=True))
"""Companies and how they are rated."""


class Joined:
    """Neighbours in a row: unit k beside k + 1."""

    def __init__(self, n):
        links = np.eye(n, k=1) + np.eye(n, k=-1)
        self.n_units, csr = n, csr_array(links)
        self.indptr, self.indices = csr.indptr, csr.indices


def tables(years, renewed, companies, points=()):
    """Units 1 km apart in a row; service points 100 m above a unit, by its number and company."""
    units = gpd.GeoDataFrame(
        {
            "unit_id": [f"u{k}" for k in range(len(years))],
            "built_year": pd.array(years, dtype="Int64"),
            "renewal_status": ["done" if is_so else None for is_so in renewed],
            "company_id": list(companies),
            "geometry": [Point(1000 * k, 0) for k in range(len(years))],
        },
        crs="EPSG:4545",
    )
    near = gpd.GeoDataFrame(
        {"company_id": [company for _, company in points], "geometry": [Point(1000 * k, 100) for k, _ in points]},
        geometry="geometry",
        crs="EPSG:4545",
    )
    firms = pd.DataFrame({"company_id": list(KNOWN), "credit_rating": list(KNOWN.values())})
    return units, None, firms, near, Joined(len(years)), replace(RULES, radius_m=900.0)


UNITS = st.integers(2, 6).flatmap(
    lambda n: st.tuples(
        st.lists(st.sampled_from([None, 1985, 1996, 2000, 2001, 2012]), min_size=n, max_size=n),
        st.lists(st.booleans(), min_size=n, max_size=n),
        st.lists(st.sampled_from([None, *KNOWN]), min_size=n, max_size=n),
        st.lists(st.tuples(st.integers(0, n - 1), st.sampled_from([None, *KNOWN])), max_size=3),
    )
)


@settings(max_examples=examples(80))
@given(town=UNITS)
def test_each_pair_is_judged_as_the_rules_read(town):
    years, renewed, companies, points = town
    found = build_preferences(*tables(*town))
    every = np.arange(len(years))
    against = found.against(every, every)
    for a in every:
        for u in every:
            firm = companies[a]
            rated = firm is not None and KNOWN[firm] in ("AAA", "AA")
            known = years[a] is not None and years[u] is not None
            newer = known and (years[a] > 2000 or renewed[a]) and years[a] >= years[u] + 5
            beside = [companies[j] for j in (u - 1, u + 1) if 0 <= j < len(years)]
            serves = firm is not None and (firm in beside or (u, firm) in points)
            assert against[:, a, u].tolist() == [not rated, not newer, not serves]


def priced(problem, price_m):
    """The problem where a household led against a preference costs so much in the search."""
    return replace(problem, preferences=replace(problem.preferences, price_m=price_m))


@settings(max_examples=examples(20))
@given(seed=st.integers(0, 10**6))
def test_what_the_search_pays_is_what_is_measured(random_town, seed):
    problem = priced(random_town(seed, n=30, mode="lead", anchor_share=0.2), 7)
    plan = solve(problem, seed=seed, stop=StopAfter(rounds=1)).plan
    total = measure_objectives(problem, plan, ["preferences"])["preferences"]
    assert total == sum(measure_area(problem, plan, k, ["preferences"])["preferences"] for k in range(plan.n_areas))
    plain = replace(problem, preferences=None)
    more = 0
    for k in range(plan.n_areas):
        anchor = plan.anchor_of[k : k + 1]
        led = np.setdiff1d(plan.members(k), anchor)
        units = np.arange(problem.n_units)
        costs = [assignment_costs(one, anchor, units)[0, led].sum() for one in (problem, plain)]
        more += int(costs[0] - costs[1])
    assert more == 7 * total


@pytest.mark.parametrize("mode", ["lead", "mixed"])
def test_preferences_named_first_are_met_more_often_and_leave_nobody_over(random_town, mode):
    towns = [random_town(seed, n=40, mode=mode, anchor_share=0.25) for seed in range(4)]
    sums = np.zeros((2, 2), dtype=np.int64)
    for seed, town in enumerate(towns):
        for k, objective in enumerate((("walking", "preferences"), ("preferences", "walking"))):
            rules = replace(town.rules, objective=objective)
            asked = priced(replace(town, rules=rules), objectives_of(rules).price_m("preferences"))
            result = solve(asked, seed=seed, stop=StopAfter(rounds=2))
            left = result.score.left_over_households
            sums[k] += left, measure_objectives(asked, result.plan, ["preferences"])["preferences"]
            assert result.status != "optimal"
    assert sums[0, 0] == sums[1, 0]
    assert sums[1, 1] < sums[0, 1]
