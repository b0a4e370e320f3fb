"""Nobody is left over whom one move could place: of any map, in any mode, with locks and companies."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.document.left_over_reasons import explain_left_over
from analysis.bundling.locks.index import index_locks, is_pair_satisfied
from analysis.bundling.locks.locks import Lock
from analysis.bundling.model.plan import Plan
from analysis.bundling.solve.single_moves import insert_left_over
from analysis.bundling.solve.solve import solve
from analysis.bundling.solve.with_locks import solve_with_locks
from analysis.bundling.solver.base.stop import StopAfter
from tests.effort import examples

MODES = st.sampled_from(["lead", "whole", "mixed"])
NO_EDGES = pd.DataFrame(columns=["unit_a", "unit_b", "allowed", "blocked_by"])


def moves_of(problem, plan, unit):
    """Every plan that differs by one unit put into an area, or by one area opened with it."""
    for area in range(plan.n_areas):
        yield plan.moved([unit], area)
    if problem.rules.areas is None and problem.households[unit]:
        new = plan.moved([unit], plan.n_areas)
        yield Plan(new.area_of, np.append(plan.anchor_of, -1))
        for anchor in problem.anchors[plan.area_of[problem.anchors] < 0]:
            opened = plan.moved([unit, int(anchor)], plan.n_areas)
            yield Plan(opened.area_of, np.append(plan.anchor_of, anchor))


def could_be_placed(problem, plan, broken_rules, placed=None):
    """Units left over for which some single move breaks no rule and no lock, by trying all moves."""
    found = []
    for unit in np.flatnonzero(problem.is_target & (plan.area_of < 0)).tolist():
        for after in moves_of(problem, plan, unit):
            if is_allowed(problem, after, broken_rules) and (placed is None or obeys(placed, plan, after)):
                found.append(unit)
                break
    return found


def is_allowed(problem, plan, broken_rules):
    is_mode = {"lead": (plan.anchor_of >= 0).all(), "whole": (plan.anchor_of < 0).all()}
    return is_mode.get(problem.rules.mode, True) and broken_rules(problem, plan) == []


def obeys(placed, before, after):
    moved = set(np.flatnonzero(before.area_of != after.area_of).tolist())
    kept = {int(before.area_of[k.members[0]]) for k in placed.kept}
    return (
        not moved & set(placed.held)
        and not kept & set(after.area_of[list(moved)].tolist())
        and all(is_pair_satisfied(b, after) for b in placed.pair_constraints if moved & {b.a, b.b})
    )


def town(random_town, company_town, seed, mode, *, has_companies):
    share = 0.0 if mode == "whole" else 0.2
    made = company_town if has_companies else random_town
    return made(seed, n=40, mode=mode, anchor_share=share, lower=1000, upper=2500)


def test_a_unit_that_an_area_has_room_for_is_put_there(make_problem):
    """One left over beside an area with room, one beside an anchor without an area."""
    problem = make_problem(
        [(0, 1), (1, 2), (3, 4)],
        [600, 500, 100, 900, 80],
        mode="mixed",
        lower=1000,
        upper=4000,
        anchors=[3],
        capacity=[900 * 80],
        radius_m=600.0,
    )
    plan = Plan(np.array([0, 0, -1, -1, -1]), np.array([-1]))
    after = insert_left_over(problem, plan)
    assert after.area_of.tolist() == [0, 0, 0, 1, 1]
    assert after.anchor_of.tolist() == [-1, 3]


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES, rounds=st.integers(0, 2), companies=st.booleans())
def test_no_plan_leaves_over_whom_one_move_could_place(
    random_town, company_town, broken_rules, seed, mode, rounds, companies
):
    problem = town(random_town, company_town, seed, mode, has_companies=companies)
    result = solve(problem, seed=seed, stop=StopAfter(rounds=rounds))
    assert broken_rules(problem, result.plan) == []
    assert could_be_placed(problem, result.plan, broken_rules) == []
    reasons = explain_left_over(problem, result.plan, NO_EDGES)["reason"]
    assert not reasons.isin(["could_join", "lock_forbids"]).any()


@pytest.mark.full
@settings(max_examples=examples(20), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES, companies=st.booleans(), data=st.data())
def test_with_locks_and_a_start_likewise(random_town, company_town, broken_rules, seed, mode, companies, data):
    problem = town(random_town, company_town, seed, mode, has_companies=companies)
    ids = problem.unit_ids.tolist()
    unit = st.sampled_from(ids)
    locks = []
    for kind in data.draw(st.lists(st.sampled_from(["in_area", "together", "apart"]), max_size=4)):
        a, b = data.draw(st.lists(unit, min_size=2, max_size=2, unique=True))
        locks.append(Lock(kind, (a,), b) if kind == "in_area" else Lock(kind, (a, b)))
    first = solve(problem, seed=seed, stop=StopAfter(rounds=0)).plan
    if first.n_areas and data.draw(st.booleans()):
        anchor = int(first.anchor_of[0])
        members = tuple(ids[i] for i in first.members(0))
        locks.append(Lock("area_kept", members, None, str(ids[anchor]) if anchor >= 0 else None))
    start = first.moved(np.flatnonzero(first.area_of == first.n_areas - 1), -1)
    start = start.without_empty_areas()
    result = solve_with_locks(problem, locks, start=start, seed=1, stop=StopAfter(rounds=1))
    placed = index_locks(problem, locks)
    assert broken_rules(problem, result.plan) == []
    assert could_be_placed(problem, result.plan, broken_rules, placed) == []


@settings(max_examples=examples(40), deadline=None)
@given(seed=st.integers(0, 10**6), mode=MODES, data=st.data())
def test_reasons_of_any_plan_tell_whom_one_move_could_place(random_town, broken_rules, seed, mode, data):
    """Areas taken out of a plan by hand: whoever could come back is told so, nobody else is."""
    problem = random_town(seed, n=30, mode=mode, anchor_share=0.2 if mode != "whole" else 0.0)
    plan = solve(problem, seed=seed, stop=StopAfter(rounds=0)).plan
    out = data.draw(st.lists(st.integers(0, problem.n_units - 1), max_size=6))
    out = [unit for unit in out if unit not in problem.anchors]
    plan = plan.moved(out, -1)
    alone = [k for k, a in enumerate(plan.anchor_of) if a >= 0 and len(plan.members(k)) == 1]
    plan = plan.moved(np.flatnonzero(np.isin(plan.area_of, alone)), -1).without_empty_areas()
    if broken_rules(problem, plan):
        return
    told = explain_left_over(problem, plan, NO_EDGES)
    found = told.loc[told["reason"] == "could_join", "position"].tolist()
    assert found == could_be_placed(problem, plan, broken_rules)


@pytest.mark.parametrize("number", [2, 4])
def test_a_number_of_areas_that_is_asked_for_stays(random_town, number):
    problem = random_town(5, n=40, mode="whole")
    problem = replace(problem, rules=replace(problem.rules, areas=number))
    result = solve(problem, seed=0, stop=StopAfter(rounds=1))
    assert result.plan.n_areas in (0, number)
    assert insert_left_over(problem, result.plan) is result.plan
