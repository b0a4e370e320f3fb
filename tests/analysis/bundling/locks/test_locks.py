"""Mode "area": locks of who leads whom, and of areas with leaders inside, are kept or told."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.document.unmet_locks import add_unmet_locks
from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.evaluation.objective_values import group_led
from analysis.bundling.led_areas.solve import solve_led_areas
from analysis.bundling.locks.index import index_locks
from analysis.bundling.locks.locks import Lock, LockError, areas_by_units, is_lock_satisfied, lock_documents, read_locks
from analysis.bundling.locks.presolve import exclude_locked_out
from analysis.bundling.model.plan import Plan
from analysis.bundling.solver.base.stop import StopAfter
from tests.analysis.bundling.led_areas.towns import area_town
from tests.effort import examples

UNITS = [f"u{i:03d}" for i in range(14)]


def led(unit, anchor, kind="led_by"):
    return Lock(kind, (unit,), anchor)


def idle(anchor):
    return Lock("leads_nobody", (anchor,))


@pytest.fixture
def row(make_problem):
    """Six units on a line: the first and the last may lead, the fourth is managed and asks for nobody."""
    line = [(i, i + 1) for i in range(5)]
    problem = make_problem(
        line, [900, 100, 100, 100, 100, 900], mode="area", scope="targets", anchors=[0, 5], capacity=[72_000, 72_000]
    )
    asks = np.array([False, True, True, False, True, False])
    rules = replace(problem.rules, lower=200, radius_m=350.0, reach_m=600.0)
    return replace(problem, rules=rules, is_target=asks, asks_leader=asks, is_old=np.zeros(6, dtype=bool))


def solved(problem, locks, rounds=30):
    return solve_led_areas(problem, index_locks(problem, locks), stop=StopAfter(rounds=rounds)).plan


def document_of(problem, plan):
    """What of PLAN.json the telling of locks goes by."""
    ids = problem.unit_ids.astype(str)
    areas = [
        {
            "unit_ids": ids[plan.members(k)].tolist(),
            "anchor_unit_id": None,
            "led": {ids[u]: ids[a] for a, units in group_led(plan, k).items() for u in units},
        }
        for k in range(plan.n_areas)
    ]
    alone = plan.area_of < 0
    left = [{"unit_id": u, "reason": "no_fit", "rules": []} for u in ids[alone & problem.is_target]]
    out = [{"unit_id": u, "reason": "member_unused"} for u in ids[alone & ~problem.is_target]]
    out += [{"unit_id": "gone", "reason": "not_placed"}]
    return {"mode": "area", "areas": areas, "left_over": left, "out_of_scope": out}


@pytest.mark.parametrize(
    ("row_", "part"),
    [
        ({"kind": "led_by", "unit_id": "a"}, "led_by needs with_unit_id"),
        ({"kind": "not_led_by", "unit_id": "a", "with_unit_id": "a"}, "not_led_by needs with_unit_id"),
        ({"kind": "leads_nobody", "unit_ids": ["a", "b"]}, "leads_nobody needs 1 unit, not 2"),
        ({"kind": "led_by", "unit_id": "a", "with_unit_id": "x"}, "no unit x"),
        ({"kind": "area_kept", "unit_ids": ["a", "b"], "led": {"a": "x"}}, "no unit x"),
        ({"kind": "area_kept", "unit_ids": ["a", "b"], "led": ["a"]}, "led is no map"),
    ],
)
def test_what_is_wrong_with_a_lock_is_said(row_, part):
    with pytest.raises(LockError, match=part):
        read_locks([row_], known=["a", "b"])


def test_locks_of_leaders_are_written_as_they_are_read():
    rows = [
        {"kind": "led_by", "unit_ids": ["a"], "with_unit_id": "b"},
        {"kind": "not_led_by", "unit_ids": ["a"], "with_unit_id": "c", "note": "住户不愿"},
        {"kind": "leads_nobody", "unit_ids": ["c"]},
        {"kind": "area_kept", "unit_ids": ["a", "b"], "anchor_unit_id": None, "led": {"a": "b"}},
    ]
    locks = read_locks(rows, known=["a", "b", "c"])
    assert [lock.rule for lock in locks] == ["L06", "L07", "L08", "L02"]
    assert lock_documents(locks) == rows


def test_an_area_of_a_plan_is_kept_with_its_leaders_where_that_is_asked():
    plan = {"areas": [{"area_id": "P-1", "unit_ids": ["a", "b"], "anchor_unit_id": None, "led": {"a": "b"}}]}
    with_leaders, without = (
        read_locks([{"kind": "area_kept", "area_id": "P-1", **more}], known=["a", "b"], document=plan)[0]
        for more in ({"led": True}, {})
    )
    assert with_leaders.led == (("a", "b"),)
    assert without.led is None


@pytest.mark.parametrize("mode", ["lead", "whole", "mixed"])
@pytest.mark.parametrize("lock", [led("u001", "u000"), idle("u000"), Lock("area_kept", ("u000",), led=())])
def test_other_modes_refuse_them(row, mode, lock):
    with pytest.raises(LockError, match="--mode area"):
        index_locks(replace(row, rules=replace(row.rules, mode=mode)), [lock])


@pytest.mark.parametrize(
    ("lock", "rules"),
    [
        (led("u001", "u000"), None),
        (led("u003", "u000"), ("R01",)),
        (led("u001", "u002"), ("R10",)),
        (led("u004", "u000"), ("R26",)),
        (led("u001", "gone"), ()),
    ],
)
def test_who_can_never_lead_a_unit_is_told_with_the_rules(row, lock, rules):
    void = index_locks(row, [lock]).void
    assert void == ({} if rules is None else {0: rules})


def test_a_lock_decides_who_leads(row):
    free = solved(row, [])
    plan = solved(row, [led("u002", "u005")])
    assert free.leader_of[2] == 0
    assert plan.leader_of[2] == 5
    assert plan.area_of[2] == plan.area_of[5] >= 0


def test_locks_against_leaders_are_kept(row):
    plan = solved(row, [led("u001", "u000", "not_led_by"), idle("u005")])
    assert plan.leader_of[1] != 0
    assert 5 not in plan.leader_of


def test_an_area_is_kept_with_the_leaders_named_alone(row):
    units = ("u000", "u001", "u002")
    open_, closed = Lock("area_kept", units), Lock("area_kept", units, led=(("u001", "u000"),))
    assert solved(row, [open_]).leader_of[[1, 2]].tolist() == [0, 0]
    assert solved(row, [closed]).leader_of[[1, 2]].tolist() == [0, -1]


def test_a_unit_that_nobody_may_lead_as_locked_says_so(row):
    locks = [led("u004", "u000")]
    plan, placed = solved(row, locks), index_locks(row, locks)
    told = add_unmet_locks(document_of(row, plan), locks, placed, {})
    assert plan.leader_of[4] == -1
    assert [(note["lock"], note["rule"]) for note in told["notes"]] == [(0, "L06")]
    assert "R26" in told["notes"][0]["zh"]


def town(seed, scope="targets"):
    """Fourteen units, where areas have no more households than two or three of them."""
    problem = area_town(seed, n=14)
    everybody = np.ones(14, dtype=bool)
    wants = everybody if scope == "all" else problem.is_target
    return replace(problem, rules=replace(problem.rules, scope=scope), is_target=wants)


@st.composite
def some_locks(draw):
    units = [*UNITS, "gone"]
    two = st.lists(st.sampled_from(units), min_size=2, max_size=2, unique=True)
    kinds = ["in_area", "together", "apart", "area_kept", "led_by", "not_led_by", "leads_nobody"]
    locks = []
    for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=5)):
        one, other = draw(two)
        if kind in ("in_area", "led_by", "not_led_by"):
            locks.append(Lock(kind, (one,), other))
        elif kind == "leads_nobody":
            locks.append(Lock(kind, (one,)))
        elif kind == "area_kept":
            locks.append(
                Lock(kind, tuple(sorted({one, other})), led=draw(st.sampled_from([None, (), ((one, other),)])))
            )
        else:
            locks.append(Lock(kind, tuple(sorted((one, other)))))
    return locks


@settings(max_examples=examples(60), deadline=None)
@given(seed=st.integers(0, 10**6), scope=st.sampled_from(["targets", "all"]), locks=some_locks())
def test_every_lock_is_kept_or_told(seed, scope, locks):
    problem = town(seed, scope)
    plan = solved(problem, locks, rounds=6)
    assert plan_faults(problem, plan) == ()
    document = add_unmet_locks(document_of(problem, plan), locks, index_locks(problem, locks), {})
    area_of = {u: k for k, area in enumerate(document["areas"]) for u in area["unit_ids"]}
    leader_of = {unit: leader for area in document["areas"] for unit, leader in area["led"].items()}
    areas = areas_by_units(area_of, [None] * len(document["areas"]))
    unmet = {note["lock"] for note in document["notes"]}
    assert all(is_lock_satisfied(lock, area_of, areas, leader_of) or n in unmet for n, lock in enumerate(locks))


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_what_a_plan_has_already_can_be_locked(seed):
    problem = town(seed)
    plan = solved(problem, [], rounds=6)
    ids = problem.unit_ids.astype(str)
    pairs = [(str(ids[u]), str(ids[a])) for u, a in enumerate(plan.leader_of) if a >= 0]
    locks = [led(unit, anchor) for unit, anchor in pairs[:3]]
    locks += [Lock("area_kept", tuple(ids[plan.members(k)].tolist())) for k in range(min(1, plan.n_areas))]
    again = solve_led_areas(problem, index_locks(problem, locks), start=plan, stop=StopAfter(rounds=4)).plan
    position = {str(unit): i for i, unit in enumerate(ids)}
    assert index_locks(problem, locks).void == {}
    for unit, anchor in pairs[:3]:
        assert again.leader_of[position[unit]] == position[anchor]


def test_units_locked_out_leave_a_problem_of_the_mode():
    problem = town(4)
    left = exclude_locked_out(problem, [Lock("out", ("u003",))])
    assert len(left.asks_leader) == len(left.is_old) == left.n_units == 13
    assert isinstance(solved(left, []), Plan)
