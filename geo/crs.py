"""The metric CRS of a dataset, and guards against measuring in degrees."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from pyproj import CRS

from geo.errors import MissingCRSError, NotMetricError

BAOTOU_METRIC = "EPSG:4546"
"""CGCS2000 / 3-degree Gauss-Kruger CM 111E: the canonical metric CRS for Baotou."""


def choose_metric_crs(lon: float, lat: float) -> str:
    """Metric CRS for data around a place: a CGCS2000 3° zone in China, else UTM.

    Parameters
    ----------
    lon, lat
        Degrees, WGS84 or CGCS2000.

    Returns
    -------
    An authority string such as "EPSG:4546". Baotou lies on a zone seam (109.5°E); its whole
    area (108.0-112.5°E, 39.5-43.5°N) stays in EPSG:4546.

    Examples
    --------
    >>> choose_metric_crs(109.8, 40.65), choose_metric_crs(120.15, 30.28)
    ('EPSG:4546', 'EPSG:4549')
    >>> choose_metric_crs(11.6, 50.0)
    'EPSG:32632'
    """
    if 108.0 <= lon <= 112.5 and 39.5 <= lat <= 43.5:
        return BAOTOU_METRIC
    if 73.5 <= lon < 136.5 and 17.0 <= lat <= 54.0:
        zone = round(lon / 3)  # central meridian = 3 × zone, zones 25 (75E) to 45 (135E)
        return f"EPSG:{4534 + int(zone) - 25}"
    zone_utm = int((lon + 180) // 6) % 60 + 1
    return f"EPSG:{(32600 if lat >= 0 else 32700) + zone_utm}"


def require_metric(frame: gpd.GeoDataFrame | gpd.GeoSeries, what: str) -> CRS:
    """The CRS of a layer, refused unless it is projected in metres.

    Parameters
    ----------
    frame
        Any layer.
    what
        Its name, for the message.

    Raises
    ------
    MissingCRSError
        If there is no CRS.
    NotMetricError
        If its CRS is in degrees, in feet, or Web Mercator (areas × 1.7 at Baotou).
    """
    crs = frame.crs
    if crs is None:
        raise MissingCRSError(
            f"图层“{what}”没有坐标系, 不能量距离; 请用 --crs 或 --datum 说明。",
            f"Layer '{what}' has no CRS, so nothing can be measured; state it with --crs or --datum.",
        )
    crs = CRS.from_user_input(crs)
    metres = crs.is_projected and all(np.isclose(axis.unit_conversion_factor, 1.0) for axis in crs.axis_info[:2])
    if not metres or crs.to_epsg() == 3857:
        raise NotMetricError(
            f"图层“{what}”的坐标系是 {crs.name}, 不是以米为单位的投影坐标系; 请先转换到 {BAOTOU_METRIC}。",
            f"Layer '{what}' is in {crs.name}, which does not measure metres; "
            f"convert it first, for example to {BAOTOU_METRIC}.",
        )
    return crs
