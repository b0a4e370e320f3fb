"""Mode "area": what is said of a unit's leader, and of other areas it could be in, is so."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.bundling.document.wording import Wording
from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.evaluation.objective_values import primary_levels
from analysis.bundling.evaluation.score import score
from analysis.bundling.explain.binding import explain_area
from analysis.bundling.explain.explain import explain_unit
from analysis.bundling.explain.led_units import describe_role
from analysis.bundling.led_areas.leader_options import list_leader_options, offer_leader
from analysis.bundling.led_areas.solve import solve_led_areas
from analysis.bundling.solver.base.stop import StopAfter
from tests.analysis.bundling.explain.test_explain import opened
from tests.analysis.bundling.led_areas.towns import area_town
from tests.effort import examples


def planned(seed):
    problem = area_town(seed, n=14)
    return problem, solve_led_areas(problem, stop=StopAfter(rounds=3)).plan


def led_by(plan, unit, leader):
    leaders = plan.leader_of.copy()
    leaders[unit] = leader
    return plan.assign_leaders(leaders)


@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_an_anchor_could_lead_a_unit_just_when_no_rule_is_broken_then(seed):
    problem, plan = planned(seed)
    for unit in np.flatnonzero(problem.asks_leader & (plan.area_of >= 0)).tolist():
        options = list_leader_options(problem, plan, unit)
        for option in options:
            rules = {one.rule for one in option.obstacles}
            faults = {fault.rule for fault in plan_faults(problem, led_by(plan, unit, option.anchor))}
            assert bool(faults - {"reach"}) == bool(rules)
        free = [option.anchor for option in options if not option.obstacles]
        assert offer_leader(problem, plan, unit) == (free[0] if free else -1)


@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_another_area_is_allowed_just_when_no_rule_is_broken_and_costs_what_is_said(seed):
    problem, plan = planned(seed)
    document = opened(problem, plan)
    position = {str(unit): i for i, unit in enumerate(problem.unit_ids)}
    for unit in range(problem.n_units):
        for other in explain_unit(document, str(problem.unit_ids[unit])).alternatives:
            after = plan.moved([unit], int(other.area_id[1:]))
            if other.anchor_unit_id is not None:
                after = led_by(after, unit, position[other.anchor_unit_id])
            assert bool(plan_faults(problem, after)) == bool(other.obstacles)
            first = [primary_levels(problem, one) for one in (plan, after)]
            assert other.score[:2] == tuple(b - a for a, b in zip(*first, strict=True))
            if len(after.members(int(plan.area_of[unit]))) or plan.area_of[unit] < 0:
                metres = score(problem, after).household_metres - score(problem, plan).household_metres
                assert other.household_metres == metres


@settings(max_examples=examples(10), deadline=None)
@given(seed=st.integers(0, 10**6))
def test_every_unit_and_area_is_explained_by_its_role(seed):
    problem, plan = planned(seed)
    document = opened(problem, plan)
    for unit in range(problem.n_units):
        account = explain_unit(document, str(problem.unit_ids[unit]))
        if plan.area_of[unit] >= 0:
            assert account.role == describe_role(document, unit)
            assert (account.role == "absorbed") == (plan.leader_of[unit] >= 0)
            assert account.why
    document.tables.__dict__["company_names"] = {}  # the drawn dataset has no table of companies
    for area_id in document.area_ids:
        kinds = {binding.kind for binding in explain_area(document, area_id).bindings}
        assert "reach" in kinds


def test_whoever_is_led_by_nobody_is_told_of_every_anchor_of_its_area():
    for seed in range(40):
        problem, plan = planned(seed)
        for unit in np.flatnonzero(problem.asks_leader & (plan.area_of >= 0) & (plan.leader_of < 0)).tolist():
            anchors = [a for a in problem.anchors if plan.area_of[a] == plan.area_of[unit]]
            text = " ".join(one.zh for one in explain_unit(opened(problem, plan), str(problem.unit_ids[unit])).why)
            assert all(Wording(opened(problem, plan)).unit(int(anchor)) in text for anchor in anchors)
            if anchors:
                return
    raise AssertionError("no town has such a unit")
