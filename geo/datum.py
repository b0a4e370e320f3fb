"""GCJ-02 and BD-09 to WGS84 and back, for whole arrays at once.

Chinese map services shift coordinates: GCJ-02 (Amap, Tencent) by about 500 m, BD-09 (Baidu) by
about 1.2 km. The shift is a published closed formula; its inverse is found by fixed-point steps.
CGCS2000 and WGS84 differ by centimetres and are one datum here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import shapely

from geo.errors import UsageError
from geo.messages import join_names, load_catalogue

say = load_catalogue(__file__)

Datum = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
DATUMS: tuple[Datum, ...] = get_args(Datum)

Floats = npt.NDArray[np.float64]
_Shift = Callable[[Floats, Floats], tuple[Floats, Floats]]

_AXIS_M = 6378245.0  # the ellipsoid of the formula (Krassowsky)
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_CONVERGED_DEG = 1e-11  # about a micrometre
_CHINA_BOX = (72.004, 0.8293, 137.8347, 55.8271)  # lon, lat; outside it nothing is shifted


def to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, datum: Datum) -> tuple[Floats, Floats]:
    """Longitudes and latitudes on a named datum, on WGS84.

    Parameters
    ----------
    lon, lat
        Arrays of shape (n,), degrees.
    datum
        What the coordinates are on: "wgs84", "cgcs2000", "gcj02" (Amap, Tencent) or "bd09" (Baidu).

    Returns
    -------
    Two arrays of shape (n,), degrees; NaN stays NaN.

    Raises
    ------
    UsageError
        If the datum is not one of these.

    Examples
    --------
    >>> lon, lat = to_wgs84([109.84], [40.66], "bd09")
    >>> lon.round(5).item(), lat.round(5).item()
    (109.82776, 40.6529)
    """
    _require_known(datum)
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    if datum == "bd09":
        lon, lat = _invert(_gcj02_to_bd09, lon, lat)
    if datum in ("bd09", "gcj02"):
        lon, lat = _invert(_wgs84_to_gcj02, lon, lat)
    return lon, lat


def from_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, datum: Datum) -> tuple[Floats, Floats]:
    """WGS84 longitudes and latitudes on a named datum: the opposite of :func:`to_wgs84`.

    Parameters
    ----------
    lon, lat
        Arrays of shape (n,), degrees, WGS84.
    datum
        The datum wanted.

    Raises
    ------
    UsageError
        If the datum is not known.

    Examples
    --------
    >>> lon, lat = from_wgs84([109.84], [40.66], "gcj02")
    >>> lon.round(5).item(), lat.round(5).item()
    (109.84571, 40.66115)
    """
    _require_known(datum)
    lon, lat = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    if datum in ("bd09", "gcj02"):
        lon, lat = _wgs84_to_gcj02(lon, lat)
    if datum == "bd09":
        lon, lat = _gcj02_to_bd09(lon, lat)
    return lon, lat


def geometries_to_wgs84(geometries: npt.NDArray[np.object_], datum: Datum) -> npt.NDArray[np.object_]:
    """Geometries in degrees on a named datum, on WGS84; missing ones stay missing.

    Parameters
    ----------
    geometries
        Shapely geometries of shape (n,), x = longitude, y = latitude, degrees.
    datum
        What they are on.

    Returns
    -------
    Geometries of shape (n,), two-dimensional.
    """
    _require_known(datum)
    if datum in ("wgs84", "cgcs2000"):
        return shapely.force_2d(geometries)
    return shapely.transform(
        shapely.force_2d(geometries), lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], datum))
    )


def _require_known(datum: str) -> None:
    if datum not in DATUMS:
        raise UsageError(*say("datum.unknown", datum=datum, datums=join_names(DATUMS)))


def _invert(forward: _Shift, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Undo a small smooth shift: p ← target − shift(p), until p stands still."""
    x, y = lon, lat
    for _ in range(20):
        shifted_x, shifted_y = forward(x, y)
        step_x, step_y = lon - shifted_x, lat - shifted_y
        x, y = x + step_x, y + step_y
        largest = np.fmax.reduce(np.abs(np.concatenate([step_x.ravel(), step_y.ravel(), [0.0]])))
        if largest < _CONVERGED_DEG:
            break
    return x, y


def _wgs84_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    west, south, east, north = _CHINA_BOX
    inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    common = (20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)) * 2.0 / 3.0
    north_m = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north_m = north_m + _waves(y, 20.0, 40.0, 3.0) + _waves(y, 0.0, 160.0, 12.0)
    north_m = north_m + 320.0 * np.sin(np.pi * y / 30.0) * 2.0 / 3.0
    east_m = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east_m = east_m + _waves(x, 20.0, 40.0, 3.0) + _waves(x, 0.0, 150.0, 12.0)
    east_m = east_m + 300.0 * np.sin(np.pi * x / 30.0) * 2.0 / 3.0

    phi = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    meridian_m = _AXIS_M * (1.0 - _ECCENTRICITY_SQUARED) / (magic * np.sqrt(magic))
    parallel_m = _AXIS_M / np.sqrt(magic) * np.cos(phi)
    shifted_lon = lon + np.degrees(east_m / parallel_m)
    shifted_lat = lat + np.degrees(north_m / meridian_m)
    return np.where(inside, shifted_lon, lon), np.where(inside, shifted_lat, lat)


def _waves(t: Floats, fast: float, slow: float, period: float) -> Floats:
    return (fast * np.sin(np.pi * t) + slow * np.sin(np.pi * t / period)) * 2.0 / 3.0


def _gcj02_to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    wave = np.pi * 3000.0 / 180.0
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * wave)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * wave)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
