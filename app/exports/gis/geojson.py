"""A plan as GeoJSON for the districts, after RFC 7946 (docs/site/en/files.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from app.exports.file_names import make_file_name
from app.exports.gis.fields import AREA_FIELDS, UNIT_FIELDS, list_fields
from app.exports.lon_lat import to_lon_lat
from app.exports.request import ExportPart, ExportRequest
from geo.storage.atomic_files import atomic_write_texts

SCHEMA = Path(__file__).with_name("geojson.schema.json")
"""JSON Schema (2020-12) of what is written here."""

COORDINATES = "经纬度, WGS 84; 与 CGCS2000 相差厘米级, 可直接当作 CGCS2000 使用"
"""What every collection says of its coordinates."""


def write_geojson(request: ExportRequest, part: ExportPart, folder: Path) -> tuple[Path, ...]:
    """Write `areas_<code>.geojson` and `units_<code>.geojson` of one part of a plan.

    Parameters
    ----------
    request
        What is exported.
    part
        A district, a street or the whole city.
    folder
        Where to.

    Returns
    -------
    The paths: areas, units.
    """
    about = {"schema": "pianqu.geojson/1", **request.about, "coordinates": COORDINATES}
    texts = {}
    for layer, fields, table in (("areas", AREA_FIELDS, part.areas), ("units", UNIT_FIELDS, part.units)):
        names = tuple(field.key for field in list_fields(fields, is_public=request.is_public))
        body = feature_collection(table, names, {**about, "layer": layer, part.level: part.code})
        texts[_file_name(request, layer, part)] = (
            json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"
        )
    return atomic_write_texts(folder, texts)


def _file_name(request: ExportRequest, layer: str, part: ExportPart) -> str:
    """Of a district its code alone, as other programs ask for it; a draft says so."""
    if part.level != "district":
        return request.file_name(layer, part, ".geojson")
    marks = {**request.marks, "demo": ""}
    return make_file_name([layer, part.code, *marks.values()], ".geojson")


def feature_collection(table: gpd.GeoDataFrame, names: tuple[str, ...], about: Mapping[str, Any]) -> dict[str, Any]:
    """A layer as a FeatureCollection: lon and lat, 7 decimals, outer rings counter-clockwise.

    Parameters
    ----------
    table
        n rows with a CRS.
    names
        Columns that become properties; missing values become null.
    about
        The foreign member `pianqu`.
    """
    geometry = to_lon_lat(table.geometry)
    features = [
        {
            "type": "Feature",
            "properties": {name: _plain(row[name]) for name in names},
            "geometry": None if shape is None else _geometry_object(shape),
        }
        for row, shape in zip(table.to_dict("records"), geometry, strict=True)
    ]
    return {"type": "FeatureCollection", "pianqu": dict(about), "features": features}


def _geometry_object(shape: shapely.Geometry) -> dict[str, Any]:
    return json.loads(shapely.to_geojson(shape))


def _plain(value: Any) -> Any:
    """A value as JSON has it: None for missing, whole numbers without a point."""
    if isinstance(value, list):
        return value
    if pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value
