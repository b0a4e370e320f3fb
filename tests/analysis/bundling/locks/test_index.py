"""Locks are hard: one that no plan can meet leaves its units over, and those that ask for these."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.document.unmet_locks import add_unmet_locks
from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.locks.index import index_locks
from analysis.bundling.locks.locks import Lock, areas_by_units, is_lock_satisfied
from analysis.bundling.model.plan import Plan
from analysis.bundling.reassign.assignment_mip import SolveLimits
from analysis.bundling.reassign.repair import repair
from analysis.bundling.solve import with_locks
from analysis.bundling.solver.base.stop import StopAfter
from analysis.bundling.solver.base.work_log import WorkLog
from tests.effort import examples

LINE = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]


@pytest.fixture
def row(make_problem):
    """Six units on a line, the first and the last may lead; `gone` is not planned for."""
    return make_problem(
        LINE, [900, 100, 100, 100, 100, 900], mode="lead", anchors=[0, 5], capacity=[72_000, 72_000], radius_m=600.0
    )


def kept(*units, anchor=None):
    return Lock("area_kept", tuple(units), None, anchor)


def joined(unit, other):
    return Lock("in_area", (unit,), other)


def pair(kind, *units):
    return Lock(kind, units)


@pytest.mark.parametrize(
    ("locks", "void", "held"),
    [
        ([joined("u001", "gone")], [0], [1]),
        ([joined("gone", "u001")], [0], []),
        ([joined("u000", "gone")], [0], []),
        ([joined("u000", "u005")], [0], [0]),
        ([pair("together", "u001", "gone")], [0], [1]),
        ([pair("together", "u000", "u005")], [0], [0, 5]),
        ([pair("apart", "u001", "gone")], [], []),
        ([kept("u000", "u001", "gone", anchor="u000")], [0], [0, 1]),
        ([kept("u001", "u002", anchor="u000")], [0], [1, 2]),
        ([kept("u000", "u002", anchor="u000")], [0], [0, 2]),
        ([kept("u000", "u001", anchor="u000")], [], []),
        ([kept("u000", "u001", anchor="u000"), kept("u000", "u001", anchor="u000")], [], []),
        ([kept("u000", "u001", anchor="u000"), kept("u005", "u001", anchor="u005")], [0, 1], [0, 1, 5]),
        ([kept("u000", "u001", anchor="u000"), joined("u002", "u001")], [1], [2]),
        ([kept("u000", "u001", anchor="u000"), joined("u001", "u005")], [0, 1], [0, 1]),
        ([kept("u000", "u001", anchor="u000"), pair("together", "u001", "u002")], [0, 1], [0, 1, 2]),
        ([kept("u000", "u001", anchor="u000"), pair("apart", "u000", "u001")], [0], [0, 1]),
        ([joined("u002", "u001"), joined("u001", "gone"), joined("u003", "u000")], [0, 1], [1, 2]),
    ],
)
def test_what_no_plan_can_meet_is_held_out(row, locks, void, held):
    placed = index_locks(row, locks)
    assert sorted(placed.void) == void
    assert sorted(placed.held) == held


def test_the_rules_an_area_breaks_are_told(row):
    placed = index_locks(row, [kept("u000", "u002", anchor="u000")])
    assert placed.void == {0: ("R22",)}


@st.composite
def some_locks(draw):
    units = [f"u{i:03d}" for i in range(12)] + ["gone"]
    two = st.lists(st.sampled_from(units), min_size=2, max_size=2, unique=True)
    locks = []
    for kind in draw(st.lists(st.sampled_from(["in_area", "together", "apart", "area_kept"]), min_size=1, max_size=5)):
        one, other = draw(two)
        if kind == "in_area":
            locks.append(joined(one, other))
        elif kind == "area_kept":
            lead = draw(st.sampled_from([None, one]))
            locks.append(kept(*sorted({one, other}), anchor=lead))
        else:
            locks.append(pair(kind, *sorted((one, other))))
    return locks


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6), mode=st.sampled_from(["lead", "whole", "mixed"]), locks=some_locks())
def test_every_lock_is_obeyed_or_leaves_its_units_over(random_town, seed, mode, locks):
    problem = random_town(seed, n=12, mode=mode, anchor_share=0.0 if mode == "whole" else 0.25, lower=300, upper=1500)
    placed = index_locks(problem, locks)
    rng = np.random.default_rng(seed)
    begun = Plan(rng.integers(-1, 3, 12), np.full(3, -1))
    plan = repair(problem, begun, placed, effort=SolveLimits(seconds=60)).plan.without_empty_areas()
    assert plan_faults(problem, plan) == ()
    document = told(problem, plan, locks, placed)
    area_of = {u: k for k, area in enumerate(document["areas"]) for u in area["unit_ids"]}
    areas = areas_by_units(area_of, [area["anchor_unit_id"] for area in document["areas"]])
    unmet = {note["lock"] for note in document["notes"]}
    assert all(is_lock_satisfied(lock, area_of, areas) or n in unmet for n, lock in enumerate(locks))


def told(problem, plan, locks, placed):
    """What of PLAN.json the telling of locks goes by."""
    ids = problem.unit_ids.astype(str)
    areas = [
        {"unit_ids": ids[plan.members(k)].tolist(), "anchor_unit_id": ids[anchor] if anchor >= 0 else None}
        for k, anchor in enumerate(plan.anchor_of)
    ]
    left = [{"unit_id": u, "reason": "no_fit", "rules": []} for u in ids[(plan.area_of < 0) & problem.is_target]]
    out = [{"unit_id": u, "reason": "anchor_unused"} for u in ids[(plan.area_of < 0) & ~problem.is_target]]
    out += [{"unit_id": "gone", "reason": "not_placed"}]
    document = {"areas": areas, "left_over": left, "out_of_scope": out}
    return add_unmet_locks(document, locks, placed, {})


def test_a_unit_locked_to_one_not_planned_for_is_left_over_and_says_so(row):
    locks = [joined("u001", "gone"), kept("u003", "u005", anchor="u005")]
    placed = index_locks(row, locks)
    plan = with_locks.solve_with_locks(row, locks, stop=StopAfter(rounds=1)).plan
    document = told(row, plan, locks, placed)
    reasons = {r["unit_id"]: (r["reason"], r["rules"]) for r in document["left_over"]}
    assert reasons["u001"] == ("lock_unmet", ["L01"])
    assert reasons["u003"] == ("lock_unmet", ["L02"])
    assert [(note["lock"], note["rule"]) for note in document["notes"]] == [(0, "L01"), (1, "L02")]
    assert "gone" in document["notes"][0]["en"]
    assert "R22" in document["notes"][1]["zh"]


@pytest.mark.parametrize("seconds", [None, 1.0])
def test_only_a_run_by_seconds_ends_a_repair_by_the_clock(row, monkeypatch, seconds):
    limits = []

    def noted(problem, plan, placed, *, effort):
        limits.append(effort.has_time)
        return repair(problem, plan, placed, effort=effort)

    hours = itertools.count(step=3600.0)
    monkeypatch.setattr(with_locks, "repair", noted)
    monkeypatch.setattr(WorkLog, "seconds", property(lambda _: next(hours)))
    broken = Plan(np.array([0, 0, -1, 0, -1, -1]), np.array([0]))
    stop = StopAfter(rounds=1, seconds=seconds)
    with_locks.solve_with_locks(row, [joined("u004", "u005")], start=broken, stop=stop)
    assert {limit() for limit in limits} == {seconds is None}
