"""What users hand over, as plain arrays: frames in metres, columns by name, labels of the index."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.crs import choose_metric_crs, require_metric
from geo.errors import NotMetricError, UsageError
from geo.messages import load_catalogue

say = load_catalogue(__file__)

Column = str | pd.Series | np.ndarray | Sequence[Any]
"""A column of the units' frame by name, or one value for each unit: a Series by index, else by position."""


def to_metres(frame: gpd.GeoDataFrame, crs: Any = None) -> gpd.GeoDataFrame:
    """A frame in a projected CRS in metres; one in degrees, feet or Web Mercator is transformed.

    Parameters
    ----------
    frame
        Any frame with a CRS.
    crs
        The CRS wanted; None = that of the frame where it is in metres, else the one for the place.

    Raises
    ------
    MissingCRSError
        If it has no CRS.
    """
    is_usable = is_metric(frame)
    if crs is None:
        crs = frame.crs if is_usable else _crs_of_place(frame)
    return frame if frame.crs == crs else frame.to_crs(crs)


def is_metric(frame: gpd.GeoDataFrame | gpd.GeoSeries) -> bool:
    """Whether a frame can be measured in metres as it is.

    Raises
    ------
    MissingCRSError
        If it has no CRS.
    """
    try:
        require_metric(frame, "units")
    except NotMetricError:
        return False
    return True


def require_unique(index: pd.Index) -> None:
    """Refuse an index with a label twice: results are given by label.

    Raises
    ------
    UsageError
        Naming the labels.
    """
    if not index.is_unique:
        twice = index[index.duplicated()].unique()[:5]
        raise UsageError(*say("index.twice", labels=", ".join(map(str, twice))))


def read_column(frame: pd.DataFrame, column: Column, what: str) -> pd.Series:
    """The values of a column, one for each row of a frame.

    Parameters
    ----------
    frame
        n rows.
    column
        See `Column`.
    what
        What they are for, for the message: the name of the argument.

    Returns
    -------
    (n,) on the frame's index.

    Raises
    ------
    UsageError
        If there is no such column, or there are values of other units.
    """
    if isinstance(column, str):
        if column not in frame:
            known = ", ".join(map(str, frame.columns))
            raise UsageError(*say("column.missing", what=what, name=column, known=known))
        return frame[column]
    if isinstance(column, pd.Series):
        if not frame.index.isin(column.index).all():
            raise UsageError(*say("column.other_index", what=what))
        return column.reindex(frame.index)
    values = np.asarray(column)
    if values.shape != (len(frame),):
        raise UsageError(*say("column.length", what=what, n=len(frame), shape=values.shape))
    return pd.Series(values, index=frame.index)


def read_numbers(frame: pd.DataFrame, column: Column | float, what: str) -> np.ndarray:
    """(n,) int64: whole numbers of a column, none missing and none negative; one number stands for all.

    Parameters
    ----------
    frame
        n rows.
    column
        See `Column`; or a number.
    what
        The name of the argument.

    Raises
    ------
    UsageError
        Naming the units whose value is missing, negative or no number.
    """
    if isinstance(column, int | float):
        return np.full(len(frame), round(column), dtype=np.int64)
    given = read_column(frame, column, what)
    values = pd.to_numeric(given, errors="coerce").astype(float)
    wrong = ~np.isfinite(values) | (values < 0)
    if wrong.any():
        named = ", ".join(map(str, frame.index[wrong][:5]))
        raise UsageError(*say("column.no_number", what=what, n=int(wrong.sum()), named=named))
    return values.round().to_numpy().astype(np.int64)


def read_codes(frame: pd.DataFrame, column: Column | None, what: str) -> np.ndarray:
    """(n,) int64: a number for each different value, ascending by value; missing ones are one value of their own.

    Parameters
    ----------
    frame
        n rows.
    column
        See `Column`; None = all alike.
    what
        The name of the argument.
    """
    if column is None:
        return np.zeros(len(frame), dtype=np.int64)
    codes, _ = pd.factorize(read_column(frame, column, what).astype("str"), sort=True)
    return codes.astype(np.int64)


def find_positions(index: pd.Index, labels: Sequence[Hashable], what: str) -> np.ndarray:
    """Positions of labels in an index.

    Parameters
    ----------
    index
        Of the units.
    labels
        Wanted.
    what
        The name of the argument.

    Raises
    ------
    UsageError
        Naming the labels that are not there.
    """
    positions = index.get_indexer(pd.Index(list(labels)))
    if (positions < 0).any():
        gone = [str(one) for one, at in zip(labels, positions, strict=True) if at < 0][:5]
        raise UsageError(*say("index.unknown", what=what, labels=", ".join(gone)))
    return positions


def _crs_of_place(frame: gpd.GeoDataFrame) -> str:
    west, south, east, north = frame.geometry.to_crs("EPSG:4326").total_bounds
    return choose_metric_crs((west + east) / 2, (south + north) / 2)
