"""Every answer is sound, complete and repeatable, also where there is little or nothing to do."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.evaluation.objective_values import measure_objectives, primary_levels
from analysis.bundling.evaluation.score import score
from analysis.bundling.model.objectives import objectives_of
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import build_problem
from analysis.bundling.model.rules import rules_from_policy
from analysis.bundling.model.score import PEOPLE_FIRST
from analysis.bundling.solve import area_count, certify, with_locks
from analysis.bundling.solve import result as outcome
from analysis.bundling.solve import solve as solving
from analysis.bundling.solve.incumbents import Incumbent, adopt_incumbents, objective_key
from analysis.bundling.solve.left_over_bounds import left_over_bound
from analysis.bundling.solve.solve import solve
from analysis.bundling.solver.base.policy import BudgetPolicy
from analysis.bundling.solver.base.stop import StopAfter
from analysis.bundling.solver.base.subproblem import split_lead, split_whole
from analysis.policy import read_policy
from geo.errors import UsageError
from tests.effort import IS_FULL, examples
from tests.waiting import goes_on_until_told

MODES = st.sampled_from(["lead", "whole", "mixed"])
SOON = StopAfter(rounds=2)


def town_of(random_town, seed, mode, **options):
    return random_town(seed, mode=mode, anchor_share=0.0 if mode == "whole" else 0.15, **options)


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES, rounds=st.integers(0, 3), n_walls=st.integers(1, 4))
def test_every_plan_keeps_every_rule(random_town, broken_rules, seed, mode, rounds, n_walls):
    """Partition, connection, street wall, bounds, capacity, radius, size: with any budget."""
    problem = town_of(random_town, seed, mode, n_walls=n_walls)
    result = solve(problem, seed=seed, stop=StopAfter(rounds=rounds))
    assert broken_rules(problem, result.plan) == []
    assert result.score == score(problem, result.plan)
    assert result.score.left_over_households >= result.bound.left_over_households


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6), mode=st.sampled_from(["lead", "whole"]))
def test_no_plan_is_better_than_the_bound(random_town, best_score, seed, mode):
    share = 0.3 if mode == "lead" else 0.0
    problem = random_town(seed, n=8, mode=mode, anchor_share=share, lower=500, upper=1000)
    assert left_over_bound(problem) <= best_score(problem)[0]


@pytest.mark.parametrize("mode", ["lead", "whole", "mixed"])
def test_the_same_seed_and_rounds_give_the_same_plan(random_town, mode):
    problem = town_of(random_town, 11, mode)
    one, other = (solve(problem, seed=4, stop=StopAfter(rounds=3)) for _ in range(2))
    assert one.plan.area_of.tobytes() == other.plan.area_of.tobytes()
    assert one.plan.anchor_of.tobytes() == other.plan.anchor_of.tobytes()


@pytest.mark.parametrize("mode", ["lead", pytest.param("mixed", marks=pytest.mark.full)])
def test_the_number_of_workers_changes_nothing(random_town, mode):
    """Also where rounds enough are given for groups of areas to be solved exactly."""
    problem = town_of(random_town, 11, mode, n_walls=3)
    one, two = (solve(problem, seed=4, stop=StopAfter(rounds=300), workers=n) for n in (1, 2))
    assert one.plan.area_of.tobytes() == two.plan.area_of.tobytes()
    assert one.bound == two.bound


@pytest.mark.full
def test_better_plans_that_a_proof_meets_are_taken(company_town, broken_rules, monkeypatch):
    """Little is searched, so that proofs meet better plans; companies' limits hold in them, too."""
    better = 0
    for seed in range(12 if IS_FULL else 3):
        problem = company_town(seed, n=60, mode="lead", anchor_share=0.25)
        taken = solve(problem, seed=1, stop=StopAfter(rounds=1))
        with monkeypatch.context() as patch:
            patch.setattr(certify, "adopt_incumbents", lambda problem, plan, found: plan)
            passed = solve(problem, seed=1, stop=StopAfter(rounds=1))
        aims = objectives_of(problem.rules)
        keys = [
            aims.key(primary_levels(problem, one.plan), measure_objectives(problem, one.plan, aims.names))
            for one in (taken, passed)
        ]
        assert broken_rules(problem, taken.plan) == []
        assert taken.score == score(problem, taken.plan)
        assert keys[0] <= keys[1]
        better += keys[0] < keys[1]
    assert better > 0


def test_what_a_proof_meets_is_refused_where_it_breaks_a_rule(make_problem, with_companies):
    """Two units beside a lead with room for both, whose company may take on one."""
    problem = with_companies(
        make_problem([(0, 1), (0, 2)], [500, 100, 150], anchors=[0], capacity=[40_000], mode="lead", radius_m=900.0),
        [0],
        [12_000],
    )
    (part,) = split_lead(problem)
    plan = Plan(np.array([0, 0, -1]), np.array([0]))
    both, other = Incumbent(part, np.array([0, 0, 0])), Incumbent(part, np.array([0, -1, 0]))
    assert adopt_incumbents(problem, plan, [both]) is plan
    assert adopt_incumbents(problem, plan, [both, other]).area_of.tolist() == [0, -1, 0]


@pytest.mark.parametrize(("areas", "adopted"), [(None, [0, 0, 1, 1]), (1, [0, 0, 0, 0])])
def test_a_plan_of_another_number_of_areas_is_not_adopted(make_problem, areas, adopted):
    """A proof of a part is not told how many areas all parts may have."""
    problem = make_problem([(0, 1), (1, 2), (2, 3)], [60, 60, 60, 60], lower=100, upper=300, objective=("walking",))
    problem = replace(problem, rules=replace(problem.rules, areas=areas))
    (part,) = split_whole(problem, np.arange(4))
    one = Plan(np.zeros(4, dtype=np.int64), np.array([-1]))
    assert adopt_incumbents(problem, one, [Incumbent(part, np.array([0, 0, 1, 1]))]).area_of.tolist() == adopted


@pytest.mark.parametrize("mode", [pytest.param("lead", marks=pytest.mark.full), "whole"])
def test_searching_is_better_than_not_searching(random_town, mode, monkeypatch):
    """Without the better plans that proofs meet where there was no search."""
    monkeypatch.setattr(certify, "adopt_incumbents", lambda problem, plan, found: plan)
    better = 0
    for seed in range(6):
        problem = town_of(random_town, seed, mode)
        first, found = (solve(problem, stop=StopAfter(rounds=rounds)) for rounds in (0, 20))
        keys = [result.score.key(PEOPLE_FIRST) for result in (first, found)]
        assert keys[1] <= keys[0]
        better += keys[1] < keys[0]
    assert better >= 5


def test_a_street_is_planned_the_same_whatever_lies_beside_it(make_problem):
    """Two streets alone, and as one problem in either order of their edges, get the same areas."""
    line = [(i, i + 1) for i in range(9)]
    people = [120, 300, 80, 210, 90, 400, 50, 330, 140, 260]
    bounds = {"lower": 400, "upper": 900}
    alone = solve(make_problem(line, people, **bounds), stop=StopAfter(rounds=10))
    beside = [(i + 10, j + 10) for i, j in line]
    wall = [0] * 10 + [1] * 10
    both = make_problem(beside + line, people * 2, wall=wall, xy=[(i % 10 * 100, i // 10) for i in range(20)], **bounds)
    result = solve(both, stop=StopAfter(rounds=10))
    assert result.score.household_metres == 2 * alone.score.household_metres
    assert result.score.left_over_households == 2 * alone.score.left_over_households


def test_renumbering_units_changes_the_score_of_little_towns_not_at_all(make_problem, random_town):
    for seed in range(8):
        town = random_town(seed, n=9, n_walls=1, lower=300, upper=900)
        order = np.random.default_rng(seed).permutation(9)
        row = np.repeat(np.arange(9), np.diff(town.indptr))
        turned = replace(
            make_problem(
                [(order[i], order[j]) for i, j in zip(row, town.indices, strict=True) if i < j],
                town.households[np.argsort(order)],
                lower=300,
                upper=900,
            ),
            walks=town.walks[np.argsort(order)][:, np.argsort(order)],
        )
        one, other = (solve(problem, stop=StopAfter(rounds=10)) for problem in (town, turned))
        assert one.score == other.score


# --- little or nothing to do ---------------------------------------------------------------------


def test_no_time_is_enough_for_an_answer(random_town, broken_rules):
    problem = random_town(2)
    result = solve(problem, stop=StopAfter(seconds=0))
    assert result.rounds == 0
    assert result.plan.n_areas > 0
    assert broken_rules(problem, result.plan) == []


def test_one_unit_is_an_area_when_it_may_be(make_problem):
    fits = solve(make_problem([], [50], lower=50, upper=50), stop=SOON)
    assert (fits.status, fits.plan.area_of.tolist()) == ("optimal", [0])
    light = solve(make_problem([], [49], lower=50, upper=50), stop=SOON)
    assert (light.status, light.bound.left_over_households) == ("infeasible", 49)
    heavy = solve(make_problem([], [51], lower=50, upper=50), stop=SOON)
    assert (heavy.status, heavy.bound.left_over_households) == ("infeasible", 51)


def test_no_unit_is_an_answer_too(make_problem):
    result = solve(make_problem([], []), stop=SOON)
    assert (result.status, result.plan.n_areas) == ("infeasible", 0)
    assert result.why_stopped == "nothing to search"


def test_without_edges_each_unit_stands_alone(make_problem):
    result = solve(make_problem([], [100, 20, 150], lower=100, upper=200), stop=SOON)
    assert sorted(result.plan.area_of.tolist()) == [-1, 0, 1]
    assert result.score.left_over_households == result.bound.left_over_households == 20


def test_a_total_below_lower_is_left_over_and_proven(make_problem):
    result = solve(make_problem([(0, 1)], [40, 50], lower=100, upper=200), stop=SOON)
    assert result.status == "infeasible"
    assert result.bound.left_over_households == 90


def test_a_unit_above_upper_is_left_over_and_cuts_its_neighbours_apart(make_problem):
    #  60 - 300 - 60: the heavy one may be in no area, so the light ones never meet
    heavy = make_problem([(0, 1), (1, 2)], [60, 300, 60], lower=100, upper=200)
    assert solve(heavy, stop=SOON).bound.left_over_households == 420


def test_without_anchors_nothing_is_led(make_problem):
    result = solve(make_problem([(0, 1)], [10, 10], mode="lead"), stop=SOON)
    assert (result.status, result.bound.left_over_households) == ("infeasible", 20)


def test_mixed_groups_what_no_anchor_can_take(make_problem):
    #  anchor - 30 - 500 - 600, the anchor has room for the first only
    town = make_problem(
        [(0, 1), (1, 2), (2, 3)],
        [100, 30, 500, 600],
        anchors=[0],
        capacity=[2_400],
        mode="mixed",
        lower=1000,
        upper=2000,
    )
    plan = solve(town, stop=SOON).plan
    assert plan.area_of.tolist() == [0, 0, 1, 1]
    assert plan.anchor_of.tolist() == [0, -1]


def test_an_anchor_that_takes_nothing_in_makes_no_area(make_problem):
    town = make_problem([(0, 1)], [100, 300], anchors=[0], capacity=[80], mode="lead")
    plan = solve(town, stop=SOON).plan
    assert plan.n_areas == 0
    assert plan.area_of.tolist() == [-1, -1]


# --- budget and progress -------------------------------------------------------------------------


def test_a_search_without_a_budget_is_refused():
    with pytest.raises(UsageError, match="--seconds"):
        StopAfter()
    with pytest.raises(UsageError, match="negative"):
        StopAfter(seconds=-1)


def test_the_search_ends_in_time_and_tells_how_it_goes(random_town):
    problem = random_town(1, n=100, n_walls=3)
    told = []
    result = solve(problem, stop=StopAfter(seconds=1.5), on_progress=told.append)
    assert result.why_stopped == "seconds"
    assert len(told) >= 3
    assert told[-1].score == result.score
    assert [progress.part for progress in told] == sorted(progress.part for progress in told)


@pytest.mark.parametrize("mode", ["lead", "whole", "mixed"])
def test_the_best_so_far_is_a_plan_of_the_score_that_is_told(random_town, broken_rules, mode):
    problem = random_town(2, n=80, mode=mode, anchor_share=0.1, n_walls=2)
    told = []
    solve(problem, stop=StopAfter(rounds=30), on_progress=told.append)
    assert told
    for progress in told:
        plan = progress.plan()
        worth = score(problem, plan)
        assert worth.key(problem.objective) == progress.score.key(problem.objective)
        assert broken_rules(problem, plan) == []


def test_little_parts_do_not_use_time_up(make_problem):
    result = solve(make_problem([(0, 1)], [50, 60], lower=50), stop=StopAfter(seconds=60))
    assert result.why_stopped == "searched out"


def test_the_search_ends_when_asked_and_keeps_what_it_has(random_town, broken_rules):
    problem = random_town(1, n=100, n_walls=2)
    told = []
    stop = StopAfter(seconds=60, when=lambda: len(told) >= 2)
    result = solve(problem, stop=stop, on_progress=told.append)
    assert result.why_stopped == "asked"
    assert broken_rules(problem, result.plan) == []


def test_the_sooner_of_two_budgets_counts(random_town):
    result = solve(random_town(1), stop=StopAfter(seconds=60, rounds=1))
    assert (result.why_stopped, result.rounds) == ("rounds", 2)


def test_the_bound_holds_for_plans_that_put_a_unit_without_a_code_elsewhere(make_dataset, tmp_path, street_units):
    """far (street 2) - house (no code) - old (street 1): planned with old, it could go with far."""
    units = street_units[street_units["unit_id"].isin(["old", "house", "far"])].copy()
    units = units.assign(
        street_code=units["unit_id"].map({"old": "150203001", "far": "150203002"}),
        households=units["unit_id"].map({"old": 100, "house": 300, "far": 800}),
    )
    links = [("house", "old"), ("far", "house")]
    dataset, graph = make_dataset(tmp_path, units=units, links=links)
    rules = rules_from_policy(read_policy(), mode="whole", scope="all", lower=1000, upper=4000)
    assert left_over_bound(build_problem(dataset, graph, rules)) <= 100


def test_progress_is_told_while_bounds_are_made_too(random_town):
    problem = random_town(1, n=150, mode="lead", anchor_share=0.15, n_walls=1)
    told = []
    result = solve(problem, stop=StopAfter(seconds=3), on_progress=told.append)
    assert len(told) >= 5
    assert told[-1].score == result.score


@pytest.mark.parametrize("name", ["construct", "allocate_area_count", "polish", "certify"])
def test_progress_is_told_again_and_again_whatever_takes_long(make_problem, monkeypatch, name):
    problem = make_problem([(0, 1)], [50, 60], lower=50, upper=200, areas=1, objective=("compact",))
    told = []
    monkeypatch.setattr(solving, name, goes_on_until_told(getattr(solving, name), told))
    solve(problem, stop=SOON, on_progress=told.append)
    assert len(told) >= 3


def test_progress_is_told_while_a_plan_is_repaired(make_problem, monkeypatch):
    problem = make_problem([(0, 1)], [50, 60], lower=50, upper=200)
    start, told = Plan(np.array([0, 0]), np.array([-1])), []
    monkeypatch.setattr(with_locks, "plan_faults", goes_on_until_told(with_locks.plan_faults, told))
    with_locks.solve_with_locks(problem, start=start, stop=SOON, on_progress=told.append)
    assert len(told) >= 3


def test_trials_of_numbers_of_areas_end_when_asked(random_town, monkeypatch):
    problem = random_town(3, n=40)
    problem = replace(problem, rules=replace(problem.rules, areas=6))
    tried = []
    monkeypatch.setattr(area_count, "improve_subproblem", lambda part, labels, *_: tried.append(1) or labels)
    assert solve(problem, stop=StopAfter(rounds=5)).plan.n_areas == 6
    assert tried
    tried.clear()
    assert solve(problem, stop=StopAfter(rounds=5, when=lambda: True)).plan.n_areas == 6
    assert not tried


# --- searched once more ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "areas", "objective"),
    [
        ("lead", None, ("walking",)),
        ("whole", None, ("walking",)),
        ("whole", 4, ("walking",)),
        ("mixed", None, ("walking",)),
        ("mixed", None, ("compact", "walking")),
    ],
)
def test_a_second_search_keeps_every_rule_and_is_never_worse(
    random_town, broken_rules, monkeypatch, mode, areas, objective
):
    """Nothing is searched or proven at first, so that there is something to find."""
    problem = town_of(random_town, 7, mode, n=24, lower=500, upper=1500)
    problem = replace(problem, rules=replace(problem.rules, areas=areas, objective=objective))
    searched = search_twice(monkeypatch)
    result = solve(problem, stop=StopAfter(seconds=1.5))
    ((before, after),) = searched
    assert objective_key(problem, after) <= objective_key(problem, before)
    assert broken_rules(problem, result.plan) == []
    assert result.plan.n_areas == (areas or result.plan.n_areas)
    assert result.score == score(problem, result.plan)
    assert result.bound.left_over_households <= result.score.left_over_households
    assert result.bound.household_metres <= result.score.household_metres


def unproven(problem, plan):
    """The certificate of a plan of which nothing is proven."""
    found = certify.certify_quickly(problem, plan)
    streets = tuple(replace(street, least_left_over=0, least_metres=0) for street in found.streets)
    return replace(found, left_over_households=0, household_metres=0, streets=streets, paid={})


def search_twice(monkeypatch):
    """Nothing is searched or proven before a second search; the plans before and after it."""
    for kind in ("plan", "plan_mixed", "plan_by_objectives"):
        monkeypatch.setitem(solving.POLICIES, kind, BudgetPolicy(search=0.0, plans=0.0))
    monkeypatch.setattr(solving, "certify", lambda problem, plan, *_: (plan, unproven(problem, plan)))
    searched = []

    def certify_again(problem, before, bound, plan, budget):
        searched.append((before, plan))
        return certify.certify_again(problem, before, bound, plan, budget)

    monkeypatch.setattr(solving, "certify_again", certify_again)
    return searched


def test_a_second_search_keeps_to_what_companies_take_on(company_town, broken_rules, monkeypatch):
    searched = search_twice(monkeypatch)
    for seed in range(3):
        problem = company_town(seed, n=30, mode="lead", anchor_share=0.25)
        result = solve(problem, stop=StopAfter(seconds=1.0))
        assert broken_rules(problem, result.plan) == []
        assert result.bound.left_over_households <= result.score.left_over_households
    assert any(after is not before for before, after in searched)


# --- near enough ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "n"), [("lead", 40), ("whole", 100)])  # a small group of whole is solved at once
def test_the_search_ends_near_a_bound_and_claims_no_more(random_town, mode, n):
    problem = town_of(random_town, 3, mode, n=n)
    problem = replace(problem, rules=replace(problem.rules, objective=("walking",)))
    far = solve(problem, stop=StopAfter(rounds=200, gap=0.0))
    near = solve(problem, stop=StopAfter(rounds=10**6, gap=0.9))
    assert near.why_stopped == "gap"
    assert near.rounds < far.rounds
    value, least = near.score.household_metres, near.bound.household_metres
    assert 0 <= value - least <= 0.9 * value
    assert near.status == ("optimal" if value == least else "feasible")


def test_a_gap_is_a_share():
    with pytest.raises(UsageError, match=r"0\.01"):
        StopAfter(seconds=1, gap=5)


# --- what is claimed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("objective", "areas", "status"),
    [
        (("walking",), None, "optimal"),
        (("walking=1", "areas=0"), None, "optimal"),
        (("walking", "areas"), 2, "optimal"),
        (("walking", "areas"), None, "feasible"),
        (("walking=1", "areas=0.3"), None, "feasible"),
        (("walking", "compact"), None, "feasible"),
    ],
)
def test_the_best_is_claimed_only_where_every_level_is_proven(make_problem, objective, areas, status):
    problem = make_problem([(0, 1)], [100, 100], lower=100, upper=200)
    problem = replace(problem, rules=replace(problem.rules, objective=objective, areas=areas))
    plan = Plan(np.array([0, 1]), np.array([-1, -1]))
    assert outcome.determine_status(problem, plan, outcome.Certificate(0, 0)) == status


def test_whom_nobody_leads_though_an_anchor_might_is_no_proven_best(make_problem):
    problem = make_problem(
        [(0, 1)], [100, 100], anchors=[0], capacity=[8_000], mode="mixed", lower=100, upper=200, objective=("walking",)
    )
    plan = Plan(np.array([-1, 0]), np.array([-1]))
    assert outcome.determine_status(problem, plan, outcome.Certificate(0, 0)) == "feasible"
