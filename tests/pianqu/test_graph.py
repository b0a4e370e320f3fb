"""Neighbours of plain frames: barriers, streets, other libraries' graphs and any CRS."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from libpysal.graph import Graph as PysalGraph
from libpysal.weights import Queen
from shapely import Point

import pianqu


def pairs(graph):
    found = graph.pairs
    return {frozenset(pair) for pair in found.loc[found["allowed"], ["unit_a", "unit_b"]].to_numpy().tolist()}


ROW = {frozenset("ab"), frozenset("bc"), frozenset("cd")}


def test_near_units_that_face_each_other_are_neighbours(yards):
    graph = pianqu.neighbours(yards)
    assert pairs(graph) == ROW
    assert graph.components.to_dict() == {"a": 0, "b": 0, "c": 0, "d": 0, "far": 1}
    assert graph.walk_m.tolist() == pytest.approx([143.0] * 3)  # from the middle to the middle, 110 m × 1.3


def test_a_barrier_parts_them_and_a_crossing_joins_them(yards, railway):
    parted = pianqu.neighbours(yards, barriers=railway)
    assert pairs(parted) == ROW - {frozenset("bc")}
    assert "铁路" in parted.explain("b", "c").zh
    assert parted.explain("c", "b").en == parted.pairs.set_index(["unit_a", "unit_b"]).loc[("b", "c"), "reason_en"]
    crossing = gpd.GeoDataFrame(geometry=[Point(210, 45)], crs="EPSG:4546")
    assert pairs(pianqu.neighbours(yards, barriers=railway, crossings=crossing)) == ROW


def test_a_border_of_streets_parts_them(yards):
    assert pairs(pianqu.neighbours(yards, streets="street")) == ROW - {frozenset("bc")}
    unknown = yards["street"].where(yards["street"] == "东街")
    assert pairs(pianqu.neighbours(yards, streets=unknown)) == ROW  # held to no street


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:3857", "EPSG:2229"])
def test_degrees_feet_and_web_mercator_are_measured_in_metres(yards, crs):
    there = gpd.GeoDataFrame(geometry=yards.geometry.set_crs("EPSG:32611", allow_override=True).translate(4e5, 3.8e6))
    assert pairs(pianqu.neighbours(there.set_index(yards.index).to_crs(crs))) == ROW


def test_labels_of_any_kind_and_order_give_the_same_neighbours(yards):
    numbered = yards.set_axis([5, "5", 2, 1, 0], axis=0)
    assert pairs(pianqu.neighbours(numbered)) == {frozenset({5, "5"}), frozenset({"5", 2}), frozenset({2, 1})}
    assert pairs(pianqu.neighbours(yards.iloc[::-1])) == ROW


def test_libpysal_and_networkx_there_and_back(yards):
    graph = pianqu.neighbours(yards)
    taken = graph.to_libpysal()
    taken_over = PysalGraph.build_contiguity(yards.buffer(10, cap_style="square"), rook=False)
    assert isinstance(taken, PysalGraph)
    assert taken.isolates.tolist() == ["far"]
    assert np.array_equal(pianqu.Graph.from_libpysal(taken, yards).edges, graph.edges)
    assert np.array_equal(pianqu.Graph.from_libpysal(taken_over, yards).edges, graph.edges)
    network = graph.to_networkx()
    assert set(network) == set(yards.index)
    assert network.edges["a", "b"] == {"walk_m": pytest.approx(143.0), "gap_m": 20.0}


def test_weights_of_the_older_kind_are_taken_over(yards):
    near = yards.assign(geometry=yards.buffer(10, cap_style="square"))
    weights = Queen.from_dataframe(near, use_index=True, silence_warnings=True)
    assert pianqu.Graph.from_libpysal(weights, yards).n_edges == 3


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda f: pianqu.neighbours(f.set_crs(None, allow_override=True)), "CRS"),
        (lambda f: pianqu.neighbours(f.set_axis(list("aabcd"), axis=0)), "reset_index"),
        (lambda f: pianqu.neighbours(f, streets="ward"), "ward"),
        (lambda f: pianqu.Graph.from_pairs([("a", "z")], f), "z"),
        (lambda f: pianqu.neighbours(f, streets=pd.Series(["x"], index=["a"])), "Series"),
    ],
)
def test_faults_are_told_with_a_remedy(yards, make, said):
    with pytest.raises(pianqu.PianquError) as refused:
        make(yards)
    assert said in refused.value.en
    assert refused.value.zh
