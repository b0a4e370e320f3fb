"""However a map is cut, and wherever its parts are judged, every byte is the same."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pandas.testing import assert_frame_equal
from shapely import LineString, Point, box

from geo.adjacency.graph import build_graph
from geo.adjacency.tiles import MapTile, evaluate_tile, split_into_tiles
from geo.corrections.permits import Permits
from geo.rules import NeighbourRules
from tests.clusters import open_cluster

CRS = "EPSG:4546"
RULES = NeighbourRules(walk_m=350.0, walk_limit_m=450.0)  # each tile then carries 2 km along
SIDE_M = 7_000
UP = np.array([row + step for row in range(0, SIDE_M, 1_400) for step in (0, 215)])


def frame(key, rows, columns):
    """A layer of rows (geometry last)."""
    table = gpd.GeoDataFrame(rows, columns=[*columns, "geometry"], geometry="geometry", crs=CRS)
    return table.assign(**{key: [f"{key[0]}{i:03d}" for i in range(len(table))]})


@pytest.fixture(scope="module")
def whole():
    """Blocks in rows along roads, a railway with underpasses, a river with bridges, corrections."""
    rng = np.random.default_rng(5)
    x, y = (one.ravel() for one in np.meshgrid(np.arange(0, SIDE_M, 350), UP))
    x, y = x + rng.integers(0, 40, len(x)), y + rng.integers(0, 20, len(y))
    wide = rng.integers(270, 310, len(x))
    units = frame(
        "unit_id",
        [(f"{int(at // 2000)}", box(at, up, at + w, up + 150)) for at, up, w in zip(x, y, wide, strict=True)],
        ["street_code"],
    )
    barriers = frame(
        "barrier_id",
        [
            ("railway", LineString([(2_450, -99), (2_440, SIDE_M)])),
            ("river", LineString([(-99, 2_996), (SIDE_M, 3_000)]).buffer(10)),
        ],
        ["kind"],
    )
    crossings = frame(
        "crossing_id",
        [("underpass", Point(2_446, up)) for up in range(60, SIDE_M, 1_500)]
        + [("bridge", Point(at, 2_998)) for at in range(300, SIDE_M, 900)],
        ["kind"],
    )
    roads = frame(
        "road_id",
        [("residential", LineString([(-50, up + 260), (SIDE_M, up + 262)])) for up in range(0, SIDE_M, 700)]
        + [("residential", LineString([(at, -50), (at + 3, SIDE_M)])) for at in range(310, SIDE_M, 1_050)],
        ["road_class"],
    )
    overrides = pd.DataFrame(
        {
            "override_id": ["o1", "o2", "o3", "o4"],
            "what": ["neighbours", "not_neighbours", "closed", "passage"],
            "unit_a": ["u000", "u040", None, None],
            "unit_b": ["u199", "u041", None, None],
            "target_id": [None, None, "c001", None],
            "new": ["neighbours", "not_neighbours", "closed", "bridge"],
        }
    )
    overrides = gpd.GeoDataFrame(overrides, geometry=[None, None, None, Point(5_000, 2_999)], crs=CRS)
    return MapTile(units, barriers, crossings, roads, gpd.GeoDataFrame(), overrides, Permits(streets={("0", "1"): "p"}))


def judged(whole, **options):
    return build_graph(
        whole.units,
        whole.barriers,
        whole.crossings,
        RULES,
        permits=whole.permits,
        overrides=whole.overrides,
        roads=whole.roads,
        gates=whole.gates,
        **options,
    )


@pytest.fixture(scope="module")
def graph(whole):
    return judged(whole)


def assert_same(one, two):
    assert_frame_equal(one.pairs, two.pairs, check_exact=True)
    assert (one.walks != two.walks).nnz == 0
    assert (one.walks_estimated != two.walks_estimated).nnz == 0


def test_the_map_has_every_fate(graph):
    blocked = set(graph.pairs["blocked_by"].dropna().str.split(":").str[0])
    assert {"railway", "street", "override", "river"} <= blocked
    assert graph.pairs["crossing_id"].notna().sum() > 3
    assert graph.pairs["permit_id"].notna().any()
    assert graph.n_edges > 50


@pytest.mark.parametrize("tile_m", [1_400.0, 4_000.0, 50_000.0])
def test_the_size_of_the_tiles_changes_no_byte(whole, graph, tile_m):
    assert_same(graph, judged(whole, tile_m=tile_m))


def test_tiles_own_every_placed_unit_once_and_hold_little_else(whole):
    tiles = split_into_tiles(whole, 1_000.0, RULES)
    own = [unit for tile in tiles for unit in tile.own]
    assert sorted(own) == sorted(whole.units["unit_id"])
    assert max(len(tile.units) for tile in tiles) < 0.6 * len(whole.units)


def test_what_lies_beyond_the_margin_changes_nothing(whole, graph):
    """Clipping the map round some units leaves their pairs and walks as they are."""
    some = split_into_tiles(whole, 2_000.0, RULES)[4]
    edges, _ = evaluate_tile(some, RULES)
    expected = graph.pairs[graph.pairs["unit_a"].isin(some.own)].reset_index(drop=True)
    assert len(some.units) < len(whole.units)
    assert_frame_equal(edges.reset_index(drop=True), expected, check_exact=True)


def test_a_map_without_places_has_no_tile(whole):
    lost = whole.units.assign(geometry=gpd.GeoSeries([None] * len(whole.units), crs=CRS))
    assert split_into_tiles(replace(whole, units=lost), 1_000.0, RULES) == ()
    assert judged(replace(whole, units=lost), tile_m=1_000.0).n_edges == 0


# --- on a cluster --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scheduler():
    """Two worker processes on this machine."""
    with open_cluster() as cluster_here:
        yield cluster_here.scheduler_address


@pytest.mark.full
def test_a_cluster_gives_the_same_bytes(whole, graph, scheduler):
    assert_same(graph, judged(whole, tile_m=3_500.0, scheduler=scheduler))


def test_shapes_are_kept_whole(whole):
    """A railway that begins far away is the same railway in every tile."""
    for tile in split_into_tiles(whole, 2_000.0, RULES):
        same = tile.barriers.merge(whole.barriers, on="barrier_id")
        assert shapely.equals(same["geometry_x"].to_numpy(), same["geometry_y"].to_numpy()).all()
