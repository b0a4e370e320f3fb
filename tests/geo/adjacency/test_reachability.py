"""Who can be reached from whom, and who from nobody."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, box

from geo.adjacency.graph import build_graph, label_components
from geo.adjacency.reachability import find_isolated_units, find_reachable_units
from geo.errors import UnknownCodeError, UsageError
from geo.rules import NeighbourRules

RULES = NeighbourRules()
NOTHING = gpd.GeoDataFrame()

#  d             diagonal to c         e   100 m off, far from all
#     a b | c    a railway between b and c; "lost" has no place
BLOCKS = {
    "e": box(1000, 0, 1080, 60),
    "a": box(0, 0, 80, 60),
    "b": box(100, 0, 180, 60),
    "c": box(220, 0, 300, 60),
    "d": box(330, 90, 400, 150),
    "lost": None,
}


@pytest.fixture
def town():
    units = gpd.GeoDataFrame({"unit_id": list(BLOCKS)}, geometry=list(BLOCKS.values()), crs="EPSG:4546")
    rail = gpd.GeoDataFrame(
        {"barrier_id": ["r"], "kind": ["railway"]}, geometry=[LineString([(200, -900), (200, 900)])], crs="EPSG:4546"
    )
    return units, build_graph(units, rail, NOTHING, RULES)


def test_each_isolated_unit_names_its_nearest_and_what_is_in_the_way(town):
    units, graph = town
    found = find_isolated_units(graph, units, RULES).astype(object)
    rows = found.where(found.notna(), None)[["unit_id", "nearest_unit_id", "gap_m", "blocked_by"]]
    assert [tuple(row) for row in rows.values] == [
        ("e", "d", 600.75, "gap>60"),
        ("c", "b", 40.0, "railway:r"),
        ("d", "c", 42.426, "facing<3"),
        ("lost", None, None, "not_placed"),
    ]


def test_isolated_are_the_components_of_one(town):
    units, graph = town
    labels = label_components(graph)
    single = np.bincount(labels)[labels] == 1
    assert find_isolated_units(graph, units, RULES)["unit_id"].tolist() == list(graph.unit_ids[single])


def test_what_is_reached_is_the_component(town):
    _, graph = town
    assert find_reachable_units(graph, "b") == ["a", "b"]
    assert find_reachable_units(graph, "c") == ["c"]
    with pytest.raises(UnknownCodeError, match="nobody"):
        find_reachable_units(graph, "nobody")


def test_a_twin_of_the_same_outline_is_the_nearest():
    units = gpd.GeoDataFrame(
        {"unit_id": ["a", "b"], "street_code": ["1", "2"]}, geometry=[box(0, 0, 9, 9)] * 2, crs="EPSG:4546"
    )
    graph = build_graph(units, NOTHING, NOTHING, RULES)
    found = find_isolated_units(graph, units, RULES)
    assert found["nearest_unit_id"].tolist() == ["b", "a"]
    assert found["blocked_by"].tolist() == ["street", "street"]


def test_of_equally_near_units_the_smaller_id_is_named(town):
    units, _ = town
    far = units.iloc[[1]].assign(unit_id="z", geometry=[box(-180, 0, -100, 60)])
    three = pd.concat([units.iloc[1:3].assign(geometry=[box(0, 0, 80, 60), box(180, 0, 260, 60)]), far])
    three = gpd.GeoDataFrame(three.reset_index(drop=True), crs=units.crs)
    graph = build_graph(three, NOTHING, NOTHING, RULES)
    assert find_isolated_units(graph, three, RULES)["nearest_unit_id"].tolist() == ["b", "a", "a"]


def test_one_unit_is_alone():
    units = gpd.GeoDataFrame({"unit_id": ["a"]}, geometry=[box(0, 0, 9, 9)], crs="EPSG:4546")
    graph = build_graph(units, NOTHING, NOTHING, RULES)
    assert find_isolated_units(graph, units, RULES)["blocked_by"].tolist() == ["alone"]


def test_no_units_no_isolated_ones():
    graph = build_graph(NOTHING, NOTHING, NOTHING, RULES)
    assert find_isolated_units(graph, NOTHING, RULES).empty


def test_a_graph_of_other_units_is_refused(town):
    units, graph = town
    with pytest.raises(UsageError):
        find_isolated_units(graph, units.iloc[:2], replace(RULES, gap_m=10))
