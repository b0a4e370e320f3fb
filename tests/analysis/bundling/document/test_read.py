"""A document read back is the plan it was written from; locks are obeyed, and what is not is told."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.document.read import open_plan, read_areas, read_rules
from analysis.bundling.document.schema import check_document
from analysis.bundling.document.write import revise_document, write_document
from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.evaluation.score import score
from analysis.bundling.locks.index import IndexedLocks, KeptArea, PairConstraint, is_pair_satisfied
from analysis.bundling.locks.locks import Lock, LockError, read_locks
from analysis.bundling.locks.presolve import presolve, subset
from analysis.bundling.model.plan import Plan
from analysis.bundling.model.problem import build_problem
from analysis.bundling.model.rules import rules_from_policy
from analysis.bundling.solve.solve import solve
from analysis.bundling.solver.base.stop import StopAfter
from analysis.policy import read_policy
from tests.effort import examples

POLICY = read_policy()
MODES = st.sampled_from(["lead", "whole", "mixed"])


@pytest.fixture
def made(street):
    """The dataset of one street, and the plan of it as a document."""
    dataset, graph = street
    problem = build_problem(dataset, graph, rules_from_policy(POLICY, lower=100, mode="mixed"))
    result = solve(problem, stop=StopAfter(rounds=2))
    return dataset, json.loads(json.dumps(write_document(problem, result, dataset, POLICY)))


def stored(dataset, graph):
    """The dataset with its graph on disk, as `open_plan` finds it."""
    from geo.adjacency.graph import edges_layer, walks_layer
    from geo.storage.dataset import write_dataset

    layers = {"edges": edges_layer(graph), "walks": walks_layer(graph)}
    return write_dataset(dataset.folder, dataset.manifest, layers)


@pytest.fixture
def opened(street):
    dataset = stored(*street)
    problem = build_problem(dataset, street[1], rules_from_policy(POLICY, lower=100, mode="mixed"))
    result = solve(problem, stop=StopAfter(rounds=2))
    return open_plan(dataset, write_document(problem, result, dataset, POLICY))


def test_a_document_unchanged_is_written_as_it_was(opened):
    again = revise_document(opened, opened.plan)
    check_document(again)
    for key in ("areas", "left_over", "out_of_scope", "locks", "rules", "status"):
        assert again[key] == opened.document[key]
    values = [level["value"] for level in again["levels"]]
    assert values == [level["value"] for level in opened.document["levels"]]


def test_bounds_stay_with_a_changed_plan_as_far_as_they_hold(street):
    dataset = stored(*street)
    rules = rules_from_policy(POLICY, mode="whole", scope="all", lower=100)
    problem = build_problem(dataset, street[1], rules)
    result = solve(problem, stop=StopAfter(rounds=1))
    opened = open_plan(dataset, write_document(problem, result, dataset, POLICY))
    same = revise_document(opened, opened.plan)
    assert same["streets"] == opened.document["streets"]
    assert same["levels"] == opened.document["levels"]
    assert same["levels"][2]["bound"] is not None
    emptied = np.where(opened.plan.area_of == 0, -1, opened.plan.area_of)
    fewer = revise_document(opened, Plan(emptied, opened.plan.anchor_of))
    assert [level["bound"] is None for level in fewer["levels"]] == [False, True, True]
    assert [row["metres_bound"] for row in fewer["streets"]].count(None) == 1
    above = [{**row, "left_over_bound": row["left_over_households"] + 1} for row in opened.document["streets"]]
    broken = revise_document(replace(opened, document={**opened.document, "streets": above}), opened.plan)
    assert {row["left_over_bound"] for row in broken["streets"]} == {None}  # undercut by breaking rules
    out = replace(opened, locks=(Lock("out", ("old",)),))
    other = revise_document(out, opened.plan)
    assert [level["bound"] for level in other["levels"]] == [None] * 3
    assert "streets" not in other


def test_rules_come_back_as_they_were(opened):
    assert read_rules(opened.document["rules"]) == opened.problem.rules


def test_an_area_keeps_its_id_when_others_go(opened):
    first = opened.document["areas"][0]
    emptied = Plan(np.where(opened.plan.area_of == 0, -1, opened.plan.area_of), opened.plan.anchor_of)
    again = revise_document(opened, emptied)
    assert first["area_id"] not in [area["area_id"] for area in again["areas"]]
    assert [a["area_id"] for a in again["areas"]] == opened.area_ids[1:]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"kind": "stay", "unit_id": "old"}, "kind"),
        ({"kind": "out", "unit_id": "nobody"}, "nobody"),
        ({"kind": "together", "unit_ids": ["old"]}, "2 units"),
        ({"kind": "in_area", "unit_id": "old"}, "with_unit_id"),
        ({"kind": "in_area", "unit_id": "old", "area_id": "P-9"}, "P-9"),
        ({"kind": "area_kept", "area_id": "P-9"}, "P-9"),
        ("out", "kind"),
    ],
)
def test_a_lock_that_means_nothing_is_refused(row, says):
    with pytest.raises(LockError, match=says):
        read_locks([row], known=["old", "new"])


def test_an_area_is_known_by_its_anchor(opened):
    area = next(a for a in opened.document["areas"] if a["anchor_unit_id"])
    unit = next(u for u in area["unit_ids"] if u != area["anchor_unit_id"])
    raw = [
        {"kind": "in_area", "unit_id": unit, "area_id": area["area_id"]},
        {"kind": "area_kept", "area_id": area["area_id"]},
    ]
    one, kept = read_locks({"locks": raw}, known=[unit, *area["unit_ids"]], document=opened.document)
    assert one.with_unit_id == kept.anchor_unit_id == area["anchor_unit_id"]
    assert kept.unit_ids == tuple(sorted(area["unit_ids"]))


def some_locks(problem, rng):
    """A few locks by chance, on the positions of a problem."""
    targets = np.flatnonzero(problem.is_target)
    anchors = problem.anchors if len(problem.anchors) else targets
    bonds = []
    for number, kind in enumerate(rng.choice(["together", "joined", "apart"], 5)):
        a = int(rng.choice(targets))
        near = problem.indices[problem.indptr[a] : problem.indptr[a + 1]]
        far = anchors if kind == "joined" else near
        b = int(rng.choice(far)) if len(far) else a
        if a != b and (kind == "joined" or problem.is_target[b]):
            bonds.append(PairConstraint(a, b, str(kind), number))
    return IndexedLocks(tuple(bonds))


@settings(max_examples=examples(30), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES)
def test_a_search_obeys_locks_it_does_not_know(random_town, broken_rules, seed, mode):
    problem = random_town(seed, n=40, mode=mode, anchor_share=0.0 if mode == "whole" else 0.15)
    locks = some_locks(problem, np.random.default_rng(seed))
    reduced = presolve(problem, locks)
    found = solve(reduced.problem, seed=seed, stop=StopAfter(rounds=2))
    plan = reduced.expand(found.plan)
    assert broken_rules(problem, plan) == []
    for bond in locks.pair_constraints:
        if bond.kind == "together":
            assert is_pair_satisfied(bond, plan)
        elif bond.kind == "joined" and not is_pair_satisfied(bond, plan):
            assert plan.area_of[bond.a] < 0


def test_units_together_and_locked_to_two_anchors_are_in_neither(make_problem):
    problem = make_problem(
        [(0, 1), (1, 2), (2, 3)],
        [900, 100, 100, 900],
        mode="lead",
        anchors=[0, 3],
        capacity=[72_000, 72_000],
        radius_m=600.0,
    )
    bonds = (PairConstraint(1, 2, "together", 0), PairConstraint(1, 0, "joined", 1), PairConstraint(2, 3, "joined", 2))
    reduced = presolve(problem, IndexedLocks(bonds))
    plan = reduced.expand(solve(reduced.problem, stop=StopAfter(rounds=1)).plan)
    assert plan.area_of[[1, 2]].tolist() == [-1, -1]


@settings(max_examples=examples(20), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES)
def test_kept_areas_come_back_and_nothing_locked_changes_nothing(random_town, seed, mode):
    problem = random_town(seed, n=40, mode=mode, anchor_share=0.0 if mode == "whole" else 0.15)
    first = solve(problem, seed=seed, stop=StopAfter(rounds=1)).plan
    kept = tuple(KeptArea(first.members(k), int(first.anchor_of[k]), k) for k in range(first.n_areas))
    reduced = presolve(problem, IndexedLocks(kept=kept))
    back = reduced.expand(solve(reduced.problem, stop=StopAfter(rounds=1)).plan)
    areas = {frozenset(back.members(k).tolist()) for k in range(back.n_areas)}
    assert {frozenset(first.members(k).tolist()) for k in range(first.n_areas)} <= areas
    assert plan_faults(problem, back) == ()
    same = presolve(problem, IndexedLocks())
    assert score(same.problem, first) == score(problem, first)


def test_a_smaller_problem_is_the_same_map(random_town):
    problem = random_town(3, n=30, mode="mixed", anchor_share=0.2)
    keep = np.arange(0, 30, 2)
    part = subset(problem, keep)
    for i, unit in enumerate(keep):
        around = part.indices[part.indptr[i] : part.indptr[i + 1]]
        there = problem.indices[problem.indptr[unit] : problem.indptr[unit + 1]]
        assert set(keep[around]) == set(there) & set(keep)
    assert (part.walks.toarray() == problem.walks[keep][:, keep].toarray()).all()
    assert part.unit_ids[part.anchors].tolist() == [u for u in problem.unit_ids[problem.anchors] if u in part.unit_ids]
    assert replace(part, rules=problem.rules) is not part


def test_a_plan_of_another_mode_is_read_with_its_anchors_as_leaders(make_problem):
    problem = make_problem([(0, 1), (1, 2), (2, 3)], [300] * 4, mode="area", anchors=[0], capacity=[48_000])
    areas = [
        {"anchor_unit_id": "u000", "unit_ids": ["u000", "u001"]},
        {"anchor_unit_id": None, "unit_ids": ["u002", "u003"]},
    ]
    plan, unknown_units = read_areas(problem, {"areas": areas})
    assert plan.area_of.tolist() == [0, 0, 1, 1]
    assert plan.leader_of.tolist() == [-1, 0, -1, -1]
    assert plan.anchor_of.tolist() == [-1, -1]
    assert unknown_units == ()
