"""Little maps for the public library."""

import geopandas as gpd
import pytest
from shapely import LineString, box


@pytest.fixture(scope="session")
def yards():
    """A row of four yards 20 m apart, and one far away."""
    return gpd.GeoDataFrame(
        {
            "households": [300, 500, 400, 600, 50],
            "street": ["东街", "东街", "西街", "西街", "西街"],
            "leads": [False, True, False, True, False],
        },
        index=["a", "b", "c", "d", "far"],
        geometry=[box(110 * k, 0, 110 * k + 90, 90) for k in (0, 1, 2, 3, 90)],
        crs="EPSG:4546",
    )


@pytest.fixture(scope="session")
def railway():
    """Between b and c."""
    return gpd.GeoDataFrame(geometry=[LineString([(210, -500), (210, 500)])], crs="EPSG:4546")
