"""Shapes that somebody draws or writes down: read, and told what is wrong with them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from geo.crs import make_transformer
from geo.errors import UsageError
from geo.messages import load_catalogue

say = load_catalogue(__file__)

MAX_CHARACTERS = 200_000
MAX_POINTS = 5_000
_LEAST_M2, _MOST_M2 = 30.0, 10_000_000.0
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


@dataclass(frozen=True)
class Remark:
    """What is to be known of an outline before it is kept.

    Parameters
    ----------
    severity
        "error": it cannot be kept; "warning": it can, and somebody should look; "info".
    zh, en
        The sentence.
    """

    severity: Literal["error", "warning", "info"]
    zh: str
    en: str


def read_geometry(text: str, metric_crs: str, crs: str | None = None) -> BaseGeometry:
    """A point, line or polygon as somebody writes it.

    Parameters
    ----------
    text
        GeoJSON (a geometry, a feature, or a collection of one), WKT, or numbers two by two: x, y
        or longitude, latitude. One pair is a point, more are a line; a line whose ends meet is a
        polygon.
    metric_crs
        Of the dataset.
    crs
        Of the text; None = degrees (WGS84) where all numbers could be degrees, else the
        dataset's.

    Returns
    -------
    The shape in the metric CRS on the millimetre grid, two-dimensional.

    Raises
    ------
    UsageError
        If the text is no shape, is too long, or lies outside its CRS.

    Examples
    --------
    >>> read_geometry("1000 2000; 1010 2000; 1010 2010; 1000 2000", "EPSG:4546").area
    50.0
    >>> read_geometry("POINT (5 6)", "EPSG:4546", "EPSG:4546").wkt
    'POINT (5 6)'
    """
    shape = shapely.force_2d(_parse_text(text))
    n = shapely.get_num_coordinates(shape)
    if not 1 <= n <= MAX_POINTS:
        raise UsageError(*say("error.number_of_points", n=n, max_points=MAX_POINTS))
    xy = shapely.get_coordinates(shape)
    degrees = bool((np.abs(xy) <= (180, 90)).all())
    source_crs = crs or ("EPSG:4326" if degrees else metric_crs)
    try:
        to_metric = make_transformer(CRS(source_crs), CRS(metric_crs))
    except CRSError as error:
        raise UsageError(*say("error.unknown_crs", source_crs=source_crs)) from error
    x, y = to_metric.transform(xy[:, 0], xy[:, 1])
    if not np.isfinite([x, y]).all() or np.abs([x, y]).max() > 1e8:
        raise UsageError(*say("error.outside_crs", x=xy[0, 0], y=xy[0, 1], source_crs=source_crs))
    metric = shapely.set_coordinates(shape, np.column_stack([x, y]))
    return shapely.transform(metric, lambda points: np.round(points, 3))


def outline_remarks(
    shape: BaseGeometry, unit_id: str, units: gpd.GeoDataFrame, city: gpd.GeoSeries
) -> tuple[Remark, ...]:
    """What is wrong or doubtful about the outline somebody draws for a unit.

    Parameters
    ----------
    shape
        As drawn, metric CRS.
    unit_id
        Of the unit; its own present shape does not count.
    units
        The layer of this name.
    city
        Polygons of the streets or of the boundary; empty where there are none.

    Returns
    -------
    Errors first; empty where all is well.
    """
    broken = _find_invalid(shape)
    if broken:
        return (broken,)
    remarks = [*_check_size(shape), *_check_city(shape, city)]
    others = units[units["unit_id"].ne(unit_id) & units.geometry.notna()]
    others = others.iloc[others.sindex.query(shape, predicate="intersects")]
    shared = shapely.area(shapely.intersection(others.geometry.to_numpy(), shape))
    own = units["unit_id"].eq(unit_id) & units["kind"].eq("community")
    whole = shared >= 0.5 * shapely.area(others.geometry.to_numpy())
    inside = own.any() and others["kind"].eq("single_building").to_numpy() & whole
    if np.any(inside):
        n, names = int(inside.sum()), _names(others[inside])
        remarks.append(Remark("info", *say("remark.buildings_inside", n=n, names=names)))
    over = (shared > 1.0) & ~np.asarray(inside)
    if over.any():
        names = _names(others[over], shared[over])
        remarks.append(Remark("warning", *say("remark.overlaps", n=int(over.sum()), names=names)))
    return tuple(sorted(remarks, key=lambda one: ("error", "warning", "info").index(one.severity)))


def _parse_text(text: str) -> BaseGeometry:
    stripped = text.strip()
    if len(stripped) > MAX_CHARACTERS:
        raise UsageError(*say("error.long_text", n=len(stripped)))
    try:
        if stripped.startswith("{"):
            return shapely.from_geojson(json.dumps(_geometry(json.loads(stripped))))
        if stripped[:1].isalpha():
            return shapely.from_wkt(stripped.split(";")[-1] if stripped.upper().startswith("SRID") else stripped)
    except (ValueError, TypeError, KeyError, RecursionError, shapely.GEOSException) as error:
        raise UsageError(*say("error.no_shape")) from error
    return _parse_numbers(stripped)


def _geometry(body: dict[str, Any]) -> dict[str, Any]:
    """The one geometry of a GeoJSON body."""
    if body["type"] == "FeatureCollection":
        (body,) = body["features"]
    return body["geometry"] if body["type"] == "Feature" else body


def _parse_numbers(stripped: str) -> BaseGeometry:
    numbers = [float(number) for number in _NUMBER.findall(stripped)]
    if not numbers or len(numbers) % 2 or re.search(r"[A-Za-z\u4e00-\u9fff]{2}", stripped):
        raise UsageError(*say("error.no_point"))
    pairs = np.array(numbers).reshape(-1, 2)
    if len(pairs) == 1:
        return shapely.Point(pairs[0])
    if len(pairs) > 3 and np.array_equal(pairs[0], pairs[-1]):
        return shapely.Polygon(pairs)
    return shapely.LineString(pairs)


def _find_invalid(shape: BaseGeometry) -> Remark | None:
    if not isinstance(shape, shapely.Polygon | shapely.MultiPolygon) or shape.is_empty:
        return Remark("error", *say("remark.no_polygon"))
    if shape.is_valid:
        return None
    found = re.search(r"\[([-\d.e+]+) ([-\d.e+]+)\]", shapely.is_valid_reason(shape))
    where = f" ({float(found[1]):.1f}, {float(found[2]):.1f})" if found else ""
    return Remark("error", *say("remark.crosses_itself", where=where))


def _check_size(shape: BaseGeometry) -> list[Remark]:
    if _LEAST_M2 <= shape.area <= _MOST_M2:
        return []
    return [Remark("error", *say("remark.size", area=shape.area, least_m2=_LEAST_M2, most_m2=_MOST_M2))]


def _check_city(shape: BaseGeometry, city: gpd.GeoSeries) -> list[Remark]:
    areas = city[~(city.isna() | city.is_empty)].to_numpy()
    if not len(areas):
        return []
    outside = 1 - shapely.area(shapely.intersection(shapely.union_all(areas), shape)) / shape.area
    if outside > 0.5:
        return [Remark("error", *say("remark.outside_city"))]
    if outside > 0.01:
        return [Remark("warning", *say("remark.partly_outside_city", outside=outside))]
    return []


def _names(units: pd.DataFrame, shared_m2: np.ndarray | None = None, most: int = 4) -> str:
    names = units["name"].fillna("").tolist()
    if shared_m2 is not None:
        names = [f"{name} {area:,.0f} ㎡" for name, area in zip(names, shared_m2, strict=True)]
    more = f" … (+{len(names) - most})" if len(names) > most else ""
    return "、".join(names[:most]) + more
