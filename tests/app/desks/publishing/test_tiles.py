"""Vector tiles: GDAL reads out of them what went in, wherever tiles are cut."""

import json

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from app.desks.publishing.features import FeatureLayer
from app.desks.publishing.tiles import BUFFER, EXTENT, MOST_ZOOM, TileLayer, encode_tile
from geo.errors import UsageError
from tests.effort import examples

WORLD_M = 2 * 20037508.342789244
AREA = {"areas": 3, "name": "翠园", "led": True, "floor_m2": 1.5, "missing": None, "members": ["a", "b"]}


def layer_of(shapes):
    texts = [json.dumps({"properties": {**AREA, "k": k}}).encode() for k in range(len(shapes))]
    found = np.array(shapes, dtype=object)
    return TileLayer(FeatureLayer({}, tuple(texts), shapely.bounds(found)), found, shapely.STRtree(found))


def tiles_over(shapes, zoom):
    """Rows and columns of a zoom that meet the shapes."""
    west, south, east, north = shapely.total_bounds(shapes)
    tile_m = WORLD_M / 2**zoom
    rows = range(int((WORLD_M / 2 - north) / tile_m), int((WORLD_M / 2 - south) / tile_m) + 1)
    columns = range(int((west + WORLD_M / 2) / tile_m), int((east + WORLD_M / 2) / tile_m) + 1)
    return [(row, column) for row in rows for column in columns]


def read_tile(data, folder, zoom, row, column):
    """What GDAL finds in a tile, EPSG:3857."""
    path = folder / f"{zoom}-{row}-{column}.mvt"
    path.write_bytes(data)
    where = {"X": str(column), "Y": str(row), "Z": str(zoom), "CLIP": "NO"}
    return pyogrio.read_dataframe(path, layer="units", **where)


@settings(max_examples=examples(20))
@given(seed=st.integers(0, 10**6), zoom=st.integers(12, MOST_ZOOM))
def test_tiles_together_are_the_shapes(tmp_path_factory, seed, zoom):
    rng, folder = np.random.default_rng(seed), tmp_path_factory.mktemp("tiles")
    tile_m = WORLD_M / 2**zoom
    middle = np.array([12_230_000.0, 4_965_000.0])
    xy = middle + rng.uniform(-1, 1, (6, 2)) * tile_m
    shapes = shapely.box(*xy.T, *(xy + rng.uniform(0.01, 0.9, (6, 2)) * tile_m).T)
    layer = layer_of([*shapes, None, shapely.Point(*xy[0])])
    found = [[] for _ in shapes]
    for row, column in tiles_over(shapes, zoom):
        data = encode_tile(layer, "units", zoom, row, column)
        if not data:
            continue
        for one in read_tile(data, folder, zoom, row, column).itertuples():
            if one.geometry.geom_type != "Point":
                found[one.k].append(one.geometry)
    step_m = tile_m / EXTENT
    for shape, parts in zip(shapes, found, strict=True):
        whole = shapely.union_all([shapely.make_valid(part) for part in parts])
        assert shape.buffer(-2 * step_m).difference(whole).area < step_m * shape.length
        assert whole.difference(shape.buffer(2 * step_m)).is_empty


def test_a_tile_holds_a_margin_and_nothing_beyond_it(tmp_path):
    zoom, row, column = 12, 1540, 3298
    tile_m = WORLD_M / 2**zoom
    west, north = column * tile_m - WORLD_M / 2, WORLD_M / 2 - row * tile_m
    layer = layer_of([shapely.box(west - tile_m, north - 2 * tile_m, west + 2 * tile_m, north + tile_m)])
    (shape,) = read_tile(encode_tile(layer, "units", zoom, row, column), tmp_path, zoom, row, column).geometry
    margin = tile_m * BUFFER / EXTENT
    expected = shapely.box(west - margin, north - tile_m - margin, west + tile_m + margin, north + margin)
    assert shape.symmetric_difference(expected).area < 1e-6 * expected.area


def test_properties_are_those_of_the_feature_and_what_is_missing_is_not_there(tmp_path):
    layer = layer_of([shapely.Point(12_230_000, 4_965_000)])
    (place,) = tiles_over(layer.shapes, 14)
    row = read_tile(encode_tile(layer, "units", 14, *place), tmp_path, 14, *place).iloc[0]
    told = {key: row[key] for key in ("areas", "name", "led", "floor_m2", "members", "k")}
    assert told == {"areas": 3, "name": "翠园", "led": True, "floor_m2": 1.5, "members": '["a", "b"]', "k": 0}
    assert "missing" not in row.index


def test_where_nothing_lies_there_is_nothing():
    assert encode_tile(layer_of([shapely.Point(12_230_000, 4_965_000)]), "units", 14, 0, 0) == b""


@pytest.mark.parametrize(("zoom", "row", "column"), [(7, 0, 0), (19, 0, 0), (8, 256, 0), (8, 0, 256), (8, -1, 0)])
def test_a_tile_that_cannot_be_is_refused(zoom, row, column):
    with pytest.raises(UsageError, match="8 to 18"):
        encode_tile(layer_of([shapely.Point(0, 0)]), "units", zoom, row, column)


def test_shapes_are_laid_on_the_web_s_grid():
    """EPSG:3857 of geopandas is the grid whose corner the tiles count from."""
    corner = gpd.GeoSeries([shapely.Point(180, 0)], crs="EPSG:4326").to_crs("EPSG:3857")
    assert corner.x.item() == pytest.approx(WORLD_M / 2)
