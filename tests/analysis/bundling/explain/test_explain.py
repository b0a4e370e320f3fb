"""What is said of a unit is so: an allowed move keeps every rule and costs what it is said to."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.document.read import OpenPlan
from analysis.bundling.document.tables import DatasetTables
from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.evaluation.objective_values import measure_objectives, primary_levels
from analysis.bundling.evaluation.score import score
from analysis.bundling.explain.binding import explain_area
from analysis.bundling.explain.explain import explain_unit
from analysis.bundling.locks.index import IndexedLocks, PairConstraint, index_locks
from analysis.bundling.locks.locks import Lock
from analysis.bundling.model.objectives import objectives_of
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import build_problem
from analysis.bundling.model.rules import rules_from_policy
from analysis.bundling.solve.solve import solve
from analysis.bundling.solver.base.stop import StopAfter
from analysis.policy import read_policy
from geo.errors import UnknownCodeError
from geo.storage.layer_frames import shape_layer
from tests.effort import examples

MODES = st.sampled_from(["lead", "whole", "mixed"])
OBJECTIVES = st.sampled_from(
    [
        (),
        ("walking",),
        ("areas", "walking"),
        ("compact", "closeness"),
        ("staffing",),
        ("preferences", "walking"),
        ("walking=1", "areas=20000", "compact=500", "staffing=3000", "closeness=900"),
    ]
)
PAIRS = ["unit_a", "unit_b", "gap_m", "facing_m", "walk_m", "allowed", "blocked_by"]


def opened(problem, plan, pairs=(), locks=(), placed=None):
    """A plan of a drawn town as if read from a document."""
    ids = problem.unit_ids
    areas = [
        {
            "area_id": f"A{k}",
            "name": f"片区{k}",
            "unit_ids": ids[plan.members(k)].tolist(),
            "anchor_unit_id": ids[plan.anchor_of[k]] if plan.anchor_of[k] >= 0 else None,
        }
        for k in range(plan.n_areas)
    ]
    units = pd.DataFrame(
        {"unit_id": ids, "name": ids, "households": problem.households, "merge_willingness": "unsurveyed"}
    )
    streets = pd.DataFrame({"street_code": [], "name": []})
    left = [
        {"unit_id": ids[i], "reason": "no_fit", "rules": []}
        for i in np.flatnonzero(problem.is_target & (plan.area_of < 0))
    ]
    permits = shape_layer("permits", pd.DataFrame(), "EPSG:4546")
    dataset = SimpleNamespace(layer={"units": units, "streets": streets, "permits": permits}.get)
    return OpenPlan(
        dataset=dataset,
        tables=DatasetTables(dataset),
        document={"areas": areas, "left_over": left, "out_of_scope": []},
        graph=SimpleNamespace(pairs=pd.DataFrame(pairs, columns=PAIRS)),
        problem=problem,
        plan=plan,
        locks=tuple(locks),
        placed=placed or IndexedLocks(),
        unknown_units=(),
    )


def moved_to(problem, plan, unit, other):
    """The plan with the unit in another area, or in one its anchor begins."""
    if other.area_id is not None:
        return plan.moved([unit], int(other.area_id[1:]))
    anchor = int(np.flatnonzero(problem.unit_ids == other.anchor_unit_id)[0])
    begun = Plan(plan.area_of, np.append(plan.anchor_of, anchor))
    return begun.moved([unit, anchor], plan.n_areas)


def without_idle_leads(plan):
    """The plan in which an anchor that leads nobody has no area."""
    for area in np.flatnonzero(plan.anchor_of >= 0).tolist():
        if len(plan.members(area)) == 1:
            plan = plan.moved(plan.members(area), -1)
    return plan.without_empty_areas()


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES)
def test_a_move_is_allowed_just_when_it_breaks_no_rule_and_costs_what_is_said(random_town, seed, mode):
    problem = random_town(seed, n=25, mode=mode, anchor_share=0.0 if mode == "whole" else 0.2)
    plan = solve(problem, seed=seed, stop=StopAfter(rounds=1)).plan
    told = opened(problem, plan)
    before = score(problem, plan)
    for unit in np.flatnonzero(problem.is_target).tolist():
        for other in explain_unit(told, str(problem.unit_ids[unit])).alternatives:
            after = moved_to(problem, plan, unit, other).without_empty_areas()
            faults = {fault.rule for fault in plan_faults(problem, after)}
            rules = {obstacle.rule for obstacle in other.obstacles}
            assert bool(faults) == bool(rules)
            assert not faults or faults & rules
            if other.is_allowed:
                moved = score(problem, after)
                assert other.household_metres == moved.household_metres - before.household_metres
                change = moved.left_over_households - before.left_over_households
                assert other.left_over_households == change


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES, objective=OBJECTIVES)
def test_a_move_is_worth_what_the_objectives_make_of_it(random_town, seed, mode, objective):
    problem = random_town(seed, n=25, mode=mode, anchor_share=0.0 if mode == "whole" else 0.2)
    start = solve(problem, seed=seed + 1, stop=StopAfter(rounds=0)).plan
    rules = replace(problem.rules, objective=objective)
    problem = replace(problem, rules=rules, start_of=start.area_of)
    plan = solve(problem, seed=seed, stop=StopAfter(rounds=0)).plan
    aims, told = objectives_of(rules), opened(problem, plan)
    before, first = measure_objectives(problem, plan, aims.names), primary_levels(problem, plan)
    for unit in np.flatnonzero(problem.is_target).tolist():
        for other in explain_unit(told, str(problem.unit_ids[unit])).alternatives:
            if not other.is_allowed:
                continue
            after = without_idle_leads(moved_to(problem, plan, unit, other))
            found, people = measure_objectives(problem, after, aims.names), primary_levels(problem, after)
            assert other.changes == {name: found[name] - before[name] for name in aims.names}
            more = tuple(b - a for a, b in zip(first, people, strict=True))
            assert other.score == aims.key(more, other.changes)


def test_a_runner_up_that_needs_one_area_more_costs_its_price(make_problem):
    """Beside an idle anchor the walk is shorter by 10,000; an area more costs what it is worth."""
    problem = make_problem(
        [(0, 1), (1, 2), (0, 3)],
        [500, 100, 500, 50],
        anchors=[0, 2],
        capacity=[40_000] * 2,
        mode="lead",
        xy=[(-200, 0), (0, 0), (100, 0), (-300, 0)],
        radius_m=900.0,
    )
    plan = Plan(np.array([0, 0, -1, 0]), np.array([0]))
    for objective, expected in (
        ((), (0, 0, 190_000.0)),
        (("walking=1", "areas=4000"), (0, 0, -6_000.0)),
        (("areas", "walking"), (0, 0, 1, -10_000)),
        (("walking",), (0, 0, -10_000)),
    ):
        rules = replace(problem.rules, objective=objective)
        told = explain_unit(opened(replace(problem, rules=rules), plan), "u001")
        assert told.runner_up.score == expected
        assert ("更好" in told.why[-1].zh) == (expected < (0, 0, 0))
        assert ("片区数 +1" in told.why[-1].zh) == ("areas" in told.runner_up.changes)
        assert ("190,000" in told.why[-1].en) == (not objective)


@settings(max_examples=examples(20), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES)
def test_the_runner_up_is_the_cheapest_allowed(random_town, seed, mode):
    problem = random_town(seed, n=25, mode=mode, anchor_share=0.0 if mode == "whole" else 0.2)
    told = opened(problem, solve(problem, seed=seed, stop=StopAfter(rounds=0)).plan)
    for unit in problem.unit_ids:
        account = explain_unit(told, str(unit))
        allowed = [other.score for other in account.alternatives if other.is_allowed]
        best = account.runner_up
        assert (best is None) == (not allowed)
        if best is not None:
            assert best.score == min(allowed)


def test_a_refused_pair_is_named_with_its_numbers(make_problem):
    problem = make_problem([(0, 1), (2, 3)], [600, 600, 600, 600], lower=1000, upper=3000)
    plan = Plan(np.array([0, 0, 1, 1]), np.array([-1, -1]))
    pairs = [("u001", "u002", 12.0, 50.0, 640.0, False, "walk>500")]
    [other] = explain_unit(opened(problem, plan, pairs), "u001").alternatives
    first = other.obstacles[0]
    assert (first.rule, first.value) == ("R22", 640.0)
    assert "640" in first.sentence.zh
    assert "640" in first.sentence.en


@pytest.mark.parametrize(("blocked_by", "rule"), [("railway:b7", "R23"), ("street", "R20")])
def test_an_area_names_what_parts_it_from_others(make_problem, blocked_by, rule):
    problem = make_problem([(0, 1)], [600, 600, 450], lower=1000, upper=3000)
    plan = Plan(np.array([0, 0, -1]), np.array([-1]))
    pairs = [("u001", "u002", 12.0, 50.0, None, False, blocked_by)]
    bindings = {b.rule: b for b in explain_area(opened(problem, plan, pairs), "A0").bindings}
    assert bindings[rule].is_binding
    assert "450" in bindings[rule].sentence.zh


def test_capacity_binds_where_a_unit_beside_finds_no_room(make_problem):
    problem = make_problem(
        [(0, 1), (0, 2)], [500, 300, 300], anchors=[0], capacity=[40_000], mode="lead", radius_m=900.0
    )
    plan = Plan(np.array([0, 0, -1]), np.array([0]))
    told = opened(problem, plan)
    capacity = next(b for b in explain_area(told, "A0").bindings if b.kind == "capacity")
    assert (capacity.value, capacity.limit, capacity.is_binding) == (24_000, 40_000, True)
    [other] = explain_unit(told, "u002").alternatives
    assert [(o.rule, o.value, o.limit) for o in other.obstacles] == [("R13", 24_000, 16_000)]


def test_a_lock_is_a_reason_and_an_obstacle(make_problem):
    problem = make_problem([(0, 1), (1, 2), (2, 3)], [800] * 4, lower=800, upper=3000)
    plan = Plan(np.array([0, 0, 1, 1]), np.array([-1, -1]))
    lock = Lock("together", ("u000", "u001"))
    placed = IndexedLocks((PairConstraint(0, 1, "together", 0),))
    account = explain_unit(opened(problem, plan, (), (lock,), placed), "u001")
    assert "锁定" in account.why[0].zh
    assert "L03" in {o.rule for other in account.alternatives for o in other.obstacles}


def test_a_unit_held_out_by_a_lock_is_told_the_lock(make_problem):
    problem = make_problem([(0, 1), (1, 2)], [800] * 3, lower=800, upper=3000)
    plan, lock = Plan(np.array([0, 0, -1]), np.array([-1])), Lock("in_area", ("u002",), "gone")
    placed = index_locks(problem, [lock])
    account = explain_unit(opened(problem, plan, (), (lock,), placed), "u002")
    assert all("L01" in {o.rule for o in other.obstacles} for other in account.alternatives)
    assert account.alternatives


def test_an_area_that_stays_and_the_number_of_areas_bind(make_problem):
    problem = make_problem([(0, 1), (1, 2), (2, 3)], [800] * 4, lower=800, upper=3000, areas=2)
    plan = Plan(np.array([0, 0, 1, 1]), np.array([-1, -1]))
    told = opened(problem, plan, (), (Lock("area_kept", ("u000", "u001")),))
    for area, kinds in (("A0", {"lock": "L02", "number": "areas"}), ("A1", {"number": "areas"})):
        bindings = [one for one in explain_area(told, area).bindings if one.is_binding]
        assert {b.kind: b.rule for b in bindings if b.kind in ("lock", "number")} == kinds
    number = next(b for b in explain_area(told, "A1").bindings if b.kind == "number")
    assert (number.value, number.limit) == (2, 2)


def test_what_is_not_there_is_refused(make_problem):
    problem = make_problem([(0, 1)], [600, 600], lower=1000, upper=3000)
    told = opened(problem, Plan(np.array([0, 0]), np.array([-1])))
    told.problem.out_of_scope["unit_id"].astype(str)
    with pytest.raises(UnknownCodeError):
        explain_unit(told, "nobody")
    with pytest.raises(UnknownCodeError):
        explain_area(told, "A7")


def test_a_bound_an_edit_exceeds_binds_and_is_told_as_exceeded(make_problem):
    problem = make_problem([(0, 1), (1, 2)], [600, 600, 600], lower=1000, upper=1500)
    heavy = opened(problem, Plan(np.array([0, 0, 0]), np.array([-1])))
    [upper] = [one for one in explain_area(heavy, "A0").bindings if one.kind == "upper"]
    assert upper.is_binding
    assert "超出上限 1,500 300" in upper.sentence.zh
    light = opened(problem, Plan(np.array([0, -1, -1]), np.array([-1])))
    [lower] = [one for one in explain_area(light, "A0").bindings if one.kind == "lower"]
    assert lower.is_binding
    assert "比下限 1,000 少 400" in lower.sentence.zh


@pytest.mark.parametrize("approved_by", ["王局长", None])
def test_a_permit_plans_a_unit_against_its_owners_refusal_and_is_named(make_dataset, tmp_path, approved_by):
    permit = {
        "permit_id": "p7",
        "kind": "owner_unwilling",
        "unit_a": "nay",
        "reason": "消防隐患整治",
        "approved_by": approved_by,
    }
    dataset, graph = make_dataset(
        tmp_path / "street", permits=pd.DataFrame([permit]), links=[("nay", "old"), ("new", "old")]
    )
    problem = build_problem(dataset, graph, rules_from_policy(read_policy(), mode="mixed"))
    ids = problem.unit_ids.tolist()
    assert ("nay" in ids) == (approved_by is not None)
    assert ("plan.override_incomplete" in [n.rule for n in problem.notes]) == (approved_by is None)
    if approved_by is None:
        return
    plan = solve(problem, stop=StopAfter(rounds=1)).plan
    assert plan.area_of[ids.index("nay")] >= 0
    told = explain_unit(replace(opened(problem, plan), dataset=dataset, tables=DatasetTables(dataset)), "nay")
    [sentence] = [one for one in told.why if "R40" in one.zh]
    assert "p7" in sentence.en
    assert "消防隐患整治 (批准人 王局长)" in sentence.zh
