"""What follows a search is measured on areas of the data at hand."""

import pytest

from analysis.bundling.evaluation.feasibility import plan_faults
from analysis.bundling.model.problem import build_problem
from analysis.bundling.model.rules import rules_from_policy
from analysis.bundling.verify.verify import PlanChecker
from app.planning import rest
from app.planning.rest import measure_rest, sample_plan
from app.workbench.policies import resolve_folder_rules
from geo.adjacency.graph import refresh_graph
from geo.storage.dataset import open_dataset


@pytest.fixture(params=["area", "lead", "whole", "mixed"])
def planned(town, request):
    policy, dataset = resolve_folder_rules(town[0]).policy, open_dataset(town[0])
    rules = rules_from_policy(policy, mode=request.param, scope="all")
    dataset, graph = refresh_graph(dataset, policy.neighbour_rules(within=rules.within))
    return dataset, policy, build_problem(dataset, graph, rules)


def test_a_sample_is_a_sound_plan_of_some_units(planned, monkeypatch):
    problem = planned[2]
    whole, share = sample_plan(problem)
    assert not plan_faults(problem, whole)
    monkeypatch.setattr(rest, "SAMPLE_UNITS", 1)
    few, less = sample_plan(problem)
    assert 0 < less <= share <= 1
    assert set((few.area_of >= 0).nonzero()[0]) <= set((whole.area_of >= 0).nonzero()[0])


def test_the_ground_is_built_once(planned):
    dataset, policy, problem = planned
    checker = PlanChecker(dataset, policy)
    times = measure_rest(problem, dataset, policy, checker, by="")
    assert min(times.document_s, times.check_s) > 0
    ground = checker._ground
    measure_rest(problem, dataset, policy, checker, by="")
    assert checker._ground is ground
