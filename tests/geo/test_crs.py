"""Distances are only ever measured in metres."""

import geopandas as gpd
import pytest
import shapely

from geo.crs import choose_metric_crs, require_metric
from geo.errors import MissingCRSError, NotMetricError


def layer(crs):
    return gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs=crs)


@pytest.mark.parametrize("crs", ["EPSG:4546", "EPSG:32632", "EPSG:4549"])
def test_metric_systems_pass(crs):
    assert require_metric(layer(crs), "x").to_string() == crs


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490", "EPSG:3857", "EPSG:2263"])
def test_degrees_feet_and_web_mercator_are_refused(crs):
    with pytest.raises(NotMetricError):
        require_metric(layer(crs), "x")


def test_no_crs_is_refused():
    with pytest.raises(MissingCRSError):
        require_metric(layer(None), "x")


@pytest.mark.parametrize("lon", [108.5, 109.4, 109.6, 111.0, 112.4])
def test_all_of_baotou_is_in_one_system(lon):
    assert choose_metric_crs(lon, 41.0) == "EPSG:4546"


def test_south_of_the_equator_is_utm_south():
    assert choose_metric_crs(-43.2, -22.9) == "EPSG:32723"
