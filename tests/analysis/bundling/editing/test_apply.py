"""Edits of plans with leaders inside areas: who leads whom changes where the edit says so, and no unit moves."""

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest

from analysis.bundling.document.read import OpenPlan
from analysis.bundling.document.tables import DatasetTables
from analysis.bundling.editing.apply import AreaEdit, Edit, EditBase, EditError, apply_edit
from analysis.bundling.editing.figures import find_violations, measure_plan
from analysis.bundling.locks.index import NO_LOCKS
from analysis.bundling.locks.locks import Lock
from analysis.bundling.model.plan import Plan
from tests.analysis.bundling.drawn_data import dataset_of

LINE = [(i, i + 1) for i in range(7)]


@pytest.fixture
def base(make_problem):
    """Two areas of four units on a line; u000 and u003 lead in the first, u007 in the second, u004 is led by nobody."""
    problem = make_problem(
        LINE,
        [300, 100, 120, 300, 140, 100, 100, 300],
        mode="area",
        scope="targets",
        anchors=[0, 3, 7],
        capacity=[48_000, 48_000, 16_000],
    )
    asks = np.array([False, True, True, False, True, True, True, False])
    rules = replace(problem.rules, lower=200, radius_m=250.0, reach_m=600.0)
    problem = replace(problem, rules=rules, is_target=asks, asks_leader=asks, is_old=np.zeros(8, dtype=bool))
    return opened_base(problem, Plan([0, 0, 0, 0, 1, 1, 1, 1], [-1, -1], [-1, 0, 3, -1, -1, 7, 7, -1]))


def opened_base(problem, plan):
    """The plan as `open_for_editing` would have it."""
    dataset = dataset_of(problem)
    with patch("analysis.bundling.document.tables.gazetteer_layers", lambda drawn: drawn):
        tables = DatasetTables(dataset)
        assert tables.streets  # read while the drawn streets are there
    ids = problem.unit_ids.astype(str)
    areas = [
        {
            "area_id": f"P-{k}",
            "name": f"片区{k}",
            "street_code": "150203000",
            "anchor_unit_id": None,
            "unit_ids": ids[plan.members(k)].tolist(),
            "led": {ids[u]: ids[plan.leader_of[u]] for u in plan.members(k) if plan.leader_of[u] >= 0},
        }
        for k in range(plan.n_areas)
    ]
    document = {"mode": "area", "areas": areas, "locks": [], "left_over": [], "out_of_scope": [], "levels": []}
    opened = OpenPlan(dataset, document, None, problem, plan, (), NO_LOCKS, (), tables)  # no edit asks the graph
    return EditBase(opened, ())


def test_an_edit_of_nothing_keeps_every_leader(base):
    edited = apply_edit(base, base.unedited)
    assert edited.opened.plan.leader_of.tolist() == base.opened.plan.leader_of.tolist()
    assert edited.lost == ()


def test_a_leader_changes_and_no_unit_moves(base):
    edited = apply_edit(base, Edit(leaders={"u001": "u003", "u002": None}))
    plan = edited.opened.plan
    assert plan.area_of.tolist() == base.opened.plan.area_of.tolist()
    assert plan.leader_of[[1, 2]].tolist() == [3, -1]
    assert edited.lost == ()
    assert measure_plan(edited.opened).unled_units == 2


def test_whoever_loses_its_leader_is_told_with_the_one_offered(base):
    """The leader goes to the other area: whom it led stays, and could be led by who is left."""
    edited = apply_edit(base, Edit(moves={"u003": "P-1"}))
    assert edited.opened.plan.leader_of[2] == -1
    assert [(one.unit_id, one.leader_unit_id, one.offered_unit_id) for one in edited.lost] == [("u002", "u003", "u000")]


def test_a_unit_that_moves_away_from_its_leader_is_led_by_nobody(base):
    edited = apply_edit(base, Edit(moves={"u005": "P-0"}))
    assert edited.opened.plan.leader_of[5] == -1
    assert [(one.unit_id, one.offered_unit_id) for one in edited.lost] == [("u005", "u003")]


def test_a_new_area_keeps_leaders_that_come_along(base):
    edited = apply_edit(base, Edit(moves={"u003": "*", "u002": "*"}, areas={"*": AreaEdit(None)}))
    plan = edited.opened.plan
    assert plan.area_of[2] == plan.area_of[3] == 2
    assert plan.leader_of[2] == 3
    assert plan.anchor_of.tolist() == [-1, -1, -1]


def test_an_area_dissolved_leaves_nobody_led(base):
    edited = apply_edit(base, Edit(moves=dict.fromkeys(("u004", "u005", "u006", "u007"), None)))
    figures = measure_plan(edited.opened)
    assert (figures.led_units, figures.unled_units, figures.left_over_units) == (2, 0, 3)
    assert edited.lost == ()


def test_a_leader_that_breaks_a_rule_is_told(base):
    edited = apply_edit(base, Edit(leaders={"u004": "u007"}))
    rules = {found.rule for found in find_violations(edited.opened)}
    assert {"R13", "R26"} <= rules


def test_a_locked_area_keeps_its_leaders(base):
    edited = apply_edit(base, Edit(locked_areas=("P-0",)))
    led = (("u001", "u000"), ("u002", "u003"))
    assert edited.opened.locks == (Lock("area_kept", ("u000", "u001", "u002", "u003"), led=led),)
    assert find_violations(edited.opened) == ()


def test_who_is_not_there_and_other_modes_are_refused(base):
    with pytest.raises(EditError, match="unit gone"):
        apply_edit(base, Edit(leaders={"u001": "gone"}))
    opened = base.opened
    whole = replace(opened.problem, rules=replace(opened.problem.rules, mode="whole"))
    with pytest.raises(EditError, match="no leaders inside"):
        apply_edit(replace(base, opened=replace(opened, problem=whole)), Edit(leaders={"u001": "u000"}))


def test_a_plan_in_which_nobody_leads_is_measured(make_problem):
    problem = make_problem(LINE, [300, 100, 120, 300, 140, 100, 100, 300], mode="whole")
    areas = [0, 0, 0, 0, 1, 1, 1, 1]
    opened = opened_base(problem, Plan(areas, [-1, -1], [-1] * 8)).opened
    figures = measure_plan(replace(opened, plan=Plan(areas, [-1, -1])))
    assert figures.n_areas == 2
    assert figures.inside.household_metres > 0
