"""Coordinates in degrees are rounded without spoiling a shape."""

import geopandas as gpd
import numpy as np
import shapely
from shapely import box
from shapely.affinity import translate

from app.exports.lon_lat import to_lon_lat

CRS = "EPSG:4546"


def test_a_sliver_that_falls_together_leaves_a_valid_shape():
    sliver = box(0, 0, 50, 50).difference(box(10, 10, 10.001, 40))
    place = gpd.GeoSeries([translate(sliver, 400_000, 4_500_000)], crs=CRS)
    (shape,) = to_lon_lat(place)
    assert shape.is_valid
    assert np.array_equal(shapely.get_coordinates(shape), np.round(shapely.get_coordinates(shape), 7))
