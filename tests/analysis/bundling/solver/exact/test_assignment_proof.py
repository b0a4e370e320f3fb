"""The proof of a part by branch and cut: the best of all plans, whatever is known before; without SCIP the same."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.bundling.solver.base.bound_limits import BoundLimits
from analysis.bundling.solver.base.work_log import ENDLESS, WorkLog
from analysis.bundling.solver.exact import assignment_proof, subproblem_bound
from analysis.bundling.solver.exact.assignment_mip import PlanCosts
from analysis.bundling.solver.exact.assignment_proof import prove_by_branch_and_cut
from analysis.bundling.solver.exact.subproblem_bound import bound_subproblem
from analysis.bundling.solver.models.branch_and_cut import HAS_SCIP
from analysis.bundling.solver.models.separators import disconnected_groups
from tests.analysis.bundling.solver.test_neighbourhoods import LEFT, all_plans, grid_part
from tests.effort import examples

needs_scip = pytest.mark.skipif(not HAS_SCIP, reason="no pyscipopt for this platform")


def prove(part, plan, left_over, *, has_time=ENDLESS, nodes=None):
    aim, labels = plan
    nothing = {"prices": np.zeros(8), "bound": 0.0, "area": 0.0}
    return prove_by_branch_and_cut(
        part, labels, left_over=left_over, aim=aim, has_time=has_time, nodes=nodes, **nothing
    )


@needs_scip
@pytest.mark.parametrize("may_close", [False, True])
@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_proof_ends_at_the_best_of_all_plans(seed, may_close):
    part = grid_part(seed, may_close)
    plans = sorted(all_plans(part), key=lambda plan: plan[0])
    for known in (plans[0], plans[len(plans) // 2], plans[-1]):
        found = prove(part, known, float(LEFT))
        assert found.bound == pytest.approx(plans[0][0])
        assert PlanCosts(float(LEFT), 0.0).of(part, found.labels) == plans[0][0]
        assert not list(disconnected_groups(part, found.labels))


@needs_scip
@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_the_proof_ends_at_the_best_where_all_must_be_served(seed):
    part = replace(grid_part(seed), capacity=np.array([100, 100]))
    plans = sorted((plan for plan in all_plans(part) if (plan[1] >= 0).all()), key=lambda plan: plan[0])
    assume(plans)
    found = prove(part, plans[-1], np.inf)
    assert found.bound == pytest.approx(plans[0][0])
    assert PlanCosts(np.inf, 0.0).of(part, found.labels) == plans[0][0]


@needs_scip
@settings(max_examples=examples(10), deadline=None)
@given(seed=st.integers(0, 10**6), nodes=st.integers(1, 2))
def test_nodes_end_a_proof_with_a_bound_that_holds(seed, nodes):
    part = grid_part(seed)
    plans = sorted(all_plans(part), key=lambda plan: plan[0])
    found, again = (prove(part, plans[-1], float(LEFT), nodes=nodes) for _ in range(2))
    assert found.bound <= plans[0][0] + 1e-6
    assert (found.bound, found.labels.tolist()) == (again.bound, again.labels.tolist())


@needs_scip
def test_an_end_asked_for_leaves_the_bound_of_prices():
    part = grid_part(0)
    plans = sorted(all_plans(part), key=lambda plan: plan[0])
    asked = []
    log = WorkLog(is_asked=lambda: asked.append(1) or len(asked) > 4)
    found = prove(part, plans[-1], float(LEFT), has_time=log.limit(1, lambda: np.inf))
    assert 0 <= found.bound <= plans[0][0] + 1e-6


@settings(max_examples=examples(10), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_without_scip_the_bound_is_the_same(seed):
    part = grid_part(seed)
    plans = sorted(all_plans(part), key=lambda plan: plan[0])
    limits = BoundLimits(lambda step: step < 3, ENDLESS)
    given = {"left_over": float(LEFT), "area": 0.0, "aim": plans[-1][0], "limits": limits}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subproblem_bound, "has_small_areas", lambda part: False)
        with_scip = bound_subproblem(part, plans[-1][1], **given)
        patch.setattr(subproblem_bound, "HAS_SCIP", False)
        without = bound_subproblem(part, plans[-1][1], **given)
    assert with_scip.cost == pytest.approx(plans[0][0])
    assert without.cost == pytest.approx(plans[0][0])


@needs_scip
def test_labels_that_overload_an_anchor_within_a_tolerance_are_no_plan(monkeypatch):
    part = grid_part(1)
    plans = sorted(all_plans(part), key=lambda plan: plan[0])
    monkeypatch.setattr(assignment_proof, "_keeps_capacity", lambda part, labels: False)
    found = prove(part, plans[-1], float(LEFT))
    assert found.labels is plans[-1][1]
    assert found.bound <= plans[0][0] + 1e-6
