"""Figures that proposals are compared by."""

import pandas as pd

from analysis.bundling.evaluation.score import find_unled
from analysis.bundling.led_areas.solve import solve_led_areas
from analysis.bundling.solver.base.stop import StopAfter
from analysis.studies.proposal_figures import _walks, leaders_of
from tests.analysis.bundling.led_areas.towns import area_town


def test_leaders_are_those_inside_areas_or_the_anchors_of_older_modes():
    older = {"anchor_unit_id": "a", "unit_ids": ["a", "b"]}
    within = {"anchor_unit_id": None, "unit_ids": ["c", "d", "e"], "led": {"e": "d"}}
    alone = {"anchor_unit_id": None, "unit_ids": ["f"]}
    assert leaders_of({"areas": [older, within, alone]}) == {"b": "a", "e": "d"}


def test_walks_are_weighed_with_households():
    document = {"areas": [{"anchor_unit_id": "a", "unit_ids": ["a", "b", "c"]}]}
    units = pd.DataFrame({"unit_id": ["a", "b", "c"], "households": [10, 30, 10]})
    walks = pd.DataFrame({"unit_a": ["a", "c"], "unit_b": ["b", "a"], "walk_m": [100.0, 500.0]})
    assert _walks(document, units, walks) == {"walk_mean_m": 200.0, "walk_p90_m": 500.0}
    assert _walks({"areas": []}, units, walks) == {"walk_mean_m": None, "walk_p90_m": None}


def test_whoever_is_led_is_not_unled():
    problem = area_town(3, n=25, lower=400, upper=1500)
    plan = solve_led_areas(problem, stop=StopAfter(rounds=1)).plan
    assert not (find_unled(problem, plan) & (plan.leader_of >= 0)).any()
