"""Raw layers as plain files, Arrow tables next to one JSON, on their way from the child process."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from pyproj import CRS

from geo.findings import Finding
from geo.raw_layer import RawLayer

_CODECS: tuple[tuple[type, Callable[[Any], str], Callable[[str], Any]], ...] = (
    (str, str, str),
    (bool, lambda v: str(int(v)), lambda t: t == "1"),
    (int, str, int),
    (float, repr, float),
    (datetime.datetime, datetime.datetime.isoformat, datetime.datetime.fromisoformat),
    (datetime.date, datetime.date.isoformat, datetime.date.fromisoformat),
    (datetime.time, datetime.time.isoformat, datetime.time.fromisoformat),
    (datetime.timedelta, lambda v: repr(v.total_seconds()), lambda t: datetime.timedelta(seconds=float(t))),
)
"""Kinds of single values in columns of mixed type: the type, to text, from text. 0 is missing."""


def save_layers(result: Sequence[Any], folder: Path) -> dict[str, Any]:
    """Write layers into a folder; anything else is returned as it is.

    Parameters
    ----------
    result
        Raw layers, or plain values.
    folder
        Where ``0.arrow``, ``1.arrow`` … go.

    Returns
    -------
    What :func:`load_layers` needs next to the folder; plain values.
    """
    if not all(isinstance(one, RawLayer) for one in result):
        return {"values": list(result)}
    return {"layers": [_save_layer(raw, folder / f"{i}.arrow") for i, raw in enumerate(result)]}


def load_layers(answer: Mapping[str, Any], folder: Path) -> tuple[RawLayer, ...]:
    """The layers :func:`save_layers` wrote.

    Parameters
    ----------
    answer
        What :func:`save_layers` returned.
    folder
        Where ``0.arrow``, ``1.arrow`` … are.
    """
    return tuple(_load_layer(record, folder / f"{i}.arrow") for i, record in enumerate(answer["layers"]))


def _save_layer(raw: RawLayer, path: Path) -> dict[str, Any]:
    columns: dict[str, pa.Array] = {"rows": pa.array(raw.rows, pa.int64())}
    if raw.sheets is not None:
        columns["sheets"] = pa.array(raw.sheets, pa.string())
    if raw.shifted is not None:
        columns["shifted"] = pa.array(raw.shifted, pa.bool_())
    if raw.headings is not None:
        columns["headings"] = pa.array(raw.headings, pa.string())
    fields = []
    for i, name in enumerate(raw.frame.columns):
        series = raw.frame.iloc[:, i]
        if raw.is_map and name == raw.frame.geometry.name:
            columns["geometry"] = pa.array(shapely.to_wkb(series.to_numpy()), pa.large_binary())
            continue
        if series.dtype == object:
            columns[f"kind{i}"], columns[f"text{i}"] = _encode_mixed(series.tolist())
        else:
            columns[f"value{i}"] = pa.array(series, from_pandas=True)
        fields.append({"name": str(name), "at": i, "dtype": str(series.dtype)})
    table = pa.table(columns)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    crs: CRS | None = raw.frame.crs if raw.is_map else None  # type: ignore[assignment]
    return {
        "file": raw.file,
        "sheet": raw.sheet,
        "encoding": raw.encoding,
        "crs_stated": raw.crs_stated,
        "is_map": raw.is_map,
        "columns": fields,
        "crs": None if crs is None else _crs_text(crs),
        "findings": [asdict(f) for f in raw.findings],
        "layer": raw.layer,
        "is_part": raw.is_part,
        "titles": list(raw.titles),
    }


def _crs_text(crs: CRS) -> str:
    authority = crs.to_authority(min_confidence=100)
    if authority is not None and CRS.from_authority(*authority) == crs:
        return ":".join(authority)
    return str(crs.to_json())


def _encode_mixed(values: list[Any]) -> tuple[pa.Array, pa.Array]:
    kinds = np.zeros(len(values), dtype=np.int8)
    texts: list[str | None] = [None] * len(values)
    for i, value in enumerate(values):
        if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
            continue
        for kind, (of_type, to_text, _) in enumerate(_CODECS, start=1):
            if isinstance(value, of_type):
                kinds[i], texts[i] = kind, to_text(value)
                break
        else:
            kinds[i], texts[i] = 1, json.dumps(value, ensure_ascii=False, default=str)
    return pa.array(kinds), pa.array(texts, pa.large_string())


def _load_layer(record: Mapping[str, Any], path: Path) -> RawLayer:
    with pa.OSFile(str(path), "rb") as source, pa.ipc.open_file(source) as reader:
        table = reader.read_all()
        table.validate(full=True)
        data = {column["name"]: _decode_column(table, column["at"], column["dtype"]) for column in record["columns"]}
        rows = table["rows"].to_numpy().copy()
        sheets = np.array(table["sheets"].to_pylist(), dtype=object) if "sheets" in table.column_names else None
        shifted = table["shifted"].to_numpy().copy() if "shifted" in table.column_names else None
        headings = np.array(table["headings"].to_pylist(), dtype=object) if "headings" in table.column_names else None
        frame = pd.DataFrame(data, index=pd.RangeIndex(len(rows)))
        if record["is_map"]:
            wkb = table["geometry"].to_numpy(zero_copy_only=False)
            shapes = gpd.GeoSeries(shapely.from_wkb(wkb), crs=record["crs"])
            frame = gpd.GeoDataFrame(frame, geometry=shapes)
    return RawLayer(
        file=record["file"],
        frame=frame,
        rows=rows,
        sheet=record["sheet"],
        sheets=sheets,
        encoding=record["encoding"],
        crs_stated=record["crs_stated"],
        findings=tuple(Finding(**finding) for finding in record["findings"]),
        shifted=shifted,
        layer=record["layer"],
        is_part=record["is_part"],
        titles=tuple((sheet, text) for sheet, text in record["titles"]),
        headings=headings,
    )


def _decode_column(table: pa.Table, at: int, dtype: str) -> pd.Series:
    if dtype != "object":
        return table[f"value{at}"].to_pandas().astype(dtype)
    values = np.full(len(table), None, dtype=object)
    kinds = table[f"kind{at}"].to_numpy()
    texts = table[f"text{at}"].to_numpy(zero_copy_only=False)
    for kind, (_, _, from_text) in enumerate(_CODECS, start=1):
        chosen = np.flatnonzero(kinds == kind)
        if len(chosen):
            values[chosen] = [from_text(text) for text in texts[chosen]]
    return pd.Series(values, dtype=object)
