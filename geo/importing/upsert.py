"""Upsert by key: incoming rows merged into those already there."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.names import name_core
from geo.prepared.columns import geometries, text_column
from geo.schema import KEYS, field_names
from geo.validation.row_consistency import merge_companions

_REFERENCES = {
    "street_name": "street_code",
    "neighbourhood_name": "neighbourhood_code",
    "district_name": "district_code",
    "company_name": "company_id",
}


def upsert(layer: str, old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Rows of both, by key: values that are not missing in `new` win, the others stay.

    Parameters
    ----------
    layer
        Its key decides which rows are the same.
    old, new
        Frames with unique keys.

    Returns
    -------
    One frame with all fields of the layer, object dtype, in the order old, then new.

    Examples
    --------
    >>> old = pd.DataFrame({"street_code": ["1", "2"], "name": ["甲", "乙"]})
    >>> new = pd.DataFrame({"street_code": ["2", "3"], "name": [None, "丙"], "district_code": ["9", "9"]})
    >>> upsert("streets", old, new)[["street_code", "name", "district_code"]].values.tolist()
    [['1', '甲', nan], ['2', '乙', '9'], ['3', '丙', '9']]
    """
    keys = [KEYS[layer]] if layer in KEYS else ["indicator_id", "admin_code", "period"]
    old, new = (f.assign(**{k: f.get(k) for k in keys if k not in f}) for f in (old, new))
    old_keys, new_keys = (_row_keys(f, keys) for f in (old, new))
    order = old_keys.append(new_keys[~new_keys.isin(old_keys)])
    if layer == "communities" and len(old):
        old, new = _reconcile(old, new, old_keys, new_keys)
    out: dict[str, Any] = {}
    before: dict[str, pd.Series] = {}
    after: dict[str, pd.Series] = {}
    for column in field_names(layer):
        mine = before[column] = _column(old, column, old_keys).reindex(order)
        theirs = after[column] = _column(new, column, new_keys).reindex(order)
        merged = theirs.where(theirs.notna(), mine)
        if column == "management_mode":  # a guess never replaces what is known
            merged = merged.where(merged.notna(), _column(new, "management_mode_guess", new_keys).reindex(order))
        out[column] = merged.to_numpy(dtype=object)
    return pd.DataFrame(merge_companions(out, before, after), dtype=object)


def _row_keys(frame: pd.DataFrame, keys: list[str]) -> pd.Index:
    if len(keys) == 1:
        return pd.Index(frame[keys[0]].astype(object))
    texts = [frame[k].astype(object).where(frame[k].notna(), "").astype(str) for k in keys]
    joined = texts[0]
    for more in texts[1:]:
        joined = joined + "\x1f" + more
    return pd.Index(joined.astype(object))


def _column(frame: pd.DataFrame, column: str, keys: pd.Index) -> pd.Series:
    if column not in frame:
        return pd.Series(None, index=keys, dtype=object)
    values = frame[column].to_numpy(dtype=object)
    series = pd.Series(values, index=keys, dtype=object)
    return series[~series.index.duplicated(keep="last")]


def _reconcile(
    old: pd.DataFrame, new: pd.DataFrame, old_keys: pd.Index, new_keys: pd.Index
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A point does not replace a polygon; a new name of street or company voids the old code."""
    old, new = old.copy(), new.copy()
    at = pd.Series(old_keys.get_indexer(new_keys), index=new.index)
    both = (at >= 0).to_numpy()
    partner = at[both].to_numpy()
    if "geometry" in new and "geometry" in old:
        drawn = np.isin(shapely.get_type_id(geometries(old)[partner]), (3, 6))
        point = np.isin(shapely.get_type_id(geometries(new)[both]), (0, 4))
        void = np.flatnonzero(both)[drawn & point]
        shapes = geometries(new)
        shapes[void] = None
        new["geometry"] = shapes
        quality = text_column(new, "geom_quality").to_numpy(dtype=object).copy()
        quality[void] = None
        new["geom_quality"] = quality
    for name, code in _REFERENCES.items():
        if name not in new:
            continue
        told, coded = text_column(new, name), text_column(new, code)
        before = text_column(old, name).iloc[partner].map(name_core).to_numpy()
        changed = (told.notna() & coded.isna())[both].to_numpy() & (told[both].map(name_core).to_numpy() != before)
        codes = text_column(old, code)
        codes.iloc[partner[changed]] = None
        old[code] = codes
    return old, new


def to_geodataframe(frame: pd.DataFrame, metric_crs: str) -> pd.DataFrame:
    """A merged frame with its geometry column typed, in the metric CRS.

    Parameters
    ----------
    frame
        With a column "geometry" of objects.
    metric_crs
        Of its geometries.
    """
    if "geometry" not in frame:
        return frame
    shapes = gpd.GeoSeries(geometries(frame), crs=metric_crs, index=frame.index)
    return gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes)
