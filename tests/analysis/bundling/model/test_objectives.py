"""Objectives by name: what is measured is so, what is combined is compared so, polishing only helps."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.document.levels import objective_levels
from analysis.bundling.evaluation.objective_values import measure_objectives, primary_levels, staffing_bound
from analysis.bundling.evaluation.score import score
from analysis.bundling.locks.index import index_locks
from analysis.bundling.locks.locks import Lock
from analysis.bundling.locks.presolve import presolve, subset
from analysis.bundling.model.objectives import LEVEL_OF, ObjectiveSpec, add_opening_price, objectives_of, read_objective
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import build_problem
from analysis.bundling.model.rules import rules_from_policy
from analysis.bundling.solve.local_search import polish
from analysis.bundling.solve.solve import solve
from analysis.bundling.solve.with_locks import solve_with_locks
from analysis.bundling.solver.base.stop import StopAfter
from analysis.economics import Member, count_posts, read_norms
from analysis.policy import read_policy
from geo.errors import UsageError
from tests.effort import examples

POLICY = read_policy()
MODES = st.sampled_from(["lead", "whole", "mixed"])
NAMED = st.lists(st.sampled_from(sorted(LEVEL_OF)), min_size=1, unique=True)
ROUNDS = StopAfter(rounds=1)


def town(random_town, seed, mode, **options):
    share = 0.0 if mode == "whole" else 0.2
    problem = random_town(seed, n=40, mode=mode, anchor_share=share, **options)
    return replace(problem, facing_m=drawn_lengths(problem, seed))


def drawn_lengths(problem, seed):
    """A length for each pair of neighbours, the same both ways."""
    n = problem.n_units
    metres = np.random.default_rng(seed).integers(1, 90, (n, n))
    return (metres + metres.T)[np.repeat(np.arange(n), np.diff(problem.indptr)), problem.indices]


def named(problem, *objective):
    return replace(problem, rules=replace(problem.rules, objective=objective))


def edges_of(problem):
    """The `edges` layer of a problem, no length known."""
    a = np.repeat(np.arange(problem.n_units), np.diff(problem.indptr))
    b, ids = problem.indices, problem.unit_ids
    once = a < b
    table = {"unit_a": ids[a[once]], "unit_b": ids[b[once]], "allowed": True, "facing_m": np.nan}
    return pd.DataFrame(table)


def lengths_of(problem):
    """The facing length of each pair of neighbours, by their positions."""
    row = np.repeat(np.arange(problem.n_units), np.diff(problem.indptr))
    entries = zip(row.tolist(), problem.indices.tolist(), problem.facing_m.tolist(), strict=True)
    return {(i, j): metres for i, j, metres in entries if i < j}


def key(problem, plan, aims):
    return aims.key(primary_levels(problem, plan), measure_objectives(problem, plan, aims.names))


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES, names=NAMED, is_weighted=st.booleans())
def test_polishing_breaks_no_rule_and_is_never_worse(company_town, broken_rules, seed, mode, names, is_weighted):
    problem = town(company_town, seed, mode)
    plan = solve(problem, seed=seed, stop=ROUNDS).plan
    other = solve(problem, seed=seed + 1, stop=ROUNDS).plan
    problem = replace(problem, start_of=other.area_of)
    weights = tuple(float(10**k) for k in range(len(names))) if is_weighted else None
    aims = ObjectiveSpec(tuple(names), weights)
    found = polish(problem, plan, aims, lambda: True)
    assert broken_rules(problem, found) == []
    assert key(problem, found, aims) <= key(problem, plan, aims)
    again = polish(problem, plan, aims, lambda: True)
    assert np.array_equal(found.area_of, again.area_of)


@pytest.mark.parametrize("mode", ["lead", "whole", "mixed"])
@pytest.mark.parametrize("name", sorted(set(LEVEL_OF) - {"closeness"}))
def test_what_is_named_first_comes_out_no_worse_than_with_walking_first(random_town, mode, name):
    problem = town(random_town, 3, mode)
    by = {
        order: solve(named(problem, *order), stop=ROUNDS).plan
        for order in ((name, "walking"), ("walking", name))
        if name != "walking"
    }
    if not by:
        return
    mine, its = (measure_objectives(problem, plan, [name])[name] for plan in by.values())
    left, other = (score(problem, plan).left_over_households for plan in by.values())
    assert left != other or mine <= its


def test_a_plan_close_to_the_start_is_found_when_asked(random_town):
    problem = town(random_town, 5, "mixed")
    start = solve(problem, seed=9, stop=ROUNDS).plan
    wanted = replace(named(problem, "closeness", "walking"), start_of=start.area_of)
    found = solve_with_locks(wanted, start=start, seed=1, stop=ROUNDS)
    left = score(problem, start).left_over_households
    if found.score.left_over_households == left:
        assert measure_objectives(wanted, found.plan, ["closeness"]) == {"closeness": 0}


def test_only_what_is_asked_for_is_a_level(random_town):
    problem = town(random_town, 2, "mixed")
    plan = solve(problem, stop=ROUNDS).plan
    edges = edges_of(problem)
    assert objective_levels(problem, plan, edges) == []
    wanted = named(problem, "walking", "compact", "staffing")
    rows = objective_levels(wanted, plan, edges.assign(facing_m=10.0))
    assert [row["name"] for row in rows] == ["cut_pairs", "cut_facing_m", "shared_posts"]
    assert rows[0]["bound"] is rows[1]["bound"] is None
    assert rows[1]["value"] == 10 * rows[0]["value"]
    assert rows[2]["bound"] <= rows[2]["value"]


def test_short_outlines_are_a_level_of_metres_once(random_town):
    problem = town(random_town, 2, "mixed")
    plan = solve(problem, stop=ROUNDS).plan
    metres = pd.Series(lengths_of(problem)).sort_index()
    edges = edges_of(problem).assign(facing_m=metres.to_numpy(float))
    (row,) = objective_levels(named(problem, "border"), plan, edges)
    assert row["name"] == "cut_facing_m"
    assert row["value"] == measure_objectives(problem, plan, ["border"])["border"] > 0
    both = objective_levels(named(problem, "border", "compact"), plan, edges)
    assert [row["name"] for row in both] == ["cut_facing_m", "cut_pairs"]


@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 10**6), data=st.data())
def test_lengths_stay_with_their_pairs_when_units_are_left_out(random_town, seed, data):
    problem = town(random_town, seed, "whole")
    keep = np.array(sorted(data.draw(st.sets(st.integers(0, 39), min_size=1))))
    before, after = lengths_of(problem), lengths_of(subset(problem, keep))
    place = {int(unit): k for k, unit in enumerate(keep)}
    inside = {pair for pair in before if pair[0] in place and pair[1] in place}
    assert after == {(place[i], place[j]): before[i, j] for i, j in inside}


def test_units_locked_together_face_others_along_all_their_lengths(random_town):
    problem = town(random_town, 7, "whole")
    (i, j), *_ = lengths_of(problem)
    lock = Lock("together", tuple(problem.unit_ids[[i, j]]))
    left = presolve(problem, index_locks(problem, (lock,))).problem
    of = {unit: k for k, unit in enumerate(left.unit_ids)}
    expected: dict[tuple[int, int], int] = {}
    for (a, b), metres in lengths_of(problem).items():
        pair = tuple(sorted(of[problem.unit_ids[i if unit == j else unit]] for unit in (a, b)))
        if pair[0] != pair[1]:
            expected[pair] = expected.get(pair, 0) + metres
    assert lengths_of(left) == expected


def test_short_outlines_without_lengths_are_refused_with_what_to_do(street):
    dataset, graph = street
    with pytest.raises(UsageError, match="pianqu graph"):
        build_problem(dataset, graph, rules_from_policy(POLICY, objective=("border",), mode="mixed"))
    lengths = graph.pairs.assign(facing_m=np.arange(1.0, len(graph.pairs) + 1))
    known = replace(graph, pairs=lengths)
    problem = build_problem(dataset, known, rules_from_policy(POLICY, objective=("border",), mode="mixed"))
    ids = problem.unit_ids
    told = {frozenset(lengths.loc[k, ["unit_a", "unit_b"]]): k + 1 for k in lengths.index}
    assert lengths_of(problem)
    for (i, j), metres in lengths_of(problem).items():
        assert told[frozenset((ids[i], ids[j]))] == metres


def test_pairs_cut_are_those_measured_and_a_missing_length_is_missing(random_town):
    problem = named(town(random_town, 2, "mixed"), "compact")
    plan = solve(problem, stop=ROUNDS).plan
    edges = edges_of(problem)
    rows = objective_levels(problem, plan, edges)
    assert [row["name"] for row in rows] == ["cut_pairs"]
    assert rows[0]["value"] == measure_objectives(problem, plan, ["compact"])["compact"] > 0


@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES)
def test_measures_equal_counting_by_hand(random_town, seed, mode):
    problem = town(random_town, seed, mode)
    plan = solve(problem, seed=seed, stop=ROUNDS).plan
    found = measure_objectives(problem, plan, ["compact", "border", "staffing", "areas"])
    pairs = lengths_of(problem)
    area = plan.area_of
    cut = [pair for pair in pairs if area[pair[0]] != area[pair[1]] or area[pair[0]] < 0]
    assert found["compact"] == len(cut)
    assert found["border"] == sum(pairs[pair] for pair in cut)
    groups = [plan.members(k) for k in range(plan.n_areas)]
    groups += [np.array([i]) for i in np.flatnonzero(area < 0)]
    norms = read_norms(POLICY)
    posts = 0
    for group in groups:
        members = [Member(str(i), False, 1, float(problem.load[i]), 0, 0.6, 0.6, False) for i in group]
        by = count_posts(members, norms)
        posts += by["cleaning"] + by["greening"] + by["repair"]
    assert found["staffing"] == posts >= staffing_bound(problem)
    assert found["areas"] == plan.n_areas


def test_an_opening_price_closes_anchors(make_problem):
    """Two anchors beside each other, one unit beside both; and one unit beside the second alone."""
    problem = make_problem(
        [(0, 2), (1, 2), (1, 3)],
        [500, 500, 100, 10],
        xy=[(0, 0), (200, 0), (90, 0), (300, 0)],
        anchors=[0, 1],
        capacity=[40_000, 40_000],
        mode="lead",
        radius_m=600.0,
    )
    free = replace(problem, objective=objectives_of(replace(problem.rules, area_worth=0)).objective())
    assert solve(free, stop=ROUNDS).plan.n_areas == 2
    dear = replace(problem, objective=objectives_of(replace(problem.rules, area_worth=9000)).objective())
    assert solve(dear, stop=ROUNDS).plan.n_areas == 1


def test_what_a_planner_names_is_read():
    assert read_objective("walking, compact") == ("walking", "compact")
    assert objectives_of(rules_from_policy(POLICY, objective=("walking", "compact"), mode="mixed")) == ObjectiveSpec(
        ("walking", "compact")
    )
    weighted = rules_from_policy(POLICY, objective=read_objective("walking=1,closeness=200"), mode="mixed")
    assert objectives_of(weighted) == ObjectiveSpec(("walking", "closeness"), (1.0, 200.0))
    assert add_opening_price((), 5) == ()


@pytest.mark.parametrize("text", ["", "speed", "walking,walking", "walking=1,compact", "walking=-1", "walking=x"])
def test_what_is_no_objective_is_refused(text):
    with pytest.raises(UsageError):
        read_objective(text)


def test_a_price_of_areas_needs_weights():
    with pytest.raises(UsageError, match="--opening"):
        add_opening_price(("walking", "compact"), 100)
    with pytest.raises(UsageError, match="--opening"):
        add_opening_price(("walking=1", "areas=1"), 100)


def test_closeness_needs_a_plan_to_start_from(random_town):
    problem = named(town(random_town, 1, "lead"), "closeness")
    with pytest.raises(UsageError, match="--start"):
        measure_objectives(problem, Plan(np.zeros(40), np.array([-1])), ["closeness"])
