"""Advice is true: what it promises is there under the relaxed rule; causes bind every plan."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.explain.infeasibility import find_causes
from analysis.bundling.explain.relaxation_analysis import advice_document, analyse_relaxations, fill_areas
from analysis.bundling.explain.relaxation_pairs import MOST_PAIRS, find_relaxation_pairs
from analysis.bundling.explain.relaxations import add_pairs, find_relaxations
from analysis.bundling.locks.locks import Lock
from analysis.bundling.model.plan import Plan
from analysis.bundling.solve.solve import solve
from analysis.bundling.solver.base.stop import StopAfter
from tests.effort import examples

MODES = st.sampled_from(["lead", "whole", "mixed"])
PAIRS = ["unit_a", "unit_b", "allowed", "blocked_by"]


def offered(problem, plan, pairs=(), streets=None, street_of=None):
    """Relaxations of a drawn town; who may lead and be taken in stays as drawn."""
    table = pd.DataFrame(pairs, columns=PAIRS)
    found = find_relaxations(problem, plan, table, streets or {}, street_of or {}, lambda **_: problem)
    return [r for r in found if r.rules[0] not in ("R05", "R40", "R10", "R12")]


def covered(problem, plan):
    return int(problem.households[problem.is_target & (plan.area_of >= 0)].sum())


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES)
def test_what_is_promised_is_there_under_the_relaxed_rule(random_town, seed, mode):
    problem = random_town(seed, n=30, mode=mode, anchor_share=0.0 if mode == "whole" else 0.2)
    plan = solve(problem, seed=seed, stop=StopAfter(rounds=1)).plan
    relaxations = offered(problem, plan)
    base = fill_areas(problem, plan)
    assert plan_faults(problem, base) == ()
    told = {tuple(a.what[0].items()): a for a in analyse_relaxations(problem, plan, relaxations) if len(a.what) == 1}
    for relaxation in relaxations:
        relaxed = relaxation.apply(problem)
        after = fill_areas(relaxed, base)
        assert plan_faults(relaxed, after) == ()
        gain = covered(relaxed, after) - covered(problem, base)
        advice = told.get(tuple(relaxation.what.items()))
        assert gain == (advice.households if advice else 0)


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6), mode=st.sampled_from(["lead", "whole"]))
def test_no_plan_escapes_a_cause(random_town, best_score, seed, mode):
    share = 0.3 if mode == "lead" else 0.0
    problem = random_town(seed, n=8, mode=mode, anchor_share=share, lower=500, upper=1000)
    stuck = [c for c in find_causes(problem) if c.kind != "capacity"]
    assert sum(c.households for c in stuck) <= best_score(problem)[0]
    assert all(c.sentence.zh and c.sentence.en for c in find_causes(problem))


def test_two_streets_that_may_go_together_cover_both(make_problem):
    """A permit for the pair lets 600 + 700 households be an area; neither is one alone."""
    problem = make_problem([], [600, 700], lower=1000, upper=2000, wall=[0, 1])
    plan = Plan(np.array([-1, -1]), np.zeros(0, dtype=np.int64))
    pairs = [("u000", "u001", False, "street")]
    codes = {"u000": "150203001", "u001": "150203002"}
    names = {"150203001": "前进道", "150203002": "市府东路"}
    [first, *_] = analyse_relaxations(problem, plan, offered(problem, plan, pairs, names, codes))
    assert (first.rules, first.households) == (("R20",), 1300)
    assert "前进道–市府东路" in first.sentence.zh
    other = {**codes, "u001": "150204002"}
    assert not [r for r in offered(problem, plan, pairs, names, other) if r.rules == ("R20",)]


def test_two_rules_together_where_neither_helps_alone(make_problem):
    """Across the railway there are 300 + 450 households: a crossing and a lower bound of 500."""
    problem = make_problem([], [300, 300, 100], lower=1000, upper=2000)
    plan = Plan(np.array([-1, -1, -1]), np.zeros(0, dtype=np.int64))
    pairs = [("u000", "u001", False, "railway:b7")]
    [first] = analyse_relaxations(problem, plan, offered(problem, plan, pairs))
    assert first.rules == ("R31", "R23") or first.rules == ("R23", "R31")
    assert first.households == 600
    [row, *_] = advice_document([first], find_causes(problem))
    assert (row["kind"], row["households"]) == ("relax", 600)


def test_locked_units_are_no_matter_of_advice(make_problem):
    problem = make_problem([(0, 1)], [300, 300], lower=1000, upper=2000)
    plan = Plan(np.array([-1, -1]), np.zeros(0, dtype=np.int64))
    relaxations = offered(problem, plan)
    assert analyse_relaxations(problem, plan, relaxations)[0].households == 600
    assert analyse_relaxations(problem, plan, relaxations, goes_on=lambda: False) == ()
    assert analyse_relaxations(problem, plan, relaxations, [Lock("apart", ("u000", "u001"))]) == ()


@pytest.mark.parametrize("kind", ["below_minimum", "largest_unit"])
def test_a_cause_names_its_arithmetic(make_problem, kind):
    problem = make_problem([(0, 1)], [300, 300, 5000], lower=1000, upper=2000)
    cause = next(c for c in find_causes(problem) if c.kind == kind)
    expected = {"below_minimum": (600, 1000), "largest_unit": (5000, 2000)}[kind]
    assert (cause.value, cause.limit) == expected
    assert f"{expected[0]:,}" in cause.sentence.en


def test_new_pairs_are_neighbours_both_ways(make_problem):
    problem = add_pairs(make_problem([(0, 1)], [1, 1, 1]), [(1, 2)])
    assert problem.indptr.tolist() == [0, 1, 3, 4]
    assert problem.indices.tolist() == [1, 0, 2, 1]
    assert replace(problem).n_units == 3


def test_lengths_of_facing_are_known_of_all_pairs_or_of_none(make_problem):
    measured = replace(make_problem([(0, 1)], [1, 1, 1]), facing_m=np.array([40, 40]))
    assert add_pairs(measured, [(1, 2)]).facing_m is None
    assert add_pairs(measured, [(1, 0)]).facing_m.tolist() == [40, 40]


def test_a_pair_that_a_correction_keeps_apart_is_no_matter_of_a_crossing(make_problem):
    problem = make_problem([], [600, 700], lower=1000, upper=2000)
    plan = Plan(np.array([-1, -1]), np.zeros(0, dtype=np.int64))
    rules = {
        label: {r.rules for r in offered(problem, plan, [("u000", "u001", False, label)])}
        for label in ("override:o1", "railway:b7")
    }
    assert ("R23",) in rules["railway:b7"]
    assert ("R23",) not in rules["override:o1"]


def test_a_unit_too_large_for_every_anchor_in_reach_is_no_matter_of_the_radius(make_problem):
    """u0 leads and may take 80 000 m² at once; u1 has 160 000 m², u2 is behind it, u3 alone."""
    problem = make_problem([(0, 1), (1, 2)], [1000, 2000, 10, 10], anchors=[0], capacity=[160_000], mode="lead")
    told = {cause.units: cause for cause in find_causes(problem)}
    assert {units: cause.rule for units, cause in told.items()} == {
        ("u001",): "R13",
        ("u002",): "R13",
        ("u003",): "R26",
    }
    assert (told["u001",].value, told["u001",].limit) == (160_000, 80_000)
    assert "80,000 m²" in told["u001",].sentence.en


# --- two rules together -------------------------------------------------------------------------

NOBODY_IN = np.zeros(0, dtype=np.int64)


def kinds(advice):
    return {what["kind"] for what in advice.what}


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES)
def test_what_two_rules_promise_together_is_there_and_neither_alone_is_enough(company_town, seed, mode):
    share = 0.0 if mode == "whole" else 0.2
    problem = company_town(seed, n=30, mode=mode, anchor_share=share, tightness=0.5)
    plan = solve(problem, seed=seed, stop=StopAfter(rounds=1)).plan
    row = np.repeat(np.arange(30), np.diff(problem.indptr))
    near = {(int(a), int(b)) for a, b in zip(row, problem.indices, strict=True)}
    pairs = [(f"u{i:03d}", f"u{i + 1:03d}", False, "railway:b1") for i in range(0, 29, 3) if (i, i + 1) not in near]
    relaxations = offered(problem, plan, pairs)
    base = fill_areas(problem, plan)
    told = {tuple(str(what) for what in a.what): a for a in analyse_relaxations(problem, plan, relaxations)}
    both = find_relaxation_pairs(problem, base, relaxations)
    assert len(both) <= MOST_PAIRS
    for pair in both:
        one, other = relaxations[pair.one], relaxations[pair.other]
        gains = []
        for applied in ((one,), (other,), (one, other)):
            relaxed = problem
            for relaxation in applied:
                relaxed = relaxation.apply(relaxed)
            after = fill_areas(relaxed, base, touched=pair.units)
            assert plan_faults(relaxed, after) == ()
            gains.append(covered(relaxed, after) - covered(problem, base))
        advice = told.get((str(one.what), str(other.what)))
        assert advice is None or (advice.households == gains[2] > gains[0] + gains[1])


def test_who_lives_too_far_from_an_anchor_without_room_needs_both(make_problem):
    """700 m to walk where 600 are allowed, and 16,000 m² where 12,000 are left: 1.5 × is enough."""
    problem = make_problem(
        [(0, 1)], [1000, 200], xy=[(0, 0), (700, 0)], anchors=[0], capacity=[12_000], mode="lead", radius_m=600.0
    )
    plan = Plan(np.array([-1, -1]), NOBODY_IN)
    [found] = analyse_relaxations(problem, plan, offered(problem, plan))
    assert (kinds(found), found.households) == ({"radius_m", "capacity_ratio"}, 200)
    assert {what["value"] for what in found.what} == {problem.rules.walk_limit_m, 1.5}


def test_beyond_a_border_there_is_an_anchor_without_room(make_problem):
    problem = make_problem([], [1000, 200], anchors=[0], capacity=[14_000], mode="lead")
    plan = Plan(np.array([-1, -1]), NOBODY_IN)
    pairs = [("u000", "u001", False, "railway:b7")]
    [found] = analyse_relaxations(problem, plan, offered(problem, plan, pairs))
    assert (found.rules, found.households) == (("R23", "R13"), 200)
    assert [what.get("value") for what in found.what] == [None, 1.25]


def test_a_unit_larger_than_its_anchor_needs_its_capacity_as_well(make_problem):
    problem = make_problem([(0, 1)], [100, 110], anchors=[0], capacity=[8_000], mode="lead")
    plan = Plan(np.array([-1, -1]), NOBODY_IN)
    [found] = analyse_relaxations(problem, plan, offered(problem, plan))
    assert (kinds(found), found.rules) == ({"unit_ratio", "capacity_ratio"}, ("R13",))
    roomy = replace(problem, capacity=np.array([16_000]))
    assert kinds(analyse_relaxations(roomy, plan, offered(roomy, plan))[0]) == {"unit_ratio"}


# --- single rules -------------------------------------------------------------------------------


def test_a_unit_above_the_most_is_let_in_by_a_larger_one(make_problem):
    problem = make_problem([], [2400], lower=1000, upper=2000)
    plan = Plan(np.array([-1]), NOBODY_IN)
    first = analyse_relaxations(problem, plan, offered(problem, plan))[0]
    assert (first.what, first.households) == (({"kind": "upper", "value": 2500},), 2400)
    assert "2,000 提到 2,500 户" in first.sentence.zh


def test_a_further_bound_allows_more_too(make_problem, bounded):
    problem = bounded(make_problem([(0, 1)], [600, 700], lower=1000, upper=4000), "floor_area=:90000")
    plan = Plan(np.array([-1, -1]), NOBODY_IN)
    found = [a.what[0] for a in analyse_relaxations(problem, plan, offered(problem, plan))]
    assert {"kind": "bound_upper", "weight": "floor_area", "value": 112_500} in found


def test_a_number_of_areas_may_be_let_go(make_problem):
    problem = make_problem([(0, 1)], [1500, 1500, 1500], lower=1000, upper=2000, areas=2)
    plan = Plan(np.array([0, 1, -1]), np.array([-1, -1]))
    [found] = analyse_relaxations(problem, plan, offered(problem, plan))
    assert (found.what, found.households) == (({"kind": "areas", "value": None},), 1500)


def test_a_machine_so_busy_that_hours_pass_gives_the_same_advice(random_town, monkeypatch):
    problem = random_town(3, n=30, mode="lead", anchor_share=0.2)
    plan = solve(problem, seed=3, stop=StopAfter(rounds=1)).plan
    idle = analyse_relaxations(problem, plan, offered(problem, plan))
    assert idle
    monkeypatch.setattr("analysis.bundling.solver.base.work_log.ClockLimit.__call__", lambda _: False)
    assert analyse_relaxations(problem, plan, offered(problem, plan)) == idle
