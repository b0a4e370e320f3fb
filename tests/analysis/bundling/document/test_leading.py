"""What a plan says of leaders inside its areas."""

import numpy as np
import pytest

from analysis.bundling.document.leading import list_unled
from analysis.bundling.document.reasons import UNLED_REASONS
from analysis.bundling.evaluation.score import find_unled
from analysis.bundling.led_areas.solve import solve_led_areas
from analysis.bundling.solver.base.stop import StopAfter
from tests.analysis.bundling.led_areas.towns import Oracle, area_town


@pytest.mark.parametrize("towns", [range(1), pytest.param(range(1, 12), marks=pytest.mark.full)], ids=["few", "more"])
def test_everybody_whom_nobody_leads_has_a_reason_that_is_true(towns):
    for seed in towns:
        problem = area_town(seed, n=25, lower=400, upper=1500)
        plan = solve_led_areas(problem, seed=seed, stop=StopAfter(rounds=1)).plan
        rows = list_unled(problem, plan)
        ids = problem.unit_ids[find_unled(problem, plan)]
        assert [row["unit_id"] for row in rows] == sorted(ids)
        oracle = Oracle(problem)
        for row in rows:
            unit = int(np.flatnonzero(problem.unit_ids == row["unit_id"])[0])
            inside = [int(a) for a in problem.anchors if plan.area_of[a] == plan.area_of[unit]]
            able = [a for a in inside if oracle.may_lead(a, unit)]
            assert row["rules"] == list(UNLED_REASONS[row["reason"]].rules)
            assert (row["reason"] == "no_anchor_in_area") == (not inside)
            assert (row["reason"] in ("anchor_full", "company_full")) == bool(able)


def test_without_any_known_mode_nobody_is_known_to_lead():
    problem = area_town(2, n=25, lower=400, upper=1500)
    plan = solve_led_areas(problem, stop=StopAfter(rounds=1)).plan
    assert {row["reason"] for row in list_unled(problem, plan, management_known=False)} <= {"no_anchor_known"}
