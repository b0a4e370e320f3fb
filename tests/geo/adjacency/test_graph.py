"""The graph as arrays, as layers of a dataset, and explained pair by pair."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from geo.adjacency.graph import (
    build_graph,
    edges_layer,
    explain_pair,
    graph_from_layers,
    label_components,
    refresh_graph,
    walks_layer,
)
from geo.errors import UnknownCodeError, UsageError
from geo.rules import NeighbourRules
from geo.storage.dataset import open_dataset, write_dataset
from geo.storage.manifest import file_sha256, new_manifest
from tests.effort import examples

CRS = "EPSG:4546"
RULES = NeighbourRules()


def layer(key, shapes, **columns):
    return gpd.GeoDataFrame({key: list(shapes), **columns}, geometry=list(shapes.values()), crs=CRS)


def draw_town():
    """Rows of blocks, 80 x 60 m, 20 m apart; a railway with one underpass between rows 1 and 2.

    d  e  f          far
    ======u==
    a  b  c               and one unit without a place
    """
    blocks = {
        name: box(100 * x, 100 * y, 100 * x + 80, 100 * y + 60)
        for name, (x, y) in zip("fedcba", [(2, 1), (1, 1), (0, 1), (2, 0), (1, 0), (0, 0)], strict=True)
    }
    units = layer("unit_id", {**blocks, "far": box(900, 0, 980, 60), "lost": None})
    return (
        units.assign(street_code=None),
        layer("barrier_id", {"r": LineString([(-2000, 80), (2000, 80)])}, kind="railway"),
        layer("crossing_id", {"u": Point(240, 80)}, kind="underpass"),
    )


@pytest.fixture
def town():
    return draw_town()


@pytest.fixture
def graph(town):
    return build_graph(*town, RULES)


def same_graph(one, two):
    pd.testing.assert_frame_equal(one.pairs, two.pairs)
    for name in ("unit_ids", "indptr", "indices", "gap_m", "walk_m"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    assert (one.walks != two.walks).nnz == 0


def test_units_keep_the_order_of_the_layer(graph, town):
    assert graph.unit_ids.tolist() == town[0]["unit_id"].tolist()


def test_adjacency_is_symmetric_and_sorted(graph):
    rows = np.repeat(np.arange(graph.n_units), np.diff(graph.indptr))
    entries = list(zip(rows, graph.indices, graph.gap_m, graph.walk_m, strict=True))
    assert entries == sorted(entries, key=lambda entry: entry[:2])
    assert {(j, i, gap, walk) for i, j, gap, walk in entries} == set(entries)


def test_adjacency_holds_just_the_allowed_pairs(graph):
    ids = graph.unit_ids
    rows = np.repeat(np.arange(graph.n_units), np.diff(graph.indptr))
    found = {tuple(sorted((ids[i], ids[j]))) for i, j in zip(rows, graph.indices, strict=True)}
    allowed = graph.pairs[graph.pairs["allowed"].to_numpy(bool)]
    assert found == set(zip(allowed["unit_a"], allowed["unit_b"], strict=True))
    assert graph.n_edges == len(allowed)
    assert (allowed["gap_m"] <= RULES.gap_m).all()
    assert (allowed["walk_m"] <= RULES.walk_m).all()


def test_the_underpass_joins_what_the_railway_parts(graph, town):
    assert set(label_components(graph)[:6]) == {0}
    units, barriers, _ = town
    parted = build_graph(units, barriers, gpd.GeoDataFrame(), RULES)
    assert label_components(parted).tolist() == [0, 0, 0, 1, 1, 1, 2, 3]


def test_units_without_neighbours_are_components_of_their_own(graph):
    assert label_components(graph).tolist() == [0] * 6 + [1, 2]


def test_reading_the_layers_back_gives_the_same_graph(graph, town):
    same_graph(graph_from_layers(town[0], edges_layer(graph), walks_layer(graph)), graph)


def test_walks_are_listed_once_in_the_order_of_ids(graph):
    walks = walks_layer(graph)
    assert (walks["unit_a"] < walks["unit_b"]).all()
    assert walks.equals(walks.sort_values(["unit_a", "unit_b"], ignore_index=True))
    assert 2 * len(walks) == graph.walks.nnz


def test_layers_of_another_dataset_are_refused(graph, town):
    fewer = town[0][town[0]["unit_id"] != "a"]
    with pytest.raises(UnknownCodeError, match="a"):
        graph_from_layers(fewer, edges_layer(graph), walks_layer(graph))


@given(st.permutations(range(8)))
@settings(deadline=None, max_examples=examples(5))
def test_the_layers_do_not_depend_on_the_order_of_units(order):
    units, barriers, crossings = draw_town()
    straight = build_graph(units, barriers, crossings, RULES)
    shuffled = build_graph(units.iloc[list(order)], barriers, crossings, RULES)
    pd.testing.assert_frame_equal(edges_layer(shuffled), edges_layer(straight))
    pd.testing.assert_frame_equal(walks_layer(shuffled), walks_layer(straight))


# Explaining a pair


def test_a_neighbour_is_explained(graph):
    fate = explain_pair(graph, "b", "a")
    assert (fate.unit_a, fate.unit_b, fate.gap_m, fate.walk_m) == ("a", "b", 20.0, 26.0)
    assert (fate.allowed, fate.blocked_by, fate.crossing_id) == (True, None, None)
    assert fate.place_walk_m == 130.0


def test_a_neighbour_through_a_crossing_names_it(graph):
    assert explain_pair(graph, "c", "f").crossing_id == "u"


def test_a_refused_pair_names_the_barrier(town):
    units, barriers, _ = town
    graph = build_graph(units, barriers, gpd.GeoDataFrame(), RULES)
    fate = explain_pair(graph, "c", "f")
    assert (fate.gap_m, fate.walk_m, fate.allowed, fate.blocked_by) == (40.0, None, False, "railway:r")


def test_a_pair_that_was_no_candidate_is_measured(graph, town):
    fate = explain_pair(graph, "a", "far", units=town[0])
    assert (fate.gap_m, fate.blocked_by, fate.place_walk_m) == (820.0, "gap>60", 1170.0)
    assert explain_pair(graph, "a", "far").gap_m is None


def test_a_unit_without_a_place_is_said_to_be_so(graph, town):
    fate = explain_pair(graph, "a", "lost", units=town[0])
    assert (fate.blocked_by, fate.gap_m, fate.place_walk_m) == ("not_placed", None, None)


def test_explaining_nonsense_is_refused(graph):
    with pytest.raises(UnknownCodeError, match="nobody"):
        explain_pair(graph, "a", "nobody")
    with pytest.raises(UsageError, match="'a'"):
        explain_pair(graph, "a", "a")


# In a dataset


@pytest.fixture
def dataset(town, tmp_path):
    units, barriers, crossings = town
    units = units.assign(
        kind="community",
        name=units["unit_id"],
        geom_quality="surveyed",
        households_quality="missing",
        floor_area_m2_quality="missing",
        built_year_quality="missing",
    )
    layers = {"units": units, "barriers": barriers, "crossings": crossings}
    return write_dataset(tmp_path / "town", new_manifest("town", CRS), layers)


def bytes_of(dataset):
    return [file_sha256(dataset.folder / f"{name}.parquet") for name in ("edges", "walks")]


def test_refreshing_stores_what_it_returns(dataset):
    written, graph = refresh_graph(dataset, RULES)
    reopened, again = refresh_graph(open_dataset(dataset.folder), RULES)
    same_graph(graph, again)
    assert reopened.manifest == written.manifest


def test_a_fresh_graph_is_not_written_again(dataset):
    written, _ = refresh_graph(dataset, RULES)
    before = (written.folder / "edges.parquet").stat().st_ino
    assert refresh_graph(written, RULES)[0] is written
    assert (written.folder / "edges.parquet").stat().st_ino == before


@pytest.mark.parametrize(("column", "value", "fresh"), [("households", 7, True), ("street_code", "9", False)])
def test_a_corrected_figure_leaves_the_graph_a_corrected_street_does_not(dataset, column, value, fresh):
    written, _ = refresh_graph(dataset, RULES)
    units = written.layer("units")
    units.loc[units.index[0], column] = value
    changed = write_dataset(written.folder, written.manifest, {"units": units})
    assert (refresh_graph(changed, RULES)[0] is changed) == fresh


def test_other_rules_or_layers_make_it_stale(dataset, town):
    written, graph = refresh_graph(dataset, RULES)
    other, narrower = refresh_graph(written, replace(RULES, gap_m=30))
    assert narrower.n_edges < graph.n_edges
    assert other.manifest.graph_inputs != written.manifest.graph_inputs
    moved = write_dataset(other.folder, other.manifest, {"crossings": town[2].iloc[:0]})
    assert label_components(refresh_graph(moved, RULES)[1]).max() == 3


def test_forcing_gives_the_same_bytes(dataset):
    written, _ = refresh_graph(dataset, RULES)
    first = bytes_of(written)
    forced, _ = refresh_graph(written, RULES, force=True)
    assert bytes_of(forced) == first
    assert forced.manifest == written.manifest


def test_a_dataset_of_units_alone_has_a_graph(dataset):
    alone = write_dataset(
        dataset.folder.parent / "alone", new_manifest("alone", CRS), {"units": dataset.layer("units")}
    )
    assert refresh_graph(alone, RULES)[1].n_edges == 7


# Real polygons


@pytest.fixture(scope="module")
def hangzhou(shared):
    folder = shared / "data" / "hangzhou"
    units = gpd.read_file(folder / "hangzhou_residential.geojson").to_crs("EPSG:4549")
    rivers = gpd.read_file(folder / "hangzhou_rivers.geojson").to_crs("EPSG:4549")
    return (
        units.rename(columns={"osm_id": "unit_id"}).assign(street_code=None),
        rivers.rename(columns={"osm_id": "barrier_id"}).assign(kind="river"),
    )


@pytest.mark.full
def test_rivers_part_hangzhou(hangzhou):
    units, rivers = hangzhou
    parted = build_graph(units, rivers, gpd.GeoDataFrame(), RULES)
    whole = build_graph(units, gpd.GeoDataFrame(), gpd.GeoDataFrame(), RULES)
    by_river = parted.pairs["blocked_by"].str.startswith("river:")
    by_corner = parted.pairs["blocked_by"].eq("facing<3")
    assert (len(parted.pairs), int(by_river.sum()), int(by_corner.sum())) == (2119, 87, 181)
    assert (label_components(whole).max() + 1, label_components(parted).max() + 1) == (748, 797)


def test_plain_shapely_parts_hangzhou_nearly_alike(hangzhou):
    """All that is blocked is blocked by the plain shortest line; of the 13 pairs only it blocks,

    each looked at on the map: they lie side by side on one bank and the line grazes the water.
    """
    units, rivers = hangzhou
    pairs = build_graph(units, rivers, gpd.GeoDataFrame(), replace(RULES, facing_m=0)).pairs
    shapes = units.set_index("unit_id").geometry
    plain = np.array(
        [
            rivers.sindex.query(shapely.shortest_line(shapes[pair.unit_a], shapes[pair.unit_b]), "intersects").size > 0
            for pair in pairs.itertuples()
        ]
    )
    allowed = pairs["allowed"].to_numpy(bool)
    assert plain[~allowed].all()
    assert plain[allowed].sum() == 13
