"""Which coordinate reference systems can be used as they are, judged by their datum and ellipsoid."""

from __future__ import annotations

import re
from typing import Literal

from pyproj import CRS

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
        return "未知椭球", "unknown ellipsoid"
    axis = round(ellipsoid.semi_major_metre)
    if axis == 6378245:
        return "克拉索夫斯基椭球, 即北京 54 一类", "Krasovsky ellipsoid, as Beijing 54"
    if axis == 6378140:
        return "IAG 1975 椭球, 即西安 80 一类", "IAG 1975 ellipsoid, as Xi'an 80"
    return f"{ellipsoid.name} 椭球", f"ellipsoid {ellipsoid.name}"


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
