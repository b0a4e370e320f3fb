"""Whose tasks lag: every task has its agencies, every figure of a task counts for each of them."""

import pandas as pd

from analysis.indicators.registry import REGISTRY, compute_indicators
from analysis.policy import read_policy
from analysis.studies.agencies import find_agencies, summarise_agencies
from geo.storage.layer_frames import shape_layer

POLICY = read_policy()


def figures(**options):
    units = pd.DataFrame(
        {
            "unit_id": ["a", "b"],
            "kind": "community",
            "district_code": ["150001", "150002"],
            "management_mode": ["quasi", "none"],
            "is_old": [True, True],
        }
    )
    stock = pd.DataFrame({"unit_id": ["a", "b"], "ebikes": [30, 90], "method": ["survey", "survey"]})
    sites = pd.DataFrame({"site_id": ["1", "2"], "unit_id": ["a", "b"], "ports": [10, 10]})
    frames = {"units": units, "ebike_stock": stock, "ebike_sites": sites}
    layers = {name: shape_layer(name, frame, "EPSG:4546") for name, frame in frames.items()}
    return compute_indicators(layers, POLICY, year=2027, **options)


def state(found, agency, code="all"):
    return next(s for s in found if (s.agency, s.admin_code) == (agency, code))


def test_all_31_tasks_have_agencies():
    assert all(find_agencies(POLICY, f"T{number:02d}") for number in range(1, 32))
    assert all(find_agencies(POLICY, entry.id) for entry in REGISTRY if entry.id[0] == "T")


def test_the_housing_bureau_lags_where_a_figure_misses_its_target():
    found = state(summarise_agencies(figures(), POLICY), "市住建局")
    lagging = {figure.key for figure in found.lagging}
    assert lagging == {"old_community_service_rate", "unmanaged_old_count", "ebike_port_ratio", "ebike_port_gap"}
    assert "public_revenue_account_rate" in {figure.key for figure in found.no_data}


def test_an_agency_answers_only_for_its_tasks():
    found = state(summarise_agencies(figures(), POLICY), "市审计局")
    assert found.tasks == ("T08",)
    assert found.lagging == ()


def test_districts_are_told_apart_and_the_worst_comes_first():
    found = summarise_agencies(figures(level="district"), POLICY)
    first = state(found, "市城管局", "150001")
    second = state(found, "市城管局", "150002")
    assert {f.key for f in first.met} >= {"ebike_port_ratio"}
    assert {f.key for f in second.lagging} >= {"ebike_port_ratio"}
    of_place = [len(s.lagging) for s in found if s.admin_code == "150002"]
    assert of_place == sorted(of_place, reverse=True)


def test_every_figure_of_a_task_is_counted_once():
    found = state(summarise_agencies(figures(), POLICY), "市住建局")
    told = [*found.met, *found.lagging, *found.no_data, *found.no_target]
    keys = [figure.key for figure in told]
    assert len(keys) == len(set(keys))
    assert set(keys) == {f.key for f in figures() if "市住建局" in find_agencies(POLICY, f.id)}
