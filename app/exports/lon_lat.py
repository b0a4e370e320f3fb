"""Geometries in degrees, as files for others hold them."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

DECIMALS = 7
"""Decimals of a coordinate in degrees: about 1 cm."""


def to_lon_lat(geometry: gpd.GeoSeries, *, decimals: int = DECIMALS) -> np.ndarray:
    """Geometries in degrees (WGS84), rounded, outer rings counter-clockwise; None where missing.

    CGCS2000 and WGS84 differ by centimetres and count as equal.

    Parameters
    ----------
    geometry
        (n,) geometries with their CRS.
    decimals
        Of degrees.

    Examples
    --------
    >>> square = gpd.GeoSeries([shapely.box(500000, 4500000, 500100, 4500100)], crs="EPSG:4546")
    >>> shapely.is_ccw(shapely.get_exterior_ring(to_lon_lat(square))).item()
    True
    """
    degrees = geometry.to_crs("EPSG:4326").to_numpy()
    degrees[shapely.is_empty(degrees)] = None
    rounded = _rounded(degrees, decimals)
    spoilt = shapely.is_valid(degrees) & ~shapely.is_valid(rounded)  # a sliver fell together
    rounded[spoilt] = _rounded(shapely.set_precision(degrees[spoilt], 10.0**-decimals), decimals)
    return shapely.orient_polygons(rounded, exterior_cw=False)


def _rounded(geometry: np.ndarray, decimals: int) -> np.ndarray:
    return np.asarray(shapely.transform(geometry, lambda xy: np.round(xy, decimals)), dtype=object)
