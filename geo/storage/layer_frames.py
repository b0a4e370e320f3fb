"""Frames brought to the schema of their layer: all columns, typed, in one CRS, sorted by the key."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.errors import UnknownCodeError
from geo.messages import join_names, load_catalogue
from geo.schema import KEYS, LAYERS, Field

say = load_catalogue(__file__)

_DTYPES: Mapping[str, Any] = {
    "text": "str",
    "integer": "Int64",
    "number": "float64",
    "share": "float64",
    "date": "str",
    "boolean": "boolean",
}


def shape_layer(layer: str, frame: pd.DataFrame, metric_crs: str) -> pd.DataFrame:
    """Bring a frame to its layer's schema: all columns, in order, typed, sorted by the key.

    Absent columns become missing values; columns the schema does not know are dropped.
    Geometries are set to a precision of 1 mm so that equal input gives equal bytes.

    Parameters
    ----------
    layer
        A key of `geo.schema.LAYERS`.
    frame
        n rows; geometry in its own CRS, or in the metric one where it states none.
    metric_crs
        Authority string of the CRS of the result, metres.

    Returns
    -------
    n rows; a GeoDataFrame for layers with geometry.

    Raises
    ------
    UnknownCodeError
        If there is no such layer.

    Examples
    --------
    >>> frame = pd.DataFrame({"unit_b": ["2"], "unit_a": ["1"], "walk_m": [90]})
    >>> shape_layer("walks", frame, "EPSG:4546").columns.tolist()
    ['unit_a', 'unit_b', 'walk_m', 'walk_estimated']
    """
    require_layer(layer)
    out: dict[str, Any] = {}
    for column in LAYERS[layer]:
        if column.kind != "geometry":
            out[column.name] = _cast_column(frame, column)
    shaped = pd.DataFrame(out, index=frame.index)
    if has_geometry(layer):
        geometry = (
            gpd.GeoSeries(frame["geometry"], crs=getattr(frame, "crs", None) or metric_crs)
            if "geometry" in frame
            else gpd.GeoSeries([None] * len(frame), index=frame.index, crs=metric_crs)
        ).to_crs(metric_crs)
        rounded = shapely.transform(geometry.to_numpy(), lambda xy: np.round(xy, 3))  # and in 2D
        shaped = gpd.GeoDataFrame(shaped, geometry=gpd.GeoSeries(rounded, index=frame.index, crs=metric_crs))
    keys = [KEYS[layer]] if layer in KEYS else [c for c in ("unit_a", "unit_b") if c in shaped]
    return shaped.sort_values(keys, kind="stable", ignore_index=True) if keys else shaped.reset_index(drop=True)


def empty_layer(layer: str, metric_crs: str) -> pd.DataFrame:
    """A layer without rows: all columns of its schema, typed.

    Parameters
    ----------
    layer
        A key of `geo.schema.LAYERS`.
    metric_crs
        Authority string of its CRS, metres.

    Returns
    -------
    A frame of the caller's own.

    Examples
    --------
    >>> empty_layer("walks", "EPSG:4546").dtypes["walk_m"]
    dtype('float64')
    """
    return _shape_empty(layer, metric_crs).copy()


@lru_cache(maxsize=256)
def _shape_empty(layer: str, metric_crs: str) -> pd.DataFrame:
    return shape_layer(layer, pd.DataFrame(), metric_crs)


def _cast_column(frame: pd.DataFrame, column: Field) -> pd.Series:
    """One column in the dtype of its kind; absent columns are all missing."""
    dtype = _DTYPES[column.kind]
    if column.name not in frame:
        return pd.Series(None, index=frame.index, dtype=object).astype(dtype)
    return frame[column.name].astype(dtype)


def has_geometry(layer: str) -> bool:
    """Whether the rows of a layer are shapes."""
    return any(column.kind == "geometry" for column in LAYERS[layer])


def require_layer(layer: str) -> None:
    """Refuse a layer the schema does not know.

    Raises
    ------
    UnknownCodeError
        If there is no such layer.
    """
    if layer not in LAYERS:
        raise UnknownCodeError(*say("layer.unknown", layer=layer, layers=join_names(LAYERS)))
