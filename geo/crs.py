"""Coordinate reference systems: the metric one of a dataset, and which can be used as they are."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

import geopandas as gpd
import numpy as np
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from geo.errors import MissingCRSError, NotMetricError, UsageError
from geo.messages import load_catalogue

say = load_catalogue(__file__)

BAOTOU_METRIC = "EPSG:4546"
"""CGCS2000 / 3-degree Gauss-Kruger CM 111E: the canonical metric CRS for Baotou."""

CrsTrust = Literal["trusted", "old", "local", "unknown"]

_AXIS_M, _FLATTENING = 6378137.0, 298.2572
_MODERN_DATUMS = re.compile(
    r"world geodetic system 1984|wgs[ _-]?(19)?84|china[ _]2000|cgcs[ _-]?2000|"
    r"china geodetic coordinate system 2000|international terrestrial reference|\bitrf|\bigs|"
    r"european terrestrial reference|\betrs|north american datum 1983|nad[ _]?83|"
    r"geocentric datum of (australia|korea)|\bgda|japanese geodetic datum|\bjgd|taiwan datum 1997|twd[ _]?97|"
    r"new zealand geodetic datum 2000|\bnzgd|francais 1993|rgf93|sirgas|korean? .*2002|\bkgd"
)
"""Names of datums that agree with WGS84 within a metre or two."""


def parse_crs(text: str) -> CRS:
    """A CRS as people write it: EPSG:4546, WKT, a PROJ string.

    Raises
    ------
    UsageError
        If it is none.

    Examples
    --------
    >>> parse_crs("EPSG:4546").to_epsg()
    4546
    """
    try:
        return CRS.from_user_input(text)
    except CRSError as error:
        raise UsageError(*say("crs.unknown", text=text)) from error


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


@lru_cache(maxsize=64)
def make_transformer(source: CRS, target: CRS) -> Transformer:
    """Transformer of x, y (or longitude, latitude) between two CRS, made once for each pair: making one takes 40 ms.

    Parameters
    ----------
    source, target
        Any two CRS; axes of both in the order x, y.

    Examples
    --------
    >>> x, y = make_transformer(CRS.from_epsg(4326), CRS.from_epsg(4546)).transform(111.0, 40.0)
    >>> round(x), round(y)
    (500000, 4429529)
    """
    return Transformer.from_crs(source, target, always_xy=True)


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
        raise MissingCRSError(*say("crs.none", what=what))
    crs = CRS.from_user_input(crs)
    metres = crs.is_projected and all(np.isclose(axis.unit_conversion_factor, 1.0) for axis in crs.axis_info[:2])
    if not metres or crs.to_epsg() == 3857:
        raise NotMetricError(*say("crs.not_metric", what=what, crs=crs.name, metric=BAOTOU_METRIC))
    return crs


def classify_crs(crs: CRS) -> CrsTrust:
    """Whether coordinates in a CRS can be used as they are.

    Parameters
    ----------
    crs
        Any CRS, of whatever name.

    Returns
    -------
    "trusted": on WGS84, CGCS2000, or another datum that agrees with them within a metre or two;
    "old": on another ellipsoid (Krasovsky of Beijing 54, IAG 1975 of Xi'an 80 …), tens of metres
    off; "local": a plane of its own, tied to nothing; "unknown": on a modern ellipsoid, but of a
    datum nobody names.

    Examples
    --------
    >>> [classify_crs(CRS(code)) for code in (4326, 4546, 2383, 2436, 25832)]
    ['trusted', 'trusted', 'old', 'old', 'trusted']
    >>> classify_crs(CRS("+proj=tmerc +lon_0=111 +x_0=500000 +ellps=krass"))
    'old'
    """
    crs = _horizontal(crs)
    ellipsoid, datum = crs.ellipsoid, crs.datum
    if ellipsoid is None or crs.is_geocentric:
        return "local"
    modern = abs(ellipsoid.semi_major_metre - _AXIS_M) < 0.5 and abs(ellipsoid.inverse_flattening - _FLATTENING) < 1e-3
    if not modern:
        return "old"
    names = [part.name for part in (datum, crs.geodetic_crs) if part is not None]
    named = any(_MODERN_DATUMS.search(name.lower()) and not _is_unknown(name) for name in names)
    return "trusted" if named or _is_tied(crs) else "unknown"


def name_ellipsoid(crs: CRS) -> tuple[str, str]:
    """The ellipsoid in Chinese and English, with the system it stands for in China."""
    ellipsoid = _horizontal(crs).ellipsoid
    if ellipsoid is None:
        return say("ellipsoid.unknown")
    axis = round(ellipsoid.semi_major_metre)
    if axis == 6378245:
        return say("ellipsoid.krasovsky")
    if axis == 6378140:
        return say("ellipsoid.iag75")
    return say("ellipsoid.other", name=ellipsoid.name)


def _horizontal(crs: CRS) -> CRS:
    """Without heights."""
    if crs.is_compound and crs.sub_crs_list:
        return _horizontal(crs.sub_crs_list[0])
    return crs


def _is_unknown(name: str) -> bool:
    return name.lower().startswith(("unknown", "not specified", "undefined"))


def _is_tied(crs: CRS) -> bool:
    """Whether it says itself that it is WGS84, by a transformation of zeros."""
    if not crs.is_bound or crs.coordinate_operation is None:
        return False
    return all(value == 0 for value in crs.coordinate_operation.towgs84 or (1.0,))
